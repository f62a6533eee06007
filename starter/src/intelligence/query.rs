//! Query strings, read strictly: a parameter that is misspelt is an error and not a filter that is silently left out.

use super::problems;
use crate::fields::date_time;
use crate::problem::Problem;
use contracts::UnixMillis;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use store::RefreshMark;

/// Most entries of one page.
pub(crate) const MAX_LIMIT: u32 = 100;
/// Entries of a page when nobody says how many.
const LIMIT: u32 = 50;
/// Longest text that may name a company, in characters.
const MAX_TEXT: usize = 512;
const DAY: UnixMillis = 24 * 60 * 60 * 1000;

/// The parameters of a query string, of those that there are.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string that may have these parameters, each once.
    pub(crate) fn read(text: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for part in text.unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (Some(name), Some(value)) = (decoded(name), decoded(value)) else {
                return Err(problems::invalid_query(known));
            };
            if !known.contains(&name.as_str()) || parameters.iter().any(|(other, _)| *other == name) {
                return Err(problems::invalid_query(known));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A text that may name a company.
    pub(crate) fn company(&self) -> Result<Option<&str>, Problem> {
        let Some(text) = self.get("company") else { return Ok(None) };
        let fits = !text.trim().is_empty() && text.chars().count() <= MAX_TEXT && !text.chars().any(char::is_control);
        fits.then_some(Some(text)).ok_or_else(|| {
            problems::invalid_parameter("company", "an id, a domain or a name of 1 to 512 characters in one line")
        })
    }

    /// Entries wanted on a page.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        let Some(text) = self.get("limit") else { return Ok(LIMIT) };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text.parse().ok().filter(|limit| digits && (1..=MAX_LIMIT).contains(limit));
        limit.ok_or_else(|| problems::invalid_parameter("limit", "a whole number from 1 to 100"))
    }

    /// A moment, or the day on which it begins or ends.
    pub(crate) fn moment(&self, name: &str, of_day: OfDay) -> Result<Option<UnixMillis>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let day = || date_time(&format!("{text}T00:00:00Z")).filter(|_| text.len() == 10);
        let moment = date_time(text).or_else(|| {
            day().map(|start| match of_day {
                OfDay::Start => start,
                OfDay::End => start + DAY - 1,
            })
        });
        let must = "a date such as 2026-01-31, or a moment such as 2026-01-31T12:00:00Z (RFC 3339)";
        moment.map(Some).ok_or_else(|| problems::invalid_parameter(name, must))
    }

    /// Where the page before ended.
    pub(crate) fn mark(&self) -> Result<Option<RefreshMark>, Problem> {
        self.cursor(|text| {
            let (at, id) = text.split_once(BETWEEN)?;
            let digits = (1..=15).contains(&at.len()) && at.bytes().all(|byte| byte.is_ascii_digit());
            let started_at = at.parse().ok().filter(|_| digits)?;
            is_id(id).then(|| RefreshMark { started_at, refresh_id: id.to_owned() })
        })
    }

    /// The same of a list that is sorted by id.
    pub(crate) fn behind(&self) -> Result<Option<&str>, Problem> {
        self.cursor(|text| is_id(text).then_some(text))
    }

    fn cursor<'a, T>(&'a self, read: impl FnOnce(&'a str) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(text) = self.get("cursor") else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| {
            problems::invalid_parameter("cursor", "the `nextCursor` of the page before, as it stands there")
        })
    }

    /// The same query for the page that begins at this cursor.
    pub(crate) fn with_cursor(&self, cursor: &str) -> String {
        let kept = self.0.iter().filter(|(name, _)| name != "cursor");
        let parts = kept.map(|(name, value)| format!("{name}={}&", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        parts.collect::<String>() + "cursor=" + cursor
    }
}

/// Which end of a day a date means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OfDay {
    Start,
    End,
}

/// What a cursor of refreshes looks like, as a regular expression.
pub(crate) const MARK: &str = "^[0-9]{1,15}~[0-9A-Za-z_-]{1,64}$";
/// The same of a list that is sorted by id.
pub(crate) const BEHIND: &str = "^[0-9A-Za-z_-]{1,64}$";
/// The same of the items of a bulk, which are numbered.
pub(crate) const NUMBER: &str = "^[0-9]{1,9}$";
const BETWEEN: char = '~';

/// The cursor behind this refresh. Nothing in it needs escaping.
pub(crate) fn cursor_behind(mark: &RefreshMark) -> String {
    format!("{}{BETWEEN}{}", mark.started_at, mark.refresh_id)
}

fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use proptest::prelude::*;

    const KNOWN: [&str; 5] = ["company", "limit", "cursor", "since", "asOf"];

    fn read(text: &str) -> Result<Query, Problem> {
        Query::read(Some(text), &KNOWN)
    }

    #[test]
    fn what_is_not_known_or_stands_twice_is_refused() {
        for text in ["x=1", "limit=1&limit=1", "Limit=1", "company=%ff", "limit=1&x"] {
            assert_eq!(read(text).unwrap_err().status().as_u16(), 400, "{text}");
        }
        assert_eq!(read("company=a+b%2Bc&").unwrap().company().unwrap(), Some("a b+c"));
        assert!(Query::read(None, &KNOWN).unwrap().company().unwrap().is_none());
    }

    #[test]
    fn a_limit_is_from_one_to_a_hundred() {
        for text in ["limit=0", "limit=101", "limit=", "limit=-1", "limit=%2B5", "limit=1e1"] {
            assert!(read(text).unwrap().limit().is_err(), "{text}");
        }
        assert_eq!((read("").unwrap().limit().unwrap(), read("limit=100").unwrap().limit().unwrap()), (50, 100));
    }

    #[test]
    fn a_date_is_a_whole_day() {
        let moment = |text: &str, end| read(text).unwrap().moment("asOf", end);
        assert_eq!(moment("asOf=1970-01-02", OfDay::Start).unwrap(), Some(DAY));
        assert_eq!(moment("asOf=1970-01-02", OfDay::End).unwrap(), Some(2 * DAY - 1));
        assert_eq!(moment("asOf=1970-01-01T00:00:01%2B00:00", OfDay::End).unwrap(), Some(1000));
        for text in ["asOf=", "asOf=yesterday", "asOf=2026-02-30", "asOf=2026-1-1", "asOf=1700000000"] {
            assert!(moment(text, OfDay::End).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_back_in_the_next_query(at in 0..999_999_999_999_999_i64, id in "[0-9A-Za-z_-]{1,64}", company in "\\PC{1,40}") {
            let query = Query(vec![("company".into(), company.clone()), ("cursor".into(), "old".into())]);
            let mark = RefreshMark { started_at: at, refresh_id: id };
            let next = read(&query.with_cursor(&cursor_behind(&mark))).unwrap();
            prop_assert_eq!(next.mark().unwrap(), Some(mark));
            prop_assert_eq!(next.get("company"), Some(company.as_str()));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,200}") {
            if let Ok(query) = read(&text) {
                let _ = (query.company(), query.limit(), query.mark(), query.behind(), query.moment("asOf", OfDay::End));
            }
        }
    }
}
