//! Cases as a list: views are addresses, the query bar has the grammar of the interface for programs, and many cases
//! can be taken or closed at once. Before anything is done to many, it is said for how many it can be done.

use super::form::{self, Form};
use super::lists::{self, List, Shown};
use super::names::Names;
use super::page::Page;
use super::pieces;
use super::snoozes;
use super::today::left;
use super::words;
use crate::app::App;
use crate::body::{BasedOn, MAX_NOTE_CHARS};
use crate::cases::acts::{Claim, Close};
use crate::cases::{acts, clock, page_of, seen};
use crate::listing::Listing;
use crate::problem::{Code, Problem};
use axum::extract::{Query, State};
use axum::response::Response;
use domain::cases::{Outcome, at_stake};
use domain::ids::CaseId;
use domain::notices::AlertStatus;
use domain::permission::Permission;
use domain::policy::Policy;
use domain::snoozes::ALWAYS_SHOWN;
use domain::views::ViewOf;
use maud::{Markup, html};
use store::rows;
use store::rows::Listed;
use store::rows::cases::CaseRow;

/// The most cases that one act takes, selected one by one or all that match the filter.
const MAX_SELECTED: u32 = 500;

/// The list.
const LIST: List<'static> = List {
    of: Some(ViewOf::Cases),
    path: "/cases",
    title: "cases-title",
    text: None,
    help: "cases-query-help",
    empty: ("cases-empty", "cases-empty-text"),
    views: &[
        ("view-open", "status:open"),
        ("view-mine", "status:open owner:me"),
        ("view-critical", "status:open severity:critical"),
        ("view-mining", "status:open story:mining"),
        ("view-snoozed", "status:snoozed"),
        ("view-closed", "status:closed"),
    ],
    first: "status:open",
};

/// What can be done with many cases at once.
const VERBS: [&str; 6] = ["claim", "legitimate", "fraud", "false_alarm", "duplicate", "snooze"];

/// The key of a verb, as on the page of a case.
const fn key_of(verb: &str) -> Option<&'static str> {
    match verb.as_bytes() {
        b"claim" => Some("a"),
        b"legitimate" => Some("e"),
        b"fraud" => Some("f"),
        b"snooze" => Some("s"),
        _ => None,
    }
}

/// The gravest and dearest open case that nobody has taken; the list when there is none.
pub(crate) async fn next(State(app): State<App>, page: Page) -> Result<Response, Problem> {
    let filter = rows::Filter { status: "open".to_owned(), unowned: true, ..rows::Filter::default() };
    match rows::cases::dearest(&app.desk.store, &page.session.caller.scope, &filter).await? {
        Some(listed) => Ok(page.go(&format!("/cases/{}", listed.row.case))),
        None => Ok(page.done("/cases", "done-none-left")),
    }
}

/// The list.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    listing: Result<Listing, Problem>,
) -> Result<Response, Problem> {
    LIST.answer(&page, find(&app, &page, listing).await, |list| {
        html! {
            form method="post" action="/cases/many" {
                (form::hidden(&app, &page))
                input type="hidden" name="back" value=(page.here);
                input type="hidden" name="filter" value=(LIST.filter(&page));
                (list)
                (bulk(&page))
            }
        }
    })
}

async fn find(app: &App, page: &Page, listing: Result<Listing, Problem>) -> Result<Shown, Problem> {
    let listing = LIST.listing(page, listing)?;
    let found = page_of(app, &page.session, &listing).await?;
    let policy = app.policy(page.formats.now).await?;
    let mut names = Names::new(app, page);
    names.meet(found.items.iter().map(|listed| listed.account)).await?;
    let mut rows = Vec::with_capacity(found.items.len());
    for listed in &found.items {
        rows.push(row(page, listed, policy.as_deref(), &mut names).await?);
    }
    let mine = (page.t("owner-me"), "owner:me".to_owned());
    let nobodys = (page.t("owner-nobody"), "owner:nobody".to_owned());
    let chips = lists::severities(page).into_iter().chain([mine, nobodys]).collect();
    Ok(Shown { head: head(page), rows, next: lists::next(&listing, &found), chips })
}

fn head(page: &Page) -> Markup {
    html! { tr {
        th scope="col" { label.choice { span.hidden { (page.t("select-all")) } input type="checkbox" data-select-all; } }
        th scope="col" { (page.t("column-kind")) }
        th scope="col" { (page.t("column-what")) }
        th scope="col" { (page.t("column-customer")) }
        th.right scope="col" { (page.t("column-stake")) }
        th scope="col" { (page.t("column-left")) }
        th scope="col" { (page.t("column-owner")) }
    } }
}

