//! `show`: the saved group of a company.

use crate::config::Settings;
use crate::documents::GroupDocument;
use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use crate::{show_group, wiring};
use anyhow::{Context as _, Result, bail};
use contracts::WorkspaceId;

/// Finds the company by id, domain or name and prints its group.
///
/// # Errors
/// When no group or no one company fits.
pub async fn run(company: &str, workspace: Option<String>, settings: &Settings, output: Output) -> Result<Exit> {
    let workspace: WorkspaceId = match workspace {
        Some(workspace) => workspace.parse().context("--workspace")?,
        None => settings.workspace.clone(),
    };
    let store = wiring::open_current_store(settings).await?;
    let mut found = store.find_company(&workspace, company).await?;
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
    let document = GroupDocument::saved(&workspace, &group);
    match output {
        Output::Json => outln!("{}", serde_json::to_string_pretty(&document)?),
        Output::Text => show_group::group(&document),
    }
    store.close().await;
    Ok(Exit::Done)
}
