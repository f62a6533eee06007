//! The part of JSON Schema (2020-12) that our schemas use, checked against documents. A keyword outside it is an error, so
//! that nothing is believed to be checked that is not.

use regex::Regex;
use serde_json::Value;

/// Whether objects may have fields that the schema does not describe.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// As the standard has it.
    Any,
    /// Every field has to be described.
    OnlyDescribed,
}

/// What the schema has against a document, each with its place; empty when it fits.
pub fn objections(schema: &Value, document: &Value, fields: Fields) -> Vec<String> {
    let mut check = Check { root: schema, fields, found: Vec::new() };
    check.value(schema, document, "");
    check.found
}

struct Check<'a> {
    root: &'a Value,
    fields: Fields,
    found: Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, at: &str) {
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            let number = || rule.as_u64().expect("a bound is a number");
            let length = |list: Option<usize>| list.and_then(|length| u64::try_from(length).ok());
            let characters = || length(value.as_str().map(|text| text.chars().count()));
            let items = || length(value.as_array().map(Vec::len));
            let fits = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "format" => true,
                "$ref" => {
                    let name = rule.as_str().and_then(|name| name.strip_prefix('#')).expect("a place in this schema");
                    let target = self.root.pointer(name).unwrap_or_else(|| panic!("{name} is not in the schema"));
                    self.value(target, value, at);
                    true
                }
                "type" => match rule {
                    Value::Array(types) => types.iter().any(|one| is(one, value)),
                    one => is(one, value),
                },
                "enum" => rule.as_array().expect("a list").contains(value),
                // A rule says nothing of values of other types; "type" does.
                "minimum" => value.as_i64().is_none_or(|value| value >= rule.as_i64().expect("a number")),
                "maximum" => value.as_i64().is_none_or(|value| value <= rule.as_i64().expect("a number")),
                "minLength" => characters().is_none_or(|length| length >= number()),
                "minItems" => items().is_none_or(|length| length >= number()),
                "maxItems" => items().is_none_or(|length| length <= number()),
                "uniqueItems" => value
                    .as_array()
                    .is_none_or(|list| list.iter().enumerate().all(|(index, one)| !list[..index].contains(one))),
                "pattern" => {
                    let pattern = Regex::new(rule.as_str().expect("a pattern")).expect("a pattern");
                    value.as_str().is_none_or(|text| pattern.is_match(text))
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(rule, item, &format!("{at}/{index}"));
                    }
                    true
                }
                "required" => value.as_object().is_none_or(|object| {
                    rule.as_array()
                        .expect("a list")
                        .iter()
                        .all(|name| object.contains_key(name.as_str().expect("a name")))
                }),
                "properties" => {
                    for (name, value) in value.as_object().into_iter().flatten() {
                        match rule.get(name) {
                            Some(schema) => self.value(schema, value, &format!("{at}/{name}")),
                            None if self.fields == Fields::Any => {}
                            None => self.found.push(format!("{at}/{name}: is not described")),
                        }
                    }
                    true
                }
                unknown => panic!("this check does not know the keyword {unknown}"),
            };
            if !fits {
                self.found.push(format!("{at}: {keyword} {rule} does not allow {value}"));
            }
        }
    }
}

fn is(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("the name of a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        unknown => panic!("this check does not know the type {unknown}"),
    }
}
