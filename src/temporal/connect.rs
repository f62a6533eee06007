//! Connects to a Temporal server.
//!
//! Address, namespace, credentials and TLS come from the SDK's environment configuration (`TEMPORAL_ADDRESS`,
//! `TEMPORAL_PROFILE`, `temporal.toml`, …), so that what works with the `temporal` command works here. The SDK's connect
//! does not try again. At start it must be tried again here, because the one who does all other waiting, the server, is
//! not there yet.

use crate::config::TemporalSettings;
use anyhow::{Context as _, anyhow};
use std::time::Duration;
use temporalio_client::envconfig::LoadClientConfigProfileOptions;
use temporalio_client::errors::ClientConnectError;
use temporalio_client::tonic::{Code, IntoRequest as _, Request, Status};
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};
use temporalio_common::data_converters::DataConverter;
use temporalio_common::envconfig::{ClientConfigProfile, load_client_config_profile};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use tokio::time::{Instant, sleep, timeout};

/// One try, so that a server that hangs is not waited for until all patience is used up.
const ATTEMPT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Which server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// The one that the environment and `temporal.toml` name, else `localhost:7233`.
    Profile,
    /// This one, plain and without credentials: a dev server of ours. The environment is not asked.
    Local {
        /// `http://host:port`.
        address: String,
    },
}

/// How to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// Which server.
    pub server: Server,
    /// Namespace, if not the one that the profile names.
    pub namespace: Option<String>,
    /// How long a server may not answer yet. Zero: one try.
    pub patience: Duration,
    /// How payloads are written; the SDK's default when not given.
    pub data_converter: Option<DataConverter>,
}

impl ConnectOptions {
    /// To the server that the environment names.
    #[must_use]
    pub fn profile(settings: &TemporalSettings) -> Self {
        Self {
            server: Server::Profile,
            namespace: settings.namespace.clone(),
            patience: settings.connect_patience,
            data_converter: None,
        }
    }

    /// To a dev server of ours, which serves already: one try.
    #[must_use]
    pub fn local(address: String, namespace: String) -> Self {
        Self {
            server: Server::Local { address },
            namespace: Some(namespace),
            patience: Duration::ZERO,
            data_converter: None,
        }
    }

    fn build(&self) -> anyhow::Result<(ConnectionOptions, ClientOptions)> {
        let (mut connection, mut client) = match &self.server {
            Server::Profile => ClientOptions::load_from_config(LoadClientConfigProfileOptions::default())
                .map_err(|error| configuration(&error))?,
            Server::Local { address } => {
                let url = Url::parse(address).with_context(|| format!("{address} is not a server address"))?;
                (ConnectionOptions::new(url).build(), ClientOptions::new("default").build())
            }
        };
        if let Some(namespace) = &self.namespace {
            client.namespace.clone_from(namespace);
        }
        if let Some(converter) = &self.data_converter {
            client.data_converter = converter.clone();
        }
        connection.identity = identity();
        connection.connect_timeout = Some(ATTEMPT / 2);
        Ok((connection, client))
    }
}

/// A server that the environment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedServer {
    /// As given.
    pub address: String,
    /// As given.
    pub namespace: Option<String>,
}

/// The server that `TEMPORAL_ADDRESS` or the Temporal profile names; `None` when neither does, so that a dev server is in
/// order.
///
/// # Errors
/// The configuration cannot be read, or `TEMPORAL_PROFILE` names a profile that is not there.
pub fn existing_server() -> anyhow::Result<Option<NamedServer>> {
    let profile = load_client_config_profile(LoadClientConfigProfileOptions::default(), None);
    Ok(named_server(profile.map_err(|error| configuration(&error))?))
}

fn named_server(profile: ClientConfigProfile) -> Option<NamedServer> {
    let address = profile.address.filter(|address| !address.trim().is_empty())?;
    Some(NamedServer { address, namespace: profile.namespace })
}

fn configuration(error: &dyn std::fmt::Display) -> anyhow::Error {
    anyhow!("the Temporal connection settings are not usable (TEMPORAL_* variables, temporal.toml): {error}")
}

