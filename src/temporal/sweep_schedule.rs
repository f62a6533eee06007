//! The schedule that has messages delivered which were left lying.

use super::schedules::create_schedule;
use contracts::{SWEEP_SCHEDULE, SweepOutboxDefinition, SweepRequest, TASK_QUEUE};
use std::time::Duration;
use temporalio_client::Client;
use temporalio_client::schedules::{ScheduleAction, ScheduleError, ScheduleSpec};

/// Between two looks. A message is left alone for ten minutes anyway.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// Sees to it that the namespace has the schedule. One that is there is left as it is, paused or changed by an operator
/// as it may be. Where it cannot be made, a worker goes on without, and says so.
pub async fn ensure_sweep_schedule(client: &Client) {
    if let Err(error) = create_sweep_schedule(client, EVERY).await {
        tracing::warn!(
            event_name = "sweep.not_scheduled",
            %error,
            "the schedule {SWEEP_SCHEDULE} could not be made: a message that was left lying waits for the next one of its \
             workspace, or for `buyer-group notifications retry --pending`"
        );
    }
}

/// The same; whether it had to be made.
///
/// # Errors
/// The server cannot be reached or does not let us.
pub async fn create_sweep_schedule(client: &Client, every: Duration) -> Result<bool, ScheduleError> {
    let request = SweepRequest::default();
    let action = ScheduleAction::start_workflow(SweepOutboxDefinition, request, TASK_QUEUE, SWEEP_SCHEDULE);
    create_schedule(client, SWEEP_SCHEDULE, action, ScheduleSpec::from_interval(every)).await
}
