//! `send`: sign and send an event, as a provider would.

mod tamper;

use crate::config::{Settings, SourceSettings};
use crate::dev_secret;
use crate::exit::Exit;
use crate::outln;
use crate::output::Output;
use crate::running::Running;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use secrecy::SecretString;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What to send, where to, and as whom.
#[derive(Clone, Debug, Args)]
pub struct SendArgs {
    /// JSON file with the event; `-` reads standard input.
    #[arg(required_unless_present = "tamper")]
    pub event: Option<PathBuf>,

    /// Instead of an event, send a delivery that is wrong in this way, and say whether the answer is the one it must be.
    /// `help` lists the kinds, `all` sends every one.
    #[arg(long, value_name = "KIND", conflicts_with = "event")]
    pub tamper: Option<String>,

    /// Where to [default: the configured starter on this machine].
    #[arg(long)]
    pub url: Option<String>,

    /// As which configured source [default: the one that the event names].
    #[arg(long)]
    pub source: Option<String>,
}

/// The starter's answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: serde_json::Value,
}

/// Sends the file as it is and prints the answer.
///
/// # Errors
/// When the file cannot be read, no source fits, or nobody answers. A refusal is no error; the exit code tells.
pub async fn run(args: &SendArgs, settings: &Settings, output: Output) -> Result<Exit> {
    if let Some(kind) = &args.tamper {
        return tamper::run(kind, args, settings, output).await;
    }
    let body = read(args.event.as_deref().unwrap_or(Path::new("-")))?;
    let source = source(settings, args.source.as_deref(), &body)?;
    let running = || Running::read(&settings.data_dir).map(|running| running.webhooks);
    let url = args.url.clone().or_else(running).unwrap_or_else(|| url(settings));
    let answer = send(&url, &source.secret, body).await?;
    match output {
        Output::Json => outln!("{}", serde_json::json!({"status": answer.status, "body": answer.body})),
        Output::Text => outln!("{} {}", answer.status, serde_json::to_string_pretty(&answer.body)?),
    }
    Ok(if (200..300).contains(&answer.status) { Exit::Done } else { Exit::Failed })
}

/// Where the configured starter takes events.
#[must_use]
pub fn url(settings: &Settings) -> String {
    format!("http://{}{}", settings.starter.listen, starter::PERSON_CHANGE_PATH)
}

/// Signs the body with the time of now and posts it.
///
/// # Errors
/// When nobody answers, or with something other than JSON.
pub async fn send(url: &str, secret: &SecretString, body: Vec<u8>) -> Result<Answer> {
    let timestamp = jiff::Timestamp::now().as_millisecond();
    let signature = starter::signature::sign(secret, timestamp, &body);
    let response = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/json")
        .header(starter::signature::TIMESTAMP_HEADER, timestamp.to_string())
        .header(starter::signature::SIGNATURE_HEADER, signature)
        .body(body)
        .send()
        .await
        .with_context(|| format!("nobody answers at {url}; is the starter running?"))?;
    let status = response.status().as_u16();
    let body =
        response.json().await.with_context(|| format!("{url} answered {status} with something else than JSON"))?;
    Ok(Answer { status, body })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body).context("cannot read standard input")?;
        return Ok(body);
    }
    std::fs::read(file).with_context(|| format!("cannot read the event {}", file.display()))
}

fn source(settings: &Settings, wanted: Option<&str>, body: &[u8]) -> Result<SourceSettings> {
    let named = || {
        let event: serde_json::Value = serde_json::from_slice(body).ok()?;
        Some(event.get("source")?.as_str()?.to_owned())
    };
    let Some(name) = wanted.map(str::to_owned).or_else(named) else {
        bail!("the event names no source; say with --source as which one to sign");
    };
    let mut sources = settings.sources.clone();
    sources.extend(dev_secret::kept(settings)?);
    let known: Vec<_> = sources.iter().map(|source| source.name.to_string()).collect();
    if sources.is_empty() {
        bail!(
            "no source {name:?} is configured: none is configured; run it in the folder of the running `dev`, or configure \
             [[sources]]"
        );
    }
    sources
        .into_iter()
        .find(|source| source.name.as_str() == name)
        .with_context(|| format!("no source {name:?} is configured; configured are: {}", known.join(", ")))
}
