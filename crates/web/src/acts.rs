//! The way from a handler to the desk: a change is asked for at the version just read, checked against the caller's
//! scope and the state it is based on, and refused as a problem.

use crate::app::App;
use crate::body::BasedOn;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::speech::come_back;
use desk::{ActError, Acted, DeskError, PoliciesError, View};
use domain::body::Body;
use domain::cases::StillActing;
use domain::containment::Refusal;
use domain::fact::NewFact;
use domain::file::{AccountFile, CustomerFile};
use domain::ids::{AccountId, AccountKind};
use domain::permission::{Role, Scope};
use domain::policy::Policy;
use jiff::Timestamp;

/// A customer's file at the moment of acting.
#[derive(Debug)]
pub(crate) struct CustomerView<'a> {
    pub(crate) file: &'a CustomerFile,
    pub(crate) policy: &'a Policy,
    pub(crate) at: Timestamp,
}

/// Acts on a customer's account. `based_on` is the state the caller saw, where the change needs one.
pub(crate) async fn on_customer(
    app: &App,
    session: &Session,
    account: AccountId,
    based_on: Option<BasedOn>,
    mut intent: impl FnMut(&CustomerView<'_>) -> Result<Vec<NewFact>, Problem> + Send,
) -> Result<Acted, Problem> {
    let acted = app.desk.act(account, AccountKind::Customer, |view| {
        let file = customer_in(view.file, account, &session.caller.scope)?;
        if let Some(based_on) = based_on {
            based_on.check(view.file.version)?;
        }
        let policy = view.policy.ok_or_else(|| Problem::from(Code::NoPolicy))?;
        intent(&CustomerView { file, policy, at: view.at })
    });
    Ok(acted.await?)
}

/// Acts on an account of the partner's own. The file has to exist unless `based_on` is nothing.
pub(crate) async fn on_own(
    app: &App,
    account: AccountId,
    kind: AccountKind,
    based_on: Option<BasedOn>,
    mut intent: impl FnMut(&View<'_>) -> Result<Vec<NewFact>, Problem> + Send,
) -> Result<Acted, Problem> {
    let acted = app.desk.act(account, kind, |view| {
        if let Some(based_on) = based_on {
            based_on.check(view.file.version)?;
        }
        intent(view)
    });
    Ok(acted.await?)
}

/// The customer in a file, if the caller may see it: the reseller may have changed since the row was read.
fn customer_in<'a>(file: &'a AccountFile, account: AccountId, scope: &Scope) -> Result<&'a CustomerFile, Problem> {
    let customer = file.customer().ok_or(Code::NotFound)?;
    let reseller = customer.holdings.identity.as_ref().and_then(|identity| identity.reseller);
    if scope.covers(account, reseller) { Ok(customer) } else { Err(Code::NotFound.into()) }
}

/// A fact that the caller tells at the moment of acting.
pub(crate) fn told(session: &Session, at: Timestamp, body: Body) -> NewFact {
    let source_key = session.source_key(body.kind());
    NewFact { happened: at, actor: session.actor(), source_key, body }
}

/// The id of something new: derived from the request's key where it has one, so that it is born once.
pub(crate) fn new_id(app: &App, session: &Session, what: &str) -> uuid::Uuid {
    match session.source_key(what) {
        Some(key) => {
            let digest = domain::ids::Hash::of(key.as_bytes());
            let mut bytes = [0; 16];
            bytes.copy_from_slice(digest.0.first_chunk::<16>().unwrap_or(&[0; 16]));
            uuid::Builder::from_custom_bytes(bytes).into_uuid()
        }
        None => app.entropy.id(app.desk.clock.now()),
    }
}

impl From<ActError<Self>> for Problem {
    fn from(error: ActError<Self>) -> Self {
        match error {
            ActError::Refused(problem) => problem,
            ActError::Desk(error) => error.into(),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::ReadOnly(_) => Code::ReadOnly.into(),
            DeskError::Policies(PoliciesError::NonePublished) => Code::NoPolicy.into(),
            DeskError::Crowded(_) => come_back(Code::Busy),
            other => Self::internal(&other),
        }
    }
}

impl From<PoliciesError> for Problem {
    fn from(error: PoliciesError) -> Self {
        DeskError::from(error).into()
    }
}

impl From<store::StoreError> for Problem {
    fn from(error: store::StoreError) -> Self {
        Self::internal(&error)
    }
}

impl From<StillActing> for Problem {
    fn from(StillActing(action): StillActing) -> Self {
        Self::from(Code::ActionOpen).with("action", action.to_string())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownAction => Code::NotFound.into(),
            Refusal::NotInThisState(state) => Self::from(Code::NotInThisState).with("state", word_of(&state)),
            Refusal::Expired(at) => Self::from(Code::ProposalExpired).with("at", at.to_string()),
            Refusal::OtherParameters => Code::OtherParameters.into(),
            Refusal::ProposerCannotApprove(roles) => of_another(roles),
            Refusal::OwnReview => of_another(vec![Role::GlobalAdministrator]),
            Refusal::NothingToReview => Self::from(Code::NotInThisState).with("state", "not_to_be_reviewed"),
            Refusal::ReauthenticationNeeded => Code::ReauthenticationNeeded.into(),
            Refusal::AlreadyApproved => Code::AlreadyApproved.into(),
            Refusal::PageAnswered => Code::PageAnswered.into(),
            Refusal::NothingToAcknowledge => Self::from(Code::NotInThisState).with("state", "not_to_be_taken_on"),
            Refusal::NotReadBack => Self::from(Code::NotInThisState).with("state", "not_read_back"),
            Refusal::AboveLimit(limit) => {
                Self::from(Code::AboveLimit).with("limit", format!("{} {}", limit.amount(), limit.currency.code()))
            }
            Refusal::RoleMissing(roles) => Self::roles(roles),
        }
    }
}

/// Another person has to do it, in one of these roles.
fn of_another(roles: Vec<Role>) -> Problem {
    let names: Vec<&str> = roles.iter().map(|role| role.word()).collect();
    let mut problem = Problem::from(Code::ProposerCannotApprove).with("roles", names.join(", "));
    problem.roles = roles;
    problem
}

/// The stable word of a value of the domain, as it is written.
pub(crate) fn word_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(serde_json::Value::Object(object)) => object.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}
