//! The pages that people read and act on, made on the server. One page is one file; nothing is decided here.
//!
//! # How to add a page
//!
//! 1. A file `pages/<name>.rs` with one function for the page and all its parts:
//!    `pub(crate) async fn show(State(app): State<App>, page: Page) -> Result<Response, Problem>`.
//!    It reads rows with `page.session.caller.scope`, builds `maud::html!`, and ends with
//!    `Ok(page.show("title-key", &main))`. Where htmx asks for a part (`hx-target="#queue"`) the same function says
//!    `if page.wants("queue") { return Ok(page.part(queue)) }` before. `Listing`, `Ids` and `Query` work as in the API.
//! 2. A line in `pages/routes.rs`: `Route::page(P::…, "/name", name::show).query(&["filter"])`, with `.whole_partner()`
//!    or `.only(Role)` as in the API. The guard knows the caller, its roles and scope, and refuses unknown parameters
//!    before the function begins; the tests of the table walk over it by themselves. A row in `layout::WAYS` puts it
//!    into the navigation.
//! 3. A form is `form method="post" action="…" { (form::hidden(&app, &page)) … }` and goes to a line
//!    `Route::form(P::…, "/name/{id}/verb", name::verb)`. The guard refuses it without the CSRF token (403). Its function
//!    takes `form: Form` last, calls the very act of the API (`crate::cases::acts::claim(…)`), and ends with
//!    `Ok(page.done("/where/next", "done-key"))`; when the act gives back a problem, it shows the page again with
//!    `form.with(problem)` and the problem's status, so that what was typed stays.
//! 4. Texts in `locales/en/<file>.ftl` and `locales/sv/<file>.ftl`, the file named once in `language::FILES`; read by
//!    `page.t("key")`, `page.ta("key", &[("count", …)])`, `page.word("severity", word)`. Tests compare the two languages,
//!    find keys that do not exist and words that must not be used.
//! 5. Values are written by `page.formats` and the `pieces` (time, money, severity, sealed values, empty states, the way
//!    to the next rows). Never `PreEscaped`, never `style=`, never a script in the page: the policy of the page forbids it.
//! 6. In `tests/api/pages/` a test for the page in both languages; the corpus of hostile texts covers every page by itself.

pub(crate) mod action;
pub(crate) mod action_forms;
pub(crate) mod actions;
pub(crate) mod activity;
pub(crate) mod assets;
pub(crate) mod audit;
pub(crate) mod case;
pub(crate) mod case_forms;
pub(crate) mod cases;
pub(crate) mod connections;
pub(crate) mod contacts;
pub(crate) mod cost_line;
pub(crate) mod csrf;
pub(crate) mod customer;
pub(crate) mod customers;
pub(crate) mod facts;
pub(crate) mod form;
pub(crate) mod formats;
pub(crate) mod guide;
pub(crate) mod incidents;
pub(crate) mod layout;
pub(crate) mod lists;
pub(crate) mod live;
pub(crate) mod names;
pub(crate) mod notices;
pub(crate) mod page;
pub(crate) mod pieces;
pub(crate) mod policies;
pub(crate) mod policy_draft;
pub(crate) mod posture;
pub(crate) mod preferences;
pub(crate) mod problem;
pub(crate) mod qr;
pub(crate) mod queue;
pub(crate) mod reasons;
pub(crate) mod routes;
pub(crate) mod search;
pub(crate) mod sign_in;
pub(crate) mod signals;
pub(crate) mod snoozes;
pub(crate) mod squeeze;
pub(crate) mod today;
pub(crate) mod users;
pub(crate) mod views;
pub(crate) mod words;

use axum::http::{HeaderName, HeaderValue, header};

/// What a page may load: only what the program itself serves. Nothing inline, nothing from elsewhere, no frames.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; \
     require-trusted-types-for 'script'; trusted-types htmx";

/// The headers of pages that differ from those of other answers. The referrer stays inside, since a browser that sends
/// none at all sends forms without an origin that could be checked.
pub(crate) const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
        ),
    ),
];
