//! All sources: none without proof unless it says so, none that could be taken for another.

use super::presets::Preset;
use super::scheme::SchemeFault;
use super::secret::SecretFault;
use super::source::{Source, SourceConfig};
use crate::intake::{LARGEST_BODY, MAX_BODY};
use crate::intakes::Intake;
use contracts::{SourceName, WorkspaceId};
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Why these sources cannot be served. Names the source and the remedy, never the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourcesError {
    /// Nobody could send anything.
    #[error(
        "no webhook source is configured, so nothing could be accepted; configure at least one source with its secret"
    )]
    None,
    /// One source is wrong by itself.
    #[error("webhook source '{name}' of workspace '{workspace}': {fault}")]
    Faulty {
        /// Tenant.
        workspace: WorkspaceId,
        /// Source.
        name: SourceName,
        /// What is wrong.
        fault: SourceFault,
    },
    /// Two sources of one workspace have one name.
    #[error("webhook source '{name}' of workspace '{workspace}' is configured twice; remove one or rename it")]
    Repeated {
        /// Tenant.
        workspace: WorkspaceId,
        /// Source.
        name: SourceName,
    },
    /// One secret for two sources: whose is the event?
    #[error(
        "webhook sources '{name}' of workspace '{workspace}' and '{other_name}' of workspace '{other_workspace}' have the \
         same secret, so it could not tell whose an event is; give each its own"
    )]
    SharedSecret {
        /// Tenant of the one.
        workspace: WorkspaceId,
        /// The one.
        name: SourceName,
        /// Tenant of the other.
        other_workspace: WorkspaceId,
        /// The other.
        other_name: SourceName,
    },
    /// Every delivery to the common address is tried with the secret of each.
    #[error(
        "{count} webhook sources use the scheme person_change, which the common address can tell apart for {max} at most; \
         give the others another scheme, they have addresses of their own",
        max = Sources::MAX_PERSON_CHANGE
    )]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// A built-in scheme cannot be read.
    #[error("a built-in scheme is faulty: {0}")]
    BuiltIn(SchemeFault),
}

/// What is wrong with one source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceFault {
    /// The name belongs to refreshes that a person asks for.
    #[error("the name is reserved; give the source another name")]
    Reserved,
    /// The secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// Too many secrets.
    #[error("it has more than {} secrets; remove those that are no longer in use", SourceConfig::MAX_SECRETS)]
    TooManySecrets,
    /// No proof, and nobody said that this is meant.
    #[error(
        "its scheme is `unsigned`, so anybody could send events in its name; use another scheme, or say \
         i_accept_unsigned_events = true"
    )]
    Unsigned,
    /// Said to be without proof, although there is one.
    #[error(
        "i_accept_unsigned_events stands beside the scheme `{scheme}`, which asks for proof; remove the one or the other"
    )]
    NotUnsigned {
        /// The scheme.
        scheme: &'static str,
    },
    /// The address is signed, and nobody said what it is.
    #[error(
        "its scheme signs the address as the sender sees it; set starter.public_url, for example to https://hooks.example.com"
    )]
    NoPublicUrl,
    /// Its payload has no id, and no id is signed.
    #[error(
        "its intake `standard` takes the event's id from a signed header, and the scheme `{scheme}` signs none; use the scheme \
         standard_webhooks or svix, or another intake"
    )]
    NoId {
        /// The scheme.
        scheme: &'static str,
    },
    /// It may send more than anybody may.
    #[error("max_body_bytes is {bytes}; no body may be longer than {LARGEST_BODY} bytes, give it that or less")]
    BodyLimit {
        /// What was asked for.
        bytes: u32,
    },
}

/// Why a secret was not replaced. The old ones go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// There is no such source.
    #[error("there is no webhook source '{name}' in the workspace '{workspace}'; sources are added by a restart")]
    Unknown {
        /// Tenant.
        workspace: WorkspaceId,
        /// Source.
        name: SourceName,
    },
    /// They cannot be used.
    #[error(transparent)]
    Unfit(#[from] SourcesError),
}

/// Every source, checked: at least one, each with a proof, none that could be taken for another.
#[derive(Debug)]
pub struct Sources {
    all: Vec<Arc<Source>>,
    /// Those of the common address.
    person_change: Candidates,
    /// By `workspace/name`.
    named: HashMap<String, Candidates>,
    unknown: Candidates,
    longest_body: usize,
    rotating: Mutex<()>,
}

/// Those who may have sent a delivery, all with the same scheme.
#[derive(Clone, Debug)]
pub struct Candidates {
    pub(super) sources: Arc<[Arc<Source>]>,
    /// Whether they exist. The work is the same if not.
    pub(super) exist: bool,
}

impl Sources {
    /// Most sources of the common address.
    pub const MAX_PERSON_CHANGE: usize = 64;

