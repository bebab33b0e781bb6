//! The one table of routes. What is not in it does not exist; what is in it names who may use it.

use crate::guard::Produces;
use crate::policies::MAX_POLICY_BODY_BYTES;
use crate::route::Route;
use crate::sign_in::{enrolling, entering, profile};
use crate::{
    actions, activity, alerts, audit, cases, checking, connections, contacts, customers, health, incidents, me,
};
use crate::{openapi, parking, policies};
use crate::{pages, reauthentication, replays, signals, snoozes, users, views, what_if};
use domain::permission::{Permission as P, Role};
use utoipa_axum::routes;

/// Every route.
pub(crate) fn all() -> Vec<Route> {
    [about(), desk(), containment(), rules(), entering(), people(), proof(), pages::routes::all()]
        .into_iter()
        .flatten()
        .collect()
}

fn about() -> Vec<Route> {
    vec![
        Route::public(routes!(health::lives)),
        Route::public(routes!(health::ready)),
        Route::public_api(routes!(openapi::show)),
        Route::beside(P::AuditRead, routes!(health::metrics)).whole_partner().produces(Produces::Text),
        Route::needs(P::CustomerRead, routes!(me::get)),
        Route::needs(P::CustomerRead, routes!(reauthentication::reauthenticate)),
    ]
}

fn desk() -> Vec<Route> {
    vec![
        Route::needs(P::CustomerRead, routes!(customers::list)),
        Route::needs(P::CustomerRead, routes!(customers::get)),
        Route::needs(P::CustomerRead, routes!(customers::timeline)),
        Route::needs(P::CustomerRead, routes!(customers::subscriptions)),
        Route::needs(P::CustomerRead, routes!(contacts::list)),
        Route::needs(P::CustomerRead, routes!(contacts::get)),
        Route::needs(P::ContactWrite, routes!(contacts::record)),
        Route::needs(P::ContactWrite, routes!(contacts::remove)),
        Route::needs(P::CustomerRead, routes!(contacts::calls)),
        Route::needs(P::ContactWrite, routes!(contacts::call)),
        Route::needs(P::ContactWrite, routes!(contacts::note)),
        Route::needs(P::CustomerRead, routes!(activity::list)),
        Route::needs(P::CustomerRead, routes!(activity::get)),
        Route::needs(P::SignalTriage, routes!(activity::review)),
        Route::needs(P::CustomerRead, routes!(signals::list)),
        Route::needs(P::CustomerRead, routes!(signals::get)),
        Route::needs(P::CustomerRead, routes!(alerts::list)),
        Route::needs(P::CustomerRead, routes!(alerts::get)),
        Route::needs(P::SignalTriage, routes!(alerts::answer)).changes(),
        Route::needs(P::CustomerRead, routes!(cases::list)),
        Route::needs(P::CustomerRead, routes!(cases::get)),
        Route::needs(P::SignalTriage, routes!(cases::acts::claim)).changes(),
        Route::needs(P::SignalTriage, routes!(cases::acts::note)),
        Route::needs(P::SignalTriage, routes!(cases::acts::close)).changes(),
        Route::needs(P::SignalTriage, routes!(cases::acts::reopen)).changes(),
        Route::needs(P::CustomerRead, routes!(snoozes::list)),
        Route::needs(P::SignalTriage, routes!(snoozes::snooze)),
        Route::needs(P::SignalTriage, routes!(snoozes::end_one)),
    ]
}

fn containment() -> Vec<Route> {
    vec![
        Route::needs(P::ActionPropose, routes!(cases::acts::propose)),
        Route::needs(P::CustomerRead, routes!(actions::list)),
        Route::needs(P::CustomerRead, routes!(actions::get)),
        Route::needs(P::ActionApprove, routes!(actions::acts::approve)).changes(),
        Route::needs(P::ActionApprove, routes!(actions::acts::reject)).changes(),
        Route::needs(P::ActionApprove, routes!(actions::acts::acknowledge)).changes(),
        Route::needs(P::ActionPropose, routes!(actions::acts::stop)).changes(),
        Route::needs(P::ActionPropose, routes!(actions::acts::revert)),
        Route::needs(P::ActionApprove, routes!(actions::acts::review)).only(Role::GlobalAdministrator).changes(),
        Route::needs(P::CustomerRead, routes!(incidents::list)).whole_partner(),
        Route::needs(P::CustomerRead, routes!(incidents::get)).whole_partner(),
        Route::needs(P::IncidentManage, routes!(incidents::declare)).whole_partner(),
        Route::needs(P::IncidentManage, routes!(incidents::lift_cap)).whole_partner().changes(),
        Route::needs(P::IncidentManage, routes!(incidents::end)).whole_partner().changes(),
    ]
}

