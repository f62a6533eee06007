//! Readers measured on the hand-labelled titles.

use super::labels::{Accepted, LabelledTitle};
use super::reading::{Compared, Reader, Reading};
use super::share::Share;
use engine::{Function, Level, Modifier};
use serde::Serialize;
use std::collections::BTreeMap;

/// A level is wrongly confident when it is off by at least this many steps of the ladder.
const FAR: usize = 3;

/// How well a reader reads labelled titles. Shares are of all titles unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct LabelFigures {
    /// The level is an accepted one; none given where the title says none is right.
    pub(super) level_exact: Share,
    /// The level is at most one step of the ladder from an accepted one.
    pub(super) level_within_one: Share,
    /// No level given although the title says one.
    pub(super) level_missed: Share,
    /// A level given where the title says none, or one that is three steps or more from every accepted one.
    pub(super) wrongly_confident: Share,
    /// Every required function found and nothing outside the accepted ones.
    pub(super) functions_right: Share,
    /// Required functions found, of the required functions of all titles.
    pub(super) function_recall: Share,
    /// Functions accepted, of the functions found in all titles.
    pub(super) function_precision: Share,
    /// Every required modifier found and nothing outside the accepted ones.
    pub(super) modifiers_right: Share,
}

impl LabelFigures {
    fn add(&mut self, label: &LabelledTitle, reading: &Reading) {
        let level = reading.level;
        let exact = label.levels.contains(&level);
        let far = distance(label, level);
        self.level_exact.add(exact);
        self.level_within_one.add(exact || far.is_some_and(|steps| steps <= 1));
        self.level_missed.add(level.is_none() && !exact);
        self.wrongly_confident.add(level.is_some() && far.is_none_or(|steps| steps >= FAR));
        let Accepted { required, .. } = &label.functions;
        let found = &reading.functions;
        self.functions_right.add(label.functions.fits(found));
        self.function_recall.add_many(required.intersection(found).count() as u64, required.len() as u64);
        let accepted = found.iter().filter(|one| label.functions.allows(one)).count();
        self.function_precision.add_many(accepted as u64, found.len() as u64);
        self.modifiers_right.add(label.modifiers.fits(&reading.modifiers));
    }
}

/// Steps to the nearest accepted level; `None` where either side says none.
fn distance(label: &LabelledTitle, level: Option<Level>) -> Option<usize> {
    let level = level? as usize;
    label.levels.iter().flatten().map(|accepted| (*accepted as usize).abs_diff(level)).min()
}

/// The figures on the whole set and on its parts.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LabelReport {
    /// Number of titles.
    pub(super) titles: u64,
    /// On all titles.
    pub(super) all: Compared<LabelFigures>,
    /// On the titles of one language, by its code.
    pub(super) by_language: BTreeMap<&'static str, Compared<LabelFigures>>,
    /// On the titles of one kind of organisation.
    pub(super) by_sector: BTreeMap<&'static str, Compared<LabelFigures>>,
    /// Titles that the engine misreads; empty unless asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) misses: Vec<Miss>,
}

/// A title that the engine misreads.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Miss {
    /// The title.
    pub(super) title: &'static str,
    /// What is accepted.
    pub(super) levels: Vec<Option<Level>>,
    /// What is accepted.
    pub(super) functions: Accepted<Function>,
    /// What is accepted.
    pub(super) modifiers: Accepted<Modifier>,
    /// What was read.
    pub(super) read: Reading,
}

/// Measures both readers; lists what the engine misreads if wanted.
pub(super) fn measure(labels: &[LabelledTitle], list_misses: bool) -> LabelReport {
    let mut report = LabelReport {
        titles: labels.len() as u64,
        all: Compared::default(),
        by_language: BTreeMap::new(),
        by_sector: BTreeMap::new(),
        misses: Vec::new(),
    };
    for label in labels {
        let readings = Compared::measure(|reader: Reader| reader.read(label.title));
        let parts =
            [report.by_language.entry(label.language).or_default(), report.by_sector.entry(label.sector).or_default()];
        for figures in parts.into_iter().chain([&mut report.all]) {
            figures.parser.add(label, &readings.parser);
            figures.keyword_list.add(label, &readings.keyword_list);
        }
        if list_misses && !right(label, &readings.parser) {
            report.misses.push(Miss {
                title: label.title,
                levels: label.levels.clone(),
                functions: label.functions.clone(),
                modifiers: label.modifiers.clone(),
                read: readings.parser,
            });
        }
    }
    report
}

