//! The question a person is judged by, and the scores shown.

use super::Scores;
use super::evidence::{Evidence, PRIMARY, RELATED};
use super::influence::{influence, reach};
use super::plan::Claim;
use crate::company::UNLIMITED;
use crate::profile::Weights;
use crate::{Company, Function, Level, Modifier, Person, Role, Tier};

/// Standing of a rank as the one who decides, intern to owner, 0–100: the higher, the surer. Below a manager nobody signs.
const DECIDES: [u32; 14] = [0, 0, 0, 0, 60, 66, 74, 84, 88, 94, 97, 100, 100, 100];

/// Readiness of a rank to carry a product inside, intern to owner, 0–100: highest where people lead those who feel the
/// pain and still have to ask (domain rule: director, head, senior manager).
pub(super) const CHAMPION: [u32; 14] = [0, 15, 50, 65, 80, 90, 95, 100, 95, 75, 50, 30, 10, 10];

/// Authority from which a person may sign the deal.
pub(super) const MAY_SIGN: u8 = 80;
/// What is left of a champion who can sign, per cent: whoever decides does not have to persuade.
pub(super) const SIGNS: u32 = 86;

/// Size of the company and of the deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) tier: Tier,
    /// US dollars.
    pub(super) deal: u64,
    /// The company consists of this one person.
    pub(super) alone: bool,
    /// Somebody of the function is known who may sign: whoever runs a large company leaves the purchase to them.
    pub(super) delegated: bool,
}

impl Default for View {
    /// A company of unknown size, and nothing to buy yet.
    fn default() -> Self {
        Self { tier: Tier::of(&Company::default()).0, deal: 0, alone: false, delegated: false }
    }
}

impl View {
    /// How much a purchase concerns whoever runs the company as a whole, the less the larger it is.
    fn concern(self) -> u8 {
        match self.tier {
            tier if tier <= Tier::S3 => 100,
            Tier::S4 => 95,
            Tier::S5 => 90,
            Tier::S6 => 80,
            Tier::S7 => 70,
            tier if tier <= Tier::M7 => 60,
            _ => RELATED,
        }
    }

    /// Whether the person runs the company as a whole. Where it has more than a hundred people, a founder who heads a
    /// function ("CTO, Cofounder") speaks for that function first.
    pub(super) fn runs_company(self, one: &Evidence) -> bool {
        let heads_function = one.functions.iter().any(|function| function != Function::Executive);
        one.is_top() && (self.tier <= Tier::S5 || !heads_function)
    }

    /// Whether the person runs a company large enough to leave a purchase of this size to others: more than 7,500 people,
    /// and a vice president may sign. Such a chief executive still can, and decides where nobody nearer is known.
    pub(super) fn is_distant(self, one: &Evidence) -> bool {
        self.runs_company(one)
            && !one.is_related()
            && self.tier >= Tier::L1
            && self.tier.approval_limit(Level::VicePresident) >= self.deal
    }

    /// Fit of the functions to the product, 0–100. Who runs the company is concerned by every purchase.
    pub(super) fn relevance(self, one: &Evidence) -> Option<u8> {
        if !self.runs_company(one) || one.out.is_some() {
            return one.relevance;
        }
        Some(one.relevance.unwrap_or(0).max(self.concern()))
    }

    /// Approval limit against the deal, 0–100: [`MAY_SIGN`] and more when the limit reaches the deal (domain rule:
    /// authority when limit ≥ deal size). A statement about money only: whether it is this person's purchase to make,
    /// relevance says. Never lower for a higher rank.
    pub(super) fn authority(self, one: &Evidence) -> Option<u8> {
        let level = one.title.level?;
        if one.title.is(Modifier::AssistantOf) {
            return Some(0);
        }
        let limit = self.tier.approval_limit(level);
        Some(if limit == UNLIMITED {
            100
        } else if limit >= self.deal {
            let times = (limit / self.deal.max(1)).min(20);
            MAY_SIGN + u8::try_from(times).unwrap_or(20) - 1
        } else {
            let percent = u128::from(limit) * 60 / u128::from(self.deal.max(1));
            u8::try_from(percent).unwrap_or(60)
        })
    }

