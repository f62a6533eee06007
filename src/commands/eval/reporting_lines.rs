//! Readers measured on a roster with true reporting lines: does the level agree with who reports to whom?

use super::rank_correlation::spearman;
use super::reading::{Compared, Reader, Reading};
use super::share::Share;
use anyhow::{Context as _, Result};
use engine::Level;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;

/// One person's row.
#[derive(Debug, Deserialize)]
struct Row {
    person_id: String,
    title: String,
    manager_id: Option<String>,
    levels_below_ceo: Option<u32>,
    direct_reports: Option<u32>,
    branch_head_title: Option<String>,
}

/// What a roster must say for its reporting lines to be measured.
const COLUMNS: [&str; 6] =
    ["person_id", "title", "manager_id", "levels_below_ceo", "direct_reports", "branch_head_title"];

/// How well levels and functions agree with the reporting lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct LineFigures {
    /// People with a level read, of all.
    pub(super) level_read: Share,
    /// Spearman's ρ in thousandths between level and closeness to the chief executive, over people with a level read;
    /// the ladder has 14 steps and reporting lines few, so that even a perfect reader stays below 1000.
    pub(super) depth_correlation: Option<i32>,
    /// The same with everybody below lead on one rank: reporting lines do not tell a senior specialist from a junior one.
    pub(super) depth_correlation_specialists_tied: Option<i32>,
    /// The manager's level is at least the report's, of the pairs of manager and report with both levels read.
    pub(super) manager_at_least: Share,
    /// The manager's level is above the report's, of the same pairs.
    pub(super) manager_above: Share,
    /// The manager's level is below the report's, of the same pairs: an inversion.
    pub(super) manager_below: Share,
    /// People of level lead or above who have direct reports, of those of level lead or above.
    pub(super) lead_precision: Share,
    /// The same people, of those with direct reports.
    pub(super) lead_recall: Share,
    /// People of level manager or above who have direct reports, of those of level manager or above.
    pub(super) manager_precision: Share,
    /// The same people, of those with direct reports.
    pub(super) manager_recall: Share,
    /// People sharing a function with the head of their branch, of those where both have a function read. Heads
    /// themselves and the chief executive are left out.
    pub(super) branch_agreement: Share,
    /// People where both have a function read, of all below a branch head.
    pub(super) branch_read: Share,
}

/// The figures of one roster.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LineReport {
    /// File name of the roster.
    pub(super) roster: String,
    /// Number of people.
    pub(super) people: u64,
    /// The figures.
    pub(super) figures: Compared<LineFigures>,
}

/// Measures both readers on a CSV roster; `None` when it has not all the columns that tell reporting lines.
///
/// # Errors
/// When a row cannot be read; the line is named.
pub(super) fn measure(roster: &str, csv: impl Read) -> Result<Option<LineReport>> {
    let mut csv = csv::Reader::from_reader(csv);
    let headers = csv.headers().context("the header row")?;
    if !COLUMNS.iter().all(|column| headers.iter().any(|header| header == *column)) {
        return Ok(None);
    }
    let mut rows = Vec::new();
    for (index, row) in csv.deserialize().enumerate() {
        rows.push(row.with_context(|| format!("row {} below the header", index + 1))?);
    }
    let figures = Compared::measure(|reader| figures(&rows, reader));
    Ok(Some(LineReport { roster: roster.to_owned(), people: rows.len() as u64, figures }))
}

fn figures(rows: &[Row], reader: Reader) -> LineFigures {
    let readings: Vec<Reading> = rows.iter().map(|row| reader.read(&row.title)).collect();
    let by_id: BTreeMap<&str, &Reading> = rows.iter().map(|row| row.person_id.as_str()).zip(&readings).collect();
    let mut figures = LineFigures::default();
    let mut depths = Vec::new();
    for (row, reading) in rows.iter().zip(&readings) {
        figures.level_read.add(reading.level.is_some());
        if let (Some(level), Some(depth)) = (reading.level, row.levels_below_ceo) {
            depths.push((level as i64, -i64::from(depth)));
        }
        let manager = row.manager_id.as_deref().and_then(|id| by_id.get(id));
        if let (Some(own), Some(manager)) = (reading.level, manager.and_then(|manager| manager.level)) {
            figures.manager_at_least.add(manager >= own);
            figures.manager_above.add(manager > own);
            figures.manager_below.add(manager < own);
        }
        if let Some(reports) = row.direct_reports {
            let leads = |rank: Level| reading.level.is_some_and(|level| level >= rank);
            count(leads(Level::Lead), reports > 0, &mut figures.lead_precision, &mut figures.lead_recall);
            count(leads(Level::Manager), reports > 0, &mut figures.manager_precision, &mut figures.manager_recall);
        }
        // One step below the chief executive are the heads of the branches themselves.
        if let (Some(head), Some(2..)) = (&row.branch_head_title, row.levels_below_ceo) {
            let head = reader.read(head);
            let both = !head.functions.is_empty() && !reading.functions.is_empty();
            figures.branch_read.add(both);
            if both {
                figures.branch_agreement.add(!head.functions.is_disjoint(&reading.functions));
            }
        }
    }
    figures.depth_correlation = spearman(&depths);
    let below_lead = Level::SeniorIndividualContributor as i64;
    depths.iter_mut().for_each(|(level, _)| *level = below_lead.max(*level));
    figures.depth_correlation_specialists_tied = spearman(&depths);
    figures
}

