//! The intelligence API over everything real: a Temporal server, a worker, the database, HTTP.

use crate::stage::source::{Asked, FaultySource};
use crate::stage::{Stage, eventually, sample_roster, workspace};
use contracts::{EnrichmentLevel, FailureClass};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use starter::auth::Preset;
use starter::intelligence::{PATH, Scope, Token};
use starter::{AppState, Intelligence, RefreshStarter, SourceConfig, StartLimits};
use std::sync::Arc;
use std::time::Duration;
use store::ApiKey;
use tokio::sync::oneshot;

/// The API on a socket, until it is dropped.
struct Api {
    base: String,
    key: String,
    client: reqwest::Client,
    _stop: oneshot::Sender<()>,
}

impl Api {
    async fn on(stage: &Stage) -> Self {
        let token = Token::of(&rand::random());
        let key = ApiKey {
            key_id: token.id().to_owned(),
            workspace: workspace(),
            label: String::new(),
            scopes: Scope::ALL.iter().map(Scope::to_string).collect(),
            created_at: 0,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            follows: None,
        };
        stage.store.put_api_key(&key, &token.hash()).await.unwrap();
        let limits = StartLimits {
            deadline: Duration::from_secs(30),
            per_attempt: Duration::from_secs(10),
            ..StartLimits::default()
        };
        let starter = Arc::new(RefreshStarter::new(stage.client.clone(), limits));
        let scheme = Preset::PersonChange.scheme().unwrap();
        let secret = crate::stage::SECRET.into();
        let source = SourceConfig::new(workspace(), "sample".parse().unwrap(), scheme, secret);
        let sources = starter::Sources::new(vec![SourceConfig { level: EnrichmentLevel::Enrich, ..source }]).unwrap();
        let state = AppState::new(Arc::new(sources), starter.clone())
            .with_intelligence(Intelligence::new(stage.store.clone(), starter));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}{PATH}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(starter::serve(listener, state, async { drop(stopped.await) }));
        let key = token.expose().expose_secret().to_owned();
        Self { base, key, client: reqwest::Client::new(), _stop: stop }
    }

    async fn send(&self, method: Method, end: &str, headers: &[(&str, &str)], body: Option<Value>) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{end}", self.base)).bearer_auth(&self.key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn get(&self, end: &str) -> (u16, Value) {
        self.send(Method::GET, end, &[], None).await
    }

    /// Waits until the refresh stands so.
    async fn reaches(&self, id: &str, status: &str) -> Value {
        eventually(async || {
            let (code, refresh) = self.get(&format!("/refreshes/{id}")).await;
            (code == 200 && refresh["status"] == status).then_some(refresh)
        })
        .await
    }
}

fn sample() -> Value {
    json!({"companyName": buyer_group::sample::NAME})
}

