//! `POST /api/webhooks/person-change`: who sent it, what it asks for, and a durable start of that.

use crate::event::{self, Event, EventFault};
use crate::problem::Problem;
use crate::signature::{Unverified, Verified};
use crate::start::{StartAnswer, StartError};
use crate::{AppState, intake};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use contracts::{EventId, RefreshRequest, WorkflowId};
use http::{Method, StatusCode};
use serde::Serialize;

/// Where deliveries go.
pub const PERSON_CHANGE_PATH: &str = "/api/webhooks/person-change";

/// A delivery that was taken, as the sender reads it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<&'a str>,
    event_id: &'a EventId,
}

pub(crate) async fn person_change(State(state): State<AppState>, request: Request) -> Response {
    match deliver(&state, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn deliver(state: &AppState, request: Request) -> Result<Response, Problem> {
    let verified = authenticate(state, request).await?;
    match understand(&verified).map_err(|problem| *problem)? {
        Event::Ignored { event_id, reason } => {
            let id = WorkflowId::new(&verified.source().workspace, &verified.source().name, &event_id);
            tracing::info!(workflow_id = %id, reason = reason.as_str(), "webhook.ignored");
            let taken = Taken {
                status: "ignored",
                reason: Some(reason.as_str()),
                workflow_id: None,
                run_id: None,
                event_id: &event_id,
            };
            Ok((StatusCode::OK, Json(taken)).into_response())
        }
        Event::Refresh(request) => start(state, &request).await,
    }
}

async fn authenticate(state: &AppState, request: Request) -> Result<Verified, Problem> {
    let rejected = |problem: &Problem, reason: &str| {
        tracing::warn!(status = problem.status().as_u16(), reason, "webhook.rejected");
    };
    if request.method() != Method::POST {
        let problem = Problem::method_not_allowed("POST");
        rejected(&problem, "method");
        return Err(problem);
    }
    let (headers, body) = intake::take(request, state.limits.body_read).await.inspect_err(|problem| {
        rejected(problem, problem.kind.trim_start_matches("/problems/"));
    })?;
    Unverified::new(&headers, body).verify(&state.sources, state.clock.now()).map_err(|denied| {
        let problem = Problem::unauthorized();
        rejected(&problem, denied.as_str());
        problem
    })
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
    match state.starter.start(&request.clone().into()).await {
        Ok(StartAnswer::Started { workflow_id, run_id }) => {
            tracing::info!(%workflow_id, run_id, reason = %request.reason, "webhook.accepted");
            Ok(taken(StatusCode::ACCEPTED, "accepted", &workflow_id, &run_id, event_id))
        }
        Ok(StartAnswer::Duplicate { workflow_id, run_id }) => {
            tracing::info!(%workflow_id, run_id, "webhook.duplicate");
            Ok(taken(StatusCode::OK, "duplicate", &workflow_id, &run_id, event_id))
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

fn taken(code: StatusCode, status: &'static str, id: &WorkflowId, run_id: &str, event_id: &EventId) -> Response {
    let taken = Taken { status, reason: None, workflow_id: Some(id.as_str()), run_id: Some(run_id), event_id };
    (code, Json(taken)).into_response()
}
