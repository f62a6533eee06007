//! Opening a refresh: once for ever per event.

use crate::fixture::{Fixture, NOW, failing, member, request, saving, workflow};
use contracts::{Begun, Digest, OutcomeKind};
use engine::Role;
use store::StoreError;

crate::on_both! {
    the_same_run_begins_once,
    a_run_after_one_that_refreshed_is_its_duplicate,
    a_run_after_one_that_found_no_match_is_its_duplicate,
    a_run_after_one_that_failed_takes_the_event_over,
    a_run_after_one_that_never_ended_takes_the_event_over,
    a_run_that_was_taken_over_cannot_save,
    another_body_under_the_same_identity_is_a_conflict,
    the_identity_is_workspace_source_and_event,
    of_32_runs_at_once_one_records_the_event,
    one_run_begun_32_times_at_once_is_one_refresh,
}

fn open(run: &str) -> Begun {
    Begun::Open { refresh_id: run.to_owned(), announce: false }
}

fn recorded(run: &str) -> Begun {
    Begun::AlreadyRecorded { refresh_id: run.to_owned() }
}

async fn the_same_run_begins_once(db: Fixture) {
    for later in 0..3 {
        assert_eq!(db.begin(&request("e1"), &workflow("e1"), "run-1", NOW + later).await, Ok(open("run-1")));
    }
    let refresh = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((refresh.started_at, refresh.outcome, refresh.step.as_str()), (NOW, None, "begin"));
    assert_eq!((refresh.workspace.as_str(), refresh.company_name.as_deref()), ("acme", Some("Test Company")));
    assert_eq!(db.number("SELECT COUNT(*) FROM webhook_events").await, 1);
    assert_eq!(db.number("SELECT COUNT(*) FROM refreshes").await, 1);
}

async fn a_run_after_one_that_refreshed_is_its_duplicate(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    for _ in 0..2 {
        let begun = db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW + 5).await;
        assert_eq!(begun, Ok(recorded("run-1")));
    }
    let refresh = db.refresh("run-2").await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.completed_at), (Some(OutcomeKind::Duplicate), Some(NOW + 5)));
    assert_eq!((refresh.duplicate_of.as_deref(), refresh.error_class), (Some("run-1"), None));
    // The one that did the work still answers for the event, and a third run is told of it.
    assert_eq!(db.begin(&request("run-1"), &workflow("run-1"), "run-3", NOW).await, Ok(recorded("run-1")));
}

async fn a_run_after_one_that_found_no_match_is_its_duplicate(db: Fixture) {
    db.open("run-1").await;
    db.record_failure(&failing("run-1", OutcomeKind::NoMatch), NOW).await.unwrap();
    assert_eq!(db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW).await, Ok(recorded("run-1")));
}

async fn a_run_after_one_that_failed_takes_the_event_over(db: Fixture) {
    db.open("run-1").await;
    for (before, outcome, after) in
        [("run-1", OutcomeKind::Failed, "run-2"), ("run-2", OutcomeKind::Cancelled, "run-3")]
    {
        db.record_failure(&failing(before, outcome), NOW).await.unwrap();
        for _ in 0..2 {
            assert_eq!(db.begin(&request("run-1"), &workflow("run-1"), after, NOW + 1).await, Ok(open(after)));
        }
        // How that one ended stays on record.
        assert_eq!(db.refresh(before).await.unwrap().unwrap().outcome, Some(outcome));
    }
    db.choose("run-3", &crate::fixture::group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    db.put_company(
        "run-3",
        &crate::fixture::workspace(),
        crate::fixture::COMPANY,
        &crate::fixture::company(),
        None,
        NOW,
    )
    .await
    .unwrap();
    db.save(&saving("run-3"), NOW).await.unwrap();
    let counts = db.events_count_by_outcome(&crate::fixture::workspace()).await.unwrap();
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("refreshed".to_owned(), 1)]);
}

