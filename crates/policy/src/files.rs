//! The policy files, one reader each: from a section of TOML to the values of `domain::policy`.

pub(crate) mod approvals;
pub(crate) mod cases;
pub(crate) mod clocks;
pub(crate) mod containment;
pub(crate) mod on_call;
pub(crate) mod outcomes;

use crate::document::Placed;
use crate::section::Section;

/// The longest name of a story, a playbook or a rule.
const MAX_NAME_BYTES: usize = 128;

/// A name that people and addresses can carry: small letters, digits and hyphens.
fn plain_name(section: &Section<'_, '_>, key: &str) -> Option<Placed<String>> {
    let name = section.text(key)?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.value.len() <= MAX_NAME_BYTES && name.value.bytes().all(allowed) {
        return Some(name);
    }
    let hint = Some("use small letters, digits and hyphens".to_owned());
    section.problem(&name.place, format!("`{}` is no name", name.value), hint);
    None
}
