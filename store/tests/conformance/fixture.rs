//! A migrated database, and short words for what the cases do to it.

use contracts::{
    Begun, CompanyRef, Digest, Enrichment, EnrichmentLevel, EventRef, FailureInput, OutcomeKind, RefreshReason,
    RefreshRequest, SaveInput, Saved, SourceName, Step, SuppressRequest, Suppressed, WorkspaceId,
};
use engine::{
    Company, Contact, Function, Group, Level, Member, Person, PersonId, Reason, ReasonCode, Role, Scores, Tier,
};
use sqlx::{Any, AnyPool, Transaction};
use store::{Erasing, SavedGroup, Store, StoreError, StoredEnrichment};
use test_support::TestDb;

pub(crate) const NOW: i64 = 1_760_000_000_000;
pub(crate) const COMPANY: &str = "co_test";

/// A migrated database of one test.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) db: TestDb,
}

impl std::ops::Deref for Fixture {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Fixture {
    pub(crate) async fn sqlite() -> Self {
        Self::over(TestDb::sqlite().unwrap()).await
    }

    pub(crate) async fn postgres() -> Self {
        Self::over(TestDb::postgres().await.unwrap()).await
    }

    async fn over(db: TestDb) -> Self {
        let store = Store::connect(db.url()).await.unwrap();
        store.migrate().await.unwrap();
        Self { store, db }
    }

