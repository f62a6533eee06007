//! Ten workspaces, one of which floods: what it does to a refresh that somebody waits for in another one. With numbers that
//! take minutes, so `scripts/fairness` runs it; that nobody is held up at all is proven in `priority.rs`.

use crate::stage::source::FaultySource;
use crate::stage::{PATIENCE, RunningWorker, Stage, sample_roster};
use activities::roster::{Roster, RosterData, RosterSource};
use activities::{Profiles, Refresher, Sources};
use buyer_group::sample;
use contracts::{
    BulkProgress, BulkRequest, BulkStatus, CompanyRef, Digest, EnrichmentLevel, EventRef, OutcomeKind, RefreshReason,
    RefreshRequest, SourceName, WorkspaceId,
};
use starter::intelligence::BulkLimits;
use starter::{RefreshStarter, StartAnswer, StartLimits};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::NewBulkItem;
use temporalio_client::{Client, WorkflowHandle};
use workflows::{BulkRefresh, BuyerGroupRefresh};

/// Refreshes measured in each phase.
const MEASURED: usize = 30;
/// Refreshes before the first that is measured: connections, caches and pollers are warm then.
const WARM: usize = 5;
/// Refreshes of the flood under way at once: the most that `bulk.at_once` allows, so that hundreds of steps wait for a
/// worker at any time and only their order decides.
const AT_ONCE: u32 = 500;
/// Refreshes of the flood that must be under way when the measurement ends, or it was none.
const LEAST: u32 = 50;
/// Between two measured refreshes, so that they do not load the machine themselves.
const PAUSE: Duration = Duration::from_millis(500);

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap())
}

fn tenant(number: usize) -> WorkspaceId {
    format!("tenant-{number}").parse().unwrap()
}

/// A company with twelve people.
fn company(workspace: &WorkspaceId, number: usize) -> Roster {
    Roster {
        workspace: workspace.clone(),
        company_id: None,
        name: format!("Company {number}"),
        domain: Some(format!("company-{number}.example")),
        staff: None,
        revenue: None,
        data: RosterData::Embedded { name: "people.csv", bytes: PEOPLE.as_bytes() },
    }
}

const PEOPLE: &str = "person_id,first_name,last_name,title,department,email
p1,Ada,Ash,Chief Executive Officer,Executive,p1@company.example
p2,Ben,Birch,Chief Operating Officer,Operations,p2@company.example
p3,Cy,Cedar,Chief Financial Officer,Finance,p3@company.example
p4,Di,Date,VP Operations,Operations,p4@company.example
p5,Ed,Elm,VP Engineering,Engineering,p5@company.example
p6,Fay,Fir,Director of Quality,Quality,p6@company.example
p7,Gus,Gum,Head of Procurement,Procurement,p7@company.example
p8,Hal,Holly,Plant Manager,Operations,p8@company.example
p9,Ivy,Ironwood,Maintenance Manager,Operations,p9@company.example
p10,Jo,Juniper,Security Manager,IT,p10@company.example
p11,Kim,Kapok,Legal Counsel,Legal,p11@company.example
p12,Lu,Larch,Buyer,Procurement,p12@company.example
";

fn refresh(
    workspace: &WorkspaceId,
    number: usize,
    id: String,
    reason: RefreshReason,
    source: SourceName,
) -> RefreshRequest {
    let now = jiff::Timestamp::now().as_millisecond();
    let name = format!("Company {number}");
    RefreshRequest {
        workspace: workspace.clone(),
        company: CompanyRef { id: None, name, domain: Some(format!("company-{number}.example")) }.into(),
        reason,
        level: EnrichmentLevel::Enrich,
        event: EventRef {
            source,
            digest: Digest::of(id.as_bytes()),
            id: id.parse().unwrap(),
            occurred_at: now,
            received_at: now,
        },
        person_ref: None,
        could_sit: None,
    }
}

struct World {
    stage: Stage,
    starter: Arc<RefreshStarter>,
    _worker: RunningWorker,
}

impl World {
    async fn new(companies: usize) -> Self {
        let stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
        let mut rosters: Vec<Roster> = (0..companies).map(|number| company(&tenant(0), number)).collect();
        for other in 1..10 {
            rosters.extend((0..2 * (MEASURED + WARM)).map(|number| company(&tenant(other), number)));
        }
        let source = Arc::new(RosterSource::new(rosters).unwrap());
        let sources = Sources { companies: source.clone(), people: source.clone(), contacts: source };
        let profiles = Profiles { fallback: sample::profile().unwrap(), ..Profiles::default() };
        let refresher = Arc::new(Refresher::new(stage.store.clone(), sources, profiles).at_pace(stage.pace));
        let worker = RunningWorker::start_as_shipped(stage.server.address(), refresher);
        let limits = StartLimits { deadline: PATIENCE, per_attempt: Duration::from_secs(10), max_in_flight: 64 };
        let starter = Arc::new(RefreshStarter::new(stage.client.clone(), limits));
        Self { stage, starter, _worker: worker }
    }

