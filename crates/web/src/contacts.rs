//! Whom we speak with at a customer, what was said, and notes about it (O1). What people wrote is sealed. A number or
//! address is believed once somebody called back on one that was known before.

use crate::acts::{new_id, on_customer, told};
use crate::app::App;
use crate::body::{Created, Ids, MAX_LABEL_CHARS, MAX_NOTE_CHARS, Sent, Tagged, checked_text};
use crate::cases::acts::{Note, seal};
use crate::customers::seen;
use crate::journal::{FactView, facts_before, latest_facts};
use crate::listing::{List, Listing, PageParams};
use crate::present::{Personal, Reader};
use crate::problem::{Code, Problem};
use crate::router::API;
use crate::session::Session;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::Acted;
use domain::body::Body;
use domain::contacts::{
    CallRecorded, Channel, Contact, ContactRecorded, ContactRemoved, ContactRole, ContactSource, Contacts,
    CustomerNoted, Direction, MAX_CONTACTS,
};
use domain::fact::NewFact;
use domain::ids::{AccountId, CaseId, ContactId};
use domain::sealed::{Retention, Sealed};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::rows;

/// The longest number that is written down.
const MAX_NUMBER_CHARS: usize = 100;
/// How long ago a call can have been, to be written down now.
const MAX_CALL_AGE: SignedDuration = SignedDuration::from_hours(24 * 366);
/// The kind of the fact that a call is.
const CALL: &str = "call.recorded";
/// The kind of the fact that a note is.
const NOTED: &str = "customer.noted";

/// A person at the customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Contact)]
pub(crate) struct ContactView {
    pub(crate) id: uuid::Uuid,
    /// What it is for: `management`, `finance`, `security`, `technical`.
    #[schema(value_type = String)]
    pub(crate) role: ContactRole,
    pub(crate) name: Personal<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mail: Option<Personal<String>>,
    /// Where number and address come from: `independent`, `agreement`, `customer`.
    #[schema(value_type = String)]
    pub(crate) source: ContactSource,
    /// When it was written down as it is.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) recorded: Timestamp,
    /// When a call on a known number confirmed it; absent while it is not to be believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) confirmed: Option<Timestamp>,
    /// When somebody last spoke with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_call: Option<Timestamp>,
}

impl ContactView {
    pub(crate) async fn of(reader: Reader<'_>, account: AccountId, id: ContactId, contact: &Contact) -> Self {
        Self {
            id: id.0,
            role: contact.role,
            name: reader.open(account, &contact.name).await,
            phone: reader.open_maybe(account, contact.phone.as_ref()).await,
            mail: reader.open_maybe(account, contact.mail.as_ref()).await,
            source: contact.source,
            recorded: contact.recorded,
            confirmed: contact.confirmed,
            last_call: contact.last_call,
        }
    }
}

/// A person at the customer, to be written down.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewContact {
    /// The contact that this takes the place of; then it has to be confirmed anew. A new one when left out.
    #[serde(default)]
    pub(crate) replaces: Option<uuid::Uuid>,
    /// What it is for: `management`, `finance`, `security`, `technical`.
    #[schema(value_type = String, example = "security")]
    pub(crate) role: ContactRole,
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) name: String,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub(crate) phone: Option<String>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub(crate) mail: Option<String>,
    /// Where number and address come from: `independent`, `agreement`, `customer`.
    #[schema(value_type = String, example = "independent")]
    pub(crate) source: ContactSource,
}

