//! Connections: whether each works, which part does not and what it may lack, whether actions are sent at all and whether
//! their cap is lifted, and what waits for a tenant to become known.

use super::form::{self, Form};
use super::names::Names;
use super::page::Page;
use super::{incidents, pieces};
use crate::app::App;
use crate::body::{BasedOn, Ids, Sent, etag};
use crate::connections::{Switch, switch_actions};
use crate::lifts;
use crate::problem::{Code, Problem};
use crate::reauthentication::Reauthenticated;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::AccountId;
use domain::permission::Permission;
use jiff::SignedDuration;
use maud::{Markup, html};
use std::collections::BTreeMap;
use store::ParkedTenant;
use store::rows::connections::ConnectionRow;
use store::rows::{self, Listed};

/// Where the page is.
const HERE: &str = "/connections";
/// The most connections that are shown; a partner has one for each of its own tenants.
const MAX_SHOWN: u32 = 200;
/// The most tenants whose events wait that are shown.
const MAX_PARKED: u32 = 50;
/// The parts that every connection has.
const PARTS: [&str; 4] = ["customers", "alerts", "audit", "posture"];
/// The figure that says how far behind a part of the sync is.
const LAG: &str = "borgen_sync_lag_seconds{source=\"";

/// The page.
pub(crate) async fn show(State(app): State<App>, page: Page) -> Result<Response, Problem> {
    whole(&app, &page, None, &Form::default()).await
}

async fn whole(app: &App, page: &Page, at: Option<AccountId>, typed: &Form) -> Result<Response, Problem> {
    let found = rows::connections::list(&app.desk.store, &rows::Filter::default(), None, MAX_SHOWN).await?;
    let parked = app.desk.store.parked_tenants("", MAX_PARKED).await?;
    let lags = lags(&app.metrics_text.render());
    let lifted = lifted(app, page).await?;
    let empty = Form::default();
    let main = html! {
        h1 { (page.t("connections-title")) }
        @if found.items.is_empty() { (pieces::empty(page, "connections-empty", "connections-empty-text")) }
        @for listed in &found.items {
            (connection(app, page, listed, lifted.get(&listed.account), if at == Some(listed.account) { typed } else { &empty }))
        }
        (freshness(page, &lags))
        (waiting(page, &parked))
    };
    let status = typed.problem().map_or(StatusCode::OK, |problem| problem.code.status());
    Ok(page.show_as(status, &page.t("connections-title"), &main))
}

/// What stands about the caps that are lifted now, by connection.
async fn lifted(app: &App, page: &Page) -> Result<BTreeMap<AccountId, Markup>, Problem> {
    let (mut names, mut told) = (Names::new(app, page), BTreeMap::new());
    for one in lifts::in_force(app).await? {
        let link = html! { a href="/incidents" { (page.t("lifted-in-incident")) } };
        told.insert(one.connection, html! { (incidents::lift(page, &one, &mut names).await?) " · " (link) });
    }
    Ok(told)
}

fn connection(app: &App, page: &Page, listed: &Listed<ConnectionRow>, lift: Option<&Markup>, typed: &Form) -> Markup {
    let row = &listed.row;
    html! {
        section.card aria-labelledby={ "connection-" (listed.account) } {
            h2 id={ "connection-" (listed.account) } { (row.label) }
            p { (pieces::state(page, "connection", if row.faults.is_empty() { "healthy" } else { "faulty" })) }
            dl.facts {
                (pieces::pair(page, "connection-tenant", &html! { code { (row.partner_tenant) } }))
                (pieces::pair(page, "customer-cloud", &html! { (page.word("cloud", row.cloud.word())) }))
                (pieces::pair(page, "customer-posture", &html! {
                    @match &row.posture_day { Some(day) => (page.ta("customer-posture-until", &[("day", day.clone())])), None => (page.t("customer-posture-none")) }
                }))
                (pieces::pair(page, "connection-keys", &html! { (page.formats.count(row.keys.len())) }))
                (pieces::pair(page, "customer-actions-on", &html! { (page.t(if row.actions_on { "connection-on" } else { "connection-off" })) }))
                @if let Some(lift) = lift { (pieces::pair(page, "lifted-cap", lift)) }
            }
            h3 { (page.t("connection-parts")) }
            ul {
                @for (part, fault) in parts(row) {
                    li { strong { (part_name(page, part)) } ": " @match fault { Some(fault) => { (page.t("microsoft-said")) " " code { (fault) } }, None => (page.t("connection-works")) } }
                }
            }
            p.hint { (page.t("connection-parts-hint")) " " code { "borgen doctor" } }
            (switch_form(app, page, listed, typed))
        }
    }
}

