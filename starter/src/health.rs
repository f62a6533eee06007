//! Is it alive, and does it want work?

use crate::AppState;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Whether the server takes deliveries or is on its way out. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Draining>);

#[derive(Debug, Default)]
struct Draining {
    begun: AtomicBool,
    told: Notify,
}

impl Readiness {
    /// From now on the server is on its way out.
    pub fn start_draining(&self) {
        self.0.begun.store(true, Ordering::Release);
        self.0.told.notify_waiters();
    }

    /// Whether it is.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.begun.load(Ordering::Acquire)
    }

    /// Ends when the server is on its way out.
    pub(crate) async fn draining(&self) {
        let told = self.0.told.notified();
        if !self.is_draining() {
            told.await;
        }
    }
}

/// Others whose being away is worth telling. Clones share them.
#[derive(Clone, Default)]
pub struct Checks(Vec<(&'static str, Check)>);

type Check = Arc<dyn Fn() -> bool + Send + Sync>;

impl Checks {
    /// With one more: a name, and whether it is there.
    #[must_use]
    pub fn with(mut self, name: &'static str, is_there: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.0.push((name, Arc::new(is_there)));
        self
    }
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Alive as long as it answers.
pub(crate) async fn livez(method: Method) -> Response {
    if let Some(problem) = refuse(&method) {
        return problem.into_response();
    }
    Json(json!({ "status": "ok" })).into_response()
}

/// Ready until it drains. Temporal or the database being away makes it `degraded` and no less ready: every replica would
/// leave at once, and events are taken all the same. With `?verbose` it tells which.
pub(crate) async fn readyz(State(state): State<AppState>, method: Method, uri: Uri) -> Response {
    if let Some(problem) = refuse(&method) {
        return problem.into_response();
    }
    if state.readiness.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "draining" }))).into_response();
    }
    let checks: Vec<(&str, bool)> = state.checks.0.iter().map(|(name, is_there)| (*name, is_there())).collect();
    let status = if checks.iter().all(|(_, is_there)| *is_there) { "ok" } else { "degraded" };
    let mut told = json!({ "status": status });
    let asked = |query: &str| query.split('&').any(|part| part == "verbose" || part.starts_with("verbose="));
    if uri.query().is_some_and(asked) {
        let told_of = |(name, is_there)| (name, if is_there { "ok" } else { "away" });
        told["checks"] = checks.into_iter().map(told_of).map(|(name, is)| (name.to_owned(), Value::from(is))).collect();
    }
    Json(told).into_response()
}

fn refuse(method: &Method) -> Option<Problem> {
    (*method != Method::GET && *method != Method::HEAD).then(|| Problem::method_not_allowed("GET, HEAD"))
}
