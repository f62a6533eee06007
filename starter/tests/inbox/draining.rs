//! What becomes of that which waits.

use crate::temporal::Mode;
use crate::*;
use contracts::{DataPoint, DataPointKind, StartRequest, SuppressRequest};
use starter::inbox::entry;
use std::collections::BTreeSet;
use std::time::Instant;
use store::InboxEntry;

/// Puts so many events into the inbox, the last one received first.
async fn filled(number: usize) -> Door {
    let door = Door::new().await;
    let at = |n: usize| NOW - i64::try_from(n).unwrap();
    let entries: Vec<_> = (0..number).map(|n| entry(&request_at(&format!("e{n}"), at(n))).unwrap()).collect();
    door.store.inbox_put(&entries).await.unwrap();
    door
}

#[tokio::test]
async fn the_oldest_is_started_first_and_everything_once() {
    let door = filled(50).await;
    let draining = door.drain(DrainLimits { max_in_flight: 1, ..fast() });
    door.drained().await;
    let oldest_first: Vec<_> = (0..50).rev().map(|n| id(&format!("e{n}")).to_string()).collect();
    assert_eq!(door.temporal.asked(), oldest_first);
    assert!(door.entries().await.is_empty(), "what is done is kept");
    draining.stop().await;
}

#[tokio::test]
async fn neither_the_rate_nor_the_number_in_flight_is_exceeded() {
    let door = filled(100).await;
    door.temporal.takes(Duration::from_millis(10));
    let begun = Instant::now();
    let draining = door.drain(DrainLimits { starts_per_second: 200, max_in_flight: 4, ..DrainLimits::default() });
    door.drained().await;
    // Five batches of a tenth of a second, the last of which nobody waits for.
    assert!(begun.elapsed() >= Duration::from_millis(390), "in {:?}", begun.elapsed());
    assert_eq!(door.temporal.most_in_flight(), 4);
    draining.stop().await;
}

#[tokio::test]
async fn two_drainers_start_each_entry_once() {
    let door = filled(300).await;
    let (one, two) = (door.drain(fast()), door.drain_elsewhere(fast()).await);
    door.drained().await;
    let asked = door.temporal.asked();
    assert_eq!(asked.len(), 300, "something was started twice");
    assert_eq!(asked.into_iter().collect::<BTreeSet<_>>().len(), 300);
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn w6_what_a_dead_starter_had_in_hand_is_started_by_the_next() {
    let door = filled(10).await;
    // It took them and was killed: the clock of the next one stands behind the end of the lease.
    assert_eq!(door.store.inbox_claim(10, 30_000, "killed", NOW).await.unwrap().len(), 10);
    let draining = door.drain(fast());
    door.drained().await;
    assert_eq!(door.temporal.workflows().len(), 10);
    draining.stop().await;
}

#[tokio::test]
async fn an_outage_loses_nothing_and_what_waits_is_started_when_it_is_over() {
    let door = filled(100).await;
    door.temporal.is(Mode::Away);
    let draining = door.drain(fast());
    eventually(async || door.circuit.is_open().then_some(())).await;
    assert_eq!(door.store.inbox_stats().await.unwrap().pending, 100);
    door.temporal.is(Mode::Up);
    // The clock of this drainer stands still, so what was postponed is asked for again by hand.
    let all = InboxFilter { workspace: Some("acme".parse().unwrap()), ..InboxFilter::default() };
    eventually(async || {
        door.store.inbox_retry(&all).await.unwrap();
        (door.store.inbox_stats().await.unwrap().pending == 0).then_some(())
    })
    .await;
    assert_eq!(door.temporal.workflows().len(), 100);
    draining.stop().await;
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_it_has_in_hand() {
    let door = filled(3).await;
    door.temporal.is(Mode::Hangs);
    let mut draining = door.drain(fast());
    eventually(async || (door.temporal.in_flight() == 3).then_some(())).await;
    draining.tell_to_stop();
    tokio::task::yield_now().await;
    assert!(!draining.task.is_finished(), "it went without its answers");
    door.temporal.is(Mode::Up);
    draining.stop().await;
    assert!(door.entries().await.is_empty());
    assert_eq!(door.temporal.asked().len(), 3);
}

#[tokio::test]
async fn an_objection_waits_like_any_event_and_is_started_as_what_it_is() {
    let door = Door::new().await;
    let StartRequest::Refresh(refresh) = request("objection") else { panic!("not a refresh") };
    let workspace = refresh.workspace.clone();
    let data_points = DataPoint::of(&workspace, DataPointKind::Email, "jane@acme.example").into_iter().collect();
    let objection = StartRequest::from(SuppressRequest { workspace, event: refresh.event, data_points });
    door.store.inbox_put(&[entry(&objection).unwrap()]).await.unwrap();
    let draining = door.drain(fast());
    door.drained().await;
    draining.stop().await;
    assert_eq!(door.temporal.workflows(), [objection.workflow_id().to_string()]);
    assert!(door.entries().await.is_empty());
}

#[tokio::test]
async fn what_can_never_be_started_is_given_up_and_holds_up_nothing() {
    let door = Door::new().await;
    // The workflow of this id was started by another body.
    assert!(matches!(door.acceptor.start(&another("conflict")).await, Ok(StartAnswer::Started { .. })));
    let unreadable = InboxEntry { request: "{}".to_owned(), ..entry(&request_at("unreadable", NOW - 9)).unwrap() };
    let unknown = InboxEntry { kind: "of-a-later-build".to_owned(), ..entry(&request("unknown")).unwrap() };
    let entries = [unreadable, unknown, entry(&request("conflict")).unwrap(), entry(&request("good")).unwrap()];
    door.store.inbox_put(&entries).await.unwrap();
    let draining = door.drain(fast());
    door.drained().await;
    let dead = door.entries().await;
    let class = |event: &str| {
        let entry = dead.iter().find(|entry| entry.workflow_id == id(event).as_str());
        entry.and_then(|entry| entry.last_error.as_deref())
    };
    assert_eq!(class("unreadable"), Some("Unreadable"));
    assert_eq!(class("unknown"), Some("Unreadable"));
    assert_eq!(class("conflict"), Some("EventConflict"));
    assert_eq!(class("good"), None);
    assert_eq!(door.temporal.workflows().len(), 2);

    // An operator has removed the cause.
    door.temporal.is(Mode::Rejects);
    door.store.inbox_put(&[entry(&request("refused")).unwrap()]).await.unwrap();
    door.drained().await;
    assert_eq!(door.entries().await.iter().filter(|entry| entry.dead_at.is_some()).count(), 4);
    door.temporal.is(Mode::Up);
    let one = InboxFilter { workflow_id: Some(id("refused").to_string()), ..InboxFilter::default() };
    assert_eq!(door.store.inbox_retry(&one).await, Ok(1));
    door.drained().await;
    assert_eq!(door.temporal.workflows().len(), 3);
    draining.stop().await;
}
