//! The best people seen so far, in bounded memory.

use super::Group;
use super::board::{Board, Points};
use super::decision::Decision;
use super::duplicates::merge;
use super::evidence::{Candidate, Evidence, Lens};
use super::sketch::Distinct;
use super::table::{Kind, Table, Wishes, tie};
use super::view::View;
use super::why::Explanation;
use crate::company::{Employer, same_employer};
use crate::{Company, Person, Role, SellerProfile, Tier};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Records kept of each kind of people and role: more than the 19 seats of the largest group, so that the best group of
/// everybody offered can be found among those kept, with room for a person recorded twice.
const KEPT: usize = 24;
/// What a claim to decide outweighs on a board: more than any fit.
const CLAIM: u32 = 10_000;
/// Employers whose answer is remembered.
const EMPLOYERS: usize = 512;

/// What a board ranks people for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    /// A chair of this role.
    Chair(Role, Kind),
    /// A coverage seat.
    Coverage(Kind),
    /// Nobody's chair: who comes nearest to a role nobody fits, for the reason of the gap.
    NearMiss(Role),
    /// The only person of a company of one.
    Alone,
}

/// The best people of a company seen so far.
///
/// Offer people one by one, page by page, in any order and as often as you like; a bounded number is kept: 24 of each
/// role and kind, a few hundred for usual profiles, some thousands for one of many voices and people of many functions. To
/// survive a crash, keep [`Shortlist::people`] and offer them again: the same shortlist results. Only
/// [`Shortlist::considered`] then counts afresh.
///
/// Nobody who belongs into the best group of all records offered is dropped: of every kind of people (the needs they
/// cover and the preferences they meet) more are kept for each role than there are seats. While the company's size is
/// unknown, ranks are kept for five sizes from small to large.
#[derive(Clone, Debug)]
pub struct Shortlist {
    lens: Lens,
    wishes: Wishes,
    company: Company,
    /// The views a person is ranked under: one when the company's size is known, else several sizes.
    views: Vec<View>,
    boards: BTreeMap<(usize, Purpose), Board>,
    seen: Distinct,
    elsewhere: Distinct,
    employers: BTreeMap<Employer, bool>,
}

impl Shortlist {
    /// An empty shortlist for one company and one seller.
    #[must_use]
    pub fn new(profile: &SellerProfile, company: &Company) -> Self {
        let view = |tier| View { tier, deal: profile.deal_usd(), ..View::default() };
        let views = match Tier::of(company) {
            (tier, true) => vec![view(tier)],
            (_, false) => [Tier::S3, Tier::S7, Tier::M4, Tier::L2, Tier::L7].map(view).to_vec(),
        };
        Self {
            lens: Lens::new(profile),
            wishes: Wishes::new(profile),
            company: company.clone(),
            views,
            boards: BTreeMap::new(),
            seen: Distinct::default(),
            elsewhere: Distinct::default(),
            employers: BTreeMap::new(),
        }
    }

    /// Considers a person. Offering somebody again changes nothing. A record whose employer is certainly another company
    /// is kept out.
    pub fn offer(&mut self, person: Person) {
        if self.works_elsewhere(&person) {
            self.elsewhere.add(person.id.as_str());
            return;
        }
        self.seen.add(person.id.as_str());
        let evidence = Evidence::of(&person, &self.lens);
        // Most people stand on no board: nothing is allocated for them.
        let mut places: SmallVec<[((usize, Purpose), Points); 8]> = SmallVec::new();
        let kind = self.wishes.kind(&evidence);
        let ties: [u32; 6] = std::array::from_fn(|role| tie(&person.id, role));
        for (index, view) in self.views.iter().enumerate() {
            for role in Role::ALL {
                let verdict = view.judge(role, &evidence);
                let purpose = match verdict.refusal {
                    None => Purpose::Chair(role, self.wishes.kind_for(Some(role), kind)),
                    Some(_) => Purpose::NearMiss(role),
                };
                if verdict.points > 0 {
                    let claim = if role == Role::DecisionMaker { view.claim(&evidence) as u32 * CLAIM } else { 0 };
                    places.push(((index, purpose), (verdict.points + claim, ties[role as usize])));
                }
            }
            if kind.covers != 0 {
                let (_, fit) = view.consulted(&evidence);
                if fit > 0 {
                    let purpose = Purpose::Coverage(self.wishes.kind_for(None, kind));
                    places.push(((index, purpose), (fit, ties[5])));
                }
            }
        }
        if self.company.staff.is_none_or(|staff| staff <= 1) && evidence.out.is_none() {
            places.push(((0, Purpose::Alone), (0, ties[0])));
        }
        places.retain(|&mut (ref key, ref points)| {
            self.boards.get(key).is_none_or(|board| board.place(*points, &person).is_some())
        });
        if places.is_empty() {
            return;
        }
        let candidate = Candidate { person: Arc::new(person), evidence };
        for (key, points) in places {
            let board = self.boards.entry(key).or_insert_with(|| Board::new(capacity(key.1)));
            board.add(points, candidate.clone());
        }
    }

