//! The wire, pinned. Each type that is written into a history has its JSON here. When one of these tests fails, histories
//! recorded by earlier builds may no longer be readable: add an optional field instead, or patch the workflow.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::*;
use engine::Role;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

fn pinned<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, wire: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), wire, "what is written");
    assert_eq!(&serde_json::from_value::<T>(wire).unwrap(), value, "what is read");
}

fn request() -> RefreshRequest {
    RefreshRequest {
        workspace: "demo".parse().unwrap(),
        company: CompanyRef {
            id: Some("c_456".into()),
            name: "Test Company".into(),
            domain: Some("test.example".into()),
        }
        .into(),
        reason: RefreshReason::RoleChange,
        level: EnrichmentLevel::Enrich,
        event: EventRef {
            source: "crm".parse().unwrap(),
            id: "evt_001".parse().unwrap(),
            digest: Digest::of(b"{}"),
            occurred_at: 1_760_097_600_000,
            received_at: 1_760_097_601_234,
        },
        person_ref: Some("pe_123".into()),
        could_sit: Some(false),
    }
}

#[test]
fn request_is_pinned() {
    pinned(
        &request(),
        json!({
            "workspace": "demo",
            "company": {"id": "c_456", "name": "Test Company", "domain": "test.example"},
            "reason": "person.role_change",
            "level": "enrich",
            "event": {
                "source": "crm",
                "id": "evt_001",
                "digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                "occurred_at": 1_760_097_600_000_i64,
                "received_at": 1_760_097_601_234_i64
            },
            "person_ref": "pe_123",
            "could_sit": false
        }),
    );
}

#[test]
fn a_request_for_the_company_of_a_person_is_pinned() {
    let request = RefreshRequest { company: CompanyWanted::EmployerOf { employer_of: "pe_123".into() }, ..request() };
    let wire = serde_json::to_value(&request).unwrap();
    assert_eq!(wire["company"], json!({"employer_of": "pe_123"}));
    pinned(&request, wire);
}

#[test]
fn whatever_can_be_started_is_pinned() {
    let wire = serde_json::to_value(request()).unwrap();
    let mut tagged = wire.clone();
    tagged["kind"] = json!("refresh");
    pinned(&StartRequest::from(request()), tagged);
    let suppress = SuppressRequest {
        workspace: "demo".parse().unwrap(),
        event: request().event,
        data_points: vec![DataPoint { kind: DataPointKind::Email, hash: "ab".into() }],
    };
    pinned(
        &suppress,
        json!({"workspace": "demo", "event": wire["event"], "data_points": [{"kind": "email", "hash": "ab"}]}),
    );
    pinned(
        &StartRequest::from(suppress),
        json!({
            "kind": "suppress", "workspace": "demo", "event": wire["event"],
            "data_points": [{"kind": "email", "hash": "ab"}]
        }),
    );
    pinned(&Suppressed { listed: 2, erased: 1 }, json!({"listed": 2, "erased": 1}));
    pinned(&DataPoint { kind: DataPointKind::Person, hash: "pe_1".into() }, json!({"kind": "person", "hash": "pe_1"}));
    pinned(&RetentionRequest {}, json!({}));
    let retained = Retained { contacts: 1, diffs: 2, candidates: 3, operations: 4, versions: 5, notifications: 6 };
    let all = json!({
        "contacts": 1, "diffs": 2, "candidates": 3, "operations": 4, "versions": 5, "notifications": 6,
    });
    pinned(&retained, all);
    // As the release before wrote it.
    let before =
        serde_json::from_value::<Retained>(json!({"contacts": 1, "diffs": 2, "candidates": 3, "operations": 4}));
    assert_eq!(before.unwrap(), Retained { versions: 0, notifications: 0, ..retained });
    assert_eq!(serde_json::from_value::<DataPointKind>(json!("fax")).unwrap(), DataPointKind::Other);
}

#[test]
fn a_data_point_s_hash_is_pinned() {
    // On lists that are kept for ever: another way of hashing would forget every objection.
    let point = DataPoint::of(&"demo".parse().unwrap(), DataPointKind::Email, "Jane@Acme.example").unwrap();
    assert_eq!(point.hash, "c6b999e3826252a4b09f70b960643994bab6917f0a2ebbf38c736fa87c1e4f4a");
}

#[test]
fn a_request_without_optional_fields_and_with_unknown_ones_is_read() {
    let wire = json!({
        "workspace": "demo",
        "company": {"name": "Test Company"},
        "reason": "person.moved_desk",
        "event": {
            "source": "crm", "id": "evt_001",
            "digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "occurred_at": 1, "received_at": 2
        },
        "from_a_later_build": true
    });
    let request: RefreshRequest = serde_json::from_value(wire).unwrap();
    assert_eq!(request.reason, RefreshReason::Other("person.moved_desk".into()));
    assert_eq!(request.level, EnrichmentLevel::Enrich);
}

