#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::config::{Overrides, Settings, Surroundings};
use crate::temporal::{Search, register_search_attributes};
use std::time::Instant as StdInstant;

/// The real command, installed by ourselves on a machine that has none.
async fn options(folder: &Path) -> DevServerOptions {
    let settings = Settings::load_in(&Overrides::default(), &Surroundings::default()).unwrap().settings;
    let command = Search::new(&settings).find_or_install().await.unwrap();
    DevServerOptions {
        command: command.path,
        db_file: Some(folder.join("temporal.db")),
        port: None,
        ui_port: None,
        log_file: folder.join("temporal.log"),
        namespace: "tests".to_owned(),
    }
}

fn is_alive(pid: u32) -> bool {
    // Of a process that waits to be collected the command line is empty.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

async fn gone(pid: u32) -> bool {
    let begin = StdInstant::now();
    while is_alive(pid) {
        if begin.elapsed() > Duration::from_secs(15) {
            return false;
        }
        sleep(Duration::from_millis(50)).await;
    }
    true
}

#[tokio::test]
async fn a_server_starts_serves_is_killed_comes_back_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path()).await;
    let mut server = DevServer::start(options.clone()).await.unwrap();
    let client = server.connect().await.unwrap();
    assert_eq!(client.options().namespace, "tests");
    assert!(register_search_attributes(&client).await.unwrap().is_empty(), "registered at start");
    let (address, first) = (server.address(), server.pid().unwrap());
    assert!(
        server.workflow_url("a/b", "r").starts_with(&format!("{}/namespaces/tests/workflows/a%2Fb/r", server.ui_url()))
    );

    let second = DevServer::start(options.clone()).await.unwrap_err().to_string();
    let owner = format!("process {}", std::process::id());
    assert!(second.contains(&owner) && second.contains("already runs a dev server"), "{second}");

    server.kill_hard().await.unwrap();
    assert!(!is_alive(first) && server.pid().is_none());
    server.restart().await.unwrap();
    assert_eq!(server.address(), address);
    let again = server.connect().await.unwrap();
    assert!(register_search_attributes(&again).await.unwrap().is_empty(), "kept in the database file");

    let (pid, begin) = (server.pid().unwrap(), StdInstant::now());
    server.stop().await.unwrap();
    assert!(!is_alive(pid));
    assert!(begin.elapsed() < STOP_WITHIN, "it heeds SIGTERM");
}

/// Both look for free ports at the same time and see the same ones.
#[tokio::test]
async fn servers_that_start_together_do_not_share_ports() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (options(one.path()).await, options(other.path()).await);
    let (one, other) = tokio::join!(DevServer::start(one), DevServer::start(other));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.address(), other.address());
    assert_ne!(one.ui_url(), other.ui_url());
    assert!(one.connect().await.is_ok() && other.connect().await.is_ok());
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path()).await;
    options.db_file = None;
    let server = DevServer::start(options).await.unwrap();
    let pid = server.pid().unwrap();
    drop(server);
    assert!(gone(pid).await);
}

#[tokio::test]
async fn a_server_that_does_not_start_shows_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let command = folder.path().join("temporal");
    std::fs::write(&command, "#!/bin/sh\necho 'unable to open database' >&2\nexit 3\n").unwrap();
    std::fs::set_permissions(&command, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let log_file = folder.path().join("logs/temporal.log");
    let options =
        DevServerOptions { command, db_file: None, port: None, ui_port: None, log_file, namespace: "n".to_owned() };
    let error = DevServer::start(options).await.unwrap_err().to_string();
    assert!(error.contains("ended at once") && error.contains("unable to open database"), "{error}");
}

const HELPER: &str = "BGR_TEST_HELPER_FOLDER";

/// Not a test: the process that the next test kills.
#[tokio::test]
#[ignore = "runs for ever; started by another test"]
async fn helper_that_is_killed() {
    let Ok(folder) = std::env::var(HELPER) else { return };
    let folder = PathBuf::from(folder);
    let server = DevServer::start(options(&folder).await).await.unwrap();
    std::fs::write(folder.join("pid.new"), server.pid().unwrap().to_string()).unwrap();
    std::fs::rename(folder.join("pid.new"), folder.join("pid")).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_server_does_not_outlive_a_killed_process() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path()).await;
    let mut helper = Command::new(std::env::current_exe().unwrap());
    helper.args(["--ignored", "--exact", "temporal::dev_server::tests::helper_that_is_killed"]);
    helper.env(HELPER, folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut helper = helper.spawn().unwrap();
    let pid = loop {
        if let Ok(text) = std::fs::read_to_string(folder.path().join("pid")) {
            break text.parse().unwrap();
        }
        assert!(helper.try_wait().unwrap().is_none(), "the helper must not end");
        sleep(Duration::from_millis(50)).await;
    };
    assert!(is_alive(pid));
    helper.kill().await.unwrap();
    assert!(gone(pid).await, "the watcher stops it");
    DevServer::start(options).await.unwrap().stop().await.unwrap();
}
