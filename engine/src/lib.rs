//! The domain: who belongs to a company's buyer group, and why.
//!
//! Pure functions and plain types. No clock, no randomness, no I/O: the same people, company and seller profile give
//! the same group on any machine. Everything a caller needs is re-exported here; the modules are one subject each.

pub mod career;
pub mod churn;
pub mod company;
pub mod diff;
pub mod email;
pub mod enrichment;
pub mod group;
pub mod person;
pub mod place;
pub mod profile;
pub mod role;
pub mod schedule;
pub mod set;
pub mod significance;
pub mod significant_drop;
pub mod title;
mod urgency;
mod wire;

pub use career::Career;
pub use churn::{Churn, Colour, churn};
pub use company::{Company, Employer, Tier, same_employer};
pub use diff::{Change, Diff, DiffCounts, MemberSnapshot, diff};
pub use group::{
    Composition, Decision, Explanation, Gap, GapCode, Group, Member, Openings, Outcome, Reason, ReasonCode,
    RoleExplanation, Scores, Shortlist, Targets, WhyCode, Worth,
};
pub use person::{Contact, Person, PersonId};
pub use profile::{Coverage, Preset, ProfileError, SellerProfile, Weights};
pub use role::Role;
pub use set::Set;
pub use significant_drop::{DropReason, GroupSnapshot, SignificantDrop, significant_drop};
pub use title::{Function, Level, Modifier, Title};
pub use urgency::{Urgency, urgency};
