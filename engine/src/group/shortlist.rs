//! The best people seen so far, in bounded memory.

use super::Group;
use super::duplicates::merge;
use super::evidence::{Candidate, Lens};
use super::finish::{Question, choose};
use super::score::View;
use super::sketch::Distinct;
use crate::{Company, Person, Role, SellerProfile, Tier};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// People kept per role. Far more than there are seats, so that duplicates and a later choice of tier find enough.
const KEPT_PER_ROLE: usize = 96;

/// Best fit first, then the person's own order: a total order that does not depend on when somebody was offered.
type Rank = (Reverse<u32>, Arc<Person>);

/// The best people of a company seen so far.
///
/// Offer people one by one, page by page, in any order and as often as you like; at most a few hundred are kept. To
/// survive a crash, keep [`Shortlist::people`] and offer them again: the same shortlist results. Only
/// [`Shortlist::considered`] then counts afresh.
#[derive(Clone, Debug)]
pub struct Shortlist {
    lens: Lens,
    company: Company,
    /// The views a person is ranked under: one when the company's size is known, else a small and a large company.
    views: Vec<View>,
    boards: [BTreeMap<Rank, Candidate>; 5],
    seen: Distinct,
}

impl Shortlist {
    /// An empty shortlist for one company and one seller.
    #[must_use]
    pub fn new(profile: &SellerProfile, company: &Company) -> Self {
        let deal = profile.deal_usd();
        let views = match Tier::of(company) {
            (tier, true) => vec![View { tier, deal }],
            (_, false) => vec![View { tier: Tier::S3, deal }, View { tier: Tier::L7, deal }],
        };
        Self {
            lens: Lens::new(profile),
            company: company.clone(),
            views,
            boards: Default::default(),
            seen: Distinct::default(),
        }
    }

    /// Considers a person. Offering somebody again changes nothing.
    pub fn offer(&mut self, person: Person) {
        self.seen.add(person.id.as_str());
        let candidate = Candidate::new(Arc::new(person), &self.lens);
        for (board, role) in self.boards.iter_mut().zip(Role::ALL) {
            let fit = self.views.iter().map(|view| view.fit(role, &candidate)).max().unwrap_or(0);
            if fit == 0 {
                continue;
            }
            let rank = (Reverse(fit), Arc::clone(&candidate.person));
            let full = board.len() >= KEPT_PER_ROLE;
            if full && board.last_key_value().is_some_and(|(worst, _)| *worst <= rank) {
                continue;
            }
            board.insert(rank, candidate.clone());
            if board.len() > KEPT_PER_ROLE {
                board.pop_last();
            }
        }
    }

    /// The people kept, each record once, ordered by id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        let people: BTreeSet<&Person> =
            self.boards.iter().flat_map(|board| board.keys().map(|(_, person)| person.as_ref())).collect();
        people.into_iter()
    }

    /// Distinct people considered so far, by id: exact up to 65,536, beyond that within about one per cent.
    #[must_use]
    pub fn considered(&self) -> u64 {
        self.seen.count()
    }

    /// Chooses the group. A company whose size is unknown is treated as [`Tier::S3`] and the group says so.
    #[must_use]
    pub fn finish(self) -> Group {
        let people: Vec<Person> = self.people().cloned().collect();
        let candidates: Vec<Candidate> =
            merge(people).into_iter().map(|person| Candidate::new(Arc::new(person), &self.lens)).collect();
        let question = Question::new(&self.lens.profile, &self.company);
        choose(&question, candidates, self.considered())
    }

    /// Chooses the group for a company whose complete staff list was offered: when neither revenue nor staff is known,
    /// `headcount` is taken as its staff. Only for complete lists: the number of people in one page of a provider's
    /// results says nothing about the size of a company.
    #[must_use]
    pub fn finish_with_headcount(mut self, headcount: u64) -> Group {
        if self.company.staff.is_none() && headcount > 0 {
            self.company.staff = Some(u32::try_from(headcount).unwrap_or(u32::MAX));
        }
        self.finish()
    }
}
