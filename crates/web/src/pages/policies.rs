//! Policies: what was published, by whom, from when it decides; the files of one of them with what it changed; and the
//! replay of decisions. Changing files is in `policy_draft`.

use super::form::{self, Form};
use super::lists;
use super::names::Names;
use super::page::Page;
use super::pieces;
use crate::app::App;
use crate::body::{Ids, Sent};
use crate::listing::Listing;
use crate::policies::{PolicyView, page_of, stored};
use crate::problem::{Code, Problem};
use crate::replays::{self, Replays, Wanted};
use axum::extract::State;
use axum::response::Response;
use domain::ids::{AccountId, Hash};
use maud::{Markup, html};

/// Where the page is.
pub(super) const HERE: &str = "/policies";
/// How much of a hash stands where the whole of it is one click away.
const SHORT_HASH_CHARS: usize = 12;

/// What was published, the newest first.
pub(crate) async fn show(State(app): State<App>, page: Page, listing: Listing) -> Result<Response, Problem> {
    let (_, found, next) = page_of(&app, &page.session, &listing).await?;
    let rows: Vec<Markup> = found.iter().map(|policy| row(&page, policy)).collect();
    let in_force = found.iter().find(|policy| policy.in_force).map(|policy| policy.hash.clone());
    let next = listing.page::<()>(Vec::new(), next).next_link;
    let list = lists::rows(&page, "policies", &head(&page), &rows, next.as_deref());
    if page.wants("policies-more") {
        return Ok(page.part(list));
    }
    let main = html! {
        h1 { (page.t("policies-title")) }
        p.sub { (page.t("policies-text")) }
        p.actions {
            @if let Some(hash) = in_force {
                a.button href={ (HERE) "/" (hash) } { (page.t("policies-files-now")) }
                a.button.primary href={ (HERE) "/" (hash) "/edit" } { (page.t("policies-change")) }
            }
        }
        (list)
        form.card method="post" action={ (HERE) "/replay" } aria-labelledby="replay" {
            h2 id="replay" { (page.t("replay-title")) }
            (form::hidden(&app, &page))
            p { (page.t("replay-text")) }
            button type="submit" { (page.t("replay-send")) }
        }
    };
    Ok(page.show("policies-title", &main))
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { (page.t("policy-number")) }
        th scope="col" { (page.t("policy-from")) }
        th scope="col" { (page.t("policy-by")) }
        th scope="col" { (page.t("policy-files")) }
    } }
}

fn row(page: &Page, policy: &PolicyView) -> Markup {
    let waits = policy.from > page.formats.now;
    let state = if policy.in_force {
        "in_force"
    } else if waits {
        "waits"
    } else {
        "past"
    };
    html! {
        tr id={ "policy-" (policy.epoch) } data-row {
            td { a.name href={ (HERE) "/" (policy.hash) } { (policy.epoch) } " " (pieces::state(page, "policy", state)) }
            td data-name=(page.t("policy-from")) { (pieces::time(page, policy.from)) p.hint { (pieces::ago(page, policy.from)) } }
            td data-name=(page.t("policy-by")) {
                @match (&policy.by_name, &policy.by) {
                    (Some(name), _) => (pieces::personal(page, name)),
                    (None, Some(by)) if by != "program" => code { (by) },
                    _ => (page.t("fact-by-program")),
                }
                @if let Some(at) = policy.published { p.hint { (page.t("policy-published")) " " (pieces::time(page, at)) } }
            }
            td data-name=(page.t("policy-files")) { code { (short(&policy.hash)) } " " a href={ (HERE) "/" (policy.hash) "/edit" } { (page.t("policy-edit")) } }
        }
    }
}

fn short(hash: &str) -> String {
    hash.chars().take(SHORT_HASH_CHARS).collect()
}

