//! Lists, page by page: the caller drives and may stop and go on later; the collector drives for it up to a named limit.
//! Four styles: Partner Center's collection with a continuation token, Graph's and Azure's next link, and numbered pages.

use std::fmt;
use std::marker::PhantomData;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::{Call, CallContext};
use crate::client::{Client, Needs, Outgoing};
use crate::cloud::Role;
use crate::error::Error;
use crate::ids::TenantId;
use crate::links;
use crate::raw::RawJson;
use crate::wire::{parse_text, without_bom};

/// How many pages the collector reads: 500,000 rows at 500 a page.
pub const MAX_PAGES: usize = 1000;
/// The longest continuation token that is sent back.
const MAX_CONTINUATION_BYTES: usize = 8 * 1024;
/// The one header that a page may ask to be sent for the next; any other is not taken from an answer.
const CONTINUATION_HEADER: &str = "ms-continuationtoken";

/// What to list; made by the constructors beside each resource.
#[derive(Debug, Clone)]
pub struct Listing<T> {
    pub(crate) operation: &'static str,
    pub(crate) subject: String,
    pub(crate) role: Role,
    pub(crate) path: String,
    pub(crate) paging: Paging,
    pub(crate) needs: Needs,
    pub(crate) tenant: Option<TenantId>,
    pub(crate) extra: Option<(&'static str, &'static str)>,
    pub(crate) row: PhantomData<fn() -> T>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// Partner Center: `items` and `links.next`, or the whole answer at once.
    Collection,
    /// Graph: `value` and `@odata.nextLink`. Azure: `value` and `nextLink`.
    NextLink,
    /// A bare array; `PageNumber` counts from 1, a short page is the last.
    Numbered {
        /// Rows of a full page.
        page_size: usize,
    },
}

/// Where the next page is. It may be stored and used later; it is checked again when used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuation {
    url: String,
    token: Option<String>,
}

/// One row: what this program understands of it, and all of it as told (for evidence).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<T> {
    /// The typed view.
    pub view: T,
    /// The bytes as told.
    pub raw: RawJson,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows that could be read.
    pub rows: Vec<Row<T>>,
    /// The places of rows that could not be read; one bad row does not hide the others.
    pub unreadable: Vec<String>,
    /// Where the next page is; none after the last.
    pub next: Option<Continuation>,
}

impl<T> Listing<T> {
    pub(crate) fn new(
        operation: &'static str,
        subject: impl fmt::Display,
        role: Role,
        path: String,
        paging: Paging,
    ) -> Self {
        Self {
            operation,
            subject: subject.to_string(),
            role,
            path,
            paging,
            needs: Needs::AppFirst,
            tenant: None,
            extra: None,
            row: PhantomData,
        }
    }
}

impl Client {
    /// Reads the first page, or the one a continuation names.
    pub async fn page<T: DeserializeOwned>(
        &self,
        context: &CallContext,
        listing: &Listing<T>,
        from: Option<&Continuation>,
    ) -> Result<Page<T>, Error> {
        let call = Call::read(listing.operation, &listing.subject);
        let outgoing = self.page_request(&call, listing, from)?;
        let part =
            from.map_or(*context, |next| context.part(&next.url).part(next.token.as_deref().unwrap_or_default()));
        let response = self.exchange(&part, &outgoing).await?;
        let told = Told::read(&call, &response.body)?;
        let next = self.next(&call, listing, &outgoing.url, &told)?;
        if next.is_some() && next.as_ref() == from {
            return Err(malformed(&call, "a paging link that leads to itself"));
        }
        Ok(rows(listing.operation, told, next))
    }

    /// Reads all pages up to `MAX_PAGES`; `next` of the answer tells whether more would follow.
    pub async fn collect<T: DeserializeOwned>(
        &self,
        context: &CallContext,
        listing: &Listing<T>,
    ) -> Result<Page<T>, Error> {
        let mut all = self.page(context, listing, None).await?;
        for _ in 1..MAX_PAGES {
            let Some(next) = all.next.take() else { break };
            let page = self.page(context, listing, Some(&next)).await?;
            all.rows.extend(page.rows);
            all.unreadable.extend(page.unreadable);
            all.next = page.next;
        }
        Ok(all)
    }

