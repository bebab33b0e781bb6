//! `outcomes.toml`: what a case's outcome says to Microsoft.

use crate::document::Document;
use domain::cases::Outcome;
use domain::notices::MicrosoftReason;
use std::collections::BTreeMap;

const REASONS: [(&str, MicrosoftReason); 3] = [
    ("fraud", MicrosoftReason::Fraud),
    ("legitimate", MicrosoftReason::Legitimate),
    ("ignore", MicrosoftReason::Ignore),
];

pub(crate) fn read(document: &Document<'_>) -> Option<BTreeMap<Outcome, MicrosoftReason>> {
    let root = document.root();
    let outcomes = root.section("outcomes").map(|section| {
        let reason = |outcome: &Outcome| Some((*outcome, section.word(outcome.word(), &REASONS)?.value));
        // Every outcome that is missing or wrong is noted, not only the first.
        let outcomes: Vec<_> = Outcome::ALL.iter().map(reason).collect();
        section.finish();
        outcomes
    });
    root.finish();
    outcomes?.into_iter().collect()
}
