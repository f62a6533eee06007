//! From a verified body to a refresh request. Names, titles and addresses of people are checked for their type, compared
//! where the meaning needs it, and then gone: none of them has a way into the request.

use crate::fields::{self, FieldFault};
use crate::json::{self, JsonFault};
use crate::signature::Verified;
use contracts::{CompanyRef, Digest, EventId, EventRef, RefreshReason, RefreshRequest, UnixMillis, person_ref};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A refresh.
    Refresh(Box<RefreshRequest>),
    /// Nothing. The sender did well, and shall not send it again.
    Ignored {
        /// The event.
        event_id: EventId,
        /// Why.
        reason: Ignored,
    },
}

/// Why an event asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// No refresh follows from events of this type.
    UnknownType,
    /// Each change it lists has equal old and new values.
    NothingChanged,
}

impl Ignored {
    /// The reason as the sender reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Ignored::UnknownType => "no refresh follows from events of this type",
            Ignored::NothingChanged => "old and new values are equal",
        }
    }
}

/// Why a body is not an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventFault {
    /// Not JSON. The text says where.
    NotJson(String),
    /// JSON, but not an event: one field is wrong.
    Field(FieldFault),
}

impl From<FieldFault> for EventFault {
    fn from(fault: FieldFault) -> Self {
        EventFault::Field(fault)
    }
}

/// Reads a verified delivery. Its source fixes workspace and level; the body only says which company and why.
///
/// # Errors
/// What is wrong with the body, first fault first.
pub fn read(verified: &Verified) -> Result<Event, EventFault> {
    let body = json::read(verified.body()).map_err(|fault| match fault {
        JsonFault::Syntax(text) => EventFault::NotJson(text),
        JsonFault::Repeated { pointer } => EventFault::Field(FieldFault::repeated(pointer)),
    })?;

    // The envelope first: an event of a type that we do not know may look different inside.
    fields::object(&body, "")?;
    let envelope: Envelope = fields::typed(&body)?;
    let source = fields::required(envelope.source, &body, "/source")?;
    let kind = fields::required(envelope.kind, &body, "/type")?;
    let id: EventId = fields::parsed(fields::required(envelope.id, &body, "/id")?, &body, "/id")?;
    if source != verified.source().name.as_str() {
        return Err(FieldFault::at(&body, "/source").into());
    }
    fields::check(!kind.is_empty() && kind.len() <= fields::MAX_TYPE, &body, "/type")?;
    let Some(reason) = RefreshReason::from_event_type(&kind) else {
        return Ok(Event::Ignored { event_id: id, reason: Ignored::UnknownType });
    };

    let change = PersonChange::read(&body)?;
    if change.is_void(&reason) {
        return Ok(Event::Ignored { event_id: id, reason: Ignored::NothingChanged });
    }
    Ok(Event::Refresh(Box::new(RefreshRequest {
        workspace: verified.source().workspace.clone(),
        company: change.company.into(),
        reason,
        level: verified.source().level,
        event: EventRef {
            source: verified.source().name.clone(),
            id,
            digest: Digest::of(verified.body()),
            occurred_at: change.occurred_at,
            received_at: verified.received_at(),
        },
        person_ref: Some(person_ref(&verified.source().workspace, &change.person_id)),
    })))
}

#[derive(Deserialize)]
struct Envelope {
    id: Option<String>,
    source: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    timestamp: Option<String>,
    person: Option<WirePerson>,
    company: Option<WireCompany>,
    changes: Option<BTreeMap<String, WireChange>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePerson {
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "email")]
    _email: Option<Unread>,
    #[serde(rename = "oldTitle")]
    _old_title: Option<Unread>,
    #[serde(rename = "newTitle")]
    _new_title: Option<Unread>,
    #[serde(rename = "oldCompany")]
    _old_company: Option<Unread>,
    #[serde(rename = "newCompany")]
    _new_company: Option<Unread>,
}

#[derive(Deserialize)]
struct WireCompany {
    id: Option<String>,
    name: Option<String>,
    domain: Option<String>,
}

#[derive(Deserialize)]
struct WireChange {
    #[serde(default, deserialize_with = "given")]
    old: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    new: Option<Value>,
}

/// Keeps `null` (no value) apart from an absent member (nothing said).
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A string whose content is none of our business.
struct Unread;

impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|_| Unread)
    }
}

/// The inside of an event of a type that can trigger a refresh.
struct PersonChange {
    occurred_at: UnixMillis,
    person_id: String,
    company: CompanyRef,
    changes: BTreeMap<String, WireChange>,
}

impl PersonChange {
    fn read(body: &Value) -> Result<Self, FieldFault> {
        for pointer in ["/person", "/company", "/changes"] {
            fields::object(body, pointer)?;
        }
        if let Some(changes) = body.get("changes").and_then(Value::as_object) {
            for (name, change) in changes {
                if !change.is_object() {
                    return Err(FieldFault::at(body, &format!("/changes{}", json::pointer_step(name))));
                }
            }
        }
        let wire: Wire = fields::typed(body)?;

        let timestamp = fields::required(wire.timestamp, body, "/timestamp")?;
        let occurred_at = fields::date_time(&timestamp).ok_or_else(|| FieldFault::at(body, "/timestamp"))?;

        let person = fields::required(wire.person, body, "/person")?;
        let person_id = fields::required(person.id, body, "/person/id")?;
        fields::check(fields::is_reference(&person_id), body, "/person/id")?;
        fields::check(person.name.as_deref().is_none_or(fields::is_name), body, "/person/name")?;

        let company = fields::required(wire.company, body, "/company")?;
        let name = fields::required(company.name, body, "/company/name")?;
        fields::check(fields::is_name(&name), body, "/company/name")?;
        fields::check(company.id.as_deref().is_none_or(fields::is_reference), body, "/company/id")?;
        fields::check(company.domain.as_deref().is_none_or(fields::is_domain), body, "/company/domain")?;
        Ok(PersonChange {
            occurred_at,
            person_id,
            company: CompanyRef { id: company.id, name: name.trim().to_owned(), domain: company.domain },
            changes: wire.changes.unwrap_or_default(),
        })
    }

    /// Whether the event itself says that nothing changed. Only where the event is about a change *within* a company:
    /// somebody who joins with the title they had before is news.
    fn is_void(&self, reason: &RefreshReason) -> bool {
        let within =
            matches!(reason, RefreshReason::RoleChange | RefreshReason::Promotion | RefreshReason::DepartmentChange);
        let same = |change: &WireChange| change.old.is_some() && change.old == change.new;
        within && !self.changes.is_empty() && self.changes.values().all(same)
    }
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
