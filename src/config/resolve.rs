//! From what is written to what is in force: defaults, relative paths, secret files, and settings that must agree.

use super::layers::Layers;
use super::raw::{Raw, RawRoster, RawWorkspace};
use super::{
    DatabaseSettings, DatabaseUrl, Entry, InboxSettings, Loaded, Origin, RosterSettings, ScheduleSettings, Settings,
    StarterSettings, Surroundings, TemporalSettings, WorkerSettings, WorkspaceSettings, secret,
};
use activities::{Pace, RetentionPeriods};
use anyhow::{Context as _, bail};
use contracts::WorkspaceId;
use secrecy::ExposeSecret as _;
use starter::intelligence::BulkLimits;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Refreshes of one bulk that may be under way. The Temporal server takes 2,000 pending children of one workflow.
const MOST_AT_ONCE: u32 = 500;

const DAY: u64 = 24 * 60 * 60;

pub(super) fn resolve(raw: Raw, layers: Layers, surroundings: &Surroundings) -> anyhow::Result<Loaded> {
    let mut resolver = Resolver { layers: &layers, folder: &surroundings.folder, origins: Vec::new() };
    let settings = resolver.settings(raw)?;
    let origins = resolver.origins;
    Ok(Loaded { settings, origins, notices: layers.notices, file: layers.file })
}

pub(super) struct Resolver<'a> {
    pub(super) layers: &'a Layers,
    folder: &'a Path,
    origins: Vec<Entry>,
}

