//! Stored data that cannot be read is an error that says where, never a panic and never a guess.

use crate::fixture::{COMPANY, Fixture, NOW, assert_corrupt, email, found, group, member, workspace};
use engine::Role;

crate::on_both! {
    corrupt_candidates_are_reported,
    corrupt_groups_are_reported,
    corrupt_logs_are_reported,
    what_is_corrupt_is_not_repeated,
}

async fn corrupt_candidates_are_reported(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    db.sql("UPDATE candidates SET person = 'not json', member = '{}', enrichment = '[]'").await;
    assert_corrupt(db.candidates("run-1").await);
    assert_corrupt(db.chosen("run-1").await);
    assert_corrupt(db.enrichment("run-1", "a").await);
}

async fn corrupt_groups_are_reported(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    for (spoil, mend) in [
        ("UPDATE members SET scores = '{'", "UPDATE members SET scores = '{\"overall\":70}'"),
        ("UPDATE members SET role = 'emperor'", "UPDATE members SET role = 'champion'"),
        ("UPDATE members SET confidence = 300", "UPDATE members SET confidence = 64"),
        ("UPDATE people SET departments = ''", "UPDATE people SET departments = '[]'"),
        ("UPDATE buyer_groups SET tier = 'S7'", "UPDATE buyer_groups SET tier = 's7'"),
        ("UPDATE companies SET staff = -1", "UPDATE companies SET staff = 1"),
    ] {
        db.sql(spoil).await;
        assert_corrupt(db.group(&workspace(), COMPANY).await);
        db.sql(mend).await;
        assert!(db.group(&workspace(), COMPANY).await.is_ok(), "{mend}");
    }
}

async fn corrupt_logs_are_reported(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    db.sql("UPDATE diffs SET diff = '{\"joined\":7}'").await;
    assert_corrupt(db.diff("run-1").await);
    db.sql("UPDATE refreshes SET members = -1").await;
    assert_corrupt(db.refresh("run-1").await);
}

async fn what_is_corrupt_is_not_repeated(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    db.sql("UPDATE candidates SET person = '\"jane@secret.example\"'").await;
    let error = db.candidates("run-1").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    assert!(error.to_string().contains("person"), "{error}");
}
