//! Users: who works at the partner, with which roles, seeing what, and their tokens.

use crate::acts::{new_id, on_own, told};
use crate::app::App;
use crate::body::{BasedOn, Created, Ids, MAX_LABEL_CHARS, Sent, Tagged, checked_text, etag};
use crate::listing::{FilterParams, List, Listing, PageParams};
use crate::present::{MoneyView, Personal};
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use crate::router::API;
use crate::session::Session;
use crate::tokens::{End, IssuedToken, NewToken, TokenView, issue};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::body::Body;
use domain::credentials::takes_tokens_from_others;
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, AccountKind, TokenId};
use domain::people::{ApprovalsLimited, MAX_TOKENS, TokenRevoked, UserAdded, UserChanged, UserFile};
use domain::permission::{Role, Scope};
use domain::sealed::Retention;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::rows;
use store::rows::users::UserRow;
use store::rows::{Cursor, Listed};

/// The most resellers and customers that one scope names.
const MAX_SCOPE: usize = 5_000;

/// Which customers a user sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Scope)]
pub(crate) struct ScopeView {
    /// Every customer of the partner; then the lists stay empty.
    #[serde(default)]
    pub(crate) all: bool,
    /// Resellers whose customers are seen.
    #[serde(default)]
    pub(crate) resellers: BTreeSet<uuid::Uuid>,
    /// Single customers that are seen.
    #[serde(default)]
    pub(crate) customers: BTreeSet<uuid::Uuid>,
}

impl From<Scope> for ScopeView {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::All => Self { all: true, resellers: BTreeSet::new(), customers: BTreeSet::new() },
            Scope::Only { resellers, customers } => Self {
                all: false,
                resellers: resellers.into_iter().map(|id| id.0).collect(),
                customers: customers.into_iter().map(|id| id.0).collect(),
            },
        }
    }
}

impl ScopeView {
    fn scope(self) -> Result<Scope, Problem> {
        let named = self.resellers.len().saturating_add(self.customers.len());
        if self.all {
            return if named == 0 {
                Ok(Scope::All)
            } else {
                Err(Problem::field("scope", "with `all` the lists stay empty"))
            };
        }
        if named > MAX_SCOPE {
            return Err(Problem::field("scope", format!("at most {MAX_SCOPE} are taken")));
        }
        Ok(Scope::Only {
            resellers: self.resellers.into_iter().map(AccountId).collect(),
            customers: self.customers.into_iter().map(AccountId).collect(),
        })
    }
}

/// A user.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(crate) struct UserView {
    pub(crate) id: uuid::Uuid,
    /// The tag of its state.
    etag: String,
    pub(crate) name: Personal<String>,
    #[schema(value_type = Vec<String>)]
    pub(crate) roles: Vec<Role>,
    pub(crate) scope: ScopeView,
    /// Whether the person may come in at all.
    pub(crate) active: bool,
    /// The most money at stake that the person may approve; absent without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approves_up_to: Option<MoneyView>,
    tokens: Vec<TokenView>,
    /// How the user comes in: `tokens`, `invited`, `local`, `entra`.
    #[schema(value_type = String)]
    pub(crate) entry: rows::users::Entry,
    /// The name it signs in under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sign_in_name: Option<Personal<String>>,
}

impl UserView {
    /// The user. Who manages users reads their names, though no other personal data.
    pub(crate) async fn of(app: &App, listed: Listed<UserRow>) -> Self {
        let Listed { account, version, row, .. } = listed;
        let reader = crate::present::Reader::of_own(app);
        let sign_in_name = match &row.sign_in {
            Some(sealed) => Some(reader.open(account, sealed).await),
            None => None,
        };
        Self {
            entry: row.entry,
            sign_in_name,
            id: account.0,
            etag: etag(version),
            name: reader.open(account, &row.name).await,
            roles: row.roles.into_iter().collect(),
            scope: row.scope.into(),
            active: row.active,
            approves_up_to: row.approves_up_to.map(MoneyView::from),
            tokens: row.tokens.into_iter().map(TokenView::from).collect(),
        }
    }
}

/// A new user.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewUser {
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) name: String,
    /// `global_administrator`, `user_administrator`, `admin_agent`, `billing_administrator`, `auditor`.
    #[schema(value_type = Vec<String>)]
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) scope: ScopeView,
}

/// How much a person may approve.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ApprovalLimit {
    /// The most money at stake; without limit when left out. What is not known, or in another currency, is above it.
    #[serde(default)]
    pub(crate) up_to: Option<MoneyView>,
}

