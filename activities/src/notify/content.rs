//! What a message says, as a receiver's program reads it. `docs/notifications.md` describes it; the test below pins it.

use super::review::ReviewToTell;
use contracts::{NotificationKind, UnixMillis, WorkflowId, WorkspaceId, person_ref};
use engine::{Change, Contact, Diff, MemberSnapshot, PersonId, Role};
use jiff::Timestamp;
use serde::Serialize;
use store::{OutboxMessage, RefreshRecord, Store, StoreError};

/// What there is to say, read at the moment it is said: what was erased since then is not told any more.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) kind: NotificationKind,
    workspace: WorkspaceId,
    at: UnixMillis,
    refresh: RefreshRecord,
    company: CompanyToTell,
    /// Empty when the refresh saved nothing, or when that is forgotten.
    pub(super) diff: Diff,
    /// Until when somebody can decide, and what about; of a message that asks for that.
    pub(super) review: Option<ReviewToTell>,
}

/// The company, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct CompanyToTell {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
}

impl Content {
    /// Reads it; `None` when the refresh is no longer known.
    pub(super) async fn read(store: &Store, message: &OutboxMessage) -> Result<Option<Self>, StoreError> {
        let Some(refresh) = store.refresh(&message.refresh_id).await? else { return Ok(None) };
        let known = match &refresh.company_id {
            Some(id) => store.company(&message.workspace, id).await?,
            None => None,
        };
        let id = refresh.company_id.clone();
        let company = match known {
            Some(company) => CompanyToTell { id, name: Some(company.name), domain: company.domain },
            None => CompanyToTell { id, name: refresh.company_name.clone(), domain: refresh.company_domain.clone() },
        };
        let diff = store.diff(&message.refresh_id).await?.unwrap_or_default();
        let (kind, workspace, at) = (message.kind, message.workspace.clone(), message.created_at);
        let review = match kind {
            NotificationKind::ReviewNeeded => ReviewToTell::read(store, message, &refresh).await?,
            _ => None,
        };
        Ok(Some(Self { kind, workspace, at, refresh, company, diff, review }))
    }

    /// The company's name, for people.
    pub(super) fn company_name(&self) -> &str {
        self.company.name.as_deref().unwrap_or("a company")
    }

    /// Members the group has now.
    pub(super) fn members(&self) -> u32 {
        self.refresh.members
    }

    /// The refresh.
    pub(super) fn refresh_id(&self) -> &str {
        &self.refresh.refresh_id
    }

    /// What the refresh is called where somebody can say something to it: `{source}:{event}`.
    pub(super) fn refresh_name(&self) -> String {
        match WorkflowId::parse(&self.refresh.workflow_id) {
            Some(parts) => format!("{}:{}", parts.source, parts.event),
            None => self.refresh.refresh_id.clone(),
        }
    }

    /// The step in which a refresh failed, and its failure type name.
    pub(super) fn failure(&self) -> (&str, &str) {
        (&self.refresh.step, self.refresh.error_class.as_deref().unwrap_or("Unknown"))
    }

    /// The body of a webhook.
    pub(super) fn document(&self, contact_data: bool) -> Document<'_> {
        let refreshed = self.kind == NotificationKind::GroupRefreshed;
        let failed = self.kind == NotificationKind::RefreshFailed;
        let (step, class) = self.failure();
        Document {
            kind: self.kind,
            timestamp: moment(self.at),
            data: Data {
                workspace: &self.workspace,
                refresh_id: &self.refresh.refresh_id,
                workflow_id: &self.refresh.workflow_id,
                reason: self.refresh.reason.as_str(),
                company: &self.company,
                group: refreshed.then(|| GroupToTell {
                    members: self.refresh.members,
                    level: self.refresh.level_reached.unwrap_or_default().as_str(),
                    changed: self.refresh.diff.total(),
                }),
                changes: refreshed.then(|| Changes::of(&self.workspace, &self.diff, contact_data)),
                failure: failed.then_some(Failure { step, class }),
                review: self.review.as_ref(),
            },
        }
    }
}

/// A message to a webhook.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    #[serde(rename = "type")]
    kind: NotificationKind,
    /// When it became true, RFC 3339.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    workspace: &'a WorkspaceId,
    refresh_id: &'a str,
    workflow_id: &'a str,
    reason: &'a str,
    company: &'a CompanyToTell,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<GroupToTell>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Changes<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<&'a ReviewToTell>,
}

