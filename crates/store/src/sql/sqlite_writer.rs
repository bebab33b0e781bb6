//! The one writer of a SQLite file: a thread that drains its queue, runs every write in a savepoint of one transaction,
//! and commits once for all of them. A second thread has the disk confirm the log and only then answers, while the first
//! is at the next writes. A third moves the log into the file.

use super::sqlite::{execute, fit_cache, run_steps};
use super::{DbError, Step, Written, thread};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc as blocking};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Writes that wait; a caller beyond them waits for a place.
const MAX_QUEUE: usize = 1_024;
/// Writes that share one commit.
const MAX_BATCH: usize = 128;
/// Commits that wait for the disk; the writer waits for a place beyond them.
const MAX_UNCONFIRMED: usize = 16;
/// Pages of the log that wait to be moved into the file, at which they are, beside the writer. The more of them at once,
/// the fewer are moved twice; but while the disk confirms those of the file, it keeps those of the log waiting.
const CHECKPOINT_PAGES: u64 = 1_000;
/// Pages in the log after which it begins anew as soon as nearly all of it has been moved.
const LONG_LOG_PAGES: u64 = 32_000;
/// Pages that the writer itself moves then, while appends wait for it.
const FEW_PAGES: u64 = 400;
/// How often in a row pages are moved, until no more than a few came meanwhile.
const MAX_ROUNDS: u32 = 8;
/// Pages in the log after which the writer moves the rest however much that is, so that the log stays bounded.
const MAX_LOG_PAGES: u64 = 128_000;

thread_local! {
    /// Pages in the log after the last commit of this thread; SQLite tells it in a callback that carries nothing.
    static LOG_PAGES: Cell<u64> = const { Cell::new(0) };
}

struct Job {
    steps: Vec<Step>,
    answer: oneshot::Sender<Result<Written, DbError>>,
}

/// What a commit has to answer, once the disk has confirmed it.
type Answers = Vec<(oneshot::Sender<Result<Written, DbError>>, Result<Written, DbError>)>;

/// The way to the writer thread. Dropping it waits until what is queued is confirmed.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    lost: Arc<AtomicBool>,
    /// The store's file. The system lets go of all locks that a process has on a file when any handle of it is closed, so
    /// this one is kept until SQLite's are.
    _file: Arc<File>,
    /// The lock file, which is let go of last.
    _held: File,
}

impl Writer {
    /// Starts the writer on `connection` and the checkpointer on a second one. `held` is released when all are done.
    pub(super) fn start(path: &Path, connection: Connection, second: Connection, held: File) -> Result<Self, DbError> {
        let log = open_log(path, &connection)?;
        let (queue, jobs) = mpsc::channel(MAX_QUEUE);
        let (wake, woken) = blocking::sync_channel(1);
        let (committed, unconfirmed) = blocking::sync_channel(MAX_UNCONFIRMED);
        let (moved, lost) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (tells, is_lost) = (Arc::clone(&moved), Arc::clone(&lost));
        let (move_lost, confirm_lost) = (Arc::clone(&lost), Arc::clone(&lost));
        let file = Arc::new(File::open(path).map_err(|error| not_opened(path, &error))?);
        let moves_into = Arc::clone(&file);
        let checkpointer =
            thread("store-checkpoint", move || move_log(&second, &moves_into, &woken, &tells, &move_lost))?;
        let confirmer = thread("store-confirm", move || confirm(&log, &unconfirmed, &confirm_lost))?;
        let loop_state = Loop { connection, path: path.to_owned(), wake, moved, committed, lost };
        let writer = thread("store-writer", move || {
            loop_state.connection.wal_hook(Some(note_log_pages));
            loop_state.run(jobs);
            drop(loop_state);
        })?;
        let threads = vec![writer, confirmer, checkpointer];
        Ok(Self { queue: Some(queue), threads, lost: is_lost, _file: file, _held: held })
    }

    /// Whether the disk did not confirm a commit. What is read then may be gone after the next start, so that reading it
    /// back proves nothing.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    #[cfg(test)]
    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::Release);
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

/// The log's file, which is there for as long as a connection is open, and is known to be there after a power cut.
fn open_log(path: &Path, connection: &Connection) -> Result<File, DbError> {
    // SQLite makes the log with the first transaction.
    execute(connection, "BEGIN IMMEDIATE")?;
    execute(connection, "COMMIT")?;
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    let beside = Path::new(&beside);
    let log = File::open(beside).map_err(|error| not_opened(beside, &error))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| not_opened(folder, &error))?;
    Ok(log)
}

