//! The webhook from outside: every answer over a real socket. At the other edge stands a recorder in place of Temporal.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod authentication;
mod body;
mod documents;
mod event;
mod intakes;
mod large;
mod lifecycle;
mod limits;
mod predecessor;
mod protocol;
mod queued;
mod sources;

use contracts::{EnrichmentLevel, RefreshRequest, StartRequest, UnixMillis};
use secrecy::SecretString;
use serde_json::{Value, json};
use starter::auth::{Preset, Signer, ToSign};
use starter::{
    AppState, Drained, ServerLimits, SourceConfig, Sources, StartAnswer, StartError, StartRefresh, Starting, serve,
};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

pub(crate) const NOW: UnixMillis = 1_760_097_600_000;
pub(crate) const SECRET: &str = "demo-crm-0123456789abcdef";
pub(crate) const SECOND: &str = "second-crm-0123456789abcdef";
pub(crate) const PATH: &str = starter::PERSON_CHANGE_PATH;

/// What the recorder does with a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Start,
    Duplicate,
    Queue,
    QueuedBefore,
    Conflict,
    Unavailable,
    Reject,
    Panic,
    /// Answers only when released.
    Wait,
}

pub(crate) struct Recorder {
    pub(crate) script: Mutex<Script>,
    pub(crate) all: Mutex<Vec<StartRequest>>,
    pub(crate) release: Notify,
}

impl StartRefresh for Recorder {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async move {
            self.all.lock().unwrap().push(request.clone());
            let script = *self.script.lock().unwrap();
            let workflow_id = request.workflow_id();
            let run_id = "run-1".to_owned();
            match script {
                Script::Start => Ok(StartAnswer::Started { workflow_id, run_id }),
                Script::Wait => {
                    self.release.notified().await;
                    Ok(StartAnswer::Started { workflow_id, run_id })
                }
                Script::Duplicate => Ok(StartAnswer::Duplicate { workflow_id, run_id: Some(run_id) }),
                Script::Queue => Ok(StartAnswer::Queued { workflow_id }),
                Script::QueuedBefore => Ok(StartAnswer::Duplicate { workflow_id, run_id: None }),
                Script::Conflict => Ok(StartAnswer::Conflict { workflow_id, run_id: Some(run_id) }),
                Script::Unavailable => Err(StartError::Unavailable {
                    retry_after: Duration::from_millis(7300),
                    cause: "internal-host:7233 refused".into(),
                }),
                Script::Reject => Err(StartError::Rejected("InvalidArgument: internal text".into())),
                Script::Panic => panic!("internal text"),
            }
        })
    }
}

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    pub(crate) sources: Arc<Sources>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) task: JoinHandle<Drained>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(ServerLimits::default()).await
    }

    pub(crate) async fn with(limits: ServerLimits) -> Self {
        Self::tuned(|state| state.with_limits(limits)).await
    }

    /// A server for the two usual sources, otherwise prepared as told.
    pub(crate) async fn tuned(prepared: impl FnOnce(AppState) -> AppState) -> Self {
        let source = |workspace: &str, secret: &str| {
            let scheme = Preset::PersonChange.scheme().unwrap();
            let config = SourceConfig::new(workspace.parse().unwrap(), "crm".parse().unwrap(), scheme, secret.into());
            SourceConfig { level: EnrichmentLevel::Enrich, ..config }
        };
        Self::prepared(vec![source("demo", SECRET), source("second", SECOND)], prepared).await
    }

    /// A server for these sources.
    pub(crate) async fn of(sources: Vec<SourceConfig>, limits: ServerLimits) -> Self {
        Self::prepared(sources, |state| state.with_limits(limits)).await
    }

    async fn prepared(sources: Vec<SourceConfig>, prepared: impl FnOnce(AppState) -> AppState) -> Self {
        let sources = Arc::new(Sources::new(sources).unwrap());
        let recorder =
            Arc::new(Recorder { script: Mutex::new(Script::Start), all: Mutex::default(), release: Notify::new() });
        let state = prepared(AppState::new(sources.clone(), recorder.clone()).with_clock(Arc::new(|| NOW)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        Self { addr, sources, recorder, stop: Some(stop), task: tokio::spawn(serve(listener, state, shutdown)) }
    }

    pub(crate) fn script(&self, script: Script) {
        *self.recorder.script.lock().unwrap() = script;
    }

    /// The refreshes that were asked for.
    pub(crate) fn starts(&self) -> Vec<RefreshRequest> {
        let all = self.recorder.all.lock().unwrap().clone();
        let refreshes = all.into_iter().filter_map(|request| match request {
            StartRequest::Refresh(refresh) => Some(refresh),
            StartRequest::Suppress(_) | StartRequest::Bulk(_) => None,
        });
        refreshes.collect()
    }

    /// Sends these bytes and reads the first answer.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        // A server that refuses early may close before everything is written.
        let _ = stream.write_all(request).await;
        Answer::read(&mut stream).await
    }

    /// Delivers a body with these headers besides content type and length.
    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.raw(&request("POST", PATH, &all, body)).await
    }

    /// Delivers a body, well signed for the first source.
    pub(crate) async fn deliver(&self, body: &[u8]) -> Answer {
        self.post(&[("x-timestamp", &NOW.to_string()), ("x-signature", &signed(SECRET, body))], body).await
    }
}

