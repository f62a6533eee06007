//! What to do about an event, how soon, and why.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How soon a refresh should run, most urgent first; the number is that of Temporal's task priorities, 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A current member of the group changed.
    MemberChange = 1,
    /// Somebody asked.
    Manual = 2,
    /// An event of somebody who is no member.
    Webhook = 3,
    /// The schedule says so.
    Scheduled = 4,
    /// One of many companies asked for at once.
    Bulk = 5,
}

impl Priority {
    /// 1 (first) to 5 (last).
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The one with this number.
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            1 => Priority::MemberChange,
            2 => Priority::Manual,
            3 => Priority::Webhook,
            4 => Priority::Scheduled,
            5 => Priority::Bulk,
            _ => return None,
        })
    }
}

/// Why an event is worth a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunReason {
    /// The person sits in the current group.
    MemberChanged,
    /// It is not known whether the person sits in the group.
    MembershipUnknown,
    /// The old or the new position could take a seat.
    CouldSit,
    /// It is not known whether the positions could take a seat.
    PositionUnknown,
    /// The company was never refreshed.
    NeverRefreshed,
}

impl fmt::Display for RunReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RunReason::MemberChanged => "a current member of the group changed",
            RunReason::MembershipUnknown => "the person may be a member of the group",
            RunReason::CouldSit => "the old or the new position could take a seat in the group",
            RunReason::PositionUnknown => "the old or the new position is not known",
            RunReason::NeverRefreshed => "the company was never refreshed",
        })
    }
}

/// Why an event does not concern us at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoredReason {
    /// Not one of the types that can trigger a refresh.
    UnknownType,
    /// A move between two employers, neither of which is the company.
    OtherCompany,
}

/// What to do about an event. Prints as a sentence that names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Refresh the company.
    Run {
        /// How soon.
        priority: Priority,
        /// Why; never empty.
        reasons: Vec<RunReason>,
    },
    /// Acknowledge and do nothing.
    Ignored {
        /// Why.
        reason: IgnoredReason,
    },
    /// The old and the new values are equal.
    NoOp,
    /// Older than the company's last refresh, which already shows it.
    Stale,
    /// No member, and neither position could take a seat.
    IrrelevantPerson,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Run { reasons, .. } => {
                f.write_str("refresh: ")?;
                for (place, reason) in reasons.iter().enumerate() {
                    write!(f, "{}{reason}", if place == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Verdict::Ignored { reason: IgnoredReason::UnknownType } => {
                f.write_str("ignored: events of this type do not trigger a refresh")
            }
            Verdict::Ignored { reason: IgnoredReason::OtherCompany } => {
                f.write_str("ignored: neither the old nor the new employer is this company")
            }
            Verdict::NoOp => f.write_str("no refresh: the old and the new values are equal"),
            Verdict::Stale => {
                f.write_str("no refresh: the company's last refresh is later and already shows the change")
            }
            Verdict::IrrelevantPerson => {
                f.write_str("no refresh: the person is no member and neither position could take a seat in the group")
            }
        }
    }
}
