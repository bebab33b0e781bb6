//! What-if: policy files that are not in force, run over the real history of some customers by the code that runs
//! live. Bounded, and told customer by customer.

use crate::app::App;
use crate::body::Sent;
use crate::policies::bundle_of;
use crate::present::MoneyView;
use crate::problem::{Code, FieldProblem, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use desk::whatif::{Assume, CaseSummary, Change, WhatIf, what_if};
use domain::cases::{Mark, Severity};
use domain::fact::Fact;
use domain::ids::AccountId;
use domain::policy::Policy;
use jiff::{SignedDuration, Timestamp};
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use store::rows;
use store::rows::{Cursor, Filter};

/// The most customers of one trial.
const MAX_CUSTOMERS: u32 = 100;
/// The longest history that is run, in facts; a customer with a longer one is told as left out.
const MAX_FACTS: usize = 20_000;
/// How many facts are read at once.
const FACTS_PAGE: u32 = 2_000;
/// A trial begins no further customer after this; who is left is named in `leftOut`.
pub(crate) const MAX_TRIAL: Duration = Duration::from_secs(20);
/// The longest that an assumed approval takes, in minutes.
const MAX_APPROVED_AFTER_MINUTES: u32 = 7 * 24 * 60;

/// What is tried.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Try {
    /// The text of every policy file, by name.
    #[serde(default)]
    pub(crate) files: Option<BTreeMap<String, String>>,
    /// The archive that `borgen policy` writes, in base64.
    #[serde(default)]
    pub(crate) archive: Option<String>,
    /// On whose history; the customers with the gravest open cases when left out.
    #[serde(default)]
    pub(crate) customers: Option<BTreeSet<uuid::Uuid>>,
    /// Where the trial before ended: taken from its `nextAfter`.
    #[serde(default)]
    pub(crate) after: Option<String>,
    /// New proposals are taken to be approved after this many minutes; to stay unanswered when left out.
    #[serde(default)]
    pub(crate) approved_after_minutes: Option<u32>,
}

/// A case, as it amounts to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Amounts {
    pub(crate) story: String,
    #[schema(value_type = String)]
    pub(crate) severity: Severity,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) opened: Timestamp,
    /// When the first answer to Microsoft was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) first_answer: Option<Timestamp>,
    /// The marks of the answer clock that were passed.
    #[schema(value_type = Vec<String>)]
    pub(crate) marks: Vec<Mark>,
    /// When the loss was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) stopped: Option<Timestamp>,
    /// What it cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lost: Option<MoneyView>,
    /// The same, for who reckons with it.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) money: Option<Money>,
}

impl From<CaseSummary> for Amounts {
    fn from(case: CaseSummary) -> Self {
        Self {
            story: case.story,
            severity: case.severity,
            opened: case.opened,
            first_answer: case.first_answer,
            marks: case.marks.into_iter().collect(),
            stopped: case.stopped,
            lost: case.lost.map(MoneyView::from),
            money: case.lost,
        }
    }
}

/// A case that would be otherwise.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Difference {
    pub(crate) case: uuid::Uuid,
    /// As it is; absent when it would be new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Amounts>,
    /// As it would be; absent when it would not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Amounts>,
}

/// What would be otherwise for one customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tried {
    pub(crate) customer: uuid::Uuid,
    pub(crate) differences: Vec<Difference>,
    /// Answers of people and of Microsoft that would no longer answer anything.
    pub(crate) dropped_answers: u32,
    /// Proposals as they were, and as they would be.
    pub(crate) proposed: [u32; 2],
    /// Requests that the guard rails refused, and would refuse.
    pub(crate) refused: [u32; 2],
}

/// What a trial found. It is of first order: what people and Microsoft would have done instead is not known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trial {
    /// Customers for whom something would be otherwise.
    pub(crate) value: Vec<Tried>,
    /// How many histories were run.
    pub(crate) customers: u32,
    /// Customers who were not run: their history is too long, or the time was over. Try those by name.
    pub(crate) left_out: Vec<uuid::Uuid>,
    /// Where the next trial goes on; absent when all were run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_after: Option<String>,
}

/// Tries policy files on real histories. Nothing is kept.
#[utoipa::path(post, path = "/policies:what-if", tag = "policies", operation_id = "tryPolicy", request_body = Try,
    responses((status = 200, description = "What would be otherwise.", body = Trial)))]
