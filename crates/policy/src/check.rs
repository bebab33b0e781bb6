//! From a bundle to a policy: every file by its reader, then what only holds between files.

use crate::bundle::Bundle;
use crate::document::{Document, Placed};
use crate::files::approvals::{self, ApprovalsFile};
use crate::files::cases::{self, CasesFile};
use crate::files::clocks::{self, ClocksFile};
use crate::files::containment::{self, ContainmentFile};
use crate::files::on_call::{self, OnCallFile};
use crate::files::outcomes;
use crate::problem::Problem;
use crate::suggestion::hint;
use domain::policy::Policy;
use jiff::SignedDuration;
use money::Currency;

/// The files that a policy consists of; there have to be these.
const FILES: [&str; 5] = ["approvals.toml", "cases.toml", "clocks.toml", "containment.toml", "outcomes.toml"];

/// The file that a policy may have besides. Policies of earlier releases have none.
const ON_CALL: &str = "on-call.toml";

/// A bundle that was found good.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What the files say.
    pub policy: Policy,
}

/// Reads every file and holds them against each other.
pub(crate) fn check(bundle: &Bundle) -> Result<Checked, Vec<Problem>> {
    let mut problems = foreign_files(bundle);
    let [approvals, cases, clocks, containment, outcomes] = FILES.map(|file| open(bundle, file, &mut problems));
    let on_call = bundle.files().contains_key(ON_CALL).then(|| open(bundle, ON_CALL, &mut problems)).flatten();
    let on_call_file = on_call.as_ref().and_then(on_call::read);
    let approvals_file = approvals.as_ref().and_then(approvals::read);
    let cases_file = cases.as_ref().and_then(cases::read);
    let clocks_file = clocks.as_ref().and_then(clocks::read);
    let containment_file = containment.as_ref().and_then(containment::read);
    let outcomes_file = outcomes.as_ref().and_then(outcomes::read);
    if let (Some(document), Some(cases), Some(containment)) = (&cases, &cases_file, &containment_file) {
        playbooks_exist(document, cases, containment);
    }
    if let (Some(document), Some(approvals), Some(clocks)) = (&approvals, &approvals_file, &clocks_file) {
        waits_end_in_time(document, approvals, clocks);
    }
    if let (Some(document), Some(on_call), Some(clocks)) = (&on_call, &on_call_file, &clocks_file) {
        woken_in_time(document, on_call, clocks);
    }
    let documents = [approvals, cases, clocks, containment, on_call, outcomes].into_iter().flatten();
    for document in documents {
        if let Some(cases) = &cases_file {
            one_currency(&document, &cases.currency);
        }
        problems.extend(document.into_problems());
    }
    problems.sort();
    let (Some(approvals), Some(cases), Some(clocks), Some(containment), Some(outcomes)) =
        (approvals_file, cases_file, clocks_file, containment_file, outcomes_file)
    else {
        return Err(problems);
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let policy = Policy {
        hash: bundle.hash(),
        currency: cases.currency.value,
        clocks: clocks.clocks,
        cases: cases.rules,
        playbooks: containment.playbooks,
        guards: containment.guards,
        approvals: approvals.approvals,
        outcomes,
        on_call: on_call_file.and_then(|file| file.on_call),
    };
    Ok(Checked { policy })
}

fn foreign_files(bundle: &Bundle) -> Vec<Problem> {
    let foreign = |name: &&String| !FILES.contains(&name.as_str()) && name.as_str() != ON_CALL;
    let problem =
        |name: &String| Problem::of_file(name, "this file is no part of a policy".to_owned(), hint(name, &FILES));
    bundle.files().keys().filter(foreign).map(problem).collect()
}

fn open<'b>(bundle: &'b Bundle, file: &'b str, problems: &mut Vec<Problem>) -> Option<Document<'b>> {
    let Some(bytes) = bundle.files().get(file) else {
        let hint = Some("`borgen policy write` writes one to begin with".to_owned());
        problems.push(Problem::of_file(file, "the file is missing".to_owned(), hint));
        return None;
    };
    match Document::open(file, bytes) {
        Ok(document) => Some(document),
        Err(broken) => {
            problems.extend(broken);
            None
        }
    }
}

/// Every playbook that a story suggests is there.
fn playbooks_exist(document: &Document<'_>, cases: &CasesFile, containment: &ContainmentFile) {
    let known: Vec<_> = containment.playbooks.keys().map(String::as_str).collect();
    for named in cases.playbooks.iter().filter(|named| !known.contains(&named.value.as_str())) {
        let message = format!("there is no playbook `{}` in containment.toml", named.value);
        document.problem(&named.place, message, hint(&named.value, &known));
    }
}

/// A wait that outlasts the proposal never ends in an approval.
fn waits_end_in_time(document: &Document<'_>, approvals: &ApprovalsFile, clocks: &ClocksFile) {
    let life = clocks.proposals_expire.value;
    let waits: [(&str, &Placed<SignedDuration>); 2] =
        [("page_unanswered_after", &approvals.page_unanswered_after), ("delay", &approvals.single_operator_delay)];
    for (key, wait) in waits.iter().filter(|(_, wait)| wait.value >= life) {
        let message = format!("`{key}` has to be shorter than `expire_after` of proposals in clocks.toml");
        document.problem(&wait.place, message, None);
    }
}

/// Who is woken before a mark has to be woken after the clock began.
fn woken_in_time(document: &Document<'_>, on_call: &OnCallFile, clocks: &ClocksFile) {
    let Some((target, limit)) = &on_call.before else { return };
    let marks = [
        ("before_target", target, "target", clocks.clocks.answer_target),
        ("before_limit", limit, "limit", clocks.clocks.answer_limit),
    ];
    for (key, before, mark, _) in marks.into_iter().filter(|(_, before, _, span)| before.value >= *span) {
        let message = format!("`{key}` has to be shorter than `{mark}` of answers in clocks.toml");
        document.problem(&before.place, message, None);
    }
}

/// The partner reckons in one currency; amounts in another could not be compared.
fn one_currency(document: &Document<'_>, currency: &Placed<Currency>) {
    for amount in document.amounts().iter().filter(|amount| amount.value.currency != currency.value) {
        let message = format!("{} is not in {}, the currency of cases.toml", amount.value, currency.value);
        document.problem(&amount.place, message, None);
    }
}
