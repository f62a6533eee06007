//! Groups as they once stood.

use crate::fixture::{COMPANY, Fixture, NOW, email, found, group, member, request, saving, workspace};
use contracts::{SuppressRequest, person_ref};
use engine::Role;
use sqlx::AnyPool;
use store::{Cutoffs, PastGroup, Retaining, Whom};

crate::on_both! {
    a_group_is_read_as_it_stood,
    a_save_that_is_repeated_or_overtaken_makes_no_version,
    the_past_knows_names_and_contact_data_only_as_they_are_kept_now,
    who_gets_another_id_keeps_their_seats,
    a_version_is_of_one_workspace_and_company,
    groups_that_were_replaced_long_ago_go_and_the_one_that_stands_never_does,
}

async fn at(db: &Fixture, at: i64) -> Option<PastGroup> {
    db.group_as_of(&workspace(), COMPANY, NOW + at).await.unwrap()
}

fn seats(past: &PastGroup) -> Vec<(String, Role, Option<String>)> {
    let seat = |saved: &store::SavedMember| {
        (saved.member.person.id.to_string(), saved.member.role, saved.member.person.title.clone())
    };
    past.group.members.iter().map(seat).collect()
}

async fn a_group_is_read_as_it_stood(db: Fixture) {
    assert_eq!(at(&db, 0).await, None);
    db.refreshed("run-1", &[member("a", Role::DecisionMaker), member("b", Role::Champion)], 10).await;
    let first = db.saved().await.unwrap();
    let mut promoted = member("b", Role::DecisionMaker);
    promoted.person.title = Some("CFO".to_owned());
    promoted.scores.overall = 90;
    db.refreshed("run-2", &[promoted], 20).await;
    let second = db.saved().await.unwrap();
    assert_eq!(at(&db, 9).await, None);
    for moment in [10, 19] {
        let then = at(&db, moment).await.unwrap();
        // Every field is that of then: nothing about these people has changed but title and score.
        assert_eq!(then, PastGroup { group: first.clone(), erased: 0 }, "{moment}");
    }
    for moment in [20, 1_000_000] {
        assert_eq!(at(&db, moment).await.unwrap(), PastGroup { group: second.clone(), erased: 0 }, "{moment}");
    }
    let old_title = Some("VP Sales".to_owned());
    assert_eq!(
        seats(&at(&db, 15).await.unwrap()),
        [("a".to_owned(), Role::DecisionMaker, old_title.clone()), ("b".to_owned(), Role::Champion, old_title)]
    );
}

async fn a_save_that_is_repeated_or_overtaken_makes_no_version(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 10).await;
    db.save(&saving("run-1"), NOW + 11).await.unwrap();
    db.open("run-early").await;
    db.choose("run-early", &group(&[member("b", Role::Champion)]), NOW + 5).await.unwrap();
    db.save(&saving("run-early"), NOW + 12).await.unwrap();
    assert_eq!(db.number("SELECT COUNT(*) FROM group_versions").await, 1);
    assert_eq!(db.number("SELECT COUNT(*) FROM group_version_seats").await, 1);
}

async fn the_past_knows_names_and_contact_data_only_as_they_are_kept_now(db: Fixture) {
    db.open("run-1").await;
    let members = [member("a", Role::DecisionMaker), member("b", Role::Champion)];
    db.choose("run-1", &group(&members), NOW).await.unwrap();
    db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    db.save(&saving("run-1"), NOW).await.unwrap();
    db.refreshed("run-2", &[member("c", Role::Champion)], 10).await;
    let then = at(&db, 5).await.unwrap();
    assert_eq!(then.group.members[0].member.person.contact, email("a@test-company.example"));
    // Erased where people are kept, they are erased from every version: that somebody had a role is left.
    let data_points = db.erasure_of(&workspace(), &Whom::Person("a")).await.unwrap();
    let request = SuppressRequest { workspace: workspace(), event: request("erase").event, data_points };
    db.suppress(&request, NOW + 20).await.unwrap();
    let then = at(&db, 5).await.unwrap();
    assert_eq!((seats(&then).len(), then.erased), (1, 1));
    for trace in [
        "SELECT COUNT(*) FROM group_version_seats WHERE person_ref IN ('a', 'b', 'c')",
        "SELECT COUNT(*) FROM group_version_seats WHERE seat = 0 AND version = 1 AND (title IS NOT NULL OR reasons <> '[]')",
    ] {
        assert_eq!(db.number(trace).await, 0, "{trace}");
    }
}

async fn who_gets_another_id_keeps_their_seats(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    db.refreshed("run-2", &[member("b", Role::Champion)], 10).await;
    // As the release before wrote somebody whom only an address names.
    let sql = "INSERT INTO people (workspace, company_id, person_id, name, title, departments, updated_at, person_ref)
               SELECT workspace, company_id, 'ana@test-company.example', name, title, departments, updated_at, 'pe_old'
               FROM people WHERE person_id = 'a'";
    db.sql(sql).await;
    db.sql("UPDATE members SET person_id = 'ana@test-company.example' WHERE person_id = 'a'").await;
    db.sql("DELETE FROM people WHERE person_id = 'a'").await;
    let old = person_ref(&workspace(), "ana@test-company.example");
    let pool = AnyPool::connect(db.db.url()).await.unwrap();
    let sql = "UPDATE group_version_seats SET person_ref = $1 WHERE version = 1";
    sqlx::query(sql).bind(&old).execute(&pool).await.unwrap();
    pool.close().await;
    db.migrate().await.unwrap();
    let then = at(&db, 5).await.unwrap();
    let id = then.group.members[0].member.person.id.to_string();
    assert!(id.starts_with("email:") && then.erased == 0, "{id} {then:?}");
}

async fn a_version_is_of_one_workspace_and_company(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 10).await;
    db.refreshed("run-2", &[member("a", Role::Champion)], 20).await;
    assert_eq!(db.group_as_of(&"globex".parse().unwrap(), COMPANY, NOW + 15).await.unwrap(), None);
    assert_eq!(db.group_as_of(&workspace(), "co_other", NOW + 15).await.unwrap(), None);
}

async fn groups_that_were_replaced_long_ago_go_and_the_one_that_stands_never_does(db: Fixture) {
    for (run, moment) in [("run-1", 10), ("run-2", 20), ("run-3", 30)] {
        db.refreshed(run, &[member(run, Role::Champion)], moment).await;
    }
    let kept = async |logs: i64| {
        let (mut at, cutoffs) = (Retaining::default(), Cutoffs { contacts: 0, logs: NOW + logs });
        while !at.is_done() {
            at = db.retain_page(cutoffs, &at).await.unwrap();
        }
        at.retained.versions
    };
    let who = async |moment: i64| at(&db, moment).await.map(|past| seats(&past).remove(0).0);
    assert_eq!(kept(20).await, 0);
    assert_eq!(who(15).await.as_deref(), Some("run-1"));
    assert_eq!(kept(21).await, 1);
    assert_eq!((who(15).await, who(25).await.as_deref()), (None, Some("run-2")));
    assert_eq!(kept(1_000_000).await, 1);
    assert_eq!((who(25).await, who(35).await.as_deref()), (None, Some("run-3")));
    assert_eq!(db.number("SELECT COUNT(*) FROM group_versions").await, 1);
    assert_eq!(db.number("SELECT COUNT(*) FROM group_version_seats").await, 1);
}
