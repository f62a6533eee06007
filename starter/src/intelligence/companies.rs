//! `GET companies`: what is known, a page at a time.

use super::access::Scope;
use super::call::{Call, Operation, store_fault};
use super::group_document::{CompanyDocument, level};
use super::request::Level;
use super::standing::moment;
use super::{PATH, reply};
use crate::problem::Problem;
use axum::body::Body;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use store::CompanyRecord;

pub(crate) const LIST: Operation = Operation::new("listCompanies", Scope::Read);

/// A page of companies.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompanyPage {
    /// By id.
    companies: Vec<KnownCompany>,
    /// What to ask for as `cursor` next; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A company that is known, and its group in a line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct KnownCompany {
    #[serde(flatten)]
    company: CompanyDocument,
    /// Its group; null until one was saved.
    group: Option<GroupLine>,
}

/// A group in a line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "GroupSummary")]
struct GroupLine {
    /// How often a group of this company was saved.
    version: u64,
    /// Members.
    total_members: u32,
    /// 0–100; null without evidence.
    cohesion_score: Option<u8>,
    /// 0–100.
    overall_confidence: u8,
    /// How much was found out.
    enrichment_level: Level,
    /// When it was saved.
    #[schemars(extend("format" = "date-time"))]
    timestamp: String,
}

pub(crate) async fn list(call: Call, _: Body) -> Result<Response, Problem> {
    let query = call.query(&["limit", "cursor"])?;
    let (limit, behind) = (query.limit()?, query.behind()?);
    let behind = behind.unwrap_or_default();
    let page = call.store().companies_page(call.workspace(), behind, limit + 1).await.map_err(store_fault)?;
    let shown = &page[..page.len().min(limit as usize)];
    let last = shown.last().filter(|_| page.len() > shown.len());
    let next_cursor = last.map(|last| last.company_id.clone());
    let next = next_cursor.as_deref().map(|cursor| format!("{PATH}/companies?{}", query.with_cursor(cursor)));
    let body = CompanyPage { companies: shown.iter().map(known).collect(), next_cursor };
    Ok(reply::linked(reply::read(call.headers(), &body)?, next))
}

fn known(record: &CompanyRecord) -> KnownCompany {
    let company = &record.company;
    KnownCompany {
        company: CompanyDocument {
            id: record.company_id.clone(),
            name: company.name.clone(),
            domain: company.domain.clone(),
        },
        group: record.group.as_ref().map(|group| GroupLine {
            version: group.version,
            total_members: group.members,
            cohesion_score: group.cohesion,
            overall_confidence: group.confidence,
            enrichment_level: level(group.level),
            timestamp: moment(group.refreshed_at),
        }),
    }
}
