//! What can be asked of, and said to, a refresh while it runs. Temporal knows; nothing is kept here.

use crate::{LateStarter, RefreshStarter, RetryAnswer, StartError};
use contracts::{
    APPROVE_UPDATE, BuyerGroupRefreshDefinition, REJECT_UPDATE, RUN_NOW_UPDATE, RefreshStatus, STATUS_QUERY,
    UnixMillis, WorkflowId,
};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::time::Duration;
use store::Kept;
use temporalio_client::errors::{WorkflowGetResultError, WorkflowInteractionError, WorkflowUpdateError};
use temporalio_client::tonic::Code;
use temporalio_client::{
    Client, WorkflowCancelOptions, WorkflowExecuteUpdateOptions, WorkflowExecutionStatus, WorkflowHandle,
};
use temporalio_common::data_converters::RawValue;
use temporalio_common::protos::temporal::api::enums::v1::PendingActivityState;
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_common::protos::temporal::api::workflow::v1::PendingActivityInfo;
use temporalio_common::{QueryDefinition, UpdateDefinition};

/// For what the server itself answers.
const SERVER: Duration = Duration::from_secs(2);
/// For a question that only a worker can answer. Without an answer the rest is told.
const QUERY: Duration = Duration::from_secs(1);
/// For a word to a refresh, which a worker has to hear.
const UPDATE: Duration = Duration::from_secs(8);
/// Between two attempts to hear of the end while the server is away.
const AGAIN: Duration = Duration::from_millis(500);

/// How a refresh stands by Temporal's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// Temporal knows of none.
    NotFound,
    /// It runs.
    Running(Running),
    /// It has ended, and nothing more is known of how.
    Ended(End),
}

/// A refresh that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Its run.
    pub run_id: String,
    /// How far it is; `None` when no worker answers.
    pub status: Option<RefreshStatus>,
    /// What it waits for, when a step failed and is to be tried again.
    pub retry: Option<Retry>,
}

/// A step that failed and is to be tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The step, as its activity is named.
    pub activity: String,
    /// Number of the next attempt.
    pub attempt: u32,
    /// Class of the failure.
    pub class: String,
    /// When it is tried again.
    pub at: Option<UnixMillis>,
}

/// How a workflow ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with a result.
    Completed,
    /// With a failure.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// An operator terminated it.
    Terminated,
    /// Its time was over.
    TimedOut,
}

/// What can be said to a refresh that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Take the result that waits for review.
    Approve,
    /// Leave it.
    Reject,
    /// Do not wait for the turn.
    RunNow,
}

impl Word {
    /// Name of the workflow's update.
    #[must_use]
    pub const fn update(self) -> &'static str {
        match self {
            Word::Approve => APPROVE_UPDATE,
            Word::Reject => REJECT_UPDATE,
            Word::RunNow => RUN_NOW_UPDATE,
        }
    }
}

/// Why nothing was heard, or something was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// There is no such refresh, or it has ended.
    #[error("no such refresh runs")]
    NotRunning,
    /// The refresh does not take it.
    #[error("the refresh refuses: {0}")]
    Refused(String),
    /// Nobody answers. What was said may have been heard.
    #[error("no answer ({0})")]
    NoAnswer(String),
}

/// An answer under way.
pub type Following<'a, T> = Pin<Box<dyn Future<Output = Result<T, FollowError>> + Send + 'a>>;

/// Whoever can be asked about refreshes and told what to say to them: [`RefreshStarter`], or something in its place.
pub trait FollowRefresh: Send + Sync {
    /// How it stands.
    fn look<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, Live>;

    /// Ends when the refresh does, or there is none. Who waits bounds the wait.
    fn ended<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, ()>;

    /// Asks it to stop.
    fn cancel<'a>(&'a self, workflow_id: &'a WorkflowId, reason: String) -> Following<'a, ()>;

