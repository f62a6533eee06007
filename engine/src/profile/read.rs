//! From TOML to profile, telling everything that is wrong at once and where.

use super::check;
use super::nearest::advice;
use super::problem::{Problem, ProfileError, quoted};
use super::{Coverage, Currency, CurrencyCode, Rate, SellerProfile, Weights};
use crate::Function;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The fields of a profile.
const FIELDS: [&str; 10] = [
    "product",
    "deal_size",
    "currency",
    "exchange",
    "primary_functions",
    "adjacent_functions",
    "title_keywords",
    "exclude_titles",
    "coverage",
    "weights",
];
const COVERAGE: [&str; 3] = ["name", "functions", "above"];
const WEIGHTS: [&str; 5] = ["relevance", "authority", "influence", "champion", "reachability"];

type Item<'i> = Spanned<DeValue<'i>>;

/// Amounts end where TOML's integers do, so that every profile can be written again.
const LARGEST: u64 = i64::MAX as u64;

pub(super) fn read(text: &str) -> Result<SellerProfile, ProfileError> {
    let table = DeTable::parse(text).map_err(|error| ProfileError::Syntax(error.to_string().trim_end().to_owned()))?;
    let mut reading = Reading { text, problems: Vec::new() };
    let profile = reading.profile(table.get_ref());
    let mut problems = reading.problems;
    // What could not be read has been told; its default need not make sense beside the rest.
    let told: BTreeSet<String> = problems.iter().map(|problem| problem.field.clone()).collect();
    for check::Found { mut problem, voice } in check::problems(&profile) {
        // An entry that could not be read is missing in the count.
        let uncounted = voice.is_some() && told.iter().any(|field| field.starts_with("coverage"));
        if !uncounted && !told.contains(&problem.field) {
            problem.line = line_of_field(text, table.get_ref(), &problem.field, voice);
            problems.push(problem);
        }
    }
    if problems.is_empty() {
        return Ok(profile);
    }
    problems.sort_by_key(|problem| problem.line);
    Err(ProfileError::Fields(problems))
}

/// The line of a field or, where it was left out, of what it belongs to.
fn line_of_field(text: &str, table: &DeTable<'_>, field: &str, voice: Option<usize>) -> Option<usize> {
    let mut parts = field.split('.');
    let mut item = table.get(parts.next()?)?;
    if let Some(voice) = voice.and_then(|voice| item.get_ref().get(voice)) {
        item = voice;
    }
    let inner = parts.next().and_then(|name| item.get_ref().as_table()?.get(name));
    Some(line(text, inner.unwrap_or(item)))
}

fn line(text: &str, item: &Item<'_>) -> usize {
    1 + text.as_bytes().iter().take(item.span().start).filter(|byte| **byte == b'\n').count()
}

