//! `eval`: how accurately titles are read, beside a plain keyword list.

mod keyword_list;
mod keywords;
mod label_figures;
mod labels;
mod onet;
mod rank_correlation;
mod reading;
mod reporting_lines;
mod share;
mod soc;
mod tables;

use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use anyhow::{Context as _, Result};
use clap::Args;
use label_figures::LabelReport;
use onet::OnetReport;
use reporting_lines::LineReport;
use serde::Serialize;
use soc::Occupations;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What titles are measured on.
#[derive(Clone, Debug, Args)]
pub struct EvalArgs {
    /// A folder with `titles/onet_alternate_titles.csv` and `rosters/*.csv`, measured as well [default: only the built-in
    /// hand-labelled titles].
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,

    /// List the hand-labelled titles that are misread.
    #[arg(long)]
    pub misses: bool,
}

/// All that was measured.
#[derive(Debug, Serialize)]
struct Report {
    labels: LabelReport,
    onet: Option<OnetReport>,
    rosters: Vec<LineReport>,
}

/// Measures the title reader and prints the figures.
///
/// # Errors
/// When the folder has nothing to measure on, or a file in it cannot be read.
pub fn run(args: &EvalArgs, output: Output) -> Result<Exit> {
    let labels = labels::labelled_titles().context("engine/accuracy/titles.tsv")?;
    let labels = label_figures::measure(&labels, args.misses);
    let (onet, rosters) = match &args.data {
        Some(folder) => measure_folder(folder)?,
        None => (None, Vec::new()),
    };
    let report = Report { labels, onet, rosters };
    match output {
        Output::Json => outln!("{}", serde_json::to_string_pretty(&report)?),
        Output::Text => outln!("{}", tables::report(&report).trim_end()),
    }
    Ok(Exit::Done)
}

fn measure_folder(folder: &Path) -> Result<(Option<OnetReport>, Vec<LineReport>)> {
    let titles = folder.join("titles").join("onet_alternate_titles.csv");
    let occupations = Occupations::built_in().context("engine/accuracy/soc_functions.tsv")?;
    let onet = if titles.is_file() {
        Some(onet::measure(open(&titles)?, &occupations).with_context(|| titles.display().to_string())?)
    } else {
        eprintln!("note: there is no {}: functions of O*NET titles are not measured", titles.display());
        None
    };
    let mut rosters = Vec::new();
    for file in csv_files(&folder.join("rosters"))? {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match reporting_lines::measure(&name, open(&file)?).with_context(|| file.display().to_string())? {
            Some(report) => rosters.push(report),
            None => eprintln!("note: {} has no reporting lines: it is not measured", file.display()),
        }
    }
    if onet.is_none() && rosters.is_empty() {
        let folder = folder.display();
        let wanted = "titles/onet_alternate_titles.csv or rosters/*.csv with reporting lines";
        return Err(NotFound(format!("{folder} has nothing to measure on: {wanted}")).into());
    }
    Ok((onet, rosters))
}

fn open(file: &Path) -> Result<File> {
    File::open(file).with_context(|| format!("{} cannot be opened", file.display()))
}

/// The CSV files of a folder by name; none where there is no such folder.
fn csv_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("{} cannot be listed", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
