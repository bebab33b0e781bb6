//! The pages' lines of the one table of routes.

use super::{
    action, action_forms, actions, activity, assets, audit, case, case_forms, cases, connections, contacts, customer,
    customers, incidents, live, notices, policies, policy_draft, preferences, search, signals, snoozes, today, users,
    views,
};
use crate::policies::MAX_POLICY_BODY_BYTES;
use crate::route::Route;
use domain::permission::{Permission as P, Role};

/// The parameters of every list.
const LIST: &[&str] = &["filter", "after", "maxpagesize"];

/// Every page, and every form that pages send.
pub(crate) fn all() -> Vec<Route> {
    [super::sign_in::routes(), people(), desk(), known(), rules()].into_iter().flatten().collect()
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
        Route::page(P::CustomerRead, "/cases/next", cases::next),
        Route::page(P::CustomerRead, "/cases/{id}", case::show),
        Route::form(P::SignalTriage, "/cases/{id}/claim", case_forms::claim),
        Route::form(P::SignalTriage, "/cases/{id}/close", case_forms::close),
        Route::form(P::SignalTriage, "/cases/{id}/reopen", case_forms::reopen),
        Route::form(P::SignalTriage, "/cases/{id}/note", case_forms::note),
        Route::form(P::SignalTriage, "/cases/{id}/answer", case_forms::answer),
        Route::form(P::SignalTriage, "/cases/{id}/snooze", snoozes::set),
        Route::form(P::ActionPropose, "/cases/{id}/propose", case_forms::propose),
        Route::page(P::CustomerRead, "/search", search::show).query(&["q"]),
        Route::page(P::CustomerRead, "/signals", signals::show).query(LIST),
        Route::page(P::CustomerRead, "/actions", actions::show).query(LIST),
        Route::page(P::CustomerRead, "/actions/{id}", action::show),
        Route::form(P::ActionApprove, "/actions/{id}/approve", action_forms::approve),
        Route::form(P::ActionApprove, "/actions/{id}/reject", action_forms::reject),
        Route::form(P::ActionApprove, "/actions/{id}/acknowledge", action_forms::acknowledge),
        Route::form(P::ActionPropose, "/actions/{id}/stop", action_forms::stop),
        Route::form(P::ActionPropose, "/actions/{id}/revert", action_forms::revert),
        Route::form(P::ActionApprove, "/actions/{id}/review", action_forms::review).only(Role::GlobalAdministrator),
        Route::page(P::CustomerRead, "/notices", notices::show).query(LIST),
        Route::page(P::CustomerRead, "/notices/{id}", notices::one),
        Route::form(P::SignalTriage, "/notices/{id}/answer", notices::answer),
        Route::page(P::AuditRead, "/audit", audit::show).whole_partner().query(&["before"]),
        Route::form(P::AuditRead, "/audit/check", audit::check).whole_partner(),
        Route::page(P::CustomerRead, "/incidents", incidents::show).whole_partner().query(LIST),
        Route::page(P::ConnectionManage, "/connections", connections::show).whole_partner(),
        Route::form(P::ActionSwitch, "/connections/{id}/actions", connections::switch).whole_partner(),
        Route::form(P::CustomerRead, "/preferences", preferences::choose),
        Route::page(P::CustomerRead, "/snoozes", snoozes::show).query(LIST),
        Route::form(P::SignalTriage, "/snoozes/{id}/end", snoozes::end),
        Route::page(P::CustomerRead, "/views", views::show),
        Route::page(P::CustomerRead, "/views/{id}", views::open),
        Route::form(P::CustomerRead, "/views", views::add),
        Route::form(P::CustomerRead, "/views/{id}/change", views::change),
        Route::form(P::CustomerRead, "/views/{id}/delete", views::delete),
        Route::form(P::CustomerRead, "/views/{id}/choose", views::choose),
    ]
}

/// Customers, whom we speak with there, and what was done for them in Partner Center.
fn known() -> Vec<Route> {
    vec![
        Route::page(P::CustomerRead, "/customers", customers::show).query(LIST),
        Route::page(P::CustomerRead, "/customers/{id}", customer::show).query(&["part", "before"]),
        Route::page(P::CustomerRead, "/customers/{id}/subscriptions", customer::subscriptions).query(LIST),
        Route::form(P::ContactWrite, "/customers/{id}/note", contacts::note),
        Route::form(P::ContactWrite, "/customers/{id}/call", contacts::call),
        Route::form(P::ContactWrite, "/customers/{id}/contact", contacts::record),
        Route::form(P::ContactWrite, "/customers/{id}/contacts/{contact}/remove", contacts::remove),
        Route::page(P::CustomerRead, "/activity", activity::show).query(LIST),
        Route::page(P::CustomerRead, "/activity/{id}", activity::one),
        Route::form(P::SignalTriage, "/activity/review", activity::mark),
    ]
}

/// The partner's rules as files.
fn rules() -> Vec<Route> {
    let with_files = |route: Route| route.whole_partner().max_body_bytes(MAX_POLICY_BODY_BYTES);
    vec![
        Route::page(P::PolicyRead, "/policies", policies::show).whole_partner().query(&["after", "maxpagesize"]),
        Route::page(P::PolicyRead, "/policies/{hash}", policies::one).whole_partner(),
        Route::page(P::PolicyRead, "/policies/{hash}/edit", policy_draft::edit).whole_partner().query(&["file"]),
        with_files(Route::form(P::PolicyRead, "/policies/draft", policy_draft::check)),
        with_files(Route::form(P::PolicyRead, "/policies/try", policy_draft::attempt)),
        with_files(Route::form(P::PolicyPublish, "/policies/publish", policy_draft::put)),
        Route::form(P::PolicyRead, "/policies/replay", policies::replay).whole_partner(),
    ]
}
