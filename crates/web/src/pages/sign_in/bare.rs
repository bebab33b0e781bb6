//! A page for someone who has not signed in: its language and looks, and fields without a session's token. Where such a
//! form comes from is told by the browser, and checked by whoever takes it.

use crate::app::App;
use crate::language::Language;
use crate::pages::page::html_of;
use crate::pages::preferences::Preferences;
use crate::pages::{layout, problem};
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::views::LooksChosen;
use maud::{Markup, html};
use std::convert::Infallible;

/// A page on its way to someone who has not signed in.
#[derive(Debug)]
pub(crate) struct Bare {
    pub(crate) headers: HeaderMap,
    language: Language,
    preferences: Preferences,
    demo: bool,
}

impl FromRequestParts<App> for Bare {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self {
            headers: parts.headers.clone(),
            language: parts.extensions.get::<Language>().copied().unwrap_or_default(),
            preferences: Preferences::read(&parts.headers, &LooksChosen::default()),
            demo: app.presentation.demo,
        })
    }
}

/// A field of a form before the session.
pub(crate) struct Field<'a> {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: &'static str,
    /// What the browser may fill in, as HTML names it.
    pub(crate) fills: &'static str,
    /// What was typed; never given for secrets.
    pub(crate) typed: &'a str,
}

impl Bare {
    /// The text under a key.
    pub(crate) fn t(&self, key: &str) -> String {
        self.language.text(key, None, &[])
    }

    /// The whole page.
    pub(crate) fn show(&self, status: StatusCode, title: &str, main: &Markup) -> Response {
        let whole = layout::bare(self.language, &self.preferences, self.demo, &self.t(title), main);
        (status, html_of(whole)).into_response()
    }

    /// To another page.
    pub(crate) fn go(to: &str) -> Response {
        let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
        (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
    }

    /// What did not go.
    pub(crate) fn problem(&self, problem: Option<&Problem>) -> Markup {
        let Some(problem) = problem else { return html! {} };
        let (title, detail) = problem::texts(self.language, problem);
        html! { div.message.bad role="alert" { p { strong { (title) } } p { (detail) } } }
    }

    /// A field with its label.
    pub(crate) fn field(&self, field: &Field<'_>) -> Markup {
        let is_code = field.fills == "one-time-code";
        html! {
            div.field {
                label for=(field.name) { (self.t(field.label)) }
                input id=(field.name) name=(field.name) type=(field.kind) maxlength="256" required
                    autocomplete=(field.fills) inputmode=[is_code.then_some("text")]
                    value=[(field.kind != "password" && !field.typed.is_empty()).then_some(field.typed)];
            }
        }
    }
}
