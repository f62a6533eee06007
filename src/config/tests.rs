#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]
use super::keys::KEYS;
use super::*;
use contracts::EnrichmentLevel;
use secrecy::ExposeSecret as _;
use std::path::Path;
use tempfile::TempDir;

pub(super) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(super) const OTHER: &str = "fedcba9876543210fedcba9876543210";

pub(super) struct Place {
    folder: TempDir,
    pub(super) around: Surroundings,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
        Self { folder, around }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn file(self, name: &str, text: &str) -> Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.around.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn load(&self) -> Loaded {
        Settings::load_in(&Overrides::default(), &self.around).unwrap()
    }

    pub(super) fn fault(&self) -> String {
        format!("{:#}", Settings::load_in(&Overrides::default(), &self.around).unwrap_err())
    }
}

pub(super) fn entry<'a>(loaded: &'a Loaded, key: &str) -> &'a Entry {
    loaded.origins.iter().find(|entry| entry.key == key).unwrap_or_else(|| panic!("no entry {key}"))
}

#[test]
fn with_nothing_written_everything_is_the_default() {
    let loaded = Settings::load_in(&Overrides::default(), &Surroundings::default()).unwrap();
    let settings = &loaded.settings;
    assert_eq!(settings.data_dir, Path::new(".buyer-group"));
    assert_eq!(settings.database.url.expose(), "sqlite:.buyer-group/buyer-group.db");
    assert_eq!(settings.workspace.as_str(), "demo");
    assert_eq!(settings.starter, StarterSettings::default());
    assert_eq!(settings.inbox, InboxSettings::default());
    assert_eq!(settings.worker, WorkerSettings::default());
    assert_eq!(settings.temporal, TemporalSettings::default());
    assert!(loaded.notices.is_empty() && loaded.file.is_none());
    assert!(loaded.origins.iter().all(|entry| entry.origin == Origin::Default));
}

#[test]
fn a_later_layer_wins_and_is_named_as_origin() {
    let place = Place::new()
        .file("bgr.toml", "workspace = 'of-file'\n[starter]\nlisten = '127.0.0.1:1'\nmax_in_flight = 1\n")
        .env("BGR_STARTER__LISTEN", "127.0.0.1:2")
        .env("BGR_WORKER__MAX_ACTIVITIES", "7");
    let overrides = Overrides::default().flag("--listen", "starter.listen", Some("127.0.0.1:3"));
    let of_env = place.load();
    assert_eq!(of_env.settings.starter.listen.port(), 2);
    assert_eq!(entry(&of_env, "starter.listen").origin, Origin::Env("BGR_STARTER__LISTEN".into()));
    let loaded = Settings::load_in(&overrides, &place.around).unwrap();
    assert_eq!(loaded.settings.starter.listen.port(), 3);
    assert_eq!(entry(&loaded, "starter.listen").origin, Origin::Flag("--listen".into()));
    assert_eq!(loaded.settings.worker.max_activities, 7);
    assert_eq!(loaded.settings.starter.max_in_flight, 1);
    let file = place.path().join("bgr.toml");
    assert_eq!(entry(&loaded, "starter.max_in_flight").origin, Origin::File(file.clone()));
    assert_eq!(entry(&loaded, "workspace").origin.to_string(), format!("file {}", file.display()));
    assert_eq!(entry(&loaded, "worker.max_workflow_tasks").origin, Origin::Default);
    assert_eq!(loaded.file, Some(file));
}

#[test]
fn every_key_can_be_given_in_every_layer() {
    for key in KEYS {
        let value = match key.name {
            "database.url" => "sqlite:x.db",
            "database.url_file" => "url",
            "starter.listen" => "127.0.0.1:9",
            "starter.public_url" => "https://hooks.example.com",
            name if name.ends_with("port") => "4000",
            _ => "5",
        };
        let place = Place::new().file("url", "sqlite:x.db\n");
        let variable = format!("BGR_{}", key.name.to_ascii_uppercase().replace('.', "__"));
        let by_env = Settings::load_in(&Overrides::default(), &place.around_with(&variable, value));
        assert!(by_env.is_ok(), "{variable}: {:#}", by_env.unwrap_err());
        let overrides = Overrides::default().flag("--x", key.name, Some(value));
        assert!(Settings::load_in(&overrides, &place.around).is_ok(), "{}", key.name);
    }
}

