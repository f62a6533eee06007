//! `show`: the saved group of a company.

use crate::config::Settings;
use crate::documents::GroupDocument;
use crate::exit::{Exit, NotFound, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::{show_group, wiring};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use contracts::WorkspaceId;
use starter::report::{Contacts, Report};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use store::{SavedGroup, Store};

/// Whose group to show, and how.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Company id, domain or name.
    company: String,
    /// Workspace [default: the configured one].
    #[arg(long)]
    workspace: Option<String>,
    /// As a page for a browser, with what changed, what is missing and what it cost; one file without a script.
    #[arg(long)]
    html: bool,
    /// Write the page into this file, which only you may read [default: standard output].
    #[arg(long, value_name = "FILE", requires = "html")]
    out: Option<PathBuf>,
    /// Leave e-mail addresses and telephone numbers out of the page.
    #[arg(long, requires = "html")]
    without_contact: bool,
}

/// Finds the company by id, domain or name and prints its group.
///
/// # Errors
/// When no group or no one company fits, or the page cannot be written.
pub async fn run(args: &ShowArgs, settings: &Settings, output: Output) -> Result<Exit> {
    if args.html && output == Output::Json {
        return Err(WrongUsage("--html is a page and --output json a document; ask for one of them".to_owned()).into());
    }
    let workspace: WorkspaceId = match &args.workspace {
        Some(workspace) => workspace.parse().context("--workspace")?,
        None => settings.workspace.clone(),
    };
    let store = wiring::open_current_store(settings).await?;
    let mut found = store.find_company(&workspace, &args.company).await?;
    if found.len() > 1 {
        let ids: Vec<_> = found.iter().map(|(id, _)| id.as_str()).collect();
        bail!("{} companies of workspace {workspace} fit; say which by its id: {}", found.len(), ids.join(", "));
    }
    let nothing = || {
        let remedy = "COMPANY is the co_… id, the domain or the name; refresh it first";
        NotFound(format!("workspace {workspace} has no group of such a company; {remedy}"))
    };
    let (company_id, _) = found.pop().ok_or_else(nothing)?;
    let group = store.group(&workspace, &company_id).await?.ok_or_else(nothing)?;
    if args.html {
        page(args, &store, &workspace, group).await?;
    } else {
        let document = GroupDocument::saved(&workspace, &group);
        match output {
            Output::Json => outln!("{}", serde_json::to_string_pretty(&document)?),
            Output::Text => show_group::group(&document),
        }
    }
    store.close().await;
    Ok(Exit::Done)
}

async fn page(args: &ShowArgs, store: &Store, workspace: &WorkspaceId, group: SavedGroup) -> Result<()> {
    let contacts = if args.without_contact { Contacts::LeftOut } else { Contacts::Shown };
    let page = Report::read(store, workspace, group, contacts).await?.html();
    match &args.out {
        None => outln!("{page}"),
        Some(file) => {
            write(file, &page).with_context(|| format!("cannot write {}", file.display()))?;
            eprintln!("the page is in {}", file.display());
        }
    }
    Ok(())
}

/// Writes a file that holds data about people: a new one is for its owner alone.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())
}
