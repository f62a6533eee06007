//! From words to a title.

use super::vocabulary::{Entry, Kind, Qualifier, Vocabulary};
use super::words::{Word, segments};
use super::{Function, Level, Modifier, Title};
use std::collections::BTreeSet;

/// Reads a title.
pub(super) fn parse(text: &str) -> Title {
    let mut reading = Reading::default();
    let segments = segments(text);
    let bank = segments.iter().any(|words| has_banking(words));
    for words in &segments {
        reading.add(segment(words, bank));
    }
    reading.title()
}

/// What one comma-separated part of a title says.
#[derive(Default)]
struct Segment {
    level: Option<Level>,
    functions: BTreeSet<Function>,
    modifiers: BTreeSet<Modifier>,
    /// Qualifiers of a part that holds nothing else ("Engineer, Senior"): they belong to the rest of the title.
    loose: Vec<Qualifier>,
    unsure: bool,
    words: usize,
    understood: usize,
}

/// What the parts say together.
#[derive(Default)]
struct Reading {
    level: Option<Level>,
    functions: BTreeSet<Function>,
    modifiers: BTreeSet<Modifier>,
    loose: Vec<Qualifier>,
    former: bool,
    unsure: bool,
    words: usize,
    understood: usize,
}

impl Reading {
    fn add(&mut self, part: Segment) {
        self.words += part.words;
        self.understood += part.understood;
        self.loose.extend(part.loose);
        if part.modifiers.contains(&Modifier::Former) {
            self.former = true;
            self.functions.extend(part.functions);
            return;
        }
        // "Executive Assistant, CEO and CFO": the ranks that follow are those assisted.
        if !self.modifiers.contains(&Modifier::AssistantOf) {
            if part.level > self.level {
                self.unsure = part.unsure;
                self.level = part.level;
            }
            self.functions.extend(part.functions);
        }
        self.modifiers.extend(part.modifiers);
    }

    fn title(mut self) -> Title {
        if self.loose.contains(&Qualifier::Former) {
            self.former = true;
            self.level = None;
        }
        if self.former && self.level.is_none() {
            self.modifiers.insert(Modifier::Former);
        }
        self.modifiers.extend(self.loose.iter().filter_map(|loose| mark(*loose)));
        let level = self.level.map(|level| adjust(level, &self.loose, true));
        Title {
            level,
            confidence: self.confidence(),
            functions: self.functions.into_iter().collect(),
            modifiers: self.modifiers.into_iter().collect(),
        }
    }

    fn confidence(&self) -> u8 {
        if self.words == 0 {
            return 0;
        }
        let base = match (self.level.is_some(), !self.functions.is_empty()) {
            (true, true) => 60,
            (true, false) => 45,
            (false, true) => 10,
            (false, false) => return if self.understood > 0 { 5 } else { 0 },
        };
        let span = if self.level.is_some() { 40 } else { 25 };
        let share = span * self.understood.min(self.words) / self.words;
        let doubt = if self.unsure { 25 } else { 0 };
        u8::try_from((base + share).saturating_sub(doubt)).unwrap_or(100).min(100)
    }
}

/// A phrase found in a part, and whether it stands in the part's head ("Director" of "Director of Sales").
struct Found<'v> {
    entry: &'v Entry,
    head: bool,
    /// Somebody else's: "President's".
    possessed: bool,
}

fn segment(words: &[Word], bank: bool) -> Segment {
    let vocabulary = Vocabulary::get();
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let mut part = Segment::default();
    let mut found: Vec<Found<'_>> = Vec::new();
    let (mut at, mut head, mut chief) = (0, true, None);
    while at < texts.len() {
        let text = texts[at];
        if matches!(text, "at" | "bei" | "chez") {
            // What follows is an employer.
            break;
        }
        if text == "chief" && vocabulary.longest(&texts[at..]).is_none_or(|(length, _)| length == 1) {
            chief = Some(found.len());
            (at, part.words, part.understood) = (at + 1, part.words + 1, part.understood + 1);
            continue;
        }
        if let Some((length, entry)) = vocabulary.longest(&texts[at..]) {
            let possessed = words[at..at + length].iter().any(|word| word.possessive);
            // "Director of Sales and Head of Marketing": a rank after "and" opens a new head, unless it is assisted.
            let joined = at > 0 && is_conjunction(texts[at - 1]) && entry.kind == Kind::Rank;
            if joined && !found.iter().any(|found| found.entry.governs) {
                head = true;
            }
            found.push(Found { entry, head: head && !possessed, possessed });
            (at, part.words, part.understood) = (at + length, part.words + length, part.understood + length);
        } else {
            if is_preposition(text) {
                head = false;
            } else if !is_filler(text) {
                part.words += 1;
            }
            at += 1;
        }
    }
    judge(&mut part, &found, chief, &texts, bank);
    part
}

