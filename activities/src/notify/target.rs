//! Where a receiver listens: parsed and checked once, resolved anew for every attempt.

use super::guard::{Reach, may_reach};
use super::send::SendFault;
use http::Uri;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use url::{Host, Url};

/// Why an address cannot be a receiver's. Says nothing of what it is: the address of a Slack channel is its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetFault {
    /// It is no URL.
    #[error("is not a URL; give the whole address, beginning with https://")]
    NotUrl,
    /// Neither https nor http.
    #[error("does not begin with https://; only web addresses can be notified")]
    Scheme,
    /// http, and nobody said that this will do.
    #[error(
        "does not begin with https://; use https, or say allow_http = true for a receiver in a network of your own"
    )]
    Plain,
    /// A password that would stand in logs.
    #[error("has a user or password before the host; take it out, the signature is what proves the sender")]
    UserInfo,
    /// A host that is an address in a private network, and nobody said that this will do.
    #[error(
        "leads to an address that is not public; use a public one, or say allow_private = true for a network of your own"
    )]
    NotPublic,
    /// Too long.
    #[error("is longer than 2048 bytes")]
    Long,
}

const LONGEST: usize = 2048;

/// Where a receiver listens. Shown without path and query, which may be a secret.
#[derive(Clone)]
pub(super) struct Target {
    host: Host<String>,
    port: u16,
    pub(super) secure: bool,
    /// Path and query.
    path: SecretString,
    reach: Reach,
}

impl Target {
    pub(super) fn parse(text: &SecretString, allow_http: bool, allow_private: bool) -> Result<Self, TargetFault> {
        let text = text.expose_secret();
        if text.len() > LONGEST {
            return Err(TargetFault::Long);
        }
        // Any notation of an IPv4 address (decimal, octal, hexadecimal, short) is an address after this.
        let url = Url::parse(text).map_err(|_| TargetFault::NotUrl)?;
        let secure = match url.scheme() {
            "https" => true,
            "http" if allow_http => false,
            "http" => return Err(TargetFault::Plain),
            _ => return Err(TargetFault::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetFault::UserInfo);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(TargetFault::NotUrl);
        };
        let reach = if allow_private { Reach::Private } else { Reach::Public };
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        if literal.is_some_and(|address| !may_reach(address, reach)) {
            return Err(TargetFault::NotPublic);
        }
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        Ok(Self { host: host.to_owned(), port, secure, path: SecretString::from(path), reach })
    }

    /// Path and query, for the request line.
    pub(super) fn uri(&self) -> Result<Uri, SendFault> {
        self.path.expose_secret().parse().map_err(|_| SendFault::Request)
    }

    /// Host and port, for the `Host` header.
    pub(super) fn authority(&self) -> String {
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }

    /// The host as a certificate names it.
    pub(super) fn server_name(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.trim_end_matches('.').to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// The addresses to connect to, and no others: the name is not resolved again. One that may not be reached spoils all:
    /// a name that leads to public and private addresses is an attempt, or a mistake.
    pub(super) async fn resolve(&self) -> Result<Vec<SocketAddr>, SendFault> {
        let addresses: Vec<SocketAddr> = match &self.host {
            Host::Ipv4(address) => vec![(*address, self.port).into()],
            Host::Ipv6(address) => vec![(*address, self.port).into()],
            Host::Domain(name) => {
                let found = tokio::net::lookup_host((name.as_str(), self.port)).await;
                found.map_err(|_| SendFault::NoAddress)?.collect()
            }
        };
        if addresses.is_empty() {
            return Err(SendFault::NoAddress);
        }
        if addresses.iter().any(|address| !may_reach(address.ip(), self.reach)) {
            return Err(SendFault::Refused);
        }
        Ok(addresses)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}/…", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, allow_http: bool, allow_private: bool) -> Result<Target, TargetFault> {
        Target::parse(&SecretString::from(text), allow_http, allow_private)
    }

    #[test]
    fn a_private_address_is_found_in_every_notation() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "0x7F.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[0:0:0:0:0:ffff:7f00:1]",
            "[::ffff:7f00:1]",
            "10.0.0.1",
            "167772161",
            "0xa000001",
            "012.0.0.1",
            "3232235777",
            "[fd00::1]",
            "[64:ff9b::7f00:1]",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "%31%32%37.0.0.1",
        ] {
            let url = format!("https://{host}/hook");
            assert_eq!(parsed(&url, false, false).err(), Some(TargetFault::NotPublic), "{url}");
            assert!(parsed(&url, false, true).is_ok(), "{url}");
        }
        for host in ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]", "0"] {
            let url = format!("https://{host}/latest/meta-data");
            assert_eq!(parsed(&url, false, true).err(), Some(TargetFault::NotPublic), "{url}");
        }
    }

    #[test]
    fn what_is_no_receiver_is_refused_for_its_reason() {
        let cases = [
            ("hooks.example.com/x", TargetFault::NotUrl),
            ("https://", TargetFault::NotUrl),
            ("ftp://hooks.example.com", TargetFault::Scheme),
            ("file:///etc/passwd", TargetFault::Scheme),
            ("gopher://hooks.example.com", TargetFault::Scheme),
            ("http://hooks.example.com", TargetFault::Plain),
            ("https://user@hooks.example.com", TargetFault::UserInfo),
            ("https://user:word@hooks.example.com", TargetFault::UserInfo),
            ("https://1.1.1.1@127.0.0.1", TargetFault::UserInfo),
            ("https://999.1.1.1/", TargetFault::NotUrl),
        ];
        for (url, fault) in cases {
            assert_eq!(parsed(url, false, false).err(), Some(fault), "{url}");
        }
        let long = format!("https://hooks.example.com/{}", "x".repeat(LONGEST));
        assert_eq!(parsed(&long, false, false).err(), Some(TargetFault::Long));
        assert!(parsed("http://hooks.example.com", true, false).is_ok());
    }

    #[test]
    fn a_target_shows_neither_path_nor_query() {
        let Ok(target) = parsed("https://Hooks.Example.com:8443/services/T0/B0/secret?key=word#part", false, false)
        else {
            unreachable!("a plain address")
        };
        assert_eq!(format!("{target:?}"), "https://hooks.example.com:8443/…");
        assert_eq!(target.uri().map(|uri| uri.to_string()), Ok("/services/T0/B0/secret?key=word".to_owned()));
        assert_eq!((target.authority().as_str(), target.secure), ("hooks.example.com:8443", true));
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_leads_to() {
        let named = |allow_private| parsed("http://localhost:9/", true, allow_private);
        let (Ok(public), Ok(private)) = (named(false), named(true)) else { unreachable!("a plain name") };
        assert_eq!(public.resolve().await, Err(SendFault::Refused));
        assert!(private.resolve().await.is_ok_and(|found| found.iter().all(|address| address.ip().is_loopback())));
    }
}
