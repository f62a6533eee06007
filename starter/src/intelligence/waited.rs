//! Answering when the refresh is over, to a caller who asked for that (`Prefer: wait=n`).

use super::access::Scope;
use super::call::Call;
use super::discover::on_its_way;
use super::follow::Live;
use super::refresh_document::{RefreshDocument, Status};
use super::{group, prefer, problems, refresh_id, reply, standing};
use crate::problem::Problem;
use axum::response::Response;
use contracts::{OutcomeKind, WorkflowId};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// Header that says that the answer was waited for.
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// Between two looks for a refresh that waits in the inbox.
const AGAIN: Duration = Duration::from_millis(250);

/// How long the caller waited, when it asked to; nothing when it did not, or may not see what it would wait for.
pub(crate) async fn wait_for(call: &Call, workflow_id: &WorkflowId, queued: bool) -> Option<Duration> {
    let patience = prefer::wait(call.headers()).filter(|_| call.caller.may(Scope::Read))?;
    let _place = call.api.waiting.try_acquire().ok()?;
    let ending = async {
        let _ = call.api.follow.ended(workflow_id).await;
        // What is in the inbox is not there yet, or not yet known to be.
        while queued && !matches!(call.api.follow.look(workflow_id).await, Ok(Live::Ended(_))) {
            tokio::time::sleep(AGAIN).await;
            let _ = call.api.follow.ended(workflow_id).await;
        }
        // Where another refresh answers for it, that one's end counts.
        if let Ok(Some(refresh)) = standing::of(call, workflow_id).await
            && let Some(answering) = answering(call, &refresh)
        {
            let _ = call.api.follow.ended(&answering).await;
        }
    };
    tokio::select! {
        _ = tokio::time::timeout(patience, ending) => {}
        // A server on its way out answers what it knows.
        () = call.app.readiness.draining() => {}
    }
    Some(patience)
}

/// The group, when the refresh has ended with one; what it is, when it has not.
pub(crate) async fn answer(call: &Call, workflow_id: &WorkflowId, patience: Duration) -> Result<Response, Problem> {
    let refresh = standing::of(call, workflow_id).await?.ok_or_else(problems::unknown_refresh)?;
    let mut response = match refresh.status {
        Status::Completed => completed(call, workflow_id, refresh).await?,
        Status::Failed => {
            let class = refresh.error.as_ref().map_or("Unknown", |error| error.class.as_str());
            return Err(problems::refresh_failed(class, workflow_id.as_str()));
        }
        Status::Cancelled => return Err(problems::refresh_cancelled(workflow_id.as_str())),
        Status::Waiting | Status::Active | Status::Delayed | Status::Review => on_its_way(refresh),
    };
    if let Ok(applied) = HeaderValue::try_from(format!("wait={}", patience.as_secs())) {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

async fn completed(call: &Call, workflow_id: &WorkflowId, refresh: RefreshDocument) -> Result<Response, Problem> {
    let company_id = if let Some(answering) = answering(call, &refresh) {
        let answer = standing::of(call, &answering).await?;
        match answer.as_ref().and_then(refreshed) {
            Some(company_id) => company_id.to_owned(),
            // The other one is on its way, or did not end with a group.
            None => return Ok(on_its_way(refresh)),
        }
    } else if let Some(company_id) = refreshed(&refresh) {
        company_id.to_owned()
    } else if refresh.result.as_ref().is_none_or(|result| result.company_id.is_none()) {
        return Err(problems::no_match(workflow_id.as_str()));
    } else {
        // The group before was kept: it is no answer to this wish, and why it was is.
        return Ok(on_its_way(refresh));
    };
    let group = group::document(call, &company_id, None).await?;
    let group = group.ok_or_else(|| problems::no_match(workflow_id.as_str()))?;
    Ok(group::located(reply::read(&HeaderMap::new(), &group)?, &company_id))
}

/// The refresh that answers for this one.
fn answering(call: &Call, refresh: &RefreshDocument) -> Option<WorkflowId> {
    refresh.answered_by.as_deref().and_then(|id| refresh_id::workflow_of(call.workspace(), id))
}

/// The company whose group it saved, or found saved by the refresh that did the work.
fn refreshed(refresh: &RefreshDocument) -> Option<&str> {
    let did = ended_as(refresh, OutcomeKind::Refreshed) || ended_as(refresh, OutcomeKind::Duplicate);
    refresh.result.as_ref().filter(|_| did)?.company_id.as_deref()
}

fn ended_as(refresh: &RefreshDocument, outcome: OutcomeKind) -> bool {
    refresh.result.as_ref().is_some_and(|result| result.outcome == outcome.as_str())
}
