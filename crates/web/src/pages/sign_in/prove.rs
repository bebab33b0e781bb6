//! Proving anew who one is, before an act that demands it.

use super::demo;
use super::enter::Next;
use crate::app::App;
use crate::pages::form::{self, Form};
use crate::pages::page::Page;
use crate::pages::preferences::local;
use crate::problem::Problem;
use crate::reauthentication::proved;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::file::Part;
use maud::{Markup, html};

/// The form: a code of the app, or the way to Entra ID.
pub(crate) async fn show(State(app): State<App>, Query(next): Query<Next>, page: Page) -> Result<Response, Problem> {
    let main = main(&app, &page, &Form::default(), &next.next).await?;
    Ok(page.show("prove-title", &main))
}

/// Takes the code, and goes back to where it was asked for.
pub(crate) async fn send(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let next = form.text("next").to_owned();
    match proved(&app, &page.session, form.text("code")).await {
        Ok(()) => Ok(page.done(&local(&next), "done-proved")),
        Err(problem) => {
            let status = problem.code.status();
            let main = main(&app, &page, &form.with(problem), &next).await?;
            Ok(page.show_as(status, &page.t("prove-title"), &main))
        }
    }
}

async fn main(app: &App, page: &Page, form: &Form, next: &str) -> Result<Markup, Problem> {
    let is_of_entra = match app.desk.file(page.session.caller.user).await?.part {
        Part::User(user) => user.credentials.entra.is_some(),
        _ => false,
    };
    let shown = demo::code(app, &page.session).await?;
    Ok(html! {
        h1 { (page.t("prove-title")) }
        p { (page.t("prove-text")) }
        @if let Some(code) = shown {
            p.hint { (page.t("demo-code")) " " code { (code) } }
        }
        (form::problem(page, form))
        @if is_of_entra {
            p { a.button.primary href="/prove/entra" { (page.t("prove-entra")) } }
        } @else {
            form.narrow method="post" action="/prove" {
                (form::hidden(app, page))
                input type="hidden" name="next" value=(local(next));
                (form::text(page, &Form::default(), "code", "totp-code", "text", 64))
                button.primary type="submit" { (page.t("prove-send")) }
            }
        }
    })
}
