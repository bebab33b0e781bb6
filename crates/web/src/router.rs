//! From the table of routes to a router: every handler behind its guard, every answer through `speech`.

use crate::app::{App, Parts};
use crate::guard::guard;
use crate::health;
use crate::pages::squeeze::squeeze;
use crate::problem::{Code, Problem};
use crate::route::Route;
use crate::routes;
use crate::speech::speak;
use crate::verbs;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower::ServiceBuilder;

/// Where the interface lives.
pub(crate) const API: &str = "/api/v1";

/// The router of the interface. Others may be merged beside it on the same listener.
pub fn router(parts: Parts) -> Router {
    let app = App::new(parts);
    let (mut outside, mut api) = (Router::new(), Router::new());
    for route in routes::all() {
        let rule = route.rule();
        let Route { path, handler, .. } = route;
        let guarded = handler.route_layer(from_fn_with_state((app.clone(), rule), guard));
        match path.strip_prefix(API) {
            Some(path) => api = api.route(&verbs::inside(path), guarded),
            None => outside = outside.route(&path, guarded),
        }
    }
    let api = api.fallback(|| async { Problem::from(Code::NotFound) }).with_state(app.clone());
    let api = ServiceBuilder::new().map_request(verbs::rewrite).service(api);
    // On the listener of the program other routers are merged beside this one: whatever none of them knows ends here.
    let outside = outside.fallback(|| async { Problem::from(Code::NotFound) });
    let outside = outside.nest_service(API, api).layer(from_fn_with_state(app.clone(), speak));
    outside.layer(from_fn(squeeze)).with_state(app)
}

/// The metrics without a token, for a listener of its own that nobody outside reaches.
pub fn metrics_router(parts: Parts) -> Router {
    Router::new().route("/metrics", get(health::metrics)).with_state(App::new(parts))
}

/// Serves the interface on a listener until `stop` resolves; requests that are under way end first.
pub async fn serve(
    parts: Parts,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(parts)).with_graceful_shutdown(stop).await
}