struct Reading<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn refuse(&mut self, at: &Item<'_>, field: &str, problem: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem {
            line: Some(line(self.text, at)),
            field: field.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    fn wrong_type(&mut self, at: &Item<'_>, field: &str, remedy: &str) {
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

    fn profile(&mut self, table: &DeTable<'_>) -> SellerProfile {
        self.unknown(table, "", &FIELDS);
        let mut profile = SellerProfile::default();
        if table.contains_key("primary_functions") {
            // The neighbours and keywords of another product would only look like knowledge.
            profile.adjacent_functions.clear();
            profile.title_keywords.clear();
        }
        if let Some(product) = self.field(table, "product", Self::text) {
            profile.product = product;
        }
        if let Some(size) = self.field(table, "deal_size", Self::amount) {
            profile.deal_size = size;
        }
        if let Some(currency) = self.currency(table) {
            profile.currency = currency;
        }
        if let Some(functions) = self.field(table, "primary_functions", Self::functions) {
            profile.primary_functions = functions;
        }
        if let Some(functions) = self.field(table, "adjacent_functions", Self::functions) {
            profile.adjacent_functions = functions;
        }
        if let Some(phrases) = self.field(table, "title_keywords", Self::phrases) {
            profile.title_keywords = phrases;
        }
        if let Some(phrases) = self.field(table, "exclude_titles", Self::phrases) {
            profile.exclude_titles = phrases;
        }
        if let Some(coverage) = self.field(table, "coverage", Self::coverage) {
            profile.coverage = coverage;
        }
        if let Some(weights) = self.field(table, "weights", Self::weights) {
            profile.weights = weights;
        }
        profile
    }

    fn field<T>(
        &mut self,
        table: &DeTable<'_>,
        name: &str,
        read: impl FnOnce(&mut Self, &str, &Item<'_>) -> Option<T>,
    ) -> Option<T> {
        table.get(name).and_then(|item| read(self, name, item))
    }

    /// Tells every name that does not belong into a table.
    fn unknown(&mut self, table: &DeTable<'_>, prefix: &str, known: &[&str]) {
        for (name, item) in table {
            if !known.contains(&name.get_ref().as_ref()) {
                let field = format!("{prefix}{}", name.get_ref());
                let what = if prefix.is_empty() {
                    "fields".to_owned()
                } else {
                    format!("fields of {}", &prefix[..prefix.len() - 1])
                };
                let remedy = advice(name.get_ref(), &what, known.iter().copied());
                self.refuse(item, &field, "is not a field of a seller profile", remedy);
            }
        }
    }

    fn text(&mut self, field: &str, item: &Item<'_>) -> Option<String> {
        let text = item.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(item, field, "write a text in quotes");
        }
        text.map(str::to_owned)
    }

    fn amount(&mut self, field: &str, item: &Item<'_>) -> Option<u64> {
        self.whole(field, item, LARGEST, "write a whole number without quotes, e.g. 60000")
    }

    fn whole(&mut self, field: &str, item: &Item<'_>, most: u64, remedy: &str) -> Option<u64> {
        let number = item.get_ref().as_integer().and_then(|number| {
            let number = u64::from_str_radix(number.as_str(), number.radix()).ok()?;
            (number <= most).then_some(number)
        });
        if number.is_none() {
            self.wrong_type(item, field, remedy);
        }
        number
    }

    fn list<T>(
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

    fn phrases(&mut self, field: &str, item: &Item<'_>) -> Option<Vec<String>> {
        self.list(field, item, "write a list of phrases, e.g. [\"developer experience\"]", Self::text)
    }

    fn functions(&mut self, field: &str, item: &Item<'_>) -> Option<Vec<Function>> {
        self.list(field, item, "write a list of functions, e.g. [\"engineering\"]", |reading, field, item| {
            let name = reading.text(field, item)?;
            let function = Function::from_wire(&name);
            if function.is_none() {
                let remedy = advice(&name, "functions", Function::ALL.iter().map(|function| function.as_str()));
                reading.refuse(item, field, format!("names {}, which is not a function", quoted(&name)), remedy);
            }
            function
        })
    }

    fn table<'a, 'i>(&mut self, field: &str, item: &'a Item<'i>, remedy: &str) -> Option<&'a DeTable<'i>> {
        let table = item.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(item, field, remedy);
        }
        table
    }

    fn coverage(&mut self, field: &str, item: &Item<'_>) -> Option<Vec<Coverage>> {
        let remedy = "write one [[coverage]] for each voice, with name, functions and above";
        self.list(field, item, remedy, |reading, field, item| {
            let table = reading.table(field, item, remedy)?;
            reading.unknown(table, "coverage.", &COVERAGE);
            for missing in COVERAGE.iter().filter(|name| !table.contains_key(**name)) {
                let remedy = "every [[coverage]] needs name, functions and above (0 means always)";
                reading.refuse(item, &format!("coverage.{missing}"), "is missing", remedy);
            }
            let name = table.get("name").and_then(|item| reading.text("coverage.name", item));
            let functions = table.get("functions").and_then(|item| reading.functions("coverage.functions", item));
            let above = table.get("above").and_then(|item| reading.amount("coverage.above", item));
            Some(Coverage { name: name?, functions: functions?, above: above? })
        })
    }

    fn weights(&mut self, field: &str, item: &Item<'_>) -> Option<Weights> {
        let table = self.table(field, item, "write a table [weights] of whole numbers from 0 to 255")?;
        self.unknown(table, "weights.", &WEIGHTS);
        let usual = Weights::default();
        let mut weight = |name: &str, usual: u8| -> Option<u8> {
            let Some(item) = table.get(name) else { return Some(usual) };
            let remedy = "write a whole number from 0 to 255";
            let number = self.whole(&format!("weights.{name}"), item, u64::from(u8::MAX), remedy)?;
            u8::try_from(number).ok()
        };
        // Every one is read before any is missed.
        let [relevance, authority, influence, champion, reachability] = [
            weight("relevance", usual.relevance),
            weight("authority", usual.authority),
            weight("influence", usual.influence),
            weight("champion", usual.champion),
            weight("reachability", usual.reachability),
        ];
        Some(Weights {
            relevance: relevance?,
            authority: authority?,
            influence: influence?,
            champion: champion?,
            reachability: reachability?,
        })
    }

    fn currency(&mut self, table: &DeTable<'_>) -> Option<Currency> {
        let before = self.problems.len();
        let rates = self.field(table, "exchange", Self::exchange).unwrap_or_default();
        let Some(item) = table.get("currency") else {
            return Currency::new(CurrencyCode::USD, rates).ok();
        };
        let text = self.text("currency", item)?;
        let Ok(code) = text.parse::<CurrencyCode>() else {
            let remedy = "write its three capital letters (ISO 4217), e.g. \"EUR\"";
            self.refuse(item, "currency", format!("is {}, not a currency code", quoted(&text)), remedy);
            return None;
        };
        let currency = Currency::new(code, rates).ok();
        // Whoever wrote a table that cannot be read has been told so.
        if currency.is_none() && self.problems.len() == before {
            let remedy =
                format!("write how many US dollars one {code} is worth under [exchange], as in {code} = \"1.08\"");
            self.refuse(item, "currency", format!("is {code}, whose rate is not told, and none is built in"), remedy);
        }
        currency
    }

    fn exchange(&mut self, field: &str, item: &Item<'_>) -> Option<BTreeMap<CurrencyCode, Rate>> {
        let remedy = "write a table [exchange] with the US dollars one unit is worth, as in EUR = \"1.08\"";
        let table = self.table(field, item, remedy)?;
        let mut rates = BTreeMap::new();
        for (name, item) in table {
            let field = format!("exchange.{}", name.get_ref());
            let Ok(code) = name.get_ref().parse::<CurrencyCode>() else {
                let remedy = "write its three capital letters (ISO 4217), as in EUR = \"1.08\"";
                self.refuse(item, &field, "is not a currency code", remedy);
                continue;
            };
            if code == CurrencyCode::USD {
                let remedy = "remove it: rates are told in US dollars";
                self.refuse(item, &field, "is a rate for the US dollar itself", remedy);
                continue;
            }
            // A number without quotes is read by its digits as well: a binary fraction would not be what was written.
            let text = match item.get_ref() {
                DeValue::String(text) => text.as_ref(),
                DeValue::Float(number) => number.as_str(),
                DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
                _ => {
                    self.wrong_type(item, &field, "write how many US dollars one unit is worth, e.g. \"1.08\"");
                    continue;
                }
            };
            match text.parse::<Rate>() {
                Ok(rate) => _ = rates.insert(code, rate),
                Err(error) => self.refuse(item, &field, format!("is {}, {error}", quoted(text)), error.remedy()),
            }
        }
        Some(rates)
    }
}
