//! How many people report to whom, counted over a whole roster: a page alone does not tell.

use super::data::RosterData;
use super::identity::{bare_name, by_name};
use super::reader::Reader;
use crate::sources::SourceError;
use engine::{Person, PersonId};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

/// Share of the people, in per cent, whose manager must be among them before "nobody reports to this person" is knowledge
/// rather than a blank column.
const LINKED: u64 = 80;

/// Direct reports by manager.
#[derive(Debug, Default)]
pub(super) struct Spans {
    counts: HashMap<PersonId, u32>,
    /// Managers whom a file without ids refers to by name, where one person alone answers to it.
    named: HashMap<PersonId, PersonId>,
    /// The reporting lines are complete enough for nought to be a count.
    complete: bool,
}

impl Spans {
    fn read(data: &RosterData) -> Result<Self, SourceError> {
        let mut reader = Reader::open(data, None)?;
        let mut spans = Self::default();
        let (mut people, mut managed) = (HashSet::new(), 0);
        while let Some(row) = reader.next(&mut |_| {})? {
            let Some(person) = row.person else { continue };
            // Somebody recorded twice reports once.
            if people.insert(hash(&person.id))
                && let Some(manager) = person.manager
            {
                managed += 1;
                let count = spans.counts.entry(manager).or_default();
                *count = count.saturating_add(1);
            }
        }
        reader.finish()?;
        spans.resolve_names(data, &people)?;
        // Managers who are not among the people were named in some other way, by name or by another system's id.
        let strangers: u64 =
            spans.counts.iter().filter(|(id, _)| !people.contains(&hash(id))).map(|(_, n)| u64::from(*n)).sum();
        spans.counts.retain(|id, _| people.contains(&hash(id)));
        spans.complete = people.len() > 1 && (managed - strangers) * 100 >= people.len() as u64 * LINKED;
        Ok(spans)
    }

    /// Finds who is meant by names of managers. Names of namesakes mean nobody.
    fn resolve_names(&mut self, data: &RosterData, people: &HashSet<u64>) -> Result<(), SourceError> {
        let mut asked: HashMap<PersonId, Option<PersonId>> =
            self.counts.keys().filter(|id| !people.contains(&hash(id))).map(|id| (id.clone(), None)).collect();
        let mut namesakes = HashSet::new();
        if asked.is_empty() {
            return Ok(());
        }
        let mut reader = Reader::open(data, None)?;
        while let Some(row) = reader.next(&mut |_| {})? {
            let Some(person) = row.person else { continue };
            let Some(name) = bare_name(&person.name) else { continue };
            if by_name(&person.name, person.title.as_deref()).as_ref() != Some(&person.id) {
                continue;
            }
            if let Some(found) = asked.get_mut(&name)
                && found.replace(person.id.clone()).is_some_and(|other| other != person.id)
            {
                namesakes.insert(name);
            }
        }
        reader.finish()?;
        let unambiguous = asked.into_iter().filter(|(name, _)| !namesakes.contains(name));
        self.named = unambiguous.filter_map(|(name, found)| Some((name, found?))).collect();
        for (name, id) in &self.named {
            if let Some(count) = self.counts.remove(name) {
                *self.counts.entry(id.clone()).or_default() += count;
            }
        }
        Ok(())
    }

    /// Tells the person how many report to them, unless the source has done so, and who a manager known by name is.
    pub(super) fn complete(&self, mut person: Person) -> Person {
        if let Some(manager) = person.manager.as_ref().and_then(|name| self.named.get(name)) {
            // Nobody reports to oneself, also not under another spelling.
            person.manager = Some(manager.clone()).filter(|manager| *manager != person.id);
        }
        let counted = || self.counts.get(&person.id).copied().or(self.complete.then_some(0));
        person.direct_reports = person.direct_reports.or_else(counted);
        person
    }
}

fn hash(id: &PersonId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The counts of each roster, as long as it stays as it was.
#[derive(Default)]
pub(super) struct SpanCache(Mutex<HashMap<String, (String, Arc<Spans>)>>);

impl SpanCache {
    /// The counts of this roster in the state with this fingerprint. Reads the whole file when they are not known.
    pub(super) fn of(&self, data: &RosterData, fingerprint: &str) -> Result<Arc<Spans>, SourceError> {
        let key = data.key();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((state, spans)) = known
            && state == fingerprint
        {
            return Ok(spans);
        }
        let spans = Arc::new(Spans::read(data)?);
        let entry = (fingerprint.to_owned(), Arc::clone(&spans));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, entry);
        Ok(spans)
    }
}
