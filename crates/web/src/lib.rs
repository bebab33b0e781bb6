//! The interface: REST for people and programs, every route behind one guard, every answer in the reader's language.
//! Nothing is decided here; what is asked for goes to the desk, what is shown comes from the store's rows.

mod access;
mod actions;
mod activity;
mod acts;
mod alerts;
mod app;
mod audit;
mod body;
mod cases;
mod checking;
mod connections;
mod contacts;
mod customers;
mod guard;
mod health;
mod idempotency;
mod incidents;
mod journal;
mod language;
mod lifts;
mod listing;
mod me;
pub mod openapi;
mod pages;
mod parking;
mod people;
mod phrases;
mod policies;
mod present;
mod problem;
mod reasons;
mod reauthentication;
mod replays;
mod route;
mod router;
mod routes;
mod seconding;
mod session;
mod sign_in;
mod signals;
mod snoozes;
mod speech;
mod tokens;
mod users;
mod verbs;
mod views;
mod what_if;

pub use access::{Access, Needs};
pub use app::{MAX_REQUESTS_AT_ONCE, MetricsText, NotReady, Parts, Presentation, Ready};
pub use guard::MAX_BODY_BYTES;
pub use language::Language;
pub use phrases::in_swedish;
pub use reauthentication::REAUTHENTICATION_MINUTES;
pub use router::{metrics_router, router, serve};
pub use sign_in::doors::SignIn;
pub use sign_in::entra::{AskProvider, Asking, EntraSettings, NotTold, Told};
pub use sign_in::sessions::{ABSOLUTE_HOURS, IDLE_MINUTES};
pub use sign_in::totp;
pub use speech::MAX_REQUEST_SECONDS;

/// A route of the table, for those who check it: method, address, access, and whether the state a change is based on
/// has to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The method.
    pub method: http::Method,
    /// The address, as in `/api/v1/cases/{id}:claim`.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// Whether `If-Match` is required.
    pub changes: bool,
    /// Whether it is one of the pages, which people read and programs do not.
    pub page: bool,
}

/// The table of routes.
#[must_use]
pub fn table() -> Vec<Listed> {
    let listed = |route: route::Route| Listed {
        page: route.is_page(),
        method: route.method,
        path: route.path,
        access: route.access,
        changes: route.changes,
    };
    routes::all().into_iter().map(listed).collect()
}
