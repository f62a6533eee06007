//! A stage for scenarios: a Temporal server of its own, a database, the sample company behind a source that fails on
//! demand, a worker, and the starter on a socket.

pub mod receiver;
pub mod source;
mod twice;

use activities::notify::Receivers;
use activities::roster::RosterSource;
use activities::{
    DueActivities, DueRules, NotifyActivities, Pace, Profiles, RefreshActivities, Refresher, Sources,
    SuppressActivities,
};
use buyer_group::config::{Settings, WorkerSettings};
use buyer_group::refresh_worker::{RefreshWorker, WorkerLimits};
use buyer_group::temporal::{self, ConnectOptions, DevServer, DevServerOptions, Search};
use buyer_group::{commands, sample};
use contracts::{
    CompanyRef, Digest, EnrichmentLevel, EventRef, OutcomeKind, RefreshOutcome, RefreshReason, RefreshRequest,
    RefreshStatus, WorkspaceId,
};
use secrecy::SecretString;
use source::FaultySource;
use sqlx::Connection as _;
use starter::auth::{Preset, Signer, ToSign};
use starter::{AppState, RefreshStarter, SourceConfig, StartLimits};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::tonic::Request;
use temporalio_client::{Client, WorkflowHandle};
use temporalio_common::HasWorkflowDefinition;
use temporalio_common::protos::temporal::api::common::v1::WorkflowExecution;
use temporalio_common::protos::temporal::api::workflowservice::v1::DeleteWorkflowExecutionRequest;
use temporalio_sdk::activities::ActivityImplementer;
use tokio::sync::oneshot;
use twice::Twice;
use workflows::BuyerGroupRefresh;

/// Longest wait for anything. Generous, because two cores may be running several of these at once.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The stage's starter has time: on a box that is loaded an attempt that was given up may have succeeded, and then the
/// answer to the next one, "duplicate", is right and not what a scenario is about.
const PATIENT_STARTS: StartLimits =
    StartLimits { deadline: Duration::from_secs(30), per_attempt: Duration::from_secs(10), max_in_flight: 256 };

/// What a stage's worker does at once.
const USUAL: WorkerLimits = WorkerLimits {
    max_activities: 16,
    max_background_activities: 16,
    background_activities_per_second: NonZeroU16::MAX,
    max_workflow_tasks: 8,
    graceful: Duration::from_secs(5),
};

/// Refreshes of one company follow each other at once, and whatever they find is saved.
pub const UNLIMITED: Pace = Pace { window: Duration::ZERO, review: Duration::ZERO };

pub const SECRET: &str = "a-secret-for-tests-of-32-bytes!!";

pub fn workspace() -> WorkspaceId {
    "demo".parse().unwrap()
}

/// The temporal command: the one that the script found, else found or installed as `dev` would.
pub async fn temporal_command() -> PathBuf {
    let mut settings = Settings::load_in(&Default::default(), &Default::default()).unwrap().settings;
    settings.temporal.command = std::env::var_os("BGR_TEMPORAL_COMMAND").map(PathBuf::from);
    Search::new(&settings).find_or_install().await.unwrap().path
}

/// A client of a test's own server.
pub async fn connect(address: &str) -> Client {
    let options =
        ConnectOptions { patience: PATIENCE, ..ConnectOptions::local(address.to_owned(), "default".to_owned()) };
    temporal::connect_with(&options).await.unwrap()
}

pub fn sample_roster() -> RosterSource {
    RosterSource::new(vec![sample::roster(&workspace())]).unwrap()
}

pub struct Stage {
    pub server: DevServer,
    pub client: Client,
    pub store: Store,
    pub database_url: String,
    pub source: Arc<FaultySource>,
    pub url: String,
    pub folder: tempfile::TempDir,
    /// How often a company is refreshed: without limit unless a scenario is about that.
    pub pace: Pace,
    pub receivers: Arc<Receivers>,
    worker: Option<RunningWorker>,
    _stop_starter: oneshot::Sender<()>,
}

