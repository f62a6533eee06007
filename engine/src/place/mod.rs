//! Which country a location text names.

mod tables;

use serde::{Deserialize, Serialize};
use std::fmt;
use tables::{Code, Tables, folded};
use unicode_normalization::UnicodeNormalization;

/// A country of ISO 3166-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(Code);

/// Not a country code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters of ISO 3166-1, like DE; this text is none")]
pub struct CountryError;

impl Country {
    /// The two-letter code in capitals, e.g. `DE`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The country with this two-letter code, in any case.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.to_ascii_uppercase();
        (code.len() == 2).then(|| Tables::get().by_code.get(code.as_str()).copied().map(Self)).flatten()
    }

    /// The country that a location text names, read by whole words: "us" is not in "Austin". `None` when the text names
    /// none, names several, or leaves it open: a city alone, or "Georgia".
    ///
    /// Understood are names in English, German, French, Spanish, Portuguese, Italian, Dutch and the country's own
    /// languages, ISO 3166-1 codes that stand alone or after a comma, and after a comma the states and provinces of the
    /// United States and Canada. An abbreviation that is also a country's code means the state, unless a well-known city of
    /// the country stands before it ("Toronto, CA"); those as likely to be the country (`DE`, `IN`, `CO`, `ID`, `AR` and
    /// three of Canada) count only after a well-known city of one of the two.
    ///
    /// ```
    /// use engine::place::Country;
    /// let country = |text| Country::of_location(text).map(Country::as_str);
    /// assert_eq!(country("München, Deutschland"), Some("DE"));
    /// assert_eq!(country("Austin, TX"), Some("US"));
    /// assert_eq!(country("Austin"), None);
    /// ```
    #[must_use]
    pub fn of_location(text: &str) -> Option<Self> {
        let text: String = text.nfkc().collect::<String>().replace(" - ", ",");
        let shouts = text.chars().any(char::is_uppercase);
        let segments: Vec<Segment> = text
            .split([',', ';', '/', '|', '(', ')', '[', ']', '·', '•', '\n', '–', '—', '、'])
            .map(Segment::new)
            .filter(|segment| !segment.words.is_empty())
            .collect();
        let (found_at, reading) = segments.iter().enumerate().rev().find_map(|(at, segment)| {
            let last = at + 1 == segments.len();
            let reading = segment.exact().or_else(|| last.then(|| segment.loose(at > 0, shouts)).flatten())?;
            Some((at, reading))
        })?;
        let country = reading.settle(&segments[..found_at])?;
        if reading.by_state {
            return Some(Self(country));
        }
        let mut country = country;
        for (at, segment) in segments.iter().enumerate() {
            let Some(other) = segment.exact().filter(|other| !other.by_state).and_then(|other| other.only()) else {
                continue;
            };
            if other == country || is_under(country, other) {
                continue;
            }
            // "Mexico, MO, US" is a town in Missouri.
            let state_between =
                segments[(at + 1).min(found_at)..found_at].iter().any(|segment| segment.is_state_of(country));
            if is_under(other, country) {
                country = other;
            } else if !state_between {
                return None;
            }
        }
        Some(Self(country))
    }
}

impl TryFrom<String> for Country {
    type Error = CountryError;