/// A conversation, to be written down.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewCall {
    /// `phone`, `video`, `mail`, `message`, `visit`.
    #[schema(value_type = String, example = "phone")]
    pub(crate) channel: Channel,
    /// Who began: `outgoing` or `incoming`.
    #[schema(value_type = String, example = "outgoing")]
    pub(crate) direction: Direction,
    /// When it was; now when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) at: Option<Timestamp>,
    /// The contact it was, where it was one.
    #[serde(default)]
    pub(crate) contact: Option<uuid::Uuid>,
    /// With whom; the contact's name when left out.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub(crate) with: Option<String>,
    /// The number or address that was used; the contact's own when left out.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub(crate) number: Option<String>,
    /// Whether that was known to us before.
    pub(crate) known_number: bool,
    /// What was said.
    #[schema(min_length = 1, max_length = 4000)]
    pub(crate) said: String,
    /// What was agreed.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub(crate) agreed: Option<String>,
    /// The contact whose number and address the call confirms: it has to be outgoing, on a known number.
    #[serde(default)]
    pub(crate) confirms: Option<uuid::Uuid>,
    /// The case it was about.
    #[serde(default)]
    pub(crate) case: Option<uuid::Uuid>,
}

/// The people at a customer with whom we speak. There are at most 50; they all come at once.
#[utoipa::path(get, path = "/customers/{id}/contacts", tag = "customers", operation_id = "listContacts",
    responses((status = 200, description = "The contacts.", body = List<ContactView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    session: Session,
    ids: Ids,
) -> Result<Json<List<ContactView>>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    Ok(Json(List { value: shown(&app, &session, account).await?, next_link: None }))
}

/// The contacts of a customer as the caller sees them.
pub(crate) async fn shown(app: &App, session: &Session, account: AccountId) -> Result<Vec<ContactView>, Problem> {
    let file = app.desk.file(account).await?;
    let reader = app.reader(session);
    let mut contacts = Vec::new();
    for (id, contact) in file.customer().into_iter().flat_map(|file| &file.contacts) {
        contacts.push(ContactView::of(reader, account, *id, contact).await);
    }
    contacts.sort_by_key(|contact| (contact.role, contact.recorded));
    Ok(contacts)
}

/// One of the people at a customer.
#[utoipa::path(get, path = "/customers/{id}/contacts/{contact}", tag = "customers", operation_id = "getContact",
    responses((status = 200, description = "The contact.", body = ContactView)))]
pub(crate) async fn get(State(app): State<App>, session: Session, ids: Ids) -> Result<Tagged<ContactView>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    one(&app, &session, account, ids.get(1)?).await
}

async fn one(app: &App, session: &Session, account: AccountId, id: ContactId) -> Result<Tagged<ContactView>, Problem> {
    let file = app.desk.file(account).await?;
    let contact = file.customer().and_then(|file| file.contacts.get(&id)).ok_or(Code::NotFound)?;
    Ok(Tagged { version: file.version, body: ContactView::of(app.reader(session), account, id, contact).await })
}

/// Writes down whom to speak with, or writes it down anew.
#[utoipa::path(post, path = "/customers/{id}/contacts", tag = "customers", operation_id = "recordContact",
    request_body = NewContact, responses((status = 201, description = "The contact.", body = ContactView)))]
pub(crate) async fn record(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(new): Sent<NewContact>,
) -> Result<Created<ContactView>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    checked_text("name", &new.name, MAX_LABEL_CHARS)?;
    if new.phone.is_none() && new.mail.is_none() {
        return Err(Problem::field("phone", "a number or a mail address is wanted"));
    }
    let recorded = ContactRecorded {
        contact: ContactId(new.replaces.unwrap_or_else(|| new_id(&app, &session, "contact"))),
        role: new.role,
        name: kept(&app, account, &new.name).await?,
        phone: maybe_kept(&app, account, "phone", new.phone.as_deref(), MAX_NUMBER_CHARS).await?,
        mail: maybe_kept(&app, account, "mail", new.mail.as_deref(), MAX_LABEL_CHARS).await?,
        source: new.source,
    };
    let id = recorded.contact;
    on_customer(&app, &session, account, None, |view| {
        let known = &view.file.contacts;
        if new.replaces.is_some() && !known.contains_key(&id) {
            return Err(Problem::field("replaces", "there is no such contact"));
        }
        if known.len() >= MAX_CONTACTS && !known.contains_key(&id) {
            return Err(Problem::from(Code::TooMany).with("limit", MAX_CONTACTS.to_string()));
        }
        Ok(vec![told(&session, view.at, Body::ContactRecorded(recorded.clone()))])
    })
    .await?;
    let Tagged { version, body } = one(&app, &session, account, id).await?;
    Ok(Created { version, location: format!("{API}/customers/{account}/contacts/{id}"), body })
}

