//! What an event is worth: nothing, a refresh, or one that goes before the others.

use crate::slots::{HOUR, run_now, stage_with_window};
use crate::stage::source::Asked;
use crate::stage::{Stage, event_with};
use contracts::OutcomeKind;
use std::collections::BTreeMap;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

/// Posts an event of a change from one title to another.
async fn posted(stage: &Stage, id: &str, person: &str, old: &str, new: &str) -> String {
    let event = event_with(id, |event| {
        event["person"] = serde_json::json!({"id": person, "oldTitle": old, "newTitle": new});
        event["changes"] = serde_json::json!({});
    });
    stage.post_body(event).await.workflow_id().to_owned()
}

/// The priority key of each kind of activity, as the server was told.
async fn priorities(stage: &Stage, workflow_id: &str) -> BTreeMap<String, i32> {
    let history = stage.handle(workflow_id).fetch_history(Default::default());
    let scheduled = history.into_events().await.unwrap().into_iter().filter_map(|event| match event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => {
            let key = scheduled.priority.map_or(0, |priority| priority.priority_key);
            Some((scheduled.activity_type.unwrap().name, key))
        }
        _ => None,
    });
    scheduled.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_has_no_part_in_it_costs_no_lookup() {
    let stage = Stage::new().await;
    // Nobody has looked at the company yet, so nobody is irrelevant.
    let first = posted(&stage, "evt-1", "driver", "Truck Driver", "Registered Nurse").await;
    assert_eq!(stage.ended(&first).await.unwrap().outcome, OutcomeKind::Refreshed);
    let asked = stage.source.calls(Asked::People).len();

    let nobody = posted(&stage, "evt-2", "driver", "Truck Driver", "Registered Nurse").await;
    let ended = stage.ended(&nobody).await.unwrap();
    assert_eq!((ended.outcome, ended.reason.as_deref()), (OutcomeKind::Ignored, Some("irrelevant_person")));
    assert_eq!(stage.source.calls(Asked::People).len(), asked, "people were read for nothing");
    stage.record("ignored-irrelevant", &nobody).await;

    let rising = posted(&stage, "evt-3", "driver", "Truck Driver", "VP Engineering").await;
    assert_eq!(stage.ended(&rising).await.unwrap().outcome, OutcomeKind::Refreshed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_member_goes_before_what_anybody_else_waits_for() {
    let stage = Stage::new().await;
    let group = stage.refreshed("evt-1").await.company_id.unwrap();
    let group = stage.store.group(&crate::stage::workspace(), &group).await.unwrap().unwrap();
    let member = group.members[0].member.person.id.to_string();

    // Whatever a member has become: the seat is free.
    let urgent = posted(&stage, "evt-2", &member, "Truck Driver", "Registered Nurse").await;
    assert_eq!(stage.ended(&urgent).await.unwrap().outcome, OutcomeKind::Refreshed);
    let told = priorities(&stage, &urgent).await;
    assert_eq!((told["discover"], told["enrich_member"], told["save"]), (1, 1, 1), "{told:?}");
    stage.record("refresh-urgent", &urgent).await;

    let other = posted(&stage, "evt-3", "somebody-else", "VP Engineering", "CTO").await;
    assert_eq!(stage.ended(&other).await.unwrap().outcome, OutcomeKind::Refreshed);
    let told = priorities(&stage, &other).await;
    // None of its own: it inherits the workflow's.
    assert!(told["discover"] != 1, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_member_goes_first_also_when_it_folds_into_a_refresh_that_waits() {
    let stage = stage_with_window(HOUR).await;
    let group = stage.refreshed("evt-1").await.company_id.unwrap();
    let group = stage.store.group(&crate::stage::workspace(), &group).await.unwrap().unwrap();
    let member = group.members[0].member.person.id.to_string();
    let waits = posted(&stage, "evt-2", "somebody-else", "VP Engineering", "CTO").await;
    stage.until(&waits, |status| status.waiting_until.is_some()).await;
    let folded = posted(&stage, "evt-3", &member, "Truck Driver", "Registered Nurse").await;
    assert_eq!(stage.ended(&folded).await.unwrap().outcome, OutcomeKind::Coalesced);

    assert!(run_now(&stage, &waits).await);
    assert_eq!(stage.ended(&waits).await.unwrap().outcome, OutcomeKind::Refreshed);
    let told = priorities(&stage, &waits).await;
    // Asked for by hand, until it hears of the member.
    assert_eq!((told["claim_slot"], told["discover"], told["save"]), (2, 1, 1), "{told:?}");
}
