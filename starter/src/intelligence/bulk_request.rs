//! What is asked for in the body of a bulk.

use super::problems;
use super::request::Level;
use crate::fields::{Musts, is_domain, is_name};
use crate::json::shape;
use crate::problem::Problem;
use contracts::{Digest, WorkspaceId, company_id};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use store::NewBulkItem;

/// Most companies of one request.
pub(crate) const MOST: usize = 10_000;
/// Longest body, in bytes: room for the most companies with names and domains of usual length.
pub(crate) const LONGEST: usize = 2 * 1024 * 1024;

/// A wish for the groups of many companies.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub(crate) struct BulkBody {
    /// The companies, each a name, or an object with a name and a web domain or address. One that stands there twice is
    /// refreshed once.
    #[schemars(schema_with = "companies")]
    companies: Vec<Value>,
    /// How much to find out about each.
    #[serde(default)]
    pub(crate) enrichment_level: Level,
}

/// What the members of a [`BulkBody`] must be.
pub(crate) const BULK: Musts = &[
    ("", "an object with companies and, where you like, enrichmentLevel"),
    ("/companies", "a list of 1 to 10000 companies"),
    ("/enrichmentLevel", "\"identify\", \"enrich\" or \"deep_research\""),
];

const COMPANY: &str = "a name of 1 to 512 characters in one line, or an object with name and, where you like, website";
const NAME: &str = "a name of 1 to 512 characters in one line";
const WEBSITE: &str = "a domain or web address of 1 to 512 characters without spaces and without @";

impl BulkBody {
    /// The companies, in the order of the request. A company that was named before is told by the id that we give it.
    pub(crate) fn items(&self, workspace: &WorkspaceId) -> Result<Vec<NewBulkItem>, Problem> {
        let named = self.companies.len();
        if !(1..=MOST).contains(&named) {
            let detail = format!("It must be a list of 1 to {MOST} companies; it has {named}.");
            let remedy =
                format!("Send at most {MOST} companies in one request, and the others in another; nothing was done.");
            return Err(problems::invalid_request("/companies".to_owned(), &detail, &remedy));
        }
        let mut first = BTreeMap::new();
        let mut items = Vec::with_capacity(named);
        for (index, company) in self.companies.iter().enumerate() {
            let (name, domain) = company_of(company, index)?;
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let id = company_id(workspace, &name, domain.as_deref());
            let known = *first.entry(id).or_insert(number);
            items.push(NewBulkItem { name, domain, same_as: (known != number).then_some(known) });
        }
        Ok(items)
    }

    /// The same for the same wish, however its JSON is written.
    pub(crate) fn digest(&self, items: &[NewBulkItem]) -> Digest {
        let companies: Vec<_> = items.iter().map(|item| (&item.name, &item.domain)).collect();
        // Texts and lists of texts always have a JSON form.
        Digest::of(&serde_json::to_vec(&(companies, self.enrichment_level)).unwrap_or_default())
    }
}

fn company_of(company: &Value, index: usize) -> Result<(String, Option<String>), Problem> {
    let refused = |end: &str, must: &str, value: Option<&Value>| {
        let detail = format!("It must be {must}; it is {}.", shape(value));
        problems::invalid_request(
            format!("/companies/{index}{end}"),
            &detail,
            "Send what `detail` asks for; nothing was done.",
        )
    };
    let name = |value: Option<&Value>, end: &str, must: &str| {
        let name = value.and_then(Value::as_str).filter(|name| is_name(name));
        name.map(|name| name.trim().to_owned()).ok_or_else(|| refused(end, must, value))
    };
    let members = match company {
        Value::String(_) => return Ok((name(Some(company), "", COMPANY)?, None)),
        Value::Object(members) => members,
        _ => return Err(refused("", COMPANY, Some(company))),
    };
    if members.keys().any(|key| key != "name" && key != "website") {
        return Err(refused("", "an object with name and website and no other members", Some(company)));
    }
    let named = name(members.get("name"), "/name", NAME)?;
    let website = match members.get("website") {
        None | Some(Value::Null) => None,
        Some(Value::String(website)) if is_domain(website) => Some(website.clone()),
        other => return Err(refused("/website", WEBSITE, other)),
    };
    Ok((named, website))
}

