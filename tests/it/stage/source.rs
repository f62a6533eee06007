//! The sample company's roster, with faults and delays put in front of it: the network edge of the tests.

use activities::roster::RosterSource;
use activities::sources::{
    CompanySource, ContactAnswer, ContactSource, FoundCompany, PeoplePage, PeopleSource, SourceError,
};
use async_trait::async_trait;
use contracts::{CompanyRef, FailureClass, WorkspaceId};
use engine::{Company, Person};
use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Semaphore;

/// What a source can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    Resolve,
    People,
    Contact,
}

/// A roster that fails on demand.
pub struct FaultySource {
    roster: RosterSource,
    faults: Mutex<BTreeMap<Asked, VecDeque<Option<FailureClass>>>>,
    calls: Mutex<Vec<(Asked, String)>>,
    /// How long a contact lookup takes.
    delay: Duration,
    /// How many contact lookups may still be answered; the others wait.
    gate: Option<Semaphore>,
    /// What every contact lookup costs.
    pub cost_micros: u64,
    /// Where calls are written down as well, one a line, for calls that outlive this process.
    log: Option<PathBuf>,
}

impl FaultySource {
    pub fn new(roster: RosterSource) -> Self {
        Self {
            roster,
            faults: Mutex::default(),
            calls: Mutex::default(),
            delay: Duration::ZERO,
            gate: None,
            cost_micros: 0,
            log: None,
        }
    }

    pub fn slow(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// After this many contact lookups no more are answered, until the gate is opened.
    pub fn gated_after(mut self, answers: usize) -> Self {
        self.gate = Some(Semaphore::new(answers));
        self
    }

    pub fn open_gate(&self) {
        self.gate.as_ref().unwrap().add_permits(1_000);
    }

    pub fn costing(mut self, cost_micros: u64) -> Self {
        self.cost_micros = cost_micros;
        self
    }

    pub fn logging_to(mut self, log: PathBuf) -> Self {
        self.log = Some(log);
        self
    }

    /// The next calls of this kind fail, in this order.
    pub fn fail(&self, asked: Asked, classes: impl IntoIterator<Item = FailureClass>) {
        self.answer(asked, classes.into_iter().map(Some));
    }

    /// The next calls of this kind are answered like this, in this order: `None` is an answer, a class is a failure.
    pub fn answer(&self, asked: Asked, answers: impl IntoIterator<Item = Option<FailureClass>>) {
        self.faults.lock().unwrap().entry(asked).or_default().extend(answers);
    }

    /// Calls of this kind, by what was asked about.
    pub fn calls(&self, asked: Asked) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|(kind, _)| *kind == asked).map(|(_, about)| about.clone()).collect()
    }

    fn ask(&self, asked: Asked, about: &str) -> Result<(), SourceError> {
        self.calls.lock().unwrap().push((asked, about.to_owned()));
        if let Some(log) = &self.log {
            let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
            writeln!(log, "{asked:?} {about}").unwrap();
        }
        match self.faults.lock().unwrap().get_mut(&asked).and_then(VecDeque::pop_front).flatten() {
            Some(class) => Err(SourceError::new(class, format!("a scripted {class}"))),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl CompanySource for FaultySource {
    async fn resolve(
        &self,
        workspace: &WorkspaceId,
        company: &CompanyRef,
    ) -> Result<Option<FoundCompany>, SourceError> {
        self.ask(Asked::Resolve, &company.name)?;
        self.roster.resolve(workspace, company).await
    }
}

#[async_trait]
impl PeopleSource for FaultySource {
    async fn people(
        &self,
        workspace: &WorkspaceId,
        company: &Company,
        cursor: Option<&str>,
    ) -> Result<PeoplePage, SourceError> {
        self.ask(Asked::People, cursor.unwrap_or("first page"))?;
        self.roster.people(workspace, company, cursor).await
    }
}

#[async_trait]
impl ContactSource for FaultySource {
    fn name(&self) -> &str {
        "faulty-roster"
    }

    async fn contact(
        &self,
        workspace: &WorkspaceId,
        company: &Company,
        person: &Person,
    ) -> Result<ContactAnswer, SourceError> {
        // Written down first: what is asked is asked, and may be paid for, though nobody be there for the answer.
        self.ask(Asked::Contact, person.id.as_str())?;
        tokio::time::sleep(self.delay).await;
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
        let answer = self.roster.contact(workspace, company, person).await?;
        Ok(ContactAnswer { cost_micros: self.cost_micros, ..answer })
    }
}
