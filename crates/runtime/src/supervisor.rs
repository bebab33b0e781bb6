//! The one place that starts tasks. A task that fails or panics is logged without what it worked on, counted, and
//! started again after a bounded wait; a stop is asked for, waited for, and then enforced.

use desk::Clock;
use futures_util::FutureExt;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The wait before the first new start of a task that failed; doubled each time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_millis(250);
/// The longest wait before a new start.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// How often the wait is doubled at most.
const MAX_DOUBLINGS: u32 = 16;
/// A task that ran this long is taken to be well again: its waits begin anew.
const WELL_AFTER: Duration = Duration::from_mins(5);

/// Why a task ended before its time. Its text names ids and codes, never personal data.
pub type TaskError = Box<dyn std::error::Error + Send + Sync>;

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// It runs.
    Running,
    /// It failed and waits to be started again.
    Failing,
    /// It came to its end, as asked.
    Stopped,
}

/// What is known of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskReport {
    /// Where it is.
    pub state: TaskState,
    /// How often it was started again.
    pub restarts: u64,
}

/// The states of all tasks, for `/readyz`. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Board {
    tasks: Arc<Mutex<BTreeMap<String, TaskReport>>>,
}

impl Board {
    /// Every task by its name.
    #[must_use]
    pub fn tasks(&self) -> BTreeMap<String, TaskReport> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names of tasks that don't run although they should.
    #[must_use]
    pub fn failing(&self) -> Vec<String> {
        let tasks = self.tasks();
        tasks.into_iter().filter(|(_, report)| report.state == TaskState::Failing).map(|(name, _)| name).collect()
    }

    fn note(&self, name: &str, state: TaskState, restarted: bool) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let report = tasks.entry(name.to_owned()).or_insert(TaskReport { state, restarts: 0 });
        report.state = state;
        report.restarts = report.restarts.saturating_add(u64::from(restarted));
    }
}

/// Starts tasks that belong together and stops them together.
#[derive(Debug)]
pub struct Supervisor {
    clock: Arc<dyn Clock>,
    board: Board,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Supervisor {
    /// A supervisor without tasks, which reports on `board`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, board: Board) -> Self {
        Self { clock, board, stop: CancellationToken::new(), tasks: JoinSet::new() }
    }

    /// Cancelled when the tasks of this supervisor are to end.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Starts a task under a name. `work` is called anew after each failure; it ends when its token is cancelled.
    pub fn start<W, F>(&mut self, name: impl Into<String>, work: W)
    where
        W: Fn(CancellationToken) -> F + Send + 'static,
        F: Future<Output = Result<(), TaskError>> + Send + 'static,
    {
        let watched = watch(name.into(), Arc::clone(&self.clock), self.board.clone(), self.stop.clone(), work);
        self.tasks.spawn(watched);
    }

    /// Asks every task to end and waits for it; what has not ended within `limit` is cut off. Returns whether all
    /// ended by themselves.
    pub async fn stop(mut self, limit: Duration) -> bool {
        self.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(limit, all).await.is_ok();
        if !in_time {
            tracing::warn!(limit_ms = limit.as_millis(), "tasks did not end in time and were cut off");
            self.tasks.shutdown().await;
        }
        in_time
    }
}

async fn watch<W, F>(name: String, clock: Arc<dyn Clock>, board: Board, stop: CancellationToken, work: W)
where
    W: Fn(CancellationToken) -> F + Send,
    F: Future<Output = Result<(), TaskError>> + Send + 'static,
{
    let mut failures: u32 = 0;
    loop {
        board.note(&name, TaskState::Running, false);
        let begun = clock.monotonic();
        let end = AssertUnwindSafe(work(stop.clone())).catch_unwind().await;
        if stop.is_cancelled() {
            break;
        }
        if clock.monotonic().saturating_sub(begun) >= WELL_AFTER {
            failures = 0;
        }
        let why = match &end {
            Ok(Ok(())) => "ended early",
            Ok(Err(_)) => "failed",
            Err(_) => "panicked",
        };
        if let Ok(Err(error)) = end {
            tracing::error!(task.name = %name, error = %error, "a task failed");
        } else {
            // What a panic says may hold anything: it is not told.
            tracing::error!(task.name = %name, "a task {why}");
        }
        // The first word: what follows it tells one connection's task from another's.
        let kind = name.split(' ').next().unwrap_or_default().to_owned();
        metrics::counter!("borgen_task_restarts_total", "task" => kind, "why" => why).increment(1);
        board.note(&name, TaskState::Failing, true);
        let until = crate::tools::later(clock.now(), wait_after(failures));
        failures = failures.saturating_add(1);
        tokio::select! {
            () = clock.sleep_until(until) => {}
            () = stop.cancelled() => break,
        }
    }
    board.note(&name, TaskState::Stopped, false);
}

fn wait_after(failures: u32) -> SignedDuration {
    let factor = 1_i32.checked_shl(failures.min(MAX_DOUBLINGS)).unwrap_or(1);
    FIRST_WAIT.checked_mul(factor).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use desk::seam::SystemClock;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn waits_double_up_to_a_minute() {
        assert_eq!(wait_after(0), SignedDuration::from_millis(250));
        assert_eq!(wait_after(3), SignedDuration::from_secs(2));
        assert_eq!(wait_after(40), LONGEST_WAIT);
    }

    #[tokio::test]
    async fn a_task_that_panics_and_one_that_fails_are_started_again() {
        let board = Board::default();
        let mut supervisor = Supervisor::new(Arc::new(SystemClock::new()), board.clone());
        for (name, panics) in [("panics", true), ("fails", false)] {
            let starts = Arc::new(AtomicU32::new(0));
            supervisor.start(name, move |stop| {
                let starts = Arc::clone(&starts);
                async move {
                    if starts.fetch_add(1, Ordering::SeqCst) == 0 {
                        assert!(!panics, "on purpose");
                        return Err("on purpose".into());
                    }
                    stop.cancelled().await;
                    Ok(())
                }
            });
        }
        let well = |report: &TaskReport| report.restarts == 1 && report.state == TaskState::Running;
        for _ in 0..2_000 {
            if board.tasks().len() == 2 && board.tasks().values().all(well) {
                break;
            }
            tokio::time::timeout(Duration::from_millis(5), std::future::pending::<()>()).await.unwrap_err();
        }
        assert!(board.tasks().values().all(well), "{:?}", board.tasks());
        assert!(supervisor.stop(Duration::from_secs(5)).await);
        assert!(board.tasks().values().all(|report| report.state == TaskState::Stopped));
    }

    #[tokio::test]
    async fn a_task_that_does_not_end_is_cut_off_after_the_limit() {
        let mut supervisor = Supervisor::new(Arc::new(SystemClock::new()), Board::default());
        supervisor.start("deaf", |_| async {
            std::future::pending::<()>().await;
            Ok(())
        });
        assert!(!supervisor.stop(Duration::from_millis(20)).await);
    }
}
