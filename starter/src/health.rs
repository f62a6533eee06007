//! Is it alive, and does it want work?

use crate::AppState;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the server takes deliveries or is on its way out. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on the server is on its way out.
    pub fn start_draining(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Alive as long as it answers.
pub(crate) async fn livez(method: Method) -> Response {
    if let Some(problem) = refuse(&method) {
        return problem.into_response();
    }
    Json(json!({ "status": "ok" })).into_response()
}

/// Ready until it drains. Temporal being away does not count: every replica would leave at once, and a sender that hears
/// 503 with `Retry-After` knows more than one that reaches nobody.
pub(crate) async fn readyz(State(state): State<AppState>, method: Method) -> Response {
    if let Some(problem) = refuse(&method) {
        return problem.into_response();
    }
    if state.readiness.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "draining" }))).into_response();
    }
    Json(json!({ "status": "ok" })).into_response()
}

fn refuse(method: &Method) -> Option<Problem> {
    (*method != Method::GET && *method != Method::HEAD).then(|| Problem::method_not_allowed("GET, HEAD"))
}
