//! The pages' lines of the one table of routes.

use super::{assets, live, preferences, today};
use crate::route::Route;
use domain::permission::Permission as P;

/// Every page, and every form that pages send.
pub(crate) fn all() -> Vec<Route> {
    vec![
        Route::asset("/assets/{hash}/{name}", assets::serve),
        Route::page(P::CustomerRead, "/", today::show),
        Route::page(P::CustomerRead, "/live", live::stream),
        Route::form(P::CustomerRead, "/preferences", preferences::choose),
    ]
}