pub struct RunningWorker {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl RunningWorker {
    /// A worker.
    pub fn start(address: String, refresher: Arc<Refresher>) -> Self {
        Self::with(address, RefreshActivities::new(refresher.clone()), refresher, USUAL)
    }

    /// A worker that does one thing at a time, so that others wait.
    pub fn start_narrow(address: String, refresher: Arc<Refresher>) -> Self {
        let narrow = WorkerLimits { max_activities: 1, max_background_activities: 1, max_workflow_tasks: 2, ..USUAL };
        Self::with(address, RefreshActivities::new(refresher.clone()), refresher, narrow)
    }

    /// A worker as it is without settings.
    pub fn start_as_shipped(address: String, refresher: Arc<Refresher>) -> Self {
        let WorkerSettings {
            max_activities,
            max_background_activities,
            background_activities_per_second,
            max_workflow_tasks,
            graceful,
        } = WorkerSettings::default();
        let limits = WorkerLimits {
            max_activities,
            max_background_activities,
            background_activities_per_second,
            max_workflow_tasks,
            graceful,
        };
        Self::with(address, RefreshActivities::new(refresher.clone()), refresher, limits)
    }

    /// A worker that does every activity twice and answers with the second result.
    pub fn start_twice(address: String, refresher: Arc<Refresher>) -> Self {
        Self::with(address, Twice(refresher.clone()), refresher, USUAL)
    }

    /// On a thread of its own: a worker's future cannot move between threads.
    fn with<A: ActivityImplementer + Clone + Send + 'static>(
        address: String,
        activities: A,
        refresher: Arc<Refresher>,
        limits: WorkerLimits,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let client = connect(&address).await;
                let delivery = NotifyActivities::new(Arc::new(refresher.notifier().unwrap()));
                let due = DueActivities::new(Arc::new(refresher.scheduler()));
                let suppression = SuppressActivities::new(refresher.clone());
                let worker =
                    RefreshWorker::with(client, &refresher, activities, suppression, delivery, due, limits).unwrap();
                worker.run_until(async { drop(stopped.await) }).await.unwrap();
            });
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for RunningWorker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the worker panicked");
        }
    }
}

impl Stage {
    /// Everything, on SQLite, with the sample company as it is.
    pub async fn new() -> Self {
        Self::with(FaultySource::new(sample_roster())).await
    }

    /// Everything, with this source.
    pub async fn with(source: FaultySource) -> Self {
        let mut stage = Self::without_worker(source, None).await;
        stage.start_worker();
        stage
    }

