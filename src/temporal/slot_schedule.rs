//! The schedule that has the keeper of slots make its round every minute.

use contracts::{KeepSlots, SLOT_KEEPER_SCHEDULE, SlotKeeperDefinition, TASK_QUEUE};
use std::time::Duration;
use temporalio_client::Client;
use temporalio_client::schedules::{
    CreateScheduleOptions, ScheduleAction, ScheduleError, ScheduleOverlapPolicy, ScheduleSpec,
};
use temporalio_client::tonic::Code;

/// Between two rounds.
const MINUTE: Duration = Duration::from_secs(60);

/// Sees to it that the namespace has the schedule. One that is there is left as it is, paused or changed by an operator as
/// it may be. Where it cannot be made, a worker goes on without, and says so.
pub async fn ensure_slot_schedule(client: &Client) {
    if let Err(error) = create_slot_schedule(client, MINUTE).await {
        tracing::warn!(
            event_name = "slots.not_scheduled",
            %error,
            "the schedule {SLOT_KEEPER_SCHEDULE} could not be made: events of a refresh that ends badly wait for the \
             company's next event"
        );
    }
}

/// The same; whether it had to be made.
///
/// # Errors
/// The server cannot be reached or does not let us.
pub async fn create_slot_schedule(client: &Client, every: Duration) -> Result<bool, ScheduleError> {
    let action = ScheduleAction::start_workflow(SlotKeeperDefinition, KeepSlots {}, TASK_QUEUE, SLOT_KEEPER_SCHEDULE);
    let options = CreateScheduleOptions::builder()
        .action(action)
        .spec(ScheduleSpec::from_interval(every))
        .overlap_policy(ScheduleOverlapPolicy::Skip)
        .build();
    match client.create_schedule(SLOT_KEEPER_SCHEDULE, options).await {
        Ok(_) => Ok(true),
        Err(ScheduleError::Rpc(status)) if status.code() == Code::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}
