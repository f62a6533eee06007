//! `retry`: what an operator is told, and does.

use super::Desk;
use crate::stage::source::Asked;
use crate::stage::{Stage, eventually};
use contracts::{FailureClass, OutcomeKind};
use serde_json::{Value, json};
use temporalio_client::WorkflowTerminateOptions;

/// What became of each, by workflow id.
fn answers(told: &Value) -> Vec<(&str, &str)> {
    let refreshes = told["refreshes"].as_array().unwrap();
    refreshes.iter().map(|one| (one["workflowId"].as_str().unwrap(), one["answer"].as_str().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_fit_are_said_first_and_tried_again_when_told() {
    let stage = Stage::new().await;
    let database = stage.database_url.clone();
    let desk =
        Desk::new().await.env("TEMPORAL_ADDRESS", stage.server.address()).env("BGR_DATABASE__URL", database.as_str());
    let mut failed = Vec::new();
    for id in ["evt-1", "evt-2", "evt-3"] {
        stage.source.fail(Asked::Resolve, [FailureClass::AuthFailed]);
        let answer = stage.post(id).await;
        stage.ended(answer.workflow_id()).await.unwrap_err();
        failed.push(answer.workflow_id().to_owned());
    }
    let fine = stage.refreshed("evt-fine").await;

    // Nothing is done to refreshes that nobody named, and nothing that cannot be read is guessed.
    desk.run(&["retry"]).await.ended(2).refused(&["--status", "--since"]);
    desk.run(&["retry", "--since", "2h"]).await.ended(2).refused(&["--status"]);
    desk.run(&["retry", "--status", "failed", "--since", "recently"]).await.ended(2).refused(&["--since", "2h"]);
    desk.run(&["retry", "--status", "cancelled", "--error-class", "AuthFailed"]).await.ended(2).refused(&["failed"]);

    let all = ["retry", "--status", "failed", "--since", "2h", "--output", "json"];
    let told = desk.run(&all).await.ended(0).json();
    let would: Vec<_> = failed.iter().map(|id| (id.as_str(), "would_retry")).collect();
    assert_eq!((&told["done"], answers(&told)), (&json!(false), would.clone()));
    assert_eq!(told["refreshes"][0]["refresh"]["error_class"], "AuthFailed");
    let cut = desk.run(&["retry", "--status", "failed", "--limit", "2"]).await.ended(0);
    assert!(cut.stderr.contains("the first 2") && cut.stdout.contains("2 would be tried again"), "{cut:?}");
    for nothing in
        [["--error-class", "OutOfCredits"], ["--source", "other"], ["--company", "Nobody"], ["--workspace", "other"]]
    {
        let told = desk.run(&[&all[..], &nothing].concat()).await.ended(0).json();
        assert_eq!(answers(&told), [], "{nothing:?}");
    }
    let told =
        desk.run(&[&all[..], &["--dry-run", "--company", buyer_group::sample::NAME]].concat()).await.ended(0).json();
    assert_eq!(answers(&told), would);

    let told = desk.run(&[&all[..], &["--limit", "2", "--yes"]].concat()).await.ended(0).json();
    assert_eq!((&told["done"], &told["cut"]), (&json!(true), &json!(true)));
    let started: Vec<_> = failed[..2].iter().map(|id| (id.as_str(), "started")).collect();
    assert_eq!(answers(&told), started);
    for id in &failed[..2] {
        assert_eq!(stage.ended(id).await.unwrap().outcome, OutcomeKind::Refreshed);
    }
    // The same command again finds what is left, and then nothing.
    let told = desk.run(&[&all[..], &["--yes"]].concat()).await.ended(0).json();
    assert_eq!(answers(&told), [(failed[2].as_str(), "started")]);
    stage.ended(&failed[2]).await.unwrap();
    let told = desk.run(&[&all[..], &["--yes"]].concat()).await.ended(0).json();
    assert_eq!(answers(&told), []);

    // Named ones need no word, and what ended well is left alone.
    let fine = stage.store.refresh(&fine.refresh_id).await.unwrap().unwrap().workflow_id;
    let told = desk
        .run(&["retry", &fine, "buyer-group-refresh/demo/sample/nothing", "--output", "json"])
        .await
        .ended(3)
        .json();
    assert_eq!(answers(&told), [(fine.as_str(), "ended_well"), ("buyer-group-refresh/demo/sample/nothing", "unknown")]);
    let why = desk.run(&["why", "sample", "evt-1"]).await.ended(0).stdout;
    assert!(why.contains("tried again after run"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_terminated_is_found_although_the_store_takes_it_for_running() {
    let stage =
        Stage::with(crate::stage::source::FaultySource::new(crate::stage::sample_roster()).gated_after(0)).await;
    let database = stage.database_url.clone();
    let desk =
        Desk::new().await.env("TEMPORAL_ADDRESS", stage.server.address()).env("BGR_DATABASE__URL", database.as_str());
    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.members_found > 0).await;
    stage.handle(answer.workflow_id()).terminate(WorkflowTerminateOptions::default()).await.unwrap();
    stage.source.open_gate();
    // The server's list is a moment behind.
    let args = ["retry", "--status", "terminated", "--output", "json"];
    eventually(async || {
        let told = desk.run(&args).await.ended(0).json();
        (answers(&told) == [(answer.workflow_id(), "would_retry")]).then_some(())
    })
    .await;
    let told = desk.run(&[&args[..], &["--yes"]].concat()).await.ended(0).json();
    assert_eq!(answers(&told), [(answer.workflow_id(), "started")]);
    assert_eq!(stage.ended(answer.workflow_id()).await.unwrap().outcome, OutcomeKind::Refreshed);
}
