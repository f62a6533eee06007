//! The schedule that has old data let go of once a day.

use super::schedules::create_schedule;
use contracts::{ApplyRetentionDefinition, RETENTION_SCHEDULE, RetentionRequest, TASK_QUEUE};
use std::time::Duration;
use temporalio_client::Client;
use temporalio_client::schedules::{ScheduleAction, ScheduleError, ScheduleSpec};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sees to it that the namespace has the schedule. One that is there is left as it is, paused or changed by an operator
/// as it may be. Where it cannot be made, a worker goes on without, and says so.
pub async fn ensure_retention_schedule(client: &Client) {
    if let Err(error) = create_retention_schedule(client).await {
        tracing::warn!(
            event_name = "retention.not_scheduled",
            %error,
            "the schedule {RETENTION_SCHEDULE} could not be made: old data is kept until somebody who may creates it"
        );
    }
}

/// The same; whether it had to be made.
///
/// # Errors
/// The server cannot be reached or does not let us.
pub async fn create_retention_schedule(client: &Client) -> Result<bool, ScheduleError> {
    let request = RetentionRequest::default();
    let action = ScheduleAction::start_workflow(ApplyRetentionDefinition, request, TASK_QUEUE, RETENTION_SCHEDULE);
    create_schedule(client, RETENTION_SCHEDULE, action, ScheduleSpec::from_interval(DAY)).await
}