    /// Does something to the database behind the store's back.
    pub(crate) async fn sql(&self, sql: &'static str) {
        let pool = AnyPool::connect(self.db.url()).await.unwrap();
        sqlx::query(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// A number that the database knows.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        let pool = AnyPool::connect(self.db.url()).await.unwrap();
        let number = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        pool.close().await;
        number
    }

    /// Begins to write behind the store's back, and keeps others from writing there until what is returned is dropped.
    pub(crate) async fn hold(&self, sql: &'static str) -> Transaction<'static, Any> {
        let pool = AnyPool::connect(self.db.url()).await.unwrap();
        let begin = if self.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" };
        let mut held = pool.begin_with(begin).await.unwrap();
        assert_eq!(sqlx::query(sql).execute(&mut *held).await.unwrap().rows_affected(), 1);
        held
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.db.url().starts_with("postgres")
    }

    /// Opens the refresh of a new event whose id, and run, is `run`, for the test company.
    pub(crate) async fn open(&self, run: &str) {
        let begun = self.begin(&request(run), &workflow(run), run, NOW).await.unwrap();
        assert_eq!(begun, Begun::Open { refresh_id: run.to_owned(), announce: false });
        self.put_company(run, &workspace(), COMPANY, &company(), Some("src-1"), NOW).await.unwrap();
    }

    /// Opens a refresh, chooses these members and saves them, `at` milliseconds from now.
    pub(crate) async fn refreshed(&self, run: &str, members: &[Member], at: i64) -> Saved {
        self.open(run).await;
        self.choose(run, &group(members), NOW + at).await.unwrap();
        self.save(&saving(run), NOW + at).await.unwrap()
    }

    /// The saved group of the test company.
    pub(crate) async fn saved(&self) -> Option<SavedGroup> {
        self.store.group(&workspace(), COMPANY).await.unwrap()
    }

    /// Lists and erases, as the activity does.
    pub(crate) async fn suppress(&self, request: &SuppressRequest, now: i64) -> Result<Suppressed, StoreError> {
        let listed = self.list_suppressed(request, now).await?;
        let mut at = Erasing::default();
        while !at.is_done() {
            at = self.erase_page(request, &at, now).await?;
        }
        Ok(Suppressed { listed, erased: at.erased })
    }

    /// Keeps an answer of the contacts' source.
    pub(crate) async fn enrich(&self, run: &str, who: &str, result: Enrichment, contact: Contact) -> StoredEnrichment {
        let answer =
            StoredEnrichment { result, contact, source: "contacts".to_owned(), listed: false, cost_micros: 40_000 };
        self.put_enrichment(run, who, &answer, NOW).await.unwrap()
    }
}

pub(crate) fn workspace() -> WorkspaceId {
    "acme".parse().unwrap()
}

pub(crate) fn workflow(event: &str) -> String {
    format!("buyer-group-refresh/acme/crm/{event}")
}

pub(crate) fn request(event: &str) -> RefreshRequest {
    RefreshRequest {
        workspace: workspace(),
        company: CompanyRef { id: Some("c_456".to_owned()), name: "Test Company".to_owned(), domain: None }.into(),
        reason: RefreshReason::RoleChange,
        level: EnrichmentLevel::Enrich,
        event: EventRef {
            source: "crm".parse::<SourceName>().unwrap(),
            id: event.parse().unwrap(),
            digest: Digest::of(b"body"),
            occurred_at: NOW - 60_000,
            received_at: NOW - 1_000,
        },
        person_ref: Some("pe_123".to_owned()),
        could_sit: None,
    }
}

pub(crate) fn company() -> Company {
    Company {
        name: "Test Company, Inc.".to_owned(),
        domain: Some("test-company.example".to_owned()),
        staff: Some(420),
        revenue: None,
    }
}

pub(crate) fn person(id: &str) -> Person {
    Person {
        title: Some("VP Sales".to_owned()),
        departments: vec!["Sales".to_owned(), "EMEA".to_owned()],
        manager: PersonId::new("boss"),
        contact: Contact::default(),
        profile_url: Some(format!("https://profiles.example/{id}")),
        location: Some("Zürich".to_owned()),
        start_date: Some("2024-01-01".to_owned()),
        ..Person::new(PersonId::new(id).unwrap(), format!("Name of {id}"))
    }
}

pub(crate) fn member(id: &str, role: Role) -> Member {
    Member {
        person: person(id),
        role,
        level: Some(Level::VicePresident),
        functions: vec![Function::Finance],
        scores: Scores {
            relevance: Some(80),
            authority: None,
            influence: Some(70),
            champion: Some(60),
            reachability: None,
            overall: 70,
        },
        confidence: 64,
        reasons: vec![Reason { code: ReasonCode::PrimaryFunction, text: "works where the product is used".to_owned() }],
    }
}

pub(crate) fn group(members: &[Member]) -> Group {
    Group {
        tier: Tier::S7,
        tier_known: true,
        targets: Tier::S7.targets(),
        members: members.to_vec(),
        gaps: Vec::new(),
        cohesion: Some(55),
        confidence: 66,
        considered: 97,
        rejected_other_employer: 0,
        composition: engine::Composition::default(),
    }
}

pub(crate) fn saving(run: &str) -> SaveInput {
    SaveInput {
        refresh_id: run.to_owned(),
        workspace: workspace(),
        company_id: COMPANY.to_owned(),
        level: EnrichmentLevel::Enrich,
        cost_micros: 120_000,
        announce: true,
        reviewed: false,
    }
}

pub(crate) fn failing(run: &str, outcome: OutcomeKind) -> FailureInput {
    FailureInput {
        refresh_id: run.to_owned(),
        outcome,
        step: Step::Discover,
        class: Some("AuthFailed".to_owned()),
        reason: None,
        cost_micros: 7,
        announce: true,
    }
}

pub(crate) fn email(address: &str) -> Contact {
    Contact { email: Some(address.to_owned()), phone: None }
}

pub(crate) fn found() -> Enrichment {
    Enrichment::Found { email: true, phone: false }
}

pub(crate) fn ids(group: &SavedGroup) -> Vec<&str> {
    group.members.iter().map(|saved| saved.member.person.id.as_str()).collect()
}

pub(crate) fn assert_corrupt<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::Corrupt { .. }) => {}
        other => panic!("not reported as corrupt: {other:?}"),
    }
}
