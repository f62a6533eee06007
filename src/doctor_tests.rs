#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::config::{Overrides, Surroundings};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn loaded(folder: &Path, text: &str) -> Loaded {
    std::fs::write(folder.join("bgr.toml"), text).unwrap();
    // A command that answers, so that the outcome does not depend on the machine.
    let command = folder.join("temporal");
    std::fs::write(&command, "#!/bin/sh\necho 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'\n").unwrap();
    std::fs::set_permissions(&command, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut around = Surroundings { folder: folder.to_owned(), ..Surroundings::default() };
    around.env.insert("BGR_TEMPORAL_COMMAND".into(), "temporal".into());
    around.env.insert("BGR_STARTER__LISTEN".into(), "127.0.0.1:0".into());
    Settings::load_in(&Overrides::default(), &around).unwrap()
}

fn state(report: &Report, name: &str) -> State {
    report.checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no check {name}")).state
}

#[tokio::test]
async fn a_sound_installation_is_ok_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("acme.csv"), "name,title\n").unwrap();
    let text = format!("[[sources]]\nname='crm'\nsecret='{SECRET}'\n[[rosters]]\ncompany='Acme'\nfile='acme.csv'\n");
    let report = examine(&loaded(folder.path(), &text), async { panic!("must not be opened") }).await;
    assert_eq!(report.status, Status::Ok, "{report}");
    assert_eq!(state(&report, "database"), State::Note);
    assert_eq!(state(&report, "webhook sources"), State::Ok);
    assert_eq!(state(&report, "roster of Acme"), State::Ok);
    let json = serde_json::to_string(&report).unwrap();
    assert!(json.contains(r#""status":"ok""#) && json.contains(r#""value":"set (32 bytes)""#), "{json}");
    assert!(!json.contains(SECRET) && !report.to_string().contains(SECRET));
    assert!(report.to_string().contains("environment variable BGR_STARTER__LISTEN"), "{report}");
}

#[tokio::test]
async fn whatever_is_missing_is_named_and_degrades() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.db"), "").unwrap();
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let text = format!(
        "[database]\nurl='sqlite:old.db'\n[temporal]\nport={port}\n[[rosters]]\ncompany='Acme'\nfile='gone.csv'\n\
         [[workspaces]]\nname='acme'\nprofile='gone.toml'\n"
    );
    let report = examine(&loaded(folder.path(), &text), async { Ok(DatabaseState::Outdated) }).await;
    assert_eq!(report.status, Status::Degraded);
    for name in ["database", "roster of Acme", "seller profile of acme", "port of temporal.port"] {
        assert_eq!(state(&report, name), State::Failed, "{name}");
    }
    let text = report.to_string();
    assert!(text.contains("buyer-group migrate") && text.contains("gone.csv"), "{text}");
}
