//! Keys of the intelligence API.

use crate::fixture::{Fixture, NOW, workspace};
use store::{ApiKey, StoreError};

const HOUR: i64 = 60 * 60 * 1000;

crate::on_both! {
    a_key_is_kept_once_and_found_by_its_id,
    a_revoked_key_stays_revoked_as_of_the_first_time,
    a_rotated_key_and_its_successor_are_both_valid_for_a_while,
    only_a_valid_key_of_the_workspace_is_rotated,
    the_last_use_is_noted_once_an_hour,
}

fn key(id: &str) -> ApiKey {
    ApiKey {
        key_id: id.to_owned(),
        workspace: workspace(),
        label: "a\0 dashboard".to_owned(),
        scopes: vec!["read".to_owned(), "contact".to_owned()],
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        follows: None,
    }
}

async fn kept(db: &Fixture, id: &str) -> ApiKey {
    db.api_key(id).await.unwrap().unwrap().0
}

async fn a_key_is_kept_once_and_found_by_its_id(db: Fixture) {
    assert!(db.put_api_key(&key("one"), "hash").await.unwrap());
    let other = ApiKey { scopes: vec!["steer".to_owned()], ..key("one") };
    assert!(!db.put_api_key(&other, "other hash").await.unwrap());
    let expected = ApiKey { label: "a dashboard".to_owned(), ..key("one") };
    assert_eq!(db.api_key("one").await.unwrap(), Some((expected.clone(), "hash".to_owned())));
    assert_eq!(db.api_key("two").await.unwrap(), None);
    let theirs = ApiKey { workspace: "globex".parse().unwrap(), created_at: NOW - 1, ..key("two") };
    db.put_api_key(&theirs, "hash").await.unwrap();
    let ids = |keys: Vec<ApiKey>| keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>();
    assert_eq!(ids(db.api_keys(None).await.unwrap()), ["two", "one"]);
    assert_eq!(db.api_keys(Some(&workspace())).await.unwrap(), [expected]);
}

async fn a_revoked_key_stays_revoked_as_of_the_first_time(db: Fixture) {
    db.put_api_key(&key("one"), "hash").await.unwrap();
    assert!(kept(&db, "one").await.is_valid_at(NOW));
    assert!(db.revoke_api_key("one", NOW + 1).await.unwrap() && db.revoke_api_key("one", NOW + 2).await.unwrap());
    assert_eq!(kept(&db, "one").await.revoked_at, Some(NOW + 1));
    assert!(!kept(&db, "one").await.is_valid_at(NOW));
    assert!(!db.revoke_api_key("two", NOW).await.unwrap());
}

async fn a_rotated_key_and_its_successor_are_both_valid_for_a_while(db: Fixture) {
    db.put_api_key(&key("one"), "hash").await.unwrap();
    let next = ApiKey { follows: Some("one".to_owned()), ..key("two") };
    db.rotate_api_key(&next, "hash 2", NOW + HOUR).await.unwrap();
    let (old, new) = (kept(&db, "one").await, kept(&db, "two").await);
    assert!(old.is_valid_at(NOW + HOUR - 1) && new.is_valid_at(NOW + HOUR - 1));
    assert!(!old.is_valid_at(NOW + HOUR) && new.is_valid_at(NOW + HOUR));
    assert_eq!(new.follows.as_deref(), Some("one"));
    // A rotation never makes a key live longer.
    let third = ApiKey { follows: Some("one".to_owned()), ..key("three") };
    db.rotate_api_key(&third, "hash 3", NOW + 9 * HOUR).await.unwrap();
    assert_eq!(kept(&db, "one").await.expires_at, Some(NOW + HOUR));
}

async fn only_a_valid_key_of_the_workspace_is_rotated(db: Fixture) {
    db.put_api_key(&key("one"), "hash").await.unwrap();
    db.revoke_api_key("one", NOW).await.unwrap();
    let missing = Err(StoreError::NotFound { what: "API key" });
    for next in [
        ApiKey { follows: Some("one".to_owned()), ..key("two") },
        ApiKey { follows: Some("nowhere".to_owned()), ..key("two") },
        ApiKey { follows: Some("one".to_owned()), workspace: "globex".parse().unwrap(), ..key("two") },
        key("two"),
    ] {
        assert_eq!(db.rotate_api_key(&next, "hash", NOW).await, missing);
    }
    assert_eq!(db.api_key("two").await.unwrap(), None);
}

async fn the_last_use_is_noted_once_an_hour(db: Fixture) {
    db.put_api_key(&key("one"), "hash").await.unwrap();
    let hour = NOW - NOW % HOUR;
    db.note_api_key_use(&kept(&db, "one").await, NOW).await.unwrap();
    assert_eq!(kept(&db, "one").await.last_used_at, Some(hour));
    // Whoever has read the row before another wrote takes nothing back.
    db.note_api_key_use(&key("one"), NOW - 5 * HOUR).await.unwrap();
    db.note_api_key_use(&kept(&db, "one").await, hour + HOUR - 1).await.unwrap();
    assert_eq!(kept(&db, "one").await.last_used_at, Some(hour));
    db.note_api_key_use(&kept(&db, "one").await, hour + HOUR).await.unwrap();
    assert_eq!(kept(&db, "one").await.last_used_at, Some(hour + HOUR));
}
