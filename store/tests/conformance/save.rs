//! Replacing a group: one transaction, once.

use crate::fixture::{
    COMPANY, Fixture, NOW, assert_corrupt, email, found, group, ids, member, person, saving, workspace,
};
use contracts::{DiffCounts, EnrichmentLevel, OutcomeKind, Saved};
use engine::{Gap, Role, Tier};
use store::StoreError;

crate::on_both! {
    a_saved_group_reads_as_it_was_chosen,
    saved_twice_is_saved_once,
    nothing_is_saved_that_was_not_chosen,
    d5_a_save_that_fails_half_way_changes_nothing,
    the_group_before_is_readable_until_the_save_commits,
    what_was_chosen_earlier_never_replaces_what_was_chosen_later,
    two_refreshes_of_one_company_save_one_after_the_other,
    one_save_called_eight_times_at_once_is_one,
    people_not_chosen_are_forgotten,
    a_refresh_on_its_way_keeps_its_shortlist_while_another_saves,
    a_saved_refresh_chooses_no_more,
    another_workspace_cannot_save,
    a_chosen_empty_group_is_a_group,
    d1_refreshes_that_save_at_once_duplicate_nobody,
}

async fn a_saved_group_reads_as_it_was_chosen(db: Fixture) {
    db.open("run-1").await;
    let gap = Gap { role: Role::Blocker, wanted: 1, seated: 0, reason: "nobody fits".to_owned(), code: None };
    let mut seller = member("c", Role::Stakeholder);
    (seller.level, seller.functions) = (None, Vec::new());
    let members = [member("b", Role::DecisionMaker), member("a", Role::Champion), seller];
    db.choose("run-1", &engine::Group { gaps: vec![gap.clone()], cohesion: None, ..group(&members) }, NOW)
        .await
        .unwrap();
    db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    let saved = db.save(&saving("run-1"), NOW + 3).await.unwrap();
    assert_eq!(
        saved,
        Saved { members: 3, diff: DiffCounts { joined: 3, ..DiffCounts::default() }, ..Saved::default() }
    );

    let group = db.saved().await.unwrap();
    assert_eq!(ids(&group), ["b", "a", "c"]);
    assert_eq!((group.version, group.refreshed_at, group.refresh_id.as_str()), (1, NOW + 3, "run-1"));
    assert_eq!((group.level, group.tier, group.tier_known), (EnrichmentLevel::Enrich, Tier::S7, true));
    assert_eq!((group.cohesion, group.confidence, group.considered), (None, 66, 97));
    assert_eq!((group.gaps, group.company), (vec![gap], crate::fixture::company()));
    assert_eq!(group.targets, Some(Tier::S7.targets()));
    assert!(group.members.iter().all(|saved| saved.joined_at == NOW + 3));
    let [b, a, c] = &group.members[..] else { panic!("three members") };
    // Nobody is dropped for want of an e-mail address.
    assert_eq!((&b.member, &c.member), (&members[0], &members[2]));
    assert_eq!((a.contact_source.as_deref(), b.contact_source.as_deref()), (Some("contacts"), None));
    assert_eq!(a.member.person.contact, email("a@test-company.example"));

    let refresh = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.members, refresh.diff), (Some(OutcomeKind::Refreshed), 3, saved.diff));
    assert_eq!((refresh.step.as_str(), refresh.completed_at), ("done", Some(NOW + 3)));
    assert_eq!((refresh.level_reached, refresh.cost_micros), (Some(EnrichmentLevel::Enrich), 120_000));
    assert_eq!(refresh.company_id.as_deref(), Some(COMPANY));
    assert_eq!(db.diff("run-1").await.unwrap().unwrap().joined.len(), 3);
}

