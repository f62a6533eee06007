//! A burst of events about one company, from two starters: one refresh now, one when the window opens, and an answer for
//! every event.

use super::*;
use crate::stage::workspace;
use crate::worker_process;
use contracts::OutcomeKind;
use test_support::TestDb;

/// Posts so many events about one company through two starters, with a worker behind them; in the middle, if so wanted,
/// worker and one starter are killed and started again.
async fn burst(number: usize, window: Duration, kill: bool, patience: Duration) {
    let database = TestDb::postgres().await.unwrap();
    let house = House { patience, ..House::on(database.url()).await };
    let log = house.desk.path().join("lookups");
    let (temporal, quick) = (house.server.address(), Duration::from_millis(20));
    let worker = || worker_process::spawn_at(&temporal, database.url(), &log, quick, window);
    let addresses = [free_address(), free_address()];
    let mut first = house.starter(&addresses[0]).await;
    let second = house.starter(&addresses[1]).await;
    let senders = [Sender::to(first.url()), Sender::to(second.url())];
    let mut working = worker();
    let events = events(number);
    let begun = Instant::now();
    let posting = async {
        let posts = futures::stream::iter(events.iter().enumerate()).map(|(index, event)| {
            let sender = &senders[index % 2];
            async move {
                // A sender sends again what was not answered well.
                while !matches!(sender.try_post(event).await.map(|timed| timed.answer.status), Some(200 | 202)) {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        });
        posts.buffer_unordered(16).collect::<Vec<()>>().await;
    };
    let store = Store::connect(database.url()).await.unwrap();
    let known = async || store.refreshes(&workspace(), u32::MAX).await.unwrap();
    let killing = async {
        if kill {
            house.eventually(async || (known().await.len() >= number / 4).then_some(())).await;
            working.kill().await.unwrap();
            first.serving.kill().await;
            working = worker();
            first = house.starter(&addresses[0]).await;
        }
    };
    tokio::join!(posting, killing);
    let posted = begun.elapsed();
    house
        .eventually(async || {
            let known = known().await;
            (known.len() >= number && known.iter().all(|refresh| refresh.outcome.is_some())).then_some(())
        })
        .await;
    let mut outcomes = BTreeMap::new();
    for refresh in known().await {
        *outcomes.entry(refresh.outcome.unwrap().as_str()).or_insert(0_usize) += 1;
    }
    println!("{number} events in {posted:.1?}, all answered after {:.1?}: {outcomes:?}", begun.elapsed());
    let refreshed = outcomes.remove("refreshed").unwrap_or_default();
    assert!((1..=2).contains(&refreshed), "{refreshed} refreshes");
    assert_eq!(outcomes, BTreeMap::from([("coalesced", number - refreshed)]));
    for event in &events {
        let source = "crm".parse().unwrap();
        let answer = store.event_answer(&workspace(), &source, &event.parse().unwrap()).await.unwrap().unwrap();
        assert!(!answer.stranded, "{event}");
        assert_eq!(answer.chain.last().unwrap().outcome, Some(OutcomeKind::Refreshed), "{event}");
    }
    house.has_each_once(&events).await;
    working.kill().await.unwrap();
    for mut starter in [first, second] {
        starter.serving.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn w3_a_burst_of_40_events_from_two_starters_is_two_refreshes() {
    burst(40, Duration::from_secs(60), false, PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; run by scripts/outage"]
async fn large_w3_a_burst_of_500_events_from_two_starters_is_two_refreshes() {
    burst(500, Duration::from_secs(240), false, LARGE_PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; run by scripts/outage"]
async fn large_w3_a_burst_of_500_events_with_worker_and_starter_killed_is_two_refreshes() {
    burst(500, Duration::from_secs(240), true, LARGE_PATIENCE).await;
}
