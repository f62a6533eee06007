//! What `dev` sets up for itself beside the webhook secret: an API key of this machine's own.

use crate::commands::key::names;
use crate::config::Settings;
use anyhow::{Context as _, Result};
use secrecy::ExposeSecret as _;
use starter::intelligence::{Scope, Token};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use store::{ApiKey, Store};

/// Sees to it that there is a key that may do everything in the workspace of this process. It is made once and kept in the
/// data folder, for nobody else's eyes; in a database that is new it is made known again.
///
/// # Errors
/// When it can be neither read nor kept.
pub async fn ensure(settings: &Settings, store: &Store) -> Result<()> {
    let file = file(settings);
    if !file.exists() {
        let token = Token::of(&rand::random());
        let mut kept = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .with_context(|| format!("cannot keep the development API key in {}", file.display()))?;
        kept.write_all(token.expose().expose_secret().as_bytes())?;
    }
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read the development API key in {}", file.display()))?;
    let token = Token::parse(text.trim())
        .with_context(|| format!("{} holds no API key; delete it and it is made anew", file.display()))?;
    let key = ApiKey {
        key_id: token.id().to_owned(),
        workspace: settings.workspace.clone(),
        label: "dev".to_owned(),
        scopes: names(Scope::ALL),
        created_at: jiff::Timestamp::now().as_millisecond(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        follows: None,
    };
    store.put_api_key(&key, &token.hash()).await.context("the development API key cannot be made known")?;
    Ok(())
}

/// Where it is kept.
#[must_use]
pub fn file(settings: &Settings) -> PathBuf {
    settings.data_dir.join("api-key")
}
