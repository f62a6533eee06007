//! What the activities do, step by step, over the store and the sources.

use crate::attempt::{Pulse, Subject, attempt, log_afterwards, now};
use crate::forgetting::RetentionPeriods;
use crate::notify::{NoTls, Notifier, Receivers};
use crate::slots::Pace;
use crate::sources::{CompanySource, ContactSource, PeopleSource};
use crate::{DueRules, Keeper, Scheduler, StepFailure, Workflows};
use contracts::{
    Begun, ChosenMember, CompanyWanted, DataPoint, DataPointKind, DiscoverInput, Discovered, EnrichInput, Enrichment,
    FailureClass, FailureInput, MicroDollars, Receipt, RefreshRequest, Resolution, ResolveInput, SaveInput, Saved,
    Step, Unavailable, WorkspaceId, company_id, person_ref,
};
use engine::{Company, Group, Person, SellerProfile, Shortlist};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Store, StoreError, StoredEnrichment};
use temporalio_sdk::activities::ActivityContext;

/// Where companies, people and contact data come from.
#[derive(Clone)]
pub struct Sources {
    /// Knows companies.
    pub companies: Arc<dyn CompanySource>,
    /// Knows who works where.
    pub people: Arc<dyn PeopleSource>,
    /// Knows how to reach people.
    pub contacts: Arc<dyn ContactSource>,
}

/// What each workspace sells.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// By workspace.
    pub by_workspace: BTreeMap<WorkspaceId, SellerProfile>,
    /// For workspaces without one of their own.
    pub fallback: SellerProfile,
}

impl Profiles {
    fn of(&self, workspace: &WorkspaceId) -> &SellerProfile {
        self.by_workspace.get(workspace).unwrap_or(&self.fallback)
    }
}

/// Does the steps of a refresh. Each may be done twice and leaves the same state as once.
pub struct Refresher {
    pub(crate) store: Store,
    sources: Sources,
    profiles: Profiles,
    pub(crate) pace: Pace,
    pub(crate) retention: RetentionPeriods,
    receivers: Arc<Receivers>,
    due: DueRules,
}

/// How far `discover` has come: everything before `cursor` is in the store.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Discovery {
    cursor: Option<String>,
    people_seen: u64,
    /// People seen, those who were recorded twice counted once.
    distinct_people: u64,
    records_rejected: u64,
    cost_micros: MicroDollars,
}

impl Refresher {
    /// Over this store and these sources.
    #[must_use]
    pub fn new(store: Store, sources: Sources, profiles: Profiles) -> Self {
        Self {
            store,
            sources,
            profiles,
            pace: Pace::default(),
            retention: RetentionPeriods::default(),
            receivers: Arc::default(),
            due: DueRules::default(),
        }
    }

    /// The store it works on.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// At this pace.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// The same, with these receivers told how its refreshes end.
    #[must_use]
    pub fn telling(self, receivers: Arc<Receivers>) -> Self {
        Self { receivers, ..self }
    }

    /// What tells them, over the same store.
    ///
    /// # Errors
    /// When this machine cannot make secure connections.
    pub fn notifier(&self) -> Result<Notifier, NoTls> {
        Notifier::new(self.store.clone(), self.receivers.clone())
    }

    /// What looks after slots, over the same store.
    #[must_use]
    pub fn keeper(&self, workflows: Arc<dyn Workflows>) -> Keeper {
        Keeper::new(self.store.clone(), workflows, self.receivers.clone())
    }

    /// The same, keeping what no group needs for so long.
    #[must_use]
    pub fn keeping(self, retention: RetentionPeriods) -> Self {
        Self { retention, ..self }
    }

    /// The same, with companies refreshed by these rules when it is time.
    #[must_use]
    pub fn scheduling(self, due: DueRules) -> Self {
        Self { due, ..self }
    }

    /// What takes them, over the same store.
    #[must_use]
    pub fn scheduler(&self) -> Scheduler {
        Scheduler::new(self.store.clone(), self.due)
    }

    /// Records the event under its identity and opens the refresh, whose id is the workflow's run id: a second attempt
    /// finds what the first one did.
    ///
    /// # Errors
    /// Transient when the database is away; invalid when the event's id was used before for another body.
    pub async fn begin(&self, ctx: &ActivityContext, request: &RefreshRequest) -> Result<Receipt<Begun>, StepFailure> {
        let info = ctx.info();
        let (Some(workflow_id), Some(run_id)) = (&info.workflow_id, &info.workflow_run_id) else {
            return Err(StepFailure::step(FailureClass::Internal, "begin runs only within a workflow"));
        };
        let started = now();
        let mut begun = self.store.begin(request, workflow_id, run_id, started).await?;
        if let Begun::Open { announce, .. } = &mut begun {
            *announce = self.receivers.any_in(&request.workspace);
        }
        log_afterwards(
            ctx,
            &self.store,
            Subject { refresh_id: run_id, step: Step::Begin.as_str(), member: "" },
            started,
        )
        .await;
        Ok(Receipt { result: begun, attempts: info.attempt, cost_micros: 0 })
    }

