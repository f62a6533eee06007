//! Starting the refresh of an event, at most once. The server is the judge of duplicates: the workflow id is the event's
//! identity, and "already started" is an answer, not an error.

use crate::label;
use contracts::{
    BGR_COMPANY, BGR_REASON, BGR_STEP, BGR_WORKSPACE, BulkRefreshDefinition, BuyerGroupRefreshDefinition, MEMO_DIGEST,
    MEMO_EVENT_ID, RefreshReason, StartRequest, Step, SuppressContactDefinition, TASK_QUEUE, WorkflowId, company_id,
};
use futures::StreamExt as _;
use std::pin::{Pin, pin};
use std::time::Duration;
use temporalio_client::errors::{WorkflowInteractionError, WorkflowStartError};
use temporalio_client::tonic::{Code, Status};
use temporalio_client::{
    Client, RetryOptions, RpcOptions, WorkflowDescribeOptions, WorkflowIdConflictPolicy, WorkflowIdReusePolicy,
    WorkflowStartOptions,
};
use temporalio_common::search_attributes::SearchAttributes;
use temporalio_common::{MemoValues, Priority};
use tokio::sync::Semaphore;

/// How long and how often the Temporal server may be asked.
#[derive(Clone, Copy, Debug)]
pub struct StartLimits {
    /// Longest time for one start in all, whatever happens.
    pub deadline: Duration,
    /// Longest time for one attempt; a server that hangs is asked again after it.
    pub per_attempt: Duration,
    /// Starts under way at one time; more wait their turn within the deadline.
    pub max_in_flight: usize,
}

impl Default for StartLimits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(2), per_attempt: Duration::from_millis(900), max_in_flight: 256 }
    }
}

/// What became of a request to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartAnswer {
    /// The refresh exists since now.
    Started {
        /// Its id.
        workflow_id: WorkflowId,
        /// Its run.
        run_id: String,
    },
    /// The same event had started it before.
    Duplicate {
        /// Its id.
        workflow_id: WorkflowId,
        /// Its run; not known while the event waits in the inbox.
        run_id: Option<String>,
    },
    /// It will be started for certain: it waits in the inbox since now.
    Queued {
        /// Its id.
        workflow_id: WorkflowId,
    },
    /// Another event with the same id, or something that carries no digest, has this workflow id. Nothing was changed.
    Conflict {
        /// The id.
        workflow_id: WorkflowId,
        /// Its run; not known while the event waits in the inbox.
        run_id: Option<String>,
    },
}

/// Why it is not known that the refresh exists.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// Not now. It may even have been started; trying again is safe and tells.
    #[error("the Temporal server could not take the refresh for certain ({cause}); try again in {} s", retry_after.as_secs())]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
        /// What happened. For logs.
        cause: String,
    },
    /// Never like this: the request is wrong. For logs.
    #[error("the Temporal server rejects the refresh: {0}")]
    Rejected(String),
}

/// A start under way.
pub type Starting<'a> = Pin<Box<dyn Future<Output = Result<StartAnswer, StartError>> + Send + 'a>>;

/// Several starts under way. The answers are in the order of the requests, and end with the first that says
/// [`StartError::Unavailable`].
pub type StartingAll<'a> = Pin<Box<dyn Future<Output = Vec<Result<StartAnswer, StartError>>> + Send + 'a>>;

/// Starts of one delivery that are under way at one time, where each is asked for by itself.
pub const AT_ONCE: usize = 16;

/// Whoever can start refreshes: [`RefreshStarter`], or something in its place.
pub trait StartRefresh: Send + Sync {
    /// Starts the refresh of this request's event unless it exists.
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a>;

    /// Starts all of these, as far as it can: the rest is not tried once one could not be made durable, for the sender then
    /// sends all of them again.
    fn start_all<'a>(&'a self, requests: &'a [StartRequest]) -> StartingAll<'a> {
        Box::pin(in_turn(requests.iter().map(|request| self.start(request))))
    }
}

/// Waits for these starts, some at once, up to and with the first that says "not now".
pub(crate) async fn in_turn<S>(starts: impl Iterator<Item = S> + Send) -> Vec<Result<StartAnswer, StartError>>
where
    S: Future<Output = Result<StartAnswer, StartError>> + Send,
{
    let mut starts = pin!(futures::stream::iter(starts).buffered(AT_ONCE));
    let mut answers = Vec::new();
    while let Some(answer) = starts.next().await {
        let ends = matches!(answer, Err(StartError::Unavailable { .. }));
        answers.push(answer);
        if ends {
            break;
        }
    }
    answers
}

/// Starts refreshes on a Temporal server.
pub struct RefreshStarter {
    client: Client,
    limits: StartLimits,
    in_flight: Semaphore,
}

