//! One customer: who it is, who owes for it, what is open, what it has, and one timeline of everything that was ever
//! recorded about it.

use super::form::Form;
use super::names::Names;
use super::page::Page;
use super::{contacts, facts, lists, live, pieces, posture, words};
use crate::app::App;
use crate::body::Ids;
use crate::customers::{seen, subscriptions_of};
use crate::journal::facts_before;
use crate::listing::Listing;
use crate::problem::{Code, Problem};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::AccountId;
use domain::permission::Scope;
use maud::{Markup, html};
use serde::Deserialize;
use store::rows;
use store::rows::customers::CustomerRow;
use store::rows::subscriptions::SubscriptionRow;
use store::rows::{Cursor, Listed};

/// The most facts of one page of the timeline.
const MAX_FACTS: usize = 40;
/// The most open cases that stand beside the timeline; the list has the rest.
const MAX_CASES: u32 = 20;

/// The parts of the timeline: a word of the address, and how the kinds in it begin.
const PARTS: [(&str, &[&str]); 8] = [
    ("all", &[""]),
    ("cases", &["case.", "incident."]),
    ("signals", &["finding.", "signal."]),
    ("microsoft", &["alert.", "answer."]),
    ("actions", &["containment.", "action.", "step.", "look.", "effect.", "permit."]),
    ("holdings", &["customer.", "subscription.", "azure_subscription."]),
    ("activity", &["activity."]),
    ("notes", &["case.noted", "customer.noted", "call.", "contact."]),
];

/// What was typed into one of the forms.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    /// The verb of the form; empty when nothing was sent.
    pub(crate) verb: &'static str,
    pub(crate) form: Form,
}

impl Typed {
    /// What was typed into the form of a verb.
    pub(crate) fn of(&self, verb: &str) -> Form {
        if self.verb == verb { self.form.clone() } else { Form::default() }
    }
}

/// Which part of the timeline is wanted, and from where on.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    part: String,
    #[serde(default)]
    before: String,
}