    /// Tries one again that did not end well; `kept` is what the store has of it, for when Temporal has forgotten it.
    fn try_again<'a>(&'a self, workflow_id: &'a WorkflowId, kept: Option<Kept>) -> Following<'a, RetryAnswer>;

    /// Says something to it, once per `id`, in the name of `by`.
    fn say<'a>(&'a self, workflow_id: &'a WorkflowId, word: Word, by: String, id: String) -> Following<'a, ()>;
}

impl RefreshStarter {
    async fn again(&self, workflow_id: &str, kept: Option<Kept>) -> Result<RetryAnswer, FollowError> {
        self.retry(workflow_id, kept).await.map_err(|error| match error {
            StartError::Unavailable { cause, .. } => FollowError::NoAnswer(cause),
            StartError::Rejected(reason) => FollowError::Refused(reason),
        })
    }
}

type Handle = WorkflowHandle<Client, BuyerGroupRefreshDefinition>;

impl FollowRefresh for RefreshStarter {
    fn look<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, Live> {
        Box::pin(async move { look(&handle(self.client(), workflow_id)).await })
    }

    fn ended<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, ()> {
        Box::pin(async move {
            let handle = handle(self.client(), workflow_id);
            // Any answer but "I cannot say" means that it has ended.
            while let Err(WorkflowGetResultError::Rpc(_)) = handle.get_result(Default::default()).await {
                tokio::time::sleep(AGAIN).await;
            }
            Ok(())
        })
    }

    fn cancel<'a>(&'a self, workflow_id: &'a WorkflowId, reason: String) -> Following<'a, ()> {
        Box::pin(async move {
            let handle = handle(self.client(), workflow_id);
            let options = WorkflowCancelOptions::builder().reason(reason).build();
            within(SERVER, handle.cancel(options)).await?.map_err(interaction)
        })
    }

    fn try_again<'a>(&'a self, workflow_id: &'a WorkflowId, kept: Option<Kept>) -> Following<'a, RetryAnswer> {
        Box::pin(self.again(workflow_id.as_str(), kept))
    }

    fn say<'a>(&'a self, workflow_id: &'a WorkflowId, word: Word, by: String, id: String) -> Following<'a, ()> {
        Box::pin(async move {
            let handle = handle(self.client(), workflow_id);
            let options = WorkflowExecuteUpdateOptions::builder().update_id(id).build();
            match within(UPDATE, handle.execute_update(Update(word), By { by }, options)).await? {
                Ok(_) => Ok(()),
                Err(WorkflowUpdateError::NotFound(_)) => Err(FollowError::NotRunning),
                Err(WorkflowUpdateError::Failed(failure)) => Err(FollowError::Refused(failure.message)),
                Err(WorkflowUpdateError::Rpc(status)) => Err(FollowError::NoAnswer(format!("{:?}", status.code()))),
                Err(error) => Err(FollowError::NoAnswer(error.to_string())),
            }
        })
    }
}

impl FollowRefresh for LateStarter {
    fn look<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, Live> {
        Box::pin(async move { self.there()?.look(workflow_id).await })
    }

    fn ended<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, ()> {
        Box::pin(async move { self.there()?.ended(workflow_id).await })
    }

    fn cancel<'a>(&'a self, workflow_id: &'a WorkflowId, reason: String) -> Following<'a, ()> {
        Box::pin(async move { self.there()?.cancel(workflow_id, reason).await })
    }

    fn try_again<'a>(&'a self, workflow_id: &'a WorkflowId, kept: Option<Kept>) -> Following<'a, RetryAnswer> {
        Box::pin(async move { self.there()?.again(workflow_id.as_str(), kept).await })
    }

    fn say<'a>(&'a self, workflow_id: &'a WorkflowId, word: Word, by: String, id: String) -> Following<'a, ()> {
        Box::pin(async move { self.there()?.say(workflow_id, word, by, id).await })
    }
}