#[test]
fn outcome_is_pinned() {
    pinned(
        &RefreshOutcome {
            outcome: OutcomeKind::Refreshed,
            refresh_id: "r".into(),
            company_id: Some("co_1".into()),
            into: None,
            reason: None,
            members: 9,
            diff: DiffCounts {
                joined: 1,
                left: 2,
                role_changed: 3,
                title_changed: 4,
                contact_changed: 5,
                score_moved: 6,
            },
            level: EnrichmentLevel::Enrich,
            degraded: vec![Unavailable::OutOfCredits],
            cost_micros: 170_000,
        },
        json!({
            "outcome": "refreshed", "refresh_id": "r", "company_id": "co_1", "members": 9,
            "diff": {
                "joined": 1, "left": 2, "role_changed": 3, "title_changed": 4, "contact_changed": 5, "score_moved": 6
            },
            "level": "enrich", "degraded": ["out_of_credits"], "cost_micros": 170_000
        }),
    );
}

#[test]
fn status_is_pinned() {
    pinned(
        &RefreshStatus {
            step: Step::Enrich,
            percent: 60,
            members_found: 12,
            members_enriched: 6,
            attempts: 9,
            cost_micros: 5,
            waiting_until: None,
            holds_for: 0,
            review: None,
            outcome: None,
        },
        json!({
            "step": "enrich", "percent": 60, "members_found": 12, "members_enriched": 6, "attempts": 9, "cost_micros": 5
        }),
    );
}

#[test]
fn activity_results_are_pinned() {
    pinned(
        &Receipt { result: Begun::Open { refresh_id: "r".into(), announce: false }, attempts: 1, cost_micros: 0 },
        json!({"result": {"standing": "open", "refresh_id": "r"}, "attempts": 1, "cost_micros": 0}),
    );
    pinned(
        &Begun::AlreadyRecorded { refresh_id: "r".into() },
        json!({"standing": "already_recorded", "refresh_id": "r"}),
    );
    pinned(&Resolution::Company { company_id: "co_1".into() }, json!({"match": "company", "company_id": "co_1"}));
    pinned(&Resolution::NoMatch, json!({"match": "no_match"}));
    pinned(
        &Discovered {
            people_seen: 170,
            records_rejected: 2,
            members: vec![ChosenMember { person_ref: "p".into(), role: Role::DecisionMaker }],
            worse: Vec::new(),
        },
        json!({"people_seen": 170, "records_rejected": 2, "members": [{"person_ref": "p", "role": "decision_maker"}]}),
    );
    pinned(
        &Enrichment::Found { email: true, phone: false },
        json!({"enrichment": "found", "email": true, "phone": false}),
    );
    pinned(&Enrichment::NoMatch, json!({"enrichment": "no_match"}));
    pinned(&Enrichment::Withheld { reason: Unavailable::Legal }, json!({"enrichment": "withheld", "reason": "legal"}));
    pinned(
        &Saved { members: 9, ..Saved::default() },
        json!({"members": 9, "diff": {
            "joined": 0, "left": 0, "role_changed": 0, "title_changed": 0, "contact_changed": 0, "score_moved": 0
        }}),
    );
}

#[test]
fn activity_inputs_are_pinned() {
    let wire = serde_json::to_value(request()).unwrap();
    pinned(&ResolveInput { refresh_id: "r".into(), request: request() }, json!({"refresh_id": "r", "request": wire}));
    pinned(
        &DiscoverInput { refresh_id: "r".into(), workspace: "demo".parse().unwrap(), company_id: "co_1".into() },
        json!({"refresh_id": "r", "workspace": "demo", "company_id": "co_1"}),
    );
    pinned(
        &EnrichInput {
            refresh_id: "r".into(),
            workspace: "demo".parse().unwrap(),
            company_id: "co_1".into(),
            person_ref: "p".into(),
        },
        json!({"refresh_id": "r", "workspace": "demo", "company_id": "co_1", "person_ref": "p"}),
    );
    pinned(
        &SaveInput {
            refresh_id: "r".into(),
            workspace: "demo".parse().unwrap(),
            company_id: "co_1".into(),
            level: EnrichmentLevel::Identify,
            cost_micros: 7,
            announce: false,
            reviewed: false,
        },
        json!({
            "refresh_id": "r", "workspace": "demo", "company_id": "co_1", "level": "identify", "cost_micros": 7
        }),
    );
    pinned(
        &FailureInput {
            refresh_id: "r".into(),
            outcome: OutcomeKind::Failed,
            step: Step::Discover,
            class: Some("AuthFailed".into()),
            reason: None,
            cost_micros: 0,
            announce: false,
        },
        json!({"refresh_id": "r", "outcome": "failed", "step": "discover", "class": "AuthFailed", "cost_micros": 0}),
    );
}

