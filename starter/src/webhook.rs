//! `POST /api/webhooks/person-change`: who sent it, what it asks for, and a durable start of that.

use crate::intakes::{self, DeliveryWindow, Intake, SourceFacts};
use crate::problem::Problem;
use crate::signature::{Unverified, Verified};
use crate::{AppState, intake};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::Method;

/// Where deliveries go.
pub const PERSON_CHANGE_PATH: &str = "/api/webhooks/person-change";

pub(crate) async fn person_change(State(state): State<AppState>, request: Request) -> Response {
    match deliver(&state, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn deliver(state: &AppState, request: Request) -> Result<Response, Problem> {
    let verified = authenticate(state, request).await?;
    let source = verified.source();
    let facts = SourceFacts {
        workspace: source.workspace.clone(),
        name: source.name.clone(),
        level: source.level,
        intake: Intake::PersonChange,
        window: DeliveryWindow::default(),
    };
    let delivery = intakes::read(&facts, verified.body(), verified.received_at(), None)
        .map_err(|fault| intakes::answer::refuse(&facts.workspace, &facts.name, fault))?;
    Ok(intakes::respond(delivery, state.starter.as_ref()).await)
}

async fn authenticate(state: &AppState, request: Request) -> Result<Verified, Problem> {
    let rejected = |problem: &Problem, reason: &str| {
        tracing::warn!(status = problem.status().as_u16(), reason, "webhook.rejected");
    };
    if request.method() != Method::POST {
        let problem = Problem::method_not_allowed("POST");
        rejected(&problem, "method");
        return Err(problem);
    }
    let (headers, body) = intake::take(request, state.limits.body_read).await.inspect_err(|problem| {
        rejected(problem, problem.kind.trim_start_matches("/problems/"));
    })?;
    Unverified::new(&headers, body).verify(&state.sources, state.clock.now()).map_err(|denied| {
        let problem = Problem::unauthorized();
        rejected(&problem, denied.as_str());
        problem
    })
}
