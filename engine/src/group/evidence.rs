//! What is known about one person, read once, before any question of roles or size.

use super::fit::veto;
use super::influence::{network, span};
use crate::title::{Context, fold, words_of};
use crate::{Function, Level, Modifier, Person, SellerProfile, Set, Title};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;

/// Relevance of a function that buys and uses the product.
pub(super) const PRIMARY: u8 = 100;
/// Relevance of the functions beside it, from the first one the profile names to the last (domain rule: 50–80).
const ADJACENT: (u8, u8) = (80, 50);
/// Relevance of any other function (domain rule: at most 20, keywords included).
const UNRELATED: u8 = 15;
/// What a keyword of the profile adds within a related function, and outside one.
const KEYWORD: (u8, u8) = (15, 5);
/// Relevance below which nobody decides on, carries or uses the product.
pub(super) const RELATED: u8 = ADJACENT.1;

/// The seller profile, prepared for reading many titles.
#[derive(Clone, Debug)]
pub(super) struct Lens {
    pub(super) profile: SellerProfile,
    keywords: Vec<Vec<String>>,
    excluded: Vec<Vec<String>>,
}

impl Lens {
    pub(super) fn new(profile: &SellerProfile) -> Self {
        let phrases = |list: &[String]| list.iter().map(|phrase| words_of(phrase)).filter(|w| !w.is_empty()).collect();
        let (keywords, excluded) = (phrases(&profile.title_keywords), phrases(&profile.exclude_titles));
        Self { profile: profile.clone(), keywords, excluded }
    }

    fn focus(&self, functions: Set<Function>) -> u32 {
        // Running the company is no further field: a founder may still be the chief engineer.
        let fields: Vec<Function> = functions.iter().filter(|function| *function != Function::Executive).collect();
        let concerns = |one: &Function| {
            [&self.profile.primary_functions, &self.profile.adjacent_functions].iter().any(|l| l.contains(one))
        };
        match fields.len() {
            0 | 1 => FOCUS[0],
            _ if fields.iter().all(concerns) => FOCUS[1],
            _ => FOCUS[2],
        }
    }

    /// How well these functions can stop a purchase of this product, 0–100.
    fn veto(&self, functions: Set<Function>) -> u32 {
        functions.iter().map(|one| veto(one, self.profile.adjacent_functions.contains(&one))).max().unwrap_or(0)
    }

    /// Fit of functions to the product, 0–100; `None` when nothing says what somebody works on.
    fn relevance(&self, functions: Set<Function>, keyword: bool) -> Option<u8> {
        let adjacent = &self.profile.adjacent_functions;
        let best = functions
            .iter()
            .map(|function| {
                if self.profile.primary_functions.contains(&function) {
                    return PRIMARY;
                }
                adjacent.iter().position(|one| *one == function).map_or(UNRELATED, |at| beside(at, adjacent.len()))
            })
            .max()?;
        let more = match (keyword, best > UNRELATED) {
            (true, true) => KEYWORD.0,
            (true, false) => KEYWORD.1,
            (false, _) => 0,
        };
        Some((best + more).min(100))
    }
}

/// Focus of who works in one function, in several that all concern the product, and in others as well.
const FOCUS: [u32; 3] = [100, 95, 85];

/// Relevance of the adjacent function at this place of so many: the first the most, the last the least.
fn beside(at: usize, of: usize) -> u8 {
    let steps = of.saturating_sub(1).max(1);
    let less = usize::from(ADJACENT.0 - ADJACENT.1) * at / steps;
    ADJACENT.0 - u8::try_from(less).unwrap_or(ADJACENT.0 - ADJACENT.1)
}

/// Why somebody is out of the question whatever the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Out {
    /// The profile excludes the title.
    Excluded,
    /// The position is held no more.
    Former,
}

/// What title, department and reporting line say. Small and copied freely: made for everybody who is offered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub(super) title: Title,
    pub(super) functions: Set<Function>,
    /// The functions that bear on a purchase: [`Evidence::functions`] without an engineering that is about something else
    /// than a company's technology.
    bearing: Set<Function>,
    pub(super) keyword: bool,
    /// Of a function that concerns the product title and department do not both speak: the title is silent on it, or the
    /// department names other functions ("Director of Administration" of the law department).
    pub(super) aside: bool,
    /// How well the person's functions can stop a purchase of this product, 0–100.
    pub(super) veto: u32,
    /// Stands at the top, and title or department name a function: of a part of the company rather than the whole.
    pub(super) heads_part: bool,
    /// Fit of the functions to the product, 0–100; `None` when nothing says what the person works on. Who runs the
    /// company is judged by its size as well, see `View::relevance`.
    pub(super) relevance: Option<u8>,
    pub(super) out: Option<Out>,
    /// How far the person speaks for the product's functions alone, 0–100: who also works elsewhere speaks for that too.
    pub(super) focus: u32,
    /// Rank of the one reported to, and fit of that person's functions to the product.
    pub(super) manager: Option<(Level, Option<u8>)>,
    /// Direct reports on a scale of 0–100.
    pub(super) span: Option<u8>,
    /// Connections and followers on a scale of 0–100.
    pub(super) network: Option<u8>,
}

