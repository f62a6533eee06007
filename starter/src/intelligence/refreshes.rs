//! `GET refreshes` and `GET refreshes/{id}`.

use super::access::Scope;
use super::call::{Call, Operation, store_fault};
use super::query::{OfDay, cursor_behind};
use super::refresh_document::RefreshDocument;
use super::{PATH, company, problems, refresh_id, reply, standing};
use crate::problem::Problem;
use axum::body::Body;
use axum::response::Response;
use contracts::WorkflowId;
use schemars::JsonSchema;
use serde::Serialize;
use store::{RefreshFilter, RefreshMark, RefreshState};

pub(crate) const LIST: Operation = Operation::new("listRefreshes", Scope::Read);
pub(crate) const GET: Operation = Operation::new("getRefresh", Scope::Read);

/// A page of refreshes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshPage {
    /// The newest first.
    refreshes: Vec<RefreshDocument>,
    /// What to ask for as `cursor` next; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What can be asked for as `status`.
pub(crate) const STATES: [(&str, RefreshState); 4] = [
    ("active", RefreshState::Running),
    ("completed", RefreshState::Completed),
    ("failed", RefreshState::Failed),
    ("cancelled", RefreshState::Cancelled),
];

pub(crate) async fn list(call: Call, _: Body) -> Result<Response, Problem> {
    let query = call.query(&["status", "company", "since", "limit", "cursor"])?;
    let state = match query.get("status") {
        None => None,
        Some(text) => {
            let found = STATES.iter().find(|(name, _)| *name == text).map(|(_, state)| *state);
            let must = "active, completed, failed or cancelled";
            Some(found.ok_or_else(|| problems::invalid_parameter("status", must))?)
        }
    };
    let (limit, since, mark) = (query.limit()?, query.moment("since", OfDay::Start)?, query.mark()?);
    let company_id = match query.company()? {
        None => None,
        Some(text) => Some(company::meant(&call, text).await?.company_id),
    };
    let filter = RefreshFilter { state, company_id, since };
    let page = call.store().refreshes_page(call.workspace(), &filter, mark.as_ref(), limit + 1).await;
    let page = page.map_err(store_fault)?;
    let shown = &page[..page.len().min(limit as usize)];
    let last = shown.last().filter(|_| page.len() > shown.len());
    let next_cursor = last
        .map(|last| cursor_behind(&RefreshMark { started_at: last.started_at, refresh_id: last.refresh_id.clone() }));
    let next = next_cursor.as_deref().map(|cursor| format!("{PATH}/refreshes?{}", query.with_cursor(cursor)));
    let body = RefreshPage { refreshes: shown.iter().map(RefreshDocument::logged).collect(), next_cursor };
    Ok(reply::linked(reply::read(call.headers(), &body)?, next))
}

pub(crate) async fn get(mut call: Call, _: Body) -> Result<Response, Problem> {
    let id: String = call.path().await?;
    call.query(&[])?;
    let workflow_id = meant(&call, &id).await?;
    let refresh = standing::of(&call, &workflow_id).await?.ok_or_else(problems::unknown_refresh)?;
    reply::read(call.headers(), &refresh)
}

/// What this caller may see of a refresh that it has said something to.
pub(crate) fn seen_by(call: &Call, workflow_id: &WorkflowId, refresh: RefreshDocument) -> RefreshDocument {
    if call.caller.may(Scope::Read) { refresh } else { RefreshDocument::bare(workflow_id, &refresh) }
}

/// The workflow of the refresh that is meant: by what it is called, or by the id of its run.
pub(crate) async fn meant(call: &Call, id: &str) -> Result<WorkflowId, Problem> {
    if let Some(workflow_id) = refresh_id::workflow_of(call.workspace(), id) {
        return Ok(workflow_id);
    }
    if id.contains('\0') {
        return Err(problems::unknown_refresh());
    }
    let record = call.store().refresh(id).await.map_err(store_fault)?;
    let record = record.filter(|record| record.workspace == call.workspace().as_str());
    let id = record.map(|record| refresh_id::id_of(&record.workflow_id));
    id.and_then(|id| refresh_id::workflow_of(call.workspace(), &id)).ok_or_else(problems::unknown_refresh)
}
