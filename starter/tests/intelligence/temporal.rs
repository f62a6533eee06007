//! In place of a Temporal server: starts each workflow id once, and tells of it what a test says.

use contracts::{Digest, StartRequest, WorkflowId};
use starter::intelligence::follow::{End, FollowError, FollowRefresh, Following, Live, Running, Word};
use starter::{RetryAnswer, StartAnswer, StartRefresh, Starting};
use std::collections::BTreeMap;
use std::sync::Mutex;
use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct Temporal {
    started: Mutex<BTreeMap<String, (Digest, StartRequest)>>,
    live: Mutex<BTreeMap<String, Live>>,
    /// What was said to refreshes: workflow id, what, by whom.
    said: Mutex<Vec<(String, String, String)>>,
    /// What the next word is answered.
    pub(crate) refuses: Mutex<Option<FollowError>>,
    end: Notify,
    waited_for: Mutex<Vec<String>>,
}

impl Temporal {
    /// The requests that were started, by workflow id.
    pub(crate) fn started(&self) -> Vec<StartRequest> {
        self.started.lock().unwrap().values().map(|(_, request)| request.clone()).collect()
    }

    pub(crate) fn said(&self) -> Vec<(String, String, String)> {
        self.said.lock().unwrap().clone()
    }

    /// From now on it says this of the refresh.
    pub(crate) fn tell(&self, workflow_id: &str, live: Live) {
        self.live.lock().unwrap().insert(workflow_id.to_owned(), live);
    }

    /// Whoever waits for an end, or will next, hears of it.
    pub(crate) fn end(&self) {
        self.end.notify_one();
    }

    /// The workflows whose end somebody has waited for, in turn.
    pub(crate) fn waited_for(&self) -> Vec<String> {
        self.waited_for.lock().unwrap().clone()
    }

    fn hear(&self, workflow_id: &WorkflowId, what: &str, by: String) -> Result<(), FollowError> {
        if let Some(error) = self.refuses.lock().unwrap().take() {
            return Err(error);
        }
        self.said.lock().unwrap().push((workflow_id.to_string(), what.to_owned(), by));
        Ok(())
    }
}

impl StartRefresh for Temporal {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async move {
            let workflow_id = request.workflow_id();
            let mut started = self.started.lock().unwrap();
            let run_id = format!("run-{}", started.len());
            if let Some((digest, _)) = started.get(workflow_id.as_str()) {
                let run_id = Some("run-of-then".to_owned());
                return Ok(if digest == request.digest() {
                    StartAnswer::Duplicate { workflow_id, run_id }
                } else {
                    StartAnswer::Conflict { workflow_id, run_id }
                });
            }
            started.insert(workflow_id.to_string(), (request.digest().clone(), request.clone()));
            self.tell(workflow_id.as_str(), Live::Running(Running { run_id: run_id.clone(), ..Running::default() }));
            Ok(StartAnswer::Started { workflow_id, run_id })
        })
    }
}

impl FollowRefresh for Temporal {
    fn look<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, Live> {
        let live = self.live.lock().unwrap().get(workflow_id.as_str()).cloned().unwrap_or(Live::NotFound);
        Box::pin(async { Ok(live) })
    }

    fn ended<'a>(&'a self, workflow_id: &'a WorkflowId) -> Following<'a, ()> {
        Box::pin(async move {
            self.waited_for.lock().unwrap().push(workflow_id.to_string());
            self.end.notified().await;
            Ok(())
        })
    }

    fn cancel<'a>(&'a self, workflow_id: &'a WorkflowId, reason: String) -> Following<'a, ()> {
        Box::pin(async move { self.hear(workflow_id, "cancel", reason) })
    }

    fn try_again<'a>(&'a self, workflow_id: &'a WorkflowId, kept: Option<store::Kept>) -> Following<'a, RetryAnswer> {
        Box::pin(async move {
            self.hear(workflow_id, "try_again", String::new())?;
            let live = self.live.lock().unwrap().get(workflow_id.as_str()).cloned().unwrap_or(Live::NotFound);
            Ok(match live {
                Live::Running(_) => RetryAnswer::Running,
                Live::Ended(End::Completed) => RetryAnswer::EndedWell,
                Live::NotFound if kept == Some(store::Kept::Answered) => RetryAnswer::EndedWell,
                Live::NotFound if kept.is_none() => RetryAnswer::Unknown,
                Live::NotFound | Live::Ended(_) => {
                    let run_id = "run-again".to_owned();
                    let running = Running { run_id: run_id.clone(), ..Running::default() };
                    self.tell(workflow_id.as_str(), Live::Running(running));
                    RetryAnswer::Started { run_id }
                }
            })
        })
    }

    fn say<'a>(&'a self, workflow_id: &'a WorkflowId, word: Word, by: String, _: String) -> Following<'a, ()> {
        Box::pin(async move { self.hear(workflow_id, word.update(), by) })
    }
}