fn companies(_: &mut SchemaGenerator) -> Schema {
    let name = json_schema!({
        "type": "string", "minLength": 1, "maxLength": 512,
        "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$",
    });
    let website = json_schema!({
        "type": ["string", "null"], "minLength": 1, "maxLength": 512, "pattern": r"^[^\s@\u0000-\u001f\u007f-\u009f]+$",
    });
    let object = json_schema!({
        "type": "object", "additionalProperties": false, "required": ["name"],
        "properties": {"name": name.clone(), "website": website},
    });
    json_schema!({"type": "array", "minItems": 1, "maxItems": MOST, "items": {"anyOf": [name, object]}})
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::fields::Fields;
    use serde_json::json;

    fn items(companies: Value) -> Result<Vec<NewBulkItem>, Problem> {
        let body: BulkBody = serde_json::from_value(json!({"companies": companies})).unwrap();
        body.items(&"demo".parse().unwrap())
    }

    #[test]
    fn companies_are_names_or_objects_and_those_named_twice_are_told() {
        let items = items(json!([
            "Acme", {"name": "Acme Inc", "website": "https://www.acme.example/about"}, " acme ",
            {"name": "ACME Incorporated", "website": "acme.example"}, {"name": "Acme", "website": null},
        ]));
        let items = items.unwrap();
        let same: Vec<_> = items.iter().map(|item| item.same_as).collect();
        assert_eq!(same, [None, None, Some(1), Some(2), Some(1)]);
        assert_eq!(
            (items[2].name.as_str(), items[1].domain.as_deref()),
            ("acme", Some("https://www.acme.example/about"))
        );
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (companies, pointer) in [
            (json!([]), "/companies"),
            (json!(["Acme", ""]), "/companies/1"),
            (json!(["a\nb"]), "/companies/0"),
            (json!(["x".repeat(513)]), "/companies/0"),
            (json!([7]), "/companies/0"),
            (json!([null]), "/companies/0"),
            (json!([{"website": "acme.example"}]), "/companies/0/name"),
            (json!([{"name": "Acme", "website": "a b"}]), "/companies/0/website"),
            (json!([{"name": "Acme", "website": 7}]), "/companies/0/website"),
            (json!([{"name": "Acme", "domain": "acme.example"}]), "/companies/0"),
        ] {
            let problem = items(companies.clone()).unwrap_err();
            assert_eq!((problem.status().as_u16(), problem.pointer.as_deref()), (422, Some(pointer)), "{companies}");
        }
    }

    #[test]
    fn a3_a_list_has_a_limit_that_is_said() {
        let named = |number: usize| json!((0..number).map(|n| format!("Company {n}")).collect::<Vec<_>>());
        assert_eq!(items(named(MOST)).unwrap().len(), MOST);
        let problem = items(named(MOST + 1)).unwrap_err();
        assert!(problem.detail.contains("1 to 10000") && problem.detail.contains("10001"), "{}", problem.detail);
        assert!(BULK[1].1.contains(&MOST.to_string()));
    }

    #[test]
    fn the_same_wish_has_one_digest() {
        let digest = |body: Value| {
            let body: BulkBody = serde_json::from_value(body).unwrap();
            body.digest(&body.items(&"demo".parse().unwrap()).unwrap())
        };
        let one = digest(json!({"companies": ["Acme", {"name": "Beta"}]}));
        assert_eq!(
            one,
            digest(json!({"enrichmentLevel": "enrich", "companies": [{"website": null, "name": "Acme"}, "Beta"]}))
        );
        assert_ne!(one, digest(json!({"companies": ["Beta", "Acme"]})));
        assert_ne!(one, digest(json!({"companies": ["Acme", "Beta"], "enrichmentLevel": "identify"})));
    }

    /// `shape` and the fields machinery agree on the top level, where the general reader refuses.
    #[test]
    fn the_list_itself_is_judged_by_the_general_reader() {
        let value = json!({"companies": "Acme"});
        let fault = Fields::new(&value, "", BULK).typed::<BulkBody>().unwrap_err();
        assert_eq!(fault.pointer, "/companies");
        assert!(fault.detail.contains("10000"), "{}", fault.detail);
    }
}
