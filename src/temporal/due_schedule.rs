//! The schedule that has companies refreshed whose time has come.

use super::schedules::{Wanted, ensure_schedule};
use contracts::{DUE_SCHEDULE, RefreshDueDefinition, RefreshDueRequest, TASK_QUEUE};
use std::time::Duration;
use temporalio_client::Client;
use temporalio_client::schedules::{ScheduleAction, ScheduleError};

/// Sees to it that the namespace has the schedule, with a run as often as this. Where it cannot be made, a worker goes on
/// without, and says so.
pub async fn ensure_due_schedule(client: &Client, every: Duration) {
    if let Err(error) = make_due_schedule(client, every).await {
        tracing::warn!(
            event_name = "schedule.not_made",
            %error,
            "the schedule {DUE_SCHEDULE} could not be made: no company is refreshed by itself until somebody who may creates it"
        );
    }
}

/// The same; whether something had to be done for that.
///
/// # Errors
/// The server cannot be reached or does not let us.
pub async fn make_due_schedule(client: &Client, every: Duration) -> Result<bool, ScheduleError> {
    let action =
        ScheduleAction::start_workflow(RefreshDueDefinition, RefreshDueRequest::default(), TASK_QUEUE, DUE_SCHEDULE);
    // A run that was missed is made up for by the next one, which finds the same companies due.
    let wanted = Wanted { id: DUE_SCHEDULE, action, every, jitter: every / 15, catch_up: every };
    ensure_schedule(client, wanted).await
}
