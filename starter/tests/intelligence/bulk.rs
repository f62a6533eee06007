//! Many companies at once.

use crate::World;
use crate::world::{NOW, workspace};
use contracts::{
    BulkEnd, BulkRequest, CompanyRef, OutcomeKind, RefreshReason, RefreshRequest, StartRequest, WorkflowId,
};
use serde_json::{Value, json};
use starter::intelligence::Scope;
use starter::intelligence::follow::{End, FollowError, Live};

const KEY: (&str, &str) = ("idempotency-key", "import-7");

async fn asked(world: &World, companies: Value) -> Value {
    let answer = world.post("/buyer-group/bulk", &[KEY], Some(&json!({"companies": companies}))).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let document = answer.json();
    assert_eq!(answer.header("location"), document["links"]["self"].as_str());
    document
}

fn id(document: &Value) -> &str {
    document["id"].as_str().unwrap()
}

fn started(world: &World) -> BulkRequest {
    let mut started = world.temporal.started();
    match (started.pop(), started.pop()) {
        (Some(StartRequest::Bulk(request)), None) => request,
        other => panic!("{other:?}"),
    }
}

/// Begins the refresh of one item, as the worker would.
async fn begin(world: &World, bulk: &BulkRequest, number: u32) -> String {
    let event = bulk.item_event(number);
    let request = RefreshRequest {
        workspace: workspace(),
        company: CompanyRef { id: None, name: format!("Company {number}"), domain: None }.into(),
        reason: RefreshReason::Bulk,
        level: bulk.level,
        event: event.clone(),
        person_ref: None,
        could_sit: None,
    };
    let (workflow, run) = (WorkflowId::new(&workspace(), &event.source, &event.id), format!("run-of-{number}"));
    world.store.begin(&request, workflow.as_str(), &run, NOW + 1).await.unwrap();
    run
}

#[tokio::test]
async fn a3_many_companies_are_accepted_at_once_and_refreshed_by_a_workflow() {
    let world = World::new().await;
    let companies = json!(["Acme", {"name": "Beta", "website": "beta.example"}, "Gamma", "ACME Ltd"]);
    let document = asked(&world, companies).await;
    assert_eq!((&document["status"], &document["companies"]), (&json!("waiting"), &json!(4)));
    let request = started(&world);
    assert_eq!((request.refreshes, request.at_once), (3, 10));
    assert_eq!(request.workflow_id().to_string(), format!("bulk-refresh/acme/{}", id(&document)));
    let page = world.get(&format!("/bulk/{}/items", id(&document))).await.ok();
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    assert_eq!(items[1]["company"], json!({"name": "Beta", "domain": "beta.example"}));
    assert_eq!((&items[3]["sameAs"], &items[3]["status"]), (&json!(1), &json!("waiting")));
}

#[tokio::test]
async fn the_same_key_is_the_same_bulk_and_another_wish_under_it_a_conflict() {
    let world = World::new().await;
    let first = asked(&world, json!(["Acme", "Beta"])).await;
    let body = json!({"companies": [{"name": "Acme"}, "Beta"], "enrichmentLevel": "enrich"});
    let again = world.post("/buyer-group/bulk", &[KEY], Some(&body)).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (202, Some("true")), "{}", again.text);
    assert_eq!(id(&again.json()), id(&first));
    started(&world);
    let other = json!({"companies": ["Beta", "Acme"]});
    let conflict = world.post("/buyer-group/bulk", &[KEY], Some(&other)).await.problem(409, "idempotency-conflict");
    assert_eq!(conflict["workflowId"], format!("bulk-refresh/acme/{}", id(&first)));
    // Without a key each call is one of its own, and the answer says under which.
    let alone = world.post("/buyer-group/bulk", &[], Some(&other)).await;
    assert_ne!(id(&alone.json()), id(&first));
    assert!(alone.header("idempotency-key").is_some());
}

