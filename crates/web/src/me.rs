//! The caller itself: who it is and what it may do.

use crate::app::App;
use crate::body::Tagged;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::users::UserView;
use axum::extract::State;
use domain::permission::Permission;
use serde::Serialize;
use store::rows;

/// The caller.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    #[serde(flatten)]
    user: UserView,
    /// The token that was shown, or the name of the session.
    token: uuid::Uuid,
    /// What a change by the cookie of a session carries as `Borgen-Csrf`; absent with a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    /// What the caller may do.
    #[schema(value_type = Vec<String>)]
    permissions: Vec<Permission>,
    /// The language that is spoken with it.
    language: &'static str,
}

/// Who the caller is and what it may do.
#[utoipa::path(get, path = "/me", tag = "me", operation_id = "getMe",
    responses((status = 200, description = "The caller.", body = Me)))]
pub(crate) async fn get(State(app): State<App>, session: Session) -> Result<Tagged<Me>, Problem> {
    let found = rows::users::get(&app.desk.store, session.caller.user).await?;
    let listed = found.ok_or_else(|| Problem::from(Code::NotFound))?;
    let version = listed.version;
    let body = Me {
        user: UserView::of(&app, listed).await,
        token: session.token.0,
        csrf: session.held.as_ref().map(|held| held.csrf.clone()),
        permissions: Permission::ALL.into_iter().filter(|permission| session.caller.may(*permission)).collect(),
        language: session.language.code(),
    };
    Ok(Tagged { version, body })
}
