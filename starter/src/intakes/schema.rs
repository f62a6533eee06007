//! What is accepted, as JSON Schema: of texts here, of whole bodies from the types that read them.

use super::{Intake, coresignal, lusha, person_change, standard};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The schema of what an intake accepts: a JSON Schema of the 2020-12 dialect, which needs nothing from outside.
pub type Described = Value;

/// The schema of what this intake accepts.
#[must_use]
pub fn described(intake: Intake) -> Described {
    let mut schema = match intake {
        Intake::PersonChange => person_change::schema(),
        Intake::CoresignalEmployee => coresignal::schema(),
        Intake::LushaSignal => lusha::schema(),
        Intake::Standard => standard::schema(),
    };
    schema["$id"] = json!(format!("/schemas/{}.json", intake.as_str()));
    schema["x-mapping-version"] = json!(intake.version());
    schema
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $schema:tt;)+) => {
        $(
            $(#[$doc])*
            pub(super) struct $name;

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!($schema)
                }
            }
        )+
    };
}

/// A vendor's id of a person, which some write as a number and some as text.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only described")]
pub(super) enum ContactId {
    Number(Number),
    Text(Reference),
}

/// No control character.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
/// The same, and something that is seen.
const NAME: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
/// Neither control characters nor spaces nor an at-sign.
const DOMAIN: &str = r"^[^\s@\u0000-\u001f\u007f-\u009f]+$";

texts! {
    /// An event's id.
    EventIdText = {"type": "string", "minLength": 1, "maxLength": 512, "pattern": LINE};
    /// A source's name.
    SourceText = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$"};
    /// An event's type.
    TypeText = {"type": "string", "minLength": 1, "maxLength": 128};
    /// A moment.
    Moment = {"type": "string", "format": "date-time"};
    /// A name.
    NameText = {"type": "string", "minLength": 1, "maxLength": 512, "pattern": NAME};
    /// A name, or blank when there is none.
    CompanyName = {"type": "string", "maxLength": 512, "pattern": LINE};
    /// Somebody's id of something.
    Reference = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": NAME};
    /// A domain or web address.
    DomainText = {"type": "string", "minLength": 1, "maxLength": 512, "pattern": DOMAIN};
    /// The same, or blank when there is none.
    MaybeDomain = {"type": "string", "maxLength": 512, "pattern": r"^[^\s@\u0000-\u001f\u007f-\u009f]*$"};
    /// A whole number that is an id; exact above 2^53 too.
    Number = {"type": "integer", "minimum": 0, "maximum": u64::MAX};
}

/// A body that fits one of these: each is everything of a list together, and what tells it from the others.
pub(super) fn any_of(title: &str, options: &[&[Schema]], told_by: &[Value]) -> Described {
    let mut defs = Map::new();
    let options: Vec<Value> = options
        .iter()
        .zip(told_by)
        .map(|(parts, told_by)| {
            let parts = parts.iter().map(|part| embedded(part, &mut defs)).chain([told_by.clone()]);
            json!({"allOf": parts.collect::<Vec<_>>()})
        })
        .collect();
    whole(title, json!({"anyOf": options}), defs)
}

/// A body that is one of these, or an array of them. What is wrong with an element of an array is said of that element alone,
/// so an array may hold anything.
pub(super) fn one_or_many(title: &str, one: Schema) -> Described {
    let mut defs = Map::new();
    let one = embedded(&one, &mut defs);
    whole(title, json!({"anyOf": [one, {"type": "array", "items": one}]}), defs)
}

fn whole(title: &str, mut schema: Value, defs: Map<String, Value>) -> Value {
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    if !defs.is_empty() {
        schema["$defs"] = Value::Object(defs);
    }
    schema
}

/// A schema as part of another: its definitions go to the others'.
fn embedded(schema: &Schema, defs: &mut Map<String, Value>) -> Value {
    let mut schema = schema.as_value().clone();
    if let Some(members) = schema.as_object_mut() {
        members.remove("$schema");
        // The name of a type of ours says nothing to a reader.
        members.remove("title");
        if let Some(Value::Object(own)) = members.remove("$defs") {
            defs.extend(own);
        }
    }
    schema
}
