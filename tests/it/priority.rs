//! Who waits for whom, when more waits than a worker can do.

use crate::stage::source::FaultySource;
use crate::stage::{PATIENCE, RunningWorker, Stage, sample_roster};
use buyer_group::sample;
use contracts::{
    CompanyRef, Digest, EnrichmentLevel, EventRef, RefreshReason, RefreshRequest, SourceName, WorkspaceId,
};
use futures::StreamExt as _;
use starter::{RefreshStarter, StartAnswer, StartLimits};
use std::time::Duration;

/// Refreshes that wait before the one that matters comes.
const FLOOD: usize = 60;

/// As many of them may have ended before it, on a machine that is busy with other things. Without priorities it is more
/// than half of them.
const SOME: usize = FLOOD / 3;

fn request(workspace: &str, source: &str, id: &str, reason: RefreshReason) -> RefreshRequest {
    let workspace: WorkspaceId = workspace.parse().unwrap();
    RefreshRequest {
        company: CompanyRef { id: None, name: sample::NAME.to_owned(), domain: None }.into(),
        workspace,
        reason,
        level: EnrichmentLevel::Identify,
        event: EventRef {
            source: source.parse().unwrap(),
            id: id.parse().unwrap(),
            digest: Digest::of(id.as_bytes()),
            occurred_at: 1,
            received_at: 2,
        },
        person_ref: None,
        could_sit: None,
    }
}

/// How many of the flood had ended when the late one did. A worker takes one activity at a time.
async fn ended_before(late: RefreshRequest) -> usize {
    let mut stage_without_worker = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let stage = &mut stage_without_worker;
    let patient = StartLimits { deadline: PATIENCE, per_attempt: Duration::from_secs(10), max_in_flight: 16 };
    let starter = RefreshStarter::new(stage.client.clone(), patient);
    let mut ids = Vec::new();
    for number in 0..FLOOD {
        let request = request("demo", "crm", &format!("flood-{number}"), RefreshReason::RoleChange);
        ids.push(started(&starter, request).await);
    }
    let late = started(&starter, late).await;
    let _worker = RunningWorker::start_narrow(stage.server.address(), stage.refresher());
    // For the company of another workspace there is no roster here: such a refresh ends as no match, which is an end.
    stage.ended(&late).await.unwrap();
    let open = futures::stream::iter(&ids)
        .filter(|id| async {
            let description = stage.handle(id).describe(Default::default()).await.unwrap();
            description.close_time().is_none()
        })
        .count()
        .await;
    FLOOD - open
}

async fn started(starter: &RefreshStarter, request: RefreshRequest) -> String {
    match starter.start(&request.into()).await.unwrap() {
        StartAnswer::Started { workflow_id, .. } => workflow_id.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_asked_for_overtakes_what_providers_sent() {
    let late = request("demo", SourceName::MANUAL, "by-hand", RefreshReason::Manual);
    let ended = ended_before(late).await;
    assert!(ended <= SOME, "{ended} of {FLOOD} had ended before it");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_workspaces_flood_does_not_hold_up_another_workspace() {
    let late = request("second", "crm", "evt-1", RefreshReason::RoleChange);
    let ended = ended_before(late).await;
    assert!(ended <= SOME, "{ended} of {FLOOD} had ended before it");
}
