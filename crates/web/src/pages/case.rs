//! One case: what we know, why, what it costs, what it rests on, and what to do. What its forms do is in `case_forms`.

use super::cost_line::{Moment, Point, line};
use super::form::Form;
use super::live;
use super::names::Names;
use super::page::Page;
use super::reasons::said;
use super::today::left;
use super::{assets, case_forms, pieces, signals, snoozes, words};
use crate::app::App;
use crate::body::Ids;
use crate::cases::{clock, decisions, seen};
use crate::journal::fact;
use crate::present::Personal;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::body::Body;
use domain::cases::{Mark, at_stake};
use domain::fact::Fact;
use domain::ids::AccountId;
use domain::policy::Policy;
use domain::signals::{Evidence, RuleRef};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use money::Money;
use std::sync::Arc;
use store::rows;
use store::rows::Listed;
use store::rows::actions::ActionRow;
use store::rows::cases::CaseRow;
use store::rows::notices::NoticeRow;
use store::rows::signals::SignalRow;
use store::rows::snoozes::SnoozeRow;

/// The most signals, alerts and actions that one case shows.
const MAX_SHOWN: u32 = 100;

/// What was typed into the forms of the page.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub(crate) close: Form,
    pub(crate) note: Form,
    pub(crate) propose: Form,
    pub(crate) answer: Form,
    pub(crate) claim: Form,
    pub(crate) snooze: Form,
}

/// A signal or alert with what it rests on, as far as the reader may see it.
type WithEvidence<T> = (T, Option<Personal<Evidence>>);

/// Everything that the page shows.
pub(crate) struct Known {
    pub(crate) listed: Listed<CaseRow>,
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) alerts: Vec<WithEvidence<NoticeRow>>,
    pub(crate) actions: Vec<ActionRow>,
    pub(crate) signals: Vec<WithEvidence<SignalRow>>,
    /// What is snoozed of the rules of the case, with why.
    pub(crate) snoozes: Vec<(SnoozeRow, Personal<String>)>,
    decisions: Vec<Fact>,
}

impl Known {
    /// The rules of its signals, each once.
    pub(crate) fn rules(&self) -> Vec<&RuleRef> {
        let mut rules: Vec<&RuleRef> = Vec::new();
        for (signal, _) in &self.signals {
            if rules.iter().all(|known| known.id != signal.rule.id) {
                rules.push(&signal.rule);
            }
        }
        rules
    }

    /// The title of a rule of the case; its id where no signal shown has it.
    pub(crate) fn title_of(&self, page: &Page, rule: &str) -> String {
        let found = self.signals.iter().find(|(signal, _)| signal.rule.id == rule);
        found.map_or_else(|| rule.to_owned(), |(signal, _)| signals::title(page, &signal.rule))
    }
}

/// The page.
pub(crate) async fn show(State(app): State<App>, page: Page, ids: Ids) -> Result<Response, Problem> {
    let position = live::position(&app).await?;
    let known = read(&app, &page, &ids).await?;
    whole(&app, &page, &known, position, &Typed::default()).await
}

/// The page again, with what was typed and what is wrong with it.
pub(crate) async fn again(app: &App, page: &Page, ids: &Ids, typed: &Typed) -> Result<Response, Problem> {
    let position = live::position(app).await?;
    let known = read(app, page, ids).await?;
    whole(app, page, &known, position, typed).await
}

async fn whole(app: &App, page: &Page, known: &Known, position: u64, typed: &Typed) -> Result<Response, Problem> {
    let mut names = Names::new(app, page);
    let row = &known.listed.row;
    let facts = facts(page, known, &mut names).await?;
    if page.wants("facts") {
        return Ok(page.part(facts));
    }
    let title = words::story(page, &row.story);
    let customer = names.customer(row.account).await?;
    let here = format!("/cases/{}", row.case);
    let main = html! {
        p { a href="/cases" data-back { "← " (page.t("cases-title")) } }
        h1 { (title) ", " (customer) }
        p.actions {
            (pieces::severity(page, row.severity))
            (pieces::state(page, "case", crate::cases::status(row)))
            span.sub { (page.t("case-opened")) " " (pieces::time(page, row.opened)) }
        }
        (snoozes::notice(app, page, known))
        div.columns {
            div { (live::part(page, "facts", &here, position, &facts)) }
            div { (case_forms::all(app, page, known, typed)) }
        }
        script defer src=(assets::path("uplot.js")) {}
        link rel="stylesheet" href=(assets::path("uplot.css"));
    };
    let problem = [&typed.close, &typed.note, &typed.propose, &typed.answer, &typed.claim, &typed.snooze]
        .into_iter()
        .find_map(Form::problem);
    let status = problem.map_or(StatusCode::OK, |problem| problem.code.status());
    Ok(page.show_as(status, &title, &main))
}