pub(crate) fn signed(secret: &str, body: &[u8]) -> String {
    signed_at(secret, NOW, body)
}

/// The signature header of the scheme person_change.
pub(crate) fn signed_at(secret: &str, at: UnixMillis, body: &[u8]) -> String {
    let signer = Signer::of(Preset::PersonChange, &SecretString::from(secret)).unwrap();
    let signed = signer.sign(&ToSign { method: &http::Method::POST, url: "", id: "", at, body }).unwrap();
    let header = signed.headers.iter().find(|(name, _)| name == "x-signature").unwrap();
    header.1.to_str().unwrap().to_owned()
}

pub(crate) fn sample() -> Value {
    json!({
        "id": "evt_001", "source": "crm", "type": "person.role_change", "timestamp": "2025-10-10T12:00:00Z",
        "person": {"id": "p_123", "name": "John Doe", "email": "john@example.com", "oldTitle": "VP Sales", "newTitle": "CRO"},
        "company": {"id": "c_456", "name": "Test Company"},
        "changes": {"title": {"old": "VP Sales", "new": "CRO"}}
    })
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn read(stream: &mut TcpStream) -> Self {
        tokio::time::timeout(Duration::from_secs(20), Self::read_patiently(stream)).await.expect("no answer in 20 s")
    }

    async fn read_patiently(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
                let mut lines = head.split("\r\n");
                let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
                let headers: Vec<(String, String)> = lines
                    .filter_map(|line| line.split_once(": "))
                    .map(|(n, v)| (n.to_lowercase(), v.to_owned()))
                    .collect();
                let length =
                    headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
                while bytes.len() < end + 4 + length && stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {}
                // Behind it may already stand the answer to whatever follows on the connection.
                let end = end + 4;
                let body = String::from_utf8(bytes[end..bytes.len().min(end + length)].to_vec()).unwrap();
                return Answer { status, headers, body };
            }
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "closed without an answer after {bytes:?}");
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Checks that this is a problem document of that status and kind, and returns it.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{self:?}");
        assert_eq!(problem["status"], status, "{self:?}");
        for member in ["title", "detail", "remedy"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "no {member}: {self:?}");
        }
        assert_eq!(
            problem["instance"].as_str().is_some_and(|id| id.starts_with("urn:uuid:")),
            status >= 500,
            "{self:?}"
        );
        assert!(!self.body.contains("internal text") && !self.body.contains("internal-host"), "{self:?}");
        problem
    }
}
