//! `migrate`: bring the database to this build's schema.

use crate::config::Settings;
use crate::exit::Exit;
use crate::outln;
use crate::output::Output;
use crate::wiring;
use anyhow::{Context as _, Result};

/// Applies what is missing. Running it again changes nothing.
///
/// # Errors
/// When the database cannot be reached, or a migration fails.
pub async fn run(settings: Settings, output: Output) -> Result<Exit> {
    let store = wiring::open_store(&settings).await?;
    let current = store.is_current().await?;
    store.migrate().await.context("the schema could not be brought to this build's")?;
    store.close().await;
    match output {
        Output::Json => outln!("{}", serde_json::json!({"current": true, "changed": !current})),
        Output::Text if current => outln!("{} is current", settings.database.url),
        Output::Text => outln!("{} was brought to this build's schema", settings.database.url),
    }
    Ok(Exit::Done)
}
