//! Asking for refreshes.

use crate::World;
use crate::world::{NOW, workspace};
use contracts::{EnrichmentLevel, OutcomeKind, RefreshReason, StartRequest};
use engine::Role;
use serde_json::json;
use starter::intelligence::follow::{Live, Running};

#[tokio::test]
async fn a_wish_is_one_durable_refresh_and_says_where_to_look() {
    let world = World::new().await;
    let body = json!({"companyName": "Acme", "website": "https://acme.example/", "enrichmentLevel": "identify"});
    let answer = world.post("/buyer-group", &[("idempotency-key", "\"wish-1\"")], Some(&body)).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_eq!(answer.header("location"), Some("/api/v1/intelligence/refreshes/api:wish-1"));
    assert_eq!((answer.header("idempotency-key"), answer.header("idempotency-replayed")), (Some("wish-1"), None));
    let refresh = answer.json();
    assert_eq!(
        (&refresh["status"], &refresh["id"], &refresh["runId"]),
        (&json!("waiting"), &json!("api:wish-1"), &json!("run-0"))
    );
    let started = world.temporal.started();
    let [StartRequest::Refresh(started)] = started.as_slice() else { panic!("{started:?}") };
    let company = started.company.named().unwrap();
    assert_eq!((company.name.as_str(), company.domain.as_deref()), ("Acme", Some("https://acme.example/")));
    assert_eq!(
        (&started.workspace, &started.reason, started.level),
        (&workspace(), &RefreshReason::Manual, EnrichmentLevel::Identify)
    );
    assert_eq!((started.event.source.as_str(), started.event.id.as_str()), ("api", "wish-1"));
    assert_eq!(world.get("/refreshes/api:wish-1").await.ok()["status"], "waiting");
}

#[tokio::test]
async fn the_same_key_is_the_same_wish_or_a_conflict() {
    let world = World::new().await;
    let key = [("idempotency-key", "wish-1")];
    let body = json!({"companyName": "Acme", "saveToDatabase": true});
    world.post("/buyer-group", &key, Some(&body)).await;
    // The same, written otherwise: members in another order, and what goes without saying.
    let text = json!({"enrichmentLevel": "enrich", "companyName": "Acme"});
    let again = world.post("/buyer-group", &key, Some(&text)).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")), "{}", again.text);
    let other = world.post("/buyer-group", &key, Some(&json!({"companyName": "Globex"}))).await;
    other.problem(409, "idempotency-conflict");
    let level = json!({"companyName": "Acme", "enrichmentLevel": "identify"});
    world.post("/buyer-group", &key, Some(&level)).await.problem(409, "idempotency-conflict");
    assert_eq!(world.temporal.started().len(), 1);
}

