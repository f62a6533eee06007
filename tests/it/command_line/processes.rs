//! The production processes and the commands that talk to them, on a server of the test's own.

use super::{Desk, Serving, Told, text};
use crate::stage::source::FaultySource;
use crate::stage::{PATIENCE, Stage, event_with, sample_roster};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const WORKFLOW: &str = "buyer-group-refresh/demo/crm/evt-1";

/// A Temporal server, and a folder with a configuration whose processes use it.
async fn set_up() -> (Stage, Desk) {
    let stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let desk = Desk::new().await.env("TEMPORAL_ADDRESS", stage.server.address());
    let settings = "[starter]\nlisten = \"127.0.0.1:0\"\n[[sources]]\nname = \"crm\"\nsecret_file = \"secret\"\n\
                    [[rosters]]\ncompany = \"Northwind Harbour Instruments\"\ncompany_id = \"northwind-harbour\"\n\
                    domain = \"northwind-harbour.example\"\nfile = \"people.csv\"\n";
    desk.file("bgr.toml", settings);
    desk.file("people.csv", include_bytes!("../../../sample/people.csv"));
    desk.file("secret", SECRET);
    desk.file("event.json", event_with("evt-1", |event| event["source"] = json!("crm")));
    (stage, desk)
}

async fn starter(desk: &Desk) -> (Serving, String) {
    let starter = desk.serve(&["starter"], "starter.listening").await;
    let url = format!("http://{}{}", text(&starter.event, "address"), starter::PERSON_CHANGE_PATH);
    (starter, url)
}

