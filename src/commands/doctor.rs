//! `doctor`: explain every setting and what is missing.

use crate::config::{Overrides, Settings};
use crate::doctor::{self, DatabaseState, Status};
use crate::exit::{Exit, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::wiring;
use anyhow::Result;

/// Looks at everything, changes nothing.
///
/// # Errors
/// When the settings cannot even be read.
pub async fn run(overrides: &Overrides, output: Output) -> Result<Exit> {
    let loaded = Settings::load(overrides).map_err(WrongUsage::of)?;
    let database = async {
        let store = wiring::open_store(&loaded.settings).await?;
        let current = store.is_current().await?;
        store.close().await;
        Ok(if current { DatabaseState::Current } else { DatabaseState::Outdated })
    };
    let report = doctor::examine(&loaded, database).await;
    match output {
        Output::Json => outln!("{}", serde_json::to_string_pretty(&report)?),
        Output::Text => outln!("{report}"),
    }
    Ok(if report.status == Status::Ok { Exit::Done } else { Exit::Degraded })
}
