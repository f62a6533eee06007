//! What a sender hears, and what that is worth.

use crate::temporal::Mode;
use crate::*;
use futures::future::join_all;
use std::time::Instant;

/// Short, for tests in which time runs out.
const SHORT: AcceptLimits = AcceptLimits {
    total: Duration::from_millis(600),
    direct: Duration::from_millis(150),
    patience: Duration::from_millis(100),
    max_in_flight: 32,
};

fn is_unavailable(answer: &Result<StartAnswer, StartError>) -> bool {
    matches!(answer, Err(StartError::Unavailable { retry_after, .. }) if *retry_after >= Duration::from_secs(1))
}

#[tokio::test]
async fn with_temporal_there_an_event_goes_straight_to_it() {
    let door = Door::new().await;
    assert!(matches!(door.post("a").await, Ok(StartAnswer::Started { .. })));
    assert!(matches!(door.post("a").await, Ok(StartAnswer::Duplicate { run_id: Some(_), .. })));
    assert!(matches!(door.acceptor.start(&another("a")).await, Ok(StartAnswer::Conflict { run_id: Some(_), .. })));
    assert!(door.entries().await.is_empty());
}

#[tokio::test]
async fn w1_an_accepted_event_survives_the_starter_that_accepted_it() {
    let door = Door::new().await;
    door.temporal.is(Mode::Away);
    assert_eq!(door.post("a").await, queued("a"));
    // Nothing of that starter is left but its database.
    door.temporal.is(Mode::Up);
    let other = door.drain_elsewhere(fast()).await;
    door.drained().await;
    assert_eq!(door.temporal.workflows(), [id("a").to_string()]);
    // The sender never hears "already done" of something that was not.
    assert!(matches!(door.post("a").await, Ok(StartAnswer::Duplicate { run_id: Some(_), .. })));
    other.stop().await;
}

#[tokio::test]
async fn w2_many_identical_deliveries_at_once_are_one_event_and_no_failure() {
    for mode in [Mode::Up, Mode::Away, Mode::Hangs] {
        let door = Door::with(SHORT).await;
        door.temporal.is(mode);
        let answers = join_all((0..64).map(|_| door.post("a"))).await;
        let first = |answer: &&Result<StartAnswer, StartError>| {
            matches!(answer, Ok(StartAnswer::Started { .. } | StartAnswer::Queued { .. }))
        };
        assert!(answers.iter().all(|answer| first(&answer) || matches!(answer, Ok(StartAnswer::Duplicate { .. }))));
        // More than the permits of direct starts, so with Temporal up some go through the inbox.
        let firsts = answers.iter().filter(first).count();
        assert!(if mode == Mode::Up { firsts <= 2 } else { firsts == 1 }, "{firsts} with {mode:?}");
        door.temporal.is(Mode::Up);
        let draining = door.drain(fast());
        door.drained().await;
        assert_eq!(door.temporal.workflows().len(), 1);
        draining.stop().await;
    }
}

#[tokio::test]
async fn what_waits_in_the_inbox_is_judged_by_its_body() {
    let door = Door::new().await;
    door.temporal.is(Mode::Away);
    assert_eq!(door.post("a").await, queued("a"));
    // First by Temporal's side, which does not know it yet; then, with Temporal away again, by the inbox itself.
    for mode in [Mode::Up, Mode::Away] {
        door.temporal.is(mode);
        let (workflow_id, run_id) = (id("a"), None);
        assert_eq!(door.post("a").await, Ok(StartAnswer::Duplicate { workflow_id, run_id }));
        let (workflow_id, run_id) = (id("a"), None);
        assert_eq!(door.acceptor.start(&another("a")).await, Ok(StartAnswer::Conflict { workflow_id, run_id }));
    }
}

#[tokio::test]
async fn during_an_outage_one_probe_at_a_time_asks_and_the_others_do_not_wait() {
    let (direct, patience) = (Duration::from_millis(500), Duration::from_secs(1));
    let door = Door::with(AcceptLimits { direct, patience, ..AcceptLimits::default() }).await;
    door.temporal.is(Mode::Hangs);
    let first: Vec<_> = (0..3).map(|n| format!("first-{n}")).collect();
    assert!(join_all(first.iter().map(|event| door.post(event))).await.iter().all(Result::is_ok));
    assert!(door.circuit.is_open());
    let asked = door.temporal.asked().len();
    let begun = Instant::now();
    for n in 0..100 {
        assert_eq!(door.post(&format!("e{n}")).await, queued(&format!("e{n}")));
    }
    let took = begun.elapsed();
    let probes = door.temporal.asked().len() - asked;
    // Each probe takes half a second, and its event is the only one that waits for it.
    let most = 1 + took.as_millis() / 500;
    assert!(probes as u128 <= most, "{probes} probes in {took:?}");
    assert_eq!(door.entries().await.len(), 103);
}

