//! How long each step may take and how the server tries it again. Every number has its reason beside it.
//!
//! Which failures are worth another attempt is not decided here but by their class (`contracts::FailureClass`): the
//! activity marks the others non-retryable. So the policies below bound only what passes by itself.

use std::time::Duration;
use temporalio_workflow::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityOptions, RetryPolicy, WorkflowCancellationToken,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Members enriched at once. Enough that twelve lookups of a second each take three, few enough that one refresh does not
/// use up a provider's usual limit of ten requests a second.
pub(super) const ENRICH_AT_ONCE: usize = 4;

/// A heartbeat is owed this often by steps that talk to a provider, and so this is how long a killed worker goes
/// unnoticed. The SDK sends at most every 0.8 of it; shorter would turn heartbeats into load.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long a step is tried in all. Every step needs the database and a worker, and either may be away for a night; a
/// provider may limit us for hours. None of that may cost an event, so every step outlasts it.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// The database steps: each is one short transaction, so ten seconds are ample. A cancelled workflow waits for one that is
/// running: it may have taken effect, and what is recorded of the end must come after it.
pub(super) fn database_step(summary: &str) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: PATIENCE,
        start_to_close: 10 * SECOND,
    })
    .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
    .retry_policy(backing_off_to(30 * SECOND))
    .summary(summary.to_owned())
    .build()
}

/// The record of a failure or cancellation: a database step that goes on after the workflow is told to stop.
pub(super) fn last_words(summary: &str) -> ActivityOptions {
    let mut options = database_step(summary);
    options.cancellation_token = Some(WorkflowCancellationToken::new());
    options
}

/// One question to a provider about the company: seconds normally; half a minute is a provider in trouble.
pub(super) fn company_lookup(summary: &str) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: PATIENCE,
        start_to_close: 30 * SECOND,
    })
    .heartbeat_timeout(HEARTBEAT)
    .retry_policy(backing_off_to(5 * MINUTE))
    .summary(summary.to_owned())
    .build()
}

/// Reading a whole company, page by page. A hundred thousand people at a page a second take minutes; an attempt that is
/// cut off goes on where its last heartbeat stood, so the bound is on a hang, not on the company.
pub(super) fn discovery(summary: &str) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: PATIENCE,
        start_to_close: 30 * MINUTE,
    })
    .heartbeat_timeout(HEARTBEAT)
    .retry_policy(backing_off_to(5 * MINUTE))
    .summary(summary.to_owned())
    .build()
}

/// One lookup of one member. Providers that answer later are polled within an attempt, hence two minutes.
pub(super) fn member_lookup(summary: String, together: &WorkflowCancellationToken) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: PATIENCE,
        start_to_close: 2 * MINUTE,
    })
    .heartbeat_timeout(HEARTBEAT)
    .retry_policy(backing_off_to(MINUTE))
    .cancellation_token(together.clone())
    .summary(summary)
    .build()
}

/// One second, then doubling: quick enough that a hiccup is not noticed, slow enough that an outage is not fed.
fn backing_off_to(maximum_interval: Duration) -> RetryPolicy {
    RetryPolicy::builder().initial_interval(SECOND).backoff_coefficient(2.0).maximum_interval(maximum_interval).build()
}
