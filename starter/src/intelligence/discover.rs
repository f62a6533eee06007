//! `POST buyer-group` and `POST buyer-group/refresh`: a refresh that somebody asks for, once per key, and perhaps waits for.
//! Nothing is cleared before there is a result: a refresh replaces the group when it saves, and not before.

use super::access::Scope;
use super::call::{Call, Form, Operation};
use super::refresh_document::{RefreshDocument, Status};
use super::request::{self, DiscoverRequest, ForceRequest, Level};
use super::{company, prefer, problems, standing, waited};
use crate::problem::Problem;
use crate::start::{StartAnswer, StartError};
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use contracts::{CompanyRef, Digest, EventId, EventRef, RefreshReason, RefreshRequest, SourceName, WorkflowId};
use http::header::LOCATION;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

pub(crate) const DISCOVER: Operation =
    Operation { name: "discoverBuyerGroup", scope: Scope::Refresh, waits: prefer::MOST, form: Form::Json };
pub(crate) const REFRESH: Operation =
    Operation { name: "refreshBuyerGroup", scope: Scope::Refresh, waits: prefer::MOST, form: Form::Json };

/// Header with the caller's own name of what it asks for (draft-ietf-httpapi-idempotency-key-header).
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Header that says that the key was used before, for the same.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key, in characters.
const MAX_KEY: usize = 255;

pub(crate) async fn discover(call: Call, body: Body) -> Result<Response, Problem> {
    call.query(&[])?;
    let key = key(call.headers())?;
    let wish: DiscoverRequest = call.read(body, request::DISCOVER).await?;
    let wish = wish.check()?;
    let company = CompanyRef { id: None, name: wish.company_name, domain: wish.website };
    let digest = digest(&(&company, wish.enrichment_level))?;
    ask(&call, company, wish.enrichment_level, key, digest).await
}

pub(crate) async fn refresh(call: Call, body: Body) -> Result<Response, Problem> {
    call.query(&[])?;
    let key = key(call.headers())?;
    let wish: ForceRequest = call.read(body, request::FORCE).await?;
    let wish = wish.check()?;
    // The wish as it was sent: what is known of the company changes, also by the refresh itself.
    let digest = digest(&(REFRESH.name, &wish.company, wish.enrichment_level))?;
    let company = match company::meant(&call, &wish.company).await {
        Ok(known) => CompanyRef { id: known.source_id, name: known.company.name, domain: known.company.domain },
        // The wish may have been granted while the company could be found. Then whoever tells duplicates from conflicts has the
        // last word, and does not look at the company.
        Err(_) if is_granted(&call, &key).await? => CompanyRef { id: None, name: wish.company, domain: None },
        Err(problem) => return Err(problem),
    };
    ask(&call, company, wish.enrichment_level, key, digest).await
}

/// Whether there is a refresh under the key that the caller sent.
async fn is_granted(call: &Call, key: &EventId) -> Result<bool, Problem> {
    let workflow_id = WorkflowId::new(call.workspace(), &SourceName::api(), key);
    Ok(call.headers().contains_key(IDEMPOTENCY_KEY) && standing::of(call, &workflow_id).await?.is_some())
}

/// What tells a wish from another one with the same key, however its JSON is written.
fn digest(wish: &impl Serialize) -> Result<Digest, Problem> {
    let wish = serde_json::to_vec(wish).map_err(|_| problems::internal())?;
    Ok(Digest::of(&wish))
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

async fn ask(
    call: &Call,
    company: CompanyRef,
    level: Level,
    key: EventId,
    digest: Digest,
) -> Result<Response, Problem> {
    let now = call.app.clock.now();
    let request = RefreshRequest {
        workspace: call.workspace().clone(),
        company: company.into(),
        reason: RefreshReason::Manual,
        level: level.into(),
        event: EventRef { source: SourceName::api(), id: key.clone(), digest, occurred_at: now, received_at: now },
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
    let mut response = match waited::wait_for(call, &workflow_id, queued).await {
        Some(patience) => waited::answer(call, &workflow_id, patience).await?,
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

/// The refresh, and where it is looked at.
pub(crate) fn on_its_way(refresh: RefreshDocument) -> Response {
    let place = HeaderValue::try_from(refresh.links.itself.as_str());
    let mut response = (StatusCode::ACCEPTED, Json(refresh)).into_response();
    if let Ok(place) = place {
        response.headers_mut().insert(LOCATION, place);
    }
    response
}
