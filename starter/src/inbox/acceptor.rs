//! Answers a delivery: "accepted" means that the refresh will be started, whatever dies next.

use super::{Circuit, InboxWriter, Pass, entry};
use crate::start::{AT_ONCE, in_turn};
use crate::{StartAnswer, StartError, StartRefresh, Starting, StartingAll};
use contracts::{StartRequest, WorkflowId};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use store::PutResult;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// How long an answer may take, and how many ask Temporal at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptLimits {
    /// Until the sender has an answer, whatever it is.
    pub total: Duration,
    /// For one direct start, after which it counts as unanswered.
    pub direct: Duration,
    /// How long a sender waits for a direct start alone. After it the event is put into the inbox as well, and whichever is
    /// done first answers: a server that is merely slow makes no sender wait. Started twice is started once.
    pub patience: Duration,
    /// Direct starts under way at once.
    pub max_in_flight: usize,
}

impl Default for AcceptLimits {
    fn default() -> Self {
        Self {
            total: Duration::from_millis(2500),
            direct: Duration::from_millis(1200),
            // Ten times what a start takes on a server with nothing else to do.
            patience: Duration::from_millis(100),
            max_in_flight: 32,
        }
    }
}

/// When a sender should come back that could not be helped.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Starts refreshes directly where that goes, keeps them in the inbox where it does not.
pub struct Acceptor {
    direct: Arc<dyn StartRefresh>,
    temporal: Arc<Circuit>,
    inbox: InboxWriter,
    permits: Arc<Semaphore>,
    limits: AcceptLimits,
}

/// A start that goes on whether or not somebody waits for its answer.
type DirectStart = JoinHandle<Option<Result<StartAnswer, StartError>>>;

/// Why an event goes into the inbox.
#[derive(Clone, Copy, Debug)]
enum Spilled {
    /// As many starts are under way as may be.
    Overload,
    /// This one got no answer yet; the start goes on.
    Slow,
    /// This one got no answer.
    NoAnswer,
    /// Temporal is known to be away.
    Outage,
    /// It came with many others.
    Batch,
}

impl Spilled {
    fn as_str(self) -> &'static str {
        match self {
            Spilled::Overload => "overload",
            Spilled::Slow => "slow",
            Spilled::NoAnswer => "no_answer",
            Spilled::Outage => "outage",
            Spilled::Batch => "batch",
        }
    }
}

