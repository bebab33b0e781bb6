//! The pages' lines of the one table of routes.

use super::{
    action, action_forms, actions, assets, audit, case, case_forms, cases, connections, customer, customers, live,
    notices, preferences, search, signals, today, users,
};
use crate::route::Route;
use domain::permission::{Permission as P, Role};

/// The parameters of every list.
const LIST: &[&str] = &["filter", "after", "maxpagesize"];

/// Every page, and every form that pages send.
pub(crate) fn all() -> Vec<Route> {
    [super::sign_in::routes(), people(), desk()].into_iter().flatten().collect()
}

fn people() -> Vec<Route> {
    vec![
        Route::page(P::UserManage, "/users", users::show).whole_partner(),
        Route::form(P::UserManage, "/users", users::add).whole_partner(),
        Route::form(P::UserManage, "/users/{id}/invite", users::invite).whole_partner(),
        Route::form(P::UserManage, "/users/{id}/access", users::access).whole_partner(),
        Route::form(P::UserManage, "/users/{id}/change", users::change).whole_partner(),
    ]
}

fn desk() -> Vec<Route> {
    vec![
        Route::asset("/assets/{hash}/{name}", assets::serve),
        Route::page(P::CustomerRead, "/", today::show).query(&["view"]),
        Route::page(P::CustomerRead, "/live", live::stream).query(&["since"]),
        Route::page(P::CustomerRead, "/cases", cases::show).query(LIST),
        Route::form(P::SignalTriage, "/cases/many", cases::many),
        Route::page(P::CustomerRead, "/cases/{id}", case::show),
        Route::form(P::SignalTriage, "/cases/{id}/claim", case_forms::claim),
        Route::form(P::SignalTriage, "/cases/{id}/close", case_forms::close),
        Route::form(P::SignalTriage, "/cases/{id}/reopen", case_forms::reopen),
        Route::form(P::SignalTriage, "/cases/{id}/note", case_forms::note),
        Route::form(P::SignalTriage, "/cases/{id}/answer", case_forms::answer),
        Route::form(P::ActionPropose, "/cases/{id}/propose", case_forms::propose),
        Route::page(P::CustomerRead, "/search", search::show).query(&["q"]),
        Route::page(P::CustomerRead, "/signals", signals::show).query(LIST),
        Route::page(P::CustomerRead, "/customers", customers::show).query(LIST),
        Route::page(P::CustomerRead, "/customers/{id}", customer::show).query(&["part", "before"]),
        Route::page(P::CustomerRead, "/customers/{id}/subscriptions", customer::subscriptions).query(LIST),
        Route::page(P::CustomerRead, "/actions", actions::show).query(LIST),
        Route::page(P::CustomerRead, "/actions/{id}", action::show),
        Route::form(P::ActionApprove, "/actions/{id}/approve", action_forms::approve),
        Route::form(P::ActionApprove, "/actions/{id}/reject", action_forms::reject),
        Route::form(P::ActionPropose, "/actions/{id}/stop", action_forms::stop),
        Route::form(P::ActionPropose, "/actions/{id}/revert", action_forms::revert),
        Route::form(P::ActionApprove, "/actions/{id}/review", action_forms::review).only(Role::GlobalAdministrator),
        Route::page(P::CustomerRead, "/notices", notices::show).query(LIST),
        Route::page(P::CustomerRead, "/notices/{id}", notices::one),
        Route::form(P::SignalTriage, "/notices/{id}/answer", notices::answer),
        Route::page(P::AuditRead, "/audit", audit::show).whole_partner().query(&["before"]),
        Route::page(P::ConnectionManage, "/connections", connections::show).whole_partner(),
        Route::form(P::ActionSwitch, "/connections/{id}/actions", connections::switch).whole_partner(),
        Route::form(P::CustomerRead, "/preferences", preferences::choose),
    ]
}
