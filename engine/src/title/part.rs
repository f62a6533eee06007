//! What one part of a title says: which of its phrases governs.

use super::attributes::yield_to_nouns;
use super::entry::{Entry, Flag, Kind, Qualifier};
use super::finds::{Found, finds};
use super::phrases::Item;
use super::steps::{adjust, deputy, mark};
use super::{Function, Level, Modifier};
use crate::Set;

/// What one comma-separated part of a title says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) level: Option<Level>,
    pub(super) functions: Set<Function>,
    /// Functions that count only where nothing else names one.
    pub(super) weak: Set<Function>,
    pub(super) modifiers: Set<Modifier>,
    /// Qualifiers of a part that holds nothing else ("Engineer, Senior"): they belong to the rest of the title.
    pub(super) loose: Set<Qualifier>,
    pub(super) unsure: bool,
    /// Speaks of banking.
    pub(super) bank: bool,
    /// The rank is only a grade where the title speaks of banking.
    pub(super) bank_grade: bool,
    /// Called a manager, read as a specialist.
    pub(super) managerial: bool,
    /// "Chief" with nothing yet to be the chief of: "Chief Digital, Data and Technology Officer".
    pub(super) open_chief: bool,
    /// The rank is an officer's.
    pub(super) officer: bool,
    /// The rank runs the whole unless the title names a part of it.
    pub(super) whole: bool,
    /// What the part speaks of beside its rank: a field, a division of the organisation, a body beside it.
    pub(super) about: About,
    /// The rank is one that banks give as a grade, and stands alone.
    pub(super) grade: bool,
    /// A specialist's job.
    pub(super) specialist: bool,
    /// Read by a guess, from a single word.
    pub(super) guessed: bool,
    /// A conjunction joins it to what stands before.
    pub(super) joined: bool,
    pub(super) words: u32,
    pub(super) understood: u32,
}

/// What a part speaks of beside its rank.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About {
    pub(super) field: bool,
    pub(super) division: bool,
    pub(super) body: bool,
}

/// Reads a part; `next` is handed each further part that a conjunction opens ("Director of Sales and Head of
/// Marketing").
pub(super) fn read(items: &[Item], next: &mut dyn FnMut(Part)) {
    let mut start = 0;
    for (at, item) in items.iter().enumerate() {
        if matches!(item, Item::Conjunction)
            && items.get(start..at).is_some_and(names_rank)
            && items.get(at + 1..).is_some_and(opens_rank)
        {
            next(Part { joined: start > 0, ..part(items.get(start..at).unwrap_or_default()) });
            start = at + 1;
        }
    }
    next(Part { joined: start > 0, ..part(items.get(start..).unwrap_or_default()) });
}

fn names_rank(items: &[Item]) -> bool {
    items.iter().take_while(|item| !matches!(item, Item::Preposition)).any(levelled)
}

/// Whether a rank comes next, with nothing but qualifiers before it.
fn opens_rank(items: &[Item]) -> bool {
    let is_qualifier =
        |item: &&Item| matches!(item, Item::Known { entry, .. } if matches!(entry.kind, Kind::Qualifier(_)));
    items.iter().find(|item| !is_qualifier(item)).is_some_and(levelled)
}

fn levelled(item: &Item) -> bool {
    matches!(item, Item::Known { entry, possessed: false, .. } if entry.level.is_some() || entry.is(Flag::Chief))
}

fn part(items: &[Item]) -> Part {
    let mut part = Part::default();
    let mut finds = finds(items, &mut part);
    yield_to_nouns(&mut finds);
    let qualifiers: Set<Qualifier> = finds
        .iter()
        .filter(|found| found.head)
        .filter_map(|found| if let Kind::Qualifier(qualifier) = found.entry.kind { Some(qualifier) } else { None })
        .collect();
    gather(&finds, &mut part);
    part.modifiers.extend(qualifiers.iter().filter_map(mark));
    judge(&finds, qualifiers, &mut part);
    part.about = about(&finds);
    part.grade &=
        finds.iter().all(|found| matches!(found.entry.kind, Kind::Qualifier(_)) || found.entry.is(Flag::Grade));
    part.guessed = matches!(finds.as_slice(), [one] if one.entry.is(Flag::Guessed)) && part.words == 1;
    if part.modifiers.contains(Modifier::AssistantOf) {
        // The functions are those of the person assisted, and so is the seat.
        part.modifiers = part.modifiers.iter().filter(|modifier| *modifier != Modifier::Board).collect();
        (part.functions, part.weak) = (Set::from_iter([Function::Operations]), Set::new());
    }
    part
}