/// Decides which of the phrases found governs the part.
fn judge(part: &mut Segment, found: &[Found<'_>], chief: Option<usize>, texts: &[&str], bank: bool) {
    let qualifiers: Vec<Qualifier> = found
        .iter()
        .filter(|found| found.head)
        .filter_map(|found| if let Kind::Qualifier(q) = found.entry.kind { Some(q) } else { None })
        .collect();
    // A recruiter of engineers recruits: an occupation with a function of its own outweighs the topics around it. Only
    // engineers and analysts are named after what they work on.
    let own = found
        .iter()
        .find(|f| f.head && f.entry.kind == Kind::Occupation && !f.entry.technical && !f.entry.functions.is_empty());
    for found in found {
        if own.is_none_or(|own| own.entry.functions == found.entry.functions) && !found.possessed {
            part.functions.extend(&found.entry.functions);
        }
        if found.head {
            part.modifiers.extend(found.entry.modifier);
        }
    }
    part.modifiers.extend(qualifiers.iter().filter_map(|qualifier| mark(*qualifier)));

    let mut levelled = found.iter().filter(|found| found.head && found.entry.level.is_some()).peekable();
    let governor = found.iter().rposition(|found| found.head && found.entry.governs && found.entry.level.is_some());
    let assisted = found.iter().any(|found| found.entry.kind == Kind::Rank && found.entry.level.is_some());
    let assistant = qualifiers.contains(&Qualifier::Assistant);

    if let Some(index) = governor {
        let entry = found[index].entry;
        part.level = entry.level.map(|level| adjust(level, &qualifiers, entry.technical));
        if entry.maybe_assistant && assisted {
            part.modifiers.insert(Modifier::AssistantOf);
        }
    } else if assistant && texts.last() == Some(&"assistant") {
        // "CEO Assistant": the last word rules.
        part.level = Some(adjust(Level::IndividualContributor, &qualifiers, false));
        if assisted {
            part.modifiers.insert(Modifier::AssistantOf);
        }
    } else if let Some(chief) = chief {
        let officer = texts.contains(&"officer");
        part.level = Some(if officer {
            Level::CLevel
        } else {
            found
                .get(chief..)
                .unwrap_or_default()
                .iter()
                .find_map(|f| f.entry.level)
                .map_or(Level::Head, |_| Level::Lead)
        });
        part.unsure = !officer;
    } else if texts == ["partner"] {
        // Alone, a partner owns the firm; "business partner" and "partner manager" do not.
        (part.level, part.unsure) = (Some(Level::Owner), true);
        part.functions = BTreeSet::from([Function::Executive]);
    } else if levelled.peek().is_some() {
        let ranks: Vec<&Entry> = levelled.map(|found| found.entry).collect();
        let top = ranks.iter().filter_map(|entry| entry.level).max();
        let entry = ranks.iter().find(|entry| entry.level == top);
        part.unsure = entry.is_some_and(|entry| entry.unsure);
        let technical = ranks.iter().any(|entry| entry.technical);
        part.level = top.map(|level| adjust(level, &qualifiers, technical));
        // "Head Nurse" leads nurses; "Head of Nursing" runs a department.
        if ranks.len() > 1 && top == Some(Level::Head) && texts.first() == Some(&"head") {
            part.level = Some(Level::Lead);
        }
        if entry.is_some_and(|entry| top == Some(Level::President) && entry.unsure) && bank {
            (part.level, part.unsure) = (Some(Level::SeniorIndividualContributor), true);
            part.functions.remove(&Function::Executive);
        }
    } else if assistant || qualifiers.contains(&Qualifier::Associate) {
        part.level = Some(adjust(Level::IndividualContributor, &qualifiers, false));
        part.modifiers.remove(&Modifier::Associate);
        part.unsure = !assistant;
        if assistant && assisted {
            part.modifiers.insert(Modifier::AssistantOf);
        }
    } else if qualifiers.contains(&Qualifier::Principal) && texts.last() == Some(&"principal") {
        (part.level, part.unsure) = (Some(Level::SeniorIndividualContributor), true);
    } else if !found.is_empty() && found.iter().all(|found| matches!(found.entry.kind, Kind::Qualifier(_))) {
        part.loose = qualifiers;
    }
    if part.modifiers.contains(&Modifier::AssistantOf) {
        // The functions are those of the person assisted.
        part.functions = BTreeSet::from([Function::Operations]);
    }
}

/// "Managing Director" is a grade in a bank and the top of any other company.
fn has_banking(words: &[Word]) -> bool {
    words.windows(2).any(|pair| {
        matches!(
            [pair[0].text.as_str(), pair[1].text.as_str()],
            ["investment", "banking"]
                | ["capital", "markets"]
                | ["wealth", "management"]
                | ["private", "equity"]
                | ["equity", "research"]
                | ["fixed", "income"]
        )
    })
}

fn mark(qualifier: Qualifier) -> Option<Modifier> {
    match qualifier {
        Qualifier::Acting => Some(Modifier::Acting),
        Qualifier::Deputy => Some(Modifier::Deputy),
        Qualifier::Associate => Some(Modifier::Associate),
        Qualifier::Former => Some(Modifier::Former),
        Qualifier::Regional => Some(Modifier::Regional),
        _ => None,
    }
}

/// Moves a rank by the qualifiers around it.
fn adjust(mut level: Level, qualifiers: &[Qualifier], technical: bool) -> Level {
    use Level as L;
    for qualifier in qualifiers {
        level = match (qualifier, level) {
            (Qualifier::Senior, L::IndividualContributor) => L::SeniorIndividualContributor,
            (Qualifier::Senior, L::Manager) => L::SeniorManager,
            (Qualifier::Senior, L::Director) => L::SeniorDirector,
            (Qualifier::Senior, L::VicePresident) => L::SeniorVicePresident,
            (Qualifier::Principal, L::IndividualContributor) if technical => L::SeniorIndividualContributor,
            (Qualifier::Third, L::IndividualContributor) => L::SeniorIndividualContributor,
            (Qualifier::Lead, L::IndividualContributor | L::SeniorIndividualContributor) => L::Lead,
            (Qualifier::Associate | Qualifier::Assistant | Qualifier::Deputy, L::Manager) => L::Lead,
            (Qualifier::Associate | Qualifier::Assistant, L::Director) => L::SeniorManager,
            (Qualifier::Associate | Qualifier::Assistant, L::VicePresident) => L::SeniorDirector,
            (Qualifier::Associate | Qualifier::Assistant | Qualifier::Deputy, L::CLevel) => L::SeniorVicePresident,
            (Qualifier::Associate | Qualifier::Assistant | Qualifier::Deputy, L::Head) => L::SeniorManager,
            (Qualifier::Deputy, L::Director) => L::Head,
            (Qualifier::Deputy, L::SeniorDirector) => L::Director,
            (Qualifier::Deputy, L::VicePresident) => L::SeniorDirector,
            (Qualifier::Deputy, L::President | L::Owner) => L::CLevel,
            (_, level) => level,
        };
    }
    level
}

fn is_conjunction(word: &str) -> bool {
    matches!(word, "and" | "und" | "et" | "y" | "e" | "en" | "i")
}

fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "of" | "for"
            | "to"
            | "in"
            | "from"
            | "with"
            | "on"
            | "de"
            | "du"
            | "des"
            | "d"
            | "da"
            | "do"
            | "dos"
            | "das"
            | "di"
            | "della"
            | "del"
            | "dei"
            | "delle"
            | "dell"
            | "degli"
            | "der"
            | "den"
            | "dem"
            | "fur"
            | "von"
            | "vom"
            | "zu"
            | "zur"
            | "im"
            | "van"
            | "voor"
            | "pour"
            | "para"
            | "per"
            | "a"
            | "al"
            | "alla"
    )
}

fn is_filler(word: &str) -> bool {
    is_conjunction(word)
        || matches!(word, "the" | "la" | "le" | "les" | "l" | "el" | "los" | "las" | "il" | "lo" | "die" | "das" | "an")
}