impl ApprovalLimit {
    fn money(&self) -> Result<Option<Money>, Problem> {
        let money = self.up_to.as_ref().map(|money| money.read("approvals")).transpose()?;
        match money.filter(|money| money.minor < 0) {
            Some(_) => Err(Problem::field("approvals", "a limit is not below zero")),
            None => Ok(money),
        }
    }
}

/// What changes about a user; what is left out stays.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UserPatch {
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) roles: Option<BTreeSet<Role>>,
    #[serde(default)]
    pub(crate) scope: Option<ScopeView>,
    #[serde(default)]
    pub(crate) active: Option<bool>,
    /// How much an action may have at stake for the person to approve it.
    #[serde(default)]
    pub(crate) approvals: Option<ApprovalLimit>,
}

/// The users. Filter: `status:active` or `status:inactive`.
#[utoipa::path(get, path = "/users", tag = "users", operation_id = "listUsers", params(PageParams, FilterParams),
    responses((status = 200, description = "A page of users.", body = List<UserView>)))]
pub(crate) async fn list(
    State(app): State<App>,
    _session: Session,
    listing: Listing,
) -> Result<Json<List<UserView>>, Problem> {
    listing.filter.only(&["status"])?;
    let known = [("active", "active"), ("inactive", "inactive")];
    let status = listing.filter.word("status", &known)?.unwrap_or_default().to_owned();
    let filter = rows::Filter { status, ..rows::Filter::default() };
    let after = listing.cursor()?;
    let page = rows::users::list(&app.desk.store, &filter, after.as_ref(), listing.limit).await?;
    let mut value = Vec::with_capacity(page.items.len());
    for listed in page.items {
        value.push(UserView::of(&app, listed).await);
    }
    Ok(Json(listing.page(value, page.next.as_ref().map(Cursor::text))))
}

/// One user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", operation_id = "getUser",
    responses((status = 200, description = "The user.", body = UserView)))]
pub(crate) async fn get(State(app): State<App>, _session: Session, ids: Ids) -> Result<Tagged<UserView>, Problem> {
    shown(&app, ids.first()?).await
}

/// Adds a user. A person is asked in by a link, a machine gets a token, each separately.
#[utoipa::path(post, path = "/users", tag = "users", operation_id = "addUser", request_body = NewUser,
    responses((status = 201, description = "The user.", body = UserView)))]
pub(crate) async fn add(
    State(app): State<App>,
    session: Session,
    Sent(new): Sent<NewUser>,
) -> Result<Created<UserView>, Problem> {
    checked_text("name", &new.name, MAX_LABEL_CHARS)?;
    check_roles(&new.roles)?;
    let scope = new.scope.scope()?;
    let account = AccountId(new_id(&app, &session, "user"));
    let sealed = app.vault.seal(account, Retention::Contact, &new.name).await;
    let name = sealed.map_err(|error| Problem::internal(&error))?;
    let added = UserAdded { name, roles: new.roles, scope };
    on_own(&app, account, AccountKind::User, None, |view| {
        // The same request, sent again after an answer was lost: the user is there.
        if matches!(view.file.part, Part::User(_)) {
            return Ok(Vec::new());
        }
        Ok(vec![told(&session, view.at, Body::UserAdded(added.clone()))])
    })
    .await?;
    let Tagged { version, body } = shown(&app, account).await?;
    Ok(Created { version, location: format!("{API}/users/{account}"), body })
}

/// Changes roles, scope or access of another user.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", operation_id = "changeUser", request_body = UserPatch,
    responses((status = 200, description = "The user.", body = UserView)))]