/// Gathers functions and modifiers.
fn gather(finds: &[Found], part: &mut Part) {
    // A recruiter of engineers recruits: an occupation with a function of its own outweighs the topics around it. Only
    // engineers, analysts and the like are named after what they work on.
    let own = finds.iter().rfind(|found| {
        let entry = found.entry;
        found.head
            && (entry.kind == Kind::Occupation
                || entry.level.is_some_and(|level| level <= Level::SeniorIndividualContributor))
            && !entry.functions.is_empty()
            && !entry.is(Flag::Technical)
            && !entry.is(Flag::Weak)
    });
    for found in finds {
        part.bank |= found.entry.is(Flag::Bank);
        if own.is_none_or(|own| own.entry.functions == found.entry.functions) && !found.possessed {
            let functions = if found.entry.is(Flag::Weak) { &mut part.weak } else { &mut part.functions };
            *functions = functions.union(found.entry.functions);
        }
        if found.head {
            part.modifiers = part.modifiers.union(found.entry.modifiers());
        }
    }
}

/// What the part speaks of. Beside a rank that may run the whole, only a field behind it narrows it: a "Hospital
/// President" runs a hospital, a "President, Hospital Services" does not.
fn about(finds: &[Found]) -> About {
    let rank = finds.iter().rposition(|found| found.entry.is(Flag::Whole));
    let behind = rank.and_then(|at| finds.get(at + 1..)).unwrap_or(finds);
    let topics = |finds: &[Found], test: &dyn Fn(&Entry) -> bool| {
        finds.iter().any(|found| found.entry.kind == Kind::Topic && !found.possessed && test(&found.entry))
    };
    About {
        field: topics(behind, &|entry| entry.functions.iter().any(|function| function != Function::Executive)),
        division: topics(finds, &|entry| entry.is(Flag::Division)),
        body: topics(finds, &|entry| entry.is(Flag::Body)),
    }
}

/// Decides the rank.
fn judge(finds: &[Found], qualifiers: Set<Qualifier>, part: &mut Part) {
    let ranks = || finds.iter().filter(|found| found.head && found.entry.level.is_some());
    // Somebody else's rank: behind a preposition, or before the word "assistant".
    let assisted =
        finds.iter().find(|found| found.entry.kind == Kind::Rank && found.entry.level >= Some(Level::Manager));
    let assistant = qualifiers.contains(Qualifier::Assistant);
    let last_is = |qualifier| {
        finds.iter().rfind(|found| found.head).is_some_and(|found| found.entry.kind == Kind::Qualifier(qualifier))
    };
    if let Some(governor) = finds.iter().rfind(|found| found.head && found.entry.is(Flag::Governs)) {
        part.level = governor.entry.level.map(|level| adjust(level, qualifiers, &governor.entry));
        part.unsure = governor.entry.is(Flag::Unsure);
        part.specialist = is_specialist(&governor.entry);
        if governor.entry.is(Flag::MaybeAssistant) && assisted.is_some() {
            part.modifiers.insert(Modifier::AssistantOf);
        }
    } else if assistant && last_is(Qualifier::Assistant) && (ranks().count() == 0 || assisted.is_some()) {
        // "CEO Assistant", "Assistant to the Mayor": the word rules.
        part.level = Some(if qualifiers.contains(Qualifier::Senior) {
            Level::SeniorIndividualContributor
        } else {
            Level::IndividualContributor
        });
        if assisted.is_some() {
            part.modifiers.insert(Modifier::AssistantOf);
        }
    } else if let Some(chief) = finds.iter().position(|found| found.head && found.entry.is(Flag::Chief)) {
        judge_chief(finds.get(chief..).unwrap_or_default(), qualifiers, part);
    } else if let Some(top) = ranks().max_by_key(|found| found.entry.level) {
        judge_ranks(finds, *top, qualifiers, part);
    } else {
        judge_qualifiers(finds, qualifiers, assisted, part);
    }
}

