//! The audit log: every sealed fact of every account with its reasons, the newest first, the newest signed checkpoint,
//! and the way to the export that proves itself.

use super::form::{self, Form};
use super::names::Names;
use super::page::Page;
use super::{facts, lists, pieces};
use crate::app::App;
use crate::audit::facts_before;
use crate::checking::checked;
use crate::problem::Problem;
use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use store::Checkpoint;

/// The most facts of one page.
const MAX_FACTS: u32 = 50;

/// From where on the log is read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    before: String,
}

/// The page.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let read = |text: &str| text.parse().map_err(|_| Problem::parameter("before", "it is no position in the log"));
    let before = Some(wanted.before.as_str()).filter(|before| !before.is_empty()).map(read).transpose()?;
    let (found, next) = facts_before(&app, &page.session, before, MAX_FACTS).await?;
    let mut names = Names::new(&app, &page);
    let mut rows = Vec::with_capacity(found.len());
    for fact in &found {
        rows.push(facts::row(&page, fact, &mut names, true).await?);
    }
    let next = next.map(|before| format!("/audit?before={before}"));
    let list = lists::rows(&page, "audit", &facts::head(&page, true), &rows, next.as_deref());
    if page.wants("audit-more") {
        return Ok(page.part(list));
    }
    let checkpoint = app.desk.store.last_checkpoint().await?;
    let main = html! {
        h1 { (page.t("audit-title")) }
        p.sub { (page.t("audit-text")) }
        (proof(&page, checkpoint.as_ref()))
        (check_form(&app, &page))
        @if rows.is_empty() { (pieces::empty(&page, "audit-empty", "audit-empty-text")) } @else { (list) }
    };
    Ok(page.show("audit-title", &main))
}

/// The button that has the journal checked.
fn check_form(app: &App, page: &Page) -> Markup {
    html! {
        @if app.presentation.journal_key.is_some() {
            form.card method="post" action="/audit/check" {
                (form::hidden(app, page))
                p.hint { (page.t("audit-check-hint")) }
                button { (page.t("audit-check")) }
            }
        }
    }
}

/// Has the journal checked, and says what was found.
pub(crate) async fn check(State(app): State<App>, page: Page, _form: Form) -> Result<Response, Problem> {
    let check = checked(&app, &page.session).await?;
    let count = |number: u64| page.formats.count(usize::try_from(number).unwrap_or(usize::MAX));
    let is_sound = check.wrong == 0;
    let main = html! {
        p { a href="/audit" data-back { "← " (page.t("audit-title")) } }
        h1 { (page.t("audit-checked")) }
        div class={ "message " (if is_sound { "good" } else { "bad" }) } role="status" {
            p { strong { (page.t(if is_sound { "audit-sound" } else { "audit-not-sound" })) } }
            @if !is_sound { ul { @for finding in &check.findings { li { (finding) } } } }
        }
        dl.facts {
            (pieces::pair(&page, "audit-sealed", &html! { (count(check.facts)) }))
            (pieces::pair(&page, "audit-accounts", &html! { (count(check.accounts)) }))
            (pieces::pair(&page, "audit-covered", &html! { (count(check.signed)) }))
            (pieces::pair(&page, "audit-root", &html! { code { (check.root) } }))
        }
        p.hint { (page.t("audit-not-proven")) }
    };
    Ok(page.show("audit-checked", &main))
}

/// What proves that nothing was changed: the newest signed checkpoint and the export.
fn proof(page: &Page, checkpoint: Option<&Checkpoint>) -> Markup {
    html! {
        section.card aria-labelledby="proof" {
            h2 id="proof" { (page.t("audit-proof")) }
            @if let Some(checkpoint) = checkpoint {
                dl.facts {
                    (pieces::pair(page, "audit-sealed", &html! { (page.formats.count(usize::try_from(checkpoint.size).unwrap_or(usize::MAX))) }))
                    (pieces::pair(page, "audit-signed", &html! { (pieces::time(page, checkpoint.at)) " (" (pieces::ago(page, checkpoint.at)) ")" }))
                    (pieces::pair(page, "audit-root", &html! { code { (checkpoint.root) } }))
                    (pieces::pair(page, "audit-origin", &html! { code { (checkpoint.origin) } }))
                }
                details { summary { (page.t("audit-note")) } pre tabindex="0" { (checkpoint.note) } p.hint { (page.t("audit-note-hint")) } }
            } @else { p { (page.t("audit-nothing-signed")) } }
            p { a.button href="/api/v1/audit/export" download="borgen-audit.ndjson" { (page.t("audit-export")) } }
            p.hint { (page.t("audit-export-hint")) " " code { "borgen audit verify borgen-audit.ndjson" } }
        }
    }
}
