//! The composition root: from settings to the parts that run.

use crate::config::{ScheduleSettings, Settings, SourceSettings, WorkspaceSettings};
use crate::exit::WrongUsage;
use crate::refresh_worker::WorkerLimits;
use crate::sample;
use activities::notify::Receivers;
use activities::roster::{Roster, RosterData, RosterSource};
use activities::{DueRules, Profiles, Refresher, Sources};
use anyhow::{Context as _, Result};
use contracts::WorkspaceId;
use engine::company::name_key;
use engine::{Openings, SellerProfile};
use starter::{SourceConfig, Sources as WebhookSources, StartLimits};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::Store;

/// Opens the database. The schema is not touched.
///
/// # Errors
/// When the database cannot be reached.
pub async fn open_store(settings: &Settings) -> Result<Store> {
    Store::connect(settings.database.url.expose())
        .await
        .with_context(|| format!("cannot open the database {}", settings.database.url))
}

/// Opens the database without asking it anything yet, for a process that serves without it, too.
///
/// # Errors
/// When the address is not one of a database.
pub fn open_store_lazily(settings: &Settings) -> Result<Store> {
    Store::connect_lazily(settings.database.url.expose())
        .with_context(|| format!("cannot use the database {}", settings.database.url))
}

/// Opens the database and refuses one whose schema is not this build's.
///
/// # Errors
/// When the database cannot be reached or `migrate` has not been run.
pub async fn open_current_store(settings: &Settings) -> Result<Store> {
    // Opening would make an empty file, and hide that the path is wrong.
    if let Some(file) = settings.database.url.sqlite_file() {
        anyhow::ensure!(
            file.exists(),
            "there is no database {}; run `buyer-group migrate` first, or correct database.url",
            file.display()
        );
    }
    let store = open_store(settings).await?;
    anyhow::ensure!(
        store.is_current().await?,
        "the schema of the database {} is not this build's; run `buyer-group migrate` first",
        settings.database.url
    );
    Ok(store)
}

/// What does the steps of a refresh, over the configured rosters.
///
/// # Errors
/// When a profile cannot be read, two rosters contradict each other, or somebody cannot be told.
pub fn refresher(settings: &Settings, store: Store) -> Result<Refresher> {
    let rosters = rosters(settings);
    if rosters.is_empty() {
        tracing::warn!("no [[rosters]] are configured: no company is known, and every refresh will end as no_match");
    }
    let own = |workspace: &WorkspaceSettings| workspace.name == settings.workspace && workspace.profile.is_some();
    if !settings.workspaces.iter().any(own) {
        let workspace = settings.workspace.as_str();
        tracing::warn!(
            workspace,
            "the workspace has no seller profile: that of the sample is used; see [[workspaces]]"
        );
    }
    let refresher = Refresher::new(store, sources(rosters)?, profiles(settings)?);
    Ok(refresher
        .at_pace(settings.refresh)
        .keeping(settings.retention)
        .scheduling(due_rules(settings))
        .telling(receivers(settings)?))
}

/// The same on a developer's machine, where the sample company is known as well, so that there is something to refresh
/// before anything is configured; and sells what the command line says, where it says so.
///
/// # Errors
/// As [`refresher`].
pub fn dev_refresher(settings: &Settings, store: Store, sold: Option<SellerProfile>) -> Result<Refresher> {
    let mut rosters = rosters(settings);
    let sample = sample::roster(&settings.workspace);
    // Whoever configures a company of that name means their own.
    if rosters.iter().all(|roster| name_key(&roster.name) != name_key(&sample.name)) {
        rosters.push(sample);
    }
    let mut profiles = profiles(settings)?;
    profiles.by_workspace.extend(sold.map(|sold| (settings.workspace.clone(), sold)));
    let refresher = Refresher::new(store, sources(rosters)?, profiles);
    Ok(refresher
        .at_pace(settings.refresh)
        .keeping(settings.retention)
        .scheduling(due_rules(settings))
        .telling(receivers(settings)?))
}

fn rosters(settings: &Settings) -> Vec<Roster> {
    settings
        .rosters
        .iter()
        .map(|roster| Roster {
            workspace: roster.workspace.clone(),
            company_id: roster.company_id.clone(),
            name: roster.company.clone(),
            domain: roster.domain.clone(),
            staff: roster.staff.map(|staff| u32::try_from(staff).unwrap_or(u32::MAX)),
            revenue: roster.revenue,
            data: RosterData::File(roster.file.clone()),
        })
        .collect()
}

fn sources(rosters: Vec<Roster>) -> Result<Sources> {
    let source = Arc::new(RosterSource::new(rosters)?);
    Ok(Sources { companies: source.clone(), people: source.clone(), contacts: source })
}

