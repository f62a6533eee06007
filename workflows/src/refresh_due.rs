//! A run of the schedule: the companies whose time has come are refreshed, each at its own moment.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

use crate::BuyerGroupRefresh;
use contracts::{
    BACKGROUND_TASK_QUEUE, BGR_COMPANY, BGR_REASON, BGR_STEP, BGR_WORKSPACE, DueActs, DueEvent, DueEvents, DueRefresh,
    DueStarted, RefreshDueRequest, Step, WorkflowId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::Priority;
use temporalio_workflow::common::search_attributes::SearchAttributes;
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityOptions, ChildWorkflowOptions, ChildWorkflowStartError, ParentClosePolicy,
    RetryPolicy, StartChildWorkflowExecutionFailedCause, WorkflowContext, WorkflowContextView, WorkflowIdReusePolicy,
    WorkflowResult, join_all,
};

const SECOND: Duration = Duration::from_secs(1);

/// One run. Its refreshes go on after it has ended.
#[workflow]
#[derive(Debug)]
pub struct RefreshDue {
    request: RefreshDueRequest,
    started: DueStarted,
}

#[workflow_methods]
impl RefreshDue {
    #[init]
    fn new(_ctx: &WorkflowContextView, request: RefreshDueRequest) -> Self {
        Self { request, started: DueStarted::default() }
    }

    /// Takes those that are due. From moment to moment looks which of them still are, and starts their refreshes.
    #[run(name = contracts::REFRESH_DUE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<DueStarted> {
        let request = ctx.state(|run| run.request);
        let taken = ctx.execute_activity(DueActs::take_due, request, database_step("who is due")).await?;
        let mut by_moment: BTreeMap<u64, Vec<DueRefresh>> = BTreeMap::new();
        for refresh in taken.refreshes {
            by_moment.entry(refresh.start_after_ms).or_default().push(refresh);
        }
        let mut passed = 0;
        for (moment, refreshes) in by_moment {
            if moment > passed {
                ctx.timer(Duration::from_millis(moment - passed)).await;
                passed = moment;
            }
            Self::start_those_due(ctx, refreshes).await?;
        }
        Ok(ctx.state(|run| run.started))
    }
}

impl RefreshDue {
    async fn start_those_due(ctx: &WorkflowContext<Self>, refreshes: Vec<DueRefresh>) -> WorkflowResult<()> {
        let events = DueEvents { events: refreshes.iter().map(event).collect() };
        let due = ctx.execute_activity(DueActs::still_due, events, database_step("who still is")).await?;
        let due: BTreeSet<DueEvent> = due.events.into_iter().collect();
        let (needed, passed_over): (Vec<_>, Vec<_>) =
            refreshes.into_iter().partition(|refresh| due.contains(&event(refresh)));
        ctx.state_mut(|run| run.started.passed_over += count(passed_over.len()));
        for started in join_all(needed.into_iter().map(|refresh| Self::start(ctx, refresh))).await {
            started?;
        }
        Self::show(ctx);
        Ok(())
    }

    /// Starts a refresh, unless its event has one. The event's identity is that of every other, so its id is, too.
    async fn start(ctx: &WorkflowContext<Self>, refresh: DueRefresh) -> Result<(), ChildWorkflowStartError> {
        let DueRefresh { company_id, request, .. } = refresh;
        let workspace = request.workspace.as_str().to_owned();
        let workflow_id = WorkflowId::new(&request.workspace, &request.event.source, &request.event.id);
        let options = ChildWorkflowOptions::builder()
            .workflow_id(workflow_id.as_str().to_owned())
            // A try that was ended from outside before it could record anything may be begun again under its id.
            .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
            .task_queue(BACKGROUND_TASK_QUEUE.to_owned())
            .parent_close_policy(ParentClosePolicy::Abandon)
            .priority(
                Priority::builder()
                    .priority_key(u32::from(request.reason.priority().number()))
                    .fairness_key(workspace.as_str())
                    .build(),
            )
            .search_attributes(SearchAttributes::new([
                BGR_WORKSPACE.value_set(workspace.clone()),
                BGR_COMPANY.value_set(company_id),
                BGR_REASON.value_set(request.reason.as_str().to_owned()),
                BGR_STEP.value_set(Step::Begin.as_str().to_owned()),
            ]))
            .static_summary(format!("{} · workspace {workspace}", request.reason))
            .static_details(details(&workspace, &request.event.id))
            .build();
        let started = ctx.start_child_workflow(BuyerGroupRefresh::run, request, options).await;
        let counted = |count: fn(&mut DueStarted) -> &mut u32| ctx.state_mut(|run| *count(&mut run.started) += 1);
        match started {
            Ok(_) => counted(|started| &mut started.started),
            Err(ChildWorkflowStartError::StartFailed {
                cause: StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists,
                ..
            }) => counted(|started| &mut started.already_started),
            Err(error @ ChildWorkflowStartError::StartFailed { .. }) => {
                counted(|started| &mut started.refused);
                if !ctx.is_replaying() {
                    tracing::warn!(%error, "a scheduled refresh could not be started; its company is tried again");
                }
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn show(ctx: &WorkflowContext<Self>) {
        let DueStarted { started, already_started, passed_over, refused } = ctx.state(|run| run.started);
        let mut details = format!("**{started}** refreshes started");
        for (number, what) in [
            (already_started, "were on their way already"),
            (passed_over, "were no longer needed"),
            (refused, "could not be started, and are tried again"),
        ] {
            if number > 0 {
                details += &format!("\n\n{number} {what}");
            }
        }
        ctx.set_current_details(details);
    }
}

fn event(refresh: &DueRefresh) -> DueEvent {
    let request = &refresh.request;
    DueEvent { workspace: request.workspace.clone(), event_id: request.event.id.as_str().to_owned() }
}

/// Markdown, without a word about the company: it does not pass the payload codec.
fn details(workspace: &str, event: &contracts::EventId) -> String {
    format!(
        "Buyer group refresh because it is time.\n\n- workspace `{workspace}`\n- source `schedule`, event `{event}`\n\n\
         What to do when it fails or stays where it is: `docs/runbooks.md`."
    )
}

fn count(refreshes: usize) -> u32 {
    u32::try_from(refreshes).unwrap_or(u32::MAX)
}

/// A short transaction, however long the database is away: what is taken is what is due then. While it waits the schedule
/// starts no other run.
fn database_step(summary: &str) -> ActivityOptions {
    let retries =
        RetryPolicy::builder().initial_interval(SECOND).backoff_coefficient(2.0).maximum_interval(60 * SECOND).build();
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: 24 * 60 * 60 * SECOND,
        start_to_close: 10 * SECOND,
    })
    .retry_policy(retries)
    .summary(summary.to_owned())
    .build()
}

#[cfg(test)]
mod tests {
    use super::RefreshDue;
    use contracts::RefreshDueDefinition;
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn the_schedule_starts_the_workflow_that_workers_run() {
        assert_eq!(RefreshDue::name(), RefreshDueDefinition.name());
    }
}
