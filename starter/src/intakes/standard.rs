//! Standard Webhooks: `{"type", "timestamp", "data"}`, the event's id in the signed `webhook-id` header.

use super::person_change::{PersonChange, Wire};
use super::schema::{Described, Moment, TypeText, any_of};
use super::{Event, EventFault, Ignored, Item, Taken};
use crate::fields::{self, Fields, Musts};
use contracts::{EventId, RefreshReason};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

const MUSTS: Musts = &[
    ("", "a JSON object with type, timestamp and data"),
    ("/type", "a string of 1 to 128 characters such as \"person.role_change\""),
    ("/timestamp", "an RFC 3339 date and time with offset such as \"2025-10-10T12:00:00Z\""),
    ("/data", "an object with person and company"),
    ("/person", "an object with the person's id"),
    ("/person/id", "a string of 1 to 255 characters without control characters"),
    ("/person/name", "a name of 1 to 512 characters without control characters, or left out"),
    ("/person/*", "a string, null or left out"),
    ("/company", "an object with the company's name"),
    ("/company/id", "a string of 1 to 255 characters without control characters, or left out"),
    ("/company/name", "a name of 1 to 512 characters without control characters"),
    ("/company/domain", "a web domain of 1 to 512 characters without spaces or '@', or left out"),
    ("/changes", "an object that names each change as an object with old and new"),
    ("/changes/*", "an object that names each change as an object with old and new"),
];

/// What every event has, whatever its type.
#[derive(Deserialize, JsonSchema)]
struct Envelope {
    /// What happened.
    #[serde(rename = "type")]
    #[schemars(with = "TypeText")]
    kind: Option<String>,
}

/// The inside of an event of a type that can trigger a refresh.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "read piece by piece, to tell where a fault stands; this is what the pieces are together")]
struct Known {
    /// When it happened, by the sender's clock.
    timestamp: Moment,
    /// What happened: the same members as in a person-change event.
    data: Wire,
}

pub(super) fn read(taken: &Taken<'_>, body: &Value, delivery_id: Option<&str>) -> Result<Vec<Item>, EventFault> {
    let id: EventId = delivery_id.and_then(|id| id.parse().ok()).ok_or(EventFault::NoDeliveryId)?;
    let fields = Fields::new(body, "", MUSTS);
    fields.object("")?;
    let envelope: Envelope = fields.typed()?;
    let kind = fields.required(envelope.kind, "/type")?;
    fields.check(fields::fits(&kind, fields::MAX_TYPE), "/type")?;
    let Some(reason) = RefreshReason::from_event_type(&kind) else {
        return Ok(vec![Event::Ignored { event_id: id, reason: Ignored::UnknownType }.into()]);
    };
    let timestamp = body.get("timestamp").and_then(Value::as_str).and_then(fields::date_time);
    let occurred_at = fields.required(timestamp, "/timestamp")?;
    let data = body.get("data").filter(|data| data.is_object());
    let data = Fields::new(fields.required(data, "/data")?, "/data", MUSTS);
    Ok(PersonChange::read(&data, occurred_at)?.events(taken, id, reason))
}

/// The schema: an event that is understood, or one of any other type.
pub(super) fn schema() -> Described {
    let types: Vec<String> = RefreshReason::EVENTS.iter().map(ToString::to_string).collect();
    any_of(
        "A change of one person, as a Standard Webhook",
        &[&[schemars::schema_for!(Envelope), schemars::schema_for!(Known)], &[schemars::schema_for!(Envelope)]],
        &[json!({"properties": {"type": {"enum": types}}}), json!({"properties": {"type": {"not": {"enum": types}}}})],
    )
}
