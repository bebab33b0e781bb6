//! The readers of a SQLite file: threads with a connection each. A reader takes its share of what waits and answers it
//! from one snapshot: SQLite forgets the pages it holds whenever somebody wrote in between, so that a snapshot for each
//! question would read the upper pages of every index again and again.

use super::DbError;
use super::sqlite::{execute, open_reader};
use async_channel::{Receiver, Sender};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Threads, and with them connections, that read at the same time: two for each core, since they wait for the disk, but
/// each takes memory.
const FEWEST_READERS: usize = 4;
const MAX_READERS: usize = 16;
/// Questions that wait; a caller beyond them waits for a place.
const MAX_WAITING: usize = 1_024;
/// Questions that are answered from one snapshot.
const MAX_TOGETHER: usize = 16;

/// A question: asked with a connection inside a snapshot, or with why there is none.
type Question = Box<dyn FnOnce(Result<&Connection, DbError>) + Send>;

/// The way to the readers. Dropping it waits for what is being read.
pub(super) struct Readers {
    path: PathBuf,
    queue: Option<Sender<Question>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts the threads; each opens its connection when it is first asked.
    pub(super) fn start(path: &Path) -> Result<Self, DbError> {
        let (queue, waiting) = async_channel::bounded(MAX_WAITING);
        let readers = count();
        let reader = |_| {
            let (path, waiting) = (path.to_owned(), waiting.clone());
            super::thread("store-reader", move || answer_all(&path, &waiting, readers))
        };
        let threads = (0..readers).map(reader).collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), queue: Some(queue), threads })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Asks, and waits for the answer. What was asked by somebody who no longer waits is passed over.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        asks: impl FnOnce(&Connection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |connection| {
            if !answer.is_closed() {
                // Whoever stopped waiting meanwhile needs no answer.
                let _ = answer.send(connection.and_then(asks));
            }
        });
        let queue = self.queue.as_ref().ok_or(DbError::Stopped)?;
        queue.send(question).await.map_err(|_| DbError::Stopped)?;
        answered.await.map_err(|_| DbError::Stopped)?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            // A panic of the thread has been printed; there is nothing left to do for it here.
            let _ = thread.join();
        }
    }
}

fn count() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (cores * 2).clamp(FEWEST_READERS, MAX_READERS)
}

/// Answers until nobody can ask any more, as one of so many.
fn answer_all(path: &Path, waiting: &Receiver<Question>, readers: usize) {
    let mut kept = None;
    let mut questions = Vec::with_capacity(MAX_TOGETHER);
    loop {
        take_share(waiting, &mut questions, readers);
        if questions.is_empty() {
            return;
        }
        if let Err(error) = answer(path, &mut kept, &mut questions) {
            tracing::warn!(error = %error, "a reader of the store begins anew");
            kept = None;
        }
    }
}

/// Waits for a question, and takes as many more as leave the other readers theirs.
fn take_share(waiting: &Receiver<Question>, questions: &mut Vec<Question>, readers: usize) {
    let Ok(first) = waiting.recv_blocking() else { return };
    questions.push(first);
    let share = (waiting.len() / readers).min(MAX_TOGETHER - 1);
    questions.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(share));
}

/// Answers some questions from one snapshot. It begins after they were asked, so each sees what its caller has written.
fn answer(path: &Path, kept: &mut Option<Connection>, questions: &mut Vec<Question>) -> Result<(), DbError> {
    let begun = match kept {
        Some(connection) => Ok(connection),
        None => open_reader(path).map(|connection| kept.insert(connection)),
    }
    .and_then(|connection| execute(connection, "BEGIN").map(|()| connection));
    let connection = match begun {
        Ok(connection) => connection,
        Err(error) => {
            let why = error.to_string();
            questions.drain(..).for_each(|question| question(Err(DbError::NotDone(why.clone()))));
            return Err(error);
        }
    };
    questions.drain(..).for_each(|question| question(Ok(connection)));
    execute(connection, "COMMIT")
}
