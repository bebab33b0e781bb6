//! What stands around every page: the header with search, language and theme, the navigation by role, the message of
//! what was just done. A page never writes `<html>` itself.

use super::assets;
use super::csrf;
use super::page::{MAX_UNREVIEWED_TOLD, Page};
use super::preferences::{Preferences, Theme};
use crate::language::Language;
use domain::permission::{Permission as P, Scope};
use maud::{DOCTYPE, Markup, html};

/// htmx without what the pages do not need: no styles of its own, no eval, and only the extension for live updates. An
/// answer that is a problem takes the place of nothing: what stood there is worth more.
const HTMX: &str = concat!(
    r#"{"includeIndicatorCSS":false,"history":false,"extensions":"sse,borgen","defaultSwap":"outerHTML","#,
    r#""noSwap":[204,304,"4xx","5xx"],"sse":{"reconnectMaxDelay":10000}}"#
);

/// A way of the navigation: its address, the key of its text, and who sees it.
struct Way {
    to: &'static str,
    text: &'static str,
    needs: P,
    whole_partner: bool,
}

const fn way(to: &'static str, text: &'static str, needs: P, whole_partner: bool) -> Way {
    Way { to, text, needs, whole_partner }
}

/// The navigation, group by group. A page that gets a row here has to be in the table of routes.
const WAYS: &[(&str, &[Way])] = &[
    ("", &[way("/", "nav-today", P::CustomerRead, false)]),
    (
        "nav-risk",
        &[
            way("/cases", "nav-cases", P::CustomerRead, false),
            way("/signals", "nav-signals", P::CustomerRead, false),
            way("/snoozes", "snoozes-title", P::CustomerRead, false),
            way("/notices", "notices-title", P::CustomerRead, false),
            way("/customers", "customers-title", P::CustomerRead, false),
            way("/activity", "activity-title", P::CustomerRead, false),
        ],
    ),
    (
        "nav-control",
        &[
            way("/actions", "actions-title", P::CustomerRead, false),
            way("/incidents", "incidents-title", P::CustomerRead, true),
            way("/policies", "policies-title", P::PolicyRead, true),
            way("/audit", "audit-title", P::AuditRead, true),
            way("/connections", "connections-title", P::ConnectionManage, true),
            way("/users", "users-title", P::UserManage, true),
        ],
    ),
];

/// The head of every page.
fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="htmx-config" content=(HTMX);
            title { (title) " · Borgen" }
            link rel="icon" type="image/svg+xml" href=(assets::path("icon.svg"));
            link rel="stylesheet" href=(assets::path("app.css"));
            script defer src=(assets::path("app.js")) {}
        }
    }
}

/// A whole page for someone who has signed in.
pub(crate) fn whole(page: &Page, title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(page.language().code()) data-theme=(page.preferences.theme.word()) data-keys=(on_off(page.preferences.keys)) {
            (head(title))
            body {
                a.skip href="#main" { (page.t("skip")) }
                (banner(page.language(), page.demo))
                (header(page))
                div.frame {
                    (navigation(page))
                    main id="main" tabindex="-1" {
                        (flash(page))
                        (main)
                    }
                }
                (help(page))
            }
        }
    }
}

/// A page for someone who has not: sign-in, and problems before it.
pub(crate) fn bare(language: Language, preferences: &Preferences, demo: bool, title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.code()) data-theme=(preferences.theme.word()) data-keys="off" {
            (head(title))
            body.bare {
                (banner(language, demo))
                header.top { a.brand href="/" { "Borgen" } }
                main id="main" tabindex="-1" { (main) }
            }
        }
    }
}

/// The banner that says when everything is made up.
fn banner(language: Language, demo: bool) -> Markup {
    html! { @if demo { aside.demo aria-label=(language.text("demo-banner", None, &[])) { strong { (language.text("demo-banner", None, &[])) } " " (language.text("demo-banner-text", None, &[])) } } }
}

const fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn header(page: &Page) -> Markup {
    let roles: Vec<_> = page.session.caller.roles.iter().copied().collect();
    html! {
        header.top {
            a.brand href="/" { "Borgen" }
            form.search role="search" action="/search" method="get" aria-label=(page.t("search-label")) {
                label.hidden for="search" { (page.t("search-label")) }
                input id="search" type="search" name="q" maxlength="200" placeholder=(page.t("search-placeholder")) data-key="/";
            }
            details.menu {
                summary { span.who { (page.name.clone().unwrap_or_else(|| page.t("menu"))) } span.role { (super::pieces::role_names(page, &roles)) } }
                div {
                    p { a href="/profile" { (page.t("profile-title")) } }
                    (switches(page))
                }
            }
        }
    }
}

