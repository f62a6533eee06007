//! Groups, diffs and progress for people at a terminal.

use crate::documents::{GroupDocument, MemberDocument};
use crate::outln;
use activities::roster::Roster;
use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use engine::Diff;
use std::path::Path;

/// Narrowest terminal in which every column finds room; in a narrower one all about a person stands in one cell.
const ALL_COLUMNS_FIT: u16 = 170;

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
    // Without a terminal there is no width to fit into, and nothing is broken up.
    match Table::new().width() {
        Some(width) if width < ALL_COLUMNS_FIT => outln!("{}", narrow(&group.members)),
        width => outln!("{}", wide(&group.members, width.is_some())),
    }
    let cohesion = group.cohesion.map_or_else(|| "unknown".to_owned(), |cohesion| cohesion.to_string());
    outln!(
        "{} · size tier {} · cohesion {cohesion} · confidence {}",
        counted(group.members.len(), "member"),
        group.tier.as_str(),
        group.confidence
    );
    for gap in &group.gaps {
        outln!("gap: {}: {}", gap.role, gap.reason);
    }
}

/// `1 member`, `2 members`.
fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn wide(members: &[MemberDocument], fit: bool) -> Table {
    let mut table = Table::new();
    let arrangement = if fit { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(arrangement);
    table.set_header(["role", "name", "title", "score", "confidence", "why", "contact"]);
    for member in members {
        table.add_row([
            member.role.to_string(),
            member.name.clone(),
            title(member.title.as_deref()),
            member.scores.overall.to_string(),
            member.confidence.to_string(),
            why(member),
            contact(member).join("  "),
        ]);
    }
    table
}

fn narrow(members: &[MemberDocument]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["role", "who", "score"]);
    for member in members {
        let mut who = vec![member.name.clone(), title(member.title.as_deref())];
        who.extend(contact(member));
        table.add_row([member.role.to_string(), who.join("\n"), member.scores.overall.to_string()]);
    }
    table
}

fn title(title: Option<&str>) -> String {
    title.unwrap_or("title unknown").to_owned()
}

fn why(member: &MemberDocument) -> String {
    member.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default()
}

fn contact(member: &MemberDocument) -> Vec<String> {
    let known = [&member.contact.email, &member.contact.phone];
    known.into_iter().flatten().cloned().collect()
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
    for change in &diff.role_changed {
        outln!("~ {}: role {} → {}", change.name, change.old, change.new);
    }
    for change in &diff.title_changed {
        outln!("~ {}: title {} → {}", change.name, title(change.old.as_deref()), title(change.new.as_deref()));
    }
    for change in &diff.contact_changed {
        outln!("~ {}: contact data changed", change.name);
    }
    for change in &diff.score_moved {
        outln!("~ {}: score {} → {}", change.name, change.old, change.new);
    }
}
