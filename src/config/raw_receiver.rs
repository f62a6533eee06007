//! A receiver of notifications as it is written.

use super::raw::secret;
use super::raw_source::Many;
use activities::notify::Channel;
use contracts::{NotificationKind, ReceiverName, WorkspaceId};
use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::path::PathBuf;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReceiver {
    pub(super) name: ReceiverName,
    pub(super) workspace: Option<WorkspaceId>,
    #[serde(default)]
    pub(super) kind: RawChannel,
    #[serde(default, deserialize_with = "secret")]
    pub(super) url: Option<SecretString>,
    pub(super) url_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) secret: Option<SecretString>,
    pub(super) secret_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) previous_secret: Many<SecretString>,
    #[serde(default)]
    pub(super) previous_secret_file: Many<PathBuf>,
    pub(super) events: Option<Vec<RawEvent>>,
    #[serde(default)]
    pub(super) contact_data: bool,
    #[serde(default)]
    pub(super) allow_http: bool,
    #[serde(default)]
    pub(super) allow_private: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawChannel {
    #[default]
    Webhook,
    Slack,
}

impl From<RawChannel> for Channel {
    fn from(channel: RawChannel) -> Self {
        match channel {
            RawChannel::Webhook => Channel::Webhook,
            RawChannel::Slack => Channel::Slack,
        }
    }
}

/// Unlike on the wire, a kind that this build does not know is a mistake.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawEvent(pub(super) NotificationKind);

impl<'de> Deserialize<'de> for RawEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = NotificationKind::ALL.map(NotificationKind::as_str).join(", ");
        let unknown = || D::Error::custom(format!("there is no event of this name; use some of {known}"));
        NotificationKind::from_name(&name).map(Self).ok_or_else(unknown)
    }
}