    async fn start(&self, request: RefreshRequest) -> String {
        match self.starter.start(&request.into()).await.unwrap() {
            StartAnswer::Started { workflow_id, .. } => workflow_id.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// How long refreshes by hand take in the small workspace, one after the other, each of another company.
    async fn measured(&self, phase: &str, first_company: usize) -> Vec<Duration> {
        let mut took = Vec::new();
        for number in 0..WARM + MEASURED {
            tokio::time::sleep(PAUSE).await;
            let id = format!("{phase}-{number}");
            let request = refresh(&tenant(9), first_company + number, id, RefreshReason::Manual, SourceName::manual());
            let began = Instant::now();
            let workflow_id = self.start(request).await;
            let handle: WorkflowHandle<Client, BuyerGroupRefresh> =
                self.stage.client.get_workflow_handle(workflow_id.as_str());
            let outcome = handle.get_result(Default::default()).await.unwrap();
            assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
            took.push(began.elapsed());
        }
        took.split_off(WARM)
    }

    async fn bulk(&self, companies: usize) -> WorkflowHandle<Client, BulkRefresh> {
        let limits = BulkLimits::default();
        let now = jiff::Timestamp::now().as_millisecond();
        let request = BulkRequest {
            workspace: tenant(0),
            event: EventRef {
                source: SourceName::bulk(),
                id: "bu_flood".parse().unwrap(),
                digest: Digest::of(b"flood"),
                occurred_at: now,
                received_at: now,
            },
            level: EnrichmentLevel::Enrich,
            refreshes: u32::try_from(companies).unwrap(),
            at_once: AT_ONCE,
            let_go_after_ms: u64::try_from(limits.let_go_after.as_millis()).unwrap(),
            progress: BulkProgress::default(),
        };
        let item = |number| NewBulkItem {
            name: format!("Company {number}"),
            domain: Some(format!("company-{number}.example")),
            same_as: None,
        };
        let items: Vec<_> = (0..companies).map(item).collect();
        self.stage.store.put_bulk(&request, &items).await.unwrap();
        let workflow_id = request.workflow_id();
        self.starter.start(&request.into()).await.unwrap();
        self.stage.client.get_workflow_handle(workflow_id.as_str())
    }

    /// Webhooks of the eight others, one of them every five seconds.
    async fn others(&self) -> std::convert::Infallible {
        for number in 0_usize.. {
            let (other, company) = (1 + number % 8, number / 8);
            let id = format!("evt-{number}");
            let request = refresh(&tenant(other), company, id, RefreshReason::RoleChange, "crm".parse().unwrap());
            self.start(request).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        unreachable!("the numbers do not end")
    }
}

fn quantile(took: &[Duration], of_hundred: usize) -> Duration {
    let mut sorted = took.to_vec();
    sorted.sort();
    sorted[(sorted.len() * of_hundred / 100).min(sorted.len() - 1)]
}

fn told(phase: &str, took: &[Duration]) {
    let [p50, p90, most] = [50, 90, 100].map(|of_hundred| quantile(took, of_hundred).as_millis());
    println!("{phase:<28} {:>3} refreshes   p50 {p50:>5} ms   p90 {p90:>5} ms   most {most:>5} ms", took.len());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; scripts/fairness runs it"]
async fn a_flood_of_one_workspace_at_most_doubles_the_time_of_another_ones_refresh() {
    let companies = number("BGR_FAIRNESS_COMPANIES", 5_000);
    let world = World::new(companies).await;
    let alone = world.measured("alone", 0).await;
    told("nothing else", &alone);

    let flood = world.bulk(companies).await;
    let began = Instant::now();
    let beside = tokio::select! {
        beside = world.measured("beside", WARM + MEASURED) => beside,
        never = world.others() => match never {},
    };
    told("beside the flood", &beside);
    let status: BulkStatus = flood.query(BulkRefresh::bulk_status, (), Default::default()).await.unwrap();
    let rate = f64::from(status.over) / began.elapsed().as_secs_f64();
    println!(
        "the flood: {} of {companies} refreshes over, {rate:.1} a second, {} at a time; {} under way at the end",
        status.over, AT_ONCE, status.in_flight
    );
    assert!(status.in_flight > LEAST, "there was no flood: {} under way", status.in_flight);
    assert!(
        status.over < u32::try_from(companies).unwrap(),
        "the flood was over before it was measured; raise its size"
    );
    let factor = |of_hundred| quantile(&beside, of_hundred).as_secs_f64() / quantile(&alone, of_hundred).as_secs_f64();
    let (median, p90) = (factor(50), factor(90));
    println!("factor of the medians: {median:.2}, of the p90s: {p90:.2}");
    flood.cancel(Default::default()).await.unwrap();
    assert!(flood.get_result(Default::default()).await.is_err(), "it was cancelled");
    assert!(median <= 2.0 && p90 <= 2.0, "beside the flood it took {median:.2} times as long, at p90 {p90:.2} times");
}