/// Language, theme and keys: a form with a button for each, so that it works without a script.
fn switches(page: &Page) -> Markup {
    let preferences = &page.preferences;
    let languages = [(Language::English, "English"), (Language::Swedish, "Svenska")];
    html! {
        form.switches method="post" action="/preferences" {
            input type="hidden" name=(csrf::FIELD) value=(csrf::token(&page.session));
            input type="hidden" name="back" value=(page.here);
            fieldset { legend { (page.t("language")) }
                @for (language, name) in languages {
                    button name="language" value=(language.code()) lang=(language.code()) aria-pressed=(pressed(language == page.language())) { (name) }
                }
            }
            fieldset { legend { (page.t("theme")) }
                @for theme in Theme::ALL {
                    button name="theme" value=(theme.word()) aria-pressed=(pressed(theme == preferences.theme)) { (page.word("theme", theme.word())) }
                }
            }
            fieldset { legend { (page.t("keys")) }
                @for on in [true, false] {
                    button name="keys" value=(on_off(on)) aria-pressed=(pressed(on == preferences.keys)) { (page.t(if on { "keys-on" } else { "keys-off" })) }
                }
            }
        }
    }
}

const fn pressed(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

/// The page of the navigation that a text names in the reader's language, if the reader may see it.
pub(super) fn way_named(page: &Page, text: &str) -> Option<&'static str> {
    let wanted = text.to_lowercase();
    let ways = || WAYS.iter().flat_map(|(_, ways)| *ways).filter(|way| sees(page, way));
    let named = |way: &&Way| page.t(way.text).to_lowercase() == wanted;
    let begins = |way: &&Way| wanted.chars().count() > 2 && page.t(way.text).to_lowercase().starts_with(&wanted);
    ways().find(named).or_else(|| ways().find(begins)).map(|way| way.to)
}

/// Whether the reader may see a page.
fn sees(page: &Page, way: &Way) -> bool {
    let caller = &page.session.caller;
    caller.may(way.needs) && (!way.whole_partner || caller.scope == Scope::All)
}

fn navigation(page: &Page) -> Markup {
    let path = page.here.split('?').next().unwrap_or_default();
    let sees = |way: &&Way| sees(page, way);
    let is_here = |way: &Way| {
        path == way.to || (way.to.len() > 1 && path.strip_prefix(way.to).is_some_and(|rest| rest.starts_with('/')))
    };
    html! {
        nav.side aria-label=(page.t("nav-label")) {
            @for (group, ways) in WAYS {
                @if ways.iter().any(|way| sees(&way)) {
                    @if !group.is_empty() { h2 { (page.t(group)) } }
                    ul {
                        @for way in ways.iter().filter(sees) {
                            li { a href=(way.to) aria-current=[is_here(way).then_some("page")] { (page.t(way.text)) (waiting(page, way)) } }
                        }
                    }
                }
            }
            (kept(page))
        }
    }
}

/// How much waits behind a way, where somebody has to look at it.
fn waiting(page: &Page, way: &Way) -> Markup {
    let most = u64::from(MAX_UNREVIEWED_TOLD);
    let told = if page.unreviewed > most { format!("{most}+") } else { page.unreviewed.to_string() };
    html! {
        @if way.to == "/activity" && page.unreviewed > 0 {
            " " span.count { span aria-hidden="true" { (told) } span.hidden { "(" (page.ta("nav-unreviewed", &[("count", told)])) ")" } }
        }
    }
}

/// The views that the reader keeps and that others share, each under its name; and where they are kept in order.
fn kept(page: &Page) -> Markup {
    html! {
        @if !page.views.is_empty() {
            h2 { (page.t("views-title")) }
            ul {
                @for view in &page.views {
                    li { a href={ "/views/" (view.id) } aria-current=[(page.here == view.address()).then_some("page")] { (view.name) } }
                }
                li { a href="/views" aria-current=[(page.here == "/views").then_some("page")] { (page.t("views-manage")) } }
            }
        }
    }
}

/// The message of what was just done. Its key came in a cookie: an unknown one says nothing.
fn flash(page: &Page) -> Markup {
    let Some((key, count)) = page.flash.as_ref().filter(|(key, _)| key.starts_with("done-")) else { return html! {} };
    let text = page.ta(key, &[("count", count.clone())]);
    html! { @if text != *key { div.message.good role="status" { p { (text) } } } }
}

/// The keys, for who asks for them.
fn help(page: &Page) -> Markup {
    let keys =
        ["j", "k", "x", "X", "Enter", "Escape", "m", "a", "e", "f", "s", "p", "n", "/", "Ctrl K", "g t", "g c", "?"];
    html! {
        dialog id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { (page.t("keys")) }
            dl.keys {
                @for key in keys { div { dt { kbd { (key) } } dd { (page.t(&format!("key-{}", key_name(key)))) } } }
            }
            form method="dialog" { button { (page.t("close-dialog")) } }
        }
    }
}

fn key_name(key: &str) -> String {
    match key {
        "/" => "query".to_owned(),
        "?" => "help".to_owned(),
        "X" => "range".to_owned(),
        other => other.to_lowercase().replace(' ', "-"),
    }
}