#[tokio::test(flavor = "multi_thread")]
async fn d3_what_is_discovered_is_found_again_and_asking_twice_is_one_refresh() {
    let stage = Stage::new().await;
    let api = Api::on(&stage).await;
    let headers = [("idempotency-key", "first"), ("prefer", "wait=60")];
    let (status, group) = api.send(Method::POST, "/buyer-group", &headers, Some(sample())).await;
    assert_eq!(status, StatusCode::OK.as_u16(), "{group}");
    assert!(group["totalMembers"].as_u64().unwrap() > 3 && group["metadata"]["refreshId"] == "api:first", "{group}");
    let id = group["company"]["id"].as_str().unwrap().to_owned();
    for text in [id, buyer_group::sample::NAME.replace(' ', "+")] {
        assert_eq!(api.get(&format!("/buyer-group?company={text}")).await, (200, group.clone()), "{text}");
    }
    let (status, again) = api.send(Method::POST, "/buyer-group", &headers, Some(sample())).await;
    assert_eq!((status, &again), (200, &group));
    let other = json!({"companyName": buyer_group::sample::NAME, "enrichmentLevel": "identify"});
    let (status, conflict) = api.send(Method::POST, "/buyer-group", &headers, Some(other)).await;
    assert_eq!((status, &conflict["type"]), (409, &json!("/problems/idempotency-conflict")));
    assert_eq!(stage.store.refreshes(&workspace(), 10).await.unwrap().len(), 1);
    let (_, refresh) = api.get("/refreshes/api:first").await;
    assert_eq!((&refresh["status"], &refresh["result"]["outcome"]), (&json!("completed"), &json!("refreshed")));
    let (_, event) = api.get("/events/api/first").await;
    assert_eq!((&event["outcome"], &event["reason"]), (&json!("refreshed"), &json!("manual")));
    let unknown = json!({"companyName": "Nobody Knows This Company"});
    let (status, problem) = api.send(Method::POST, "/buyer-group", &[("prefer", "wait=60")], Some(unknown)).await;
    assert_eq!((status, &problem["type"]), (404, &json!("/problems/no-match")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn d6_a_forced_refresh_that_fails_leaves_the_group_as_it_was() {
    let stage = Stage::new().await;
    let api = Api::on(&stage).await;
    let wait = ("prefer", "wait=60");
    let (_, before) = api.send(Method::POST, "/buyer-group", &[wait], Some(sample())).await;
    let id = before["company"]["id"].as_str().unwrap().to_owned();
    stage.source.fail(Asked::People, [FailureClass::AuthFailed]);
    let force = json!({"company": id});
    let (status, problem) = api.send(Method::POST, "/buyer-group/refresh", &[wait], Some(force.clone())).await;
    assert_eq!((status, &problem["type"]), (502, &json!("/problems/refresh-failed")), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("AuthFailed"), "{problem}");
    let end = format!("/buyer-group?company={id}");
    assert_eq!(api.get(&end).await, (200, before.clone()));
    let (_, failed) = api.get("/refreshes?status=failed").await;
    let error = json!({"class": "AuthFailed", "step": "discover"});
    assert_eq!(failed["refreshes"][0]["error"], error, "{failed}");
    // What was wrong is repaired: the same wish under another key goes through, and the past stays readable.
    let (status, after) = api.send(Method::POST, "/buyer-group/refresh", &[wait], Some(force)).await;
    assert_eq!((status, &after["version"]), (200, &json!(2)), "{after}");
    let then = before["metadata"]["timestamp"].as_str().unwrap();
    let (_, past) = api.get(&format!("{end}&asOf={then}")).await;
    assert_eq!((&past["version"], &past["members"]), (&json!(1), &before["members"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_is_watched_told_what_it_refuses_and_cancelled() {
    let stage = Stage::with(FaultySource::new(sample_roster()).gated_after(2)).await;
    let api = Api::on(&stage).await;
    let (status, asked) = api
        .send(Method::POST, "/buyer-group", &[("idempotency-key", "slow"), ("prefer", "wait=1")], Some(sample()))
        .await;
    assert_eq!((status, &asked["id"]), (202, &json!("api:slow")), "{asked}");
    let active = eventually(async || {
        let (_, refresh) = api.get("/refreshes/api:slow").await;
        (refresh["progress"]["membersEnriched"] == 2).then_some(refresh)
    })
    .await;
    assert_eq!((&active["status"], &active["progress"]["step"]), (&json!("active"), &json!("enrich")), "{active}");
    let run = active["runId"].as_str().unwrap();
    assert_eq!(api.get(&format!("/refreshes/{run}")).await.1["id"], "api:slow");
    // It waits for no review, so there is nothing to approve.
    let (status, refused) = api.send(Method::POST, "/refreshes/api:slow/approve", &[], None).await;
    assert_eq!((status, &refused["type"]), (409, &json!("/problems/steering-refused")), "{refused}");
    let (status, told) = api.send(Method::POST, "/refreshes/api:slow/cancel", &[], None).await;
    assert_eq!(status, 202, "{told}");
    let cancelled = api.reaches("api:slow", "cancelled").await;
    assert!(cancelled.get("result").is_none() && cancelled["completedAt"].is_string(), "{cancelled}");
    let (status, over) = api.send(Method::POST, "/refreshes/api:slow/reject", &[], None).await;
    assert_eq!((status, &over["type"]), (409, &json!("/problems/refresh-over")), "{over}");
    let (status, none) =
        api.get(&format!("/buyer-group?company={}", cancelled["company"]["id"].as_str().unwrap())).await;
    assert_eq!((status, &none["type"]), (404, &json!("/problems/no-group")), "nothing half-done is shown");
    stage.source.open_gate();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_is_waiting_without_a_worker_and_delayed_while_a_step_is_tried_again() {
    let mut stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let api = Api::on(&stage).await;
    stage.source.fail(Asked::Resolve, [FailureClass::RateLimited; 6]);
    let (status, _) = api.send(Method::POST, "/buyer-group", &[("idempotency-key", "late")], Some(sample())).await;
    assert_eq!(status, 202);
    let waiting = api.reaches("api:late", "waiting").await;
    assert_eq!(waiting["progress"], json!({"step": null, "percent": null}));
    stage.start_worker();
    let delayed = api.reaches("api:late", "delayed").await;
    assert_eq!(
        (&delayed["error"]["class"], &delayed["error"]["step"]),
        (&json!("RateLimited"), &json!("resolve_company"))
    );
    assert!(delayed["error"]["nextAttempt"].as_u64().unwrap() >= 2, "{delayed}");
}
