//! The tables places are read by.

use crate::title::words_of;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

const COUNTRIES: &str = include_str!("../../vocabulary/countries.tsv");
const STATES: &str = include_str!("../../vocabulary/states.tsv");
const CITIES: &str = include_str!("../../vocabulary/cities.tsv");

/// ISO alpha-2 code in capitals.
pub(super) type Code = &'static str;

pub(super) struct Tables {
    /// Every country, sorted by code.
    pub(super) codes: Vec<Code>,
    /// Countries by ISO code of two or three letters, in capitals.
    pub(super) by_code: HashMap<&'static str, Code>,
    /// Countries by name, folded.
    pub(super) by_name: HashMap<String, Code>,
    /// Countries by the abbreviation of a state, in capitals, and whether the abbreviation is as likely a country's.
    pub(super) by_state_code: HashMap<&'static str, (Code, bool)>,
    /// Countries by the name of a state, folded.
    pub(super) by_state_name: HashMap<String, Code>,
    cities: BTreeSet<(String, Code)>,
}

impl Tables {
    pub(super) fn get() -> &'static Self {
        static TABLES: LazyLock<Tables> = LazyLock::new(Tables::load);
        &TABLES
    }

    /// Whether this folded name is that of a city of the country.
    pub(super) fn is_city(&self, name: &str, country: Code) -> bool {
        self.cities.contains(&(name.to_owned(), country))
    }

    fn load() -> Self {
        let mut tables = Self {
            codes: Vec::new(),
            by_code: HashMap::new(),
            by_name: HashMap::new(),
            by_state_code: HashMap::new(),
            by_state_name: HashMap::new(),
            cities: BTreeSet::new(),
        };
        for (code, rest) in rows(COUNTRIES) {
            let (alpha3, names) = rest.split_once('\t').unwrap_or((rest, ""));
            tables.codes.push(code);
            tables.by_code.extend([(code, code), (alpha3, code)]);
            tables.by_name.extend(names.split('|').map(|name| (folded(name), code)));
        }
        for (country, rest) in rows(STATES) {
            let (abbreviation, rest) = rest.split_once('\t').unwrap_or((rest, ""));
            let (name, open) = rest.split_once('\t').unwrap_or((rest, ""));
            tables.by_state_code.insert(abbreviation, (country, open == "open"));
            tables.by_state_name.insert(folded(name), country);
        }
        for (country, cities) in rows(CITIES) {
            tables.cities.extend(cities.split('|').map(|city| (folded(city), country)));
        }
        tables
    }
}

pub(super) fn folded(text: &str) -> String {
    words_of(text).join(" ")
}

fn rows(table: &'static str) -> impl Iterator<Item = (Code, &'static str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole_and_every_name_is_one_countrys() {
        let mut owners: HashMap<String, Code> = HashMap::new();
        for (code, rest) in rows(COUNTRIES) {
            let (alpha3, names) = rest.split_once('\t').unwrap_or_default();
            assert!(code.len() == 2 && alpha3.len() == 3 && !names.is_empty(), "{code}");
            for name in names.split('|').map(folded) {
                assert!(!name.is_empty(), "{code} has a name without letters");
                assert_eq!(*owners.entry(name.clone()).or_insert(code), code, "{name:?} names two countries");
            }
        }
        let tables = Tables::get();
        assert_eq!(tables.codes.len(), 249, "ISO 3166-1");
        assert!(tables.codes.is_sorted());
        assert_eq!((tables.by_state_code.len(), tables.by_state_name.len()), (51 + 13, 51 + 13));
        assert_eq!(tables.by_code.len(), 2 * 249);
        for (abbreviation, (_, open)) in &tables.by_state_code {
            assert!(!open || tables.by_code.contains_key(abbreviation), "{abbreviation} is no country's code");
        }
        for (country, _) in rows(STATES).chain(rows(CITIES)) {
            assert!(tables.by_code.contains_key(country), "{country}");
        }
    }
}