/// Every part of the sync, and what does not work with it. Each needs its own permission at Microsoft.
fn parts(row: &ConnectionRow) -> Vec<(&str, Option<&str>)> {
    let others = row.faults.keys().map(String::as_str).filter(|part| !PARTS.contains(part));
    PARTS.into_iter().chain(others).map(|part| (part, row.faults.get(part).map(String::as_str))).collect()
}

/// A part of the sync in words; a part of a later release as it is called.
fn part_name(page: &Page, part: &str) -> String {
    let key = format!("sync-{}", part.replace('_', "-"));
    let text = page.t(&key);
    if text == key { part.to_owned() } else { text }
}

fn switch_form(app: &App, page: &Page, listed: &Listed<ConnectionRow>, typed: &Form) -> Markup {
    let on = listed.row.actions_on;
    html! {
        form method="post" action={ (HERE) "/" (listed.account) "/actions" } {
            (form::hidden(app, page)) (form::state(&etag(listed.version))) (form::problem(page, typed))
            input type="hidden" name="on" value=(!on);
            p { (page.t(if on { "connection-switch-off-text" } else { "connection-switch-on-text" })) }
            (pieces::button(page, if on { "connection-switch-off" } else { "connection-switch-on" }, if on { "danger" } else { "" }, Permission::ActionSwitch))
        }
    }
}

/// How far behind each part of the sync is, as this program measures it.
fn lags(metrics: &str) -> Vec<(String, SignedDuration)> {
    let read = |line: &str| {
        let (part, rest) = line.strip_prefix(LAG)?.split_once("\"}")?;
        let whole = rest.trim().split('.').next()?;
        Some((part.to_owned(), SignedDuration::from_secs(whole.parse().ok()?)))
    };
    metrics.lines().filter_map(read).collect()
}

fn freshness(page: &Page, lags: &[(String, SignedDuration)]) -> Markup {
    html! {
        section.card aria-labelledby="freshness" {
            h2 id="freshness" { (page.t("connections-lag")) }
            @if lags.is_empty() { p { (page.t("connections-no-lag")) } } @else {
                p.hint { (page.t("connections-lag-hint")) }
                dl.facts { @for (part, lag) in lags { div { dt { (part_name(page, part)) } dd { (page.formats.span(*lag)) } } } }
            }
        }
    }
}

fn waiting(page: &Page, parked: &[ParkedTenant]) -> Markup {
    html! {
        section.card aria-labelledby="parked" {
            h2 id="parked" { (page.t("parked-title")) }
            p.hint { (page.t("parked-hint")) }
            @if parked.is_empty() { p { (page.t("parked-empty")) } } @else {
                div.scroll { table.cards {
                    thead { tr { th scope="col" { (page.t("customer-tenant")) } th.right scope="col" { (page.t("parked-events")) } th.right scope="col" { (page.t("parked-dropped")) } th scope="col" { (page.t("parked-first")) } } }
                    tbody { @for one in parked { tr {
                        td { span.name { code { (one.tenant) } } }
                        td.right data-name=(page.t("parked-events")) { (one.events) }
                        td.right data-name=(page.t("parked-dropped")) { (one.dropped) }
                        td data-name=(page.t("parked-first")) { (pieces::ago(page, one.first_at)) }
                    } } }
                } }
            }
        }
    }
}

/// Switches on whether changes are sent to Microsoft, or off. Switching on needs a fresh second factor.
pub(crate) async fn switch(
    State(app): State<App>,
    page: Page,
    ids: Ids,
    proved: Reauthenticated,
    form: Form,
) -> Result<Response, Problem> {
    let at: AccountId = ids.first()?;
    let on = form.has("on", "true");
    let (session, based_on) = (page.session.clone(), BasedOn::of(form.text(form::STATE_FIELD)));
    match switch_actions(State(app.clone()), session, ids, based_on, proved, Sent(Switch { on })).await {
        Ok(_) => Ok(page.done(HERE, if on { "done-switched-on" } else { "done-switched-off" })),
        Err(problem) if problem.code == Code::ReauthenticationNeeded => Ok(page.go("/prove?next=%2Fconnections")),
        Err(problem) if problem.code == Code::NotFound => Err(problem),
        Err(problem) => whole(&app, &page, Some(at), &form.with(problem)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_are_read_from_the_figures() {
        let text = "# HELP x\nborgen_sync_lag_seconds{source=\"alerts\"} 61\nborgen_sync_lag_seconds{source=\"usage\"} 3.5\nother 1\n";
        let read = lags(text);
        assert_eq!(
            read,
            [("alerts".to_owned(), SignedDuration::from_secs(61)), ("usage".to_owned(), SignedDuration::from_secs(3))]
        );
    }
}
