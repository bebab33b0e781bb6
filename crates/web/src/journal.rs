//! Facts as people read them: what was recorded, by whom, why, with the personal parts opened for those who may.

use crate::app::App;
use crate::present::Reader;
use crate::problem::Problem;
use crate::reasons::{ReasonView, reasons};
use crate::session::Session;
use domain::fact::{Fact, StoredFact};
use domain::ids::AccountId;
use domain::reason::Reason;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// A fact.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Fact)]
pub(crate) struct FactView {
    /// Its position in the feed of all facts, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<u64>,
    /// The account it is of.
    pub(crate) account: uuid::Uuid,
    /// Its number in the account.
    pub(crate) version: u64,
    /// The number of the first fact of the same step.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    /// How it came to be: `observed`, `found`, `answer`, `decided`.
    pub(crate) class: String,
    /// What it is.
    #[schema(example = "case.opened")]
    pub(crate) kind: String,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    happened: Option<Timestamp>,
    /// Who said or did it: `program`, `user:…`, `connection:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) actor: Option<String>,
    /// Why, where it was decided.
    pub(crate) reasons: Vec<ReasonView>,
    /// The same as they were recorded.
    #[serde(skip)]
    pub(crate) recorded: Vec<Reason>,
    /// The hash of the policy files it was recorded under, once the account has adopted some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// The version of the decision code it was recorded under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decide: Option<u64>,
    /// What it says.
    #[schema(value_type = Object)]
    pub(crate) body: Value,
    /// The hash that chains it to the fact before it.
    pub(crate) hash: String,
}

impl FactView {
    /// A stored fact as a session sees it. One that this release can't read shows its frame only.
    pub(crate) async fn of(reader: Reader<'_>, session: &Session, stored: StoredFact) -> Self {
        let read: Option<Value> = serde_json::from_slice(&stored.bytes).ok();
        let field = |name: &str| read.as_ref().and_then(|fact| fact.get(name)).cloned();
        let body = field("body").unwrap_or_default();
        let (recorded, reader) = (reasons_in(&body), reader.for_kind(&stored.kind));
        Self {
            position: None,
            account: stored.account.0,
            version: stored.version,
            step: field("step").and_then(|step| step.as_u64()),
            class: stored.class.word().to_owned(),
            kind: stored.kind,
            at: stored.at,
            happened: field("happened").and_then(|at| serde_json::from_value(at).ok()),
            actor: field("actor").and_then(|actor| actor.as_str().map(str::to_owned)),
            reasons: reasons(&recorded, session.language),
            recorded,
            policy: field("policy").and_then(|policy| policy.as_str().map(str::to_owned)),
            decide: field("decide").and_then(|decide| decide.as_u64()),
            body: reader.show(stored.account, body).await,
            hash: stored.hash.to_string(),
        }
    }
}

/// The reasons that a body carries, whatever its kind.
fn reasons_in(body: &Value) -> Vec<Reason> {
    body.get("reasons").and_then(|reasons| serde_json::from_value(reasons.clone()).ok()).unwrap_or_default()
}

/// A page of an account's facts after a version, and the version where the next page begins.
pub(crate) async fn facts_after(
    app: &App,
    session: &Session,
    account: AccountId,
    after: u64,
    limit: u32,
) -> Result<(Vec<FactView>, Option<u64>), Problem> {
    let mut stored = app.desk.store.facts(account, after, limit.saturating_add(1)).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = stored.len() > wanted;
    stored.truncate(wanted);
    let next = stored.last().map(|fact| fact.version).filter(|_| more);
    let reader = app.reader(session);
    let mut facts = Vec::with_capacity(stored.len());
    for fact in stored {
        facts.push(FactView::of(reader, session, fact).await);
    }
    Ok((facts, next))
}

/// The latest facts of an account before a version whose kind is wanted, the newest first, and the version before which
/// the next page looks. It looks through no more than a bounded number of facts at once, so a page may be short.
pub(crate) async fn facts_before(
    app: &App,
    session: &Session,
    account: AccountId,
    before: Option<u64>,
    limit: usize,
    is_wanted: impl Fn(&str) -> bool + Send,
) -> Result<(Vec<FactView>, Option<u64>), Problem> {
    /// How many facts are read at once.
    const FACTS_READ: u32 = 200;
    /// How often that is done for one page.
    const MAX_READS: usize = 10;
    let head = app.desk.store.head(account).await?.map_or(0, |head| head.version);
    let mut end = before.map_or(head, |before| head.min(before.saturating_sub(1)));
    let reader = app.reader(session);
    let mut facts = Vec::new();
    for _ in 0..MAX_READS {
        let after = end.saturating_sub(u64::from(FACTS_READ));
        let stored = app.desk.store.facts(account, after, FACTS_READ).await?;
        for fact in stored.into_iter().rev().filter(|fact| fact.version <= end) {
            if facts.len() >= limit {
                return Ok((facts, Some(fact.version.saturating_add(1))));
            }
            if is_wanted(&fact.kind) {
                facts.push(FactView::of(reader, session, fact).await);
            }
        }
        end = after;
        if end == 0 {
            return Ok((facts, None));
        }
    }
    Ok((facts, Some(end.saturating_add(1))))
}

/// One fact of an account; nothing when there is none with this number, or a later release wrote it.
pub(crate) async fn fact(app: &App, account: AccountId, version: u64) -> Result<Option<Fact>, Problem> {
    let found = app.desk.store.facts(account, version.saturating_sub(1), 1).await?;
    let stored = found.into_iter().find(|fact| fact.version == version);
    Ok(stored.and_then(|stored| Fact::read(account, stored.version, &stored.bytes).ok()))
}

/// The latest facts of an account that stands at a version, oldest first.
pub(crate) async fn latest_facts(app: &App, account: AccountId, version: u64) -> Result<Vec<Fact>, Problem> {
    /// How many of the latest facts are looked through.
    const MAX_LATEST: u32 = 1_000;
    let found = app.desk.store.facts(account, version.saturating_sub(u64::from(MAX_LATEST)), MAX_LATEST).await?;
    Ok(found.into_iter().filter_map(|stored| Fact::read(account, stored.version, &stored.bytes).ok()).collect())
}
