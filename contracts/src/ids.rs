//! Identities: parsed once at the border, trusted from there on.

use engine::company::{domain_key, name_key};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// Why a text is not an identity. Says what is allowed, and never repeats the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a workspace or source name.
    #[error(
        "{what} must be 1 to 64 characters from a-z, 0-9, '-' and '_', the first a letter or digit; this one has {length} bytes"
    )]
    Name {
        /// Which identity.
        what: &'static str,
        /// Length of the text in bytes.
        length: usize,
    },
    /// Not an event id.
    #[error(
        "an event id must be 1 to {max} characters without control characters; this one has {length} bytes",
        max = EventId::MAX_CHARS
    )]
    Event {
        /// Length of the text in bytes.
        length: usize,
    },
    /// Not a digest.
    #[error("a digest must be 64 lower-case hexadecimal characters; this one has {length} bytes")]
    Digest {
        /// Length of the text in bytes.
        length: usize,
    },
}

macro_rules! name_type {
    ($(#[$doc:meta])* $type:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_name(text) { Ok(Self(text.to_owned())) } else { Err(IdError::Name { what: $what, length: text.len() }) }
            }
        }

        impl TryFrom<String> for $type {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// A tenant. 1–64 characters from `a-z 0-9 - _`, the first a letter or digit.
    WorkspaceId,
    "a workspace"
);
name_type!(
    /// A sender of events within a workspace. Same alphabet as [`WorkspaceId`].
    SourceName,
    "a source"
);
name_type!(
    /// Somebody whom a workspace has notified. Same alphabet as [`WorkspaceId`].
    ReceiverName,
    "a receiver"
);

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 64
        && text.bytes().next().is_some_and(allowed)
        && text.bytes().all(|byte| allowed(byte) || byte == b'-' || byte == b'_')
}

impl SourceName {
    /// Source of refreshes that a person asked for. No webhook source may take this name.
    pub const MANUAL: &str = "manual";

    /// The source of refreshes that a person asked for.
    #[must_use]
    pub fn manual() -> Self {
        Self(Self::MANUAL.to_owned())
    }

    /// Source of refreshes that the schedule asks for.
    pub const SCHEDULE: &str = "schedule";

    /// The source of refreshes that the schedule asks for.
    #[must_use]
    pub fn schedule() -> Self {
        Self(Self::SCHEDULE.to_owned())
    }

    /// Source of refreshes that a program asked for through the API. No webhook source may take this name either.
    pub const API: &str = "api";

    /// The source of refreshes that a program asked for through the API.
    #[must_use]
    pub fn api() -> Self {
        Self(Self::API.to_owned())
    }

    /// Source of refreshes of companies that were asked for all at once. No webhook source may take this name either.
    pub const BULK: &str = "bulk";

    /// The source of refreshes of companies that were asked for all at once.
    #[must_use]
    pub fn bulk() -> Self {
        Self(Self::BULK.to_owned())
    }

    /// Whether no webhook source may take this name.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        matches!(self.as_str(), Self::MANUAL | Self::SCHEDULE | Self::API | Self::BULK)
    }
}

/// The sender's id of an event: 1–512 characters (Unicode scalar values), no control characters, otherwise as the sender likes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(String);

impl EventId {
    /// Longest id accepted, in characters, as JSON Schema counts them.
    pub const MAX_CHARS: usize = 512;

    /// Longest id written into a workflow id as it is; with the prefix and two names of 64 this stays within 255 bytes.
    const MAX_VERBATIM: usize = 96;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The event of one item of this one, which asks for many things at once: `{id}-{number}`, or the hash of that where it
    /// would be too long.
    #[must_use]
    pub fn item(&self, number: u32) -> Self {
        let id = format!("{}-{number}", self.0);
        if id.chars().count() > Self::MAX_CHARS { Self(hex::encode(Sha256::digest(id.as_bytes()))) } else { Self(id) }
    }

    /// The form in which the id stands in a workflow id: itself when short and plain, else its hash. An `@` is not plain,
    /// so an address never gets into a workflow id.
    #[must_use]
    pub fn key(&self) -> EventKey {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
        if self.0.len() <= Self::MAX_VERBATIM && self.0.bytes().all(plain) {
            EventKey::Verbatim(self.0.clone())
        } else {
            EventKey::Hashed(hex::encode(Sha256::digest(self.0.as_bytes())))
        }
    }
}

impl FromStr for EventId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.is_empty() || text.chars().count() > Self::MAX_CHARS || text.chars().any(char::is_control) {
            return Err(IdError::Event { length: text.len() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for EventId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event id as it stands in a workflow id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKey {
    /// The id itself.
    Verbatim(String),
    /// Hexadecimal SHA-256 of the id; the memo holds the id in full.
    Hashed(String),
}

impl EventKey {
    /// Reads the form in which it stands in a workflow id; `None` when no event id has it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(HASH_MARK) {
            Some(hash) => Digest::try_from(hash.to_owned()).ok().map(|hash| Self::Hashed(hash.into())),
            None => EventId(text.to_owned()).key().verbatim(),
        }
    }

    fn verbatim(self) -> Option<Self> {
        matches!(&self, EventKey::Verbatim(id) if !id.is_empty()).then_some(self)
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventKey::Verbatim(id) => f.write_str(id),
            EventKey::Hashed(hash) => write!(f, "{HASH_MARK}{hash}"),
        }
    }
}

