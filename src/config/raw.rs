//! The settings as they are written, before relative paths, secret files and defaults that depend on others are resolved.

use super::raw_receiver::RawReceiver;
use super::raw_source::RawSource;
use contracts::WorkspaceId;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Raw {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) workspace: Option<WorkspaceId>,
    pub(super) database: RawDatabase,
    pub(super) starter: RawStarter,
    pub(super) inbox: RawInbox,
    pub(super) worker: RawWorker,
    pub(super) schedule: RawSchedule,
    pub(super) refresh: RawRefresh,
    pub(super) retention: RawRetention,
    pub(super) bulk: RawBulk,
    pub(super) temporal: RawTemporal,
    pub(super) sources: Vec<RawSource>,
    pub(super) rosters: Vec<RawRoster>,
    pub(super) workspaces: Vec<RawWorkspace>,
    pub(super) receivers: Vec<RawReceiver>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawDatabase {
    #[serde(deserialize_with = "secret")]
    pub(super) url: Option<SecretString>,
    pub(super) url_file: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawStarter {
    pub(super) listen: Option<SocketAddr>,
    pub(super) public_url: Option<String>,
    pub(super) deadline_ms: Option<NonZeroU64>,
    pub(super) max_in_flight: Option<NonZeroUsize>,
    pub(super) body_budget_bytes: Option<NonZeroUsize>,
    pub(super) failures_per_second: Option<NonZeroU32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawInbox {
    pub(super) starts_per_second: Option<NonZeroU32>,
    pub(super) max_in_flight: Option<NonZeroUsize>,
    pub(super) keep_dead_days: Option<NonZeroU16>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawWorker {
    pub(super) max_activities: Option<NonZeroUsize>,
    pub(super) max_background_activities: Option<NonZeroUsize>,
    pub(super) background_activities_per_second: Option<NonZeroU16>,
    pub(super) max_workflow_tasks: Option<NonZeroUsize>,
    pub(super) graceful_seconds: Option<NonZeroU64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawSchedule {
    pub(super) every_minutes: Option<NonZeroU16>,
    pub(super) per_workspace_per_day: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRefresh {
    pub(super) window_seconds: Option<u32>,
    pub(super) review_days: Option<u16>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRetention {
    pub(super) contact_days: Option<NonZeroU16>,
    pub(super) log_days: Option<NonZeroU16>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawBulk {
    pub(super) at_once: Option<NonZeroU32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTemporal {
    pub(super) command: Option<PathBuf>,
    pub(super) port: Option<NonZeroU16>,
    pub(super) ui_port: Option<NonZeroU16>,
    pub(super) namespace: Option<String>,
    pub(super) connect_seconds: Option<NonZeroU64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRoster {
    pub(super) workspace: Option<WorkspaceId>,
    pub(super) company: String,
    pub(super) company_id: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) file: PathBuf,
    pub(super) staff: Option<u64>,
    pub(super) revenue: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWorkspace {
    pub(super) name: WorkspaceId,
    pub(super) profile: Option<PathBuf>,
}

pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    String::deserialize(deserializer).map(|text| Some(SecretString::from(text)))
}
