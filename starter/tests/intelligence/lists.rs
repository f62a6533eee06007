//! Lists, a page at a time, and what became of events.

use crate::World;
use crate::world::{DAY, NOW};
use contracts::OutcomeKind;
use engine::Role;
use serde_json::{Value, json};
use starter::intelligence::follow::{End, Live, Running};

fn next(answer: &crate::Answer) -> Option<String> {
    let link = answer.header("link")?;
    let path = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(path.strip_prefix(crate::world::BASE).unwrap().to_owned())
}

/// Every entry of a list, by its id, page after page.
async fn all(world: &World, first: &str, list: &str, id: impl Fn(&Value) -> String) -> Vec<String> {
    let (mut page, mut found) = (first.to_owned(), Vec::new());
    loop {
        let answer = world.get(&page).await;
        let body = answer.ok();
        found.extend(body[list].as_array().unwrap().iter().map(&id));
        let Some(more) = next(&answer) else {
            assert!(body.get("nextCursor").is_none(), "{body}");
            return found;
        };
        assert!(more.ends_with(body["nextCursor"].as_str().unwrap()), "{more}");
        page = more;
    }
}

#[tokio::test]
async fn refreshes_are_paged_newest_first_each_once() {
    let world = World::new().await;
    for number in 0..7_i64 {
        // Three begin in the same millisecond.
        world.begin(&format!("run-{number}"), "co_1", "Acme", None, NOW + number / 3).await;
    }
    let id = |refresh: &Value| refresh["id"].as_str().unwrap().to_owned();
    let found = all(&world, "/refreshes?limit=2", "refreshes", id).await;
    let expected: Vec<String> = [6, 5, 4, 3, 2, 1, 0].map(|number| format!("crm:run-{number}")).to_vec();
    assert_eq!(found, expected);
    // A refresh that begins meanwhile moves nothing.
    let first = world.get("/refreshes?limit=2").await;
    world.begin("run-9", "co_1", "Acme", None, NOW + DAY).await;
    let second = world.get(&next(&first).unwrap()).await.ok();
    assert_eq!(second["refreshes"][0]["id"], "crm:run-4");
    for text in ["limit=0", "limit=101", "cursor=!", "cursor=", "status=running", "since=x", "page=2"] {
        world.get(&format!("/refreshes?{text}")).await.problem(400, "invalid-parameter");
    }
}