impl LateStarter {
    fn there(&self) -> Result<&RefreshStarter, FollowError> {
        self.connected().ok_or_else(|| FollowError::NoAnswer("not connected yet".to_owned()))
    }
}

fn handle(client: &Client, workflow_id: &WorkflowId) -> Handle {
    client.get_workflow_handle(workflow_id.as_str())
}

async fn look(handle: &Handle) -> Result<Live, FollowError> {
    let description = match within(SERVER, handle.describe(Default::default())).await? {
        Ok(description) => description,
        Err(WorkflowInteractionError::NotFound(_)) => return Ok(Live::NotFound),
        Err(error) => return Err(interaction(error)),
    };
    let end = match description.status() {
        WorkflowExecutionStatus::Completed => End::Completed,
        WorkflowExecutionStatus::Failed => End::Failed,
        WorkflowExecutionStatus::Canceled => End::Cancelled,
        WorkflowExecutionStatus::Terminated => End::Terminated,
        WorkflowExecutionStatus::TimedOut => End::TimedOut,
        _ => {
            let retry = description.raw().pending_activities.iter().find_map(retry);
            let asked = within(QUERY, handle.query(StatusQuery, (), Default::default())).await;
            let status = asked.ok().and_then(Result::ok);
            return Ok(Live::Running(Running { run_id: description.run_id().to_owned(), status, retry }));
        }
    };
    Ok(Live::Ended(end))
}

/// What is to be tried again, when this activity is.
fn retry(activity: &PendingActivityInfo) -> Option<Retry> {
    if activity.attempt < 2 || activity.state != PendingActivityState::Scheduled as i32 {
        return None;
    }
    let at = activity.next_attempt_schedule_time.as_ref();
    Some(Retry {
        activity: activity.activity_type.as_ref().map(|kind| kind.name.clone()).unwrap_or_default(),
        attempt: u32::try_from(activity.attempt).unwrap_or(u32::MAX),
        class: activity.last_failure.as_ref().map_or_else(|| "Unknown".to_owned(), class),
        at: at.map(|at| at.seconds * 1000 + i64::from(at.nanos) / 1_000_000),
    })
}

/// The failure type name. Never the message: it is made for operators.
fn class(failure: &Failure) -> String {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) if !info.r#type.is_empty() => info.r#type.clone(),
        Some(FailureInfo::TimeoutFailureInfo(_)) => "Timeout".to_owned(),
        _ => "Unknown".to_owned(),
    }
}

fn interaction(error: WorkflowInteractionError) -> FollowError {
    match error {
        WorkflowInteractionError::NotFound(_) => FollowError::NotRunning,
        // Cancelling what has just ended.
        WorkflowInteractionError::Rpc(status) if status.code() == Code::FailedPrecondition => FollowError::NotRunning,
        WorkflowInteractionError::Rpc(status) => FollowError::NoAnswer(format!("{:?}", status.code())),
        error => FollowError::NoAnswer(error.to_string()),
    }
}

/// The SDK waits half a minute for a server that hangs, and longer for a worker.
async fn within<T>(time: Duration, answer: impl Future<Output = T>) -> Result<T, FollowError> {
    let late = |_| FollowError::NoAnswer(format!("nothing within {time:?}"));
    tokio::time::timeout(time, answer).await.map_err(late)
}

/// Who says it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct By {
    by: String,
}

struct StatusQuery;

impl QueryDefinition for StatusQuery {
    type Workflow = BuyerGroupRefreshDefinition;
    type Input = ();
    type Output = RefreshStatus;

    fn name(&self) -> &str {
        STATUS_QUERY
    }
}

/// The word as an update of the workflow.
struct Update(Word);

impl UpdateDefinition for Update {
    type Workflow = BuyerGroupRefreshDefinition;
    type Input = By;
    // Whatever a later workflow answers: that it was taken is enough.
    type Output = RawValue;

    fn name(&self) -> &str {
        self.0.update()
    }
}
