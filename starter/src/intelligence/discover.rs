//! `POST buyer-group` and `POST buyer-group/refresh`: a refresh that somebody asks for, once per key, and perhaps waits for.
//! Nothing is cleared before there is a result: a refresh replaces the group when it saves, and not before.

use super::access::Scope;
use super::call::{Call, Form, Operation};
use super::follow::Live;
use super::refresh_document::{RefreshDocument, Status};
use super::request::{self, DiscoverRequest, ForceRequest, Level};
use super::{company, group, prefer, problems, reply, standing};
use crate::problem::Problem;
use crate::start::{StartAnswer, StartError};
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use contracts::{CompanyRef, Digest, EventId, EventRef, RefreshReason, RefreshRequest, SourceName, WorkflowId};
use http::header::LOCATION;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::time::Duration;

pub(crate) const DISCOVER: Operation =
    Operation { name: "discoverBuyerGroup", scope: Scope::Refresh, waits: prefer::MOST, form: Form::Json };
pub(crate) const REFRESH: Operation =
    Operation { name: "refreshBuyerGroup", scope: Scope::Refresh, waits: prefer::MOST, form: Form::Json };

/// Header with the caller's own name of what it asks for (draft-ietf-httpapi-idempotency-key-header).
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Header that says that the key was used before, for the same.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Header that says that the answer was waited for.
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// Between two looks for a refresh that waits in the inbox.
const AGAIN: Duration = Duration::from_millis(250);
/// Longest key, in characters.
const MAX_KEY: usize = 255;

pub(crate) async fn discover(call: Call, body: Body) -> Result<Response, Problem> {
    call.query(&[])?;
    let key = key(call.headers())?;
    let wish: DiscoverRequest = call.read(body, request::DISCOVER).await?;
    let wish = wish.check()?;
    let company = CompanyRef { id: None, name: wish.company_name, domain: wish.website };
    ask(&call, company, wish.enrichment_level, key).await
}

pub(crate) async fn refresh(call: Call, body: Body) -> Result<Response, Problem> {
    call.query(&[])?;
    let key = key(call.headers())?;
    let wish: ForceRequest = call.read(body, request::FORCE).await?;
    let wish = wish.check()?;
    let known = company::meant(&call, &wish.company).await?;
    let company = CompanyRef { id: known.source_id, name: known.company.name, domain: known.company.domain };
    ask(&call, company, wish.enrichment_level, key).await
}

/// The caller's key, else a new one: the refresh then happens once for this call, and the answer says under which key.
pub(crate) fn key(headers: &HeaderMap) -> Result<EventId, Problem> {
    let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
    let text = match (all.next(), all.next()) {
        (None, _) => uuid::Uuid::new_v4().to_string(),
        (Some(_), Some(_)) => return Err(problems::invalid_idempotency_key()),
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| problems::invalid_idempotency_key())?.trim();
            // The draft asks for quotes, and most senders leave them out.
            let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
            inner.to_owned()
        }
    };
    let visible = text.len() <= MAX_KEY && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    text.parse().ok().filter(|_| visible).ok_or_else(problems::invalid_idempotency_key)
}

