//! In place of the Temporal server: one workflow per id, and as away as a test wants it.

use contracts::StartRequest;
use starter::{StartAnswer, StartError, StartRefresh, Starting};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Up,
    /// Answers at once that it does not.
    Away,
    /// Does not answer until the mode changes.
    Hangs,
    Rejects,
}

pub(crate) struct Temporal {
    mode: watch::Sender<Mode>,
    workflows: Mutex<BTreeMap<String, String>>,
    /// Ids asked for, in order.
    asked: Mutex<Vec<String>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    takes: Mutex<Duration>,
}

impl Default for Temporal {
    fn default() -> Self {
        Self {
            mode: watch::Sender::new(Mode::Up),
            workflows: Mutex::default(),
            asked: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            takes: Mutex::new(Duration::from_millis(2)),
        }
    }
}

impl Temporal {
    pub(crate) fn is(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    pub(crate) fn takes(&self, time: Duration) {
        *self.takes.lock().unwrap() = time;
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn workflows(&self) -> Vec<String> {
        self.workflows.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.most_in_flight.load(Ordering::SeqCst)
    }

    async fn answer(&self, request: &StartRequest) -> Result<StartAnswer, StartError> {
        let workflow_id = request.workflow_id();
        self.asked.lock().unwrap().push(workflow_id.to_string());
        let takes = *self.takes.lock().unwrap();
        tokio::time::sleep(takes).await;
        let mode = *self.mode.subscribe().wait_for(|mode| *mode != Mode::Hangs).await.unwrap();
        match mode {
            Mode::Away => {
                let cause = "away".to_owned();
                return Err(StartError::Unavailable { retry_after: Duration::from_secs(1), cause });
            }
            Mode::Rejects => return Err(StartError::Rejected("wrong".to_owned())),
            Mode::Up | Mode::Hangs => {}
        }
        let mut workflows = self.workflows.lock().unwrap();
        let run_id = "run".to_owned();
        Ok(match workflows.get(workflow_id.as_str()) {
            None => {
                workflows.insert(workflow_id.to_string(), request.digest().as_str().to_owned());
                StartAnswer::Started { workflow_id, run_id }
            }
            Some(digest) if digest == request.digest().as_str() => {
                StartAnswer::Duplicate { workflow_id, run_id: Some(run_id) }
            }
            Some(_) => StartAnswer::Conflict { workflow_id, run_id: Some(run_id) },
        })
    }
}

struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl StartRefresh for Temporal {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async move {
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            let _in_flight = InFlight(&self.in_flight);
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            self.answer(request).await
        })
    }
}
