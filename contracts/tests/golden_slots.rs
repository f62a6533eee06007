//! The wire of slots, reviews and steering, pinned as in `golden.rs`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

fn pinned<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, wire: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), wire, "what is written");
    assert_eq!(&serde_json::from_value::<T>(wire).unwrap(), value, "what is read");
}

fn holder() -> Holder {
    Holder { refresh_id: "r".into(), workflow_id: "w".into() }
}

fn worse() -> Worse {
    Worse { code: "half_gone".into(), text: "5 of 9 members are gone".into() }
}

#[test]
fn claims_are_pinned() {
    let claim = ClaimInput {
        refresh_id: "r".into(),
        workspace: "demo".parse().unwrap(),
        company_id: "co_1".into(),
        run_now: false,
        news: None,
    };
    pinned(&claim, json!({"refresh_id": "r", "workspace": "demo", "company_id": "co_1"}));
    let news = News { kind: RefreshReason::Left, occurred_at: 5, person_ref: "pe_1".into(), could_sit: Some(false) };
    pinned(
        &ClaimInput { news: Some(news), ..claim.clone() },
        json!({
            "refresh_id": "r", "workspace": "demo", "company_id": "co_1",
            "news": {"kind": "person.left", "occurred_at": 5, "person_ref": "pe_1", "could_sit": false}
        }),
    );
    let now = ClaimInput { run_now: true, ..claim };
    pinned(&now, json!({"refresh_id": "r", "workspace": "demo", "company_id": "co_1", "run_now": true}));
    pinned(&SlotClaim::Run { folded: 0, level: None, priority: None }, json!({"slot": "run", "folded": 0}));
    pinned(
        &SlotClaim::Run { folded: 2, level: Some(EnrichmentLevel::Enrich), priority: Some(Priority::MemberChange) },
        json!({"slot": "run", "folded": 2, "level": "enrich", "priority": "member_change"}),
    );
    let names = ["member_change", "manual", "webhook", "scheduled", "bulk"];
    for (number, name) in (1..).zip(names) {
        let priority = Priority::from_number(number).unwrap();
        assert_eq!(i64::from(priority.number()), number);
        pinned(&priority, json!(name));
    }
    assert_eq!((Priority::from_number(0), Priority::from_number(6)), (None, None));
    pinned(
        &SlotClaim::Ignored { reason: "already_reflected".into() },
        json!({"slot": "ignored", "reason": "already_reflected"}),
    );
    pinned(&SlotClaim::Wait { until: 5 }, json!({"slot": "wait", "until": 5}));
    pinned(
        &SlotClaim::Coalesced { holder: holder() },
        json!({"slot": "coalesced", "holder": {"refresh_id": "r", "workflow_id": "w"}}),
    );
}

#[test]
fn what_the_keeper_reads_and_answers_is_pinned() {
    pinned(&KeepSlots {}, json!({}));
    let kept = SlotsKept { looked_at: 2, closed: 1, carry: Vec::new(), announce: Vec::new() };
    pinned(&kept, json!({"looked_at": 2, "closed": 1, "carry": []}));
    let told = NotifyRequest {
        workspace: "demo".parse().unwrap(),
        refresh_id: "r".into(),
        kind: NotificationKind::RefreshFailed,
    };
    let wire = serde_json::to_value(&told).unwrap();
    pinned(
        &SlotsKept { announce: vec![told], ..kept },
        json!({"looked_at": 2, "closed": 1, "carry": [], "announce": [wire]}),
    );
    let request: RefreshRequest = serde_json::from_value(json!({
        "workspace": "demo", "company": {"name": "Test Company"}, "reason": "scheduled", "level": "enrich",
        "event": {
            "source": "crm", "id": "evt_001",
            "digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "occurred_at": 1, "received_at": 2
        },
    }))
    .unwrap();
    let wire = serde_json::to_value(&request).unwrap();
    assert_eq!(request.reason, RefreshReason::Scheduled);
    pinned(
        &Carry { workflow_id: "w".into(), company_id: "co_1".into(), request },
        json!({"workflow_id": "w", "company_id": "co_1", "request": wire}),
    );
}

#[test]
fn steering_is_pinned_and_nothing_need_be_said() {
    pinned(&Steering::default(), json!({}));
    pinned(&Steering { by: Some("ops".into()) }, json!({"by": "ops"}));
    pinned(&Steered { done: true }, json!({"done": true}));
    assert!(Steering::default().check().is_ok() && Steering { by: Some("é".repeat(64)) }.check().is_ok());
    for by in ["é".repeat(65), "a\nb".to_owned()] {
        assert!(Steering { by: Some(by) }.check().is_err());
    }
    assert_eq!([RUN_NOW_UPDATE, APPROVE_UPDATE, REJECT_UPDATE], ["run_now", "approve", "reject"]);
}

