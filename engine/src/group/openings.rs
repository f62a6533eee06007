//! Which positions could take a seat at all: what tells news that may change a group from news that cannot.

use super::evidence::{Evidence, Lens, Out};
use super::view::View;
use crate::{Function, Level, Person, PersonId, SellerProfile, Set, Tier};

/// Reports and connections of somebody of whom none are known. Whatever they are, they only ever add to a fit.
const MANY: u8 = 100;
/// What a title below may turn out to be where a roster counts the people who report to it.
const LEADS: Level = Level::Director;

/// What a seller sells, prepared for judging positions of people of whom nothing else is known.
#[derive(Clone, Debug)]
pub struct Openings {
    lens: Lens,
    deal: u64,
    /// The functions that a deal of this size wants to hear, whether they buy or not.
    voices: Set<Function>,
}

impl Openings {
    /// For sellers of this.
    #[must_use]
    pub fn new(profile: &SellerProfile) -> Self {
        let voices = profile.needed_coverage().into_iter().flat_map(|voice| voice.functions).collect();
        Self { lens: Lens::new(profile), deal: profile.deal_usd(), voices }
    }

    /// Whether somebody of this title and department could take any seat, in a company of whatever size. `None` when they
    /// do not say both what somebody works on and at which rank: a roster may know more.
    ///
    /// ```
    /// use engine::{Openings, SellerProfile};
    /// let openings = Openings::new(&SellerProfile::default());
    /// assert_eq!(openings.could_sit(Some("VP Engineering"), None), Some(true));
    /// assert_eq!(openings.could_sit(Some("Event Marketing Coordinator"), None), Some(false));
    /// assert_eq!(openings.could_sit(Some("Manager"), None), None);
    /// ```
    #[must_use]
    pub fn could_sit(&self, title: Option<&str>, department: Option<&str>) -> Option<bool> {
        let person = Person {
            title: Some(title?.to_owned()),
            departments: department.map(str::to_owned).into_iter().collect(),
            ..Person::new(PersonId::new("somebody")?, "")
        };
        let known = Evidence::of(&person, &self.lens);
        if known.out == Some(Out::Former) {
            // Held no more by whoever holds it: what they do now is not said.
            return None;
        }
        if known.out.is_none() && (known.title.level.is_none() || known.functions.is_empty()) {
            return None;
        }
        let mut best = known;
        (best.span, best.network, best.aside) = (Some(MANY), Some(MANY), false);
        best.manager = Some((Level::Owner, Some(MANY)));
        let seats = |one: &Evidence, tier: &Tier| {
            let view = View { tier: *tier, deal: self.deal, ..View::default() };
            view.fits_any(one) || (one.works_in(self.voices) && view.consulted(one).1 > 0)
        };
        let leads = |rank: &Level| Some(*rank) > known.title.level && *rank <= LEADS;
        let mut ranks = known.title.level.into_iter().chain(Level::ALL.iter().copied().filter(leads));
        let at = |rank: Level| {
            let mut one = best;
            one.title.level = Some(rank);
            Tier::ALL.iter().any(|tier| seats(&one, tier))
        };
        Some(ranks.any(at))
    }
}
