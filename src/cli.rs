//! The command line: what can be said, and which command does it.

use crate::commands::{
    self, dev::DevArgs, discover::DiscoverArgs, erase::EraseArgs, eval::EvalArgs, inbox::InboxCommand, key::KeyCommand,
    load::LoadArgs, notifications::NotificationsCommand, receivers::ReceiversCommand, refresh::RefreshArgs,
    retry::RetryArgs, schedule::ScheduleCommand, send::SendArgs, show::ShowArgs, steer::SteerArgs, why_event::WhyArgs,
};
use crate::config::{Loaded, Overrides, Settings};
use crate::exit::{self, Exit, WrongUsage};
use crate::output::Output;
use crate::telemetry::{self, LogFormat};
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use engine::Preset;
use std::path::PathBuf;
use std::process::ExitCode;

/// Refreshes a company's buyer group, durably, when somebody there changes job.
///
/// Without a command: starts everything on this machine (a Temporal dev server, SQLite, the starter and a worker),
/// refreshes the sample company, shows the group, and serves until Ctrl-C.
///
/// Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 done, but degraded.
#[derive(Debug, Parser)]
#[command(name = "buyer-group", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    dev: DevArgs,

    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Configuration file [default: ./bgr.toml where there is one].
    #[arg(long, global = true, value_name = "FILE", env = "BGR_CONFIG")]
    pub config: Option<PathBuf>,

    /// Where databases, logs and the development secret are kept [default: .buyer-group].
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,

    /// What standard output carries; everything else goes to standard error.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub output: Output,

    /// How log lines look [default: text on a terminal, else json].
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,

    /// Log more; twice for even more. RUST_LOG goes further still.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything on this machine, refresh a company, show its group (the default).
    Dev(DevArgs),
    /// Serve the webhooks.
    Starter,
    /// Run refreshes.
    Worker,
    /// Bring the database to this build's schema.
    Migrate,
    /// Sign and send an event, as a provider would.
    Send(SendArgs),
    /// Put a starter under a steady load, and say how long its answers take.
    Load(LoadArgs),
    /// Refresh a company by hand.
    Refresh(RefreshArgs),
    /// Try refreshes again that failed, were cancelled or terminated.
    Retry(RetryArgs),
    /// Forget a person: erase what is known of them, and keep it away.
    Erase(EraseArgs),
    /// Look after the events that wait for Temporal.
    #[command(subcommand)]
    Inbox(InboxCommand),
    /// Look after the refreshes that nobody asked for: companies whose time has come.
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Make, list and end keys of the intelligence API.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Look after what receivers are told.
    #[command(subcommand)]
    Notifications(NotificationsCommand),
    /// Look after who is told how refreshes end.
    #[command(subcommand)]
    Receivers(ReceiversCommand),
    /// How far a refresh is, or how it ended.
    Status {
        /// Workflow id.
        id: String,
        /// Stay until it has ended.
        #[arg(long)]
        watch: bool,
    },
    /// Tell a refresh on its way to run now, or what is to become of the group in review.
    Steer(SteerArgs),
    /// What became of an event: why was its company not refreshed?
    Why(WhyArgs),
    /// The saved group of a company.
    Show(ShowArgs),
    /// The group that a roster would give: the engine alone, no servers.
    Discover(DiscoverArgs),
    /// Measure how accurately titles are read, beside a plain keyword list.
    Eval(EvalArgs),
    /// Seller profiles of common products: all of them, or the file of one to start your own from.
    Presets {
        /// Which one to print.
        name: Option<Preset>,
    },
    /// Replay recorded histories on this build; fails when one of them no longer fits.
    Replay {
        /// A history, or a folder of them.
        path: PathBuf,
    },
    /// Record a workflow's history, to be replayed later.
    History {
        /// Workflow id.
        id: String,
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Explain every setting and what is missing.
    Doctor,
    /// Print where the `temporal` command is, installing it if need be.
    #[command(name = "temporal-command")]
    WhereIsTemporal,
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // Clap's own rule for this would refuse `--output` and `--config` before a command as well.
    if cli.command.is_some() && cli.dev != DevArgs::default() {
        let advice = "options of `dev` stand before another command; give options after the command they belong to";
        Cli::command().error(clap::error::ErrorKind::ArgumentConflict, advice).exit();
    }
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {}", exit::chain(&error));
            exit::of(&error).into()
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    let Cli { command, dev, global } = cli;
    let mut command = command.unwrap_or(Command::Dev(dev));
    if let Command::Dev(dev) = &mut command {
        dev.data_dir.clone_from(&global.data_dir);
    }
    if let Command::Completions { shell } = command {
        clap_complete::generate(shell, &mut Cli::command(), "buyer-group", &mut std::io::stdout());
        return Ok(Exit::Done);
    }
    let serves = matches!(command, Command::Starter | Command::Worker);
    telemetry::init(global.log_format, global.verbose, serves)?;
    let overrides = overrides(&command, &global);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(dispatch(command, global, overrides))
}

