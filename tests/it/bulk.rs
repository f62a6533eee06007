//! Many companies at once, on a real server: a few at a time, over as many runs as it takes.

use crate::stage::source::FaultySource;
use crate::stage::{PATIENCE, RunningWorker, Stage, eventually, sample_roster, workspace};
use activities::sources::{CompanySource, FoundCompany, SourceError};
use activities::{Profiles, Refresher, Sources};
use async_trait::async_trait;
use buyer_group::sample;
use contracts::{
    BulkProgress, BulkRequest, BulkStatus, CompanyRef, Digest, EnrichmentLevel, EventRef, FailureClass, OutcomeKind,
    SourceName, WorkflowId, WorkspaceId,
};
use starter::{RefreshStarter, StartAnswer, StartLimits};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{BulkPut, BulkRecord, NewBulkItem};
use temporalio_client::{
    Client, UntypedWorkflowHandle, WorkflowExecutionInfo, WorkflowExecutionStatus, WorkflowHandle,
};
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use tokio::sync::Semaphore;
use workflows::BulkRefresh;

const ID: &str = "bu_test";

/// Knows no company, and of whom it was asked, and how many asked at once. Companies whose name begins with `stuck` are
/// looked for until the gate is opened; with one whose name begins with `bad` something is wrong.
struct Counting {
    asked: Mutex<Vec<String>>,
    now: AtomicUsize,
    most: AtomicUsize,
    gate: Semaphore,
}

