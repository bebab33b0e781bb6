//! The journal for those who check it: the feed of all facts, the export that proves itself, the newest checkpoint.

use crate::app::App;
use crate::journal::FactView;
use crate::listing::{List, Listing, PageParams};
use crate::problem::{Code, Problem, ProblemDetails};
use crate::session::Session;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use serde::Serialize;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use store::{Exported, Store, StoreError};
use tokio::io::{AsyncRead, DuplexStream, ReadBuf};

/// How much of an export is made ahead of its reader, in bytes.
const EXPORT_AHEAD_BYTES: usize = 64 * 1024;
/// How much is sent at once, in bytes.
const EXPORT_CHUNK_BYTES: usize = 16 * 1024;

/// A signed checkpoint: what was sealed until when.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Checkpoint)]
pub(crate) struct CheckpointView {
    /// Which store it is of.
    origin: String,
    /// How many facts were sealed.
    size: u64,
    /// The root of the tree over them.
    root: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The signed text: keep it elsewhere.
    note: String,
}

/// All facts in the order of their positions. What is not sealed yet is not there.
#[utoipa::path(get, path = "/audit/facts", tag = "audit", operation_id = "readFeed", params(PageParams),
    responses((status = 200, description = "A page of facts.", body = List<FactView>)))]
pub(crate) async fn facts(
    State(app): State<App>,
    session: Session,
    listing: Listing,
) -> Result<Json<List<FactView>>, Problem> {
    let mut entries = app.desk.store.feed(listing.after_number()?, listing.limit.saturating_add(1)).await?;
    let wanted = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    let more = entries.len() > wanted;
    entries.truncate(wanted);
    let next = entries.last().map(|entry| entry.position.to_string()).filter(|_| more);
    let reader = app.reader(&session);
    let mut value = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut fact = FactView::of(reader, &session, entry.fact).await;
        fact.position = Some(entry.position);
        value.push(fact);
    }
    Ok(Json(listing.page(value, next)))
}

/// The sealed facts before a position, the newest first, and the position before which the next page begins.
pub(crate) async fn facts_before(
    app: &App,
    session: &Session,
    before: Option<u64>,
    limit: u32,
) -> Result<(Vec<FactView>, Option<u64>), Problem> {
    let head = crate::pages::live::position(app).await?;
    let end = before.map_or(head, |before| head.min(before.saturating_sub(1)));
    let after = end.saturating_sub(u64::from(limit));
    let count = u32::try_from(end.saturating_sub(after)).unwrap_or(limit);
    let entries = app.desk.store.feed(after, count).await?;
    let reader = app.reader(session);
    let mut facts = Vec::with_capacity(entries.len());
    for entry in entries.into_iter().rev().filter(|entry| entry.position <= end) {
        let mut fact = FactView::of(reader, session, entry.fact).await;
        fact.position = Some(entry.position);
        facts.push(fact);
    }
    Ok((facts, (after > 0).then(|| after.saturating_add(1))))
}

/// The whole sealed journal, one JSON object on each line, as `borgen audit verify` reads it. Personal data stay sealed.
#[utoipa::path(get, path = "/audit/export", tag = "audit", operation_id = "exportJournal",
    responses((status = 200, description = "The export.", body = String, content_type = "application/x-ndjson")))]
pub(crate) async fn export(State(app): State<App>, _session: Session) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"borgen-audit.ndjson\""),
    ];
    (headers, Body::from_stream(exported(app.desk.store.clone()))).into_response()
}

/// The newest signed checkpoint.
#[utoipa::path(get, path = "/audit/checkpoint", tag = "audit", operation_id = "getCheckpoint",
    responses((status = 200, description = "The checkpoint.", body = CheckpointView),
        (status = 404, description = "Nothing has been signed yet.", body = ProblemDetails,
            content_type = "application/problem+json")))]
pub(crate) async fn checkpoint(State(app): State<App>, _session: Session) -> Result<Json<CheckpointView>, Problem> {
    let checkpoint = app.desk.store.last_checkpoint().await?.ok_or(Code::NotFound)?;
    Ok(Json(CheckpointView {
        origin: checkpoint.origin,
        size: checkpoint.size,
        root: checkpoint.root.to_string(),
        at: checkpoint.at,
        note: checkpoint.note,
    }))
}

type Exporting = Pin<Box<dyn Future<Output = Result<Exported, StoreError>> + Send>>;

/// The export as it is made: it goes only as far ahead as its reader lets it, and breaks off on an error, so that a
/// file without its last line is seen to be incomplete.
fn exported(store: Store) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let (mut writer, mut reader) = tokio::io::duplex(EXPORT_AHEAD_BYTES);
    let mut exporting: Option<Exporting> = Some(Box::pin(async move { store.export(&mut writer).await }));
    stream::poll_fn(move |context| {
        if let Some(under_way) = &mut exporting {
            match under_way.as_mut().poll(context) {
                // The writer goes with it, so that the reader sees the end.
                Poll::Ready(Ok(_)) => exporting = None,
                Poll::Ready(Err(error)) => {
                    tracing::error!(error.message = %error, "an export broke off");
                    exporting = None;
                    return Poll::Ready(Some(Err(io::Error::other("the export broke off"))));
                }
                Poll::Pending => {}
            }
        }
        read(&mut reader, context)
    })
}

fn read(reader: &mut DuplexStream, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
    let mut chunk = [0; EXPORT_CHUNK_BYTES];
    let mut buffer = ReadBuf::new(&mut chunk);
    match Pin::new(reader).poll_read(context, &mut buffer) {
        Poll::Pending => Poll::Pending,
        Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
        Poll::Ready(Ok(())) if buffer.filled().is_empty() => Poll::Ready(None),
        Poll::Ready(Ok(())) => Poll::Ready(Some(Ok(Bytes::copy_from_slice(buffer.filled())))),
    }
}
