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
use store::Store;
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
        FrontDoor::new(&settings, None, OnHangup::Read, store.clone(), late.clone(), move || reachable.is_reachable())?;
    let listener = listen(&settings).await?;
    let options = ConnectOptions::profile(&settings.temporal);
    let limits = front_door::start_limits(&settings);
    let connecting = async {
        tokio::join!(temporal::keep_connected(&late, &options, limits), look_at_schema(&store, &settings));
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

/// Says when there is no inbox for a reason that does not pass by itself.
async fn look_at_schema(store: &Store, settings: &Settings) {
    let url = &settings.database.url;
    match store.is_current().await {
        Ok(true) => {}
        Ok(false) => {
            let what = "its schema is not this build's, so there is no inbox until `buyer-group migrate` was run";
            tracing::error!(event_name = "inbox.no_schema", database = %url, "{what}");
        }
        Err(error) => {
            tracing::warn!(event_name = "inbox.away", database = %url, %error, "there is no inbox until it answers");
        }
    }
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
