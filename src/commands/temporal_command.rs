//! `temporal-command`: where is it? Installs it if need be.

use crate::config::Settings;
use crate::exit::Exit;
use crate::outln;
use crate::temporal::Search;
use anyhow::Result;

/// Prints the path of the `temporal` command that `dev` would use.
///
/// # Errors
/// When it is nowhere and cannot be installed.
pub async fn run(settings: &Settings) -> Result<Exit> {
    let command = Search::new(settings).find_or_install().await?;
    eprintln!("{command}");
    outln!("{}", command.path.display());
    Ok(Exit::Done)
}
