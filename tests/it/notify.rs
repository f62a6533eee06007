//! Telling somebody how a refresh ended: whatever a receiver does, the refresh is done, and the receiver is told once.

use crate::refresh::decoded_payloads;
use crate::stage::receiver::{Got, Reply, SECRET, TestReceiver, config};
use crate::stage::source::{Asked, FaultySource};
use crate::stage::{PATIENCE, Stage, eventually, free_port, sample_roster, workspace};
use crate::worker_process;
use activities::notify::{Channel, ReceiverConfig, Receivers};
use buyer_group::sample;
use buyer_group::temporal::create_sweep_schedule;
use contracts::{
    BACKGROUND_TASK_QUEUE, CompanyRef, Digest, EnrichmentLevel, EventRef, FailureClass, NotificationKind, Notified,
    NotifyRequest, OutcomeKind, RefreshReason, RefreshRequest, SWEEP_SCHEDULE, SourceName, SweepOutboxDefinition,
    SweepRequest, Swept, TASK_QUEUE,
};
use secrecy::SecretString;
use starter::auth::{Preset, Signer, ToSign};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::{DeliveryRecord, DeliveryStatus, NotificationFilter};
use temporalio_client::WorkflowStartOptions;
use tokio::net::TcpListener;
use tokio::process::Command;
use workflows::{BuyerGroupRefresh, DeliverNotifications};

/// A stage whose worker tells these receivers.
pub(crate) async fn telling(receivers: &[ReceiverConfig]) -> Stage {
    let mut stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    stage.receivers = Arc::new(Receivers::new(receivers).unwrap());
    stage.start_worker();
    stage
}

fn delivery(refresh_id: &str, kind: NotificationKind) -> NotifyRequest {
    NotifyRequest { workspace: workspace(), refresh_id: refresh_id.to_owned(), kind }
}

/// How the delivery ended.
async fn delivered(stage: &Stage, request: &NotifyRequest) -> Notified {
    let handle = stage.client.get_workflow_handle::<DeliverNotifications>(request.workflow_id());
    // The refresh may have ended before its delivery is under way.
    let ended = eventually(async || handle.get_result(Default::default()).await.ok());
    tokio::time::timeout(PATIENCE, ended).await.expect("the delivery has not ended")
}

/// Each receiver's delivery of the one message there is.
async fn deliveries(stage: &Stage) -> BTreeMap<String, DeliveryRecord> {
    let records = stage.store.notifications(&NotificationFilter::default(), 10).await.unwrap();
    let deliveries = records.into_iter().flat_map(|record| record.deliveries);
    deliveries.map(|delivery| (delivery.receiver.clone(), delivery)).collect()
}

