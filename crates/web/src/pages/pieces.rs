//! Pieces that several pages are put together from: times, money, badges, empty states, the way to the next rows.

use super::formats::Formats;
use super::page::Page;
use crate::present::Personal;
use domain::cases::Severity;
use domain::permission::{Permission, Role, roles_allowing};
use jiff::Timestamp;
use maud::{Markup, html};
use money::Money;

/// An instant: the minute in the reader's zone, and in UTC for who points at it.
pub(crate) fn time(page: &Page, at: Timestamp) -> Markup {
    html! { time datetime=(Formats::utc(at)) title=(Formats::utc(at)) { (page.formats.minute(at)) } }
}

/// An instant as a span from now, with the instant for who points at it.
pub(crate) fn ago(page: &Page, at: Timestamp) -> Markup {
    html! { time datetime=(Formats::utc(at)) title=(page.formats.minute(at)) { (page.formats.relative(at)) } }
}

/// An amount at a glance; a dash that is read aloud when there is none.
pub(crate) fn money(page: &Page, money: Option<Money>) -> Markup {
    html! {
        @match money {
            Some(money) => span.money { (page.formats.round_money(money)) },
            None => span.none { span aria-hidden="true" { "–" } span.hidden { (page.t("none")) } },
        }
    }
}

/// A severity: sign, colour and word.
pub(crate) fn severity(page: &Page, severity: Severity) -> Markup {
    let sign = match severity {
        Severity::Critical => "◆",
        Severity::High => "▲",
        Severity::Medium => "●",
        Severity::Low => "○",
    };
    html! { span class={ "badge " (severity.word()) } { span aria-hidden="true" { (sign) } " " (page.word("severity", severity.word())) } }
}

/// A state of something, as `case-open`: a word with a frame.
pub(crate) fn state(page: &Page, kind: &str, word: &str) -> Markup {
    html! { span class={ "state " (word) } { (page.word(kind, word)) } }
}

/// A sealed value: itself, or why it is not shown.
pub(crate) fn personal(page: &Page, value: &Personal<String>) -> Markup {
    html! {
        @match value {
            Personal::Open { value } => (value),
            Personal::Closed { roles } => span.none title=(page.ta("personal-closed-roles", &[("roles", role_names(page, roles))])) { (page.t("personal-closed")) },
            _ => span.none { (page.t("personal-erased")) },
        }
    }
}

/// What stands where nothing is: what will be here, and what to do.
pub(crate) fn empty(page: &Page, title: &str, text: &str) -> Markup {
    html! { div.empty { p { strong { (page.t(title)) } } p { (page.t(text)) } } }
}

/// The way to the next rows: a link that works by itself and, with a script, adds the rows to those that are there.
pub(crate) fn more(page: &Page, link: Option<&str>, rows: &str) -> Markup {
    let Some(link) = link else { return html! {} };
    html! {
        nav.more id={ (rows) "-more" } aria-label=(page.t("more-label")) {
            a.button href=(link) hx-get=(link) hx-target={ "#" (rows) "-more" } hx-swap="outerHTML" { (page.t("more")) }
        }
    }
}

/// Names of roles, in the reader's language; a role that is wanted several times is told once, with how often.
pub(crate) fn role_names(page: &Page, roles: &[Role]) -> String {
    let mut counted: Vec<(Role, usize)> = Vec::new();
    for role in roles {
        match counted.iter_mut().find(|(known, _)| known == role) {
            Some((_, count)) => *count += 1,
            None => counted.push((*role, 1)),
        }
    }
    let name = |(role, count): &(Role, usize)| {
        let name = page.word("role", role.word());
        if *count > 1 { format!("{count} × {name}") } else { name }
    };
    counted.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// A button that is there for everyone, and pressed only by who may: the others read which roles may.
pub(crate) fn button(page: &Page, text: &str, class: &str, permission: Permission) -> Markup {
    let allowed = page.session.caller.may(permission);
    html! {
        button type="submit" class=(class) disabled[!allowed] { (page.t(text)) }
        @if !allowed {
            p.hint { (page.ta("needs-role", &[("roles", role_names(page, &roles_allowing(permission)))])) }
        }
    }
}

/// A pair of a list of facts: name and value.
pub(crate) fn pair(page: &Page, name: &str, value: &Markup) -> Markup {
    html! { div { dt { (page.t(name)) } dd { (value) } } }
}
