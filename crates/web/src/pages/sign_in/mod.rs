//! The pages of the doors: signing in, the first time by a link, proving anew who one is, and what people change about
//! their own way in. Nothing is checked here; that is `crate::sign_in`.

mod bare;
pub(crate) mod demo;
pub(crate) mod enter;
pub(crate) mod entra;
pub(crate) mod profile;
pub(crate) mod prove;
pub(crate) mod welcome;

use crate::route::Route;
use domain::permission::Permission as P;

/// The lines of the table of routes.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::open_page("/sign-in", enter::show).query(&["next"]),
        Route::open_form("/sign-in", enter::send),
        Route::open_form("/demo/sign-in/{role}", demo::send),
        Route::form(P::CustomerRead, "/sign-out", enter::leave),
        Route::open_page("/welcome/{link}", welcome::show),
        Route::open_form("/welcome/{link}", welcome::send),
        Route::open_page("/sign-in/entra", entra::go),
        Route::open_page(crate::sign_in::entra::arriving::RETURN, entra::come_back).query(entra::RETURN_QUERY),
        Route::page(P::CustomerRead, "/prove", prove::show).query(&["next"]),
        Route::form(P::CustomerRead, "/prove", prove::send),
        Route::page(P::CustomerRead, "/prove/entra", entra::go_again),
        Route::page(P::CustomerRead, "/profile", profile::show),
        Route::form(P::CustomerRead, "/profile/password", profile::password),
        Route::form(P::CustomerRead, "/profile/totp", profile::totp),
        Route::form(P::CustomerRead, "/profile/recovery-codes", profile::recovery),
        Route::form(P::CustomerRead, "/profile/tokens", profile::token),
        Route::form(P::CustomerRead, "/profile/tokens/{id}/revoke", profile::revoke),
        Route::form(P::CustomerRead, "/profile/sessions/{id}/end", profile::end),
    ]
}
