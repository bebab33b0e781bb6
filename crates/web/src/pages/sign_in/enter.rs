//! Signing in and out.

use super::bare::{Bare, Field};
use super::demo;
use crate::app::App;
use crate::pages::form::Form;
use crate::pages::page::Page;
use crate::pages::preferences::local;
use crate::problem::Problem;
use crate::sign_in::cookie;
use crate::sign_in::entering::{Peer, Typed, enter, leave as end, put_cookie, put_session};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

/// Where a person wanted to go.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    pub(crate) next: String,
}

/// The form.
pub(crate) async fn show(State(app): State<App>, Query(next): Query<Next>, bare: Bare) -> Response {
    bare.show(StatusCode::OK, "sign-in", &main(&app, &bare, ("", &next.next), None))
}

/// What was typed. Where it is refused the name stays, the secrets do not.
pub(crate) async fn send(
    State(app): State<App>,
    Peer(address): Peer,
    bare: Bare,
    form: Form,
) -> Result<Response, Problem> {
    cookie::check_origin(&bare.headers, true)?;
    let text = |name: &str| form.text(name).to_owned();
    let typed = Typed { name: text("name"), password: text("password"), code: text("code") };
    match enter(&app, &typed, address, &bare.headers).await {
        Ok(begun) => {
            let mut response = Bare::go(&local(form.text("next")));
            put_session(&mut response, &bare.headers, &begun);
            Ok(response)
        }
        Err(problem) => {
            let main = main(&app, &bare, (&typed.name, form.text("next")), Some(&problem));
            Ok(bare.show(problem.code.status(), "sign-in", &main))
        }
    }
}

/// Ends the session.
pub(crate) async fn leave(State(app): State<App>, page: Page, bare: Bare, _form: Form) -> Result<Response, Problem> {
    end(&app, &page.session).await?;
    let mut response = Bare::go("/sign-in");
    put_cookie(&mut response, cookie::with(&bare.headers, "", 0));
    Ok(response)
}

fn main(app: &App, bare: &Bare, (name, next): (&str, &str), problem: Option<&Problem>) -> Markup {
    let field = |name, label, kind, fills, typed| bare.field(&Field { name, label, kind, fills, typed });
    html! {
        h1 { (bare.t("sign-in")) }
        (bare.problem(problem))
        (demo::ways(app, bare))
        form.narrow method="post" action="/sign-in" {
            input type="hidden" name="next" value=(local(next));
            (field("name", "sign-in-name", "text", "username", name))
            (field("password", "sign-in-password", "password", "current-password", ""))
            (field("code", "sign-in-code", "text", "one-time-code", ""))
            p.hint { (bare.t("sign-in-code-hint")) }
            button.primary type="submit" { (bare.t("sign-in")) }
        }
        @if app.doors().entra.is_some() {
            p { a.button href="/sign-in/entra" { (bare.t("sign-in-entra")) } }
        }
    }
}
