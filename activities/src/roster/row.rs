//! From the cells of a row to a person.
//!
//! A person is kept whenever name and identity can be read; a single cell that makes no sense is left out and reported.
//! Cells that no export writes — control characters, thousands of characters — say that the row itself is damaged.

use super::header::{Columns, Meaning, shown};
use super::identity::{identity, is_email, is_url, reference};
use engine::{Contact, Person};
use std::borrow::Cow;

/// Longest value of one cell, in bytes.
pub(super) const MAX_VALUE: usize = 4096;

/// What a cell holds.
pub(super) enum Cell<'a> {
    Text(Cow<'a, str>),
    /// Several texts, from JSON.
    List(Vec<Cow<'a, str>>),
    /// Something else; what, in words.
    Other(&'static str),
}

/// A person and what had to be left out, or why there is none. All texts name columns and shapes, never values.
pub(super) type Read = Result<(Person, Vec<String>), String>;

/// Reads a row; `cell` gives the content of a column, `None` when it is empty.
pub(super) fn person<'a>(columns: &Columns, cell: impl Fn(usize) -> Option<Cell<'a>>) -> Read {
    let mut row = Row { columns, cell, notes: Vec::new() };
    let id = row.optional(Meaning::Id, |text| if is_rounded(text) { Err(ROUNDED) } else { Ok(text.to_owned()) })?;
    let name = row.name()?.ok_or("the row has no name; fill it in or delete the row")?;
    let title = row.optional(Meaning::Title, as_is)?;
    let departments = row.departments()?;
    let manager = row.manager()?;
    let manager_title = row.optional(Meaning::ManagerTitle, as_is)?;
    let direct_reports = row.number(Meaning::DirectReports)?;
    let network = row.number(Meaning::Network)?;
    let email = row.optional(Meaning::Email, |text| {
        let address = text.strip_prefix("mailto:").unwrap_or(text);
        if is_email(address) { Ok(address.to_owned()) } else { Err("is not one e-mail address") }
    })?;
    let phone = row.optional(Meaning::Phone, |text| match text {
        _ if is_rounded(text) => Err(ROUNDED),
        _ if !text.contains(|character: char| character.is_numeric()) => Err("has no digit"),
        _ => Ok(text.to_owned()),
    })?;
    let profile_url =
        row.optional(
            Meaning::Profile,
            |text| {
                if is_url(text) { Ok(text.to_owned()) } else { Err("is not a web address") }
            },
        )?;
    let location = row.optional(Meaning::Location, as_is)?;
    let start_date = row.optional(Meaning::StartDate, as_is)?;
    let id = identity(id.as_deref(), profile_url.as_deref(), email.as_deref(), &name, title.as_deref())
        .ok_or("the row has no name; fill it in or delete the row")?;
    let manager = manager.filter(|manager| *manager != id);
    let contact = Contact { email, phone };
    let person = Person {
        title,
        departments,
        manager,
        manager_title,
        direct_reports,
        network,
        contact,
        profile_url,
        location,
        start_date,
        ..Person::new(id, name)
    };
    Ok((person, row.notes))
}

const ROUNDED: &str = "was rounded by a spreadsheet (like 1.2E+11); format the column as text and export again";

fn as_is(text: &str) -> Result<String, &'static str> {
    Ok(text.to_owned())
}

struct Row<'c, F> {
    columns: &'c Columns,
    cell: F,
    notes: Vec<String>,
}

