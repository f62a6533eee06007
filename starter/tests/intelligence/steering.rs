//! Words to refreshes that run.

use crate::World;
use crate::world::{NOW, workflow};
use contracts::OutcomeKind;
use serde_json::json;
use starter::intelligence::follow::{FollowError, Live, Running};

async fn running() -> World {
    let world = World::new().await;
    world.begin("on", "co_1", "Acme", None, NOW).await;
    world.temporal.tell(&workflow("on"), Live::Running(Running { run_id: "on".into(), ..Running::default() }));
    world
}

#[tokio::test]
async fn a_word_reaches_the_refresh_in_the_name_of_the_key() {
    let world = running().await;
    let cancelled = world.post("/refreshes/crm:on/cancel", &[], None).await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (202, &json!("active")), "{}", cancelled.text);
    for end in ["approve", "reject", "run-now"] {
        world.post(&format!("/refreshes/on/{end}"), &[], None).await.ok();
    }
    let by = format!("api-key:{}", world.key.split('_').nth(1).unwrap());
    let said = |what: &str, by: String| (workflow("on"), what.to_owned(), by);
    let expected = [
        said("cancel", format!("asked for by {by}")),
        said("approve", by.clone()),
        said("reject", by.clone()),
        said("run_now", by),
    ];
    assert_eq!(world.temporal.said(), expected);
}

#[tokio::test]
async fn a_refresh_that_refuses_has_ended_or_does_not_answer_says_so() {
    let world = running().await;
    let refuse = |error| *world.temporal.refuses.lock().unwrap() = Some(error);
    refuse(FollowError::Refused("it does not wait for review".into()));
    let refused = world.post("/refreshes/crm:on/approve", &[], None).await.problem(409, "steering-refused");
    assert!(refused["detail"].as_str().unwrap().contains("does not wait for review"), "{refused}");
    refuse(FollowError::NoAnswer("internal-host:7233".into()));
    let answer = world.post("/refreshes/crm:on/run-now", &[], None).await;
    answer.problem(503, "service-unavailable");
    assert!(answer.header("retry-after").is_some() && !answer.text.contains("internal-host"), "{}", answer.text);
    // It ends between the look and the word.
    refuse(FollowError::NotRunning);
    world.post("/refreshes/crm:on/cancel", &[], None).await.problem(409, "refresh-over");

    world.fail("on", OutcomeKind::Cancelled, NOW + 1).await;
    world.post("/refreshes/crm:on/approve", &[], None).await.problem(409, "refresh-over");
    // Cancelling twice is cancelling.
    assert_eq!(world.post("/refreshes/crm:on/cancel", &[], None).await.ok()["status"], "cancelled");
    world.post("/refreshes/crm:nothing/cancel", &[], None).await.problem(404, "unknown-refresh");
    assert!(world.temporal.said().is_empty());
}

#[tokio::test]
async fn what_waits_in_the_inbox_cannot_be_told_anything_yet() {
    let world = World::new().await;
    let entry = starter::inbox::entry(&crate::world::request("later", "Acme", NOW).into()).unwrap();
    world.store.inbox_put(&[entry]).await.unwrap();
    let answer = world.post("/refreshes/crm:later/cancel", &[], None).await;
    answer.problem(409, "refresh-not-started");
    assert_eq!(answer.header("retry-after"), Some("5"));
}
