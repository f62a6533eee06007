//! CoreSignal's employee notifications: which profiles changed, and in which fields; no values, no company, no id of the
//! event. Subscriptions deliver an array, the simulator a single object with another name for the status.
//!
//! The id is made here, of what the notification says and the window in which it arrives: a delivery that is repeated is the
//! same event, next week's change of the same person is another.

use super::schema::{Described, Number, Reference, one_or_many};
use super::{DeliveryWindow, Event, EventFault, Ignored, Item, MAX_EVENTS, Taken};
use crate::fields::{self, FieldFault, Fields, Musts};
use contracts::{CompanyWanted, Digest, EventId, RefreshReason, UnixMillis, person_ref};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

const MUSTS: Musts = &[
    ("", "an object with member_id and status, or an array of such objects"),
    ("/member_id", "the profile's id: a whole number, or a string of 1 to 255 characters"),
    ("/status", "a string of 1 to 128 characters such as \"changed\""),
    ("/change_type", "a string of 1 to 128 characters such as \"changed\""),
    ("/changed_fields", "an array of names of fields, null or left out"),
    ("/changed_fields/*", "the name of a field: a string"),
];

/// Fields whose change can change a buyer group: where somebody works, as what, and whether at all. A name stands for itself
/// and for everything that begins with it and `_` or `.`; `location`, `skills`, `education`, pictures, connections and the
/// like are not among them.
const RELEVANT: [&str; 16] = [
    "experience",
    "active_experience",
    "headline",
    "generated_headline",
    "title",
    "job_title",
    "position",
    "department",
    "management_level",
    "company",
    "employer",
    "is_working",
    "is_decision_maker",
    "is_deleted",
    "primary_professional_email",
    "professional_emails",
];

/// Statuses that are understood, and the reason each gives. The last two are those of subscriptions of before 2025.
const STATUSES: [(&str, &str); 5] = [
    ("started_matching_query", "coresignal.started_matching_query"),
    ("stopped_matching_query", "coresignal.stopped_matching_query"),
    ("changed", "coresignal.changed"),
    ("added", "coresignal.started_matching_query"),
    ("removed", "coresignal.stopped_matching_query"),
];

/// One profile that changed.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Notification")]
#[schemars(extend("anyOf" = [
    {"required": ["status"], "properties": {"status": {"type": "string"}}},
    {"required": ["change_type"], "properties": {"change_type": {"type": "string", "minLength": 1, "maxLength": 128}}},
]))]
struct Wire {
    /// The profile's id.
    #[schemars(with = "MemberId")]
    member_id: Option<Value>,
    /// What happened to it; the simulator calls it `change_type`.
    #[schemars(with = "Option<super::schema::TypeText>")]
    status: Option<String>,
    change_type: Option<String>,
    /// Names of the fields that changed, when they are known.
    changed_fields: Option<Vec<String>>,
}

/// An id as a number or as text.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only described: numbers are read exactly, whatever their size")]
enum MemberId {
    Number(Number),
    Text(Reference),
}

pub(super) fn read(taken: &Taken<'_>, body: &Value) -> Result<Vec<Item>, EventFault> {
    let one = |index: Option<usize>, element| {
        let base = index.map(|index| format!("/{index}")).unwrap_or_default();
        notification(taken, &Fields::new(element, &base, MUSTS)).map_or_else(Item::from, Item::from)
    };
    match body {
        Value::Array(elements) if elements.len() > MAX_EVENTS => {
            Err(EventFault::TooMany(format!("The delivery holds more than {MAX_EVENTS} events.")))
        }
        Value::Array(elements) => {
            Ok(elements.iter().enumerate().map(|(index, element)| one(Some(index), element)).collect())
        }
        Value::Object(_) => Ok(vec![one(None, body)]),
        _ => Err(Fields::new(body, "", MUSTS).at("").into()),
    }
}

/// The schema: one notification, or many.
pub(super) fn schema() -> Described {
    one_or_many("Profiles that changed", schemars::schema_for!(Wire))
}

