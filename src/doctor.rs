//! Explains every setting, where it comes from, and what is missing before work can begin. Changes nothing.

use crate::config::{Entry, Loaded, Settings};
use crate::temporal::{ConnectOptions, Search, connect_with, existing_server, missing_search_attributes};
use crate::wiring;
use serde::Serialize;
use std::fmt::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

/// Everything the doctor found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything needs attention.
    pub status: Status,
    /// The settings in force.
    pub settings: Vec<Entry>,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// What loading the settings had to say.
    pub notices: Vec<String>,
}

/// Whether anything needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing does.
    Ok,
    /// At least one check failed.
    Degraded,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub detail: String,
}

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should.
    Ok,
    /// Not needed, or will be seen to by itself.
    Note,
    /// Somebody has to act; the detail says how.
    Failed,
}

/// How the database stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseState {
    /// Reachable, and its schema is this build's.
    Current,
    /// Reachable, and its schema is not this build's.
    Outdated,
}

impl Check {
    fn new(name: impl Into<String>, state: State, detail: impl Into<String>) -> Self {
        Self { name: name.into(), state, detail: detail.into() }
    }

    fn of(name: impl Into<String>, result: anyhow::Result<String>) -> Self {
        match result {
            Ok(detail) => Self::new(name, State::Ok, detail),
            Err(error) => Self::new(name, State::Failed, format!("{error:#}")),
        }
    }
}

/// Looks at everything. `database` opens the configured database and says how it stands; it is not run for a SQLite file
/// that does not exist, because opening would create it.
pub async fn examine<F>(loaded: &Loaded, database: F) -> Report
where
    F: Future<Output = anyhow::Result<DatabaseState>>,
{
    let settings = &loaded.settings;
    let (mut checks, own_server) = temporal(settings).await;
    checks.push(check_database(settings, database).await);
    checks.push(sources(settings));
    checks.extend(settings.rosters.iter().map(|roster| file(format!("roster of {}", roster.company), &roster.file)));
    let profiles = settings.workspaces.iter().filter_map(|workspace| Some((workspace, workspace.profile.as_ref()?)));
    checks.extend(profiles.map(|(workspace, path)| file(format!("seller profile of {}", workspace.name), path)));
    checks.push(port("starter.listen", settings.starter.listen));
    if own_server {
        let ports = [("temporal.port", settings.temporal.port), ("temporal.ui_port", settings.temporal.ui_port)];
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        checks.extend(ports.into_iter().filter_map(|(name, number)| Some(port(name, local(number?)))));
    }
    let failed = checks.iter().any(|check| check.state == State::Failed);
    Report {
        schema: 1,
        status: if failed { Status::Degraded } else { Status::Ok },
        settings: loaded.origins.clone(),
        checks,
        notices: loaded.notices.clone(),
    }
}

/// The server, or the command that would run one; and whether we would run one.
async fn temporal(settings: &Settings) -> (Vec<Check>, bool) {
    match existing_server() {
        Err(error) => (vec![Check::new("Temporal server", State::Failed, format!("{error:#}"))], false),
        Ok(Some(server)) => {
            let found = reach(settings).await.map(|found| format!("{}: {found}", server.address));
            (vec![Check::of("Temporal server", found)], false)
        }
        Ok(None) => {
            let none = Check::new(
                "Temporal server",
                State::Note,
                "none is named by TEMPORAL_ADDRESS or a Temporal profile; `dev` starts one, starter and worker try localhost:7233",
            );
            (vec![none, command(settings).await], true)
        }
    }
}

async fn reach(settings: &Settings) -> anyhow::Result<String> {
    let options = ConnectOptions { patience: Duration::ZERO, ..ConnectOptions::profile(&settings.temporal) };
    let client = connect_with(&options).await?;
    let missing = missing_search_attributes(&client).await?;
    let namespace = &client.options().namespace;
    Ok(match missing.is_empty() {
        true => format!("reachable, namespace `{namespace}` is ready"),
        false => format!("reachable; start will register {} on namespace `{namespace}`", missing.join(", ")),
    })
}

