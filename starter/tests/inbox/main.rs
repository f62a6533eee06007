//! The inbox: accepting while Temporal, the database or both are away, and starting it all afterwards, each once. In place
//! of Temporal stands a recorder that answers as the server does; the database is a real one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod accepting;
mod batches;
mod draining;
mod temporal;

use contracts::{
    CompanyRef, Digest, EnrichmentLevel, EventRef, RefreshReason, RefreshRequest, StartRequest, UnixMillis, WorkflowId,
};
use starter::inbox::{AcceptLimits, Acceptor, Circuit, DrainLimits, Drainer, InboxWriter};
use starter::{StartAnswer, StartError, StartRefresh as _};
use std::sync::Arc;
use std::time::Duration;
use store::{InboxFilter, InboxRecord, Store};
use temporal::Temporal;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const NOW: UnixMillis = 1_760_000_000_000;

/// A door without HTTP.
pub(crate) struct Door {
    pub(crate) temporal: Arc<Temporal>,
    pub(crate) circuit: Arc<Circuit>,
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) writer: InboxWriter,
    pub(crate) acceptor: Arc<Acceptor>,
    _folder: tempfile::TempDir,
}

impl Door {
    pub(crate) async fn new() -> Self {
        Self::with(AcceptLimits::default()).await
    }

    pub(crate) async fn with(limits: AcceptLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        Self::over(folder, url, store, limits)
    }

    /// Without a database.
    pub(crate) fn without_database(limits: AcceptLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("absent.db").display());
        let store = Store::connect_lazily(&url).unwrap();
        Self::over(folder, url, store, limits)
    }

    fn over(folder: tempfile::TempDir, url: String, store: Store, limits: AcceptLimits) -> Self {
        let temporal = Arc::new(Temporal::default());
        let circuit = Arc::new(Circuit::new("temporal", 3));
        let writer = InboxWriter::spawn(store.clone());
        let acceptor = Arc::new(Acceptor::new(temporal.clone(), circuit.clone(), writer.clone(), limits));
        Self { temporal, circuit, store, url, writer, acceptor, _folder: folder }
    }

    pub(crate) async fn post(&self, event: &str) -> Result<StartAnswer, StartError> {
        self.acceptor.start(&request(event)).await
    }

    pub(crate) async fn entries(&self) -> Vec<InboxRecord> {
        self.store.inbox_list(&InboxFilter::default(), 1000).await.unwrap()
    }

    /// Waits until the inbox holds nothing that waits.
    pub(crate) async fn drained(&self) {
        eventually(async || (self.store.inbox_stats().await.unwrap().pending == 0).then_some(())).await;
    }

    pub(crate) fn drain(&self, limits: DrainLimits) -> Draining {
        self.drain_with(self.store.clone(), self.writer.clone(), limits)
    }

    /// Drains as another process would: with connections of its own.
    pub(crate) async fn drain_elsewhere(&self, limits: DrainLimits) -> Draining {
        let store = Store::connect(&self.url).await.unwrap();
        let writer = InboxWriter::spawn(store.clone());
        self.drain_with(store, writer, limits)
    }

    fn drain_with(&self, store: Store, writer: InboxWriter, limits: DrainLimits) -> Draining {
        let clock = Arc::new(|| NOW + 1_000_000);
        let circuit = self.circuit.clone();
        let drainer = Drainer::new(store, writer, self.temporal.clone(), circuit, clock, limits);
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(drainer.run_until(async {
            let _ = stopped.await;
        }));
        Draining { stop: Some(stop), task }
    }
}

pub(crate) struct Draining {
    stop: Option<oneshot::Sender<()>>,
    pub(crate) task: JoinHandle<()>,
}

impl Draining {
    pub(crate) fn tell_to_stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn stop(mut self) {
        self.tell_to_stop();
        tokio::time::timeout(Duration::from_secs(20), self.task).await.expect("it does not stop").unwrap();
    }
}

pub(crate) fn fast() -> DrainLimits {
    DrainLimits { starts_per_second: 2000, ..DrainLimits::default() }
}

pub(crate) fn request(event: &str) -> StartRequest {
    request_at(event, NOW)
}

pub(crate) fn request_at(event: &str, received_at: UnixMillis) -> StartRequest {
    refresh_at(event, received_at).into()
}

fn refresh_at(event: &str, received_at: UnixMillis) -> RefreshRequest {
    RefreshRequest {
        workspace: "acme".parse().unwrap(),
        company: CompanyRef { id: None, name: "Test Company".to_owned(), domain: None }.into(),
        reason: RefreshReason::RoleChange,
        level: EnrichmentLevel::Enrich,
        event: EventRef {
            source: "crm".parse().unwrap(),
            id: event.parse().unwrap(),
            digest: Digest::of(event.as_bytes()),
            occurred_at: NOW,
            received_at,
        },
        person_ref: None,
        could_sit: None,
    }
}

/// The same event with another body.
pub(crate) fn another(event: &str) -> StartRequest {
    let mut request = refresh_at(event, NOW);
    request.event.digest = Digest::of(b"another body");
    request.into()
}

pub(crate) fn id(event: &str) -> WorkflowId {
    request(event).workflow_id()
}

pub(crate) fn queued(event: &str) -> Result<StartAnswer, StartError> {
    Ok(StartAnswer::Queued { workflow_id: id(event) })
}

/// Waits for a condition, level-triggered, with a bound.
pub(crate) async fn eventually<T>(mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("what was waited for did not come")
}
