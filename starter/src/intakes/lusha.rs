//! Lusha: one signal about one contact in each delivery, or a message that somebody opted out (`opt_out.rs`). It demands an
//! acknowledgement of its own form, and switches a subscription off after three that it does not get. So whatever is an
//! object is acknowledged: what of it cannot be read is counted and logged, and the rest is used.

use super::coresignal::{id, whole};
use super::schema::{ContactId, Described, EventIdText, Number, TypeText, any_of};
use super::{Ack, Delivery, Event, EventFault, Ignored, Item, Taken, derived, opt_out};
use crate::fields::{self, FieldFault, Fields, Musts};
use contracts::{CompanyRef, CompanyWanted, Digest, EventId, RefreshReason, person_ref};
use schemars::JsonSchema;
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
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described")]
struct Envelope {
    /// Lusha's id of the delivery.
    id: DeliveryId,
    /// Which signal.
    #[serde(rename = "type")]
    kind: TypeText,
}

/// A signal that is understood.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only described: each field is read alone, so that one fault costs one field")]
struct Signal {
    /// The contact's id, should `data` have none.
    entity_id: Option<ContactId>,
    data: Data,
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SignalData")]
#[expect(dead_code, reason = "only described: each field is read alone, so that one fault costs one field")]
struct Data {
    /// The contact's id.
    person_id: Option<ContactId>,
    /// Where the contact works now.
    current_company_name: Option<super::schema::CompanyName>,
    current_domain: Option<super::schema::MaybeDomain>,
    /// Where the contact worked before; refreshed too.
    previous_company_name: Option<super::schema::CompanyName>,
    previous_domain: Option<super::schema::MaybeDomain>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only described")]
enum DeliveryId {
    Number(Number),
    Text(EventIdText),
}

pub(super) fn read(taken: &Taken<'_>, body: &Value) -> Result<Delivery, EventFault> {
    let fields = Fields::new(body, "", MUSTS);
    fields.object("")?;
    let mut unread = Vec::new();
    let read = match opt_out::is_one(body) {
        true => opt_out::read(taken, body, &mut unread),
        false => envelope(&fields).and_then(|(id, kind)| Ok((signal(taken, &fields, &id, &kind, &mut unread)?, id))),
    };
    Ok(match read {
        Ok((items, id)) => Delivery { unread, ..taken.delivery(items, ack(taken, id.to_string())) },
        Err(fault) => {
            let id = delivery_id(&fields).map_or_else(|_| digest(taken), |id| id.to_string());
            Delivery { unread, ..taken.delivery(vec![fault.into()], ack(taken, id)) }
        }
    })
}

/// Whether a body that cannot be read means to be an object.
pub(super) fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// An object of which nothing can be read.
pub(super) fn unreadable(taken: &Taken<'_>, fault: FieldFault) -> Delivery {
    taken.delivery(vec![fault.into()], ack(taken, digest(taken)))
}

fn ack(taken: &Taken<'_>, webhook_id: String) -> Ack {
    Ack::Lusha { webhook_id, received_at: taken.received_at }
}

/// In place of an id that there is none of.
fn digest(taken: &Taken<'_>) -> String {
    Digest::of(taken.body).as_str().to_owned()
}

fn delivery_id(fields: &Fields<'_>) -> Result<EventId, FieldFault> {
    let text = match fields.value("/id") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => whole(number),
        _ => None,
    };
    fields.parsed(fields.required(text, "/id")?, "/id")
}

fn envelope(fields: &Fields<'_>) -> Result<(EventId, String), FieldFault> {
    let id = delivery_id(fields)?;
    let kind = fields.required(fields.value("/type").and_then(Value::as_str), "/type")?;
    fields.check(fields::fits(kind, fields::MAX_TYPE), "/type")?;
    Ok((id, kind.to_owned()))
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

fn signal(
    taken: &Taken<'_>,
    fields: &Fields<'_>,
    event_id: &EventId,
    kind: &str,
    unread: &mut Vec<&'static str>,
) -> Result<Vec<Item>, FieldFault> {
    let Some((_, reason)) = SIGNALS.into_iter().find(|(name, _)| *name == kind) else {
        return Ok(vec![Event::Ignored { event_id: event_id.clone(), reason: Ignored::UnknownType }.into()]);
    };
    fields.required(fields.value("/data").filter(|data| data.is_object()), "/data")?;
    let contacts = ["/data/personId", "/entityId"];
    let told = contacts.into_iter().find(|at| is_told(fields, at)).unwrap_or("/entityId");
    let contact = fields.required(contacts.iter().find_map(|at| fields.value(at).and_then(id)), told)?;
    let now = company(fields, "/data/currentCompanyName", "/data/currentDomain", unread);
    let before = company(fields, "/data/previousCompanyName", "/data/previousDomain", unread);

    let person = person_ref(&taken.source.workspace, &contact);
    // When it happened is said to the day at most; when it was sent, to the millisecond.
    let sent = fields.value("/timestamp").and_then(Value::as_str).and_then(fields::date_time);
    let occurred_at = sent.unwrap_or(taken.received_at);
    let wanted =
        now.clone().map_or_else(|| CompanyWanted::EmployerOf { employer_of: person.clone() }, CompanyWanted::Named);
    let event = taken.event(event_id.clone(), occurred_at);
    let mut items = vec![taken.refresh(event, wanted, reason.clone(), person.clone(), None).into()];
    if let Some(before) = before.filter(|before| reason == RefreshReason::CompanyChange && Some(before) != now.as_ref())
    {
        let event = taken.event(derived(event_id, "from"), occurred_at);
        items.push(taken.refresh(event, before.into(), reason, person, None).into());
    }
    Ok(items)
}

fn is_told(fields: &Fields<'_>, at: &str) -> bool {
    fields.value(at).is_some_and(|value| !value.is_null())
}

/// A company by name and domain; by its domain alone when that is all there is; `None` when it is not told. What cannot be
/// read is not told: the signal says that somebody moved, also when it cannot say where to.
fn company(
    fields: &Fields<'_>,
    name_at: &'static str,
    domain_at: &'static str,
    unread: &mut Vec<&'static str>,
) -> Option<CompanyRef> {
    let mut text = |at: &'static str, is_good: fn(&str) -> bool| {
        let text = fields.value(at).and_then(Value::as_str);
        let blank = text.is_some_and(|text| text.trim().is_empty());
        let good = text.filter(|text| !blank && is_good(text)).map(str::to_owned);
        if good.is_none() && !blank && is_told(fields, at) {
            unread.push(at);
        }
        good
    };
    let name = text(name_at, fields::is_line);
    let domain = text(domain_at, fields::is_domain);
    let name = name.map(|name| name.trim().to_owned()).or_else(|| domain.clone());
    Some(CompanyRef { id: None, name: name?, domain })
}