/// Waits until the receiver has as many requests.
pub(crate) async fn requests(receiver: &TestReceiver, wanted: usize) -> Vec<Got> {
    eventually(async || Some(receiver.got()).filter(|got| got.len() >= wanted)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_receiver_does_the_refresh_is_done_and_each_is_told_as_it_deserves() {
    let good = TestReceiver::start([]).await;
    let hiccup = TestReceiver::start([Reply::Status(500, ""), Reply::HangUp]).await;
    let busy = TestReceiver::start([
        // No time at all, and more time than the backoff of six seconds.
        Reply::Status(429, "retry-after: 0\r\n"),
        Reply::Status(503, "retry-after: 9\r\n"),
    ])
    .await;
    let slow = TestReceiver::start([Reply::Silence]).await;
    let elsewhere = TestReceiver::start([]).await;
    let location: &'static str = format!("location: {}\r\n", elsewhere.url).leak();
    let redirecting = TestReceiver::start([Reply::Status(307, location)]).await;
    let gone = TestReceiver::start([Reply::Status(410, "")]).await;
    let refusing = TestReceiver::start([Reply::Status(400, "")]).await;
    let private = TestReceiver::start([]).await;
    let down = free_port();
    let by_name = private.url.replace("127.0.0.1", "localhost");
    let receivers = [
        config("good", &good.url),
        config("hiccup", &hiccup.url),
        config("busy", &busy.url),
        config("slow", &slow.url),
        config("redirecting", &redirecting.url),
        config("gone", &gone.url),
        config("refusing", &refusing.url),
        ReceiverConfig { allow_private: false, ..config("private", &by_name) },
        config("down", &format!("http://127.0.0.1:{down}/hook")),
    ];
    let stage = telling(&receivers).await;
    let outcome = stage.refreshed("evt-1").await;
    let request = delivery(&outcome.refresh_id, NotificationKind::GroupRefreshed);

    // The refresh is over, and one receiver is still down.
    let waiting = eventually(async || {
        let delivery = deliveries(&stage).await.remove("down")?;
        (delivery.attempts >= 2).then_some(delivery)
    })
    .await;
    assert_eq!((waiting.status, waiting.error.as_deref()), (DeliveryStatus::Pending, Some("no_connection")));
    let up = TestReceiver::on(TcpListener::bind(("127.0.0.1", down)).await.unwrap(), []);
    assert_eq!(delivered(&stage, &request).await, Notified { delivered: 5, disabled: 1, given_up: 3 });

    let told = deliveries(&stage).await;
    let row = |name: &str| {
        let one = &told[name];
        (one.status, one.attempts, one.http_status, one.error.as_deref())
    };
    use DeliveryStatus::{Delivered, Disabled, GivenUp};
    assert_eq!(row("good"), (Delivered, 1, Some(200), None));
    assert_eq!(row("hiccup"), (Delivered, 3, Some(200), None));
    assert_eq!(row("busy"), (Delivered, 3, Some(200), None));
    let at: Vec<i64> = busy.got().iter().map(|got| got.header("webhook-timestamp").parse().unwrap()).collect();
    assert!(at[1] - at[0] >= 1 && at[2] - at[1] >= 8, "not left alone: {at:?}");
    assert_eq!(row("slow"), (Delivered, 2, Some(200), None));
    assert_eq!(row("redirecting"), (GivenUp, 1, Some(307), Some("InvalidRequest")));
    assert_eq!(row("gone"), (Disabled, 1, Some(410), Some("gone")));
    assert_eq!(row("refusing"), (GivenUp, 1, Some(400), Some("InvalidRequest")));
    assert_eq!(row("private"), (GivenUp, 1, None, Some("refused_address")));
    assert_eq!((told["down"].status, told["down"].http_status), (Delivered, Some(200)));
    assert_eq!((up.got().len(), elsewhere.got().len(), private.got().len()), (1, 0, 0));
    let disabled = stage.store.disabled_receivers(None).await.unwrap();
    assert_eq!((disabled[0].receiver.as_str(), disabled[0].reason.as_str()), ("gone", "it answered 410"));

    // One id for everybody, at every attempt.
    for receiver in [&good, &hiccup, &busy, &slow, &up] {
        for got in receiver.got() {
            assert_eq!(got.header("webhook-id"), request.message_id());
        }
    }
    // Where it went and what it said stands in no history.
    let handle = stage.client.get_workflow_handle::<DeliverNotifications>(request.workflow_id());
    let payloads = decoded_payloads(&handle.fetch_history(Default::default()).to_json().await.unwrap());
    let group = stage.store.group(&workspace(), outcome.company_id.as_deref().unwrap()).await.unwrap().unwrap();
    for member in &group.members {
        assert!(!payloads.contains(&member.member.person.name), "a name is in the history");
    }
    assert!(payloads.contains(&request.message_id()) && !payloads.contains("/hook"), "a URL is in the history");
    stage
        .record("refresh-notified", &stage.store.refresh(&outcome.refresh_id).await.unwrap().unwrap().workflow_id)
        .await;
    stage.record("deliver-own-queue", &request.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_signed_and_says_what_changed_and_no_address_unless_asked() {
    let (plain, trusted) = (TestReceiver::start([]).await, TestReceiver::start([]).await);
    let previous = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
    let rotating = ReceiverConfig {
        contact_data: true,
        secrets: [SECRET, previous].map(SecretString::from).into(),
        ..config("trusted", &trusted.url)
    };
    let stage = telling(&[config("plain", &plain.url), rotating]).await;
    let outcome = stage.refreshed("evt-1").await;
    let (plain, trusted) = (requests(&plain, 1).await.remove(0), requests(&trusted, 1).await.remove(0));

    assert!(plain.head.starts_with("POST /hook HTTP/1.1"), "{}", plain.head);
    assert_eq!(plain.header("content-type"), "application/json");
    let by = |secret: &str, got: &Got| {
        let signer = Signer::of(Preset::StandardWebhooks, &SecretString::from(secret)).unwrap();
        let at = got.header("webhook-timestamp").parse::<i64>().unwrap() * 1000;
        let (method, id) = (&reqwest::Method::POST, got.header("webhook-id"));
        let signed = signer.sign(&ToSign { method, url: "http://x.example/", id, at, body: &got.body }).unwrap();
        let header = signed.headers.iter().find(|(name, _)| *name == "webhook-signature").unwrap();
        header.1.to_str().unwrap().to_owned()
    };
    assert_eq!(plain.header("webhook-signature"), by(SECRET, &plain));
    let both = format!("{} {}", by(SECRET, &trusted), by(previous, &trusted));
    assert_eq!(trusted.header("webhook-signature"), both);

    let body = plain.json();
    assert_eq!(body["type"], "group.refreshed");
    assert_eq!(body["data"]["refresh_id"], outcome.refresh_id);
    assert_eq!(body["data"]["group"]["members"], outcome.members);
    let joined = body["data"]["changes"]["joined"].as_array().unwrap();
    assert_eq!(joined.len(), outcome.diff.joined as usize);
    assert!(joined.iter().all(|member| !member["name"].as_str().unwrap().is_empty()));
    assert!(!String::from_utf8_lossy(&plain.body).contains('@'), "an address went out");
    let joined = &trusted.json()["data"]["changes"]["joined"];
    assert!(joined.as_array().unwrap().iter().any(|member| member["contact"]["email"].is_string()), "{joined}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_refresh_is_told_to_a_channel_and_an_unchanged_one_to_nobody() {
    let channel = TestReceiver::start([]).await;
    let slack = ReceiverConfig { channel: Channel::Slack, secrets: Vec::new(), ..config("sales", &channel.url) };
    let only_failures = TestReceiver::start([]).await;
    let failures =
        ReceiverConfig { events: [NotificationKind::RefreshFailed].into(), ..config("failures", &only_failures.url) };
    let stage = telling(&[slack, failures]).await;
    stage.source.fail(Asked::Resolve, [FailureClass::AuthFailed]);
    let answer = stage.post("evt-1").await;
    stage.ended(answer.workflow_id()).await.unwrap_err();
    let failed = delivery(answer.run_id(), NotificationKind::RefreshFailed);
    assert_eq!(delivered(&stage, &failed).await, Notified { delivered: 2, ..Notified::default() });
    let message = channel.got().remove(0);
    assert_eq!(message.header("webhook-signature"), "", "Slack takes no signature");
    assert!(message.json()["text"].as_str().unwrap().starts_with("Refresh failed: "), "{}", message.json());
    let told = only_failures.got().remove(0).json();
    assert_eq!(told["data"]["failure"], serde_json::json!({"step": "resolve_company", "class": "AuthFailed"}));
    stage.record("failed-notified", answer.workflow_id()).await;

    let first = stage.refreshed("evt-2").await;
    let changed = delivery(&first.refresh_id, NotificationKind::GroupRefreshed);
    assert_eq!(delivered(&stage, &changed).await, Notified { delivered: 1, ..Notified::default() });
    let second = stage.refreshed("evt-3").await;
    assert_eq!((second.outcome, second.diff.total()), (OutcomeKind::Refreshed, 0));
    let records = stage.store.notifications(&NotificationFilter::default(), 10).await.unwrap();
    assert_eq!(records.len(), 2, "{records:?}");
    assert_eq!((channel.got().len(), only_failures.got().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_left_lying_goes_with_the_next_delivery() {
    let receiver = TestReceiver::start([]).await;
    let stage = telling(&[config("backend", &receiver.url)]).await;
    // A refresh that was ended from outside right after it had put its message into the outbox, long ago.
    stage.record_another_event("evt-0").await;
    stage.store.announce(&workspace(), "another-run", NotificationKind::ReviewNeeded, 1).await.unwrap();
    let outcome = stage.refreshed("evt-1").await;
    let own = delivery(&outcome.refresh_id, NotificationKind::GroupRefreshed);
    assert_eq!(delivered(&stage, &own).await, Notified { delivered: 2, ..Notified::default() });
    let mut types: Vec<_> = receiver.got().iter().map(|got| got.json()["type"].clone()).collect();
    types.sort_by_key(ToString::to_string);
    assert_eq!(types, ["group.refreshed", "review.needed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_left_lying_in_a_quiet_workspace_is_told_by_itself() {
    let receiver = TestReceiver::start([]).await;
    let stage = telling(&[config("backend", &receiver.url)]).await;
    stage.record_another_event("evt-0").await;
    stage.store.announce(&workspace(), "another-run", NotificationKind::ReviewNeeded, 1).await.unwrap();
    // And one whose refresh has only just written it: its own delivery is on its way.
    let now = jiff::Timestamp::now().as_millisecond();
    stage.store.announce(&workspace(), "another-run", NotificationKind::RefreshFailed, now).await.unwrap();
    assert_eq!(swept(&stage, "sweep-1").await, Swept { started: 1 });
    let request = delivery("another-run", NotificationKind::ReviewNeeded);
    assert_eq!(delivered(&stage, &request).await, Notified { delivered: 1, ..Notified::default() });
    assert_eq!(requests(&receiver, 1).await[0].header("webhook-id"), request.message_id());
    assert_eq!(swept(&stage, "sweep-2").await, Swept::default());
    stage.record("sweep-outbox", "sweep-1").await;

    // A schedule does that, also for what lies there by now.
    let old = "UPDATE outbox SET created_at = 2 WHERE kind = 'refresh.failed'";
    stage.sql(old).await.unwrap();
    assert!(create_sweep_schedule(&stage.client, Duration::from_secs(2)).await.unwrap());
    assert!(!create_sweep_schedule(&stage.client, Duration::from_secs(2)).await.unwrap(), "made twice");
    let request = delivery("another-run", NotificationKind::RefreshFailed);
    assert_eq!(delivered(&stage, &request).await, Notified { delivered: 1, ..Notified::default() });
    stage.client.get_schedule_handle(SWEEP_SCHEDULE).delete(Default::default()).await.unwrap();
}

/// One run of the sweep.
async fn swept(stage: &Stage, id: &str) -> Swept {
    let options = WorkflowStartOptions::new(TASK_QUEUE, id).build();
    let request = SweepRequest::default();
    let started = stage.client.start_workflow(SweepOutboxDefinition, request, options).await.unwrap();
    started.get_result(Default::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_that_are_silent_take_no_refresh_s_place() {
    // As many as a worker does of anything else at once, and none of them answers.
    let silent = TestReceiver::start(std::iter::repeat_n(Reply::Silence, 64)).await;
    let names: Vec<String> = (0..16).map(|number| format!("silent-{number}")).collect();
    let receivers: Vec<_> = names.iter().map(|name| config(name, &silent.url)).collect();
    let stage = telling(&receivers).await;
    let first = stage.refreshed("evt-1").await;
    requests(&silent, receivers.len()).await;
    stage.refreshed("evt-2").await;
    let first = delivery(&first.refresh_id, NotificationKind::GroupRefreshed);
    let pending = deliveries(&stage).await;
    assert_eq!(pending.len(), receivers.len(), "{} went elsewhere", first.message_id());
    assert!(pending.values().all(|one| one.attempts == 0), "the refresh waited for receivers: {pending:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_it_tells_a_receiver_has_one_effect_there() {
    // It has taken the message, and its answer never arrives.
    let receiver = TestReceiver::start([Reply::Silence]).await;
    let stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let log = stage.folder.path().join("lookups");
    let (temporal, database) = (stage.server.address(), stage.database_url.clone());
    let mut first = worker_process::spawn_telling(&temporal, &database, &log, &receiver.url);
    let outcome = stage.refreshed("evt-1").await;
    requests(&receiver, 1).await;
    first.kill().await.unwrap();
    let told = deliveries(&stage).await;
    assert_eq!((told["backend"].status, told["backend"].attempts), (DeliveryStatus::Pending, 0), "too late: {told:?}");

    let _second = worker_process::spawn_telling(&temporal, &database, &log, &receiver.url);
    let request = delivery(&outcome.refresh_id, NotificationKind::GroupRefreshed);
    assert_eq!(delivered(&stage, &request).await, Notified { delivered: 1, ..Notified::default() });
    let got = receiver.got();
    assert_eq!(got.len(), 2, "told {} times", got.len());
    // A receiver that keeps the ids it has seen does what it does once.
    let mut effects: Vec<_> = got.iter().map(|got| got.header("webhook-id").to_owned()).collect();
    effects.dedup();
    assert_eq!(effects, [request.message_id()]);
    assert_eq!(got[0].body, got[1].body, "the same message says something else");
    stage.record("deliver-worker-killed", &request.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_who_is_disabled_enables_it_and_has_it_told_what_it_missed() {
    let receiver = TestReceiver::start([Reply::Status(410, "")]).await;
    let stage = telling(&[config("backend", &receiver.url)]).await;
    let outcome = stage.refreshed("evt-1").await;
    let request = delivery(&outcome.refresh_id, NotificationKind::GroupRefreshed);
    assert_eq!(delivered(&stage, &request).await, Notified { disabled: 1, ..Notified::default() });

    let settings = format!(
        "[[receivers]]\nname = 'backend'\nurl = '{}'\nsecret = '{SECRET}'\nallow_http = true\nallow_private = true\n",
        receiver.url
    );
    std::fs::write(stage.folder.path().join("bgr.toml"), settings).unwrap();
    let run = async |arguments: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_buyer-group"))
            .args(arguments.split(' '))
            .current_dir(stage.folder.path())
            .env("DATABASE_URL", &stage.database_url)
            .env("TEMPORAL_ADDRESS", stage.server.address())
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), told + &String::from_utf8_lossy(&output.stderr))
    };
    let (code, told) = run("receivers list").await;
    assert!(code == Some(0) && told.contains("disabled since") && told.contains("it answered 410"), "{told}");
    let (code, told) = run("notifications list --failed").await;
    assert!(code == Some(0) && told.contains(&request.message_id()) && told.contains("answered 410"), "{told}");
    let (code, told) = run("notifications retry").await;
    assert!(code == Some(2) && told.contains("--failed"), "{told}");
    let (code, told) = run("receivers enable backend").await;
    assert!(code == Some(0) && told.contains("notifications retry --receiver backend --failed"), "{told}");
    assert_eq!(run("receivers enable backend").await.0, Some(3));
    let (code, told) = run("notifications retry --receiver backend --failed").await;
    assert!(code == Some(0) && told.contains("1 notifications"), "{told}");
    let got = requests(&receiver, 2).await;
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    eventually(async || (deliveries(&stage).await["backend"].status == DeliveryStatus::Delivered).then_some(())).await;
    let (_, told) = run("receivers list").await;
    assert!(told.contains("is told") && !told.contains("127.0.0.1"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_for_which_nobody_waits_is_told_of_as_well() {
    let receiver = TestReceiver::start([]).await;
    let stage = telling(&[config("backend", &receiver.url)]).await;
    let request = RefreshRequest {
        workspace: workspace(),
        company: CompanyRef { id: None, name: sample::NAME.to_owned(), domain: None }.into(),
        reason: RefreshReason::Scheduled,
        level: EnrichmentLevel::Identify,
        event: EventRef {
            source: SourceName::schedule(),
            id: "co_1-1".parse().unwrap(),
            digest: Digest::of(b"co_1-1"),
            occurred_at: 1,
            received_at: 2,
        },
        person_ref: None,
        could_sit: None,
    };
    let options = WorkflowStartOptions::new(BACKGROUND_TASK_QUEUE, "scheduled").build();
    let refresh = stage.client.start_workflow(BuyerGroupRefresh::run, request, options).await.unwrap();
    let outcome = refresh.get_result(Default::default()).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    let told = delivered(&stage, &delivery(&outcome.refresh_id, NotificationKind::GroupRefreshed)).await;
    assert_eq!(told, Notified { delivered: 1, disabled: 0, given_up: 0 });
    assert_eq!(receiver.got().len(), 1);
}
