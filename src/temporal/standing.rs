//! How workflows stand, for the keeper of slots.

use activities::{Standing, Workflows};
use async_trait::async_trait;
use temporalio_client::errors::WorkflowInteractionError;
use temporalio_client::{Client, WorkflowExecutionStatus};
use workflows::BuyerGroupRefresh;

/// Asks the Temporal server.
pub struct WorkflowStandings(pub Client);

#[async_trait]
impl Workflows for WorkflowStandings {
    async fn standing(&self, workflow_id: &str) -> Result<Standing, String> {
        let handle = self.0.get_workflow_handle::<BuyerGroupRefresh>(workflow_id);
        match handle.describe(Default::default()).await {
            Ok(description) => Ok(read(description.status())),
            // Closed so long ago that the server has forgotten it.
            Err(WorkflowInteractionError::NotFound(_)) => Ok(Standing::Over("Gone")),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Whatever is not known to be over is at work: a refresh that is left alone too long does less harm than one closed too early.
const fn read(status: WorkflowExecutionStatus) -> Standing {
    match status {
        WorkflowExecutionStatus::Terminated => Standing::Over("Terminated"),
        WorkflowExecutionStatus::TimedOut => Standing::Over("TimedOut"),
        WorkflowExecutionStatus::Canceled => Standing::Cancelled,
        // It ended, and could not have that recorded.
        WorkflowExecutionStatus::Completed | WorkflowExecutionStatus::Failed => Standing::Over("Unrecorded"),
        _ => Standing::Running,
    }
}