fn overrides(command: &Command, global: &Global) -> Overrides {
    let mut overrides = Overrides::default();
    overrides.config = global.config.clone();
    let folder = global.data_dir.as_ref().map(|folder| folder.display().to_string());
    overrides = overrides.flag("--data-dir", "data_dir", folder);
    match command {
        Command::Dev(dev) => dev.settings(overrides),
        _ => overrides,
    }
}

async fn dispatch(command: Command, global: Global, overrides: Overrides) -> anyhow::Result<Exit> {
    let output = global.output;
    // Commands that need no configuration come first, so that a broken file does not stand in their way.
    match command {
        Command::Replay { path } => return commands::replay::run(&path, output).await,
        Command::Discover(args) => return commands::discover::run(&args, output).await,
        Command::Eval(args) => return commands::eval::run(&args, output),
        Command::Presets { name } => return commands::presets::run(name, output),
        Command::Doctor => return commands::doctor::run(&overrides, output).await,
        _ => {}
    }
    let Loaded { settings, notices, .. } = Settings::load(&overrides).map_err(WrongUsage::of)?;
    for notice in &notices {
        eprintln!("note: {notice}");
    }
    match command {
        Command::Dev(args) => commands::dev::run(&args, settings, output).await,
        Command::Starter => commands::starter::run(settings).await,
        Command::Worker => commands::worker::run(settings).await,
        Command::Migrate => commands::migrate::run(settings, output).await,
        Command::Send(args) => commands::send::run(&args, &settings, output).await,
        Command::Load(args) => commands::load::run(&args, &settings, output).await,
        Command::Refresh(args) => commands::refresh::run(&args, &settings, output).await,
        Command::Retry(args) => commands::retry::run(&args, &settings, output).await,
        Command::Erase(args) => commands::erase::run(&args, &settings, output).await,
        Command::Inbox(command) => commands::inbox::run(command, &settings, output).await,
        Command::Key(command) => commands::key::run(command, &settings, output).await,
        Command::Notifications(command) => commands::notifications::run(command, &settings, output).await,
        Command::Receivers(command) => commands::receivers::run(command, &settings, output).await,
        Command::Schedule(command) => commands::schedule::run(command, &settings, output).await,
        Command::Status { id, watch } => commands::status::run(&id, watch, &settings, output).await,
        Command::Steer(args) => commands::steer::run(&args, &settings, output).await,
        Command::Why(args) => commands::why_event::run(&args, &settings, output).await,
        Command::Show(args) => commands::show::run(&args, &settings, output).await,
        Command::History { id, out } => commands::history::run(&id, &out, &settings).await,
        Command::WhereIsTemporal => commands::temporal_command::run(&settings).await,
        Command::Replay { .. }
        | Command::Discover(_)
        | Command::Eval(_)
        | Command::Presets { .. }
        | Command::Doctor
        | Command::Completions { .. } => Ok(Exit::Done),
    }
}