    fn page_request<T>(
        &self,
        call: &Call,
        listing: &Listing<T>,
        from: Option<&Continuation>,
    ) -> Result<Outgoing, Error> {
        let mut outgoing = self.reading(call.clone(), listing.role, &listing.path, listing.needs);
        outgoing.tenant.clone_from(&listing.tenant);
        if let Some((name, value)) = listing.extra {
            outgoing.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if let Some(next) = from {
            links::within(self.cloud.base(listing.role), &next.url).map_err(|_| foreign(call))?;
            outgoing.url.clone_from(&next.url);
            put_token(call, &mut outgoing.headers, next.token.as_deref())?;
        }
        Ok(outgoing)
    }

    fn next<T>(
        &self,
        call: &Call,
        listing: &Listing<T>,
        url: &str,
        told: &Told,
    ) -> Result<Option<Continuation>, Error> {
        let base = self.cloud.base(listing.role);
        let (url, token) = match (listing.paging, &told.next) {
            (Paging::Numbered { page_size }, _) => {
                let more = !told.items.is_empty() && told.items.len() >= page_size;
                return Ok(more.then(|| Continuation { url: next_number(url), token: None }));
            }
            (_, None) => return Ok(None),
            (Paging::Collection, Some(next)) => (links::partner_center(base, &next.uri), next.token.clone()),
            (Paging::NextLink, Some(next)) => (links::absolute(base, &next.uri), None),
        };
        Ok(Some(Continuation { url: url.map_err(|_| foreign(call))?, token }))
    }
}

/// What a page told, before its rows are read.
#[derive(Default)]
struct Told {
    items: Vec<Box<RawValue>>,
    next: Option<Next>,
}

struct Next {
    uri: String,
    token: Option<String>,
}

/// Both envelopes at once: Partner Center's `items`, Graph's and Azure's `value`.
#[derive(Deserialize)]
struct Envelope {
    items: Option<Vec<Box<RawValue>>>,
    value: Option<Vec<Box<RawValue>>>,
    links: Option<Links>,
    #[serde(rename = "@odata.nextLink")]
    odata_next: Option<String>,
    #[serde(rename = "nextLink")]
    next_link: Option<String>,
}

#[derive(Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    uri: Option<String>,
    #[serde(default, deserialize_with = "crate::wire::list")]
    headers: Vec<LinkHeader>,
}

#[derive(Deserialize)]
struct LinkHeader {
    key: String,
    value: String,
}

impl Told {
    fn read(call: &Call, body: &[u8]) -> Result<Self, Error> {
        let body = without_bom(body).trim_ascii();
        let at = |error: serde_json::Error| Error::Malformed {
            call: call.clone(),
            what: "a page",
            place: format!("line {}, column {}", error.line(), error.column()),
        };
        if body.first() == Some(&b'[') {
            let items = serde_json::from_slice(body).map_err(at)?;
            return Ok(Self { items, next: None });
        }
        let envelope: Envelope = serde_json::from_slice(body).map_err(at)?;
        let items = envelope.items.or(envelope.value).ok_or_else(|| malformed(call, "a page without rows"))?;
        let linked = envelope.links.and_then(|links| links.next).and_then(|link| {
            let header = link.headers.into_iter().find(|header| header.key.eq_ignore_ascii_case(CONTINUATION_HEADER));
            link.uri.map(|uri| Next { uri, token: header.map(|header| header.value) })
        });
        let url = envelope.odata_next.or(envelope.next_link).filter(|url| !url.is_empty());
        Ok(Self { items, next: linked.or_else(|| url.map(|uri| Next { uri, token: None })) })
    }
}

fn rows<T: DeserializeOwned>(what: &'static str, told: Told, next: Option<Continuation>) -> Page<T> {
    let mut page = Page { rows: Vec::with_capacity(told.items.len()), unreadable: Vec::new(), next };
    for (index, raw) in told.items.into_iter().enumerate() {
        match parse_text(what, raw.get().as_bytes()) {
            Ok(view) => page.rows.push(Row { view, raw: RawJson::from(raw) }),
            Err(place) => page.unreadable.push(format!("row {index}: {place}")),
        }
    }
    page
}

fn put_token(call: &Call, headers: &mut HeaderMap, token: Option<&str>) -> Result<(), Error> {
    let Some(token) = token else { return Ok(()) };
    let value = HeaderValue::from_str(token).map_err(|_| malformed(call, "a continuation token"))?;
    if value.len() > MAX_CONTINUATION_BYTES {
        return Err(malformed(call, "a continuation token"));
    }
    headers.insert(HeaderName::from_static(CONTINUATION_HEADER), value);
    Ok(())
}

/// Counts the last `PageNumber=` up by one.
fn next_number(url: &str) -> String {
    let Some((before, number)) = url.rsplit_once("PageNumber=") else {
        return url.to_owned();
    };
    let next = number.parse::<u32>().map_or(1, |number| number.saturating_add(1));
    format!("{before}PageNumber={next}")
}

fn foreign(call: &Call) -> Error {
    malformed(call, "a paging link that leaves its host")
}

fn malformed(call: &Call, what: &'static str) -> Error {
    Error::Malformed { call: call.clone(), what, place: "the page".to_owned() }
}