impl Counting {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            asked: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl CompanySource for Counting {
    async fn resolve(&self, _: &WorkspaceId, company: &CompanyRef) -> Result<Option<FoundCompany>, SourceError> {
        self.asked.lock().unwrap().push(company.name.clone());
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Also when the lookup is dropped because its refresh was cancelled.
        let _leave = Leave(&self.now);
        if company.name.starts_with("stuck") {
            self.gate.acquire().await.unwrap().forget();
        }
        if company.name.starts_with("bad") {
            return Err(SourceError::new(FailureClass::AuthFailed, "a scripted failure"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(None)
    }
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn worker(stage: &Stage, companies: &Arc<Counting>) -> RunningWorker {
    let roster = stage.source.clone();
    let sources = Sources { companies: companies.clone(), people: roster.clone(), contacts: roster };
    let profiles = Profiles { fallback: sample::profile().unwrap(), ..Profiles::default() };
    RunningWorker::start(
        stage.server.address(),
        Arc::new(Refresher::new(stage.store.clone(), sources, profiles).at_pace(stage.pace)),
    )
}

async fn stage() -> Stage {
    Stage::without_worker(FaultySource::new(sample_roster()), None).await
}

fn request(refreshes: usize, at_once: u32, let_go_after: Duration) -> BulkRequest {
    let now = jiff::Timestamp::now().as_millisecond();
    BulkRequest {
        workspace: workspace(),
        event: EventRef {
            source: SourceName::bulk(),
            id: ID.parse().unwrap(),
            digest: Digest::of(b"body"),
            occurred_at: now,
            received_at: now,
        },
        level: EnrichmentLevel::Identify,
        refreshes: u32::try_from(refreshes).unwrap(),
        at_once,
        let_go_after_ms: u64::try_from(let_go_after.as_millis()).unwrap(),
        progress: BulkProgress::default(),
    }
}

type Handle = WorkflowHandle<Client, BulkRefresh>;

/// Keeps the bulk and starts it, as the API does.
async fn started(stage: &Stage, names: &[String], request: BulkRequest) -> Handle {
    let item = |name: &String| NewBulkItem { name: name.clone(), domain: None, same_as: None };
    let items: Vec<_> = names.iter().map(item).collect();
    assert_eq!(stage.store.put_bulk(&request, &items).await, Ok(BulkPut::Stored));
    let patient = StartLimits { deadline: PATIENCE, per_attempt: Duration::from_secs(10), max_in_flight: 4 };
    let starter = RefreshStarter::new(stage.client.clone(), patient);
    let workflow_id = request.workflow_id();
    match starter.start(&request.into()).await.unwrap() {
        StartAnswer::Started { .. } => {}
        other => panic!("{other:?}"),
    }
    stage.client.get_workflow_handle::<BulkRefresh>(workflow_id.as_str())
}

async fn ended(handle: &Handle) -> BulkStatus {
    let ended = handle.get_result(Default::default());
    tokio::time::timeout(PATIENCE, ended).await.expect("the bulk has not ended").unwrap()
}

async fn kept(stage: &Stage) -> BulkRecord {
    stage.store.bulk(&workspace(), ID).await.unwrap().unwrap()
}

/// What the workflow itself says, once it says something that fits.
async fn until(handle: &Handle, condition: impl Fn(&BulkStatus) -> bool) -> BulkStatus {
    eventually(async || {
        let status = handle.query(BulkRefresh::bulk_status, (), Default::default()).await.ok()?;
        condition(&status).then_some(status)
    })
    .await
}

fn refresh_of(number: u32) -> String {
    let event = request(1, 1, Duration::ZERO).item_event(number);
    WorkflowId::new(&workspace(), &event.source, &event.id).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a3_many_companies_are_refreshed_a_few_at_a_time_and_no_history_grows_long() {
    const COMPANIES: usize = 230;
    const AT_ONCE: u32 = 6;
    let stage = stage().await;
    let companies = Counting::new();
    let mut names: Vec<String> = (1..=COMPANIES).map(|number| format!("Company {number}")).collect();
    for bad in [3, 77, 229] {
        names[bad] = format!("bad {bad}");
    }
    let first_worker = worker(&stage, &companies);
    let handle = started(&stage, &names, request(COMPANIES, AT_ONCE, PATIENCE)).await;
    let first_run = handle.describe(Default::default()).await.unwrap().run_id().to_owned();
    // In the middle of it the worker goes, and another one comes.
    until(&handle, |status| status.over >= 40).await;
    drop(first_worker);
    let _second_worker = worker(&stage, &companies);
    let all = u32::try_from(COMPANIES).unwrap();
    let status = ended(&handle).await;
    assert_eq!(status, BulkStatus { refreshes: all, started: all, in_flight: 0, over: all, let_go: 0 });

    let most = companies.most.load(Ordering::SeqCst);
    assert!((2..=AT_ONCE as usize).contains(&most), "{most} at once");
    let asked: BTreeSet<String> = companies.asked().into_iter().collect();
    assert_eq!(asked, names.into_iter().collect(), "every company was asked for");

    let kept = kept(&stage).await;
    assert_eq!((kept.not_begun, kept.running), (0, 0));
    assert_eq!((kept.ended_as(OutcomeKind::NoMatch), kept.ended_as(OutcomeKind::Failed)), (all - 3, 3));
    assert!(kept.closed_at.is_some() && !kept.cancelled);

    // The first run handed over to a second, which has what the first was given.
    let description = handle.describe(Default::default()).await.unwrap();
    assert_ne!(description.run_id(), first_run);
    let digest: Option<String> = description.memo().get(contracts::MEMO_DIGEST).unwrap();
    assert_eq!(digest.as_deref(), Some(Digest::of(b"body").as_str()));
    let priority = description.raw().workflow_execution_info.as_ref().unwrap().priority.clone().unwrap();
    assert_eq!((priority.priority_key, priority.fairness_key.as_str()), (5, "demo"));
    handed_over(&stage, &first_run).await;

    // Asking again under the same id is the same bulk.
    let limits = StartLimits { deadline: PATIENCE, per_attempt: Duration::from_secs(10), max_in_flight: 4 };
    let again = RefreshStarter::new(stage.client.clone(), limits);
    let answer = again.start(&request(COMPANIES, AT_ONCE, PATIENCE).into()).await.unwrap();
    assert!(matches!(answer, StartAnswer::Duplicate { .. }), "{answer:?}");
}

/// The run with this id, which handed over to another one after so many events that no history grows long.
async fn handed_over(stage: &Stage, run_id: &str) -> UntypedWorkflowHandle<Client> {
    let workflow_id = request(1, 1, PATIENCE).workflow_id();
    let run =
        WorkflowExecutionInfo::builder().namespace("default").workflow_id(workflow_id.as_str()).run_id(run_id).build();
    let first = run.bind_untyped(stage.client.clone());
    let events = first.fetch_history(Default::default()).into_events().await.unwrap();
    let last = events.last().and_then(|event| event.attributes.clone());
    assert!(
        matches!(last, Some(Attributes::WorkflowExecutionContinuedAsNewEventAttributes(_))),
        "the run ended otherwise: {last:?}"
    );
    assert!(events.len() < 4_000, "{} events", events.len());
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_bulk_starts_no_more_and_cancels_what_is_under_way() {
    let stage = stage().await;
    let companies = Counting::new();
    let _worker = worker(&stage, &companies);
    let names: Vec<String> =
        ["Company 1".to_owned()].into_iter().chain((2..=30).map(|n| format!("stuck {n}"))).collect();
    let handle = started(&stage, &names, request(names.len(), 4, PATIENCE)).await;
    until(&handle, |status| status.over == 1 && status.in_flight == 4).await;
    eventually(async || (companies.now.load(Ordering::SeqCst) == 4).then_some(())).await;
    handle.cancel(Default::default()).await.unwrap();
    let ended = tokio::time::timeout(PATIENCE, handle.get_result(Default::default())).await.unwrap();
    assert!(ended.is_err(), "{ended:?}");
    let description = handle.describe(Default::default()).await.unwrap();
    assert_eq!(description.status(), WorkflowExecutionStatus::Canceled);

    let kept = kept(&stage).await;
    assert!(kept.cancelled && kept.closed_at.is_some());
    assert_eq!(companies.asked().len(), 5, "more were started");
    assert_eq!((kept.not_begun, kept.running), (25, 0));
    assert_eq!((kept.ended_as(OutcomeKind::Cancelled), kept.ended_as(OutcomeKind::NoMatch)), (4, 1));
    stage.record("bulk-cancelled", &request(1, 1, PATIENCE).workflow_id().to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_waits_for_something_does_not_hold_up_the_others() {
    let stage = stage().await;
    let companies = Counting::new();
    let _worker = worker(&stage, &companies);
    let names: Vec<String> = ["stuck 1", "Company 2", "Company 3"].map(str::to_owned).to_vec();
    let handle = started(&stage, &names, request(3, 1, Duration::from_millis(500))).await;
    let status = ended(&handle).await;
    assert_eq!(status, BulkStatus { refreshes: 3, started: 3, in_flight: 0, over: 2, let_go: 1 });
    // It goes on by itself, and ends when it can.
    let before = kept(&stage).await;
    assert_eq!((before.running, before.not_begun), (1, 0));
    companies.gate.add_permits(1);
    let outcome = stage.ended(&refresh_of(1)).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::NoMatch);
    assert_eq!(kept(&stage).await.running, 0);
    stage.record("bulk-let-go", &request(1, 1, PATIENCE).workflow_id().to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_reaches_also_those_that_are_no_longer_waited_for() {
    let stage = stage().await;
    let companies = Counting::new();
    let _worker = worker(&stage, &companies);
    // Names so long that one run takes only part of them: what was let go is known to the next run as well.
    let stuck = [1, 40, 41, 42, 43, 44, 45, 46];
    let name =
        |number| format!("{} {number} {}", if stuck.contains(&number) { "stuck" } else { "Company" }, "好".repeat(500));
    let names: Vec<String> = (1..=50).map(name).collect();
    let handle = started(&stage, &names, request(50, 2, Duration::from_secs(2))).await;
    let first_run = handle.describe(Default::default()).await.unwrap().run_id().to_owned();
    until(&handle, |status| status.let_go >= 1 && status.started >= 41).await;
    handle.cancel(Default::default()).await.unwrap();
    tokio::time::timeout(PATIENCE, handle.get_result(Default::default())).await.unwrap().unwrap_err();
    // The one of the first run was told by the second.
    let ended = stage.ended(&refresh_of(1)).await;
    assert!(ended.is_err(), "{ended:?}");
    eventually(async || {
        let kept = kept(&stage).await;
        (kept.running == 0 && kept.cancelled).then_some(())
    })
    .await;
    stage.record_run("bulk-continued", handed_over(&stage, &first_run).await).await;
}
