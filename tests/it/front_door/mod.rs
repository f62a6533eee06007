//! The front door as it runs in production, `buyer-group starter` in processes of its own, while Temporal, the database or
//! the starter itself go away: what was accepted is started, each once.
//!
//! The tests here are small. `scripts/outage` runs those that are ignored: the same with numbers that take minutes.

mod away;
mod burst;
mod killed;
mod metrics;
mod shared;

use crate::command_line::{Desk, Serving, text};
use crate::stage::{Answer, connect, event_with, temporal_command};
use buyer_group::temporal::{DevServer, DevServerOptions};
use futures::StreamExt as _;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::time::Duration;
use store::Store;
use temporalio_client::Client;
use temporalio_client::tonic::Request;
use temporalio_common::protos::temporal::api::workflowservice::v1::ListWorkflowExecutionsRequest;
use tokio::time::Instant;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Longest wait for the small tests and the large ones.
const PATIENCE: Duration = Duration::from_secs(150);
const LARGE_PATIENCE: Duration = Duration::from_secs(1200);

/// A Temporal server and a folder from which starters are run.
struct House {
    server: DevServer,
    desk: Desk,
    _folder: tempfile::TempDir,
    patience: Duration,
}

impl House {
    /// With this database.
    async fn on(database: &str) -> Self {
        Self::within(tempfile::tempdir().unwrap(), database).await
    }

    /// With an SQLite database beside the server's.
    async fn on_sqlite() -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("store.db").display());
        (Self::within(folder, &database).await, database)
    }

    /// Brings the database to the schema of this build, and starts a server.
    async fn within(folder: tempfile::TempDir, database: &str) -> Self {
        let store = Store::connect(database).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await;
        let server = DevServer::start(DevServerOptions {
            command: temporal_command().await,
            db_file: Some(folder.path().join("temporal.db")),
            port: Some(crate::stage::free_port()),
            ui_port: Some(crate::stage::free_port()),
            log_file: folder.path().join("temporal.log"),
            namespace: "default".to_owned(),
        })
        .await
        .unwrap();
        let desk = Desk::new()
            .await
            .env("TEMPORAL_ADDRESS", server.address())
            .env("DATABASE_URL", database)
            .env("BGR_INBOX__STARTS_PER_SECOND", "500");
        desk.file("bgr.toml", "[[sources]]\nname = \"crm\"\nsecret_file = \"secret\"\n");
        desk.file("secret", SECRET);
        Self { server, desk, _folder: folder, patience: PATIENCE }
    }

    /// Kills the Temporal server, and holds its port: else the next server that somebody starts on this machine may get it,
    /// and with it our events. Whoever connects is turned away.
    async fn take_temporal_away(&mut self) -> Away {
        let address = self.server.address().trim_start_matches("http://").to_owned();
        self.server.kill_hard().await.unwrap();
        let port = tokio::net::TcpListener::bind(address).await.unwrap();
        Away(tokio::spawn(async move {
            loop {
                drop(port.accept().await);
            }
        }))
    }

    async fn bring_temporal_back(&mut self, Away(held): Away) {
        held.abort();
        let _ = held.await;
        self.server.restart().await.unwrap();
    }

    async fn starter(&self, address: &str) -> Starter {
        let args = ["starter"];
        let serving = self.desk.serve_with("BGR_STARTER__LISTEN", address, &args, "starter.listening").await;
        let base = format!("http://{}", text(&serving.event, "address"));
        Starter { base, serving }
    }

    /// Every workflow of the server, with the number of its runs.
    async fn workflows(&self) -> BTreeMap<String, usize> {
        let client: Client = connect(&self.server.address()).await;
        let mut found = BTreeMap::new();
        let mut page = Vec::new();
        loop {
            let request = ListWorkflowExecutionsRequest {
                namespace: "default".to_owned(),
                page_size: 1000,
                next_page_token: page,
                ..Default::default()
            };
            let mut service = client.connection().workflow_service();
            let listed = service.list_workflow_executions(Request::new(request)).await.unwrap().into_inner();
            for execution in listed.executions.into_iter().filter_map(|info| info.execution) {
                *found.entry(execution.workflow_id).or_default() += 1;
            }
            page = listed.next_page_token;
            if page.is_empty() {
                return found;
            }
        }
    }

    /// Waits until the server has as many workflows as there are events, and checks that it has each once and no other.
    async fn has_each_once(&self, events: &[String]) {
        // What the server lists follows what it has after a moment.
        self.eventually(async || (self.workflows().await.len() >= events.len()).then_some(())).await;
        let found = self.workflows().await;
        let wanted: BTreeSet<String> = events.iter().map(|event| workflow_id(event)).collect();
        assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), wanted);
        assert!(found.values().all(|runs| *runs == 1), "{found:?}");
    }

    async fn is_drained(&self, store: &Store) {
        self.eventually(async || (store.inbox_stats().await.ok()?.pending == 0).then_some(())).await;
        assert_eq!(store.inbox_stats().await.unwrap().dead, 0);
    }

    async fn eventually<T>(&self, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
        let waiting = async {
            loop {
                if let Some(value) = condition().await {
                    return value;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(self.patience, waiting).await.expect("what was waited for did not come")
    }
}

/// The port of a server that is away.
struct Away(tokio::task::JoinHandle<()>);

struct Starter {
    base: String,
    serving: Serving,
}

impl Starter {
    fn url(&self) -> String {
        format!("{}{}", self.base, starter::PERSON_CHANGE_PATH)
    }

    async fn get(&self, path: &str) -> String {
        reqwest::get(format!("{}{path}", self.base)).await.unwrap().text().await.unwrap()
    }

    async fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.get("/readyz?verbose").await).unwrap()
    }

    /// What it counts under this name, labels added up.
    async fn counted(&self, name: &str) -> u64 {
        let text = self.get("/metrics").await;
        let lines = text.lines().filter(|line| line.split([' ', '{']).next() == Some(name));
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap() as u64).sum()
    }
}