async fn send(desk: &Desk, url: &str, event: &str) -> Told {
    desk.run(&["send", event, "--url", url, "--output", "json"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_starter_answers_what_is_sent_and_drains_when_told_to_stop() {
    let (stage, desk) = set_up().await;
    let (starter, url) = starter(&desk).await;
    let accepted = send(&desk, &url, "event.json").await.ended(0).json();
    assert_eq!((&accepted["status"], &accepted["body"]["workflowId"]), (&json!(202), &json!(WORKFLOW)));
    let duplicate = send(&desk, &url, "event.json").await.ended(0).json();
    assert_eq!(duplicate["status"], 200);
    assert_eq!(duplicate["body"]["runId"], accepted["body"]["runId"]);

    let other = event_with("evt-1", |event| {
        event["source"] = json!("crm");
        event["person"]["newTitle"] = json!("Chief Technology Officer");
    });
    desk.file("other.json", other);
    assert_eq!(send(&desk, &url, "other.json").await.ended(1).json()["status"], 409);

    let args = ["send", "event.json", "--url", &url, "--output", "json"];
    let forged = desk.run_with("BGR_SOURCES__CRM__SECRET", &SECRET.replace('0', "1"), &args).await.ended(1).json();
    assert_eq!((&forged["status"], &forged["body"]["type"]), (&json!(401), &json!("/problems/invalid-signature")));
    assert!(!forged.to_string().contains("crm"), "a refusal tells who is known: {forged}");
    let unknown = desk.run(&["send", "event.json", "--source", "hr", "--url", &url]).await.ended(1);
    unknown.refused(&["\"hr\"", "configured are: crm"]);

    // Only the first of these deliveries did anything, and the server has it.
    assert_eq!(stage.handle(WORKFLOW).describe(Default::default()).await.unwrap().run_id(), accepted["body"]["runId"]);
    let (ended, said) = starter.stop().await;
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(said.contains("starter.stopped"), "{said}");
    desk.run(&args).await.ended(1).refused(&["nobody answers at", "is the starter running?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_a_worker_does_what_was_accepted_and_drains_when_told_to_stop() {
    let (_stage, desk) = set_up().await;
    desk.run(&["migrate"]).await.ended(0);
    let (starter, url) = starter(&desk).await;
    assert_eq!(send(&desk, &url, "event.json").await.ended(0).json()["status"], 202);
    // Nobody works yet, and that can be seen.
    let waiting = desk.run(&["status", WORKFLOW, "--output", "json"]).await.ended(0).json();
    assert_eq!((&waiting["execution"], &waiting["status"]), (&json!("running"), &json!(null)));

    let worker = desk.serve(&["worker"], "worker.started").await;
    let outcome = desk.run(&["status", WORKFLOW, "--watch", "--output", "json"]).await.ended(0).json();
    assert_eq!(outcome["outcome"], "refreshed");
    let status = desk.run(&["status", WORKFLOW, "--output", "json"]).await.ended(0).json();
    assert_eq!((&status["execution"], &status["status"]["percent"]), (&json!("completed"), &json!(100)));
    assert_eq!(status["pending"], json!([]));
    let group = desk.run(&["show", "northwind-harbour.example", "--output", "json"]).await.ended(0).json();
    assert_eq!(group["members"].as_array().unwrap().len() as u64, outcome["members"].as_u64().unwrap());

    // By hand, twice under one key: one refresh.
    let by_hand = ["refresh", "Northwind Harbour Instruments", "--now", "--idempotency-key", "k-1", "--output", "json"];
    let once = desk.run(&by_hand).await.ended(0).json();
    let twice = desk.run(&by_hand).await.ended(0);
    assert_eq!(twice.json(), once);
    assert!(twice.stderr.contains("this key was used before"), "{}", twice.stderr);
    desk.run(&["refresh", "No Such Company", "--idempotency-key", "k-2"]).await.ended(3);
    // Watching what has ended already says the same as watching to the end.
    desk.run(&["status", "buyer-group-refresh/demo/manual/k-2", "--watch"]).await.ended(3);

    desk.run(&["history", WORKFLOW, "--out", "h.json"]).await.ended(0);
    assert!(desk.run(&["replay", "h.json"]).await.ended(0).stdout.contains("1 history replayed, 0 no longer fit"));

    let (ended, said) = worker.stop().await;
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(said.contains("worker.stopped"), "{said}");
    assert_eq!(starter.stop().await.0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_nobody_started_is_not_found_and_a_server_that_is_away_is_said_at_once() {
    let (mut stage, desk) = set_up().await;
    desk.run(&["status", "nobody-started-this"]).await.ended(3).refused(&["no workflow nobody-started-this"]);
    desk.run(&["history", "nobody-started-this", "--out", "h.json"]).await.ended(3).refused(&["no workflow"]);
    assert!(!desk.path().join("h.json").exists());
    let report = desk.run(&["doctor", "--output", "json"]).await.ended(0).json();
    let checks = report["checks"].as_array().unwrap();
    let server = checks.iter().find(|check| check["name"] == "Temporal server").unwrap();
    assert!(text(server, "detail").contains("is ready"), "{server}");

    stage.server.kill_hard().await.unwrap();
    desk.run(&["status", WORKFLOW]).await.ended(1).refused(&["no usable Temporal server", "TEMPORAL_ADDRESS"]);
    let report = desk.run(&["doctor", "--output", "json"]).await.ended(4).json();
    assert_eq!(report["status"], "degraded");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_waits_out_an_outage_of_the_server() {
    let (mut stage, desk) = set_up().await;
    let args = ["refresh", "Northwind Harbour Instruments", "--idempotency-key", "k-1", "--no-wait"];
    let workflow_id = desk.run(&args).await.ended(0).stdout.trim().to_owned();
    let mut watching = desk.command(&["status", &workflow_id, "--watch", "--output", "json"]).spawn().unwrap();
    let mut said = BufReader::new(watching.stderr.take().unwrap()).lines();
    // Until it watches: there is no worker, and this is said.
    let watches =
        async { while !said.next_line().await.unwrap().expect("it gave up").contains("is a worker running") {} };
    tokio::time::timeout(PATIENCE, watches).await.expect("it does not watch");
    stage.server.kill_hard().await.unwrap();
    // The SDK tries for a while by itself; this is said when it has given up.
    let mut all = Vec::new();
    let told = async {
        while let Some(line) = said.next_line().await.unwrap() {
            all.push(line);
            if all.last().is_some_and(|line| line.contains("still waiting")) {
                return true;
            }
        }
        false
    };
    let told = tokio::time::timeout(PATIENCE, told).await.expect("it does not tell");
    assert!(told, "it gave up: {all:?}");
    stage.server.restart().await.unwrap();
    stage.start_worker();
    let ended = tokio::time::timeout(PATIENCE, watching.wait_with_output()).await.expect("it does not end").unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let outcome: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(outcome["outcome"], "refreshed");
    while let Some(line) = said.next_line().await.unwrap() {
        assert!(!line.contains("still waiting"), "said twice");
    }
}

/// Somebody whose row cannot be read.
const NAMELESS: &str = "nhi-999,,,VP Engineering,,,nameless@northwind-harbour.example,+1-555-9999,,,\n";

/// What must not be said: names, addresses and telephone numbers of everybody on the sample's roster.
fn personal() -> Vec<String> {
    let roster = std::str::from_utf8(include_bytes!("../../../sample/people.csv")).unwrap();
    let mut personal = vec!["nameless@".to_owned(), "555-9999".to_owned()];
    for row in roster.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        personal.push(fields[2].to_lowercase());
        personal.extend(fields.iter().filter(|field| field.contains('@')).map(|field| field.to_lowercase()));
        personal.extend(fields.iter().filter(|field| field.starts_with('+')).map(|field| (*field).to_owned()));
    }
    assert!(personal.len() > 400 && personal.iter().all(|one| one.len() > 4), "{personal:?}");
    personal
}

#[tokio::test(flavor = "multi_thread")]
async fn q3_a7_whatever_is_logged_names_nobody() {
    let (_stage, desk) = set_up().await;
    let people = [include_str!("../../../sample/people.csv"), NAMELESS].concat();
    let roster = desk.file("people.csv", people);
    desk.run(&["migrate"]).await.ended(0);
    let starter = desk.serve(&["starter", "-vvv"], "starter.listening").await;
    let url = format!("http://{}{}", text(&starter.event, "address"), starter::PERSON_CHANGE_PATH);
    let worker = desk.serve(&["worker", "-vvv"], "worker.started").await;
    assert_eq!(send(&desk, &url, "event.json").await.ended(0).json()["status"], 202);
    let outcome = desk.run(&["status", WORKFLOW, "--watch", "--output", "json"]).await.ended(0).json();
    assert_eq!(outcome["outcome"], "refreshed");
    // What goes wrong is told as well: an event that nobody signed, one that cannot be read, a roster that is away.
    let unsigned = reqwest::Client::new().post(&url).header("content-type", "application/json");
    assert_eq!(unsigned.body(event_with("evt-2", |_| ())).send().await.unwrap().status(), 401);
    let unread = event_with("evt-3", |event| {
        event["source"] = json!("crm");
        event["person"]["oldTitle"] = json!(7);
    });
    desk.file("unread.json", unread);
    let unread = desk.run(&["send", "unread.json", "--source", "crm", "--url", &url]).await.ended(1);
    assert!(unread.stdout.contains("422"), "{unread:#?}");
    std::fs::remove_file(roster).unwrap();
    desk.run(&["refresh", "Northwind Harbour Instruments", "--now", "--idempotency-key", "k-1"]).await.ended(1);

    let told =
        [(starter, vec![WORKFLOW, "401", "/person/"]), (worker, vec!["record.rejected", "step.failed", "discover"])];
    for (process, words) in told {
        let (_, said) = process.stop().await;
        for word in words {
            assert!(said.contains(word), "{word} is not told: {said}");
        }
        let said = said.to_lowercase();
        for one in personal() {
            assert!(!said.contains(&one), "{one} is told: {said}");
        }
    }
}
