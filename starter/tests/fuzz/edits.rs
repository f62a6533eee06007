//! Changes to an event, small enough that most of it stays what it was.

use bolero::TypeGenerator;

/// What JSON, and this event, are made of; and what is almost that.
const TOKENS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e999",
    "1.5",
    "\"\"",
    "{}",
    "[]",
    "\\u0000",
    "\\ud800",
    "\\u202e",
    "\u{feff}",
    "\u{200b}",
    "\0",
    "\n",
    " ",
    "\"id\":",
    "\"source\":",
    "\"type\":",
    "\"timestamp\":",
    "\"person\":",
    "\"company\":",
    "\"changes\":",
    "\"name\":",
    "\"domain\":",
    "\"old\":",
    "\"new\":",
    "\"__proto__\":",
    "person.left",
    "2025-02-30T24:00:60+99:99",
];

/// One change. Places are taken modulo the length.
#[derive(Debug, TypeGenerator)]
pub(crate) enum Edit {
    Insert { at: u16, token: u8 },
    Replace { at: u16, length: u8, token: u8 },
    Remove { at: u16, length: u8 },
    Set { at: u16, byte: u8 },
    Copy { from: u16, length: u8, to: u16 },
    Repeat { at: u16, token: u8, times: u16 },
    Cut { at: u16 },
}

impl Edit {
    pub(crate) fn apply(&self, body: &mut Vec<u8>) {
        let place = |at: u16| usize::from(at) % (body.len() + 1);
        let until = |start: usize, length: u8| (start + usize::from(length)).min(body.len());
        let token = |token: u8| TOKENS[usize::from(token) % TOKENS.len()].bytes();
        match *self {
            Edit::Insert { at, token: which } => {
                let at = place(at);
                body.splice(at..at, token(which));
            }
            Edit::Replace { at, length, token: which } => {
                let at = place(at);
                let end = until(at, length);
                body.splice(at..end, token(which));
            }
            Edit::Remove { at, length } => {
                let at = place(at);
                let end = until(at, length);
                body.drain(at..end);
            }
            Edit::Set { at, byte } => {
                let at = place(at);
                if let Some(old) = body.get_mut(at) {
                    *old = byte;
                }
            }
            Edit::Copy { from, length, to } => {
                let (from, to) = (place(from), place(to));
                let copied = body[from..until(from, length)].to_vec();
                body.splice(to..to, copied);
            }
            Edit::Repeat { at, token: which, times } => {
                let at = place(at);
                let many = TOKENS[usize::from(which) % TOKENS.len()].repeat(usize::from(times % 2_048));
                body.splice(at..at, many.into_bytes());
            }
            Edit::Cut { at } => body.truncate(place(at)),
        }
    }
}
