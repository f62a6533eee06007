//! What `--output json` prints. These shapes are documented in the README and stay: fields are added, never renamed.

use contracts::WorkspaceId;
use engine::group::Composition;
use engine::{
    Contact, Diff, Function, Gap, Group, Level, Member, PersonId, Reason, Role, Scores, SellerProfile, Targets, Tier,
};
use jiff::Timestamp;
use serde::Serialize;
use store::SavedGroup;

/// `dev --output json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DevDocument {
    /// The refresh.
    pub workflow_id: String,
    /// The group as saved.
    pub group: GroupDocument,
    /// What the refresh changed.
    pub diff: Diff,
    /// How long it took.
    pub timings: Timings,
}

/// How long it took, in milliseconds.
#[derive(Debug, Serialize)]
pub struct Timings {
    /// From the start of the process until everything ran.
    pub ready_ms: u64,
    /// From the event to the saved group.
    pub refresh_ms: u64,
}

/// A group, saved (`show`, `dev`) or only computed (`discover`).
#[derive(Debug, Serialize)]
pub struct GroupDocument {
    /// Whose.
    pub company: CompanyDocument,
    /// Tenant; absent when the group was only computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<WorkspaceId>,
    /// Counts saves, from 1; absent when the group was only computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// When it was saved; absent when it was only computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refreshed_at: Option<Timestamp>,
    /// What was to be sold, and for how much; absent for a saved group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller: Option<SellerDocument>,
    /// Size class of the company.
    pub tier: Tier,
    /// Seats wanted for each role; absent for a group that was saved before they were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<Targets>,
    /// Members per role and functions that the deal needs, covered and missing; absent when the group was saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub composition: Option<Composition>,
    /// How well the members fit together, 0–100; null without evidence.
    pub cohesion: Option<u8>,
    /// How sure we are, 0–100.
    pub confidence: u8,
    /// Chairs that stayed empty, and why.
    pub gaps: Vec<Gap>,
    /// The people.
    pub members: Vec<MemberDocument>,
}

/// What was to be sold, and for how much.
#[derive(Debug, Serialize)]
pub struct SellerDocument {
    /// What, in words.
    pub product: String,
    /// Size of the deal in whole units of the currency.
    pub deal_size: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// US dollars to one unit of the currency: a decimal as text, so that no reader rounds it.
    pub rate: String,
    /// Size of the deal in whole US dollars, rounded up.
    pub deal_usd: u64,
}

impl SellerDocument {
    /// What a profile sells.
    #[must_use]
    pub fn of(profile: &SellerProfile) -> Self {
        Self {
            product: profile.product.clone(),
            deal_size: profile.deal_size,
            currency: profile.currency.code().to_string(),
            rate: profile.currency.rate().to_string(),
            deal_usd: profile.deal_usd(),
        }
    }
}

/// A company.
#[derive(Debug, Serialize)]
pub struct CompanyDocument {
    /// Its id in the store; absent when the group was only computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// Web domain.
    pub domain: Option<String>,
}

/// A member.
#[derive(Debug, Serialize)]
pub struct MemberDocument {
    /// Identity in the source.
    pub person_id: PersonId,
    /// Full name.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// Role in the group.
    pub role: Role,
    /// Rank read from the title; null when unknown.
    pub level: Option<Level>,
    /// Functions read from the title.
    pub functions: Vec<Function>,
    /// Scores, 0–100.
    pub scores: Scores,
    /// How sure we are, 0–100.
    pub confidence: u8,
    /// Why in, and why this role.
    pub reasons: Vec<Reason>,
    /// How to reach them.
    #[serde(flatten)]
    pub contact: Contact,
    /// Public profile page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// Since when in the group; absent when it was only computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
}

impl MemberDocument {
    fn new(member: &Member, joined_at: Option<Timestamp>) -> Self {
        Self {
            person_id: member.person.id.clone(),
            name: member.person.name.clone(),
            title: member.person.title.clone(),
            role: member.role,
            level: member.level,
            functions: member.functions.clone(),
            scores: member.scores,
            confidence: member.confidence,
            reasons: member.reasons.clone(),
            contact: member.person.contact.clone(),
            profile_url: member.person.profile_url.clone(),
            joined_at,
        }
    }
}

impl GroupDocument {
    /// A group that was only computed.
    #[must_use]
    pub fn computed(name: &str, domain: Option<&str>, profile: &SellerProfile, group: &Group) -> Self {
        Self {
            company: CompanyDocument { id: None, name: name.to_owned(), domain: domain.map(str::to_owned) },
            workspace: None,
            version: None,
            refreshed_at: None,
            seller: Some(SellerDocument::of(profile)),
            tier: group.tier,
            targets: Some(group.targets),
            composition: Some(group.composition.clone()),
            cohesion: group.cohesion,
            confidence: group.confidence,
            gaps: group.gaps.clone(),
            members: group.members.iter().map(|member| MemberDocument::new(member, None)).collect(),
        }
    }

    /// A saved group.
    #[must_use]
    pub fn saved(workspace: &WorkspaceId, group: &SavedGroup) -> Self {
        let moment = |millis| Timestamp::from_millisecond(millis).ok();
        Self {
            company: CompanyDocument {
                id: Some(group.company_id.clone()),
                name: group.company.name.clone(),
                domain: group.company.domain.clone(),
            },
            workspace: Some(workspace.clone()),
            version: Some(group.version),
            refreshed_at: moment(group.refreshed_at),
            seller: None,
            tier: group.tier,
            targets: group.targets,
            composition: None,
            cohesion: group.cohesion,
            confidence: group.confidence,
            gaps: group.gaps.clone(),
            members: group
                .members
                .iter()
                .map(|saved| MemberDocument::new(&saved.member, moment(saved.joined_at)))
                .collect(),
        }
    }
}