fn profiles(settings: &Settings) -> Result<Profiles> {
    let mut profiles = Profiles { fallback: sample::profile()?, ..Profiles::default() };
    for workspace in &settings.workspaces {
        if let Some(file) = &workspace.profile {
            profiles.by_workspace.insert(workspace.name.clone(), read_profile(file)?);
        }
    }
    Ok(profiles)
}

/// What the workspace of this process sells: its own profile, else the sample's.
///
/// # Errors
/// When its profile cannot be read.
pub fn own_profile(settings: &Settings) -> Result<SellerProfile> {
    let own = settings.workspaces.iter().find(|workspace| workspace.name == settings.workspace);
    own.and_then(|own| own.profile.as_deref()).map_or_else(sample::profile, read_profile)
}

/// Reads a seller profile.
///
/// # Errors
/// Says which field is wrong.
pub fn read_profile(file: &Path) -> Result<SellerProfile> {
    let read = || {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read the profile {}", file.display()))?;
        SellerProfile::from_toml(&text).with_context(|| format!("the profile {} is not valid", file.display()))
    };
    read().map_err(WrongUsage::of)
}

/// Who is told how refreshes end.
///
/// # Errors
/// When somebody cannot be told.
fn receivers(settings: &Settings) -> Result<Arc<Receivers>> {
    let receivers = Receivers::new(&settings.receivers);
    Ok(Arc::new(receivers.map_err(|(name, fault)| WrongUsage(format!("receiver `{name}`: {fault}")))?))
}

/// Which positions could take a seat, in each workspace of which this process knows what it sells. Without a profile nobody
/// is irrelevant, which costs a refresh and loses nothing; so a profile that cannot be read stops no starter.
fn openings(settings: &Settings, sold: Option<&SellerProfile>) -> BTreeMap<WorkspaceId, Arc<Openings>> {
    let mut openings = BTreeMap::new();
    for workspace in &settings.workspaces {
        let Some(file) = &workspace.profile else { continue };
        match read_profile(file) {
            Ok(profile) => {
                openings.insert(workspace.name.clone(), Arc::new(Openings::new(&profile)));
            }
            Err(error) => {
                let workspace = workspace.name.as_str();
                tracing::warn!(workspace, %error, "events about people who could take no seat are not told from others");
            }
        }
    }
    openings.extend(sold.map(|sold| (settings.workspace.clone(), Arc::new(Openings::new(sold)))));
    openings
}

/// Who may send events. `sold` is what the workspace of this process sells where it does not say so in its settings.
///
/// # Errors
/// When nobody may, or secrets are unfit.
pub fn webhook_sources(settings: &Settings, sold: Option<&SellerProfile>) -> Result<Arc<WebhookSources>> {
    let openings = openings(settings, sold);
    let config = |source: &SourceSettings| SourceConfig {
        workspace: source.workspace.clone(),
        name: source.name.clone(),
        scheme: source.scheme.clone(),
        intake: source.intake,
        window: source.window,
        secrets: source.secrets.clone(),
        allow_short_secret: source.allow_short_secret,
        i_accept_unsigned_events: source.i_accept_unsigned_events,
        public_url: settings.starter.public_url.clone(),
        limits: source.limits,
        level: source.level,
        openings: openings.get(&source.workspace).cloned(),
    };
    let sources = WebhookSources::new(settings.sources.iter().map(config).collect())?;
    for source in sources.iter().filter(|source| !source.scheme().is_timed()) {
        let (workspace, name, scheme) = (&source.workspace, &source.name, source.scheme().name());
        tracing::warn!(%workspace, source = %name, scheme, "no time is signed: a delivery that somebody copies stays valid");
    }
    Ok(Arc::new(sources))
}

/// How many companies are refreshed because it is time. A run of the schedule is over well before the next one begins.
fn due_rules(settings: &Settings) -> DueRules {
    let ScheduleSettings { every, per_workspace_per_day } = settings.schedule;
    let still_running = DueRules::still_running(settings.refresh.review);
    DueRules { per_workspace_per_day, spread: every / 3 * 2, still_running }
}

/// How long and how many starts may be under way.
#[must_use]
pub fn start_limits(settings: &Settings) -> StartLimits {
    StartLimits {
        deadline: settings.starter.deadline,
        max_in_flight: settings.starter.max_in_flight,
        ..StartLimits::default()
    }
}

/// How much a worker does at once.
#[must_use]
pub fn worker_limits(settings: &Settings) -> WorkerLimits {
    WorkerLimits {
        max_activities: settings.worker.max_activities,
        max_background_activities: settings.worker.max_background_activities,
        background_activities_per_second: settings.worker.background_activities_per_second,
        max_workflow_tasks: settings.worker.max_workflow_tasks,
        graceful: settings.worker.graceful,
    }
}
