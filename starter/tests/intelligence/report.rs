//! The page for people: who may see it, and how a browser is told to treat it.

use crate::World;
use crate::world::{Answer, BASE, DAY, NOW};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::Role;
use reqwest::Method;
use starter::Rate;
use starter::intelligence::Scope;
use starter::report::content_security_policy;

const PAGE: &str = "/buyer-group/report?company=co_1";
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

async fn world() -> World {
    let world = World::new().await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::DecisionMaker), ("bo", Role::Champion)], NOW).await;
    world
}

fn basic(password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("anybody:{password}")))
}

async fn browse(world: &World, end: &str, authorization: Option<&str>) -> Answer {
    let mut headers = vec![BROWSER];
    headers.extend(authorization.map(|authorization| ("authorization", authorization)));
    world.send(Method::GET, &format!("{BASE}{end}"), &headers, None).await
}

#[tokio::test]
async fn a_browser_is_asked_for_a_key_and_shown_the_group() {
    let world = world().await;
    let asked = browse(&world, PAGE, None).await;
    asked.problem(401, "invalid-api-key");
    let challenges: Vec<&str> =
        asked.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(challenges, ["Basic realm=\"buyer groups\", charset=\"UTF-8\"", "Bearer realm=\"intelligence\""]);

    let page = browse(&world, PAGE, Some(&basic(&world.key))).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{}", page.text);
    for text in ["<!DOCTYPE html>", "Acme", "Name of ada", "Title of bo", "ada@people.example"] {
        assert!(page.text.contains(text), "{text}");
    }
    for (name, value) in [
        ("content-security-policy", content_security_policy().as_str()),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "private, no-cache"),
        ("vary", "authorization"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    let bearer = world.get(PAGE).await;
    assert_eq!((bearer.status, bearer.text), (200, page.text.clone()));
}

#[tokio::test]
async fn a_page_is_sent_again_only_when_it_changed() {
    let world = world().await;
    let authorization = basic(&world.key);
    let first = browse(&world, PAGE, Some(&authorization)).await;
    let tag = first.header("etag").unwrap();
    let headers = [BROWSER, ("authorization", authorization.as_str()), ("if-none-match", tag)];
    let again = world.send(Method::GET, &format!("{BASE}{PAGE}"), &headers, None).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", Some(tag)));
    let head = world.send(Method::HEAD, &format!("{BASE}{PAGE}"), &headers[..2], None).await;
    assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", Some(tag)));
    world.save("run-2", "co_1", "Acme", &[("ada", Role::Champion), ("cy", Role::DecisionMaker)], NOW + DAY).await;
    let changed = world.send(Method::GET, &format!("{BASE}{PAGE}"), &headers, None).await;
    assert_eq!(changed.status, 200);
    for text in ["Name of cy", "was decision maker", "decision maker → champion"] {
        assert!(changed.text.contains(text), "{text}");
    }
    // As it stood before, with the people of then.
    let before = browse(&world, &format!("{PAGE}&asOf=2025-10-09"), Some(&authorization)).await;
    assert!(before.text.contains("Name of bo") && !before.text.contains("Name of cy"), "{}", before.text);
}

#[tokio::test]
async fn a_key_without_the_scope_contact_sees_no_contact_data() {
    let world = world().await;
    let key = world.key_of("acme", &[Scope::Read], |_| ()).await;
    let page = browse(&world, PAGE, Some(&basic(&key))).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("are left out of this page"));
    for datum in ["@people.example", "555 0100", "mailto:", "tel:"] {
        assert!(!page.text.contains(datum), "{datum}");
    }
}

#[tokio::test]
async fn whoever_may_not_see_it_does_not() {
    let world = world().await;
    let other = world.key_of("other", &Scope::ALL, |_| ()).await;
    browse(&world, PAGE, Some(&basic(&other))).await.problem(404, "unknown-company");
    let blind = world.key_of("acme", &[Scope::Refresh], |_| ()).await;
    browse(&world, PAGE, Some(&basic(&blind))).await.problem(403, "missing-scope");
    let expired = world.key_of("acme", &Scope::ALL, |key| key.expires_at = Some(NOW)).await;
    for wrong in [basic(&expired), basic(""), "Basic !".to_owned(), basic(&world.key[1..])] {
        browse(&world, PAGE, Some(&wrong)).await.problem(401, "invalid-api-key");
    }
    // Anything but the page is for programs.
    let json = browse(&world, "/buyer-group?company=co_1", Some(&basic(&world.key))).await;
    json.problem(401, "invalid-api-key");
    assert_eq!(json.headers.get_all("www-authenticate").iter().count(), 1);
}

#[tokio::test]
async fn what_cannot_be_shown_is_named() {
    let world = world().await;
    world.begin("run-9", "co_9", "Bare", None, NOW).await;
    let authorization = basic(&world.key);
    for (end, status, kind) in [
        ("/buyer-group/report", 400, "invalid-parameter"),
        ("/buyer-group/report?company=co_1&asOf=soon", 400, "invalid-parameter"),
        ("/buyer-group/report?company=co_1&print=1", 400, "invalid-parameter"),
        ("/buyer-group/report?company=nobody", 404, "unknown-company"),
        ("/buyer-group/report?company=co_9", 404, "no-group"),
    ] {
        browse(&world, end, Some(&authorization)).await.problem(status, kind);
    }
    let headers = [("accept", "application/json"), ("authorization", authorization.as_str())];
    let json = world.send(Method::GET, &format!("{BASE}{PAGE}"), &headers, None).await;
    json.problem(406, "not-acceptable");
    let post = world.send(Method::POST, &format!("{BASE}{PAGE}"), &headers[1..], None).await;
    post.problem(405, "method-not-allowed");
}

#[tokio::test]
async fn pages_count_against_the_rate_of_the_key() {
    let world = World::with_rate(Rate::new(1, 1)).await;
    world.save("run-1", "co_1", "Acme", &[("ada", Role::DecisionMaker)], NOW).await;
    assert_eq!(browse(&world, PAGE, Some(&basic(&world.key))).await.status, 200);
    browse(&world, PAGE, Some(&basic(&world.key))).await.problem(429, "too-many-calls");
}
