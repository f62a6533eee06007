//! Whether an event is worth a refresh, so that a pointless one is never paid for.

use crate::Company;
mod verdict;

pub use verdict::{IgnoredReason, Priority, RunReason, Verdict};

use crate::company::{Employer, same_employer};
use crate::title::fold;
use crate::wire::wire_enum;

wire_enum! {
    /// The events that can trigger a refresh (domain rule §8).
    pub enum EventKind {
        /// Another title at the same employer.
        RoleChange = "person.role_change",
        /// Another employer.
        CompanyChange = "person.company_change",
        /// A higher title at the same employer.
        Promotion = "person.promotion",
        /// Another department of the same employer.
        DepartmentChange = "person.department_change",
        /// Came to the company.
        Joined = "person.joined",
        /// Left the company.
        Left = "person.left",
    }
}

/// A value before and after, as far as the sender says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved<T> {
    /// Before.
    pub old: Option<T>,
    /// After.
    pub new: Option<T>,
}

/// What a sender reports of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Type as the sender names it; see [`EventKind`] for those that count.
    pub kind: String,
    /// When it happened, Unix milliseconds.
    pub occurred_at: i64,
    /// Job title.
    pub title: Moved<String>,
    /// Department.
    pub department: Moved<String>,
    /// Employer.
    pub employer: Moved<Employer>,
}

/// How the company's last refresh found the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stored {
    /// Nothing is stored that says so.
    #[default]
    Unknown,
    /// The company's people were read, and the person was not among them.
    Absent,
    /// Working there.
    Present {
        /// Job title.
        title: Option<String>,
        /// Departments.
        departments: Vec<String>,
    },
}

/// What is known when an event comes in. `None` is not known, and speaks for a refresh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The company that would be refreshed.
    pub company: Company,
    /// When the company's people were last really read, Unix milliseconds.
    pub last_refresh: Option<i64>,
    /// How that refresh found the person.
    pub stored: Stored,
    /// Whether the person sits in the current group.
    pub member: Option<bool>,
    /// Whether the old and the new position could take any seat for what the seller sells.
    pub could_sit: Moved<bool>,
}

/// Judges an event (domain rule §8). Whatever is not known speaks for the refresh: one too many costs money, one too few
/// costs the change.
#[must_use]
pub fn judge(event: &Event, known: &Known) -> Verdict {
    let Some(kind) = EventKind::from_wire(&event.kind) else {
        return Verdict::Ignored { reason: IgnoredReason::UnknownType };
    };
    if is_no_op(kind, event) {
        return Verdict::NoOp;
    }
    let at = |employer: &Option<Employer>| employer.as_ref().and_then(|one| same_employer(one, &known.company));
    let (was_here, is_here) = (at(&event.employer.old), at(&event.employer.new));
    if kind == EventKind::CompanyChange && was_here == Some(false) && is_here == Some(false) {
        return Verdict::Ignored { reason: IgnoredReason::OtherCompany };
    }
    let later = known.last_refresh.is_some_and(|refreshed| refreshed > event.occurred_at);
    if later && is_reflected(kind, event, &known.stored, was_here, is_here) {
        return Verdict::Stale;
    }
    let could_sit = match kind {
        // Only one of the two positions is at this company.
        EventKind::Left => known.could_sit.old,
        EventKind::Joined => known.could_sit.new,
        _ => either(known.could_sit.old, known.could_sit.new),
    };
    if known.member == Some(false) && could_sit == Some(false) {
        return Verdict::IrrelevantPerson;
    }
    let mut reasons = vec![match (known.member, could_sit) {
        (Some(true), _) => RunReason::MemberChanged,
        (_, Some(true)) => RunReason::CouldSit,
        (None, _) => RunReason::MembershipUnknown,
        (Some(false), _) => RunReason::PositionUnknown,
    }];
    if known.last_refresh.is_none() {
        reasons.push(RunReason::NeverRefreshed);
    }
    let priority = if known.member == Some(true) { Priority::MemberChange } else { Priority::Webhook };
    Verdict::Run { priority, reasons }
}

