//! Signals: what a rule saw, by whom it was written, what it rests on and what it costs.

use crate::app::App;
use crate::body::{Ids, Tagged, etag};
use crate::cases::severity_of_filter;
use crate::journal::fact;
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::present::{MoneyView, Personal};
use crate::problem::{Code, Problem};
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use domain::body::Body;
use domain::cases::Severity;
use domain::ids::SignalId;
use domain::signals::{Evidence, Level};
use jiff::Timestamp;
use serde::Serialize;
use store::rows;
use store::rows::signals::SignalRow;
use store::rows::{Cursor, Listed, Page};

/// The rule that fired.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rule)]
pub(crate) struct RuleView {
    id: String,
    /// Its title, in the reader's language where it has one.
    title: String,
    /// Who wrote it.
    author: String,
    /// How grave its author holds a match to be.
    #[schema(value_type = String)]
    level: Level,
    /// ATT&CK tags.
    tags: Vec<String>,
    /// The hash of the rule set it was loaded with.
    rule_set: String,
}

/// Where a rate comes from.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Price)]
pub(crate) struct PriceView {
    /// The name of the price list.
    list: String,
    /// Its date.
    date: String,
    /// The hash of its file.
    hash: String,
    /// Whether the size was not on the list, so that its family's ceiling stands for it.
    estimated: bool,
}

/// A signal.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Signal)]
pub(crate) struct SignalView {
    id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    customer: uuid::Uuid,
    case: uuid::Uuid,
    rule: RuleView,
    /// The kind of log it was seen in.
    log: String,
    #[schema(value_type = String)]
    severity: Severity,
    /// How many events it stands for.
    count: u32,
    /// When the first of them happened.
    #[schema(value_type = String, format = DateTime)]
    first: Timestamp,
    /// When the last of them happened.
    #[schema(value_type = String, format = DateTime)]
    last: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    azure_subscription: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// The machine size.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<String>,
    /// What the newest finding's resources cost each hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_hour: Option<MoneyView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<PriceView>,
    /// What it rests on; only when one signal or case is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Personal<EvidenceView>>,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Evidence)]
pub(crate) struct EvidenceView {
    /// The values of the rule's fields and of the fields that decided.
    fields: Vec<FieldValue>,
    /// Which selection held because of which field, pattern and value.
    matched: Vec<String>,
    /// The event as it came in, cut to a limit.
    event: String,
}

/// A field of a log event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldValue {
    field: String,
    value: String,
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        let fields = evidence.fields.into_iter().map(|(field, value)| FieldValue { field, value });
        Self { fields: fields.collect(), matched: evidence.matched, event: evidence.event }
    }
}

impl Personal<Evidence> {
    /// The evidence in the form that people read.
    pub(crate) fn shown(self) -> Personal<EvidenceView> {
        match self {
            Self::Open { value } => Personal::Open { value: value.into() },
            Self::Closed { roles } => Personal::Closed { roles },
            Self::Erased => Personal::Erased,
            Self::Unreadable => Personal::Unreadable,
        }
    }
}

impl SignalView {
    /// The signal as a list shows it.
    pub(crate) fn of(session: &Session, listed: Listed<SignalRow>) -> Self {
        let Listed { version, row, .. } = listed;
        let swedish = row.rule.title_sv.filter(|_| session.language == crate::language::Language::Swedish);
        Self {
            id: row.signal.0,
            etag: etag(version),
            customer: row.account.0,
            case: row.case.0,
            rule: RuleView {
                id: row.rule.id,
                title: swedish.unwrap_or(row.rule.title),
                author: row.rule.author,
                level: row.rule.level,
                tags: row.rule.tags,
                rule_set: row.rule.rule_set.to_string(),
            },
            log: row.log,
            severity: row.severity,
            count: row.count,
            first: row.first,
            last: row.last,
            azure_subscription: row.azure_subscription.map(|id| id.0),
            region: row.region,
            size: row.size,
            per_hour: row.per_hour.map(MoneyView::from),
            price: row.price.map(|price| PriceView {
                list: price.list,
                date: price.date,
                hash: price.hash.to_string(),
                estimated: price.estimated,
            }),
            evidence: None,
        }
    }

    /// The signal with what its newest finding rests on.
    pub(crate) async fn with_evidence(
        app: &App,
        session: &Session,
        listed: Listed<SignalRow>,
    ) -> Result<Self, Problem> {
        let (account, finding) = (listed.account, listed.row.finding);
        let mut view = Self::of(session, listed);
        if let Some(Body::FindingRecorded(found)) = fact(app, account, finding).await?.map(|fact| fact.body) {
            view.evidence = Some(app.reader(session).open(account, &found.evidence).await.shown());
        }
        Ok(view)
    }
}

/// The signals that the caller sees by when they were first seen, the newest first. Filter: `severity:` (at least this),
/// `rule:`, `customer:`.
#[utoipa::path(get, path = "/signals", tag = "signals", operation_id = "listSignals", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of signals.", body = List<SignalView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<SignalView>>, Problem> {
    let page = page_of(&app, &session, &listing).await?;
    let value = page.items.into_iter().map(|listed| SignalView::of(&session, listed)).collect();
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// The page of signals that a listing asks for, for programs and for people alike.
pub(crate) async fn page_of(app: &App, session: &Session, listing: &Listing) -> Result<Page<SignalRow>, Problem> {
    listing.filter.only(&["severity", "rule", "customer"])?;
    let filter = rows::Filter {
        severity_at_least: severity_of_filter(listing)?,
        story: listing.filter.text("rule").unwrap_or_default().to_owned(),
        account: listing.filter.id("customer")?,
        ..rows::Filter::default()
    };
    let after = listing.cursor()?;
    Ok(rows::signals::list(&app.desk.store, &session.caller.scope, &filter, after.as_ref(), listing.limit).await?)
}

/// One signal, with what it rests on.
#[utoipa::path(get, path = "/signals/{id}", tag = "signals", operation_id = "getSignal",
    responses((status = 200, description = "The signal.", body = SignalView)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<SignalView>, Problem> {
    let id: SignalId = ids.first()?;
    let found = rows::signals::get(&app.desk.store, &session.caller.scope, id).await?;
    let listed = found.ok_or_else(|| Problem::from(Code::NotFound))?;
    let version = listed.version;
    Ok(Tagged { version, body: SignalView::with_evidence(&app, &session, listed).await? })
}