impl<'a, F: Fn(usize) -> Option<Cell<'a>>> Row<'_, F> {
    fn named(&self, index: usize) -> String {
        format!("column '{}'", shown(self.columns.header(index)))
    }

    /// A cell that may be given up: whatever is wrong with it, the person stays.
    fn optional(
        &mut self,
        meaning: Meaning,
        accept: impl Fn(&str) -> Result<String, &'static str>,
    ) -> Result<Option<String>, String> {
        let Some(index) = self.columns.get(meaning) else { return Ok(None) };
        let problem = match (self.cell)(index) {
            None => return Ok(None),
            Some(Cell::Text(text)) => match self.clean(index, &text)? {
                None => return Ok(None),
                Some(text) => match accept(&text) {
                    Ok(text) => return Ok(Some(text)),
                    Err(problem) => problem.to_owned(),
                },
            },
            // A manager's column that may hold names may as well hold an object with the name in it.
            Some(_) if meaning == Meaning::Manager && self.columns.loose_manager => return Ok(None),
            Some(Cell::List(_)) => "holds a list where one text is expected".to_owned(),
            Some(Cell::Other(what)) => format!("holds {what} where a text is expected"),
        };
        self.note(index, &problem);
        Ok(None)
    }

    /// A count; "500+" is at least as many.
    fn number(&mut self, meaning: Meaning) -> Result<Option<u32>, String> {
        let digits = |text: &str| {
            let text = text.strip_suffix('+').unwrap_or(text);
            let text = text.strip_suffix(".0").unwrap_or(text);
            text.chars().filter(|c| !matches!(c, ',' | '\'' | '\u{a0}' | ' ')).collect::<String>()
        };
        let accept = |text: &str| match digits(text).parse::<u32>() {
            Ok(count) => Ok(count.to_string()),
            Err(_) => Err("is not a whole number"),
        };
        Ok(self.optional(meaning, accept)?.and_then(|count| count.parse().ok()))
    }

    fn note(&mut self, index: usize, problem: &str) {
        self.notes.push(format!("{} {problem}; the person is kept without it", self.named(index)));
    }

    /// A cell without which there is nobody.
    fn essential(&self, meaning: Meaning) -> Result<Option<String>, String> {
        let Some(index) = self.columns.get(meaning) else { return Ok(None) };
        match (self.cell)(index) {
            None => Ok(None),
            Some(Cell::Text(text)) => {
                check(&text).map_err(|problem| format!("{} {problem}", self.named(index)))?;
                // People are called Null and None, but nobody is called #REF!.
                Ok(tidy(&text).filter(|text| !text.starts_with('#') || !is_placeholder(text)))
            }
            Some(Cell::List(_)) => Err(format!("{} holds a list where one text is expected", self.named(index))),
            Some(Cell::Other(what)) => Err(format!("{} holds {what} where a text is expected", self.named(index))),
        }
    }

    fn clean(&self, index: usize, text: &str) -> Result<Option<String>, String> {
        check(text).map_err(|problem| format!("{} {problem}", self.named(index)))?;
        Ok(tidy(text).filter(|text| !is_placeholder(text)))
    }

    fn name(&self) -> Result<Option<String>, String> {
        let name = self.essential(Meaning::Name)?;
        let first = self.essential(Meaning::FirstName)?;
        let last = self.essential(Meaning::LastName)?;
        let within = |part: &str, whole: &str| whole.to_lowercase().contains(&part.to_lowercase());
        let join = |first: &str, last: &str| Some(format!("{first} {last}"));
        Ok(match (name, first, last) {
            // `Name;Vorname`: the name is the family name, unless this row says otherwise.
            (Some(name), Some(first), _) if self.columns.name_is_last && !within(&first, &name) => join(&first, &name),
            // `Nombre;Apellidos` and `Name;Surname`: the name is the given name.
            (Some(name), _, Some(last)) if self.columns.get(Meaning::FirstName).is_none() && !within(&last, &name) => {
                join(&name, &last)
            }
            (Some(name), _, _) => Some(name),
            (None, Some(first), Some(last)) => join(&first, &last),
            (None, first, last) => first.or(last),
        })
    }

    fn departments(&mut self) -> Result<Vec<String>, String> {
        let mut departments: Vec<String> = Vec::new();
        for &index in &self.columns.departments {
            let texts: Vec<Cow<'a, str>> = match (self.cell)(index) {
                None => continue,
                Some(Cell::Text(text)) => vec![text],
                Some(Cell::List(texts)) => texts,
                Some(Cell::Other(what)) => {
                    self.note(index, &format!("holds {what} where a text or a list of texts is expected"));
                    continue;
                }
            };
            if texts.iter().map(|text| text.len()).sum::<usize>() > MAX_VALUE {
                return Err(format!("{} has more than {MAX_VALUE} bytes", self.named(index)));
            }
            for part in texts.iter().flat_map(|text| text.split([';', '|'])) {
                // One department named in two columns is one department.
                if let Some(part) = self.clean(index, part)?
                    && !departments.contains(&part)
                {
                    departments.push(part);
                }
            }
        }
        Ok(departments)
    }

    fn manager(&mut self) -> Result<Option<engine::PersonId>, String> {
        let rounded = |text: &str| if is_rounded(text) { Err(ROUNDED) } else { Ok(text.to_owned()) };
        let Some(text) = self.optional(Meaning::Manager, rounded)? else { return Ok(None) };
        let has = |meaning| self.columns.get(meaning).is_some();
        if has(Meaning::Id) {
            let is_id = !self.columns.loose_manager || !text.contains(|c: char| c.is_whitespace() || c == '@');
            return Ok(is_id.then(|| engine::PersonId::new(text)).flatten());
        }
        let is_identity = if has(Meaning::Profile) {
            is_url(&text)
        } else if has(Meaning::Email) {
            is_email(&text)
        } else {
            true
        };
        Ok((is_identity || !self.columns.loose_manager).then(|| reference(&text)).flatten())
    }
}

fn check(text: &str) -> Result<(), String> {
    if text.len() > MAX_VALUE {
        return Err(format!("has {} bytes; at most {MAX_VALUE} are read", text.len()));
    }
    if text.chars().any(|character| character.is_control() && !character.is_whitespace()) {
        return Err("has control characters; remove them".to_owned());
    }
    Ok(())
}

/// One line, single blanks, nothing invisible; `None` when nothing is left.
fn tidy(text: &str) -> Option<String> {
    let invisible = |character: char| {
        matches!(character, '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}')
            || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let visible: Cow<'_, str> = if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|character| !invisible(*character)).collect())
    };
    let mut out = String::with_capacity(visible.len());
    for word in visible.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    (!out.is_empty()).then_some(out)
}

/// What exports write for "nothing".
fn is_placeholder(text: &str) -> bool {
    const NOTHING: [&str; 15] = [
        "-", "--", "–", "—", "n/a", "#n/a", "null", "(null)", "none", "nan", "(blank)", "#ref!", "#name?", "#value!",
        "nil",
    ];
    text.len() <= 8 && NOTHING.contains(&text.to_lowercase().as_str())
}

/// A long number as a spreadsheet shows it after throwing digits away.
fn is_rounded(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once(['E', 'e']) else { return false };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    exponent.strip_prefix('+').is_some_and(number) && digits.split(['.', ',']).all(number)
}
