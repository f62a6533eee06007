//! One taxonomy for everything outside us. Each class has one retry decision, made here.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a step did not succeed. `NoMatch` is missing on purpose: finding nothing is a result, not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// We asked for something that can never be answered. A bug or bad input; asking again changes nothing.
    InvalidRequest,
    /// The provider refuses our key, until the key changes.
    AuthFailed,
    /// Our plan does not include this, until the plan changes.
    PlanForbidden,
    /// The account is empty, for hours or days.
    OutOfCredits,
    /// Too fast. Asking again later, at the time the provider names, succeeds.
    RateLimited,
    /// The law or the person forbids an answer (HTTP 451, opt-out). Never asked again.
    Legal,
    /// Timeouts, resets, 5xx, a database that is away: passes by itself.
    Transient,
    /// The provider is still working on the answer.
    Pending,
    /// A success whose content could not be understood, or is too large to be passed on.
    Malformed,
    /// Our own mistake: a broken promise inside the house. Trying again repeats it.
    Internal,
}

impl FailureClass {
    /// Every class.
    pub const ALL: [FailureClass; 10] = [
        FailureClass::InvalidRequest,
        FailureClass::AuthFailed,
        FailureClass::PlanForbidden,
        FailureClass::OutOfCredits,
        FailureClass::RateLimited,
        FailureClass::Legal,
        FailureClass::Transient,
        FailureClass::Pending,
        FailureClass::Malformed,
        FailureClass::Internal,
    ];

    /// The failure type name written into histories; operators see it, retry policies and workflows match it.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            FailureClass::InvalidRequest => "InvalidRequest",
            FailureClass::AuthFailed => "AuthFailed",
            FailureClass::PlanForbidden => "PlanForbidden",
            FailureClass::OutOfCredits => "OutOfCredits",
            FailureClass::RateLimited => "RateLimited",
            FailureClass::Legal => "Legal",
            FailureClass::Transient => "Transient",
            FailureClass::Pending => "Pending",
            FailureClass::Malformed => "Malformed",
            FailureClass::Internal => "Internal",
        }
    }

    /// The class with this failure type name; `None` for failures that are not ours.
    #[must_use]
    pub fn from_type_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.type_name() == name)
    }

    /// Whether the Temporal server may try the step again.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, FailureClass::RateLimited | FailureClass::Transient | FailureClass::Pending)
    }

    /// Whether it would befall any other company as well: our key, our plan, our account. A fault of ours may be about the
    /// rows of one company.
    #[must_use]
    pub const fn concerns_all(self) -> bool {
        use FailureClass::{AuthFailed, OutOfCredits, PlanForbidden};
        matches!(self, AuthFailed | OutOfCredits | PlanForbidden)
    }

    /// Whether a refresh may go on without the datum that this failure withholds. Only classes that say "you cannot have
    /// this from here" qualify; a failure that may hide a fault of ours does not.
    #[must_use]
    pub const fn as_unavailable(self) -> Option<Unavailable> {
        match self {
            FailureClass::PlanForbidden => Some(Unavailable::PlanForbidden),
            FailureClass::OutOfCredits => Some(Unavailable::OutOfCredits),
            FailureClass::Legal => Some(Unavailable::Legal),
            _ => None,
        }
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name())
    }
}

/// Why a datum is withheld although nothing is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unavailable {
    /// Our plan does not include it.
    PlanForbidden,
    /// The account is empty.
    OutOfCredits,
    /// The law or the person forbids it.
    Legal,
    /// A reason this build does not know.
    #[serde(other)]
    Other,
}

impl Unavailable {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Unavailable::PlanForbidden => "plan_forbidden",
            Unavailable::OutOfCredits => "out_of_credits",
            Unavailable::Legal => "legal",
            Unavailable::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FailureClass;

    #[test]
    fn every_type_name_reads_back_as_its_class() {
        for class in FailureClass::ALL {
            assert_eq!(FailureClass::from_type_name(class.type_name()), Some(class));
        }
        assert_eq!(FailureClass::from_type_name("NoMatch"), None);
    }

    #[test]
    fn only_what_passes_by_itself_is_retried() {
        let retried: Vec<_> = FailureClass::ALL.into_iter().filter(|class| class.is_retryable()).collect();
        assert_eq!(retried, [FailureClass::RateLimited, FailureClass::Transient, FailureClass::Pending]);
    }
}
