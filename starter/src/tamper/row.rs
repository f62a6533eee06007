//! One row of the corpus: how it differs from a good delivery, and what it must get for that.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) row: Vec<Row>,
}

/// A delivery of the corpus. Each member but the first four is a way to differ from a good delivery.
///
/// In texts, these stand for a value: `{now}` and `{now_s}` (the time in milliseconds and seconds), `{timestamp}` (what the
/// header says), `{id}` (an event id that was never used), `{signature}`, `{SIGNATURE}` and `{base64}` (the right signature
/// in lower-case hexadecimal, upper-case, base64), `{x*20}` (twenty times x).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// Name, unique in the corpus.
    pub name: String,
    /// What it gets.
    pub expect: Expected,
    /// Last part of the problem's type, where the answer is a problem of ours.
    pub problem: Option<String>,

    /// Counts on the millisecond: only a server whose clock stands still gives exactly this answer.
    #[serde(default)]
    pub needs_still_clock: bool,
    /// Milliseconds between the moment of signing and now.
    #[serde(default)]
    pub(super) offset: i64,
    /// The timestamp as it is written and signed.
    pub(super) timestamp: Option<String>,
    /// What is signed, where it is not `{timestamp}.{body}`.
    pub(super) sign: Option<String>,
    /// Signed with a secret that nobody has.
    #[serde(default)]
    pub(super) other_secret: bool,
    /// Signed with the source's secret of before, which it still has.
    #[serde(default)]
    pub(super) previous_secret: bool,

    pub(super) method: Option<String>,
    pub(super) target: Option<String>,
    pub(super) version: Option<String>,
    /// Headers that are left out.
    #[serde(default)]
    pub(super) without: Vec<String>,
    /// Headers with another value.
    #[serde(default)]
    pub(super) replace: BTreeMap<String, String>,
    /// Lines that come after the other headers.
    #[serde(default)]
    pub(super) headers: Vec<String>,
    /// So many more headers.
    #[serde(default)]
    pub(super) more_headers: usize,
    /// So many bytes in one more header.
    #[serde(default)]
    pub(super) large_header: usize,

    /// Another body.
    pub(super) body: Option<String>,
    /// Another body, in hexadecimal.
    pub(super) body_hex: Option<String>,
    /// Another text instead of the first place of this text in the event.
    #[serde(default)]
    pub(super) swap: BTreeMap<String, String>,
    /// The event with these values, by JSON pointer.
    #[serde(default)]
    pub(super) set: BTreeMap<String, toml::Value>,
    /// The event without these members, by JSON pointer.
    #[serde(default)]
    pub(super) unset: Vec<String>,
    /// The event with texts of so many bytes, by JSON pointer.
    #[serde(default)]
    pub(super) long: BTreeMap<String, usize>,
    /// The event with one more member, so many arrays in one another.
    #[serde(default)]
    pub(super) deep: usize,
    /// The body in UTF-16.
    #[serde(default)]
    pub(super) utf16: bool,
    /// The body filled up with spaces to so many bytes.
    #[serde(default)]
    pub(super) pad_to: usize,

    /// How the end of the body is told.
    #[serde(default)]
    pub(super) framing: Framing,
    /// Added to Content-Length, and not to the body.
    #[serde(default)]
    pub(super) length_lies_by: i64,
    /// The request stands twice in what is sent at once.
    #[serde(default)]
    pub(super) pipelined: bool,
    /// What stands behind the end of the request.
    pub(super) behind: Option<String>,
    /// The good event is delivered before, on a connection of its own.
    #[serde(default)]
    pub(super) after_good: bool,
    /// Only so many bytes of the head are sent.
    pub(super) cut: Option<usize>,
    /// What is slow.
    pub(super) slow: Option<Slow>,
    /// The sender closes its half when it has sent everything.
    #[serde(default)]
    pub(super) close_half: bool,
    /// The sender keeps the connection, and the server must end it without another word.
    #[serde(default)]
    pub(super) keep_open: bool,
}

impl Row {
    /// Whether the good event is delivered before.
    #[must_use]
    pub fn comes_after_good(&self) -> bool {
        self.after_good
    }

    /// Whether it is signed with a previous secret, so that only who has one can send it.
    #[must_use]
    pub fn needs_previous_secret(&self) -> bool {
        self.previous_secret
    }
}

/// What a row gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    /// An answer with this status.
    Status(u16),
    /// No answer: the connection ends.
    Closed(Closed),
}

/// The connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// Without an answer.
    Closed,
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Status(status) => write!(f, "{status}"),
            Expected::Closed(_) => f.write_str("a closed connection"),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Framing {
    /// By Content-Length.
    #[default]
    Length,
    /// By chunks.
    Chunked,
    /// By nothing, or by what stands in `headers`.
    None,
}

/// What comes one byte at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slow {
    /// From the first byte.
    Head,
    /// From the first byte of the body.
    Body,
}
