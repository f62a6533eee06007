//! How sure a seat, and a group, is.
//!
//! The engine knows no clock, so that freshness counts as far as a record dates the position.

use super::Member;
use super::evidence::Evidence;
use super::table::{Size, Table};
use crate::{Level, Person, Title};

/// Shares of what the title says, of what else is known, of sources that agree, of the lead over the next candidate.
const SHARES: [u32; 4] = [45, 25, 15, 15];
/// Lead, in fit points of 1000, that leaves no doubt.
const CLEAR_LEAD: u32 = 200;
/// What is left, per cent, when the company's size is a guess, when it is the length of a list, or when sources contradict
/// each other.
const SIZE_UNKNOWN: u32 = 60;
const SIZE_COUNTED: u32 = 90;
const CONTRADICTED: u32 = 80;

/// How sure a seat is, 0–100. Nothing is taken for granted: what is missing counts 0.
pub(super) fn confidence(person: &Person, one: &Evidence, points: u32, runner_up: u32, size: Size) -> u8 {
    let (agreeing, contradicting) = agreement(person, one);
    let lead = points.saturating_sub(runner_up).min(CLEAR_LEAD) * 100 / CLEAR_LEAD;
    let agreed = (agreeing * 50).min(100);
    let parts = [u32::from(one.title.confidence), completeness(person), agreed, lead];
    let sum: u32 = parts.iter().zip(SHARES).map(|(part, share)| part * share).sum();
    let mut sure = sum / SHARES.iter().sum::<u32>();
    if contradicting > 0 {
        sure = sure * CONTRADICTED / 100;
    }
    sure = match size {
        Size::Told => sure,
        Size::Counted => sure * SIZE_COUNTED / 100,
        Size::Unknown => sure * SIZE_UNKNOWN / 100,
    };
    u8::try_from(sure.min(100)).unwrap_or(100)
}

/// How much of what could be known of a person is known, 0–100.
fn completeness(person: &Person) -> u32 {
    let known = [
        (!person.contact.is_empty(), 20),
        (person.manager.is_some() || person.manager_title.is_some(), 20),
        (!person.departments.is_empty(), 15),
        (person.start_date.is_some(), 15),
        (person.direct_reports.is_some(), 10),
        (person.location.is_some(), 10),
        (person.network.is_some() || person.profile_url.is_some(), 10),
    ];
    known.iter().filter(|(known, _)| *known).map(|(_, share)| share).sum()
}

/// How many sources beside the title agree with it, and how many contradict it: the department its function; the rank of
/// the manager and the number of reports its rank.
pub(super) fn agreement(person: &Person, one: &Evidence) -> (u32, u32) {
    let (mut agreeing, mut contradicting) = (0, 0);
    let mut say = |agrees: Option<bool>| match agrees {
        Some(true) => agreeing += 1,
        Some(false) => contradicting += 1,
        None => {}
    };
    if !one.rests_on_department(person) && !one.functions.is_empty() {
        let departments = person.departments.iter().map(|name| Title::parse(name).functions);
        let said = departments.reduce(|a, b| a.union(b)).filter(|functions| !functions.is_empty());
        say(said.map(|functions| functions.meets(one.functions)));
    }
    if let Some(level) = one.title.level {
        let above = one.manager.map(|(manager, _)| manager).filter(|manager| *manager != level);
        say(above.map(|manager| manager > level));
        say(match person.direct_reports {
            Some(0) if (Level::Director..=Level::SeniorVicePresident).contains(&level) => Some(false),
            Some(1..) if level >= Level::Lead => Some(true),
            Some(3..) => Some(false),
            _ => None,
        });
    }
    (agreeing, contradicting)
}

/// How sure the group as a whole is, 0–100: the mean of its members, less for chairs that stayed empty and needs that are
/// not covered (half the weight of the shortfall: an incomplete group is less sure, but its members stay who they are).
/// 0 when the group is empty.
pub(super) fn group_confidence(members: &[Member], table: &Table, covered: u32) -> u8 {
    if members.is_empty() {
        return 0;
    }
    let mean = members.iter().map(|member| usize::from(member.confidence)).sum::<usize>() / members.len();
    let wanted = table.targets.total() + table.needs.count_ones() as usize;
    let had = members.len().min(table.targets.total()) + covered.count_ones() as usize;
    let filled = had * 100 / wanted.max(1);
    u8::try_from((mean * (100 + filled) / 200).min(100)).unwrap_or(100)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test should stop at once")]
mod tests {
    use super::*;
    use crate::group::evidence::Lens;
    use crate::{Contact, PersonId, SellerProfile};

    fn sure(person: &Person, runner_up: u32, size: Size) -> u8 {
        let evidence = Evidence::of(person, &Lens::new(&SellerProfile::default()));
        confidence(person, &evidence, 900, runner_up, size)
    }

    #[test]
    fn missing_evidence_contradictions_and_close_calls_lower_confidence() {
        let bare = Person {
            title: Some("Director of Engineering".to_owned()),
            ..Person::new(PersonId::new("a").unwrap(), "A")
        };
        let known = Person {
            departments: vec!["Engineering".to_owned()],
            manager_title: Some("CTO".to_owned()),
            direct_reports: Some(6),
            contact: Contact { email: Some("a@example.com".to_owned()), phone: None },
            start_date: Some("2024-01-01".to_owned()),
            ..bare.clone()
        };
        let contradicted = Person { departments: vec!["Finance".to_owned()], ..known.clone() };
        assert!(sure(&known, 0, Size::Told) > sure(&bare, 0, Size::Told));
        assert!(sure(&known, 0, Size::Told) > sure(&known, 880, Size::Told));
        assert!(sure(&known, 0, Size::Told) > sure(&contradicted, 0, Size::Told));
        assert!(sure(&known, 0, Size::Told) > sure(&known, 0, Size::Counted));
        assert!(sure(&known, 0, Size::Unknown) <= 60 && sure(&known, 0, Size::Told) <= 100);
    }
}
