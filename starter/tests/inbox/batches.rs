//! Deliveries of many events: few commits instead of many starts, and one deadline for all of them.

use crate::temporal::Mode;
use crate::*;
use contracts::StartRequest;
use std::time::Instant;

const SHORT: AcceptLimits = AcceptLimits {
    total: Duration::from_millis(800),
    direct: Duration::from_millis(150),
    patience: Duration::from_millis(100),
    max_in_flight: 32,
};

fn batch(count: usize) -> Vec<StartRequest> {
    (0..count).map(|n| request(&format!("e{n:04}"))).collect()
}

#[tokio::test]
async fn many_events_go_into_the_inbox_and_few_straight_to_temporal() {
    let door = Door::new().await;
    let few = door.acceptor.start_all(&batch(3)).await;
    assert!(few.iter().all(|answer| matches!(answer, Ok(StartAnswer::Started { .. }))), "{few:?}");
    let asked = door.temporal.asked().len();

    let many = door.acceptor.start_all(&batch(1_000)).await;
    assert!(many.len() == 1_000 && many.iter().all(|answer| matches!(answer, Ok(StartAnswer::Queued { .. }))));
    assert_eq!(door.temporal.asked().len(), asked, "Temporal was asked although all went into the inbox");
    // Once more, while all of them wait, and one of them with another body.
    let mut again = batch(1_000);
    again[500] = another("e0500");
    let answers = door.acceptor.start_all(&again).await;
    for (n, answer) in answers.iter().enumerate() {
        let expected = match (n, answer) {
            (500, Ok(StartAnswer::Conflict { run_id: None, .. })) => true,
            (_, Ok(StartAnswer::Duplicate { run_id: None, .. })) => n != 500,
            _ => false,
        };
        assert!(expected, "{n}: {answer:?}");
    }
    let draining = door.drain(fast());
    door.drained().await;
    assert_eq!(door.temporal.workflows().len(), 1_000, "the three were there before");
    draining.stop().await;
}

#[tokio::test]
async fn with_both_away_a_thousand_events_hear_in_time_to_come_back() {
    for mode in [Mode::Away, Mode::Hangs] {
        let door = Door::without_database(SHORT);
        door.temporal.is(mode);
        let begun = Instant::now();
        let answers = door.acceptor.start_all(&batch(1_000)).await;
        let took = begun.elapsed();
        assert!(took < SHORT.total + Duration::from_millis(500), "after {took:?}");
        assert!(answers.len() < 1_000, "the rest was tried in vain");
        assert!(matches!(answers.last(), Some(Err(StartError::Unavailable { .. }))), "{:?}", answers.last());
    }
}

#[tokio::test]
async fn without_a_database_many_events_go_to_temporal_some_at_a_time() {
    let door = Door::without_database(AcceptLimits::default());
    let answers = door.acceptor.start_all(&batch(300)).await;
    assert!(answers.len() == 300 && answers.iter().all(|answer| matches!(answer, Ok(StartAnswer::Started { .. }))));
    assert!(door.temporal.most_in_flight() <= 16, "{} at once", door.temporal.most_in_flight());
    assert_eq!(door.temporal.workflows().len(), 300);
}

#[tokio::test]
async fn with_temporal_away_the_largest_delivery_is_durable() {
    // How long it takes is the machine's affair: a build for tests under load is not what the deadline is made for.
    let door = Door::with(AcceptLimits { total: Duration::from_secs(30), ..AcceptLimits::default() }).await;
    door.temporal.is(Mode::Away);
    let many = batch(starter::intakes::MAX_EVENTS);
    let begun = Instant::now();
    let answers = door.acceptor.start_all(&many).await;
    println!("{} events were durable after {:?}", many.len(), begun.elapsed());
    assert_eq!(answers.len(), many.len());
    assert!(answers.iter().all(|answer| matches!(answer, Ok(StartAnswer::Queued { .. }))));
    assert_eq!(door.store.inbox_stats().await.unwrap().pending, many.len() as u64);
}
