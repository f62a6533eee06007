//! Schedules of the namespace: made where they are missing and, where settings say how they are to be, brought to that.
//! Whether one is paused is an operator's business and left as it is.

use std::time::Duration;
use temporalio_client::Client;
use temporalio_client::schedules::{
    CreateScheduleOptions, ScheduleAction, ScheduleDescription, ScheduleError, ScheduleOverlapPolicy, ScheduleSpec,
};
use temporalio_client::tonic::Code;

/// A schedule as settings want it. A run that is still going on keeps the next one from being started.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its id.
    pub id: &'static str,
    /// What it starts.
    pub action: ScheduleAction,
    /// How often.
    pub every: Duration,
    /// Each run begins up to this much later, so that not everything in a namespace begins on the hour.
    pub jitter: Duration,
    /// A run that is later than this, because the server was away, is left out.
    pub catch_up: Duration,
}

impl Wanted {
    fn spec(&self) -> ScheduleSpec {
        let mut spec = ScheduleSpec::from_interval(self.every);
        spec.jitter = Some(self.jitter);
        spec
    }

    fn is(&self, description: &ScheduleDescription) -> bool {
        let Some(schedule) = &description.raw().schedule else { return false };
        let same = |is: Option<Duration>, wanted: Duration| is == Some(wanted);
        let spec = schedule.spec.as_ref();
        let every: Vec<_> = spec.iter().flat_map(|spec| &spec.interval).map(|interval| interval.interval).collect();
        let every = matches!(every.as_slice(), [one] if same(one.and_then(|one| one.try_into().ok()), self.every));
        let jitter = spec.and_then(|spec| spec.jitter).and_then(|jitter| jitter.try_into().ok());
        let window = schedule.policies.as_ref().and_then(|policies| policies.catchup_window);
        every && same(jitter, self.jitter) && same(window.and_then(|window| window.try_into().ok()), self.catch_up)
    }
}

/// Makes the schedule unless there is one of that id; whether it was made. A run that is still going on keeps the next one
/// from being started.
///
/// # Errors
/// The server cannot be reached or does not let us.
pub async fn create_schedule(
    client: &Client,
    id: &str,
    action: ScheduleAction,
    spec: ScheduleSpec,
) -> Result<bool, ScheduleError> {
    let options =
        CreateScheduleOptions::builder().action(action).spec(spec).overlap_policy(ScheduleOverlapPolicy::Skip).build();
    match client.create_schedule(id, options).await {
        Ok(_) => Ok(true),
        Err(ScheduleError::Rpc(status)) if status.code() == Code::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sees to it that the namespace has the schedule as it is wanted; whether something had to be done for that.
///
/// # Errors
/// The server cannot be reached or does not let us.
pub async fn ensure_schedule(client: &Client, wanted: Wanted) -> Result<bool, ScheduleError> {
    create_schedule(client, wanted.id, wanted.action.clone(), wanted.spec()).await?;
    let handle = client.get_schedule_handle(wanted.id);
    if wanted.is(&handle.describe(Default::default()).await?) {
        return Ok(false);
    }
    let update = move |schedule: &mut temporalio_client::schedules::ScheduleUpdate| {
        schedule
            .set_spec(wanted.spec())
            .set_action(wanted.action)
            .set_overlap_policy(ScheduleOverlapPolicy::Skip)
            .set_catchup_window(wanted.catch_up);
    };
    match handle.update(update, Default::default()).await {
        // Another worker does the same in this moment.
        Err(ScheduleError::Rpc(status)) if status.code() == Code::FailedPrecondition => Ok(false),
        updated => updated.map(|()| true),
    }
}
