//! A sender of events: the workspace for which it speaks, how it proves itself, and with what.

use super::key::Key;
use super::presets::Preset;
use super::scheme::Scheme;
use super::secret::SecretFault;
use crate::intakes::{DeliveryWindow, Intake, SourceFacts};
use arc_swap::ArcSwap;
use contracts::{EnrichmentLevel, SourceName, WorkspaceId};
use engine::Openings;
use secrecy::SecretString;
use std::num::NonZeroU32;
use std::sync::Arc;

/// How much a source may send. What is not given is as it is for every source of its payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceLimits {
    /// Events a second, in the long run.
    pub per_second: Option<NonZeroU32>,
    /// Events at once, after a rest.
    pub burst: Option<NonZeroU32>,
    /// Bytes of one body: at most [`LARGEST_BODY`](crate::intake::LARGEST_BODY), and more than
    /// [`MAX_BODY`](crate::intake::MAX_BODY) only at the source's own path.
    pub max_body: Option<NonZeroU32>,
}

/// A source as it is configured.
#[derive(Clone, Debug)]
pub struct SourceConfig {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Name, unique within the workspace.
    pub name: SourceName,
    /// How it proves itself.
    pub scheme: Scheme,
    /// How its bodies are read.
    pub intake: Intake,
    /// For how long equal notifications without an id of their own are one event.
    pub window: DeliveryWindow,
    /// The secret in use, then those on their way out.
    pub secrets: Vec<SecretString>,
    /// Whether a secret shorter than [`MIN_SECRET_BYTES`](super::MIN_SECRET_BYTES) will do, because the sender has no other.
    pub allow_short_secret: bool,
    /// Whether events without any proof are accepted. Unsafe: anybody who can reach the address is believed.
    pub i_accept_unsigned_events: bool,
    /// Scheme, host and port of the address that senders see, such as `https://hooks.example.com`.
    pub public_url: Option<String>,
    /// How much it may send.
    pub limits: SourceLimits,
    /// How much a refresh that it asks for finds out.
    pub level: EnrichmentLevel,
    /// Which positions could take a seat for what the workspace sells; without it nobody is irrelevant.
    pub openings: Option<Arc<Openings>>,
}

impl SourceConfig {
    /// Most secrets of one source: each is one computation for every delivery.
    pub const MAX_SECRETS: usize = 5;

    /// A source with one secret, everything else as it is when nothing is said.
    #[must_use]
    pub fn new(workspace: WorkspaceId, name: SourceName, scheme: Scheme, secret: SecretString) -> Self {
        Self {
            workspace,
            name,
            scheme,
            intake: Intake::default(),
            window: DeliveryWindow::default(),
            secrets: vec![secret],
            allow_short_secret: false,
            i_accept_unsigned_events: false,
            public_url: None,
            limits: SourceLimits::default(),
            level: EnrichmentLevel::default(),
            openings: None,
        }
    }
}

/// A source that is served.
#[derive(Debug)]
pub struct Source {
    /// Name.
    pub name: SourceName,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// How its bodies are read.
    pub intake: Intake,
    /// For how long equal notifications without an id of their own are one event.
    pub window: DeliveryWindow,
    /// How much it may send.
    pub limits: SourceLimits,
    /// How much a refresh that it asks for finds out.
    pub level: EnrichmentLevel,
    openings: Option<Arc<Openings>>,
    pub(super) scheme: Scheme,
    pub(super) public_url: String,
    allow_short_secret: bool,
    /// The current one first. Replaced as a whole; whoever is verifying keeps what they began with.
    pub(super) keys: ArcSwap<Vec<Key>>,
}

impl Source {
    pub(super) fn new(config: SourceConfig) -> Result<Self, SecretFault> {
        let keys = keys(&config.scheme, &config.secrets, config.allow_short_secret)?;
        let SourceConfig { workspace, name, scheme, intake, window, public_url, limits, level, openings, .. } = config;
        let allow_short_secret = config.allow_short_secret;
        let public_url = public_url.unwrap_or_default().trim_end_matches('/').to_owned();
        let keys = ArcSwap::from_pointee(keys);
        Ok(Self {
            name,
            workspace,
            intake,
            window,
            limits,
            level,
            openings,
            scheme,
            public_url,
            allow_short_secret,
            keys,
        })
    }

    /// How it proves itself.
    #[must_use]
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// What its bodies are read with.
    #[must_use]
    pub fn facts(&self) -> SourceFacts {
        let Self { workspace, name, level, intake, window, openings, .. } = self;
        SourceFacts {
            workspace: workspace.clone(),
            name: name.clone(),
            level: *level,
            intake: *intake,
            window: *window,
            openings: openings.clone(),
        }
    }

    /// Bytes of its longest body: what its settings say, else what its payload needs.
    #[must_use]
    pub fn longest_body(&self) -> usize {
        self.limits.max_body.map_or(self.intake.longest_body(), |bytes| bytes.get() as usize)
    }

    /// How many secrets are good at present.
    #[must_use]
    pub fn secrets(&self) -> usize {
        self.keys.load().len()
    }

    /// Whether it may deliver at the common address of this program's own events, where the secret alone tells the source.
    pub(super) fn sends_person_changes(&self) -> bool {
        self.scheme.preset() == Some(Preset::PersonChange) && self.intake == Intake::PersonChange
    }

    /// The keys that these secrets would be.
    pub(super) fn keys_of(&self, secrets: &[SecretString]) -> Result<Vec<Key>, SecretFault> {
        keys(&self.scheme, secrets, self.allow_short_secret)
    }

    pub(super) fn shares_a_key(&self, keys: &[Key]) -> bool {
        self.keys.load().iter().any(|own| keys.iter().any(|key| key.is_same(own)))
    }

    /// Takes these keys from now on. Says whether anything changed.
    pub(super) fn replace(&self, keys: Vec<Key>) -> bool {
        let old = self.keys.swap(Arc::new(keys));
        let new = self.keys.load();
        old.len() != new.len() || !old.iter().zip(new.iter()).all(|(old, new)| old.is_same(new))
    }
}

/// A secret that stands twice, as it does in the middle of a rotation, counts once.
fn keys(scheme: &Scheme, secrets: &[SecretString], allow_short: bool) -> Result<Vec<Key>, SecretFault> {
    if !scheme.needs_secret() {
        return Ok(Vec::new());
    }
    let mut keys: Vec<Key> = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let key = Key::new(scheme, secret, allow_short)?;
        if !keys.iter().any(|known| known.is_same(&key)) {
            keys.push(key);
        }
    }
    if keys.is_empty() { Err(SecretFault::Empty) } else { Ok(keys) }
}