    /// Everything but a worker, on this database or a fresh SQLite one.
    pub async fn without_worker(source: FaultySource, database_url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = DevServer::start(DevServerOptions {
            command: temporal_command().await,
            db_file: Some(folder.path().join("temporal.db")),
            port: Some(free_port()),
            ui_port: Some(free_port()),
            log_file: folder.path().join("temporal.log"),
            namespace: "default".to_owned(),
        })
        .await
        .unwrap();
        let client = connect(&server.address()).await;
        let database_url =
            database_url.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("store.db").display()));
        let store = Store::connect(&database_url).await.unwrap();
        store.migrate().await.unwrap();
        let (url, stop_starter) = starter_on(&client, PATIENT_STARTS).await;
        Self {
            server,
            client,
            store,
            database_url,
            source: Arc::new(source),
            url,
            folder,
            pace: UNLIMITED,
            receivers: Arc::default(),
            worker: None,
            _stop_starter: stop_starter,
        }
    }

    pub fn refresher(&self) -> Arc<Refresher> {
        let source = self.source.clone();
        let sources = Sources { companies: source.clone(), people: source.clone(), contacts: source };
        let profiles = Profiles { fallback: sample::profile().unwrap(), ..Profiles::default() };
        let refresher = Refresher::new(self.store.clone(), sources, profiles);
        let due = DueRules { spread: Duration::from_secs(2), ..DueRules::default() };
        Arc::new(refresher.at_pace(self.pace).telling(self.receivers.clone()).scheduling(due))
    }

    pub fn start_worker(&mut self) {
        self.worker = Some(RunningWorker::start(self.server.address(), self.refresher()));
    }

    /// Posts the sample event under this id, signed.
    pub async fn post(&self, id: &str) -> Answer {
        self.post_body(event(id)).await
    }

    pub async fn post_body(&self, body: Vec<u8>) -> Answer {
        post(&self.url, SECRET, body).await
    }

    pub fn handle(&self, workflow_id: &str) -> WorkflowHandle<Client, BuyerGroupRefresh> {
        self.client.get_workflow_handle::<BuyerGroupRefresh>(workflow_id)
    }

    /// How the refresh ended.
    pub async fn ended(&self, workflow_id: &str) -> Result<RefreshOutcome, WorkflowGetResultError> {
        let handle = self.handle(workflow_id);
        let ended = handle.get_result(Default::default());
        tokio::time::timeout(PATIENCE, ended).await.expect("the refresh has not ended")
    }

    /// Posts and waits: the way of most scenarios.
    pub async fn refresh(&self, id: &str) -> Result<RefreshOutcome, WorkflowGetResultError> {
        let answer = self.post(id).await;
        assert_eq!(answer.status, 202, "{:?}", answer.body);
        self.ended(answer.workflow_id()).await
    }

    /// A refresh that must end with a saved group.
    pub async fn refreshed(&self, id: &str) -> RefreshOutcome {
        let outcome = self.refresh(id).await.unwrap();
        assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
        outcome
    }

    /// Waits until the workflow's own status satisfies the condition.
    pub async fn until(&self, workflow_id: &str, condition: impl Fn(&RefreshStatus) -> bool) -> RefreshStatus {
        let handle = self.handle(workflow_id);
        eventually(async || {
            let status = commands::refresh::status(&handle).await.ok()?;
            condition(&status).then_some(status)
        })
        .await
    }

    /// Records, past everything, that another event has this id.
    pub async fn record_another_event(&self, id: &str) {
        let request = RefreshRequest {
            workspace: workspace(),
            company: CompanyRef { id: None, name: sample::NAME.to_owned(), domain: None }.into(),
            reason: RefreshReason::Left,
            level: EnrichmentLevel::Enrich,
            event: EventRef {
                source: "sample".parse().unwrap(),
                id: id.parse().unwrap(),
                digest: Digest::of(b"another body"),
                occurred_at: 1,
                received_at: 2,
            },
            person_ref: None,
            could_sit: None,
        };
        self.store.begin(&request, "another-workflow", "another-run", 3).await.unwrap();
    }

    /// Talks to the database past the store.
    pub async fn sql(&self, statement: &'static str) -> Result<(), sqlx::Error> {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&self.database_url).await?;
        sqlx::query(statement).execute(&mut connection).await?;
        connection.close().await
    }

    /// Makes the server forget a closed workflow, as it does when the namespace's retention has passed.
    pub async fn forget(&self, workflow_id: &str) {
        let request = DeleteWorkflowExecutionRequest {
            namespace: "default".to_owned(),
            workflow_execution: Some(WorkflowExecution { workflow_id: workflow_id.to_owned(), ..Default::default() }),
        };
        let mut service = self.client.connection().workflow_service();
        service.delete_workflow_execution(Request::new(request)).await.unwrap();
    }

    /// Keeps the history in `tests/histories/NAME.json`, when asked to by `BGR_RECORD_HISTORIES`; never over an existing one.
    pub async fn record(&self, name: &str, workflow_id: &str) {
        self.record_run(name, self.handle(workflow_id)).await;
    }

    /// The same of the run that this handle means.
    pub async fn record_run<W: HasWorkflowDefinition>(&self, name: &str, handle: WorkflowHandle<Client, W>) {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/histories").join(format!("{name}.json"));
        if std::env::var_os("BGR_RECORD_HISTORIES").is_some() && !file.exists() {
            let history = handle.fetch_history(Default::default()).to_json().await.unwrap();
            let mut history = serde_json::from_slice(&history).unwrap();
            anonymise(&mut history);
            std::fs::write(file, serde_json::to_vec(&history).unwrap()).unwrap();
        }
    }
}