async fn row(
    page: &Page,
    listed: &Listed<CaseRow>,
    policy: Option<&Policy>,
    names: &mut Names<'_>,
) -> Result<Markup, Problem> {
    let row = &listed.row;
    let customer = names.customer(row.account).await?;
    let owner = if let Some(owner) = row.owner {
        names.person(owner).await?
    } else {
        html! { span.none { (page.t("nobody")) } }
    };
    let stake = policy.filter(|_| row.closed.is_none()).and_then(|policy| at_stake(row.burn(), policy));
    let clock = clock(row, policy, page.formats.now);
    let story = words::story(page, &row.story);
    Ok(html! {
        tr id={ "case-" (row.case) } data-row {
            td { input type="checkbox" name="case" value=(row.case) data-select aria-label=(page.ta("select-case", &[("what", story.clone())])); }
            td { (pieces::severity(page, row.severity)) }
            td {
                a.name href={ "/cases/" (row.case) } { (story) }
                br;
                span.meta {
                    (page.ta("signals-count", &[("count", row.signals.len().to_string())]))
                    @if !row.alerts.is_empty() { ", " (page.ta("alerts-count", &[("count", row.alerts.len().to_string())])) }
                    " · " (pieces::ago(page, row.last))
                    @if let Some(until) = row.attention.snoozed_until() { " · " (page.t("case-snoozed-until")) " " (pieces::time(page, until)) }
                }
            }
            td data-name=(page.t("column-customer")) { (customer) }
            td.right data-name=(page.t("column-stake")) {
                (pieces::money(page, stake))
                @if let (Some(per_hour), None) = (row.burn(), &row.closed) { p.hint { (page.ta("per-hour", &[("money", page.formats.round_money(per_hour))])) } }
            }
            td data-name=(page.t("column-left")) {
                @match &row.closed {
                    Some(closed) => { (page.word("outcome", closed.outcome.word())) " · " (pieces::ago(page, closed.at)) },
                    None => (left(page, clock.target.or(clock.limit))),
                }
            }
            td data-name=(page.t("column-owner")) { (owner) }
        }
    })
}

/// The verbs for the selected cases. They show what they would do before they do it.
fn bulk(page: &Page) -> Markup {
    let may = page.session.caller.may(Permission::SignalTriage);
    html! {
        div.bulk data-bulk role="group" aria-label=(page.t("bulk")) {
            span { (page.t("bulk-selected")) ": " strong data-selected { "0" } }
            label.choice { input type="checkbox" name="matching" value="yes" data-key="m" disabled[!may]; (page.ta("bulk-matching", &[("count", MAX_SELECTED.to_string())])) }
            @for verb in VERBS {
                button name="verb" value=(verb) disabled[!may] data-key=[key_of(verb)] { (page.word("bulk", verb)) }
            }
            @if !may { (needs_triage(page)) }
        }
    }
}

fn needs_triage(page: &Page) -> Markup {
    let roles = domain::permission::roles_allowing(Permission::SignalTriage);
    html! { span.hint { (page.ta("needs-role", &[("roles", pieces::role_names(page, &roles))])) } }
}

/// A selected case, and why the act can't be done with it.
struct Chosen {
    listed: Listed<CaseRow>,
    against: Option<&'static str>,
}

/// What an act is to take.
struct Selection {
    cases: Vec<Chosen>,
    /// Whether more match than one act takes.
    more: bool,
}

/// The selected cases. Only before somebody is sure can it be all that match: what is done is what was reviewed.
async fn selection(app: &App, page: &Page, verb: &str, form: &Form) -> Result<Selection, Problem> {
    let chosen = |listed: Listed<CaseRow>| Chosen { against: against(page, verb, &listed.row), listed };
    if form.has("matching", "yes") && !form.has("sure", "yes") {
        let listing = Listing::first(form.text("filter"), MAX_SELECTED)?;
        let found = page_of(app, &page.session, &listing).await?;
        return Ok(Selection { more: found.next.is_some(), cases: found.items.into_iter().map(chosen).collect() });
    }
    let ids = form.all("case");
    if u32::try_from(ids.len()).map_or(true, |count| count > MAX_SELECTED) {
        return Err(Problem::from(Code::TooMany).with("limit", MAX_SELECTED.to_string()));
    }
    let mut cases = Vec::with_capacity(ids.len());
    for id in ids {
        let id: CaseId = id.parse().map_err(|_| Code::NotFound)?;
        cases.push(chosen(seen(app, &page.session, id).await?));
    }
    Ok(Selection { cases, more: false })
}

