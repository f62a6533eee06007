//! Which column holds what.

use super::names::{FIRST_BESIDE_LAST, meaning, normal};
use std::collections::HashMap;
use std::fmt;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meaning {
    /// The source's id of the person.
    Id,
    /// Full name.
    Name,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Job title.
    Title,
    /// Department, division or team; there may be several such columns.
    Department,
    /// Whom the person reports to, by id.
    Manager,
    /// Job title of the one the person reports to.
    ManagerTitle,
    /// How many people report to the person directly.
    DirectReports,
    /// Connections or followers on a professional network.
    Network,
    /// Work e-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Public profile page.
    Profile,
    /// Place of work.
    Location,
    /// First day in the position, or in the company when that is all there is.
    StartDate,
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Meaning::Id => "person id",
            Meaning::Name => "name",
            Meaning::FirstName => "first name",
            Meaning::LastName => "last name",
            Meaning::Title => "title",
            Meaning::Department => "department",
            Meaning::Manager => "manager id",
            Meaning::ManagerTitle => "manager title",
            Meaning::DirectReports => "reports",
            Meaning::Network => "network",
            Meaning::Email => "e-mail",
            Meaning::Phone => "phone",
            Meaning::Profile => "profile URL",
            Meaning::Location => "location",
            Meaning::StartDate => "start date",
        })
    }
}

/// The columns of a file, or the keys of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    headers: Vec<String>,
    single: HashMap<Meaning, usize>,
    /// Outermost first.
    pub(super) departments: Vec<usize>,
    /// The manager's column may hold names, so that its values are believed only when they look like identities.
    pub(super) loose_manager: bool,
    /// The name column beside a first name is the family name (`Name;Vorname`).
    pub(super) name_is_last: bool,
}

impl Columns {
    /// Reads headers with the meaning of each already looked up.
    fn new(headers: Vec<String>, meanings: &[Option<(Meaning, u8)>]) -> Self {
        let mut columns = Self { headers, ..Self::default() };
        let mut ranks: HashMap<Meaning, u8> = HashMap::new();
        let mut departments = Vec::new();
        for (index, (meaning, rank)) in
            meanings.iter().enumerate().filter_map(|(index, known)| Some((index, (*known)?)))
        {
            if meaning == Meaning::Department {
                departments.push((rank, index));
            } else if ranks.get(&meaning).is_none_or(|taken| rank < *taken) {
                ranks.insert(meaning, rank);
                columns.single.insert(meaning, index);
            }
        }
        departments.sort_unstable();
        columns.departments = departments.into_iter().map(|(_, index)| index).collect();
        columns.loose_manager = ranks.get(&Meaning::Manager).is_some_and(|rank| *rank > 0);
        let called = |meaning| columns.get(meaning).map(|index| normal(columns.header(index))).unwrap_or_default();
        columns.name_is_last = FIRST_BESIDE_LAST.contains(&called(Meaning::FirstName).as_str())
            && columns.get(Meaning::LastName).is_none()
            && ["name", "nom"].contains(&called(Meaning::Name).as_str());
        columns
    }

    /// The columns that these headers name.
    pub(super) fn read(headers: Vec<String>) -> Self {
        let meanings: Vec<_> = headers.iter().map(|header| meaning(header)).collect();
        Self::new(headers, &meanings)
    }

    pub(super) fn get(&self, meaning: Meaning) -> Option<usize> {
        self.single.get(&meaning).copied()
    }

    pub(super) fn header(&self, index: usize) -> &str {
        self.headers.get(index).map_or("", String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.headers.len()
    }

    /// Columns up to here have a name; a row that ends before is cut off.
    pub(super) fn required(&self) -> usize {
        self.headers.iter().rposition(|header| !header.trim().is_empty()).map_or(0, |last| last + 1)
    }

    /// Number of columns understood.
    pub(super) fn known(&self) -> usize {
        self.single.len() + self.departments.len()
    }

    /// Whether people can be told from these columns at all.
    pub(super) fn names_people(&self) -> bool {
        [Meaning::Name, Meaning::FirstName, Meaning::LastName].iter().any(|meaning| self.single.contains_key(meaning))
    }

    /// Every column understood, in file order.
    pub(super) fn recognised(&self) -> Vec<(Meaning, String)> {
        let departments = self.departments.iter().map(|index| (*index, Meaning::Department));
        let mut all: Vec<_> =
            self.single.iter().map(|(meaning, index)| (*index, *meaning)).chain(departments).collect();
        all.sort_unstable();
        all.into_iter().map(|(index, meaning)| (meaning, self.header(index).to_owned())).collect()
    }

    /// Every named column that is not used, in file order.
    pub(super) fn ignored(&self) -> Vec<String> {
        let used = |index: &usize| self.departments.contains(index) || self.single.values().any(|used| used == index);
        let unused = (0..self.len()).filter(|index| !used(index) && !self.header(*index).trim().is_empty());
        unused.map(|index| self.header(index).to_owned()).collect()
    }
}

/// Looks keys up once, since every object of a file has much the same.
#[derive(Default)]
pub(super) struct Keys {
    known: HashMap<String, Option<(Meaning, u8)>>,
}

/// Most keys remembered, so that a file of ever new keys does not fill the memory.
const MAX_KEYS: usize = 4096;

impl Keys {
    /// The columns that an object with these keys has.
    pub(super) fn columns<'a>(&mut self, keys: impl Iterator<Item = &'a String>) -> Columns {
        let headers: Vec<String> = keys.cloned().collect();
        if self.known.len() + headers.len() > MAX_KEYS {
            self.known.clear();
        }
        let known = &mut self.known;
        let meanings: Vec<_> = headers
            .iter()
            .map(|header| match known.get(header) {
                Some(known) => *known,
                None => *known.entry(header.clone()).or_insert_with(|| meaning(header)),
            })
            .collect();
        Columns::new(headers, &meanings)
    }
}

/// A header as it may stand in a message: one line, not too long.
pub(super) fn shown(header: &str) -> String {
    let plain = header.chars().map(|character| if character.is_control() { ' ' } else { character });
    let mut short: String = plain.take(61).collect();
    if short.chars().count() > 60 {
        short.pop();
        short.push('…');
    }
    short.trim().to_owned()
}