#[derive(Debug, Serialize)]
struct GroupToTell {
    members: u32,
    level: &'static str,
    changed: u32,
}

#[derive(Debug, Serialize)]
struct Failure<'a> {
    step: &'a str,
    class: &'a str,
}

/// The diff, people by reference: a source's own id of a person may be an address.
#[derive(Debug, Serialize)]
struct Changes<'a> {
    joined: Vec<MemberToTell<'a>>,
    left: Vec<MemberToTell<'a>>,
    role_changed: Vec<ChangeToTell<'a, &'a Role>>,
    title_changed: Vec<ChangeToTell<'a, &'a Option<String>>>,
    contact_changed: Vec<ContactChange<'a>>,
    score_moved: Vec<ChangeToTell<'a, &'a u8>>,
}

#[derive(Debug, Serialize)]
struct MemberToTell<'a> {
    person: String,
    name: &'a str,
    title: Option<&'a str>,
    role: Role,
    score: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<&'a Contact>,
}

#[derive(Debug, Serialize)]
struct ChangeToTell<'a, T> {
    person: String,
    name: &'a str,
    old: T,
    new: T,
}

/// That contact data changed, and what, to whom it may be told.
#[derive(Debug, Serialize)]
struct ContactChange<'a> {
    person: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<&'a Contact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'a Contact>,
}

impl<'a> Changes<'a> {
    fn of(workspace: &WorkspaceId, diff: &'a Diff, contact_data: bool) -> Self {
        let reference = |id: &PersonId| person_ref(workspace, id.as_str());
        let members = |members: &'a [MemberSnapshot]| {
            let member = |member: &'a MemberSnapshot| MemberToTell {
                person: reference(&member.person_id),
                name: &member.name,
                title: member.title.as_deref(),
                role: member.role,
                score: member.score,
                contact: contact_data.then_some(&member.contact),
            };
            members.iter().map(member).collect()
        };
        let contact = |change: &'a Change<Contact>| ContactChange {
            person: reference(&change.person_id),
            name: &change.name,
            old: contact_data.then_some(&change.old),
            new: contact_data.then_some(&change.new),
        };
        Self {
            joined: members(&diff.joined),
            left: members(&diff.left),
            role_changed: changes(workspace, &diff.role_changed),
            title_changed: changes(workspace, &diff.title_changed),
            contact_changed: diff.contact_changed.iter().map(contact).collect(),
            score_moved: changes(workspace, &diff.score_moved),
        }
    }
}

fn changes<'a, T>(workspace: &WorkspaceId, changes: &'a [Change<T>]) -> Vec<ChangeToTell<'a, &'a T>> {
    let change = |change: &'a Change<T>| ChangeToTell {
        person: person_ref(workspace, change.person_id.as_str()),
        name: &change.name,
        old: &change.old,
        new: &change.new,
    };
    changes.iter().map(change).collect()
}

