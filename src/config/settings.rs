//! The settings in force: every path usable from the working directory, every secret read.

use super::DatabaseUrl;
use activities::notify::ReceiverConfig;
use activities::{Pace, RetentionPeriods};
use contracts::{EnrichmentLevel, SourceName, WorkspaceId};
use secrecy::SecretString;
use starter::auth::{Scheme, SourceLimits};
use starter::intakes::{DeliveryWindow, Intake};
use starter::intelligence::BulkLimits;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of everything that this program keeps on disk.
    pub data_dir: PathBuf,
    /// Workspace of whatever names none.
    pub workspace: WorkspaceId,
    /// Where groups are kept.
    pub database: DatabaseSettings,
    /// The HTTP side.
    pub starter: StarterSettings,
    /// Events that wait for Temporal.
    pub inbox: InboxSettings,
    /// The side that does the work.
    pub worker: WorkerSettings,
    /// Refreshes that nobody asked for.
    pub schedule: ScheduleSettings,
    /// How often a company is refreshed, and how long somebody is waited for.
    pub refresh: Pace,
    /// How long things are kept that no group needs.
    pub retention: RetentionPeriods,
    /// How refreshes of many companies are done.
    pub bulk: BulkLimits,
    /// The Temporal server.
    pub temporal: TemporalSettings,
    /// Who may send events.
    pub sources: Vec<SourceSettings>,
    /// Companies whose people are known from a file.
    pub rosters: Vec<RosterSettings>,
    /// Tenants with settings of their own.
    pub workspaces: Vec<WorkspaceSettings>,
    /// Who is told how refreshes end.
    pub receivers: Vec<ReceiverConfig>,
}

/// Where groups are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// SQLite or PostgreSQL.
    pub url: DatabaseUrl,
}

/// The HTTP side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarterSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Scheme, host and port of the address that senders see, for schemes that sign it.
    pub public_url: Option<String>,
    /// Longest time until a sender has its answer, however often the start is tried.
    pub deadline: Duration,
    /// Starts under way at once; more go into the inbox.
    pub max_in_flight: usize,
    /// Memory for bodies of requests in progress, in bytes.
    pub body_budget: usize,
    /// Authentication failures of one address in a second, beyond which it is held back; nothing holds it when not set.
    pub failures_per_second: Option<NonZeroU32>,
}

impl Default for StarterSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            // Senders give up between 3 and 15 seconds. Half of it is for Temporal, the rest for the inbox.
            deadline: Duration::from_millis(2500),
            // A dev server with a database file takes about 100 starts a second: 32 in flight is a third of a second.
            max_in_flight: 32,
            // 512 of the longest bodies at once.
            body_budget: 32 * 1024 * 1024,
            failures_per_second: None,
        }
    }
}

/// Events that wait for Temporal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxSettings {
    /// Most of them started in a second.
    pub starts_per_second: u32,
    /// Starts of them under way at once, beside those of `StarterSettings::max_in_flight`.
    pub max_in_flight: usize,
    /// How long those that were given up are kept for an operator.
    pub keep_dead: Duration,
}

impl Default for InboxSettings {
    fn default() -> Self {
        Self {
            // Half of what a dev server takes, so that new events still find room.
            starts_per_second: 50,
            max_in_flight: 16,
            keep_dead: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

/// The side that does the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSettings {
    /// Activities running at once.
    pub max_activities: usize,
    /// Activities of refreshes that nobody waits for, running at once beside those.
    pub max_background_activities: usize,
    /// How many of those begin in a second, by all workers together. The server counts, so all workers should say the same.
    pub background_activities_per_second: NonZeroU16,
    /// Workflow tasks running at once; the SDK asks for at least 2.
    pub max_workflow_tasks: usize,
    /// How long running activities may finish after a stop signal.
    pub graceful: Duration,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self {
            max_activities: 32,
            // So that a flood of them leaves most of the machine to the others.
            max_background_activities: 8,
            // Half of what a provider usually allows, ten a second, so that the other half is there for whoever waits.
            background_activities_per_second: const { NonZeroU16::new(5).unwrap() },
            max_workflow_tasks: 16,
            // Plus 15 for the process to go: the 30 seconds that Kubernetes grants by default.
            graceful: Duration::from_secs(15),
        }
    }
}

/// Refreshes of companies whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleSettings {
    /// How often those are looked for.
    pub every: Duration,
    /// Most of them refreshed in one workspace on one day (UTC). 0: none.
    pub per_workspace_per_day: u32,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        // A quarter of an hour late is nothing for what is done once a day.
        Self { every: Duration::from_secs(15 * 60), per_workspace_per_day: 500 }
    }
}