fn workflow_id(event: &str) -> String {
    format!("buyer-group-refresh/demo/crm/{event}")
}

fn events(number: usize) -> Vec<String> {
    (0..number).map(|n| format!("evt-{n}")).collect()
}

/// One that a process can be given again after it was killed.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A sender that uses its connections again, as senders do.
#[derive(Clone)]
struct Sender {
    http: reqwest::Client,
    url: String,
}

/// An answer and the time it took.
struct Timed {
    answer: Answer,
    took: Duration,
}

impl Sender {
    fn to(url: String) -> Self {
        // A connection that was idle is left before the server closes it, lest the two cross.
        let http =
            reqwest::Client::builder().timeout(Duration::from_secs(10)).pool_idle_timeout(Duration::from_secs(3));
        Self { http: http.build().unwrap(), url }
    }

    /// Posts an event; nothing when the connection broke.
    async fn try_post(&self, event: &str) -> Option<Timed> {
        let body = event_with(event, |event| event["source"] = json!("crm"));
        let timestamp = jiff::Timestamp::now().as_millisecond();
        let signature = starter::auth::sign_person_change(&SECRET.to_owned().into(), timestamp, &body);
        let begun = Instant::now();
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-timestamp", timestamp.to_string())
            .header("x-signature", signature)
            .body(body);
        let response = request.send().await.inspect_err(|error| eprintln!("{event}: {error:?}")).ok()?;
        let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        let (status, body) = (response.status().as_u16(), response.json().await.ok()?);
        Some(Timed { answer: Answer { status, body, retry_after }, took: begun.elapsed() })
    }

    /// Posts them all, so many at once.
    async fn post_all(&self, events: &[String], at_once: usize) -> Vec<Timed> {
        let posts = futures::stream::iter(events.to_vec())
            .map(|event| async move { self.try_post(&event).await.unwrap_or_else(|| panic!("no answer to {event}")) });
        posts.buffer_unordered(at_once).collect().await
    }

    /// Posts them at a steady pace, whether they are answered or not.
    async fn post_paced(&self, events: &[String], within: Duration) -> Vec<Timed> {
        let mut ticks = tokio::time::interval(within / u32::try_from(events.len()).unwrap());
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
        let mut posts = tokio::task::JoinSet::new();
        for event in events {
            ticks.tick().await;
            let (sender, event) = (self.clone(), event.clone());
            let post = async move { sender.try_post(&event).await.unwrap_or_else(|| panic!("no answer to {event}")) };
            posts.spawn(post);
        }
        posts.join_all().await
    }
}

/// The slowest of all, and of all but one in a hundred.
fn slowest(answers: &[Timed]) -> (Duration, Duration) {
    let mut times: Vec<Duration> = answers.iter().map(|timed| timed.took).collect();
    times.sort();
    (times[times.len() - 1], times[(times.len() * 99).div_ceil(100) - 1])
}
