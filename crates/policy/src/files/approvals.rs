//! `approvals.toml`: who approves what size, the emergency class, a partner of one person.

use crate::document::{Document, Placed};
use crate::section::Section;
use domain::permission::{Permission, Role, allows};
use domain::policy::{Approvals, Band, Emergency, SingleOperator};
use jiff::SignedDuration;
use money::Money;

/// The most bands.
const MAX_BANDS: usize = 20;
/// The most approvals that one action can need.
const MAX_ROLES_PER_BAND: usize = 5;

/// What `approvals.toml` says.
pub(crate) struct ApprovalsFile {
    pub(crate) approvals: Approvals,
    /// Where the waiting times stand that have to end before a proposal does.
    pub(crate) page_unanswered_after: Placed<SignedDuration>,
    pub(crate) single_operator_delay: Placed<SignedDuration>,
}

pub(crate) fn read(document: &Document<'_>) -> Option<ApprovalsFile> {
    let root = document.root();
    let read = root.sections("band");
    if read.len() > MAX_BANDS {
        document.problem(root.place(), format!("there are more than {MAX_BANDS} bands"), None);
    }
    let count = read.len();
    let bands: Vec<_> = read.into_iter().zip(1..).map(|(section, number)| band(section, number == count)).collect();
    if let Some(bands) = bands.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() {
        ascending(document, &bands);
    }
    let emergency = root.section("emergency").and_then(emergency);
    let single_operator = root.section("single_operator").and_then(|section| {
        let enabled = section.flag("enabled");
        let delay = section.duration("delay");
        section.finish();
        Some((enabled?, delay?))
    });
    root.finish();
    let bands: Vec<Band> = bands.into_iter().map(|band| band.map(PlacedBand::plain)).collect::<Option<_>>()?;
    let (emergency, page_unanswered_after) = emergency?;
    let (enabled, delay) = single_operator?;
    let single_operator = SingleOperator { enabled, delay: delay.value };
    Some(ApprovalsFile {
        approvals: Approvals { bands, emergency, single_operator },
        page_unanswered_after,
        single_operator_delay: delay,
    })
}

/// A band and where its upper end stands.
struct PlacedBand {
    up_to: Option<Placed<Money>>,
    roles: Vec<Role>,
}

impl PlacedBand {
    fn plain(self) -> Band {
        Band { up_to: self.up_to.map(|money| money.value), roles: self.roles }
    }
}

fn band(section: Section<'_, '_>, last: bool) -> Option<PlacedBand> {
    let words: Vec<_> = Role::ALL.iter().map(|role| (role.word(), *role)).collect();
    let up_to = section.optional_money("up_to");
    let roles = section.words("roles", &words);
    if let Some(up_to) = up_to.as_ref().filter(|_| last) {
        let hint = Some("remove `up_to` here, so that no amount is without approvers".to_owned());
        section.problem(&up_to.place, "the last band has to be without upper end", hint);
    }
    if up_to.is_none() && !last {
        section.problem(section.place(), "only the last band can be without a valid `up_to`", None);
    }
    let count = roles.as_ref().map_or(1, Vec::len);
    if count == 0 || count > MAX_ROLES_PER_BAND {
        section.problem(section.place(), format!("a band needs 1 to {MAX_ROLES_PER_BAND} roles"), None);
    }
    for role in roles.iter().flatten().filter(|role| !allows(role.value, Permission::ActionApprove)) {
        let able: Vec<_> =
            Role::ALL.iter().filter(|role| allows(**role, Permission::ActionApprove)).map(|role| role.word()).collect();
        let hint = Some(format!("these can: {}", able.join(", ")));
        section.problem(&role.place, format!("the role `{}` can't approve actions", role.value.word()), hint);
    }
    section.finish();
    Some(PlacedBand { up_to, roles: roles?.into_iter().map(|role| role.value).collect() })
}

/// Notes a band whose upper end is not above the one before.
fn ascending(document: &Document<'_>, bands: &[&PlacedBand]) {
    let ends: Vec<_> = bands.iter().filter_map(|band| band.up_to.as_ref()).collect();
    for (lower, upper) in ends.iter().zip(ends.iter().skip(1)) {
        let same_currency = lower.value.currency == upper.value.currency;
        if same_currency && upper.value.minor <= lower.value.minor {
            let message = format!("this band ends at {}, not above the one before ({})", upper.value, lower.value);
            document.problem(&upper.place, message, Some("sort the bands, smallest first".to_owned()));
        }
    }
}

fn emergency(section: Section<'_, '_>) -> Option<(Emergency, Placed<SignedDuration>)> {
    let enabled = section.flag("enabled");
    let cap = section.money("cap");
    let page_unanswered_after = section.duration("page_unanswered_after");
    let review_within = section.duration("review_within");
    section.finish();
    let page_unanswered_after = page_unanswered_after?;
    let emergency = Emergency {
        enabled: enabled?,
        cap: cap?.value,
        page_unanswered_after: page_unanswered_after.value,
        review_within: review_within?.value,
    };
    Some((emergency, page_unanswered_after))
}