fn notification(taken: &Taken<'_>, fields: &Fields<'_>) -> Result<Event, FieldFault> {
    fields.object("")?;
    let wire: Wire = fields.typed()?;
    let member = fields.required(wire.member_id.as_ref().and_then(id), "/member_id")?;
    let (status, at) = match (wire.status, wire.change_type) {
        (Some(status), _) => (status, "/status"),
        (None, Some(status)) => (status, "/change_type"),
        (None, None) => return Err(fields.at("/status")),
    };
    fields.check(fields::fits(&status, fields::MAX_TYPE), at)?;
    let mut changed = wire.changed_fields.unwrap_or_default();
    changed.sort_unstable();
    changed.dedup();

    let said = content(taken, &member, &status, &changed);
    let event_id: EventId = fields.parsed(said.as_str().to_owned(), "")?;
    let Some((_, reason)) = STATUSES.into_iter().find(|(name, _)| *name == status) else {
        return Ok(Event::Ignored { event_id, reason: Ignored::UnknownType });
    };
    // That no field is named says nothing: notifications of new, ended and changed jobs never name any.
    if !changed.is_empty() && !changed.iter().any(|field| is_relevant(field)) {
        return Ok(Event::Ignored { event_id, reason: Ignored::NothingRelevant });
    }
    let person = person_ref(&taken.source.workspace, &member);
    let company = CompanyWanted::EmployerOf { employer_of: person.clone() };
    // The digest is that of what the id is made of: the same notification may come among others the next time.
    let event = taken.event_of(event_id, said, taken.received_at);
    Ok(taken.refresh(event, company, RefreshReason::from(reason.to_owned()), person, None))
}

/// The digest of everything that makes this notification the one it is.
fn content(taken: &Taken<'_>, member: &str, status: &str, changed: &[String]) -> Digest {
    let window = window(taken.received_at, taken.source.window);
    // As JSON, so that no value can pass for two.
    let parts = serde_json::json!([taken.source.name.as_str(), member, status, changed, window]);
    Digest::of(parts.to_string().as_bytes())
}

/// `2026-W48`, or `2026-11-25`.
fn window(at: UnixMillis, window: DeliveryWindow) -> String {
    let date = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_millisecond(at).unwrap_or_default()).date();
    match window {
        DeliveryWindow::Day => date.to_string(),
        DeliveryWindow::Week => {
            let week = date.iso_week_date();
            format!("{}-W{:02}", week.year(), week.week())
        }
    }
}

/// An id, however it is written: `42` and `"42"` are one.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => whole(number),
        Value::String(text) if fields::is_reference(text) => Some(text.clone()),
        _ => None,
    }
}

/// A whole number in digits. Some write 42 as 42.0; above 2^53 that is no longer one number.
pub(super) fn whole(number: &serde_json::Number) -> Option<String> {
    let exact = |value: &f64| value.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(value);
    match number.as_u64() {
        Some(number) => Some(number.to_string()),
        None => number.as_f64().filter(exact).map(|value| format!("{value:.0}")),
    }
}

fn is_relevant(field: &str) -> bool {
    let begins =
        |name: &str| field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.']));
    RELEVANT.into_iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::{DeliveryWindow, is_relevant, window};

    #[test]
    fn the_window_is_the_iso_week_or_the_day_in_utc() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).unwrap_or_default();
        let cases = [
            ("2026-11-25T23:59:59Z", "2026-W48", "2026-11-25"),
            // The year of the week, not of the day.
            ("2027-01-01T00:00:00Z", "2026-W53", "2027-01-01"),
            ("2026-11-30T00:00:00+02:00", "2026-W48", "2026-11-29"),
        ];
        for (text, week, day) in cases {
            assert_eq!(window(at(text), DeliveryWindow::Week), week, "{text}");
            assert_eq!(window(at(text), DeliveryWindow::Day), day, "{text}");
        }
    }

    #[test]
    fn a_field_is_known_by_its_name_or_by_that_of_what_it_belongs_to() {
        for field in ["experience", "experience.title", "active_experience_title", "headline", "is_working"] {
            assert!(is_relevant(field), "{field}");
        }
        for field in ["skills", "experiences", "titles", "followers_count", "picture_url", "location_full", ""] {
            assert!(!is_relevant(field), "{field}");
        }
    }
}
