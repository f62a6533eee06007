//! Dates as careers have them: often a month, sometimes only a year.

use crate::title::words_of;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A month, or a year whose month is not known. Years 1900 to 2100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CareerDate {
    year: i16,
    month: Option<i8>,
}

/// When a position ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PositionEnd {
    /// It is held today.
    Ongoing,
    /// Then.
    On(CareerDate),
    /// Not known, nor whether it ended.
    Unknown,
}

/// A word in a date.
#[derive(Clone, Copy)]
enum Word {
    Month(i8),
    Present,
}

static WORDS: LazyLock<HashMap<&'static str, Word>> = LazyLock::new(|| {
    let rows = include_str!("../../vocabulary/dates.tsv").lines().filter(|line| !line.starts_with('#'));
    let rows = rows.filter_map(|row| row.split_once('\t'));
    rows.flat_map(|(meaning, words)| {
        let meaning = meaning.parse().map_or(Word::Present, Word::Month);
        words.split(" | ").map(move |word| (word, meaning))
    })
    .collect()
});

impl CareerDate {
    /// A year, its month not known; `None` outside 1900 to 2100.
    #[must_use]
    pub fn year(year: i16) -> Option<Self> {
        (1900..=2100).contains(&year).then_some(Self { year, month: None })
    }

    /// A month, 1 to 12; `None` when there is none such.
    #[must_use]
    pub fn month(year: i16, month: i8) -> Option<Self> {
        let known = (1..=12).contains(&month).then_some(month)?;
        Self::year(year).map(|date| Self { month: Some(known), ..date })
    }

    /// The month of a day; `None` outside the years 1900 to 2100.
    #[must_use]
    pub fn of(day: Date) -> Option<Self> {
        Self::month(day.year(), day.month())
    }

    /// Whether the month is known.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.month.is_some()
    }

    /// Reads a date as sources write it: "2019", "2019-03", "2019-03-15T00:00:00Z", "03/2019", "15.03.2019", "Mar 2019",
    /// "mars 2019". What the text leaves open stays open: "03/04/2019" is the year only, for it may be March or April.
    /// `None` for what is no date.
    ///
    /// ```
    /// use engine::career::CareerDate;
    /// assert_eq!(CareerDate::parse("März 2019"), CareerDate::month(2019, 3));
    /// assert_eq!(CareerDate::parse("03/04/2019"), CareerDate::year(2019));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // The time of a timestamp: "2019-03-15T00:00:00Z".
        let day = match text.char_indices().nth(10) {
            Some((at, 'T' | 't' | ' ')) if text[..at].bytes().all(|b| b.is_ascii_digit() || b == b'-') => &text[..at],
            _ => text,
        };
        let words = words_of(day);
        let parts: Vec<Part> = words.iter().map(|word| Part::of(word)).collect();
        match parts.as_slice() {
            [Part::Number(compact)] if words.iter().any(|word| word.len() == 8) => {
                Self::day(compact / 10_000, compact / 100 % 100, compact % 100)
            }
            [Part::Number(compact)] if words.iter().any(|word| word.len() == 6) => {
                Self::month_of(compact / 100, compact % 100)
            }
            [Part::Year(year)] => Self::year(*year),
            [Part::Year(year), Part::Number(month)] | [Part::Number(month), Part::Year(year)] => {
                Self::month_of(i32::from(*year), *month)
            }
            [Part::Year(year), Part::Number(month), Part::Number(day)] => Self::day(i32::from(*year), *month, *day),
            [Part::Number(a), Part::Number(b), Part::Year(year)] => {
                let year = i32::from(*year);
                let (day_first, month_first) = (Self::day(year, *b, *a), Self::day(year, *a, *b));
                match (day_first, month_first) {
                    (one, None) | (None, one) => one,
                    (one, other) if one == other => one,
                    // With dots the day always comes first.
                    (one, _) if day.contains('.') => one,
                    _ => i16::try_from(year).ok().and_then(Self::year),
                }
            }
            parts => Self::in_words(parts),
        }
    }

    /// Dates with a month's name, or with nothing but a year among words: "15 March 2019", "ca. 2019".
    fn in_words(parts: &[Part]) -> Option<Self> {
        let mut years = parts.iter().filter_map(|part| if let Part::Year(year) = part { Some(*year) } else { None });
        let mut months =
            parts.iter().filter_map(|part| if let Part::Month(month) = part { Some(*month) } else { None });
        let year = years.next().filter(|_| years.next().is_none())?;
        let days = parts.iter().filter(|part| matches!(part, Part::Number(_))).count();
        match (months.next(), months.next()) {
            (Some(month), None) if days <= 1 => Self::month(year, month),
            (None, None) if days == 0 => Self::year(year),
            _ => None,
        }
    }

    fn month_of(year: i32, month: i32) -> Option<Self> {
        Self::month(i16::try_from(year).ok()?, i8::try_from(month).ok()?)
    }

    /// The month of a day that exists.
    fn day(year: i32, month: i32, day: i32) -> Option<Self> {
        let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok().and_then(Self::of)
    }

    /// Months since the year 0. A year without a month stands at its middle, so that the distance of two is right on the
    /// average.
    pub(super) fn index(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month.unwrap_or(7)) - 1
    }

    pub(super) fn same_year(self, other: Self) -> bool {
        self.year == other.year
    }

    /// Whether this certainly comes after the other.
    pub(super) fn is_after(self, other: Self) -> bool {
        match (self.month, other.month) {
            (Some(_), Some(_)) => self.index() > other.index(),
            _ => self.year > other.year,
        }
    }
}

impl PositionEnd {
    /// Reads the end of a position: a date, or a word for today in the languages of [`CareerDate::parse`]. Anything else,
    /// blank too, is unknown: a source that leaves the end of a present position out must be read as that source means it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match (WORDS.get(words_of(text).join(" ").as_str()), CareerDate::parse(text)) {
            (Some(Word::Present), _) => Self::Ongoing,
            (_, Some(date)) => Self::On(date),
            _ => Self::Unknown,
        }
    }
}

/// A word of a date.
enum Part {
    Year(i16),
    Month(i8),
    Number(i32),
    Other,
}

impl Part {
    fn of(word: &str) -> Self {
        if let Ok(number) = word.parse::<i32>() {
            let year = i16::try_from(number).ok().filter(|_| word.len() == 4);
            return year.map_or(Self::Number(number), Self::Year);
        }
        match WORDS.get(word) {
            Some(Word::Month(month)) => Self::Month(*month),
            _ => Self::Other,
        }
    }
}