async fn saved_twice_is_saved_once(db: Fixture) {
    let first = db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    let (group, diff) = (db.saved().await, db.diff("run-1").await.unwrap());
    assert_eq!(db.save(&saving("run-1"), NOW + 99).await, Ok(first));
    assert_eq!((db.saved().await, db.diff("run-1").await.unwrap()), (group, diff));
    assert_eq!(db.refresh("run-1").await.unwrap().unwrap().completed_at, Some(NOW));
    assert_eq!(db.number("SELECT COUNT(*) FROM members").await, 1);
}

async fn nothing_is_saved_that_was_not_chosen(db: Fixture) {
    assert_eq!(db.save(&saving("nowhere"), NOW).await, Err(StoreError::NotFound { what: "refresh" }));
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    let before = db.saved().await;
    db.open("run-2").await;
    db.replace_candidates("run-2", &[person("b")]).await.unwrap();
    assert_eq!(db.save(&saving("run-2"), NOW).await, Err(StoreError::NotChosen));
    assert_eq!(db.saved().await, before);
    assert_eq!(db.refresh("run-2").await.unwrap().unwrap().outcome, None);
}

async fn d5_a_save_that_fails_half_way_changes_nothing(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion), member("b", Role::Blocker)], 0).await;
    let before = db.saved().await;
    db.open("run-2").await;
    db.choose("run-2", &group(&[member("b", Role::DecisionMaker), member("c", Role::Champion)]), NOW).await.unwrap();
    // Two ways to fail: before anything is written, and at its very end.
    db.sql("UPDATE candidates SET enrichment = '{\"result\":' WHERE refresh_id = 'run-2' AND person_id = 'c'").await;
    assert_corrupt(db.save(&saving("run-2"), NOW + 1).await);
    db.sql("UPDATE candidates SET enrichment = NULL").await;
    db.sql("INSERT INTO diffs (refresh_id, diff, created_at) VALUES ('run-2', '{}', 0)").await;
    assert!(matches!(db.save(&saving("run-2"), NOW + 2).await, Err(StoreError::Database { .. })));

    assert_eq!(db.saved().await, before);
    assert_eq!(db.number("SELECT COUNT(*) FROM members").await, 2);
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE left_at IS NOT NULL").await, 0);
    assert_eq!(db.number("SELECT COUNT(*) FROM people").await, 2);
    assert_eq!(db.refresh("run-2").await.unwrap().unwrap().outcome, None);
    assert_eq!(db.chosen("run-2").await.unwrap().len(), 2);

    // And once what was in the way is gone, the same call succeeds.
    db.sql("DELETE FROM diffs WHERE refresh_id = 'run-2'").await;
    db.save(&saving("run-2"), NOW + 3).await.unwrap();
    assert_eq!(ids(&db.saved().await.unwrap()), ["b", "c"]);
}

async fn the_group_before_is_readable_until_the_save_commits(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    let before = db.saved().await;
    db.open("run-2").await;
    let members: Vec<_> = (0..19).map(|number| member(&format!("m{number}"), Role::Stakeholder)).collect();
    db.choose("run-2", &group(&members), NOW).await.unwrap();

    // The save ends with dating the membership of whoever leaves: in PostgreSQL it gets as far as that, and in SQLite,
    // where a lock is on the whole file, the one who holds it stands for a save in the middle.
    let held = db.hold("UPDATE members SET left_at = 1, seat = 7 WHERE person_id = 'a'").await;
    let store = db.store.clone();
    let saving = tokio::spawn(async move { store.save(&saving("run-2"), NOW + 1).await });
    let waiting =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while db.is_postgres() && db.number(waiting).await == 0 {
        assert!(!saving.is_finished());
    }
    for _ in 0..8 {
        assert_eq!(db.saved().await, before);
        assert_eq!(db.refresh("run-2").await.unwrap().unwrap().outcome, None);
    }
    assert!(!saving.is_finished());

    held.rollback().await.unwrap();
    assert_eq!(saving.await.unwrap().unwrap().members, 19);
    let group = db.saved().await.unwrap();
    assert_eq!((group.version, group.members.len()), (2, 19));
}