    /// Checks the sources.
    ///
    /// # Errors
    /// The first source that cannot be served, and why.
    pub fn new(configs: Vec<SourceConfig>) -> Result<Self, SourcesError> {
        if configs.is_empty() {
            return Err(SourcesError::None);
        }
        let mut all: Vec<Arc<Source>> = Vec::with_capacity(configs.len());
        let mut named = HashMap::new();
        for config in configs {
            let (workspace, name) = (config.workspace.clone(), config.name.clone());
            let of = |fault| SourcesError::Faulty { workspace: workspace.clone(), name: name.clone(), fault };
            check(&config).map_err(of)?;
            let source = Source::new(config).map_err(|fault| of(fault.into()))?;
            let source = Arc::new(source);
            let candidates = Candidates { sources: Arc::from([source.clone()]), exist: true };
            if named.insert(format!("{workspace}/{name}"), candidates).is_some() {
                return Err(SourcesError::Repeated { workspace, name });
            }
            refuse_twin(&all, &source, &source.keys.load())?;
            all.push(source);
        }
        let common: Vec<_> = all.iter().filter(|source| source.sends_person_changes()).cloned().collect();
        if common.len() > Self::MAX_PERSON_CHANGE {
            return Err(SourcesError::TooMany { count: common.len() });
        }
        let unknown = Candidates { sources: Arc::from([Arc::new(nobody()?)]), exist: false };
        let person_change = match common.is_empty() {
            true => unknown.clone(),
            false => Candidates { sources: common.into(), exist: true },
        };
        let longest_body = all.iter().map(|source| source.longest_body()).fold(MAX_BODY, usize::max);
        Ok(Self { all, person_change, named, unknown, longest_body, rotating: Mutex::new(()) })
    }

    /// The sources, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.all.iter()
    }

    /// Those who may deliver at the common address.
    #[must_use]
    pub fn person_change(&self) -> &Candidates {
        &self.person_change
    }

    /// Who delivers at the address of this workspace and source; somebody who does not exist, if there is no such source.
    #[must_use]
    pub fn named(&self, workspace: &str, source: &str) -> &Candidates {
        self.named.get(&format!("{workspace}/{source}")).unwrap_or(&self.unknown)
    }

    /// Bytes of the longest body that any source may send at its own path. Every such path is read so far, whether or not
    /// there is a source: what is read of a stranger tells nothing about who exists, and the source's own limit is looked at
    /// only when it is known who sent it.
    #[must_use]
    pub fn longest_body(&self) -> usize {
        self.longest_body
    }

    /// Gives a source other secrets, the one in use first. Deliveries under way keep what they began with. Says whether
    /// anything changed.
    ///
    /// # Errors
    /// When there is no such source or the secrets are unfit; the old ones go on then.
    pub fn rotate(
        &self,
        workspace: &WorkspaceId,
        name: &SourceName,
        secrets: &[SecretString],
    ) -> Result<bool, RotateError> {
        let _one_at_a_time = self.rotating.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.all.iter().find(|source| source.workspace == *workspace && source.name == *name);
        let source = found.ok_or_else(|| RotateError::Unknown { workspace: workspace.clone(), name: name.clone() })?;
        let of = |fault| SourcesError::Faulty { workspace: workspace.clone(), name: name.clone(), fault };
        if secrets.len() > SourceConfig::MAX_SECRETS {
            return Err(of(SourceFault::TooManySecrets).into());
        }
        let keys = source.keys_of(secrets).map_err(|fault| of(fault.into()))?;
        refuse_twin(&self.all, source, &keys)?;
        Ok(source.replace(keys))
    }
}

fn check(config: &SourceConfig) -> Result<(), SourceFault> {
    if config.name.is_reserved() {
        return Err(SourceFault::Reserved);
    }
    match (config.scheme.needs_secret(), config.i_accept_unsigned_events) {
        (false, false) => return Err(SourceFault::Unsigned),
        (true, true) => return Err(SourceFault::NotUnsigned { scheme: config.scheme.name() }),
        _ => {}
    }
    if config.secrets.len() > SourceConfig::MAX_SECRETS {
        return Err(SourceFault::TooManySecrets);
    }
    if config.scheme.signs_url() && config.public_url.is_none() {
        return Err(SourceFault::NoPublicUrl);
    }
    if config.intake == Intake::Standard && !config.scheme.signs_an_id() {
        return Err(SourceFault::NoId { scheme: config.scheme.name() });
    }
    if let Some(bytes) = config.limits.max_body.filter(|bytes| bytes.get() as usize > LARGEST_BODY) {
        return Err(SourceFault::BodyLimit { bytes: bytes.get() });
    }
    Ok(())
}

fn refuse_twin(all: &[Arc<Source>], source: &Source, keys: &[super::key::Key]) -> Result<(), SourcesError> {
    let is_other = |other: &&Arc<Source>| other.workspace != source.workspace || other.name != source.name;
    match all.iter().filter(is_other).find(|other| other.shares_a_key(keys)) {
        None => Ok(()),
        Some(other) => Err(SourcesError::SharedSecret {
            workspace: source.workspace.clone(),
            name: source.name.clone(),
            other_workspace: other.workspace.clone(),
            other_name: other.name.clone(),
        }),
    }
}

/// Stands in for a source that does not exist, so that looking for one takes as long as finding one. Its key is known to
/// nobody, and nothing that it signed would count.
fn nobody() -> Result<Source, SourcesError> {
    let scheme = Preset::PersonChange.scheme().map_err(SourcesError::BuiltIn)?;
    let fault = || SchemeFault { field: "name".into(), problem: "cannot be used".into(), remedy: "report it".into() };
    let workspace: WorkspaceId = "unknown".parse().map_err(|_| SourcesError::BuiltIn(fault()))?;
    let name: SourceName = "unknown".parse().map_err(|_| SourcesError::BuiltIn(fault()))?;
    let secret = SecretString::from(format!("{}{}", Uuid::new_v4(), Uuid::new_v4()));
    let config = SourceConfig::new(workspace.clone(), name.clone(), scheme, secret);
    Source::new(config).map_err(|fault| SourcesError::Faulty { workspace, name, fault: fault.into() })
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
