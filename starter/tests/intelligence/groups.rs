//! Groups, now and then.

use crate::World;
use crate::world::{DAY, NOW};
use contracts::{DataPoint, DataPointKind, Digest, SuppressRequest};
use engine::Role;
use serde_json::json;

#[tokio::test]
async fn a_group_is_found_by_id_domain_and_name_and_says_all_that_was_promised() {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme Works", &[("ada", Role::DecisionMaker), ("bo", Role::Champion)], NOW).await;
    let group = world.get("/buyer-group?company=co_1").await.ok();
    for text in ["acme-works.example", "Acme+Works%2C+Inc.", "https%3A%2F%2Facme-works.example%2Fabout"] {
        assert_eq!(world.get(&format!("/buyer-group?company={text}")).await.ok(), group, "{text}");
    }
    let ada = group["members"][0].clone();
    assert_eq!(group["company"], json!({"id": "co_1", "name": "Acme Works", "domain": "acme-works.example"}));
    assert_eq!(
        (&group["totalMembers"], &group["cohesionScore"], &group["overallConfidence"]),
        (&json!(2), &json!(55), &json!(66))
    );
    assert_eq!(group["roles"]["decision_maker"], json!([ada["id"]]));
    assert_eq!((group["roles"]["champion"].as_array().unwrap().len(), &group["roles"]["blocker"]), (1, &json!([])));
    let expected = json!({
        "id": ada["id"], "name": "Name of ada", "title": "Title of ada", "role": "decision_maker",
        "email": "ada@people.example", "phone": "+1 555 0100", "linkedin": "https://www.linkedin.com/in/ada",
        "profileUrl": "https://www.linkedin.com/in/ada", "confidence": 64, "influenceScore": 70, "overallScore": 72,
        "department": "Sales", "seniority": "vice_president", "functions": ["finance"],
        "reasons": [{"code": "primary_function", "text": "works where it is used"}], "joinedAt": "2025-10-09T08:53:25Z",
    });
    assert_eq!(ada, expected);
    let metadata = json!({
        "enrichmentLevel": "enrich", "processingTime": 5000, "costEstimate": 0.12, "timestamp": "2025-10-09T08:53:25Z",
        "refreshId": "crm:run-1", "contactData": "included",
    });
    assert_eq!(group["metadata"], metadata);
}

#[tokio::test]
async fn a_group_is_as_it_stood_then() {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::DecisionMaker), ("bo", Role::Champion)], NOW).await;
    world.save("run-2", "co_1", "Acme", &[("bo", Role::DecisionMaker)], NOW + 2 * DAY).await;
    let names = |group: &serde_json::Value| {
        let members = group["members"].as_array().unwrap().iter();
        members
            .map(|member| format!("{} {}", member["name"].as_str().unwrap(), member["role"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let then = world.get("/buyer-group?company=co_1&asOf=2025-10-10").await.ok();
    assert_eq!((&then["version"], &then["metadata"]["refreshId"]), (&json!(1), &json!("crm:run-1")));
    assert_eq!(names(&then), ["Name of ada decision_maker", "Name of bo champion"]);
    for text in ["", "&asOf=2025-10-11", "&asOf=2030-01-01T00:00:00Z"] {
        let now = world.get(&format!("/buyer-group?company=co_1{text}")).await.ok();
        assert_eq!((&now["version"], names(&now)), (&json!(2), vec!["Name of bo decision_maker".to_owned()]), "{text}");
    }
    world.get("/buyer-group?company=co_1&asOf=2025-10-08").await.problem(404, "no-group");
    // To the very moment of the save.
    world.get("/buyer-group?company=co_1&asOf=2025-10-09T08:53:24.999Z").await.problem(404, "no-group");
    world.get("/buyer-group?company=co_1&asOf=2025-10-09T08:53:25Z").await.ok();
}

#[tokio::test]
async fn what_somebody_objected_to_is_gone_from_the_past_as_well() {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::DecisionMaker)], NOW).await;
    let first = world.get("/buyer-group?company=co_1").await;
    assert_eq!(first.ok()["members"][0]["email"], "ada@people.example");
    world.save("run-2", "co_1", "Acme", &[("bo", Role::Champion)], NOW + 2 * DAY).await;
    let workspace = crate::world::workspace();
    let request = SuppressRequest {
        data_points: vec![DataPoint::of(&workspace, DataPointKind::Email, "ada@people.example").unwrap()],
        workspace,
        event: contracts::EventRef {
            source: "crm".parse().unwrap(),
            id: "objection".parse().unwrap(),
            digest: Digest::of(b""),
            occurred_at: NOW,
            received_at: NOW,
        },
    };
    world.store.list_suppressed(&request, NOW + 3 * DAY).await.unwrap();
    let mut at = store::Erasing::default();
    while !at.is_done() {
        at = world.store.erase_page(&request, &at, NOW + 3 * DAY).await.unwrap();
    }
    let then = world.get("/buyer-group?company=co_1&asOf=2025-10-10").await;
    assert_eq!(then.ok()["members"][0]["name"], "Name of ada");
    assert!(!then.text.contains("ada@people.example"), "{}", then.text);
    // The validator is that of the body, and not of the version.
    assert_ne!(then.header("etag"), first.header("etag"));
}

#[tokio::test]
async fn a_company_in_doubt_is_asked_back() {
    let world = World::new().await;
    world.begin("run-1", "co_1", "Acme", Some("acme.example"), NOW).await;
    world.begin("run-2", "co_2", "ACME Ltd", None, NOW).await;
    let problem = world.get("/buyer-group?company=Acme").await.problem(409, "ambiguous-company");
    let candidates =
        json!([{"id": "co_1", "name": "Acme", "domain": "acme.example"}, {"id": "co_2", "name": "ACME Ltd"}]);
    assert_eq!(problem["candidates"], candidates);
    world.get("/buyer-group?company=co_2").await.problem(404, "no-group");
    world.get("/buyer-group?company=Nobody").await.problem(404, "unknown-company");
    for text in ["", "?company=", "?company=%20", "?company=a&company=b", "?compny=a", "?company=a&asOf=soon"] {
        world.get(&format!("/buyer-group{text}")).await.problem(400, "invalid-parameter");
    }
}
