//! Values of TOML: of the type that is wanted, or a problem that says what is there instead.

use crate::profile::nearest::advice;
use crate::profile::problem::{Problem, quoted};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
pub(super) type Item<'i> = Spanned<DeValue<'i>>;

/// Amounts end where TOML's integers do, so that every profile can be written again.
const LARGEST: u64 = i64::MAX as u64;

/// The line a value begins in, from 1.
pub(super) fn line(text: &str, item: &Item<'_>) -> usize {
    1 + text.as_bytes().iter().take(item.span().start).filter(|byte| **byte == b'\n').count()
}

/// A text being read, and what was found wrong with it so far.
pub(super) struct Reading<'t> {
    pub(super) text: &'t str,
    pub(super) problems: Vec<Problem>,
}

impl Reading<'_> {
    pub(super) fn refuse(&mut self, at: &Item<'_>, field: &str, problem: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem {
            line: Some(line(self.text, at)),
            field: field.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    pub(super) fn wrong_type(&mut self, at: &Item<'_>, field: &str, remedy: &str) {
        let problem = match at.get_ref() {
            DeValue::Integer(number) => format!("is the number {number}"),
            DeValue::Float(number) => format!("is the number {number}"),
            DeValue::String(text) => format!("is the text {}", quoted(text)),
            DeValue::Boolean(value) => format!("is {value}"),
            DeValue::Datetime(_) => "is a date or time".to_owned(),
            DeValue::Array(_) => "is a list".to_owned(),
            DeValue::Table(_) => "is a table".to_owned(),
        };
        self.refuse(at, field, problem, remedy);
    }

    pub(super) fn field<T>(
        &mut self,
        table: &DeTable<'_>,
        name: &str,
        read: impl FnOnce(&mut Self, &str, &Item<'_>) -> Option<T>,
    ) -> Option<T> {
        table.get(name).and_then(|item| read(self, name, item))
    }

    /// Tells every name that does not belong into a table.
    pub(super) fn unknown(&mut self, table: &DeTable<'_>, prefix: &str, known: &[&str]) {
        for (name, item) in table {
            if !known.contains(&name.get_ref().as_ref()) {
                let field = format!("{prefix}{}", name.get_ref());
                let what = match prefix.trim_end_matches('.') {
                    "" => "fields".to_owned(),
                    table => format!("fields of {table}"),
                };
                let remedy = advice(name.get_ref(), &what, known.iter().copied());
                self.refuse(item, &field, "is not a field of a seller profile", remedy);
            }
        }
    }

    pub(super) fn text(&mut self, field: &str, item: &Item<'_>) -> Option<String> {
        let text = item.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(item, field, "write a text in quotes");
        }
        text.map(str::to_owned)
    }

    pub(super) fn amount(&mut self, field: &str, item: &Item<'_>) -> Option<u64> {
        self.whole(field, item, LARGEST, "write a whole number without quotes, e.g. 60000")
    }

    pub(super) fn whole(&mut self, field: &str, item: &Item<'_>, most: u64, remedy: &str) -> Option<u64> {
        let number = item.get_ref().as_integer().and_then(|number| {
            let number = u64::from_str_radix(number.as_str(), number.radix()).ok()?;
            (number <= most).then_some(number)
        });
        if number.is_none() {
            self.wrong_type(item, field, remedy);
        }
        number
    }

    pub(super) fn list<T>(
        &mut self,
        field: &str,
        item: &Item<'_>,
        remedy: &str,
        mut read: impl FnMut(&mut Self, &str, &Item<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(list) = item.get_ref().as_array() else {
            self.wrong_type(item, field, remedy);
            return None;
        };
        Some(list.iter().filter_map(|item| read(self, field, item)).collect())
    }

    pub(super) fn table<'a, 'i>(&mut self, field: &str, item: &'a Item<'i>, remedy: &str) -> Option<&'a DeTable<'i>> {
        let table = item.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(item, field, remedy);
        }
        table
    }
}