/// The Temporal server. Address, credentials and TLS come from the SDK's own environment and `temporal.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemporalSettings {
    /// The `temporal` command; searched for, and installed if need be, when not given.
    pub command: Option<PathBuf>,
    /// Port of the dev server; 7233 or a free one when not given.
    pub port: Option<u16>,
    /// Port of the dev server's Web UI; 8233 or a free one when not given.
    pub ui_port: Option<u16>,
    /// Namespace; the one of the Temporal profile, else `default`, when not given.
    pub namespace: Option<String>,
    /// How long to wait at start for a server that does not answer yet.
    pub connect_patience: Duration,
}

impl Default for TemporalSettings {
    fn default() -> Self {
        Self { command: None, port: None, ui_port: None, namespace: None, connect_patience: Duration::from_secs(60) }
    }
}

/// Who may send events. A secret may decide the workspace, so no two sources share one.
#[derive(Clone, Debug)]
pub struct SourceSettings {
    /// Part of every event's identity.
    pub name: SourceName,
    /// Tenant whose events these are.
    pub workspace: WorkspaceId,
    /// How it proves itself.
    pub scheme: Scheme,
    /// How its bodies are read.
    pub intake: Intake,
    /// For how long equal notifications without an id of their own are one event.
    pub window: DeliveryWindow,
    /// Its secrets as they were read: the one in use first. None where the scheme asks for none.
    pub secrets: Vec<SecretString>,
    /// Where those stand, to be read again.
    pub secret_places: Vec<SecretPlace>,
    /// Whether a short secret will do.
    pub allow_short_secret: bool,
    /// Whether events without proof are accepted.
    pub i_accept_unsigned_events: bool,
    /// How much it may send.
    pub limits: SourceLimits,
    /// How much an event of this source finds out.
    pub level: EnrichmentLevel,
}

/// Where a secret stands.
#[derive(Clone, Debug)]
pub enum SecretPlace {
    /// In the settings or in the environment; it stays as it is until a restart.
    Text(SecretString),
    /// In a file, which may be written anew at any time.
    File {
        /// The file.
        path: PathBuf,
        /// Whether it may be empty, as that of a previous secret may once nobody uses it any more.
        may_be_empty: bool,
    },
}

/// A company whose people are known from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterSettings {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The company's name.
    pub company: String,
    /// The source's id of the company.
    pub company_id: Option<String>,
    /// Web domain.
    pub domain: Option<String>,
    /// CSV file.
    pub file: PathBuf,
    /// Number of employees.
    pub staff: Option<u64>,
    /// Revenue in US dollars a year.
    pub revenue: Option<u64>,
}

/// A tenant with settings of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSettings {
    /// Its name.
    pub name: WorkspaceId,
    /// TOML file with what it sells; the built-in profile when not given.
    pub profile: Option<PathBuf>,
}

impl Settings {
    /// Database file of the dev server.
    #[must_use]
    pub fn temporal_db_file(&self) -> PathBuf {
        self.data_dir.join("temporal.db")
    }

    /// Log file of the dev server.
    #[must_use]
    pub fn temporal_log_file(&self) -> PathBuf {
        self.data_dir.join("temporal.log")
    }

    /// Whether this workspace is the default one or has settings of its own.
    #[must_use]
    pub fn knows_workspace(&self, workspace: &WorkspaceId) -> bool {
        *workspace == self.workspace || self.workspaces.iter().any(|known| known.name == *workspace)
    }
}
