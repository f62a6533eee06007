//! What somebody outside is to be told, and how far the telling is.

use crate::fixture::{Fixture, NOW, failing, group, member, saving, workspace};
use contracts::{NotificationKind, OutcomeKind, ReceiverName, SaveInput, message_id};
use engine::Role;
use store::{
    Cutoffs, DeliveryStatus, NotificationFilter, NotificationRecord, OutboxMessage, Retaining, StoreError, Tried,
};

crate::on_both! {
    a_change_is_announced_with_the_group_and_once,
    nothing_is_announced_that_did_not_change_or_that_nobody_wants_to_know,
    a_failure_is_announced_and_a_cancellation_is_not,
    a_group_that_cannot_be_saved_is_not_announced,
    a_review_can_be_announced,
    a_delivery_takes_its_message_and_strays_and_nobody_else_gets_them,
    a_delivery_is_settled_once,
    a_disabled_receiver_gets_nothing_until_it_is_enabled,
    what_failed_is_tried_again_and_what_was_delivered_is_not,
    what_one_receiver_missed_is_not_hidden_by_what_others_missed,
    nobody_who_is_disabled_is_told_again,
    of_each_workspace_the_oldest_message_left_lying_is_found,
    messages_that_were_told_long_ago_go_and_no_others,
}

const KIND: NotificationKind = NotificationKind::GroupRefreshed;

fn receiver(name: &str) -> ReceiverName {
    name.parse().unwrap()
}

fn id(run: &str) -> String {
    message_id(&workspace(), run, KIND)
}

fn tried(http_status: u16, error: Option<&str>) -> Tried {
    Tried { http_status: Some(http_status), error: error.map(str::to_owned) }
}

async fn all(db: &Fixture) -> Vec<NotificationRecord> {
    db.notifications(&NotificationFilter::default(), 100).await.unwrap()
}

async fn fitting(db: &Fixture, filter: NotificationFilter) -> Vec<String> {
    let records = db.notifications(&filter, 100).await.unwrap();
    records.into_iter().map(|record| record.message.refresh_id).collect()
}

/// A saved change that is announced, with a delivery open to each of these.
async fn announced(db: &Fixture, run: &str, at: i64, receivers: &[&str]) -> OutboxMessage {
    // Another member than before, so that something changes.
    db.refreshed(run, &[member(run, Role::Champion)], at).await;
    let mut taken = db.outbox_take(&workspace(), &id(run), run, 0).await.unwrap();
    let message = taken.remove(0);
    let receivers: Vec<_> = receivers.iter().map(|name| receiver(name)).collect();
    assert_eq!(db.deliveries_open(&message, &receivers).await.unwrap(), receivers);
    message
}

async fn a_change_is_announced_with_the_group_and_once(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion)], 5).await;
    db.save(&saving("run-1"), NOW + 6).await.unwrap();
    let records = all(&db).await;
    let expected = OutboxMessage {
        message_id: id("run-1"),
        workspace: workspace(),
        refresh_id: "run-1".to_owned(),
        kind: KIND,
        created_at: NOW + 5,
    };
    assert_eq!(records, [NotificationRecord { message: expected.clone(), taken: false, deliveries: Vec::new() }]);
    assert_eq!(db.outbox_message(&workspace(), &id("run-1")).await.unwrap(), Some(expected));
    assert_eq!(db.outbox_message(&"globex".parse().unwrap(), &id("run-1")).await.unwrap(), None);
}

async fn nothing_is_announced_that_did_not_change_or_that_nobody_wants_to_know(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    db.save(&SaveInput { announce: false, ..saving("run-1") }, NOW).await.unwrap();
    let unchanged = db.refreshed("run-2", &[member("a", Role::Champion)], 1).await;
    assert_eq!(unchanged.diff.total(), 0);
    db.open("run-3").await;
    let unheard = contracts::FailureInput { announce: false, ..failing("run-3", OutcomeKind::Failed) };
    db.record_failure(&unheard, NOW).await.unwrap();
    assert_eq!(all(&db).await, []);
}