/// Reads everything that the page shows.
pub(crate) async fn read(app: &App, page: &Page, ids: &Ids) -> Result<Known, Problem> {
    let listed = seen(app, &page.session, ids.first()?).await?;
    let (account, case, store) = (listed.account, listed.row.case, &app.desk.store);
    let reader = app.reader(&page.session);
    let mut signals = Vec::new();
    for Listed { row, .. } in rows::signals::of_case(store, account, case, MAX_SHOWN).await? {
        let evidence = match fact(app, account, row.finding).await?.map(|fact| fact.body) {
            Some(Body::FindingRecorded(found)) => Some(reader.open(account, &found.evidence).await),
            _ => None,
        };
        signals.push((row, evidence));
    }
    let mut alerts = Vec::new();
    for Listed { row, .. } in rows::notices::of_case(store, case, MAX_SHOWN).await? {
        let evidence = match fact(app, account, row.seen).await?.map(|fact| fact.body) {
            Some(Body::AlertSeen(seen)) => Some(reader.open(account, &seen.evidence).await),
            _ => None,
        };
        alerts.push((row, evidence));
    }
    let actions = rows::actions::of_case(store, case, MAX_SHOWN).await?;
    let file = app.desk.file(account).await?;
    let snoozes = snoozes_of(app, page, account, &signals).await?;
    Ok(Known {
        snoozes,
        policy: app.policy(page.formats.now).await?,
        decisions: decisions(app, account, case, file.customer()).await?,
        actions: actions.into_iter().map(|listed| listed.row).collect(),
        listed,
        signals,
        alerts,
    })
}

/// What is snoozed of the rules that the case has signals of.
async fn snoozes_of(
    app: &App,
    page: &Page,
    account: AccountId,
    signals: &[WithEvidence<SignalRow>],
) -> Result<Vec<(SnoozeRow, Personal<String>)>, Problem> {
    let in_force = rows::Filter { status: "in_force".to_owned(), account: Some(account), ..rows::Filter::default() };
    let found = rows::snoozes::list(&app.desk.store, &page.session.caller.scope, &in_force, None, MAX_SHOWN).await?;
    let reader = app.reader(&page.session);
    let mut snoozes = Vec::new();
    for Listed { row, .. } in found.items {
        if signals.iter().any(|(signal, _)| signal.rule.id == row.rule) {
            let reason = reader.open(account, &row.reason).await;
            snoozes.push((row, reason));
        }
    }
    Ok(snoozes)
}

/// The part that is kept up to date: everything but the forms, in which somebody may be typing.
async fn facts(page: &Page, known: &Known, names: &mut Names<'_>) -> Result<Markup, Problem> {
    let row = &known.listed.row;
    let owner = if let Some(owner) = row.owner {
        names.person(owner).await?
    } else {
        html! { span.none { (page.t("nobody")) } }
    };
    Ok(html! {
        (known_card(page, known, &owner))
        (cost_card(page, known))
        (why_card(page, known))
        (evidence_card(page, known))
        @if !known.actions.is_empty() { (actions_card(page, known)) }
    })
}

