//! Lines with their numbers and places. A line ends with LF, CR LF or CR, as spreadsheets of all ages write them.

use std::io::{self, BufRead, BufReader, Read};

/// Longest record read, in bytes; the rest of a longer one is passed over without being kept.
pub(super) const MAX_RECORD: usize = 1024 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A place in the decoded text at which a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) line: u64,
}

impl Place {
    pub(super) const START: Place = Place { offset: 0, line: 1 };
}

/// One line without its end.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) place: Place,
    pub(super) bytes: Vec<u8>,
    /// Longer than [`MAX_RECORD`]; `bytes` holds the beginning only.
    pub(super) too_long: bool,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        !self.too_long && self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

/// Reads lines, starting anywhere.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    place: Place,
}

impl<R: Read> Lines<R> {
    /// `input` stands at `place` already.
    pub(super) fn new(input: R, place: Place) -> Self {
        Self { input: BufReader::with_capacity(64 * 1024, input), place }
    }

    /// Where the next line begins.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.input.fill_buf()?.is_empty())
    }

    pub(super) fn into_inner(self) -> R {
        self.input.into_inner()
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let place = self.place;
        let mut line = Line { place, bytes: Vec::new(), too_long: false };
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                if self.place.offset == place.offset {
                    return Ok(None);
                }
                break;
            }
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let text = &buffer[..end.unwrap_or(buffer.len())];
            let room = MAX_RECORD.saturating_sub(line.bytes.len());
            line.too_long |= text.len() > room;
            line.bytes.extend_from_slice(&text[..text.len().min(room)]);
            let Some(end) = end else {
                let taken = buffer.len();
                self.take(taken);
                continue;
            };
            let returned = buffer[end] == b'\r';
            self.take(end + 1);
            if returned && self.input.fill_buf()?.first() == Some(&b'\n') {
                self.take(1);
            }
            break;
        }
        self.place.line = self.place.line.saturating_add(1);
        if place.offset == 0 && line.bytes.starts_with(BOM) {
            line.bytes.drain(..BOM.len());
        }
        Ok(Some(line))
    }

    fn take(&mut self, bytes: usize) {
        self.input.consume(bytes);
        self.place.offset = self.place.offset.saturating_add(bytes as u64);
    }
}
