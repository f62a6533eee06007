//! The wire of scheduled refreshes, pinned; see `golden.rs`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;
use temporalio_common::ActivityDefinition as _;

fn pinned<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, wire: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), wire, "what is written");
    assert_eq!(&serde_json::from_value::<T>(wire).unwrap(), value, "what is read");
}

#[test]
fn what_the_schedule_writes_is_pinned() {
    pinned(&RefreshDueRequest {}, json!({}));
    let digest = Digest::of(b"co_1-1760097600000");
    let wire = json!({"refreshes": [{
        "company_id": "co_1",
        "start_after_ms": 40_000,
        "request": {
            "workspace": "demo",
            "company": {"id": "c_456", "name": "Test Company"},
            "reason": "scheduled",
            "level": "identify",
            "event": {
                "source": "schedule", "id": "co_1-1760097600000", "digest": digest.as_str(),
                "occurred_at": 1_760_097_600_000_i64, "received_at": 1_760_097_601_234_i64
            }
        }
    }]});
    let request = RefreshRequest {
        workspace: "demo".parse().unwrap(),
        company: CompanyRef { id: Some("c_456".into()), name: "Test Company".into(), domain: None }.into(),
        reason: RefreshReason::Scheduled,
        level: EnrichmentLevel::Identify,
        event: EventRef {
            source: SourceName::schedule(),
            id: "co_1-1760097600000".parse().unwrap(),
            digest,
            occurred_at: 1_760_097_600_000,
            received_at: 1_760_097_601_234,
        },
        person_ref: None,
        could_sit: None,
    };
    let refresh = DueRefresh { company_id: "co_1".into(), start_after_ms: 40_000, request };
    pinned(&DueTaken { refreshes: vec![refresh] }, wire);
    let event = DueEvent { workspace: "demo".parse().unwrap(), event_id: "co_1-1760097600000".into() };
    pinned(
        &DueEvents { events: vec![event] },
        json!({"events": [{"workspace": "demo", "event_id": "co_1-1760097600000"}]}),
    );
    pinned(
        &DueStarted { started: 4, already_started: 1, passed_over: 2, refused: 3 },
        json!({"started": 4, "already_started": 1, "passed_over": 2, "refused": 3}),
    );
}

#[test]
fn the_names_of_the_schedule_are_pinned() {
    assert_eq!((REFRESH_DUE, DUE_SCHEDULE, SourceName::SCHEDULE), ("RefreshDue", "bgr-due-refreshes", "schedule"));
    assert_eq!((definitions::TakeDue.name(), definitions::StillDue.name()), ("take_due", "still_due"));
    assert!(SourceName::schedule().is_reserved() && SourceName::manual().is_reserved());
    assert!(!"crm".parse::<SourceName>().unwrap().is_reserved());
}
