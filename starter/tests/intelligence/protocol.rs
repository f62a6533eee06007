//! HTTP as it should be: methods, forms, caching, and a description that is true.

use crate::World;
use crate::operations::Described;
use crate::world::{BASE, NOW};
use engine::Role;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a2_answers_are_for_one_caller_and_not_sent_twice() {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::Champion)], NOW).await;
    let bearer = format!("Bearer {}", world.key);
    for end in ["/buyer-group?company=co_1", "/companies", "/refreshes", "/refreshes/crm:run-1", "/events/crm/run-1"] {
        let first = world.get(end).await;
        first.ok();
        assert_eq!(first.header("cache-control"), Some("private, no-cache"), "{end}");
        assert_eq!(first.header("vary"), Some("authorization"), "{end}");
        let tag = first.header("etag").unwrap();
        assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
        let headers = [("authorization", bearer.as_str()), ("if-none-match", tag)];
        let again = world.send(Method::GET, &format!("{BASE}{end}"), &headers, None).await;
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", Some(tag)), "{end}");
        // Another key, which may see other things, is not given what this one has.
        let other = world.send(Method::GET, &format!("{BASE}{end}"), &[("if-none-match", tag)], None).await;
        other.problem(401, "invalid-api-key");
        let head = world.send(Method::HEAD, &format!("{BASE}{end}"), &headers[..1], None).await;
        assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", Some(tag)), "{end}");
    }
    let tag = world.get("/buyer-group?company=co_1").await.header("etag").unwrap().to_owned();
    world.save("run-2", "co_1", "Acme", &[("bo", Role::Champion)], NOW + 10_000).await;
    let headers = [("authorization", bearer.as_str()), ("if-none-match", tag.as_str())];
    let changed = world.send(Method::GET, &format!("{BASE}/buyer-group?company=co_1"), &headers, None).await;
    assert_eq!(changed.ok()["version"], 2);
}

#[tokio::test]
async fn wrong_methods_paths_and_forms_are_named() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.key);
    let key = ("authorization", bearer.as_str());
    for (method, end, allow) in [
        ("DELETE", "/buyer-group", "GET, HEAD, POST"),
        ("GET", "/buyer-group/refresh", "POST"),
        ("POST", "/companies", "GET, HEAD"),
        ("PUT", "/refreshes/crm:a", "GET, HEAD"),
        ("GET", "/refreshes/crm:a/cancel", "POST"),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = world.send(method, &format!("{BASE}{end}"), &[key], None).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{end}");
    }
    for path in [format!("{BASE}/"), format!("{BASE}/groups"), format!("{BASE}/refreshes/"), "/api/v1".to_owned()] {
        world.send(Method::GET, &path, &[key], None).await.problem(404, "not-found");
    }
    let html = world.send(Method::GET, &format!("{BASE}/companies"), &[key, ("accept", "text/html")], None).await;
    html.problem(406, "not-acceptable");
    let form = [key, ("content-type", "application/x-www-form-urlencoded")];
    let answer = world.send(Method::POST, &format!("{BASE}/buyer-group"), &form, None).await;
    answer.problem(415, "unsupported-media-type");
    for (body, status, kind) in [
        ("", 400, "invalid-json"),
        ("{", 400, "invalid-json"),
        ("{\"companyName\":\"a\",\"companyName\":\"b\"}", 422, "invalid-request"),
    ] {
        world.send(Method::POST, &format!("{BASE}/buyer-group"), &[key], Some(body)).await.problem(status, kind);
    }
    let long = format!("{{\"companyName\":\"{}\"}}", "x".repeat(70_000));
    world.send(Method::POST, &format!("{BASE}/buyer-group"), &[key], Some(&long)).await.problem(413, "body-too-large");
    assert!(world.temporal.started().is_empty());
}

#[tokio::test]
async fn a_database_that_is_away_is_said_and_nothing_of_it() {
    let world = World::new().await;
    world.store.close().await;
    let answer = world.get("/companies").await;
    answer.problem(503, "service-unavailable");
    assert!(answer.header("retry-after").is_some() && !answer.text.contains("pool"), "{}", answer.text);
}

