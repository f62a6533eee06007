//! What the refreshes of a company changed, and what was found out about each member.

use crate::fixture::{COMPANY, Fixture, NOW, assert_corrupt, email, failing, found, group, member, saving, workspace};
use contracts::{Enrichment, OutcomeKind, Unavailable};
use engine::Role;
use store::PastChange;

crate::on_both! {
    the_latest_changes_come_first_and_no_more_than_asked_for,
    only_refreshes_that_saved_a_group_changed_something,
    a_change_that_is_no_longer_kept_is_unknown,
    what_a_refresh_found_out_is_told_by_person,
    another_company_and_another_workspace_have_changes_of_their_own,
}

fn runs(changes: &[PastChange]) -> Vec<&str> {
    changes.iter().map(|change| change.refresh.refresh_id.as_str()).collect()
}

async fn the_latest_changes_come_first_and_no_more_than_asked_for(db: Fixture) {
    for (at, run) in ["run-1", "run-2", "run-3"].into_iter().enumerate() {
        let members = [member("a", Role::Champion), member(&format!("new in {run}"), Role::Stakeholder)];
        db.refreshed(run, &members, i64::try_from(at).unwrap()).await;
    }
    let changes = db.past_changes(&workspace(), COMPANY, NOW + 9, 9).await.unwrap();
    assert_eq!(runs(&changes), ["run-3", "run-2", "run-1"]);
    let diff = changes[0].diff.as_ref().unwrap();
    assert_eq!(diff.joined[0].person_id.as_str(), "new in run-3");
    assert_eq!(diff.left[0].person_id.as_str(), "new in run-2");
    assert_eq!(changes[2].diff.as_ref().unwrap().joined.len(), 2);
    assert_eq!((changes[0].refresh.diff.joined, changes[0].refresh.cost_micros), (1, 120_000));
    assert_eq!(runs(&db.past_changes(&workspace(), COMPANY, NOW + 9, 2).await.unwrap()), ["run-3", "run-2"]);
    // As of then: the moment itself counts.
    assert_eq!(runs(&db.past_changes(&workspace(), COMPANY, NOW + 1, 9).await.unwrap()), ["run-2", "run-1"]);
    assert_eq!(db.past_changes(&workspace(), COMPANY, NOW - 1, 9).await.unwrap(), []);
}

async fn only_refreshes_that_saved_a_group_changed_something(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    db.open("run-2").await;
    db.open("run-3").await;
    db.record_failure(&failing("run-3", OutcomeKind::Failed), NOW + 1).await.unwrap();
    assert_eq!(runs(&db.past_changes(&workspace(), COMPANY, NOW + 9, 9).await.unwrap()), ["run-1"]);
}

async fn a_change_that_is_no_longer_kept_is_unknown(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    db.sql("DELETE FROM diffs").await;
    let changes = db.past_changes(&workspace(), COMPANY, NOW, 9).await.unwrap();
    assert_eq!((runs(&changes), &changes[0].diff), (vec!["run-1"], &None));
    db.refreshed("run-2", &[member("b", Role::Champion)], 1).await;
    db.sql("UPDATE diffs SET diff = '{'").await;
    assert_corrupt(db.past_changes(&workspace(), COMPANY, NOW + 1, 9).await);
}

async fn what_a_refresh_found_out_is_told_by_person(db: Fixture) {
    db.open("run-1").await;
    let members = [member("a", Role::Champion), member("b", Role::Blocker), member("c", Role::Stakeholder)];
    db.choose("run-1", &group(&members), NOW).await.unwrap();
    let withheld = Enrichment::Withheld { reason: Unavailable::OutOfCredits };
    db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    db.enrich("run-1", "b", withheld.clone(), engine::Contact::default()).await;
    db.save(&saving("run-1"), NOW).await.unwrap();
    let answers = db.answers("run-1").await.unwrap();
    assert_eq!(answers.into_iter().collect::<Vec<_>>(), [("a".to_owned(), found()), ("b".to_owned(), withheld)]);
    assert!(db.answers("nowhere").await.unwrap().is_empty());
}

async fn another_company_and_another_workspace_have_changes_of_their_own(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    assert_eq!(db.past_changes(&workspace(), "co_other", NOW, 9).await.unwrap(), []);
    assert_eq!(db.past_changes(&"other".parse().unwrap(), COMPANY, NOW, 9).await.unwrap(), []);
}
