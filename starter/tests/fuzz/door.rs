//! The whole door without a socket: the router behind the real HTTP connection, and a recorder in place of Temporal.

use axum::Router;
use bytes::Bytes;
use contracts::{Digest, StartRequest, UnixMillis};
use http::Request;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use secrecy::SecretString;
use starter::auth::{Preset, sign_person_change};
use starter::{AppState, Rate, ServerLimits, SourceConfig, Sources, StartAnswer, StartRefresh, Starting};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

pub(crate) const NOW: UnixMillis = 1_760_097_600_000;
pub(crate) const SECRET: &str = "demo-crm-0123456789abcdef";
/// An event as a sender might write it.
pub(crate) const SAMPLE: &str = r#"{"id":"evt_001","source":"crm","type":"person.role_change","timestamp":"2025-10-10T12:00:00Z","person":{"id":"p_123","name":"John Doe","email":"john@example.com","oldTitle":"VP Sales","newTitle":"CRO"},"company":{"id":"c_456","name":"Test Company","domain":"test.example"},"changes":{"title":{"old":"VP Sales","new":"CRO"}}}"#;

/// Remembers the digests of what it was asked to start.
#[derive(Default)]
struct Recorder(Mutex<Vec<Digest>>);

impl StartRefresh for Recorder {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async move {
            self.0.lock().unwrap().push(request.digest().clone());
            let workflow_id = request.workflow_id();
            Ok(StartAnswer::Started { workflow_id, run_id: "run-1".to_owned() })
        })
    }
}

pub(crate) struct Door {
    runtime: tokio::runtime::Runtime,
    router: Router,
    limits: ServerLimits,
    recorder: Arc<Recorder>,
}

impl Door {
    pub(crate) fn new() -> Self {
        let source = SourceConfig::new(
            "demo".parse().unwrap(),
            "crm".parse().unwrap(),
            Preset::PersonChange.scheme().unwrap(),
            SecretString::from(SECRET),
        );
        let short = Duration::from_millis(100);
        let limits = ServerLimits { header_read: short, body_read: short, ..ServerLimits::default() };
        let recorder = Arc::new(Recorder::default());
        let state = AppState::new(Arc::new(Sources::new(vec![source]).unwrap()), recorder.clone())
            .with_clock(Arc::new(|| NOW))
            .with_rate(Rate::new(u32::MAX, u32::MAX))
            .with_limits(limits);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, router: starter::router(state), limits, recorder }
    }

    /// What was started since the last time this was asked.
    pub(crate) fn starts(&self) -> Vec<Digest> {
        std::mem::take(&mut self.recorder.0.lock().unwrap())
    }

    /// Status and body of the answer to one request.
    pub(crate) fn ask(&self, request: Request<axum::body::Body>) -> (u16, Bytes) {
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.unwrap();
            (answer.status().as_u16(), answer.into_body().collect().await.unwrap().to_bytes())
        })
    }

    /// Delivers a body, well signed.
    pub(crate) fn deliver(&self, body: &[u8]) -> (u16, Bytes) {
        let signature = sign_person_change(&SecretString::from(SECRET), NOW, body);
        let request = Request::post(starter::PERSON_CHANGE_PATH)
            .header("host", "t")
            .header("content-type", "application/json")
            .header("x-timestamp", NOW.to_string())
            .header("x-signature", signature);
        self.ask(request.body(body.to_vec().into()).unwrap())
    }

    /// Everything that the server says on a connection on which these bytes come and then nothing more.
    pub(crate) fn connection(&self, bytes: &[u8]) -> Vec<u8> {
        self.runtime.block_on(async {
            let (client, server) = tokio::io::duplex(64 * 1024);
            let service = TowerToHyperService::new(self.router.clone());
            let serving = starter::server::protocol(self.limits).serve_connection(TokioIo::new(server), service);
            let (mut answers, mut requests) = tokio::io::split(client);
            let sending = async {
                // A server that refuses early may close before everything is written.
                let _ = requests.write_all(bytes).await;
                let _ = requests.shutdown().await;
            };
            let mut said = Vec::new();
            let (_, (), _) = tokio::join!(serving, sending, answers.read_to_end(&mut said));
            said
        })
    }
}

/// The statuses of the answers on a connection. Bodies hold no line that looks like one.
pub(crate) fn statuses(said: &[u8]) -> impl Iterator<Item = u16> {
    let lines = said.split(|byte| *byte == b'\n');
    let status = |line: &[u8]| std::str::from_utf8(line.strip_prefix(b"HTTP/1.")?.get(2..5)?).ok()?.parse().ok();
    lines.filter_map(status)
}
