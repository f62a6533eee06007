//! `POST /api/webhooks/…`: who sent it, what it asks for, and a durable start of that.

use crate::auth::{Candidates, Sources, Unverified, Verified};
use crate::event::{self, Event, EventFault};
use crate::limits::{BodyShare, Peer, Standing};
use crate::problem::Problem;
use crate::start::{StartAnswer, StartError};
use crate::{AppState, intake};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use contracts::{EventId, RefreshRequest, SourceName, WorkflowId, WorkspaceId};
use http::{Method, StatusCode};
use serde::Serialize;

/// Where this program's own events go, whoever sends them: the secret tells the source.
pub const PERSON_CHANGE_PATH: &str = "/api/webhooks/person-change";

/// What the addresses of single sources begin with: `/{workspace}/{source}` follows, and `/{token}` where the source proves
/// itself by that.
pub const WEBHOOKS_PATH: &str = "/api/webhooks";

/// The address of a source, without a token.
#[must_use]
pub fn path_of(workspace: &WorkspaceId, source: &SourceName) -> String {
    format!("{WEBHOOKS_PATH}/{workspace}/{source}")
}

/// A delivery that was taken, as the sender reads it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Whether it waits in the inbox.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    queued: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<&'a str>,
    event_id: &'a EventId,
}

pub(crate) async fn receive(State(state): State<AppState>, request: Request) -> Response {
    let mut standing = None;
    let mut response = deliver(&state, request, &mut standing).await.unwrap_or_else(Problem::into_response);
    if let Some(standing) = standing {
        standing.write(response.headers_mut());
    }
    response
}

async fn deliver(state: &AppState, request: Request, standing: &mut Option<Standing>) -> Result<Response, Problem> {
    let (verified, _share) = authenticate(state, request).await?;
    // Only now: before it is known who sent it, anybody could empty anybody's bucket.
    if let Err(wait) = standing.insert(state.buckets.take(verified.source())).left {
        let (workspace, source) = (&verified.source().workspace, &verified.source().name);
        tracing::warn!(status = 429, reason = "rate", %workspace, %source, "webhook.rejected");
        return Err(Problem::rate_limited(wait));
    }
    match understand(&verified).map_err(|problem| *problem)? {
        Event::Ignored { event_id, reason } => {
            let id = WorkflowId::new(&verified.source().workspace, &verified.source().name, &event_id);
            tracing::info!(workflow_id = %id, reason = reason.as_str(), "webhook.ignored");
            let taken = Taken {
                status: "ignored",
                reason: Some(reason.as_str()),
                queued: false,
                workflow_id: None,
                run_id: None,
                event_id: &event_id,
            };
            Ok((StatusCode::OK, Json(taken)).into_response())
        }
        Event::Refresh(request) => start(state, &request).await,
    }
}

async fn authenticate(state: &AppState, request: Request) -> Result<(Verified, BodyShare), Problem> {
    let rejected = |problem: &Problem, reason: &str| {
        tracing::warn!(status = problem.status().as_u16(), reason, "webhook.rejected");
    };
    let uri = request.uri().clone();
    let Some((candidates, token)) = addressed(&state.sources, uri.path()) else {
        return Err(Problem::not_found());
    };
    if request.method() != Method::POST {
        let problem = Problem::method_not_allowed("POST");
        rejected(&problem, "method");
        return Err(problem);
    }
    let watched = state.peer_failures.as_deref().zip(request.extensions().get::<Peer>().copied());
    if let Some(wait) = watched.and_then(|(failures, peer)| failures.held(peer)) {
        let problem = Problem::too_many_failures(wait);
        rejected(&problem, "peer");
        return Err(problem);
    }
    let method = request.method().clone();
    let taken = intake::take(request, &state.body_budget, state.limits.body_read).await.inspect_err(|problem| {
        rejected(problem, problem.kind.trim_start_matches("/problems/"));
    })?;
    let delivery = Unverified::new(method, uri.clone(), taken.headers, taken.body);
    let delivery = match token {
        None => delivery,
        Some(token) => delivery.with_token(token),
    };
    let verified = delivery.verify(candidates, state.clock.now()).map_err(|denied| {
        if let Some((failures, peer)) = watched {
            failures.failed(peer);
        }
        let problem = Problem::unauthorized();
        rejected(&problem, denied.as_str());
        problem
    })?;
    Ok((verified, taken.share))
}