pub(crate) async fn change(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    based_on: BasedOn,
    Sent(patch): Sent<UserPatch>,
) -> Result<Tagged<UserView>, Problem> {
    let account: AccountId = ids.first()?;
    if account == session.caller.user {
        return Err(Code::NotYourself.into());
    }
    let scope = patch.scope.map(ScopeView::scope).transpose()?;
    if let Some(roles) = &patch.roles {
        check_roles(roles)?;
    }
    let limit = patch.approvals.as_ref().map(ApprovalLimit::money).transpose()?;
    on_own(&app, account, AccountKind::User, None, |view| {
        let user = user_in(view.file)?;
        based_on.check(view.file.version)?;
        let changed = UserChanged {
            roles: patch.roles.clone().unwrap_or_else(|| user.roles.clone()),
            scope: scope.clone().unwrap_or_else(|| user.scope.clone()),
            active: patch.active.unwrap_or(user.active),
        };
        let now = UserFile { roles: changed.roles.clone(), ..user.clone() };
        let only_limit = limit.is_some() && patch.roles.is_none() && scope.is_none() && patch.active.is_none();
        let mut bodies = if only_limit { Vec::new() } else { vec![Body::UserChanged(changed)] };
        if let Some(up_to) = limit.filter(|up_to| *up_to != user.approves_up_to) {
            bodies.push(Body::ApprovalsLimited(ApprovalsLimited { up_to }));
        }
        // Tokens that somebody else made for a machine end when it becomes somebody who may approve.
        if !user.credentials.is_persons() && !takes_tokens_from_others(&now) {
            bodies.extend(user.tokens.keys().map(|token| Body::TokenRevoked(TokenRevoked { token: *token })));
        }
        Ok(bodies.into_iter().map(|body| told(&session, view.at, body)).collect())
    })
    .await?;
    if patch.active == Some(false) {
        app.desk.store.end_sessions(account, None).await?;
    }
    shown(&app, account).await
}

/// An auditor changes nothing, so no role that would is given with it.
fn check_roles(roles: &BTreeSet<Role>) -> Result<(), Problem> {
    if roles.is_empty() {
        return Err(Problem::field("roles", "at least one role is wanted"));
    }
    if roles.contains(&Role::Auditor) && roles.len() > 1 {
        return Err(Problem::field("roles", "an auditor has no other role"));
    }
    Ok(())
}

/// Hands out a token of a machine, which has no person and can't approve. The secret is shown this once. A person makes
/// its own tokens under `/me/tokens`, so that nobody else ever sees one.
#[utoipa::path(post, path = "/users/{id}/tokens", tag = "users", operation_id = "issueToken", request_body = NewToken,
    params(("Borgen-Reauthentication" = Option<String>, Header, description = "A token from `/me/reauthentication`.")),
    responses((status = 201, description = "The token, with its secret.", body = IssuedToken)))]
pub(crate) async fn issue_token(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    proved: Reauthenticated,
    Sent(new): Sent<NewToken>,
) -> Result<Created<IssuedToken>, Problem> {
    let account: AccountId = ids.first()?;
    proved.demand()?;
    let (issued, view) = issue(&app, new, End::Required)?;
    let token = issued.token;
    let acted = on_own(&app, account, AccountKind::User, None, |view| {
        let user = user_in(view.file)?;
        if !takes_tokens_from_others(user) {
            return Err(Code::TokensAreOwn.into());
        }
        if user.tokens.len() >= MAX_TOKENS {
            return Err(Problem::from(Code::TooMany).with("limit", MAX_TOKENS.to_string()));
        }
        Ok(vec![told(&session, view.at, Body::TokenIssued(issued.clone()))])
    })
    .await?;
    if acted.facts.is_empty() {
        // The request was carried out before and its answer is lost: the secret can't be shown again.
        return Err(Code::KeyReused.into());
    }
    Ok(Created { version: acted.file.version, location: format!("{API}/users/{account}/tokens/{token}"), body: view })
}

/// Takes a token back. It is no good from the next request on.
#[utoipa::path(delete, path = "/users/{id}/tokens/{token}", tag = "users", operation_id = "revokeToken",
    responses((status = 204, description = "It is no longer good.")))]
pub(crate) async fn revoke_token(State(app): State<App>, session: Session, ids: Ids) -> Result<StatusCode, Problem> {
    let (account, token): (AccountId, TokenId) = (ids.first()?, ids.get(1)?);
    on_own(&app, account, AccountKind::User, None, |view| {
        if !user_in(view.file)?.tokens.contains_key(&token) {
            return Err(Code::NotFound.into());
        }
        Ok(vec![told(&session, view.at, Body::TokenRevoked(TokenRevoked { token }))])
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) fn user_in(file: &AccountFile) -> Result<&UserFile, Problem> {
    match &file.part {
        Part::User(user) => Ok(user),
        _ => Err(Code::NotFound.into()),
    }
}

async fn shown(app: &App, id: AccountId) -> Result<Tagged<UserView>, Problem> {
    let found = rows::users::get(&app.desk.store, id).await?;
    let listed = found.ok_or_else(|| Problem::from(Code::NotFound))?;
    let version = listed.version;
    Ok(Tagged { version, body: UserView::of(app, listed).await })
}