async fn what_was_chosen_earlier_never_replaces_what_was_chosen_later(db: Fixture) {
    let (a, b, c) = (member("a", Role::Champion), member("b", Role::Blocker), member("c", Role::DecisionMaker));
    db.refreshed("run-0", std::slice::from_ref(&a), 0).await;
    // The first chooses and stalls; the second chooses and saves; then the first goes on.
    db.open("run-1").await;
    db.replace_candidates("run-1", &[person("a"), person("d")]).await.unwrap();
    db.choose("run-1", &group(&[a]), NOW + 10).await.unwrap();
    db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    db.refreshed("run-2", &[b.clone(), c.clone()], 20).await;
    let standing = db.saved().await.unwrap();
    assert_eq!((standing.version, ids(&standing)), (2, vec!["b", "c"]));

    let people = db.number("SELECT COUNT(*) FROM people").await;
    for later in 30..33 {
        let saved = db.save(&saving("run-1"), NOW + later).await;
        assert_eq!(saved, Ok(Saved { members: 2, ..Saved::default() }));
        assert_eq!(db.saved().await.as_ref(), Some(&standing));
    }
    assert_eq!(db.number("SELECT COUNT(*) FROM people").await, people);
    assert_eq!(db.number("SELECT COUNT(*) FROM members").await, 3);
    assert!(db.diff("run-1").await.unwrap().unwrap().is_empty());
    let refresh = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.members), (Some(OutcomeKind::Refreshed), 2));
    assert_eq!((refresh.step.as_str(), refresh.completed_at, refresh.cost_micros), ("done", Some(NOW + 30), 120_000));
    assert_eq!(refresh.diff, DiffCounts::default());
    assert_eq!(
        db.events_count_by_outcome(&workspace()).await.unwrap().into_iter().collect::<Vec<_>>(),
        [("refreshed".to_owned(), 3)]
    );
    // Whom it chose is forgotten; whom the standing group was made of is not.
    assert_eq!(db.chosen("run-1").await.unwrap(), []);
    assert_eq!(db.candidates("run-1").await.unwrap(), []);
    assert_eq!(db.chosen("run-2").await.unwrap(), [b.clone(), c.clone()]);
    assert_eq!(db.choose("run-1", &group(&[b]), NOW + 40).await, Err(StoreError::Closed));

    // Who chooses later replaces it, as ever; when it is saved does not matter.
    db.open("run-3").await;
    db.choose("run-3", &group(&[]), NOW + 1).await.unwrap();
    db.choose("run-3", &group(&[c]), NOW + 21).await.unwrap();
    let saved = db.save(&saving("run-3"), NOW + 5).await.unwrap();
    assert_eq!(saved.diff, DiffCounts { left: 1, ..DiffCounts::default() });
    assert_eq!(db.saved().await.unwrap().version, 3);
}

async fn two_refreshes_of_one_company_save_one_after_the_other(db: Fixture) {
    for round in 0..4 {
        let runs = [format!("run-{round}-a"), format!("run-{round}-b")];
        for (run, shared) in runs.iter().zip(["x", "y"]) {
            db.open(run).await;
            db.choose(run, &group(&[member("both", Role::Champion), member(shared, Role::Blocker)]), NOW)
                .await
                .unwrap();
        }
        let saves = futures::future::join_all(runs.iter().map(|run| {
            let store = db.store.clone();
            async move { store.save(&saving(run), NOW + round).await }
        }))
        .await;
        for saved in saves {
            assert_eq!(saved.unwrap().members, 2);
        }
    }
    let group = db.saved().await.unwrap();
    assert_eq!((group.version, group.members.len()), (8, 2));
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE left_at IS NULL").await, 2);
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE person_id = 'both'").await, 1);
}

async fn one_save_called_eight_times_at_once_is_one(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    let input = saving("run-1");
    let saves = futures::future::join_all((0..8).map(|at| db.save(&input, NOW + at))).await;
    assert!(saves.iter().all(|saved| *saved == saves[0] && saved.is_ok()));
    assert_eq!(db.saved().await.unwrap().version, 1);
}

