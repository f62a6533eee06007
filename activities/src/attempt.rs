//! What every attempt at a step has in common: it is logged in the store, sends heartbeats while it works, stops when it is
//! told to, and answers within the size that a history can carry.

use crate::StepFailure;
use contracts::{FailureClass, MicroDollars, Receipt, Step, UnixMillis};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::Store;
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

/// Which step an attempt is at.
pub(crate) struct Subject<'a> {
    pub(crate) refresh_id: &'a str,
    pub(crate) step: Step,
    /// The member, in steps that are about one; else empty.
    pub(crate) person_id: &'a str,
}

/// Does `work` as an attempt at a step. `work` gets a [`Pulse`] through which it leaves resume points.
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
    let Subject { refresh_id, step, person_id } = subject;
    store.operation_started(refresh_id, step.as_str(), person_id, number, now()).await?;
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
            event_name = "step.failed", refresh_id, step = step.as_str(), attempt = number, error.type = class,
            "a step failed"
        );
    }
    // When the step itself failed, that is the news; an operation log that cannot be written must not hide it.
    let logged = store.operation_finished(refresh_id, step.as_str(), person_id, number, class, now()).await;
    let receipt = worked?;
    logged?;
    Ok(receipt)
}

/// Works with heartbeats, until done or told to stop.
async fn alive<T, F>(ctx: &ActivityContext, pulse: &Pulse, work: F) -> Result<T, StepFailure>
where
    F: Future<Output = Result<T, StepFailure>>,
{
    let mut work = std::pin::pin!(work);
    let mut beat = tokio::time::interval(HEARTBEAT_EVERY);
    loop {
        tokio::select! {
            worked = &mut work => return worked,
            () = ctx.cancelled() => return Err(StepFailure::Cancelled),
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
    /// Where the attempt before this one had got to; `None` on a first attempt, or when it left nothing readable.
    pub(crate) fn resume_point<P: DeserializeOwned>(ctx: &ActivityContext) -> Option<P> {
        let value = ctx.heartbeat_details().deserialize::<serde_json::Value>().ok().flatten()?;
        serde_json::from_value(value).ok()
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
