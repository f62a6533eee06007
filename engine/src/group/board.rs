//! The best records of one kind, in bounded memory.

use super::evidence::Candidate;
use crate::Person;
use std::cmp::{Ordering, Reverse};

/// What a record is ranked by: points, then what settles ties.
pub(super) type Points = (u32, u32);

/// The best records offered so far: at most `capacity`, best first. Which ones remain does not depend on the order of
/// offers, and offering a record again changes nothing.
#[derive(Clone, Debug)]
pub(super) struct Board {
    capacity: usize,
    records: Vec<(Points, Candidate)>,
}

impl Board {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { capacity, records: Vec::new() }
    }

    /// Where the record would stand; `None` when it is there already or too many are better.
    pub(super) fn place(&self, points: Points, person: &Person) -> Option<usize> {
        let order = |(other, candidate): &(Points, Candidate)| -> Ordering {
            Reverse(*other).cmp(&Reverse(points)).then_with(|| candidate.person.as_ref().cmp(person))
        };
        match self.records.last() {
            Some(last) if self.records.len() >= self.capacity && order(last) == Ordering::Less => None,
            _ => self.records.binary_search_by(order).err(),
        }
    }

    /// Adds a record, and drops the worst when there are too many.
    pub(super) fn add(&mut self, points: Points, candidate: Candidate) {
        if let Some(place) = self.place(points, &candidate.person) {
            self.records.insert(place, (points, candidate));
            self.records.truncate(self.capacity);
        }
    }

    pub(super) fn candidates(&self) -> impl Iterator<Item = &Candidate> {
        self.records.iter().map(|(_, candidate)| candidate)
    }
}
