#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use std::os::unix::fs::PermissionsExt as _;

/// A command that answers `--version` as given.
fn fake(path: &Path, says: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn search(folder: &Path) -> Search {
    Search {
        configured: None,
        path: Some(std::env::join_paths([folder.join("old"), folder.join("bin")]).unwrap()),
        cache: folder.join("cache"),
        python: folder.join("no-python"),
    }
}

const CURRENT: &str = "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)";

#[tokio::test]
async fn configured_then_path_then_cache_then_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut search = search(folder.path());
    assert_eq!(search.find().await.unwrap(), None);

    let cached = folder.path().join("cache/temporal-1.9.1/bin/temporal");
    fake(&cached, CURRENT);
    assert_eq!(search.find().await.unwrap().unwrap().found, Found::Cached);

    fake(&folder.path().join("old/temporal"), "temporal version 1.2.0 (Server 1.26.2, UI 2.32.0)");
    assert_eq!(search.find().await.unwrap().unwrap().path, cached, "an older command on PATH is passed over");

    fake(&folder.path().join("bin/temporal"), "temporal version 1.10.0 (Server 1.33.0, UI 2.60.0)");
    let found = search.find().await.unwrap().unwrap();
    assert_eq!((found.found, found.path), (Found::OnPath, folder.path().join("bin/temporal")));
    assert_eq!(found.version, "1.10.0 (Server 1.33.0, UI 2.60.0)");

    search.configured = Some(folder.path().join("old/temporal"));
    assert_eq!(search.find().await.unwrap().unwrap().found, Found::Configured, "who configures an old one gets it");
}

#[tokio::test]
async fn a_configured_path_is_the_only_one() {
    let folder = tempfile::tempdir().unwrap();
    fake(&folder.path().join("bin/temporal"), CURRENT);
    let mut search = search(folder.path());
    search.configured = Some(folder.path().join("nowhere"));
    let error = search.find().await.unwrap_err().to_string();
    assert!(error.contains("nowhere") && error.contains("BGR_TEMPORAL_COMMAND"), "{error}");

    let other = folder.path().join("other");
    fake(&other, "something else 1.0");
    search.configured = Some(other);
    let error = format!("{:#}", search.find_or_install().await.unwrap_err());
    assert!(error.contains("does not answer as the `temporal` command does"), "{error}");
}

#[test]
fn versions_compare_by_number() {
    for newer in ["1.9.1 (Server 1.32.0)", "1.10.0", "2.0"] {
        assert!(at_least(newer, VERSION), "{newer}");
    }
    for older in ["1.9.0", "1.2.0 (Server 1.26.2)", "0.0.0-DEV", "", "1.9.x"] {
        assert!(!at_least(older, VERSION), "{older}");
    }
}

#[test]
fn the_cache_follows_xdg_then_home_then_the_data_directory() {
    let data = Path::new("data");
    let folder = |xdg: Option<&str>, home: Option<&str>| cache_folder(xdg.map(Into::into), home.map(Into::into), data);
    assert_eq!(folder(Some("/x"), Some("/h")), Path::new("/x/buyer-group"));
    assert_eq!(folder(Some("relative"), Some("/h")), Path::new("/h/.cache/buyer-group"));
    assert_eq!(folder(None, Some("")), Path::new("data/cache"));
}