impl Wanted {
    /// The word of the part and how its kinds begin; one that is not known is refused by name.
    fn part(&self) -> Result<(&'static str, &'static [&'static str]), Problem> {
        let word = if self.part.is_empty() { "all" } else { &self.part };
        let found = PARTS.into_iter().find(|(known, _)| *known == word);
        found.ok_or_else(|| Problem::parameter("part", PARTS.map(|(known, _)| known).join(", ")))
    }

    fn before(&self) -> Result<Option<u64>, Problem> {
        let read = |text: &str| text.parse().map_err(|_| Problem::parameter("before", "it is no number of a fact"));
        Some(self.before.as_str()).filter(|before| !before.is_empty()).map(read).transpose()
    }
}

/// The page.
pub(crate) async fn show(
    State(app): State<App>,
    page: Page,
    ids: Ids,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    whole(&app, &page, &ids, &wanted, &Typed::default()).await
}

/// The page; after a form that was refused, with what was typed and what is wrong with it.
pub(crate) async fn whole(
    app: &App,
    page: &Page,
    ids: &Ids,
    wanted: &Wanted,
    typed: &Typed,
) -> Result<Response, Problem> {
    let position = live::position(app).await?;
    let listed = seen(app, &page.session, ids.first()?).await?;
    let mut names = Names::new(app, page);
    let timeline = timeline(app, page, listed.account, wanted, &mut names).await?;
    if page.wants("facts-more") || page.wants("timeline") {
        return Ok(page.part(timeline));
    }
    let here = format!("/customers/{}", listed.account);
    let (part, _) = wanted.part()?;
    let name = names.customer(listed.account).await?;
    let cases = cases(app, page, &listed).await?;
    let aside = aside(app, page, &listed, typed, &mut names).await?;
    let with_part = format!("{here}?part={part}");
    let main = html! {
        p { a href="/customers" data-back { "← " (page.t("customers-title")) } }
        h1 { (name) }
        p.actions {
            @if let Some(worst) = listed.row.worst { (pieces::severity(page, worst)) }
            span.sub { (page.t("customer-tenant")) " " code { (listed.row.tenant) } }
        }
        div.columns {
            section aria-labelledby="timeline-title" {
                h2 id="timeline-title" { (page.t("customer-timeline")) }
                nav aria-label=(page.t("customer-parts")) { ul.tabs {
                    @for (word, _) in PARTS {
                        li { a href={ (here) "?part=" (word) } aria-current=[(word == part).then_some("true")] { (page.word("timeline", word)) } }
                    }
                } }
                // Older pages of the timeline do not change, so only the first is kept up to date.
                @if wanted.before.is_empty() { (live::part(page, "timeline", &with_part, position, &timeline)) } @else { (timeline) }
            }
            div { (cases) (aside) }
        }
    };
    let status = typed.form.problem().map_or(StatusCode::OK, |problem| problem.code.status());
    Ok(page.show_as(status, &page.t("customer-title"), &main))
}

async fn timeline(
    app: &App,
    page: &Page,
    account: AccountId,
    wanted: &Wanted,
    names: &mut Names<'_>,
) -> Result<Markup, Problem> {
    let (part, beginnings) = wanted.part()?;
    let is_wanted = |kind: &str| beginnings.iter().any(|beginning| kind.starts_with(beginning));
    let found = facts_before(app, &page.session, account, wanted.before()?, MAX_FACTS, is_wanted).await?;
    let (facts, next) = found;
    let mut rows = Vec::with_capacity(facts.len());
    for fact in &facts {
        rows.push(facts::row(page, fact, names, false).await?);
    }
    let next = next.map(|before| format!("/customers/{account}?part={part}&before={before}"));
    if rows.is_empty() && next.is_none() {
        return Ok(pieces::empty(page, "timeline-empty", "timeline-empty-text"));
    }
    Ok(lists::rows(page, "facts", &facts::head(page, false), &rows, next.as_deref()))
}

/// What stands beside the timeline: who it is, its protection, what it has, whom we speak with, and the forms.
async fn aside(
    app: &App,
    page: &Page,
    listed: &Listed<CustomerRow>,
    typed: &Typed,
    names: &mut Names<'_>,
) -> Result<Markup, Problem> {
    // The connection is the whole partner's, so only who sees every customer reads of it.
    let connection = match page.session.caller.scope {
        Scope::All => rows::connections::get(&app.desk.store, listed.row.connection).await?,
        Scope::Only { .. } => None,
    };
    let account = listed.account;
    let file = app.desk.file(account).await?;
    let file = file.customer().ok_or(Code::NotFound)?;
    let people = crate::contacts::shown(app, &page.session, account).await?;
    let between = if let Some(reseller) = listed.row.reseller {
        names.reseller(reseller).await?
    } else {
        html! { (page.t("customer-direct")) }
    };
    Ok(html! {
        (known(page, &listed.row, &between))
        (posture::card(page, file, connection.as_ref().map(|connection| &connection.row)))
        (contacts::card(app, page, account, &people))
        (contacts::forms(app, page, account, &people, typed))
        (posture::holdings(page, account, &file.holdings, &between))
    })
}

/// Who it is, who stands between, and who owes.
fn known(page: &Page, row: &CustomerRow, between: &Markup) -> Markup {
    html! {
        section.card aria-labelledby="known" {
            h2 id="known" { (page.t("customer-known")) }
            dl.facts {
                (pieces::pair(page, "customer-country", &html! { (row.country.clone().unwrap_or_else(|| page.t("none"))) }))
                (pieces::pair(page, "customer-cloud", &html! { (page.word("cloud", row.cloud.word())) }))
                (pieces::pair(page, "customer-burns", &pieces::money(page, row.per_hour)))
                (pieces::pair(page, "customer-reseller", between))
                @if let Some(reseller) = row.reseller { (pieces::pair(page, "customer-reseller-id", &html! { code { (reseller) } })) }
                (pieces::pair(page, "customer-debtor", &html! {
                    @match row.debtor {
                        Some(debtor) if Some(debtor) == row.reseller => (page.t("customer-debtor-reseller")),
                        Some(debtor) => code { (debtor) },
                        None => (page.t("customer-debtor-itself")),
                    }
                }))
            }
        }
    }
}

/// The open cases.
async fn cases(app: &App, page: &Page, listed: &Listed<CustomerRow>) -> Result<Markup, Problem> {
    let filter = rows::Filter { status: "open".to_owned(), account: Some(listed.account), ..rows::Filter::default() };
    let found = rows::cases::list(&app.desk.store, &page.session.caller.scope, &filter, None, MAX_CASES).await?;
    let all = lists::address("/cases", &format!("customer:{}", listed.account));
    Ok(html! {
        section.card aria-labelledby="open-cases" {
            h2 id="open-cases" { (page.t("customer-open-cases")) }
            @if found.items.is_empty() { p { (page.t("customer-no-case")) } }
            ul {
                @for case in &found.items {
                    li { (pieces::severity(page, case.row.severity)) " " a href={ "/cases/" (case.row.case) } { (words::story(page, &case.row.story)) } " " span.hint { (pieces::ago(page, case.row.last)) } }
                }
            }
            p { a href=(all) { (page.t("customer-all-cases")) } }
        }
    })
}

/// What the customer has.
pub(crate) async fn subscriptions(
    State(app): State<App>,
    page: Page,
    ids: Ids,
    listing: Listing,
) -> Result<Response, Problem> {
    let listed = seen(&app, &page.session, ids.first()?).await?;
    let filter = lists::filter_of(&page, "");
    let found = subscriptions_of(&app, &page.session, listed.account, &listing).await?;
    let rows: Vec<Markup> = found.items.iter().map(|one| subscription(&page, &one.row)).collect();
    let next = listing.page::<()>(Vec::new(), found.next.as_ref().map(Cursor::text)).next_link;
    let head = html! { tr {
        th scope="col" { (page.t("customer-subscription")) }
        th scope="col" { (page.t("subscription-kind")) }
        th scope="col" { (page.t("subscription-status")) }
        th.right scope="col" { (page.t("subscription-seats")) }
        th scope="col" { (page.t("customer-debtor")) }
    } };
    let list = lists::rows(&page, "subscriptions", &head, &rows, next.as_deref());
    if page.wants("subscriptions-more") {
        return Ok(page.part(list));
    }
    let name = Names::new(&app, &page).customer(listed.account).await?;
    let back = format!("/customers/{}", listed.account);
    let here = format!("{back}/subscriptions");
    let views = [("view-all", ""), ("view-active", "status:active"), ("view-inactive", "status:inactive")];
    let main = html! {
        p { a href=(back) data-back { "← " (name) } }
        h1 { (page.t("customer-subscriptions")) }
        (lists::bar(&page, &here, &filter, &views, "subscriptions-query-help"))
        @if rows.is_empty() { (pieces::empty(&page, "subscriptions-empty", "subscriptions-empty-text")) } @else { (list) }
    };
    Ok(page.show("customer-subscriptions", &main))
}

fn subscription(page: &Page, row: &SubscriptionRow) -> Markup {
    match row {
        SubscriptionRow::PartnerCenter { subscription, kind, status, quantity, auto_renew, debtor } => html! {
            tr id={ "subscription-" (subscription) } data-row {
                td { code { (subscription) } @if *auto_renew { p.hint { (page.t("subscription-renews")) } } }
                td { (page.word("subscription-kind", &crate::acts::word_of(kind))) }
                td { (pieces::state(page, "subscription", &crate::acts::word_of(status))) }
                td.right { (quantity) }
                td { code { (debtor) } }
            }
        },
        SubscriptionRow::Azure { azure_subscription, plan, status } => html! {
            tr id={ "subscription-" (azure_subscription) } data-row {
                td { code { (azure_subscription) } p.hint { (page.t("subscription-under")) " " code { (plan) } } }
                td { (page.t("subscription-kind-azure")) }
                td { (pieces::state(page, "subscription", &crate::acts::word_of(status))) }
                td.right { (pieces::money(page, None)) }
                td { (pieces::money(page, None)) }
            }
        },
    }
}
