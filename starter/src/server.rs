//! The server: routes, what surrounds every answer, and the way out.
//!
//! `axum::serve` bounds neither the time for headers nor the number of connections, so the connections are served here.

use crate::health::{self, Readiness};
use crate::openapi;
use crate::problem::Problem;
use crate::webhook::{self, PERSON_CHANGE_PATH};
use crate::{Clock, Sources, StartRefresh, SystemClock};
use axum::Router;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::any::Any;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower_http::catch_panic::CatchPanicLayer;

/// Most headers of one request.
const MAX_HEADERS: usize = 64;
/// Most bytes of the headers of one request.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// How long the server waits for others, and how many it serves.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Connections at one time, and so requests at one time. More wait in the system's queue.
    pub max_connections: usize,
    /// For the headers of a request, also on a connection that has been idle.
    pub header_read: Duration,
    /// For the body of a request.
    pub body_read: Duration,
    /// Between telling that it drains and no longer accepting, so that a load balancer can notice.
    pub drain_notice: Duration,
    /// For requests under way when the server goes.
    pub drain: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            max_connections: 1024,
            header_read: Duration::from_secs(10),
            body_read: Duration::from_secs(10),
            drain_notice: Duration::ZERO,
            drain: Duration::from_secs(10),
        }
    }
}

/// Everything the routes need. Clones share it.
#[derive(Clone)]
pub struct AppState {
    pub(crate) sources: Arc<Sources>,
    pub(crate) starter: Arc<dyn StartRefresh>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) readiness: Readiness,
    pub(crate) limits: ServerLimits,
}

impl AppState {
    /// Deliveries from these sources start refreshes there.
    #[must_use]
    pub fn new(sources: Sources, starter: Arc<dyn StartRefresh>) -> Self {
        Self {
            sources: Arc::new(sources),
            starter,
            clock: Arc::new(SystemClock),
            readiness: Readiness::default(),
            limits: ServerLimits::default(),
        }
    }

    /// With another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: ServerLimits) -> Self {
        Self { limits, ..self }
    }

    /// Whether it drains; settable from outside.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        self.readiness.clone()
    }
}

/// The routes.
pub fn router(state: AppState) -> Router {
    Router::new()
        .route(PERSON_CHANGE_PATH, any(webhook::person_change))
        .route("/livez", any(health::livez))
        .route("/readyz", any(health::readyz))
        .merge(openapi::routes())
        .fallback(async || Problem::not_found())
        .with_state(state)
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(map_response(finish))
}

async fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The panic's text may hold anything, so it goes nowhere; the default hook has already told the operator where it was.
fn on_panic(_: Box<dyn Any + Send>) -> Response {
    let problem = Problem::internal();
    tracing::error!(status = 500, instance = problem.instance.as_deref(), "http.panic");
    problem.into_response()
}

/// How a server went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Whether every request under way was answered in time.
    pub complete: bool,
}

/// Serves until `shutdown`, then drains: tells so on `/readyz`, stops accepting, finishes what is under way, and goes when
/// that is done or the time for it is over.
pub async fn serve(listener: TcpListener, state: AppState, shutdown: impl Future<Output = ()> + Send) -> Drained {
    let limits = state.limits;
    let readiness = state.readiness();
    let app = router(state);
    let mut http = http1::Builder::new();
    // A sender that closes its half after the request still gets its answer, and does not cut short a start.
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEADER_BYTES)
        .half_close(true);

    let mut stop = pin!(async {
        shutdown.await;
        readiness.start_draining();
        tracing::info!("http.draining");
        tokio::time::sleep(limits.drain_notice).await;
    });
    let slots = Arc::new(Semaphore::new(limits.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let next = async { (Arc::clone(&slots).acquire_owned().await, listener.accept().await) };
        let (slot, accepted) = tokio::select! {
            biased;
            () = &mut stop => break,
            next = next => next,
        };
        while connections.try_join_next().is_some() {}
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, or a connection that was gone before it came: neither is a reason to stop.
                tracing::warn!(%error, "http.accept_failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(app.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        connections.spawn(async move {
            // What goes wrong on a connection is the sender's to notice; there is nobody to answer.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    let complete = tokio::time::timeout(limits.drain, graceful.shutdown()).await.is_ok();
    connections.shutdown().await;
    tracing::info!(complete, "http.drained");
    Drained { complete }
}
