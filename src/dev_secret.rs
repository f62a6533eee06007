//! What `dev` sets up for itself: a source for the sample's events, with a secret of this machine's own.

use crate::config::{Settings, SourceSettings};
use anyhow::{Context as _, Result};
use contracts::{EnrichmentLevel, SourceName};
use starter::auth::Preset;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

/// Name of the source.
const SOURCE: &str = "sample";

/// Sees to it that the sample's events have somebody to sign them. A configured source of that name is used as it is;
/// otherwise a secret is made once and kept in the data folder, so that no secret is ever shared by two machines.
///
/// # Errors
/// When the secret can be neither read nor kept.
pub fn ensure_source(settings: &mut Settings) -> Result<()> {
    if source(settings).is_ok() {
        return Ok(());
    }
    let file = file(settings);
    if !file.exists() {
        let secret = hex::encode(rand::random::<[u8; 32]>());
        let mut kept = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .with_context(|| format!("cannot keep the development secret in {}", file.display()))?;
        kept.write_all(secret.as_bytes())?;
    }
    settings.sources.extend(kept(settings)?);
    Ok(())
}

/// The source that `dev` made earlier in this data folder, for commands that talk to a running `dev`.
///
/// # Errors
/// When there is one that cannot be read.
pub fn kept(settings: &Settings) -> Result<Option<SourceSettings>> {
    let file = file(settings);
    if !file.exists() || source(settings).is_ok() {
        return Ok(None);
    }
    let secret = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read the development secret in {}", file.display()))?;
    let scheme = Preset::PersonChange.scheme()?;
    let source = SourceSettings::new(name()?, settings.workspace.clone(), scheme).with_secret(secret.trim().into());
    Ok(Some(SourceSettings { level: EnrichmentLevel::Enrich, ..source }))
}

/// The source of the sample's events.
///
/// # Errors
/// When there is none.
pub fn source(settings: &Settings) -> Result<&SourceSettings> {
    let found = settings.sources.iter().find(|source| source.name.as_str() == SOURCE);
    found.with_context(|| format!("no source {SOURCE:?} is configured"))
}

fn name() -> Result<SourceName> {
    Ok(SOURCE.parse()?)
}

fn file(settings: &Settings) -> PathBuf {
    settings.data_dir.join("webhook-secret")
}
