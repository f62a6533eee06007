//! `load`: put a starter under a steady load, and say how long the answers took.
//!
//! The load is open: requests fall due at a constant rate whether or not earlier ones were answered, and each is timed from
//! the moment at which it was due. A server that stalls is thus charged for everybody who had to wait (no coordinated
//! omission). Requests are signed ahead of time on a thread of their own and written as they are.

mod connection;
mod pace;
mod plan;
mod report;

use self::connection::Connection;
use self::plan::Plan;
use self::report::{Report, Tally};
use crate::commands::target::{self, Target};
use crate::config::Settings;
use crate::exit::{Exit, WrongUsage};
use crate::output::Output;
use crate::running::Running;
use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Most requests of one run.
const MAX_REQUESTS: u64 = 20_000_000;
/// Longest time for which a run waits for answers after its last request fell due.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// How much, for how long, and of what.
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    /// What is sent.
    #[arg(long, value_enum, default_value_t = Mode::New)]
    pub mode: Mode,

    /// Requests that fall due in a second [default: 1000; of mode `unloaded`: 20].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub rate: Option<u32>,

    /// For how many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=7200))]
    pub duration: u32,

    /// Connections, each kept and used for one request at a time [default: 64; of mode `unloaded`: 1].
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub connections: Option<u16>,

    /// Where to [default: the configured starter on this machine].
    #[arg(long)]
    pub url: Option<String>,

    /// As which configured source [default: the only one].
    #[arg(long)]
    pub source: Option<String>,

    /// Allow a target that is not this machine.
    #[arg(long)]
    pub i_own_this_target: bool,
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A new event each time: every answer is the start of a refresh.
    New,
    /// One event again and again.
    Duplicates,
    /// Events whose signature is wrong.
    BadSignatures,
    /// New events, seldom and one at a time: how long it takes from the request until the workflow exists.
    Unloaded,
}

impl Mode {
    const fn rate(self) -> u32 {
        if matches!(self, Mode::Unloaded) { 20 } else { 1000 }
    }

    const fn connections(self) -> u16 {
        if matches!(self, Mode::Unloaded) { 1 } else { 64 }
    }

    /// The status that says that the server did what it should.
    pub(crate) const fn expected(self) -> u16 {
        match self {
            Mode::New | Mode::Unloaded => 202,
            Mode::Duplicates => 200,
            Mode::BadSignatures => 401,
        }
    }
}

/// Runs the load and prints what came of it.
///
/// # Errors
/// When no source fits, the target is not this machine and nobody said that this is right, or nobody answers there.
pub async fn run(args: &LoadArgs, settings: &Settings, output: Output) -> Result<Exit> {
    let rate = args.rate.unwrap_or(args.mode.rate());
    let connections = args.connections.unwrap_or(args.mode.connections());
    let total = u64::from(rate) * u64::from(args.duration);
    if total > MAX_REQUESTS {
        let advice = format!("--rate and --duration make {total} requests; at most {MAX_REQUESTS} are sent in one run");
        return Err(WrongUsage(advice).into());
    }
    let source = target::source(settings, args.source.as_deref())?;
    let running = || Running::read(&settings.data_dir).map(|running| running.webhooks);
    let url = args.url.clone().or_else(running).unwrap_or_else(|| super::send::url(settings));
    let target = Target::resolve(&url, args.i_own_this_target).await?;
    let plan = Plan::new(args.mode, &target, &source, total)?;

    if args.mode == Mode::Duplicates {
        // The one that all others are duplicates of.
        let first = plan.request(0);
        Connection::open(target.address).await?.exchange(&first).await?;
    }
    let report = drive(plan, &target, rate, connections).await?;
    report.print(&url, args, rate, connections, output);
    Ok(if report.as_expected(args.mode) { Exit::Done } else { Exit::Degraded })
}

async fn drive(plan: Plan, target: &Target, rate: u32, connections: u16) -> Result<Report> {
    let mut open = Vec::with_capacity(usize::from(connections));
    for _ in 0..connections {
        open.push(Connection::open(target.address).await?);
    }
    let total = plan.total();
    let requests = pace::sign_ahead(plan)?;
    let begun = Instant::now();
    let dues = pace::release(begun, rate, total)?;
    let until = begun + Duration::from_secs_f64(total_seconds(total, rate)) + AFTERWARDS;
    let mut driving = JoinSet::new();
    for connection in open {
        let (requests, dues) = (requests.clone(), dues.times.clone());
        driving.spawn(async move { work(connection, &requests, &dues, until).await });
    }
    let mut tally = Tally::new()?;
    while let Some(done) = driving.join_next().await {
        tally.add(&done??)?;
    }
    Ok(Report { tally, asked: total, took: begun.elapsed(), lag: dues.lag() })
}

#[expect(clippy::cast_precision_loss, reason = "at most 20 million")]
fn total_seconds(total: u64, rate: u32) -> f64 {
    total as f64 / f64::from(rate)
}

/// Sends what falls due, one after the other, until nothing more does or the time is over.
async fn work(
    mut connection: Connection,
    requests: &flume::Receiver<Vec<u8>>,
    dues: &flume::Receiver<Instant>,
    until: Instant,
) -> Result<Tally> {
    let mut tally = Tally::new()?;
    // What was seen so far counts also when the time is over in the middle of an exchange.
    let working = async {
        while let (Ok(due), Ok(request)) = (dues.recv_async().await, requests.recv_async().await) {
            let sent = Instant::now();
            match connection.exchange(&request).await {
                Ok(answer) => {
                    tally.answered(&answer, due.elapsed(), sent.elapsed());
                    if !answer.closing {
                        continue;
                    }
                }
                Err(error) => tally.failed(&error),
            }
            match connection.reopened().await {
                Ok(fresh) => connection = fresh,
                Err(error) => {
                    tally.failed(&error);
                    return;
                }
            }
        }
    };
    // Whatever is still out then counts as unanswered.
    let _ = tokio::time::timeout_at(until.into(), working).await;
    Ok(tally)
}
