//! Actions: what is to be changed at a customer, what that touches and costs, who said yes, and where each step is.
//! What people do with an action is in `acts`.

pub(crate) mod acts;

use crate::app::App;
use crate::body::{Ids, Tagged, etag};
use crate::cases::user_of_filter;
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::people::People;
use crate::present::{MoneyView, Personal, shown};
use crate::problem::{Code, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use domain::containment::{
    Action, ActionClass, ActionState, Blast, Destroys, GoesOnBilling, Guard, Rail, StepKind, StepState,
};
use domain::ids::ActionId;
use domain::paging::{CallEnd, PageRule};
use domain::permission::{Permission, Role, roles_allowing};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::rows;
use store::rows::actions::{ActionRow, status};
use store::rows::{Cursor, Listed, Page};

/// What an action touches and what it costs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Blast)]
pub(crate) struct BlastView {
    /// Azure subscriptions that stop or start.
    azure_subscriptions: u32,
    /// Plans that stop or start.
    plans: u32,
    /// Seats whose users lose or gain access.
    users: u32,
    /// What no longer burns each hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_per_hour: Option<MoneyView>,
    /// What goes on billing all the same.
    #[schema(value_type = Vec<String>)]
    goes_on_billing: Vec<GoesOnBilling>,
    /// What is lost by it.
    #[schema(value_type = Vec<String>)]
    destroys: Vec<Destroys>,
    /// About how long undoing takes.
    undo_minutes: u32,
    /// Whether it takes Azure subscriptions that neither the request nor, where that names none, the case named.
    widened: bool,
}

impl From<Blast> for BlastView {
    fn from(blast: Blast) -> Self {
        Self {
            azure_subscriptions: blast.azure_subscriptions,
            plans: blast.plans,
            users: blast.users,
            saved_per_hour: blast.saved_per_hour.map(MoneyView::from),
            goes_on_billing: blast.goes_on_billing,
            destroys: blast.destroys,
            undo_minutes: blast.undo_minutes,
            widened: blast.widened,
        }
    }
}

/// A guard rail's word.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Guard)]
pub(crate) struct GuardView {
    #[schema(value_type = String)]
    rail: Rail,
    passed: bool,
}

/// A yes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApprovalView {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    approver: uuid::Uuid,
    approver_name: Personal<String>,
    /// The roles the approver had then.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// Whether the approver proved its identity anew.
    reauthenticated: bool,
}

/// A step and where it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepView {
    /// What is done: `cancel_azure_subscription`, `suspend_plan`, `reactivate_plan`, `reactivate_azure_subscription`.
    kind: String,
    /// The plan it is about.
    plan: uuid::Uuid,
    /// The Azure subscription it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    azure_subscription: Option<uuid::Uuid>,
    /// Where it is: `waiting`, `ordered`, `accepted`, `looking`, `seen`, `stuck`, `not_sent`, `ended`.
    state: String,
    /// What more is known of that state.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<Object>)]
    detail: Value,
}

impl StepView {
    fn of((kind, state): (&StepKind, &StepState)) -> Self {
        let azure_subscription = match kind {
            StepKind::CancelAzureSubscription { azure_subscription, .. }
            | StepKind::ReactivateAzureSubscription { azure_subscription, .. } => Some(azure_subscription.0),
            StepKind::SuspendPlan { .. } | StepKind::ReactivatePlan { .. } => None,
        };
        let detail = match shown(state) {
            Value::Object(object) => object.into_iter().next().map(|(_, inner)| inner).unwrap_or_default(),
            _ => Value::Null,
        };
        // How a step ended is one word, or a word with a code: both as an object.
        let detail = match detail {
            Value::String(end) => serde_json::json!({ "end": end }),
            other => other,
        };
        Self {
            kind: crate::acts::word_of(kind),
            plan: kind.plan().0,
            azure_subscription,
            state: crate::acts::word_of(state),
            detail,
        }
    }
}

/// Who is woken about an emergency.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PageOfAction)]
pub(crate) struct PageView {
    /// `on_call`, or `nobody_to_page` when the policy names nobody else: then the time counts from the proposal.
    #[schema(value_type = String)]
    rule: PageRule,
    calls: Vec<CallView>,
    /// Who has taken it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_on_by: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_on_by_name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    taken_on: Option<Timestamp>,
}

