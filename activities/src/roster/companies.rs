//! Which roster is meant.

use super::Roster;
use crate::sources::SourceError;
use contracts::{FailureClass, WorkspaceId};
use engine::company::{domain_key, name_key};

/// The keys of a roster's company, worked out once.
pub(super) struct Entry {
    pub(super) roster: Roster,
    domain: Option<String>,
    name: String,
}

impl Entry {
    pub(super) fn new(roster: Roster) -> Result<Self, SourceError> {
        let refuse = |problem: &str| {
            Err(SourceError::new(
                FailureClass::InvalidRequest,
                format!("roster '{}' of workspace '{}' {problem}", roster.data.label(), roster.workspace),
            ))
        };
        let given = roster.domain.as_deref().filter(|domain| !domain.trim().is_empty());
        let domain = given.and_then(domain_key);
        if given.is_some() && domain.is_none() {
            return refuse("has a domain that is none; write it like example.com");
        }
        let name = name_key(&roster.name);
        if name.is_empty() {
            return refuse("has no company name; give it one");
        }
        Ok(Self { roster, domain, name })
    }

    /// Whether two rosters could be asked for by the same words, so that no question could tell them apart.
    fn collides(&self, other: &Entry) -> Option<&'static str> {
        if self.roster.workspace != other.roster.workspace {
            None
        } else if self.domain.is_some() && self.domain == other.domain {
            Some("domain")
        } else if self.roster.company_id.is_some() && self.roster.company_id == other.roster.company_id {
            Some("company id")
        } else if self.name == other.name && (self.domain.is_none() || other.domain.is_none()) {
            Some("name; give each its domain")
        } else {
            None
        }
    }
}

/// Checks that every roster can be told from every other of its workspace.
pub(super) fn check(entries: &[Entry]) -> Result<(), SourceError> {
    for (index, entry) in entries.iter().enumerate() {
        for other in &entries[..index] {
            if let Some(what) = entry.collides(other) {
                return Err(SourceError::new(
                    FailureClass::InvalidRequest,
                    format!(
                        "rosters '{}' and '{}' of workspace '{}' have the same company {what}",
                        other.roster.data.label(),
                        entry.roster.data.label(),
                        entry.roster.workspace
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// What a company is asked for by.
pub(super) struct Question<'q> {
    pub(super) id: Option<&'q str>,
    pub(super) name: &'q str,
    pub(super) domain: Option<&'q str>,
}

/// The one roster that is meant: by domain, else by id, else by name. A domain that belongs to somebody else overrules
/// the other two: better no match than a namesake's people.
pub(super) fn find<'e>(
    entries: &'e [Entry],
    workspace: &WorkspaceId,
    asked: &Question<'_>,
) -> Result<Option<&'e Entry>, SourceError> {
    let ours = || entries.iter().filter(|entry| entry.roster.workspace == *workspace);
    let domain = asked.domain.and_then(domain_key);
    if domain.is_some()
        && let Some(entry) = ours().find(|entry| entry.domain == domain)
    {
        return Ok(Some(entry));
    }
    let fits = |entry: &&Entry| domain.is_none() || entry.domain.is_none();
    if let Some(id) = asked.id
        && let Some(entry) = ours().find(|entry| entry.roster.company_id.as_deref() == Some(id))
    {
        return Ok(Some(entry).filter(fits));
    }
    let name = name_key(asked.name);
    if name.is_empty() {
        return Ok(None);
    }
    let named: Vec<_> = ours().filter(|entry| entry.name == name).filter(fits).collect();
    match named.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        many => Err(SourceError::new(
            FailureClass::InvalidRequest,
            format!("the company's name is ambiguous: {} candidates; give its domain", many.len()),
        )),
    }
}
