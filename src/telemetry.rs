//! Log lines, on stderr: text for people, or one JSON object a line for machines.
//!
//! Standard output belongs to results. Every value is cut to a length that fits a line, and what the Temporal SDK says of
//! its tasks is stripped of payloads: it prints whole tasks into error lines, and they may hold personal data.

mod guard;
mod lines;

use anyhow::{Context as _, anyhow};
use clap::ValueEnum;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The crates whose lines are ours.
const OURS: [&str; 7] = ["buyer_group", "activities", "contracts", "engine", "starter", "store", "workflows"];

/// Sets up the log of this process.
///
/// Without a format, a process that `serves` writes JSON unless a person looks at a terminal; other commands write text.
/// One that serves says what it does; other commands speak up only when something is wrong, so that the screen stays
/// readable. `verbose` adds to that; `RUST_LOG` replaces it.
///
/// # Errors
/// `RUST_LOG` cannot be understood, or a log is set up already.
pub fn init(format: Option<LogFormat>, verbose: u8, serves: bool) -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.trim().is_empty() => EnvFilter::try_new(&directives).with_context(|| {
            format!(
                "RUST_LOG is `{directives}`, which is no log filter; try RUST_LOG=info or RUST_LOG=warn,starter=debug"
            )
        })?,
        _ => EnvFilter::try_new(default_filter(verbose, serves)).context("the built-in log filter")?,
    };
    let terminal = std::io::stderr().is_terminal();
    let format = format.unwrap_or(if serves && !terminal { LogFormat::Json } else { LogFormat::Text });
    let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::registry()
        .with(filter)
        .with(lines::Lines::new(format, colour, std::io::stderr))
        .try_init()
        .map_err(|error| anyhow!("a log is set up already: {error}"))
}

fn default_filter(verbose: u8, serves: bool) -> String {
    let level = match (verbose, serves) {
        (0, false) => "warn",
        (0, true) | (1, false) => "info",
        (1, true) | (2, false) => "debug",
        _ => "trace",
    };
    let ours = OURS.map(|name| format!("{name}={level}")).join(",");
    // `temporalio_sdk` has no events at info, only the spans that carry workflow and run ids into our own lines.
    let spans = if level == "warn" { "warn" } else { "info" };
    format!("warn,{ours},temporalio_sdk={spans},temporalio_sdk_core=warn,temporalio_client=warn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_quiet_and_servers_are_not() {
        assert!(default_filter(0, false).contains("starter=warn"));
        assert!(default_filter(0, true).contains("starter=info"));
        assert!(default_filter(1, false).contains("starter=info"));
        assert!(default_filter(9, true).contains("starter=trace"));
        for verbose in 0..4 {
            let filter = default_filter(verbose, true);
            assert!(
                filter.contains("temporalio_sdk_core=warn"),
                "core is never louder than warnings by itself: {filter}"
            );
            assert!(EnvFilter::try_new(filter).is_ok());
        }
    }
}
