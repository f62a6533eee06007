//! The starter, put together: webhooks, the intelligence API, the inbox, and what empties it.

use crate::config::Settings;
use crate::secret_watch::{self, OnHangup};
use crate::wiring;
use anyhow::{Context as _, Result, ensure};
use engine::SellerProfile;
use starter::inbox::{AcceptLimits, Acceptor, Circuit, DrainLimits, Drainer, InboxWriter};
use starter::intake::MAX_BODY;
use starter::intelligence::FollowRefresh;
use starter::{
    AppState, Checks, Drained, Intelligence, Rate, ServerLimits, Sources, StartLimits, StartRefresh, SystemClock,
};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;

/// Failed starts in a row after which Temporal counts as away.
const AWAY_AFTER: u32 = 3;
/// For so long a failed start counts against `/readyz`.
const DEGRADED_FOR: Duration = Duration::from_secs(30);
/// One attempt at a direct start; two of them fit into what there is for it.
const ATTEMPT: Duration = Duration::from_millis(700);

/// Everything that serves senders.
pub struct FrontDoor {
    webhooks: AppState,
    drainer: Drainer,
}

/// How long the starts of a front door may take; those of senders and those from the inbox share it.
#[must_use]
pub fn start_limits(settings: &Settings) -> StartLimits {
    let AcceptLimits { direct, max_in_flight, .. } = accept_limits(settings);
    // The acceptor and the drainer keep to their own numbers; nobody waits behind the other here.
    StartLimits { deadline: direct, per_attempt: ATTEMPT, max_in_flight: max_in_flight + settings.inbox.max_in_flight }
}

fn accept_limits(settings: &Settings) -> AcceptLimits {
    let starter = &settings.starter;
    let (total, direct) = (starter.deadline, starter.deadline / 2);
    AcceptLimits { total, direct, max_in_flight: starter.max_in_flight, ..AcceptLimits::default() }
}

/// What bodies have beyond 64 KiB may use up half of the memory for bodies. A source whose longest body can never be taken
/// would hear 503 for ever.
fn room_for_the_longest(sources: &Sources, budget: usize) -> Result<()> {
    let longest = sources.longest_body();
    ensure!(
        longest <= MAX_BODY || longest - MAX_BODY <= budget / 2,
        "starter.body_budget_bytes is {budget}, and a source may send {longest} bytes; give it at least {needed}, or the source \
         less (sources.limits.max_body_bytes)",
        needed = 2 * (longest - MAX_BODY)
    );
    Ok(())
}

impl FrontDoor {
    /// Over whoever starts, the database, and a look at whether Temporal is there. Both may be away. `sold` is what the
    /// workspace of this process sells where its settings do not say so.
    ///
    /// # Errors
    /// When nobody may send events, secrets are unfit, or a source may send more than there is memory for.
    pub fn new(
        settings: &Settings,
        sold: Option<&SellerProfile>,
        on_hangup: OnHangup,
        store: Store,
        direct: Arc<impl StartRefresh + FollowRefresh + 'static>,
        reachable: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<Self> {
        let sources = wiring::webhook_sources(settings, sold)?;
        room_for_the_longest(&sources, settings.starter.body_budget)?;
        secret_watch::spawn(settings, &sources, on_hangup)?;
        starter::metrics::install().context("metrics cannot be counted")?;
        let temporal = Arc::new(Circuit::new("temporal", AWAY_AFTER));
        let writer = InboxWriter::spawn(store.clone());
        let intelligence = Intelligence::new(store.clone(), direct.clone()).with_bulk(settings.bulk);
        let direct: Arc<dyn StartRefresh> = direct;
        let limits = DrainLimits {
            starts_per_second: settings.inbox.starts_per_second,
            max_in_flight: settings.inbox.max_in_flight,
            keep_dead: settings.inbox.keep_dead,
            ..DrainLimits::default()
        };
        let clock = Arc::new(SystemClock);
        let drainer = Drainer::new(store, writer.clone(), direct.clone(), temporal.clone(), clock, limits);
        let acceptor = Acceptor::new(direct, temporal.clone(), writer.clone(), accept_limits(settings));
        let checks = Checks::default()
            .with("temporal", move || reachable() && !temporal.was_open_within(DEGRADED_FOR))
            .with("database", move || writer.is_available());
        let limits = ServerLimits {
            body_budget: settings.starter.body_budget,
            peer_failures: settings
                .starter
                .failures_per_second
                .map(|rate| Rate::new(rate.get(), rate.get().saturating_mul(5))),
            ..ServerLimits::default()
        };
        let webhooks = AppState::new(sources, Arc::new(acceptor))
            .with_checks(checks)
            .with_limits(limits)
            .with_intelligence(intelligence);
        Ok(Self { webhooks, drainer })
    }

    /// Serves until `stop`, then answers what is under way, and last finishes what it has in hand from the inbox.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()> + Send) -> Drained {
        let (served, no_more) = tokio::sync::oneshot::channel::<()>();
        let serving = async {
            let drained = starter::serve(listener, self.webhooks, stop).await;
            drop(served);
            drained
        };
        let draining = self.drainer.run_until(async {
            let _ = no_more.await;
        });
        tokio::join!(serving, draining).0
    }
}
