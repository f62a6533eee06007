//! Which roster is meant.

use super::Roster;
use crate::sources::SourceError;
use contracts::{FailureClass, WorkspaceId};
use engine::company::{CompanyIdentity, Match, match_company};

/// A roster and what its company is recognised by.
pub(super) struct Entry {
    pub(super) roster: Roster,
    company: CompanyIdentity,
}

impl Entry {
    pub(super) fn new(roster: Roster) -> Result<Self, SourceError> {
        let refuse = |problem: &str| {
            Err(SourceError::new(
                FailureClass::InvalidRequest,
                format!("roster '{}' of workspace '{}' {problem}", roster.data.label(), roster.workspace),
            ))
        };
        let company = CompanyIdentity::new(&roster.name, roster.domain.as_deref(), roster.company_id.as_deref());
        let given = roster.domain.as_deref().filter(|domain| !domain.trim().is_empty());
        if given.is_some() && company.domain().is_none() {
            return refuse("has a domain that is no company's own; write it like example.com");
        }
        if company.name().is_empty() {
            return refuse("has no company name; give it one");
        }
        Ok(Self { roster, company })
    }

    /// Whether two rosters could be asked for by the same words, so that no question could tell them apart.
    fn collides(&self, other: &Entry) -> Option<&'static str> {
        let (ours, theirs) = (&self.company, &other.company);
        if self.roster.workspace != other.roster.workspace {
            None
        } else if ours.shares_domain(theirs) {
            Some("domain")
        } else if ours.shares_profile_id(theirs) {
            Some("company id")
        } else if ours.shares_name(theirs) && !ours.contradicts(theirs) {
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

/// The one roster that is meant, as [`match_company`] has it.
pub(super) fn find<'e>(
    entries: &'e [Entry],
    workspace: &WorkspaceId,
    asked: &Question<'_>,
) -> Result<Option<&'e Entry>, SourceError> {
    let ours: Vec<&Entry> = entries.iter().filter(|entry| entry.roster.workspace == *workspace).collect();
    let asked = CompanyIdentity::new(asked.name, asked.domain, asked.id);
    match match_company(&asked, ours.iter().map(|entry| &entry.company)) {
        Match::One { index, .. } => Ok(ours.get(index).copied()),
        Match::None => Ok(None),
        Match::Ambiguous { candidates, .. } => Err(SourceError::new(
            FailureClass::InvalidRequest,
            format!("the company's name is ambiguous: {candidates} candidates; give its domain"),
        )),
    }
}
