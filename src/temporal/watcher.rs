//! Ends the dev server when this process is gone, even by `kill -9`.
//!
//! A shell holds the reading end of a pipe whose writing end only this process has. Whatever ends this process closes the
//! pipe; the shell then sends the server SIGTERM. It is also how the server is stopped in the ordinary way, so that the path
//! that matters in an accident is used every day. The kernel's own means to this end (`PR_SET_PDEATHSIG`) would need unsafe
//! code, and there is none on macOS.

use anyhow::Context as _;
use std::process::Stdio;
use tokio::process::{Child, Command};

/// `read` and `kill` are built into every shell: no other program is needed.
const SCRIPT: &str = r#"while read -r _; do :; done; kill -TERM "$1" 2>/dev/null"#;

#[derive(Debug)]
pub(super) struct Watcher {
    shell: Child,
}

impl Watcher {
    pub(super) fn of(pid: u32) -> anyhow::Result<Self> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "buyer-group-watcher", &pid.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C reaches a terminal's whole process group; this one must outlive us.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot run /bin/sh, which stops the dev server when this process ends")?;
        Ok(Self { shell })
    }

    /// Sends the server SIGTERM.
    pub(super) async fn terminate(mut self) {
        drop(self.shell.stdin.take());
        let _status = self.shell.wait().await;
    }

    /// Lets the server be; to be called before the server's process id can belong to somebody else.
    pub(super) async fn dismiss(mut self) {
        let _result = self.shell.kill().await;
    }
}