    /// Whether the person fits any role.
    pub(super) fn fits_any(self, one: &Evidence) -> bool {
        Role::ALL.into_iter().any(|role| self.fit(role, one) > 0)
    }

    /// Whether the limit of the person's rank reaches the deal.
    pub(super) fn signs(self, one: &Evidence) -> bool {
        self.authority(one).is_some_and(|authority| authority >= MAY_SIGN)
    }

    /// Standing of a rank as the one who decides, 0–100: the higher, the surer, since a head of department is asked before
    /// anybody below. Only a chief may stand too far above a purchase: 4 less for each doubling of what a vice president may
    /// sign beyond eight times the deal, for a chief may sign for a laptop and will not be the one who does.
    pub(super) fn standing(self, level: Level) -> u32 {
        let standing = DECIDES[level as usize];
        if self.tier.approval_limit(level) != UNLIMITED {
            return standing;
        }
        let times = self.tier.approval_limit(Level::VicePresident) / self.deal.max(1) / 8;
        standing - 4 * times.max(1).ilog2().min(6)
    }

    /// Whose purchase it is, among those who decide: above all that of a signer in a buying function, from director up
    /// where the company has more than a hundred people, and where it has not, of who runs it; then that of a vice president or higher beside it or above it. A
    /// manager's signature comes last, as does that of who leaves the purchase to others.
    pub(super) fn claim(self, one: &Evidence) -> Claim {
        let Some(level) = one.title.level else { return Claim::Least };
        if self.alone || self.is_distant(one) || (level < Level::Director && self.tier > Tier::S5) {
            Claim::Least
        } else if one.relevance == Some(PRIMARY) || (self.tier <= Tier::S5 && self.runs_company(one) && !one.heads_part)
        {
            Claim::Own
        } else if level >= Level::VicePresident {
            Claim::Senior
        } else {
            Claim::Least
        }
    }

    pub(super) fn influence(one: &Evidence) -> Option<u8> {
        influence(one.title.level, one.span, one.network)
    }

    /// Champion potential, 0–100: right rank × using function, less for who can sign, and 15 of 100 parts reach where
    /// that is known.
    fn champion(self, one: &Evidence) -> Option<u8> {
        let (level, relevance) = (one.title.level?, self.relevance(one)?);
        let share = if self.signs(one) { SIGNS } else { 100 };
        let base = CHAMPION[level as usize] * u32::from(relevance) * share / 10_000;
        let reach = reach(one.span, one.network);
        Some(percent(reach.map_or(base, |reach| (base * 85 + base.min(1) * u32::from(reach) * 15) / 100)))
    }

    /// The scores shown for a person.
    pub(super) fn scores(self, person: &Person, one: &Evidence, weights: &Weights) -> Scores {
        let known = [(person.contact.email.is_some(), 60), (person.contact.phone.is_some(), 40)];
        let known: u32 = known.iter().filter(|(known, _)| *known).map(|(_, share)| share).sum();
        let mut scores = Scores {
            relevance: self.relevance(one),
            authority: self.authority(one),
            influence: Self::influence(one),
            champion: self.champion(one),
            reachability: (known > 0).then_some(percent(known)),
            overall: 0,
        };
        let weighed = [
            (scores.relevance, weights.relevance),
            (scores.authority, weights.authority),
            (scores.influence, weights.influence),
            (scores.champion, weights.champion),
            (scores.reachability, weights.reachability),
        ];
        let (mut sum, mut total) = (0, 0);
        for (score, weight) in weighed {
            if let Some(score) = score {
                sum += u32::from(score) * u32::from(weight);
                total += u32::from(weight);
            }
        }
        scores.overall = percent((sum + total / 2).checked_div(total).unwrap_or(0));
        scores
    }
}

pub(super) fn percent(value: u32) -> u8 {
    u8::try_from(value.min(100)).unwrap_or(100)
}
