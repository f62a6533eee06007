//! Starts what is in the inbox: the oldest first, not too many at once, not too fast.
//!
//! Any number of starters may drain one inbox. Each takes entries in hand under a lease; what a dead one had in hand comes
//! back when the lease ends. Starting one twice is one workflow, so nothing here has to be exact but one thing: an entry is
//! removed only when Temporal has said that it has the workflow.

use super::{Circuit, InboxWriter};
use crate::{Clock, StartAnswer, StartError, StartRefresh};
use futures::StreamExt as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::{ClaimedEntry, Store, StoreError};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

/// How fast the inbox is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrainLimits {
    /// Most starts in a second.
    pub starts_per_second: u32,
    /// Starts under way at once.
    pub max_in_flight: usize,
    /// How long an entry in hand is nobody else's; longer than a batch takes.
    pub lease: Duration,
    /// How long what was given up is kept for an operator.
    pub keep_dead: Duration,
}

impl Default for DrainLimits {
    fn default() -> Self {
        Self {
            starts_per_second: 50,
            max_in_flight: 16,
            lease: Duration::from_secs(30),
            keep_dead: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

/// An empty inbox is looked at this often; what this process puts in is seen at once.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// Class of an entry that cannot be started now.
const UNAVAILABLE: &str = "Unavailable";

/// Empties the inbox.
pub struct Drainer {
    store: Store,
    writer: InboxWriter,
    direct: Arc<dyn StartRefresh>,
    temporal: Arc<Circuit>,
    clock: Arc<dyn Clock>,
    limits: DrainLimits,
    owner: String,
}

/// What becomes of an entry.
enum Fate {
    /// Temporal has the workflow.
    Done,
    /// Not now.
    Later,
    /// Never.
    Dead(&'static str),
}

impl Drainer {
    /// One that starts what is in this store's inbox.
    #[must_use]
    pub fn new(
        store: Store,
        writer: InboxWriter,
        direct: Arc<dyn StartRefresh>,
        temporal: Arc<Circuit>,
        clock: Arc<dyn Clock>,
        limits: DrainLimits,
    ) -> Self {
        Self { store, writer, direct, temporal, clock, limits, owner: Uuid::new_v4().to_string() }
    }

    /// Drains until `stop`; what is under way then is finished first.
    pub async fn run_until(self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut observing = pin!(self.observe());
        let mut pause = FIRST_PAUSE;
        // Said once, not with every try.
        let mut readable = true;
        loop {
            let mut draining = pin!(self.batch());
            let mut stopped = false;
            // A batch is short, and one that is dropped would leave its entries to their leases.
            let drained = loop {
                tokio::select! {
                    drained = &mut draining => break drained,
                    () = &mut stop, if !stopped => stopped = true,
                    () = &mut observing => {}
                }
            };
            if stopped {
                return;
            }
            if drained.is_ok() && !std::mem::replace(&mut readable, true) {
                tracing::info!(event_name = "inbox.back", "the inbox is emptied again");
            }
            let next = async {
                match drained {
                    Ok(Batch::More { not_before }) => {
                        pause = FIRST_PAUSE;
                        sleep_until(not_before).await;
                    }
                    Ok(Batch::Empty) => {
                        pause = FIRST_PAUSE;
                        let _ = timeout(LOOK_EVERY, self.writer.filled()).await;
                    }
                    Ok(Batch::Away) => {
                        let _ = timeout(pause, self.temporal.closing()).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    Err(error) => {
                        if std::mem::take(&mut readable) {
                            tracing::warn!(event_name = "inbox.away", %error, "the inbox cannot be emptied now");
                        }
                        sleep(pause).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                }
            };
            tokio::select! {
                () = next => {}
                () = &mut stop => return,
                () = &mut observing => {}
            }
        }
    }

    /// One batch: a tenth of a second's worth, or a single entry while Temporal is thought to be away.
    async fn batch(&self) -> Result<Batch, StoreError> {
        let rate = self.limits.starts_per_second.max(1);
        let probing = self.temporal.is_open();
        if probing {
            // A claim is two writes; no reason to make them before it is time for the next probe.
            let _ = timeout(Circuit::PAUSE, self.temporal.closing()).await;
        }
        let limit = if probing { 1 } else { (rate / 10).clamp(1, 256) };
        let begun = Instant::now();
        let lease = i64::try_from(self.limits.lease.as_millis()).unwrap_or(i64::MAX);
        let claimed = self.store.inbox_claim(limit, lease, &self.owner, self.clock.now()).await?;
        if claimed.is_empty() {
            return Ok(Batch::Empty);
        }
        let number = u32::try_from(claimed.len()).unwrap_or(u32::MAX);
        let fates = futures::stream::iter(claimed).map(|entry| async move {
            let fate = self.start(&entry).await;
            (entry, fate)
        });
        let fates: Vec<_> = fates.buffer_unordered(self.limits.max_in_flight.max(1)).collect().await;
        let settled = self.settle(&fates).await?;
        if settled == 0 {
            return Ok(Batch::Away);
        }
        Ok(Batch::More { not_before: begun + Duration::from_secs(1) * number / rate })
    }

    async fn start(&self, entry: &ClaimedEntry) -> Fate {
        let Some(request) = super::request(&entry.kind, &entry.request) else {
            // Of a later build, perhaps: this one has to be kept.
            return Fate::Dead("Unreadable");
        };
        let Some(pass) = self.temporal.pass() else { return Fate::Later };
        match self.direct.start(&request).await {
            Ok(answer) => {
                pass.succeeded();
                match answer {
                    StartAnswer::Conflict { .. } => Fate::Dead("EventConflict"),
                    StartAnswer::Started { .. } | StartAnswer::Duplicate { .. } | StartAnswer::Queued { .. } => {
                        Fate::Done
                    }
                }
            }
            Err(StartError::Rejected(reason)) => {
                pass.succeeded();
                tracing::error!(event_name = "inbox.rejected", workflow_id = entry.workflow_id, reason, "not started");
                Fate::Dead("Rejected")
            }
            Err(StartError::Unavailable { .. }) => {
                pass.failed();
                Fate::Later
            }
        }
    }

    /// Writes down what became of them; gives how many need no further try.
    async fn settle(&self, fates: &[(ClaimedEntry, Fate)]) -> Result<usize, StoreError> {
        let ids = |wanted: fn(&Fate) -> bool| -> Vec<&str> {
            let wanted = fates.iter().filter(|(_, fate)| wanted(fate));
            wanted.map(|(entry, _)| entry.workflow_id.as_str()).collect()
        };
        let done = ids(|fate| matches!(fate, Fate::Done));
        if !done.is_empty() {
            self.store.inbox_done(&done, &self.owner).await?;
            metrics::counter!("bgr_inbox_drained_total").increment(done.len() as u64);
        }
        let later = ids(|fate| matches!(fate, Fate::Later));
        if !later.is_empty() {
            let attempts = fates.iter().map(|(entry, _)| entry.attempts).max().unwrap_or(1);
            let pause = (FIRST_PAUSE * 2u32.pow(attempts.min(6))).min(LONGEST_PAUSE);
            let not_before = self.clock.now() + i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
            self.store.inbox_postpone(&later, &self.owner, not_before, UNAVAILABLE).await?;
        }
        for (entry, fate) in fates {
            let Fate::Dead(class) = fate else { continue };
            let id = &entry.workflow_id;
            tracing::error!(
                event_name = "inbox.buried",
                workflow_id = id,
                class,
                "see `buyer-group inbox list --dead`"
            );
            metrics::counter!("bgr_inbox_buried_total", "class" => *class).increment(1);
            self.store.inbox_bury(id, &self.owner, class, self.clock.now()).await?;
        }
        Ok(fates.len() - later.len())
    }

    /// Shows how much there is, and forgets what was given up long ago. Never ends.
    async fn observe(&self) {
        let mut forgot: Option<Instant> = None;
        loop {
            // What the database does not say stays as it was; that it is away is told elsewhere.
            if let Ok(stats) = self.writer.look().await {
                let age = stats.oldest_received_at.map_or(0, |at| self.clock.now().saturating_sub(at).max(0));
                metrics::gauge!("bgr_inbox_pending").set(stats.pending as f64);
                metrics::gauge!("bgr_inbox_dead").set(stats.dead as f64);
                metrics::gauge!("bgr_inbox_oldest_age_seconds").set(age as f64 / 1000.0);
            }
            if forgot.is_none_or(|at| at.elapsed() >= FORGET_EVERY) {
                let kept = i64::try_from(self.limits.keep_dead.as_millis()).unwrap_or(i64::MAX);
                if let Ok(forgotten) = self.store.inbox_forget_dead(self.clock.now().saturating_sub(kept)).await {
                    forgot = Some(Instant::now());
                    if forgotten > 0 {
                        tracing::info!(event_name = "inbox.forgotten", forgotten, "given up long ago");
                    }
                }
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

enum Batch {
    /// There may be more; not before this moment, to keep to the rate.
    More { not_before: Instant },
    /// Nothing waits.
    Empty,
    /// Nothing could be started.
    Away,
}
