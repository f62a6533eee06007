//! Refreshes that did not end well, once more.

use crate::World;
use crate::world::{NOW, workflow};
use contracts::OutcomeKind;
use serde_json::json;
use starter::intelligence::Scope;
use starter::intelligence::follow::{End, Live, Running};

async fn failed() -> World {
    let world = World::new().await;
    world.begin("bad", "co_1", "Acme", None, NOW).await;
    world.fail("bad", OutcomeKind::Failed, NOW + 1).await;
    world
}

#[tokio::test]
async fn q2_a_failed_refresh_is_tried_again_and_its_key_is_not_used_up() {
    let world = failed().await;
    world.temporal.tell(&workflow("bad"), Live::Ended(End::Failed));
    let answer = world.post("/refreshes/crm:bad/retry", &[], None).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_eq!(answer.header("location"), Some("/api/v1/intelligence/refreshes/crm:bad"));
    // The log knows of the run before only, and this is another.
    let waiting = answer.json();
    assert_eq!((&waiting["status"], &waiting["runId"]), (&json!("waiting"), &json!("run-again")));
    for gone in ["error", "result", "startedAt", "completedAt"] {
        assert!(waiting.get(gone).is_none(), "{gone} of the run before: {waiting}");
    }
    assert_eq!((&waiting["eventId"], &waiting["company"]["name"]), (&json!("bad"), &json!("Acme")));
    // Said twice it is done once.
    let again = world.post("/refreshes/crm:bad/retry", &[], None).await;
    assert_eq!((again.status, again.json()), (200, waiting.clone()), "{}", again.text);
    assert_eq!(world.get("/refreshes/crm:bad").await.ok(), waiting);
    assert_eq!(world.get("/events/crm/bad").await.ok()["status"], "waiting");
}

#[tokio::test]
async fn one_that_is_tried_again_can_be_cancelled_before_a_worker_begins_it() {
    let world = failed().await;
    world.temporal.tell(&workflow("bad"), Live::Ended(End::Failed));
    world.post("/refreshes/crm:bad/retry", &[], None).await;
    let cancelled = world.post("/refreshes/crm:bad/cancel", &[], None).await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (202, &json!("waiting")), "{}", cancelled.text);
    assert!(
        world.temporal.said().iter().any(|(id, what, _)| (id.as_str(), what.as_str()) == (&workflow("bad"), "cancel"))
    );
    // The run of the log is over, also while Temporal has not noticed.
    world.temporal.tell(&workflow("bad"), Live::Running(Running { run_id: "bad".into(), ..Running::default() }));
    world.post("/refreshes/crm:bad/cancel", &[], None).await.problem(409, "refresh-over");
}

#[tokio::test]
async fn one_that_temporal_has_forgotten_is_tried_again_from_what_is_kept() {
    let world = failed().await;
    assert_eq!(world.post("/refreshes/crm:bad/retry", &[], None).await.status, 202);
}

#[tokio::test]
async fn one_that_ended_with_an_answer_and_is_forgotten_is_not_tried_again() {
    let world = World::new().await;
    world.save("good", "co_1", "Acme", &[("ada", engine::Role::Champion)], NOW).await;
    world.post("/refreshes/crm:good/retry", &[], None).await.problem(409, "nothing-to-retry");
}

#[tokio::test]
async fn what_ended_with_an_answer_is_not_tried_again_and_nothing_is_unknown() {
    let world = failed().await;
    world.temporal.tell(&workflow("bad"), Live::Ended(End::Completed));
    world.post("/refreshes/crm:bad/retry", &[], None).await.problem(409, "nothing-to-retry");
    world.post("/refreshes/crm:nothing/retry", &[], None).await.problem(404, "unknown-refresh");
    let reader = world.key_of("acme", &[Scope::Read], |_| ()).await;
    let bearer = format!("Bearer {reader}");
    let path = format!("{}/refreshes/crm:bad/retry", crate::world::BASE);
    let refused = world.send(reqwest::Method::POST, &path, &[("authorization", &bearer)], None).await;
    refused.problem(403, "missing-scope");
    let other = world.key_of("other", &Scope::ALL, |_| ()).await;
    let bearer = format!("Bearer {other}");
    let unseen = world.send(reqwest::Method::POST, &path, &[("authorization", &bearer)], None).await;
    unseen.problem(404, "unknown-refresh");
}
