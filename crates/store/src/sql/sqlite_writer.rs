//! The one writer of a SQLite file: a thread that drains its queue, runs every write in a savepoint of one
//! transaction, commits once for all of them, and only then answers. A second thread moves the log into the file.

use super::sqlite::{execute, run_steps};
use super::{DbError, Step, Written};
use rusqlite::Connection;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc as blocking};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Writes that wait; a caller beyond them waits for a place.
const MAX_QUEUE: usize = 1_024;
/// Writes that share one commit.
const MAX_BATCH: usize = 128;
/// Pages by which the log grows before they are moved into the file beside the writer.
const CHECKPOINT_PAGES: u64 = 1_000;
/// Pages in the log after which the writer itself moves the rest, so that the log starts anew and stays bounded.
const MAX_LOG_PAGES: u64 = 32_000;

thread_local! {
    /// Pages in the log after the last commit of this thread; SQLite tells it in a callback that carries nothing.
    static LOG_PAGES: Cell<u64> = const { Cell::new(0) };
}

struct Job {
    steps: Vec<Step>,
    answer: oneshot::Sender<Result<Written, DbError>>,
}

/// The way to the writer thread. Dropping it waits until what is queued is committed.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Writer {
    /// Starts the writer on `connection` and the checkpointer on a second one. `held` is released when both are done.
    pub(super) fn start(connection: Connection, second: Connection, held: std::fs::File) -> Result<Self, DbError> {
        let (queue, jobs) = mpsc::channel(MAX_QUEUE);
        let (wake, woken) = blocking::sync_channel(1);
        let moved = Arc::new(AtomicBool::new(false));
        let tells = Arc::clone(&moved);
        let failed = |error: std::io::Error| DbError::NotDone(format!("no thread could be started: {error}"));
        let checkpointer = std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || move_log(&second, &woken, &tells))
            .map_err(failed)?;
        let mut loop_state = Loop { connection, wake, moved, woken_at: 0 };
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                loop_state.connection.wal_hook(Some(note_log_pages));
                loop_state.run(jobs);
                drop(loop_state);
                drop(held);
            })
            .map_err(failed)?;
        Ok(Self { queue: Some(queue), threads: vec![writer, checkpointer] })
    }

    /// Queues a write and waits for its commit.
    pub(super) async fn write(&self, steps: Vec<Step>) -> Result<Written, DbError> {
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or(DbError::Stopped)?;
        queue.send(Job { steps, answer }).await.map_err(|_| DbError::Stopped)?;
        answered.await.map_err(|_| DbError::Unconfirmed("the writer stopped".to_owned()))?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            // A panic of the thread has been printed; there is nothing left to do for it here.
            let _ = thread.join();
        }
    }
}

struct Loop {
    connection: Connection,
    wake: blocking::SyncSender<()>,
    /// Set when the checkpointer has just moved what was there when it began.
    moved: Arc<AtomicBool>,
    /// Pages in the log when the checkpointer was last woken.
    woken_at: u64,
}

impl Loop {
    fn run(&mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while jobs.blocking_recv_many(&mut batch, MAX_BATCH) > 0 {
            if !self.commit(&mut batch) {
                // After a commit of unknown outcome memory and disk may differ: refuse everything until reopened.
                jobs.close();
                while let Some(job) = jobs.blocking_recv() {
                    let _ = job.answer.send(Err(DbError::Stopped));
                }
                return;
            }
            self.bound_the_log();
        }
    }

    /// Runs a batch and answers it. False when the writer must not go on.
    fn commit(&self, batch: &mut Vec<Job>) -> bool {
        if let Err(error) = execute(&self.connection, "BEGIN IMMEDIATE") {
            for job in batch.drain(..) {
                let _ = job.answer.send(Err(DbError::NotDone(error.to_string())));
            }
            return true;
        }
        let mut answers = Vec::with_capacity(batch.len());
        for job in batch.drain(..) {
            let result = self.savepoint(&job.steps);
            answers.push((job.answer, result));
        }
        // A full disk or a failing one ends the transaction itself: then nothing of the batch is there.
        let committed = if self.connection.is_autocommit() {
            Err(DbError::NotDone("the database undid the transaction".to_owned()))
        } else {
            execute(&self.connection, "COMMIT")
        };
        let Err(error) = committed else {
            for (answer, result) in answers {
                let _ = answer.send(result);
            }
            return true;
        };
        let known = matches!(&error, DbError::NotDone(_))
            || matches!(&error, DbError::Sqlite(inner) if inner.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull));
        if !self.connection.is_autocommit() {
            let _ = execute(&self.connection, "ROLLBACK");
        }
        for (answer, _) in answers {
            let why = error.to_string();
            let _ = answer.send(Err(if known { DbError::NotDone(why) } else { DbError::Unconfirmed(why) }));
        }
        known
    }

    /// Runs one write so that it can be undone without its neighbours.
    fn savepoint(&self, steps: &[Step]) -> Result<Written, DbError> {
        if self.connection.is_autocommit() {
            return Err(DbError::NotDone("the database undid the transaction".to_owned()));
        }
        execute(&self.connection, "SAVEPOINT one")?;
        let written = run_steps(&self.connection, steps);
        if self.connection.is_autocommit() {
            return written;
        }
        if !matches!(written, Ok(Written::Done(_))) {
            execute(&self.connection, "ROLLBACK TO one")?;
        }
        execute(&self.connection, "RELEASE one")?;
        written
    }

    /// Wakes the checkpointer as the log grows; does the rest of its work when the log has grown too far.
    fn bound_the_log(&mut self) {
        let pages = LOG_PAGES.get();
        if pages < self.woken_at {
            self.woken_at = 0;
        }
        if pages > MAX_LOG_PAGES && self.moved.swap(false, Ordering::Relaxed) {
            checkpoint(&self.connection, "PRAGMA wal_checkpoint(RESTART)");
            self.woken_at = 0;
        } else if pages >= self.woken_at.saturating_add(CHECKPOINT_PAGES) {
            self.woken_at = pages;
            // A full channel means that it is at work already.
            let _ = self.wake.try_send(());
        }
    }
}

/// Keeps what SQLite tells after each commit.
#[expect(clippy::unnecessary_wraps, reason = "SQLite's callback may fail; this one does not")]
fn note_log_pages(_: &rusqlite::hooks::Wal, pages: std::ffi::c_int) -> rusqlite::Result<()> {
    LOG_PAGES.set(u64::try_from(pages).unwrap_or(0));
    Ok(())
}

/// Moves committed pages from the log into the file whenever it is woken, beside the writer.
fn move_log(connection: &Connection, woken: &blocking::Receiver<()>, moved: &AtomicBool) {
    while woken.recv().is_ok() {
        checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        moved.store(true, Ordering::Relaxed);
    }
    checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
}

/// Runs a checkpoint. One that fails is made up for by the next; the log keeps what is not moved.
fn checkpoint(connection: &Connection, sql: &str) {
    if let Err(error) = connection.query_row(sql, (), |_| Ok(())) {
        tracing::warn!(error = %error, "the log could not be moved into the store");
    }
}
