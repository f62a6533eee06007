//! The figures as tables, in Markdown: readable on a terminal and in the documentation alike.

use super::Report;
use super::label_figures::{LabelFigures, LabelReport};
use super::onet::{OnetFigures, OnetReport};
use super::reading::Compared;
use super::reporting_lines::{LineFigures, LineReport};
use super::share::Share;
use comfy_table::{Table, presets};
use std::fmt::{Display, Write as _};

/// A figure's name, and where it stands.
type Figure<T, U = Share> = (&'static str, fn(&T) -> U);

/// Everything measured.
pub(super) fn report(report: &Report) -> String {
    let mut text = labels(&report.labels);
    if let Some(titles) = &report.onet {
        text.push('\n');
        text.push_str(&onet(titles));
    }
    for roster in &report.rosters {
        text.push('\n');
        text.push_str(&reporting_lines(roster));
    }
    text
}

fn labels(report: &LabelReport) -> String {
    let figures: [Figure<LabelFigures>; 8] = [
        ("level exact", |f| f.level_exact),
        ("level within one step", |f| f.level_within_one),
        ("level missed", |f| f.level_missed),
        ("wrongly confident level", |f| f.wrongly_confident),
        ("functions right", |f| f.functions_right),
        ("function recall", |f| f.function_recall),
        ("function precision", |f| f.function_precision),
        ("modifiers right", |f| f.modifiers_right),
    ];
    let mut text = format!("## Hand-labelled titles ({})\n\n", report.titles);
    let rows = figures.iter().map(|(name, pick)| beside(name, report.all.map(pick)));
    section(&mut text, &["figure", "parser", "keyword list"], rows);
    for (kind, parts) in [("language", &report.by_language), ("sector", &report.by_sector)] {
        let header = [
            kind,
            "titles",
            "level exact",
            "keyword list",
            "wrongly confident",
            "keyword list",
            "functions right",
            "keyword list",
            "modifiers right",
            "keyword list",
        ];
        text.push('\n');
        let rows = parts.iter().map(|(name, both)| {
            let mut row = vec![(*name).to_owned(), both.parser.level_exact.of.to_string()];
            for (_, pick) in [figures[0], figures[3], figures[4], figures[7]] {
                row.extend(pair(both.map(pick)));
            }
            row
        });
        section(&mut text, &header, rows);
    }
    for miss in &report.misses {
        let levels: Vec<_> = miss.levels.iter().map(|level| level.map_or("-", |level| level.as_str())).collect();
        let read = miss.read.level.map_or("-", |level| level.as_str());
        let _ = write!(text, "\n- {}: {} for {}", miss.title, read, levels.join("|"));
        let _ = write!(text, "; {} for {}", names(&miss.read.functions), names(&miss.functions.required));
        let _ = write!(text, "; {} for {}", names(&miss.read.modifiers), names(&miss.modifiers.required));
    }
    if !report.misses.is_empty() {
        text.push('\n');
    }
    text
}

fn onet(report: &OnetReport) -> String {
    let figures: [Figure<OnetFigures>; 4] = [
        ("some function read", |f| f.read),
        ("right, of those read", |f| f.precision),
        ("right, of all", |f| f.accuracy),
        ("nothing but right, of those read", |f| f.strict_precision),
    ];
    let mut text = format!("## Functions of O*NET's alternate titles ({})\n\n", report.titles);
    let halves = [("all", &report.all), ("tuning half", &report.tuning_half), ("held-out half", &report.held_out_half)];
    let rows = halves.iter().flat_map(|(half, both)| {
        figures.iter().map(move |(name, pick)| beside(&format!("{half}: {name}"), both.map(pick)))
    });
    section(&mut text, &["figure", "parser", "keyword list"], rows);
    text.push('\n');
    let header = [
        "major group",
        "titles",
        "read",
        "keyword list",
        "right, of read",
        "keyword list",
        "right, of all",
        "keyword list",
    ];
    let rows = report.by_major_group.iter().map(|(name, both)| {
        let mut row = vec![name.clone(), both.parser.read.of.to_string()];
        for (_, pick) in &figures[..3] {
            row.extend(pair(both.map(pick)));
        }
        row
    });
    section(&mut text, &header, rows);
    text
}

fn reporting_lines(report: &LineReport) -> String {
    let figures: [Figure<LineFigures>; 10] = [
        ("level read", |f| f.level_read),
        ("manager at least at the report's level", |f| f.manager_at_least),
        ("manager above the report", |f| f.manager_above),
        ("manager below the report", |f| f.manager_below),
        ("lead or above: has reports (precision)", |f| f.lead_precision),
        ("has reports: lead or above (recall)", |f| f.lead_recall),
        ("manager or above: has reports (precision)", |f| f.manager_precision),
        ("has reports: manager or above (recall)", |f| f.manager_recall),
        ("shares a function with the branch head", |f| f.branch_agreement),
        ("both functions read", |f| f.branch_read),
    ];
    let mut text = format!("## Reporting lines of {} ({} people)\n\n", report.roster, report.people);
    let correlations: [Figure<LineFigures, Option<i32>>; 2] = [
        ("rank correlation with depth", |f| f.depth_correlation),
        ("the same, below lead all one rank", |f| f.depth_correlation_specialists_tied),
    ];
    let correlations =
        correlations.iter().map(|(name, pick)| beside(name, report.figures.map(|f| correlation(pick(f)))));
    let rows = figures.iter().map(|(name, pick)| beside(name, report.figures.map(pick)));
    section(&mut text, &["figure", "parser", "keyword list"], correlations.chain(rows));
    text
}

fn correlation(thousandths: Option<i32>) -> String {
    thousandths.map_or("–".to_owned(), |thousandths| format!("{:.3}", f64::from(thousandths) / 1000.0))
}

fn beside<T: Display>(name: &str, both: Compared<T>) -> Vec<String> {
    let [parser, keyword_list] = pair(both);
    vec![name.to_owned(), parser, keyword_list]
}

fn pair<T: Display>(both: Compared<T>) -> [String; 2] {
    [both.parser.to_string(), both.keyword_list.to_string()]
}

fn names<'a, T: Display + 'a>(values: impl IntoIterator<Item = &'a T>) -> String {
    let names: Vec<_> = values.into_iter().map(ToString::to_string).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}

fn section(text: &mut String, header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN).set_header(header.to_vec());
    rows.for_each(|row| {
        table.add_row(row);
    });
    text.push_str(&table.to_string());
    text.push('\n');
}