#[test]
fn deliveries_are_pinned() {
    let (workspace, receiver) = ("demo".parse().unwrap(), || "ops".parse().unwrap());
    pinned(
        &Begun::Open { refresh_id: "r".into(), announce: true },
        json!({"standing": "open", "refresh_id": "r", "announce": true}),
    );
    let request = NotifyRequest { workspace, refresh_id: "r".into(), kind: NotificationKind::ReviewNeeded };
    assert_eq!(request.workflow_id(), "notify/demo/r/review.needed");
    pinned(&request, json!({"workspace": "demo", "refresh_id": "r", "kind": "review.needed"}));
    pinned(
        &Addressed { messages: vec![AddressedMessage { message_id: "msg_1".into(), receivers: vec![receiver()] }] },
        json!({"messages": [{"message_id": "msg_1", "receivers": ["ops"]}]}),
    );
    pinned(
        &DeliverInput { workspace: request.workspace.clone(), message_id: "msg_1".into(), receiver: receiver() },
        json!({"workspace": "demo", "message_id": "msg_1", "receiver": "ops"}),
    );
    pinned(&Delivery::Delivered, json!("delivered"));
    pinned(
        &GiveUpInput { message_id: "msg_1".into(), receiver: receiver(), class: "Timeout".into() },
        json!({"message_id": "msg_1", "receiver": "ops", "class": "Timeout"}),
    );
    pinned(&Notified { delivered: 1, disabled: 2, given_up: 3 }, json!({"delivered": 1, "disabled": 2, "given_up": 3}));
    pinned(&SweepRequest {}, json!({}));
    pinned(
        &LeftLying { messages: vec![request] },
        json!({"messages": [{"workspace": "demo", "refresh_id": "r", "kind": "review.needed"}]}),
    );
    pinned(&Swept { started: 1 }, json!({"started": 1}));
    assert_eq!(serde_json::from_value::<Delivery>(json!("postponed")).unwrap(), Delivery::Other);
    assert_eq!(serde_json::from_value::<NotificationKind>(json!("person.left")).unwrap(), NotificationKind::Other);
}

#[test]
fn values_of_a_later_build_are_tolerated() {
    assert_eq!(serde_json::from_value::<OutcomeKind>(json!("merged")).unwrap(), OutcomeKind::Other);
    assert_eq!(serde_json::from_value::<Unavailable>(json!("embargo")).unwrap(), Unavailable::Other);
    assert_eq!(serde_json::from_value::<Step>(json!("research")).unwrap(), Step::Other);
    assert_eq!(serde_json::from_value::<EnrichmentLevel>(json!("clairvoyance")).unwrap(), EnrichmentLevel::Other);
    let enrichment = json!({"enrichment": "found_mobile", "mobile": true});
    assert_eq!(serde_json::from_value::<Enrichment>(enrichment).unwrap(), Enrichment::Other);
}

#[test]
fn names_are_pinned() {
    use temporalio_common::ActivityDefinition as _;
    assert_eq!((TASK_QUEUE, DELIVERY_QUEUE), ("buyer-group-refresh", "buyer-group-deliveries"));
    assert_eq!(contracts::BACKGROUND_TASK_QUEUE, "buyer-group-refresh-background");
    assert_eq!(BUYER_GROUP_REFRESH, "BuyerGroupRefresh");
    assert_eq!(SUPPRESS_CONTACT, "SuppressContact");
    assert_eq!(definitions::Suppress.name(), "suppress");
    assert_eq!(DELIVER_NOTIFICATIONS, "DeliverNotifications");
    let deliveries = [definitions::Address.name(), definitions::Deliver.name(), definitions::GiveUp.name()];
    assert_eq!(deliveries, ["address_notifications", "deliver_notification", "give_up_notification"]);
    assert_eq!((SWEEP_OUTBOX, SWEEP_SCHEDULE), ("SweepOutbox", "bgr-outbox-sweep"));
    assert_eq!(definitions::FindLeftLying.name(), "find_left_lying");
    assert_eq!((APPLY_RETENTION, RETENTION_SCHEDULE), ("ApplyRetention", "bgr-retention"));
    assert_eq!(definitions::ApplyRetention.name(), "apply_retention");
    assert_eq!(STATUS_QUERY, "status");
    let activities = [
        definitions::Begin.name(),
        definitions::ResolveCompany.name(),
        definitions::Discover.name(),
        definitions::EnrichMember.name(),
        definitions::Save.name(),
        definitions::RecordFailure.name(),
    ];
    assert_eq!(activities, ["begin", "resolve_company", "discover", "enrich_member", "save", "record_failure"]);
    let attributes = [BGR_WORKSPACE, BGR_COMPANY, BGR_REASON, BGR_STEP, BGR_OUTCOME].map(|key| key.name().to_owned());
    assert_eq!(attributes, SEARCH_ATTRIBUTES.map(str::to_owned));
}
