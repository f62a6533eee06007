//! From the parts of a title to the title.

use super::entry::{Entry, Flag, Kind, Qualifier};
use super::part::{self, About, Part};
use super::phrases::{items, parts, tokens};
use super::steps::{adjust, mark};
use super::tables::Tables;
use super::words::{readable, words};
use super::{Function, Level, Modifier, Title};
use crate::Set;

/// A title as its words say it.
pub(super) struct Reading {
    pub(super) title: Title,
    /// The level is that of a specialist who is called a manager: "Product Manager".
    pub(super) managerial: bool,
}

/// Reads a title.
pub(super) fn read(text: &str) -> Reading {
    let tables = Tables::get();
    let text = readable(text);
    let words = words(&text);
    let tokens = tokens(&words, &tables.vocabulary);
    let mut whole = Whole::default();
    for tokens in parts(&tokens, &tables.vocabulary) {
        part::read(&items(tokens, &words, tables), &mut |part| whole.add(part));
    }
    Reading { managerial: whole.top.managerial, title: whole.title() }
}

/// What the parts say together.
#[derive(Default)]
struct Whole {
    top: Part,
    functions: Set<Function>,
    weak: Set<Function>,
    modifiers: Set<Modifier>,
    loose: Set<Qualifier>,
    former: bool,
    bank: bool,
    open_chief: bool,
    about: About,
    /// Parts that name a rank.
    ranks: u8,
    /// The specialist's job beside the ranks, and whether it comes before them.
    job: Option<(Part, bool)>,
    words: u32,
    understood: u32,
}

impl Whole {
    fn add(&mut self, mut part: Part) {
        if self.open_chief && part.officer {
            (part.level, part.unsure) = (Some(Level::CLevel), false);
        }
        self.open_chief |= part.open_chief;
        if part.guessed && self.words > 0 && self.says_nothing() {
            // "John Smith, MD": a degree behind a name.
            self.words += part.words;
            return;
        }
        if part.level.is_none() || part.whole {
            self.about.field |= part.about.field;
            self.about.division |= part.about.division;
            self.about.body |= part.about.body;
        }
        if part.specialist && !part.joined {
            self.job = self.job.or(Some((part, self.ranks == 0)));
        }
        self.ranks = self.ranks.saturating_add(u8::from(part.level.is_some()));
        self.words += part.words;
        self.understood += part.understood;
        self.loose = self.loose.union(part.loose);
        self.bank |= part.bank;
        if part.modifiers.contains(Modifier::Former) {
            self.former = true;
            self.functions = self.functions.union(part.functions);
            self.weak = self.weak.union(part.weak);
            return;
        }
        // "Executive Assistant, CEO and CFO": the ranks that follow are those assisted.
        if !self.modifiers.contains(Modifier::AssistantOf) {
            if part.level > self.top.level {
                self.top = part;
            }
            self.functions = self.functions.union(part.functions);
            self.weak = self.weak.union(part.weak);
        }
        if part.level.is_none() && self.top.level >= Some(Level::Lead) {
            // "Director of Policy, Private Office": works there, and assists nobody.
            part.modifiers = part.modifiers.iter().filter(|modifier| *modifier != Modifier::AssistantOf).collect();
        }
        let assists = self.modifiers.contains(Modifier::AssistantOf);
        self.modifiers.extend(part.modifiers.iter().filter(|modifier| !(assists && *modifier == Modifier::Board)));
    }

    fn says_nothing(&self) -> bool {
        self.ranks == 0 && self.functions.is_empty() && self.weak.is_empty() && self.loose.is_empty()
    }

    fn title(mut self) -> Title {
        if self.loose.contains(Qualifier::Former) {
            self.former = true;
            self.top.level = None;
        }
        if self.former && self.top.level.is_none() {
            self.modifiers.insert(Modifier::Former);
        }
        self.modifiers.extend(self.loose.iter().filter_map(mark));
        // A part that qualifies the rest counts as if it stood before a technical job: "Engineer, Principal".
        let mut beside = Entry::new(Kind::Occupation);
        beside.flags.insert(Flag::Technical);
        let mut level = self.top.level.map(|level| adjust(level, self.loose, &beside));
        if self.bank && self.top.bank_grade {
            level = Some(Level::SeniorIndividualContributor);
            self.top.unsure = true;
            self.functions = self.functions.iter().filter(|function| *function != Function::Executive).collect();
        }
        if let Some(job) = self.job_of_a_grade() {
            level = job.level.max(Some(Level::SeniorIndividualContributor));
            self.top.unsure = true;
        } else if self.top.whole {
            self.narrow(&mut level);
        }
        if self.ranks > 1 && self.top.functions.is_empty() {
            // "Chief of Staff & VP Operations": what the higher rank is about counts beside the other's.
            self.functions = self.functions.union(self.top.weak);
        }
        let functions = if self.functions.is_empty() { self.weak } else { self.functions };
        let confidence = self.confidence(level, functions);
        Title { level, functions, modifiers: self.modifiers, confidence }
    }

    /// The job that a bank's grade stands beside: "Vice President, Software Engineer". A director may as well
    /// name what he or she has learnt ("Surgeon, Director"), so that grade counts only before a job and never beside a
    /// nurse's or a teacher's.
    fn job_of_a_grade(&self) -> Option<Part> {
        let (job, first) = self.job.filter(|_| self.top.grade && !self.top.joined)?;
        let director = matches!(self.top.level, Some(Level::Director | Level::SeniorDirector));
        let profession = job.functions.contains(Function::Medical) || job.functions.contains(Function::Education);
        (!director || !first && !profession).then_some(job)
    }

    /// Whoever presides over a field, a region or a division is at most the chief of it; whoever presides over a body
    /// beside the organisation, such as an alumni association, runs that.
    fn narrow(&mut self, level: &mut Option<Level>) {
        let narrower = self.functions.iter().chain(self.weak.iter()).any(|one| one != Function::Executive);
        let region = self.modifiers.contains(Modifier::Regional) && !self.top.bank_grade;
        if self.about.body {
            *level = (*level).min(Some(Level::Head));
        } else if self.about.field || self.about.division || region {
            *level = (*level).min(Some(Level::CLevel));
        } else {
            return;
        }
        self.top.unsure = true;
        if narrower || self.about.body {
            self.functions = self.functions.iter().filter(|function| *function != Function::Executive).collect();
        }
    }

    /// A level and a function make a title plain; each word not understood takes its share away, and so does a phrase
    /// that may mean something else.
    fn confidence(&self, level: Option<Level>, functions: Set<Function>) -> u8 {
        if self.words == 0 {
            return 0;
        }
        let (base, span) = match (level.is_some(), !functions.is_empty()) {
            (true, true) => (60, 40),
            (true, false) => (45, 40),
            (false, true) => (10, 25),
            (false, false) => return if self.understood > 0 { 5 } else { 0 },
        };
        let doubt = if level.is_some() && self.top.unsure { 25 } else { 0 };
        let share = span * self.understood.min(self.words) / self.words;
        u8::try_from((base + share).saturating_sub(doubt)).unwrap_or(100).min(100)
    }
}
