//! Views of lists that people keep: a list with a filter under a name. A person's own are seen by nobody else until they
//! are shared; a shared one shows everybody only what they may see anyway, since it is no more than a filter.

use crate::acts::{new_id, on_own, told};
use crate::app::App;
use crate::body::{Created, Ids, MAX_LABEL_CHARS, Sent, Tagged, checked_text};
use crate::listing::{List, Listing};
use crate::present::{Personal, Reader};
use crate::problem::{Code, Problem};
use crate::router::API;
use crate::session::Session;
use crate::users::user_in;
use crate::{actions, alerts, cases, customers, signals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::body::Body;
use domain::file::{AccountFile, Part};
use domain::ids::{AccountId, AccountKind, ViewId};
use domain::people::UserFile;
use domain::permission::{Permission, roles_allowing};
use domain::sealed::Retention;
use domain::views::{MAX_FILTER_BYTES, MAX_VIEWS, ViewChosen, ViewDeleted, ViewOf, ViewSaved};
use serde::{Deserialize, Serialize};
use store::rows;

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedView {
    #[schema(value_type = uuid::Uuid)]
    pub(crate) id: ViewId,
    /// The list it is of: `cases`, `signals`, `notices`, `customers`, `actions`.
    #[schema(value_type = String)]
    pub(crate) list: ViewOf,
    /// Its name.
    pub(crate) name: String,
    /// The filter that it is.
    pub(crate) filter: String,
    /// Whether everybody has it.
    pub(crate) shared: bool,
    /// Whether it is the caller's own.
    pub(crate) own: bool,
    /// Whether the caller's list begins with it.
    pub(crate) chosen: bool,
}

impl SavedView {
    /// Where the view is.
    pub(crate) fn address(&self) -> String {
        crate::pages::lists::address(path_of(self.list), &self.filter)
    }
}

/// Where a list is.
pub(crate) const fn path_of(list: ViewOf) -> &'static str {
    match list {
        ViewOf::Cases => "/cases",
        ViewOf::Signals => "/signals",
        ViewOf::Notices => "/notices",
        ViewOf::Customers => "/customers",
        ViewOf::Actions => "/actions",
    }
}

/// A new view.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewView {
    #[schema(value_type = String, example = "cases")]
    pub(crate) list: ViewOf,
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) name: String,
    /// The filter, as `filter=` of the list takes it.
    #[schema(max_length = 500)]
    pub(crate) filter: String,
    /// Whether everybody gets it.
    #[serde(default)]
    pub(crate) shared: bool,
}

/// What changes about a view; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ViewPatch {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub(crate) filter: Option<String>,
    #[serde(default)]
    pub(crate) shared: Option<bool>,
}

/// Whether the caller's list begins with a view.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChosenView)]
pub(crate) struct Chosen {
    pub(crate) chosen: bool,
}

/// The caller's own views, and those that others share.
#[utoipa::path(get, path = "/views", tag = "me", operation_id = "listViews",
    responses((status = 200, description = "The views.", body = List<SavedView>)))]
pub(crate) async fn list(State(app): State<App>, session: Session) -> Result<Json<List<SavedView>>, Problem> {
    let value = of_caller(&app, &session).await?;
    Ok(Json(List { value, next_link: None }))
}

/// The views that a caller has: its own first, then those that others share.
pub(crate) async fn of_caller(app: &App, session: &Session) -> Result<Vec<SavedView>, Problem> {
    match app.desk.file(session.caller.user).await?.part {
        Part::User(user) => of_user(app, session.caller.user, &user).await,
        _ => Ok(Vec::new()),
    }
}

/// The views that a user has.
pub(crate) async fn of_user(app: &App, account: AccountId, user: &UserFile) -> Result<Vec<SavedView>, Problem> {
    // Names of views are for colleagues: who may not read customers' data reads them too.
    let reader = Reader::of_own(app);
    let chosen = |list: ViewOf, id: ViewId| user.desk.chosen.get(&list) == Some(&id);
    let mut views = Vec::new();
    for (id, view) in &user.desk.views {
        let Personal::Open { value: name } = reader.open(account, &view.name).await else { continue };
        let (filter, chosen) = (view.filter.clone(), chosen(view.list, *id));
        views.push(SavedView { id: *id, list: view.list, name, filter, shared: view.shared, own: true, chosen });
    }
    for listed in rows::views::shared(&app.desk.store).await? {
        let (owner, row) = (listed.account, listed.row);
        if owner == account {
            continue;
        }
        let Personal::Open { value: name } = reader.open(owner, &row.name).await else { continue };
        let chosen = chosen(row.list, row.view);
        views.push(SavedView {
            id: row.view,
            list: row.list,
            name,
            filter: row.filter,
            shared: true,
            own: false,
            chosen,
        });
    }
    views.sort_by(|one, other| {
        (!one.own, one.list, one.name.to_lowercase(), one.id).cmp(&(
            !other.own,
            other.list,
            other.name.to_lowercase(),
            other.id,
        ))
    });
    Ok(views)
}

/// Keeps a view.
#[utoipa::path(post, path = "/views", tag = "me", operation_id = "addView", request_body = NewView,
    responses((status = 201, description = "The view.", body = SavedView)))]
pub(crate) async fn add(
    State(app): State<App>,
    session: Session,
    Sent(new): Sent<NewView>,
) -> Result<Created<SavedView>, Problem> {
    let id = ViewId(new_id(&app, &session, "view"));
    let version = save(&app, &session, id, new, true).await?;
    let body = one(&app, &session, id).await?;
    Ok(Created { version, location: format!("{API}/views/{id}"), body })
}