/// The files of one policy, and what it sets otherwise than the one before it.
pub(crate) async fn one(State(app): State<App>, page: Page, ids: Ids) -> Result<Response, Problem> {
    let hash: Hash = ids.first()?;
    let bundle = stored(&app, hash).await?.ok_or(Code::NotFound)?;
    let timeline = app.desk.policies.refresh().await?;
    let first = timeline.epochs.iter().position(|epoch| epoch.hash == hash);
    let before = first.and_then(|place| place.checked_sub(1)).and_then(|place| timeline.epochs.get(place));
    let changes = match before {
        Some(before) => stored(&app, before.hash).await?.map(|before| before.diff(&bundle)),
        None => None,
    };
    let main = html! {
        p { a href=(HERE) data-back { "← " (page.t("policies-title")) } }
        h1 { (page.t("policy-title")) }
        p.sub { code { (hash) } }
        @if let Some(changes) = changes {
            section.card aria-labelledby="changes" {
                h2 id="changes" { (page.t("policy-changes")) }
                (changed(&page, &changes))
            }
        }
        p { a.button.primary href={ (HERE) "/" (hash) "/edit" } { (page.t("policy-edit-these")) } }
        @for (name, bytes) in bundle.files() {
            details.card { summary { code { (name) } } pre tabindex="0" { (String::from_utf8_lossy(bytes)) } }
        }
    };
    Ok(page.show("policy-title", &main))
}

/// What is set otherwise, value by value.
pub(super) fn changed(page: &Page, changes: &[policy::Change]) -> Markup {
    html! {
        @if changes.is_empty() { p { (page.t("policy-no-change")) } } @else {
            div.scroll tabindex="0" role="group" aria-label=(page.t("policy-changes")) { table.cards {
                thead { tr {
                    th scope="col" { (page.t("policy-file")) }
                    th scope="col" { (page.t("policy-key")) }
                    th scope="col" { (page.t("policy-was")) }
                    th scope="col" { (page.t("policy-becomes")) }
                } }
                tbody { @for change in changes { tr {
                    td { code { (change.file) } }
                    td.long { code.name { (change.key) } }
                    td.long data-name=(page.t("policy-was")) { (value(page, change.before.as_deref())) }
                    td.long data-name=(page.t("policy-becomes")) { (value(page, change.after.as_deref())) }
                } } }
            } }
        }
    }
}

fn value(page: &Page, value: Option<&str>) -> Markup {
    html! { @match value { Some(value) => code { (value) }, None => (pieces::money(page, None)) } }
}

/// Makes decisions again, and says how they came out.
pub(crate) async fn replay(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let wanted = Wanted { customers: None, after: form.maybe("after") };
    let axum::Json(found) = replays::run(State(app.clone()), page.session.clone(), Sent(wanted)).await?;
    let mut names = Names::new(&app, &page);
    let mut rows = Vec::new();
    for one in &found.value {
        let account = AccountId(one.customer);
        let name = names.customer(account).await?;
        rows.push(html! { tr {
            td { a.name href={ "/customers/" (account) } { (name) } }
            td { @if one.same { (page.t("replay-same")) } @else { strong { (page.ta("replay-differs", &[("number", one.differs.unwrap_or(0).to_string())])) } } }
            td.right data-name=(page.t("replay-facts")) { (count(&page, one.facts)) }
            td.right data-name=(page.t("replay-decided")) { (count(&page, one.decided)) }
        } });
    }
    let main = html! {
        p { a href=(HERE) data-back { "← " (page.t("policies-title")) } }
        h1 { (page.t("replay-title")) }
        (verdict(&page, &found))
        div.scroll { table.cards {
            thead { tr {
                th scope="col" { (page.t("column-customer")) }
                th scope="col" { (page.t("replay-verdict")) }
                th.right scope="col" { (page.t("replay-facts")) }
                th.right scope="col" { (page.t("replay-decided")) }
            } }
            tbody { @for row in &rows { (row) } }
        } }
        @if let Some(after) = &found.next_after {
            form method="post" action={ (HERE) "/replay" } {
                (form::hidden(&app, &page))
                input type="hidden" name="after" value=(after);
                button type="submit" { (page.t("replay-next")) }
            }
        }
    };
    Ok(page.show("replay-title", &main))
}

fn verdict(page: &Page, found: &Replays) -> Markup {
    let differ = found.value.iter().filter(|one| !one.same).count();
    let args = |count: usize| [("count", count.to_string())];
    html! {
        @if differ > 0 { div.message.bad role="alert" { p { (page.ta("replay-some-differ", &args(differ))) } } }
        @else { div.message.good role="status" { p { (page.ta("replay-all-same", &args(found.value.len()))) } } }
        @if !found.left_out.is_empty() { p.late { (page.ta("replay-left-out", &args(found.left_out.len()))) } }
    }
}

fn count(page: &Page, count: u64) -> String {
    page.formats.count(usize::try_from(count).unwrap_or(usize::MAX))
}