async fn a_failure_is_announced_and_a_cancellation_is_not(db: Fixture) {
    for (run, outcome) in
        [("run-1", OutcomeKind::Failed), ("run-2", OutcomeKind::Cancelled), ("run-3", OutcomeKind::NoMatch)]
    {
        db.open(run).await;
        db.record_failure(&failing(run, outcome), NOW).await.unwrap();
        db.record_failure(&failing(run, outcome), NOW + 1).await.unwrap();
    }
    let messages: Vec<_> = all(&db).await.into_iter().map(|record| record.message).collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!((messages[0].refresh_id.as_str(), messages[0].kind), ("run-1", NotificationKind::RefreshFailed));
}

async fn a_group_that_cannot_be_saved_is_not_announced(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    // The outbox comes last in the transaction, so what comes before it must not stay without it either.
    db.sql("ALTER TABLE outbox RENAME TO outbox_away").await;
    assert!(db.save(&saving("run-1"), NOW).await.is_err());
    assert_eq!(db.saved().await, None, "saved, and nobody will be told");
    db.sql("ALTER TABLE outbox_away RENAME TO outbox").await;
    db.save(&saving("run-1"), NOW).await.unwrap();
    assert_eq!(all(&db).await.len(), 1);
}

async fn a_review_can_be_announced(db: Fixture) {
    db.open("run-1").await;
    for _ in 0..2 {
        db.announce(&workspace(), "run-1", NotificationKind::ReviewNeeded, NOW).await.unwrap();
    }
    let records = all(&db).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].message.kind, NotificationKind::ReviewNeeded);
    let foreign = db.announce(&"globex".parse().unwrap(), "run-1", NotificationKind::ReviewNeeded, NOW).await;
    assert_eq!(foreign, Err(StoreError::NotFound { what: "refresh" }));
}

async fn a_delivery_takes_its_message_and_strays_and_nobody_else_gets_them(db: Fixture) {
    for (at, run) in (0..).zip(["stray", "young", "own"]) {
        db.refreshed(run, &[member(run, Role::Champion)], at).await;
    }
    let taken = async |run: &str, taker: &str| {
        let taken = db.outbox_take(&workspace(), &id(run), taker, NOW + 1).await.unwrap();
        taken.into_iter().map(|message| message.refresh_id).collect::<Vec<_>>()
    };
    assert_eq!(taken("own", "delivery-1").await, ["stray", "own"]);
    // The same attempt again, and another delivery.
    assert_eq!(taken("own", "delivery-1").await, ["stray", "own"]);
    assert_eq!(taken("young", "delivery-2").await, ["young"]);
    // A delivery that is begun anew takes over its message, what it had taken along, and only that.
    assert_eq!(taken("own", "delivery-3").await, ["stray", "own"]);
    assert_eq!(taken("own", "delivery-1").await, ["stray", "own"]);
    assert_eq!(taken("none", "delivery-4").await, [""; 0]);
    // A stray that gets a delivery of its own is that one's from now on.
    assert_eq!(taken("stray", "delivery-6").await, ["stray"]);
    assert_eq!(taken("own", "delivery-7").await, ["own"]);
    assert_eq!(taken("young", "delivery-8").await, ["young"]);
    let foreign = db.outbox_take(&"globex".parse().unwrap(), &id("own"), "delivery-5", NOW + 9).await.unwrap();
    assert_eq!(foreign, []);
}

