//! Today: what has to be decided now, and what does waiting cost? Four counters and one queue, kept up to date.

use super::live;
use super::names::Names;
use super::page::Page;
use super::pieces;
use super::queue::{Urgency, likelihood};
use crate::app::App;
use crate::cases::clock;
use crate::problem::Problem;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::cases::{Severity, at_stake};
use domain::ids::AccountId;
use domain::notices::AlertStatus;
use domain::policy::Policy;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use money::Money;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use store::rows;
use store::rows::actions::ActionRow;
use store::rows::cases::CaseRow;

/// The most open cases that are weighed: the gravest and dearest.
const MAX_WEIGHED: u32 = 1_000;
/// The most snoozed cases that are counted.
const MAX_SNOOZED: u32 = 100;
/// The most rows of the queue.
const MAX_SHOWN: usize = 50;

/// Which part of the queue is looked at.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    view: Option<String>,
}

const VIEWS: [&str; 4] = ["all", "mine", "microsoft", "approvals"];

/// Something that waits for a person.
struct Item {
    id: String,
    link: String,
    account: AccountId,
    what: What,
    urgency: Urgency,
    /// Until when somebody has to act.
    due: Option<Timestamp>,
    per_hour: Option<Money>,
    owner: Option<AccountId>,
}

enum What {
    Case { severity: Severity, story: String, signals: usize, alerts: usize, waiting: bool },
    Approval { playbook: String, subscriptions: u32 },
}

/// Everything that the page shows, read once.
struct Now {
    items: Vec<Item>,
    stake: Option<Money>,
    per_hour: Option<Money>,
    oldest: Option<Timestamp>,
    target: Option<SignedDuration>,
    approvals: usize,
    nearest: Option<Timestamp>,
    cases: u64,
    /// Whether there are more open cases than were weighed.
    more: bool,
    /// Open cases that are out of the queue.
    snoozed: usize,
}

/// The first page.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let view = VIEWS.into_iter().find(|view| Some(*view) == wanted.view.as_deref()).unwrap_or("all");
    let position = live::position(&app).await?;
    let now = read(&app, &page).await?;
    let inner = inner(&app, &page, &now, view).await?;
    if page.wants("now") {
        return Ok(page.part(inner));
    }
    let main = html! {
        h1 { (page.t("today-title")) }
        (live::part(&page, "now", &format!("/?view={view}"), position, &inner))
    };
    Ok(page.show("today-title", &main))
}

async fn read(app: &App, page: &Page) -> Result<Now, Problem> {
    let (store, scope) = (&app.desk.store, &page.session.caller.scope);
    let at = page.formats.now;
    let policy = app.policy(at).await?;
    let policy = policy.as_deref();
    let filter = |status: &str| rows::Filter { status: status.to_owned(), ..rows::Filter::default() };
    let cases = rows::cases::list(store, scope, &filter("open"), None, MAX_WEIGHED).await?;
    let actions = rows::actions::list(store, scope, &filter("proposed"), None, MAX_WEIGHED).await?;
    let counts = rows::counts(store, scope).await?;
    let more = cases.next.is_some();
    let snoozed = rows::cases::list(store, scope, &filter("snoozed"), None, MAX_SNOOZED).await?.items.len();
    let rows: Vec<CaseRow> = cases.items.into_iter().map(|listed| listed.row).collect();
    let stakes = rows.iter().filter_map(|row| at_stake(row.burn(), policy?));
    let approvals: Vec<ActionRow> = actions.items.into_iter().map(|listed| listed.row).collect();
    let mut now = Now {
        stake: sum(stakes),
        per_hour: sum(rows.iter().filter_map(CaseRow::burn)),
        oldest: counts.oldest_unanswered,
        target: policy.map(|policy| policy.clocks.answer_target),
        approvals: approvals.len(),
        nearest: approvals.iter().map(|row| row.action.proposed.expires).min(),
        cases: counts.open_cases.iter().sum(),
        more,
        snoozed,
        items: rows.into_iter().map(|row| of_case(row, policy, at)).collect(),
    };
    now.items.extend(approvals.into_iter().map(|row| of_action(row, at)));
    now.items.sort_by_key(|item| Reverse(item.urgency.weight()));
    Ok(now)
}

/// The sum of the currency that most of it is in: amounts of two currencies are never added.
fn sum(amounts: impl Iterator<Item = Money>) -> Option<Money> {
    let mut sums: BTreeMap<money::Currency, Money> = BTreeMap::new();
    for amount in amounts {
        let sum = sums.entry(amount.currency).or_insert(Money::zero(amount.currency));
        *sum = sum.plus(amount).unwrap_or(*sum);
    }
    sums.into_values().max_by_key(|sum| sum.minor)
}

