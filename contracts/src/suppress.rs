//! Contact data that must not be used: how it is referred to, and the workflow that makes us forget it.

use crate::{
    BulkRequest, Digest, EventId, EventRef, RefreshRequest, SourceName, UnixMillis, WorkflowId, WorkspaceId, person_ref,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Input of the suppression workflow: somebody objected to the use of these data points. None of them is in it, only their
/// hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressRequest {
    /// Tenant; fixed by the credential the objection came with.
    pub workspace: WorkspaceId,
    /// The delivery that orders it.
    pub event: EventRef,
    /// What must not be used any more.
    pub data_points: Vec<DataPoint>,
}

/// One datum about how to reach somebody, by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DataPoint {
    /// What it is.
    pub kind: DataPointKind,
    /// SHA-256 of workspace, kind and normalised value, in lower-case hexadecimal. A pseudonym and no secret: telephone
    /// numbers are few enough to be tried out by whoever has the list.
    pub hash: String,
}

/// Kinds of data points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataPointKind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A whole person: nothing of them may be kept. The hash is [`crate::person_ref`].
    Person,
    /// Anything else; listed, although nothing of that kind is kept.
    #[serde(other)]
    Other,
}

impl DataPointKind {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            DataPointKind::Email => "email",
            DataPointKind::Phone => "phone",
            DataPointKind::Person => "person",
            DataPointKind::Other => "other",
        }
    }

    /// The value as it is compared. E-mail addresses without regard to case. Telephone numbers by their digits: without
    /// signs, an international prefix `00`, a trunk zero in brackets, and whatever follows an extension mark. A number
    /// without its country is another number than the same one with it.
    fn normalised(self, value: &str) -> String {
        match self {
            DataPointKind::Email | DataPointKind::Other => value.trim().to_lowercase(),
            // An identity is what it is.
            DataPointKind::Person => value.to_owned(),
            DataPointKind::Phone => {
                let number = value.trim().to_lowercase().replace("(0)", "");
                // What it is called may stand before it, as in "Mobile: +1 …".
                let begin = number.find(|c: char| c == '+' || c.is_ascii_digit()).unwrap_or(number.len());
                let number = number.get(begin..).unwrap_or_default();
                let number = number.split(['x', ';', '#', 'e']).next().unwrap_or_default();
                let digits: String = number.chars().filter(char::is_ascii_digit).collect();
                match digits.strip_prefix("00") {
                    Some(international) if !number.trim_start().starts_with('+') => international.to_owned(),
                    _ => digits,
                }
            }
        }
    }
}

impl DataPoint {
    /// Refers to this value; `None` when nothing of it is left to be compared.
    #[must_use]
    pub fn of(workspace: &WorkspaceId, kind: DataPointKind, value: &str) -> Option<Self> {
        let normalised = kind.normalised(value);
        (!normalised.is_empty()).then(|| {
            let hash = match kind {
                DataPointKind::Person => person_ref(workspace, &normalised),
                _ => hex::encode(Sha256::digest(format!("{workspace}\n{}\n{normalised}", kind.as_str()).as_bytes())),
            };
            Self { kind, hash }
        })
    }
}

/// The identity of somebody who is known by an e-mail address: `email:` and the address's hash as a data point. So the
/// address is nobody's id, and goes when somebody objects to it. `None` for an identity that is no address.
#[must_use]
pub fn opaque_identity(workspace: &WorkspaceId, identity: &str) -> Option<String> {
    let point = is_address(identity).then(|| DataPoint::of(workspace, DataPointKind::Email, identity)).flatten();
    point.map(|point| format!("email:{}", point.hash))
}

/// Whether this is one e-mail address and nothing else. A slash makes it the address of a page, as in `host.example/@name`.
fn is_address(text: &str) -> bool {
    let foreign = |character: char| character.is_whitespace() || matches!(character, ',' | ';' | '<' | '>' | '"' | '/');
    let text = text.trim();
    let halves = text.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    halves.is_some_and(|(_, domain)| !domain.contains('@')) && !text.contains(foreign)
}

/// Result of the suppression workflow and of its activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Suppressed {
    /// Data points on the list because of this request, those that stood there before included.
    pub listed: u32,
    /// Places from which something was erased.
    pub erased: u32,
}

/// Whatever a delivery or a call can start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StartRequest {
    /// A refresh.
    Refresh(RefreshRequest),
    /// A suppression.
    Suppress(SuppressRequest),
    /// Refreshes of many companies.
    Bulk(BulkRequest),
}

impl StartRequest {
    /// Tenant.
    #[must_use]
    pub const fn workspace(&self) -> &WorkspaceId {
        match self {
            StartRequest::Refresh(request) => &request.workspace,
            StartRequest::Suppress(request) => &request.workspace,
            StartRequest::Bulk(request) => &request.workspace,
        }
    }