#[tokio::test]
async fn without_a_key_each_wish_gets_one_of_its_own() {
    let world = World::new().await;
    let body = json!({"companyName": "Acme"});
    let (one, two) =
        (world.post("/buyer-group", &[], Some(&body)).await, world.post("/buyer-group", &[], Some(&body)).await);
    let (one, two) =
        (one.header("idempotency-key").unwrap().to_owned(), two.header("idempotency-key").unwrap().to_owned());
    assert!(one != two && one.len() == 36, "{one} {two}");
    let again = world.post("/buyer-group", &[("idempotency-key", &one)], Some(&body)).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(world.temporal.started().len(), 2);
    for bad in ["", "\"\"", "   ", &"k".repeat(256)] {
        let answer = world.post("/buyer-group", &[("idempotency-key", bad)], Some(&body)).await;
        answer.problem(400, "invalid-idempotency-key");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    world.post("/buyer-group", &twice, Some(&body)).await.problem(400, "invalid-idempotency-key");
}

#[tokio::test]
async fn who_waits_gets_the_group() {
    let world = World::new().await;
    let body = json!({"companyName": "Acme"});
    let headers = [("idempotency-key", "run-1"), ("prefer", "respond-async, wait=20")];
    let waiting = world.post("/buyer-group", &headers, Some(&body));
    let working = async {
        // The fake answers for the source `crm`; this is the refresh of the wish itself.
        let mut request = crate::world::request("run-1", "Acme", NOW);
        request.event.source = contracts::SourceName::api();
        let workflow = "buyer-group-refresh/acme/api/run-1";
        world.store.begin(&request, workflow, "run-1", NOW).await.unwrap();
        let company = engine::Company { name: "Acme".into(), domain: None, staff: None, revenue: None };
        world.store.put_company("run-1", &workspace(), "co_1", &company, None, NOW).await.unwrap();
        world.save_begun("run-1", "co_1", &[("ada", Role::Champion)], NOW).await;
        world.temporal.end();
    };
    let (answer, ()) = tokio::join!(waiting, working);
    assert_eq!(answer.ok()["members"][0]["name"], "Name of ada");
    assert_eq!(answer.header("preference-applied"), Some("wait=20"));
    assert_eq!(answer.header("content-location"), Some("/api/v1/intelligence/buyer-group?company=co_1"));
    // Asked again, it is there at once.
    world.temporal.end();
    let again = world.post("/buyer-group", &headers, Some(&body)).await;
    assert_eq!((again.ok(), again.header("idempotency-replayed")), (answer.ok(), Some("true")));
}

#[tokio::test]
async fn who_waits_too_short_or_in_vain_hears_so() {
    let world = World::new().await;
    let body = json!({"companyName": "Acme"});
    let short = world.post("/buyer-group", &[("prefer", "wait=0")], Some(&body)).await;
    assert_eq!((short.status, short.header("preference-applied")), (202, Some("wait=0")), "{}", short.text);
    // The runs are called as the fake calls them.
    for (run, key, outcome, status, kind) in [
        ("run-1", "no-match", OutcomeKind::NoMatch, 404, "no-match"),
        ("run-2", "failed", OutcomeKind::Failed, 502, "refresh-failed"),
        ("run-3", "cancelled", OutcomeKind::Cancelled, 409, "refresh-cancelled"),
    ] {
        let mut request = crate::world::request(key, "Acme", NOW);
        request.event.source = contracts::SourceName::api();
        let workflow = format!("buyer-group-refresh/acme/api/{key}");
        world.store.begin(&request, &workflow, run, NOW).await.unwrap();
        world.fail(run, outcome, NOW + 1).await;
        world.temporal.end();
        let headers = [("idempotency-key", key), ("prefer", "wait=20")];
        let problem = world.post("/buyer-group", &headers, Some(&body)).await.problem(status, kind);
        assert_eq!(problem["workflowId"], workflow);
    }
}

/// The refresh of a wish under this key, which was coalesced into `holder`.
async fn coalesced_into(world: &World, key: &str, holder: &str) {
    world.begin(holder, "co_1", "Acme", None, NOW).await;
    let window = std::time::Duration::from_secs(3600);
    let claim = |run: &str| contracts::ClaimInput {
        refresh_id: run.to_owned(),
        workspace: workspace(),
        company_id: "co_1".to_owned(),
        run_now: false,
        news: None,
    };
    // One has just run, so the holder waits for the next slot, and whoever comes now folds into it.
    world.begin("first", "co_1", "Acme", None, NOW).await;
    world.store.claim_slot(&claim("first"), None, window, NOW).await.unwrap();
    world.store.claim_slot(&claim(holder), None, window, NOW + 1).await.unwrap();
    let mut request = crate::world::request(key, "Acme", NOW);
    request.event.source = contracts::SourceName::api();
    let workflow = format!("buyer-group-refresh/acme/api/{key}");
    world.store.begin(&request, &workflow, key, NOW + 2).await.unwrap();
    let company = engine::Company { name: "Acme".into(), domain: None, staff: None, revenue: None };
    world.store.put_company(key, &workspace(), "co_1", &company, None, NOW + 2).await.unwrap();
    let folded = world.store.claim_slot(&claim(key), None, window, NOW + 2).await.unwrap();
    assert!(matches!(folded, contracts::SlotClaim::Coalesced { .. }), "{folded:?}");
}

#[tokio::test]
async fn who_waits_for_a_refresh_that_was_coalesced_gets_the_group_of_the_one_that_answers() {
    let world = World::new().await;
    coalesced_into(&world, "wish", "holder").await;
    let body = json!({"companyName": "Acme"});
    let headers = [("idempotency-key", "wish"), ("prefer", "wait=20")];
    // The end of the refresh itself, and not yet that of the one that answers.
    world.temporal.end();
    let short = [("idempotency-key", "wish"), ("prefer", "wait=0")];
    let still = world.post("/buyer-group", &short, Some(&body)).await;
    assert_eq!((still.status, &still.json()["answeredBy"]), (202, &json!("crm:holder")), "{}", still.text);
    let waiting = world.post("/buyer-group", &headers, Some(&body));
    let working = async {
        world.save_begun("holder", "co_1", &[("ada", Role::Champion)], NOW + 3).await;
        world.temporal.end();
        let followed = async {
            while world.temporal.waited_for().last().is_none_or(|last| !last.ends_with("/crm/holder")) {
                tokio::task::yield_now().await;
            }
        };
        let patience = std::time::Duration::from_secs(15);
        tokio::time::timeout(patience, followed).await.expect("nobody waits for the one that answers");
        world.temporal.end();
    };
    let (answer, ()) = tokio::join!(waiting, working);
    assert_eq!(answer.ok()["members"][0]["name"], "Name of ada");
}

#[tokio::test]
async fn who_waits_for_a_refresh_after_which_the_group_before_was_kept_hears_that() {
    let world = World::new().await;
    world.save("run-0", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    let mut request = crate::world::request("wish", "Acme", NOW);
    request.event.source = contracts::SourceName::api();
    world.store.begin(&request, "buyer-group-refresh/acme/api/wish", "run-1", NOW).await.unwrap();
    let company = engine::Company { name: "Acme".into(), domain: None, staff: None, revenue: None };
    world.store.put_company("run-1", &workspace(), "co_1", &company, None, NOW).await.unwrap();
    world.fail("run-1", OutcomeKind::Kept, NOW + 1).await;
    world.temporal.end();
    let headers = [("idempotency-key", "wish"), ("prefer", "wait=20")];
    let answer = world.post("/buyer-group", &headers, Some(&json!({"companyName": "Acme"}))).await;
    assert_eq!((answer.status, &answer.json()["result"]["outcome"]), (202, &json!("kept")), "{}", answer.text);
    assert!(answer.json().get("members").is_none(), "the group before, as if it were the answer: {}", answer.text);
}

#[tokio::test]
async fn a_server_that_goes_keeps_nobody_waiting() {
    let mut world = World::new().await;
    let stop = world.stop.take();
    let body = json!({"companyName": "Acme"});
    let waiting = world.post("/buyer-group", &[("idempotency-key", "k"), ("prefer", "wait=60")], Some(&body));
    let leaving = async {
        while world.temporal.started().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(stop);
    };
    let (answer, ()) = tokio::join!(waiting, leaving);
    assert_eq!(answer.status, 202, "{}", answer.text);
}

#[tokio::test]
async fn a_forced_refresh_is_of_a_company_that_is_known_and_clears_nothing() {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    let before = world.get("/buyer-group?company=co_1").await.ok();
    let answer = world.post("/buyer-group/refresh", &[], Some(&json!({"company": "acme.example"}))).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let started = world.temporal.started();
    let [StartRequest::Refresh(started)] = started.as_slice() else { panic!("{started:?}") };
    let company = started.company.named().unwrap();
    let asked = (company.id.as_deref(), company.name.as_str(), company.domain.as_deref());
    assert_eq!(asked, (Some("src-1"), "Acme", Some("acme.example")));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    world
        .temporal
        .tell(&format!("buyer-group-refresh/acme/{}", id.replace(':', "/")), Live::Running(Running::default()));
    assert_eq!(world.get("/buyer-group?company=co_1").await.ok(), before);
    let unknown = world.post("/buyer-group/refresh", &[], Some(&json!({"company": "Nobody"}))).await;
    unknown.problem(404, "unknown-company");
}

#[tokio::test]
async fn a_forced_refresh_that_is_asked_for_again_is_the_same_whatever_is_known_of_the_company_by_now() {
    let world = World::new().await;
    world.begin("run-1", "co_1", "Acme", None, NOW).await;
    let (key, body) = ([("idempotency-key", "force")], json!({"company": "Acme"}));
    assert_eq!(world.post("/buyer-group/refresh", &key, Some(&body)).await.status, 202);
    let again = async |why: &str| {
        let again = world.post("/buyer-group/refresh", &key, Some(&body)).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")), "{why}: {}", again.text);
    };
    // Its domain has become known; then there is a namesake.
    world.begin("run-2", "co_1", "Acme", Some("acme.example"), NOW + 1).await;
    again("another domain").await;
    world.begin("run-3", "co_2", "Acme", Some("acme.test"), NOW + 2).await;
    world.post("/buyer-group/refresh", &[], Some(&body)).await.problem(409, "ambiguous-company");
    again("another company of that name").await;
    // Another wish, also one that can be no longer granted, and another operation.
    for other in [
        json!({"company": "co_1"}),
        json!({"company": "Nobody"}),
        json!({"company": "Acme", "enrichmentLevel": "identify"}),
    ] {
        world.post("/buyer-group/refresh", &key, Some(&other)).await.problem(409, "idempotency-conflict");
    }
    let other = world.post("/buyer-group", &key, Some(&json!({"companyName": "Acme"}))).await;
    other.problem(409, "idempotency-conflict");
    let unknown =
        world.post("/buyer-group/refresh", &[("idempotency-key", "new")], Some(&json!({"company": "Nobody"}))).await;
    unknown.problem(404, "unknown-company");
    assert_eq!(world.temporal.started().len(), 1);
}

#[tokio::test]
async fn a_body_that_is_not_what_it_must_be_names_the_member_and_starts_nothing() {
    let world = World::new().await;
    let long = "x".repeat(513);
    for (body, pointer) in [
        (json!([]), ""),
        (json!({}), "/companyName"),
        (json!({"companyName": ""}), "/companyName"),
        (json!({"companyName": "  "}), "/companyName"),
        (json!({"companyName": "a\nb"}), "/companyName"),
        (json!({"companyName": 7}), "/companyName"),
        (json!({"companyName": long}), "/companyName"),
        (json!({"companyName": "Acme", "website": "a b"}), "/website"),
        (json!({"companyName": "Acme", "enrichmentLevel": "all"}), "/enrichmentLevel"),
        (json!({"companyName": "Acme", "saveToDatabase": false}), "/saveToDatabase"),
        (json!({"companyName": "Acme", "enrichmentlevel": "identify"}), "/enrichmentlevel"),
    ] {
        let problem = world.post("/buyer-group", &[], Some(&body)).await.problem(422, "invalid-request");
        assert_eq!(problem["pointer"], pointer, "{body}");
    }
    assert!(world.temporal.started().is_empty());
}
