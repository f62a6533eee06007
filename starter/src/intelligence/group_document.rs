//! A buyer group as it is answered.

use super::request::Level;
use super::standing::moment;
use contracts::{EnrichmentLevel, UnixMillis, person_ref};
use engine::{Contact, Role};
use schemars::JsonSchema;
use serde::Serialize;
use store::{PastGroup, RefreshRecord, SavedMember};

/// A company's buyer group.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BuyerGroup")]
pub(crate) struct GroupDocument {
    /// Whose.
    pub(crate) company: CompanyDocument,
    /// How often a group of this company was saved, up to this one; from 1.
    pub(crate) version: u64,
    /// Members.
    pub(crate) total_members: u32,
    /// How well the members fit together, 0–100; null without evidence.
    pub(crate) cohesion_score: Option<u8>,
    /// How sure the group is, 0–100.
    pub(crate) overall_confidence: u8,
    /// Size class of the company, from `s1` to `l7`.
    pub(crate) tier: String,
    /// Ids of members by role.
    pub(crate) roles: Roles,
    /// The people, in the order groups are shown.
    pub(crate) members: Vec<MemberDocument>,
    /// Seats that stayed empty, and why.
    pub(crate) gaps: Vec<GapDocument>,
    /// How it came to be.
    pub(crate) metadata: Metadata,
}

/// A company.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Company")]
pub(crate) struct CompanyDocument {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its web domain; null when unknown.
    pub(crate) domain: Option<String>,
}

/// Ids of members by role. The five names are the vocabulary of `role`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Roles {
    /// Can approve this purchase.
    pub(crate) decision_maker: Vec<String>,
    /// Will sell it inside.
    pub(crate) champion: Vec<String>,
    /// Uses it, is affected, is consulted.
    pub(crate) stakeholder: Vec<String>,
    /// Can stop or slow it.
    pub(crate) blocker: Vec<String>,
    /// Opens doors.
    pub(crate) introducer: Vec<String>,
}

/// A role in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Role")]
pub(crate) enum RoleName {
    /// Can approve this purchase: budget authority at this deal size.
    DecisionMaker,
    /// Feels the pain daily, has reach, will sell it inside, cannot sign.
    Champion,
    /// Uses it, is affected, is consulted.
    Stakeholder,
    /// Can stop or slow it.
    Blocker,
    /// Opens doors.
    Introducer,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::DecisionMaker => RoleName::DecisionMaker,
            Role::Champion => RoleName::Champion,
            Role::Stakeholder => RoleName::Stakeholder,
            Role::Blocker => RoleName::Blocker,
            Role::Introducer => RoleName::Introducer,
        }
    }
}

/// A member. What is unknown is absent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Member")]
pub(crate) struct MemberDocument {
    /// The person within the workspace.
    pub(crate) id: String,
    /// Full name.
    pub(crate) name: String,
    /// Job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The one role in this group.
    pub(crate) role: RoleName,
    /// E-mail address. Only for keys with the scope `contact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// Telephone number. Only for keys with the scope `contact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// Page at LinkedIn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) linkedin: Option<String>,
    /// Public profile page, wherever it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile_url: Option<String>,
    /// How sure the seat is, 0–100.
    pub(crate) confidence: u8,
    /// Weight of the person's word, 0–100; null without evidence.
    pub(crate) influence_score: Option<u8>,
    /// What the member is worth to the purchase in all, 0–100.
    pub(crate) overall_score: u8,
    /// Department, as the source names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) department: Option<String>,
    /// Rank read from the title, such as `vice_president`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seniority: Option<String>,
    /// Functions read from the title, such as `finance`.
    pub(crate) functions: Vec<String>,
    /// Why in, and why this role.
    pub(crate) reasons: Vec<ReasonDocument>,
    /// Since when in the group.
    #[schemars(extend("format" = "date-time"))]
    pub(crate) joined_at: String,
}

/// One reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reason")]
pub(crate) struct ReasonDocument {
    /// For machines; stable.
    pub(crate) code: String,
    /// A sentence, which names nobody.
    pub(crate) text: String,
}

/// Seats that stayed empty.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Gap")]
pub(crate) struct GapDocument {
    /// The role.
    pub(crate) role: RoleName,
    /// Seats wanted.
    pub(crate) wanted: u8,
    /// Seats taken.
    pub(crate) seated: u8,
    /// Why, in a sentence.
    pub(crate) reason: String,
    /// Why, for machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
}

