//! A problem as a page: what it is, what to do, and what to name when asking about it. The same problems as the
//! interface for programs tells, with the same texts where people and programs are told the same.

use super::page::{Page, html_of};
use super::pieces::role_names;
use super::{layout, preferences};
use crate::app::App;
use crate::language::Language;
use crate::problem::{Code, Problem};
use crate::session::Session;
use crate::speech::text_of;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::views::LooksChosen;
use maud::html;

/// Whether who asks is a person with a browser, who wants problems as pages.
pub(crate) fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    !path.starts_with(crate::router::API)
        && text_of(headers, &header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

/// Title and detail of a problem, as a page words them: without the headers that programs send.
pub(crate) fn texts(language: Language, problem: &Problem) -> (String, String) {
    let word = problem.code.word();
    let of_page = matches!(
        problem.code,
        Code::Unauthenticated
            | Code::Stale
            | Code::IfMatchMissing
            | Code::BadBody
            | Code::ReauthenticationNeeded
            | Code::BadParameter
            | Code::UnsupportedMediaType
            | Code::NotAcceptable
    );
    let key = if of_page { format!("page-problem-{word}") } else { format!("problem-{word}") };
    (language.text(&key, None, &problem.args), language.text(&key, Some("detail"), &problem.args))
}

/// The body of a problem for a person.
pub(crate) fn shown(
    app: &App,
    session: Option<Session>,
    problem: &Problem,
    (headers, here): (&HeaderMap, &str),
    (language, trace): (Language, &str),
) -> Response {
    let (title, detail) = texts(language, problem);
    let reasons = crate::reasons::reasons(&problem.reasons, language);
    let say = |key: &str| language.text(key, None, &[]);
    let page = session.map(|session| Page::of(app, session, headers, here));
    let main = html! {
        h1 { (title) }
        p { (detail) }
        @if let Some(page) = &page { @if !problem.roles.is_empty() {
            p { (page.ta("needs-role", &[("roles", role_names(page, &problem.roles))])) }
        } }
        @for reason in &reasons { p { (reason.text) } }
        @if problem.code == Code::Unauthenticated {
            p { a.button.primary href={ "/sign-in?next=" (next(here)) } { (say("sign-in")) } }
        } @else if problem.code == Code::ReauthenticationNeeded {
            p { a.button.primary href="/prove" { (say("prove-title")) } }
        } @else {
            p { a.button href="/" { (say("nav-today")) } }
        }
        p.hint { (language.text("page-problem-trace", None, &[("trace", trace.to_owned())])) }
    };
    let markup = if let Some(page) = &page {
        layout::whole(page, &title, &main)
    } else {
        let preferences = preferences::Preferences::read(headers, &LooksChosen::default());
        layout::bare(language, &preferences, app.presentation.demo, &title, &main)
    };
    html_of(markup).into_response()
}

/// To the page to sign in, and from there back to what was wanted.
pub(crate) fn to_sign_in(here: &str) -> Response {
    let to = if here == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", next(here)) };
    let to = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/sign-in"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

fn next(here: &str) -> String {
    form_urlencoded::byte_serialize(preferences::local(here).as_bytes()).collect()
}
