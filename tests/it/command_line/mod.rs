//! The program as it is built, run as a person or a process manager would run it.

mod dev;
mod group_schema;
mod inbox;
mod key;
mod offline;
mod processes;
mod retry;
mod schema_check;
mod seller;

use crate::stage::{PATIENCE, temporal_command};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A folder to work in, and an environment in which nothing is set that the program listens to.
pub struct Desk {
    folder: tempfile::TempDir,
    env: Vec<(&'static str, String)>,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Told {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    pub async fn new() -> Self {
        let command = temporal_command().await.display().to_string();
        Self { folder: tempfile::tempdir().unwrap(), env: vec![("BGR_TEMPORAL_COMMAND", command)] }
    }

    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_buyer-group"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let heard = ["BGR_", "TEMPORAL_", "DATABASE_URL", "WEBHOOK_SECRET", "RUST_LOG"];
            if heard.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .envs(self.env.iter().map(|(name, value)| (*name, value.as_str())))
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs it to its end.
    pub async fn run(&self, args: &[&str]) -> Told {
        told(self.command(args), args).await
    }

    /// The same with one more variable, for this once.
    pub async fn run_with(&self, name: &str, value: &str, args: &[&str]) -> Told {
        let mut command = self.command(args);
        command.env(name, value);
        told(command, args).await
    }

    /// Starts a process that serves, and waits until it has logged this event.
    pub async fn serve(&self, args: &[&str], until: &str) -> Serving {
        self.serving(self.command(args), args, until).await
    }

    /// The same with one more variable, for this once.
    pub async fn serve_with(&self, name: &str, value: &str, args: &[&str], until: &str) -> Serving {
        let mut command = self.command(args);
        command.env(name, value);
        self.serving(command, args, until).await
    }

    async fn serving(&self, mut command: Command, args: &[&str], until: &str) -> Serving {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let waiting = async {
            loop {
                let Some(line) = lines.next_line().await.unwrap() else { panic!("{args:?} ended: {said}") };
                said.push_str(&line);
                match serde_json::from_str::<Value>(&line) {
                    Ok(event) if event["event_name"] == until => return event,
                    _ => {}
                }
            }
        };
        let event = tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{args:?}: no {until}"));
        // A pipe that nobody reads would stop the process in the middle of its last words.
        let rest = tokio::spawn(async move {
            let mut rest = Vec::new();
            while let Ok(Some(line)) = lines.next_line().await {
                rest.push(line);
            }
            rest
        });
        Serving { child, event, rest }
    }
}

async fn told(mut command: Command, args: &[&str]) -> Told {
    let ended = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = ended.unwrap_or_else(|_| panic!("{args:?} does not end")).unwrap();
    Told {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Told {
    /// It ended so.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Standard output, which must be one JSON document and nothing else.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// It said so on standard error, and wrote no result.
    #[track_caller]
    pub fn refused(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing: {self:#?}");
        }
        assert_eq!(self.stdout, "");
    }
}

/// A process that serves.
pub struct Serving {
    child: Child,
    /// What it logged when it was ready.
    pub event: Value,
    rest: tokio::task::JoinHandle<Vec<String>>,
}

impl Serving {
    /// Kills it, as nobody can prevent.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Tells it to stop as a process manager does; gives how it ended and what it logged since it was ready.
    pub async fn stop(mut self) -> (ExitStatus, String) {
        let id = self.child.id().expect("it has ended before it was told to").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it does not stop").unwrap();
        (ended, self.rest.await.unwrap().join("\n"))
    }
}

/// The members of a group document.
#[track_caller]
pub fn members(group: &Value) -> &Vec<Value> {
    group["members"].as_array().unwrap_or_else(|| panic!("no members in {group}"))
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}
