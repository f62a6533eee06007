//! What every attempt at a step has in common: it is logged in the store, sends heartbeats while it works, stops when it is
//! told to, and answers within the size that a history can carry.

use crate::StepFailure;
use contracts::{FailureClass, MicroDollars, Receipt, UnixMillis};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::{Store, StoreError};
use temporalio_sdk::activities::ActivityContext;

/// Largest result written into a history, in bytes of JSON. The server's own limit is 2 MiB, and the SDK would try a
/// result above it again and again; ours is far above what any step answers.
const LARGEST_RESULT: usize = 256 * 1024;

/// How often a step that is waiting for something says that it is alive. The SDK thins this out to the step's timeout.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(2);

/// The wall clock, by which the store records.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::try_from(since.as_millis()).unwrap_or(UnixMillis::MAX)
}

/// How long work that was told to stop may still take to bring home an answer it has asked for, which is paid for. Comes on
/// top of the worker's graceful period when a worker stops.
const BRING_HOME: Duration = Duration::from_secs(5);

/// Which step an attempt is at.
pub(crate) struct Subject<'a> {
    pub(crate) refresh_id: &'a str,
    /// Name of the step in the log of operations.
    pub(crate) step: &'a str,
    /// Reference of the member, in steps that are about one; else empty.
    pub(crate) member: &'a str,
}

/// Does `work` as an attempt at a step; `work` leaves its resume points with `pulse`.
pub(crate) async fn attempt<T, F>(
    ctx: &ActivityContext,
    store: &Store,
    subject: Subject<'_>,
    pulse: &Pulse,
    work: F,
) -> Result<Receipt<T>, StepFailure>
where
    T: Serialize,
    F: Future<Output = Result<(T, MicroDollars), StepFailure>>,
{
    let number = ctx.info().attempt;
    let Subject { refresh_id, step, member } = subject;
    store.operation_started(refresh_id, step, member, number, now()).await.map_err(stranger)?;
    let worked = alive(ctx, pulse, work).await.and_then(|(result, cost_micros)| {
        let receipt = Receipt { result, attempts: number, cost_micros };
        fits(&receipt)?;
        Ok(receipt)
    });
    let class = match &worked {
        Ok(_) => None,
        Err(failure) => Some(failure.class().map_or("Cancelled", FailureClass::type_name)),
    };
    if let Some(class) = class {
        tracing::warn!(
            event_name = "step.failed", refresh_id, step, attempt = number, error.type = class, "a step failed"
        );
    }
    // What the step did stands, whether or not that can be logged; to do it again for the log's sake would be wrong.
    if let Err(error) = store.operation_finished(refresh_id, step, member, number, class, now()).await {
        tracing::warn!(event_name = "step.not_logged", refresh_id, step, attempt = number, %error, "not logged");
    }
    worked
}

/// A refresh that our database does not know was begun by a worker with another database.
fn stranger(error: StoreError) -> StepFailure {
    match error {
        StoreError::NotFound { .. } => StepFailure::step(
            FailureClass::Internal,
            "this worker's database does not know the refresh: another worker with another database serves the same task \
             queue. Let all workers of a namespace use one database, or stop the other one",
        ),
        error => error.into(),
    }
}

/// Logs an attempt that could not be logged while it went on, because the refresh it belongs to was only then known.
pub(crate) async fn log_afterwards(ctx: &ActivityContext, store: &Store, subject: Subject<'_>, started: UnixMillis) {
    let number = ctx.info().attempt;
    let Subject { refresh_id, step, member } = subject;
    let logged = async {
        store.operation_started(refresh_id, step, member, number, started).await?;
        store.operation_finished(refresh_id, step, member, number, None, now()).await
    };
    if let Err(error) = logged.await {
        tracing::warn!(event_name = "step.not_logged", refresh_id, step, attempt = number, %error, "not logged");
    }
}

/// Works with heartbeats, until done or told to stop.
pub(crate) async fn alive<T, F>(ctx: &ActivityContext, pulse: &Pulse, work: F) -> Result<T, StepFailure>
where
    F: Future<Output = Result<T, StepFailure>>,
{
    let mut work = std::pin::pin!(work);
    let mut beat = tokio::time::interval(HEARTBEAT_EVERY);
    loop {
        tokio::select! {
            biased;
            worked = &mut work => return worked,
            () = ctx.cancelled() => {
                let brought_home = tokio::time::timeout(BRING_HOME, &mut work).await;
                return brought_home.unwrap_or(Err(StepFailure::Cancelled));
            }
            _ = beat.tick() => pulse.beat(ctx).await?,
        }
    }
}

fn fits<T: Serialize>(receipt: &Receipt<T>) -> Result<(), StepFailure> {
    let size = serde_json::to_vec(receipt)
        .map_err(|error| StepFailure::step(FailureClass::Internal, format!("the result cannot be written: {error}")))?
        .len();
    if size > LARGEST_RESULT {
        let message = format!("the result has {size} bytes of JSON; a history carries at most {LARGEST_RESULT}");
        return Err(StepFailure::step(FailureClass::Malformed, message));
    }
    Ok(())
}

/// The last resume point of an attempt, repeated with every heartbeat.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulse(Arc<Mutex<Option<serde_json::Value>>>);

impl Pulse {
    /// Begins where the attempt before this one had got to. Its resume point goes on being sent, or the attempt after this one
    /// would know nothing of it.
    pub(crate) fn resumed(ctx: &ActivityContext) -> Self {
        let point = ctx.heartbeat_details().deserialize::<Option<serde_json::Value>>().ok().flatten().flatten();
        Self(Arc::new(Mutex::new(point)))
    }

    /// Where the attempt before this one had got to; `None` on a first attempt, or when it left nothing readable.
    pub(crate) fn resume_point<P: DeserializeOwned>(&self) -> Option<P> {
        let point = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        serde_json::from_value(point).ok()
    }

    /// Everything up to `point` is in the store: a later attempt may go on from there.
    pub(crate) async fn reached<P: Serialize>(&self, ctx: &ActivityContext, point: &P) -> Result<(), StepFailure> {
        let value = serde_json::to_value(point).map_err(|error| {
            StepFailure::step(FailureClass::Internal, format!("the resume point cannot be written: {error}"))
        })?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        self.beat(ctx).await
    }

    async fn beat(&self, ctx: &ActivityContext) -> Result<(), StepFailure> {
        let point = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ctx.record_heartbeat(point).await.map_err(|error| {
            StepFailure::step(FailureClass::Internal, format!("the heartbeat cannot be written: {error}"))
        })
    }
}
