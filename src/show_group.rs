//! Groups, diffs and progress for people at a terminal.

use crate::documents::{GroupDocument, MemberDocument};
use crate::outln;
use activities::roster::Roster;
use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use engine::Diff;
use std::path::Path;

/// Width of tables where there is no terminal.
const WIDTH: u16 = 160;

/// Tells how a roster was understood, so that a column that was not recognised is seen before the result is believed.
///
/// # Errors
/// When the file has no people in it.
pub fn roster(file: &Path) -> Result<()> {
    let summary = Roster::inspect(file)?;
    eprintln!("{summary}");
    Ok(())
}

/// The group as a table, with what else there is to say of it.
pub fn group(group: &GroupDocument) {
    let company = &group.company;
    let domain = company.domain.as_deref().map(|domain| format!(" ({domain})")).unwrap_or_default();
    outln!("{}{domain}", company.name);
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        // No terminal to fit into: a file, or a pipe.
        table.set_width(WIDTH);
    }
    table.set_header(["role", "name", "title", "score", "sure", "why", "contact"]);
    for member in &group.members {
        table.add_row([
            member.role.to_string(),
            member.name.clone(),
            member.title.clone().unwrap_or_else(|| "unknown".to_owned()),
            member.scores.overall.to_string(),
            format!("{} %", member.confidence),
            why(member),
            contact(member),
        ]);
    }
    outln!("{table}");
    let cohesion = group.cohesion.map_or_else(|| "unknown".to_owned(), |cohesion| cohesion.to_string());
    outln!(
        "{} members · size class {} · cohesion {cohesion} · confidence {}",
        group.members.len(),
        group.tier.as_str(),
        group.confidence
    );
    for gap in &group.gaps {
        outln!("gap: {} of {} {}: {}", gap.seated, gap.wanted, gap.role, gap.reason);
    }
}

fn why(member: &MemberDocument) -> String {
    member.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default()
}

fn contact(member: &MemberDocument) -> String {
    let known = [&member.contact.email, &member.contact.phone];
    known.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// What changed, a line each.
pub fn diff(diff: &Diff) {
    if diff.is_empty() {
        outln!("no change since the last refresh");
        return;
    }
    for member in &diff.joined {
        outln!("+ {} joined as {}", member.name, member.role);
    }
    for member in &diff.left {
        outln!("- {} left; was {}", member.name, member.role);
    }
    let title = |title: &Option<String>| title.clone().unwrap_or_else(|| "unknown".to_owned());
    for change in &diff.role_changed {
        outln!("~ {}: role {} → {}", change.name, change.old, change.new);
    }
    for change in &diff.title_changed {
        outln!("~ {}: title {} → {}", change.name, title(&change.old), title(&change.new));
    }
    for change in &diff.contact_changed {
        outln!("~ {}: contact data changed", change.name);
    }
    for change in &diff.score_moved {
        outln!("~ {}: score {} → {}", change.name, change.old, change.new);
    }
}