#[test]
fn reviews_are_pinned() {
    let why = json!([{"code": "half_gone", "text": "5 of 9 members are gone"}]);
    let input = ReviewInput { refresh_id: "r".into(), why: vec![worse()], announce: false };
    pinned(&input, json!({"refresh_id": "r", "why": why}));
    let told = ReviewInput { announce: true, ..input };
    pinned(&told, json!({"refresh_id": "r", "why": why, "announce": true}));
    pinned(&ReviewOpened { until: 5, overtakes: Vec::new() }, json!({"until": 5}));
    let (overtakes, older) = (vec![holder()], json!([{"refresh_id": "r", "workflow_id": "w"}]));
    pinned(&ReviewOpened { until: 5, overtakes: overtakes.clone() }, json!({"until": 5, "overtakes": older}));
    let nothing = serde_json::to_value(DiffCounts::default()).unwrap();
    pinned(
        &Saved { members: 2, overtaken: true, overtakes, ..Saved::default() },
        json!({"members": 2, "diff": nothing, "overtaken": true, "overtakes": older}),
    );
    assert_eq!((OVERTAKEN_SIGNAL, OVERTAKEN), ("overtaken", "overtaken"));
    let discovered = Discovered { people_seen: 1, records_rejected: 0, members: Vec::new(), worse: vec![worse()] };
    pinned(&discovered, json!({"people_seen": 1, "records_rejected": 0, "members": [], "worse": why}));
}

#[test]
fn a_status_that_waits_and_one_in_review_are_pinned() {
    let waiting = RefreshStatus {
        step: Step::Wait,
        percent: 8,
        members_found: 0,
        members_enriched: 0,
        attempts: 3,
        cost_micros: 0,
        waiting_until: Some(7),
        holds_for: 0,
        review: None,
        outcome: None,
    };
    let shared = json!({"members_found": 0, "members_enriched": 0, "attempts": 3, "cost_micros": 0});
    let with = |mut wire: Value| {
        wire.as_object_mut().unwrap().extend(shared.as_object().unwrap().clone());
        wire
    };
    pinned(&waiting, with(json!({"step": "wait", "percent": 8, "waiting_until": 7})));
    let review = Some(Review { since: 1, until: 2, why: vec![worse()] });
    let reviewed = RefreshStatus { step: Step::Review, waiting_until: None, holds_for: 4, review, ..waiting };
    let why = json!([{"code": "half_gone", "text": "5 of 9 members are gone"}]);
    let review = json!({"since": 1, "until": 2, "why": why});
    pinned(&reviewed, with(json!({"step": "review", "percent": 8, "holds_for": 4, "review": review})));
}

#[test]
fn ends_without_a_group_are_pinned() {
    let outcome = |outcome, into, reason: Option<&str>| RefreshOutcome {
        outcome,
        refresh_id: "r".into(),
        company_id: None,
        into,
        reason: reason.map(str::to_owned),
        members: 0,
        diff: DiffCounts::default(),
        level: EnrichmentLevel::Identify,
        degraded: Vec::new(),
        cost_micros: 0,
    };
    let wire = |value: &RefreshOutcome| serde_json::to_value(value).unwrap();
    let coalesced = outcome(OutcomeKind::Coalesced, Some(holder()), None);
    assert_eq!(wire(&coalesced)["outcome"], "coalesced");
    assert_eq!(wire(&coalesced)["into"], json!({"refresh_id": "r", "workflow_id": "w"}));
    for (kind, name) in [(OutcomeKind::Ignored, "ignored"), (OutcomeKind::Kept, "kept")] {
        let ended = outcome(kind, None, Some("rejected"));
        assert_eq!((wire(&ended)["outcome"].clone(), wire(&ended)["reason"].clone()), (json!(name), json!("rejected")));
        assert_eq!(serde_json::from_value::<RefreshOutcome>(wire(&ended)).unwrap(), ended);
    }
}

#[test]
fn names_are_pinned() {
    use temporalio_common::ActivityDefinition as _;
    let activities = [definitions::ClaimSlot.name(), definitions::AskForReview.name(), definitions::TendSlots.name()];
    assert_eq!(activities, ["claim_slot", "ask_for_review", "tend_slots"]);
    assert_eq!((SLOT_KEEPER, SLOT_KEEPER_SCHEDULE), ("SlotKeeper", "bgr-slot-keeper"));
    let id = WorkflowId::of_carried(&"demo".parse().unwrap(), "co_1", "r");
    assert_eq!(id.as_str(), "buyer-group-refresh-carried/demo/co_1/r");
    assert_eq!(RefreshReason::from("bulk".to_owned()), RefreshReason::Bulk);
}
