//! The server: routes, what surrounds every answer, and the way out.
//!
//! `axum::serve` bounds neither the time for headers nor the number of connections, so the connections are served here.

use crate::budget::BodyBudget;
use crate::health::{self, Checks, Readiness};
use crate::intelligence::{self, Intelligence};
use crate::limits::{Peer, PeerFailures, Rate, SourceBuckets};
use crate::metrics;
use crate::openapi;
use crate::problem::Problem;
use crate::webhook::{self, PERSON_CHANGE_PATH, WEBHOOKS_PATH};
use crate::{Clock, Sources, StartRefresh, SystemClock};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::header::{CACHE_CONTROL, HOST, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
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

/// Most bytes of path and query of one request.
const MAX_TARGET: usize = 8 * 1024;
/// Most bytes of one connection that were read and not yet looked at.
const MAX_READ_BYTES: usize = 2 * MAX_HEADER_BYTES;

/// How long the server waits for others, and how many it serves.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Connections at one time, and so requests at one time. More wait in the system's queue: a sender that never sends
    /// twice is better kept waiting for some milliseconds than turned away.
    pub max_connections: usize,
    /// Memory for the bodies of requests in progress, in bytes. A body counts as long as it says it is, or as 64 KiB when it
    /// does not say; what it has beyond 64 KiB counts as it arrives, and may use up half of the memory. Whoever comes when
    /// nothing is left is answered 503 at once.
    pub body_budget: usize,
    /// Authentication failures of one address, beyond which it is not looked at for a while. Behind a proxy all senders
    /// have one address, and whoever can reach the proxy could shut them out; so it is off unless it is set.
    pub peer_failures: Option<Rate>,
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
            body_budget: 32 * 1024 * 1024,
            peer_failures: None,
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
    pub(crate) checks: Checks,
    pub(crate) limits: ServerLimits,
    pub(crate) body_budget: BodyBudget,
    pub(crate) buckets: Arc<SourceBuckets>,
    pub(crate) peer_failures: Option<Arc<PeerFailures>>,
    pub(crate) intelligence: Option<Arc<Intelligence>>,
}

impl AppState {
    /// Deliveries from these sources start refreshes there.
    #[must_use]
    pub fn new(sources: Arc<Sources>, starter: Arc<dyn StartRefresh>) -> Self {
        let limits = ServerLimits::default();
        Self {
            sources,
            starter,
            clock: Arc::new(SystemClock),
            readiness: Readiness::default(),
            checks: Checks::default(),
            limits,
            body_budget: BodyBudget::new(limits.body_budget),
            buckets: Arc::new(SourceBuckets::new(Rate::default())),
            peer_failures: None,
            intelligence: None,
        }
    }

    /// With the intelligence API. Without, its paths are not served.
    #[must_use]
    pub fn with_intelligence(self, intelligence: Intelligence) -> Self {
        Self { intelligence: Some(Arc::new(intelligence)), ..self }
    }

    /// With another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// With what `/readyz` tells about others.
    #[must_use]
    pub fn with_checks(self, checks: Checks) -> Self {
        Self { checks, ..self }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: ServerLimits) -> Self {
        let body_budget = BodyBudget::new(limits.body_budget);
        let peer_failures = limits.peer_failures.map(|rate| Arc::new(PeerFailures::new(rate)));
        Self { limits, body_budget, peer_failures, ..self }
    }

    /// With another rate of sources whose settings name none.
    #[must_use]
    pub fn with_rate(self, rate: Rate) -> Self {
        Self { buckets: Arc::new(SourceBuckets::new(rate)), ..self }
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
        .route(PERSON_CHANGE_PATH, any(webhook::receive))
        .route(&format!("{WEBHOOKS_PATH}/{{workspace}}/{{source}}"), any(webhook::receive))
        .route(&format!("{WEBHOOKS_PATH}/{{workspace}}/{{source}}/{{token}}"), any(webhook::receive))
        .route("/livez", any(health::livez))
        .route("/readyz", any(health::readyz))
        .route("/metrics", any(metrics::metrics))
        .merge(openapi::routes())
        .merge(intelligence::routes())
        .fallback(async || Problem::not_found())
        .with_state(state)
        .layer(from_fn(check_head))
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(map_response(finish))
}

/// What holds for every route. Two readers of a request must agree for whom it is (RFC 9112, 3.2): a target that names its
/// host must still have the header.
async fn check_head(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(HOST).iter().count();
    let old = request.version() < Version::HTTP_11;
    if hosts != 1 && !(old && hosts == 0) {
        return Problem::bad_host().into_response();
    }
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > MAX_TARGET) {
        return Problem::target_too_long(MAX_TARGET).into_response();
    }
    next.run(request).await
}

async fn finish(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // Whoever lets an answer be kept says so.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
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

/// How HTTP/1.1 is spoken on one connection.
#[must_use]
pub fn protocol(limits: ServerLimits) -> http1::Builder {
    let mut http = http1::Builder::new();
    // A sender that closes its half after the request still gets its answer, and does not cut short a start.
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEADER_BYTES)
        .max_buf_size(MAX_READ_BYTES)
        .half_close(true);
    http
}

/// Serves until `shutdown`, then drains: tells so on `/readyz`, stops accepting, finishes what is under way, and goes when
/// that is done or the time for it is over.
pub async fn serve(listener: TcpListener, state: AppState, shutdown: impl Future<Output = ()> + Send) -> Drained {
    let limits = state.limits;
    let readiness = state.readiness();
    let app = router(state);
    let http = protocol(limits);

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
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, or a connection that was gone before it came: neither is a reason to stop.
                tracing::warn!(%error, "http.accept_failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let app = TowerToHyperService::new(app.clone());
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            app.call(request)
        });
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
