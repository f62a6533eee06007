//! Trying a refresh again that did not end well: another run under the same workflow id, so that there are never two. The
//! store's `begin` gives it the event of the run before, and a run that is at work or ended well is left alone.

use crate::start::{RefreshStarter, StartError, gave_up, later, refused};
use contracts::{BUYER_GROUP_REFRESH, BuyerGroupRefreshDefinition, RefreshRequest};
use futures::StreamExt as _;
use std::time::Duration;
use store::Kept;
use temporalio_client::errors::{WorkflowInteractionError, WorkflowStartError};
use temporalio_client::{
    NamespacedClient as _, WorkflowDescribeOptions, WorkflowExecutionStatus, WorkflowFetchHistoryOptions,
    WorkflowIdReusePolicy,
};
use temporalio_common::data_converters::{SerializationContextData, WorkflowSerializationContext};
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

/// What became of the wish to try a refresh again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryAnswer {
    /// It runs again since now.
    Started {
        /// Its new run.
        run_id: String,
    },
    /// It is at work already: nobody has to try it again.
    Running,
    /// It ended with an answer, so there is nothing to try again.
    EndedWell,
    /// Nobody knows what it was asked.
    Unknown,
}

/// What the server has under a workflow id.
enum Before {
    Running,
    EndedWell,
    Failed(Box<RefreshRequest>),
    /// Nothing, or nothing of ours.
    Nothing,
}

impl RefreshStarter {
    /// Tries the refresh of this workflow again, if it failed, was cancelled or terminated, or ran out of time. It is asked
    /// the same as before: what stands in its history, else `kept`, which the store still has of one that the server has
    /// forgotten. Calling this twice starts it once.
    ///
    /// # Errors
    /// [`StartError::Unavailable`] when the answer is unknown, [`StartError::Rejected`] when trying again changes nothing.
    pub async fn retry(&self, workflow_id: &str, kept: Option<Kept>) -> Result<RetryAnswer, StartError> {
        let retrying = async {
            let request = match self.before(workflow_id).await? {
                Before::Running => return Ok(RetryAnswer::Running),
                Before::EndedWell => return Ok(RetryAnswer::EndedWell),
                Before::Failed(request) => *request,
                Before::Nothing => match kept {
                    Some(Kept::Asked(request)) => *request,
                    Some(Kept::Answered) => return Ok(RetryAnswer::EndedWell),
                    None => return Ok(RetryAnswer::Unknown),
                },
            };
            self.restart(workflow_id, request).await
        };
        // Three questions to the server instead of the one of a start.
        match tokio::time::timeout(self.limits().deadline * 3, retrying).await {
            Ok(answer) => answer,
            Err(_) => Err(later(2, "no answer within the deadline")),
        }
    }

    async fn restart(&self, workflow_id: &str, request: RefreshRequest) -> Result<RetryAnswer, StartError> {
        let mut options = self.options(&request.clone().into(), workflow_id)?;
        // A run that ended well meanwhile is the server's to refuse.
        options.id_reuse_policy = WorkflowIdReusePolicy::AllowDuplicateFailedOnly;
        loop {
            let started =
                self.client().start_workflow(BuyerGroupRefreshDefinition, request.clone(), options.clone()).await;
            match started {
                Ok(handle) => {
                    let run_id = handle.run_id().unwrap_or_default().to_owned();
                    return Ok(RetryAnswer::Started { run_id });
                }
                // Somebody else was faster, or an attempt of ours that was given up has succeeded.
                Err(WorkflowStartError::AlreadyStarted { .. }) => return Ok(RetryAnswer::Running),
                Err(WorkflowStartError::Rpc(status)) if gave_up(&status) => {
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                Err(WorkflowStartError::Rpc(status)) => return Err(refused(&status)),
                Err(error) => return Err(StartError::Rejected(error.to_string())),
            }
        }
    }

    async fn before(&self, workflow_id: &str) -> Result<Before, StartError> {
        let handle = self.client().get_workflow_handle::<BuyerGroupRefreshDefinition>(workflow_id);
        let options = WorkflowDescribeOptions::builder().rpc_options(self.rpc()).build();
        let description = match handle.describe(options).await {
            Ok(description) => description,
            Err(error) => return nothing_or(error),
        };
        if description.workflow_type() != BUYER_GROUP_REFRESH {
            return Ok(Before::Nothing);
        }
        match description.status() {
            WorkflowExecutionStatus::Failed
            | WorkflowExecutionStatus::Canceled
            | WorkflowExecutionStatus::Terminated
            | WorkflowExecutionStatus::TimedOut => {}
            WorkflowExecutionStatus::Completed => return Ok(Before::EndedWell),
            _ => return Ok(Before::Running),
        }
        let options = WorkflowFetchHistoryOptions::builder().rpc_options(self.rpc()).build();
        let first = match handle.fetch_history(options).next().await {
            Some(Ok(event)) => event,
            Some(Err(error)) => return nothing_or(error),
            None => return Ok(Before::Nothing),
        };
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = first.attributes else {
            return Ok(Before::Nothing);
        };
        let Some(input) = started.input.and_then(|input| input.payloads.into_iter().next()) else {
            return Ok(Before::Nothing);
        };
        let context = SerializationContextData::Workflow(WorkflowSerializationContext::new());
        let request = self.client().data_converter().from_payload(&context, input).await;
        let unreadable = |error| StartError::Rejected(format!("what it was asked cannot be read: {error}"));
        Ok(Before::Failed(Box::new(request.map_err(unreadable)?)))
    }
}

fn nothing_or(error: WorkflowInteractionError) -> Result<Before, StartError> {
    match error {
        WorkflowInteractionError::NotFound(_) => Ok(Before::Nothing),
        WorkflowInteractionError::Rpc(status) if gave_up(&status) => Err(later(1, "the server is slow")),
        WorkflowInteractionError::Rpc(status) => Err(refused(&status)),
        error => Err(StartError::Rejected(error.to_string())),
    }
}
