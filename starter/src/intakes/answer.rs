//! What became of a delivery, as its sender reads it. A 2xx means that every event that asks for something is durable.

use super::{Ack, Delivery, Event, EventFault, Item};
use crate::StartRefresh;
use crate::fields::FieldFault;
use crate::problem::Problem;
use crate::start::{StartAnswer, StartError};
use axum::Json;
use axum::response::{IntoResponse, Response};
use contracts::{EventId, SourceName, StartRequest, WorkflowId, WorkspaceId};
use futures::StreamExt as _;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// Starts of one delivery under way at one time.
const AT_ONCE: usize = 16;

/// What became of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is durable since now.
    Accepted,
    /// It was before. The ids are those of then.
    Duplicate,
    /// It asks for nothing.
    Ignored,
    /// Its id belongs to an event with another body. Nothing was changed.
    Conflict,
    /// One of its fields is wrong. Nothing was recorded.
    Invalid,
    /// Of a delivery with several events: some were taken, and some are in conflict or invalid.
    Partly,
}

/// A delivery that was taken, or one of its events.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Taken")]
pub struct Taken {
    /// What became of it.
    pub status: Status,
    /// Why it asks for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it waits in the inbox until Temporal can take it. It is durable all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub queued: bool,
    /// The workflow that answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    /// The workflow's run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Each event of a delivery with several, in its order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Taken>>,
}

/// The acknowledgement that Lusha demands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Received")]
pub struct Received {
    /// Always true.
    pub received: bool,
    /// When it was taken (RFC 3339).
    pub timestamp: String,
    /// The delivery's id.
    pub webhook_id: String,
}

/// What one event came to.
enum Outcome {
    Taken(Box<Taken>),
    /// Not durable, and when to try again.
    Later(Duration),
    /// Not durable, and our fault.
    Failed,
}

/// Answers a body that is no delivery.
#[must_use]
pub fn refuse(workspace: &WorkspaceId, source: &SourceName, fault: EventFault) -> Problem {
    match fault {
        EventFault::NotJson(detail) => {
            tracing::warn!(status = 400, reason = "invalid_json", %workspace, %source, "webhook.rejected");
            Problem::invalid_json(&detail)
        }
        EventFault::Field(fault) => invalid(workspace, source, fault),
        EventFault::NoDeliveryId => {
            tracing::warn!(status = 422, reason = "no_delivery_id", %workspace, %source, "webhook.rejected");
            Problem::no_delivery_id()
        }
    }
}

/// Starts what a delivery asks for and answers it.
pub async fn respond(delivery: Delivery, starter: &dyn StartRefresh) -> Response {
    let Delivery { workspace, source, items, ack } = delivery;
    let judged = items.into_iter().map(|item| judge(&workspace, &source, item, starter));
    let outcomes: Vec<Outcome> = futures::stream::iter(judged).buffered(AT_ONCE).collect().await;
    let mut taken = Vec::with_capacity(outcomes.len());
    let (mut later, mut failed) = (None, false);
    for outcome in outcomes {
        match outcome {
            Outcome::Taken(one) => taken.push(*one),
            Outcome::Later(after) => later = later.max(Some(after)),
            Outcome::Failed => failed = true,
        }
    }
    // The whole is to be sent again: what was taken is then a duplicate.
    if let Some(after) = later {
        return said(Problem::unavailable(after), &workspace, &source);
    }
    if failed {
        return said(Problem::internal(), &workspace, &source);
    }
    match ack {
        Ack::Single => single(taken),
        Ack::Batch => batch(taken),
        Ack::Lusha { webhook_id, received_at } => {
            if let Some(problem) = all_invalid(&taken) {
                return problem.into_response();
            }
            let timestamp = jiff::Timestamp::from_millisecond(received_at).unwrap_or_default().to_string();
            (StatusCode::CREATED, Json(Received { received: true, timestamp, webhook_id })).into_response()
        }
    }
}

fn said(problem: Problem, workspace: &WorkspaceId, source: &SourceName) -> Response {
    let (status, instance) = (problem.status().as_u16(), problem.instance.as_deref());
    tracing::error!(status, instance, %workspace, %source, "webhook.not_started");
    problem.into_response()
}

async fn judge(workspace: &WorkspaceId, source: &SourceName, item: Item, starter: &dyn StartRefresh) -> Outcome {
    match item.event {
        Ok(Event::Start(request)) => start(&request, starter).await,
        Ok(Event::Ignored { event_id, reason }) => {
            let reason = reason.as_str();
            let id = WorkflowId::new(workspace, source, &event_id);
            tracing::info!(workflow_id = %id, reason, "webhook.ignored");
            taken(Taken { reason: Some(reason.to_owned()), ..of(Status::Ignored, &event_id) })
        }
        Err(fault) => {
            let problem = Some(invalid(workspace, source, fault));
            taken(Taken { problem, event_id: None, ..blank(Status::Invalid) })
        }
    }
}