/// Connects to the server that the environment names.
///
/// # Errors
/// As [`connect_with`].
pub async fn connect(settings: &TemporalSettings) -> anyhow::Result<Client> {
    connect_with(&ConnectOptions::profile(settings)).await
}

/// Connects, and waits as long as patience allows for a server that does not answer or whose namespace is not there yet.
///
/// # Errors
/// The settings are wrong, the server refuses us, or patience is used up.
pub async fn connect_with(options: &ConnectOptions) -> anyhow::Result<Client> {
    let (connection, client) = options.build()?;
    let (target, namespace) = (connection.target.clone(), client.namespace.clone());
    let end = Instant::now() + options.patience;
    let (mut pause, mut said) = (FIRST_PAUSE, None::<Instant>);
    loop {
        let attempt = timeout(ATTEMPT, attempt(connection.clone(), client.clone())).await;
        let problem = match attempt.unwrap_or_else(|_| Err(Problem::Passing(anyhow!("it does not answer")))) {
            Ok(client) => return Ok(client),
            Err(Problem::Lasting(error)) => {
                return Err(error.context(format!("cannot use the Temporal server at {target}")));
            }
            Err(Problem::Passing(problem)) => problem,
        };
        if Instant::now() + pause >= end {
            return Err(problem.context(format!(
                "no usable Temporal server at {target} after {} s; start it, or correct TEMPORAL_ADDRESS or the Temporal profile",
                options.patience.as_secs()
            )));
        }
        if said.is_none_or(|at| at.elapsed() >= SAY_AGAIN_AFTER) {
            tracing::warn!(server = %target, %namespace, "waiting for the Temporal server: {problem:#}");
            said = Some(Instant::now());
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

enum Problem {
    /// Trying again may help.
    Passing(anyhow::Error),
    /// It will not.
    Lasting(anyhow::Error),
}

async fn attempt(connection: ConnectionOptions, client: ClientOptions) -> Result<Client, Problem> {
    let connection = Connection::connect(connection).await.map_err(classify)?;
    let client = Client::new(connection, client).map_err(|error| Problem::Lasting(error.into()))?;
    let namespace = client.options().namespace.clone();
    let request = DescribeNamespaceRequest { namespace: namespace.clone(), ..Default::default() };
    match client.connection().workflow_service().describe_namespace(bounded(request)).await {
        Ok(_) => Ok(client),
        // Some credentials may use a namespace and not look at it.
        Err(status) if status.code() == Code::PermissionDenied => Ok(client),
        Err(status) if status.code() == Code::NotFound => Err(Problem::Passing(anyhow!(
            "it has no namespace `{namespace}`; create it with `temporal operator namespace create --namespace {namespace}`"
        ))),
        Err(status) => Err(refused(&status)),
    }
}

fn classify(error: ClientConnectError) -> Problem {
    match error {
        ClientConnectError::TonicTransportError(error) => Problem::Passing(anyhow!(causes(&error))),
        ClientConnectError::SystemInfoCallError(status) => refused(&status),
        error @ ClientConnectError::DnsResolutionError { .. } => Problem::Passing(error.into()),
        error => Problem::Lasting(error.into()),
    }
}

fn refused(status: &Status) -> Problem {
    let error = anyhow!("{:?}: {}", status.code(), status.message());
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => Problem::Lasting(error.context(
            "the server does not accept our credentials; check TEMPORAL_API_KEY or the TLS client certificate",
        )),
        Code::InvalidArgument | Code::Unimplemented => Problem::Lasting(error),
        _ => Problem::Passing(error),
    }
}

/// An error with its causes, which tonic's own text leaves out.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// A request that does not wait for ever.
pub(super) fn bounded<T>(message: T) -> Request<T> {
    let mut request = message.into_request();
    request.set_timeout(ATTEMPT / 2);
    request
}

/// Who we are, as operators see it in the Web UI: `buyer-group@host:pid`.
fn identity() -> String {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let host =
        std::env::var("HOSTNAME").ok().or_else(|| read("/proc/sys/kernel/hostname")).or_else(|| read("/etc/hostname"));
    let host = host.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    format!("buyer-group@{}:{}", host.as_deref().unwrap_or("localhost"), std::process::id())
}

#[cfg(test)]
#[path = "connect_tests.rs"]
mod tests;
