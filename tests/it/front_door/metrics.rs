//! What the starter counts.

use super::*;
use starter::intelligence::PATH;

/// Everything by which something is counted: as many values as somebody configured or the program knows, and none that
/// comes with an event.
const LABELS: [&str; 10] =
    ["class", "field", "generation", "le", "operation", "reason", "source", "status", "what", "workspace"];

/// The names of the labels in a line: `name{a="1",b="2"} 3`.
fn labels(line: &str) -> Vec<&str> {
    let Some((_, rest)) = line.split_once('{') else { return Vec::new() };
    let (labels, _) = rest.rsplit_once('}').unwrap();
    labels.split("\",").map(|label| label.split_once("=\"").unwrap().0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_no_metric_names_a_company_or_an_event() {
    let (house, _) = House::on_sqlite().await;
    let starter = house.starter("127.0.0.1:0").await;
    house.eventually(async || (starter.status().await["status"] == "ok").then_some(())).await;
    // Started directly, through the inbox, refused, and asked for.
    let events = events(40);
    let answers = Sender::to(starter.url()).post_all(&events, 40).await;
    assert!(answers.iter().all(|timed| timed.answer.status == 202));
    let forged = reqwest::Client::new().post(starter.url()).header("content-type", "application/json");
    assert_eq!(forged.body(event_with("evt-x", |_| ())).send().await.unwrap().status(), 401);
    starter.get(&format!("{PATH}/buyer-group?company=Northwind")).await;

    let text = starter.get("/metrics").await;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    for line in &lines {
        for label in labels(line) {
            assert!(LABELS.contains(&label), "counted by {label}: {line}");
        }
        for word in ["northwind", "evt-", "drinkwater"] {
            assert!(!line.to_lowercase().contains(word), "{word} is counted: {line}");
        }
    }
    for counted in ["bgr_webhook_verified_total", "bgr_webhook_rejected_total", "bgr_api_requests_total"] {
        assert!(lines.iter().any(|line| line.starts_with(counted)), "{counted} is not counted: {text}");
    }
}
