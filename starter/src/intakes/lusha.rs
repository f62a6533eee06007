//! Lusha: one signal about one contact in each delivery, or a message that somebody opted out (`opt_out.rs`). It demands an
//! acknowledgement of its own form, and switches a subscription off after three that it does not get.

use super::coresignal::{id, whole};
use super::schema::{ContactId, Described, EventIdText, Number, TypeText, any_of};
use super::{Ack, Event, EventFault, Ignored, Item, Taken, derived, opt_out};
use crate::fields::{self, FieldFault, Fields, Musts};
use contracts::{CompanyRef, CompanyWanted, EventId, RefreshReason, person_ref};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

const MUSTS: Musts = &[
    ("", "a JSON object with id, type and data, or one with contactId and datapoints"),
    ("/id", "the delivery's id: a string of 1 to 512 characters without control characters, or a whole number"),
    ("/type", "a string of 1 to 128 characters such as \"promotion\""),
    ("/entityId", "the contact's id: a whole number, or a string of 1 to 255 characters"),
    ("/data", "an object with what is known of the contact now"),
    ("/data/personId", "the contact's id: a whole number, or a string of 1 to 255 characters"),
    ("/data/currentCompanyName", "a company's name of at most 512 characters without control characters, or left out"),
    ("/data/currentDomain", "a web domain of at most 512 characters without spaces or '@', or left out"),
    ("/data/previousCompanyName", "a company's name of at most 512 characters without control characters, or left out"),
    ("/data/previousDomain", "a web domain of at most 512 characters without spaces or '@', or left out"),
];

/// Signals that are understood.
const SIGNALS: [(&str, RefreshReason); 2] =
    [("promotion", RefreshReason::Promotion), ("companyChange", RefreshReason::CompanyChange)];

/// What every signal has, whatever its type.
#[derive(Deserialize, JsonSchema)]
struct Envelope {
    /// Lusha's id of the delivery.
    #[schemars(with = "DeliveryId")]
    id: Option<Value>,
    /// Which signal.
    #[serde(rename = "type")]
    #[schemars(with = "TypeText")]
    kind: Option<String>,
}

/// A signal that is understood.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Signal {
    /// The contact's id, should `data` have none.
    #[schemars(with = "Option<ContactId>")]
    entity_id: Option<Value>,
    #[schemars(with = "Data")]
    data: Option<Data>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SignalData")]
struct Data {
    /// The contact's id.
    #[schemars(with = "Option<ContactId>")]
    person_id: Option<Value>,
    /// Where the contact works now.
    #[schemars(with = "Option<super::schema::CompanyName>")]
    current_company_name: Option<String>,
    #[schemars(with = "Option<super::schema::MaybeDomain>")]
    current_domain: Option<String>,
    /// Where the contact worked before; refreshed too.
    #[schemars(with = "Option<super::schema::CompanyName>")]
    previous_company_name: Option<String>,
    #[schemars(with = "Option<super::schema::MaybeDomain>")]
    previous_domain: Option<String>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only described")]
enum DeliveryId {
    Number(Number),
    Text(EventIdText),
}

pub(super) fn read(taken: &Taken<'_>, body: &Value) -> Result<(Vec<Item>, Ack), EventFault> {
    let fields = Fields::new(body, "", MUSTS);
    fields.object("")?;
    let (items, webhook_id) = if opt_out::is_one(body) {
        let (items, id) = opt_out::read(taken, body)?;
        (items, id.to_string())
    } else {
        let envelope: Envelope = fields.typed()?;
        let text = match envelope.id {
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) => whole(&number),
            _ => None,
        };
        let id: EventId = fields.parsed(fields.required(text, "/id")?, "/id")?;
        let kind = fields.required(envelope.kind, "/type")?;
        fields.check(fields::fits(&kind, fields::MAX_TYPE), "/type")?;
        (signal(taken, &fields, id.clone(), &kind)?, id.to_string())
    };
    Ok((items, Ack::Lusha { webhook_id, received_at: taken.received_at }))
}

/// The schema: a signal that is understood, one of any other type, or an opt-out.
pub(super) fn schema() -> Described {
    let types: Vec<&str> = SIGNALS.iter().map(|(name, _)| *name).collect();
    any_of(
        "A signal, or an opt-out",
        &[
            &[schemars::schema_for!(Envelope), schemars::schema_for!(Signal)],
            &[schemars::schema_for!(Envelope)],
            &[opt_out::schema()],
        ],
        &[
            json!({"properties": {"type": {"enum": types}}}),
            json!({"properties": {"type": {"not": {"enum": types}}}}),
            json!({"not": {"required": ["type"]}}),
        ],
    )
}

fn signal(taken: &Taken<'_>, fields: &Fields<'_>, event_id: EventId, kind: &str) -> Result<Vec<Item>, FieldFault> {
    let Some((_, reason)) = SIGNALS.into_iter().find(|(name, _)| *name == kind) else {
        return Ok(vec![Event::Ignored { event_id, reason: Ignored::UnknownType }.into()]);
    };
    fields.object("/data")?;
    let signal: Signal = fields.typed()?;
    let data = fields.required(signal.data, "/data")?;
    let (contact, at) = match (&data.person_id, &signal.entity_id) {
        (Some(contact), _) => (Some(contact), "/data/personId"),
        (None, contact) => (contact.as_ref(), "/entityId"),
    };
    let contact = fields.required(contact.and_then(id), at)?;
    let company = |name, domain, part: &str| {
        company(fields, name, domain, &format!("/data/{part}CompanyName"), &format!("/data/{part}Domain"))
    };
    let now = company(data.current_company_name, data.current_domain, "current")?;
    let before = company(data.previous_company_name, data.previous_domain, "previous")?;

    let person = person_ref(&taken.source.workspace, &contact);
    // When it happened is said to the day at most; when it was sent, to the millisecond.
    let sent = fields.value("/timestamp").and_then(Value::as_str).and_then(fields::date_time);
    let occurred_at = sent.unwrap_or(taken.received_at);
    let wanted =
        now.clone().map_or_else(|| CompanyWanted::EmployerOf { employer_of: person.clone() }, CompanyWanted::Named);
    let event = taken.event(event_id.clone(), occurred_at);
    let mut items = vec![taken.refresh(event, wanted, reason.clone(), person.clone()).into()];
    if let Some(before) = before.filter(|before| reason == RefreshReason::CompanyChange && Some(before) != now.as_ref())
    {
        let event = taken.event(derived(&event_id, "from"), occurred_at);
        items.push(taken.refresh(event, before.into(), reason, person).into());
    }
    Ok(items)
}

/// A company by name and domain; by its domain alone when that is all there is; `None` when it is not told.
fn company(
    fields: &Fields<'_>,
    name: Option<String>,
    domain: Option<String>,
    name_at: &str,
    domain_at: &str,
) -> Result<Option<CompanyRef>, FieldFault> {
    let name = name.filter(|name| !name.trim().is_empty());
    let domain = domain.filter(|domain| !domain.trim().is_empty());
    fields.check(name.as_deref().is_none_or(fields::is_line), name_at)?;
    fields.check(domain.as_deref().is_none_or(fields::is_domain), domain_at)?;
    let name = name.map(|name| name.trim().to_owned()).or_else(|| domain.clone());
    Ok(name.map(|name| CompanyRef { id: None, name, domain }))
}
