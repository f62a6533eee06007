//! `key`: what an operator sees and does.

use super::Desk;
use starter::intelligence::Token;
use store::Store;

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_shown_once_listed_rotated_and_revoked() {
    let desk = Desk::new().await;
    desk.run(&["migrate"]).await.ended(0);
    let create = ["key", "create", "--scope", "read,refresh", "--label", "a dashboard", "--expires", "90d"];
    let text = desk.run(&create).await.ended(0).stdout;
    let token = Token::parse(text.trim()).unwrap();
    let made = desk.run(&["key", "create", "--scope", "steer", "--workspace", "globex", "--output", "json"]).await;
    let made = made.ended(0).json();
    assert_eq!(
        (&made["workspace"], &made["state"], &made["expires_at"]),
        (&"globex".into(), &"valid".into(), &().into())
    );
    assert!(Token::parse(made["key"].as_str().unwrap()).is_some());

    let listed = desk.run(&["key", "list", "--workspace", "demo", "--output", "json"]).await.ended(0).json();
    let keys = listed["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1, "{listed}");
    assert_eq!((&keys[0]["id"], &keys[0]["scopes"]), (&token.id().into(), &serde_json::json!(["read", "refresh"])));
    let told = desk.run(&["key", "list"]).await.ended(0).stdout;
    assert!(told.contains("a dashboard") && !told.contains(text.trim()) && told.lines().count() == 2, "{told}");

    let next = desk.run(&["key", "rotate", token.id(), "--overlap", "1"]).await.ended(0).stdout;
    let next = Token::parse(next.trim()).unwrap();
    let file = desk.path().join(".buyer-group/buyer-group.db");
    let store = Store::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let (new, hash) = store.api_key(next.id()).await.unwrap().unwrap();
    assert_eq!((new.follows.as_deref(), new.scopes.len(), hash), (Some(token.id()), 2, next.hash()));
    let (old, _) = store.api_key(token.id()).await.unwrap().unwrap();
    let left = old.expires_at.unwrap() - new.created_at;
    assert_eq!(left, 60 * 60 * 1000, "both are valid for an hour");
    let life = new.expires_at.unwrap() - new.created_at;
    assert_eq!(life, 90 * 24 * 60 * 60 * 1000, "the next one is valid as long as the old one was to be");
    let rotate = ["key", "rotate", next.id(), "--expires", "7d", "--output", "json"];
    let third = desk.run(&rotate).await.ended(0).json();
    let end = third["expires_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond();
    assert!(end > new.created_at && end < new.expires_at.unwrap(), "{third}");
    let over = store::ApiKey { key_id: "0".repeat(16), expires_at: Some(new.created_at - 1), ..new };
    store.put_api_key(&over, "hash").await.unwrap();
    desk.run(&["key", "rotate", &over.key_id, "--expires", "7d"]).await.ended(3).refused(&["key list"]);

    desk.run(&["key", "revoke", token.id()]).await.ended(0);
    assert!(store.api_key(token.id()).await.unwrap().unwrap().0.revoked_at.is_some());
    desk.run(&["key", "rotate", token.id()]).await.ended(3).refused(&["key list"]);
    desk.run(&["key", "revoke", "nothing"]).await.ended(3).refused(&["key list"]);
    desk.run(&["key", "create"]).await.ended(2).refused(&["--scope"]);
    desk.run(&["key", "create", "--scope", "read", "--expires", "2020-01-01"])
        .await
        .ended(2)
        .refused(&["time to come"]);
}