fn not_opened(path: &Path, error: &std::io::Error) -> DbError {
    DbError::NotDone(format!("{} can't be opened: {error}", path.display()))
}

struct Loop {
    connection: Connection,
    path: PathBuf,
    wake: blocking::SyncSender<()>,
    /// Pages of the log that the checkpointer has moved into the file.
    moved: Arc<AtomicU64>,
    /// Where commits wait for the disk.
    committed: blocking::SyncSender<Answers>,
    /// Set when the disk did not confirm a commit.
    lost: Arc<AtomicBool>,
}

impl Loop {
    fn run(&self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while jobs.blocking_recv_many(&mut batch, MAX_BATCH) > 0 {
            if self.lost.load(Ordering::Acquire) || !self.commit(&mut batch) {
                // After a commit of unknown outcome memory and disk may differ: refuse everything until reopened.
                for job in batch.drain(..) {
                    let _ = job.answer.send(Err(DbError::Stopped));
                }
                jobs.close();
                while let Some(job) = jobs.blocking_recv() {
                    let _ = job.answer.send(Err(DbError::Stopped));
                }
                keep_log(&self.connection);
                return;
            }
            self.bound_the_log();
        }
    }

    /// Runs a batch and hands on its answers. False when the writer must not go on.
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
            // Nobody is answered before the disk has confirmed, not even who was refused: that may rest on what was not.
            return self.committed.send(answers).is_ok();
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

    /// Keeps the log short: has it moved into the file, and begins it anew. After a loss the log is all there is.
    fn bound_the_log(&self) {
        if self.lost.load(Ordering::Acquire) {
            return;
        }
        match care(LOG_PAGES.get(), self.moved.load(Ordering::Relaxed)) {
            Care::None => {}
            // A full channel means that it is at work already.
            Care::Move => drop(self.wake.try_send(())),
            Care::BeginAnew => {
                checkpoint(&self.connection, "PRAGMA wal_checkpoint(RESTART)");
                if let Err(error) = fit_cache(&self.connection, &self.path) {
                    tracing::warn!(error = %error, "the cache of the store's writer stays as large as it was");
                }
            }
            Care::Forget => self.moved.store(0, Ordering::Relaxed),
        }
    }
}

/// What the log needs.
#[derive(Debug, PartialEq, Eq)]
enum Care {
    None,
    /// To be moved into the file, beside the writer.
    Move,
    /// To be moved to its end by the writer, so that it begins anew.
    BeginAnew,
    /// To be no longer mistaken for the one before, of which more was moved than this one has.
    Forget,
}

/// A log of some length is moved now and then; a long one without a pause, until so little is left that the writer moves
/// it in a moment.
fn care(pages: u64, moved: u64) -> Care {
    let Some(left) = pages.checked_sub(moved) else { return Care::Forget };
    let is_long = pages > LONG_LOG_PAGES;
    if pages > MAX_LOG_PAGES || (is_long && left < FEW_PAGES) {
        Care::BeginAnew
    } else if is_long || left >= CHECKPOINT_PAGES {
        Care::Move
    } else {
        Care::None
    }
}

/// Has the disk confirm the log, and answers everything that was committed before. The log is one file in the order of the
/// commits, so what is confirmed is confirmed with all that it rests on.
fn confirm(log: &File, unconfirmed: &blocking::Receiver<Answers>, lost: &AtomicBool) {
    while let Ok(first) = unconfirmed.recv() {
        let commits: Vec<Answers> =
            std::iter::once(first).chain(unconfirmed.try_iter().take(MAX_UNCONFIRMED)).collect();
        let done = if lost.load(Ordering::Acquire) { Err("an earlier commit was lost".to_owned()) } else { sync(log) };
        if done.is_err() {
            lost.store(true, Ordering::Release);
        }
        for (answer, result) in commits.into_iter().flatten() {
            let _ = answer.send(match &done {
                Ok(()) => result,
                Err(why) => Err(DbError::Unconfirmed(why.clone())),
            });
        }
    }
}

fn sync(log: &File) -> Result<(), String> {
    log.sync_data().map_err(|error| error.to_string())
}

/// Keeps what SQLite tells after each commit.
#[expect(clippy::unnecessary_wraps, reason = "SQLite's callback may fail; this one does not")]
fn note_log_pages(_: &rusqlite::hooks::Wal, pages: std::ffi::c_int) -> rusqlite::Result<()> {
    LOG_PAGES.set(u64::try_from(pages).unwrap_or(0));
    Ok(())
}