    fn works_elsewhere(&mut self, person: &Person) -> bool {
        let Some(employer) = &person.employer else { return false };
        if let Some(known) = self.employers.get(employer) {
            return *known;
        }
        let elsewhere = same_employer(employer, &self.company) == Some(false);
        if self.employers.len() >= EMPLOYERS {
            self.employers.clear();
        }
        self.employers.insert(employer.clone(), elsewhere);
        elsewhere
    }

    fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.boards.values().flat_map(Board::candidates)
    }

    /// The people kept, each record once, ordered by id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        let people: BTreeSet<&Person> = self.candidates().map(|candidate| candidate.person.as_ref()).collect();
        people.into_iter()
    }

    /// Distinct people considered so far, by id: exact up to 65,536, beyond that within about one per cent. Those of
    /// another company are not among them.
    #[must_use]
    pub fn considered(&self) -> u64 {
        self.seen.count()
    }

    /// Chooses the group. A company whose size is unknown is treated as [`Tier::S3`] and the group says so.
    #[must_use]
    pub fn finish(self) -> Group {
        self.decide().into_group()
    }

    /// Chooses the group for a company whose complete staff list was offered: when neither revenue nor staff is known,
    /// `headcount` is taken as its staff; the group is then a little less sure and says so. Only for complete lists: the number of people in one page of a provider's
    /// results says nothing about the size of a company.
    #[must_use]
    pub fn finish_with_headcount(self, headcount: u64) -> Group {
        self.decide_with_headcount(headcount).into_group()
    }

    /// Chooses the group, and can then tell of anybody why in or why not.
    #[must_use]
    pub fn decide(&self) -> Decision {
        self.decide_for(self.company.clone(), false)
    }

    /// As [`Shortlist::decide`], for a complete staff list, see [`Shortlist::finish_with_headcount`].
    #[must_use]
    pub fn decide_with_headcount(&self, headcount: u64) -> Decision {
        let mut company = self.company.clone();
        let counted = company.staff.is_none() && headcount > 0;
        if counted {
            company.staff = Some(u32::try_from(headcount).unwrap_or(u32::MAX));
        }
        // Who tells the revenue tells the size.
        self.decide_for(company, counted && self.company.revenue.is_none())
    }

    fn decide_for(&self, company: Company, counted: bool) -> Decision {
        // Only who may sit makes up the pool: the others are kept by chance and must not fill in anybody's blanks.
        let seatable = |purpose: Purpose| matches!(purpose, Purpose::Chair(..) | Purpose::Coverage(_));
        let view = View { tier: Tier::of(&company).0, deal: self.lens.profile.deal_usd(), ..View::default() };
        let mut pool = merge(self.kept(seatable), &self.lens, view);
        if Table::is_for_one(&company) {
            let everybody = merge(self.kept(|_| true), &self.lens, view);
            if everybody.len() == 1 {
                pool = everybody;
            }
        }
        let near_misses = self.kept(|purpose| matches!(purpose, Purpose::NearMiss(_)));
        let table = Table::new(&self.wishes, &self.lens.profile, &company, counted, &pool);
        let counts = (self.considered(), self.elsewhere.count());
        Decision::new(self.lens.clone(), self.wishes.clone(), company, table, pool, near_misses, counts)
    }

    /// The records kept for a purpose, each once.
    fn kept(&self, purpose: impl Fn(Purpose) -> bool) -> Vec<Candidate> {
        let boards = self.boards.iter().filter(|((_, of), _)| purpose(*of)).map(|(_, board)| board);
        let kept: BTreeMap<&Person, &Candidate> =
            boards.flat_map(Board::candidates).map(|candidate| (candidate.person.as_ref(), candidate)).collect();
        kept.into_values().cloned().collect()
    }

    /// Why somebody is in the group, or why not: for anybody of the roster, also those the shortlist did not keep.
    #[must_use]
    pub fn explain(&self, person: &Person) -> Explanation {
        self.decide().why(person)
    }
}

const fn capacity(purpose: Purpose) -> usize {
    match purpose {
        Purpose::Chair(..) | Purpose::Coverage(_) => KEPT,
        Purpose::NearMiss(_) => 1,
        // Two tell that it is not the only one.
        Purpose::Alone => 2,
    }
}
