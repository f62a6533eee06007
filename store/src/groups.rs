//! Reading saved groups.

use crate::companies::company;
use crate::membership::person_id;
use crate::row::{json, maybe_json, maybe_number, maybe_text, maybe_wire, number, text, wire};
use crate::{Store, StoreError};
use contracts::{EnrichmentLevel, UnixMillis, WorkspaceId};
use engine::{Company, Contact, Gap, Member, Person, Targets, Tier};
use serde::Serialize;
use sqlx::any::AnyRow;

/// A company's group as last saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedGroup {
    /// The company in the store.
    pub company_id: String,
    /// The company.
    pub company: Company,
    /// How often a group of this company was saved; from 1.
    pub version: u64,
    /// The refresh that saved it.
    pub refresh_id: String,
    /// When.
    pub refreshed_at: UnixMillis,
    /// How much was found out.
    pub level: EnrichmentLevel,
    /// Size tier of the company.
    pub tier: Tier,
    /// Whether the tier rests on known revenue or staff.
    pub tier_known: bool,
    /// Seats wanted per role; `None` when the group was saved before they were kept.
    pub targets: Option<Targets>,
    /// 0–100; `None` when there was nothing to judge by.
    pub cohesion: Option<u8>,
    /// 0–100.
    pub confidence: u8,
    /// Seats that stayed empty, and why.
    pub gaps: Vec<Gap>,
    /// People considered.
    pub considered: u64,
    /// Members, in the order groups are shown.
    pub members: Vec<SavedMember>,
}

/// A member of a saved group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedMember {
    /// The member, with contact data.
    #[serde(flatten)]
    pub member: Member,
    /// When the present membership began.
    pub joined_at: UnixMillis,
    /// Who told the contact data, when a refresh asked for it; beside empty contact data, who says that it must not be used.
    pub contact_source: Option<String>,
}

impl Store {
    /// The company's group as last saved; `None` when none was. Header and members are of one moment.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn group(&self, workspace: &WorkspaceId, company_id: &str) -> Result<Option<SavedGroup>, StoreError> {
        let mut tx = self.read().await?;
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {GROUP_COLUMNS}
             FROM buyer_groups g JOIN companies c ON c.workspace = g.workspace AND c.company_id = g.company_id
             WHERE g.workspace = $1 AND g.company_id = $2"
        ));
        let header = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).fetch_optional(&mut *tx).await?;
        let Some(header) = header else { return Ok(None) };
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {MEMBER_COLUMNS}
             FROM members m JOIN people p
                 ON p.workspace = m.workspace AND p.company_id = m.company_id AND p.person_id = m.person_id
             WHERE m.workspace = $1 AND m.company_id = $2 AND m.left_at IS NULL ORDER BY m.seat"
        ));
        let members = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).fetch_all(&mut *tx).await?;
        Ok(Some(group(company_id, &header, members.iter().map(member).collect::<Result<_, _>>()?)?))
    }
}

/// Columns that [`group`] reads, of a company `c` and a group `g`.
pub(crate) const GROUP_COLUMNS: &str =
    "c.name, c.domain, c.staff, c.revenue, g.version, g.refresh_id, g.refreshed_at, g.level,
    g.tier, g.tier_known, g.targets, g.cohesion, g.confidence, g.gaps, g.considered";

/// Columns that [`member`] reads, of a membership `m` and a person `p`.
pub(crate) const MEMBER_COLUMNS: &str = "p.person_id, p.name, m.title, p.departments, p.manager, p.email, p.phone,
    p.contact_source, p.profile_url, p.location, p.start_date, m.role, m.level, m.functions, m.scores, m.confidence, m.reasons,
    m.joined_at";

/// A group of its header and its members.
pub(crate) fn group(company_id: &str, header: &AnyRow, members: Vec<SavedMember>) -> Result<SavedGroup, StoreError> {
    Ok(SavedGroup {
        company_id: company_id.to_owned(),
        company: company(header)?,
        version: number(header, "version")?,
        refresh_id: text(header, "refresh_id")?,
        refreshed_at: number(header, "refreshed_at")?,
        level: wire(header, "level")?,
        tier: wire(header, "tier")?,
        tier_known: number::<i64>(header, "tier_known")? != 0,
        targets: maybe_json(header, "targets")?,
        cohesion: maybe_number(header, "cohesion")?,
        confidence: number(header, "confidence")?,
        gaps: json(header, "gaps")?,
        considered: number(header, "considered")?,
        members,
    })
}

pub(crate) fn member(row: &AnyRow) -> Result<SavedMember, StoreError> {
    let person = Person {
        title: maybe_text(row, "title")?,
        departments: json(row, "departments")?,
        manager: maybe_text(row, "manager")?.map(person_id).transpose()?,
        contact: Contact { email: maybe_text(row, "email")?, phone: maybe_text(row, "phone")? },
        profile_url: maybe_text(row, "profile_url")?,
        location: maybe_text(row, "location")?,
        start_date: maybe_text(row, "start_date")?,
        ..Person::new(person_id(text(row, "person_id")?)?, text(row, "name")?)
    };
    let member = Member {
        person,
        role: wire(row, "role")?,
        level: maybe_wire(row, "level")?,
        functions: json(row, "functions")?,
        scores: json(row, "scores")?,
        confidence: number(row, "confidence")?,
        reasons: json(row, "reasons")?,
    };
    Ok(SavedMember { member, joined_at: number(row, "joined_at")?, contact_source: maybe_text(row, "contact_source")? })
}
