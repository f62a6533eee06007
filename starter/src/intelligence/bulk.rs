//! `POST buyer-group/bulk` and `bulk/{id}…`: many companies at once. The request is kept in the store and done by a workflow,
//! a few refreshes at a time; the answer comes as soon as both have it.

use super::access::Scope;
use super::bulk_document::{BulkDocument, BulkItem, BulkItemPage, Stop, path};
use super::bulk_request::{self, BulkBody};
use super::call::{Call, Operation, store_fault};
use super::discover::{IDEMPOTENCY_KEY, REPLAYED, key, not_started};
use super::follow::{End, FollowError, Live};
use super::refresh_document::Status;
use super::{problems, reply, standing};
use crate::problem::Problem;
use crate::start::StartAnswer;
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use contracts::{BulkProgress, BulkRequest, EventId, EventRef, SourceName, WorkflowId, bulk_id};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use std::time::Duration;
use store::{BulkPut, BulkRecord, InboxFilter};

pub(crate) const START: Operation = Operation::new("refreshInBulk", Scope::Refresh);
pub(crate) const GET: Operation = Operation::new("getBulk", Scope::Read);
pub(crate) const ITEMS: Operation = Operation::new("listBulkItems", Scope::Read);
pub(crate) const CANCEL: Operation = Operation::new("cancelBulk", Scope::Steer);

/// How a bulk is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkLimits {
    /// Refreshes of one bulk under way at one time.
    pub at_once: u32,
    /// After this long a refresh no longer counts as under way: it waits for something.
    pub let_go_after: Duration,
}

impl Default for BulkLimits {
    fn default() -> Self {
        Self { at_once: 10, let_go_after: Duration::from_secs(5 * 60) }
    }
}

