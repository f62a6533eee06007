//! A server with a database, keys, and short words for what is asked of it.

use crate::temporal::Temporal;
use contracts::{
    CompanyRef, Digest, EnrichmentLevel, EventRef, FailureInput, OutcomeKind, RefreshReason, RefreshRequest, SaveInput,
    Step, UnixMillis, WorkflowId, WorkspaceId,
};
use engine::{Company, Contact, Group, Level, Member, Person, PersonId, Reason, ReasonCode, Role, Scores, Tier};
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use starter::auth::Preset;
use starter::intelligence::{Scope, Token};
use starter::{AppState, Intelligence, Rate, SourceConfig, Sources, serve};
use std::sync::Arc;
use std::time::Duration;
use store::{ApiKey, Store};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) const NOW: UnixMillis = 1_760_000_000_000;
pub(crate) const DAY: UnixMillis = 24 * 60 * 60 * 1000;
pub(crate) const BASE: &str = "/api/v1/intelligence";

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) temporal: Arc<Temporal>,
    pub(crate) client: reqwest::Client,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    address: String,
    /// May do everything in the workspace `acme`.
    pub(crate) key: String,
    _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{}", self.text);
        problem
    }
}

pub(crate) fn workspace() -> WorkspaceId {
    "acme".parse().unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|api| api).await
    }

    pub(crate) async fn with(tuned: impl FnOnce(Intelligence) -> Intelligence) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::connect(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let temporal = Arc::new(Temporal::default());
        let scheme = Preset::PersonChange.scheme().unwrap();
        let secret = "demo-crm-0123456789abcdef".into();
        let source = SourceConfig::new(workspace(), "crm".parse().unwrap(), scheme, secret);
        let sources = Arc::new(Sources::new(vec![source]).unwrap());
        let state = AppState::new(sources, temporal.clone())
            .with_clock(Arc::new(|| NOW))
            .with_intelligence(tuned(Intelligence::new(store.clone(), temporal.clone())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(serve(listener, state, async { drop(stopped.await) }));
        let client = reqwest::Client::new();
        let mut world =
            Self { store, temporal, client, stop: Some(stop), address, key: String::new(), _folder: folder };
        world.key = world.key_of("acme", &Scope::ALL, |_| ()).await;
        world
    }

    pub(crate) async fn with_rate(rate: Rate) -> Self {
        Self::with(|api| api.with_rate(rate)).await
    }

    /// A key of this workspace that may do so much, otherwise as told.
    pub(crate) async fn key_of(&self, workspace: &str, scopes: &[Scope], change: impl FnOnce(&mut ApiKey)) -> String {
        let number = self.store.api_keys(None).await.unwrap().len();
        let token = Token::of(&[u8::try_from(number).unwrap(); Token::RANDOM]);
        let mut key = ApiKey {
            key_id: token.id().to_owned(),
            workspace: workspace.parse().unwrap(),
            label: String::new(),
            scopes: scopes.iter().map(Scope::to_string).collect(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
            follows: None,
        };
        change(&mut key);
        assert!(self.store.put_api_key(&key, &token.hash()).await.unwrap());
        token.expose().expose_secret().to_owned()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        let response = tokio::time::timeout(Duration::from_secs(30), request.send()).await.unwrap().unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn get_as(&self, key: &str, end: &str) -> Answer {
        self.send(Method::GET, &format!("{BASE}{end}"), &[("authorization", &format!("Bearer {key}"))], None).await
    }

    pub(crate) async fn get(&self, end: &str) -> Answer {
        self.get_as(&self.key, end).await
    }

    pub(crate) async fn post(&self, end: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        let body = body.map(Value::to_string);
        self.send(Method::POST, &format!("{BASE}{end}"), &all, body.as_deref()).await
    }

    /// Begins the refresh of a new event of the source `crm`, for this company.
    pub(crate) async fn begin(&self, run: &str, company_id: &str, name: &str, domain: Option<&str>, at: UnixMillis) {
        let request = request(run, name, at);
        self.store.begin(&request, &workflow(run), run, at).await.unwrap();
        let company = Company { name: name.into(), domain: domain.map(str::to_owned), staff: Some(420), revenue: None };
        self.store.put_company(run, &workspace(), company_id, &company, Some("src-1"), at).await.unwrap();
    }

    /// Saves a group of these people for this company.
    pub(crate) async fn save(&self, run: &str, company_id: &str, name: &str, people: &[(&str, Role)], at: UnixMillis) {
        let domain = format!("{}.example", name.to_lowercase().replace(' ', "-"));
        self.begin(run, company_id, name, Some(&domain), at).await;
        self.save_begun(run, company_id, people, at).await;
    }

    pub(crate) async fn save_begun(&self, run: &str, company_id: &str, people: &[(&str, Role)], at: UnixMillis) {
        let members: Vec<Member> = people.iter().map(|(id, role)| member(id, *role)).collect();
        let group = Group {
            tier: Tier::S7,
            tier_known: true,
            targets: Tier::S7.targets(),
            members,
            gaps: Vec::new(),
            cohesion: Some(55),
            confidence: 66,
            considered: 97,
            rejected_other_employer: 0,
            composition: engine::Composition::default(),
        };
        self.store.choose(run, &group, at).await.unwrap();
        let input = SaveInput {
            refresh_id: run.to_owned(),
            workspace: workspace(),
            company_id: company_id.to_owned(),
            level: EnrichmentLevel::Enrich,
            cost_micros: 120_000,
            announce: false,
            reviewed: false,
        };
        self.store.save(&input, at + 5_000).await.unwrap();
    }

    /// Closes a refresh without a group.
    pub(crate) async fn fail(&self, run: &str, outcome: OutcomeKind, at: UnixMillis) {
        let class = (outcome == OutcomeKind::Failed).then(|| "AuthFailed".to_owned());
        let input = FailureInput {
            refresh_id: run.to_owned(),
            outcome,
            step: Step::Discover,
            class,
            reason: None,
            cost_micros: 7,
            announce: false,
        };
        self.store.record_failure(&input, at).await.unwrap();
    }
}

pub(crate) fn workflow(event: &str) -> String {
    WorkflowId::new(&workspace(), &"crm".parse().unwrap(), &event.parse().unwrap()).to_string()
}

pub(crate) fn request(event: &str, company: &str, at: UnixMillis) -> RefreshRequest {
    RefreshRequest {
        workspace: workspace(),
        company: CompanyRef { id: None, name: company.to_owned(), domain: None }.into(),
        reason: RefreshReason::RoleChange,
        level: EnrichmentLevel::Enrich,
        event: EventRef {
            source: "crm".parse().unwrap(),
            id: event.parse().unwrap(),
            digest: Digest::of(b"body"),
            occurred_at: at - 60_000,
            received_at: at - 1_000,
        },
        person_ref: None,
        could_sit: None,
    }
}

fn member(id: &str, role: Role) -> Member {
    let person = Person {
        title: Some(format!("Title of {id}")),
        departments: vec!["Sales".to_owned(), "EMEA".to_owned()],
        contact: Contact { email: Some(format!("{id}@people.example")), phone: Some("+1 555 0100".to_owned()) },
        profile_url: Some(format!("https://www.linkedin.com/in/{id}")),
        ..Person::new(PersonId::new(id).unwrap(), format!("Name of {id}"))
    };
    let scores = Scores {
        relevance: Some(80),
        authority: None,
        influence: Some(70),
        champion: Some(60),
        reachability: None,
        overall: 72,
    };
    let reasons = vec![Reason { code: ReasonCode::PrimaryFunction, text: "works where it is used".to_owned() }];
    let level = Some(Level::VicePresident);
    Member { person, role, level, functions: vec![engine::Function::Finance], scores, confidence: 64, reasons }
}
