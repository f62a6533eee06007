//! The interface as it describes itself.

use crate::*;
use starter::intakes::Intake;

async fn get(server: &Server, path: &str) -> Answer {
    server.raw(&request("GET", path, &[], b"")).await
}

#[tokio::test]
async fn the_document_the_page_and_every_schema_are_served() {
    let server = Server::start().await;
    let document = get(&server, "/openapi.json").await;
    assert_eq!((document.status, document.header("content-type")), (200, Some("application/json")));
    assert_eq!(document.json()["openapi"], "3.1.0");
    assert!(document.json()["paths"][PATH]["post"].is_object());
    for path in ["/docs", "/problems/invalid-event"] {
        let page = get(&server, path).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    }
    for intake in Intake::ALL {
        let schema = get(&server, &format!("/schemas/{}.json", intake.as_str())).await;
        assert_eq!((schema.status, schema.header("content-type")), (200, Some("application/schema+json")));
        assert_eq!(schema.json(), starter::intakes::described(intake));
    }
    for path in ["/schemas/person_change", "/schemas/x.json", "/problems/x", "/openapi.yaml"] {
        get(&server, path).await.problem(404, "not-found");
    }
    for path in ["/openapi.json", "/docs", "/schemas/standard.json", "/problems/internal-error"] {
        let answer = server.raw(&request("POST", path, &[], b"")).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[tokio::test]
async fn w10_w14_every_problem_that_is_answered_is_explained_and_tells_nothing_from_the_inside() {
    let server = Server::start().await;
    let known: Vec<String> = starter::Problem::catalogue().into_iter().map(|problem| problem.kind).collect();
    let wrong = sample().to_string().replace("Test Company", "");
    for (body, status) in [("", 400), ("{", 400), ("{}", 422), ("[]", 422), (wrong.as_str(), 422)] {
        let answer = server.deliver(body.as_bytes()).await;
        assert_eq!(answer.status, status, "{body}");
        let kind = answer.json()["type"].as_str().unwrap().to_owned();
        assert!(known.contains(&kind), "{kind}");
        assert_eq!(get(&server, &kind).await.status, 200, "{kind} leads nowhere");
    }
    server.script(Script::Reject);
    let answer = server.deliver(sample().to_string().as_bytes()).await;
    assert!(known.contains(&answer.problem(500, "internal-error")["type"].as_str().unwrap().to_owned()));
}

#[tokio::test]
async fn w16_a_move_is_answered_as_one_event_with_both_beside_it() {
    let server = Server::start().await;
    let mut event = sample();
    event["type"] = json!("person.company_change");
    event["person"]["oldCompany"] = json!("Contoso");
    let answer = server.deliver(event.to_string().as_bytes()).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let answer = answer.json();
    assert_eq!((&answer["status"], &answer["eventId"]), (&json!("accepted"), &json!("evt_001")));
    assert_eq!(answer["workflowId"], "buyer-group-refresh/demo/crm/evt_001");
    assert_eq!(answer["events"][1]["workflowId"], "buyer-group-refresh/demo/crm/evt_001:from");
    let companies = server.starts().into_iter().map(|request| request.company.named().unwrap().name.clone());
    assert_eq!(companies.collect::<Vec<_>>(), ["Test Company", "Contoso"]);
    server.script(Script::Unavailable);
    server.deliver(event.to_string().as_bytes()).await.problem(503, "temporarily-unavailable");
}