/// One message to somebody on call.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PageCall)]
pub(crate) struct CallView {
    /// The receiver's name in the policy.
    receiver: String,
    /// When it came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered: Option<Timestamp>,
    /// Why it did not come through.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl PageView {
    async fn of(action: &Action, people: &mut People<'_>) -> Result<Option<Self>, Problem> {
        let rule = action.proposed.page;
        if rule == PageRule::None && action.page.is_none() {
            return Ok(None);
        }
        let calls = action.page.iter().flat_map(|page| &page.calls).map(|call| CallView {
            receiver: call.receiver.clone(),
            delivered: match call.end {
                Some(CallEnd::Sent(at)) => Some(at),
                Some(CallEnd::Failed { .. }) | None => None,
            },
            failed: match &call.end {
                Some(CallEnd::Failed { code }) => Some(code.clone()),
                Some(CallEnd::Sent(_)) | None => None,
            },
        });
        let taken_on = action.page.as_ref().and_then(|page| page.acknowledged);
        let taken_on_by_name = match taken_on {
            Some((_, by)) => Some(people.name(by).await?),
            None => None,
        };
        Ok(Some(Self {
            rule,
            calls: calls.collect(),
            taken_on_by: taken_on.map(|(_, by)| by.0),
            taken_on_by_name,
            taken_on: taken_on.map(|(at, _)| at),
        }))
    }
}

/// What the caller may do with an action now, and who else may.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActionAct {
    /// The verb, as in the address.
    pub(crate) verb: &'static str,
    /// Whether the caller may, as far as can be said before asking.
    pub(crate) allowed: bool,
    /// The roles that may.
    #[schema(value_type = Vec<String>)]
    pub(crate) roles: Vec<Role>,
}

/// An action.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Action)]
pub(crate) struct ActionView {
    id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    customer: uuid::Uuid,
    case: uuid::Uuid,
    playbook: String,
    /// `proposed`, `released`, `verified`, `dry_run`, `failed`, `rejected`, `expired`, `stopped`.
    status: String,
    #[schema(value_type = String)]
    class: ActionClass,
    /// The action that it reverts.
    #[serde(skip_serializing_if = "Option::is_none")]
    revert_of: Option<uuid::Uuid>,
    proposer: uuid::Uuid,
    proposer_name: Personal<String>,
    #[schema(value_type = String, format = DateTime)]
    proposed: Timestamp,
    /// When it is void unless it was approved.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// What an approval is bound to: send it back when you approve.
    parameters: String,
    blast_radius: BlastView,
    /// The money at stake, which says who approves.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_stake: Option<MoneyView>,
    guards: Vec<GuardView>,
    /// One approval by each, each by another person.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    approvals: Vec<ApprovalView>,
    steps: Vec<StepView>,
    /// Whether a person has to look at Microsoft: a step was sent and could not be read back. It can be reverted.
    needs_person: bool,
    /// A Global administrator has to review it by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    review_by: Option<Timestamp>,
    /// Who is woken about it; missing for an ordinary action.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<PageView>,
    /// What can be done with it now, and by whom.
    acts: Vec<ActionAct>,
}

impl ActionView {
    /// The action as a session sees it; `people` are the names that the answer tells.
    pub(crate) async fn of(
        listed: Listed<ActionRow>,
        session: &Session,
        people: &mut People<'_>,
    ) -> Result<Self, Problem> {
        let Listed { account, version, row, .. } = listed;
        let action = row.action;
        let steps = action.steps_with_states().map(StepView::of).collect();
        let acts = offered(&action, session);
        let needs_person = action.needs_person();
        let page = PageView::of(&action, people).await?;
        let proposed = action.proposed;
        let mut approvals = Vec::with_capacity(action.approvals.len());
        for (at, approved) in action.approvals {
            approvals.push(ApprovalView {
                at,
                approver: approved.approver.0,
                approver_name: people.name(approved.approver).await?,
                roles: approved.roles.into_iter().collect(),
                reauthenticated: approved.reauthenticated,
            });
        }
        Ok(Self {
            id: proposed.action.0,
            etag: etag(version),
            customer: account.0,
            case: proposed.case.0,
            playbook: proposed.playbook,
            status: status(action.state).to_owned(),
            class: proposed.class,
            revert_of: proposed.revert_of.map(|action| action.0),
            proposer: proposed.proposer.0,
            proposer_name: people.name(proposed.proposer).await?,
            proposed: action.proposed_at,
            expires: proposed.expires,
            parameters: proposed.parameters.to_string(),
            blast_radius: proposed.blast.into(),
            at_stake: proposed.at_stake.map(MoneyView::from),
            guards: proposed.guards.into_iter().map(|Guard { rail, passed }| GuardView { rail, passed }).collect(),
            roles: proposed.roles,
            approvals,
            steps,
            needs_person,
            review_by: action.review_by,
            page,
            acts,
        })
    }
}

