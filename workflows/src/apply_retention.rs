//! Once a day: what has been kept long enough goes.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

use contracts::{Retained, RetentionRequest, SuppressActs};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityOptions, RetryPolicy, WorkflowContext, WorkflowContextView, WorkflowResult,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// One run of the retention. A schedule starts it; how long things are kept are settings of the worker.
#[workflow]
#[derive(Debug)]
pub struct ApplyRetention {
    request: RetentionRequest,
}

#[workflow_methods]
impl ApplyRetention {
    #[init]
    fn new(_ctx: &WorkflowContextView, request: RetentionRequest) -> Self {
        Self { request }
    }

    #[run(name = contracts::APPLY_RETENTION)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Retained> {
        let request = ctx.state(|retention| retention.request);
        Ok(ctx.execute_activity(SuppressActs::apply_retention, request, until_tomorrow()).await?.result)
    }
}

/// Goes through everything, page by page, and on after an interruption: an hour is a hang. Tried until shortly before the
/// next run, which would do the same.
fn until_tomorrow() -> ActivityOptions {
    let retries = RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .backoff_coefficient(2.0)
        .maximum_interval(5 * MINUTE)
        .build();
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: 20 * HOUR,
        start_to_close: HOUR,
    })
    .heartbeat_timeout(MINUTE)
    .retry_policy(retries)
    .summary("let go of what is old".to_owned())
    .build()
}

#[cfg(test)]
mod tests {
    use super::ApplyRetention;
    use contracts::ApplyRetentionDefinition;
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn the_schedule_starts_the_workflow_that_workers_run() {
        assert_eq!(ApplyRetention::name(), ApplyRetentionDefinition.name());
    }
}
