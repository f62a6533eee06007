//! What is asked for in bodies.

use super::problems;
use crate::fields::{FieldFault, Fields, Musts, is_domain, is_name};
use crate::problem::Problem;
use contracts::EnrichmentLevel;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A wish for a company's group.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(crate) struct DiscoverRequest {
    /// The company's name.
    #[schemars(schema_with = "name_text")]
    pub(crate) company_name: String,
    /// Its web domain or address, which tells it from namesakes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "domain_text")]
    pub(crate) website: Option<String>,
    /// How much to find out.
    #[serde(default)]
    pub(crate) enrichment_level: Level,
    /// Always true: a group that nobody keeps would be paid for and lost.
    #[serde(default = "yes")]
    #[schemars(schema_with = "only_true")]
    pub(crate) save_to_database: bool,
}

/// A wish for a refresh of a company that is known.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(crate) struct ForceRequest {
    /// Its id, domain or name.
    #[schemars(schema_with = "name_text")]
    pub(crate) company: String,
    /// How much to find out.
    #[serde(default)]
    pub(crate) enrichment_level: Level,
}

/// How much to find out; each level includes the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EnrichmentLevel")]
pub(crate) enum Level {
    /// Who, title, role, scores.
    Identify,
    /// And how to reach them.
    #[default]
    Enrich,
    /// And their careers, connections and buying signals.
    DeepResearch,
}

impl From<Level> for EnrichmentLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Identify => EnrichmentLevel::Identify,
            Level::Enrich => EnrichmentLevel::Enrich,
            Level::DeepResearch => EnrichmentLevel::DeepResearch,
        }
    }
}

const NAME: &str = "a name of 1 to 512 characters in one line";
const LEVEL: &str = "\"identify\", \"enrich\" or \"deep_research\"";

/// What the members of a [`DiscoverRequest`] must be.
pub(crate) const DISCOVER: Musts = &[
    ("", "an object with companyName and, where you like, website, enrichmentLevel and saveToDatabase"),
    ("/companyName", NAME),
    ("/website", "a domain or web address of 1 to 512 characters without spaces and without @"),
    ("/enrichmentLevel", LEVEL),
    ("/saveToDatabase", "true, or left out: a group is always saved"),
];

/// What the members of a [`ForceRequest`] must be.
pub(crate) const FORCE: Musts = &[
    ("", "an object with company and, where you like, enrichmentLevel"),
    ("/company", "an id, a domain or a name of 1 to 512 characters in one line"),
    ("/enrichmentLevel", LEVEL),
];

impl DiscoverRequest {
    /// Whether its texts are what they must be.
    pub(crate) fn check(self) -> Result<Self, Problem> {
        let null = serde_json::Value::Null;
        let fields = Fields::new(&null, "", DISCOVER);
        let wrong = if !is_name(&self.company_name) {
            Some("/companyName")
        } else if !self.website.as_deref().is_none_or(is_domain) {
            Some("/website")
        } else if !self.save_to_database {
            Some("/saveToDatabase")
        } else {
            None
        };
        wrong.map_or(Ok(self), |pointer| Err(refused_text(&fields, pointer)))
    }
}

impl ForceRequest {
    /// Whether its texts are what they must be.
    pub(crate) fn check(self) -> Result<Self, Problem> {
        let null = serde_json::Value::Null;
        if is_name(&self.company) {
            return Ok(self);
        }
        Err(refused_text(&Fields::new(&null, "", FORCE), "/company"))
    }
}

/// A member that is of the right type and still not what it must be.
fn refused_text(fields: &Fields<'_>, pointer: &str) -> Problem {
    let must = fields.must(pointer).1;
    problems::invalid_request(pointer.to_owned(), &format!("It must be {must}."), REMEDY)
}

const REMEDY: &str = "Send what `detail` asks for; nothing was done.";

/// A member of the wrong type.
pub(crate) fn refused(fault: FieldFault) -> Problem {
    problems::invalid_request(fault.pointer, &fault.detail, REMEDY)
}

/// One line that says something, as a regular expression.
pub(crate) const NAME_PATTERN: &str =
    r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

fn name_text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "minLength": 1, "maxLength": 512, "pattern": NAME_PATTERN})
}

fn domain_text(_: &mut SchemaGenerator) -> Schema {
    let pattern = r"^[^\s@\u0000-\u001f\u007f-\u009f]+$";
    json_schema!({"type": ["string", "null"], "minLength": 1, "maxLength": 512, "pattern": pattern})
}

const fn yes() -> bool {
    true
}

fn only_true(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "boolean", "const": true})
}