/// Who may deliver at this path, and the token at its end; nothing where no source could ever be. Names are compared as they
/// stand: they have no characters that would need another way of writing.
fn addressed<'a>(sources: &'a Sources, path: &'a str) -> Option<(&'a Candidates, Option<&'a str>)> {
    if path == PERSON_CHANGE_PATH {
        return Some((sources.person_change(), None));
    }
    let mut parts = path.strip_prefix(WEBHOOKS_PATH)?.strip_prefix('/')?.splitn(3, '/');
    let (workspace, source) = (parts.next()?, parts.next()?);
    workspace.parse::<WorkspaceId>().ok()?;
    source.parse::<SourceName>().ok()?;
    Some((sources.named(workspace, source), parts.next()))
}

fn understand(verified: &Verified) -> Result<Event, Box<Problem>> {
    event::read(verified).map_err(|fault| {
        let (workspace, source) = (&verified.source().workspace, &verified.source().name);
        match fault {
            EventFault::NotJson(detail) => {
                tracing::warn!(status = 400, reason = "invalid_json", %workspace, %source, "webhook.rejected");
                Box::new(Problem::invalid_json(&detail))
            }
            EventFault::Field(fault) => {
                let field = fault.field;
                tracing::warn!(status = 422, reason = "invalid_event", field, %workspace, %source, "webhook.rejected");
                Box::new(Problem::invalid_field(fault.pointer, &fault.detail, &fault.remedy))
            }
        }
    })
}

async fn start(state: &AppState, request: &RefreshRequest) -> Result<Response, Problem> {
    let event_id = &request.event.id;
    match state.starter.start(request).await {
        Ok(StartAnswer::Started { workflow_id, run_id }) => {
            tracing::info!(%workflow_id, run_id, reason = %request.reason, "webhook.accepted");
            Ok(taken(StatusCode::ACCEPTED, "accepted", &workflow_id, Some(&run_id), event_id))
        }
        Ok(StartAnswer::Queued { workflow_id }) => {
            tracing::info!(%workflow_id, reason = %request.reason, "webhook.queued");
            Ok(taken(StatusCode::ACCEPTED, "accepted", &workflow_id, None, event_id))
        }
        Ok(StartAnswer::Duplicate { workflow_id, run_id }) => {
            tracing::info!(%workflow_id, run_id, "webhook.duplicate");
            Ok(taken(StatusCode::OK, "duplicate", &workflow_id, run_id.as_deref(), event_id))
        }
        Ok(StartAnswer::Conflict { workflow_id, run_id }) => {
            tracing::warn!(status = 409, reason = "event_conflict", %workflow_id, run_id, "webhook.rejected");
            Err(Problem::conflict(workflow_id.as_str()))
        }
        Err(error) => {
            let problem = match &error {
                StartError::Unavailable { retry_after, .. } => Problem::unavailable(*retry_after),
                StartError::Rejected(_) => Problem::internal(),
            };
            let workflow_id = WorkflowId::new(&request.workspace, &request.event.source, event_id);
            let (status, instance) = (problem.status().as_u16(), problem.instance.as_deref());
            tracing::error!(status, instance, %workflow_id, %error, "webhook.not_started");
            Err(problem)
        }
    }
}

fn taken(
    code: StatusCode,
    status: &'static str,
    id: &WorkflowId,
    run_id: Option<&str>,
    event_id: &EventId,
) -> Response {
    // A run is known of everything but what waits.
    let queued = run_id.is_none();
    let taken = Taken { status, reason: None, queued, workflow_id: Some(id.as_str()), run_id, event_id };
    (code, Json(taken)).into_response()
}