impl Evidence {
    pub(super) fn of(person: &Person, lens: &Lens) -> Self {
        let text = person.title.as_deref().unwrap_or_default();
        let title = Title::read(text, &context(person));
        // Folding ASCII is ignoring its case, which takes no copy.
        let folded = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) };
        let words: SmallVec<[&str; 16]> =
            folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let alike = |(word, wanted): (&&str, &String)| word.eq_ignore_ascii_case(wanted);
        let holds = |phrases: &[Vec<String>]| {
            let mut phrases = phrases.iter();
            phrases.any(|phrase| words.windows(phrase.len()).any(|window| window.iter().zip(phrase).all(alike)))
        };
        let (keyword, excluded) = (holds(&lens.keywords), holds(&lens.excluded));
        let functions = title.functions;
        let bearing = bearing(person, functions);
        let relevance = if excluded { Some(0) } else { lens.relevance(bearing, keyword) };
        let concerned = relevance >= Some(RELATED);
        let manager = person.manager_title.as_deref().map(Title::parse);
        let manager = manager.filter(|title| !title.is(Modifier::Former));
        Self {
            title,
            functions,
            bearing,
            keyword,
            aside: concerned && !person.departments.is_empty() && aside(person, functions),
            veto: lens.veto(functions),
            heads_part: title.level >= Some(Level::President) && heads_part(person, functions),
            relevance,
            focus: lens.focus(functions),
            out: if excluded { Some(Out::Excluded) } else { title.is(Modifier::Former).then_some(Out::Former) },
            manager: manager.and_then(|title| title.level.map(|level| (level, lens.relevance(title.functions, false)))),
            span: person.direct_reports.map(span),
            network: person.network.map(network),
        }
    }

    /// Whether the title does not say what the person works on and the department does.
    pub(super) fn rests_on_department(&self, person: &Person) -> bool {
        rests_on_department(person, self.functions)
    }

    pub(super) fn works_in(&self, functions: Set<Function>) -> bool {
        self.bearing.meets(functions)
    }

    /// Whether the rank is one of those who run a company.
    pub(super) fn is_top(&self) -> bool {
        self.title.level >= Some(Level::President)
    }

    /// Whether the person works where the product is bought or used, or beside it.
    pub(super) fn is_related(&self) -> bool {
        self.relevance.is_some_and(|relevance| relevance >= RELATED)
    }
}

fn rests_on_department(person: &Person, functions: Set<Function>) -> bool {
    let title = person.title.as_deref().unwrap_or_default();
    !functions.is_empty() && !person.departments.is_empty() && Title::parse(title).functions.is_empty()
}

fn aside(person: &Person, functions: Set<Function>) -> bool {
    let named = named_by_departments(person);
    (!named.is_empty() && !named.meets(functions)) || rests_on_department(person, functions)
}

fn named_by_departments(person: &Person) -> Set<Function> {
    person.departments.iter().fold(Set::new(), |all, name| all.union(Title::parse(name).functions))
}

/// Whether somebody at the top answers for a function: by the title, or by a department that is not the head office.
fn heads_part(person: &Person, functions: Set<Function>) -> bool {
    let part = |functions: Set<Function>| !functions.is_empty() && !functions.contains(Function::Executive);
    functions.iter().any(|one| one != Function::Executive) || part(named_by_departments(person))
}

/// Functions beside which engineering is taught, treated, built or put out, rather than what a company's technology is
/// made of: "Dean, College of Engineering", "Facilities Engineer".
const ELSEWHERE: [Function; 4] = [Function::Education, Function::Medical, Function::Facilities, Function::PublicSafety];
/// Functions of a company's own technology.
const TECHNOLOGY: [Function; 5] =
    [Function::Engineering, Function::It, Function::Data, Function::Security, Function::Product];

/// The functions that bear on a purchase. Engineering does not where title or department say that it serves another
/// field.
fn bearing(person: &Person, functions: Set<Function>) -> Set<Function> {
    if !functions.contains(Function::Engineering) {
        return functions;
    }
    let elsewhere: Set<Function> = ELSEWHERE.into_iter().collect();
    let department = named_by_departments(person);
    let technology = department.meets(TECHNOLOGY.into_iter().collect());
    let serves = functions.meets(elsewhere) || (!technology && department.meets(elsewhere));
    if serves { functions.iter().filter(|one| *one != Function::Engineering).collect() } else { functions }
}

/// What may support or correct the title.
fn context(person: &Person) -> Context<'_> {
    Context {
        departments: &person.departments,
        manager_title: person.manager_title.as_deref(),
        direct_reports: person.direct_reports,
    }
}

/// A person with the evidence.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) person: Arc<Person>,
    pub(super) evidence: Evidence,
}

impl Candidate {
    pub(super) fn new(person: Arc<Person>, lens: &Lens) -> Self {
        let evidence = Evidence::of(&person, lens);
        Self { person, evidence }
    }
}

/// A name or title as it is compared: folded words joined by single spaces.
pub(super) fn plain(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test should stop at once")]
mod tests {
    use super::*;

    #[test]
    fn adjacent_functions_count_in_the_order_of_the_profile() {
        assert_eq!([0, 1, 2, 3].map(|at| beside(at, 4)), [80, 70, 60, 50]);
        assert_eq!([0, 1].map(|at| beside(at, 2)), [80, 50]);
        assert_eq!(beside(0, 1), 80);
        let lens = Lens::new(&SellerProfile { title_keywords: vec!["galaxy".to_owned()], ..SellerProfile::default() });
        let relevance = |title: &str| {
            let id = crate::PersonId::new("a").unwrap();
            let person = Person { title: Some(title.to_owned()), ..Person::new(id, "A") };
            Evidence::of(&person, &lens).relevance
        };
        assert_eq!(relevance("VP Engineering"), Some(100));
        assert_eq!(relevance("VP Product"), Some(80));
        assert_eq!(relevance("VP Product, Galaxy"), Some(95));
        assert_eq!(relevance("VP Marketing"), Some(15));
        assert_eq!(relevance("Galaxy Marketing Manager"), Some(20), "a keyword alone makes nobody related");
        assert_eq!(relevance("Wizard"), None);
    }
}
