//! Recorded histories on today's code.

use buyer_group::commands::replay;
use contracts::{
    Begun, DiscoverInput, RefreshActs, RefreshOutcome, RefreshRequest, RefreshStatus, Resolution, ResolveInput,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowContextView, WorkflowResult};

fn histories() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories")
}

/// Every way in which a refresh can go that the scenarios record. A name that is missing here was not recorded.
const RECORDED: [&str; 46] = [
    "apply-retention",
    "bulk-cancelled",
    "bulk-continued",
    "bulk-let-go",
    "cancelled-in-enrich",
    "cancelled-in-review",
    "cancelled-in-save",
    "cancelled-in-wait",
    "carried",
    "coalesced",
    "database-down",
    "degraded",
    "deliver-notifications",
    "deliver-own-queue",
    "deliver-worker-killed",
    "duplicate-after-retention",
    "failed-begin",
    "failed-discover",
    "failed-enrich",
    "failed-notified",
    "failed-resolve",
    "failed-save",
    "ignored",
    "ignored-irrelevant",
    "no-match",
    "refresh-due",
    "refresh-employer-of",
    "refresh-enrich",
    "refresh-identify",
    "refresh-notified",
    "refresh-scheduled",
    "refresh-urgent",
    "refresh-with-slot",
    "retried",
    "review-approved",
    "review-overtaken",
    "review-overtakes",
    "review-rejected",
    "review-timed-out",
    "run-now",
    "slot-keeper",
    "suppress-contact",
    "sweep-outbox",
    "transient-then-success",
    "waited",
    "worker-killed",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_history_fits_this_build() {
    let replayed = replay::replay(&histories()).await.unwrap();
    for one in &replayed {
        assert_eq!(one.failure, None, "{}", one.file.display());
    }
    let names: Vec<_> = replayed.iter().map(|one| one.file.file_stem().unwrap().to_str().unwrap()).collect();
    for name in RECORDED {
        assert!(names.contains(&name), "{name} is not recorded: BGR_RECORD_HISTORIES=1 records it");
    }
}

/// A duration as histories have it.
fn seconds(value: &serde_json::Value) -> f64 {
    value.as_str().and_then(|text| text.strip_suffix('s')).and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

#[test]
fn q9_every_step_has_an_end_and_every_lookup_a_heartbeat() {
    let mut seen = BTreeSet::new();
    for file in std::fs::read_dir(histories()).unwrap() {
        let file = file.unwrap().path();
        let history: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for event in history["events"].as_array().unwrap() {
            let Some(step) = event["attributes"].get("ActivityTaskScheduledEventAttributes") else { continue };
            let name = step["activity_type"]["name"].as_str().unwrap();
            let (end, heartbeat) = (seconds(&step["start_to_close_timeout"]), seconds(&step["heartbeat_timeout"]));
            assert!(end > 0.0, "{name} may take for ever in {}", file.display());
            if LOOKUPS.contains(&name) {
                assert!(heartbeat > 0.0 && heartbeat < end, "nobody hears that {name} is alive in {}", file.display());
            }
            seen.insert(name.to_owned());
        }
    }
    let steps = LOOKUPS.into_iter().chain(["begin", "claim_slot", "save", "record_failure", "deliver_notification"]);
    for name in steps {
        assert!(seen.contains(name), "no history has {name}: {seen:?}");
    }
}

/// The steps that talk to providers.
const LOOKUPS: [&str; 3] = ["resolve_company", "discover", "enrich_member"];

/// The refresh with two steps in another order: the edit that must not go unnoticed.
#[workflow]
pub struct Reordered {
    request: RefreshRequest,
}

#[workflow_methods]
impl Reordered {
    #[init]
    fn new(_ctx: &WorkflowContextView, request: RefreshRequest) -> Self {
        Self { request }
    }

    #[run(name = contracts::BUYER_GROUP_REFRESH)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<RefreshOutcome> {
        let request = ctx.state(|refresh| refresh.request.clone());
        let options = || ActivityOptions::start_to_close_timeout(Duration::from_secs(10));
        let begun = ctx.execute_activity(RefreshActs::begin, request.clone(), options()).await?;
        let (Begun::Open { refresh_id, .. } | Begun::AlreadyRecorded { refresh_id }) = begun.result;
        let workspace = request.workspace.clone();
        let discover = DiscoverInput { refresh_id: refresh_id.clone(), workspace, company_id: "co_1".to_owned() };
        ctx.execute_activity(RefreshActs::discover, discover, options()).await?;
        let resolve = ResolveInput { refresh_id, request };
        let resolved = ctx.execute_activity(RefreshActs::resolve_company, resolve, options()).await?;
        match resolved.result {
            Resolution::Company { .. } | Resolution::NoMatch => std::future::pending().await,
        }
    }

    #[query(name = contracts::STATUS_QUERY)]
    pub fn status(&self, _ctx: &WorkflowContextView) -> RefreshStatus {
        unreachable!("nobody asks a replay")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reordered_workflow_is_caught() {
    let options = WorkflowReplayerOptions::new().register_workflow::<Reordered>().unwrap().build();
    let replayer = WorkflowReplayer::new(options).unwrap();
    let replayed = replay::replay_with(&replayer, &histories().join("refresh-enrich.json")).await.unwrap();
    let failure = replayed[0].failure.as_deref().expect("the reordered workflow went unnoticed");
    assert!(failure.contains("nondeterminis") || failure.contains("Nondeterminism"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_history_is_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    assert!(replay::replay(folder.path()).await.unwrap_err().to_string().contains("no recorded history"));
    let file = folder.path().join("x.json");
    std::fs::write(&file, b"{}x").unwrap();
    assert!(format!("{:#}", replay::replay(&file).await.unwrap_err()).contains("buyer-group history"));
}
