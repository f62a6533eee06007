//! Looks after holders of slots that ended without a word, and carries on for the events that had folded into a refresh
//! which ended badly. A schedule starts it every minute.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

use crate::{BuyerGroupRefresh, DeliverNotifications};
use contracts::{
    BGR_COMPANY, BGR_REASON, BGR_STEP, BGR_WORKSPACE, Carry, KeepSlots, KeeperActs, NotifyRequest, SlotsKept, Step,
};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::Priority;
use temporalio_workflow::common::search_attributes::SearchAttributes;
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityOptions, ChildWorkflowOptions, ParentClosePolicy, RetryPolicy, WorkflowContext,
    WorkflowContextView, WorkflowIdReusePolicy, WorkflowResult,
};

const SECOND: Duration = Duration::from_secs(1);

/// One round.
#[workflow]
#[derive(Debug)]
pub struct SlotKeeper {
    input: KeepSlots,
}

#[workflow_methods]
impl SlotKeeper {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: KeepSlots) -> Self {
        Self { input }
    }

    /// Looks once, and starts whatever is missing.
    #[run(name = contracts::SLOT_KEEPER)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<SlotsKept> {
        let input = ctx.state(|keeper| keeper.input.clone());
        let kept = ctx.execute_activity(KeeperActs::tend_slots, input, round()).await?.result;
        for carry in &kept.carry {
            let started = ctx.start_child_workflow(BuyerGroupRefresh::run, carry.request.clone(), carried(carry)).await;
            // It is on its way already, or the next round tries again.
            if let Err(error) = started
                && !ctx.is_replaying()
            {
                tracing::warn!(workflow_id = carry.workflow_id, %error, "a refresh that is carried on was not started");
            }
        }
        for told in &kept.announce {
            let started = ctx.start_child_workflow(DeliverNotifications::run, told.clone(), delivery(told)).await;
            // The workspace's next delivery takes it along.
            if let Err(error) = started
                && !ctx.is_replaying()
            {
                tracing::warn!(refresh_id = told.refresh_id, %error, "nobody is told for now: a delivery was not started");
            }
        }
        Ok(kept)
    }
}

/// Outlives this round.
fn delivery(told: &NotifyRequest) -> ChildWorkflowOptions {
    ChildWorkflowOptions::builder()
        .workflow_id(told.workflow_id())
        .parent_close_policy(ParentClosePolicy::Abandon)
        .static_summary(format!("tell of {}", told.kind))
        .search_attributes(SearchAttributes::new([BGR_WORKSPACE.value_set(told.workspace.as_str().to_owned())]))
        .build()
}

/// Ten rounds' time is enough for a look at a hundred workflows; what is left undone, the next round does.
fn round() -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: 600 * SECOND,
        start_to_close: 120 * SECOND,
    })
    .retry_policy(RetryPolicy::builder().initial_interval(SECOND).maximum_interval(30 * SECOND).build())
    .summary("who has ended without a word, and whose events are left".to_owned())
    .build()
}

/// Outlives this round. Its id may be used again once it has ended, should its event be left over once more.
fn carried(carry: &Carry) -> ChildWorkflowOptions {
    let workspace = carry.request.workspace.to_string();
    let attributes = SearchAttributes::new([
        BGR_WORKSPACE.value_set(workspace.clone()),
        BGR_COMPANY.value_set(carry.company_id.clone()),
        BGR_REASON.value_set(carry.request.reason.to_string()),
        BGR_STEP.value_set(Step::Begin.as_str().to_owned()),
    ]);
    ChildWorkflowOptions::builder()
        .workflow_id(carry.workflow_id.clone())
        .parent_close_policy(ParentClosePolicy::Abandon)
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
        .search_attributes(attributes)
        .priority(
            Priority::builder()
                .priority_key(u32::from(carry.request.reason.priority().number()))
                .fairness_key(workspace.clone())
                .build(),
        )
        .static_summary(format!("carries on for events whose refresh ended badly · workspace {workspace}"))
        .build()
}

#[cfg(test)]
mod tests {
    use super::SlotKeeper;
    use contracts::SlotKeeperDefinition;
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn the_schedule_starts_the_workflow_that_workers_run() {
        assert_eq!(SlotKeeper::name(), SlotKeeperDefinition.name());
    }
}
