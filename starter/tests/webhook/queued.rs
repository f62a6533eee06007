//! What a sender and an operator see while Temporal is away.

use crate::*;
use starter::{Checks, router};
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test]
async fn an_event_that_waits_in_the_inbox_is_accepted_and_says_so() {
    let server = Server::start().await;
    server.script(Script::Queue);
    let answer = server.deliver(sample().to_string().as_bytes()).await;
    let id = "buyer-group-refresh/demo/crm/evt_001";
    let told = json!({"status": "accepted", "queued": true, "workflowId": id, "eventId": "evt_001"});
    assert_eq!((answer.status, answer.json()), (202, told));
    server.script(Script::QueuedBefore);
    let answer = server.deliver(sample().to_string().as_bytes()).await;
    let told = json!({"status": "duplicate", "queued": true, "workflowId": id, "eventId": "evt_001"});
    assert_eq!((answer.status, answer.json()), (200, told));
}

#[tokio::test]
async fn ready_but_degraded_while_somebody_is_away() {
    let there = Arc::new(AtomicBool::new(true));
    let server = Server::start().await;
    let seen = there.clone();
    let checks = Checks::default().with("temporal", move || seen.load(Ordering::Relaxed)).with("database", || true);
    let state = AppState::new(server.sources.clone(), server.recorder.clone()).with_checks(checks);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, router(state)).await });
    let get = async |path: &str| {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(&request("GET", path, &[], b"")).await.unwrap();
        let answer = Answer::read(&mut stream).await;
        (answer.status, answer.json())
    };
    assert_eq!(get("/readyz").await, (200, json!({"status": "ok"})));
    there.store(false, Ordering::Relaxed);
    assert_eq!(get("/readyz").await, (200, json!({"status": "degraded"})));
    let told = json!({"status": "degraded", "checks": {"temporal": "away", "database": "ok"}});
    assert_eq!(get("/readyz?verbose").await, (200, told));
    serving.abort();
}

#[tokio::test]
async fn what_is_counted_can_be_read() {
    let server = Server::start().await;
    assert_eq!(server.raw(&request("GET", "/metrics", &[], b"")).await.status, 404);
    starter::metrics::install().unwrap();
    starter::metrics::install().unwrap();
    Arc::new(starter::inbox::Circuit::new("example", 1)).pass().unwrap().failed();
    let answer = server.raw(&request("GET", "/metrics", &[], b"")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain"), "{answer:?}");
    assert!(answer.body.contains("bgr_available{what=\"example\"} 0"), "{}", answer.body);
}
