//! The inbox: what is kept once, taken in hand by one, comes back from the dead hand, and goes when it is done.

use crate::fixture::{Fixture, NOW, workspace};
use crate::on_both;
use contracts::Digest;
use std::collections::BTreeSet;
use store::{ClaimedEntry, InboxEntry, InboxFilter, InboxStats, PutResult, Store, StoreError};

const LEASE: i64 = 60_000;

on_both!(
    each_entry_of_a_batch_is_answered_for,
    another_body_is_a_conflict_also_within_one_batch,
    putting_is_repeatable_and_any_text_comes_back_as_it_was,
    w2_of_32_puts_at_once_one_is_stored_and_none_fails,
    batches_that_overlap_crosswise_do_not_fail,
    entries_are_claimed_oldest_first_and_by_one_only,
    of_many_who_claim_at_once_no_two_get_the_same,
    w6_the_claim_of_one_who_died_ends_with_its_lease,
    one_whose_lease_passed_on_is_not_listened_to,
    what_is_done_is_gone_and_leaves_nothing_behind,
    what_is_postponed_waits_for_its_time,
    what_is_buried_is_not_claimed_until_somebody_says_so,
    what_was_given_up_and_is_delivered_again_comes_back,
    what_was_given_up_long_ago_is_forgotten,
    an_operator_finds_and_discards_by_what_is_given,
    nothing_is_discarded_when_nothing_is_given,
);

fn entry(event: &str, at: i64) -> InboxEntry {
    entry_of("acme", "crm", event, at)
}

fn entry_of(workspace: &str, source: &str, event: &str, at: i64) -> InboxEntry {
    InboxEntry {
        workflow_id: format!("buyer-group-refresh/{workspace}/{source}/{event}"),
        workspace: workspace.parse().unwrap(),
        source: source.parse().unwrap(),
        kind: "refresh".to_owned(),
        digest: Digest::of(b"body").as_str().to_owned(),
        request: format!(r#"{{"event":"{event}"}}"#),
        received_at: NOW + at,
    }
}

fn other_body(entry: &InboxEntry) -> InboxEntry {
    InboxEntry { digest: Digest::of(b"another body").as_str().to_owned(), ..entry.clone() }
}

fn ids(claimed: &[ClaimedEntry]) -> Vec<&str> {
    claimed.iter().map(|entry| entry.workflow_id.as_str()).collect()
}

async fn pending(db: &Store) -> u64 {
    db.inbox_stats().await.unwrap().pending
}

async fn each_entry_of_a_batch_is_answered_for(db: Fixture) {
    assert_eq!(db.inbox_put(&[]).await, Ok(vec![]));
    let (a, b, c) = (entry("a", 0), entry("b", 1), entry("c", 2));
    assert_eq!(db.inbox_put(&[b.clone(), a.clone()]).await, Ok(vec![PutResult::Stored; 2]));
    let answers = db.inbox_put(&[c.clone(), a.clone(), other_body(&b), c]).await;
    use PutResult::{Conflict, Duplicate, Stored};
    assert_eq!(answers, Ok(vec![Stored, Duplicate, Conflict, Duplicate]));
    let stats = InboxStats { pending: 3, oldest_received_at: Some(NOW), dead: 0 };
    assert_eq!(db.inbox_stats().await, Ok(stats));
}

async fn another_body_is_a_conflict_also_within_one_batch(db: Fixture) {
    let (a, b) = (entry("a", 0), entry("b", 0));
    db.inbox_put(&[other_body(&b)]).await.unwrap();
    use PutResult::{Conflict, Duplicate, Stored};
    let answers = db.inbox_put(&[a.clone(), other_body(&a), b.clone(), other_body(&b)]).await;
    assert_eq!(answers, Ok(vec![Stored, Conflict, Conflict, Duplicate]));
    assert_eq!(db.inbox_digest(&a.workflow_id).await, Ok(Some(a.digest)));
    assert_eq!(db.inbox_digest(&b.workflow_id).await, Ok(Some(other_body(&b).digest)));
    assert_eq!(db.inbox_digest("nobody").await, Ok(None));
}

async fn putting_is_repeatable_and_any_text_comes_back_as_it_was(db: Fixture) {
    let odd = r#"{"company":{"name":"Žluť \"Örn\" \\ 株式会社 '%_\u0000"}}"#;
    let entries: Vec<_> =
        (0..512).map(|n| InboxEntry { request: odd.to_owned(), ..entry(&format!("e{n}"), n) }).collect();
    assert_eq!(db.inbox_put(&entries).await, Ok(vec![PutResult::Stored; 512]));
    assert_eq!(db.inbox_put(&entries).await, Ok(vec![PutResult::Duplicate; 512]));
    let claimed = db.inbox_claim(1000, LEASE, "me", NOW).await.unwrap();
    assert_eq!(claimed.len(), 512);
    assert!(claimed.iter().all(|claimed| claimed.request == odd && claimed.kind == "refresh"));
}

async fn w2_of_32_puts_at_once_one_is_stored_and_none_fails(db: Fixture) {
    let entries = [entry("a", 0)];
    let answers = futures::future::join_all((0..32).map(|_| db.inbox_put(&entries))).await;
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.unwrap()[0]).collect();
    assert_eq!(answers.iter().filter(|answer| **answer == PutResult::Stored).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == PutResult::Duplicate).count(), 31);
    assert_eq!(pending(&db).await, 1);
}