    /// The event behind it.
    #[must_use]
    pub const fn event(&self) -> &EventRef {
        match self {
            StartRequest::Refresh(request) => &request.event,
            StartRequest::Suppress(request) => &request.event,
            StartRequest::Bulk(request) => &request.event,
        }
    }

    /// Sender.
    #[must_use]
    pub const fn source(&self) -> &SourceName {
        &self.event().source
    }

    /// The event's id.
    #[must_use]
    pub const fn event_id(&self) -> &EventId {
        &self.event().id
    }

    /// Digest of the event's content; the same id with another digest is a conflict.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.event().digest
    }

    /// When it was verified.
    #[must_use]
    pub const fn received_at(&self) -> UnixMillis {
        self.event().received_at
    }

    /// The idempotency key.
    #[must_use]
    pub fn workflow_id(&self) -> WorkflowId {
        let event = self.event();
        match self {
            StartRequest::Refresh(request) => WorkflowId::new(&request.workspace, &event.source, &event.id),
            StartRequest::Suppress(request) => WorkflowId::of_suppression(&request.workspace, &event.source, &event.id),
            StartRequest::Bulk(request) => request.workflow_id(),
        }
    }
}

impl From<RefreshRequest> for StartRequest {
    fn from(request: RefreshRequest) -> Self {
        StartRequest::Refresh(request)
    }
}

impl From<SuppressRequest> for StartRequest {
    fn from(request: SuppressRequest) -> Self {
        StartRequest::Suppress(request)
    }
}

impl From<BulkRequest> for StartRequest {
    fn from(request: BulkRequest) -> Self {
        StartRequest::Bulk(request)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::{DataPoint, DataPointKind, opaque_identity};
    use crate::person_ref;

    fn hash(kind: DataPointKind, value: &str) -> String {
        DataPoint::of(&"demo".parse().unwrap(), kind, value).unwrap().hash
    }

    #[test]
    fn one_value_has_one_hash_however_it_is_written() {
        let number = hash(DataPointKind::Phone, "+15550100123");
        for same in [
            "+1 555-010-0123",
            "001 (555) 010 0123",
            "+1.555.010.0123 ext. 42",
            "tel:+15550100123;ext=4",
            "Mobile: +1 555 010 0123",
            "Office +15550100123",
            "Tel. +15550100123 x 7",
        ] {
            assert_eq!(hash(DataPointKind::Phone, same), number, "{same}");
        }
        assert_eq!(hash(DataPointKind::Phone, "+44 (0)20 7946 0000"), hash(DataPointKind::Phone, "+442079460000"));
        assert_ne!(hash(DataPointKind::Phone, "5550100123"), number);
        assert_eq!(hash(DataPointKind::Email, " Jane@Acme.Example "), hash(DataPointKind::Email, "jane@acme.example"));
    }

    #[test]
    fn a_hash_belongs_to_one_workspace_and_kind() {
        let value = "jane@acme.example";
        let other = DataPoint::of(&"other".parse().unwrap(), DataPointKind::Email, value).unwrap();
        assert_ne!(other.hash, hash(DataPointKind::Email, value));
        assert_ne!(hash(DataPointKind::Other, value), hash(DataPointKind::Email, value));
    }

    #[test]
    fn an_address_is_nobodys_identity() {
        let workspace = "demo".parse().unwrap();
        let opaque = opaque_identity(&workspace, "jane@acme.example").unwrap();
        assert_eq!(opaque, format!("email:{}", hash(DataPointKind::Email, "jane@acme.example")));
        assert_eq!(opaque_identity(&workspace, " Jane@Acme.Example").unwrap(), opaque);
        for other in [&*opaque, "1234", "jane doe", "pages.example/@jane", "a@b@c", "jane@", "jane @acme.example", ""] {
            assert_eq!(opaque_identity(&workspace, other), None, "{other}");
        }
    }

    #[test]
    fn a_person_is_listed_by_their_reference() {
        let workspace = "demo".parse().unwrap();
        let point = DataPoint::of(&workspace, DataPointKind::Person, "Jane Doe, CFO").unwrap();
        assert_eq!(point.hash, person_ref(&workspace, "Jane Doe, CFO"));
    }

    #[test]
    fn what_says_nothing_is_no_data_point() {
        let workspace = "demo".parse().unwrap();
        assert_eq!(DataPoint::of(&workspace, DataPointKind::Phone, "unknown"), None);
        assert_eq!(DataPoint::of(&workspace, DataPointKind::Email, "  "), None);
    }
}