pub(crate) async fn start(call: Call, body: Body) -> Result<Response, Problem> {
    call.query(&[])?;
    let key = key(call.headers())?;
    let body: BulkBody = call.read_up_to(bulk_request::LONGEST, body, bulk_request::BULK).await?;
    let items = body.items(call.workspace())?;
    let now = call.app.clock.now();
    let refreshes = items.iter().filter(|item| item.same_as.is_none()).count();
    let limits = call.api.bulk;
    let request = BulkRequest {
        workspace: call.workspace().clone(),
        event: EventRef {
            source: SourceName::bulk(),
            id: bulk_id(call.workspace(), &key),
            digest: body.digest(&items),
            occurred_at: now,
            received_at: now,
        },
        level: body.enrichment_level.into(),
        refreshes: u32::try_from(refreshes).unwrap_or(u32::MAX),
        at_once: limits.at_once,
        let_go_after_ms: u64::try_from(limits.let_go_after.as_millis()).unwrap_or(u64::MAX),
        progress: BulkProgress::default(),
    };
    let workflow_id = request.workflow_id();
    let put = call.store().put_bulk(&request, &items).await.map_err(store_fault)?;
    if put == BulkPut::Conflict {
        return Err(problems::idempotency_conflict(workflow_id.as_str()));
    }
    let bulk = kept(&call, request.event.id.as_str()).await?;
    // What is over is not begun again, also when Temporal has forgotten it. Everything else is started, and whether for the
    // first time is Temporal's to say: a call that broke off between the two is mended by the next one with its key.
    if bulk.closed_at.is_none() {
        match call.app.starter.start(&request.into()).await {
            Ok(StartAnswer::Started { .. } | StartAnswer::Queued { .. } | StartAnswer::Duplicate { .. }) => {}
            Ok(StartAnswer::Conflict { .. }) => return Err(problems::idempotency_conflict(workflow_id.as_str())),
            Err(error) => return Err(not_started(&error)),
        }
    }
    let stop = if bulk.cancelled { Some(Stop::Cancelled) } else { None };
    let document = BulkDocument::of(&bulk, stop);
    let place = HeaderValue::try_from(document.links.itself.as_str());
    let mut response = (StatusCode::ACCEPTED, Json(document)).into_response();
    let headers = response.headers_mut();
    if let Ok(place) = place {
        headers.insert(LOCATION, place);
    }
    if let Ok(key) = HeaderValue::try_from(key.as_str()) {
        headers.insert(IDEMPOTENCY_KEY, key);
    }
    if put == BulkPut::Duplicate {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub(crate) async fn get(mut call: Call, _: Body) -> Result<Response, Problem> {
    let id: String = call.path().await?;
    call.query(&[])?;
    let bulk = kept(&call, &id).await?;
    let stop = stopped(&call, &bulk).await;
    reply::read(call.headers(), &BulkDocument::of(&bulk, stop))
}

pub(crate) async fn items(mut call: Call, _: Body) -> Result<Response, Problem> {
    let id: String = call.path().await?;
    let query = call.query(&["limit", "cursor"])?;
    let limit = query.limit()?;
    let after = match query.behind()? {
        None => 0,
        Some(text) => text.parse::<u32>().map_err(|_| {
            problems::invalid_parameter("cursor", "the `nextCursor` of the page before, as it stands there")
        })?,
    };
    let bulk = kept(&call, &id).await?;
    let stop = stopped(&call, &bulk).await;
    let page = call.store().bulk_page(call.workspace(), &id, after, limit + 1).await.map_err(store_fault)?;
    let shown = &page[..page.len().min(limit as usize)];
    let last = shown.last().filter(|_| page.len() > shown.len());
    let next_cursor = last.map(|last| last.number.to_string());
    let next = next_cursor.as_deref().map(|cursor| format!("{}/items?{}", path(&id), query.with_cursor(cursor)));
    let body = BulkItemPage { items: shown.iter().map(|item| BulkItem::of(item, stop)).collect(), next_cursor };
    Ok(reply::linked(reply::read(call.headers(), &body)?, next))
}

/// Starts no more refreshes, and cancels those under way. What is saved by then stays.
pub(crate) async fn cancel(mut call: Call, _: Body) -> Result<Response, Problem> {
    let id: String = call.path().await?;
    call.query(&[])?;
    let bulk = kept(&call, &id).await?;
    let document = BulkDocument::of(&bulk, stopped(&call, &bulk).await);
    if document.status == Status::Cancelled {
        return Ok((StatusCode::OK, Json(document)).into_response());
    }
    if bulk.closed_at.is_some() || document.status.is_over() {
        return Err(problems::bulk_over());
    }
    let workflow_id = workflow_of(&call, &bulk)?;
    let reason = format!("asked for by {}", call.by());
    match call.api.follow.cancel(&workflow_id, reason).await {
        Ok(()) => {}
        Err(FollowError::NotRunning) if in_inbox(&call, &workflow_id).await? => {
            return Err(problems::refresh_not_started());
        }
        Err(FollowError::NotRunning | FollowError::Refused(_)) => return Err(problems::bulk_over()),
        Err(error @ FollowError::NoAnswer(_)) => return Err(standing::away(&error)),
    }
    let bulk = kept(&call, &id).await?;
    let stop = bulk.cancelled.then_some(Stop::Cancelled);
    Ok((StatusCode::ACCEPTED, Json(BulkDocument::of(&bulk, stop))).into_response())
}

async fn kept(call: &Call, id: &str) -> Result<BulkRecord, Problem> {
    if id.contains('\0') {
        return Err(problems::unknown_bulk());
    }
    call.store().bulk(call.workspace(), id).await.map_err(store_fault)?.ok_or_else(problems::unknown_bulk)
}

fn workflow_of(call: &Call, bulk: &BulkRecord) -> Result<WorkflowId, Problem> {
    let id: EventId = bulk.bulk_id.parse().map_err(|_| problems::unknown_bulk())?;
    Ok(WorkflowId::of_bulk(call.workspace(), &id))
}

/// How the bulk was ended before everything was started, if it was. The store knows of an end in which the workflow had a
/// word; of any other, Temporal.
async fn stopped(call: &Call, bulk: &BulkRecord) -> Option<Stop> {
    if bulk.cancelled {
        return Some(Stop::Cancelled);
    }
    if bulk.closed_at.is_some() {
        return None;
    }
    match call.api.follow.look(&workflow_of(call, bulk).ok()?).await {
        Ok(Live::Ended(End::Cancelled)) => Some(Stop::Cancelled),
        Ok(Live::Ended(End::Failed)) => Some(Stop::Failed("Failed")),
        Ok(Live::Ended(End::Terminated)) => Some(Stop::Failed("Terminated")),
        Ok(Live::Ended(End::TimedOut)) => Some(Stop::Failed("Timeout")),
        Ok(Live::Ended(End::Completed) | Live::Running(_) | Live::NotFound) | Err(_) => None,
    }
}

async fn in_inbox(call: &Call, workflow_id: &WorkflowId) -> Result<bool, Problem> {
    let filter = InboxFilter { workflow_id: Some(workflow_id.to_string()), ..InboxFilter::default() };
    Ok(!call.store().inbox_list(&filter, 1).await.map_err(store_fault)?.is_empty())
}