async fn a_delivery_is_settled_once(db: Fixture) {
    let message = announced(&db, "run-1", 0, &["crm", "ops"]).await;
    let (crm, ops) = (receiver("crm"), receiver("ops"));
    db.delivery_tried(&message.message_id, &crm, &tried(500, Some("Transient")), NOW + 1).await.unwrap();
    assert_eq!(db.delivery_status(&message.message_id, &crm).await.unwrap(), DeliveryStatus::Pending);
    db.delivery_tried(&message.message_id, &crm, &tried(204, None), NOW + 2).await.unwrap();
    assert_eq!(db.delivery_status(&message.message_id, &crm).await.unwrap(), DeliveryStatus::Delivered);
    // An attempt that the receiver saw twice, and a verdict that comes late.
    db.delivery_given_up(&message.message_id, &crm, "Timeout", NOW + 3).await.unwrap();
    db.delivery_given_up(&message.message_id, &ops, "Timeout", NOW + 4).await.unwrap();
    let deliveries = &all(&db).await[0].deliveries;
    let told: Vec<_> = deliveries
        .iter()
        .map(|one| (one.receiver.as_str(), one.status, one.attempts, one.http_status, one.error.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("crm", DeliveryStatus::Delivered, 2, Some(204), None),
            ("ops", DeliveryStatus::GivenUp, 0, None, Some("Timeout")),
        ]
    );
    assert_eq!((deliveries[0].settled_at, deliveries[1].settled_at), (Some(NOW + 2), Some(NOW + 4)));
    assert_eq!(db.deliveries_open(&message, &[crm, ops]).await.unwrap(), [], "settled, and open all the same");
    assert_eq!(db.delivery_status("msg_unknown", &receiver("crm")).await.unwrap(), DeliveryStatus::Pending);
}

async fn a_disabled_receiver_gets_nothing_until_it_is_enabled(db: Fixture) {
    let first = announced(&db, "run-1", 0, &["crm", "ops"]).await;
    let crm = receiver("crm");
    for reason in ["it answered 410 Gone", "once more"] {
        db.receiver_disable(&workspace(), &crm, reason, NOW + 1).await.unwrap();
    }
    let disabled = db.disabled_receivers(None).await.unwrap();
    assert_eq!(disabled.len(), 1);
    assert_eq!((disabled[0].reason.as_str(), disabled[0].disabled_at), ("it answered 410 Gone", NOW + 1));
    assert_eq!(db.disabled_receivers(Some(&"globex".parse().unwrap())).await.unwrap(), []);
    assert_eq!(db.delivery_status(&first.message_id, &crm).await.unwrap(), DeliveryStatus::Disabled);
    assert_eq!(db.deliveries_open(&first, &[crm.clone(), receiver("ops")]).await.unwrap(), [receiver("ops")]);
    db.refreshed("run-2", &[member("b", Role::Champion)], 2).await;
    let second = db.outbox_take(&workspace(), &id("run-2"), "delivery-2", 0).await.unwrap().remove(0);
    assert_eq!(db.deliveries_open(&second, std::slice::from_ref(&crm)).await.unwrap(), []);
    // The same name in another workspace is another receiver.
    assert!(!db.receiver_enable(&"globex".parse().unwrap(), &crm).await.unwrap());
    assert!(db.receiver_enable(&workspace(), &crm).await.unwrap());
    assert!(!db.receiver_enable(&workspace(), &crm).await.unwrap());
    // What it missed is not sent of itself, and not lost either.
    assert_eq!(db.deliveries_open(&second, std::slice::from_ref(&crm)).await.unwrap(), []);
    let missed = NotificationFilter { receiver: Some(crm.clone()), failed: true, ..NotificationFilter::default() };
    let retried = db.notifications_retry(&missed, 10).await.unwrap();
    assert_eq!((retried.messages, retried.left_out), (vec![first, second.clone()], 0));
    assert_eq!(db.deliveries_open(&second, std::slice::from_ref(&crm)).await.unwrap(), [crm]);
}