/// Moves committed pages from the log into the file whenever it is woken, beside the writer, and tells how many it has.
/// The disk confirms them here as well: SQLite asks for that before the log begins anew, when all appends wait for it, and
/// then finds little to do. A disk that does not may have lost them, and says so only once: the log has to stay as it is.
fn move_log(
    connection: &Connection,
    file: &File,
    woken: &blocking::Receiver<()>,
    moved: &AtomicU64,
    lost: &AtomicBool,
) {
    while woken.recv().is_ok() && !lost.load(Ordering::Acquire) {
        for _ in 0..MAX_ROUNDS {
            let Some(pages) = checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)") else { break };
            if let Err(error) = sync(file) {
                tracing::error!(error, "the disk did not confirm what was moved from the log into the store: it stops");
                lost.store(true, Ordering::Release);
            }
            if lost.load(Ordering::Acquire) {
                break;
            }
            let came = pages.checked_sub(moved.swap(pages, Ordering::Relaxed));
            if came.is_none_or(|came| came < FEW_PAGES) {
                break;
            }
        }
    }
    if lost.load(Ordering::Acquire) {
        keep_log(connection);
    } else {
        checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

/// Has SQLite leave the log as it is when a connection is closed: it may be all there is of what was confirmed.
fn keep_log(connection: &Connection) {
    if let Err(error) = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) {
        tracing::error!(error = %error, "the log may be moved into the store as it closes");
    }
}

/// Runs a checkpoint and tells how many pages of the log are in the file after it. One that fails is made up for by the
/// next; the log keeps what is not moved.
fn checkpoint(connection: &Connection, sql: &str) -> Option<u64> {
    let moved = connection.query_row(sql, (), |row| row.get::<_, i64>(2));
    let moved = moved.inspect_err(|error| tracing::warn!(error = %error, "the log could not be moved into the store"));
    moved.ok().and_then(|pages| u64::try_from(pages).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_moved_now_and_then_and_begins_anew_once_it_is_long_and_moved() {
        assert_eq!(care(0, 0), Care::None);
        assert_eq!(care(CHECKPOINT_PAGES - 1, 0), Care::None);
        assert_eq!(care(CHECKPOINT_PAGES, 0), Care::Move);
        assert_eq!(care(LONG_LOG_PAGES, LONG_LOG_PAGES - 1), Care::None, "nearly all of it is moved");
        assert_eq!(care(LONG_LOG_PAGES + 1, LONG_LOG_PAGES - FEW_PAGES), Care::Move, "without a pause");
        assert_eq!(care(LONG_LOG_PAGES + 1, LONG_LOG_PAGES), Care::BeginAnew);
        assert_eq!(care(MAX_LOG_PAGES, 0), Care::Move);
        assert_eq!(care(15, LONG_LOG_PAGES), Care::Forget, "it has begun anew");
        assert_eq!(care(MAX_LOG_PAGES + 1, 0), Care::BeginAnew, "however much is left");
    }

    #[test]
    fn a_file_that_the_disk_did_not_confirm_stops_the_store_and_keeps_its_log() -> Result<(), Box<dyn std::error::Error>>
    {
        let folder = tempfile::tempdir()?;
        let connection = Connection::open(folder.path().join("a.db"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        execute(&connection, "CREATE TABLE told (word TEXT NOT NULL)")?;
        let (wake, woken) = blocking::sync_channel(1);
        let (moved, lost) = (AtomicU64::new(0), AtomicBool::new(false));
        wake.send(())?;
        drop(wake);
        move_log(&connection, &File::open("/dev/null")?, &woken, &moved, &lost);
        assert!(lost.load(Ordering::Acquire));
        drop(connection);
        assert!(std::fs::metadata(folder.path().join("a.db-wal"))?.len() > 0, "the log is not cut off");
        Ok(())
    }

    #[test]
    fn nobody_is_told_of_a_commit_that_the_disk_did_not_confirm_nor_of_any_after_it()
    -> Result<(), Box<dyn std::error::Error>> {
        // A device that can't be asked to confirm stands for a disk that fails.
        let log = File::open("/dev/null")?;
        let lost = AtomicBool::new(false);
        let (committed, unconfirmed) = blocking::sync_channel(MAX_UNCONFIRMED);
        let mut answered = Vec::new();
        for _ in 0..2 {
            let (answer, waits) = oneshot::channel();
            committed.send(vec![(answer, Ok(Written::Done(Vec::new())))])?;
            answered.push(waits);
        }
        drop(committed);
        confirm(&log, &unconfirmed, &lost);
        assert!(lost.load(Ordering::Acquire));
        for mut answer in answered {
            assert!(matches!(answer.try_recv()?, Err(DbError::Unconfirmed(_))));
        }
        Ok(())
    }
}
