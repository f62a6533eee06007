//! Who may send events: one secret per source, and the secret alone says which source and workspace an event belongs to.

use contracts::{EnrichmentLevel, SourceName, WorkspaceId};
use secrecy::{ExposeSecret, SecretString};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A sender of events, and the workspace for which it speaks.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name; an event's `source` must equal it.
    pub name: SourceName,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Key of the signatures. Its bytes are used as they are.
    pub secret: SecretString,
    /// How much a refresh that this source asks for finds out.
    pub level: EnrichmentLevel,
}

/// Why these sources cannot be served. Names the source and the remedy, never the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourcesError {
    /// Nobody could send anything.
    #[error(
        "no webhook source is configured, so nothing could be accepted; configure at least one source with its secret"
    )]
    None,
    /// The name belongs to refreshes that a person asks for.
    #[error("webhook source '{name}' of workspace '{workspace}': the name is reserved; give the source another name")]
    Reserved {
        /// Tenant.
        workspace: WorkspaceId,
        /// Source.
        name: SourceName,
    },
    /// Two sources of one workspace have one name.
    #[error("webhook source '{name}' of workspace '{workspace}' is configured twice; remove one or rename it")]
    Repeated {
        /// Tenant.
        workspace: WorkspaceId,
        /// Source.
        name: SourceName,
    },
    /// A secret that can be guessed, or none.
    #[error(
        "webhook source '{name}' of workspace '{workspace}': the secret has fewer than {min} bytes; \
         use at least {min} random bytes, for example from `openssl rand -hex 32`",
        min = Sources::MIN_SECRET_BYTES
    )]
    ShortSecret {
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
}

/// Every source, checked: at least one, each with a secret of its own that is long enough.
#[derive(Clone, Debug)]
pub struct Sources(Vec<Arc<Source>>);

impl Sources {
    /// Shortest secret accepted, in bytes.
    pub const MIN_SECRET_BYTES: usize = 24;

    /// Checks the sources.
    ///
    /// # Errors
    /// The first source that cannot be served, and why.
    pub fn new(sources: Vec<Source>) -> Result<Self, SourcesError> {
        if sources.is_empty() {
            return Err(SourcesError::None);
        }
        let mut names = HashSet::new();
        let mut secrets: HashMap<&str, &Source> = HashMap::new();
        for source in &sources {
            let (workspace, name) = (source.workspace.clone(), source.name.clone());
            if name.as_str() == SourceName::MANUAL {
                return Err(SourcesError::Reserved { workspace, name });
            }
            if !names.insert((workspace.clone(), name.clone())) {
                return Err(SourcesError::Repeated { workspace, name });
            }
            if source.secret.expose_secret().len() < Self::MIN_SECRET_BYTES {
                return Err(SourcesError::ShortSecret { workspace, name });
            }
            if let Some(other) = secrets.insert(source.secret.expose_secret(), source) {
                let (other_workspace, other_name) = (other.workspace.clone(), other.name.clone());
                return Err(SourcesError::SharedSecret { workspace, name, other_workspace, other_name });
            }
        }
        Ok(Self(sources.into_iter().map(Arc::new).collect()))
    }

    /// The sources, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.0.iter()
    }

    pub(crate) fn at(&self, index: u64) -> Option<&Arc<Source>> {
        usize::try_from(index).ok().and_then(|index| self.0.get(index))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef01234567";

    fn source(workspace: &str, name: &str, secret: &str) -> Source {
        Source {
            name: name.parse().unwrap(),
            workspace: workspace.parse().unwrap(),
            secret: SecretString::from(secret),
            level: EnrichmentLevel::Enrich,
        }
    }

    #[test]
    fn what_cannot_be_told_apart_or_guessed_is_refused() {
        let other = format!("{SECRET}x");
        let cases: [(Vec<Source>, &str); 6] = [
            (vec![], "no webhook source"),
            (vec![source("demo", "crm", "")], "fewer than 24 bytes"),
            (vec![source("demo", "crm", &SECRET[..23])], "openssl rand"),
            (vec![source("demo", "manual", SECRET)], "reserved"),
            (vec![source("demo", "crm", SECRET), source("demo", "crm", &other)], "configured twice"),
            (vec![source("demo", "crm", SECRET), source("two", "crm", SECRET)], "give each its own"),
        ];
        for (sources, says) in cases {
            let named = sources.last().map(|source| source.name.to_string()).unwrap_or_default();
            let error = Sources::new(sources).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains(&named), "{error}");
            assert!(!error.contains(&SECRET[..23]), "the message shows the secret: {error}");
        }
    }

    #[test]
    fn the_same_name_in_two_workspaces_is_two_sources() {
        let other = format!("{SECRET}x");
        let sources = Sources::new(vec![source("demo", "crm", SECRET), source("two", "crm", &other)]).unwrap();
        assert_eq!(sources.iter().count(), 2);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let sources = Sources::new(vec![source("demo", "crm", SECRET)]).unwrap();
        let shown = format!("{sources:?}");
        assert!(shown.contains("REDACTED") && !shown.contains(SECRET), "{shown}");
    }
}
