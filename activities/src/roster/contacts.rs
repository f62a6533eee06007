//! How to reach one person.
//!
//! The file is read through for each question. That is cheap — a roster of 32,000 people takes some tens of
//! milliseconds, and a refresh asks about a dozen people — and needs neither memory nor a rule for when an index is stale.

use super::data::RosterData;
use super::identity::{email_key, opaque_id, url_key};
use super::reader::Reader;
use crate::sources::SourceError;
use contracts::WorkspaceId;
use engine::{Contact, Person};

/// What the roster knows; `None` when the person is not in it.
pub(super) fn find(
    workspace: &WorkspaceId,
    data: &RosterData,
    person: &Person,
) -> Result<Option<Contact>, SourceError> {
    // A refresh that began on the release before may ask by an address.
    let wanted = opaque_id(workspace, person.id.clone());
    let url = person.profile_url.as_deref().map(url_key);
    let email = person.contact.email.as_deref().map(email_key);
    // Somebody another source told us of has that source's identity; an address the two share says it is the same person.
    let same_address = |row: &Person| {
        (url.is_some() && row.profile_url.as_deref().map(url_key) == url)
            || (email.is_some() && row.contact.email.as_deref().map(email_key) == email)
    };
    let mut exact: Option<Contact> = None;
    let mut close: Option<Contact> = None;
    let mut reader = Reader::open(data, None)?;
    while let Some(row) = reader.next(&mut |_| {})? {
        let Some(row) = row.person else { continue };
        if opaque_id(workspace, row.id.clone()) == wanted {
            let found = complete(&mut exact, row.contact);
            if found {
                break;
            }
        } else if same_address(&row) {
            complete(&mut close, row.contact);
        }
    }
    reader.finish()?;
    Ok(exact.or(close))
}

/// Adds what a further row of the person says; true when nothing more can be learnt.
fn complete(known: &mut Option<Contact>, row: Contact) -> bool {
    let known = known.get_or_insert_default();
    known.email = known.email.take().or(row.email);
    known.phone = known.phone.take().or(row.phone);
    known.email.is_some() && known.phone.is_some()
}
