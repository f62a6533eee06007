//! What each field of an event must be, and what to say when it is not: where (a JSON pointer), what kind of value stands
//! there, what to send instead. The value itself is never repeated.

use crate::json::{pointer_step, shape};
use contracts::UnixMillis;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Longest name of a person or company, in characters.
pub const MAX_NAME: usize = 512;
/// Longest id of a person or company, in characters.
pub const MAX_REFERENCE: usize = 255;
/// Longest domain or web address of a company, in characters.
pub const MAX_DOMAIN: usize = 512;
/// Longest event type, in characters.
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

/// Fields by pointer, and what each must be. A pointer that ends in `/*` speaks for everything below it that is not named
/// itself; the first entry speaks for the whole.
pub(crate) type Musts = &'static [(&'static str, &'static str)];

/// A part of a body that is read field by field.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    part: &'a Value,
    /// Where the part stands in the body.
    base: &'a str,
    musts: Musts,
}

impl FieldFault {
    /// The name of this member stands twice in its object.
    pub(crate) fn repeated(pointer: String) -> Self {
        FieldFault {
            pointer,
            field: "repeated",
            detail: "The name stands twice in one object, so it could mean either value.".to_owned(),
            remedy: "Send each name once, and deliver the event again under the same id; nothing was recorded."
                .to_owned(),
        }
    }
}

impl<'a> Fields<'a> {
    /// The part of a body that stands at this pointer.
    pub(crate) const fn new(part: &'a Value, base: &'a str, musts: Musts) -> Self {
        Self { part, base, musts }
    }

    /// The value at this place is not what it must be.
    pub(crate) fn at(&self, pointer: &str) -> FieldFault {
        let (field, must) = self.must(pointer);
        FieldFault {
            pointer: format!("{}{pointer}", self.base),
            field,
            detail: format!("It must be {must}; it is {}.", shape(self.part.pointer(pointer))),
            remedy: format!("Send {must}, and deliver the event again under the same id; nothing was recorded."),
        }
    }

    pub(crate) fn must(&self, pointer: &str) -> (&'static str, &'static str) {
        let above = |field: &str| field.strip_suffix('*').is_some_and(|above| pointer.starts_with(above));
        let exact = self.musts.iter().find(|(field, _)| *field == pointer);
        let found = exact.or_else(|| self.musts.iter().find(|(field, _)| above(field)));
        found.or(self.musts.first()).copied().unwrap_or(("", "something else"))
    }

    /// Refuses a value that is there, but not an object. The derived readers would take an array for a list of members.
    pub(crate) fn object(&self, pointer: &str) -> Result<(), FieldFault> {
        let fits = |value: &Value| value.is_object() || (value.is_null() && !pointer.is_empty());
        self.check(self.part.pointer(pointer).is_none_or(fits), pointer)
    }

    /// Reads the part as this type.
    pub(crate) fn typed<T: DeserializeOwned>(&self) -> Result<T, FieldFault> {
        serde_path_to_error::deserialize(self.part).map_err(|error| {
            let steps = error.path().iter().map(|segment| match segment {
                Segment::Map { key } => pointer_step(key),
                Segment::Seq { index } => format!("/{index}"),
                Segment::Enum { .. } | Segment::Unknown => String::new(),
            });
            self.at(&steps.collect::<String>())
        })
    }

    /// The value at this place.
    pub(crate) fn value(&self, pointer: &str) -> Option<&'a Value> {
        self.part.pointer(pointer)
    }

    /// Names of the members of the object at this place, if it is one.
    pub(crate) fn members(&self, pointer: &str) -> impl Iterator<Item = &'a String> {
        self.value(pointer).and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys)
    }

    pub(crate) fn required<T>(&self, value: Option<T>, pointer: &str) -> Result<T, FieldFault> {
        value.ok_or_else(|| self.at(pointer))
    }

    pub(crate) fn parsed<T: TryFrom<String>>(&self, text: String, pointer: &str) -> Result<T, FieldFault> {
        T::try_from(text).map_err(|_| self.at(pointer))
    }

    pub(crate) fn check(&self, good: bool, pointer: &str) -> Result<(), FieldFault> {
        if good { Ok(()) } else { Err(self.at(pointer)) }
    }
}

/// A text of at least one and at most so many characters, as JSON Schema counts them.
pub(crate) fn fits(text: &str, most: usize) -> bool {
    !text.is_empty() && (text.len() <= most || text.chars().count() <= most)
}

/// A name says something, fits, and is one line.
pub(crate) fn is_name(text: &str) -> bool {
    fits(text, MAX_NAME) && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// A text of one line that fits where names do.
pub(crate) fn is_line(text: &str) -> bool {
    fits(text, MAX_NAME) && !text.chars().any(char::is_control)
}

/// An id of a person or company, in whatever letters its source writes them.
pub(crate) fn is_reference(text: &str) -> bool {
    fits(text, MAX_REFERENCE) && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// Good enough to be looked at; whether it is a domain is decided where companies are told apart.
pub(crate) fn is_domain(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '@';
    fits(text, MAX_DOMAIN) && !text.chars().any(odd)
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