fn invalid(workspace: &WorkspaceId, source: &SourceName, fault: FieldFault) -> Problem {
    let field = fault.field;
    tracing::warn!(status = 422, reason = "invalid_event", field, %workspace, %source, "webhook.rejected");
    Problem::invalid_field(fault.pointer, &fault.detail, &fault.remedy)
}

async fn start(request: &StartRequest, starter: &dyn StartRefresh) -> Outcome {
    let with_ids = |status, workflow_id: &WorkflowId, run_id: Option<String>| Taken {
        workflow_id: Some(workflow_id.to_string()),
        run_id,
        ..of(status, request.event_id())
    };
    match starter.start(request).await {
        Ok(StartAnswer::Started { workflow_id, run_id }) => {
            tracing::info!(%workflow_id, run_id, reason = reason(request), "webhook.accepted");
            taken(with_ids(Status::Accepted, &workflow_id, Some(run_id)))
        }
        Ok(StartAnswer::Queued { workflow_id }) => {
            tracing::info!(%workflow_id, reason = reason(request), "webhook.queued");
            taken(Taken { queued: true, ..with_ids(Status::Accepted, &workflow_id, None) })
        }
        Ok(StartAnswer::Duplicate { workflow_id, run_id }) => {
            tracing::info!(%workflow_id, run_id, "webhook.duplicate");
            // A run is known of everything but what waits.
            let queued = run_id.is_none();
            taken(Taken { queued, ..with_ids(Status::Duplicate, &workflow_id, run_id) })
        }
        Ok(StartAnswer::Conflict { workflow_id, run_id }) => {
            tracing::warn!(status = 409, reason = "event_conflict", %workflow_id, run_id, "webhook.rejected");
            let problem = Some(Problem::conflict(workflow_id.as_str()));
            taken(Taken { problem, ..with_ids(Status::Conflict, &workflow_id, run_id) })
        }
        Err(error) => {
            tracing::error!(workflow_id = %request.workflow_id(), %error, "webhook.event_not_started");
            match error {
                StartError::Unavailable { retry_after, .. } => Outcome::Later(retry_after),
                StartError::Rejected(_) => Outcome::Failed,
            }
        }
    }
}

fn reason(request: &StartRequest) -> &str {
    match request {
        StartRequest::Refresh(refresh) => refresh.reason.as_str(),
        StartRequest::Suppress(_) => "objection",
    }
}

fn single(taken: Vec<Taken>) -> Response {
    if let Some(problem) = taken.iter().find_map(|one| one.problem.clone()) {
        return problem.into_response();
    }
    let any = taken.iter().any(|one| one.status == Status::Accepted);
    let mut answer = taken.first().cloned().unwrap_or_else(|| blank(Status::Ignored));
    if any {
        // Of two events the second may have been lost before, and the first not.
        answer.status = Status::Accepted;
        answer.queued = taken.iter().any(|one| one.queued);
    }
    answer.events = (taken.len() > 1).then_some(taken);
    (code(any), Json(answer)).into_response()
}

fn batch(taken: Vec<Taken>) -> Response {
    if let Some(problem) = all_invalid(&taken) {
        return problem.into_response();
    }
    let any = |status| taken.iter().any(|one| one.status == status);
    let accepted = any(Status::Accepted);
    let status = if any(Status::Invalid) || any(Status::Conflict) {
        Status::Partly
    } else if accepted {
        Status::Accepted
    } else if any(Status::Duplicate) {
        Status::Duplicate
    } else {
        Status::Ignored
    };
    (code(accepted), Json(Taken { queued: taken.iter().any(|one| one.queued), events: Some(taken), ..blank(status) }))
        .into_response()
}

/// When nothing of a delivery can be read, its first problem.
fn all_invalid(taken: &[Taken]) -> Option<Problem> {
    let all = taken.iter().all(|one| one.status == Status::Invalid);
    taken.first().filter(|_| all)?.problem.clone()
}

fn code(accepted: bool) -> StatusCode {
    if accepted { StatusCode::ACCEPTED } else { StatusCode::OK }
}

fn taken(taken: Taken) -> Outcome {
    Outcome::Taken(Box::new(taken))
}

fn of(status: Status, event_id: &EventId) -> Taken {
    Taken { event_id: Some(event_id.to_string()), ..blank(status) }
}

fn blank(status: Status) -> Taken {
    Taken {
        status,
        reason: None,
        queued: false,
        workflow_id: None,
        run_id: None,
        event_id: None,
        problem: None,
        events: None,
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