#[tokio::test]
async fn a_server_that_is_merely_slow_makes_no_sender_wait_and_starts_each_event_once() {
    let door = Door::new().await;
    door.temporal.is(Mode::Hangs);
    assert_eq!(door.post("a").await, queued("a"));
    // The start goes on, and holds its permit, until it is answered.
    assert_eq!((door.temporal.in_flight(), door.temporal.asked().len()), (1, 1));
    door.temporal.is(Mode::Up);
    eventually(async || (door.temporal.in_flight() == 0).then_some(())).await;
    assert!(!door.circuit.is_open(), "slow is not away");
    assert_eq!(door.temporal.workflows(), [id("a").to_string()]);
    // What waits in the inbox is found to be started already.
    let draining = door.drain(fast());
    door.drained().await;
    draining.stop().await;
    assert_eq!(door.temporal.workflows(), [id("a").to_string()]);
    assert!(door.entries().await.is_empty(), "given up as if it were a conflict");
}

#[tokio::test]
async fn a_slow_server_without_an_inbox_is_waited_for_and_asked_once() {
    let door = Door::without_database(AcceptLimits::default());
    door.temporal.takes(Duration::from_millis(300));
    assert!(matches!(door.post("a").await, Ok(StartAnswer::Started { .. })));
    assert_eq!(door.temporal.asked().len(), 1);
}

#[tokio::test]
async fn without_a_free_permit_an_event_goes_into_the_inbox_at_once() {
    let patience = Duration::from_secs(1);
    let door = Door::with(AcceptLimits { max_in_flight: 1, patience, ..AcceptLimits::default() }).await;
    door.temporal.is(Mode::Hangs);
    let held = {
        let door = door.acceptor.clone();
        tokio::spawn(async move { door.start(&request("held")).await })
    };
    eventually(async || (door.temporal.in_flight() == 1).then_some(())).await;
    assert_eq!(door.post("other").await, queued("other"));
    assert_eq!(door.temporal.asked().len(), 1);
    assert!(!held.is_finished() && !door.circuit.is_open(), "overload is no outage");
    door.temporal.is(Mode::Up);
    assert!(matches!(held.await.unwrap(), Ok(StartAnswer::Started { .. })));
}

#[tokio::test]
async fn without_a_database_events_wait_for_their_turn_with_temporal() {
    let door = Door::without_database(AcceptLimits { max_in_flight: 2, ..AcceptLimits::default() });
    door.temporal.takes(Duration::from_millis(20));
    let events: Vec<_> = (0..40).map(|n| format!("e{n}")).collect();
    let answers = join_all(events.iter().map(|event| door.post(event))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(StartAnswer::Started { .. }))), "{answers:?}");
    assert_eq!(door.temporal.most_in_flight(), 2);
    assert!(!door.writer.is_available());
}

#[tokio::test]
async fn with_both_away_the_sender_is_told_in_time_to_come_back() {
    for mode in [Mode::Away, Mode::Hangs] {
        let door = Door::without_database(SHORT);
        door.temporal.is(mode);
        let events: Vec<_> = (0..100).map(|n| format!("e{n}")).collect();
        let begun = Instant::now();
        let answers = join_all(events.iter().map(|event| door.post(event))).await;
        assert!(answers.iter().all(is_unavailable), "{answers:?}");
        assert!(begun.elapsed() < SHORT.total + Duration::from_millis(500), "after {:?}", begun.elapsed());
        // And when one of them is back, the same event is taken.
        door.temporal.is(Mode::Up);
        eventually(async || door.post("e0").await.ok()).await;
    }
}

#[tokio::test]
async fn with_both_away_an_event_is_taken_that_can_wait_until_temporal_is_back() {
    let door = Door::without_database(AcceptLimits { direct: Duration::from_millis(100), ..AcceptLimits::default() });
    door.temporal.is(Mode::Away);
    let waiting = {
        let door = door.acceptor.clone();
        tokio::spawn(async move { door.start(&request("a")).await })
    };
    eventually(async || (door.temporal.asked().len() >= 3).then_some(())).await;
    door.temporal.is(Mode::Up);
    assert!(matches!(waiting.await.unwrap(), Ok(StartAnswer::Started { .. })));
}

#[tokio::test]
async fn what_temporal_rejects_is_not_kept() {
    let door = Door::new().await;
    door.temporal.is(Mode::Rejects);
    assert!(matches!(door.post("a").await, Err(StartError::Rejected(_))));
    assert!(door.entries().await.is_empty() && !door.circuit.is_open());
}