/// Shows what an act would do with the selected cases, then does it.
pub(crate) async fn many(State(app): State<App>, page: Page, form: Form) -> Result<Response, Problem> {
    let verb = VERBS.into_iter().find(|verb| *verb == form.text("verb")).ok_or(Code::BadRequest)?;
    let chosen = selection(&app, &page, verb, &form).await?;
    let back = super::preferences::local(form.text("back"));
    if !form.has("sure", "yes") {
        return review(&app, &page, (verb, &back), &chosen, &form).await;
    }
    if verb == "snooze"
        && let Err(problem) = crate::body::checked_text(snoozes::REASON, form.text(snoozes::REASON), MAX_NOTE_CHARS)
    {
        return review(&app, &page, (verb, &back), &chosen, &form.with(problem)).await;
    }
    let mut done = 0_usize;
    for one in chosen.cases.into_iter().filter(|one| one.against.is_none()) {
        // What somebody else has changed since is left alone, and told by the smaller number.
        match act(&app, &page, verb, &one.listed, &form).await {
            Ok(()) => done += 1,
            Err(problem) if problem.code.status().is_client_error() => {}
            Err(problem) => return Err(problem),
        }
    }
    let message = match verb {
        "claim" => "done-claimed",
        "snooze" => "done-many-snoozed",
        _ => "done-closed",
    };
    Ok(page.done_with(&back, message, done))
}

/// The key of why an act can't be done with a case.
fn against(page: &Page, verb: &str, row: &CaseRow) -> Option<&'static str> {
    match verb {
        _ if row.closed.is_some() => Some("against-closed"),
        "claim" if row.owner == Some(page.session.caller.user) => Some("against-yours"),
        "snooze" if row.severity >= ALWAYS_SHOWN => Some("against-critical"),
        "snooze" if row.alerts.iter().any(|(_, status)| *status != AlertStatus::Resolved) => Some("against-answer"),
        "snooze" if row.signals.is_empty() => Some("against-no-rule"),
        _ => None,
    }
}

async fn act(app: &App, page: &Page, verb: &str, listed: &Listed<CaseRow>, form: &Form) -> Result<(), Problem> {
    let (state, mut session) = (State(app.clone()), page.session.clone());
    // The key of the form is one for all cases: each gets its own out of it.
    if let Some(key) = &mut session.request_key {
        key.0 = format!("{}-{}", key.0, listed.row.case);
    }
    if verb == "snooze" {
        return crate::snoozes::snoozed(app, &session, listed.row.case, &snoozes::of_form(form)).await;
    }
    let (ids, based_on) = (crate::body::Ids::of(&listed.row.case), BasedOn::Version(listed.version));
    if verb == "claim" {
        acts::claim(state, session, ids, based_on, crate::body::Sent(Claim::default())).await?;
        return Ok(());
    }
    let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.word() == verb).ok_or(Code::BadRequest)?;
    // Closing answers what Microsoft waits for: every alert of the case is named.
    let alerts = listed.row.alerts.iter().map(|(id, _)| id.0.clone()).collect();
    let close = Close { outcome, alerts, note: None };
    acts::close(state, session, ids, Ok(Query(acts::Preview::default())), based_on, crate::body::Sent(close)).await?;
    Ok(())
}

async fn review(
    app: &App,
    page: &Page,
    (verb, back): (&str, &str),
    Selection { cases: chosen, more }: &Selection,
    typed: &Form,
) -> Result<Response, Problem> {
    let can = chosen.iter().filter(|one| one.against.is_none()).count();
    let mut names = Names::new(app, page);
    names.meet(chosen.iter().map(|one| one.listed.row.account)).await?;
    let mut rows = Vec::new();
    for one in chosen {
        let customer = names.customer(one.listed.row.account).await?;
        rows.push(html! {
            li {
                (words::story(page, &one.listed.row.story)) ", " (customer)
                @if let Some(against) = one.against { ": " strong { (page.t(against)) } }
            }
        });
    }
    let alerts: usize = chosen.iter().filter(|one| one.against.is_none()).map(|one| one.listed.row.alerts.len()).sum();
    let title = page.word("bulk", verb);
    let main = html! {
        h1 { (title) }
        p { (page.ta("bulk-can", &[("can", can.to_string()), ("all", chosen.len().to_string())])) }
        @if *more { p { strong { (page.ta("bulk-more", &[("count", chosen.len().to_string())])) } } }
        @if !matches!(verb, "claim" | "snooze") && alerts > 0 { p { (page.ta("bulk-answers", &[("count", alerts.to_string())])) } }
        ul { @for row in &rows { (row) } }
        (form::problem(page, typed))
        form method="post" action="/cases/many" {
            @if verb == "snooze" { (snoozes::fields(page, typed)) }
            (form::hidden(app, page))
            input type="hidden" name="verb" value=(verb);
            input type="hidden" name="back" value=(back);
            input type="hidden" name="sure" value="yes";
            @for one in chosen.iter().filter(|one| one.against.is_none()) { input type="hidden" name="case" value=(one.listed.row.case); }
            div.actions {
                button.primary disabled[can == 0] { (title) " (" (can) ")" }
                a.button href=(back) data-back { (page.t("back")) }
            }
        }
    };
    let status = typed.problem().map_or(axum::http::StatusCode::OK, |problem| problem.code.status());
    Ok(page.show_as(status, &title, &main))
}
