//! `GET events/{source}/{eventId}`: what became of an event.

use super::access::Scope;
use super::call::{Call, Operation, store_fault};
use super::refresh_document::{RefreshDocument, Status};
use super::standing::{self, moment};
use super::{problems, reply};
use crate::problem::Problem;
use axum::body::Body;
use axum::response::Response;
use contracts::{EventId, SourceName, WorkflowId};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) const GET: Operation = Operation::new("getEvent", Scope::Read);

/// An event and what became of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Event")]
pub(crate) struct EventDocument {
    /// Who sent it.
    source: String,
    /// The sender's id.
    event_id: String,
    /// How the refresh that answers for it stands.
    status: Status,
    /// How that refresh ended; absent while it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    /// What the event is, such as `person.role_change`; absent until a refresh has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it happened, by the sender's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    occurred_at: Option<String>,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    received_at: Option<String>,
    /// Whether the refresh that was to answer for it ended badly: the company's next refresh takes it along.
    stranded: bool,
    /// The refresh that answers for it: its own, or the one into which it was coalesced.
    refresh: RefreshDocument,
}

pub(crate) async fn get(mut call: Call, _: Body) -> Result<Response, Problem> {
    let (source, event): (String, String) = call.path().await?;
    call.query(&[])?;
    let (Ok(source), Ok(event)) = (source.parse::<SourceName>(), event.parse::<EventId>()) else {
        return Err(problems::unknown_event());
    };
    let record = call.store().event(call.workspace(), &source, event.as_str()).await.map_err(store_fault)?;
    // Until a refresh has begun, there is only what it will be called.
    let workflow_id = WorkflowId::new(call.workspace(), &source, &event);
    // The event's own refresh, or in the end the one into which it was coalesced.
    let answer = call.store().event_answer(call.workspace(), &source, &event).await.map_err(store_fault)?;
    let stranded = answer.as_ref().is_some_and(|answer| answer.stranded);
    let elsewhere =
        answer.and_then(|mut answer| answer.chain.pop()).filter(|last| last.workflow_id != workflow_id.as_str());
    let refresh = match &elsewhere {
        Some(answering) => Some(RefreshDocument::logged(answering)),
        None => standing::of(&call, &workflow_id).await?,
    };
    let refresh = refresh.ok_or_else(problems::unknown_event)?;
    let document = EventDocument {
        source: source.to_string(),
        event_id: event.to_string(),
        status: refresh.status,
        outcome: record.as_ref().and_then(|record| record.outcome).map(|outcome| outcome.as_str().to_owned()),
        reason: record.as_ref().map(|record| record.reason.to_string()),
        occurred_at: record.as_ref().map(|record| moment(record.occurred_at)),
        received_at: record.as_ref().map(|record| moment(record.received_at)),
        stranded,
        refresh,
    };
    reply::read(call.headers(), &document)
}