async fn batches_that_overlap_crosswise_do_not_fail(db: Fixture) {
    let forwards: Vec<_> = (0..50).map(|n| entry(&format!("e{n}"), n)).collect();
    let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
    let batches = (0..16).map(|n| if n % 2 == 0 { &forwards } else { &backwards });
    let answers = futures::future::join_all(batches.map(|batch| db.inbox_put(batch))).await;
    let stored = |answer: &Result<Vec<PutResult>, StoreError>| {
        answer.as_ref().unwrap().iter().filter(|answer| **answer == PutResult::Stored).count()
    };
    assert_eq!(answers.iter().map(stored).sum::<usize>(), 50);
}

async fn entries_are_claimed_oldest_first_and_by_one_only(db: Fixture) {
    db.inbox_put(&[entry("b", 5), entry("c", 1), entry("a", 5), entry("d", 9)]).await.unwrap();
    let mine = db.inbox_claim(3, LEASE, "me", NOW).await.unwrap();
    let id = |event| entry(event, 0).workflow_id;
    assert_eq!(ids(&mine), [id("c"), id("a"), id("b")]);
    assert!(mine.iter().all(|entry| entry.attempts == 1));
    assert_eq!(ids(&db.inbox_claim(3, LEASE, "you", NOW).await.unwrap()), [id("d")]);
    assert!(db.inbox_claim(3, LEASE, "they", NOW).await.unwrap().is_empty());
    // What is in hand still waits.
    assert_eq!(pending(&db).await, 4);
}

async fn of_many_who_claim_at_once_no_two_get_the_same(db: Fixture) {
    let entries: Vec<_> = (0..200).map(|n| entry(&format!("e{n}"), n)).collect();
    db.inbox_put(&entries).await.unwrap();
    let mut claimed = BTreeSet::new();
    while claimed.len() < 200 {
        let owners: Vec<String> = (0..8).map(|n| format!("owner-{n}")).collect();
        let batches = owners.iter().map(|owner| db.inbox_claim(9, LEASE, owner, NOW));
        for batch in futures::future::join_all(batches).await {
            for entry in batch.unwrap() {
                assert!(claimed.insert(entry.workflow_id), "claimed twice");
            }
        }
    }
}