/// Says that somebody is no contact any more.
#[utoipa::path(delete, path = "/customers/{id}/contacts/{contact}", tag = "customers", operation_id = "removeContact",
    responses((status = 204, description = "It is no contact any more.")))]
pub(crate) async fn remove(State(app): State<App>, session: Session, ids: Ids) -> Result<StatusCode, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    let contact: ContactId = ids.get(1)?;
    on_customer(&app, &session, account, None, |view| {
        if !view.file.contacts.contains_key(&contact) {
            return Err(Code::NotFound.into());
        }
        Ok(vec![told(&session, view.at, Body::ContactRemoved(ContactRemoved { contact }))])
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The conversations with a customer, the latest first.
#[utoipa::path(get, path = "/customers/{id}/calls", tag = "customers", operation_id = "listCalls", params(PageParams),
    responses((status = 200, description = "A page of conversations.", body = List<FactView>)))]
pub(crate) async fn calls(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    listing: Listing,
) -> Result<Json<List<FactView>>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    let before = Some(listing.after_number()?).filter(|before| *before > 0);
    let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    let (value, next) = facts_before(&app, &session, account, before, limit, |kind| kind == CALL).await?;
    Ok(Json(listing.page(value, next.map(|before| before.to_string()))))
}

/// Writes down a conversation.
#[utoipa::path(post, path = "/customers/{id}:call", tag = "customers", operation_id = "recordCall", request_body = NewCall,
    responses((status = 200, description = "The conversation as it is recorded.", body = FactView)))]
pub(crate) async fn call(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(new): Sent<NewCall>,
) -> Result<Json<FactView>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    checked_text("said", &new.said, MAX_NOTE_CHARS)?;
    let happened = when(new.at, app.desk.clock.now())?;
    let case = of_customer(&app, &session, account, new.case).await?;
    let with = maybe_kept(&app, account, "with", new.with.as_deref(), MAX_LABEL_CHARS).await?;
    let number = maybe_kept(&app, account, "number", new.number.as_deref(), MAX_NUMBER_CHARS).await?;
    let said = seal(&app, account, &new.said).await?;
    let agreed = match new.agreed.as_deref() {
        Some(text) => {
            checked_text("agreed", text, MAX_NOTE_CHARS)?;
            Some(seal(&app, account, text).await?)
        }
        None => None,
    };
    let acted = on_customer(&app, &session, account, None, |view| {
        let contact = named(&view.file.contacts, "contact", new.contact)?;
        let confirms = named(&view.file.contacts, "confirms", new.confirms)?.map(|(id, _)| id);
        let own_name = contact.map(|(_, contact)| contact.name.clone());
        let own_number = contact.and_then(|(_, contact)| match new.channel {
            Channel::Mail => contact.mail.clone(),
            Channel::Phone | Channel::Message => contact.phone.clone(),
            Channel::Video | Channel::Visit => None,
        });
        let with = with.clone().or(own_name);
        let recorded = CallRecorded {
            channel: new.channel,
            direction: new.direction,
            contact: contact.map(|(id, _)| id),
            with: with.ok_or_else(|| Problem::field("with", "say with whom, or name a contact"))?,
            number: number.clone().or(own_number),
            known_number: new.known_number,
            said: said.clone(),
            agreed: agreed.clone(),
            confirms,
            case,
        };
        if confirms.is_some() && !recorded.can_confirm() {
            return Err(Problem::field("confirms", "only our own call, on a number known before, confirms a contact"));
        }
        let fact = told(&session, view.at, Body::CallRecorded(recorded));
        Ok(vec![NewFact { happened: happened.unwrap_or(view.at), ..fact }])
    })
    .await?;
    recorded(&app, &session, account, &acted, CALL).await.map(Json)
}

