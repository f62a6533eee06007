//! `starter`: serve the webhooks.

use crate::config::Settings;
use crate::exit::Exit;
use crate::front_door::{self, FrontDoor};
use crate::secret_watch::OnHangup;
use crate::temporal::{self, ConnectOptions};
use crate::{signals, wiring};
use anyhow::{Context as _, Result};
use starter::LateStarter;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serves until told to stop, then answers what is under way. Temporal and the database may be away, also at the start:
/// one of them is enough to accept events.
///
/// # Errors
/// When no source is configured, a setting cannot be used, or the address is taken.
pub async fn run(settings: Settings) -> Result<Exit> {
    let stop = signals::stop()?;
    // What is wrong with the configuration is said before anything is waited for.
    anyhow::ensure!(
        !settings.sources.is_empty(),
        "no webhook source is configured, so nothing could be accepted; add a [[sources]] table to {} or set \
         BGR_SOURCES__NAME__SECRET_FILE (bgr.example.toml shows how)",
        crate::config::FILE_NAME
    );
    temporal::existing_server()?;
    let store = wiring::open_store_lazily(&settings)?;
    let late = Arc::new(LateStarter::default());
    let reachable = late.clone();
    let door =
        FrontDoor::new(&settings, OnHangup::Read, store.clone(), late.clone(), move || reachable.is_reachable())?;
    let listener = listen(&settings).await?;
    let options = ConnectOptions::profile(&settings.temporal);
    let connecting = async {
        temporal::keep_connected(&late, &options, front_door::start_limits(&settings)).await;
        std::future::pending().await
    };
    tracing::info!(event_name = "starter.listening", address = %listener.local_addr()?, "serving webhooks");
    let drained = tokio::select! {
        drained = door.serve(listener, stop) => drained,
        never = connecting => never,
    };
    store.close().await;
    tracing::info!(event_name = "starter.stopped", drained.complete, "stopped");
    Ok(if drained.complete { Exit::Done } else { Exit::Degraded })
}

/// Takes the configured address.
///
/// # Errors
/// When it is taken, or not this machine's.
pub async fn listen(settings: &Settings) -> Result<TcpListener> {
    let address = settings.starter.listen;
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set starter.listen to an address that is free"))
}
