//! One line of the table of routes: a handler with what it asks of its caller. A route can't be made without that.

use crate::access::{Access, Needs};
use crate::app::App;
use crate::guard::{MAX_BODY_BYTES, Produces, Rule};
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use domain::permission::{Permission, Role};
use serde_json::Value;
use std::sync::Arc;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{PathItem, Paths};
use utoipa::openapi::schema::Schema;

/// What `utoipa_axum::routes!` gives for one handler.
pub(crate) type Described = (Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<App>);

/// One route.
pub(crate) struct Route {
    /// The address, as in `/api/v1/cases/{id}:claim`.
    pub(crate) path: String,
    pub(crate) method: Method,
    pub(crate) access: Access,
    pub(crate) produces: Produces,
    pub(crate) max_body_bytes: usize,
    /// The query parameters of a page.
    pub(crate) query: &'static [&'static str],
    /// Whether it changes something that exists, so that the state it is based on has to be named.
    pub(crate) changes: bool,
    /// What the handler says about itself, as an `OpenAPI` operation.
    pub(crate) operation: Value,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
    pub(crate) handler: MethodRouter<App>,
}

impl Route {
    fn new(prefix: &str, access: Access, described: Described) -> Self {
        let (schemas, paths, handler) = described;
        let (path, item) = paths.paths.into_iter().next().unwrap_or_default();
        let (method, operation) = operation_of(item);
        Self {
            path: format!("{prefix}{path}"),
            method,
            access,
            produces: Produces::Json,
            max_body_bytes: MAX_BODY_BYTES,
            query: &[],
            changes: false,
            operation,
            schemas,
            handler,
        }
    }

    /// A page, for who has the permission.
    pub(crate) fn page<H: Handler<T, App>, T: 'static>(permission: Permission, path: &str, handler: H) -> Self {
        let needs = Needs { permission, role: None, whole_partner: false };
        Self::beside_the_api(Method::GET, path, Access::Needs(needs), Produces::Page, get(handler))
    }

    /// What a form of a page is sent to, for who has the permission.
    pub(crate) fn form<H: Handler<T, App>, T: 'static>(permission: Permission, path: &str, handler: H) -> Self {
        let needs = Needs { permission, role: None, whole_partner: false };
        Self::beside_the_api(Method::POST, path, Access::Needs(needs), Produces::Page, post(handler))
    }

    /// What pages load: for everyone.
    pub(crate) fn asset<H: Handler<T, App>, T: 'static>(path: &str, handler: H) -> Self {
        Self::beside_the_api(Method::GET, path, Access::Public, Produces::Page, get(handler))
    }

    /// A page for everyone: the doors.
    pub(crate) fn open_page<H: Handler<T, App>, T: 'static>(path: &str, handler: H) -> Self {
        Self::beside_the_api(Method::GET, path, Access::Public, Produces::Page, get(handler))
    }

    /// What a form for everyone is sent to. There is no session to bind it to: its handler asks the browser where it
    /// comes from.
    pub(crate) fn open_form<H: Handler<T, App>, T: 'static>(path: &str, handler: H) -> Self {
        Self::beside_the_api(Method::POST, path, Access::Public, Produces::Page, post(handler))
    }

    fn beside_the_api(
        method: Method,
        path: &str,
        access: Access,
        produces: Produces,
        handler: MethodRouter<App>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            method,
            access,
            produces,
            max_body_bytes: MAX_BODY_BYTES,
            query: &[],
            changes: false,
            operation: Value::Null,
            schemas: Vec::new(),
            handler,
        }
    }

    /// The query parameters that a page knows.
    pub(crate) fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    /// Whether people read it and programs do not.
    pub(crate) fn is_page(&self) -> bool {
        self.produces == Produces::Page
    }

    /// A route for everyone.
    pub(crate) fn public(described: Described) -> Self {
        Self::new("", Access::Public, described)
    }

    /// A route of the interface for everyone.
    pub(crate) fn public_api(described: Described) -> Self {
        Self::new(crate::router::API, Access::Public, described)
    }

    /// A route for who has the permission.
    pub(crate) fn needs(permission: Permission, described: Described) -> Self {
        let needs = Needs { permission, role: None, whole_partner: false };
        Self::new(crate::router::API, Access::Needs(needs), described)
    }

    /// A route for who has the permission, beside the interface.
    pub(crate) fn beside(permission: Permission, described: Described) -> Self {
        let needs = Needs { permission, role: None, whole_partner: false };
        Self::new("", Access::Needs(needs), described)
    }

    /// It concerns the whole partner: only who sees every customer may.
    pub(crate) fn whole_partner(mut self) -> Self {
        if let Access::Needs(needs) = &mut self.access {
            needs.whole_partner = true;
        }
        self
    }

    /// Of those who have the permission, only this role may.
    pub(crate) fn only(mut self, role: Role) -> Self {
        if let Access::Needs(needs) = &mut self.access {
            needs.role = Some(role);
        }
        self
    }

    /// It changes something that exists: `If-Match` is required.
    pub(crate) fn changes(mut self) -> Self {
        self.changes = true;
        self
    }

    /// It answers in another form than JSON.
    pub(crate) fn produces(mut self, produces: Produces) -> Self {
        self.produces = produces;
        self
    }

    /// It takes a larger body than others.
    pub(crate) fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// What stands in front of the handler.
    pub(crate) fn rule(&self) -> Arc<Rule> {
        let parameters = self.operation.get("parameters").and_then(Value::as_array);
        let in_query = |parameter: &&Value| parameter.get("in").and_then(Value::as_str) == Some("query");
        let name = |parameter: &Value| parameter.get("name").and_then(Value::as_str).map(str::to_owned);
        Arc::new(Rule {
            name: Arc::from(format!("{} {}", self.method, self.path)),
            access: self.access,
            parameters: parameters
                .into_iter()
                .flatten()
                .filter(in_query)
                .filter_map(name)
                .chain(self.query.iter().map(|name| (*name).to_owned()))
                .collect(),
            produces: self.produces,
            max_body_bytes: self.max_body_bytes,
        })
    }
}

/// The one operation that a handler describes.
fn operation_of(item: PathItem) -> (Method, Value) {
    let operations = [
        (Method::GET, item.get),
        (Method::POST, item.post),
        (Method::PATCH, item.patch),
        (Method::DELETE, item.delete),
        (Method::PUT, item.put),
    ];
    let found = operations.into_iter().find_map(|(method, operation)| operation.map(|operation| (method, operation)));
    found.map_or((Method::GET, Value::Null), |(method, operation)| {
        (method, serde_json::to_value(operation).unwrap_or_default())
    })
}
