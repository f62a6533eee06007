//! Many companies refreshed because somebody asked for all of them at once: a few at a time, behind everything else.
//!
//! One run hands out one page of companies, then continues as new: however many there are, no history grows long.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

use crate::BuyerGroupRefresh;
use contracts::{
    BACKGROUND_TASK_QUEUE, BGR_COMPANY, BGR_REASON, BGR_STEP, BGR_WORKSPACE, BulkActs, BulkEnd, BulkItem, BulkPage,
    BulkPageInput, BulkProgress, BulkRequest, BulkStatus, EventRef, RefreshReason, RefreshRequest, Step, WorkflowId,
    WorkspaceId, company_id,
};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::Priority;
use temporalio_workflow::common::search_attributes::SearchAttributes;
use temporalio_workflow::{
    ActivityExecutionError, ActivityOptions, ChildWorkflowOptions, ContinueAsNewOptions, ParentClosePolicy,
    RetryPolicy, TimerOptions, WorkflowCancellationToken, WorkflowContext, WorkflowContextView, WorkflowIdReusePolicy,
    WorkflowResult, WorkflowTermination, join_all, select,
};

const SECOND: Duration = Duration::from_secs(1);

/// Companies of one run. About ten events each: a run's history stays below the few thousand with which a server is at ease.
const PAGE: u32 = 200;

/// One bulk. The workflow id is the request's idempotency key.
#[workflow]
#[derive(Debug)]
pub struct BulkRefresh {
    request: BulkRequest,
    progress: BulkProgress,
    /// Refreshes that are waited for.
    in_flight: u32,
}

#[workflow_methods]
impl BulkRefresh {
    #[init]
    fn new(_ctx: &WorkflowContextView, request: BulkRequest) -> Self {
        Self { progress: request.progress.clone(), request, in_flight: 0 }
    }

    /// A page, and on with the next; the end when there is none, or somebody cancels.
    #[run(name = contracts::BULK_REFRESH)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<BulkStatus> {
        Self::show(ctx);
        let more = match Self::page(ctx).await {
            Ok(page) => {
                Self::refresh_all(ctx, &page).await;
                Ok(page.more)
            }
            Err(error) => Err(error),
        };
        if ctx.cancellation_token().is_cancelled() {
            return Self::stop(ctx).await;
        }
        if more? {
            let request = ctx.state(|bulk| BulkRequest { progress: bulk.progress.clone(), ..bulk.request.clone() });
            ctx.continue_as_new(request, ContinueAsNewOptions::default())?;
        }
        Self::close(ctx, false).await?;
        Self::show(ctx);
        Ok(ctx.state(Self::standing))
    }

    /// How far it is.
    #[query(name = contracts::BULK_STATUS_QUERY)]
    pub fn bulk_status(&self, _ctx: &WorkflowContextView) -> BulkStatus {
        self.standing()
    }
}

impl BulkRefresh {
    async fn page(ctx: &WorkflowContext<Self>) -> Result<BulkPage, ActivityExecutionError> {
        let input = ctx.state(|bulk| BulkPageInput {
            workspace: bulk.request.workspace.clone(),
            bulk_id: bulk.request.event.id.to_string(),
            after: bulk.progress.reached,
            limit: PAGE,
        });
        Ok(ctx.execute_activity(BulkActs::bulk_items, input, database_step("which companies come next")).await?.result)
    }

    /// Every company of the page, so many at a time as the request allows. Ends when nothing is waited for any more.
    async fn refresh_all(ctx: &WorkflowContext<Self>, page: &BulkPage) {
        let refreshes = page.items.iter().map(|item| async move {
            let room = ctx.wait_condition(|bulk| bulk.in_flight < bulk.request.at_once.max(1)).await;
            if room.is_err() || ctx.cancellation_token().is_cancelled() {
                return;
            }
            ctx.state_mut(|bulk| {
                bulk.in_flight += 1;
                bulk.progress.reached = bulk.progress.reached.max(item.number);
            });
            Self::refresh(ctx, item).await;
            ctx.state_mut(|bulk| bulk.in_flight -= 1);
            Self::show(ctx);
        });
        join_all(refreshes).await;
    }

    /// One company's refresh, from its start to its end, or until it has taken so long that it must be waiting for something.
    /// What becomes of it is its own business, and recorded by itself: a refresh that fails does not fail the bulk.
    async fn refresh(ctx: &WorkflowContext<Self>, item: &BulkItem) {
        let request = ctx.state(|bulk| refresh_request(&bulk.request, item));
        let options = ctx.state(|bulk| child(&bulk.request, item, &request));
        let over = match ctx.start_child_workflow(BuyerGroupRefresh::run, request, options).await {
            Ok(refresh) => {
                ctx.state_mut(|bulk| bulk.progress.started += 1);
                // Not under the workflow's cancellation: that ends the refresh, and then this wait.
                let watch = WorkflowCancellationToken::new();
                let patience = Duration::from_millis(ctx.state(|bulk| bulk.request.let_go_after_ms));
                let timer = TimerOptions::builder(patience).cancellation_token(watch.clone()).build();
                let over = select! {
                    _ = refresh.result() => true,
                    _ = ctx.timer(timer) => false,
                };
                watch.cancel();
                over
            }
            // The bulk was cancelled first.
            Err(error) if error.as_cancelled().is_some() => return,
            // It exists: an operator ran this workflow again, or reset it.
            Err(_) => {
                ctx.state_mut(|bulk| bulk.progress.started += 1);
                false
            }
        };
        ctx.state_mut(|bulk| {
            if over {
                bulk.progress.over += 1;
            } else {
                bulk.progress.let_go.push(item.number);
            }
        });
    }

