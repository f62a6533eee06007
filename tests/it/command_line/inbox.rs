//! `inbox`: what an operator sees and does.

use super::Desk;
use serde_json::json;
use store::{InboxEntry, Store};

fn entry(workspace: &str, source: &str, event: &str) -> InboxEntry {
    InboxEntry {
        workflow_id: format!("buyer-group-refresh/{workspace}/{source}/{event}"),
        workspace: workspace.parse().unwrap(),
        source: source.parse().unwrap(),
        kind: "refresh".to_owned(),
        digest: "d".repeat(64),
        request: "{\"company\":\"Harbour Works\"}".to_owned(),
        received_at: 1_760_000_000_000,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_what_was_given_up_is_listed_retried_and_discarded() {
    let desk = Desk::new().await;
    desk.run(&["inbox", "list"]).await.ended(1).refused(&["buyer-group migrate"]);
    desk.run(&["migrate"]).await.ended(0);
    let told = desk.run(&["inbox", "list", "--output", "json"]).await.ended(0).json();
    assert_eq!(told, json!({"pending": 0, "dead": 0, "entries": []}));

    let file = desk.path().join(".buyer-group/buyer-group.db");
    let store = Store::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let dead = entry("demo", "crm", "a");
    store.inbox_put(std::slice::from_ref(&dead)).await.unwrap();
    store.inbox_claim(9, 1000, "me", 0).await.unwrap();
    store.inbox_bury(&dead.workflow_id, "me", "EventConflict", 1_760_000_000_000).await.unwrap();
    store.inbox_put(&[entry("demo", "erp", "b"), entry("acme", "crm", "c")]).await.unwrap();

    let told = desk.run(&["inbox", "list", "--dead", "--output", "json"]).await.ended(0).json();
    let shown = json!({
        "workflowId": dead.workflow_id, "workspace": "demo", "source": "crm", "kind": "refresh",
        "received_at": "2025-10-09T08:53:20Z", "attempts": 1, "last_error": "EventConflict",
        "dead_at": "2025-10-09T08:53:20Z",
    });
    assert_eq!(told, json!({"pending": 2, "dead": 1, "entries": [shown]}));
    let told = desk.run(&["inbox", "list"]).await.ended(0).stdout;
    assert!(told.starts_with("2 waiting, 1 given up\n") && told.contains("given up since"), "{told}");
    assert!(!told.contains("Harbour Works"), "the list says what an event is about: {told}");

    // Nothing is done to entries that nobody named.
    for command in ["retry", "discard"] {
        desk.run(&["inbox", command]).await.ended(2).refused(&["--workspace", "--dead"]);
    }
    let discard = ["inbox", "discard", "--workspace", "demo", "--source", "erp", "--output", "json"];
    let told = desk.run(&discard).await.ended(0).json();
    assert_eq!(told, json!({"entries": 1, "discarded": false}));
    let told = desk.run(&[&discard[..], &["--yes"]].concat()).await.ended(0).json();
    assert_eq!(told, json!({"entries": 1, "discarded": true}));
    let told = desk.run(&["inbox", "retry", "--dead"]).await.ended(0).stdout;
    assert!(told.starts_with("1 entries"), "{told}");
    let stats = store.inbox_stats().await.unwrap();
    assert_eq!((stats.pending, stats.dead), (2, 0));
}
