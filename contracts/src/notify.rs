//! Telling somebody outside what a refresh did. Like the refresh itself, a delivery carries references: what the message
//! says is read from the store at the moment it is sent.

use crate::{ReceiverName, WorkspaceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::time::Duration;

/// What a notification is about. Its wire name is the `type` that receivers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NotificationKind {
    /// A group was saved that differs from the one before.
    #[serde(rename = "group.refreshed")]
    GroupRefreshed,
    /// A refresh failed for good; the group before stands.
    #[serde(rename = "refresh.failed")]
    RefreshFailed,
    /// A new group waits for somebody's judgement before it replaces the one that stands.
    #[serde(rename = "review.needed")]
    ReviewNeeded,
    /// A kind this build does not know. Nobody asks for it.
    #[serde(other)]
    Other,
}

impl NotificationKind {
    /// Every kind that a receiver can ask for.
    pub const ALL: [NotificationKind; 3] =
        [NotificationKind::GroupRefreshed, NotificationKind::RefreshFailed, NotificationKind::ReviewNeeded];

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            NotificationKind::GroupRefreshed => "group.refreshed",
            NotificationKind::RefreshFailed => "refresh.failed",
            NotificationKind::ReviewNeeded => "review.needed",
            NotificationKind::Other => "other",
        }
    }

    /// The kind with this wire name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for NotificationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of a notification: `msg_` and 24 hexadecimal characters. The same refresh and kind give the same id whenever and
/// to whomever it is sent, so that a receiver can tell a repetition.
#[must_use]
pub fn message_id(workspace: &WorkspaceId, refresh_id: &str, kind: NotificationKind) -> String {
    let hash = hex::encode(Sha256::digest(format!("{workspace}\n{refresh_id}\n{kind}").as_bytes()));
    format!("msg_{}", &hash[..24])
}

/// How long a receiver that does not take a message is tried: a weekend and a day.
pub const NOTIFY_PATIENCE: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Input of the delivery workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyRequest {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The refresh that is told of.
    pub refresh_id: String,
    /// What is told of it.
    pub kind: NotificationKind,
}

impl NotifyRequest {
    /// The workflow id of the delivery: `notify/{workspace}/{refresh}/{kind}`.
    #[must_use]
    pub fn workflow_id(&self) -> String {
        format!("notify/{}/{}/{}", self.workspace, self.refresh_id, self.kind)
    }

    /// The id of the message.
    #[must_use]
    pub fn message_id(&self) -> String {
        message_id(&self.workspace, &self.refresh_id, self.kind)
    }
}

/// Input of one run of the sweep, and of `find_left_lying`. Empty: what counts as left lying is the worker's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepRequest {}

/// Result of `find_left_lying`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftLying {
    /// One message of each workspace; its delivery takes the others of the workspace along.
    pub messages: Vec<NotifyRequest>,
}

/// Result of one run of the sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Swept {
    /// Deliveries started.
    pub started: u32,
}

/// Result of `address_notifications`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressed {
    /// The message asked for, and those that nobody took in hand before.
    #[serde(default)]
    pub messages: Vec<AddressedMessage>,
}

/// A message and who has not got it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressedMessage {
    /// The message, as [`message_id`] makes it.
    pub message_id: String,
    /// Who is to get it.
    pub receivers: Vec<ReceiverName>,
}

/// Input of `deliver_notification`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverInput {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The message.
    pub message_id: String,
    /// To whom.
    pub receiver: ReceiverName,
}

/// Result of `deliver_notification`, when it is not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The receiver has it: since now, or since an attempt whose answer was lost.
    Delivered,
    /// The receiver said that it is gone (410), and gets nothing any more until somebody enables it again.
    Disabled,
    /// Nothing was sent: the receiver has been disabled meanwhile.
    Skipped,
    /// A value this build does not know; nothing more is to be done.
    #[serde(other)]
    Other,
}

/// Input of `give_up_notification`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUpInput {
    /// The message.
    pub message_id: String,
    /// To whom it could not be delivered.
    pub receiver: ReceiverName,
    /// Failure type name.
    pub class: String,
}

/// Result of the delivery workflow, in messages times receivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notified {
    /// Delivered.
    pub delivered: u32,
    /// Not sent, because the receiver is disabled.
    pub disabled: u32,
    /// Given up.
    pub given_up: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_one_id_for_ever_and_no_other_message_has_it() {
        let acme: WorkspaceId = "acme".to_owned().try_into().unwrap_or_else(|_| unreachable!());
        let id = message_id(&acme, "r-1", NotificationKind::GroupRefreshed);
        assert_eq!(id, "msg_1107814ca1eb44172cec5dfe");
        assert_ne!(id, message_id(&acme, "r-2", NotificationKind::GroupRefreshed));
        assert_ne!(id, message_id(&acme, "r-1", NotificationKind::RefreshFailed));
    }

    #[test]
    fn every_kind_reads_back_from_its_name() {
        for kind in NotificationKind::ALL {
            assert_eq!(NotificationKind::from_name(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).ok(), Some(kind.as_str().into()));
        }
        assert_eq!(NotificationKind::from_name("other"), None);
    }
}
