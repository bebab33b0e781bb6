//! What is known of a customer's protection so far, and what is not. Only what was really seen is told: an empty field
//! says that nobody has looked, not that all is well.

use super::page::Page;
use super::pieces;
use domain::contacts::ContactRole;
use domain::customers::{AzureStatus, Holdings, SubscriptionStatus};
use domain::file::CustomerFile;
use domain::ids::AccountId;
use domain::notices::AlertStatus;
use jiff::Timestamp;
use maud::{Markup, html};
use std::collections::BTreeMap;
use store::rows::connections::ConnectionRow;

/// What is known of the customer's protection. The connection is the whole partner's: only who sees every customer gets it.
pub(super) fn card(page: &Page, file: &CustomerFile, connection: Option<&ConnectionRow>) -> Markup {
    let real = || file.alerts.values().filter(|alert| !alert.test);
    let open = real().filter(|alert| alert.status != AlertStatus::Resolved).count();
    let last = real().map(|alert| alert.detected).max();
    let answered = real().filter_map(|alert| alert.answered).max();
    let security = file.contacts.values().filter(|contact| contact.role == ContactRole::Security);
    let confirmed = security.filter_map(|contact| contact.confirmed).max();
    let or_never = |at: Option<Timestamp>, key: &str| {
        html! { @match at { Some(at) => (pieces::time(page, at)), None => span.none { (page.t(key)) } } }
    };
    let known = file.alerts.len();
    html! {
        section.card aria-labelledby="posture" {
            h2 id="posture" { (page.t("posture-title")) }
            dl.facts {
                (pieces::pair(page, "posture-mfa", &html! { span.none { (page.t("posture-not-known")) } }))
                (pieces::pair(page, "posture-alerts", &html! { (page.ta("posture-alerts-count", &[("count", known.to_string()), ("open", open.to_string())])) }))
                (pieces::pair(page, "posture-last-alert", &or_never(last, "posture-never")))
                (pieces::pair(page, "posture-last-answer", &or_never(answered, "posture-never")))
                (pieces::pair(page, "posture-security-contact", &or_never(confirmed, "posture-no-contact")))
                @if let Some(connection) = connection {
                    (pieces::pair(page, "customer-posture", &html! {
                        @match &connection.posture_day { Some(day) => (page.ta("customer-posture-until", &[("day", day.clone())])), None => (page.t("customer-posture-none")) }
                    }))
                    (pieces::pair(page, "customer-actions-on", &html! { (page.t(if connection.actions_on { "connection-on" } else { "connection-off" })) }))
                    (pieces::pair(page, "posture-reading", &html! {
                        @if connection.faults.is_empty() { (page.t("connection-works")) } @else { strong { (page.ta("posture-faults", &[("count", connection.faults.len().to_string())])) } }
                    }))
                }
            }
            p.hint { (page.t("posture-hint")) }
        }
    }
}

/// What the customer has, in few words: how many of which state, and who owes for them.
pub(super) fn holdings(page: &Page, account: AccountId, holdings: &Holdings, between: &Markup) -> Markup {
    let active_azure = holdings.azure.values().filter(|azure| azure.status == AzureStatus::Active).count();
    let mut states: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut debtors: BTreeMap<AccountId, usize> = BTreeMap::new();
    for subscription in holdings.subscriptions.values() {
        *states.entry(state(subscription.status)).or_default() += 1;
        *debtors.entry(subscription.debtor).or_default() += 1;
    }
    let renewing = holdings.subscriptions.values().filter(|subscription| subscription.auto_renew).count();
    let all = format!("/customers/{account}/subscriptions");
    html! {
        section.card aria-labelledby="holdings" {
            h2 id="holdings" { a href=(all) { (page.t("customer-subscriptions")) } }
            dl.facts {
                @for (word, count) in &states { div { dt { (page.word("subscription", word)) } dd { (page.formats.count(*count)) } } }
                (pieces::pair(page, "subscription-kind-azure", &html! { (page.ta("holdings-azure", &[("active", active_azure.to_string()), ("all", holdings.azure.len().to_string())])) }))
                (pieces::pair(page, "holdings-renew", &html! { (page.formats.count(renewing)) }))
            }
            @if !debtors.is_empty() {
                h3 { (page.t("customer-debtor")) }
                ul { @for (debtor, count) in &debtors { li { (debtor_name(page, account, holdings, *debtor, between)) ": " (page.ta("customer-has", &[("count", count.to_string())])) } } }
            }
        }
    }
}

/// Who owes: the customer itself, its reseller, or somebody else by id.
fn debtor_name(page: &Page, account: AccountId, holdings: &Holdings, debtor: AccountId, between: &Markup) -> Markup {
    let reseller = holdings.identity.as_ref().and_then(|identity| identity.reseller);
    html! {
        @if debtor == account { (page.t("customer-debtor-itself")) }
        @else if Some(debtor) == reseller { (page.t("customer-debtor-reseller")) " " (between) }
        @else { code { (debtor) } }
    }
}

const fn state(status: SubscriptionStatus) -> &'static str {
    match status {
        SubscriptionStatus::Active => "active",
        SubscriptionStatus::Suspended => "suspended",
        SubscriptionStatus::Pending => "pending",
        SubscriptionStatus::Expired => "expired",
        SubscriptionStatus::Disabled => "disabled",
        SubscriptionStatus::Deleted => "deleted",
        SubscriptionStatus::Unknown => "unknown",
    }
}
