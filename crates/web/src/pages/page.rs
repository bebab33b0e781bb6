//! What every page gets and gives: who reads, in which language and zone, whether the whole page or a part is wanted,
//! and the ways to answer. What stands around a page is in `layout`.

use super::formats::Formats;
use super::layout;
use super::preferences::{Preferences, cookie, set_cookie};
use crate::app::App;
use crate::language::Language;
use crate::present::Personal;
use crate::problem::Problem;
use crate::session::Session;
use crate::speech::text_of;
use crate::views::{self, SavedView};
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::file::Part;
use domain::ids::AccountId;
use domain::people::UserFile;
use domain::permission::Scope;
use maud::{Markup, PreEscaped};
use store::rows;

/// Up to how many records that nobody has looked at are counted for every page; more are told as more than it.
pub(crate) const MAX_UNREVIEWED_TOLD: u32 = 100;
/// The cookie that carries a message over to the next page.
const FLASH: &str = "flash";
/// How long it waits for the next page, in seconds.
const FLASH_SECONDS: u32 = 60;
/// Tells that htmx asks, which wants a part.
const HX_REQUEST: HeaderName = HeaderName::from_static("hx-request");
/// What the part is for: `section#queue`.
const HX_TARGET: HeaderName = HeaderName::from_static("hx-target");

/// A page on its way.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) session: Session,
    pub(crate) preferences: Preferences,
    pub(crate) formats: Formats,
    /// The address with its query, to come back to.
    pub(crate) here: String,
    /// The reader's name, where it can be read.
    pub(crate) name: Option<String>,
    /// Whether everything on the pages is made up.
    pub(crate) demo: bool,
    /// The lists with a filter that the reader keeps, and that others share.
    pub(crate) views: Vec<SavedView>,
    /// How many records of Partner Center nobody has looked at; for who sees every customer.
    pub(crate) unreviewed: u64,
    /// The message of the page before: a key of the texts, and a count.
    pub(crate) flash: Option<(String, String)>,
    part: Option<String>,
}

impl FromRequestParts<App> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let session = Session::from_request_parts(parts, app).await?;
        let here = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        let mut page = Self::of(app, session, &parts.headers, here.path_and_query().map_or("/", |here| here.as_str()));
        let user = page.session.caller.user;
        if let Part::User(file) = app.desk.file(user).await?.part {
            page.name = name_of(app, user, &file).await;
            page.views = views::of_user(app, user, &file).await?;
        }
        if page.session.caller.scope == Scope::All {
            page.unreviewed = rows::activity::unreviewed(&app.desk.store, MAX_UNREVIEWED_TOLD + 1).await?;
        }
        Ok(page)
    }
}

impl Page {
    /// The page of a session, without the reader's name.
    pub(crate) fn of(app: &App, session: Session, headers: &HeaderMap, here: &str) -> Self {
        let preferences = Preferences::read(headers, &session.looks);
        let zone = preferences.zone.clone().unwrap_or_else(|| app.presentation.zone.clone());
        let wants_part = headers.contains_key(HX_REQUEST);
        let target =
            text_of(headers, &HX_TARGET).and_then(|target| target.split_once('#')).map(|(_, id)| id.to_owned());
        let flash = cookie(headers, FLASH).and_then(|flash| {
            let (key, count) = flash.split_once(' ')?;
            Some((key.to_owned(), count.to_owned()))
        });
        Self {
            formats: Formats { language: session.language, zone, now: app.desk.clock.now() },
            session,
            preferences,
            here: here.to_owned(),
            name: None,
            views: Vec::new(),
            unreviewed: 0,
            demo: app.presentation.demo,
            flash,
            part: target.filter(|_| wants_part),
        }
    }

    /// The language of the reader.
    pub(crate) const fn language(&self) -> Language {
        self.session.language
    }

    /// The text under a key.
    pub(crate) fn t(&self, key: &str) -> String {
        self.language().text(key, None, &[])
    }

    /// The text under a key, with what it mentions. An argument called `count` chooses the plural.
    pub(crate) fn ta(&self, key: &str, args: &[(&str, String)]) -> String {
        self.language().text(key, None, args)
    }

    /// The text of a word of ours, as in `severity-high`.
    pub(crate) fn word(&self, kind: &str, word: &str) -> String {
        self.t(&format!("{kind}-{}", word.replace('_', "-")))
    }

    /// Title and detail of a problem.
    pub(crate) fn problem_texts(&self, problem: &Problem) -> (String, String) {
        super::problem::texts(self.language(), problem)
    }

    /// Whether only the part with this id is wanted.
    pub(crate) fn wants(&self, id: &str) -> bool {
        self.part.as_deref() == Some(id)
    }

    /// The whole page, with the title under a key.
    pub(crate) fn show(&self, title: &str, main: &Markup) -> Response {
        self.show_as(StatusCode::OK, &self.t(title), main)
    }

    /// The whole page with a title of its own and a status of its own.
    pub(crate) fn show_as(&self, status: StatusCode, title: &str, main: &Markup) -> Response {
        let mut response = (status, html_of(layout::whole(self, title, main))).into_response();
        if self.flash.is_some() {
            append(&mut response, set_cookie(FLASH, "", 0));
        }
        response
    }

    /// Only a part of the page, for who asked for it by `wants`.
    #[expect(clippy::unused_self, reason = "it is said like the other answers of a page")]
    pub(crate) fn part(&self, part: Markup) -> Response {
        html_of(part).into_response()
    }

    /// To another page, after something was done: its message is the text under a key.
    pub(crate) fn done(&self, to: &str, message: &str) -> Response {
        self.done_with(to, message, 0)
    }

    /// As `done`, with a count in the message.
    pub(crate) fn done_with(&self, to: &str, message: &str, count: usize) -> Response {
        let mut response = self.go(to);
        append(&mut response, set_cookie(FLASH, &format!("{message} {count}"), FLASH_SECONDS));
        response
    }

    /// To another page.
    #[expect(clippy::unused_self, reason = "it is said like the other answers of a page")]
    pub(crate) fn go(&self, to: &str) -> Response {
        let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
        (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
    }
}

/// An answer that is a page or a part of one.
pub(crate) fn html_of(markup: Markup) -> impl IntoResponse {
    let PreEscaped(text) = markup;
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], text)
}

fn append(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// A person's own name is shown to that person whatever their roles are.
async fn name_of(app: &App, user: AccountId, file: &UserFile) -> Option<String> {
    let reader = crate::present::Reader::of_own(app);
    match reader.open(user, &file.name).await {
        Personal::Open { value } => Some(value),
        _ => None,
    }
}