#[tokio::test]
async fn w1_a_bulk_that_was_kept_and_never_started_is_started_by_the_next_call_with_its_key() {
    let world = World::new().await;
    let document = asked(&world, json!(["Acme"])).await;
    let request = started(&world);
    // As if the starter had died between the two.
    let other = World::new().await;
    let item = store::NewBulkItem { name: "Acme".to_owned(), domain: None, same_as: None };
    other.store.put_bulk(&request, &[item]).await.unwrap();
    assert!(other.temporal.started().is_empty());
    assert_eq!(id(&asked(&other, json!(["Acme"])).await), id(&document));
    assert_eq!(started(&other).event.id, request.event.id);
    // And what is over is not begun again.
    let over = World::new().await;
    let item = store::NewBulkItem { name: "Acme".to_owned(), domain: None, same_as: None };
    over.store.put_bulk(&request, &[item]).await.unwrap();
    let end = BulkEnd { workspace: workspace(), bulk_id: id(&document).to_owned(), cancelled: false };
    over.store.close_bulk(&end, NOW).await.unwrap();
    asked(&over, json!(["Acme"])).await;
    assert!(over.temporal.started().is_empty());
}

#[tokio::test]
async fn every_company_says_what_became_of_it_page_by_page() {
    let world = World::new().await;
    let names: Vec<String> =
        (1..=6).map(|number| format!("Company {number}")).chain(["Company 2".to_owned()]).collect();
    let document = asked(&world, json!(names)).await;
    let bulk = started(&world);
    let path = format!("/bulk/{}", id(&document));
    for (number, outcome) in
        [(1, OutcomeKind::NoMatch), (2, OutcomeKind::Failed), (3, OutcomeKind::Cancelled), (4, OutcomeKind::NoMatch)]
    {
        let run = begin(&world, &bulk, number).await;
        world.fail(&run, outcome, NOW + 2).await;
    }
    begin(&world, &bulk, 5).await;
    let now = world.get(&path).await.ok();
    assert_eq!(now["status"], "active");
    // Company 2 was named twice.
    let counts = json!({"waiting": 1, "active": 1, "completed": 2, "failed": 2, "cancelled": 1});
    assert_eq!(now["counts"], counts);
    assert_eq!(now["outcomes"], json!({"no_match": 2, "failed": 2, "cancelled": 1}));

    let (mut seen, mut next) = (Vec::new(), Some(format!("{path}/items?limit=3")));
    while let Some(at) = next {
        let answer = world.get(&at).await;
        let page = answer.ok();
        seen.extend(page["items"].as_array().unwrap().clone());
        next = page["nextCursor"].as_str().map(|cursor| format!("{path}/items?limit=3&cursor={cursor}"));
        assert_eq!(answer.header("link").is_some(), next.is_some());
    }
    let numbers: Vec<_> = seen.iter().map(|item| item["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((&seen[0]["status"], &seen[0]["result"]["outcome"]), (&json!("completed"), &json!("no_match")));
    assert_eq!((&seen[1]["status"], &seen[1]["error"]["class"]), (&json!("failed"), &json!("AuthFailed")));
    assert_eq!((&seen[6]["sameAs"], &seen[6]["error"]), (&json!(2), &seen[1]["error"]));
    assert_eq!(
        (&seen[2]["status"], &seen[4]["status"], &seen[5]["status"]),
        (&json!("cancelled"), &json!("active"), &json!("waiting"))
    );
    let refresh = seen[1]["refresh"].as_str().unwrap();
    assert_eq!(refresh, format!("/api/v1/intelligence/refreshes/bulk:{}-2", id(&document)));
    assert_eq!(world.get(refresh.strip_prefix("/api/v1/intelligence").unwrap()).await.ok()["reason"], "bulk");

    for (number, outcome) in [(5, OutcomeKind::NoMatch), (6, OutcomeKind::NoMatch)] {
        let run = begin(&world, &bulk, number).await;
        world.fail(&run, outcome, NOW + 2).await;
    }
    assert_eq!(world.get(&path).await.ok()["status"], "completed");
}

#[tokio::test]
async fn a_bulk_is_cancelled_once_and_what_was_not_begun_with_it() {
    let world = World::new().await;
    let document = asked(&world, json!(["Acme", "Beta", "Gamma"])).await;
    let bulk = started(&world);
    let run = begin(&world, &bulk, 1).await;
    world.fail(&run, OutcomeKind::NoMatch, NOW + 2).await;
    let cancel = format!("/bulk/{}/cancel", id(&document));
    *world.temporal.refuses.lock().unwrap() = Some(FollowError::NoAnswer("internal-host:7233".into()));
    world.post(&cancel, &[], None).await.problem(503, "service-unavailable");
    assert_eq!(world.post(&cancel, &[], None).await.status, 202);
    let said = world.temporal.said();
    assert_eq!((said.len(), said[0].0.as_str()), (1, bulk.workflow_id().as_str()));
    assert!(said[0].2.contains("api-key:"), "{said:?}");
    // What the workflow does with it.
    let end = BulkEnd { workspace: workspace(), bulk_id: id(&document).to_owned(), cancelled: true };
    world.store.close_bulk(&end, NOW + 3).await.unwrap();
    let now = world.post(&cancel, &[], None).await.ok();
    assert_eq!(
        (&now["status"], &now["counts"]["cancelled"], &now["counts"]["completed"]),
        (&json!("cancelled"), &json!(2), &json!(1))
    );
    let items = world.get(&format!("/bulk/{}/items", id(&document))).await.ok();
    assert_eq!(items["items"][2]["status"], "cancelled");
}

#[tokio::test]
async fn a_bulk_whose_workflow_was_ended_from_outside_says_so() {
    let world = World::new().await;
    let document = asked(&world, json!(["Acme", "Beta"])).await;
    world.temporal.tell(started(&world).workflow_id().as_str(), Live::Ended(End::Terminated));
    let now = world.get(&format!("/bulk/{}", id(&document))).await.ok();
    assert_eq!((&now["status"], &now["counts"]["failed"]), (&json!("failed"), &json!(2)));
    let items = world.get(&format!("/bulk/{}/items", id(&document))).await.ok();
    assert_eq!(items["items"][0]["error"]["class"], "Terminated");
    world.post(&format!("/bulk/{}/cancel", id(&document)), &[], None).await.problem(409, "bulk-over");
}

#[tokio::test]
async fn a3_what_is_too_much_or_wrong_changes_nothing_and_says_where() {
    let world = World::new().await;
    let body = json!({"companies": vec!["Acme"; 10_001]});
    let problem = world.post("/buyer-group/bulk", &[], Some(&body)).await.problem(422, "invalid-request");
    assert_eq!(problem["pointer"], "/companies");
    assert!(problem["detail"].as_str().unwrap().contains("10000"), "{problem}");
    for (body, pointer) in [
        (json!({}), "/companies"),
        (json!({"companies": "Acme"}), "/companies"),
        (json!({"companies": ["Acme", {"name": ""}]}), "/companies/1/name"),
        (json!({"companies": ["Acme"], "enrichmentLevel": "deep"}), "/enrichmentLevel"),
        (json!({"companies": ["Acme"], "level": "enrich"}), "/level"),
    ] {
        let problem = world.post("/buyer-group/bulk", &[], Some(&body)).await.problem(422, "invalid-request");
        assert_eq!(problem["pointer"], pointer, "{body}");
    }
    // Longer than any other body may be, and not longer than this one may.
    let large =
        json!({"companies": (0..5_000).map(|n| format!("Company number {n} of a long list")).collect::<Vec<_>>()});
    assert!(large.to_string().len() > 128 * 1024);
    assert_eq!(world.post("/buyer-group/bulk", &[], Some(&large)).await.status, 202);
    let longest = json!({"companies": vec!["x".repeat(500); 5_000]});
    world.post("/buyer-group/bulk", &[], Some(&longest)).await.problem(413, "body-too-large");
    assert_eq!(world.temporal.started().len(), 1);
}

#[tokio::test]
async fn a1_another_workspaces_key_finds_no_bulk_and_a_scope_is_needed() {
    let world = World::new().await;
    let document = asked(&world, json!(["Acme"])).await;
    let path = format!("/bulk/{}", id(&document));
    let other = world.key_of("other", &Scope::ALL, |_| ()).await;
    world.get_as(&other, &path).await.problem(404, "unknown-bulk");
    world.get_as(&other, &format!("{path}/items")).await.problem(404, "unknown-bulk");
    world.get("/bulk/bu_nothing").await.problem(404, "unknown-bulk");
    world.get("/bulk/%00").await.problem(404, "unknown-bulk");
    let reader = world.key_of("acme", &[Scope::Read], |_| ()).await;
    assert_eq!(world.get_as(&reader, &path).await.status, 200);
    let bearer = format!("Bearer {reader}");
    let body = json!({"companies": ["Acme"]}).to_string();
    let headers = [("authorization", bearer.as_str())];
    let post = async |end: &str, body| {
        world.send(reqwest::Method::POST, &format!("{}{end}", crate::world::BASE), &headers, body).await
    };
    post("/buyer-group/bulk", Some(body.as_str())).await.problem(403, "missing-scope");
    post(&format!("{path}/cancel"), None).await.problem(403, "missing-scope");
}