/// Notes something about a customer.
#[utoipa::path(post, path = "/customers/{id}:note", tag = "customers", operation_id = "noteCustomer", request_body = Note,
    responses((status = 200, description = "The note as it is recorded.", body = FactView)))]
pub(crate) async fn note(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(note): Sent<Note>,
) -> Result<Json<FactView>, Problem> {
    let account = seen(&app, &session, ids.first()?).await?.account;
    checked_text("text", &note.text, MAX_NOTE_CHARS)?;
    let note = seal(&app, account, &note.text).await?;
    let acted = on_customer(&app, &session, account, None, |view| {
        Ok(vec![told(&session, view.at, Body::CustomerNoted(CustomerNoted { note: note.clone() }))])
    })
    .await?;
    recorded(&app, &session, account, &acted, NOTED).await.map(Json)
}

/// The fact that was recorded by this request, now or when it was sent before.
async fn recorded(
    app: &App,
    session: &Session,
    account: AccountId,
    acted: &Acted,
    kind: &str,
) -> Result<FactView, Problem> {
    let mut version = acted.facts.iter().find(|fact| fact.body.kind() == kind).map(|fact| fact.version);
    if version.is_none() {
        let key = session.source_key(kind);
        let facts = latest_facts(app, account, acted.file.version).await?;
        version = facts.iter().find(|fact| key.is_some() && fact.source_key == key).map(|fact| fact.version);
    }
    let version = version.ok_or(Code::NotFound)?;
    let stored = app.desk.store.facts(account, version.saturating_sub(1), 1).await?;
    let stored = stored.into_iter().next().ok_or(Code::NotFound)?;
    Ok(FactView::of(app.reader(session), session, stored).await)
}

/// When a conversation was: not in the future, and not longer ago than anybody remembers.
fn when(at: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let Some(at) = at.map(desk::seam::whole_microseconds) else { return Ok(None) };
    if at > now {
        return Err(Problem::field("at", "it is in the future"));
    }
    if now.duration_since(at) > MAX_CALL_AGE {
        return Err(Problem::field("at", "it is more than a year ago"));
    }
    Ok(Some(at))
}

/// The contact that is named, where one is.
fn named<'a>(
    contacts: &'a Contacts,
    field: &str,
    id: Option<uuid::Uuid>,
) -> Result<Option<(ContactId, &'a Contact)>, Problem> {
    let Some(id) = id.map(ContactId) else { return Ok(None) };
    let found = contacts.get(&id).map(|contact| (id, contact));
    found.map(Some).ok_or_else(|| Problem::field(field, "there is no such contact"))
}

/// The case that is named, where one is: one of this customer's.
async fn of_customer(
    app: &App,
    session: &Session,
    account: AccountId,
    case: Option<uuid::Uuid>,
) -> Result<Option<CaseId>, Problem> {
    let Some(case) = case.map(CaseId) else { return Ok(None) };
    let found = rows::cases::get(&app.desk.store, &session.caller.scope, case).await?;
    let is_own = found.is_some_and(|found| found.account == account);
    if is_own { Ok(Some(case)) } else { Err(Problem::field("case", "it is no case of this customer")) }
}

async fn kept(app: &App, account: AccountId, text: &str) -> Result<Sealed<String>, Problem> {
    let sealed = app.vault.seal(account, Retention::Contact, &text.trim().to_owned()).await;
    sealed.map_err(|error| Problem::internal(&error))
}

async fn maybe_kept(
    app: &App,
    account: AccountId,
    field: &str,
    text: Option<&str>,
    limit: usize,
) -> Result<Option<Sealed<String>>, Problem> {
    let Some(text) = text else { return Ok(None) };
    checked_text(field, text, limit)?;
    kept(app, account, text).await.map(Some)
}