    fn try_from(text: String) -> Result<Self, CountryError> {
        Self::from_code(&text).ok_or(CountryError)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.0.to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Words around a place that are no part of its name.
const FILLERS: [&str; 18] = [
    "remote",
    "remoto",
    "remota",
    "hybrid",
    "onsite",
    "office",
    "hq",
    "headquarters",
    "based",
    "anywhere",
    "in",
    "greater",
    "area",
    "metropolitan",
    "metro",
    "region",
    "nationwide",
    "only",
];

/// Words before a country's name that make another place of it: "New Mexico", "West Lebanon".
const NAMESAKES: [&str; 17] = [
    "new", "nueva", "nuevo", "north", "south", "east", "west", "fort", "lake", "mount", "little", "port", "san",
    "saint", "upper", "lower", "old",
];

/// Codes common enough in running text to count at the end of a part, in capitals: "Remote from the US".
const COMMON: [&str; 4] = ["US", "USA", "UK", "UAE"];

/// Territories with a country code of their own, and the country whose name often stands after theirs.
const UNDER: [(&str, &str); 25] = [
    ("HK", "CN"),
    ("MO", "CN"),
    ("PR", "US"),
    ("GU", "US"),
    ("VI", "US"),
    ("AS", "US"),
    ("MP", "US"),
    ("GP", "FR"),
    ("MQ", "FR"),
    ("RE", "FR"),
    ("GF", "FR"),
    ("YT", "FR"),
    ("NC", "FR"),
    ("PF", "FR"),
    ("AW", "NL"),
    ("CW", "NL"),
    ("SX", "NL"),
    ("GL", "DK"),
    ("FO", "DK"),
    ("AX", "FI"),
    ("BM", "GB"),
    ("GI", "GB"),
    ("JE", "GB"),
    ("GG", "GB"),
    ("IM", "GB"),
];

fn is_under(territory: Code, country: Code) -> bool {
    UNDER.contains(&(territory, country))
}

/// What a part of the text may name.
struct Reading {
    countries: Vec<Code>,
    /// It names a state, and the country only through it.
    by_state: bool,
    /// The country meant where no city says otherwise.
    likely: Option<Code>,
}

impl Reading {
    fn new(country: Option<Code>, by_state: Option<Code>) -> Option<Self> {
        let mut countries: Vec<Code> = country.into_iter().chain(by_state).collect();
        countries.dedup();
        (!countries.is_empty()).then_some(Self { countries, by_state: by_state.is_some(), likely: None })
    }

    fn only(&self) -> Option<Code> {
        if let [country] = self.countries.as_slice() { Some(country) } else { None }
    }

    /// The one country meant, if need be by a city before.
    fn settle(&self, before: &[Segment]) -> Option<Code> {
        let has_city =
            |country: &&Code| before.iter().any(|segment| Tables::get().is_city(&segment.words.join(" "), country));
        self.only().or_else(|| {
            let mut settled = self.countries.iter().filter(has_city);
            let first = settled.next().copied();
            match (first, settled.next()) {
                (None, _) => self.likely,
                (first, None) => first,
                _ => None,
            }
        })
    }
}

/// A part of a location text between commas and the like.
struct Segment<'t> {
    raw: &'t str,
    /// Folded, without the words around the place.
    words: Vec<String>,
}

impl<'t> Segment<'t> {
    fn new(raw: &'t str) -> Self {
        let mut words = crate::title::words_of(raw);
        // "IN" alone is India or Indiana.
        let alone = words.len() == 1 && words.first().is_some_and(|word| word == "in");
        let filler = |word: Option<&String>| !alone && word.is_some_and(|word| FILLERS.contains(&word.as_str()));
        while filler(words.last()) {
            words.pop();
        }
        while filler(words.first()) {
            words.remove(0);
        }
        Self { raw, words }
    }

    /// The part is the name of a country, a state, or both; "US" in capitals is a name too.
    fn exact(&self) -> Option<Reading> {
        let name = self.words.join(" ");
        let tables = Tables::get();
        if self.code(true).is_some_and(|code| code == "US") {
            return Reading::new(tables.by_code.get("US").copied(), None);
        }
        Reading::new(tables.by_name.get(&name).copied(), tables.by_state_name.get(&name).copied())
    }

    /// The part is a code, or ends in a country's name.
    fn loose(&self, after_comma: bool, shouts: bool) -> Option<Reading> {
        let tables = Tables::get();
        if let Some(code) = self.code(shouts) {
            let state = tables.by_state_code.get(code.as_str()).copied().filter(|_| after_comma);
            let likely = state.and_then(|(country, open)| (!open).then_some(country));
            let reading = Reading::new(tables.by_code.get(code.as_str()).copied(), state.map(|(country, _)| country));
            return reading.map(|reading| Reading { likely, ..reading });
        }
        let last_raw = self.raw.split_whitespace().last()?.trim_matches('.');
        if COMMON.contains(&last_raw) {
            let country = tables.by_code.get(last_raw).or_else(|| tables.by_name.get(&folded(last_raw)));
            return Reading::new(country.copied(), None);
        }
        (1..self.words.len()).find_map(|start| {
            let (before, name) = self.words.split_at(start);
            let name = name.join(" ");
            let namesake = before.last().is_some_and(|word| NAMESAKES.contains(&word.as_str()));
            let named = tables.by_name.get(&name).copied().filter(|_| name.chars().count() >= 4 && !namesake);
            Reading::new(named, tables.by_state_name.get(&name).copied().filter(|_| named.is_some()))
        })
    }

    /// Two or three letters standing alone, in capitals unless the whole text has none.
    fn code(&self, shouts: bool) -> Option<String> {
        let [word] = self.words.as_slice() else { return None };
        let capital = word.to_ascii_uppercase();
        let written_so = !shouts || self.raw.split(|c: char| !c.is_alphanumeric()).any(|word| word == capital);
        ((2..=3).contains(&word.len()) && written_so).then_some(capital)
    }

    fn is_state_of(&self, country: Code) -> bool {
        let tables = Tables::get();
        let by_code =
            self.code(true).and_then(|code| tables.by_state_code.get(code.as_str()).map(|(country, _)| *country));
        by_code.or_else(|| tables.by_state_name.get(&self.words.join(" ")).copied()) == Some(country)
    }
}
