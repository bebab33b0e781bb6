//! `clocks.toml`: target and limit of answers, how long proposals live, how Microsoft's changes settle.

use crate::document::{Document, Placed};
use domain::policy::Clocks;
use jiff::SignedDuration;

/// More than a month to an effective stop is no plan.
const MAX_HOURS_TO_STOP: u32 = 720;

/// What `clocks.toml` says.
pub(crate) struct ClocksFile {
    pub(crate) clocks: Clocks,
    /// Where the life of a proposal stands, to be held against `approvals.toml`.
    pub(crate) proposals_expire: Placed<SignedDuration>,
}

pub(crate) fn read(document: &Document<'_>) -> Option<ClocksFile> {
    let root = document.root();
    let answers = root.section("answers").and_then(|section| {
        let target = section.duration("target");
        let limit = section.duration("limit");
        let investigate_after = section.duration("investigate_after");
        in_order(document, "investigate_after", investigate_after.as_ref(), "target", target.as_ref());
        in_order(document, "target", target.as_ref(), "limit", limit.as_ref());
        section.finish();
        Some((target?, limit?, investigate_after?))
    });
    let proposals = root.section("proposals").and_then(|section| {
        let expire_after = section.duration("expire_after");
        section.finish();
        expire_after
    });
    let changes = root.section("changes").and_then(|section| {
        let settle = section.duration("settle");
        let look_again = section.duration("look_again");
        let good_for = section.duration("good_for");
        section.finish();
        Some((settle?, look_again?, good_for?))
    });
    let exposure = root.section("exposure").and_then(|section| {
        let hours = section.count("hours_to_stop", MAX_HOURS_TO_STOP);
        section.finish();
        hours
    });
    root.finish();
    let (target, limit, investigate_after) = answers?;
    let (settle, look_again, good_for) = changes?;
    let proposals_expire = proposals?;
    let clocks = Clocks {
        answer_target: target.value,
        answer_limit: limit.value,
        investigate_after: investigate_after.value,
        proposal_expires_after: proposals_expire.value,
        settle: settle.value,
        settle_again: look_again.value,
        effect_good_for: good_for.value,
        hours_to_stop: exposure?,
    };
    Some(ClocksFile { clocks, proposals_expire })
}

/// Notes a span that is not shorter than the one it has to stay below.
fn in_order(
    document: &Document<'_>,
    key: &str,
    shorter: Option<&Placed<SignedDuration>>,
    than: &str,
    longer: Option<&Placed<SignedDuration>>,
) {
    if let (Some(shorter), Some(longer)) = (shorter, longer)
        && shorter.value >= longer.value
    {
        document.problem(&shorter.place, format!("`{key}` has to be shorter than `{than}`"), None);
    }
}
