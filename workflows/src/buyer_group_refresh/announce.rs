//! Having somebody told how it ended. A refresh never waits for that, and never fails because of it.

use super::{BuyerGroupRefresh, progress};
use crate::DeliverNotifications;
use contracts::{BGR_WORKSPACE, NotificationKind, NotifyRequest, TASK_QUEUE};
use temporalio_workflow::common::search_attributes::SearchAttributes;
use temporalio_workflow::{ChildWorkflowOptions, ParentClosePolicy, WorkflowCancellationToken, WorkflowContext};

impl BuyerGroupRefresh {
    /// Starts the delivery of what the step before has put into the outbox, when somebody is to be told. It outlives the
    /// refresh. One that cannot be started is taken along by the workspace's next delivery.
    pub(super) async fn announce(ctx: &WorkflowContext<Self>, refresh_id: &str, kind: NotificationKind) {
        // The patch is for refreshes that a worker of the release before has ended.
        if !ctx.state(|refresh| refresh.announce) || !ctx.patched("notify") {
            return;
        }
        let workspace = ctx.state(|refresh| refresh.request.workspace.clone());
        let request = NotifyRequest { workspace, refresh_id: refresh_id.to_owned(), kind };
        let options = ChildWorkflowOptions::builder()
            .workflow_id(request.workflow_id())
            // A refresh for which nobody waits runs on another queue, on which nothing else does.
            .task_queue(TASK_QUEUE.to_owned())
            .parent_close_policy(ParentClosePolicy::Abandon)
            // The refresh may just be told to stop; what it has done is told all the same.
            .cancellation_token(WorkflowCancellationToken::new())
            .static_summary(format!("tell of {kind}"))
            .search_attributes(SearchAttributes::new([BGR_WORKSPACE.value_set(request.workspace.as_str().to_owned())]))
            .build();
        if let Err(error) = ctx.start_child_workflow(DeliverNotifications::run, request, options).await {
            progress::log!(ctx, warn, %error, refresh_id, "nobody is told for now: the delivery could not be started");
        }
    }
}
