//! Refreshes that end without a group, and the log of attempts.

use crate::fixture::{
    Fixture, NOW, email, failing, found, group, member, person, request, saving, workflow, workspace,
};
use contracts::{FailureInput, OutcomeKind};
use engine::Role;
use store::{OperationStatus, StoreError};

crate::on_both! {
    a_failure_is_recorded_once,
    a_failure_never_overwrites_a_saved_group,
    a_refresh_that_failed_and_was_reset_may_still_be_saved,
    a_refresh_that_ends_without_a_group_forgets_its_shortlist,
    a_run_that_is_taken_over_forgets_its_shortlist,
    only_failures_are_recorded_as_such,
    events_are_counted_by_how_they_ended,
    attempts_are_logged_from_begin_to_end,
    attempts_belong_to_a_refresh,
}

async fn a_failure_is_recorded_once(db: Fixture) {
    db.open("run-1").await;
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW + 1).await.unwrap();
    let closed = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((closed.outcome, closed.completed_at), (Some(OutcomeKind::Failed), Some(NOW + 1)));
    assert_eq!((closed.step.as_str(), closed.error_class.as_deref()), ("discover", Some("AuthFailed")));
    assert_eq!(closed.cost_micros, 7);
    for outcome in [OutcomeKind::Failed, OutcomeKind::Cancelled] {
        db.record_failure(&failing("run-1", outcome), NOW + 2).await.unwrap();
        assert_eq!(db.refresh("run-1").await.unwrap().unwrap(), closed);
    }
    let unknown = db.record_failure(&failing("nowhere", OutcomeKind::Failed), NOW).await;
    assert_eq!(unknown, Err(StoreError::NotFound { what: "refresh" }));
}

async fn a_failure_never_overwrites_a_saved_group(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    let (refresh, group) = (db.refresh("run-1").await.unwrap(), db.saved().await);
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW + 1).await.unwrap();
    assert_eq!((db.refresh("run-1").await.unwrap(), db.saved().await), (refresh, group));
    assert_eq!(db.events_count_by_outcome(&workspace()).await.unwrap().get("refreshed"), Some(&1));
}

async fn a_refresh_that_failed_and_was_reset_may_still_be_saved(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW + 1).await.unwrap();
    db.save(&saving("run-1"), NOW + 2).await.unwrap();
    let refresh = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.error_class), (Some(OutcomeKind::Refreshed), None));
    assert_eq!(db.events_count_by_outcome(&workspace()).await.unwrap().get("refreshed"), Some(&1));
}

async fn a_refresh_that_ends_without_a_group_forgets_its_shortlist(db: Fixture) {
    for (run, outcome) in
        [("run-1", OutcomeKind::Failed), ("run-2", OutcomeKind::Cancelled), ("run-3", OutcomeKind::NoMatch)]
    {
        db.open(run).await;
        db.replace_candidates(run, &["chosen", "enriched", "listed"].map(person)).await.unwrap();
        db.choose(run, &group(&[member("chosen", Role::Champion)]), NOW).await.unwrap();
        db.enrich(run, "enriched", found(), email("e@test-company.example")).await;
        for _ in 0..2 {
            db.record_failure(&failing(run, outcome), NOW + 1).await.unwrap();
            assert_eq!(db.candidates(run).await.unwrap(), ["chosen", "enriched"].map(person));
            assert_eq!(db.chosen(run).await.unwrap(), [member("chosen", Role::Champion)]);
        }
    }
    // The rest goes with the next group of the company.
    db.refreshed("run-4", &[member("b", Role::Champion)], 2).await;
    assert_eq!(db.number("SELECT COUNT(*) FROM candidates WHERE refresh_id <> 'run-4'").await, 0);
}

async fn a_run_that_is_taken_over_forgets_its_shortlist(db: Fixture) {
    db.open("run-1").await;
    db.replace_candidates("run-1", &["chosen", "listed"].map(person)).await.unwrap();
    db.choose("run-1", &group(&[member("chosen", Role::Champion)]), NOW).await.unwrap();
    db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW + 1).await.unwrap();
    assert_eq!(db.candidates("run-1").await.unwrap(), [person("chosen")]);
    // Whatever it still wrote down goes when it is told that it failed.
    db.replace_candidates("run-1", &["chosen", "late"].map(person)).await.unwrap();
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW + 2).await.unwrap();
    assert_eq!(db.candidates("run-1").await.unwrap(), [person("chosen")]);
    assert_eq!(db.refresh("run-1").await.unwrap().unwrap().error_class.as_deref(), Some("Superseded"));
}