    /// Somebody cancelled it: nothing more is started, and what it has started is told to stop. Those that it still waited
    /// for have been told by the server; the others are told here.
    async fn stop(ctx: &WorkflowContext<Self>) -> WorkflowResult<BulkStatus> {
        let left = ctx.state(|bulk| {
            let id = |number: &u32| workflow_id(&bulk.request.workspace, &bulk.request.item_event(*number));
            bulk.progress.let_go.iter().map(id).collect::<Vec<_>>()
        });
        for some in left.chunks(PAGE as usize) {
            // It may have ended long ago, which is as good.
            let told = some.iter().map(|id| {
                let refresh = ctx.external_workflow(id.clone(), None);
                async move { drop(refresh.cancel(Some("its bulk was cancelled".to_owned())).await) }
            });
            join_all(told).await;
        }
        Self::close(ctx, true).await?;
        Self::show(ctx);
        Err(WorkflowTermination::cancelled())
    }

    async fn close(ctx: &WorkflowContext<Self>, cancelled: bool) -> Result<(), ActivityExecutionError> {
        let input = ctx.state(|bulk| BulkEnd {
            workspace: bulk.request.workspace.clone(),
            bulk_id: bulk.request.event.id.to_string(),
            cancelled,
        });
        let mut options = database_step("no more refreshes will be started");
        options.cancellation_token = Some(WorkflowCancellationToken::new());
        ctx.execute_activity(BulkActs::close_bulk, input, options).await?;
        Ok(())
    }

    fn standing(&self) -> BulkStatus {
        let BulkProgress { started, over, let_go, .. } = &self.progress;
        BulkStatus {
            refreshes: self.request.refreshes,
            started: *started,
            in_flight: self.in_flight,
            over: *over,
            let_go: u32::try_from(let_go.len()).unwrap_or(u32::MAX),
        }
    }

    /// Current details, in Markdown.
    fn show(ctx: &WorkflowContext<Self>) {
        let BulkStatus { refreshes, started, in_flight, over, let_go } = ctx.state(Self::standing);
        ctx.set_current_details(format!(
            "**{started} of {refreshes}** started · {in_flight} under way · {over} over · {let_go} left to themselves"
        ));
    }
}

fn refresh_request(bulk: &BulkRequest, item: &BulkItem) -> RefreshRequest {
    RefreshRequest {
        workspace: bulk.workspace.clone(),
        company: item.company.clone().into(),
        reason: RefreshReason::Bulk,
        level: bulk.level,
        event: bulk.item_event(item.number),
        person_ref: None,
        could_sit: None,
    }
}

fn workflow_id(workspace: &WorkspaceId, event: &EventRef) -> String {
    WorkflowId::new(workspace, &event.source, &event.id).to_string()
}

/// The refresh as the starter would start it, but that it goes on when this run ends.
fn child(bulk: &BulkRequest, item: &BulkItem, request: &RefreshRequest) -> ChildWorkflowOptions {
    let (workspace, company) = (&bulk.workspace, &item.company);
    let attributes = SearchAttributes::new([
        BGR_WORKSPACE.value_set(workspace.to_string()),
        BGR_COMPANY.value_set(company_id(workspace, &company.name, company.domain.as_deref())),
        BGR_REASON.value_set(request.reason.to_string()),
        BGR_STEP.value_set(Step::Begin.as_str().to_owned()),
    ]);
    let (number, bulk_id) = (item.number, &bulk.event.id);
    ChildWorkflowOptions::builder()
        .workflow_id(workflow_id(workspace, &request.event))
        .task_queue(BACKGROUND_TASK_QUEUE.to_owned())
        .parent_close_policy(ParentClosePolicy::Abandon)
        .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
        .search_attributes(attributes)
        .priority(
            Priority::builder()
                .priority_key(u32::from(request.reason.priority().number()))
                .fairness_key(workspace.as_str())
                .build(),
        )
        .static_summary(format!("bulk, item {number} · workspace {workspace}"))
        .static_details(format!(
            "Buyer group refresh because of `bulk`.\n\n- workspace `{workspace}`\n- bulk `{bulk_id}`, item {number}\n\n\
             What to do when it fails or stays where it is: `docs/runbooks.md`."
        ))
        .build()
}

/// One short transaction. It outlasts any outage of the database: until then nothing more is started, and nothing is lost.
fn database_step(summary: &str) -> ActivityOptions {
    let retries =
        RetryPolicy::builder().initial_interval(SECOND).backoff_coefficient(2.0).maximum_interval(60 * SECOND).build();
    ActivityOptions::with_start_to_close_timeout(15 * SECOND).retry_policy(retries).summary(summary.to_owned()).build()
}

#[cfg(test)]
mod tests {
    use super::BulkRefresh;
    use contracts::BulkRefreshDefinition;
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn clients_start_the_workflow_that_workers_run() {
        assert_eq!(BulkRefresh::name(), BulkRefreshDefinition.name());
    }
}