impl Place {
    fn around_with(&self, name: &str, value: &str) -> Surroundings {
        let mut around = self.around.clone();
        around.env.insert(name.to_owned(), value.to_owned());
        around
    }
}

#[test]
fn a_named_settings_file_must_exist() {
    let place = Place::new().env("BGR_CONFIG", "elsewhere/mine.toml");
    assert!(place.fault().contains("BGR_CONFIG") && place.fault().contains("does not exist"));
    let place = place.file("elsewhere/mine.toml", "data_dir = 'data'\n[temporal]\ncommand = '/opt/temporal'\n");
    let loaded = place.load();
    assert_eq!(loaded.settings.data_dir, place.path().join("elsewhere/data"));
    assert_eq!(loaded.settings.temporal.command.as_deref(), Some(Path::new("/opt/temporal")));
    let url = format!("sqlite:{}", place.path().join("elsewhere/data/buyer-group.db").display());
    assert_eq!(loaded.settings.database.url.expose(), url);
}

#[test]
fn what_stands_in_a_list_comes_from_the_file_and_its_paths_begin_there() {
    let text = "[[sources]]\nname = 'crm'\nsecret_file = 's'\n[[rosters]]\ncompany = 'X'\nfile = 'x.csv'\n\
                [[workspaces]]\nname = 'demo'\nprofile = 'p.toml'\n";
    let place = Place::new().env("BGR_CONFIG", "elsewhere/mine.toml").file("elsewhere/mine.toml", text);
    let loaded = place.file("elsewhere/s", SECRET);
    let folder = loaded.path().join("elsewhere");
    let loaded = loaded.load();
    assert_eq!(loaded.settings.rosters[0].file, folder.join("x.csv"));
    assert_eq!(loaded.settings.workspaces[0].profile, Some(folder.join("p.toml")));
    assert_eq!(entry(&loaded, "sources.crm.secret").origin, Origin::File(folder.join("mine.toml")));
}

#[test]
fn a_relative_sqlite_file_begins_where_it_was_written() {
    let place = Place::new().file("bgr.toml", "[database]\nurl = 'sqlite://data/x.db?mode=rwc'\n");
    let expected = format!("sqlite:{}/data/x.db?mode=rwc", place.path().display());
    assert_eq!(place.load().settings.database.url.expose(), expected);
    assert_eq!(place.load().settings.database.url.sqlite_file(), Some(place.path().join("data/x.db")));
    let place = place.env("DATABASE_URL", "sqlite:y.db");
    assert_eq!(place.load().settings.database.url.expose(), "sqlite:y.db");
    assert_eq!(entry(&place.load(), "database.url").origin, Origin::Env("DATABASE_URL".into()));
    let place = place.env("BGR_DATABASE__URL", "sqlite::memory:");
    assert_eq!(place.load().settings.database.url.expose(), "sqlite::memory:");
    assert_eq!(place.load().settings.database.url.sqlite_file(), None);
}

#[test]
fn a_url_file_beats_a_url_of_an_earlier_layer_and_not_one_beside_it() {
    let place = Place::new()
        .file("bgr.toml", "[database]\nurl = 'sqlite:x.db'\n")
        .file("url", "postgres://app:hunter2@db/bgr\n")
        .env("DATABASE_URL_FILE", "url");
    let loaded = place.load();
    assert_eq!(loaded.settings.database.url.expose(), "postgres://app:hunter2@db/bgr");
    assert_eq!(entry(&loaded, "database.url").value, "postgres://app:***@db/bgr");
    assert!(!format!("{loaded:?}").contains("hunter2"));
    let fault = place.env("DATABASE_URL", "sqlite:y.db").fault();
    assert!(fault.contains("both given") && fault.contains("DATABASE_URL_FILE"), "{fault}");
}

