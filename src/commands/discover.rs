//! `discover`: the engine alone, no servers: the group that a roster would give.

use crate::documents::GroupDocument;
use crate::exit::{Exit, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::seller_args::SellerArgs;
use crate::why::{Sought, WhyDocument};
use crate::{sample, show_group, why};
use activities::roster::{Meaning, Roster, RosterData, RosterSource};
use activities::sources::{CompanySource as _, PeopleSource as _};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use contracts::{CompanyRef, WorkspaceId};
use engine::Shortlist;
use std::path::PathBuf;

/// Whose people, and what is sold to them.
#[derive(Clone, Debug, Args)]
pub struct DiscoverArgs {
    /// The people: a CSV or JSONL file, as exported from a CRM or HR system [default: the sample company].
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,

    /// What is sold.
    #[command(flatten)]
    pub seller: SellerArgs,

    /// Name of the company.
    #[arg(long, default_value = "the roster's company")]
    pub company: String,

    /// Number of employees [default: as many as the roster has people].
    #[arg(long)]
    pub staff: Option<u32>,

    /// Yearly revenue in US dollars.
    #[arg(long)]
    pub revenue: Option<u64>,

    /// Instead of the group: why this person, by name or id, is or is not in it.
    #[arg(long, value_name = "NAME OR ID")]
    pub why: Option<String>,
}

/// Reads the roster, chooses the group and prints it.
///
/// # Errors
/// When the roster or the profile cannot be read, nobody fits, or nobody is the person asked for.
pub async fn run(args: &DiscoverArgs, output: Output) -> Result<Exit> {
    let workspace: WorkspaceId = "local".parse()?;
    if args.why.as_deref().is_some_and(|asked| asked.trim().is_empty()) {
        return Err(WrongUsage("--why is blank; give a name or an id of the roster".to_owned()).into());
    }
    let profile = args.seller.profile(sample::profile)?;
    let mut untitled = None;
    let roster = match &args.roster {
        Some(file) => {
            let summary = show_group::roster(file)?;
            untitled = (!summary.has(Meaning::Title)).then_some(summary.ignored);
            Roster {
                workspace: workspace.clone(),
                company_id: None,
                name: args.company.clone(),
                domain: None,
                staff: args.staff,
                revenue: args.revenue,
                data: RosterData::File(file.clone()),
            }
        }
        None => Roster { staff: args.staff, revenue: args.revenue, ..sample::roster(&workspace) },
    };
    let asked = CompanyRef { id: None, name: roster.name.clone(), domain: None };
    let source = RosterSource::new(vec![roster])?;
    let found = source.resolve(&workspace, &asked).await?.context("the roster's own company cannot be found in it")?;
    let company = found.company;

    let mut shortlist = Shortlist::new(&profile, &company);
    let mut sought = args.why.as_deref().map(Sought::new);
    let (mut cursor, mut seen) = (None, 0);
    loop {
        let page = source.people(&workspace, &company, cursor.as_deref()).await?;
        seen += page.people.len() as u64;
        for person in page.people {
            if let Some(sought) = &mut sought {
                sought.see(&person);
            }
            shortlist.offer(person);
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    if company.staff.is_none() && company.revenue.is_none() {
        eprintln!(
            "note: size assumed from the roster: {} people; --staff or --revenue tell it",
            shortlist.considered()
        );
    }
    if let Some(sought) = sought {
        let person = sought.person()?;
        let explanation = shortlist.decide_with_headcount(seen).why(&person);
        match output {
            Output::Json => {
                let document = WhyDocument { name: person.name, title: person.title, explanation };
                outln!("{}", serde_json::to_string_pretty(&document)?);
            }
            Output::Text => why::show(&person, &explanation),
        }
        return Ok(Exit::Done);
    }
    let group = shortlist.decide_with_headcount(seen).into_group();
    if group.members.is_empty() {
        for gap in &group.gaps {
            eprintln!("{}", show_group::gap(gap));
        }
        if let Some(ignored) = untitled {
            let read = if ignored.is_empty() { String::new() } else { format!(" (not used: {})", ignored.join(", ")) };
            bail!("no column of the roster holds job titles{read}; name that column 'title' and try again");
        }
        let remedy =
            "check the functions, title keywords and exclusions of the seller profile, and the titles in the roster";
        bail!("nobody of {} people fits the seller profile; {remedy}", shortlist.considered());
    }
    let document = GroupDocument::computed(&company.name, company.domain.as_deref(), &profile, &group);
    match output {
        Output::Json => outln!("{}", serde_json::to_string_pretty(&document)?),
        Output::Text => show_group::group(&document),
    }
    Ok(Exit::Done)
}