async fn what_failed_is_tried_again_and_what_was_delivered_is_not(db: Fixture) {
    let (crm, ops) = (receiver("crm"), receiver("ops"));
    let done = announced(&db, "done", 0, &["crm"]).await;
    db.delivery_tried(&done.message_id, &crm, &tried(200, None), NOW).await.unwrap();
    let half = announced(&db, "half", 1, &["crm", "ops"]).await;
    db.delivery_tried(&half.message_id, &crm, &tried(200, None), NOW).await.unwrap();
    db.delivery_tried(&half.message_id, &ops, &tried(404, Some("InvalidRequest")), NOW).await.unwrap();
    db.delivery_given_up(&half.message_id, &ops, "InvalidRequest", NOW).await.unwrap();
    announced(&db, "waits", 2, &["ops"]).await;
    db.refreshed("stray", &[member("stray", Role::Champion)], 3).await;

    let by = |filter: NotificationFilter| fitting(&db, filter);
    let any = NotificationFilter::default;
    assert_eq!(by(any()).await, ["stray", "waits", "half", "done"]);
    assert_eq!(by(NotificationFilter { failed: true, ..any() }).await, ["half"]);
    assert_eq!(by(NotificationFilter { pending: true, ..any() }).await, ["stray", "waits"]);
    assert_eq!(by(NotificationFilter { receiver: Some(ops.clone()), ..any() }).await, ["waits", "half"]);
    assert_eq!(by(NotificationFilter { message_id: Some(done.message_id.clone()), ..any() }).await, ["done"]);
    assert_eq!(by(NotificationFilter { workspace: Some("globex".parse().unwrap()), ..any() }).await, [""; 0]);

    let everything = db.notifications_retry(&any(), 10).await;
    assert!(matches!(everything, Err(StoreError::Invalid { .. })), "{everything:?}");
    let other = NotificationFilter { failed: true, receiver: Some(crm.clone()), ..any() };
    db.notifications_retry(&other, 10).await.unwrap();
    assert_eq!(db.delivery_status(&half.message_id, &ops).await.unwrap(), DeliveryStatus::GivenUp);
    let again = db.notifications_retry(&NotificationFilter { failed: true, ..any() }, 10).await.unwrap();
    assert_eq!(again.messages, std::slice::from_ref(&half));
    assert_eq!(db.deliveries_open(&half, &[crm, ops.clone()]).await.unwrap(), [ops]);
}

async fn what_one_receiver_missed_is_not_hidden_by_what_others_missed(db: Fixture) {
    let (crm, ops) = (receiver("crm"), receiver("ops"));
    // Older messages that the other one missed, and one that both did.
    for (at, run) in (0..).zip(["a", "b"]) {
        let message = announced(&db, run, at, &["crm", "ops"]).await;
        db.delivery_tried(&message.message_id, &crm, &tried(200, None), NOW).await.unwrap();
        db.delivery_given_up(&message.message_id, &ops, "Timeout", NOW).await.unwrap();
    }
    let both = announced(&db, "c", 2, &["crm", "ops"]).await;
    db.delivery_given_up(&both.message_id, &crm, "Timeout", NOW).await.unwrap();
    db.refreshed("stray", &[member("stray", Role::Champion)], 3).await;
    let of_crm = |filter: NotificationFilter| NotificationFilter { receiver: Some(crm.clone()), ..filter };
    let failed = of_crm(NotificationFilter { failed: true, ..NotificationFilter::default() });
    assert_eq!(fitting(&db, failed.clone()).await, ["c"]);
    let pending = NotificationFilter { pending: true, ..NotificationFilter::default() };
    assert_eq!(fitting(&db, of_crm(pending.clone())).await, [""; 0]);
    assert_eq!(fitting(&db, pending).await, ["stray", "c"]);
    let retried = db.notifications_retry(&failed, 1).await.unwrap();
    assert_eq!(retried.messages, std::slice::from_ref(&both));
    assert_eq!(db.delivery_status(&both.message_id, &crm).await.unwrap(), DeliveryStatus::Pending);
}