async fn only_failures_are_recorded_as_such(db: Fixture) {
    db.open("run-1").await;
    for outcome in [OutcomeKind::Refreshed, OutcomeKind::Duplicate, OutcomeKind::Other] {
        let recorded = db.record_failure(&failing("run-1", outcome), NOW).await;
        assert!(matches!(recorded, Err(StoreError::Invalid { .. })), "{outcome}");
    }
    assert_eq!(db.refresh("run-1").await.unwrap().unwrap().outcome, None);
    let no_match = FailureInput { class: None, ..failing("run-1", OutcomeKind::NoMatch) };
    db.record_failure(&no_match, NOW).await.unwrap();
    let refresh = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.error_class), (Some(OutcomeKind::NoMatch), None));
}

async fn events_are_counted_by_how_they_ended(db: Fixture) {
    for (run, outcome) in
        [("run-1", OutcomeKind::Failed), ("run-2", OutcomeKind::Failed), ("run-3", OutcomeKind::Cancelled)]
    {
        db.open(run).await;
        db.record_failure(&failing(run, outcome), NOW).await.unwrap();
    }
    db.open("run-4").await;
    let counts = db.events_count_by_outcome(&workspace()).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|(outcome, events)| (outcome.as_str(), *events)).collect();
    assert_eq!(counts, [("cancelled", 1), ("failed", 2), ("running", 1)]);
    assert!(db.events_count_by_outcome(&"globex".parse().unwrap()).await.unwrap().is_empty());
}

async fn attempts_are_logged_from_begin_to_end(db: Fixture) {
    db.open("run-1").await;
    db.operation_started("run-1", "discover", "", 1, NOW).await.unwrap();
    assert_eq!(db.refresh("run-1").await.unwrap().unwrap().step, "discover");
    for _ in 0..2 {
        db.operation_finished("run-1", "discover", "", 1, Some("Transient"), NOW + 250).await.unwrap();
    }
    db.operation_started("run-1", "discover", "", 2, NOW + 300).await.unwrap();
    db.operation_started("run-1", "enrich", "p1", 1, NOW + 400).await.unwrap();
    db.operation_finished("run-1", "enrich", "p1", 1, None, NOW + 390).await.unwrap();
    // One whose beginning was never written.
    db.operation_finished("run-1", "save", "", 3, None, NOW + 500).await.unwrap();

    let log = db.operations("run-1").await.unwrap();
    let told: Vec<_> = log.iter().map(|op| (op.step.as_str(), op.attempt, op.status, op.duration_ms)).collect();
    let expected = [
        ("discover", 1, OperationStatus::Failed, Some(250)),
        ("discover", 2, OperationStatus::Running, None),
        ("enrich", 1, OperationStatus::Completed, Some(0)),
        ("save", 3, OperationStatus::Completed, Some(0)),
    ];
    assert_eq!(told, expected);
    assert_eq!(log[0].error_class.as_deref(), Some("Transient"));

    // A call that is repeated, or a workflow that was reset and counts its attempts anew: it began when it first began.
    for later in [600, 700] {
        db.operation_started("run-1", "discover", "", 1, NOW + later).await.unwrap();
        let again = db.operations("run-1").await.unwrap().remove(0);
        assert_eq!((again.step.as_str(), again.attempt, again.started_at), ("discover", 1, NOW));
        assert_eq!((again.status, again.finished_at, again.error_class), (OperationStatus::Running, None, None));
    }
    db.operation_finished("run-1", "discover", "", 1, None, NOW + 800).await.unwrap();
    let again = db.operations("run-1").await.unwrap().remove(0);
    assert_eq!((again.started_at, again.status, again.duration_ms), (NOW, OperationStatus::Completed, Some(800)));
    assert_eq!(db.operations("run-1").await.unwrap().len(), 4);
}

async fn attempts_belong_to_a_refresh(db: Fixture) {
    let missing = Err(StoreError::NotFound { what: "refresh" });
    assert_eq!(db.operation_started("nowhere", "discover", "", 1, NOW).await, missing);
    assert_eq!(db.operation_finished("nowhere", "discover", "", 1, None, NOW).await, missing);
    assert_eq!(db.operations("nowhere").await.unwrap(), []);
}
