//! What is not told, and why.

use super::words::{counted, words};
use super::{Contacts, Report};
use contracts::{Enrichment, EnrichmentLevel, Unavailable};
use store::SavedMember;

/// What there is instead of contact data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// A source withholds it.
    Withheld(Unavailable),
    /// Nobody knows any.
    NotFound,
    /// Nobody was asked.
    NotAsked,
    /// None is known, and nothing says whether somebody was asked.
    Unknown,
}

/// Why no contact data of this member is known; `None` when some is.
pub(super) fn missing(report: &Report, saved: &SavedMember) -> Option<Missing> {
    let person = &saved.member.person;
    if !person.contact.is_empty() {
        return None;
    }
    // Beside empty contact data, whoever stands there says that none must be used.
    if saved.contact_source.is_some() {
        return Some(Missing::Withheld(Unavailable::Legal));
    }
    Some(match report.answers.get(person.id.as_str()) {
        Some(Enrichment::Withheld { reason }) => Missing::Withheld(*reason),
        Some(Enrichment::NoMatch | Enrichment::Found { .. }) => Missing::NotFound,
        None if report.group.level == EnrichmentLevel::Identify => Missing::NotAsked,
        Some(Enrichment::Other) | None => Missing::Unknown,
    })
}

/// The same as a sentence.
pub(super) const fn sentence(missing: Missing) -> &'static str {
    match missing {
        Missing::Withheld(Unavailable::Legal) => "Must not be contacted: the law or the person forbids it.",
        Missing::Withheld(Unavailable::OutOfCredits) => "Contact data not bought: the account had no credits.",
        Missing::Withheld(Unavailable::PlanForbidden) => "Contact data not bought: our plan does not include it.",
        Missing::Withheld(Unavailable::Other) => "Contact data withheld by its source.",
        Missing::NotFound => "No contact data was found.",
        Missing::NotAsked => "Contact data was not asked for.",
        Missing::Unknown => "No contact data is known.",
    }
}

/// All that is withheld in this group, a sentence each.
pub(super) fn all(report: &Report) -> Vec<String> {
    let mut all = Vec::new();
    if report.contacts == Contacts::LeftOut {
        all.push("E-mail addresses and telephone numbers are left out of this page.".to_owned());
    }
    let reasons = [
        (Unavailable::Legal, "the law or the person forbids to contact them"),
        (Unavailable::OutOfCredits, "the account had no credits"),
        (Unavailable::PlanForbidden, "our plan does not include it"),
        (Unavailable::Other, "the source did not give it"),
    ];
    for (reason, why) in reasons {
        let withheld = |saved: &&SavedMember| missing(report, saved) == Some(Missing::Withheld(reason));
        let count = report.group.members.iter().filter(withheld).count();
        if count > 0 {
            all.push(format!("Contact data of {}: {why}.", counted(count, "member", "members")));
        }
    }
    if let Some(refresh) = report.refresh().filter(|refresh| refresh.level_requested > report.group.level) {
        let (asked, reached) = (words(refresh.level_requested.as_str()), words(report.group.level.as_str()));
        all.push(format!("“{asked}” was asked for; the refresh came as far as “{reached}”."));
    }
    if report.erased > 0 {
        let members = counted(usize::try_from(report.erased).unwrap_or(usize::MAX), "member", "members");
        all.push(format!("{members} of that time: nothing is kept about them any more."));
    }
    all
}
