//! Who is let in, and to what.

use crate::World;
use crate::operations::Described;
use crate::world::{BASE, DAY, NOW, workflow};
use engine::Role;
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::json;
use starter::Rate;
use starter::intelligence::{Scope, Token};

/// What was started and said until now.
fn done(world: &World) -> (usize, usize) {
    (world.temporal.started().len(), world.temporal.said().len())
}

#[tokio::test]
async fn a1_no_described_operation_answers_without_a_key() {
    let world = World::new().await;
    let operations = Described::by(&world).await.operations;
    let before = done(&world);
    for operation in &operations {
        let answer = operation.ask(&world, None).await;
        answer.problem(401, "invalid-api-key");
        let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
        assert!(challenges.iter().any(|challenge| *challenge == "Bearer realm=\"intelligence\""), "{challenges:?}");
        assert_eq!(challenges.len(), if operation.is_page() { 2 } else { 1 }, "{}", operation.path);
        assert!(!answer.text.contains("Acme") && !answer.text.contains("ada"), "{}", operation.path);
    }
    assert_eq!(done(&world), before);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_key_the_answer_is_the_same() {
    let world = World::new().await;
    let revoked = world.key_of("acme", &Scope::ALL, |key| key.revoked_at = Some(NOW - 1)).await;
    let expired = world.key_of("acme", &Scope::ALL, |key| key.expires_at = Some(NOW)).await;
    let nearly = world.key_of("acme", &Scope::ALL, |key| key.expires_at = Some(NOW + 1)).await;
    let unknown = Token::of(&[200; Token::RANDOM]).expose();
    let other_secret = format!("{}{}", &world.key[..world.key.len() - 64], "a".repeat(64));
    let mut texts = Vec::new();
    for key in [revoked.as_str(), &expired, unknown.expose_secret(), &other_secret, "", "bgk_1_2", "x"] {
        let answer = world.get_as(key, "/companies").await;
        answer.problem(401, "invalid-api-key");
        texts.push(answer.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    world.get_as(&nearly, "/companies").await.ok();
    let basic = world.send(Method::GET, &format!("{BASE}/companies"), &[("authorization", "Basic eDp5")], None).await;
    basic.problem(401, "invalid-api-key");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_a_rotated_pair_both_hold() {
    let world = World::new().await;
    let old = Token::parse(&world.key).unwrap();
    let (kept, _) = world.store.api_key(old.id()).await.unwrap().unwrap();
    assert_eq!(kept.last_used_at, None);
    let next = Token::of(&[99; Token::RANDOM]);
    let key = store::ApiKey { key_id: next.id().to_owned(), follows: Some(kept.key_id.clone()), ..kept };
    world.store.rotate_api_key(&key, &next.hash(), NOW + DAY).await.unwrap();
    world.get("/companies").await.ok();
    world.get_as(next.expose().expose_secret(), "/companies").await.ok();
    let (used, _) = world.store.api_key(old.id()).await.unwrap().unwrap();
    // To the hour, and no more exactly.
    assert_eq!((used.last_used_at, used.expires_at), (Some(NOW - NOW % 3_600_000), Some(NOW + DAY)));
    world.store.revoke_api_key(old.id(), NOW).await.unwrap();
    world.get("/companies").await.problem(401, "invalid-api-key");
    world.get_as(next.expose().expose_secret(), "/companies").await.ok();
}

#[tokio::test]
async fn each_operation_needs_its_scope() {
    let world = World::new().await;
    let operations = Described::by(&world).await.operations;
    let before = done(&world);
    for operation in &operations {
        let scope = match (&operation.method, operation.path.rsplit('/').next().unwrap()) {
            (&Method::GET, _) => Scope::Read,
            (_, "cancel" | "approve" | "reject" | "run-now") => Scope::Steer,
            _ => Scope::Refresh,
        };
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
        let key = world.key_of("acme", &others, |_| ()).await;
        let answer = operation.ask(&world, Some(&key)).await;
        let told = answer.problem(403, "missing-scope")["detail"].as_str().unwrap().to_owned();
        assert!(told.contains(scope.as_str()), "{}: {told}", operation.path);
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains(&format!("error=\"insufficient_scope\", scope=\"{scope}\"")), "{challenge}");
    }
    assert_eq!(done(&world), before);
}

#[tokio::test]
async fn contact_data_is_for_keys_that_may_see_it() {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    let group = world.get("/buyer-group?company=co_1").await.ok();
    assert_eq!(
        (&group["members"][0]["email"], &group["metadata"]["contactData"]),
        (&json!("ada@people.example"), &json!("included"))
    );
    let key = world.key_of("acme", &[Scope::Read], |_| ()).await;
    let answer = world.get_as(&key, "/buyer-group?company=co_1").await;
    let group = answer.ok();
    assert_eq!(group["metadata"]["contactData"], "withheld");
    assert!(group["members"][0].get("email").is_none() && group["members"][0].get("phone").is_none());
    assert!(!answer.text.contains("ada@people.example") && !answer.text.contains("555"), "{}", answer.text);
}

#[tokio::test]
async fn who_may_not_read_hears_of_a_refresh_how_it_stands_and_no_more() {
    let world = World::new().await;
    world.begin("run-1", "co_1", "Acme", None, NOW).await;
    world.begin("run-2", "co_2", "Acme", None, NOW).await;
    world.fail("run-2", contracts::OutcomeKind::Cancelled, NOW + 1).await;
    let (steer, refresh) =
        (world.key_of("acme", &[Scope::Steer], |_| ()).await, world.key_of("acme", &[Scope::Refresh], |_| ()).await);
    let told = |status: &str, run: &str| {
        json!({
            "id": format!("crm:{run}"), "status": status, "progress": {"step": null, "percent": null}, "source": "crm",
            "workflowId": workflow(run), "links": {"self": format!("{BASE}/refreshes/crm:{run}")},
        })
    };
    let post = async |key: &str, end: &str, body: Option<&str>| {
        world.send(Method::POST, &format!("{BASE}{end}"), &[("authorization", &format!("Bearer {key}"))], body).await
    };
    assert_eq!(post(&steer, "/refreshes/crm:run-1/cancel", None).await.json(), told("active", "run-1"));
    assert_eq!(post(&steer, "/refreshes/crm:run-2/cancel", None).await.json(), told("cancelled", "run-2"));
    assert_eq!(post(&refresh, "/refreshes/crm:run-2/retry", None).await.json(), told("waiting", "run-2"));
    let body = json!({"company": "Acme"}).to_string();
    let ambiguous = post(&refresh, "/buyer-group/refresh", Some(&body)).await.problem(409, "ambiguous-company");
    assert!(ambiguous.get("candidates").is_none(), "{ambiguous}");
    let all = world.post("/buyer-group/refresh", &[], Some(&json!({"company": "Acme"}))).await;
    assert_eq!(all.problem(409, "ambiguous-company")["candidates"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn w12_what_belongs_to_another_workspace_is_not_found() {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    let theirs = world.key_of("globex", &Scope::ALL, |_| ()).await;
    world.get_as(&theirs, "/buyer-group?company=co_1").await.problem(404, "unknown-company");
    world.get_as(&theirs, "/buyer-group?company=Acme").await.problem(404, "unknown-company");
    world.get_as(&theirs, "/refreshes/crm:run-1").await.problem(404, "unknown-refresh");
    world.get_as(&theirs, "/refreshes/run-1").await.problem(404, "unknown-refresh");
    world.get_as(&theirs, "/events/crm/run-1").await.problem(404, "unknown-event");
    assert_eq!(world.get_as(&theirs, "/companies").await.ok(), json!({"companies": []}));
    assert_eq!(world.get_as(&theirs, "/refreshes").await.ok(), json!({"refreshes": []}));
    let bearer = format!("Bearer {theirs}");
    for end in ["cancel", "approve", "reject", "run-now"] {
        for id in ["crm:run-1", "run-1"] {
            let path = format!("{BASE}/refreshes/{id}/{end}");
            world.send(Method::POST, &path, &[("authorization", &bearer)], None).await.problem(404, "unknown-refresh");
        }
    }
    let path = format!("{BASE}/buyer-group/refresh");
    let body = json!({"company": "co_1"}).to_string();
    let answer = world.send(Method::POST, &path, &[("authorization", &bearer)], Some(&body)).await;
    answer.problem(404, "unknown-company");
    assert!(world.temporal.started().is_empty() && world.temporal.said().is_empty());
    // Our own do all of that.
    world.get("/refreshes/run-1").await.ok();
    assert_eq!(world.get("/events/crm/run-1").await.ok()["refresh"]["workflowId"], workflow("run-1"));
}

#[tokio::test]
async fn a_key_that_calls_too_fast_hears_when_to_come_back_and_no_other_key_feels_it() {
    let world = World::with_rate(Rate::new(1, 2)).await;
    let other = world.key_of("acme", &[Scope::Read], |_| ()).await;
    let first = world.get("/companies").await;
    assert_eq!(first.header("ratelimit"), Some("\"key\";r=1"));
    assert_eq!(first.header("ratelimit-policy"), Some("\"key\";q=2;w=2"));
    world.get("/companies").await.ok();
    let limited = world.get("/companies").await;
    limited.problem(429, "too-many-calls");
    assert_eq!(limited.header("retry-after"), Some("1"));
    world.get_as(&other, "/companies").await.ok();
}