/// How a group came to be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "GroupMetadata")]
pub(crate) struct Metadata {
    /// How much was found out.
    pub(crate) enrichment_level: Level,
    /// How long the refresh took, in milliseconds; null when that is no longer known.
    pub(crate) processing_time: Option<u64>,
    /// What the refresh cost in US dollars, measured from its calls; null when that is no longer known.
    pub(crate) cost_estimate: Option<f64>,
    /// When the group was saved.
    #[schemars(extend("format" = "date-time"))]
    pub(crate) timestamp: String,
    /// The refresh that saved it; null when that is no longer known.
    pub(crate) refresh_id: Option<String>,
    /// Whether e-mail addresses and telephone numbers are shown or held back from this key.
    pub(crate) contact_data: ContactData,
    /// Members of that time about whom nothing is kept any more, and who are left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) erased_members: u64,
}

/// Whether contact data is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContactData {
    /// As far as it is known.
    Included,
    /// This key lacks the scope `contact`.
    Withheld,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl GroupDocument {
    /// A group with the line of the log of the refresh that saved it.
    pub(crate) fn of(
        workspace: &contracts::WorkspaceId,
        past: &PastGroup,
        refresh: Option<&RefreshRecord>,
        contact: ContactData,
    ) -> Self {
        let group = &past.group;
        let members: Vec<MemberDocument> = group
            .members
            .iter()
            .map(|saved| MemberDocument::of(person_ref(workspace, saved.member.person.id.as_str()), saved, contact))
            .collect();
        let of = |role| members.iter().filter(|member| member.role == role).map(|member| member.id.clone()).collect();
        let gap = |gap: &engine::Gap| GapDocument {
            role: gap.role.into(),
            wanted: gap.wanted,
            seated: gap.seated,
            reason: gap.reason.clone(),
            code: gap.code.map(|code| code.as_str().to_owned()),
        };
        Self {
            company: CompanyDocument {
                id: group.company_id.clone(),
                name: group.company.name.clone(),
                domain: group.company.domain.clone(),
            },
            version: group.version,
            total_members: u32::try_from(members.len()).unwrap_or(u32::MAX),
            cohesion_score: group.cohesion,
            overall_confidence: group.confidence,
            tier: group.tier.to_string(),
            roles: Roles {
                decision_maker: of(RoleName::DecisionMaker),
                champion: of(RoleName::Champion),
                stakeholder: of(RoleName::Stakeholder),
                blocker: of(RoleName::Blocker),
                introducer: of(RoleName::Introducer),
            },
            gaps: group.gaps.iter().map(gap).collect(),
            metadata: Metadata {
                enrichment_level: level(group.level),
                processing_time: refresh.and_then(|refresh| took(refresh.started_at, refresh.completed_at)),
                cost_estimate: refresh.map(|refresh| dollars(refresh.cost_micros)),
                timestamp: moment(group.refreshed_at),
                refresh_id: refresh.map(|refresh| super::refresh_id::id_of(&refresh.workflow_id)),
                contact_data: contact,
                erased_members: past.erased,
            },
            members,
        }
    }
}

impl MemberDocument {
    fn of(id: String, saved: &SavedMember, contact: ContactData) -> Self {
        let member = &saved.member;
        let person = &member.person;
        let Contact { email, phone } = match contact {
            ContactData::Included => person.contact.clone(),
            ContactData::Withheld => Contact::default(),
        };
        Self {
            id,
            name: person.name.clone(),
            title: person.title.clone(),
            role: member.role.into(),
            email,
            phone,
            linkedin: person.profile_url.clone().filter(|url| is_linkedin(url)),
            profile_url: person.profile_url.clone(),
            confidence: member.confidence,
            influence_score: member.scores.influence,
            overall_score: member.scores.overall,
            department: person.departments.first().cloned(),
            seniority: member.level.map(|level| level.as_str().to_owned()),
            functions: member.functions.iter().map(|function| function.as_str().to_owned()).collect(),
            reasons: member
                .reasons
                .iter()
                .map(|reason| ReasonDocument { code: reason.code.as_str().to_owned(), text: reason.text.clone() })
                .collect(),
            joined_at: moment(saved.joined_at),
        }
    }
}

/// The level by its wire name; what this build does not know was done at the highest that it knows.
pub(crate) const fn level(level: EnrichmentLevel) -> Level {
    match level {
        EnrichmentLevel::Identify => Level::Identify,
        EnrichmentLevel::Enrich => Level::Enrich,
        EnrichmentLevel::DeepResearch | EnrichmentLevel::Other => Level::DeepResearch,
    }
}

/// Millionths of a dollar as dollars.
#[expect(clippy::cast_precision_loss, reason = "exact up to nine billion dollars")]
pub(crate) fn dollars(micros: u64) -> f64 {
    micros as f64 / 1e6
}

fn took(began: UnixMillis, ended: Option<UnixMillis>) -> Option<u64> {
    ended.and_then(|ended| u64::try_from(ended - began).ok())
}

fn is_linkedin(url: &str) -> bool {
    engine::company::registrable_domain(url).as_deref() == Some("linkedin.com")
}