impl Acceptor {
    /// Over whoever starts directly, with what is known about Temporal, and an inbox.
    #[must_use]
    pub fn new(
        direct: Arc<dyn StartRefresh>,
        temporal: Arc<Circuit>,
        inbox: InboxWriter,
        limits: AcceptLimits,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(limits.max_in_flight.clamp(1, Semaphore::MAX_PERMITS)));
        Self { direct, temporal, inbox, permits, limits }
    }

    fn end(&self) -> Instant {
        Instant::now() + self.limits.total
    }

    /// Many at once go into the inbox, by few commits, and not each to Temporal: they would take up every permit for as long
    /// as they are many, and nobody waits for the last of them. Without an inbox each is for itself, within the same time.
    async fn accept_all(&self, requests: &[StartRequest]) -> Vec<Result<StartAnswer, StartError>> {
        let end = self.end();
        let mut answers = Vec::with_capacity(requests.len());
        if requests.len() > AT_ONCE {
            // An entry that has no form finds out below.
            let entries: Vec<_> = requests.iter().map_while(|request| entry(request).ok()).collect();
            let put = timeout_at(end, self.inbox.put_all(entries)).await.unwrap_or_default();
            let put = requests
                .iter()
                .zip(put)
                .map(|(request, put)| Ok(Self::put(request.workflow_id(), put, Spilled::Batch)));
            answers.extend(put);
        }
        let rest: Vec<_> = requests.iter().skip(answers.len()).map(|request| self.accept(request, end)).collect();
        answers.extend(in_turn(rest.into_iter()).await);
        answers
    }

    async fn accept(&self, request: &StartRequest, end: Instant) -> Result<StartAnswer, StartError> {
        let workflow_id = request.workflow_id();
        let spilled = match (Arc::clone(&self.permits).try_acquire_owned(), self.temporal.pass()) {
            (Err(_), _) => Spilled::Overload,
            (Ok(_), None) => Spilled::Outage,
            (Ok(permit), Some(pass)) => {
                // Temporal does not know yet what waits in the inbox. Whoever is on the way into it is judged there.
                if let Some(answer) = self.known(request, &workflow_id).await {
                    return Ok(answer);
                }
                let mut start = self.directly(request, permit, pass, end.min(Instant::now() + self.limits.direct));
                match timeout_at(end.min(Instant::now() + self.limits.patience), &mut start).await {
                    Ok(answer) => match answer.ok().flatten() {
                        Some(answer) => return answer,
                        None => Spilled::NoAnswer,
                    },
                    Err(_) => return self.hedge(request, workflow_id, start, end).await,
                }
            }
        };
        match self.queue(request, workflow_id, spilled, end).await {
            Some(answer) => answer,
            None => self.insist(request, end).await,
        }
    }

    /// Into the inbox while the start goes on, whichever is sooner.
    async fn hedge(
        &self,
        request: &StartRequest,
        workflow_id: WorkflowId,
        mut start: DirectStart,
        end: Instant,
    ) -> Result<StartAnswer, StartError> {
        let mut queue = pin!(self.queue(request, workflow_id, Spilled::Slow, end));
        let (queued, going_on) = tokio::select! {
            biased;
            answer = &mut start => match answer.ok().flatten() {
                Some(answer) => return answer,
                None => (queue.await, false),
            },
            queued = &mut queue => (queued, true),
        };
        if let Some(answer) = queued {
            return answer;
        }
        if going_on && let Ok(Ok(Some(answer))) = timeout_at(end, start).await {
            return answer;
        }
        self.insist(request, end).await
    }

    /// The answer to an event whose workflow id waits in the inbox.
    async fn known(&self, request: &StartRequest, workflow_id: &WorkflowId) -> Option<StartAnswer> {
        let digest = self.inbox.waiting(workflow_id).await?;
        let workflow_id = workflow_id.clone();
        Some(if digest == *request.digest() {
            StartAnswer::Duplicate { workflow_id, run_id: None }
        } else {
            StartAnswer::Conflict { workflow_id, run_id: None }
        })
    }

    /// One start, bounded, which goes on when nobody waits for it any more. Nothing when there is no answer: it may have been
    /// started, or not.
    fn directly(&self, request: &StartRequest, permit: OwnedSemaphorePermit, pass: Pass, end: Instant) -> DirectStart {
        let (direct, request) = (Arc::clone(&self.direct), request.clone());
        tokio::spawn(async move {
            let answer = timeout_at(end, direct.start(&request)).await;
            drop(permit);
            match answer {
                Ok(Err(StartError::Unavailable { .. })) | Err(_) => {
                    pass.failed();
                    None
                }
                Ok(answer) => {
                    pass.succeeded();
                    Some(answer)
                }
            }
        })
    }

    /// Into the inbox; nothing when that does not take it.
    async fn queue(
        &self,
        request: &StartRequest,
        workflow_id: WorkflowId,
        why: Spilled,
        end: Instant,
    ) -> Option<Result<StartAnswer, StartError>> {
        let entry = match entry(request) {
            Ok(entry) => entry,
            Err(error) => return Some(Err(StartError::Rejected(format!("it has no JSON form: {error}")))),
        };
        let put = timeout_at(end, self.inbox.put(entry)).await.ok()?.ok()?;
        Some(Ok(Self::put(workflow_id, put, why)))
    }

    /// The answer to an event that is in the inbox.
    fn put(workflow_id: WorkflowId, put: PutResult, why: Spilled) -> StartAnswer {
        match put {
            PutResult::Stored => {
                metrics::counter!("bgr_inbox_spilled_total", "reason" => why.as_str()).increment(1);
                StartAnswer::Queued { workflow_id }
            }
            PutResult::Duplicate => StartAnswer::Duplicate { workflow_id, run_id: None },
            PutResult::Conflict => StartAnswer::Conflict { workflow_id, run_id: None },
        }
    }

    /// There is only Temporal: for a permit, and for an answer, as long as the sender can wait.
    async fn insist(&self, request: &StartRequest, end: Instant) -> Result<StartAnswer, StartError> {
        let insisting = async {
            loop {
                // Never closed, so the only way not to get a permit is not to get it in time. A server that is only slow
                // must not be asked by one at a time when there is no other way.
                let pass = self.temporal.pass_anyway();
                if let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await
                    && let Ok(Some(answer)) = self.directly(request, permit, pass, end).await
                {
                    return answer;
                }
                let _ = timeout(Circuit::PAUSE, self.temporal.closing()).await;
            }
        };
        timeout_at(end, insisting).await.unwrap_or_else(|_| {
            let cause = "neither it nor the inbox answers".to_owned();
            Err(StartError::Unavailable { retry_after: RETRY_AFTER, cause })
        })
    }
}

impl StartRefresh for Acceptor {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(self.accept(request, self.end()))
    }

    fn start_all<'a>(&'a self, requests: &'a [StartRequest]) -> StartingAll<'a> {
        Box::pin(self.accept_all(requests))
    }
}