fn of_case(row: CaseRow, policy: Option<&Policy>, now: Timestamp) -> Item {
    let clock = clock(&row, policy, now);
    let due = clock.target.or(clock.limit);
    let burn = row.burn();
    Item {
        id: format!("case-{}", row.case),
        link: format!("/cases/{}", row.case),
        account: row.account,
        urgency: Urgency {
            stake: policy.and_then(|policy| at_stake(burn, policy)),
            likely: likelihood(row.severity),
            left: due.map(|due| due.duration_since(now)),
        },
        due,
        per_hour: burn,
        owner: row.owner,
        what: What::Case {
            severity: row.severity,
            signals: row.signals.len(),
            alerts: row.alerts.len(),
            waiting: row.alerts.iter().any(|(_, status)| *status == AlertStatus::Active),
            story: row.story,
        },
    }
}

fn of_action(row: ActionRow, now: Timestamp) -> Item {
    let proposed = row.action.proposed;
    Item {
        id: format!("action-{}", proposed.action),
        link: format!("/cases/{}#action-{}", proposed.case, proposed.action),
        account: row.account,
        // Who proposed has looked at it: what an approval waits for is taken to be as likely as the gravest case.
        urgency: Urgency {
            stake: proposed.at_stake,
            likely: likelihood(Severity::Critical),
            left: Some(proposed.expires.duration_since(now)),
        },
        due: Some(proposed.expires),
        per_hour: proposed.blast.saved_per_hour,
        owner: Some(proposed.proposer),
        what: What::Approval { playbook: proposed.playbook, subscriptions: proposed.blast.azure_subscriptions },
    }
}

impl Item {
    fn is_in(&self, view: &str, reader: AccountId) -> bool {
        match view {
            "mine" => self.owner == Some(reader) && matches!(self.what, What::Case { .. }),
            "microsoft" => matches!(self.what, What::Case { alerts, .. } if alerts > 0),
            "approvals" => matches!(self.what, What::Approval { .. }),
            _ => true,
        }
    }
}

async fn inner(app: &App, page: &Page, now: &Now, view: &str) -> Result<Markup, Problem> {
    let reader = page.session.caller.user;
    let items: Vec<&Item> = now.items.iter().filter(|item| item.is_in(view, reader)).take(MAX_SHOWN).collect();
    let rows = rows_of(app, page, &items).await?;
    let guide = super::guide::path(app, page).await?;
    Ok(html! {
        p.sub { (page.formats.date(page.formats.now)) " · " (page.ta("today-open", &[("count", now.cases.to_string())])) }
        (guide)
        (counters(page, now))
        h2 { (page.t("today-queue")) }
        nav aria-label=(page.t("today-views")) {
            ul.tabs {
                @for one in VIEWS {
                    @let count = now.items.iter().filter(|item| item.is_in(one, reader)).count();
                    li { a href={ "/?view=" (one) } aria-current=[(one == view).then_some("true")] {
                        (page.t(&format!("today-view-{one}"))) " " span.count { "(" (capped(page, count)) ")" }
                    } }
                }
            }
        }
        @if items.is_empty() {
            (pieces::empty(page, &format!("today-empty-{view}"), &format!("today-empty-{view}-text")))
        } @else {
            (rows)
            @if now.more || now.items.len() > MAX_SHOWN { p { a href="/cases" { (page.t("today-all")) } } }
        }
        @if now.snoozed > 0 {
            p.hint { a href="/cases?filter=status%3Asnoozed" { (page.ta("today-snoozed", &[("count", now.snoozed.to_string())])) } }
        }
    })
}

/// Counts above this are told as more than it.
const MAX_TOLD: usize = 999;

fn capped(page: &Page, count: usize) -> String {
    if count > MAX_TOLD { format!("{MAX_TOLD}+") } else { page.formats.count(count) }
}

fn counters(page: &Page, now: &Now) -> Markup {
    let waited = now.oldest.map(|oldest| page.formats.now.duration_since(oldest));
    let is_late = waited.zip(now.target).is_some_and(|(waited, target)| waited > target);
    let target = now.target.map(|target| page.formats.span(target)).unwrap_or_default();
    html! {
        dl.counters {
            div.card.counter {
                dt { (page.t("counter-stake")) }
                dd { div.big { (pieces::money(page, now.stake)) }
                    @if now.more { (page.t("counter-stake-least")) } @else { (page.ta("today-open", &[("count", now.cases.to_string())])) } }
            }
            div.card.counter {
                dt { (page.t("counter-hour")) }
                dd { div.big { (pieces::money(page, now.per_hour)) } (page.t("counter-hour-text")) }
            }
            div.card.counter.bad[is_late] {
                dt { (page.t("counter-alert")) }
                dd {
                    div.big { @match waited { Some(waited) => (page.formats.span(waited)), None => (page.t("counter-alert-none")) } }
                    (page.ta(if is_late { "counter-alert-late" } else { "counter-alert-text" }, &[("target", target)]))
                }
            }
            div.card.counter {
                dt { (page.t("counter-approval")) }
                dd {
                    div.big { @match now.nearest { Some(nearest) => (page.formats.span(nearest.duration_since(page.formats.now))), None => (page.t("none")) } }
                    (page.ta("counter-approval-text", &[("count", now.approvals.to_string())]))
                }
            }
        }
    }
}

