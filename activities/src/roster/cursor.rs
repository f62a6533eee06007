//! Where the next page begins, as text.
//!
//! A cursor names the file's state it was made for. One that does not fit the file as it is now — the file was replaced
//! or edited, or the cursor is not ours — means the first page, which then says that it restarts: places in the old file say
//! nothing about the new one, and who was in the old one may be in it no longer.

use super::encoding::Encoding;
use super::lines::Place;

const VERSION: &str = "r1";

/// Everything needed to go on reading without looking at what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) encoding: Encoding,
    pub(super) place: Place,
}

impl Cursor {
    pub(super) fn write(self, fingerprint: &str) -> String {
        let encoding = letter(self.encoding);
        format!("{VERSION}.{fingerprint}.{encoding}.{:x}.{:x}", self.place.offset, self.place.line)
    }

    /// `None` when the cursor was not made for this state of the file.
    pub(super) fn read(text: &str, fingerprint: &str) -> Option<Self> {
        let mut parts = text.split('.');
        if parts.next()? != VERSION || parts.next()? != fingerprint {
            return None;
        }
        let letter_read = parts.next()?;
        let all = [Encoding::Utf8, Encoding::Windows1252, Encoding::Utf16Le, Encoding::Utf16Be];
        let encoding = all.into_iter().find(|encoding| letter(*encoding) == letter_read)?;
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let place = Place { offset: number()?, line: number()? };
        parts.next().is_none().then_some(Self { encoding, place })
    }
}

fn letter(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "u",
        Encoding::Windows1252 => "w",
        Encoding::Utf16Le => "l",
        Encoding::Utf16Be => "b",
    }
}