async fn w6_the_claim_of_one_who_died_ends_with_its_lease(db: Fixture) {
    db.inbox_put(&[entry("a", 0)]).await.unwrap();
    assert_eq!(db.inbox_claim(9, LEASE, "died", NOW).await.unwrap().len(), 1);
    assert!(db.inbox_claim(9, LEASE, "lives", NOW + LEASE - 1).await.unwrap().is_empty());
    let again = db.inbox_claim(9, LEASE, "lives", NOW + LEASE).await.unwrap();
    assert_eq!((again.len(), again[0].attempts), (1, 2));
}

async fn one_whose_lease_passed_on_is_not_listened_to(db: Fixture) {
    let id = &*entry("a", 0).workflow_id;
    db.inbox_put(&[entry("a", 0)]).await.unwrap();
    db.inbox_claim(9, LEASE, "late", NOW).await.unwrap();
    db.inbox_claim(9, LEASE, "now", NOW + LEASE).await.unwrap();
    assert_eq!(db.inbox_bury(id, "late", "Conflict", NOW).await, Ok(0));
    assert_eq!(db.inbox_postpone(&[id], "late", NOW, "Unavailable").await, Ok(0));
    assert_eq!(db.inbox_done(&[id], "late").await, Ok(0));
    assert_eq!(db.inbox_done(&[id], "now").await, Ok(1));
}

async fn what_is_done_is_gone_and_leaves_nothing_behind(db: Fixture) {
    db.inbox_put(&[entry("a", 0), entry("b", 1), entry("c", 2)]).await.unwrap();
    let claimed = db.inbox_claim(2, LEASE, "me", NOW).await.unwrap();
    assert_eq!(db.inbox_done(&ids(&claimed), "me").await, Ok(2));
    assert_eq!(db.inbox_done(&ids(&claimed), "me").await, Ok(0));
    assert_eq!(db.number("SELECT COUNT(*) FROM inbox").await, 1);
    assert_eq!(db.inbox_done(&[], "me").await, Ok(0));
}

async fn what_is_postponed_waits_for_its_time(db: Fixture) {
    db.inbox_put(&[entry("a", 0)]).await.unwrap();
    let claimed = db.inbox_claim(2, LEASE, "me", NOW).await.unwrap();
    assert_eq!(db.inbox_postpone(&ids(&claimed), "me", NOW + 500, "Unavailable").await, Ok(1));
    assert!(db.inbox_claim(2, LEASE, "you", NOW + 499).await.unwrap().is_empty());
    let listed = db.inbox_list(&InboxFilter::default(), 9).await.unwrap();
    assert_eq!((listed[0].last_error.as_deref(), listed[0].not_before), (Some("Unavailable"), NOW + 500));
    assert_eq!(db.inbox_claim(2, LEASE, "you", NOW + 500).await.unwrap().len(), 1);
}

async fn what_is_buried_is_not_claimed_until_somebody_says_so(db: Fixture) {
    db.inbox_put(&[entry("a", 0), entry("b", 7)]).await.unwrap();
    let id = entry("a", 0).workflow_id;
    db.inbox_claim(1, LEASE, "me", NOW).await.unwrap();
    assert_eq!(db.inbox_bury(&id, "me", "Conflict", NOW + 3).await, Ok(1));
    assert_eq!(db.inbox_bury(&id, "me", "Conflict", NOW + 4).await, Ok(0));
    let stats = InboxStats { pending: 1, oldest_received_at: Some(NOW + 7), dead: 1 };
    assert_eq!(db.inbox_stats().await, Ok(stats));
    assert_eq!(db.inbox_digest(&id).await, Ok(None));
    assert_eq!(ids(&db.inbox_claim(9, LEASE, "me", NOW).await.unwrap()), [entry("b", 0).workflow_id]);
    assert_eq!(db.inbox_retry(&InboxFilter { dead: true, ..InboxFilter::default() }).await, Ok(1));
    let again = db.inbox_claim(9, LEASE, "me", NOW).await.unwrap();
    assert_eq!((ids(&again), again[0].attempts), (vec![id.as_str()], 2));
}