/// Changes one of the caller's own views.
#[utoipa::path(patch, path = "/views/{id}", tag = "me", operation_id = "changeView", request_body = ViewPatch,
    responses((status = 200, description = "The view.", body = SavedView)))]
pub(crate) async fn change(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(patch): Sent<ViewPatch>,
) -> Result<Tagged<SavedView>, Problem> {
    let id: ViewId = ids.first()?;
    let known = one(&app, &session, id).await?;
    if !known.own {
        return Err(Code::NotFound.into());
    }
    let changed = NewView {
        list: known.list,
        name: patch.name.unwrap_or(known.name),
        filter: patch.filter.unwrap_or(known.filter),
        shared: patch.shared.unwrap_or(known.shared),
    };
    let version = save(&app, &session, id, changed, false).await?;
    Ok(Tagged { version, body: one(&app, &session, id).await? })
}

/// Deletes one of the caller's own views.
#[utoipa::path(delete, path = "/views/{id}", tag = "me", operation_id = "deleteView",
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn delete(State(app): State<App>, session: Session, ids: Ids) -> Result<StatusCode, Problem> {
    let view: ViewId = ids.first()?;
    on_own(&app, session.caller.user, AccountKind::User, None, |seen| {
        if !user_in(seen.file)?.desk.views.contains_key(&view) {
            return Err(Code::NotFound.into());
        }
        Ok(vec![told(&session, seen.at, Body::ViewDeleted(ViewDeleted { view }))])
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets the caller's list begin with a view, its own or a shared one, or as it begins for everybody.
#[utoipa::path(post, path = "/views/{id}:choose", tag = "me", operation_id = "chooseView", request_body = Chosen,
    responses((status = 200, description = "The view.", body = SavedView)))]
pub(crate) async fn choose(
    State(app): State<App>,
    session: Session,
    ids: Ids,
    Sent(wish): Sent<Chosen>,
) -> Result<Tagged<SavedView>, Problem> {
    let known = one(&app, &session, ids.first()?).await?;
    let chosen = ViewChosen { list: known.list, view: wish.chosen.then_some(known.id) };
    let acted = on_own(&app, session.caller.user, AccountKind::User, None, |seen| {
        let own = &user_in(seen.file)?.desk.chosen;
        let is_so = own.get(&known.list) == Some(&known.id);
        let is_done = is_so == wish.chosen;
        Ok(if is_done { Vec::new() } else { vec![told(&session, seen.at, Body::ViewChosen(chosen))] })
    })
    .await?;
    Ok(Tagged { version: acted.file.version, body: one(&app, &session, known.id).await? })
}

/// A view that the caller has.
pub(crate) async fn one(app: &App, session: &Session, id: ViewId) -> Result<SavedView, Problem> {
    let found = of_caller(app, session).await?.into_iter().find(|view| view.id == id);
    found.ok_or_else(|| Code::NotFound.into())
}

/// Records a view; gives the version of the account.
async fn save(app: &App, session: &Session, view: ViewId, new: NewView, is_new: bool) -> Result<u64, Problem> {
    checked_text("name", &new.name, MAX_LABEL_CHARS)?;
    check_filter(app, session, new.list, &new.filter).await?;
    if new.shared && !session.caller.may(Permission::ViewShare) {
        return Err(Problem::roles(roles_allowing(Permission::ViewShare)));
    }
    let account = session.caller.user;
    let sealed = app.vault.seal(account, Retention::Contact, &new.name.trim().to_owned()).await;
    let name = sealed.map_err(|error| Problem::internal(&error))?;
    let saved = ViewSaved { view, list: new.list, name, filter: new.filter.trim().to_owned(), shared: new.shared };
    let acted = on_own(app, account, AccountKind::User, None, |seen| {
        let is_there = has(seen.file, view)?;
        if is_new && is_there {
            return Ok(Vec::new());
        }
        if !is_new && !is_there {
            return Err(Code::NotFound.into());
        }
        if !is_there && user_in(seen.file)?.desk.views.len() >= MAX_VIEWS {
            return Err(Problem::from(Code::TooMany).with("limit", MAX_VIEWS.to_string()));
        }
        Ok(vec![told(session, seen.at, Body::ViewSaved(saved.clone()))])
    })
    .await?;
    Ok(acted.file.version)
}

fn has(file: &AccountFile, view: ViewId) -> Result<bool, Problem> {
    Ok(user_in(file)?.desk.views.contains_key(&view))
}

/// A filter that its list does not take is no view: it is tried, so that every word of it is looked at.
async fn check_filter(app: &App, session: &Session, list: ViewOf, filter: &str) -> Result<(), Problem> {
    if filter.len() > MAX_FILTER_BYTES {
        return Err(Problem::field("filter", format!("at most {MAX_FILTER_BYTES} bytes are taken")));
    }
    let listing = Listing::trying(filter)?;
    match list {
        ViewOf::Cases => cases::page_of(app, session, &listing).await.map(drop),
        ViewOf::Signals => signals::page_of(app, session, &listing).await.map(drop),
        ViewOf::Notices => alerts::page_of(app, session, &listing).await.map(drop),
        ViewOf::Customers => customers::page_of(app, session, &listing).await.map(drop),
        ViewOf::Actions => actions::page_of(app, session, &listing).await.map(drop),
    }
}
