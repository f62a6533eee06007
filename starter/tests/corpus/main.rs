//! The bad-input corpus over a real socket: every row gets exactly the answer that stands beside it. Zero 5xx, zero panics,
//! nothing starts that should not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use contracts::{Digest, StartRequest, UnixMillis};
use secrecy::SecretString;
use serde_json::Value;
use starter::auth::Preset;
use starter::tamper::{Expected, Outcome, Row, Sender, rows, send};
use starter::{AppState, ServerLimits, SourceConfig, Sources, StartAnswer, StartRefresh, Starting, serve};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const NOW: UnixMillis = 1_760_097_600_000;
const SECRET: &str = "demo-crm-0123456789abcdef";
const PREVIOUS: &str = "demo-crm-of-before-0123456789";

/// Starts each event once, and compares, as Temporal does.
#[derive(Default)]
struct Once(Mutex<BTreeMap<String, Digest>>);

impl StartRefresh for Once {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async move {
            let workflow_id = request.workflow_id();
            let run_id = "run-1".to_owned();
            let digest = request.digest().clone();
            Ok(match self.0.lock().unwrap().insert(workflow_id.to_string(), digest.clone()) {
                None => StartAnswer::Started { workflow_id, run_id },
                Some(earlier) if earlier == digest => StartAnswer::Duplicate { workflow_id, run_id: Some(run_id) },
                Some(_) => StartAnswer::Conflict { workflow_id, run_id: Some(run_id) },
            })
        })
    }
}

async fn door() -> (SocketAddr, Arc<Once>) {
    let source = SourceConfig::new(
        "demo".parse().unwrap(),
        "crm".parse().unwrap(),
        Preset::PersonChange.scheme().unwrap(),
        SecretString::from(SECRET),
    );
    let secrets = vec![SecretString::from(SECRET), SecretString::from(PREVIOUS)];
    let source = SourceConfig { secrets, ..source };
    let short = Duration::from_millis(500);
    let limits = ServerLimits { header_read: short, body_read: short, ..ServerLimits::default() };
    let starts = Arc::new(Once::default());
    let state = AppState::new(Arc::new(Sources::new(vec![source]).unwrap()), starts.clone())
        .with_clock(Arc::new(|| NOW))
        .with_limits(limits);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, state, std::future::pending()));
    (address, starts)
}

fn sender(event_id: String) -> Sender {
    let (secret, previous) = (SecretString::from(SECRET), Some(SecretString::from(PREVIOUS)));
    Sender { source: "crm".to_owned(), secret, previous, now: NOW, event_id }
}

/// What is wrong with the outcome of a row, if anything.
fn judge(row: &Row, outcome: &Outcome) -> Result<(), String> {
    let Outcome::Answer { status, body, .. } = outcome else {
        return if matches!(row.expect, Expected::Closed(_)) {
            Ok(())
        } else {
            Err("closed without an answer".to_owned())
        };
    };
    if row.expect != Expected::Status(*status) {
        return Err(format!("answered {status}: {}", String::from_utf8_lossy(body)));
    }
    let problem: Option<Value> = serde_json::from_slice(body).ok();
    let kind = problem.as_ref().and_then(|problem| problem["type"].as_str()?.strip_prefix("/problems/"));
    if kind != row.problem.as_deref() {
        return Err(format!("a problem of type {kind:?}"));
    }
    if kind.is_some() && outcome.header("content-type") != Some("application/problem+json") {
        return Err("a problem that does not say so".to_owned());
    }
    if *status == 405 && outcome.header("allow") != Some("POST") {
        return Err("no Allow".to_owned());
    }
    // What is left of the request may not be read as the next one.
    let unread = [400, 408, 413, 431].contains(status) && !matches!(kind, Some("invalid-json"));
    if unread && outcome.header("connection") != Some("close") {
        return Err("the connection stays although the request was not read".to_owned());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_gets_exactly_its_answer() {
    let (address, starts) = door().await;
    let rows = rows().unwrap_or_else(|fault| panic!("{fault}"));
    let total = rows.len();
    let room = Arc::new(Semaphore::new(32));
    let mut sending = JoinSet::new();
    for (number, row) in rows.into_iter().enumerate() {
        let room = Arc::clone(&room);
        sending.spawn(async move {
            let _room = room.acquire().await.unwrap();
            let outcome = send(address, &row.build(&sender(format!("evt_{number}"))), Duration::from_secs(30)).await;
            let fault = match outcome {
                Ok(outcome) => judge(&row, &outcome).err(),
                Err(error) => Some(error.to_string()),
            };
            (row, fault)
        });
    }
    let (mut faults, mut starting) = (Vec::new(), 0);
    for (row, fault) in sending.join_all().await {
        starting += usize::from(row.expect == Expected::Status(202)) + usize::from(row.comes_after_good());
        faults.extend(fault.map(|fault| format!("{}: expected {}, {fault}", row.name, row.expect)));
    }
    assert!(faults.is_empty(), "{} of {total} rows:\n{}", faults.len(), faults.join("\n"));
    // Rows that are refused started nothing, and the others one each.
    assert_eq!(starts.0.lock().unwrap().len(), starting);
    assert!(total >= 400, "only {total} rows");
}

#[test]
fn rows_have_names_of_their_own_and_refusals_have_problems() {
    let mut names = BTreeSet::new();
    for row in rows().unwrap_or_else(|fault| panic!("{fault}")) {
        assert!(names.insert(row.name.clone()), "{} stands twice", row.name);
        assert!(
            row.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
        );
        if let Expected::Status(status) = row.expect {
            assert!((200..500).contains(&status), "{}: {status}", row.name);
        }
    }
}
