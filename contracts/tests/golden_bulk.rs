//! The wire of bulks, pinned; see `golden.rs`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

fn pinned<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, wire: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), wire, "what is written");
    assert_eq!(&serde_json::from_value::<T>(wire).unwrap(), value, "what is read");
}

fn request() -> BulkRequest {
    BulkRequest {
        workspace: "demo".parse().unwrap(),
        event: EventRef {
            source: SourceName::bulk(),
            id: "bu_1".parse().unwrap(),
            digest: Digest::of(b"{}"),
            occurred_at: 1_760_097_600_000,
            received_at: 1_760_097_601_234,
        },
        level: EnrichmentLevel::Identify,
        refreshes: 5000,
        at_once: 10,
        let_go_after_ms: 300_000,
        progress: BulkProgress::default(),
    }
}

fn request_wire() -> Value {
    json!({
        "workspace": "demo",
        "event": {
            "source": "bulk",
            "id": "bu_1",
            "digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "occurred_at": 1_760_097_600_000_i64,
            "received_at": 1_760_097_601_234_i64
        },
        "level": "identify",
        "refreshes": 5000,
        "at_once": 10,
        "let_go_after_ms": 300_000
    })
}

#[test]
fn what_a_bulk_is_started_with_is_pinned() {
    pinned(&request(), request_wire());
    let mut wire = request_wire();
    wire["kind"] = "bulk".into();
    pinned(&StartRequest::from(request()), wire);
}

#[test]
fn what_one_run_hands_to_the_next_is_pinned() {
    let progress = BulkProgress { reached: 400, started: 390, over: 388, let_go: vec![7, 12] };
    let mut wire = request_wire();
    wire["progress"] = json!({"reached": 400, "started": 390, "over": 388, "let_go": [7, 12]});
    pinned(&BulkRequest { progress, ..request() }, wire);
}

#[test]
fn a_page_is_pinned() {
    let workspace: WorkspaceId = "demo".parse().unwrap();
    let input = BulkPageInput { workspace: workspace.clone(), bulk_id: "bu_1".into(), after: 200, limit: 200 };
    pinned(&input, json!({"workspace": "demo", "bulk_id": "bu_1", "after": 200, "limit": 200}));
    let company = CompanyRef { id: None, name: "Acme".into(), domain: Some("acme.example".into()) };
    let page = BulkPage { items: vec![BulkItem { number: 201, company }], more: true };
    let item = json!({"number": 201, "company": {"name": "Acme", "domain": "acme.example"}});
    pinned(&page, json!({"items": [item], "more": true}));
    let end = BulkEnd { workspace, bulk_id: "bu_1".into(), cancelled: true };
    pinned(&end, json!({"workspace": "demo", "bulk_id": "bu_1", "cancelled": true}));
}

#[test]
fn how_a_bulk_stands_is_pinned() {
    pinned(
        &BulkStatus { refreshes: 5000, started: 120, in_flight: 10, over: 108, let_go: 2 },
        json!({"refreshes": 5000, "started": 120, "in_flight": 10, "over": 108, "let_go": 2}),
    );
}

#[test]
fn names_are_pinned() {
    assert_eq!((BULK_REFRESH, BULK_STATUS_QUERY), ("BulkRefresh", "bulk_status"));
    assert_eq!(request().workflow_id().as_str(), "bulk-refresh/demo/bu_1");
    assert!(SourceName::bulk().is_reserved());
    let event = request().item_event(17);
    assert_eq!((event.source.as_str(), event.id.as_str()), ("bulk", "bu_1-17"));
}

#[test]
fn one_key_of_a_workspace_is_one_bulk_and_no_other_workspaces() {
    let id = |workspace: &str, key: &str| bulk_id(&workspace.parse().unwrap(), &key.parse().unwrap()).to_string();
    assert_eq!(id("demo", "k"), id("demo", "k"));
    assert!(id("demo", "k").starts_with("bu_") && id("demo", "k").len() == 35);
    assert_ne!(id("demo", "k"), id("demo", "l"));
    assert_ne!(id("demo", "k"), id("other", "k"));
}

#[test]
fn the_events_of_items_are_event_ids_however_long_the_id_of_the_whole_is() {
    let longest: EventId = "x".repeat(EventId::MAX_CHARS).parse().unwrap();
    let (one, two) = (longest.item(1), longest.item(2));
    assert_ne!(one, two);
    assert_eq!(one.as_str().parse::<EventId>().unwrap(), one);
}
