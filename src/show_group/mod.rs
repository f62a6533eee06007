//! Groups, diffs and progress for people at a terminal.

mod people;

use crate::documents::{GroupDocument, SellerDocument};
use crate::outln;
use activities::roster::{Roster, RosterSummary};
use anyhow::Result;
use comfy_table::Table;
use engine::{Diff, Gap, Role};
use std::fmt::Display;
use std::path::Path;

/// Tells how a roster was understood, so that a column that was not recognised is seen before the result is believed.
///
/// # Errors
/// When the file has no people in it.
pub fn roster(file: &Path) -> Result<RosterSummary> {
    let summary = Roster::inspect(file)?;
    eprintln!("{summary}");
    Ok(summary)
}

/// The group, with what else there is to say of it.
pub fn group(group: &GroupDocument) {
    let company = &group.company;
    let domain = company.domain.as_deref().map(|domain| format!(" ({domain})")).unwrap_or_default();
    outln!("{}{domain}", company.name);
    if let Some(seller) = &group.seller {
        outln!("{}", self::seller(seller));
    }
    outln!("{}", people::people(&group.members, width()));
    let cohesion = group.cohesion.map_or_else(|| "unknown".to_owned(), |cohesion| cohesion.to_string());
    outln!(
        "{} · size class {} · cohesion {cohesion} · confidence {}",
        members(group.members.len()),
        group.tier.as_str(),
        group.confidence
    );
    outln!("{}", seats(group));
    for gap in &group.gaps {
        outln!("{}", self::gap(gap));
    }
}

/// Columns there are to write in: the terminal's, else what `COLUMNS` asks for; `None` where nothing limits them.
fn width() -> Option<u16> {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
    Table::new().width().or_else(asked)
}

/// What is sold and for how much, with the rate of a currency that is not the dollar.
pub fn seller(seller: &SellerDocument) -> String {
    let SellerDocument { product, deal_size, currency, rate, deal_usd } = seller;
    let size = deal(*deal_size, currency);
    if currency == "USD" {
        return format!("sold: {product}, {size}");
    }
    format!("sold: {product}, {size} = {} at {rate} US dollars to one {currency}", deal(*deal_usd, "USD"))
}

/// An amount with its currency: "$120,000", "EUR 80,000".
pub fn deal(amount: u64, currency: &str) -> String {
    let digits = amount.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if currency == "USD" { format!("${grouped}") } else { format!("{currency} {grouped}") }
}

/// A wire name as people write it: "human resources", "IT".
pub fn words(name: &str) -> String {
    match name {
        "it" => "IT".to_owned(),
        "c_level" => "C-level".to_owned(),
        _ => name.replace('_', " "),
    }
}

/// How many sit in each role and, where it is known, how many were wanted.
fn seats(group: &GroupDocument) -> String {
    let role = |role: Role| {
        let seated = group.members.iter().filter(|member| member.role == role).count();
        match &group.targets {
            Some(targets) if seated > 0 || targets.of(role) > 0 => {
                Some(format!("{role} {seated} of {}", targets.of(role)))
            }
            None if seated > 0 => Some(format!("{role} {seated}")),
            _ => None,
        }
    };
    Role::ALL.into_iter().filter_map(role).collect::<Vec<_>>().join(" · ")
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

#[cfg(test)]
mod tests {
    use super::deal;

    #[test]
    fn amounts_are_grouped_by_thousands() {
        for (amount, shown) in [(0, "$0"), (999, "$999"), (1_000, "$1,000"), (1_234_567, "$1,234,567")] {
            assert_eq!(deal(amount, "USD"), shown);
        }
        assert_eq!(deal(80_000, "EUR"), "EUR 80,000");
    }
}
