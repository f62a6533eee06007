//! Has messages delivered whose own delivery was never begun: their refresh was ended from outside in the moment between the
//! message and that. A schedule starts it every few minutes.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

use crate::DeliverNotifications;
use contracts::{BGR_WORKSPACE, NotifyActs, NotifyRequest, SweepRequest, Swept};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::search_attributes::SearchAttributes;
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityOptions, ChildWorkflowOptions, ParentClosePolicy, RetryPolicy, WorkflowContext,
    WorkflowContextView, WorkflowIdReusePolicy, WorkflowResult,
};

const SECOND: Duration = Duration::from_secs(1);

/// One run of the sweep.
#[workflow]
#[derive(Debug)]
pub struct SweepOutbox {
    request: SweepRequest,
}

#[workflow_methods]
impl SweepOutbox {
    #[init]
    fn new(_ctx: &WorkflowContextView, request: SweepRequest) -> Self {
        Self { request }
    }

    /// Looks once, and begins what was not begun.
    #[run(name = contracts::SWEEP_OUTBOX)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Swept> {
        let request = ctx.state(|sweep| sweep.request);
        let found = ctx.execute_activity(NotifyActs::find_left_lying, request, look()).await?;
        let mut swept = Swept::default();
        for message in found.messages {
            let options = delivery(&message);
            match ctx.start_child_workflow(DeliverNotifications::run, message, options).await {
                Ok(_) => swept.started += 1,
                // It waits for a worker as this one did, or the next run tries again.
                Err(error) if !ctx.is_replaying() => {
                    tracing::warn!(%error, "the delivery of a message that was left lying was not started");
                }
                Err(_) => {}
            }
        }
        Ok(swept)
    }
}

/// One query; what is not found in ten minutes, the next run finds.
fn look() -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: 600 * SECOND,
        start_to_close: 10 * SECOND,
    })
    .retry_policy(RetryPolicy::builder().initial_interval(SECOND).maximum_interval(30 * SECOND).build())
    .summary("which messages were left lying".to_owned())
    .build()
}

/// Outlives this run. A delivery that was terminated before it had the message in hand is begun anew.
fn delivery(message: &NotifyRequest) -> ChildWorkflowOptions {
    ChildWorkflowOptions::builder()
        .workflow_id(message.workflow_id())
        .parent_close_policy(ParentClosePolicy::Abandon)
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
        .static_summary(format!("tell of {}", message.kind))
        .search_attributes(SearchAttributes::new([BGR_WORKSPACE.value_set(message.workspace.as_str().to_owned())]))
        .build()
}

#[cfg(test)]
mod tests {
    use super::SweepOutbox;
    use contracts::SweepOutboxDefinition;
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn the_schedule_starts_the_workflow_that_workers_run() {
        assert_eq!(SweepOutbox::name(), SweepOutboxDefinition.name());
    }
}