fn rules() -> Vec<Route> {
    let with_files = |route: Route| route.whole_partner().max_body_bytes(MAX_POLICY_BODY_BYTES);
    vec![
        Route::needs(P::PolicyRead, routes!(policies::list)).whole_partner(),
        Route::needs(P::PolicyRead, routes!(policies::get)).whole_partner(),
        with_files(Route::needs(P::PolicyRead, routes!(policies::check))),
        with_files(Route::needs(P::PolicyRead, routes!(what_if::run))),
        Route::needs(P::PolicyRead, routes!(replays::run)).whole_partner(),
        with_files(Route::needs(P::PolicyPublish, routes!(policies::publish))).changes(),
    ]
}

/// How people get in, and what they change about it. Every role may, since it is about the caller alone.
fn entering() -> Vec<Route> {
    vec![
        Route::public_api(routes!(entering::sign_in)),
        Route::public_api(routes!(enrolling::look)),
        Route::public_api(routes!(enrolling::enrol)),
        Route::needs(P::CustomerRead, routes!(entering::sign_out)),
        Route::needs(P::CustomerRead, routes!(profile::list_sessions)),
        Route::needs(P::CustomerRead, routes!(profile::end_session)),
        Route::needs(P::CustomerRead, routes!(profile::change_password)),
        Route::needs(P::CustomerRead, routes!(profile::offer_totp)),
        Route::needs(P::CustomerRead, routes!(profile::change_totp)),
        Route::needs(P::CustomerRead, routes!(profile::make_recovery_codes)),
        Route::needs(P::CustomerRead, routes!(profile::issue_token)),
        Route::needs(P::CustomerRead, routes!(profile::revoke_token)),
        Route::needs(P::CustomerRead, routes!(views::list)),
        Route::needs(P::CustomerRead, routes!(views::add)),
        Route::needs(P::CustomerRead, routes!(views::change)),
        Route::needs(P::CustomerRead, routes!(views::delete)),
        Route::needs(P::CustomerRead, routes!(views::choose)),
    ]
}

fn people() -> Vec<Route> {
    vec![
        Route::needs(P::UserManage, routes!(enrolling::invite)).whole_partner(),
        Route::needs(P::UserManage, routes!(users::list)).whole_partner(),
        Route::needs(P::UserManage, routes!(users::get)).whole_partner(),
        Route::needs(P::UserManage, routes!(users::add)).whole_partner(),
        Route::needs(P::UserManage, routes!(users::change)).whole_partner().changes(),
        Route::needs(P::UserManage, routes!(users::issue_token)).whole_partner(),
        Route::needs(P::UserManage, routes!(users::revoke_token)).whole_partner(),
        Route::needs(P::ConnectionManage, routes!(connections::list)).whole_partner(),
        Route::needs(P::ConnectionManage, routes!(connections::get)).whole_partner(),
        Route::needs(P::ConnectionManage, routes!(connections::issue_key)).whole_partner(),
        Route::needs(P::ConnectionManage, routes!(connections::revoke_key)).whole_partner(),
        Route::needs(P::ActionSwitch, routes!(connections::switch_actions)).whole_partner().changes(),
        Route::needs(P::ConnectionManage, routes!(parking::list)).whole_partner(),
    ]
}

fn proof() -> Vec<Route> {
    vec![
        Route::needs(P::AuditRead, routes!(audit::facts)).whole_partner(),
        Route::needs(P::AuditRead, routes!(audit::export)).whole_partner().produces(Produces::Lines),
        Route::needs(P::AuditRead, routes!(audit::checkpoint)).whole_partner(),
        Route::needs(P::AuditRead, routes!(checking::check)).whole_partner(),
    ]
}
