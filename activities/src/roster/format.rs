//! What kind of text a roster is: JSON or delimited, by what, and where its people begin.

use super::csv_file::Records;
use super::data::{Input, RosterData};
use super::encoding::{Decoded, Encoding};
use super::header::{Columns, shown};
use super::lines::{Lines, Place};
use crate::sources::SourceError;
use contracts::FailureClass;
use std::io::{Read, Seek, SeekFrom};

/// How people are written down.
pub(super) enum Format {
    Json,
    Csv { delimiter: u8, columns: Columns },
}

/// The header is looked for in this much of the text ...
const HEAD: u64 = 64 * 1024;

/// ... and within this many records, since exports like to begin with a title or notes.
const PREAMBLE: usize = 10;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

const EXAMPLE: &str =
    "begin the file with a line of column names such as person_id,name,title,department,manager_id,email";

/// Turns down what is certainly no text, by name where it is a common mistake.
pub(super) fn refuse_binary(data: &RosterData, input: &mut Input) -> Result<(), SourceError> {
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0)).map_err(|error| data.unreadable(error))?;
    input.by_ref().take(8).read_to_end(&mut head).map_err(|error| data.unreadable(error))?;
    let problem = match head.as_slice() {
        [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            "is a spreadsheet or an archive; save the sheet as 'CSV UTF-8'"
        }
        [0x1F, 0x8B, ..] => "is compressed; unpack it first",
        [b'%', b'P', b'D', b'F', ..] => "is a PDF; export the people as CSV",
        _ => return Ok(()),
    };
    Err(data.refuse(FailureClass::InvalidRequest, problem))
}

/// Finds out the format and where the first row begins.
pub(super) fn detect(
    data: &RosterData,
    input: Input,
    encoding: Encoding,
) -> Result<(Format, Place, Input), SourceError> {
    let io = |error| data.unreadable(error);
    let mut decoded = Decoded::at(input, encoding, 0).map_err(io)?;
    let mut head = Vec::new();
    decoded.by_ref().take(HEAD).read_to_end(&mut head).map_err(io)?;
    let input = decoded.into_input();
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    match text.first() {
        None => Err(data.refuse(FailureClass::InvalidRequest, format!("is empty; {EXAMPLE}"))),
        Some(b'[') if data.is_named_json() => {
            let problem = "is one JSON array; write one object per line (for instance with: jq -c '.[]')";
            Err(data.refuse(FailureClass::InvalidRequest, problem))
        }
        Some(b'<') => Err(data.refuse(FailureClass::InvalidRequest, "is HTML or XML; export the people as CSV")),
        Some(b'{') => Ok((Format::Json, Place::START, input)),
        Some(_) if data.is_named_json() => Ok((Format::Json, Place::START, input)),
        Some(_) => {
            let (delimiter, columns, begin) = header(data, &head)?;
            Ok((Format::Csv { delimiter, columns }, begin, input))
        }
    }
}

/// The header is the line in which the most columns are understood, read with the delimiter that makes it so.
fn header(data: &RosterData, head: &[u8]) -> Result<(u8, Columns, Place), SourceError> {
    let mut best: Option<(u8, Columns, Place)> = None;
    let mut first: Option<Columns> = None;
    for delimiter in DELIMITERS {
        let mut records = Records::new(Lines::new(head, Place::START), delimiter);
        let mut seen = 0;
        while let Some(record) = records.next(|_| true).map_err(|error| data.unreadable(error))? {
            let Ok(fields) = record.fields else { continue };
            if fields.is_blank() {
                continue;
            }
            let names = fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned());
            let columns = Columns::read(names.collect());
            seen += 1;
            if seen == 1 && first.as_ref().is_none_or(|first| better(&columns, first)) {
                first = Some(columns.clone());
            }
            // A single known word further down is more likely part of a note.
            let is_header = columns.names_people() && (seen == 1 || columns.known() > 1);
            if is_header && best.as_ref().is_none_or(|(_, best, _)| columns.known() > best.known()) {
                best = Some((delimiter, columns, records.place()));
            }
            if seen == PREAMBLE {
                break;
            }
        }
    }
    best.ok_or_else(|| data.refuse(FailureClass::Malformed, missing(first.as_ref())))
}

fn better(one: &Columns, other: &Columns) -> bool {
    (one.known(), one.len()) > (other.known(), other.len())
}

fn missing(first: Option<&Columns>) -> String {
    let Some(first) = first else { return format!("has no readable first line; {EXAMPLE}") };
    // Without a single known word this is hardly a header: it may be the first person, who is not to be shown.
    if first.known() == 0 {
        return format!("has no header: none of the {} columns of its first line is known; {EXAMPLE}", first.len());
    }
    let telling = |name: &String| !name.contains('@') && name.bytes().filter(u8::is_ascii_digit).count() < 4;
    let known = first.recognised().into_iter().map(|(_, name)| name);
    let found: Vec<_> = known.chain(first.ignored()).filter(telling).take(50).map(|name| shown(&name)).collect();
    format!(
        "has no column with people's names; found: {}; call one 'name', or two 'first_name' and 'last_name'",
        found.join(", ")
    )
}
