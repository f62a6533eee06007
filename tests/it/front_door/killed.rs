//! The starter itself killed.

use super::*;
use rand::Rng as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use test_support::TestDb;

/// Several senders post every event, again and again until it is answered well, and then once more; meanwhile the starter
/// is killed so many times, each time somewhere in the middle.
async fn killed_while_events_arrive(number: usize, kills: usize, patience: Duration) {
    let database = TestDb::postgres().await.unwrap();
    let mut house = House { patience, ..House::on(database.url()).await };
    // Few direct starts, so that many events take the other way, and a drainer that is at work when it is killed.
    house.desk = house.desk.env("BGR_STARTER__MAX_IN_FLIGHT", "2").env("BGR_INBOX__STARTS_PER_SECOND", "40");
    let address = free_address();
    let mut starter = house.starter(&address).await;
    let sender = Sender::to(starter.url());
    let events = events(number);
    let answered = AtomicUsize::new(0);
    let broken = AtomicUsize::new(0);
    let posting = async {
        let posts = futures::stream::iter(events.clone()).map(|event| {
            let (sender, answered, broken) = (&sender, &answered, &broken);
            async move {
                for _ in 0..2 {
                    loop {
                        match sender.try_post(&event).await.map(|timed| timed.answer.status) {
                            Some(202 | 200) => break,
                            Some(503) | None => broken.fetch_add(1, Ordering::Relaxed),
                            Some(status) => panic!("{event} was answered {status}"),
                        };
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        posts.buffer_unordered(24).collect::<Vec<()>>().await;
    };
    let killing = async {
        for kill in 0..kills {
            // After so many answers, and somewhere between this one and the next.
            let after = number * 2 * kill / kills;
            house.eventually(async || (answered.load(Ordering::Relaxed) >= after).then_some(())).await;
            let moment = rand::rng().random_range(0..300);
            tokio::time::sleep(Duration::from_millis(moment)).await;
            starter.serving.kill().await;
            starter = house.starter(&address).await;
        }
    };
    let begun = Instant::now();
    tokio::join!(posting, killing);
    let broken = broken.into_inner();
    println!("{number} events, posted twice, {kills} kills: {:.1?}, {broken} posts again", begun.elapsed());
    let store = Store::connect(database.url()).await.unwrap();
    house.is_drained(&store).await;
    house.has_each_once(&events).await;
    assert!(broken > 0, "no post was hit by a kill");
}

#[tokio::test(flavor = "multi_thread")]
async fn w1_a_starter_killed_six_times_while_300_events_arrive_starts_each_exactly_once() {
    killed_while_events_arrive(300, 6, PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; run by scripts/outage"]
async fn large_a_starter_killed_forty_times_while_2000_events_arrive_starts_each_exactly_once() {
    killed_while_events_arrive(2000, 40, LARGE_PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn w6_what_a_killed_starter_had_in_hand_is_started_by_the_next() {
    let (house, database) = House::on_sqlite().await;
    let store = Store::connect(&database).await.unwrap();
    let mut starter = house.starter("127.0.0.1:0").await;
    house.eventually(async || (starter.status().await["status"] == "ok").then_some(())).await;
    starter.serving.kill().await;
    // A starter took it in hand and was killed; its lease ends in a moment.
    let request = shared::request("evt-0");
    store.inbox_put(&[starter::inbox::entry(&request).unwrap()]).await.unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    let claimed = store.inbox_claim(1, 2000, "killed", now).await.unwrap();
    assert_eq!(claimed.len(), 1, "there is nothing to recover");
    starter = house.starter("127.0.0.1:0").await;
    house.is_drained(&store).await;
    house.has_each_once(&["evt-0".to_owned()]).await;
    starter.serving.kill().await;
}
