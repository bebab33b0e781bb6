//! The demonstration's own doors: in as one of its four people by one click, and the code that their app would show.
//! Nobody comes in here where anything is real.

use super::bare::Bare;
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::sign_in::entering::{begin, put_session};
use crate::sign_in::{cookie, proofs, totp};
use axum::extract::{Path, State};
use axum::response::Response;
use domain::credentials::Proof;
use domain::permission::Role;
use maud::{Markup, html};
use std::collections::BTreeSet;
use store::rows;

/// The people that are looked through; the demonstration has four.
const MAX_PEOPLE: u32 = 100;
/// Its people, in the order of the story.
const PEOPLE: [Role; 4] =
    [Role::AdminAgent, Role::GlobalAdministrator, Role::BillingAdministrator, Role::UserAdministrator];

/// Lets somebody in as the person with a role.
pub(crate) async fn send(State(app): State<App>, Path(role): Path<String>, bare: Bare) -> Result<Response, Problem> {
    let role = Role::from_word(&role).filter(|_| app.presentation.demo).ok_or(Code::NotFound)?;
    cookie::check_origin(&bare.headers, true)?;
    let only = BTreeSet::from([role]);
    let people = rows::users::list(&app.desk.store, &rows::Filter::default(), None, MAX_PEOPLE).await?.items;
    let person =
        people.into_iter().find(|listed| listed.row.active && listed.row.roles == only).ok_or(Code::NotFound)?;
    let begun = begin(&app, person.account, Proof::Link, &bare.headers, false).await?;
    let mut response = Bare::go("/");
    put_session(&mut response, &bare.headers, &begun);
    Ok(response)
}

/// The buttons on the page to sign in.
pub(crate) fn ways(app: &App, bare: &Bare) -> Markup {
    html! {
        @if app.presentation.demo {
            section aria-labelledby="demo-title" {
                h2 id="demo-title" { (bare.t("demo-enter")) }
                p { (bare.t("demo-enter-hint")) }
                @for role in PEOPLE {
                    form method="post" action={ "/demo/sign-in/" (role.word()) } {
                        button.primary type="submit" { (bare.t(&format!("role-{}", role.word().replace('_', "-")))) }
                    }
                }
            }
        }
    }
}

/// What the person's app would show now; nothing outside the demonstration.
pub(crate) async fn code(app: &App, session: &Session) -> Result<Option<String>, Problem> {
    if !app.presentation.demo {
        return Ok(None);
    }
    let user = proofs::user(app, session.caller.user).await?;
    let Some(sealed) = user.credentials.totp else { return Ok(None) };
    let opened = app.vault.open(session.caller.user, &sealed).await.map_err(|error| Problem::internal(&error))?;
    Ok(opened.and_then(|secret: String| totp::code(&secret, totp::step_at(app.doors().clock.now()))))
}
