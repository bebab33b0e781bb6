//! The views that a person keeps: their addresses under a name, renamed, shared, chosen as where a list begins, deleted.

use super::form::{self, Form};
use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::body::{Ids, Sent};
use crate::problem::{Code, Problem};
use crate::views::{self, Chosen, NewView, SavedView, ViewPatch};
use axum::extract::State;
use axum::response::Response;
use domain::permission::Permission;
use domain::views::ViewOf;
use maud::{Markup, html};

/// Where the page is.
const HERE: &str = "/views";

/// The page.
pub(crate) async fn show(State(app): State<App>, page: Page) -> Result<Response, Problem> {
    let main = main(&app, &page, &Form::default());
    Ok(page.show("views-title", &main))
}

/// A view by its name's address: it leads to its list, whatever its filter is by now.
pub(crate) async fn open(State(app): State<App>, page: Page, ids: Ids) -> Result<Response, Problem> {
    let view = views::one(&app, &page.session, ids.first()?).await?;
    Ok(page.go(&view.address()))
}

/// Keeps the filter of a list under a name.
pub(crate) async fn add(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let list = ViewOf::from_word(form.text("list")).ok_or(Code::BadRequest)?;
    let text = |name: &str| form.text(name).to_owned();
    let new = NewView { list, name: text("name"), filter: text("filter"), shared: form.has("shared", "yes") };
    let added = match views::add(State(app.clone()), page.session.clone(), Sent(new)).await {
        Ok(added) => added.body,
        Err(problem) => return Ok(again(&app, &page, form, problem)),
    };
    if form.has("chosen", "yes") {
        let wish = Sent(Chosen { chosen: true });
        views::choose(State(app), page.session.clone(), Ids::of(&added.id), wish).await?;
    }
    Ok(page.done(&added.address(), "done-view-saved"))
}

/// Renames, shares or changes a view.
pub(crate) async fn change(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let patch = ViewPatch {
        name: Some(form.text("name").to_owned()),
        filter: Some(form.text("filter").to_owned()),
        shared: Some(form.has("shared", "yes")),
    };
    match views::change(State(app.clone()), page.session.clone(), ids, Sent(patch)).await {
        Ok(_) => Ok(page.done(HERE, "done-view-changed")),
        Err(problem) => Ok(again(&app, &page, form, problem)),
    }
}

/// Deletes a view.
pub(crate) async fn delete(State(app): State<App>, page: Page, ids: Ids, _form: Form) -> Result<Response, Problem> {
    views::delete(State(app), page.session.clone(), ids).await?;
    Ok(page.done(HERE, "done-view-deleted"))
}

/// Lets a list begin with a view, or no longer.
pub(crate) async fn choose(State(app): State<App>, page: Page, ids: Ids, form: Form) -> Result<Response, Problem> {
    let wish = Chosen { chosen: form.has("chosen", "true") };
    views::choose(State(app), page.session.clone(), ids, Sent(wish)).await?;
    Ok(page.done(HERE, "done-view-chosen"))
}

fn again(app: &App, page: &Page, form: Form, problem: Problem) -> Response {
    let status = problem.code.status();
    let main = main(app, page, &form.with(problem));
    page.show_as(status, &page.t("views-title"), &main)
}

fn main(app: &App, page: &Page, form: &Form) -> Markup {
    html! {
        h1 { (page.t("views-title")) }
        p.sub { (page.t("views-text")) }
        (form::problem(page, form))
        @if page.views.is_empty() { (pieces::empty(page, "views-empty", "views-empty-text")) }
        @for view in &page.views { (one(app, page, view)) }
    }
}

fn one(app: &App, page: &Page, view: &SavedView) -> Markup {
    let below = format!("{HERE}/{}", view.id);
    let list = page.word("view-of", view.list.word());
    html! {
        section.card id={ "view-" (view.id) } aria-labelledby={ "title-" (view.id) } {
            h2 id={ "title-" (view.id) } { a href=(below) { (view.name) } }
            p.meta {
                (list) " · " (page.t(if view.own { "view-own" } else { "view-others" }))
                @if view.shared && view.own { " · " (page.t("view-is-shared")) }
                @if view.chosen { " · " strong { (page.t("view-is-chosen")) } }
            }
            @if view.own {
                form.narrow method="post" action={ (below) "/change" } {
                    (form::hidden(app, page))
                    div.field { label for={ "name-" (view.id) } { (page.t("view-name")) } input id={ "name-" (view.id) } name="name" maxlength="200" required value=(view.name); }
                    div.field { label for={ "filter-" (view.id) } { (page.t("query")) } input id={ "filter-" (view.id) } name="filter" maxlength="500" spellcheck="false" autocapitalize="off" value=(view.filter); }
                    @if page.session.caller.may(Permission::ViewShare) {
                        label.choice { input type="checkbox" name="shared" value="yes" checked[view.shared]; (page.t("view-shared")) }
                    }
                    button { (page.t("view-change")) span.hidden { ": " (view.name) } }
                }
            } @else { p { code { (view.filter) } } }
            div.actions {
                form method="post" action={ (below) "/choose" } {
                    (form::hidden(app, page))
                    input type="hidden" name="chosen" value=(!view.chosen);
                    button { (page.ta(if view.chosen { "view-begin-no-longer" } else { "view-begin-with" }, &[("list", list.clone())])) span.hidden { ": " (view.name) } }
                }
                @if view.own {
                    form method="post" action={ (below) "/delete" } {
                        (form::hidden(app, page))
                        button { (page.t("view-delete")) span.hidden { ": " (view.name) } }
                    }
                }
            }
        }
    }
}
