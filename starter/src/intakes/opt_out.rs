//! Lusha's message that somebody opted out. It has neither id nor type, and orders that the data points it names are no
//! longer used. They are hashed here, and nothing else of the message goes on: not the name, not the profile.

use super::coresignal::id;
use super::schema::ContactId;
use super::{Event, Ignored, Item, Taken};
use crate::fields::{FieldFault, Fields, Musts};
use contracts::{DataPoint, DataPointKind, Digest, EventId, SuppressRequest};
use schemars::JsonSchema;
use serde_json::Value;

const MUSTS: Musts = &[
    ("", "a JSON object with contactId and datapoints"),
    ("/contactId", "the contact's id: a whole number, or a string of 1 to 255 characters"),
    ("/contactOptOutDate", "a string, null or left out"),
    ("/datapoints", "an array of objects with datapointId and datapointType"),
    ("/datapoints/*", "an object with datapointId, the value, and datapointType, such as \"email\" or \"phone\""),
];

/// Somebody objects to the use of these data points.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OptOut")]
#[expect(dead_code, reason = "only described: each is read alone, so that one fault costs as little as it can")]
struct Wire {
    /// The contact's id.
    contact_id: ContactId,
    /// When they did, as Lusha writes it.
    contact_opt_out_date: Option<String>,
    /// What must not be used any more.
    datapoints: Vec<WirePoint>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OptOutDatapoint")]
#[expect(dead_code, reason = "only described: each is read alone, so that one fault costs one data point")]
struct WirePoint {
    /// The e-mail address or telephone number itself.
    datapoint_id: DatapointValue,
    /// What it is.
    datapoint_type: Option<String>,
}

/// A value that has something to compare.
struct DatapointValue;

impl JsonSchema for DatapointValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DatapointValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": r"[0-9a-zA-Z]"})
    }
}

/// Whether a body is such a message.
pub(super) fn is_one(body: &Value) -> bool {
    body.get("type").is_none() && ["datapoints", "contactOptOutDate"].iter().any(|name| body.get(name).is_some())
}

pub(super) fn schema() -> schemars::Schema {
    schemars::schema_for!(Wire)
}

/// The suppression of all data points that can be read, and a fault for each that cannot: an objection is never refused for
/// the sake of one of its parts.
pub(super) fn read(
    taken: &Taken<'_>,
    body: &Value,
    unread: &mut Vec<&'static str>,
) -> Result<(Vec<Item>, EventId), FieldFault> {
    let fields = Fields::new(body, "", MUSTS);
    let points = fields.required(fields.value("/datapoints").and_then(Value::as_array), "/datapoints")?;
    // Whose they are and since when matters only for the id. Data points are named, and whoever names them means them.
    let contact = fields.value("/contactId").and_then(id);
    let date_at = "/contactOptOutDate";
    let date = fields.value(date_at).and_then(Value::as_str);
    if contact.is_none() {
        unread.push("/contactId");
    }
    if date.is_none() && fields.value(date_at).is_some_and(|date| !date.is_null()) {
        unread.push(date_at);
    }
    let (mut data_points, mut items) = (Vec::new(), Vec::new());
    for index in 0..points.len() {
        match point(taken, &fields, index) {
            Ok(point) => data_points.push(point),
            Err(fault) => items.push(Item::from(fault)),
        }
    }
    data_points.sort_unstable();
    data_points.dedup();
    // The points are part of what the id is made of. Were it contact and date alone, a second message with further points
    // would pass for the first one.
    let hashes: Vec<&str> = data_points.iter().map(|point| point.hash.as_str()).collect();
    let parts = serde_json::json!([taken.source.name.as_str(), contact, date, hashes]);
    let said = Digest::of(parts.to_string().as_bytes());
    let event_id: EventId = fields.parsed(format!("opt-out-{}", said.as_str()), "")?;
    let event = match data_points.is_empty() {
        true if !items.is_empty() => return Ok((items, event_id)),
        true => Event::Ignored { event_id: event_id.clone(), reason: Ignored::NothingNamed },
        false => {
            let event = taken.event_of(event_id.clone(), said, taken.received_at);
            let workspace = taken.source.workspace.clone();
            Event::Start(Box::new(SuppressRequest { workspace, event, data_points }.into()))
        }
    };
    items.insert(0, event.into());
    Ok((items, event_id))
}

fn point(taken: &Taken<'_>, fields: &Fields<'_>, index: usize) -> Result<DataPoint, FieldFault> {
    let at = format!("/datapoints/{index}");
    let member = |name: &str| fields.value(&format!("{at}/{name}")).and_then(Value::as_str);
    let value = fields.required(member("datapointId"), &at)?;
    let kind = kind(member("datapointType").unwrap_or_default(), value);
    fields.required(DataPoint::of(&taken.source.workspace, kind, value), &at)
}

/// What a data point is: by its type, however that is spelled, else by its looks. When in doubt something is suppressed that
/// need not be.
fn kind(name: &str, value: &str) -> DataPointKind {
    let name = name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let number = value.chars().filter(char::is_ascii_digit).count() >= 6 && !value.chars().any(char::is_alphabetic);
    if says(&["mail"]) || (!says(&["phone", "mobile", "tel"]) && value.contains('@')) {
        DataPointKind::Email
    } else if says(&["phone", "mobile", "tel"]) || number {
        DataPointKind::Phone
    } else {
        DataPointKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::{DataPointKind, kind};

    #[test]
    fn a_kind_is_known_by_its_name_or_else_by_its_looks() {
        for (name, value, expected) in [
            ("email", "jane@acme.example", DataPointKind::Email),
            ("workEmail", "jane@acme.example", DataPointKind::Email),
            ("phone", "+15550100123", DataPointKind::Phone),
            ("MOBILE_PHONE", "0555 010 0123", DataPointKind::Phone),
            ("", "jane@acme.example", DataPointKind::Email),
            ("direct", "+1 (555) 010-0123", DataPointKind::Phone),
            ("linkedin", "https://profiles.example/jane", DataPointKind::Other),
        ] {
            assert_eq!(kind(name, value), expected, "{name} {value}");
        }
    }
}
