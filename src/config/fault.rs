//! Says what is wrong with a setting: the key, where it was given, what is expected, the shape of what was found.

use super::Origin;
use super::keys::{closest, expects};
use figment::error::{Actual, Kind};
use std::fmt::Write as _;

/// Explains every fault, one a line.
pub(super) fn explain(error: &figment::Error) -> anyhow::Error {
    let lines: Vec<String> = error.clone().into_iter().map(|fault| line(&fault)).collect();
    anyhow::anyhow!("{}", lines.join("\n"))
}

fn line(error: &figment::Error) -> String {
    let mut key = error.path.join(".");
    let origin = error.metadata.as_ref().map_or(Origin::Default, Origin::of_metadata);
    let found = match &error.kind {
        Kind::InvalidType(actual, _) | Kind::InvalidValue(actual, _) => Some(shape(actual)),
        Kind::InvalidLength(length, _) => Some(format!("a list of {length}")),
        Kind::UnknownVariant(text, _) => Some(text_shape(text)),
        _ => None,
    };
    let mut message = match &error.kind {
        Kind::UnknownField(field, allowed) => {
            // The field may be part of the path already; it always closes the key.
            if error.path.last() != Some(field) {
                key = if key.is_empty() { field.clone() } else { format!("{key}.{field}") };
            }
            let meant = closest(field, allowed.iter().copied()).map_or_else(
                || format!("known here: {}", allowed.join(", ")),
                |name| format!("did you mean `{name}`?"),
            );
            return format!("`{key}` ({origin}) is not a setting; {meant}");
        }
        Kind::MissingField(field) => {
            let parent = if key.is_empty() { String::new() } else { format!("{key}.") };
            return format!("`{parent}{field}` is missing{}; add it", place(&origin));
        }
        _ => format!("`{key}` ({origin})"),
    };
    let _infallible = match (expects(&key), &error.kind) {
        (Some(expected), _) => write!(message, ": expected {expected}"),
        (None, Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) | Kind::InvalidLength(_, expected)) => {
            write!(message, ": expected {expected}")
        }
        // Texts of our own parsers, which never repeat what they were given.
        (None, Kind::Message(text)) => write!(message, ": {text}"),
        (None, _) => write!(message, ": this value cannot be used"),
    };
    if let Some(found) = found {
        message.push_str(", found ");
        message.push_str(&found);
    }
    message
}

fn place(origin: &Origin) -> String {
    if *origin == Origin::Default { String::new() } else { format!(" ({origin})") }
}

/// What kind of thing it is, and never the thing.
fn shape(actual: &Actual) -> String {
    match actual {
        Actual::Bool(_) => "true or false".to_owned(),
        Actual::Unsigned(_) | Actual::Signed(_) => "another whole number".to_owned(),
        Actual::Float(_) => "a number with a fraction".to_owned(),
        Actual::Char(_) => text_shape("c"),
        Actual::Str(text) => text_shape(text),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a table".to_owned(),
        _ => "something else".to_owned(),
    }
}

fn text_shape(text: &str) -> String {
    match text.chars().count() {
        0 => "empty text".to_owned(),
        1 => "text of 1 character".to_owned(),
        n => format!("text of {n} characters"),
    }
}