async fn command(settings: &Settings) -> Check {
    const NAME: &str = "temporal command";
    let search = Search::new(settings);
    match search.find().await {
        Ok(Some(command)) => Check::new(NAME, State::Ok, command.to_string()),
        Ok(None) => match search.installer().await {
            Ok(pip) => {
                Check::new(NAME, State::Note, format!("not found; {pip} will install it when it is first needed"))
            }
            Err(error) => Check::new(NAME, State::Failed, format!("{error:#}")),
        },
        Err(error) => Check::new(NAME, State::Failed, format!("{error:#}")),
    }
}

async fn check_database<F>(settings: &Settings, database: F) -> Check
where
    F: Future<Output = anyhow::Result<DatabaseState>>,
{
    let url = &settings.database.url;
    if let Some(path) = url.sqlite_file()
        && !path.exists()
    {
        return Check::new(
            "database",
            State::Note,
            format!("{} does not exist yet; `dev` or `migrate` creates it", path.display()),
        );
    }
    match database.await {
        Ok(DatabaseState::Current) => Check::new("database", State::Ok, format!("{url}: reachable, schema is current")),
        Ok(DatabaseState::Outdated) => Check::new(
            "database",
            State::Failed,
            format!("{url}: its schema is not this build's; run `buyer-group migrate`"),
        ),
        Err(error) => Check::new("database", State::Failed, format!("{url}: {error:#}")),
    }
}

fn sources(settings: &Settings) -> Check {
    match settings.sources.len() {
        0 => Check::new(
            "webhook sources",
            State::Note,
            "none; `dev` makes one for itself, `starter` needs a [[sources]] table or WEBHOOK_SECRET",
        ),
        _ => {
            if let Err(error) = wiring::webhook_sources(settings, None) {
                return Check::new("webhook sources", State::Failed, format!("{error:#}"));
            }
            let named = settings.sources.iter().map(|source| format!("{} ({})", source.name, source.workspace));
            Check::new("webhook sources", State::Ok, named.collect::<Vec<_>>().join(", "))
        }
    }
}

fn file(name: String, path: &Path) -> Check {
    match std::fs::File::open(path).and_then(|file| file.metadata()) {
        Ok(data) if data.is_file() => Check::new(name, State::Ok, format!("{}, {} bytes", path.display(), data.len())),
        Ok(_) => Check::new(name, State::Failed, format!("{} is not a file; correct the path", path.display())),
        Err(error) => {
            Check::new(name, State::Failed, format!("{}: {error}; correct the path or the rights", path.display()))
        }
    }
}

fn port(name: &str, address: SocketAddr) -> Check {
    let name = format!("port of {name}");
    match TcpListener::bind(address) {
        Ok(_) => Check::new(name, State::Ok, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Check::new(
            name,
            State::Failed,
            format!("{address} is in use; fine if that is this program, else stop what uses it or choose another port"),
        ),
        Err(error) => Check::new(name, State::Failed, format!("cannot listen on {address}: {error}")),
    }
}

impl fmt::Display for Report {
    /// As text for people: first what is wrong with the installation, then the settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let wide = |words: &mut dyn Iterator<Item = usize>| words.max().unwrap_or_default();
        let name = wide(&mut self.checks.iter().map(|check| check.name.chars().count()));
        for check in &self.checks {
            let mark = match check.state {
                State::Ok => "ok    ",
                State::Note => "note  ",
                State::Failed => "FAILED",
            };
            writeln!(text, "{mark}  {:name$}  {}", check.name, check.detail)?;
        }
        text.push('\n');
        let key = wide(&mut self.settings.iter().map(|entry| entry.key.chars().count()));
        let value = wide(&mut self.settings.iter().map(|entry| entry.value.chars().count()));
        for entry in &self.settings {
            writeln!(text, "{:key$}  {:value$}  {}", entry.key, entry.value, entry.origin)?;
        }
        for notice in &self.notices {
            writeln!(text, "\nnote: {notice}")?;
        }
        f.write_str(text.trim_end())
    }
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
