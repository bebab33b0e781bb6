//! Exporting the journal: one JSON object a line, in the order of positions, with the checkpoints in their places.
//! The file stands by itself; checking it is in `verify`.

use crate::checkpoint::Checkpoint;
use crate::error::StoreError;
use crate::packed::unpack;
use crate::sql::{Row, Statement};
use crate::store::Store;
use crate::tree::{Frontier, leaf_hash};
use domain::ids::{AccountId, Hash};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// The form of the file.
pub(crate) const EXPORT_FORMAT: u32 = 1;
/// Facts that are read at once.
const FACTS_PER_PAGE: u32 = 1_000;
/// Checkpoints that are read at once.
const CHECKPOINTS_PER_PAGE: u32 = 1_000;

/// A line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Line {
    Header { format: u32, origin: String },
    Fact(FactLine),
    Checkpoint { note: String },
    Trailer { facts: u64, root: Hash },
}

/// A fact in an export. `bytes` are the stored bytes, which are text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactLine {
    pub(crate) position: u64,
    pub(crate) account: AccountId,
    pub(crate) version: u64,
    pub(crate) before: Hash,
    pub(crate) hash: Hash,
    pub(crate) bytes: String,
}

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Facts in the file.
    pub facts: u64,
    /// Checkpoints in the file.
    pub checkpoints: u64,
    /// The root over the facts.
    pub root: Hash,
}

const PAGE: &str = "SELECT p.position - (p.last - f.version), f.account, f.version, b.hash, f.hash, f.bytes \
     FROM (SELECT position, account, first, last FROM feed WHERE position > $1 ORDER BY position LIMIT $2) p \
     JOIN fact f ON f.account = p.account AND f.version BETWEEN p.first AND p.last \
     LEFT JOIN fact b ON b.account = f.account AND b.version = f.version - 1 \
     WHERE p.position - (p.last - f.version) > $1 ORDER BY p.position, f.version LIMIT $2";

impl Store {
    /// Writes everything that has a position when it begins, page by page, so that appends go on beside it. What the last
    /// checkpoint does not cover yet carries no signature: seal and sign before, for an export that ends signed.
    pub async fn export<W: AsyncWrite + Unpin>(&self, to: &mut W) -> Result<Exported, StoreError> {
        let until = self.sealed().await?.frontier.size();
        let mut frontier = Frontier::default();
        let mut marks = Marks { store: self, until, after: 0, page: VecDeque::new(), done: false, written: 0 };
        let mut page = Vec::new();
        put(&mut page, &Line::Header { format: EXPORT_FORMAT, origin: self.config().origin.clone() })?;
        while frontier.size() < until {
            let statement = Statement::new(PAGE, [frontier.size().into(), FACTS_PER_PAGE.into()]);
            let rows = self.read(|| "exporting facts".to_owned(), statement).await?;
            if rows.is_empty() {
                return Err(StoreError::Damaged(format!("position {} has no fact", frontier.size().saturating_add(1))));
            }
            for row in &rows {
                if frontier.size() >= until {
                    break;
                }
                let fact = fact_line(row)?;
                frontier.push(leaf_hash(&fact.hash.0));
                put(&mut page, &Line::Fact(fact))?;
                marks.put_at(&mut page, frontier.size()).await?;
            }
            to.write_all(&page).await.map_err(written)?;
            page.clear();
        }
        put(&mut page, &Line::Trailer { facts: frontier.size(), root: frontier.root() })?;
        to.write_all(&page).await.map_err(written)?;
        to.flush().await.map_err(written)?;
        Ok(Exported { facts: frontier.size(), checkpoints: marks.written, root: frontier.root() })
    }
}

/// The checkpoints on their way into a file, read page by page.
struct Marks<'a> {
    store: &'a Store,
    until: u64,
    after: u64,
    page: VecDeque<Checkpoint>,
    done: bool,
    written: u64,
}

impl Marks<'_> {
    /// Writes the checkpoint over exactly `size` facts, if there is one.
    async fn put_at(&mut self, to: &mut Vec<u8>, size: u64) -> Result<(), StoreError> {
        if self.page.is_empty() && !self.done {
            self.page = self.store.checkpoints(self.after, self.until, CHECKPOINTS_PER_PAGE).await?.into();
            self.done = self.page.is_empty();
        }
        if let Some(checkpoint) = self.page.pop_front_if(|checkpoint| checkpoint.size == size) {
            self.after = checkpoint.size;
            self.written = self.written.saturating_add(1);
            put(to, &Line::Checkpoint { note: checkpoint.note })?;
        }
        Ok(())
    }
}

fn fact_line(row: &Row) -> Result<FactLine, StoreError> {
    let bytes = String::from_utf8(unpack(row.blob(5)?)?);
    Ok(FactLine {
        position: row.count(0)?,
        account: row.account(1)?,
        version: row.count(2)?,
        before: row.maybe_hash(3)?.unwrap_or_default(),
        hash: row.hash(4)?,
        bytes: bytes.map_err(|error| StoreError::Damaged(format!("the bytes of a fact are no text: {error}")))?,
    })
}

fn put(to: &mut Vec<u8>, line: &Line) -> Result<(), StoreError> {
    let unwritable = |error| StoreError::Damaged(format!("a line can't be written: {error}"));
    serde_json::to_writer(&mut *to, line).map_err(unwritable)?;
    to.push(b'\n');
    Ok(())
}

fn written(source: std::io::Error) -> StoreError {
    StoreError::Export { source }
}
