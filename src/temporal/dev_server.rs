//! A Temporal dev server as part of this process: started, awaited, and gone when we are.
//!
//! It never outlives us for long. Stopping and dropping end it; if we are killed, its watcher ends it; if the watcher is
//! killed with us, the next start on the same database file finds and stops it. It runs in a process group of its own, so
//! that Ctrl-C in a terminal reaches us alone and we can finish our work before we stop it.

use super::attributes::missing_search_attributes;
use super::connect::{ConnectOptions, connect_with};
use super::leftover::Claim;
use super::ports::Ports;
use super::server_log::ServerLog;
use super::watcher::Watcher;
use super::web_ui::WebUi;
use crate::config::Settings;
use anyhow::{Context as _, anyhow, bail};
use contracts::SEARCH_ATTRIBUTES;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use temporalio_client::Client;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

const SERVE_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(15);
/// Another program may take a port between our look and the server's.
const PORT_ATTEMPTS: usize = 3;
/// A server that finds its port taken ends within a fraction of this.
const CONFLICT_SHOWS_WITHIN: Duration = Duration::from_secs(5);

/// What to start.
#[derive(Clone, Debug)]
pub struct DevServerOptions {
    /// The `temporal` command.
    pub command: PathBuf,
    /// Where its state is kept; in memory, and lost at the end, when not given.
    pub db_file: Option<PathBuf>,
    /// Port; 7233 or a free one when not given.
    pub port: Option<u16>,
    /// Port of the Web UI; 8233 or a free one when not given.
    pub ui_port: Option<u16>,
    /// What it prints goes here, never to our own output.
    pub log_file: PathBuf,
    /// Namespace, created if need be.
    pub namespace: String,
}

impl DevServerOptions {
    /// A server that keeps its state in the data directory.
    #[must_use]
    pub fn new(command: PathBuf, settings: &Settings) -> Self {
        Self {
            command,
            db_file: Some(settings.temporal_db_file()),
            port: settings.temporal.port,
            ui_port: settings.temporal.ui_port,
            log_file: settings.temporal_log_file(),
            namespace: settings.temporal.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        }
    }
}

/// A running dev server.
#[derive(Debug)]
pub struct DevServer {
    options: DevServerOptions,
    ports: Ports,
    // Dropped in this order: first the watcher, lest it signal a process id that is nobody's, then the server, then the
    // right to the file.
    watcher: Option<Watcher>,
    child: Option<Child>,
    claim: Option<Claim>,
}

