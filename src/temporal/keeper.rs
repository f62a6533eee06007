//! Keeps a connection for a process that serves without one, too: connects whenever the server comes, and looks whether it
//! is still there.

use super::connect::bounded;
use super::{ConnectOptions, connect_with, ensure_search_attributes};
use crate::exit;
use starter::{LateStarter, RefreshStarter, StartLimits};
use std::time::Duration;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::workflowservice::v1::GetSystemInfoRequest;
use tokio::time::{sleep, timeout};

/// Between two attempts that end in something nobody expects to pass by itself, such as credentials that are refused.
const AGAIN_AFTER: Duration = Duration::from_secs(10);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// Connects `late` as soon as the server lets us, registering what our workflows need; then tells it whether the server is
/// there. Never ends.
pub async fn keep_connected(late: &LateStarter, options: &ConnectOptions, limits: StartLimits) {
    let client = loop {
        match connect(options).await {
            Ok(client) => break client,
            Err(error) => {
                tracing::error!(event_name = "temporal.unusable", "{}", exit::chain(&error));
                sleep(AGAIN_AFTER).await;
            }
        }
    };
    late.arrived(RefreshStarter::new(client.clone(), limits));
    tracing::info!(event_name = "temporal.connected", "connected to the Temporal server");
    loop {
        sleep(LOOK_EVERY).await;
        let request = bounded(GetSystemInfoRequest::default());
        let mut service = client.connection().workflow_service();
        let looked = timeout(LOOK_WITHIN, service.get_system_info(request)).await;
        late.set_reachable(looked.is_ok_and(|answer| answer.is_ok()));
    }
}

async fn connect(options: &ConnectOptions) -> anyhow::Result<Client> {
    let client = connect_with(options).await?;
    // Without them the server refuses every start for ever, so nothing is started before they are there.
    ensure_search_attributes(&client).await?;
    Ok(client)
}
