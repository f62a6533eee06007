//! `starter`: serve the webhooks.

use crate::config::Settings;
use crate::exit::Exit;
use crate::secret_watch::{self, OnHangup};
use crate::{signals, temporal, wiring};
use anyhow::{Context as _, Result};
use starter::{AppState, RefreshStarter};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serves until told to stop, then answers what is under way.
///
/// # Errors
/// When no source is configured, the address is taken, or Temporal cannot be reached at the start.
pub async fn run(settings: Settings) -> Result<Exit> {
    let stop = signals::stop()?;
    // What is wrong with the configuration is said before anything is waited for.
    anyhow::ensure!(
        !settings.sources.is_empty(),
        "no webhook source is configured, so nothing could be accepted; add a [[sources]] table to {} or set \
         BGR_SOURCES__NAME__SECRET_FILE (bgr.example.toml shows how)",
        crate::config::FILE_NAME
    );
    let sources = wiring::webhook_sources(&settings)?;
    secret_watch::spawn(&settings, &sources, OnHangup::Read)?;
    // Nothing is accepted, not even a connection, before there is somebody to hand it to.
    let client = temporal::connect(&settings.temporal).await?;
    temporal::ensure_search_attributes(&client).await?;
    let listener = listen(&settings).await?;
    let starter = RefreshStarter::new(client, wiring::start_limits(&settings));
    tracing::info!(event_name = "starter.listening", address = %listener.local_addr()?, "serving webhooks");
    let drained = starter::serve(listener, AppState::new(sources, Arc::new(starter)), stop).await;
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
