//! `bgr.example.toml` is read by people; these keep it true.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
use super::keys::KEYS;
use super::tests::{Place, SECRET};
use std::path::Path;

fn example() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("bgr.example.toml")).unwrap()
}

#[test]
fn the_example_states_the_defaults() {
    let place = Place::new().file("bgr.toml", &example());
    let (example, default) = (place.load(), Place::new());
    let (stated, default_loaded) = (&example.settings, default.load());
    let relative = |path: &Path| path.strip_prefix(place.path()).unwrap().to_owned();
    assert_eq!(relative(&stated.data_dir), Path::new(".buyer-group"));
    assert_eq!(relative(&stated.database.url.sqlite_file().unwrap()), Path::new(".buyer-group/buyer-group.db"));
    assert_eq!(stated.workspace, default_loaded.settings.workspace);
    assert_eq!(stated.starter, default_loaded.settings.starter);
    assert_eq!(stated.inbox, default_loaded.settings.inbox);
    assert_eq!(stated.worker, default_loaded.settings.worker);
    assert_eq!(stated.schedule, default_loaded.settings.schedule);
    assert_eq!(stated.refresh, default_loaded.settings.refresh);
    assert_eq!(stated.retention, default_loaded.settings.retention);
    assert_eq!(stated.bulk, default_loaded.settings.bulk);
    assert_eq!(stated.temporal, default_loaded.settings.temporal);
    assert!(stated.sources.is_empty() && stated.rosters.is_empty() && stated.workspaces.is_empty());
    assert!(stated.receivers.is_empty());
}

#[test]
fn the_example_shows_every_setting_and_what_it_comments_out_works() {
    let text = example();
    for key in KEYS {
        let name = key.name.rsplit('.').next().unwrap();
        assert!(
            text.lines().any(|line| line.trim_start_matches('#').trim().starts_with(&format!("{name} ="))),
            "{name}"
        );
    }
    // Settings that are commented out begin with `# name =` or `# [[`, explanations do not.
    let setting = |line: &str| {
        let rest = line.strip_prefix("# ")?;
        let word = rest.split([' ', '=']).next()?;
        let is_key = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (rest.starts_with("[[") || (is_key && rest.contains(" = "))).then(|| rest.to_owned())
    };
    let all: Vec<String> = text.lines().map(|line| setting(line).unwrap_or_else(|| line.to_owned())).collect();
    let place = Place::new()
        .file("bgr.toml", &all.join("\n"))
        .file("secrets/crm", SECRET)
        .file("secrets/crm-previous", "")
        .file("secrets/backend", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        .file("secrets/backend-previous", "");
    let loaded = place.load();
    assert_eq!(loaded.settings.sources[0].name.as_str(), "crm");
    assert_eq!(loaded.settings.sources[0].limits.burst.map(u32::from), Some(100));
    assert_eq!(loaded.settings.rosters[0].revenue, Some(40_000_000));
    assert_eq!(loaded.settings.temporal.port, Some(7233));
    assert_eq!(loaded.settings.receivers[0].events.len(), contracts::NotificationKind::ALL.len());
    assert_eq!(loaded.settings.workspaces[0].profile, Some(place.path().join("profiles/demo.toml")));
}