    /// Finds the company that is meant and keeps what the source says of it.
    ///
    /// # Errors
    /// As the source; an ambiguous reference is invalid.
    pub async fn resolve_company(
        &self,
        ctx: &ActivityContext,
        input: &ResolveInput,
    ) -> Result<Receipt<Resolution>, StepFailure> {
        let subject = Subject { refresh_id: &input.refresh_id, step: Step::ResolveCompany.as_str(), member: "" };
        attempt(ctx, &self.store, subject, &Pulse::default(), async {
            let workspace = &input.request.workspace;
            let wanted = match &input.request.company {
                CompanyWanted::Named(company) => company,
                CompanyWanted::EmployerOf { employer_of } => return self.employer(input, employer_of).await,
            };
            let Some(found) = self.sources.companies.resolve(workspace, wanted).await? else {
                return Ok((Resolution::NoMatch, 0));
            };
            let id = company_id(workspace, &found.company.name, found.company.domain.as_deref());
            let source_id = found.source_id.as_deref();
            self.store.put_company(&input.refresh_id, workspace, &id, &found.company, source_id, now()).await?;
            Ok((Resolution::Company { company_id: id }, 0))
        })
        .await
    }

    /// The company at which a person is known from an earlier refresh. Who is known nowhere is of no concern to us.
    async fn employer(
        &self,
        input: &ResolveInput,
        person_ref: &str,
    ) -> Result<(Resolution, MicroDollars), StepFailure> {
        let workspace = &input.request.workspace;
        let Some((company_id, company)) = self.store.employer_of(workspace, person_ref).await? else {
            // Many of these from one source are a sign that its ids of people are not those of the rosters.
            let source = &input.request.event.source;
            tracing::info!(refresh_id = %input.refresh_id, %workspace, %source, "resolve.person_unknown");
            return Ok((Resolution::NoMatch, 0));
        };
        self.store.put_company(&input.refresh_id, workspace, &company_id, &company, None, now()).await?;
        Ok((Resolution::Company { company_id }, 0))
    }

    /// Reads the company's people page by page and chooses the group. Only the shortlist is kept, in the store; a later
    /// attempt goes on after the last page that the shortlist in the store includes.
    ///
    /// # Errors
    /// As the source. A company without people, or without anybody who fits, is a failure: an empty group never replaces
    /// a good one.
    pub async fn discover(
        &self,
        ctx: &ActivityContext,
        input: &DiscoverInput,
    ) -> Result<Receipt<Discovered>, StepFailure> {
        let subject = Subject { refresh_id: &input.refresh_id, step: Step::Discover.as_str(), member: "" };
        let pulse = Pulse::resumed(ctx);
        attempt(ctx, &self.store, subject, &pulse, async {
            let company = self.company(&input.workspace, &input.company_id).await?;
            let (discovery, group) = self.read_and_choose(ctx, &pulse, input, &company).await?;
            if group.members.is_empty() {
                let message = format!(
                    "nobody of {} people fits the seller profile; check its functions, title keywords and exclusions",
                    discovery.people_seen
                );
                return Err(StepFailure::step(FailureClass::InvalidRequest, message));
            }
            self.store.choose(&input.refresh_id, &group, now()).await?;
            let members = group
                .members
                .iter()
                .map(|member| ChosenMember {
                    person_ref: person_ref(&input.workspace, member.person.id.as_str()),
                    role: member.role,
                })
                .collect();
            let Discovery { people_seen, records_rejected, cost_micros, .. } = discovery;
            let worse = self.worse(&input.refresh_id, &input.workspace, &input.company_id).await?;
            Ok((Discovered { people_seen, records_rejected, members, worse }, cost_micros))
        })
        .await
    }

    async fn read_and_choose(
        &self,
        ctx: &ActivityContext,
        pulse: &Pulse,
        input: &DiscoverInput,
        company: &Company,
    ) -> Result<(Discovery, Group), StepFailure> {
        let profile = self.profiles.of(&input.workspace);
        let mut shortlist = Shortlist::new(profile, company);
        let mut reached: Discovery = pulse.resume_point().unwrap_or_default();
        if reached.cursor.is_some() {
            for person in self.store.candidates(&input.refresh_id).await? {
                shortlist.offer(person);
            }
        }
        // A resumed shortlist has counted only those whom it kept.
        let mut counted_before = reached.distinct_people.saturating_sub(shortlist.considered());
        let complete = loop {
            let page = self.sources.people.people(&input.workspace, company, reached.cursor.as_deref()).await?;
            if page.restarted {
                shortlist = Shortlist::new(profile, company);
                counted_before = 0;
                reached = Discovery { cost_micros: reached.cost_micros, ..Discovery::default() };
            }
            reached.people_seen += page.people.len() as u64;
            reached.records_rejected += page.rejected.len() as u64;
            reached.cost_micros += page.cost_micros;
            for rejection in &page.rejected {
                let (line, reason) = (rejection.line, rejection.reason.as_str());
                tracing::warn!(event_name = "record.rejected", input.refresh_id, line, reason, "a record was not read");
            }
            for person in self.store.without_erased(&input.workspace, page.people).await? {
                shortlist.offer(person);
            }
            reached.distinct_people = counted_before + shortlist.considered();
            let kept: Vec<Person> = shortlist.people().cloned().collect();
            self.store.replace_candidates(&input.refresh_id, &kept).await?;
            let Some(next) = page.next else { break page.complete };
            reached.cursor = Some(next);
            pulse.reached(ctx, &reached).await?;
        };
        if reached.people_seen == 0 {
            let message = format!(
                "the source knows the company but gave none of its people ({} records could not be read)",
                reached.records_rejected
            );
            return Err(StepFailure::step(FailureClass::Malformed, message));
        }
        // A whole staff list tells how large the company is; a provider's first pages do not.
        let mut group =
            if complete { shortlist.finish_with_headcount(reached.distinct_people) } else { shortlist.finish() };
        // A shortlist that was resumed has seen only part of them itself.
        group.considered = reached.distinct_people;
        Ok((reached, group))
    }

