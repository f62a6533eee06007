//! Which of several companies is meant.

use super::domain::{host, is_shared, registrable};
use super::key::name_key;
use super::names::names_a_part;

/// What a company is recognised by, worked out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyIdentity {
    name: String,
    /// The name is that of a school, division or other part of an organisation.
    part: bool,
    site: Option<Site>,
    profile_id: Option<String>,
}

/// A web site that is the company's own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Site {
    host: String,
    domain: String,
}

impl CompanyIdentity {
    /// From what a source says. What identifies nobody is left out: a blank name or id, a text that is no domain, a host
    /// that many share (see [`identity_domain`](super::identity_domain)).
    #[must_use]
    pub fn new(name: &str, domain: Option<&str>, profile_id: Option<&str>) -> Self {
        let site = domain.and_then(host).filter(|host| !is_shared(host)).and_then(|host| {
            let domain = registrable(&host)?.to_owned();
            Some(Site { host, domain })
        });
        let profile_id = profile_id.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
        Self { name: name_key(name), part: names_a_part(name), site, profile_id }
    }

    /// The name as it is compared (see [`name_key`]); empty when it is blank.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The registrable domain, when there is one of the company's own.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.site.as_ref().map(|site| site.domain.as_str())
    }

    /// The id in the source's own directory.
    #[must_use]
    pub fn profile_id(&self) -> Option<&str> {
        self.profile_id.as_deref()
    }

    /// Whether the two have one registrable domain. A school or division under the organisation's domain, on a host of
    /// its own, is not the organisation.
    #[must_use]
    pub fn shares_domain(&self, other: &Self) -> bool {
        match (&self.site, &other.site) {
            (Some(a), Some(b)) => a.domain == b.domain && (a.host == b.host || self.part == other.part),
            _ => false,
        }
    }

    /// Whether both have a domain of their own, and not the same.
    #[must_use]
    pub fn contradicts(&self, other: &Self) -> bool {
        self.site.is_some() && other.site.is_some() && !self.shares_domain(other)
    }

    fn shares_host(&self, other: &Self) -> bool {
        matches!((&self.site, &other.site), (Some(a), Some(b)) if a.host == b.host)
    }

    /// Whether both have one id in the source's directory.
    #[must_use]
    pub fn shares_profile_id(&self, other: &Self) -> bool {
        self.profile_id.is_some() && self.profile_id == other.profile_id
    }

    /// Whether both have one name, legal forms aside.
    #[must_use]
    pub fn shares_name(&self, other: &Self) -> bool {
        !self.name.is_empty() && self.name == other.name
    }
}

/// What a company was recognised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchedBy {
    /// The registrable domain.
    Domain,
    /// The id in the source's own directory.
    ProfileId,
    /// The whole name, legal forms aside.
    Name,
}

/// Which of several companies is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// This one, by its place among the candidates.
    One {
        /// Place among the candidates, from 0.
        index: usize,
        /// What it was recognised by.
        by: MatchedBy,
    },
    /// None of them.
    None,
    /// So many fit equally well. A guess would be somebody else's people: the caller must ask for more.
    Ambiguous {
        /// How many fit.
        candidates: usize,
        /// By what they fit.
        by: MatchedBy,
    },
}

/// Finds the company that is meant: by registrable domain, else by profile id, else by whole name in any script, and
/// only where one fits (domain rule §11). A domain that contradicts overrules id and name: better none than a namesake.
///
/// Of several on one domain the same host, the id and the name decide, in this order. The order of the candidates
/// decides nothing.
///
/// ```
/// use engine::company::{CompanyIdentity, Match, MatchedBy, match_company};
/// let known = [
///     CompanyIdentity::new("Harvard University", Some("harvard.edu"), None),
///     CompanyIdentity::new("Example GmbH", Some("example.co.uk"), None),
/// ];
/// let asked = CompanyIdentity::new("EXAMPLE", Some("https://shop.example.co.uk"), None);
/// assert_eq!(match_company(&asked, &known), Match::One { index: 1, by: MatchedBy::Domain });
/// assert_eq!(match_company(&CompanyIdentity::new("Harvard Business School", None, None), &known), Match::None);
/// ```
#[must_use]
pub fn match_company<'c>(asked: &CompanyIdentity, candidates: impl IntoIterator<Item = &'c CompanyIdentity>) -> Match {
    let candidates: Vec<(usize, &CompanyIdentity)> = candidates.into_iter().enumerate().collect();
    let keep = |from: &[(usize, &'c CompanyIdentity)], rule: fn(&CompanyIdentity, &CompanyIdentity) -> bool| {
        from.iter().copied().filter(|(_, candidate)| rule(asked, candidate)).collect::<Vec<_>>()
    };

    let mut at_home = keep(&candidates, CompanyIdentity::shares_domain);
    for rule in [CompanyIdentity::shares_host, CompanyIdentity::shares_profile_id, CompanyIdentity::shares_name] {
        let closer = keep(&at_home, rule);
        if !closer.is_empty() {
            at_home = closer;
        }
    }
    if let Some(found) = verdict(&at_home, MatchedBy::Domain) {
        return found;
    }

    let fitting = keep(&candidates, |asked, candidate| !asked.contradicts(candidate));
    let by_id = keep(&candidates, CompanyIdentity::shares_profile_id);
    if !by_id.is_empty() {
        return verdict(&keep(&fitting, CompanyIdentity::shares_profile_id), MatchedBy::ProfileId)
            .unwrap_or(Match::None);
    }
    verdict(&keep(&fitting, CompanyIdentity::shares_name), MatchedBy::Name).unwrap_or(Match::None)
}

fn verdict(found: &[(usize, &CompanyIdentity)], by: MatchedBy) -> Option<Match> {
    match found {
        [] => None,
        [(index, _)] => Some(Match::One { index: *index, by }),
        many => Some(Match::Ambiguous { candidates: many.len(), by }),
    }
}
