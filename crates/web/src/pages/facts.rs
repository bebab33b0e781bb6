//! Facts as rows of a table: when, what, by whom, why, and everything that was written down. The timeline of a customer
//! and the audit log are made of them.

use super::names::Names;
use super::page::Page;
use super::pieces;
use super::reasons;
use crate::journal::FactView;
use crate::problem::Problem;
use domain::ids::AccountId;
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// The head of the table. The audit log says of which account a fact is as well.
pub(crate) fn head(page: &Page, with_account: bool) -> Markup {
    html! { tr {
        @if with_account { th scope="col" { (page.t("fact-position")) } }
        th scope="col" { (page.t("fact-at")) }
        th scope="col" { (page.t("fact-what")) }
        th scope="col" { (page.t("fact-by")) }
    } }
}

/// One fact.
pub(crate) async fn row(
    page: &Page,
    fact: &FactView,
    names: &mut Names<'_>,
    with_account: bool,
) -> Result<Markup, Problem> {
    let by = actor(page, fact, names).await?;
    let note = fact.body.get("note").map(|note| said(page, note));
    let of_body = fact.body.get("rule").and_then(Value::as_str).map(str::to_owned);
    let mut titles = BTreeMap::new();
    for rule in fact.recorded.iter().filter_map(reasons::rule_of).cloned().chain(of_body) {
        let title = names.rule(AccountId(fact.account), &rule).await?;
        titles.insert(rule, title);
    }
    let title = |rule: &str| titles.get(rule).cloned().unwrap_or_else(|| rule.to_owned());
    Ok(html! {
        tr id={ "fact-" (fact.account) "-" (fact.version) } data-row {
            @if with_account { td data-name=(page.t("fact-position")) { (page.formats.count(usize::try_from(fact.position.unwrap_or(0)).unwrap_or(0))) } }
            td { (pieces::time(page, fact.at)) p.hint { (pieces::ago(page, fact.at)) } }
            td {
                strong { (kind(page, &fact.kind)) }
                @if let Some(note) = note { p { (note) } }
                (told(page, fact, &title))
                @if !fact.recorded.is_empty() { ul { @for reason in &fact.recorded { li { (reasons::said(page, reason, title)) } } } }
                // Under which policy something was decided belongs to why it was.
                @if let ("decided", Some(policy)) = (fact.class.as_str(), &fact.policy) { p.hint { (reasons::policy(page, policy)) } }
                details.why {
                    summary { (page.t("fact-all")) }
                    dl.facts {
                        (pieces::pair(page, "fact-kind", &html! { code { (fact.kind) } }))
                        (pieces::pair(page, "fact-class", &html! { (page.word("fact-class", &fact.class)) }))
                        (pieces::pair(page, "fact-account", &html! { code { (fact.account) } ", " (page.ta("fact-number", &[("number", fact.version.to_string())])) }))
                        @if let Some(policy) = &fact.policy { (pieces::pair(page, "fact-policy", &html! { code { (policy) } })) }
                        @if let Some(decide) = fact.decide { (pieces::pair(page, "fact-decide", &html! { (decide) })) }
                        (pieces::pair(page, "fact-hash", &html! { code { (fact.hash) } }))
                    }
                    pre tabindex="0" { (serde_json::to_string_pretty(&fact.body).unwrap_or_default()) }
                }
            }
            td data-name=(page.t("fact-by")) { (by) }
        }
    })
}

/// What a kind of fact says, in words; the kind itself where a later release wrote it.
fn kind(page: &Page, kind: &str) -> String {
    let key = format!("fact-{}", kind.replace(['.', '_'], "-"));
    let text = page.t(&key);
    if text == key { kind.to_owned() } else { text }
}

/// What is worth reading at once of a conversation, a contact or a record of Partner Center's.
fn told(page: &Page, fact: &FactView, title: &impl Fn(&str) -> String) -> Markup {
    let word = |name: &str| fact.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let opened = |name: &str| fact.body.get(name).filter(|value| !value.is_null()).map(|value| said(page, value));
    match fact.kind.as_str() {
        "call.recorded" => html! {
            p {
                (page.word("channel", word("channel"))) ", " (page.word("direction", word("direction")))
                @if let Some(with) = opened("with") { " · " (page.t("call-with")) ": " (with) }
                @if let Some(number) = opened("number") { " · " (page.t("call-number")) ": " (number) }
            }
            p.hint { (page.t(if fact.body.get("knownNumber") == Some(&Value::Bool(true)) { "call-known-yes" } else { "call-known-no" })) }
            @if let Some(said) = opened("said") { p { (page.t("call-said")) ": " (said) } }
            @if let Some(agreed) = opened("agreed") { p { (page.t("call-agreed")) ": " (agreed) } }
            @if !word("confirms").is_empty() { p { (page.t("call-confirmed")) } }
        },
        "rule.snoozed" => html! {
            p { (title(word("rule"))) @if let Some(reason) = opened("reason") { ": " (reason) } }
            @if let Ok(until) = word("until").parse() { p.hint { (page.t("snooze-until-short")) " " (pieces::time(page, until)) } }
        },
        "signal.raised" | "snooze.ended" => html! { p { (title(word("rule"))) } },
        "contact.recorded" => html! {
            p { (page.word("contact-role", word("role"))) @if let Some(name) = opened("name") { ": " (name) } }
        },
        "activity.recorded" => html! {
            p {
                a href={ "/activity/" (word("activity")) } { (super::activity::operation(page, word("operation"))) }
                @if let Some(user) = opened("user") { " · " (user) }
            }
        },
        _ => html! {},
    }
}

/// A sealed text as it was opened, or why it is not shown.
fn said(page: &Page, note: &Value) -> Markup {
    match (note.get("state").and_then(Value::as_str), note.get("value").and_then(Value::as_str)) {
        (Some("open"), Some(text)) => html! { (page.ta("fact-quote", &[("text", text.to_owned())])) },
        (Some("closed"), _) => html! { span.none { (page.t("personal-closed")) } },
        (Some("erased"), _) => html! { span.none { (page.t("personal-erased")) } },
        _ => html! {},
    }
}

/// Who said or did it.
async fn actor(page: &Page, fact: &FactView, names: &mut Names<'_>) -> Result<Markup, Problem> {
    let Some(actor) = fact.actor.as_deref() else { return Ok(html! { (page.t("fact-by-program")) }) };
    match actor.split_once(':') {
        Some(("user", id)) => match id.parse::<AccountId>() {
            Ok(account) => names.person(account).await,
            Err(_) => Ok(html! { code { (actor) } }),
        },
        Some(("connection", _)) => Ok(html! { "Microsoft" }),
        _ => Ok(html! { (page.t("fact-by-program")) }),
    }
}

#[cfg(test)]
mod tests {
    use crate::language::Language;
    use domain::body::Body;

    #[test]
    fn every_kind_of_fact_is_told_in_words_in_both_languages() {
        for language in [Language::English, Language::Swedish] {
            for (kind, class, _) in Body::KINDS {
                let key = format!("fact-{}", kind.replace(['.', '_'], "-"));
                assert_ne!(language.text(&key, None, &[]), key);
                let key = format!("fact-class-{}", class.word());
                assert_ne!(language.text(&key, None, &[]), key);
            }
        }
    }
}