#[test]
fn faults_name_key_origin_expectation_and_shape_and_never_the_value() {
    let cases = [
        ("worker.max_activites = 5", "`worker.max_activites`", "did you mean `max_activities`?"),
        ("starter.listen = 'hunter2'", "`starter.listen`", "expected an address and port"),
        ("worker.max_activities = 'hunter2'", "`worker.max_activities`", "found text of 7 characters"),
        ("worker.max_activities = 0", "`worker.max_activities`", "expected a whole number from 1"),
        ("worker.max_workflow_tasks = 1", "`worker.max_workflow_tasks`", "expected a whole number from 2"),
        ("schedule.every_minutes = 1441", "`schedule.every_minutes`", "a whole number from 1 to 1440"),
        ("schedule.per_workspace_per_day = -1", "`schedule.per_workspace_per_day`", "0 for none"),
        ("temporal.port = 70000", "`temporal.port`", "expected a port, 1 to 65535"),
        ("workspace = 'Hunter 2'", "`workspace`", "a-z, 0-9"),
        ("database.url = 'hunter2'", "`database.url`", "found (not a URL, 7 bytes)"),
        ("colour = 'red'", "`colour`", "known here: data_dir, workspace"),
        ("[[rosters]]\ncompany = 'X'", "`rosters.0.file` is missing", "add it"),
        ("[[sources]]\nname = 'crm'\nsecrt = 'hunter2'", "`sources.0.secrt`", "did you mean `secret`?"),
        ("[[sources]]\nname = 'crm'\nlevel = 'hunter2'", "`sources.0.level`", "identify, enrich or deep_research"),
        ("[[sources]]\nname = 'crm'\nsecret = 12345678", "`sources.0.secret`", "expected text in quotes"),
    ];
    for (text, key, says) in cases {
        let fault = Place::new().file("bgr.toml", text).fault();
        assert!(fault.contains(key) && fault.contains(says), "{text}\n=> {fault}");
        assert!(fault.contains("bgr.toml"), "{text} has no origin\n=> {fault}");
        assert!(!fault.contains("hunter2") && !fault.contains("Hunter") && !fault.contains("12345678"), "{fault}");
    }
    let fault = Place::new().env("BGR_WORKER__MAX_ACTIVITIES", "many").fault();
    assert_eq!(
        fault,
        "`worker.max_activities` (environment variable BGR_WORKER__MAX_ACTIVITIES): expected a whole number from 1, found text of 4 characters"
    );
}

#[test]
fn a_syntax_error_is_told_by_its_place_alone() {
    let fault = Place::new().file("bgr.toml", "workspace = 'demo'\n[[sources]]\nsecret = \"hunter2\n").fault();
    assert!(fault.contains("bgr.toml:3:") && !fault.contains("hunter2"), "{fault}");
}

#[test]
fn unknown_variables_stop_us_only_when_they_are_surely_ours() {
    let fault = Place::new().env("BGR_WORKER__MAX_ACTIVITES", "5").fault();
    assert!(fault.contains("did you mean BGR_WORKER__MAX_ACTIVITIES?"), "{fault}");
    let place = Place::new().env("BGR_PORT", "tcp://10.0.0.1:80").env("BGR_STARTER_LISTEN", "127.0.0.1:1");
    let notices = place.load().notices.join("\n");
    assert!(notices.contains("BGR_PORT is not a setting and is ignored"), "{notices}");
    assert!(notices.contains("did you mean BGR_STARTER__LISTEN?"), "{notices}");
    let place = Place::new().env("BGR_TEMPORAL_COMMAND", "/opt/temporal").env("BGR_LOG_FORMAT", "json");
    assert!(place.load().notices.is_empty());
    assert_eq!(entry(&place.load(), "temporal.command").value, "/opt/temporal");
}