async fn ask(call: &Call, company: CompanyRef, level: Level, key: EventId) -> Result<Response, Problem> {
    let now = call.app.clock.now();
    // The same wish, however its JSON is written.
    let wish = serde_json::to_vec(&(&company, level)).map_err(|_| problems::internal())?;
    let request = RefreshRequest {
        workspace: call.workspace().clone(),
        company: company.into(),
        reason: RefreshReason::Manual,
        level: level.into(),
        event: EventRef {
            source: SourceName::api(),
            id: key.clone(),
            digest: Digest::of(&wish),
            occurred_at: now,
            received_at: now,
        },
        person_ref: None,
        could_sit: None,
    };
    let (workflow_id, run_id, queued, replayed) = match call.app.starter.start(&request.into()).await {
        Ok(StartAnswer::Started { workflow_id, run_id }) => (workflow_id, Some(run_id), false, false),
        Ok(StartAnswer::Queued { workflow_id }) => (workflow_id, None, true, false),
        Ok(StartAnswer::Duplicate { workflow_id, run_id }) => {
            let queued = run_id.is_none();
            (workflow_id, run_id, queued, true)
        }
        Ok(StartAnswer::Conflict { workflow_id, .. }) => {
            return Err(problems::idempotency_conflict(workflow_id.as_str()));
        }
        Err(error) => return Err(not_started(&error)),
    };
    let mut response = match wait_for(call, &workflow_id, queued).await {
        Some(waited) => waited_for(call, &workflow_id, waited).await?,
        None => accepted(call, &workflow_id, run_id, queued, level, &key, replayed).await?,
    };
    let headers = response.headers_mut();
    if let Ok(key) = HeaderValue::try_from(key.as_str()) {
        headers.insert(IDEMPOTENCY_KEY, key);
    }
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

pub(crate) fn not_started(error: &StartError) -> Problem {
    let problem = match error {
        StartError::Unavailable { retry_after, .. } => {
            Problem { retry_after: Some(*retry_after), ..problems::unavailable() }
        }
        StartError::Rejected(_) => problems::internal(),
    };
    tracing::error!(instance = problem.instance.as_deref(), %error, "api.not_started");
    problem
}

/// How long the caller waited, when it asked to; nothing when it did not, or may not see what it would wait for.
async fn wait_for(call: &Call, workflow_id: &WorkflowId, queued: bool) -> Option<Duration> {
    let patience = prefer::wait(call.headers()).filter(|_| call.caller.may(Scope::Read))?;
    let _place = call.api.waiting.try_acquire().ok()?;
    let ending = async {
        let _ = call.api.follow.ended(workflow_id).await;
        // What is in the inbox is not there yet, or not yet known to be.
        while queued && !matches!(call.api.follow.look(workflow_id).await, Ok(Live::Ended(_))) {
            tokio::time::sleep(AGAIN).await;
            let _ = call.api.follow.ended(workflow_id).await;
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
async fn waited_for(call: &Call, workflow_id: &WorkflowId, patience: Duration) -> Result<Response, Problem> {
    let refresh = standing::of(call, workflow_id).await?.ok_or_else(problems::unknown_refresh)?;
    let mut response = match refresh.status {
        // Another refresh answers for it, and has not yet.
        Status::Completed if refresh.answered_by.is_some() => on_its_way(refresh),
        Status::Completed => {
            let company_id = refresh.result.as_ref().and_then(|result| result.company_id.as_deref());
            let Some(company_id) = company_id else { return Err(problems::no_match(workflow_id.as_str())) };
            let group = group::document(call, company_id, None).await?;
            let group = group.ok_or_else(|| problems::no_match(workflow_id.as_str()))?;
            group::located(reply::read(&HeaderMap::new(), &group)?, company_id)
        }
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

/// Where to look for what was asked.
async fn accepted(
    call: &Call,
    workflow_id: &WorkflowId,
    run_id: Option<String>,
    queued: bool,
    level: Level,
    key: &EventId,
    replayed: bool,
) -> Result<Response, Problem> {
    // What was asked before may be over by now.
    if replayed
        && call.caller.may(Scope::Read)
        && let Some(refresh) = standing::of(call, workflow_id).await?
    {
        return Ok(on_its_way(refresh));
    }
    let mut refresh = RefreshDocument::named(workflow_id, Status::Waiting);
    refresh.queued = queued;
    refresh.run_id = run_id;
    refresh.enrichment_level = Some(level);
    refresh.event_id = Some(key.to_string());
    refresh.reason = Some(RefreshReason::Manual.to_string());
    Ok(on_its_way(refresh))
}

fn on_its_way(refresh: RefreshDocument) -> Response {
    let place = HeaderValue::try_from(refresh.links.itself.as_str());
    let mut response = (StatusCode::ACCEPTED, Json(refresh)).into_response();
    if let Ok(place) = place {
        response.headers_mut().insert(LOCATION, place);
    }
    response
}