/// "Chief": with "officer" the chief of a function, before an occupation the first of those who do it, else a head.
fn judge_chief(finds: &[Found], qualifiers: Set<Qualifier>, part: &mut Part) {
    let officer = finds.iter().any(|found| found.head && found.entry.is(Flag::Officer));
    let led = finds.iter().find(|found| found.head && found.entry.level.is_some()).map(|found| found.entry.level);
    let level = match (officer, led) {
        (true, _) => Level::CLevel,
        (false, Some(level)) => level.unwrap_or(Level::Lead).max(Level::Lead),
        (false, None) => Level::Head,
    };
    part.level = Some(adjust(level, qualifiers, &Entry::new(Kind::Rank)));
    part.unsure = !officer;
    part.open_chief = !officer && led.is_none();
}

/// The highest of the ranks in the head governs.
fn judge_ranks(finds: &[Found], top: Found, qualifiers: Set<Qualifier>, part: &mut Part) {
    let ranks = || finds.iter().filter(|found| found.head && found.entry.level.is_some());
    let technical = ranks().find(|found| found.entry.is(Flag::Technical) || found.entry.is(Flag::Graded));
    let of =
        if top.entry.level >= Some(Level::Lead) { top.entry } else { technical.map_or(top.entry, |found| found.entry) };
    part.level = top.entry.level.map(|level| adjust(level, qualifiers, &of));
    part.unsure = top.entry.is(Flag::Unsure);
    part.bank_grade = top.entry.is(Flag::BankGrade);
    part.managerial = top.entry.is(Flag::Managerial);
    part.officer = top.entry.is(Flag::Officer);
    part.whole = top.entry.is(Flag::Whole);
    part.grade = top.entry.is(Flag::Grade);
    let leads_specialists = top.entry.level == Some(Level::Lead) && ranks().any(|found| is_specialist(&found.entry));
    part.specialist = is_specialist(&top.entry) && top.last || leads_specialists;
    let named = ranks().find(|found| found.entry.kind == Kind::Occupation);
    match named {
        // "Head Nurse" leads nurses; "Head of Nursing" runs a department.
        Some(_) if top.entry.is(Flag::Heads) => part.level = Some(Level::Lead),
        // "Vice President Software Engineer": a bank's grade before the job.
        Some(job) if top.entry.is(Flag::Grade) && job.last && is_specialist(&job.entry) && leads(finds) => {
            part.level = job.entry.level.map(|level| level.max(Level::SeniorIndividualContributor));
            part.unsure = true;
        }
        // "Manager Account Executive": rank and job stand side by side.
        Some(job) if top.entry.kind == Kind::Rank && job.last && top.entry.level > Some(Level::Lead) => {
            part.unsure = true
        }
        _ => {}
    }
}

/// An occupation that leads nobody, and says what it works on or is called a manager's.
fn is_specialist(entry: &Entry) -> bool {
    entry.kind == Kind::Occupation
        && entry.level <= Some(Level::SeniorIndividualContributor)
        && (!entry.functions.is_empty() || entry.is(Flag::Managerial))
        && !entry.is(Flag::Agent)
}

/// Whether a bank's grade comes first, qualifiers apart.
fn leads(finds: &[Found]) -> bool {
    let is_qualifier = |found: &&Found| matches!(found.entry.kind, Kind::Qualifier(_));
    finds.iter().find(|found| !is_qualifier(found)).is_some_and(|found| found.entry.is(Flag::Grade))
}

/// No rank and no occupation: qualifiers alone may still say something.
fn judge_qualifiers(finds: &[Found], qualifiers: Set<Qualifier>, of: Option<&Found>, part: &mut Part) {
    let last = finds.iter().rfind(|found| found.head).map(|found| found.entry.kind);
    let named = |qualifier| qualifiers.contains(qualifier);
    if let (true, Some(of)) = (named(Qualifier::Deputy) && last == Some(Kind::Qualifier(Qualifier::Deputy)), of) {
        // "Deputy to the Director".
        (part.level, part.unsure) = (of.entry.level.map(deputy), true);
    } else if named(Qualifier::Assistant) || named(Qualifier::Associate) {
        let level = Level::IndividualContributor;
        part.level = Some(adjust(level, qualifiers, &Entry::new(Kind::Occupation)));
        part.modifiers = part.modifiers.iter().filter(|modifier| *modifier != Modifier::Associate).collect();
        part.unsure = !named(Qualifier::Assistant);
    } else if named(Qualifier::Principal) && last == Some(Kind::Qualifier(Qualifier::Principal)) {
        (part.level, part.unsure) = (Some(Level::SeniorIndividualContributor), true);
    } else if !finds.is_empty() && finds.iter().all(|found| matches!(found.entry.kind, Kind::Qualifier(_))) {
        part.loose = qualifiers;
    }
}
