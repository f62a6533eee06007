//! Text encodings. Everything behind this module sees UTF-8.
//!
//! UTF-8 and UTF-16 say what they are. Windows-1252, which spreadsheets in Western Europe still write, does not; it is
//! assumed only when the bytes look like it, because a wrong guess would invent names.

use super::data::Input;
use std::io::{self, Read, Seek, SeekFrom};

/// How a roster's text is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252, the superset of Latin-1 that Western spreadsheets write.
    Windows1252,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Windows1252 => "Windows-1252",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
        })
    }
}

const CHUNK: usize = 64 * 1024;

/// Finds out how the text is stored, reading all of it once in small pieces. `None`: none of those we read.
pub(super) fn detect(input: &mut Input) -> io::Result<Option<Encoding>> {
    input.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    input.by_ref().take(1024).read_to_end(&mut head)?;
    if let Some(encoding) = utf16(&head) {
        return Ok(Some(encoding));
    }
    input.seek(SeekFrom::Start(0))?;
    let mut evidence = Evidence::default();
    let mut buffer = vec![0; CHUNK];
    let mut kept = 0;
    loop {
        let read = match input.read(&mut buffer[kept..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let filled = kept + read;
        let done = evidence.weigh(&buffer[..filled], read == 0);
        buffer.copy_within(done..filled, 0);
        kept = filled - done;
        if read == 0 {
            return Ok(evidence.verdict());
        }
    }
}

fn utf16(head: &[u8]) -> Option<Encoding> {
    match head {
        [0xFF, 0xFE, ..] => return Some(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    // Without a mark: header names are ASCII, so every other byte is zero.
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match head.len() / 4 {
        0 => None,
        many if odd > many && even == 0 => Some(Encoding::Utf16Le),
        many if even > many && odd == 0 => Some(Encoding::Utf16Be),
        _ => None,
    }
}

#[derive(Default)]
struct Evidence {
    /// Characters beyond ASCII that are proper UTF-8.
    proper: u64,
    /// Sequences that are not.
    broken: u64,
    /// Bytes beyond ASCII.
    high: u64,
    /// Those that do not look like Western European text: beside another one, unassigned, or a sign within a word.
    strange: u64,
    last: u8,
}

impl Evidence {
    /// Takes in a chunk and returns how much of it is settled; the rest is a character cut in two.
    fn weigh(&mut self, chunk: &[u8], at_end: bool) -> usize {
        let mut done = 0;
        while done < chunk.len() {
            let (valid, broken) = match std::str::from_utf8(&chunk[done..]) {
                Ok(text) => (text.len(), 0),
                Err(error) => match error.error_len() {
                    Some(length) => (error.valid_up_to(), length),
                    None if at_end => (error.valid_up_to(), chunk.len() - done - error.valid_up_to()),
                    None => {
                        self.count(&chunk[done..done + error.valid_up_to()]);
                        self.proper += leads(&chunk[done..done + error.valid_up_to()]);
                        return done + error.valid_up_to();
                    }
                },
            };
            self.proper += leads(&chunk[done..done + valid]);
            self.broken += u64::from(broken > 0);
            self.count(&chunk[done..done + valid + broken]);
            done += valid + broken;
        }
        done
    }

    fn count(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let sign =
                matches!(self.last, 0xA1..=0xA9 | 0xAC | 0xAF | 0xB1..=0xB3 | 0xB5 | 0xB6 | 0xB8 | 0xB9 | 0xBC..=0xBF);
            if sign && byte.is_ascii_lowercase() {
                self.strange += 1;
            }
            if !byte.is_ascii() {
                self.high += 1;
                let unassigned = matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
                self.strange += u64::from(unassigned || !self.last.is_ascii());
            }
            self.last = byte;
        }
    }

    fn verdict(&self) -> Option<Encoding> {
        // Mostly proper UTF-8 with some damage stays UTF-8; the damaged rows are reported one by one.
        if self.broken == 0 || self.proper >= self.broken {
            Some(Encoding::Utf8)
        } else {
            (self.strange * 4 <= self.high).then_some(Encoding::Windows1252)
        }
    }
}

fn leads(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte >= 0xC0).count() as u64
}

/// Reads any of the encodings as UTF-8.
pub(super) struct Decoded {
    input: Input,
    encoding: Encoding,
    raw: Vec<u8>,
    /// Bytes of `raw` that wait for the rest of their character.
    kept: usize,
    ready: Vec<u8>,
    given: usize,
}

impl Decoded {
    /// Opens the text at this offset, counted in bytes of the decoded text. In UTF-8 that is a seek; in the others the
    /// text before it is decoded once more, which is quick and needs no memory.
    pub(super) fn at(mut input: Input, encoding: Encoding, offset: u64) -> io::Result<Self> {
        let seek = if encoding == Encoding::Utf8 { offset } else { 0 };
        input.seek(SeekFrom::Start(seek))?;
        let raw = if encoding == Encoding::Utf8 { Vec::new() } else { vec![0; CHUNK] };
        let mut decoded = Self { input, encoding, raw, kept: 0, ready: Vec::new(), given: 0 };
        if encoding != Encoding::Utf8 {
            io::copy(&mut decoded.by_ref().take(offset), &mut io::sink())?;
        }
        Ok(decoded)
    }

    pub(super) fn into_input(self) -> Input {
        self.input
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() {
            let read = self.input.read(&mut self.raw[self.kept..])?;
            let filled = self.kept + read;
            if filled == 0 {
                return Ok(());
            }
            let settled = match self.encoding {
                Encoding::Utf8 | Encoding::Windows1252 => {
                    push(&mut self.ready, self.raw[..filled].iter().map(|byte| windows_1252(*byte)));
                    filled
                }
                Encoding::Utf16Le => decode_utf16(&self.raw[..filled], read == 0, u16::from_le_bytes, &mut self.ready),
                Encoding::Utf16Be => decode_utf16(&self.raw[..filled], read == 0, u16::from_be_bytes, &mut self.ready),
            };
            self.raw.copy_within(settled..filled, 0);
            self.kept = filled - settled;
        }
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.encoding == Encoding::Utf8 {
            return self.input.read(buffer);
        }
        if self.given == self.ready.len() {
            self.refill()?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

fn push(out: &mut Vec<u8>, text: impl Iterator<Item = char>) {
    let mut utf8 = [0; 4];
    for character in text {
        out.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
    }
}

/// Decodes what is whole and returns how much that was.
fn decode_utf16(raw: &[u8], at_end: bool, unit: fn([u8; 2]) -> u16, out: &mut Vec<u8>) -> usize {
    let (pairs, rest) = raw.as_chunks::<2>();
    let high = |pair: &[u8; 2]| (0xD800..0xDC00).contains(&unit(*pair));
    let whole = if !at_end && pairs.last().is_some_and(high) { pairs.len() - 1 } else { pairs.len() };
    let units = pairs[..whole].iter().map(|pair| unit(*pair));
    push(out, char::decode_utf16(units).map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER)));
    if at_end && !rest.is_empty() {
        push(out, [char::REPLACEMENT_CHARACTER].into_iter());
        return raw.len();
    }
    whole * 2
}

fn windows_1252(byte: u8) -> char {
    const C1: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => C1[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