async fn what_was_given_up_and_is_delivered_again_comes_back(db: Fixture) {
    let a = entry("a", 0);
    db.inbox_put(std::slice::from_ref(&a)).await.unwrap();
    db.inbox_claim(1, LEASE, "me", NOW).await.unwrap();
    db.inbox_bury(&a.workflow_id, "me", "Rejected", NOW).await.unwrap();
    assert_eq!(db.inbox_put(&[other_body(&a)]).await, Ok(vec![PutResult::Conflict]));
    assert!(db.inbox_claim(1, LEASE, "me", NOW).await.unwrap().is_empty());
    let later = entry("a", 50);
    assert_eq!(db.inbox_put(&[later.clone(), later]).await, Ok(vec![PutResult::Stored, PutResult::Duplicate]));
    assert_eq!(db.inbox_claim(1, LEASE, "me", NOW).await.unwrap()[0].received_at, NOW + 50);
}

async fn what_was_given_up_long_ago_is_forgotten(db: Fixture) {
    db.inbox_put(&[entry("a", 0), entry("b", 0)]).await.unwrap();
    db.inbox_claim(1, LEASE, "me", NOW).await.unwrap();
    db.inbox_bury(&entry("a", 0).workflow_id, "me", "Rejected", NOW).await.unwrap();
    assert_eq!(db.inbox_forget_dead(NOW).await, Ok(0));
    assert_eq!(db.inbox_forget_dead(NOW + 1).await, Ok(1));
    assert_eq!(db.number("SELECT COUNT(*) FROM inbox").await, 1);
}

async fn an_operator_finds_and_discards_by_what_is_given(db: Fixture) {
    let entries = [
        entry_of("acme", "crm", "a", 3),
        entry_of("acme", "erp", "b", 2),
        entry_of("globex", "crm", "c", 1),
        entry_of("globex", "crm", "d", 0),
    ];
    db.inbox_put(&entries).await.unwrap();
    let listed = async |filter: &InboxFilter| {
        let listed = db.inbox_list(filter, 9).await.unwrap();
        assert_eq!(db.inbox_count(filter).await, Ok(listed.len() as u64));
        listed.into_iter().map(|record| record.workflow_id.rsplit('/').next().unwrap().to_owned()).collect::<String>()
    };
    let all = InboxFilter::default();
    let of_acme = InboxFilter { workspace: Some(workspace()), ..InboxFilter::default() };
    let of_crm = InboxFilter { source: Some("crm".parse().unwrap()), ..InboxFilter::default() };
    let both = InboxFilter { source: of_crm.source.clone(), ..of_acme.clone() };
    let one = InboxFilter { workflow_id: Some(entries[1].workflow_id.clone()), ..InboxFilter::default() };
    let dead = InboxFilter { dead: true, ..InboxFilter::default() };
    assert_eq!((listed(&all).await, listed(&of_acme).await), ("dcba".to_owned(), "ba".to_owned()));
    assert_eq!((listed(&of_crm).await, listed(&both).await), ("dca".to_owned(), "a".to_owned()));
    assert_eq!((listed(&one).await, listed(&dead).await), ("b".to_owned(), String::new()));
    assert_eq!(db.inbox_list(&all, 1).await.unwrap().len(), 1);
    assert_eq!(db.inbox_discard(&both).await, Ok(1));
    assert_eq!(db.inbox_discard(&both).await, Ok(0));
    assert_eq!(listed(&all).await, "dcb");
}

async fn nothing_is_discarded_when_nothing_is_given(db: Fixture) {
    db.inbox_put(&[entry("a", 0)]).await.unwrap();
    let all = InboxFilter::default();
    assert!(matches!(db.inbox_discard(&all).await, Err(StoreError::Invalid { .. })));
    assert!(matches!(db.inbox_retry(&all).await, Err(StoreError::Invalid { .. })));
    assert_eq!(pending(&db).await, 1);
}
