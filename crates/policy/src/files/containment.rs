//! `containment.toml`: playbooks and guard rails.

use super::plain_name;
use crate::document::{Document, Placed};
use crate::section::Section;
use domain::ids::TenantId;
use domain::policy::{GuardRails, Playbook, PlaybookStep, Reach};
use std::collections::{BTreeMap, BTreeSet};

const REACHES: [(&str, Reach); 2] = [("attacked", Reach::Attacked), ("plan", Reach::Plan)];
const STEPS: [(&str, PlaybookStep); 2] = [
    ("cancel_azure_subscriptions", PlaybookStep::CancelAzureSubscriptions),
    ("suspend_plans", PlaybookStep::SuspendPlans),
];

/// The most Azure subscriptions that one action can be allowed to take: an action has no more steps than this
/// leaves room for.
const MAX_SUBSCRIPTIONS_PER_ACTION: u32 = 150;
/// The most changes per hour that can be allowed.
const MAX_CHANGES_PER_HOUR: u32 = 10_000;

/// What `containment.toml` says.
pub(crate) struct ContainmentFile {
    pub(crate) playbooks: BTreeMap<String, Playbook>,
    pub(crate) guards: GuardRails,
}

pub(crate) fn read(document: &Document<'_>) -> Option<ContainmentFile> {
    let root = document.root();
    let read: Vec<_> = root.sections("playbook").into_iter().map(playbook).collect();
    let guards = root.section("guard_rails").and_then(guards);
    root.finish();
    let mut playbooks = BTreeMap::new();
    for (name, playbook) in read.into_iter().collect::<Option<Vec<_>>>()? {
        if playbooks.insert(name.value.clone(), playbook).is_some() {
            document.problem(&name.place, format!("the playbook `{}` is there twice", name.value), None);
        }
    }
    Some(ContainmentFile { playbooks, guards: guards? })
}

fn playbook(section: Section<'_, '_>) -> Option<(Placed<String>, Playbook)> {
    let name = plain_name(&section, "name");
    let reach = section.word("reach", &REACHES);
    let steps = section.words("steps", &STEPS);
    if steps.as_ref().is_some_and(Vec::is_empty) {
        section.problem(section.place(), "a playbook needs at least one step", None);
    }
    for (step, earlier) in steps.iter().flat_map(|steps| steps.iter().zip(0..)) {
        let before = steps.iter().flatten().take(earlier);
        if before.into_iter().any(|other| other.value == step.value) {
            section.problem(&step.place, "this step is in the playbook already", None);
        }
        // Microsoft refuses to suspend a plan whose Azure subscriptions are active (900115).
        let suspends_first = step.value == PlaybookStep::SuspendPlans && earlier == 0;
        if suspends_first && steps.iter().flatten().count() > 1 {
            let hint = Some("put `cancel_azure_subscriptions` before it".to_owned());
            section.problem(
                &step.place,
                "a plan can't be suspended before its Azure subscriptions are cancelled",
                hint,
            );
        }
    }
    section.finish();
    let (name, reach) = (name?, reach?);
    let steps = steps?.into_iter().map(|step| step.value).collect();
    let playbook = Playbook { name: name.value.clone(), reach: reach.value, steps };
    Some((name, playbook))
}

fn guards(section: Section<'_, '_>) -> Option<GuardRails> {
    let protected = section.texts("protected");
    let subscriptions_per_action = section.count("subscriptions_per_action", MAX_SUBSCRIPTIONS_PER_ACTION);
    let changes_per_hour = section.count("changes_per_hour", MAX_CHANGES_PER_HOUR);
    let tenant = |text: &Placed<String>| {
        let tenant = text.value.parse::<TenantId>().ok();
        if tenant.is_none() {
            let hint = Some("write the tenant's id, as in `1b6b2a52-6b0a-4f6e-9c57-0e8b3c1d2f4a`".to_owned());
            section.problem(&text.place, format!("`{}` is no tenant", text.value), hint);
        }
        tenant
    };
    let protected: Option<Vec<_>> = protected.map(|texts| texts.iter().map(tenant).collect());
    section.finish();
    Some(GuardRails {
        protected: protected?.into_iter().collect::<Option<BTreeSet<_>>>()?,
        subscriptions_per_action: subscriptions_per_action?,
        changes_per_hour: changes_per_hour?,
    })
}
