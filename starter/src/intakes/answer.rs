//! What became of a delivery, as its sender reads it. A 2xx means that every event that asks for something is durable.

use super::tell::Teller;
use super::{Ack, Delivery, Event, EventFault};
use crate::StartRefresh;
use crate::problem::Problem;
use crate::start::StartError;
use axum::Json;
use axum::response::{IntoResponse, Response};
use contracts::{EventId, SourceName, WorkspaceId};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

/// Most problems of one delivery that are told, to the sender and in the log. There are more where these come from, and
/// `problems` says how many.
pub(super) const MOST_PROBLEMS: usize = 20;

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
    /// What is wrong with it. Of the events of one delivery the first 20 that have a problem say what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// How many events of a delivery with several have a problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<usize>,
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

/// Answers a body that is no delivery.
#[must_use]
pub fn refuse(workspace: &WorkspaceId, source: &SourceName, fault: EventFault) -> Problem {
    match fault {
        EventFault::NotJson(detail) => {
            tracing::warn!(status = 400, reason = "invalid_json", %workspace, %source, "webhook.rejected");
            Problem::invalid_json(&detail)
        }
        EventFault::Field(fault) => Teller::of_one(workspace, source).invalid(fault),
        EventFault::NoDeliveryId => {
            tracing::warn!(status = 422, reason = "no_delivery_id", %workspace, %source, "webhook.rejected");
            Problem::no_delivery_id()
        }
        EventFault::TooMany(detail) => {
            tracing::warn!(status = 413, reason = "too_many_events", %workspace, %source, "webhook.rejected");
            Problem::too_many_events(&detail)
        }
    }
}

/// Starts what a delivery asks for and answers it.
pub async fn respond(delivery: Delivery, starter: &dyn StartRefresh) -> Response {
    let Delivery { workspace, source, items, ack, unread } = delivery;
    let mut teller = Teller::new(&workspace, &source, items.len());
    teller.unread(&unread);
    // What is to be started stands between what is not, in the order of the sender.
    let (mut taken, mut requests) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        taken.push(match item.event {
            Ok(Event::Start(request)) => {
                requests.push(*request);
                None
            }
            Ok(Event::Ignored { event_id, reason }) => Some(teller.ignored(&event_id, reason)),
            Err(fault) => Some(Taken { problem: Some(teller.invalid(fault)), ..Taken::blank(Status::Invalid) }),
        });
    }
    let answers = starter.start_all(&requests).await;
    let (mut later, mut failed) = (None, answers.len() < requests.len());
    let mut waiting = taken.iter_mut().filter(|one| one.is_none());
    for (request, answer) in requests.iter().zip(answers) {
        let place = waiting.next();
        match answer {
            Ok(answer) => {
                if let Some(place) = place {
                    *place = Some(teller.started(request, answer));
                }
            }
            Err(error) => {
                teller.not_started(request, &error);
                match error {
                    StartError::Unavailable { retry_after, .. } => later = later.max(Some(retry_after)),
                    StartError::Rejected(_) => failed = true,
                }
            }
        }
    }
    // The whole is to be sent again: what was taken is then a duplicate.
    if let Some(after) = later {
        return said(Problem::unavailable(after), &workspace, &source);
    }
    if failed {
        return said(Problem::internal(), &workspace, &source);
    }
    let taken: Vec<Taken> = taken.into_iter().flatten().collect();
    teller.whole(&taken);
    match ack {
        Ack::Single => single(taken),
        Ack::Batch => batch(taken),
        Ack::Lusha { webhook_id, received_at } => {
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

fn single(taken: Vec<Taken>) -> Response {
    let bad = taken.iter().filter(|one| one.problem.is_some()).count();
    if bad > 0 && bad < taken.len() {
        // Of the events that it stands for one is in conflict and another is not: neither "done" nor "nothing was changed".
        return several(taken);
    }
    if let Some(problem) = taken.iter().find_map(|one| one.problem.clone()) {
        return problem.into_response();
    }
    let any = taken.iter().any(|one| one.status == Status::Accepted);
    let mut answer = taken.first().cloned().unwrap_or_else(|| Taken::blank(Status::Ignored));
    if any {
        // Of two events the second may have been lost before, and the first not.
        answer.status = Status::Accepted;
        answer.queued = taken.iter().any(|one| one.queued);
    }
    answer.events = (taken.len() > 1).then_some(taken);
    (code(any), Json(answer)).into_response()
}

fn batch(taken: Vec<Taken>) -> Response {
    match all_invalid(&taken) {
        Some(problem) => problem.into_response(),
        None => several(taken),
    }
}

fn several(mut taken: Vec<Taken>) -> Response {
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
    let queued = taken.iter().any(|one| one.queued);
    let mut problems = 0;
    for one in taken.iter_mut().filter(|one| one.problem.is_some()) {
        problems += 1;
        if problems > MOST_PROBLEMS {
            one.problem = None;
        }
    }
    let problems = (problems > 0).then_some(problems);
    (code(accepted), Json(Taken { queued, problems, events: Some(taken), ..Taken::blank(status) })).into_response()
}

/// When nothing of a delivery can be read, its first problem.
fn all_invalid(taken: &[Taken]) -> Option<Problem> {
    let all = taken.iter().all(|one| one.status == Status::Invalid);
    taken.first().filter(|_| all)?.problem.clone()
}

fn code(accepted: bool) -> StatusCode {
    if accepted { StatusCode::ACCEPTED } else { StatusCode::OK }
}

impl Taken {
    /// Of this event.
    pub(super) fn of(status: Status, event_id: &EventId) -> Self {
        Taken { event_id: Some(event_id.to_string()), ..Self::blank(status) }
    }

    pub(super) fn blank(status: Status) -> Self {
        Taken {
            status,
            reason: None,
            queued: false,
            workflow_id: None,
            run_id: None,
            event_id: None,
            problem: None,
            problems: None,
            events: None,
        }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