impl DevServer {
    /// Starts a server and waits until it serves.
    ///
    /// # Errors
    /// It does not start or does not serve in time; the text has the end of its log.
    pub async fn start(mut options: DevServerOptions) -> anyhow::Result<Self> {
        let absolute =
            |path: &Path| std::path::absolute(path).with_context(|| format!("cannot resolve {}", path.display()));
        options.log_file = absolute(&options.log_file)?;
        options.db_file = options.db_file.as_deref().map(absolute).transpose()?;
        for path in options.db_file.iter().chain([&options.log_file]) {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
            }
        }
        let claim = match &options.db_file {
            Some(db_file) => Some(Claim::take(db_file).await?),
            None => None,
        };
        let ports = Ports::choose(options.port, options.ui_port)?;
        let mut server = Self { options, ports, watcher: None, child: None, claim };
        for attempt in 1.. {
            let Err(error) = server.launch().await else { break };
            server.kill_hard().await?;
            // A server that loses its port to another in the moment of binding crashes and names no cause: look.
            let lost_a_port = !server.ports.are_free() || error.to_string().contains("address already in use");
            if attempt == PORT_ATTEMPTS || !lost_a_port {
                return Err(error);
            }
            server.ports = Ports::choose(server.options.port, server.options.ui_port)?;
        }
        Ok(server)
    }

    /// Its address, `http://127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.server)
    }

    /// Its namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.options.namespace
    }

    /// Its Web UI.
    #[must_use]
    pub fn web_ui(&self) -> WebUi {
        WebUi::at(&self.ui_url())
    }

    /// Address of its Web UI.
    #[must_use]
    pub fn ui_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.ui)
    }

    /// Page of one run in its Web UI.
    #[must_use]
    pub fn workflow_url(&self, workflow_id: &str, run_id: &str) -> String {
        self.web_ui().workflow_url(&self.options.namespace, workflow_id, run_id)
    }

    /// Connects to it.
    ///
    /// # Errors
    /// It no longer serves.
    pub async fn connect(&self) -> anyhow::Result<Client> {
        connect_with(&ConnectOptions::local(self.address(), self.options.namespace.clone())).await
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Waits until it ends by itself, which it should not. For a `select!` beside the work.
    ///
    /// # Errors
    /// Its end could not be awaited.
    pub async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        match &mut self.child {
            Some(child) => child.wait().await.context("cannot wait for the dev server"),
            None => std::future::pending().await,
        }
    }

    /// Stops it: SIGTERM, and SIGKILL if it does not heed that.
    ///
    /// # Errors
    /// It could not be stopped.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let (Some(watcher), Some(child)) = (self.watcher.take(), &mut self.child) {
            // Before it is collected, or its process id could be somebody else's by now.
            if child.try_wait().is_ok_and(|ended| ended.is_none()) {
                watcher.terminate().await;
                if timeout(STOP_WITHIN, child.wait()).await.is_err() {
                    tracing::warn!("the dev server did not stop in {} s and is killed", STOP_WITHIN.as_secs());
                }
            } else {
                watcher.dismiss().await;
            }
        }
        self.kill_hard().await
    }

    /// Kills it as an accident would. What it had in a database file is there after [`DevServer::restart`].
    ///
    /// # Errors
    /// It could not be killed.
    pub async fn kill_hard(&mut self) -> anyhow::Result<()> {
        if let Some(watcher) = self.watcher.take() {
            watcher.dismiss().await;
        }
        if let Some(mut child) = self.child.take() {
            child.kill().await.context("cannot kill the dev server")?;
        }
        if let Some(claim) = &self.claim {
            claim.clear();
        }
        Ok(())
    }

    /// Kills it if it runs, and starts it on the same ports and database file.
    ///
    /// # Errors
    /// As [`DevServer::start`].
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.kill_hard().await?;
        self.launch().await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let (log, file) = ServerLog::open(&self.options.log_file)?;
        let mut command = Command::new(&self.options.command);
        command
            .args(arguments(&self.options, self.ports))
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("cannot share the dev server's log file")?)
            .stderr(file)
            .process_group(0)
            .kill_on_drop(true);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start the dev server with {}", self.options.command.display()))?;
        let pid = child.id();
        self.child = Some(child);
        if let Some(pid) = pid {
            self.watcher = Some(Watcher::of(pid)?);
            if let Some(claim) = &self.claim {
                claim.note(pid)?;
            }
        }
        self.serves(&log).await.map_err(|error| {
            anyhow!("{error:#}; its log, {}, ends with:\n{}", self.options.log_file.display(), log.tail())
        })
    }

    /// Waits until it answers, has the namespace, and knows our search attributes. Another server may have taken the port
    /// a moment before ours and answer in its place; so ours must also have said in its log that it started.
    async fn serves(&mut self, log: &ServerLog) -> anyhow::Result<()> {
        let options = ConnectOptions::local(self.address(), self.options.namespace.clone());
        let child = self.child.as_mut().context("the dev server was not started")?;
        let end = Instant::now() + SERVE_WITHIN;
        let mut answers_since = None;
        loop {
            if let Some(status) = child.try_wait().context("cannot look after the dev server")? {
                bail!("the dev server ended at once ({status})");
            }
            let problem = match ready(&options).await {
                Ok(()) => {
                    let since = *answers_since.get_or_insert_with(Instant::now);
                    // Should a later version word its log otherwise, staying alive beside an answer is proof enough.
                    if log.says_started() || since.elapsed() > CONFLICT_SHOWS_WITHIN {
                        return Ok(());
                    }
                    anyhow!("something answers on its port")
                }
                Err(error) => error,
            };
            if Instant::now() >= end {
                return Err(
                    problem.context(format!("the dev server does not serve after {} s", SERVE_WITHIN.as_secs()))
                );
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn ready(options: &ConnectOptions) -> anyhow::Result<()> {
    let client = connect_with(options).await?;
    let missing = missing_search_attributes(&client).await?;
    anyhow::ensure!(missing.is_empty(), "it does not know the search attributes {}", missing.join(", "));
    Ok(())
}

fn arguments(options: &DevServerOptions, ports: Ports) -> Vec<std::ffi::OsString> {
    let mut arguments: Vec<std::ffi::OsString> = ["server", "start-dev", "--ip", "127.0.0.1"].map(Into::into).to_vec();
    let mut pair = |flag: &str, value: std::ffi::OsString| arguments.extend([flag.into(), value]);
    pair("--port", ports.server.to_string().into());
    pair("--ui-port", ports.ui.to_string().into());
    pair("--namespace", options.namespace.clone().into());
    if let Some(db_file) = &options.db_file {
        pair("--db-filename", db_file.into());
        // Five times as many starts a second as without, and still no loss when killed.
        pair("--sqlite-pragma", "journal_mode=wal".into());
        pair("--sqlite-pragma", "synchronous=1".into());
    }
    for name in SEARCH_ATTRIBUTES {
        pair("--search-attribute", format!("{name}=Keyword").into());
    }
    // One tenant's backlog must not hold up another's.
    pair("--dynamic-config-value", "matching.enableFairness=true".into());
    arguments
}

#[cfg(test)]
#[path = "dev_server_tests.rs"]
mod tests;
