//! Group commit: everything that waits to be written is written by one statement and one commit. A commit costs the same
//! for one event as for hundreds, so the more come, the cheaper each gets.

use super::Circuit;
use contracts::{Digest, WorkflowId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use store::{InboxEntry, InboxStats, PutResult, Store};
use tokio::sync::{Notify, mpsc, oneshot};

/// Most events of one commit.
const MOST_AT_ONCE: usize = 512;
/// Events that may wait for the commit after the one under way. A database that cannot keep up with these counts as away.
const MOST_WAITING: usize = 4096;
/// For one commit. Longer, and there is no time left to do something else before the sender gives up.
const COMMIT_WITHIN: Duration = Duration::from_secs(1);
/// For a look at one event.
const LOOK_WITHIN: Duration = Duration::from_millis(200);

/// It is not known that the event is in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the inbox cannot take the event: {0}")]
pub struct InboxUnavailable(pub String);

/// Writes events into the inbox. Clones share one queue and one writer, which ends with the last of them.
#[derive(Clone, Debug)]
pub struct InboxWriter {
    queue: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    database: Arc<Circuit>,
    /// Whether something may be in the inbox.
    backlog: AtomicBool,
    /// Events stored by this process.
    stored: AtomicU64,
    filled: Notify,
}

#[derive(Debug)]
struct Job {
    entry: InboxEntry,
    answer: oneshot::Sender<Result<PutResult, InboxUnavailable>>,
}

impl InboxWriter {
    /// Begins to write into this database, on the runtime of the caller.
    #[must_use]
    pub fn spawn(store: Store) -> Self {
        let shared = Arc::new(Shared {
            store,
            database: Arc::new(Circuit::new("database", 1)),
            // Nobody has looked yet.
            backlog: AtomicBool::new(true),
            stored: AtomicU64::new(0),
            filled: Notify::new(),
        });
        let (queue, jobs) = mpsc::channel(MOST_WAITING);
        tokio::spawn(write(jobs, Arc::clone(&shared)));
        Self { queue, shared }
    }

    /// Puts an event into the inbox and returns when that is committed.
    ///
    /// # Errors
    /// When it is not known that it is there. Putting it again, or starting it, is safe.
    pub async fn put(&self, entry: InboxEntry) -> Result<PutResult, InboxUnavailable> {
        let away = || InboxUnavailable("the database is away".to_owned());
        let pass = self.shared.database.pass().ok_or_else(away)?;
        let (answer, answered) = oneshot::channel();
        // Full is no failure of the database, only of this moment.
        self.queue.try_send(Job { entry, answer }).map_err(|_| InboxUnavailable("too many wait for it".to_owned()))?;
        let result = answered.await.unwrap_or_else(|_| Err(InboxUnavailable("its writer has ended".to_owned())));
        match &result {
            Ok(_) => pass.succeeded(),
            Err(_) => pass.failed(),
        }
        result
    }

    /// Puts many events into the inbox, a commit for each group of them, and returns when the last is committed. What became
    /// of them is told in their order, and only as far as it went when the inbox does not take all.
    pub async fn put_all(&self, entries: Vec<InboxEntry>) -> Vec<PutResult> {
        let mut results = Vec::with_capacity(entries.len());
        let mut entries = entries.into_iter();
        // One group after the other: between them is room for those of others.
        while entries.len() > 0 {
            let Some(pass) = self.shared.database.pass() else { return results };
            let mut answers = Vec::with_capacity(MOST_AT_ONCE);
            for entry in entries.by_ref().take(MOST_AT_ONCE) {
                let (answer, answered) = oneshot::channel();
                if self.queue.try_send(Job { entry, answer }).is_err() {
                    return results;
                }
                answers.push(answered);
            }
            for answered in answers {
                let Ok(Ok(result)) = answered.await else {
                    pass.failed();
                    return results;
                };
                results.push(result);
            }
            pass.succeeded();
        }
        results
    }

    /// The digest of the event that waits in the inbox under this id. Nothing when there is none, and also when that
    /// cannot be told in a short time.
    pub(crate) async fn waiting(&self, id: &WorkflowId) -> Option<Digest> {
        if !self.shared.backlog.load(Ordering::Acquire) || self.shared.database.is_open() {
            return None;
        }
        let looked = tokio::time::timeout(LOOK_WITHIN, self.shared.store.inbox_digest(id.as_str())).await;
        Digest::try_from(looked.ok()?.ok()??).ok()
    }

    /// Whether the database was there when it was last asked.
    #[must_use]
    pub fn is_available(&self) -> bool {
        !self.shared.database.is_open()
    }

    /// Returns when an event was stored by this process since the last call.
    pub(crate) async fn filled(&self) {
        self.shared.filled.notified().await;
    }

    /// Looks how much is there.
    pub(crate) async fn look(&self) -> Result<InboxStats, store::StoreError> {
        let before = self.shared.stored.load(Ordering::Acquire);
        let stats = self.shared.store.inbox_stats().await?;
        // What was stored while we looked may have been missed.
        let missed = self.shared.stored.load(Ordering::Acquire) != before;
        self.shared.backlog.store(stats.pending > 0 || missed, Ordering::Release);
        Ok(stats)
    }
}

async fn write(mut jobs: mpsc::Receiver<Job>, shared: Arc<Shared>) {
    let mut batch = Vec::with_capacity(MOST_AT_ONCE);
    while jobs.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
        let (entries, answers): (Vec<_>, Vec<_>) = batch.drain(..).map(|job: Job| (job.entry, job.answer)).unzip();
        // Before they can be there: whoever looks in between must look closely.
        shared.backlog.store(true, Ordering::Release);
        shared.stored.fetch_add(entries.len() as u64, Ordering::AcqRel);
        metrics::histogram!("bgr_inbox_batch_events").record(entries.len() as f64);
        let put = tokio::time::timeout(COMMIT_WITHIN, shared.store.inbox_put(&entries)).await;
        let put = match put {
            Ok(Ok(results)) => Ok(results),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no commit in time".to_owned()),
        };
        match put {
            Ok(results) => {
                shared.filled.notify_one();
                // A sender that no longer waits is none the wiser, and its event is safe.
                answers.into_iter().zip(results).for_each(|(answer, result)| drop(answer.send(Ok(result))));
            }
            Err(reason) => {
                tracing::warn!(
                    event_name = "inbox.write_failed",
                    events = answers.len(),
                    reason,
                    "inbox not available"
                );
                metrics::counter!("bgr_inbox_write_failures_total").increment(1);
                let failed = || Err(InboxUnavailable(reason.clone()));
                answers.into_iter().for_each(|answer| drop(answer.send(failed())));
            }
        }
    }
}
