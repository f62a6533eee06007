//! The intelligence API, `/api/v1/intelligence/…`: groups, and the refreshes that make them, for programs that hold a key.
//!
//! Every call goes the same way ([`call`]): method, form of the answer, key, rate, scope, and only then what it asks for. Reading
//! is reading in the store. Whatever changes something is a workflow that is started, cancelled or spoken to ([`follow`]), and
//! so is durable and done once. The workspace is the key's: no call names one, and what belongs to another is not found.

mod access;
mod bulk;
mod bulk_document;
mod bulk_request;
mod call;
mod companies;
mod company;
pub(crate) mod describe;
mod describe_bulk;
mod discover;
mod events;
pub mod follow;
mod group;
mod group_document;
mod prefer;
pub(crate) mod problems;
mod query;
mod rate;
mod refresh_document;
mod refresh_id;
mod refreshes;
mod reply;
mod report;
mod request;
mod retry;
mod standing;
mod steering;
mod waited;

pub use access::{Scope, Token};
pub use bulk::BulkLimits;
pub use follow::{FollowRefresh, Word};

use crate::AppState;
use crate::limits::Rate;
use crate::problem::Problem;
use axum::Router;
use axum::extract::State;
use axum::routing::{MethodRouter, get, post};
use call::on;
use rate::KeyBuckets;
use std::sync::Arc;
use store::Store;
use tokio::sync::Semaphore;

/// What every path of the API begins with.
pub const PATH: &str = "/api/v1/intelligence";

/// Callers who wait for the end of a refresh at one time, in one process. Each holds a connection, and deliveries need
/// theirs; who comes when all of these are taken is answered at once, and asks for the status.
const WAITING: usize = 128;

/// What the API works with.
pub struct Intelligence {
    store: Store,
    follow: Arc<dyn FollowRefresh>,
    buckets: KeyBuckets,
    waiting: Semaphore,
    bulk: BulkLimits,
}

impl Intelligence {
    /// Over the database with the groups and the keys, and whoever knows the refreshes that run.
    #[must_use]
    pub fn new(store: Store, follow: Arc<dyn FollowRefresh>) -> Self {
        Self {
            store,
            follow,
            buckets: KeyBuckets::new(rate::DEFAULT),
            waiting: Semaphore::new(WAITING),
            bulk: BulkLimits::default(),
        }
    }

    /// With another rate of each key.
    #[must_use]
    pub fn with_rate(self, rate: Rate) -> Self {
        Self { buckets: KeyBuckets::new(rate), ..self }
    }

    /// With bulks done in another way.
    #[must_use]
    pub fn with_bulk(self, bulk: BulkLimits) -> Self {
        Self { bulk, ..self }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    let group = get(on(&group::GET, group::get)).post(on(&discover::DISCOVER, discover::discover));
    Router::new()
        .route(&path("/buyer-group"), only(group, "GET, HEAD, POST"))
        .route(&path("/buyer-group/bulk"), only(post(on(&bulk::START, bulk::start)), "POST"))
        .route(&path("/bulk/{id}"), only(get(on(&bulk::GET, bulk::get)), "GET, HEAD"))
        .route(&path("/bulk/{id}/items"), only(get(on(&bulk::ITEMS, bulk::items)), "GET, HEAD"))
        .route(&path("/bulk/{id}/cancel"), only(post(on(&bulk::CANCEL, bulk::cancel)), "POST"))
        .route(&path("/buyer-group/refresh"), only(post(on(&discover::REFRESH, discover::refresh)), "POST"))
        .route(&path("/buyer-group/report"), only(get(on(&report::GET, report::get)), "GET, HEAD"))
        .route(&path("/companies"), only(get(on(&companies::LIST, companies::list)), "GET, HEAD"))
        .route(&path("/events/{source}/{event}"), only(get(on(&events::GET, events::get)), "GET, HEAD"))
        .route(&path("/refreshes"), only(get(on(&refreshes::LIST, refreshes::list)), "GET, HEAD"))
        .route(&path("/refreshes/{id}"), only(get(on(&refreshes::GET, refreshes::get)), "GET, HEAD"))
        .route(&path("/refreshes/{id}/cancel"), only(post(on(&steering::CANCEL, steering::cancel)), "POST"))
        .route(&path("/refreshes/{id}/retry"), only(post(on(&retry::RETRY, retry::retry)), "POST"))
        .route(&path("/refreshes/{id}/approve"), only(post(on(&steering::APPROVE, steering::approve)), "POST"))
        .route(&path("/refreshes/{id}/reject"), only(post(on(&steering::REJECT, steering::reject)), "POST"))
        .route(&path("/refreshes/{id}/run-now"), only(post(on(&steering::RUN_NOW, steering::run_now)), "POST"))
}

fn path(end: &str) -> String {
    format!("{PATH}{end}")
}

fn only(route: MethodRouter<AppState>, allow: &'static str) -> MethodRouter<AppState> {
    route.fallback(async move |State(app): State<AppState>| match app.intelligence {
        Some(_) => Problem::method_not_allowed(allow),
        None => Problem::not_found(),
    })
}