async fn people_not_chosen_are_forgotten(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    db.open("run-2").await;
    db.replace_candidates("run-2", &[person("a"), person("b"), person("c")]).await.unwrap();
    db.choose("run-2", &group(&[member("b", Role::Champion)]), NOW).await.unwrap();
    db.save(&saving("run-2"), NOW).await.unwrap();
    // Of all refreshes of this company, only the members just saved are left.
    assert_eq!(db.number("SELECT COUNT(*) FROM candidates").await, 1);
    assert_eq!(db.number("SELECT COUNT(*) FROM choices").await, 1);
    assert_eq!(db.chosen("run-2").await.unwrap(), [member("b", Role::Champion)]);
    assert_eq!(db.number("SELECT COUNT(*) FROM people").await, 2);
}

async fn a_refresh_on_its_way_keeps_its_shortlist_while_another_saves(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    db.refreshed("run-2", &[member("b", Role::Champion)], 0).await;
    assert_eq!(db.chosen("run-1").await.unwrap().len(), 1);
    db.save(&saving("run-1"), NOW + 1).await.unwrap();
    assert_eq!(ids(&db.saved().await.unwrap()), ["a"]);
}

async fn a_saved_refresh_chooses_no_more(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    assert_eq!(db.choose("run-1", &group(&[]), NOW).await, Err(StoreError::Closed));
    assert_eq!(db.replace_candidates("run-1", &[]).await, Err(StoreError::Closed));
    assert_eq!(db.chosen("run-1").await.unwrap().len(), 1);
}

async fn another_workspace_cannot_save(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    let foreign = contracts::SaveInput { workspace: "globex".parse().unwrap(), ..saving("run-1") };
    assert_eq!(db.save(&foreign, NOW).await, Err(StoreError::NotFound { what: "refresh" }));
    let elsewhere = contracts::SaveInput { company_id: "co_other".to_owned(), ..saving("run-1") };
    assert_eq!(db.save(&elsewhere, NOW).await, Err(StoreError::NotFound { what: "company" }));
    assert_eq!(db.group(&"globex".parse().unwrap(), COMPANY).await.unwrap(), None);
    assert_eq!(db.group(&workspace(), COMPANY).await.unwrap(), None);
}

async fn a_chosen_empty_group_is_a_group(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 0).await;
    let saved = db.refreshed("run-2", &[], 1).await;
    assert_eq!(saved, Saved { diff: DiffCounts { left: 1, ..DiffCounts::default() }, ..Saved::default() });
    assert_eq!(db.saved().await.unwrap().members, []);
}

async fn d1_refreshes_that_save_at_once_duplicate_nobody(db: Fixture) {
    let trio = group(&["a", "b", "c"].map(|who| member(who, Role::Champion)));
    let runs: Vec<String> = (0..8).map(|number| format!("run-{number}")).collect();
    for run in &runs {
        db.open(run).await;
        db.choose(run, &trio, NOW).await.unwrap();
        // Addresses are no identity: everybody has the same.
        for who in ["a", "b", "c"] {
            db.enrich(run, who, found(), email("info@test-company.example")).await;
        }
    }
    let saves = futures::future::join_all(runs.iter().map(|run| {
        let store = db.store.clone();
        async move { store.save(&saving(run), NOW + 1).await }
    }));
    let mut joined = 0;
    for saved in saves.await {
        let saved = saved.unwrap();
        assert_eq!(saved.members, 3);
        joined += saved.diff.joined;
    }
    assert_eq!(joined, 3, "somebody joined twice");
    assert_eq!(db.number("SELECT COUNT(*) FROM people").await, 3);
    assert_eq!(db.number("SELECT COUNT(*) FROM members").await, 3);
    assert_eq!(db.saved().await.unwrap().version, 8);
}
