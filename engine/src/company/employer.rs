//! Whether somebody's employer is the company that is meant.

use super::domain::{identity_domain, own_label};
use super::names::{Likeness, likeness};
use super::{Company, name_key};
use serde::{Deserialize, Serialize};

/// Whom a source names as a person's employer. Nothing known is an employer too: the unknown one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Employer {
    /// Name as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Web domain or address as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// Whether the employer is the company (domain rule §11: registrable domain first, then the whole name).
///
/// `Some(true)`: the domains are one, or the names are and no domain contradicts. `Some(false)`: certainly another
/// company: other domains, or names that cannot be forms of one name. `None`: it cannot be told: nothing to compare, a
/// short form or acronym, another script, a name that only goes on ("Example UK"), one name and a sister domain
/// (`example.com`, `example.de`).
///
/// ```
/// use engine::company::{Company, Employer, same_employer};
/// let company = Company { name: "Example Inc.".to_owned(), domain: Some("example.com".to_owned()), ..Company::default() };
/// let named = |name: &str| Employer { name: Some(name.to_owned()), domain: None };
/// assert_eq!(same_employer(&named("EXAMPLE"), &company), Some(true));
/// assert_eq!(same_employer(&named("Globex"), &company), Some(false));
/// assert_eq!(same_employer(&Employer::default(), &company), None);
/// ```
#[must_use]
pub fn same_employer(employer: &Employer, company: &Company) -> Option<bool> {
    let theirs = employer.domain.as_deref().and_then(identity_domain);
    let ours = company.domain.as_deref().and_then(identity_domain);
    let names = employer.name.as_deref().and_then(|name| likeness(name, &company.name));
    match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs == ours => Some(true),
        // The same label under another suffix is often the same company's site in another country.
        (Some(theirs), Some(ours)) if own_label(&theirs) == own_label(&ours) => {
            (names == Some(Likeness::Different)).then_some(false)
        }
        (Some(_), Some(_)) => Some(false),
        (theirs, ours) => by_name(employer, company, names?, theirs.as_deref(), ours.as_deref()),
    }
}

/// At most one of the two domains is known.
fn by_name(
    employer: &Employer,
    company: &Company,
    names: Likeness,
    theirs: Option<&str>,
    ours: Option<&str>,
) -> Option<bool> {
    let name = employer.name.as_deref().unwrap_or_default();
    // "example.com" for a name is a domain.
    let named = |name: &str, domain: Option<&str>| domain.is_some() && identity_domain(name).as_deref() == domain;
    // One record's name is the other's domain, as with a brand and the firm behind it.
    let label = |name: &str, domain: Option<&str>| {
        domain.is_some_and(|domain| own_label(domain).replace('-', "") == glued(name))
    };
    match names {
        Likeness::Same => Some(true),
        _ if named(name, ours) || named(&company.name, theirs) => Some(true),
        Likeness::Unclear => None,
        Likeness::Different if label(name, ours) || label(&company.name, theirs) => None,
        Likeness::Different => Some(false),
    }
}

/// A name as it would stand in a domain, hyphens aside.
fn glued(name: &str) -> String {
    name_key(name).split(' ').collect()
}