#[tokio::test]
async fn a4_every_described_operation_is_served_and_every_answer_is_as_described() {
    let world = World::new().await;
    let Described { document, operations } = Described::by(&world).await;
    for operation in &operations {
        // A page is asked for by browsers, which know passwords and no bearers.
        let ways = if operation.is_page() {
            json!([{"apiKey": []}, {"apiKeyAsPassword": []}])
        } else {
            json!([{"apiKey": []}])
        };
        assert_eq!(operation.described["security"], ways, "{}", operation.path);
        let answer = operation.ask(&world, Some(&world.key)).await;
        assert!(
            ![404, 405, 500, 501, 503].contains(&answer.status),
            "{} {}: {} {}",
            operation.method,
            operation.path,
            answer.status,
            answer.text
        );
        conforms(&document, &operation.described, &answer);
    }
}

#[tokio::test]
async fn a2_no_answer_may_be_kept_by_others() {
    let world = World::new().await;
    let mut read = 0;
    for operation in Described::by(&world).await.operations {
        let answer = operation.ask(&world, Some(&world.key)).await;
        let control = answer.header("cache-control").unwrap_or_else(|| panic!("{}", operation.path));
        if operation.method == Method::GET {
            read += 1;
            assert_eq!((answer.status, control), (200, "private, no-cache"), "{}", operation.path);
            assert_eq!(answer.header("vary"), Some("authorization"), "{}", operation.path);
        } else {
            assert!(["private, no-cache", "no-store"].contains(&control), "{}: {control}", operation.path);
        }
    }
    assert_eq!(read, 8);
}

#[tokio::test]
async fn s4_nothing_over_http_sets_the_schedule_going() {
    let world = World::new().await;
    for operation in Described::by(&world).await.operations {
        operation.ask(&world, Some(&world.key)).await;
    }
    // What it can start is what somebody asks for.
    let started = world.temporal.started();
    assert!(!started.is_empty());
    for request in &started {
        assert!(["api", "bulk"].contains(&request.event().source.as_str()), "{request:?}");
    }
    // And of what a schedule starts there is no path, with a key or without.
    let bearer = format!("Bearer {}", world.key);
    let with_key = [("authorization", bearer.as_str())];
    for end in ["/schedule", "/schedule/run", "/due", "/due/refresh", "/refresh-due", "/cron", "/cron/refresh"] {
        for path in [format!("{BASE}{end}"), format!("/api{end}"), end.to_owned()] {
            for (method, headers) in [(Method::GET, &with_key[..]), (Method::POST, &with_key), (Method::POST, &[])] {
                let answer = world.send(method, &path, headers, None).await;
                assert_eq!(answer.status, 404, "{path}: {}", answer.text);
            }
        }
    }
    assert_eq!(world.temporal.started().len(), started.len());
}

/// The answer's body is what the description says of this status.
fn conforms(document: &Value, operation: &Value, answer: &crate::Answer) {
    let described = &operation["responses"][answer.status.to_string()];
    assert!(described.is_object(), "{} is not described for {}", answer.status, operation["operationId"]);
    let media = answer.header("content-type").and_then(|media| media.split(';').next()).unwrap();
    let body = if media == "text/html" { json!(answer.text) } else { answer.json() };
    let mut schema = described["content"][media]["schema"].clone();
    assert!(schema.is_object(), "{media} is not described: {described}");
    schema["components"] = document["components"].clone();
    let problems: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&body)
        .map(|error| format!("{} {error}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{}: {problems:?}", operation["operationId"]);
}

#[tokio::test]
async fn every_problem_of_the_api_is_explained() {
    let world = World::new().await;
    for problem in starter::Problem::catalogue() {
        let page = world.send(Method::GET, &problem.kind, &[], None).await;
        assert!(page.status == 200 && page.text.contains(&problem.kind), "{}", problem.kind);
    }
}
