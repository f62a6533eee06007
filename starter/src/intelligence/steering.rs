//! `POST refreshes/{id}/…`: a word to a refresh that runs.

use super::access::Scope;
use super::call::{Call, Operation};
use super::follow::{FollowError, Word};
use super::refresh_document::{RefreshDocument, Status};
use super::{problems, refreshes, standing};
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use contracts::WorkflowId;
use http::StatusCode;

pub(crate) const CANCEL: Operation = Operation::new("cancelRefresh", Scope::Steer);
pub(crate) const APPROVE: Operation = Operation::new("approveRefresh", Scope::Steer);
pub(crate) const REJECT: Operation = Operation::new("rejectRefresh", Scope::Steer);
pub(crate) const RUN_NOW: Operation = Operation::new("runRefreshNow", Scope::Steer);

/// Asks it to stop. It stops at its next safe place, and the answer comes before; the last complete group stays as it is.
pub(crate) async fn cancel(mut call: Call, _: Body) -> Result<Response, Problem> {
    let (workflow_id, refresh) = running(&mut call).await?;
    if refresh.status == Status::Cancelled {
        return Ok((StatusCode::OK, Json(refreshes::seen_by(&call, &workflow_id, refresh))).into_response());
    }
    still_open(&refresh)?;
    let reason = format!("asked for by {}", call.by());
    let said = call.api.follow.cancel(&workflow_id, reason).await;
    answer(&call, &workflow_id, said, StatusCode::ACCEPTED).await
}

pub(crate) async fn approve(call: Call, _: Body) -> Result<Response, Problem> {
    say(call, Word::Approve).await
}

pub(crate) async fn reject(call: Call, _: Body) -> Result<Response, Problem> {
    say(call, Word::Reject).await
}

pub(crate) async fn run_now(call: Call, _: Body) -> Result<Response, Problem> {
    say(call, Word::RunNow).await
}

async fn say(mut call: Call, word: Word) -> Result<Response, Problem> {
    let (workflow_id, refresh) = running(&mut call).await?;
    still_open(&refresh)?;
    // Whether it is too late, or was said before, is the refresh's to say.
    let id = uuid::Uuid::new_v4().to_string();
    let said = call.api.follow.say(&workflow_id, word, call.by(), id).await;
    answer(&call, &workflow_id, said, StatusCode::OK).await
}

async fn running(call: &mut Call) -> Result<(WorkflowId, RefreshDocument), Problem> {
    let id: String = call.path().await?;
    call.query(&[])?;
    let workflow_id = refreshes::meant(call, &id).await?;
    let refresh = standing::of(call, &workflow_id).await?.ok_or_else(problems::unknown_refresh)?;
    Ok((workflow_id, refresh))
}

fn still_open(refresh: &RefreshDocument) -> Result<(), Problem> {
    if refresh.status.is_over() {
        return Err(problems::refresh_over(refresh.status.as_str()));
    }
    if refresh.queued {
        return Err(problems::refresh_not_started());
    }
    Ok(())
}

/// How the refresh stands now that it was told.
async fn answer(
    call: &Call,
    workflow_id: &WorkflowId,
    said: Result<(), FollowError>,
    status: StatusCode,
) -> Result<Response, Problem> {
    match said {
        Ok(()) => {}
        Err(FollowError::NotRunning) => {
            let refresh = standing::of(call, workflow_id).await?.ok_or_else(problems::unknown_refresh)?;
            return Err(problems::refresh_over(refresh.status.as_str()));
        }
        Err(FollowError::Refused(why)) => return Err(problems::steering_refused(&why)),
        Err(error @ FollowError::NoAnswer(_)) => return Err(standing::away(&error)),
    }
    let refresh = standing::of(call, workflow_id).await?.ok_or_else(problems::unknown_refresh)?;
    Ok((status, Json(refreshes::seen_by(call, workflow_id, refresh))).into_response())
}
