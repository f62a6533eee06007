//! Domains as identity: which part of a web address is somebody's own.

use super::key::domain_key;
use std::collections::HashSet;
use std::sync::LazyLock;

static SHARED: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    lines(include_str!("../../vocabulary/shared_hosts.txt"))
        .chain(lines(include_str!("../../vocabulary/consumer_domains.txt")))
        .collect()
});

static CONSUMER: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| lines(include_str!("../../vocabulary/consumer_domains.txt")).collect());

fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// The registrable domain of a web address or host: the public suffix and one label, by the public suffix list
/// (publicsuffix.org). Lower case, without a port or a trailing dot; names beyond ASCII come in Unicode, however they
/// were written. `None` for what is not a domain name (see [`domain_key`]; an e-mail address is none) and for a bare
/// suffix, which belongs to no company.
///
/// Private suffixes count: two pages under `github.io` are two owners. A top-level domain that the list does not know is
/// taken for a suffix, as the list says to.
///
/// ```
/// use engine::company::registrable_domain;
/// assert_eq!(registrable_domain("https://a.b.co.uk/about").as_deref(), Some("b.co.uk"));
/// assert_eq!(registrable_domain("co.uk"), None);
/// ```
#[must_use]
pub fn registrable_domain(text: &str) -> Option<String> {
    registrable(&host(text)?).map(str::to_owned)
}

/// The registrable domain that tells a company apart; `None` also where many share the host: consumer mail, social
/// networks, page builders. Such an address neither proves nor disproves that two records are one company.
///
/// ```
/// use engine::company::identity_domain;
/// assert_eq!(identity_domain("www.example.com").as_deref(), Some("example.com"));
/// assert_eq!(identity_domain("https://www.linkedin.com/company/example"), None);
/// ```
#[must_use]
pub fn identity_domain(text: &str) -> Option<String> {
    let host = host(text)?;
    let domain = registrable(&host)?;
    (!is_shared(&host)).then(|| domain.to_owned())
}

/// Whether many companies share this host.
pub(super) fn is_shared(host: &str) -> bool {
    is_below(host, &SHARED)
}

/// Whether anybody may open a mailbox at this domain or the domain it belongs to.
///
/// ```
/// use engine::company::is_consumer_domain;
/// assert!(is_consumer_domain("Gmail.com") && !is_consumer_domain("example.com"));
/// ```
#[must_use]
pub fn is_consumer_domain(domain: &str) -> bool {
    host(domain).is_some_and(|host| is_below(&host, &CONSUMER))
}

/// The host of an address, in Unicode.
pub(super) fn host(text: &str) -> Option<String> {
    // The full stops that browsers take in Chinese and Japanese addresses.
    let host = domain_key(&text.replace(['。', '｡'], "."))?;
    // There and back: the way there refuses what no registry would take, the way back gives one spelling.
    let ascii = idna::domain_to_ascii(&host).ok()?;
    let (unicode, outcome) = idna::domain_to_unicode(&ascii);
    outcome.ok().map(|()| unicode)
}

pub(super) fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// The part of a registrable domain before its public suffix: `example` of `example.co.uk`.
pub(super) fn own_label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or(domain)
}

/// Whether the host or one that it lies under is in the set.
fn is_below(host: &str, set: &HashSet<&str>) -> bool {
    set.contains(host) || host.match_indices('.').any(|(dot, _)| set.contains(&host[dot + 1..]))
}
