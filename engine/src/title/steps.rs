//! How qualifiers move a rank.

use super::entry::{Entry, Flag, Qualifier};
use super::{Level, Modifier};
use crate::Set;

/// The ranks, lowest first, as a ladder on which one may step down.
fn below(level: Level, steps: usize) -> Level {
    let at = level as usize;
    Level::ALL.get(at.saturating_sub(steps)).copied().unwrap_or(level)
}

/// A deputy stands one step below the rank (domain rule). Whoever leads nobody has no deputy.
pub(super) fn deputy(level: Level) -> Level {
    match level {
        Level::Intern | Level::IndividualContributor | Level::SeniorIndividualContributor => level,
        // The step from a head of department down to the manager grades, and from the top to the other chiefs.
        Level::VicePresident => Level::SeniorDirector,
        Level::Owner => Level::CLevel,
        _ => below(level, 1),
    }
}

/// An associate or assistant director stands below a deputy: with the senior managers.
fn assistant(level: Level) -> Level {
    match level {
        Level::Director | Level::VicePresident => below(level, if level == Level::Director { 2 } else { 1 }),
        _ => deputy(level),
    }
}

/// Moves a rank by the qualifiers around it.
pub(super) fn adjust(mut level: Level, qualifiers: Set<Qualifier>, of: &Entry) -> Level {
    use Level as L;
    let technical = of.is(Flag::Technical);
    let graded = technical || of.is(Flag::Graded);
    let mut lowered = false;
    for qualifier in qualifiers.iter() {
        level = match (qualifier, level) {
            (Qualifier::Deputy, _) => deputy(level),
            (Qualifier::Associate | Qualifier::Assistant, _) if !lowered => assistant(level),
            (Qualifier::Junior, L::SeniorIndividualContributor) => L::IndividualContributor,
            (Qualifier::Senior, L::IndividualContributor) => L::SeniorIndividualContributor,
            (Qualifier::Senior, L::Manager) => L::SeniorManager,
            (Qualifier::Senior, L::Director) if !lowered => L::SeniorDirector,
            (Qualifier::Senior, L::VicePresident) => L::SeniorVicePresident,
            (Qualifier::Principal, L::IndividualContributor) if graded => L::SeniorIndividualContributor,
            (Qualifier::Staff, L::IndividualContributor) if technical => L::SeniorIndividualContributor,
            (Qualifier::Third, L::IndividualContributor) if graded => L::SeniorIndividualContributor,
            (Qualifier::Lead, L::IndividualContributor | L::SeniorIndividualContributor) => L::Lead,
            (_, level) => level,
        };
        lowered |= matches!(qualifier, Qualifier::Deputy | Qualifier::Associate | Qualifier::Assistant);
    }
    level
}

/// The modifier a qualifier leaves on the title.
pub(super) fn mark(qualifier: Qualifier) -> Option<Modifier> {
    match qualifier {
        Qualifier::Acting => Some(Modifier::Acting),
        Qualifier::Deputy => Some(Modifier::Deputy),
        Qualifier::Associate => Some(Modifier::Associate),
        Qualifier::Former => Some(Modifier::Former),
        Qualifier::Regional => Some(Modifier::Regional),
        _ => None,
    }
}
