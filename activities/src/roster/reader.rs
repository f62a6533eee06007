//! A roster being read: the format found out, then row after row.

use super::csv_file::{Fault, Records};
use super::cursor::Cursor;
use super::data::RosterData;
use super::encoding::{Decoded, Encoding, detect};
use super::format::{self, Format};
use super::header::{Columns, Keys};
use super::json_file;
use super::lines::{Lines, MAX_RECORD};
use super::row::{self, Cell, MAX_VALUE};
use crate::sources::{Rejection, SourceError};
use contracts::FailureClass;
use engine::Person;
use std::borrow::Cow;
use std::io;

/// What a row turned out to be.
#[derive(Default)]
pub(super) struct Row {
    /// From 1.
    pub(super) line: u64,
    pub(super) person: Option<Person>,
    pub(super) rejected: Vec<Rejection>,
}

/// Reads a roster from the beginning or from a cursor.
pub(super) struct Reader<'a> {
    data: &'a RosterData,
    fingerprint: String,
    encoding: Encoding,
    body: Body,
    restarted: bool,
}

enum Body {
    Csv { records: Records<Decoded>, delimiter: u8, columns: Columns },
    Json { lines: Lines<Decoded>, keys: Keys },
}

impl<'a> Reader<'a> {
    /// Opens the roster and finds out how it is written.
    pub(super) fn open(data: &'a RosterData, cursor: Option<&str>) -> Result<Self, SourceError> {
        let io = |error| data.unreadable(error);
        let mut input = data.open()?;
        let fingerprint = input.fingerprint().map_err(io)?;
        let given = cursor.is_some();
        let cursor = cursor.and_then(|cursor| Cursor::read(cursor, &fingerprint));
        let restarted = given && cursor.is_none();
        let encoding = match cursor {
            Some(cursor) => cursor.encoding,
            None => {
                format::refuse_binary(data, &mut input)?;
                detect(&mut input).map_err(io)?.ok_or_else(|| {
                    data.refuse(
                        FailureClass::Malformed,
                        "is neither UTF-8 nor UTF-16 nor Windows-1252 text; save it as 'CSV UTF-8'",
                    )
                })?
            }
        };
        let (format, begin, input) = format::detect(data, input, encoding)?;
        let start = match cursor {
            Some(cursor) if cursor.place.offset > begin.offset => cursor.place,
            _ => begin,
        };
        let lines = Lines::new(Decoded::at(input, encoding, start.offset).map_err(io)?, start);
        let body = match format {
            Format::Json => Body::Json { lines, keys: Keys::default() },
            Format::Csv { delimiter, columns } => {
                Body::Csv { records: Records::new(lines, delimiter), delimiter, columns }
            }
        };
        Ok(Self { data, fingerprint, encoding, body, restarted })
    }

    /// Whether a cursor was given that does not fit the roster as it is now.
    pub(super) fn restarted(&self) -> bool {
        self.restarted
    }

    /// Changes when the roster's content does.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Delimiter and columns; `None` for JSON.
    pub(super) fn table(&self) -> Option<(u8, &Columns)> {
        match &self.body {
            Body::Csv { delimiter, columns, .. } => Some((*delimiter, columns)),
            Body::Json { .. } => None,
        }
    }

    /// Where to go on; `None` at the end.
    pub(super) fn cursor(&mut self) -> Result<Option<String>, SourceError> {
        let (at_end, place) = match &mut self.body {
            Body::Csv { records, .. } => (records.is_at_end(), records.place()),
            Body::Json { lines, .. } => (lines.is_at_end(), lines.place()),
        };
        let at_end = at_end.map_err(|error| self.data.unreadable(error))?;
        Ok((!at_end).then(|| Cursor { encoding: self.encoding, place }.write(&self.fingerprint)))
    }

    /// Closes the roster; fails when it was changed meanwhile, because what was read is then neither the old nor the new.
    pub(super) fn finish(self) -> Result<(), SourceError> {
        let input = match self.body {
            Body::Csv { records, .. } => records.into_inner(),
            Body::Json { lines, .. } => lines.into_inner(),
        };
        let now = input.into_input().fingerprint().map_err(|error| self.data.unreadable(error))?;
        if now == self.fingerprint {
            return Ok(());
        }
        Err(self.data.refuse(FailureClass::Transient, "changed while it was read"))
    }

    /// The next row that is not blank. `key_seen` hears the keys of JSON objects.
    pub(super) fn next(&mut self, key_seen: &mut dyn FnMut(&str)) -> Result<Option<Row>, SourceError> {
        let read = match &mut self.body {
            Body::Csv { records, columns, .. } => next_record(records, columns),
            Body::Json { lines, keys } => next_object(lines, keys, key_seen),
        };
        read.map_err(|error| self.data.unreadable(error))
    }
}

fn next_record(records: &mut Records<Decoded>, columns: &Columns) -> io::Result<Option<Row>> {
    let (required, most) = (columns.required(), columns.len());
    while let Some(record) = records.next(|fields| {
        fields.is_blank()
            || (fields.len() >= required
                && fields.iter().skip(most).all(|extra| extra.iter().all(u8::is_ascii_whitespace)))
    })? {
        let fields = match record.fields {
            Ok(fields) if fields.is_blank() => continue,
            Ok(fields) => fields,
            Err(fault) => return Ok(Some(row(record.line, Err(words(&fault, most))))),
        };
        let text = |index: usize| fields.get(index).map(std::str::from_utf8);
        if (0..most).all(|index| matches!(text(index), Some(Ok(text)) if text.trim() == columns.header(index).trim())) {
            let reason = "the line repeats the column names; delete it".to_owned();
            return Ok(Some(row(record.line, Err(reason))));
        }
        let read = row::person(columns, |index| match text(index)? {
            Ok("") => None,
            Ok(text) => Some(Cell::Text(Cow::Borrowed(text))),
            Err(_) => Some(Cell::Other("bytes that are not valid UTF-8")),
        });
        return Ok(Some(row(record.line, read)));
    }
    Ok(None)
}

fn next_object(lines: &mut Lines<Decoded>, keys: &mut Keys, key_seen: &mut dyn FnMut(&str)) -> io::Result<Option<Row>> {
    while let Some(line) = lines.next()? {
        if line.is_blank() {
            continue;
        }
        let read = if line.too_long {
            Err(words(&Fault::TooLong, 0))
        } else {
            json_file::object(&line.bytes).and_then(|object| {
                object.keys().for_each(|key| key_seen(key));
                json_file::person(keys, &object)
            })
        };
        return Ok(Some(row(line.place.line, read)));
    }
    Ok(None)
}

fn row(line: u64, read: row::Read) -> Row {
    let (person, reasons) = match read {
        Ok((person, notes)) => (Some(person), notes),
        Err(reason) => (None, vec![reason]),
    };
    Row { line, person, rejected: reasons.into_iter().map(|reason| Rejection { line, reason }).collect() }
}

fn words(fault: &Fault, columns: usize) -> String {
    match fault {
        Fault::TooLong => {
            format!("the row has more than {MAX_RECORD} bytes; shorten it (a value may have {MAX_VALUE} bytes)")
        }
        Fault::OpenQuote => "a quotation mark is opened and never closed; close it or double it".to_owned(),
        Fault::TextAfterQuote => {
            "text follows a closing quotation mark; double the quotation marks within quoted values".to_owned()
        }
        Fault::Columns(found) => format!(
            "the row has {found} columns where the header has {columns}; quote values that contain the delimiter"
        ),
    }
}
