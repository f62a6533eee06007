//! A worker in a process of its own, to be killed or told to stop. Not a scenario: the scenarios in `outages.rs` run this test binary again,
//! with the environment below, and only this test in it.

use crate::stage::source::FaultySource;
use crate::stage::{RunningWorker, UNLIMITED, receiver, sample_roster};
use activities::notify::Receivers;
use activities::{Pace, Profiles, Refresher, Sources};
use buyer_group::sample;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

const TEMPORAL: &str = "BGR_TEST_WORKER_TEMPORAL";
const DATABASE: &str = "BGR_TEST_WORKER_DATABASE";
const LOG: &str = "BGR_TEST_WORKER_LOG";
const LOOKS: &str = "BGR_TEST_WORKER_LOOKUP_MS";
const WINDOW: &str = "BGR_TEST_WORKER_WINDOW_MS";
const RECEIVER: &str = "BGR_TEST_WORKER_RECEIVER";

/// How long one of its lookups takes: long enough that whoever looks has time to act in the middle of it.
const LOOKUP: Duration = Duration::from_secs(2);

/// Starts it: its lookups are written into `log`.
pub fn spawn(temporal: &str, database: &str, log: &std::path::Path) -> Child {
    command(temporal, database, log).spawn().unwrap()
}

/// The same with lookups that take this long and a window between two refreshes of a company.
pub fn spawn_at(temporal: &str, database: &str, log: &std::path::Path, lookup: Duration, window: Duration) -> Child {
    let mut command = command(temporal, database, log);
    let millis = |time: Duration| time.as_millis().to_string();
    command.env(LOOKS, millis(lookup)).env(WINDOW, millis(window)).spawn().unwrap()
}

/// The same, telling a receiver at this address how its refreshes end.
pub fn spawn_telling(temporal: &str, database: &str, log: &std::path::Path, receiver: &str) -> Child {
    command(temporal, database, log).env(RECEIVER, receiver).spawn().unwrap()
}

fn command(temporal: &str, database: &str, log: &std::path::Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "worker_process::serves_until_told_to_stop", "--nocapture", "--test-threads=1"])
        .env(TEMPORAL, temporal)
        .env(DATABASE, database)
        .env(LOG, log)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

/// A time, where the environment gives it.
fn millis(name: &str) -> Option<Duration> {
    Some(Duration::from_millis(std::env::var(name).ok()?.parse().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_until_told_to_stop() {
    let (Ok(temporal), Ok(database), Ok(log)) = (std::env::var(TEMPORAL), std::env::var(DATABASE), std::env::var(LOG))
    else {
        return;
    };
    let store = Store::connect(&database).await.unwrap();
    let mut term = signal(SignalKind::terminate()).unwrap();
    let source =
        Arc::new(FaultySource::new(sample_roster()).slow(millis(LOOKS).unwrap_or(LOOKUP)).logging_to(log.into()));
    let sources = Sources { companies: source.clone(), people: source.clone(), contacts: source };
    let profiles = Profiles { fallback: sample::profile().unwrap(), ..Profiles::default() };
    let told: Vec<_> = std::env::var(RECEIVER).iter().map(|url| receiver::config("backend", url)).collect();
    let pace = Pace { window: millis(WINDOW).unwrap_or_default(), ..UNLIMITED };
    let refresher = Refresher::new(store, sources, profiles).at_pace(pace);
    let refresher = refresher.telling(Arc::new(Receivers::new(&told).unwrap()));
    let worker = RunningWorker::start(temporal, Arc::new(refresher));
    term.recv().await;
    // It is given the time that its lookups need.
    drop(worker);
}
