//! `with-postgres COMMAND…`: runs a command with one PostgreSQL server for all of its tests, which find it through
//! `BGR_TEST_POSTGRES_URL`, and ends the server afterwards. A server that is given already is used as it is.

use anyhow::{Context as _, Result, bail};
use std::process::{Command, ExitCode};
use test_support::{TestPostgres, URL_VARIABLE};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else { bail!("usage: with-postgres COMMAND…") };
    let server = TestPostgres::start().await?;
    let status = Command::new(&program)
        .args(words)
        .env(URL_VARIABLE, server.url())
        .status()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