impl Resolver<'_> {
    fn settings(&mut self, raw: Raw) -> anyhow::Result<Settings> {
        let data_dir = self.path("data_dir", raw.data_dir.unwrap_or_else(|| PathBuf::from(".buyer-group")));
        self.show("data_dir", data_dir.display());
        let workspace = match raw.workspace {
            Some(workspace) => workspace,
            None => "demo".parse().context("the built-in workspace name")?,
        };
        self.show("workspace", &workspace);
        let database = self.database(raw.database, &data_dir)?;

        let fallback = StarterSettings::default();
        let starter = StarterSettings {
            listen: raw.starter.listen.unwrap_or(fallback.listen),
            public_url: raw.starter.public_url.map(|url| self.public_url(&url)).transpose()?,
            deadline: raw.starter.deadline_ms.map_or(fallback.deadline, |ms| Duration::from_millis(ms.get())),
            max_in_flight: raw.starter.max_in_flight.map_or(fallback.max_in_flight, Into::into),
            body_budget: raw.starter.body_budget_bytes.map_or(fallback.body_budget, Into::into),
            failures_per_second: raw.starter.failures_per_second,
        };
        self.show("starter.listen", starter.listen);
        self.show("starter.public_url", starter.public_url.as_deref().unwrap_or("(not set)"));
        self.show("starter.deadline_ms", starter.deadline.as_millis());
        self.show("starter.max_in_flight", starter.max_in_flight);
        self.show("starter.body_budget_bytes", starter.body_budget);
        let failures = starter.failures_per_second.map_or_else(|| "(not set)".to_owned(), |number| number.to_string());
        self.show("starter.failures_per_second", failures);

        let inbox = self.inbox(raw.inbox);

        let fallback = WorkerSettings::default();
        let worker = WorkerSettings {
            max_activities: raw.worker.max_activities.map_or(fallback.max_activities, Into::into),
            max_background_activities: raw
                .worker
                .max_background_activities
                .map_or(fallback.max_background_activities, Into::into),
            background_activities_per_second: raw
                .worker
                .background_activities_per_second
                .unwrap_or(fallback.background_activities_per_second),
            max_workflow_tasks: raw.worker.max_workflow_tasks.map_or(fallback.max_workflow_tasks, Into::into),
            graceful: raw.worker.graceful_seconds.map_or(fallback.graceful, |s| Duration::from_secs(s.get())),
        };
        self.show("worker.max_activities", worker.max_activities);
        self.show("worker.max_background_activities", worker.max_background_activities);
        self.show("worker.background_activities_per_second", worker.background_activities_per_second);
        self.show("worker.max_workflow_tasks", worker.max_workflow_tasks);
        self.show("worker.graceful_seconds", worker.graceful.as_secs());
        if worker.max_workflow_tasks < 2 {
            bail!(
                "`worker.max_workflow_tasks` ({}): expected a whole number from 2; with one, a worker that caches \
                 workflows cannot take new ones",
                self.origin("worker.max_workflow_tasks")
            );
        }

        let schedule = self.schedule(&raw.schedule)?;
        let refresh = self.pace(&raw.refresh);
        let retention = self.retention(&raw.retention);
        let bulk = self.bulk(&raw.bulk)?;
        let temporal = self.temporal(raw.temporal)?;
        let workspaces = self.workspaces(raw.workspaces)?;
        let mut settings = Settings {
            data_dir,
            workspace,
            database,
            starter,
            inbox,
            worker,
            schedule,
            refresh,
            retention,
            bulk,
            temporal,
            sources: Vec::new(),
            rosters: Vec::new(),
            workspaces,
            receivers: Vec::new(),
        };
        settings.sources = self.sources(raw.sources, &settings, self.folder)?;
        settings.rosters = self.rosters(raw.rosters, &settings)?;
        settings.receivers = self.receivers(raw.receivers, &settings)?;
        Ok(settings)
    }

    /// Scheme, host and port, and nothing that a path could be put behind.
    fn public_url(&self, text: &str) -> anyhow::Result<String> {
        let url = url::Url::parse(text).ok().filter(|url| {
            let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            matches!(url.scheme(), "http" | "https") && bare && url.username().is_empty() && url.password().is_none()
        });
        let origin = self.origin("starter.public_url");
        let expected = "scheme, host and port that senders see, such as https://hooks.example.com, without a path";
        let url = url.with_context(|| format!("`starter.public_url` ({origin}): expected {expected}"))?;
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    pub(super) fn origin(&self, key: &str) -> Origin {
        Origin::of_key(&self.layers.figment, key)
    }

    fn show(&mut self, key: &str, value: impl ToString) {
        let origin = self.origin(key);
        self.show_as(key.to_owned(), value, origin);
    }

    pub(super) fn show_as(&mut self, key: String, value: impl ToString, origin: Origin) {
        self.origins.push(Entry { key, value: value.to_string(), origin });
    }

    /// A path as usable from the working directory: one in a settings file begins at that file's folder.
    pub(super) fn path(&self, key: &str, path: PathBuf) -> PathBuf {
        self.base(&self.origin(key)).join(path)
    }

    fn base(&self, origin: &Origin) -> PathBuf {
        match origin {
            Origin::File(file) => file.parent().map_or_else(PathBuf::new, Path::to_path_buf),
            _ => self.folder.to_path_buf(),
        }
    }

    fn database(&mut self, raw: super::raw::RawDatabase, data_dir: &Path) -> anyhow::Result<DatabaseSettings> {
        let (of_url, of_file) = (self.origin("database.url"), self.origin("database.url_file"));
        let (url, origin) = match (raw.url, raw.url_file) {
            (Some(_), Some(_)) if of_url.ranks_with(&of_file) => {
                bail!("`database.url` ({of_url}) and `database.url_file` ({of_file}) are both given; keep one")
            }
            (Some(url), file) if file.is_none() || of_url > of_file => {
                (self.sqlite_path(url.expose_secret(), &of_url), of_url)
            }
            (_, Some(file)) => {
                let url = secret::read_file("database.url_file", &self.path("database.url_file", file))?;
                (DatabaseUrl::new(url.expose_secret()), of_file)
            }
            (_, None) => {
                (DatabaseUrl::new(&format!("sqlite:{}", sqlite_escape(&data_dir.join("buyer-group.db")))), of_url)
            }
        };
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.expose().starts_with(scheme)) {
            bail!(
                "`database.url` ({origin}): expected sqlite:path/to/file.db or postgres://user@host/database, found {url}"
            );
        }
        self.show_as("database.url".to_owned(), &url, origin);
        Ok(DatabaseSettings { url })
    }

    /// A relative SQLite path in a settings file begins at that file's folder, as every other path there.
    fn sqlite_path(&self, url: &str, origin: &Origin) -> DatabaseUrl {
        let plain = || DatabaseUrl::new(url);
        let (Origin::File(_), Some(rest)) = (origin, url.strip_prefix("sqlite:")) else { return plain() };
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.starts_with([':', '/']) || path.is_empty() {
            return plain();
        }
        let base = self.base(origin);
        if base.as_os_str().is_empty() {
            return plain();
        }
        DatabaseUrl::new(&format!("sqlite:{}/{path}", sqlite_escape(&base)))
    }

    fn pace(&mut self, raw: &super::raw::RawRefresh) -> Pace {
        let fallback = Pace::default();
        let pace = Pace {
            window: raw.window_seconds.map_or(fallback.window, |seconds| Duration::from_secs(seconds.into())),
            review: raw.review_days.map_or(fallback.review, |days| Duration::from_secs(u64::from(days) * DAY)),
        };
        self.show("refresh.window_seconds", pace.window.as_secs());
        self.show("refresh.review_days", pace.review.as_secs() / DAY);
        pace
    }

    fn bulk(&mut self, raw: &super::raw::RawBulk) -> anyhow::Result<BulkLimits> {
        let fallback = BulkLimits::default();
        let at_once = raw.at_once.map_or(fallback.at_once, Into::into);
        self.show("bulk.at_once", at_once);
        if at_once > MOST_AT_ONCE {
            bail!("`bulk.at_once` ({}): expected a whole number from 1 to {MOST_AT_ONCE}", self.origin("bulk.at_once"));
        }
        Ok(BulkLimits { at_once, ..fallback })
    }

    fn retention(&mut self, raw: &super::raw::RawRetention) -> RetentionPeriods {
        let days = |days: std::num::NonZeroU16| Duration::from_secs(u64::from(days.get()) * DAY);
        let fallback = RetentionPeriods::default();
        let retention = RetentionPeriods {
            contacts: raw.contact_days.map_or(fallback.contacts, days),
            logs: raw.log_days.map_or(fallback.logs, days),
        };
        self.show("retention.contact_days", retention.contacts.as_secs() / DAY);
        self.show("retention.log_days", retention.logs.as_secs() / DAY);
        retention
    }

    fn inbox(&mut self, raw: super::raw::RawInbox) -> InboxSettings {
        let fallback = InboxSettings::default();
        let inbox = InboxSettings {
            starts_per_second: raw.starts_per_second.map_or(fallback.starts_per_second, Into::into),
            max_in_flight: raw.max_in_flight.map_or(fallback.max_in_flight, Into::into),
            keep_dead: raw
                .keep_dead_days
                .map_or(fallback.keep_dead, |days| Duration::from_secs(u64::from(days.get()) * DAY)),
        };
        self.show("inbox.starts_per_second", inbox.starts_per_second);
        self.show("inbox.max_in_flight", inbox.max_in_flight);
        self.show("inbox.keep_dead_days", inbox.keep_dead.as_secs() / DAY);
        inbox
    }

    fn schedule(&mut self, raw: &super::raw::RawSchedule) -> anyhow::Result<ScheduleSettings> {
        const MINUTE: u64 = 60;
        let fallback = ScheduleSettings::default();
        let schedule = ScheduleSettings {
            every: raw
                .every_minutes
                .map_or(fallback.every, |minutes| Duration::from_secs(u64::from(minutes.get()) * MINUTE)),
            per_workspace_per_day: raw.per_workspace_per_day.unwrap_or(fallback.per_workspace_per_day),
        };
        self.show("schedule.every_minutes", schedule.every.as_secs() / MINUTE);
        self.show("schedule.per_workspace_per_day", schedule.per_workspace_per_day);
        if schedule.every > Duration::from_secs(24 * 60 * MINUTE) {
            bail!(
                "`schedule.every_minutes` ({}): expected minutes, a whole number from 1 to 1440; less often than once a \
                 day, companies that are to be refreshed daily could not be",
                self.origin("schedule.every_minutes")
            );
        }
        Ok(schedule)
    }

    fn temporal(&mut self, raw: super::raw::RawTemporal) -> anyhow::Result<TemporalSettings> {
        let temporal = TemporalSettings {
            command: raw.command.map(|path| self.path("temporal.command", path)),
            port: raw.port.map(Into::into),
            ui_port: raw.ui_port.map(Into::into),
            namespace: raw.namespace.filter(|name| !name.is_empty()),
            connect_patience: raw
                .connect_seconds
                .map_or(TemporalSettings::default().connect_patience, |s| Duration::from_secs(s.get())),
        };
        let or = |value: Option<String>, fallback: &str| value.unwrap_or_else(|| fallback.to_owned());
        let command = temporal.command.as_ref().map(|path| path.display().to_string());
        self.show("temporal.command", or(command, "(searched for)"));
        self.show("temporal.port", or(temporal.port.map(|port| port.to_string()), "(7233, else a free one)"));
        self.show("temporal.ui_port", or(temporal.ui_port.map(|port| port.to_string()), "(8233, else a free one)"));
        self.show("temporal.namespace", or(temporal.namespace.clone(), "(of the Temporal profile)"));
        self.show("temporal.connect_seconds", temporal.connect_patience.as_secs());
        if temporal.port.is_some() && temporal.port == temporal.ui_port {
            bail!("`temporal.port` and `temporal.ui_port` are the same port; give the Web UI one of its own");
        }
        Ok(temporal)
    }

    fn workspaces(&mut self, raw: Vec<RawWorkspace>) -> anyhow::Result<Vec<WorkspaceSettings>> {
        let mut workspaces: Vec<WorkspaceSettings> = Vec::with_capacity(raw.len());
        for (index, RawWorkspace { name, profile }) in raw.into_iter().enumerate() {
            if workspaces.iter().any(|known| known.name == name) {
                bail!("`workspaces` has two tables named `{name}`; keep one");
            }
            let key = format!("workspaces.{index}.profile");
            let profile = profile.map(|path| self.path(&key, path));
            let shown = profile.as_ref().map_or("(built in)".to_owned(), |path| path.display().to_string());
            let origin = self.origin(&format!("workspaces.{index}.name"));
            self.show_as(format!("workspaces.{name}.profile"), shown, origin);
            workspaces.push(WorkspaceSettings { name, profile });
        }
        Ok(workspaces)
    }

    fn rosters(&mut self, raw: Vec<RawRoster>, settings: &Settings) -> anyhow::Result<Vec<RosterSettings>> {
        let mut rosters = Vec::with_capacity(raw.len());
        for (index, roster) in raw.into_iter().enumerate() {
            let RawRoster { workspace, company, company_id, domain, file, staff, revenue } = roster;
            let key = format!("rosters.{index}");
            if company.trim().is_empty() {
                bail!("`{key}.company` is empty; give the company's name");
            }
            let workspace = self.workspace(&format!("{key}.workspace"), workspace, settings)?;
            let file = self.path(&format!("{key}.file"), file);
            self.show_as(format!("{key}.file"), format!("{} ({company})", file.display()), self.origin(&key));
            rosters.push(RosterSettings { workspace, company, company_id, domain, file, staff, revenue });
        }
        Ok(rosters)
    }

    pub(super) fn workspace(
        &self,
        key: &str,
        given: Option<WorkspaceId>,
        settings: &Settings,
    ) -> anyhow::Result<WorkspaceId> {
        let workspace = given.unwrap_or_else(|| settings.workspace.clone());
        if !settings.knows_workspace(&workspace) {
            bail!(
                "`{key}` ({}) is `{workspace}`, which is no known workspace; add [[workspaces]] with name = \
                 \"{workspace}\", or correct the name",
                self.origin(key)
            );
        }
        Ok(workspace)
    }
}

/// Characters that end or change a path in a URL.
fn sqlite_escape(path: &Path) -> String {
    path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}