impl RefreshStarter {
    /// A starter on this client's namespace.
    #[must_use]
    pub fn new(client: Client, limits: StartLimits) -> Self {
        Self { client, limits, in_flight: Semaphore::new(limits.max_in_flight.min(Semaphore::MAX_PERMITS)) }
    }

    pub(crate) const fn limits(&self) -> StartLimits {
        self.limits
    }

    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Starts the refresh of this request's event unless it exists, and says which of the two it was.
    ///
    /// # Errors
    /// [`StartError::Unavailable`] when the answer is unknown, [`StartError::Rejected`] when trying again changes nothing.
    pub async fn start(&self, request: &StartRequest) -> Result<StartAnswer, StartError> {
        let start_in_turn = async {
            // Never closed, so the only way not to get a permit is not to get it in time.
            let _permit = self.in_flight.acquire().await;
            self.start_or_compare(request).await
        };
        // The SDK's timeout is per attempt and its retries go on for ten seconds; only this bounds the whole.
        match tokio::time::timeout(self.limits.deadline, start_in_turn).await {
            Ok(answer) => answer,
            Err(_) => Err(later(2, "no answer within the deadline")),
        }
    }

    async fn start_or_compare(&self, request: &StartRequest) -> Result<StartAnswer, StartError> {
        let workflow_id = request.workflow_id();
        let options = self.options(request, workflow_id.as_str())?;
        loop {
            let run_id = |run_id: Option<&str>| run_id.unwrap_or_default().to_owned();
            let started = match request {
                StartRequest::Refresh(request) => {
                    let refresh = BuyerGroupRefreshDefinition;
                    let started = self.client.start_workflow(refresh, request.clone(), options.clone()).await;
                    started.map(|handle| run_id(handle.run_id()))
                }
                StartRequest::Suppress(request) => {
                    let suppression = SuppressContactDefinition;
                    let started = self.client.start_workflow(suppression, request.clone(), options.clone()).await;
                    started.map(|handle| run_id(handle.run_id()))
                }
                StartRequest::Bulk(request) => {
                    let started =
                        self.client.start_workflow(BulkRefreshDefinition, request.clone(), options.clone()).await;
                    started.map(|handle| run_id(handle.run_id()))
                }
            };
            match started {
                Ok(run_id) => {
                    return Ok(StartAnswer::Started { workflow_id, run_id });
                }
                Err(WorkflowStartError::AlreadyStarted { .. }) => return self.compare(request, workflow_id).await,
                // The attempt was given up, and may have succeeded. The id makes asking again safe.
                Err(WorkflowStartError::Rpc(status)) if gave_up(&status) => {
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                Err(WorkflowStartError::Rpc(status)) => return Err(refused(&status)),
                Err(error) => return Err(StartError::Rejected(error.to_string())),
            }
        }
    }

    /// The id is taken. By the same event? The digest of its body stands in the memo.
    async fn compare(&self, request: &StartRequest, workflow_id: WorkflowId) -> Result<StartAnswer, StartError> {
        let handle = self.client.get_workflow_handle::<BuyerGroupRefreshDefinition>(workflow_id.as_str());
        let description = loop {
            let options = WorkflowDescribeOptions::builder().rpc_options(self.rpc()).build();
            match handle.describe(options).await {
                Ok(description) => break description,
                // Its retention ended between the two calls; the next delivery will start it.
                Err(WorkflowInteractionError::NotFound(_)) => {
                    return Err(later(1, "the earlier refresh has just gone"));
                }
                Err(WorkflowInteractionError::Rpc(status)) if gave_up(&status) => {
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                Err(WorkflowInteractionError::Rpc(status)) => return Err(refused(&status)),
                Err(error) => return Err(StartError::Rejected(error.to_string())),
            }
        };
        let run_id = Some(description.run_id().to_owned());
        let digest: Option<String> = description
            .memo()
            .get(MEMO_DIGEST)
            .map_err(|error| StartError::Rejected(format!("the earlier refresh's memo cannot be read: {error}")))?;
        if digest.as_deref() == Some(request.digest().as_str()) {
            Ok(StartAnswer::Duplicate { workflow_id, run_id })
        } else {
            Ok(StartAnswer::Conflict { workflow_id, run_id })
        }
    }

    pub(crate) fn options(
        &self,
        request: &StartRequest,
        workflow_id: &str,
    ) -> Result<WorkflowStartOptions, StartError> {
        let mut attributes = vec![BGR_WORKSPACE.try_value_set(request.workspace().to_string())];
        match request {
            StartRequest::Refresh(refresh) => {
                // Of a person's employer the workflow itself tells, once it is known.
                attributes.extend(refresh.company.named().map(|company| {
                    let id = company_id(&refresh.workspace, &company.name, company.domain.as_deref());
                    BGR_COMPANY.try_value_set(id)
                }));
                attributes.push(BGR_REASON.try_value_set(refresh.reason.to_string()));
                attributes.push(BGR_STEP.try_value_set(Step::Begin.to_string()));
            }
            StartRequest::Suppress(_) => attributes.push(BGR_REASON.try_value_set("objection".to_owned())),
            StartRequest::Bulk(_) => attributes.push(BGR_REASON.try_value_set(RefreshReason::Bulk.to_string())),
        }
        let attributes: Result<Vec<_>, _> = attributes.into_iter().collect();
        let attributes = attributes.map_err(|error| StartError::Rejected(error.to_string()))?;
        let mut memo = MemoValues::new();
        memo.insert(MEMO_DIGEST, request.digest().as_str().to_owned());
        memo.insert(MEMO_EVENT_ID, request.event_id().as_str().to_owned());
        Ok(WorkflowStartOptions::new(TASK_QUEUE, workflow_id)
            .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
            .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
            .search_attributes(SearchAttributes::new(attributes))
            .memo(memo)
            .priority(priority(request))
            .static_summary(label::summary(request))
            .static_details(label::details(request))
            .rpc_options(self.rpc())
            .build())
    }

    pub(crate) fn rpc(&self) -> RpcOptions {
        let retries = RetryOptions::builder()
            .initial_interval(Duration::from_millis(50))
            .max_interval(Duration::from_millis(400))
            .max_elapsed_time(Some(self.limits.deadline))
            .build();
        RpcOptions::builder().timeout(self.limits.per_attempt).retry_options(retries).build()
    }
}

impl StartRefresh for RefreshStarter {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(RefreshStarter::start(self, request))
    }
}

/// How urgent it is beside others that wait for a worker, 1 before 5, and whose turn it takes: within one urgency the server
/// serves workspaces in turn, however much each has waiting. Activities inherit both.
fn priority(request: &StartRequest) -> Priority {
    let key = match request {
        // The law sets the time for it, and it is one short step.
        StartRequest::Suppress(_) => contracts::Priority::MemberChange,
        StartRequest::Refresh(refresh) => refresh.reason.priority(),
        StartRequest::Bulk(_) => contracts::Priority::Bulk,
    };
    Priority::builder().priority_key(u32::from(key.number())).fairness_key(request.workspace().as_str()).build()
}

pub(crate) fn later(seconds: u64, cause: &str) -> StartError {
    StartError::Unavailable { retry_after: Duration::from_secs(seconds), cause: cause.to_owned() }
}

/// An attempt that ran out of time. The SDK reports its own timeout as a cancellation and does not try again.
pub(crate) fn gave_up(status: &Status) -> bool {
    matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded)
}