pub(crate) async fn run(
    State(app): State<App>,
    session: Session,
    Sent(wanted): Sent<Try>,
) -> Result<Json<Trial>, Problem> {
    let bundle = bundle_of(wanted.files, wanted.archive)?;
    let checked = bundle.check().map_err(|problems| {
        let mut problem = Problem::from(Code::PolicyRefused);
        problem.errors = problems.into_iter().map(FieldProblem::from).collect();
        problem
    })?;
    let policy = Arc::new(checked.policy);
    let assume = assumed(wanted.approved_after_minutes)?;
    let began = app.desk.clock.monotonic();
    let (customers, next_after) = chosen(&app, &session, wanted.customers, wanted.after).await?;
    let mut trial = Trial { value: Vec::new(), customers: 0, left_out: Vec::new(), next_after };
    for customer in customers {
        if app.desk.clock.monotonic().saturating_sub(began) > MAX_TRIAL {
            trial.left_out.push(customer.0);
            continue;
        }
        match journal(&app, customer).await? {
            Some(journal) => trial.take(&one(customer, journal, Arc::clone(&policy), assume).await?),
            None => trial.left_out.push(customer.0),
        }
    }
    Ok(Json(trial))
}

impl Trial {
    fn take(&mut self, found: &WhatIf) {
        self.customers = self.customers.saturating_add(1);
        let changes = found.changes();
        if changes.is_empty() && found.dropped.is_empty() {
            return;
        }
        self.value.push(Tried {
            customer: found.account.0,
            dropped_answers: u32::try_from(found.dropped.len()).unwrap_or(u32::MAX),
            proposed: [found.before.proposed, found.after.proposed],
            refused: [found.before.refused, found.after.refused],
            differences: changes.into_iter().map(Difference::from).collect(),
        });
    }
}

impl From<Change> for Difference {
    fn from(change: Change) -> Self {
        match change {
            Change::Gone(case, before) => Self { case: case.0, before: Some(before.into()), after: None },
            Change::New(case, after) => Self { case: case.0, before: None, after: Some(after.into()) },
            Change::Other(case, before, after) => {
                Self { case: case.0, before: Some((*before).into()), after: Some((*after).into()) }
            }
        }
    }
}

fn assumed(minutes: Option<u32>) -> Result<Assume, Problem> {
    if minutes.is_some_and(|minutes| minutes > MAX_APPROVED_AFTER_MINUTES) {
        return Err(Problem::field("approvedAfterMinutes", format!("at most {MAX_APPROVED_AFTER_MINUTES} are taken")));
    }
    Ok(Assume { approved_after: minutes.map(|minutes| SignedDuration::from_mins(i64::from(minutes))) })
}

/// The customers to try it on, as far as the caller sees them, and where the next trial goes on.
pub(crate) async fn chosen(
    app: &App,
    session: &Session,
    named: Option<BTreeSet<uuid::Uuid>>,
    after: Option<String>,
) -> Result<(Vec<AccountId>, Option<String>), Problem> {
    let (store, scope) = (&app.desk.store, &session.caller.scope);
    if let Some(named) = named {
        let limit = usize::try_from(MAX_CUSTOMERS).unwrap_or(usize::MAX);
        if named.len() > limit {
            return Err(Problem::field("customers", format!("at most {MAX_CUSTOMERS} are taken")));
        }
        let mut customers = Vec::with_capacity(named.len());
        for customer in named.into_iter().map(AccountId) {
            let found = rows::customers::known(store, scope, customer).await?;
            found.ok_or_else(|| Problem::field("customers", "one of them is no customer that you see"))?;
            customers.push(customer);
        }
        return Ok((customers, None));
    }
    let after = after.as_deref().map(Cursor::read).transpose();
    let after = after.map_err(|_| Problem::field("after", "take it from `nextAfter`"))?;
    let page = rows::customers::list(store, scope, &Filter::default(), after.as_ref(), MAX_CUSTOMERS).await?;
    let customers = page.items.into_iter().map(|listed| listed.account).collect();
    Ok((customers, page.next.map(|next| next.text())))
}

/// The whole history of a customer; nothing when it is too long.
pub(crate) async fn journal(app: &App, account: AccountId) -> Result<Option<Vec<Fact>>, Problem> {
    let mut facts: Vec<Fact> = Vec::new();
    loop {
        let after = facts.last().map_or(0, |fact| fact.version);
        let page = app.desk.store.facts(account, after, FACTS_PAGE).await?;
        if page.is_empty() {
            return Ok(Some(facts));
        }
        for stored in page {
            let fact = Fact::read(account, stored.version, &stored.bytes).map_err(|error| Problem::internal(&error))?;
            facts.push(fact);
        }
        if facts.len() > MAX_FACTS {
            return Ok(None);
        }
    }
}

/// One history, on a thread where reckoning may take its time.
async fn one(account: AccountId, journal: Vec<Fact>, policy: Arc<Policy>, assume: Assume) -> Result<WhatIf, Problem> {
    let run = move || what_if(account, &journal, &policy, assume);
    let found = tokio::task::spawn_blocking(run).await.map_err(|error| Problem::internal(&error))?;
    found.map_err(|error| Problem::internal(&error))
}