#[test]
fn sources_have_secrets_from_value_file_and_environment() {
    let text = format!(
        "[[sources]]\nname = 'crm'\nsecret = '{SECRET}'\n[[sources]]\nname = 'hr-eu'\nlevel = 'identify'\nsecret_file = 'secrets/hr'\n"
    );
    let place = Place::new()
        .file("bgr.toml", &text)
        .file("secrets/hr", &format!("{OTHER}\r\n"))
        .env("BGR_SOURCES__EXTRA__SECRET", "extra-extra-extra-extra-extra");
    let loaded = place.load();
    let secret = |index: usize| loaded.settings.sources[index].secrets[0].expose_secret().to_owned();
    assert_eq!((secret(0), secret(1)), (SECRET.to_owned(), OTHER.to_owned()));
    assert_eq!(loaded.settings.sources[1].level, EnrichmentLevel::Identify);
    assert_eq!(loaded.settings.sources[2].name.as_str(), "extra");
    assert_eq!(entry(&loaded, "sources.crm.secret").value, "set (32 bytes)");
    assert_eq!(entry(&loaded, "sources.extra.secret").origin, Origin::Env("BGR_SOURCES__EXTRA__SECRET".into()));
    let shown = format!("{loaded:?}{}", serde_json::to_string(&loaded.origins).unwrap());
    assert!(!shown.contains(SECRET) && !shown.contains(OTHER) && !shown.contains("extra-extra"));

    // The environment replaces the secret of a source that is written in the file.
    let place = place.file("new", SECRET_NEW).env("BGR_SOURCES__HR_EU__SECRET_FILE", "new");
    let loaded = place.load();
    assert_eq!(loaded.settings.sources.len(), 3);
    assert_eq!(loaded.settings.sources[1].secrets[0].expose_secret(), SECRET_NEW);
}

pub(super) const SECRET_NEW: &str = "a-new-secret-that-is-long-enough";

#[test]
fn the_predecessors_one_secret_still_counts() {
    let loaded = Place::new().env("WEBHOOK_SECRET", SECRET).load();
    assert_eq!(loaded.settings.sources[0].name.as_str(), "webhook");
    assert!(loaded.notices[0].contains("WEBHOOK_SECRET") && loaded.notices[0].contains("[[sources]]"));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let source = |name: &str, secret: &str| format!("[[sources]]\nname = '{name}'\nsecret = '{secret}'\n");
    let cases = [
        (source("crm", SECRET) + &source("crm", OTHER), "two sources named `crm`"),
        (source("crm", SECRET) + &source("hr", SECRET), "have the same secret"),
        (source("manual", SECRET), "may not be named `manual`"),
        (source("crm", "short"), "must be at least 24"),
        ("[[sources]]\nname = 'crm'\n".to_owned(), "BGR_SOURCES__CRM__SECRET"),
        (source("crm", SECRET) + "secret_file = 'x'\n", "both `secret` and `secret_file`"),
        (source("crm", SECRET) + "workspace = 'acme'\n", "no known workspace"),
        ("[[rosters]]\ncompany = 'X'\nfile = 'x.csv'\nworkspace = 'acme'\n".to_owned(), "no known workspace"),
        ("[[rosters]]\ncompany = ' '\nfile = 'x.csv'\n".to_owned(), "`rosters.0.company` is empty"),
        ("[[workspaces]]\nname = 'a'\n[[workspaces]]\nname = 'a'\n".to_owned(), "two tables named `a`"),
        ("[temporal]\nport = 5000\nui_port = 5000\n".to_owned(), "the same port"),
        ("[[sources]]\nname = 'crm'\nsecret_file = 'nowhere'\n".to_owned(), "cannot read"),
    ];
    for (text, says) in cases {
        let fault = Place::new().file("bgr.toml", &text).fault();
        assert!(fault.contains(says), "{text}\n=> {fault}");
        assert!(!fault.contains(SECRET), "{fault}");
    }
    let text = source("crm", SECRET) + "workspace = 'acme'\n[[workspaces]]\nname = 'acme'\nprofile = 'acme.toml'\n";
    let place = Place::new().file("bgr.toml", &text);
    assert_eq!(place.load().settings.workspaces[0].profile, Some(place.path().join("acme.toml")));
}