/// Takes out who recorded it: the machine's name is in every worker's identity and in the names of their own queues.
fn anonymise(history: &mut serde_json::Value) {
    match history {
        serde_json::Value::Object(fields) => fields.values_mut().for_each(anonymise),
        serde_json::Value::Array(items) => items.iter_mut().for_each(anonymise),
        serde_json::Value::String(text) => {
            if let Some((name, rest)) = text.split_once('@')
                && name == "buyer-group"
            {
                let queue = rest.split_once('-').map(|(_, id)| format!("-{id}")).unwrap_or_default();
                *text = format!("{name}@recorded{queue}");
            }
        }
        _ => {}
    }
}

/// A starter on a socket, until what is returned with its address is dropped.
pub async fn starter_on(client: &Client, limits: StartLimits) -> (String, oneshot::Sender<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{}", listener.local_addr().unwrap(), starter::PERSON_CHANGE_PATH);
    let openings = Arc::new(engine::Openings::new(&sample::profile().unwrap()));
    let source = |name: &str, secret: &str, level| {
        let scheme = Preset::PersonChange.scheme().unwrap();
        let config = SourceConfig::new(workspace(), name.parse().unwrap(), scheme, SecretString::from(secret));
        SourceConfig { level, openings: Some(openings.clone()), ..config }
    };
    let sources = starter::Sources::new(vec![
        source("sample", SECRET, EnrichmentLevel::Enrich),
        source("identifying", &SECRET.to_uppercase(), EnrichmentLevel::Identify),
    ]);
    let sources = Arc::new(sources.unwrap());
    let starter = RefreshStarter::new(client.clone(), limits);
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        starter::serve(listener, AppState::new(sources, Arc::new(starter)), async { drop(stopped.await) }).await;
    });
    (url, stop)
}

/// The sample event under this id.
pub fn event(id: &str) -> Vec<u8> {
    sample::event(id, "2026-01-15T09:30:00Z".parse().unwrap(), "sample").unwrap()
}

/// The sample event with something changed.
pub fn event_with(id: &str, change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut event: serde_json::Value = serde_json::from_slice(&event(id)).unwrap();
    change(&mut event);
    serde_json::to_vec(&event).unwrap()
}

pub struct Answer {
    pub status: u16,
    pub body: serde_json::Value,
    pub retry_after: Option<String>,
}

impl Answer {
    pub fn workflow_id(&self) -> &str {
        self.body["workflowId"].as_str().unwrap_or_else(|| panic!("no workflow id in {} {}", self.status, self.body))
    }

    pub fn run_id(&self) -> &str {
        self.body["runId"].as_str().unwrap_or_else(|| panic!("no run id in {} {}", self.status, self.body))
    }
}

pub async fn post(url: &str, secret: &str, body: Vec<u8>) -> Answer {
    let signer = Signer::of(Preset::PersonChange, &SecretString::from(secret)).unwrap();
    let at = jiff::Timestamp::now().as_millisecond();
    let signed = signer.sign(&ToSign { method: &reqwest::Method::POST, url, id: "", at, body: &body }).unwrap();
    let response = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/json")
        .headers(signed.headers.into_iter().collect())
        .body(body)
        .send()
        .await
        .unwrap();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    Answer { status: response.status().as_u16(), body: response.json().await.unwrap(), retry_after }
}

/// Waits for a condition, level-triggered, with a bound.
pub async fn eventually<T>(mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("what was waited for did not come")
}

/// A port of this stage's own: the usual one would be taken by the next `dev` while this stage's server is down, and what is
/// asked of that server would be answered by another. Below the ports that the system gives to clients, which may take one
/// just as well, and even connect to themselves there.
pub fn free_port() -> u16 {
    let candidates = std::iter::repeat_with(|| 12_000 + rand::random::<u16>() % 18_000);
    let mut free = candidates.filter(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.next().unwrap()
}