/// What the caller may do with an action now, and what others may.
pub(crate) fn offered(action: &Action, session: &Session) -> Vec<ActionAct> {
    let may = |permission| session.caller.may(permission);
    let waits = action.state == ActionState::Proposed;
    let approves = may(Permission::ActionApprove) && session.caller.limit_below(action.proposed.at_stake).is_none();
    let is_own = action.proposed.proposer == session.caller.user;
    let is_taken_on = action.page.as_ref().is_some_and(|page| page.acknowledged.is_some());
    let is_page = waits && action.proposed.class == ActionClass::Emergency && !is_taken_on;
    let ended = matches!(action.state, ActionState::Finished(_) | ActionState::Stopped) && !action.is_under_way();
    let global = vec![Role::GlobalAdministrator];
    let is_global = session.caller.roles.contains(&Role::GlobalAdministrator);
    let stops = may(Permission::ActionPropose) && action.may_be_stopped_by(&session.caller);
    let reviews = may(Permission::ActionApprove) && is_global && !action.is_by(session.caller.user);
    [
        (waits, "approve", approves && !is_own, action.proposed.roles.clone()),
        (is_page, "acknowledge", may(Permission::ActionApprove) && !is_own, roles_allowing(Permission::ActionApprove)),
        (waits, "reject", may(Permission::ActionApprove), roles_allowing(Permission::ActionApprove)),
        (action.is_open(), "stop", stops, roles_allowing(Permission::SignalTriage)),
        (ended, "revert", may(Permission::ActionPropose), roles_allowing(Permission::ActionPropose)),
        (action.review_by.is_some(), "review", reviews, global),
    ]
    .into_iter()
    .filter(|(now, ..)| *now)
    .map(|(_, verb, allowed, roles)| ActionAct { verb, allowed, roles })
    .collect()
}

/// The actions that the caller sees, the newest first. Filter: `status:`, `playbook:`, `customer:`, `proposer:` (an id
/// or `me`).
#[utoipa::path(get, path = "/actions", tag = "actions", operation_id = "listActions", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of actions.", body = List<ActionView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<ActionView>>, Problem> {
    let page = page_of(&app, &session, &listing).await?;
    let mut people = People::new(app.reader(&session));
    let mut value = Vec::with_capacity(page.items.len());
    for listed in page.items {
        value.push(ActionView::of(listed, &session, &mut people).await?);
    }
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of actions that a listing asks for, for programs and for people alike.
pub(crate) async fn page_of(app: &App, session: &Session, listing: &Listing) -> Result<Page<ActionRow>, Problem> {
    listing.filter.only(&["status", "playbook", "customer", "proposer"])?;
    let words = ["proposed", "released", "verified", "dry_run", "failed", "rejected", "expired", "stopped"];
    let filter = rows::Filter {
        status: listing.filter.word("status", &words.map(|word| (word, word)))?.unwrap_or_default().to_owned(),
        story: listing.filter.text("playbook").unwrap_or_default().to_owned(),
        owner: user_of_filter(listing, session, "proposer")?,
        account: listing.filter.id("customer")?,
        ..rows::Filter::default()
    };
    let after = listing.cursor()?;
    Ok(rows::actions::list(&app.desk.store, &session.caller.scope, &filter, after.as_ref(), listing.limit).await?)
}

/// One action.
#[utoipa::path(get, path = "/actions/{id}", tag = "actions", operation_id = "getAction",
    responses((status = 200, description = "The action.", body = ActionView)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<ActionView>, Problem> {
    let listed = seen(&app, &session, ids.first()?).await?;
    tagged(&app, &session, listed).await
}

/// The action with the tag of its state.
pub(crate) async fn tagged(
    app: &App,
    session: &Session,
    listed: Listed<ActionRow>,
) -> Result<Tagged<ActionView>, Problem> {
    let version = listed.version;
    let body = ActionView::of(listed, session, &mut People::new(app.reader(session))).await?;
    Ok(Tagged { version, body })
}

/// The action, if the caller sees it.
pub(crate) async fn seen(app: &App, session: &Session, id: ActionId) -> Result<Listed<ActionRow>, Problem> {
    let found = rows::actions::get(&app.desk.store, &session.caller.scope, id).await?;
    found.ok_or_else(|| Code::NotFound.into())
}