#[tokio::test]
async fn refreshes_are_told_apart_by_state_company_and_time() {
    let world = World::new().await;
    world.save("done", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    for (run, outcome) in
        [("bad", OutcomeKind::Failed), ("off", OutcomeKind::Cancelled), ("none", OutcomeKind::NoMatch)]
    {
        world.begin(run, "co_2", "Globex", None, NOW + 1).await;
        world.fail(run, outcome, NOW + 2).await;
    }
    world.begin("on", "co_1", "Acme", Some("acme.example"), NOW + DAY).await;
    for (text, expected) in [
        ("status=active", vec!["crm:on"]),
        ("status=completed", vec!["crm:none", "crm:done"]),
        ("status=failed", vec!["crm:bad"]),
        ("status=cancelled", vec!["crm:off"]),
        ("company=acme.example", vec!["crm:on", "crm:done"]),
        ("since=2025-10-10", vec!["crm:on"]),
        ("company=co_1&status=completed&since=2025-10-09", vec!["crm:done"]),
    ] {
        let listed = world.get(&format!("/refreshes?{text}")).await.ok();
        let ids: Vec<&str> =
            listed["refreshes"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{text}");
    }
    world.get("/refreshes?company=Nobody").await.problem(404, "unknown-company");
}

#[tokio::test]
async fn companies_are_paged_with_their_groups_in_a_line() {
    let world = World::new().await;
    for number in 0..5 {
        world.begin(&format!("run-{number}"), &format!("co_{number}"), &format!("Firm {number}"), None, NOW).await;
    }
    world.save("run-9", "co_3", "Firm 3", &[("ada", Role::Champion)], NOW).await;
    let found = all(&world, "/companies?limit=2", "companies", |one| one["id"].as_str().unwrap().to_owned()).await;
    assert_eq!(found, ["co_0", "co_1", "co_2", "co_3", "co_4"]);
    let listed = world.get("/companies").await.ok();
    assert_eq!(listed["companies"][0], json!({"id": "co_0", "name": "Firm 0", "domain": null, "group": null}));
    let group = json!({
        "version": 1, "totalMembers": 1, "cohesionScore": 55, "overallConfidence": 66, "enrichmentLevel": "enrich",
        "timestamp": "2025-10-09T08:53:25Z",
    });
    assert_eq!(listed["companies"][3]["group"], group);
}

#[tokio::test]
async fn a_refresh_tells_its_status_progress_result_and_error() {
    let world = World::new().await;
    world.save("done", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    let done = world.get("/refreshes/crm:done").await.ok();
    let result = json!({
        "outcome": "refreshed", "companyId": "co_1", "members": 1, "enrichmentLevel": "enrich", "costUsd": 0.12,
        "changes": {"joined": 1, "left": 0, "roleChanged": 0, "titleChanged": 0, "contactChanged": 0, "scoreMoved": 0},
    });
    assert_eq!(
        (&done["status"], &done["result"], &done["progress"]["percent"]),
        (&json!("completed"), &result, &json!(100))
    );
    assert_eq!(done["links"]["group"], "/api/v1/intelligence/buyer-group?company=co_1");
    assert_eq!(world.get("/refreshes/done").await.ok(), done, "by the id of its run");

    world.begin("bad", "co_1", "Acme", None, NOW).await;
    world.fail("bad", OutcomeKind::Failed, NOW + 1).await;
    let bad = world.get("/refreshes/crm:bad").await.ok();
    assert_eq!(
        (&bad["status"], &bad["error"]),
        (&json!("failed"), &json!({"class": "AuthFailed", "step": "discover"}))
    );
    world.get("/refreshes/crm:nothing").await.problem(404, "unknown-refresh");
    world.get("/refreshes/nothing").await.problem(404, "unknown-refresh");
}

#[tokio::test]
async fn what_runs_is_told_by_temporal() {
    let world = World::new().await;
    world.begin("on", "co_1", "Acme", None, NOW).await;
    let on = "buyer-group-refresh/acme/crm/on";
    // Temporal knows nothing of it any more: it stands as the log has it.
    assert_eq!(world.get("/refreshes/crm:on").await.ok()["status"], "active");
    let status = contracts::RefreshStatus {
        step: contracts::Step::Enrich,
        percent: 45,
        members_found: 8,
        members_enriched: 2,
        attempts: 5,
        cost_micros: 0,
        waiting_until: None,
        holds_for: 0,
        review: None,
        outcome: None,
    };
    world.temporal.tell(on, Live::Running(Running { run_id: "on".into(), status: Some(status.clone()), retry: None }));
    let active = world.get("/refreshes/crm:on").await.ok();
    let progress = json!({"step": "enrich", "percent": 45, "membersFound": 8, "membersEnriched": 2});
    assert_eq!((&active["status"], &active["progress"]), (&json!("active"), &progress));

    let waits = contracts::RefreshStatus {
        step: contracts::Step::Wait,
        waiting_until: Some(1_760_000_000_000),
        ..status.clone()
    };
    world.temporal.tell(on, Live::Running(Running { run_id: "on".into(), status: Some(waits), retry: None }));
    let delayed = world.get("/refreshes/crm:on").await.ok();
    assert_eq!((&delayed["status"], &delayed["waitingUntil"]), (&json!("delayed"), &json!("2025-10-09T08:53:20Z")));

    let why = vec![contracts::Worse { code: "no_decision_maker".into(), text: "nobody decides any more".into() }];
    let reviewed = contracts::RefreshStatus {
        step: contracts::Step::Review,
        review: Some(contracts::Review { since: 0, until: 1_760_000_000_000, why }),
        ..status.clone()
    };
    world.temporal.tell(on, Live::Running(Running { run_id: "on".into(), status: Some(reviewed), retry: None }));
    let review = world.get("/refreshes/crm:on").await.ok();
    assert_eq!((&review["status"], &review["review"]), (&json!("review"), &json!(["nobody decides any more"])));

    let retry = starter::intelligence::follow::Retry {
        activity: "enrich_member".into(),
        attempt: 3,
        class: "RateLimited".into(),
        at: Some(NOW),
    };
    world.temporal.tell(on, Live::Running(Running { run_id: "on".into(), status: Some(status), retry: Some(retry) }));
    let delayed = world.get("/refreshes/crm:on").await.ok();
    let error = json!({
        "class": "RateLimited", "step": "enrich_member", "nextAttempt": 3, "nextAttemptAt": "2025-10-09T08:53:20Z",
    });
    assert_eq!((&delayed["status"], &delayed["error"]), (&json!("delayed"), &error));

    world.temporal.tell(on, Live::Ended(End::Terminated));
    let ended = world.get("/refreshes/crm:on").await.ok();
    assert_eq!((&ended["status"], &ended["error"]["class"]), (&json!("failed"), &json!("Terminated")));
}

#[tokio::test]
async fn an_event_tells_what_became_of_it_also_while_it_waits_in_the_inbox() {
    let world = World::new().await;
    world.save("done", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    let event = world.get("/events/crm/done").await.ok();
    let told = [&event["source"], &event["eventId"], &event["status"], &event["outcome"], &event["reason"]];
    assert_eq!(told, ["crm", "done", "completed", "refreshed", "person.role_change"]);
    assert_eq!(event["receivedAt"], "2025-10-09T08:53:19Z");

    let request = crate::world::request("strange id/1", "Acme", NOW);
    let entry = starter::inbox::entry(&request.into()).unwrap();
    world.store.inbox_put(std::slice::from_ref(&entry)).await.unwrap();
    let waiting = world.get("/events/crm/strange%20id%2F1").await.ok();
    assert_eq!((&waiting["status"], &waiting["refresh"]["queued"]), (&json!("waiting"), &json!(true)));
    let id = waiting["refresh"]["id"].as_str().unwrap();
    assert!(id.starts_with("crm:~"), "{id}");
    world.get(&format!("/refreshes/{id}")).await.ok();
    world.get("/events/crm/nothing").await.problem(404, "unknown-event");
    world.get("/events/CRM/done").await.problem(404, "unknown-event");
}
