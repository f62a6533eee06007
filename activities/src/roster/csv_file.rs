//! Delimited text, record by record.
//!
//! Written here rather than taken from a library for one reason: a quotation mark that is never closed. A general parser
//! then takes the rest of the file for one value, which loses everybody in it and keeps it all in memory. This one gives
//! up on the record, reports the line, and goes on with the line after it.

use super::lines::{Line, Lines, MAX_RECORD, Place};
use std::collections::VecDeque;
use std::io::{self, Read};

/// Most lines one record may span.
const MAX_LINES: usize = 500;

/// Values of a record, end to end in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    data: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.data.get(start..end)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    pub(super) fn is_blank(&self) -> bool {
        self.data.iter().all(u8::is_ascii_whitespace)
    }
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    TooLong,
    OpenQuote,
    TextAfterQuote,
    Columns(usize),
}

/// A record and the line it begins on.
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) fields: Result<Fields, Fault>,
}

/// Reads records, starting at the beginning of any.
pub(super) struct Records<R> {
    lines: Lines<R>,
    /// Lines of a record that was given up, to be read once more.
    ahead: VecDeque<Line>,
    delimiter: u8,
}

impl<R: Read> Records<R> {
    pub(super) fn new(lines: Lines<R>, delimiter: u8) -> Self {
        Self { lines, ahead: VecDeque::new(), delimiter }
    }

    /// Where the next record begins.
    pub(super) fn place(&self) -> Place {
        self.ahead.front().map_or_else(|| self.lines.place(), |line| line.place)
    }

    pub(super) fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.ahead.is_empty() && self.lines.is_at_end()?)
    }

    pub(super) fn into_inner(self) -> R {
        self.lines.into_inner()
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    /// The next record. One for which `fits` is false has the wrong number of columns.
    pub(super) fn next(&mut self, fits: impl Fn(&Fields) -> bool) -> io::Result<Option<Record>> {
        let Some(first) = self.line()? else { return Ok(None) };
        let line = first.place.line;
        let bad = |fault| Ok(Some(Record { line, fields: Err(fault) }));
        if first.too_long {
            return bad(Fault::TooLong);
        }
        let mut parser = Parser::default();
        let mut closed = parser.feed(&first.bytes, self.delimiter);
        let mut size = first.bytes.len();
        let mut more: Vec<Line> = Vec::new();
        while !closed && more.len() < MAX_LINES && size <= MAX_RECORD {
            let Some(next) = self.line()? else { break };
            size += next.bytes.len() + 1;
            let too_long = next.too_long;
            closed = !too_long && parser.feed(&next.bytes, self.delimiter);
            more.push(next);
            if too_long {
                break;
            }
        }
        let fault = if !closed {
            Some(Fault::OpenQuote)
        } else if parser.text_after_quote {
            Some(Fault::TextAfterQuote)
        } else if !fits(&parser.fields) {
            Some(Fault::Columns(parser.fields.len()))
        } else {
            None
        };
        let Some(fault) = fault else { return Ok(Some(Record { line, fields: Ok(parser.fields) })) };
        // The lines after the first may be whole records that a stray quotation mark swallowed.
        for line in more.into_iter().rev() {
            self.ahead.push_front(line);
        }
        bad(fault)
    }
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Start,
    Bare,
    Quoted,
    /// After a quotation mark within quotes: the end of the value, or the first half of a doubled mark.
    Mark,
    /// Blanks after a quoted value.
    Closed,
}

#[derive(Default)]
struct Parser {
    fields: Fields,
    state: State,
    text_after_quote: bool,
}

impl Parser {
    /// Takes a line in; true when the record ends with it.
    fn feed(&mut self, line: &[u8], delimiter: u8) -> bool {
        for &byte in line {
            let blank = byte == b' ' || (byte == b'\t' && delimiter != b'\t');
            self.state = match (self.state, byte) {
                (State::Quoted, b'"') => State::Mark,
                (State::Quoted, _) => self.push(byte, State::Quoted),
                (State::Mark, b'"') => self.push(byte, State::Quoted),
                (_, byte) if byte == delimiter => self.end(),
                (State::Start, b'"') => {
                    // Blanks before the quotation mark are no part of the value.
                    self.fields.data.truncate(self.fields.ends.last().copied().unwrap_or_default());
                    State::Quoted
                }
                (State::Start, _) if blank => self.push(byte, State::Start),
                (State::Mark | State::Closed, _) if blank => State::Closed,
                (State::Mark | State::Closed, _) => {
                    self.text_after_quote = true;
                    self.push(byte, State::Bare)
                }
                (State::Start | State::Bare, _) => self.push(byte, State::Bare),
            };
        }
        if let State::Quoted = self.state {
            self.push(b'\n', State::Quoted);
            return false;
        }
        self.state = self.end();
        true
    }

    fn push(&mut self, byte: u8, next: State) -> State {
        self.fields.data.push(byte);
        next
    }

    fn end(&mut self) -> State {
        self.fields.ends.push(self.fields.data.len());
        State::Start
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

    use super::{Fault, Records};
    use crate::roster::lines::{Lines, Place};
    use proptest::prelude::*;

    fn read(text: &str, columns: usize) -> Vec<(u64, Result<Vec<String>, Fault>)> {
        let mut records = Records::new(Lines::new(text.as_bytes(), Place::START), b',');
        let mut all = Vec::new();
        while let Some(record) = records.next(|fields| fields.is_blank() || fields.len() == columns).unwrap() {
            let texts = |fields: super::Fields| fields.iter().map(|f| String::from_utf8(f.to_vec()).unwrap()).collect();
            all.push((record.line, record.fields.map(texts)));
        }
        all
    }

    fn row(line: u64, values: &[&str]) -> (u64, Result<Vec<String>, Fault>) {
        (line, Ok(values.iter().map(|value| (*value).to_owned()).collect()))
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_costs_one_line() {
        assert_eq!(
            read("a,b\nc,\"d\ne,f\n", 2),
            [row(1, &["a", "b"]), (2, Err(Fault::OpenQuote)), row(3, &["e", "f"])]
        );
    }

    #[test]
    fn a_stray_quotation_mark_does_not_swallow_rows_up_to_the_next_quoted_value() {
        let all = read("\"a,1\nb,2\nc,3\n\"d\",4\n", 2);
        assert_eq!(all.len(), 4);
        assert_eq!(all[0], (1, Err(Fault::TextAfterQuote)));
        assert_eq!(all[1..], [row(2, &["b", "2"]), row(3, &["c", "3"]), row(4, &["d", "4"])]);
    }

    #[test]
    fn line_ends_of_every_kind_and_blanks_around_quotes() {
        let all = read("a, \"b\" \r\nc,\"x\r\ny\"\rd,e", 2);
        assert_eq!(all, [row(1, &["a", "b"]), row(2, &["c", "x\ny"]), row(4, &["d", "e"])]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn reads_what_a_csv_writer_writes(rows in prop::collection::vec(prop::collection::vec("[a,\"\n é;]{0,6}", 3), 1..20)) {
            let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let all: Vec<_> = read(&text, 3).into_iter().map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(all, rows);
        }
    }
}