async fn nobody_who_is_disabled_is_told_again(db: Fixture) {
    let (crm, ops) = (receiver("crm"), receiver("ops"));
    // Gone for longer than a page of messages, and somebody else missed one.
    let old = announced(&db, "a", 0, &["crm"]).await;
    let both = announced(&db, "b", 1, &["crm", "ops"]).await;
    db.receiver_disable(&workspace(), &crm, "it answered 410", NOW).await.unwrap();
    db.delivery_given_up(&both.message_id, &ops, "Timeout", NOW).await.unwrap();
    let failed = NotificationFilter { failed: true, ..NotificationFilter::default() };
    let retried = db.notifications_retry(&failed, 1).await.unwrap();
    assert_eq!((retried.messages, retried.left_out), (vec![both.clone()], 2));
    assert_eq!(db.delivery_status(&both.message_id, &ops).await.unwrap(), DeliveryStatus::Pending);
    for message in [&old, &both] {
        assert_eq!(db.delivery_status(&message.message_id, &crm).await.unwrap(), DeliveryStatus::Disabled);
    }
    let only = NotificationFilter { receiver: Some(crm.clone()), ..failed.clone() };
    let retried = db.notifications_retry(&only, 10).await.unwrap();
    assert_eq!((retried.messages, retried.left_out), (vec![], 2));
    db.receiver_enable(&workspace(), &crm).await.unwrap();
    let retried = db.notifications_retry(&only, 10).await.unwrap();
    assert_eq!((retried.messages, retried.left_out), (vec![old, both], 0));
}

async fn of_each_workspace_the_oldest_message_left_lying_is_found(db: Fixture) {
    for (at, run) in (0..).zip(["taken", "first", "second", "young"]) {
        db.refreshed(run, &[member(run, Role::Champion)], at).await;
    }
    db.outbox_take(&workspace(), &id("taken"), "delivery", 0).await.unwrap();
    db.sql("INSERT INTO outbox (message_id, workspace, refresh_id, kind, created_at) VALUES ('m', 'globex', 'r', 'refresh.failed', 5)").await;
    let lying = async |before, workspaces| {
        let found = db.left_lying(before, workspaces).await.unwrap();
        found.into_iter().map(|message| message.refresh_id).collect::<Vec<_>>()
    };
    assert_eq!(lying(NOW + 3, 10).await, ["r", "first"]);
    assert_eq!(lying(NOW + 3, 1).await, ["r"]);
    assert_eq!(lying(NOW + 1, 10).await, ["r"]);
    // Its delivery takes the rest along.
    db.outbox_take(&workspace(), &id("first"), "delivery-2", NOW + 3).await.unwrap();
    assert_eq!(lying(NOW + 4, 10).await, ["r", "young"]);
}

async fn messages_that_were_told_long_ago_go_and_no_others(db: Fixture) {
    let crm = receiver("crm");
    let told = announced(&db, "told", 0, &["crm"]).await;
    db.delivery_tried(&told.message_id, &crm, &tried(200, None), NOW + 10).await.unwrap();
    // Given up late, still waited for, to nobody, and in nobody's hand.
    let late = announced(&db, "late", 1, &["crm", "ops"]).await;
    db.delivery_tried(&late.message_id, &crm, &tried(200, None), NOW + 10).await.unwrap();
    db.delivery_given_up(&late.message_id, &receiver("ops"), "Timeout", NOW + 50).await.unwrap();
    announced(&db, "waits", 2, &["crm"]).await;
    announced(&db, "nobody", 3, &[]).await;
    db.refreshed("stray", &[member("stray", Role::Champion)], 4).await;
    let kept = async |logs: i64| {
        let (mut at, cutoffs) = (Retaining::default(), Cutoffs { contacts: logs, logs });
        while !at.is_done() {
            // A page may be done twice.
            db.retain_page(cutoffs, &at).await.unwrap();
            at = db.retain_page(cutoffs, &at).await.unwrap();
        }
        fitting(&db, NotificationFilter::default()).await
    };
    assert_eq!(kept(NOW + 3).await, ["stray", "nobody", "waits", "late", "told"]);
    assert_eq!(kept(NOW + 11).await, ["stray", "waits", "late"]);
    assert_eq!(kept(NOW + 51).await, ["stray", "waits"]);
    assert_eq!(db.number("SELECT COUNT(*) FROM deliveries").await, 1);
}
