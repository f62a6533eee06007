//! Where `load` and `send --tamper` send what nobody should get unasked: this machine, unless somebody says otherwise.

use crate::config::{Settings, SourceSettings};
use crate::dev_secret;
use crate::exit::WrongUsage;
use anyhow::{Context as _, Result, bail};
use secrecy::SecretString;
use starter::auth::Preset;
use std::net::SocketAddr;
use url::Url;

/// A starter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its address.
    pub address: SocketAddr,
    /// What the Host header says.
    pub host: String,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// Looks up the address behind a URL.
    ///
    /// # Errors
    /// When it is no plain `http` URL, has no address, or is another machine and `owned` does not say that this is right.
    pub async fn resolve(url: &str, owned: bool) -> Result<Self> {
        let parsed = Url::parse(url).map_err(|error| WrongUsage(format!("--url {url:?} is no URL: {error}")))?;
        if parsed.scheme() != "http" {
            return Err(WrongUsage(format!("--url {url:?} is not http://; TLS would be measured with it")).into());
        }
        let host = parsed.host_str().context("the URL has no host")?;
        let port = parsed.port_or_known_default().unwrap_or(80);
        // Brackets belong to the URL, not to the address.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> =
            tokio::net::lookup_host((bare, port)).await.with_context(|| format!("{host} has no address"))?.collect();
        if !owned && !addresses.iter().all(|address| address.ip().to_canonical().is_loopback()) {
            return Err(WrongUsage(format!(
                "{host} is not this machine; if it is yours and it may be put under load, say so with --i-own-this-target"
            ))
            .into());
        }
        let address = *addresses.first().with_context(|| format!("{host} has no address"))?;
        let query = parsed.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self { address, host: format!("{host}:{port}"), path: format!("{}{query}", parsed.path()) })
    }
}

/// The source to sign as: the one that was named, else the only one.
///
/// # Errors
/// When there is none of that name, or several and none was named.
pub fn source(settings: &Settings, wanted: Option<&str>) -> Result<SourceSettings> {
    let mut sources = settings.sources.clone();
    sources.extend(dev_secret::kept(settings)?);
    let known: Vec<_> = sources.iter().map(|source| source.name.to_string()).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    match (wanted, sources.as_slice()) {
        (None, [only]) => Ok(only.clone()),
        (None, _) => bail!("say with --source as which source to sign; configured are: {known}"),
        (Some(name), all) => {
            let found = all.iter().find(|source| source.name.as_str() == name);
            found.cloned().with_context(|| format!("no source {name:?} is configured; configured are: {known}"))
        }
    }
}

/// The secret with which the source signs this program's own events, the only ones that are made here.
///
/// # Errors
/// When the source signs in another way, or has no secret.
pub fn secret(source: &SourceSettings) -> Result<SecretString> {
    let name = source.name.as_str();
    if source.scheme.preset() != Some(Preset::PersonChange) {
        bail!("the source {name:?} does not sign like this program's own events; name one that does with --source");
    }
    source.secrets.first().cloned().with_context(|| format!("the source {name:?} has no secret"))
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[tokio::test]
    async fn another_machine_needs_a_word_and_this_one_does_not() -> anyhow::Result<()> {
        let here = Target::resolve("http://127.0.0.1:8080/a?b=c", false).await?;
        assert_eq!((here.host.as_str(), here.path.as_str()), ("127.0.0.1:8080", "/a?b=c"));
        assert!(Target::resolve("http://[::1]:8080/", false).await.is_ok());
        for elsewhere in ["http://192.0.2.1:8080/", "http://0.0.0.0:8080/", "http://[2001:db8::1]/"] {
            let refused = Target::resolve(elsewhere, false).await.map_err(|error| error.to_string());
            assert!(refused.is_err_and(|error| error.contains("--i-own-this-target")), "{elsewhere}");
            assert!(Target::resolve(elsewhere, true).await.is_ok());
        }
        assert!(Target::resolve("https://127.0.0.1/", false).await.is_err());
        assert!(Target::resolve("127.0.0.1:8080", false).await.is_err());
        Ok(())
    }
}
