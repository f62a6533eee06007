//! The whole path on PostgreSQL, which production uses. The other scenarios are on SQLite: the store's own tests hold the two
//! to one behaviour.

use crate::stage::source::{Asked, FaultySource};
use crate::stage::{Stage, sample_roster, workspace};
use test_support::TestDb;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_becomes_a_saved_group_and_a_second_one_finds_no_change() {
    let database = TestDb::postgres().await.unwrap();
    assert!(database.url().starts_with("postgres"), "{}", database.url());
    let mut stage = Stage::without_worker(FaultySource::new(sample_roster()), Some(database.url().to_owned())).await;
    stage.start_worker();
    let first = stage.refreshed("evt-1").await;
    let company_id = first.company_id.clone().unwrap();
    let saved = stage.store.group(&workspace(), &company_id).await.unwrap().unwrap();
    assert_eq!((saved.version, saved.members.len()), (1, first.members as usize));
    assert_eq!(first.diff.joined, first.members);
    assert_eq!(stage.source.calls(Asked::Contact).len(), saved.members.len());
    assert!(saved.members.iter().any(|saved| saved.member.person.contact.email.is_some()));

    let second = stage.refreshed("evt-2").await;
    assert_eq!(second.diff.total(), 0, "{:?}", second.diff);
    let again = stage.store.group(&workspace(), &company_id).await.unwrap().unwrap();
    assert_eq!((again.version, again.members.len()), (2, saved.members.len()));
    let people = |group: &store::SavedGroup| group.members.iter().map(|saved| saved.member.clone()).collect::<Vec<_>>();
    assert_eq!(people(&again), people(&saved));
    // The same event again: nothing more happens.
    assert_eq!(stage.post("evt-1").await.status, 200);
    assert_eq!(stage.store.group(&workspace(), &company_id).await.unwrap().unwrap().version, 2);
}