/// Codes that say "this request is wrong" do not pass; all others do, or may.
pub(crate) fn refused(status: &Status) -> StartError {
    let said = || format!("{:?}: {}", status.code(), status.message());
    match status.code() {
        Code::InvalidArgument
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented => StartError::Rejected(said()),
        // No access, or no namespace: for an operator to repair, after which the very same event is taken.
        Code::NotFound | Code::PermissionDenied | Code::Unauthenticated => {
            later(30, &format!("the server does not serve us, {}", said()))
        }
        Code::ResourceExhausted => later(5, "the server is out of resources"),
        code => later(2, &format!("the server answers {code:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_what_cannot_is_not() {
        for code in
            [Code::Unavailable, Code::ResourceExhausted, Code::Aborted, Code::Internal, Code::Unknown, Code::DataLoss]
        {
            assert!(matches!(refused(&Status::new(code, "")), StartError::Unavailable { .. }), "{code:?}");
        }
        for code in [Code::InvalidArgument, Code::FailedPrecondition, Code::OutOfRange, Code::Unimplemented] {
            assert!(matches!(refused(&Status::new(code, "")), StartError::Rejected(_)), "{code:?}");
        }
        assert!(gave_up(&Status::cancelled("Timeout expired")) && gave_up(&Status::deadline_exceeded("")));
        assert!(!gave_up(&Status::unavailable("")));
    }

    #[test]
    fn a_server_that_does_not_serve_us_is_an_outage_whose_code_is_logged() {
        for code in [Code::NotFound, Code::PermissionDenied, Code::Unauthenticated] {
            let error = refused(&Status::new(code, "namespace demo"));
            let StartError::Unavailable { retry_after, .. } = &error else { panic!("{code:?}: {error}") };
            assert_eq!(retry_after.as_secs(), 30);
            // What the log gets; the sender gets a problem without it.
            let logged = error.to_string();
            assert!(logged.contains(&format!("{code:?}: namespace demo")), "{logged}");
        }
    }
}
