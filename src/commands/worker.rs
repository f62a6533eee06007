//! `worker`: run refreshes.

use crate::config::Settings;
use crate::exit::Exit;
use crate::refresh_worker::RefreshWorker;
use crate::{signals, temporal, wiring};
use anyhow::Result;
use std::sync::Arc;

/// Runs until told to stop, then lets activities in flight finish.
///
/// # Errors
/// When the database's schema is not this build's, or Temporal cannot be reached at the start.
pub async fn run(settings: Settings) -> Result<Exit> {
    let stop = signals::stop()?;
    let store = wiring::open_current_store(&settings).await?;
    let refresher = Arc::new(wiring::refresher(&settings, store.clone())?);
    let client = temporal::connect(&settings.temporal).await?;
    temporal::ensure_search_attributes(&client).await?;
    temporal::ensure_due_schedule(&client, settings.schedule.every).await;
    temporal::ensure_slot_schedule(&client).await;
    temporal::ensure_sweep_schedule(&client).await;
    temporal::ensure_retention_schedule(&client).await;
    tracing::info!(event_name = "worker.started", "polling");
    RefreshWorker::new(client, refresher, wiring::worker_limits(&settings))?.run_until(stop).await?;
    store.close().await;
    tracing::info!(event_name = "worker.stopped", "stopped");
    Ok(Exit::Done)
}
