//! Rotation without a restart: secret files are read again while the starter runs.
//!
//! They are small, so they are read every few seconds rather than watched: that also sees a file that was put in the place
//! of another, as container platforms do it, and one that changed twice within a tick of the clock.

use crate::config::{SecretPlace, Settings, SourceSettings};
use anyhow::{Context as _, Result};
use starter::Sources;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// How long a new secret may go unnoticed.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// What SIGHUP means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnHangup {
    /// Read the secrets at once.
    Read,
    /// The terminal is gone, and the process ends as processes do.
    End,
}

/// Reads the secret files of these sources again and again, for as long as the process runs. Secrets that are unfit change
/// nothing; they are logged once.
///
/// # Errors
/// When SIGHUP cannot be listened to.
pub fn spawn(settings: &Settings, sources: &Arc<Sources>, on_hangup: OnHangup) -> Result<()> {
    let hangup = match on_hangup {
        OnHangup::Read => Some(signal(SignalKind::hangup()).context("SIGHUP cannot be listened to")?),
        OnHangup::End => None,
    };
    let in_files =
        |source: &&SourceSettings| source.secret_places.iter().any(|p| matches!(p, SecretPlace::File { .. }));
    let watched: Vec<_> = settings.sources.iter().filter(in_files).cloned().collect();
    if watched.is_empty() && hangup.is_none() {
        return Ok(());
    }
    let watch = Watch { watched, sources: Arc::clone(sources), told: HashMap::new() };
    tokio::spawn(watch.run(hangup));
    Ok(())
}

struct Watch {
    watched: Vec<SourceSettings>,
    sources: Arc<Sources>,
    /// What was wrong when it was last looked at, by place in `watched`.
    told: HashMap<usize, String>,
}

impl Watch {
    async fn run(mut self, mut hangup: Option<Signal>) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = next(&mut hangup) => tracing::info!(event_name = "secrets.told", "reading the secrets again"),
            }
            self.look();
        }
    }

    fn look(&mut self) {
        for (index, source) in self.watched.iter().enumerate() {
            let (workspace, name) = (&source.workspace, &source.name);
            let read = || Ok::<_, anyhow::Error>(self.sources.rotate(workspace, name, &source.read_secrets()?)?);
            match read() {
                Ok(changed) => {
                    let was_faulty = self.told.remove(&index).is_some();
                    if changed || was_faulty {
                        tracing::info!(event_name = "secrets.rotated", %workspace, source = %name, changed, "secrets are read");
                    }
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    if self.told.get(&index) != Some(&error) {
                        tracing::error!(
                            event_name = "secrets.unfit", %workspace, source = %name, error, "the secrets in use stay"
                        );
                        self.told.insert(index, error);
                    }
                }
            }
        }
    }
}

async fn next(hangup: &mut Option<Signal>) {
    match hangup {
        Some(hangup) => _ = hangup.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::config::{Overrides, Surroundings};
    use crate::wiring;

    const OLD: &str = "old-0123456789abcdef01234567";
    const NEW: &str = "new-0123456789abcdef01234567";

    #[test]
    fn w15_a_rotation_needs_no_restart_and_a_mistake_in_it_breaks_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("now", OLD);
        write("before", "");
        write("bgr.toml", "[[sources]]\nname = 'crm'\nsecret_file = 'now'\nprevious_secret_file = 'before'\n");
        let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
        let settings = Settings::load_in(&Overrides::default(), &around).unwrap().settings;
        let sources = wiring::webhook_sources(&settings, None).unwrap();
        let mut watch = Watch { watched: settings.sources, sources: Arc::clone(&sources), told: HashMap::new() };
        let mut secrets = || {
            watch.look();
            (sources.iter().next().unwrap().secrets(), watch.told.len())
        };
        assert_eq!(secrets(), (1, 0));
        write("before", OLD);
        assert_eq!(secrets(), (1, 0), "the same secret in both places is one secret");
        write("now", NEW);
        assert_eq!(secrets(), (2, 0));
        for unfit in ["", "short"] {
            write("now", unfit);
            assert_eq!(secrets(), (2, 1), "{unfit:?}");
        }
        std::fs::remove_file(folder.path().join("now")).unwrap();
        assert_eq!(secrets(), (2, 1));
        write("now", NEW);
        write("before", "\n");
        assert_eq!(secrets(), (1, 0));
    }
}