fn right(label: &LabelledTitle, reading: &Reading) -> bool {
    label.levels.contains(&reading.level)
        && label.functions.fits(&reading.functions)
        && label.modifiers.fits(&reading.modifiers)
}

#[cfg(test)]
mod tests {
    use super::{LabelFigures, measure};
    use crate::commands::eval::labels::{Accepted, LabelledTitle};
    use crate::commands::eval::reading::Reading;
    use crate::commands::eval::share::Share;
    use engine::{Function, Level};
    use std::collections::BTreeSet;

    fn label(levels: &[Option<Level>]) -> LabelledTitle {
        LabelledTitle {
            title: "X",
            levels: levels.to_vec(),
            functions: Accepted {
                required: BTreeSet::from([Function::Sales, Function::Risk]),
                optional: BTreeSet::from([Function::Data]),
            },
            modifiers: Accepted { required: BTreeSet::new(), optional: BTreeSet::new() },
            sector: "general",
            language: "en",
        }
    }

    fn figures(levels: &[Option<Level>], read: Option<Level>) -> [u64; 4] {
        let mut figures = LabelFigures::default();
        figures.add(&label(levels), &Reading { level: read, ..Reading::default() });
        [figures.level_exact, figures.level_within_one, figures.level_missed, figures.wrongly_confident]
            .map(|share| share.count)
    }

    #[test]
    fn a_level_is_exact_near_missed_or_wrongly_confident() {
        let (manager, head) = (Some(Level::Manager), Some(Level::Head));
        assert_eq!(figures(&[manager], manager), [1, 1, 0, 0]);
        assert_eq!(figures(&[manager], Some(Level::Lead)), [0, 1, 0, 0]);
        assert_eq!(figures(&[manager], head), [0, 0, 0, 0]);
        assert_eq!(figures(&[manager], Some(Level::Director)), [0, 0, 0, 1]);
        assert_eq!(figures(&[manager], None), [0, 0, 1, 0]);
        assert_eq!(figures(&[None], manager), [0, 0, 0, 1]);
        assert_eq!(figures(&[None], None), [1, 1, 0, 0]);
        assert_eq!(figures(&[manager, head], Some(Level::Director)), [0, 1, 0, 0], "the nearest accepted one counts");
        assert_eq!(figures(&[manager, None], None), [1, 1, 0, 0]);
    }

    #[test]
    fn recall_and_precision_are_of_functions_not_of_titles() {
        let mut figures = LabelFigures::default();
        let functions = BTreeSet::from([Function::Sales, Function::Data, Function::Legal]);
        figures.add(&label(&[None]), &Reading { functions, ..Reading::default() });
        figures.add(
            &label(&[None]),
            &Reading { functions: BTreeSet::from([Function::Sales, Function::Risk]), ..Reading::default() },
        );
        assert_eq!(figures.function_recall, Share { count: 3, of: 4 });
        assert_eq!(figures.function_precision, Share { count: 4, of: 5 });
        assert_eq!(figures.functions_right, Share { count: 1, of: 2 });
    }

    #[test]
    fn parts_add_up_to_the_whole_and_misses_are_listed_only_when_asked_for() {
        let labels = [label(&[None]), LabelledTitle { language: "de", ..label(&[Some(Level::Owner)]) }];
        let report = measure(&labels, true);
        assert_eq!(report.titles, 2);
        assert_eq!(report.by_language.values().map(|part| part.parser.level_exact.of).sum::<u64>(), 2);
        assert_eq!(report.by_sector["general"], report.all);
        assert_eq!(report.misses.len(), 2, "a title that says nothing has neither function");
        assert!(measure(&labels, false).misses.is_empty());
    }
}