/// "Yes" if one is, "no" only if both are known not to be.
fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Whether the event says of its own subject that nothing changed, and of nothing else that it did. A value given on one
/// side only may be a change.
fn is_no_op(kind: EventKind, event: &Event) -> bool {
    let title = unmoved(&event.title, |a, b| same_text(a, b));
    let department = unmoved(&event.department, |a, b| same_text(a, b));
    let employer = unmoved(&event.employer, is_one_employer);
    let own = match kind {
        EventKind::RoleChange | EventKind::Promotion => title,
        EventKind::DepartmentChange => department,
        EventKind::CompanyChange => employer,
        // Coming and going are no values that could be equal.
        EventKind::Joined | EventKind::Left => Unmoved::No,
    };
    own == Unmoved::Yes && ![title, department, employer].contains(&Unmoved::No)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unmoved {
    Yes,
    No,
    NotGiven,
}

fn unmoved<T>(moved: &Moved<T>, same: impl Fn(&T, &T) -> bool) -> Unmoved {
    match (&moved.old, &moved.new) {
        (Some(old), Some(new)) if same(old, new) => Unmoved::Yes,
        (None, None) => Unmoved::NotGiven,
        _ => Unmoved::No,
    }
}

/// Whether two texts are one, whatever their case, accents, compatibility forms and spaces.
fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (fold(a), fold(b));
    a.split_whitespace().eq(b.split_whitespace())
}

fn is_one_employer(a: &Employer, b: &Employer) -> bool {
    a == b || same_employer(a, &as_company(b)) == Some(true)
}

fn as_company(employer: &Employer) -> Company {
    let name = employer.name.clone().unwrap_or_default();
    Company { name, domain: employer.domain.clone(), ..Company::default() }
}

/// Whether what is stored of the person is what the event tells.
fn is_reflected(
    kind: EventKind,
    event: &Event,
    stored: &Stored,
    was_here: Option<bool>,
    is_here: Option<bool>,
) -> bool {
    let absent = *stored == Stored::Absent;
    match kind {
        EventKind::Left => absent,
        EventKind::Joined => shows_new_position(event, stored).unwrap_or(matches!(stored, Stored::Present { .. })),
        EventKind::CompanyChange => match (was_here, is_here) {
            (Some(true), Some(false)) => absent,
            (Some(false), Some(true)) => {
                shows_new_position(event, stored).unwrap_or(matches!(stored, Stored::Present { .. }))
            }
            _ => false,
        },
        EventKind::RoleChange | EventKind::Promotion | EventKind::DepartmentChange => {
            shows_new_position(event, stored) == Some(true)
        }
    }
}

/// Whether the stored person has the new title and department; `None` when the event names neither.
fn shows_new_position(event: &Event, stored: &Stored) -> Option<bool> {
    let Stored::Present { title, departments } = stored else { return Some(false) };
    let same_title = event.title.new.as_ref().map(|new| title.as_ref().is_some_and(|title| same_text(title, new)));
    let same_department =
        event.department.new.as_ref().map(|new| departments.iter().any(|department| same_text(department, new)));
    match (same_title, same_department) {
        (None, None) => None,
        (title, department) => Some(title.unwrap_or(true) && department.unwrap_or(true)),
    }
}

/// The companies an event concerns, the one it names first: a person who moves from A to B changes both. An employer that
/// is one of those before is left out, and so is one of whom nothing is known. On events other than a company change the
/// two employers count only when they are certainly two.
#[must_use]
pub fn companies_to_refresh(kind: EventKind, company: &Employer, moved: &Moved<Employer>) -> Vec<Employer> {
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    let certainly_two = match (&moved.old, &moved.new) {
        (Some(old), Some(new)) => same_employer(old, &as_company(new)) == Some(false),
        _ => false,
    };
    let moves = kind == EventKind::CompanyChange || certainly_two;
    let employers = [&moved.old, &moved.new].into_iter().flatten().filter(|_| moves);
    let mut companies: Vec<Employer> = Vec::new();
    for employer in std::iter::once(company).chain(employers) {
        let known = companies.iter().any(|other| is_one_employer(employer, other));
        let nobody = blank(&employer.name) && blank(&employer.domain);
        if !known && !nobody {
            companies.push(employer.clone());
        }
    }
    companies
}
