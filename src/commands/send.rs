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
use reqwest::{Method, Url};
use secrecy::{ExposeSecret as _, SecretString};
use starter::auth::{Preset, Signer, ToSign};
use starter::{PERSON_CHANGE_PATH, path_of};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What to send, where to, and as whom.
#[derive(Clone, Debug, Args)]
pub struct SendArgs {
    /// File with the event, sent byte for byte; `-` reads standard input.
    #[arg(required_unless_present = "tamper")]
    pub event: Option<PathBuf>,

    /// Instead of an event, send a delivery that is wrong in this way, and say whether the answer is the one it must be.
    /// `help` lists the kinds, `all` sends every one.
    #[arg(long, value_name = "KIND", conflicts_with = "event")]
    pub tamper: Option<String>,

    /// Where to [default: the source's address at the configured starter on this machine].
    #[arg(long)]
    pub url: Option<String>,

    /// As which configured source [default: the one that the event names].
    #[arg(long)]
    pub source: Option<String>,

    /// Sign by this scheme [default: the source's].
    #[arg(long, value_name = "NAME", value_parser = preset)]
    pub scheme: Option<Preset>,

    /// Sign with the secret in this file [default: the source's secret]. For ed25519, the private key (whsk_…).
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,

    /// Id of the delivery, for schemes that sign one; give it again to send the same delivery again [default: a new one].
    #[arg(long, value_name = "ID")]
    pub delivery_id: Option<String>,
}

/// The starter's answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: serde_json::Value,
}

/// As whom to deliver.
#[derive(Debug)]
pub struct Delivery {
    /// Signs.
    pub signer: Signer,
    /// The address as the receiver knows it, where that is another than the one that is posted to.
    pub public_url: Option<String>,
    /// Id of the delivery.
    pub id: String,
}

impl Delivery {
    /// As this source, with a new id.
    ///
    /// # Errors
    /// When its secret cannot sign.
    pub fn of(settings: &Settings, source: &SourceSettings) -> Result<Self> {
        let current: Vec<_> = source.secrets.first().cloned().into_iter().collect();
        let signer = Signer::new(source.scheme.clone(), &current)
            .with_context(|| format!("cannot sign as the source {:?}", source.name.as_str()))?;
        Ok(Self { signer, public_url: settings.starter.public_url.clone(), id: new_id() })
    }
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
    let source = match as_stranger(args)? {
        Some(stranger) => stranger,
        None => overridden(source(settings, args.source.as_deref(), &body)?, args)?,
    };
    let mut delivery = Delivery::of(settings, &source)?;
    delivery.id = args.delivery_id.clone().unwrap_or(delivery.id);
    let url = args.url.clone().unwrap_or_else(|| address(settings, &source));
    let answer = send(&delivery, &url, body).await?;
    match output {
        Output::Json => outln!("{}", serde_json::json!({"status": answer.status, "body": answer.body})),
        Output::Text => outln!("{} {}", answer.status, serde_json::to_string_pretty(&answer.body)?),
    }
    Ok(if (200..300).contains(&answer.status) { Exit::Done } else { Exit::Failed })
}

/// Where the configured starter takes this program's own events.
#[must_use]
pub fn url(settings: &Settings) -> String {
    format!("http://{}{PERSON_CHANGE_PATH}", settings.starter.listen)
}

/// Where the starter on this machine takes the events of a source.
fn address(settings: &Settings, source: &SourceSettings) -> String {
    let common = Running::read(&settings.data_dir).map_or_else(|| url(settings), |running| running.webhooks);
    address_beside(common, source)
}

/// Where a starter takes the events of a source, given where it takes this program's own.
#[must_use]
pub fn address_beside(common: String, source: &SourceSettings) -> String {
    if source.scheme.preset() == Some(Preset::PersonChange) {
        return common;
    }
    let server = common.strip_suffix(PERSON_CHANGE_PATH).unwrap_or(&common);
    format!("{server}{}", path_of(&source.workspace, &source.name))
}

/// Signs the body with the time of now and posts it.
///
/// # Errors
/// When nobody answers, or with something other than JSON.
pub async fn send(delivery: &Delivery, url: &str, body: Vec<u8>) -> Result<Answer> {
    let mut target =
        Url::parse(url).with_context(|| format!("{url} is no address; give one such as http://host/path"))?;
    let seen = match &delivery.public_url {
        Some(public) => format!("{public}{}", path_and_query(&target)),
        None => target.to_string(),
    };
    let at = jiff::Timestamp::now().as_millisecond();
    let to_sign = ToSign { method: &Method::POST, url: &seen, id: &delivery.id, at, body: &body };
    let signed = delivery.signer.sign(&to_sign)?;
    if let Some(token) = &signed.path_token {
        let path = format!("{}/{}", target.path().trim_end_matches('/'), token.expose_secret());
        target.set_path(&path);
    }
    let request = reqwest::Client::new().post(target).header("content-type", "application/json");
    let request = signed.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    let sent = request.body(body).send().await.map_err(reqwest::Error::without_url);
    let response = sent.with_context(|| format!("nobody answers at {url}; is the starter running?"))?;
    let status = response.status().as_u16();
    let body = response.json().await.map_err(reqwest::Error::without_url);
    let body = body.with_context(|| format!("{url} answered {status} with something else than JSON"))?;
    Ok(Answer { status, body })
}

fn path_and_query(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

fn new_id() -> String {
    format!("msg_{}", hex::encode(rand::random::<[u8; 16]>()))
}

fn preset(name: &str) -> Result<Preset, String> {
    name.parse().map_err(|fault: starter::auth::SchemeFault| fault.to_string())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body).context("cannot read standard input")?;
        return Ok(body);
    }
    std::fs::read(file).with_context(|| format!("cannot read the event {}", file.display()))
}

fn read_secret(file: &Path) -> Result<SecretString> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read the secret in {}", file.display()))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

/// A sender that need not be configured here: scheme, secret and address are all given.
fn as_stranger(args: &SendArgs) -> Result<Option<SourceSettings>> {
    let (Some(scheme), Some(_), None) = (args.scheme, &args.url, &args.source) else { return Ok(None) };
    let scheme = scheme.scheme()?;
    let (name, workspace) = ("stranger".parse()?, "stranger".parse()?);
    match (&args.secret_file, scheme.needs_secret()) {
        (Some(file), _) => Ok(Some(SourceSettings::new(name, workspace, scheme).with_secret(read_secret(file)?))),
        (None, false) => Ok(Some(SourceSettings::new(name, workspace, scheme))),
        (None, true) => Ok(None),
    }
}

/// A configured source with what the command line says otherwise.
fn overridden(mut source: SourceSettings, args: &SendArgs) -> Result<SourceSettings> {
    if let Some(scheme) = args.scheme {
        source.scheme = scheme.scheme()?;
    }
    match &args.secret_file {
        Some(file) => Ok(source.with_secret(read_secret(file)?)),
        None => Ok(source),
    }
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

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
