//! Readers measured on O*NET's alternate titles: does the function agree with the occupation?

use super::reading::{Compared, Reader, Reading};
use super::share::Share;
use super::soc::{self, Occupations};
use anyhow::{Context as _, Result, anyhow};
use engine::Function;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// How well the functions agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct OnetFigures {
    /// Coverage: titles with some function read, of all.
    pub(super) read: Share,
    /// Precision: titles whose reading shares a function with the accepted ones, of those with a function read.
    pub(super) precision: Share,
    /// Accuracy: the same, of all titles.
    pub(super) accuracy: Share,
    /// Strict precision: titles of which every function read is accepted, of those with a function read.
    pub(super) strict_precision: Share,
}

impl OnetFigures {
    fn add(&mut self, accepted: &BTreeSet<Function>, reading: &Reading) {
        let functions = &reading.functions;
        let some = !functions.is_empty();
        let right = !functions.is_disjoint(accepted);
        self.read.add(some);
        self.accuracy.add(right);
        if some {
            self.precision.add(right);
            self.strict_precision.add(functions.is_subset(accepted));
        }
    }
}

/// The figures on all titles and on their parts.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct OnetReport {
    /// Number of titles, counted as often as they stand there.
    pub(super) titles: u64,
    /// On all titles.
    pub(super) all: Compared<OnetFigures>,
    /// On the half that tuning may look at.
    pub(super) tuning_half: Compared<OnetFigures>,
    /// On the half that it may not.
    pub(super) held_out_half: Compared<OnetFigures>,
    /// On one major group of the classification: two digits and a name.
    pub(super) by_major_group: BTreeMap<String, Compared<OnetFigures>>,
}

#[derive(Deserialize)]
struct Row {
    soc_code: String,
    alternate_title: String,
}

/// Measures both readers on a CSV with the columns `soc_code` and `alternate_title`.
///
/// # Errors
/// When a row cannot be read or its occupation code is unknown; the line is named.
pub(super) fn measure(csv: impl Read, occupations: &Occupations) -> Result<OnetReport> {
    let mut report = OnetReport::default();
    for (index, row) in csv::Reader::from_reader(csv).deserialize().enumerate() {
        let row: Row = row.with_context(|| format!("row {} below the header", index + 1))?;
        let code = row.soc_code.as_str();
        let unknown = || anyhow!("row {} below the header: unknown occupation code {code}", index + 1);
        let accepted = occupations.accepted(code).ok_or_else(unknown)?;
        let name = soc::major_group(code).ok_or_else(unknown)?;
        let readings = Compared::measure(|reader: Reader| reader.read(&row.alternate_title));
        let half = if is_held_out(&row.alternate_title) { &mut report.held_out_half } else { &mut report.tuning_half };
        let group = report.by_major_group.entry(format!("{} {name}", &code[..2])).or_default();
        for figures in [half, group, &mut report.all] {
            figures.parser.add(accepted, &readings.parser);
            figures.keyword_list.add(accepted, &readings.keyword_list);
        }
        report.titles += 1;
    }
    Ok(report)
}

/// Whether a title belongs to the half that tuning may not look at: the 64-bit FNV-1a hash of its lower-case UTF-8 is odd.
///
/// Constants: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm".
fn is_held_out(title: &str) -> bool {
    let hash = title
        .to_lowercase()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash % 2 == 1
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::{OnetFigures, is_held_out, measure};
    use crate::commands::eval::reading::Reading;
    use crate::commands::eval::share::Share;
    use crate::commands::eval::soc::Occupations;
    use engine::Function;
    use std::collections::BTreeSet;

    #[test]
    fn a_reading_is_right_when_it_shares_a_function_and_strictly_right_when_it_adds_none() {
        let accepted = BTreeSet::from([Function::Finance, Function::Risk]);
        let mut figures = OnetFigures::default();
        for functions in [vec![], vec![Function::Finance], vec![Function::Risk, Function::Sales], vec![Function::It]] {
            figures.add(&accepted, &Reading { functions: functions.into_iter().collect(), ..Reading::default() });
        }
        assert_eq!(figures.read, Share { count: 3, of: 4 });
        assert_eq!(figures.precision, Share { count: 2, of: 3 });
        assert_eq!(figures.accuracy, Share { count: 2, of: 4 });
        assert_eq!(figures.strict_precision, Share { count: 1, of: 3 });
    }

    #[test]
    fn halves_and_groups_add_up() {
        let csv = "soc_code,alternate_title,short_title\n\
                   13-2011.00,Accountant,\n\
                   29-1141.00,Staff Nurse,SN\n\
                   29-1141.00,\"Nurse, Registered\",\n";
        let report = measure(csv.as_bytes(), &Occupations::built_in().unwrap()).unwrap();
        assert_eq!(report.titles, 3);
        let (tuning, held_out) = (report.tuning_half.parser.read, report.held_out_half.parser.read);
        assert_eq!(tuning.of + held_out.of, 3);
        let groups: Vec<_> =
            report.by_major_group.iter().map(|(name, part)| (name.as_str(), part.keyword_list.read.of)).collect();
        assert_eq!(groups, [("13 business and finance", 1), ("29 healthcare practice", 2)]);
    }

    #[test]
    fn an_unknown_occupation_is_refused_with_its_row() {
        let error = measure("soc_code,alternate_title\n99-1,X\n".as_bytes(), &Occupations::built_in().unwrap());
        assert_eq!(error.unwrap_err().to_string(), "row 1 below the header: unknown occupation code 99-1");
    }

    #[test]
    fn case_does_not_decide_the_half_and_the_hash_is_the_published_one() {
        assert_eq!(is_held_out("Chief Nurse"), is_held_out("CHIEF NURSE"));
        // Published test vectors of FNV-1a, 64 bits: "" cbf29ce484222325, "a" af63dc4c8601ec8c, "b" af63df4c8601f1a5.
        assert_eq!(["", "A", "b"].map(is_held_out), [true, false, true]);
    }
}
