//! One case in full: signals with rule, author and evidence, alerts, the reasons of every decision about it, the
//! playbook and the actions.

use super::CaseView;
use crate::actions::ActionView;
use crate::alerts::AlertView;
use crate::app::App;
use crate::body::Tagged;
use crate::people::People;
use crate::present::Personal;
use crate::problem::Problem;
use crate::reasons::{ReasonView, reasons};
use crate::session::Session;
use crate::signals::SignalView;
use domain::body::Body;
use domain::cases::CaseId;
use domain::fact::Fact;
use domain::file::CustomerFile;
use domain::ids::AccountId;
use domain::permission::{Permission, roles_allowing};
use domain::policy::Policy;
use jiff::Timestamp;
use serde::Serialize;
use store::rows;
use store::rows::Listed;
use store::rows::cases::CaseRow;

/// The most signals, alerts and actions that one case shows; lists have the rest.
const MAX_SHOWN: u32 = 100;
/// The most facts that are looked through for the reasons of a case.
const MAX_FACTS_SEARCHED: u64 = 20_000;
/// How many facts are read at once.
const FACTS_PAGE: u32 = 1_000;
/// The most decisions about a case whose reasons are shown: the first and the latest.
const MAX_DECISIONS: usize = 100;

/// Why something about the case was decided, and when.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Why {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What was decided: `case.opened`, `case.grown`, `answer.ordered`.
    decision: String,
    reasons: Vec<ReasonView>,
}

/// A plan of steps that the policy has for this story.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Playbook)]
pub(crate) struct PlaybookView {
    name: String,
    /// Which Azure subscriptions it takes: `attacked` or `plan`.
    reach: String,
    /// The steps, in order.
    steps: Vec<String>,
}

/// Something that can be done, and by whom.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Act {
    /// The verb, as in the address.
    verb: &'static str,
    /// Whether the caller may.
    allowed: bool,
    /// The roles that may.
    roles: Vec<String>,
}

/// A case in full.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseDetail {
    #[serde(flatten)]
    case: CaseView,
    /// The customer's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<Personal<String>>,
    /// Why, decision by decision.
    why: Vec<Why>,
    /// What rules saw, with what it rests on.
    signal_list: Vec<SignalView>,
    /// What Microsoft told.
    alert_list: Vec<AlertView>,
    /// The playbook that is suggested.
    #[serde(skip_serializing_if = "Option::is_none")]
    playbook_steps: Option<PlaybookView>,
    /// What was proposed or done.
    actions: Vec<ActionView>,
    /// What can be done with the case, and by whom.
    acts: Vec<Act>,
}

/// The case in full, with the tag of its state.
pub(crate) async fn detail(
    app: &App,
    session: &Session,
    listed: Listed<CaseRow>,
) -> Result<Tagged<CaseDetail>, Problem> {
    let (account, case, version) = (listed.account, listed.row.case, listed.version);
    let store = &app.desk.store;
    let mut signal_list = Vec::new();
    for signal in rows::signals::of_case(store, account, case, MAX_SHOWN).await? {
        signal_list.push(SignalView::with_evidence(app, session, signal).await?);
    }
    let mut alert_list = Vec::new();
    for alert in rows::notices::of_case(store, case, MAX_SHOWN).await? {
        alert_list.push(AlertView::with_evidence(app, session, alert).await?);
    }
    let file = app.desk.file(account).await?;
    let customer = file.customer();
    let name = customer.and_then(|customer| customer.holdings.identity.as_ref()).map(|identity| &identity.name);
    let now = app.desk.clock.now();
    let policy = app.policy(now).await?;
    let playbook = listed.row.playbook.clone();
    let found = rows::actions::of_case(store, case, MAX_SHOWN).await?;
    let mut people = People::new(app.reader(session));
    let mut actions = Vec::with_capacity(found.len());
    for action in found {
        actions.push(ActionView::of(action, session, &mut people).await?);
    }
    let body = CaseDetail {
        customer_name: app.reader(session).open_maybe(account, name).await,
        why: why(app, session, account, case, customer).await?,
        signal_list,
        alert_list,
        playbook_steps: playbook.and_then(|name| playbook_of(policy.as_deref()?, &name)),
        actions,
        acts: acts(session, listed.row.closed.is_some()),
        case: CaseView::of(listed, policy.as_deref(), now),
    };
    Ok(Tagged { version, body })
}

