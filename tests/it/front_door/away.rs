//! Temporal, the database, or both away.

use super::*;
use test_support::{Cluster, TestDb};

/// Nobody that has to answer a sender may take longer: the deadline, and room for two busy cores.
const IN_TIME: Duration = Duration::from_millis(5000);

/// Temporal is away when the starter starts and while these events arrive.
async fn temporal_absent(number: usize, within: Option<Duration>, patience: Duration) {
    let database = TestDb::postgres().await.unwrap();
    let mut house = House { patience, ..House::on(database.url()).await };
    let away = house.take_temporal_away().await;
    let starter = house.starter("127.0.0.1:0").await;
    assert_eq!(starter.status().await["checks"], json!({"temporal": "away", "database": "ok"}));

    let events = events(number);
    let sender = Sender::to(starter.url());
    let begun = Instant::now();
    let answers = match within {
        Some(within) => sender.post_paced(&events, within).await,
        None => sender.post_all(&events, 32).await,
    };
    let posted = begun.elapsed();
    for Timed { answer, .. } in &answers {
        assert_eq!((answer.status, &answer.body["queued"]), (202, &json!(true)), "{}", answer.body);
    }
    let (slowest, p99) = slowest(&answers);
    println!("{number} events accepted in {posted:.1?}, p99 {p99:.1?}, slowest {slowest:.1?}");
    assert!(slowest < IN_TIME, "{slowest:?}");
    let store = Store::connect(database.url()).await.unwrap();
    assert_eq!(store.inbox_stats().await.unwrap().pending, number as u64);
    house.eventually(async || (starter.counted("bgr_inbox_pending").await == number as u64).then_some(())).await;
    assert!(starter.counted("bgr_inbox_oldest_age_seconds").await < 1000);
    assert_eq!(starter.status().await["status"], "degraded");

    house.bring_temporal_back(away).await;
    let back = Instant::now();
    house.is_drained(&store).await;
    println!("started {:.1?} after Temporal was back", back.elapsed());
    house.has_each_once(&events).await;
    // What was started is known as that: the answer names the run now.
    let again = sender.try_post(&events[0]).await.unwrap().answer;
    assert_eq!((again.status, &again.body["status"]), (200, &json!("duplicate")), "{}", again.body);
    assert!(again.body["runId"].is_string() && again.body["queued"].is_null(), "{}", again.body);
    house.eventually(async || (starter.status().await["status"] == "ok").then_some(())).await;
    assert_eq!(starter.counted("bgr_inbox_drained_total").await, number as u64);
    let (ended, said) = starter.serving.stop().await;
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(!said.contains("Northwind"), "the log names whom an event is about");
}

#[tokio::test(flavor = "multi_thread")]
async fn w1_with_temporal_absent_500_events_are_accepted_and_all_started_afterwards_each_once() {
    temporal_absent(500, None, PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; run by scripts/outage"]
async fn large_with_temporal_absent_for_a_minute_10000_events_are_accepted_and_all_started_afterwards_each_once() {
    temporal_absent(10_000, Some(Duration::from_secs(60)), LARGE_PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_in_the_middle_of_a_stream_of_events_loses_none() {
    let (mut house, database) = House::on_sqlite().await;
    let starter = house.starter("127.0.0.1:0").await;
    house.eventually(async || (starter.status().await["status"] == "ok").then_some(())).await;
    let sender = Sender::to(starter.url());
    let events = events(300);
    let mut answers = sender.post_all(&events[..100], 16).await;
    let (away, during) = tokio::join!(house.take_temporal_away(), sender.post_all(&events[100..200], 16));
    answers.extend(during);
    let ((), during) = tokio::join!(house.bring_temporal_back(away), sender.post_all(&events[200..], 4));
    answers.extend(during);
    // An attempt that was given up may have succeeded, so "duplicate" is right as well.
    assert!(answers.iter().all(|timed| matches!(timed.answer.status, 202 | 200)));
    let store = Store::connect(&database).await.unwrap();
    house.is_drained(&store).await;
    house.has_each_once(&events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_absent_events_flow_straight_to_temporal() {
    let mut cluster = Cluster::create().await.unwrap();
    let database = cluster.fresh_database().await.unwrap();
    let mut house = House::on(database.url()).await;
    // Here it matters where events go, and not how busy this machine is.
    house.desk = house.desk.env("BGR_STARTER__DEADLINE_MS", "9000");
    let starter = house.starter("127.0.0.1:0").await;
    house.eventually(async || (starter.status().await["status"] == "ok").then_some(())).await;
    cluster.stop_immediate().await.unwrap();
    let events = events(200);
    // More at once than may start at once: those wait their turn.
    let answers = Sender::to(starter.url()).post_all(&events, 48).await;
    for Timed { answer, .. } in &answers {
        assert!(matches!(answer.status, 202 | 200), "{} {}", answer.status, answer.body);
        assert!(answer.body["runId"].is_string(), "{}", answer.body);
    }
    house.has_each_once(&events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_both_absent_the_sender_is_told_to_come_back_and_is_then_served() {
    let mut cluster = Cluster::create().await.unwrap();
    let database = cluster.fresh_database().await.unwrap();
    let mut house = House::on(database.url()).await;
    let away = house.take_temporal_away().await;
    cluster.stop_immediate().await.unwrap();
    // It starts and serves all the same.
    let starter = house.starter("127.0.0.1:0").await;
    let sender = Sender::to(starter.url());
    let events = events(64);
    let refused = sender.post_all(&events, 64).await;
    for Timed { answer, .. } in &refused {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.retry_after.as_ref().unwrap().parse::<u64>().unwrap() > 0);
        assert_eq!(answer.body["type"], "/problems/temporarily-unavailable");
    }
    println!("refused in {:.1?} at most", slowest(&refused).0);
    assert!(slowest(&refused).0 < IN_TIME);
    assert_eq!(starter.status().await["checks"], json!({"temporal": "away", "database": "away"}));

    // One of the two is enough.
    cluster.start().await.unwrap();
    let all_accepted = async || {
        let answers = sender.post_all(&events, 8).await;
        answers.iter().all(|timed| matches!(timed.answer.status, 202 | 200)).then_some(())
    };
    house.eventually(all_accepted).await;
    house.bring_temporal_back(away).await;
    house.is_drained(&Store::connect(database.url()).await.unwrap()).await;
    house.has_each_once(&events).await;
}
