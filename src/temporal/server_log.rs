//! What the dev server prints.

use anyhow::Context as _;
use std::fs::File;
use std::path::{Path, PathBuf};

const LONGEST: u64 = 10 * 1024 * 1024;
/// Lines shown in a message.
const TAIL: usize = 8;

/// The part of the log that one run writes.
pub(super) struct ServerLog {
    path: PathBuf,
    begin: u64,
}

impl ServerLog {
    /// Opens the log at its end; one that has grown long is put aside first.
    pub(super) fn open(path: &Path) -> anyhow::Result<(Self, File)> {
        if std::fs::metadata(path).is_ok_and(|data| data.len() > LONGEST) {
            // If that fails it only grows longer.
            let _ignored = std::fs::rename(path, path.with_extension("log.old"));
        }
        let file = File::options().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write the dev server's log {}", path.display()))?;
        let begin = file.metadata().map(|data| data.len()).unwrap_or_default();
        Ok((Self { path: path.to_owned(), begin }, file))
    }

    fn text(&self) -> String {
        let bytes = std::fs::read(&self.path).unwrap_or_default();
        let new = usize::try_from(self.begin).ok().and_then(|begin| bytes.get(begin..)).unwrap_or_default();
        String::from_utf8_lossy(new).into_owned()
    }

    /// Whether this run of the server says that it listens.
    pub(super) fn says_started(&self) -> bool {
        self.text().lines().any(|line| line.starts_with("Temporal Server:"))
    }

    /// Its last lines or, when it crashed, the first lines of the crash: what follows those is a stack.
    pub(super) fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let crash = lines.iter().position(|line| line.starts_with("panic:") || line.starts_with("Error:"));
        let begin = crash.unwrap_or(lines.len().saturating_sub(TAIL));
        lines.iter().skip(begin).take(TAIL).map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::io::Write as _;

    #[test]
    fn an_earlier_run_says_nothing_about_this_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("temporal.log");
        std::fs::write(&path, "Temporal Server:      localhost:1\n").unwrap();
        let (log, mut file) = ServerLog::open(&path).unwrap();
        assert!(!log.says_started() && log.tail().is_empty());
        writeln!(file, "Temporal CLI\nTemporal Server:      localhost:2").unwrap();
        assert!(log.says_started());
        assert_eq!(log.tail(), "  Temporal CLI\n  Temporal Server:      localhost:2");
        writeln!(file, "panic: no\n\n{}", "frame\n".repeat(20)).unwrap();
        assert!(log.tail().starts_with("  panic: no\n  frame"), "{}", log.tail());
    }

    #[test]
    fn a_long_log_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("temporal.log");
        File::create(&path).unwrap().set_len(LONGEST + 1).unwrap();
        ServerLog::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
        assert!(folder.path().join("temporal.log.old").exists());
    }
}