    /// Finds out how to reach one member. An answer that is in the store already is not asked for, nor paid for, again.
    ///
    /// # Errors
    /// As the source, except that an answer which is withheld without anything being broken is a result.
    pub async fn enrich_member(
        &self,
        ctx: &ActivityContext,
        input: &EnrichInput,
    ) -> Result<Receipt<Enrichment>, StepFailure> {
        let EnrichInput { refresh_id, workspace, company_id, person_ref } = input;
        // The log outlives the person's id, which may be a name.
        let subject = Subject { refresh_id, step: Step::Enrich.as_str(), member: person_ref };
        attempt(ctx, &self.store, subject, &Pulse::default(), async {
            let Some(person) = self.member(refresh_id, workspace, person_ref).await? else {
                return Ok((Enrichment::Withheld { reason: Unavailable::Legal }, 0));
            };
            let person_id = person.id.as_str();
            if let Some(known) = self.store.enrichment(refresh_id, person_id).await? {
                return Ok((known.result, known.cost_micros));
            }
            let company = self.company(workspace, company_id).await?;
            let contacts = &self.sources.contacts;
            let (result, contact, cost_micros) = match contacts.contact(workspace, &company, &person).await {
                Ok(answer) => {
                    let result = match &answer.contact {
                        Some(contact) => {
                            Enrichment::Found { email: contact.email.is_some(), phone: contact.phone.is_some() }
                        }
                        None => Enrichment::NoMatch,
                    };
                    (result, answer.contact.unwrap_or_default(), answer.cost_micros)
                }
                Err(error) => match error.class.as_unavailable() {
                    Some(reason) => (Enrichment::Withheld { reason }, engine::Contact::default(), 0),
                    None => return Err(error.into()),
                },
            };
            let enrichment =
                StoredEnrichment { result, contact, source: contacts.name().to_owned(), listed: false, cost_micros };
            let stands = self.store.put_enrichment(refresh_id, person_id, &enrichment, now()).await?;
            Ok((stands.result, stands.cost_micros))
        })
        .await
    }

    /// Replaces the saved group in one transaction.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn save(&self, ctx: &ActivityContext, input: &SaveInput) -> Result<Receipt<Saved>, StepFailure> {
        let subject = Subject { refresh_id: &input.refresh_id, step: Step::Save.as_str(), member: "" };
        attempt(ctx, &self.store, subject, &Pulse::default(), async { Ok((self.store.save(input, now()).await?, 0)) })
            .await
    }

    /// Closes a refresh that ended without a group. A refresh that was never opened needs no closing.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn record_failure(
        &self,
        ctx: &ActivityContext,
        input: &FailureInput,
    ) -> Result<Receipt<()>, StepFailure> {
        let started = now();
        match self.store.record_failure(input, started).await {
            Ok(()) => {
                let subject = Subject { refresh_id: &input.refresh_id, step: "record_failure", member: "" };
                log_afterwards(ctx, &self.store, subject, started).await;
            }
            Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Receipt { result: (), attempts: ctx.info().attempt, cost_micros: 0 })
    }

    async fn company(&self, workspace: &WorkspaceId, company_id: &str) -> Result<Company, StepFailure> {
        self.store.company(workspace, company_id).await?.ok_or_else(|| {
            StepFailure::step(FailureClass::Internal, format!("company {company_id} was resolved but is not stored"))
        })
    }

    /// The chosen member; `None` when they were erased meanwhile.
    async fn member(
        &self,
        refresh_id: &str,
        workspace: &WorkspaceId,
        reference: &str,
    ) -> Result<Option<Person>, StepFailure> {
        let people = self.store.chosen(refresh_id).await?.into_iter().map(|member| member.person);
        let mut meant = people.filter(|person| person_ref(workspace, person.id.as_str()) == reference);
        if let Some(person) = meant.next() {
            return Ok(Some(person));
        }
        let erased = DataPoint { kind: DataPointKind::Person, hash: reference.to_owned() };
        if self.store.is_suppressed(workspace, &erased).await? {
            return Ok(None);
        }
        Err(StepFailure::step(FailureClass::Internal, "a member was chosen for this refresh but is not stored"))
    }
}
