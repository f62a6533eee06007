//! Bulks: kept once, handed out in pages, and answered for by the refresh log alone.

use crate::fixture::{Fixture, NOW, failing, request, workspace};
use contracts::{
    BulkEnd, BulkPageInput, BulkProgress, BulkRequest, Digest, EnrichmentLevel, EventRef, OutcomeKind, RefreshReason,
    RefreshRequest, SourceName,
};
use store::{BulkPut, NewBulkItem, StoreError};

crate::on_both! {
    a_bulk_is_kept_once_and_another_under_its_id_is_a_conflict,
    of_16_puts_at_once_one_is_stored,
    items_are_handed_out_in_order_and_those_named_again_are_not,
    ten_thousand_items_with_any_text_come_back_as_they_were,
    what_became_of_each_item_is_read_from_the_refresh_log,
    q4_an_item_that_is_tried_again_is_still_one_item,
    a_bulk_is_closed_once,
    another_workspace_sees_nothing,
}

const ID: &str = "bu_1";

fn bulk(items: usize) -> BulkRequest {
    BulkRequest {
        workspace: workspace(),
        event: EventRef {
            source: SourceName::bulk(),
            id: ID.parse().unwrap(),
            digest: Digest::of(b"body"),
            occurred_at: NOW,
            received_at: NOW,
        },
        level: EnrichmentLevel::Identify,
        refreshes: u32::try_from(items).unwrap(),
        at_once: 10,
        let_go_after_ms: 1000,
        progress: BulkProgress::default(),
    }
}

fn item(name: &str, same_as: Option<u32>) -> NewBulkItem {
    NewBulkItem { name: name.to_owned(), domain: None, same_as }
}

/// Five companies, the fourth of which is the second again.
async fn five(db: &Fixture) {
    let items = [item("A", None), item("B", None), item("C", None), item("b", Some(2)), item("E", None)];
    assert_eq!(db.put_bulk(&bulk(4), &items).await, Ok(BulkPut::Stored));
}

fn page(after: u32, limit: u32) -> BulkPageInput {
    BulkPageInput { workspace: workspace(), bulk_id: ID.to_owned(), after, limit }
}

/// Begins the refresh of one item.
async fn begin(db: &Fixture, number: u32, run: &str) {
    let event = bulk(1).item_event(number);
    let request = RefreshRequest { reason: RefreshReason::Bulk, event, person_ref: None, ..request("any") };
    db.begin(&request, &format!("workflow-{number}"), run, NOW + 1).await.unwrap();
}

async fn a_bulk_is_kept_once_and_another_under_its_id_is_a_conflict(db: Fixture) {
    five(&db).await;
    let again = [item("A", None)];
    assert_eq!(db.put_bulk(&bulk(4), &again).await, Ok(BulkPut::Duplicate));
    let mut other = bulk(1);
    other.event.digest = Digest::of(b"another body");
    assert_eq!(db.put_bulk(&other, &again).await, Ok(BulkPut::Conflict));
    let kept = db.bulk(&workspace(), ID).await.unwrap().unwrap();
    assert_eq!((kept.items, kept.refreshes, kept.not_begun), (5, 4, 5));
    assert_eq!((kept.level, kept.received_at, kept.closed_at), (EnrichmentLevel::Identify, NOW, None));
    assert_eq!(db.bulk(&workspace(), "bu_2").await, Ok(None));
}

async fn of_16_puts_at_once_one_is_stored(db: Fixture) {
    let (bulk, items) = (bulk(1), [item("A", None)]);
    let answers = futures::future::join_all((0..16).map(|_| db.put_bulk(&bulk, &items))).await;
    let stored = answers.iter().filter(|answer| **answer == Ok(BulkPut::Stored)).count();
    let duplicates = answers.iter().filter(|answer| **answer == Ok(BulkPut::Duplicate)).count();
    assert_eq!((stored, duplicates), (1, 15), "{answers:?}");
    assert_eq!(db.number("SELECT COUNT(*) FROM bulk_items").await, 1);
}

async fn items_are_handed_out_in_order_and_those_named_again_are_not(db: Fixture) {
    five(&db).await;
    let numbers = async |after, limit| {
        let page = db.bulk_items(&page(after, limit)).await.unwrap();
        (page.items.iter().map(|item| item.number).collect::<Vec<_>>(), page.more)
    };
    assert_eq!(numbers(0, 2).await, (vec![1, 2], true));
    assert_eq!(numbers(2, 2).await, (vec![3, 5], false));
    assert_eq!(numbers(5, 2).await, (vec![], false));
    assert_eq!(numbers(0, 4).await, (vec![1, 2, 3, 5], false));
    let unknown = BulkPageInput { bulk_id: "bu_2".to_owned(), ..page(0, 2) };
    assert_eq!(db.bulk_items(&unknown).await, Err(StoreError::NotFound { what: "bulk" }));
}

