//! Groups, diffs and progress for people at a terminal.

use crate::documents::{GroupDocument, MemberDocument};
use crate::outln;
use activities::roster::Roster;
use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use engine::{Diff, Gap};
use std::fmt::Display;
use std::path::Path;

/// Tells how a roster was understood, so that a column that was not recognised is seen before the result is believed.
///
/// # Errors
/// When the file has no people in it.
pub fn roster(file: &Path) -> Result<()> {
    let summary = Roster::inspect(file)?;
    eprintln!("{summary}");
    Ok(())
}

/// The group, with what else there is to say of it.
pub fn group(group: &GroupDocument) {
    let company = &group.company;
    let domain = company.domain.as_deref().map(|domain| format!(" ({domain})")).unwrap_or_default();
    outln!("{}{domain}", company.name);
    outln!("{}", people(&group.members, Table::new().width()));
    let cohesion = group.cohesion.map_or_else(|| "unknown".to_owned(), |cohesion| cohesion.to_string());
    outln!(
        "{} · size class {} · cohesion {cohesion} · confidence {}",
        members(group.members.len()),
        group.tier.as_str(),
        group.confidence
    );
    for gap in &group.gaps {
        outln!("{}", self::gap(gap));
    }
}

/// So many members.
pub fn members(count: impl Display) -> String {
    let count = count.to_string();
    if count == "1" { "1 member".to_owned() } else { format!("{count} members") }
}

/// A chair that stayed empty, and why.
pub fn gap(gap: &Gap) -> String {
    let seats = format!("{} of {}", gap.seated, gap.wanted);
    // The reason may begin with the same numbers, since it stands alone elsewhere.
    let reason = gap.reason.strip_prefix(&seats).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&gap.reason);
    format!("gap: {seats} {}: {reason}", gap.role)
}

/// The members in as much detail as the width allows without breaking a line: a table that leaves things out, or two lines
/// for each of them. Without a terminal there is no width, and nothing is left out.
fn people(members: &[MemberDocument], width: Option<u16>) -> String {
    for (reason, contact) in [(true, Contacts::All), (true, Contacts::First), (false, Contacts::First)] {
        let table = table(members, reason, contact);
        // The upper border, whose characters are one column wide each.
        let needed = table.lines().next().map_or(0, |line| line.chars().count());
        if width.is_none_or(|width| needed <= usize::from(width)) {
            return table;
        }
    }
    blocks(members)
}

/// How many of the ways to reach somebody are shown.
#[derive(Clone, Copy)]
enum Contacts {
    /// E-mail and telephone.
    All,
    /// E-mail, or telephone where there is none.
    First,
}

fn table(members: &[MemberDocument], reason: bool, contacts: Contacts) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    let mut header = vec!["role", "name", "title", "score", "sure", "contact"];
    if reason {
        header.push("why");
    }
    table.set_header(header);
    for member in members {
        let mut row = vec![
            member.role.to_string(),
            member.name.clone(),
            title(member).to_owned(),
            member.scores.overall.to_string(),
            format!("{} %", member.confidence),
            contact(member, contacts),
        ];
        if reason {
            row.push(member.reasons.first().map(|reason| reason.text.clone()).unwrap_or_default());
        }
        table.add_row(row);
    }
    table.to_string()
}

fn blocks(members: &[MemberDocument]) -> String {
    let roles = members.iter().map(|member| member.role.to_string().len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for member in members {
        lines.push(format!("{:<roles$}  {}, {}", member.role.to_string(), member.name, title(member)));
        let mut facts = vec![format!("score {}", member.scores.overall), format!("{} % sure", member.confidence)];
        facts.extend(Some(contact(member, Contacts::First)).filter(|contact| !contact.is_empty()));
        lines.push(format!("{:roles$}  {}", "", facts.join(" · ")));
    }
    lines.join("\n")
}

fn title(member: &MemberDocument) -> &str {
    member.title.as_deref().unwrap_or("title unknown")
}

fn contact(member: &MemberDocument, contacts: Contacts) -> String {
    let known = [&member.contact.email, &member.contact.phone].into_iter().flatten().map(String::as_str);
    match contacts {
        Contacts::All => known.collect::<Vec<_>>().join(", "),
        Contacts::First => known.take(1).collect(),
    }
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
