//! The seek style of paging (microsoft.md 1.5, P2): `size`, `links.next` and the `MS-ContinuationToken` header.

use serde_json::{Map, Value, json};

use crate::refusal::{self, Refused};
use crate::routes::Context;
use crate::world::World;

/// The largest page of customers and audit records.
pub(crate) const MAX_PAGE: usize = 500;

/// The part of a collection that one call asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seek {
    pub(crate) offset: usize,
    pub(crate) size: usize,
}

/// Reads size and continuation of a call, or refuses what does not belong together.
pub(crate) fn seek(world: &World, context: &Context<'_>) -> Result<Seek, Refused> {
    let size = match context.query.get("size") {
        None => MAX_PAGE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=MAX_PAGE).contains(size))
            .ok_or_else(|| Box::new(refusal::classic(400, "2000", "The size must be from 1 to 500.")))?,
    };
    let follows = context.query.get("seekoperation").is_some_and(|operation| operation.eq_ignore_ascii_case("next"));
    let token = context.request.header("ms-continuationtoken");
    let offset = match (follows, token) {
        (true, None) => {
            return Err(Box::new(refusal::classic(400, "2000", "The MS-ContinuationToken header is missing.")));
        }
        (_, Some(token)) => world
            .key
            .open(context.call.name(), token)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Box::new(refusal::classic(400, "2000", "The continuation token is not valid.")))?,
        (false, None) => 0,
    };
    Ok(Seek { offset, size })
}

/// The collection object of one page; `total` is how many there are in all.
pub(crate) fn page(world: &World, context: &Context<'_>, (seek, total): (Seek, usize), items: &[Value]) -> Value {
    let path = link_path(world, context.request.path());
    let query = context.request.path_and_query.split_once('?').map_or("", |(_, query)| query);
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.to_lowercase().starts_with("seekoperation="))
        .collect();
    let mut links = Map::new();
    let own = if kept.is_empty() { path.clone() } else { format!("{path}?{}", kept.join("&")) };
    links.insert("self".to_owned(), json!({"uri": own, "method": "GET", "headers": []}));
    let end = seek.offset.saturating_add(items.len());
    if end < total {
        let joint = if own.contains('?') { '&' } else { '?' };
        let token = world.key.seal(context.call.name(), &end.to_string());
        links.insert(
            "next".to_owned(),
            json!({
                "uri": format!("{own}{joint}seekOperation=Next"),
                "method": "GET",
                "headers": [{"key": "MS-ContinuationToken", "value": token}],
            }),
        );
    }
    collection(items, &Value::Object(links))
}

/// A collection in Partner Center's form.
pub(crate) fn collection(items: &[Value], links: &Value) -> Value {
    json!({
        "totalCount": items.len(),
        "items": items,
        "links": links,
        "attributes": {"objectType": "Collection"},
    })
}

/// A path as Partner Center writes it in links: without its host and, mostly, without `/v1`.
pub(crate) fn link_path(world: &World, path: &str) -> String {
    let path = path.strip_prefix("/partnercenter").unwrap_or(path);
    if world.switches.links_with_version {
        path.to_owned()
    } else {
        path.strip_prefix("/v1").unwrap_or(path).to_owned()
    }
}