async fn rows_of(app: &App, page: &Page, items: &[&Item]) -> Result<Markup, Problem> {
    let mut names = Names::new(app, page);
    names.meet(items.iter().map(|item| item.account)).await?;
    let mut rows = Vec::new();
    for item in items {
        let customer = names.customer(item.account).await?;
        let owner = if let Some(owner) = item.owner {
            names.person(owner).await?
        } else {
            html! { span.none { (page.t("nobody")) } }
        };
        rows.push(row(page, item, &customer, &owner));
    }
    Ok(html! {
        div.scroll {
            table.cards {
                caption.hidden { (page.t("today-queue")) }
                thead { tr {
                    th scope="col" { (page.t("column-kind")) }
                    th scope="col" { (page.t("column-what")) }
                    th scope="col" { (page.t("column-customer")) }
                    th.right scope="col" { (page.t("column-stake")) }
                    th scope="col" { (page.t("column-left")) }
                    th scope="col" { (page.t("column-owner")) }
                } }
                tbody { @for row in &rows { (row) } }
            }
        }
    })
}

fn row(page: &Page, item: &Item, customer: &Markup, owner: &Markup) -> Markup {
    html! {
        tr id=(item.id) data-row {
            td {
                @match &item.what {
                    What::Case { severity, .. } => (pieces::severity(page, *severity)),
                    What::Approval { .. } => span.state { span aria-hidden="true" { "✓ " } (page.t("kind-approval")) },
                }
            }
            td {
                a.name href=(item.link) { (title(page, &item.what)) }
                br;
                span.meta { (size(page, &item.what)) }
                details.why { summary { (page.t("why-first")) } p { (why(page, &item.urgency)) } }
            }
            td data-name=(page.t("column-customer")) { (customer) }
            td.right data-name=(page.t("column-stake")) {
                (pieces::money(page, item.urgency.stake))
                @if let Some(per_hour) = item.per_hour { p.hint { (page.ta("per-hour", &[("money", page.formats.round_money(per_hour))])) } }
            }
            td data-name=(page.t("column-left")) { (left(page, item.due)) }
            td data-name=(page.t("column-owner")) { (owner) }
        }
    }
}

fn title(page: &Page, what: &What) -> Markup {
    html! {
        @match what {
            What::Case { story, waiting, .. } => {
                (super::words::story(page, story))
                @if *waiting { ": " (page.t("waits-for-answer")) }
            },
            What::Approval { playbook, .. } => {
                (page.ta("approval-title", &[("playbook", super::words::playbook(page, playbook))]))
            },
        }
    }
}

/// How much there is of it.
fn size(page: &Page, what: &What) -> String {
    match what {
        What::Case { signals, alerts: 0, .. } => page.ta("signals-count", &[("count", signals.to_string())]),
        What::Case { signals, alerts, .. } => {
            let signals = page.ta("signals-count", &[("count", signals.to_string())]);
            format!("{signals}, {}", page.ta("alerts-count", &[("count", alerts.to_string())]))
        }
        What::Approval { subscriptions, .. } => page.ta("subscriptions-count", &[("count", subscriptions.to_string())]),
    }
}

/// The time that is left, or how long ago it ran out.
pub(crate) fn left(page: &Page, due: Option<Timestamp>) -> Markup {
    let Some(due) = due else { return html! { span.none { (page.t("no-clock")) } } };
    let span = page.formats.span(due.duration_since(page.formats.now));
    html! {
        @if due < page.formats.now { span.late { (page.ta("late-by", &[("span", span)])) } }
        @else { time datetime=(super::formats::Formats::utc(due)) title=(page.formats.minute(due)) { (span) } }
    }
}

/// What the place in the queue was reckoned from.
fn why(page: &Page, urgency: &Urgency) -> String {
    let stake = urgency.stake.map_or_else(|| page.t("none"), |stake| page.formats.round_money(stake));
    let left = match urgency.left {
        None => page.t("why-no-clock"),
        Some(left) if left.is_negative() => page.t("why-late"),
        Some(left) => page.formats.span(left),
    };
    page.ta("why-first-text", &[("stake", stake), ("likely", urgency.likely.to_string()), ("left", left)])
}
