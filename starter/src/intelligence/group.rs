//! `GET buyer-group`: the group of a company, now or as it once stood.

use super::access::Scope;
use super::call::{Call, Operation, store_fault};
use super::group_document::{ContactData, GroupDocument};
use super::query::OfDay;
use super::{company, problems, reply};
use crate::problem::Problem;
use axum::body::Body;
use axum::response::Response;
use contracts::UnixMillis;
use http::HeaderValue;
use http::header::CONTENT_LOCATION;

pub(crate) const GET: Operation = Operation::new("getBuyerGroup", Scope::Read);

pub(crate) async fn get(call: Call, _: Body) -> Result<Response, Problem> {
    let (company_id, at) = asked(&call).await?;
    let group = document(&call, &company_id, at).await?.ok_or_else(problems::no_group)?;
    reply::read(call.headers(), &group)
}

/// The company whose group is asked for, and as of when.
pub(crate) async fn asked(call: &Call) -> Result<(String, Option<UnixMillis>), Problem> {
    let query = call.query(&["company", "asOf"])?;
    let must = "there: an id, a domain or a name";
    let text = query.company()?.ok_or_else(|| problems::invalid_parameter("company", must))?;
    let at = query.moment("asOf", OfDay::End)?;
    Ok((company::meant(call, text).await?.company_id, at))
}

/// The company's group as it stood at that moment, or stands.
pub(crate) async fn document(
    call: &Call,
    company_id: &str,
    at: Option<UnixMillis>,
) -> Result<Option<GroupDocument>, Problem> {
    let (store, workspace) = (call.store(), call.workspace());
    let past = store.group_as_of(workspace, company_id, at.unwrap_or(UnixMillis::MAX)).await.map_err(store_fault)?;
    let Some(past) = past else { return Ok(None) };
    let refresh = store.refresh(&past.group.refresh_id).await.map_err(store_fault)?;
    let contact = if call.caller.may(Scope::Contact) { ContactData::Included } else { ContactData::Withheld };
    Ok(Some(GroupDocument::of(workspace, &past, refresh.as_ref(), contact)))
}

/// Says where the group that is answered can be read again.
pub(crate) fn located(mut response: Response, company_id: &str) -> Response {
    if let Ok(place) = HeaderValue::try_from(format!("{}/buyer-group?company={company_id}", super::PATH)) {
        response.headers_mut().insert(CONTENT_LOCATION, place);
    }
    response
}