fn count(predicted: bool, actual: bool, precision: &mut Share, recall: &mut Share) {
    if predicted {
        precision.add(actual);
    }
    if actual {
        recall.add(predicted);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::measure;
    use crate::commands::eval::share::Share;

    const ROSTER: &str = "person_id,name,title,manager_id,manager_title,levels_below_ceo,direct_reports,branch_head_title\n\
        a,A,CEO,,,0,2,CEO\n\
        b,B,VP Sales,a,CEO,1,1,VP Sales\n\
        c,C,Chief Technology Officer,a,CEO,1,1,Chief Technology Officer\n\
        d,D,Sales Director,b,VP Sales,2,0,VP Sales\n\
        e,E,Wizard of the west,c,Chief Technology Officer,2,0,Chief Technology Officer\n\
        f,F,Team Lead,e,Wizard of the west,3,0,Chief Technology Officer\n";

    #[test]
    fn pairs_depths_reports_and_branches_are_counted() {
        let report = measure("x.csv", ROSTER.as_bytes()).unwrap().unwrap();
        assert_eq!((report.roster.as_str(), report.people), ("x.csv", 6));
        let figures = report.figures.keyword_list;
        assert_eq!(figures.level_read, Share { count: 5, of: 6 });
        assert_eq!(figures.manager_at_least, Share { count: 3, of: 3 }, "a pair with an unknown side is left out");
        assert_eq!(figures.manager_below, Share { count: 0, of: 3 });
        assert_eq!(figures.lead_precision, Share { count: 3, of: 5 });
        assert_eq!(figures.lead_recall, Share { count: 3, of: 3 });
        assert_eq!(figures.manager_precision, Share { count: 3, of: 4 });
        assert_eq!(figures.branch_read, Share { count: 1, of: 3 });
        assert_eq!(figures.branch_agreement, Share { count: 1, of: 1 });
        // Ranks 5, 3, 4, 2, 1 against 5, 3.5, 3.5, 2, 1.
        assert_eq!(figures.depth_correlation, Some(975));
        assert_eq!(figures.depth_correlation_specialists_tied, Some(975));
    }

    #[test]
    fn seniority_of_specialists_counts_only_in_the_first_correlation() {
        let roster = "person_id,title,manager_id,levels_below_ceo,direct_reports,branch_head_title\n\
            a,CEO,,0,1,CEO\n\
            b,Engineering Manager,a,1,2,Engineering Manager\n\
            c,Senior Engineer,b,2,0,Engineering Manager\n\
            d,Engineer,b,2,0,Engineering Manager\n";
        let figures = measure("x.csv", roster.as_bytes()).unwrap().unwrap().figures.keyword_list;
        assert_eq!(figures.depth_correlation, Some(949));
        assert_eq!(figures.depth_correlation_specialists_tied, Some(1000));
    }

    #[test]
    fn an_inversion_is_seen() {
        let roster = ROSTER.replace("d,D,Sales Director", "d,D,President");
        let figures = measure("x.csv", roster.as_bytes()).unwrap().unwrap().figures.keyword_list;
        assert_eq!(figures.manager_below, Share { count: 1, of: 3 });
        let roster = ROSTER.replace("d,D,Sales Director", "d,D,VP Deals");
        let figures = measure("x.csv", roster.as_bytes()).unwrap().unwrap().figures.keyword_list;
        let counts = [figures.manager_at_least, figures.manager_above, figures.manager_below].map(|share| share.count);
        assert_eq!(counts, [3, 2, 0], "equals are no inversion");
    }

    #[test]
    fn a_roster_without_reporting_lines_is_not_measured_and_a_bad_row_is_named() {
        assert!(measure("x.csv", "person_id,title\na,CEO\n".as_bytes()).unwrap().is_none());
        let broken = ROSTER.replace("b,B,VP Sales,a,CEO,1", "b,B,VP Sales,a,CEO,one");
        assert_eq!(measure("x.csv", broken.as_bytes()).unwrap_err().to_string(), "row 2 below the header");
    }
}
