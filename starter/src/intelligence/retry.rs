//! `POST refreshes/{id}/retry`: a refresh that did not end well, once more.

use super::access::Scope;
use super::call::{Call, Operation, store_fault};
use super::follow::FollowError;
use super::{problems, refreshes, standing};
use crate::RetryAnswer;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

pub(crate) const RETRY: Operation = Operation::new("retryRefresh", Scope::Refresh);

/// Tries it again, as another run of the same refresh. One that is at work already is answered as it stands, so that saying
/// it twice does it once.
pub(crate) async fn retry(mut call: Call, _: Body) -> Result<Response, Problem> {
    let id: String = call.path().await?;
    call.query(&[])?;
    let workflow_id = refreshes::meant(&call, &id).await?;
    let kept = call.store().kept_of(workflow_id.as_str()).await.map_err(store_fault)?;
    let status = match call.api.follow.try_again(&workflow_id, kept).await {
        Ok(RetryAnswer::Started { .. }) => StatusCode::ACCEPTED,
        Ok(RetryAnswer::Running) => StatusCode::OK,
        Ok(RetryAnswer::EndedWell) => return Err(problems::nothing_to_retry("completed")),
        Ok(RetryAnswer::Unknown) => return Err(problems::unknown_refresh()),
        Err(FollowError::Refused(why)) => {
            let problem = problems::internal();
            tracing::error!(instance = problem.instance.as_deref(), %workflow_id, why, "api.not_retried");
            return Err(problem);
        }
        Err(error) => return Err(standing::away(&error)),
    };
    let refresh = standing::of(&call, &workflow_id).await?.ok_or_else(problems::unknown_refresh)?;
    let place = HeaderValue::try_from(refresh.links.itself.as_str());
    let mut response = (status, Json(refreshes::seen_by(&call, &workflow_id, refresh))).into_response();
    if let Ok(place) = place {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}
