//! What each field of an event must be, and what to say when it is not: where (a JSON pointer), what kind of value stands
//! there, what to send instead. The value itself is never repeated.

use crate::json::{pointer_step, shape};
use contracts::UnixMillis;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Longest name of a person or company, in bytes.
pub const MAX_NAME: usize = 512;
/// Longest id of a person or company, in bytes.
pub const MAX_REFERENCE: usize = 255;
/// Longest domain or web address of a company, in bytes.
pub const MAX_DOMAIN: usize = 512;
/// Longest event type, in bytes.
pub const MAX_TYPE: usize = 128;

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// JSON pointer of the field, as the sender wrote it.
    pub pointer: String,
    /// The field by our own name; unlike the pointer fit for a log.
    pub field: &'static str,
    /// What is wrong, without the value.
    pub detail: String,
    /// What to send instead.
    pub remedy: String,
}

/// Every field by pointer, and what it must be. Longest match counts, so that `/changes` also speaks for what is in it.
const MUST: [(&str, &str); 12] = [
    ("", "a JSON object with id, source, type, timestamp, person and company"),
    ("/id", "the event's id: a string of 1 to 512 bytes without control characters"),
    ("/source", "the name of the source whose secret signed the delivery"),
    ("/type", "a string of 1 to 128 bytes such as \"person.role_change\""),
    ("/timestamp", "an RFC 3339 date and time with offset such as \"2025-10-10T12:00:00Z\""),
    ("/person", "an object with the person's id"),
    ("/person/id", "a string of 1 to 255 bytes without control characters"),
    ("/person/name", "a name of 1 to 512 bytes without control characters, or left out"),
    ("/company", "an object with the company's name"),
    ("/company/id", "a string of 1 to 255 bytes without control characters, or left out"),
    ("/company/name", "a name of 1 to 512 bytes without control characters"),
    ("/company/domain", "a web domain of 1 to 512 bytes without spaces or '@', or left out"),
];
const OTHER_MUST: [(&str, &str); 2] = [
    ("/person/", "a string, null or left out"),
    ("/changes", "an object that names each change as an object with old and new"),
];

fn must(pointer: &str) -> (&'static str, &'static str) {
    let exact = MUST.into_iter().find(|(field, _)| *field == pointer);
    exact.or_else(|| OTHER_MUST.into_iter().find(|(field, _)| pointer.starts_with(field))).unwrap_or(MUST[0])
}

impl FieldFault {
    /// The value at this place is not what it must be.
    pub(crate) fn at(body: &Value, pointer: &str) -> Self {
        let (field, must) = must(pointer);
        FieldFault {
            pointer: pointer.to_owned(),
            field,
            detail: format!("It must be {must}; it is {}.", shape(body.pointer(pointer))),
            remedy: format!("Send {must}, and deliver the event again under the same id; nothing was recorded."),
        }
    }

    /// The name of this member stands twice in its object.
    pub(crate) fn repeated(pointer: String) -> Self {
        let (field, _) = must(&pointer);
        FieldFault {
            pointer,
            field,
            detail: "The name stands twice in one object, so it could mean either value.".to_owned(),
            remedy: "Send each name once, and deliver the event again under the same id; nothing was recorded."
                .to_owned(),
        }
    }
}

/// Refuses a value that is there, but not an object. The derived readers would take an array for a list of members.
pub(crate) fn object(body: &Value, pointer: &str) -> Result<(), FieldFault> {
    check(
        body.pointer(pointer).is_none_or(|value| value.is_object() || (value.is_null() && !pointer.is_empty())),
        body,
        pointer,
    )
}

/// Reads the body as this type.
pub(crate) fn typed<T: DeserializeOwned>(body: &Value) -> Result<T, FieldFault> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let steps = error.path().iter().map(|segment| match segment {
            Segment::Map { key } => pointer_step(key),
            Segment::Seq { index } => format!("/{index}"),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        });
        FieldFault::at(body, &steps.collect::<String>())
    })
}

pub(crate) fn required<T>(value: Option<T>, body: &Value, pointer: &str) -> Result<T, FieldFault> {
    value.ok_or_else(|| FieldFault::at(body, pointer))
}

pub(crate) fn parsed<T: TryFrom<String>>(text: String, body: &Value, pointer: &str) -> Result<T, FieldFault> {
    T::try_from(text).map_err(|_| FieldFault::at(body, pointer))
}

pub(crate) fn check(good: bool, body: &Value, pointer: &str) -> Result<(), FieldFault> {
    if good { Ok(()) } else { Err(FieldFault::at(body, pointer)) }
}

/// A name says something, fits, and is one line.
pub(crate) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}

/// An id of a person or company, in whatever letters its source writes them.
pub(crate) fn is_reference(text: &str) -> bool {
    text.len() <= MAX_REFERENCE && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// Good enough to be looked at; whether it is a domain is decided where companies are told apart.
pub(crate) fn is_domain(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '@';
    (1..=MAX_DOMAIN).contains(&text.len()) && !text.chars().any(odd)
}

/// RFC 3339 and nothing more: the parser behind it also takes weeks, spaces and time zones in brackets.
pub(crate) fn date_time(text: &str) -> Option<UnixMillis> {
    let bytes = text.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let at = |index: usize, allowed: &[u8]| bytes.get(index).is_some_and(|byte| allowed.contains(byte));
    let date = digits(0..4) && at(4, b"-") && digits(5..7) && at(7, b"-") && digits(8..10) && at(10, b"Tt");
    let time = digits(11..13) && at(13, b":") && digits(14..16) && at(16, b":") && digits(17..19);
    let mut rest = bytes.get(19..)?;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&length) {
            return None;
        }
        rest = &fraction[length..];
    }
    let offset = match rest {
        b"Z" | b"z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].into_iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !(date && time && offset) {
        return None;
    }
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}
