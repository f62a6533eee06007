//! What a running `dev` leaves for the other commands: where its Temporal server and its webhooks are, so that `status` or
//! `send` typed beside it reach the same house without being told.

use crate::config::Settings;
use crate::temporal::{self, ConnectOptions, Server};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use temporalio_client::Client;

/// Where the parts of a running `dev` are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    /// The Temporal dev server.
    pub temporal: String,
    /// Where webhooks are taken.
    pub webhooks: String,
}

/// The note; taken away when `dev` ends. After a kill -9 it stays, and names a server that does not answer.
pub struct Note(PathBuf);

impl Running {
    /// Leaves the note.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, data_dir: &Path) -> Result<Note> {
        let file = file(data_dir);
        std::fs::write(&file, serde_json::to_vec(self)?).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Note(file))
    }

    /// The note that a `dev` with this data folder has left.
    #[must_use]
    pub fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file(data_dir)).ok()?).ok()
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // Nothing can be done about a note that stays; the next `dev` writes over it.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Connects a command that looks from outside: to the server that the environment names, else to that of the running
/// `dev`, else to the default address.
///
/// # Errors
/// When no server answers.
pub async fn client(settings: &Settings) -> Result<Client> {
    let mut options = ConnectOptions::profile(&settings.temporal);
    // Somebody is waiting at the keyboard: a server that is not there is said at once.
    options.patience = std::time::Duration::ZERO;
    if temporal::existing_server()?.is_none()
        && let Some(running) = Running::read(&settings.data_dir)
    {
        options.server = Server::Local { address: running.temporal };
    }
    temporal::connect_with(&options).await
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("running.json")
}
