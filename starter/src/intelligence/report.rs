//! `GET buyer-group/report`: the group of a company as a page for people.

use super::access::Scope;
use super::call::{Call, Operation, store_fault};
use super::{group, problems, reply};
use crate::problem::Problem;
use crate::report::{Contacts, Report};
use axum::body::Body;
use axum::response::Response;
use contracts::UnixMillis;

pub(crate) const GET: Operation = Operation::page("getBuyerGroupReport", Scope::Read);

pub(crate) async fn get(call: Call, _: Body) -> Result<Response, Problem> {
    let (company_id, at) = group::asked(&call).await?;
    let (store, workspace) = (call.store(), call.workspace());
    let past = store.group_as_of(workspace, &company_id, at.unwrap_or(UnixMillis::MAX)).await.map_err(store_fault)?;
    let past = past.ok_or_else(problems::no_group)?;
    let contacts = if call.caller.may(Scope::Contact) { Contacts::Shown } else { Contacts::LeftOut };
    let report = Report::read(store, workspace, past.group, contacts).await.map_err(store_fault)?;
    Ok(reply::page(call.headers(), report.with_erased(past.erased).html()))
}