fn playbook_of(policy: &Policy, name: &str) -> Option<PlaybookView> {
    let playbook = policy.playbooks.get(name)?;
    Some(PlaybookView {
        name: playbook.name.clone(),
        reach: crate::acts::word_of(&playbook.reach),
        steps: playbook.steps.iter().map(crate::acts::word_of).collect(),
    })
}

fn acts(session: &Session, is_closed: bool) -> Vec<Act> {
    let open = [
        ("claim", Permission::SignalTriage),
        ("note", Permission::SignalTriage),
        ("close", Permission::SignalTriage),
        ("propose", Permission::ActionPropose),
    ];
    let closed = [("reopen", Permission::SignalTriage)];
    let acts: &[(&'static str, Permission)] = if is_closed { &closed } else { &open };
    let shown = |(act, permission): &(&'static str, Permission)| Act {
        verb: act,
        allowed: session.caller.may(*permission),
        roles: roles_allowing(*permission).into_iter().map(|role| role.word().to_owned()).collect(),
    };
    acts.iter().map(shown).collect()
}

/// The reasons of what was decided about a case, from the fact that opened it on.
async fn why(
    app: &App,
    session: &Session,
    account: AccountId,
    case: CaseId,
    file: Option<&CustomerFile>,
) -> Result<Vec<Why>, Problem> {
    let facts = decisions(app, account, case, file).await?;
    Ok(facts.iter().filter_map(|fact| why_of(fact, session)).collect())
}

/// The facts that opened the case and let it grow: the first and the latest of them.
pub(crate) async fn decisions(
    app: &App,
    account: AccountId,
    case: CaseId,
    file: Option<&CustomerFile>,
) -> Result<Vec<Fact>, Problem> {
    let open = file.and_then(|file| file.cases.get(&case).or(file.closed.as_ref().filter(|closed| closed.id == case)));
    let first = open.map_or(0, |case| case.opened_in.saturating_sub(1));
    let mut after = first;
    let mut found: Vec<Fact> = Vec::new();
    while after < first.saturating_add(MAX_FACTS_SEARCHED) {
        let page = app.desk.store.facts(account, after, FACTS_PAGE).await?;
        let Some(last) = page.last().map(|fact| fact.version) else { break };
        after = last;
        let decides = |kind: &str| matches!(kind, "case.opened" | "case.grown");
        for stored in page.iter().filter(|stored| decides(&stored.kind)) {
            let Ok(fact) = Fact::read(account, stored.version, &stored.bytes) else { continue };
            if of_case(&fact) == Some(case) {
                found.push(fact);
            }
            if found.len() > MAX_DECISIONS {
                // The one that opened the case stays; of the others the latest are told.
                found.remove(1);
            }
        }
    }
    Ok(found)
}

/// The case that a decision is about.
fn of_case(fact: &Fact) -> Option<CaseId> {
    match &fact.body {
        Body::CaseOpened(opened) => Some(opened.case),
        Body::CaseGrown(grown) => Some(grown.case),
        _ => None,
    }
}

fn why_of(fact: &Fact, session: &Session) -> Option<Why> {
    let found = match &fact.body {
        Body::CaseOpened(opened) => &opened.reasons,
        Body::CaseGrown(grown) => &grown.reasons,
        _ => return None,
    };
    Some(Why { at: fact.at, decision: fact.body.kind().to_owned(), reasons: reasons(found, session.language) })
}