async fn a_run_after_one_that_never_ended_takes_the_event_over(db: Fixture) {
    db.open("run-1").await;
    assert_eq!(db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW + 9).await, Ok(open("run-2")));
    // Nothing is "running" for ever: the worker that died is closed by the run that replaces it.
    let left = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((left.outcome, left.completed_at), (Some(OutcomeKind::Failed), Some(NOW + 9)));
    assert_eq!(left.error_class.as_deref(), Some("Superseded"));
    assert_eq!(db.refresh_by_workflow(&workflow("run-1")).await.unwrap().unwrap().refresh_id, "run-2");
    // A late attempt of the first run's `begin` is answered as before and takes nothing back.
    assert_eq!(db.begin(&request("run-1"), &workflow("run-1"), "run-1", NOW + 10).await, Ok(open("run-1")));
    assert_eq!(db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW + 11).await, Ok(open("run-2")));
}

async fn a_run_that_was_taken_over_cannot_save(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &crate::fixture::group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW).await.unwrap();
    assert_eq!(db.save(&saving("run-1"), NOW).await, Err(StoreError::Superseded { refresh_id: "run-2".to_owned() }));
    assert_eq!(db.saved().await, None);
}

async fn another_body_under_the_same_identity_is_a_conflict(db: Fixture) {
    db.open("run-1").await;
    let mut other = request("run-1");
    other.event.digest = Digest::of(b"another body");
    for _ in 0..2 {
        let begun = db.begin(&other, &workflow("run-1"), "run-2", NOW).await;
        assert_eq!(begun, Err(StoreError::EventConflict { refresh_id: "run-1".to_owned() }));
        assert!(!begun.unwrap_err().is_retryable());
    }
    // The refused run is on record; the event and its refresh are as they were.
    let refused = db.refresh("run-2").await.unwrap().unwrap();
    assert_eq!((refused.outcome, refused.error_class.as_deref()), (Some(OutcomeKind::Failed), Some("InvalidRequest")));
    assert_eq!(db.refresh("run-1").await.unwrap().unwrap().outcome, None);
    assert_eq!(db.begin(&request("run-1"), &workflow("run-1"), "run-1", NOW).await, Ok(open("run-1")));
}

async fn the_identity_is_workspace_source_and_event(db: Fixture) {
    let here = request("e1");
    let mut other_source = here.clone();
    other_source.event.source = "erp".parse().unwrap();
    let mut other_tenant = here.clone();
    other_tenant.workspace = "globex".parse().unwrap();
    other_tenant.event.digest = Digest::of(b"another body");
    for (run, request) in [("run-1", &here), ("run-2", &other_source), ("run-3", &other_tenant)] {
        assert_eq!(db.begin(request, "w", run, NOW).await, Ok(open(run)));
    }
    assert_eq!(db.refreshes(&"acme".parse().unwrap(), 10).await.unwrap().len(), 2);
    assert_eq!(db.refreshes(&"globex".parse().unwrap(), 10).await.unwrap().len(), 1);
}

async fn of_32_runs_at_once_one_records_the_event(db: Fixture) {
    let runs: Vec<String> = (0..32).map(|number| format!("run-{number}")).collect();
    let (request, workflow) = (request("e1"), workflow("e1"));
    let begun = futures::future::join_all(runs.iter().map(|run| db.begin(&request, &workflow, run, NOW))).await;
    for (run, begun) in runs.iter().zip(begun) {
        assert_eq!(begun, Ok(open(run)));
    }
    assert_eq!(db.number("SELECT COUNT(*) FROM webhook_events").await, 1);
    // Each took over from the one before; the last one stands, and no other is on the way.
    assert_eq!(db.number("SELECT COUNT(*) FROM refreshes WHERE status = 'running'").await, 1);
    let sql = "SELECT COUNT(*) FROM refreshes r JOIN webhook_events e ON e.refresh_id = r.refresh_id WHERE r.status = 'running'";
    assert_eq!(db.number(sql).await, 1);
}

async fn one_run_begun_32_times_at_once_is_one_refresh(db: Fixture) {
    let (request, workflow) = (request("e1"), workflow("e1"));
    let begun = futures::future::join_all((0..32).map(|_| db.begin(&request, &workflow, "run-1", NOW))).await;
    assert!(begun.into_iter().all(|begun| begun == Ok(open("run-1"))));
    assert_eq!(db.number("SELECT COUNT(*) FROM refreshes").await, 1);
}