async fn ten_thousand_items_with_any_text_come_back_as_they_were(db: Fixture) {
    let odd = NewBulkItem {
        name: "Žluť \"Örn\" \\ 株式会社 '%_".to_owned(),
        domain: Some("https://örn.example/a?b=c&d='".to_owned()),
        same_as: None,
    };
    let items = vec![odd.clone(); 10_000];
    assert_eq!(db.put_bulk(&bulk(10_000), &items).await, Ok(BulkPut::Stored));
    let last = db.bulk_page(&workspace(), ID, 9_998, 100).await.unwrap();
    assert_eq!(last.iter().map(|item| item.number).collect::<Vec<_>>(), [9_999, 10_000]);
    assert!(last.iter().all(|item| item.name == odd.name && item.domain == odd.domain && item.refresh.is_none()));
    assert_eq!(db.bulk(&workspace(), ID).await.unwrap().unwrap().not_begun, 10_000);
    // No database holds NUL in a text.
    let nul = BulkRequest { event: EventRef { id: "bu_2".parse().unwrap(), ..bulk(1).event }, ..bulk(1) };
    db.put_bulk(&nul, &[item("A\0B", None)]).await.unwrap();
    assert_eq!(db.bulk_page(&workspace(), "bu_2", 0, 1).await.unwrap()[0].name, "AB");
}

async fn what_became_of_each_item_is_read_from_the_refresh_log(db: Fixture) {
    five(&db).await;
    begin(&db, 1, "run-1").await;
    begin(&db, 2, "run-2").await;
    begin(&db, 3, "run-3").await;
    db.record_failure(&failing("run-2", OutcomeKind::NoMatch), NOW + 2).await.unwrap();
    db.record_failure(&failing("run-3", OutcomeKind::Failed), NOW + 2).await.unwrap();
    // An event of the same id from another source is another event.
    db.open("bu_1-5").await;
    let kept = db.bulk(&workspace(), ID).await.unwrap().unwrap();
    assert_eq!((kept.not_begun, kept.running), (1, 1));
    assert_eq!((kept.ended_as(OutcomeKind::NoMatch), kept.ended_as(OutcomeKind::Failed)), (2, 1));
    let items = db.bulk_page(&workspace(), ID, 0, 10).await.unwrap();
    let refreshes: Vec<_> =
        items.iter().map(|item| item.refresh.as_ref().map(|refresh| refresh.refresh_id.as_str())).collect();
    assert_eq!(refreshes, [Some("run-1"), Some("run-2"), Some("run-3"), Some("run-2"), None]);
    assert_eq!(items[3].same_as, Some(2));
    assert_eq!(items[2].refresh.as_ref().unwrap().error_class.as_deref(), Some("AuthFailed"));
}

async fn q4_an_item_that_is_tried_again_is_still_one_item(db: Fixture) {
    five(&db).await;
    begin(&db, 1, "run-1").await;
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW + 2).await.unwrap();
    begin(&db, 1, "run-again").await;
    let kept = db.bulk(&workspace(), ID).await.unwrap().unwrap();
    assert_eq!((kept.running, kept.ended_as(OutcomeKind::Failed), kept.not_begun), (1, 0, 4));
    let items = db.bulk_page(&workspace(), ID, 0, 1).await.unwrap();
    let refresh = items[0].refresh.as_ref().unwrap();
    assert_eq!((refresh.refresh_id.as_str(), refresh.retry_of.as_deref()), ("run-again", Some("run-1")));
}

async fn a_bulk_is_closed_once(db: Fixture) {
    five(&db).await;
    let end = |cancelled| BulkEnd { workspace: workspace(), bulk_id: ID.to_owned(), cancelled };
    for at in 1..3 {
        db.close_bulk(&end(true), NOW + at).await.unwrap();
    }
    db.close_bulk(&end(false), NOW + 9).await.unwrap();
    let kept = db.bulk(&workspace(), ID).await.unwrap().unwrap();
    assert_eq!((kept.closed_at, kept.cancelled), (Some(NOW + 1), true));
}

async fn another_workspace_sees_nothing(db: Fixture) {
    five(&db).await;
    let other = "other".parse().unwrap();
    assert_eq!(db.bulk(&other, ID).await, Ok(None));
    assert_eq!(db.bulk_page(&other, ID, 0, 10).await, Ok(vec![]));
    let end = BulkEnd { workspace: other, bulk_id: ID.to_owned(), cancelled: true };
    db.close_bulk(&end, NOW).await.unwrap();
    assert_eq!(db.bulk(&workspace(), ID).await.unwrap().unwrap().closed_at, None);
}
