//! One dev server per database file.
//!
//! Beside the database file lies `<file>.server`. Its lock is held as long as the process that runs the server lives, and
//! the operating system lets go of it whatever ends that process. Its text says which process the server is. Who gets
//! the lock and finds such a server still running has found a leftover, and stops it: two servers on one file damage it.

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

const STOP_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// Process of the server.
    server: u32,
    /// Process that started it.
    owner: u32,
}

/// The right to run a server on a database file; given up on drop.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    db_file: PathBuf,
    _lock: File,
}

impl Claim {
    /// Takes the right, and stops a server that nobody owns any more. `db_file` is absolute.
    pub(super) async fn take(db_file: &Path) -> anyhow::Result<Self> {
        let mut path = db_file.as_os_str().to_owned();
        path.push(".server");
        let path = PathBuf::from(path);
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("cannot write {}; is the data directory writable?", path.display()))?;
        let note = read(&path);
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let owner = note.map_or_else(|| "another process".to_owned(), |note| format!("process {}", note.owner));
                bail!(
                    "{owner} already runs a dev server on {}; stop it, or choose another data_dir",
                    db_file.display()
                );
            }
            Err(TryLockError::Error(error)) => {
                tracing::warn!("cannot lock {}, so a second server on it goes unnoticed: {error}", path.display());
            }
        }
        let claim = Self { path, db_file: db_file.to_owned(), _lock: lock };
        if let Some(note) = note {
            claim.stop_leftover(note.server).await?;
        }
        Ok(claim)
    }

    /// Notes which process the server is.
    pub(super) fn note(&self, server: u32) -> anyhow::Result<()> {
        let note = Note { server, owner: std::process::id() };
        let text = serde_json::to_string(&note).context("cannot write the server's process id")?;
        std::fs::write(&self.path, text).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Notes that no server runs.
    pub(super) fn clear(&self) {
        // A stale note is harmless: the process it names is looked at before it is believed.
        let _ignored = std::fs::write(&self.path, "");
    }

    async fn stop_leftover(&self, pid: u32) -> anyhow::Result<()> {
        if !self.is_our_server(pid).await {
            return Ok(());
        }
        tracing::warn!(pid, "stopping a dev server left over from a process that is gone");
        for signal in ["TERM", "KILL"] {
            send(signal, pid).await?;
            let give_up = Instant::now() + STOP_WITHIN;
            while Instant::now() < give_up {
                if !self.is_our_server(pid).await {
                    return Ok(());
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        bail!("process {pid} is a dev server on {} and cannot be stopped; stop it by hand", self.db_file.display())
    }

    /// Whether this process is a dev server on our file. Process ids are used again, so the number alone says nothing.
    async fn is_our_server(&self, pid: u32) -> bool {
        let arguments = arguments(pid).await;
        let db_file = self.db_file.to_string_lossy();
        arguments.contains("start-dev") && arguments.contains(&format!("--db-filename {db_file}"))
    }
}

fn read(path: &Path) -> Option<Note> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

/// The command line of a process, its words separated by single spaces; empty when there is no such process, or when it
/// has ended and only waits to be collected.
async fn arguments(pid: u32) -> String {
    if Path::new("/proc/self/cmdline").exists() {
        let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        return String::from_utf8_lossy(&bytes).replace('\0', " ");
    }
    let ps = Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()]).output().await;
    ps.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

async fn send(signal: &str, pid: u32) -> anyhow::Result<()> {
    // The shell's own `kill`; a failure means that the process is gone, which the caller finds out by looking.
    let script = r#"kill -s "$1" "$2" 2>/dev/null"#;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script, "sh", signal, &pid.to_string()]);
    shell.status().await.context("cannot run /bin/sh to stop a leftover dev server")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    /// A process whose command line is that of a dev server on this file.
    fn pretender(folder: &Path, db_file: &Path) -> tokio::process::Child {
        let script = folder.join("temporal");
        std::fs::write(&script, "while :; do sleep 0.1; done\n").unwrap();
        let mut shell = Command::new("/bin/sh");
        shell.arg(script).args(["server", "start-dev", "--db-filename"]).arg(db_file).kill_on_drop(true);
        shell.spawn().unwrap()
    }

    fn noted(db_file: &Path, server: u32) {
        let text = serde_json::to_string(&Note { server, owner: 1 }).unwrap();
        std::fs::write(format!("{}.server", db_file.display()), text).unwrap();
    }

    #[tokio::test]
    async fn a_leftover_is_stopped_and_a_stranger_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let db_file = folder.path().join("temporal.db");
        let mut leftover = pretender(folder.path(), &db_file);
        noted(&db_file, leftover.id().unwrap());
        drop(Claim::take(&db_file).await.unwrap());
        // Its command line is gone a moment before it can be collected.
        assert!(tokio::time::timeout(Duration::from_secs(5), leftover.wait()).await.is_ok(), "stopped");

        let mut stranger = pretender(folder.path(), &folder.path().join("other.db"));
        noted(&db_file, stranger.id().unwrap());
        drop(Claim::take(&db_file).await.unwrap());
        assert!(stranger.try_wait().unwrap().is_none(), "its process id is only a number");

        std::fs::write(format!("{}.server", db_file.display()), "rubbish").unwrap();
        assert!(Claim::take(&db_file).await.is_ok());
    }
}