fn known_card(page: &Page, known: &Known, owner: &Markup) -> Markup {
    let row = &known.listed.row;
    let policy = known.policy.as_deref();
    let clock = clock(row, policy, page.formats.now);
    let places: Vec<String> = known.signals.iter().filter_map(|(signal, _)| signal.region.clone()).collect();
    let sizes: Vec<String> = known.signals.iter().filter_map(|(signal, _)| signal.size.clone()).collect();
    let stake = policy.filter(|_| row.closed.is_none()).and_then(|policy| at_stake(row.burn(), policy));
    let passed = row.marks.iter().map(|mark| page.t(if *mark == Mark::Target { "mark-target" } else { "mark-limit" }));
    html! {
        section.card aria-labelledby="known" {
            h2 id="known" { (page.t("case-known")) }
            dl.facts {
                (pieces::pair(page, "case-since", &html! { (pieces::time(page, row.since)) " (" (pieces::ago(page, row.since)) ")" }))
                (pieces::pair(page, "column-stake", &html! { (pieces::money(page, stake)) }))
                (pieces::pair(page, "case-burn", &html! {
                    (pieces::money(page, row.burn().filter(|_| row.closed.is_none()))) " "
                    @if row.per_hour.is_none() && row.assumed_per_hour.is_some() { span.hint { (page.t("case-assumed")) } }
                }))
                @if let Some(stopped) = row.stopped { (pieces::pair(page, "case-stopped", &pieces::time(page, stopped))) }
                @if row.closed.is_none() {
                    (pieces::pair(page, "case-first-answer", &left(page, clock.target)))
                    (pieces::pair(page, "case-last-answer", &left(page, clock.limit)))
                }
                @if !row.marks.is_empty() { (pieces::pair(page, "case-passed", &html! { (joined(passed)) })) }
                (pieces::pair(page, "column-owner", owner))
                @if !places.is_empty() { (pieces::pair(page, "case-regions", &html! { (distinct(&places)) })) }
                @if !sizes.is_empty() { (pieces::pair(page, "case-sizes", &html! { (distinct(&sizes)) })) }
                @if !row.attacked.is_empty() {
                    (pieces::pair(page, "case-attacked", &html! { @for one in &row.attacked { code { (one) } " " } }))
                }
                @if row.reopened > 0 { (pieces::pair(page, "case-reopened", &html! { (row.reopened) })) }
                @if let Some(closed) = &row.closed {
                    (pieces::pair(page, "case-closed-as", &html! { (page.word("outcome", closed.outcome.word())) ", " (pieces::time(page, closed.at)) }))
                }
            }
        }
    }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

fn distinct(texts: &[String]) -> String {
    let all: std::collections::BTreeSet<&str> = texts.iter().map(String::as_str).collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

/// The points of the cost line, from the decisions that changed the burn rate.
fn points(known: &Known, now: Timestamp) -> Vec<Point> {
    let row = &known.listed.row;
    let rate = |fact: &Fact| match &fact.body {
        Body::CaseOpened(opened) => Some((fact.at, opened.per_hour.or(opened.assumed_per_hour)?)),
        Body::CaseGrown(grown) => Some((fact.at, grown.per_hour?)),
        _ => None,
    };
    let mut rates: Vec<(Timestamp, Money)> = known.decisions.iter().filter_map(rate).collect();
    if let Some(burnt) = row.burnt() {
        rates.push((row.end().map_or(row.last, |end| row.last.min(end)), burnt));
    }
    let hours =
        known.policy.as_deref().map(|policy| SignedDuration::from_hours(i64::from(policy.clocks.hours_to_stop)));
    match row.end() {
        Some(end) => line(row.since, &rates, end, None),
        None => line(row.since, &rates, now, hours),
    }
}

fn cost_card(page: &Page, known: &Known) -> Markup {
    let points = points(known, page.formats.now);
    let lost = points.iter().find(|point| point.what == Moment::Now).map(|point| point.lost);
    html! {
        section.card aria-labelledby="cost" {
            h2 id="cost" { (page.t("case-cost")) }
            @if let Some(lost) = lost {
                p { (page.ta("case-lost", &[("money", page.formats.round_money(lost))])) }
                div.chart data-chart="cost-table" aria-hidden="true" {}
                details { summary { (page.t("case-numbers")) }
                    div.scroll tabindex="0" role="group" aria-label=(page.t("case-numbers")) { table.few id="cost-table" {
                        thead { tr { th scope="col" { (page.t("case-at")) } th scope="col" { (page.t("case-moment")) } th.right scope="col" { (page.t("case-lost-until")) } th.right scope="col" { (page.t("column-hour")) } } }
                        tbody { @for point in &points {
                            tr {
                                td data-name=(page.t("case-at")) data-at=(point.at.as_second()) { (pieces::time(page, point.at)) }
                                td data-name=(page.t("case-moment")) { (moment(page, point.what)) }
                                td.right data-name=(page.t("case-lost-until")) data-lost=(point.lost.minor) { (page.formats.round_money(point.lost)) }
                                td.right data-name=(page.t("column-hour")) { (page.formats.round_money(point.per_hour)) }
                            }
                        } }
                    } }
                }
            } @else { p { (page.t("case-no-cost")) } }
        }
    }
}

fn moment(page: &Page, moment: Moment) -> String {
    page.t(match moment {
        Moment::First => "moment-first",
        Moment::Changed => "moment-changed",
        Moment::Now => "moment-now",
        Moment::Stop => "moment-stop",
    })
}

/// Why: every decision about the case with its reasons, the values read and the policy it was decided under.
fn why_card(page: &Page, known: &Known) -> Markup {
    let reasons = |fact: &Fact| match &fact.body {
        Body::CaseOpened(opened) => opened.reasons.clone(),
        Body::CaseGrown(grown) => grown.reasons.clone(),
        _ => Vec::new(),
    };
    html! {
        section.card aria-labelledby="why" {
            h2 id="why" { (page.t("case-why")) }
            ol.steps {
                @for fact in &known.decisions {
                    li {
                        strong { (page.t(if matches!(fact.body, Body::CaseOpened(_)) { "decision-opened" } else { "decision-grown" })) }
                        " " (pieces::time(page, fact.at))
                        ul { @for reason in reasons(fact) { li { (said(page, &reason, |rule| known.title_of(page, rule))) } } }
                        @if let Some(policy) = fact.policy { p.hint { (super::reasons::policy(page, &policy.to_string())) } }
                    }
                }
            }
        }
    }
}

fn evidence_card(page: &Page, known: &Known) -> Markup {
    html! {
        section.card.evidence aria-labelledby="evidence" {
            h2 id="evidence" { (page.t("case-evidence")) }
            @for (signal, evidence) in &known.signals {
                div id={ "signal-" (signal.signal) } {
                    h3 { (signals::title(page, &signal.rule)) }
                    p.meta {
                        (pieces::severity(page, signal.severity)) " " (signal.log) " · "
                        (page.ta("events-count", &[("count", signal.count.to_string())])) " · "
                        (pieces::time(page, signal.first)) " – " (pieces::time(page, signal.last))
                    }
                    p.meta { (page.ta("rule-by", &[("author", signal.rule.author.clone())])) @if !signal.rule.tags.is_empty() { " · " (signal.rule.tags.join(", ")) } }
                    @if let (Some(per_hour), Some(price)) = (signal.per_hour, &signal.price) {
                        p.meta { (page.ta(if price.estimated { "price-estimated" } else { "price-listed" }, &[("money", page.formats.money(per_hour)), ("list", price.list.clone()), ("date", price.date.clone())])) }
                    }
                    (rests_on(page, evidence.as_ref()))
                }
            }
            @for (alert, evidence) in &known.alerts {
                h3 { (page.ta("alert-title", &[("type", alert.alert_type.clone())])) }
                p.meta { (pieces::severity(page, alert.severity)) " " (pieces::state(page, "alert", &crate::acts::word_of(&alert.status))) " · " (page.t("alert-received")) " " (pieces::time(page, alert.received)) " · " code { (alert.alert.0) } }
                @if let Some(failed) = &alert.failed { p.error { (page.ta("alert-failed", &[("code", failed.clone())])) } }
                (rests_on(page, evidence.as_ref()))
            }
        }
    }
}

fn rests_on(page: &Page, evidence: Option<&Personal<Evidence>>) -> Markup {
    html! {
        @match evidence {
            Some(Personal::Open { value }) => {
                @if !value.matched.is_empty() { p { strong { (page.t("evidence-matched")) } } ul { @for matched in &value.matched { li { code { (matched) } } } } }
                @if !value.fields.is_empty() {
                    dl.facts { @for (field, content) in &value.fields { div { dt { code { (field) } } dd { (content) } } } }
                }
                @if !value.event.is_empty() { details { summary { (page.t("evidence-event")) } pre tabindex="0" { (value.event) } } }
            },
            Some(Personal::Closed { roles }) => p.hint { (page.ta("personal-closed-roles", &[("roles", pieces::role_names(page, roles))])) },
            Some(_) => p.hint { (page.t("personal-erased")) },
            None => {},
        }
    }
}

fn actions_card(page: &Page, known: &Known) -> Markup {
    html! {
        section.card aria-labelledby="actions" {
            h2 id="actions" { (page.t("case-actions")) }
            @for row in &known.actions {
                @let action = &row.action;
                @let proposed = &action.proposed;
                div id={ "action-" (proposed.action) } {
                    h3 { a href={ "/actions/" (proposed.action) } { (words::playbook(page, &proposed.playbook)) } }
                    p.meta {
                        (pieces::state(page, "action", rows::actions::status(action.state))) " "
                        (page.ta("subscriptions-count", &[("count", proposed.blast.azure_subscriptions.to_string())])) " · "
                        (page.t("action-proposed-at")) " " (pieces::time(page, action.proposed_at))
                    }
                    p { (page.ta("action-approvals", &[("given", action.approvals.len().to_string()), ("wanted", proposed.roles.len().to_string()), ("roles", pieces::role_names(page, &proposed.roles))])) }
                }
            }
        }
    }
}