pub(super) fn moment(at: UnixMillis) -> String {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
pub(super) mod tests {
    use super::super::review::WorseToTell;
    use super::*;
    use contracts::{DiffCounts, EnrichmentLevel, OutcomeKind, RefreshReason};
    use serde_json::{Value, json};

    fn id(text: &str) -> PersonId {
        PersonId::new(text).unwrap()
    }

    fn contact(email: &str) -> Contact {
        Contact { email: Some(email.to_owned()), phone: None }
    }

    pub(in crate::notify) fn content(kind: NotificationKind, company: &str, person: &str) -> Content {
        let name = || person.to_owned();
        let snapshot = |score| MemberSnapshot {
            person_id: id("ana@corp.example"),
            name: name(),
            title: Some("VP Finance".to_owned()),
            role: Role::DecisionMaker,
            score,
            contact: contact("ana@corp.example"),
        };
        fn change<T>(name: String, old: T, new: T) -> Vec<Change<T>> {
            vec![Change { person_id: PersonId::new("p2").unwrap(), name, old, new }]
        }
        let diff = Diff {
            joined: vec![snapshot(80)],
            left: vec![snapshot(10)],
            role_changed: change(name(), Role::Champion, Role::Blocker),
            title_changed: change(name(), None, Some("CFO".to_owned())),
            contact_changed: change(name(), contact("old@corp.example"), contact("new@corp.example")),
            score_moved: change(name(), 40, 55),
        };
        let refresh = RefreshRecord {
            refresh_id: "r-1".to_owned(),
            workflow_id: "buyer-group-refresh/acme/crm/e-1".to_owned(),
            workspace: "acme".to_owned(),
            event_source: "crm".to_owned(),
            event_id: "e-1".to_owned(),
            company_id: Some("co_1".to_owned()),
            company_name: None,
            company_domain: None,
            reason: RefreshReason::RoleChange,
            level_requested: EnrichmentLevel::Enrich,
            level_reached: Some(EnrichmentLevel::Enrich),
            outcome: Some(OutcomeKind::Refreshed),
            step: "discover".to_owned(),
            error_class: Some("AuthFailed".to_owned()),
            retry_of: None,
            duplicate_of: None,
            waiting_until: None,
            end_reason: None,
            started_at: 1,
            completed_at: Some(2),
            members: 9,
            diff: DiffCounts { joined: 1, left: 1, ..DiffCounts::default() },
            cost_micros: 0,
        };
        let company = CompanyToTell { id: Some("co_1".to_owned()), name: Some(company.to_owned()), domain: None };
        let at = 1_767_225_600_000;
        let review = (kind == NotificationKind::ReviewNeeded).then(|| ReviewToTell {
            until: moment(at + 259_200_000),
            why: vec![WorseToTell { code: "half_gone", text: "4 of 8 members are gone".to_owned() }],
        });
        Content { kind, workspace: "acme".parse().unwrap(), at, refresh, company, diff, review }
    }

    fn written(kind: NotificationKind, contact_data: bool) -> Value {
        serde_json::to_value(content(kind, "Example Corp", "Ana Ruiz").document(contact_data)).unwrap()
    }

    #[test]
    fn a_refreshed_group_is_told_with_what_changed() {
        let member = |score: u8| {
            json!({"person": person_ref(&"acme".parse().unwrap(), "ana@corp.example"), "name": "Ana Ruiz",
                   "title": "VP Finance", "role": "decision_maker", "score": score})
        };
        let change = |old: Value, new: Value| json!([{"person": person_ref(&"acme".parse().unwrap(), "p2"), "name": "Ana Ruiz", "old": old, "new": new}]);
        assert_eq!(
            written(NotificationKind::GroupRefreshed, false),
            json!({
                "type": "group.refreshed",
                "timestamp": "2026-01-01T00:00:00Z",
                "data": {
                    "workspace": "acme",
                    "refresh_id": "r-1",
                    "workflow_id": "buyer-group-refresh/acme/crm/e-1",
                    "reason": "person.role_change",
                    "company": {"id": "co_1", "name": "Example Corp"},
                    "group": {"members": 9, "level": "enrich", "changed": 2},
                    "changes": {
                        "joined": [member(80)],
                        "left": [member(10)],
                        "role_changed": change("champion".into(), "blocker".into()),
                        "title_changed": change(Value::Null, "CFO".into()),
                        "contact_changed": [{"person": person_ref(&"acme".parse().unwrap(), "p2"), "name": "Ana Ruiz"}],
                        "score_moved": change(40.into(), 55.into()),
                    }
                }
            })
        );
    }

    #[test]
    fn contact_data_goes_to_whom_it_may() {
        let without = written(NotificationKind::GroupRefreshed, false).to_string();
        assert!(!without.contains("corp.example"), "{without}");
        let with = written(NotificationKind::GroupRefreshed, true);
        assert_eq!(with["data"]["changes"]["joined"][0]["contact"]["email"], "ana@corp.example");
        assert_eq!(with["data"]["changes"]["contact_changed"][0]["new"]["email"], "new@corp.example");
    }

    #[test]
    fn a_failure_and_a_review_tell_nothing_of_people() {
        let failed = written(NotificationKind::RefreshFailed, true);
        assert_eq!(failed["type"], "refresh.failed");
        assert_eq!(failed["data"]["failure"], json!({"step": "discover", "class": "AuthFailed"}));
        let review = written(NotificationKind::ReviewNeeded, true);
        assert_eq!(review["data"]["company"]["name"], "Example Corp");
        assert_eq!(
            review["data"]["review"],
            json!({
                "until": "2026-01-04T00:00:00Z", "why": [{"code": "half_gone", "text": "4 of 8 members are gone"}],
            })
        );
        assert!(failed["data"].get("review").is_none());
        for told in [failed, review] {
            assert!(!told.to_string().contains("Ana"), "{told}");
        }
    }
}
