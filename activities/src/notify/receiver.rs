//! Who is told, and of what.

use super::signature::{SecretFault, SigningKey};
use super::target::{Target, TargetFault};
use contracts::{NotificationKind, ReceiverName, WorkspaceId};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};

/// How a receiver is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// JSON, signed as Standard Webhooks 1.0 has it.
    Webhook,
    /// A message in a Slack channel, through an incoming webhook.
    Slack,
}

impl Channel {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Channel::Webhook => "webhook",
            Channel::Slack => "slack",
        }
    }
}

/// A receiver as it is configured.
#[derive(Clone, Debug)]
pub struct ReceiverConfig {
    /// Its name, unique in the workspace.
    pub name: ReceiverName,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// How it is told.
    pub channel: Channel,
    /// Where it listens. Of a Slack channel it is the password.
    pub url: SecretString,
    /// What signs for it: the secret in use, then those on their way out. None for Slack.
    pub secrets: Vec<SecretString>,
    /// What it is told of.
    pub events: BTreeSet<NotificationKind>,
    /// Whether e-mail addresses and telephone numbers go out to it. Never to Slack.
    pub contact_data: bool,
    /// Whether it may be reached without TLS.
    pub allow_http: bool,
    /// Whether it may stand in a private network.
    pub allow_private: bool,
}

/// Why somebody cannot be a receiver. Never repeats the URL or a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiverFault {
    /// The URL is unfit.
    #[error("the URL {0}")]
    Url(#[from] TargetFault),
    /// A secret is unfit.
    #[error("a secret {0}")]
    Secret(#[from] SecretFault),
    /// A webhook without a secret.
    #[error(
        "a webhook needs a secret, or its receiver could not tell a true message from a forged one; give `secret_file`"
    )]
    NoSecret,
    /// Slack with a secret.
    #[error("Slack takes no signature; remove the secret, the URL is what must be kept secret")]
    SecretForSlack,
    /// Slack with contact data.
    #[error("contact data is not written into a Slack channel; remove `contact_data`, or use a webhook")]
    ContactForSlack,
    /// Nothing to tell.
    #[error("it asks for no event; name some in `events`, or leave it out for all")]
    NoEvents,
    /// Two of one name.
    #[error("the workspace has another receiver of this name; rename one")]
    Twice,
}

/// A receiver that can be told.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    pub(super) name: ReceiverName,
    pub(super) channel: Channel,
    pub(super) target: Target,
    pub(super) keys: Vec<SigningKey>,
    pub(super) events: BTreeSet<NotificationKind>,
    pub(super) contact_data: bool,
}

impl ReceiverConfig {
    /// Whether it can be told, as far as that can be known without trying.
    ///
    /// # Errors
    /// Says why not.
    pub fn check(&self) -> Result<(), ReceiverFault> {
        self.receiver().map(|_| ())
    }

    fn receiver(&self) -> Result<Receiver, ReceiverFault> {
        match self.channel {
            Channel::Webhook if self.secrets.is_empty() => return Err(ReceiverFault::NoSecret),
            Channel::Slack if !self.secrets.is_empty() => return Err(ReceiverFault::SecretForSlack),
            Channel::Slack if self.contact_data => return Err(ReceiverFault::ContactForSlack),
            Channel::Webhook | Channel::Slack => {}
        }
        if self.events.is_empty() {
            return Err(ReceiverFault::NoEvents);
        }
        Ok(Receiver {
            name: self.name.clone(),
            channel: self.channel,
            target: Target::parse(&self.url, self.allow_http, self.allow_private)?,
            keys: self.secrets.iter().map(SigningKey::parse).collect::<Result<_, _>>()?,
            events: self.events.clone(),
            contact_data: self.contact_data,
        })
    }
}

/// All receivers, by workspace and name.
#[derive(Clone, Debug, Default)]
pub struct Receivers(BTreeMap<WorkspaceId, BTreeMap<ReceiverName, Receiver>>);

impl Receivers {
    /// These receivers.
    ///
    /// # Errors
    /// Names the first that cannot be one, and says why.
    pub fn new(configs: &[ReceiverConfig]) -> Result<Self, (ReceiverName, ReceiverFault)> {
        let mut receivers = Self::default();
        for config in configs {
            let receiver = config.receiver().map_err(|fault| (config.name.clone(), fault))?;
            let others = receivers.0.entry(config.workspace.clone()).or_default();
            if others.insert(config.name.clone(), receiver).is_some() {
                return Err((config.name.clone(), ReceiverFault::Twice));
            }
        }
        Ok(receivers)
    }

    /// Whether somebody in this workspace is told of anything.
    #[must_use]
    pub fn any_in(&self, workspace: &WorkspaceId) -> bool {
        self.0.get(workspace).is_some_and(|receivers| !receivers.is_empty())
    }

    /// Who in this workspace is told of this, in the order of their names.
    pub(super) fn wanting(&self, workspace: &WorkspaceId, kind: NotificationKind) -> Vec<ReceiverName> {
        let all = self.0.get(workspace).into_iter().flat_map(BTreeMap::values);
        all.filter(|receiver| receiver.events.contains(&kind)).map(|receiver| receiver.name.clone()).collect()
    }

    pub(super) fn get(&self, workspace: &WorkspaceId, name: &ReceiverName) -> Option<&Receiver> {
        self.0.get(workspace)?.get(name)
    }
}
