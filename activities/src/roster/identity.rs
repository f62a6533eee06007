//! Who a row is about: provider's id, else profile URL, else e-mail address, else name and title. Outside the files nobody
//! is known by an address: [`opaque`] puts its hash in its place.
//!
//! A name alone tells nobody apart in a large company: two namesakes would become one person with the higher of two titles.

use contracts::{WorkspaceId, opaque_identity};
use engine::{Person, PersonId};
use unicode_normalization::UnicodeNormalization;

/// The identity that these values give, best first.
pub(super) fn identity(
    id: Option<&str>,
    url: Option<&str>,
    email: Option<&str>,
    name: &str,
    title: Option<&str>,
) -> Option<PersonId> {
    let best = match (id, url, email) {
        (Some(id), _, _) => id.to_owned(),
        (_, Some(url), _) => url_key(url),
        (_, _, Some(email)) => email_key(email),
        _ => return by_name(name, title),
    };
    PersonId::new(best)
}

/// The person as everybody else knows them. Their manager is meant by the same rule.
pub(super) fn opaque(workspace: &WorkspaceId, person: Person) -> Person {
    let manager = person.manager.map(|manager| opaque_id(workspace, manager));
    Person { id: opaque_id(workspace, person.id), manager, ..person }
}

/// An id, or its hash when it is an e-mail address.
pub(super) fn opaque_id(workspace: &WorkspaceId, id: PersonId) -> PersonId {
    opaque_identity(workspace, id.as_str()).and_then(PersonId::new).unwrap_or(id)
}

/// The identity of somebody known by name and title alone.
pub(super) fn by_name(name: &str, title: Option<&str>) -> Option<PersonId> {
    let name = name_key(name);
    let title = title.map(name_key).filter(|title| !title.is_empty() && !name.is_empty());
    PersonId::new(title.map_or_else(|| name.clone(), |title| format!("{name}, {title}")))
}

/// What a reference by name says, which is somebody's identity only where no title is known.
pub(super) fn bare_name(name: &str) -> Option<PersonId> {
    PersonId::new(name_key(name))
}

/// The same for a reference to somebody else in a file without ids, where it may be any of the other three.
pub(super) fn reference(text: &str) -> Option<PersonId> {
    let key = if is_email(text) {
        email_key(text)
    } else if is_url(text) {
        url_key(text)
    } else {
        name_key(text)
    };
    PersonId::new(key)
}

/// Two spellings of one page's address compare equal: without scheme, `www.`, case, fragment and closing slash.
pub(super) fn url_key(url: &str) -> String {
    let lower = url.trim().to_lowercase();
    let bare = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    let bare = bare.split('#').next().unwrap_or(bare);
    // What LinkedIn puts after the question mark tells how a visitor came, not whose page it is.
    let bare = if bare.contains("linkedin.com/") { bare.split('?').next().unwrap_or(bare) } else { bare };
    bare.trim_end_matches('/').to_owned()
}

pub(super) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

fn name_key(name: &str) -> String {
    let folded: String = name.nfkc().flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn is_email(text: &str) -> bool {
    let separator = |character: char| character.is_whitespace() || matches!(character, ',' | ';' | '<' | '>' | '"');
    let mut halves = text.split('@');
    let (local, domain) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    !local.is_empty() && !domain.is_empty() && halves.next().is_none() && !text.contains(separator)
}

/// Whether this can be a web page; anything with a scheme of another kind cannot.
pub(super) fn is_url(text: &str) -> bool {
    let rest = match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => {
            rest.strip_prefix("//").unwrap_or_default()
        }
        // A port or a colon within the path, not a scheme.
        Some((before, _)) if before.contains('.') => text,
        Some(_) => return false,
        None => text,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.contains('.') && !host.contains('@') && !rest.contains(char::is_whitespace)
}
