//! Companies: size tiers and how two records are recognised as one company.

mod domain;
mod employer;
mod key;
mod matching;
mod names;
mod tier;

pub use domain::{identity_domain, is_consumer_domain, registrable_domain};
pub use employer::{Employer, same_employer};
pub use key::{domain_key, name_key};
pub use matching::{CompanyIdentity, Match, MatchedBy, match_company};
pub use tier::{Tier, UNLIMITED};

use serde::{Deserialize, Serialize};

/// A company, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Name as the source wrote it.
    pub name: String,
    /// Web domain, e.g. `example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Number of employees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<u32>,
    /// Yearly revenue in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<u64>,
}