/// SHA-256 of a body, in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// Digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// The digest as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Digest {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(hex) {
            Ok(Self(text))
        } else {
            Err(IdError::Digest { length: text.len() })
        }
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

/// The idempotency key of a refresh, which is its workflow id: `buyer-group-refresh/{workspace}/{source}/{event}`.
/// At most 255 bytes; two different events never share one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkflowId(String);

/// What a workflow id says, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowIdParts {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Sender.
    pub source: SourceName,
    /// Event.
    pub event: EventKey,
}

const WORKFLOW_ID_PREFIX: &str = "buyer-group-refresh";

/// Begins the ids of workflows that suppress contact data.
const SUPPRESSION_PREFIX: &str = "suppress-contact";

/// Begins the ids of workflows that refresh many companies.
const BULK_PREFIX: &str = "bulk-refresh";

/// Begins the ids of refreshes that carry on for events whose holder ended badly.
const CARRIED_PREFIX: &str = "buyer-group-refresh-carried";

/// Marks a hashed event id. Not a plain character, so a verbatim id never begins with it.
const HASH_MARK: char = '~';

impl WorkflowId {
    /// The workflow id of this event's refresh.
    #[must_use]
    pub fn new(workspace: &WorkspaceId, source: &SourceName, event: &EventId) -> Self {
        Self::with_prefix(WORKFLOW_ID_PREFIX, workspace, source, event)
    }

    /// The workflow id of the suppression that this event orders: `suppress-contact/{workspace}/{source}/{event}`.
    #[must_use]
    pub fn of_suppression(workspace: &WorkspaceId, source: &SourceName, event: &EventId) -> Self {
        Self::with_prefix(SUPPRESSION_PREFIX, workspace, source, event)
    }

    /// The workflow id of the bulk with this id: `bulk-refresh/{workspace}/{bulk id}`.
    #[must_use]
    pub fn of_bulk(workspace: &WorkspaceId, bulk_id: &EventId) -> Self {
        Self(format!("{BULK_PREFIX}/{workspace}/{}", bulk_id.key()))
    }

    /// The workflow id of the refresh that carries on for a refresh which had folded into one that ended badly:
    /// `buyer-group-refresh-carried/{workspace}/{company}/{refresh}`.
    #[must_use]
    pub fn of_carried(workspace: &WorkspaceId, company_id: &str, refresh_id: &str) -> Self {
        Self(format!("{CARRIED_PREFIX}/{workspace}/{company_id}/{refresh_id}"))
    }

    fn with_prefix(prefix: &str, workspace: &WorkspaceId, source: &SourceName, event: &EventId) -> Self {
        Self(format!("{prefix}/{workspace}/{source}/{}", event.key()))
    }

    /// The workflow id of the refresh whose event stands so in it.
    #[must_use]
    pub fn of_key(workspace: &WorkspaceId, source: &SourceName, event: &EventKey) -> Self {
        Self(format!("{WORKFLOW_ID_PREFIX}/{workspace}/{source}/{event}"))
    }

    /// Reads the workflow id of a refresh; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<WorkflowIdParts> {
        let mut parts = text.split('/');
        let (prefix, workspace, source, event) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if prefix != WORKFLOW_ID_PREFIX || event.is_empty() || parts.next().is_some() {
            return None;
        }
        let event = match event.strip_prefix(HASH_MARK) {
            Some(hash) => EventKey::Hashed(hash.to_owned()),
            None => EventKey::Verbatim(event.to_owned()),
        };
        Some(WorkflowIdParts { workspace: workspace.parse().ok()?, source: source.parse().ok()?, event })
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkflowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a bulk: `bu_` and 32 hexadecimal characters, hashed from the key under which its workspace asked for it. The same
/// key gives the same bulk.
#[must_use]
pub fn bulk_id(workspace: &WorkspaceId, key: &EventId) -> EventId {
    let hash = hex::encode(Sha256::digest(format!("{workspace}\n{key}").as_bytes()));
    EventId(format!("bu_{}", &hash[..32]))
}

/// A person as histories refer to them: `pe_` and 20 hexadecimal characters, hashed from the source's own identity of the
/// person. That identity may be an address, a profile URL or a name, and so stays out of histories.
#[must_use]
pub fn person_ref(workspace: &WorkspaceId, identity: &str) -> String {
    let hash = hex::encode(Sha256::digest(format!("{workspace}\n{identity}").as_bytes()));
    format!("pe_{}", &hash[..20])
}

/// The id of a company within a workspace: `co_` and 20 hexadecimal characters, hashed from its registered domain, else
/// its normalised name. The same company gives the same id on every machine; the id gives nothing away.
#[must_use]
pub fn company_id(workspace: &WorkspaceId, name: &str, domain: Option<&str>) -> String {
    let key = match domain.and_then(domain_key) {
        Some(domain) => format!("domain:{domain}"),
        None => format!("name:{}", name_key(name)),
    };
    let hash = hex::encode(Sha256::digest(format!("{workspace}\n{key}").as_bytes()));
    format!("co_{}", &hash[..20])
}
