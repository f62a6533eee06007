//! What the checks of an e-mail address say together.

use crate::company::{is_consumer_domain, registrable_domain};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

static ROLES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../vocabulary/role_mailboxes.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Outcome of one check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// In order.
    Passed,
    /// Not in order.
    Failed,
    /// Not asked, or no answer.
    #[default]
    Unknown,
}

/// What the mail server said of the mailbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailbox {
    /// It takes mail for this address.
    Accepted,
    /// It takes mail for any address of the domain, so nothing is learnt of this one.
    CatchAll,
    /// It refuses this address.
    Rejected,
    /// Not asked, or no answer.
    #[default]
    Unknown,
}

/// What each check of an address found. `None` is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailEvidence {
    /// The address is written as one.
    pub syntax: Check,
    /// The domain names a server that takes mail.
    pub mail_server: Check,
    /// What that server said.
    pub mailbox: Mailbox,
    /// The domain hands out addresses that are thrown away.
    pub disposable: Option<bool>,
    /// Anybody may open a mailbox at the domain.
    pub consumer: Option<bool>,
    /// The mailbox is a team's, like `info@`.
    pub role: Option<bool>,
}

impl EmailEvidence {
    /// What the address alone tells: how it is written, whether its domain is a consumer-mail domain, whether it is a
    /// team's mailbox. Forms that are rare but allowed (quoted, beyond ASCII, a numeric host) leave the syntax unknown.
    #[must_use]
    pub fn of_address(address: &str) -> Self {
        let Some((local, domain)) = address.trim().rsplit_once('@') else {
            return Self { syntax: Check::Failed, ..Self::default() };
        };
        let mailbox = local.to_lowercase();
        let mailbox = mailbox.split('+').next().unwrap_or_default();
        let syntax = if domain.starts_with('[') || local.starts_with('"') || !local.is_ascii() {
            Check::Unknown
        } else if is_local(local) && is_host(domain) && address.trim().len() <= 254 {
            Check::Passed
        } else {
            Check::Failed
        };
        Self {
            syntax,
            consumer: is_host(domain).then(|| is_consumer_domain(domain)),
            role: Some(ROLES.contains(mailbox)),
            ..Self::default()
        }
    }
}

fn is_local(local: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= 64 && local.split('.').all(part)
}

/// A bare host under a public suffix: no scheme, port or path.
fn is_host(domain: &str) -> bool {
    !domain.contains([':', '/', '?', '#', ' ']) && registrable_domain(domain).is_some()
}

/// Whether to write to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailStatus {
    /// The server takes mail for it, and nothing speaks against it.
    Valid,
    /// It may work, but may not be this person's, or not at work.
    Risky,
    /// It does not work or is no address to write to.
    Invalid,
    /// Nothing decides.
    Unknown,
}

/// Why an address has its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailReason {
    /// It is not written like an address.
    SyntaxFailed,
    /// Its domain takes no mail.
    NoMailServer,
    /// The mail server refuses it.
    RejectedByServer,
    /// Its domain hands out addresses that are thrown away.
    Disposable,
    /// The mail server takes it.
    AcceptedByServer,
    /// The mail server takes anything.
    CatchAll,
    /// The mail server was not asked or did not answer.
    NoAnswer,
    /// A consumer-mail domain: no work address.
    ConsumerDomain,
    /// A team's mailbox.
    RoleMailbox,
}

impl fmt::Display for EmailReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EmailReason::SyntaxFailed => "not written like an address",
            EmailReason::NoMailServer => "the domain takes no mail",
            EmailReason::RejectedByServer => "rejected by the mail server",
            EmailReason::Disposable => "a disposable address",
            EmailReason::AcceptedByServer => "accepted by the mail server",
            EmailReason::CatchAll => "the mail server accepts any address",
            EmailReason::NoAnswer => "no answer from the mail server",
            EmailReason::ConsumerDomain => "a consumer-mail domain, no work address",
            EmailReason::RoleMailbox => "a team's mailbox",
        })
    }
}

/// What the checks of an address say together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailVerdict {
    /// Whether to write to it.
    pub status: EmailStatus,
    /// How likely a message reaches the person at work, 0–100; 0 when invalid, `None` when no check has answered.
    pub confidence: Option<u8>,
    /// Why; never empty.
    pub reasons: Vec<EmailReason>,
}

impl EmailVerdict {
    /// Whether it may be saved as a verified work address of a person.
    #[must_use]
    pub fn is_verified_work_address(&self) -> bool {
        self.status == EmailStatus::Valid
    }
}

/// Confidence by what the server said; how it is written and the mail server add the rest, up to 95.
const ACCEPTED: u8 = 75;
const CATCH_ALL: u8 = 30;
const UNANSWERED: u8 = 20;
const SYNTAX_PASSED: u8 = 5;
const MAIL_SERVER_PASSED: u8 = 15;
/// Most that a team's mailbox and a consumer's mailbox are worth as a person's work address.
const ROLE_AT_MOST: u8 = 60;
const CONSUMER_AT_MOST: u8 = 40;

/// Joins the checks of an address (domain rule §9: negative evidence counts). One failed check is final, whatever the
/// others say; without the server's word an address is unknown, however well it is written; a consumer-mail address and
/// a team's mailbox are risky at best.
///
/// ```
/// use engine::email::{EmailEvidence, EmailStatus, Mailbox, judge_email};
/// let written = EmailEvidence::of_address("jane.roe@acme.example");
/// assert_eq!(judge_email(&written).status, EmailStatus::Unknown);
/// let rejected = EmailEvidence { mailbox: Mailbox::Rejected, ..written };
/// assert_eq!(judge_email(&rejected).status, EmailStatus::Invalid);
/// ```
#[must_use]
pub fn judge_email(evidence: &EmailEvidence) -> EmailVerdict {
    let against = [
        (evidence.syntax == Check::Failed, EmailReason::SyntaxFailed),
        (evidence.mail_server == Check::Failed, EmailReason::NoMailServer),
        (evidence.mailbox == Mailbox::Rejected, EmailReason::RejectedByServer),
        (evidence.disposable == Some(true), EmailReason::Disposable),
    ];
    let against: Vec<EmailReason> = against.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect();
    if !against.is_empty() {
        return EmailVerdict { status: EmailStatus::Invalid, confidence: Some(0), reasons: against };
    }
    let (mut status, mut confidence, reason) = match evidence.mailbox {
        Mailbox::Accepted => (EmailStatus::Valid, ACCEPTED, EmailReason::AcceptedByServer),
        Mailbox::CatchAll => (EmailStatus::Risky, CATCH_ALL, EmailReason::CatchAll),
        Mailbox::Unknown | Mailbox::Rejected => (EmailStatus::Unknown, UNANSWERED, EmailReason::NoAnswer),
    };
    let mut reasons = vec![reason];
    let (written, served) = (evidence.syntax == Check::Passed, evidence.mail_server == Check::Passed);
    confidence += if written { SYNTAX_PASSED } else { 0 } + if served { MAIL_SERVER_PASSED } else { 0 };
    for (holds, reason, at_most) in [
        (evidence.consumer, EmailReason::ConsumerDomain, CONSUMER_AT_MOST),
        (evidence.role, EmailReason::RoleMailbox, ROLE_AT_MOST),
    ] {
        if holds == Some(true) {
            reasons.push(reason);
            confidence = confidence.min(at_most);
            if status == EmailStatus::Valid {
                status = EmailStatus::Risky;
            }
        }
    }
    let answered = written || served || evidence.mailbox != Mailbox::Unknown;
    EmailVerdict { status, confidence: answered.then_some(confidence), reasons }
}
