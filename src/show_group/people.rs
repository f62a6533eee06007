//! The members of a group, as wide as there is room.

use super::words;
use crate::documents::MemberDocument;
use comfy_table::{ContentArrangement, Table, presets};
use engine::Function;

/// How much a table tells; each leaves out more than the one before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// Without rank, with the first way to reach somebody.
    Least,
    /// Rank as well.
    Rank,
    /// Functions as well.
    Functions,
    /// The most telling reason as well.
    Reason,
    /// All ways to reach somebody.
    Contacts,
    /// The two most telling reasons.
    Everything,
}

const DETAILS: [Detail; 6] =
    [Detail::Everything, Detail::Contacts, Detail::Reason, Detail::Functions, Detail::Rank, Detail::Least];

/// The members in as much detail as the width allows without breaking a line: a table that leaves things out, or a few lines
/// for each of them. Without a terminal there is no width to keep to.
pub(super) fn people(members: &[MemberDocument], width: Option<u16>) -> String {
    for detail in DETAILS {
        let table = table(members, detail);
        // The upper border, whose characters are one column wide each.
        let needed = table.lines().next().map_or(0, |line| line.chars().count());
        if width.is_none_or(|width| needed <= usize::from(width)) {
            return table;
        }
    }
    blocks(members, width)
}

/// What a column says of a member.
type Cell = fn(&MemberDocument, Detail) -> String;

fn table(members: &[MemberDocument], detail: Detail) -> String {
    let columns: Vec<(&str, Cell)> = [
        (Detail::Least, "role", (|one, _| one.role.to_string()) as Cell),
        (Detail::Least, "name", |one, _| one.name.clone()),
        (Detail::Least, "title", |one, _| title(one).to_owned()),
        (Detail::Rank, "level", |one, _| level(one)),
        (Detail::Functions, "functions", |one, _| functions(one)),
        (Detail::Least, "score", |one, _| one.scores.overall.to_string()),
        (Detail::Least, "sure", |one, _| format!("{} %", one.confidence)),
        (Detail::Least, "contact", contact),
        (Detail::Reason, "why", why),
    ]
    .into_iter()
    .filter(|(from, ..)| detail >= *from)
    .map(|(_, name, cell)| (name, cell))
    .collect();
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|(name, _)| *name));
    for member in members {
        table.add_row(columns.iter().map(|(_, cell)| cell(member, detail)));
    }
    table.to_string()
}

fn blocks(members: &[MemberDocument], width: Option<u16>) -> String {
    let roles = members.iter().map(|member| member.role.to_string().len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for member in members {
        lines.push(format!("{:<roles$}  {}, {}", member.role.to_string(), member.name, title(member)));
        let known = [level(member), functions(member), contact(member, Detail::Least)];
        let mut facts = vec![format!("score {}", member.scores.overall), format!("{} % sure", member.confidence)];
        facts.extend(known.into_iter().filter(|fact| !fact.is_empty()));
        lines.push(format!("{:roles$}  {}", "", facts.join(" · ")));
        let why = format!("{:roles$}  {}", "", why(member, Detail::Reason));
        lines.extend(width.is_none_or(|width| why.chars().count() <= usize::from(width)).then_some(why));
    }
    lines.join("\n")
}

fn title(member: &MemberDocument) -> &str {
    member.title.as_deref().unwrap_or("title unknown")
}

fn level(member: &MemberDocument) -> String {
    member.level.map(|level| words(level.as_str())).unwrap_or_default()
}

fn functions(member: &MemberDocument) -> String {
    let names = member.functions.iter().copied().map(Function::as_str);
    names.map(words).collect::<Vec<_>>().join(", ")
}

fn contact(member: &MemberDocument, detail: Detail) -> String {
    let known = [&member.contact.email, &member.contact.phone].into_iter().flatten().map(String::as_str);
    let most = if detail >= Detail::Contacts { 2 } else { 1 };
    known.take(most).collect::<Vec<_>>().join(", ")
}

/// The most telling reasons, one below the other: more of them would hide the people. `--why` and JSON tell all.
fn why(member: &MemberDocument, detail: Detail) -> String {
    let most = if detail == Detail::Everything { 2 } else { 1 };
    member.reasons.iter().take(most).map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("\n")
}
