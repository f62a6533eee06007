//! Several starters over one inbox, and many identical deliveries at once.

use super::*;
use contracts::{CompanyRef, Digest, EnrichmentLevel, EventRef, RefreshReason, RefreshRequest, StartRequest};
use test_support::TestDb;

pub(super) fn request(event: &str) -> StartRequest {
    let request = RefreshRequest {
        workspace: "demo".parse().unwrap(),
        company: CompanyRef { id: None, name: "Harbour Works".to_owned(), domain: None }.into(),
        reason: RefreshReason::RoleChange,
        level: EnrichmentLevel::Enrich,
        event: EventRef {
            source: "crm".parse().unwrap(),
            id: event.parse().unwrap(),
            digest: Digest::of(event.as_bytes()),
            occurred_at: 1,
            received_at: 2,
        },
        person_ref: None,
        could_sit: None,
    };
    request.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_starters_on_one_inbox_start_each_entry_once() {
    let database = TestDb::postgres().await.unwrap();
    let mut house = House::on(database.url()).await;
    house.desk = house.desk.env("BGR_INBOX__STARTS_PER_SECOND", "50");
    let store = Store::connect(database.url()).await.unwrap();
    let events = events(300);
    let entries: Vec<_> = events.iter().map(|event| starter::inbox::entry(&request(event)).unwrap()).collect();
    store.inbox_put(&entries).await.unwrap();
    let (one, two) = tokio::join!(house.starter("127.0.0.1:0"), house.starter("127.0.0.1:0"));
    house.is_drained(&store).await;
    house.has_each_once(&events).await;
    let (one, two) = (one.counted("bgr_inbox_drained_total").await, two.counted("bgr_inbox_drained_total").await);
    println!("one started {one}, the other {two}");
    assert_eq!(one + two, 300, "an entry was started by both");
    assert!(one > 0 && two > 0, "only one of them worked: {one} and {two}");
}

/// Every id posted so often at once, all of them mixed.
async fn identical_at_once(ids: usize, copies: usize, patience: Duration) {
    let database = TestDb::postgres().await.unwrap();
    let house = House { patience, ..House::on(database.url()).await };
    let starter = house.starter("127.0.0.1:0").await;
    house.eventually(async || (starter.status().await["status"] == "ok").then_some(())).await;
    let events = events(ids);
    let posts: Vec<String> = events.iter().flat_map(|event| std::iter::repeat_n(event.clone(), copies)).collect();
    let begun = Instant::now();
    let answers = Sender::to(starter.url()).post_all(&posts, copies * 4).await;
    let took = begun.elapsed();
    let mut by_status = BTreeMap::<u16, usize>::new();
    for Timed { answer, .. } in &answers {
        *by_status.entry(answer.status).or_default() += 1;
    }
    let (slowest, p99) = slowest(&answers);
    println!("{ids} ids x {copies}: {by_status:?} in {took:.1?}, p99 {p99:.1?}, slowest {slowest:.1?}");
    assert!(by_status.keys().all(|status| matches!(status, 202 | 200)), "{by_status:?}");
    house.is_drained(&Store::connect(database.url()).await.unwrap()).await;
    house.has_each_once(&events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w2_20_ids_64_times_at_once_are_20_workflows_and_no_failure() {
    identical_at_once(20, 64, PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; run by scripts/outage"]
async fn large_200_ids_64_times_at_once_are_200_workflows_and_no_failure() {
    identical_at_once(200, 64, LARGE_PATIENCE).await;
}
