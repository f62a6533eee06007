//! The house's own payload: one change of one person at one company.

use super::schema::{
    CompanyName, Described, DomainText, EventIdText, Moment, NameText, Reference, SourceText, TypeText, any_of,
};
use super::{Event, EventFault, Ignored, Item, Taken, derived};
use crate::fields::{self, FieldFault, Fields, Musts};
use crate::json;
use contracts::{CompanyRef, EventId, EventRef, RefreshReason, UnixMillis, company_id, person_ref};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MUSTS: Musts = &[
    ("", "a JSON object with id, source, type, timestamp, person and company"),
    ("/id", "the event's id: a string of 1 to 512 characters without control characters"),
    ("/source", "the name of the source whose secret signed the delivery"),
    ("/type", "a string of 1 to 128 characters such as \"person.role_change\""),
    ("/timestamp", "an RFC 3339 date and time with offset such as \"2025-10-10T12:00:00Z\""),
    ("/person", "an object with the person's id"),
    ("/person/id", "a string of 1 to 255 characters without control characters"),
    ("/person/name", "a name of 1 to 512 characters without control characters, or left out"),
    ("/person/oldCompany", "a company's name of at most 512 characters without control characters, null or left out"),
    ("/person/newCompany", "a company's name of at most 512 characters without control characters, null or left out"),
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
    /// The sender's id of the event; sending it again is safe.
    #[schemars(with = "EventIdText")]
    id: Option<String>,
    /// Name of the source whose secret signs the delivery.
    #[schemars(with = "SourceText")]
    source: Option<String>,
    /// What happened.
    #[serde(rename = "type")]
    #[schemars(with = "TypeText")]
    kind: Option<String>,
}

/// When it happened.
#[derive(Deserialize, JsonSchema)]
struct When {
    /// By the sender's clock.
    #[schemars(with = "Moment")]
    timestamp: Option<String>,
}

/// The inside of an event of a type that can trigger a refresh.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Wire {
    /// Who changed.
    #[schemars(with = "WirePerson")]
    person: Option<WirePerson>,
    /// Where.
    #[schemars(with = "WireCompany")]
    company: Option<WireCompany>,
    /// What changed, by name.
    changes: Option<BTreeMap<String, WireChange>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Person")]
struct WirePerson {
    /// The sender's id of the person.
    #[schemars(with = "Reference")]
    id: Option<String>,
    #[schemars(with = "Option<NameText>")]
    name: Option<String>,
    #[serde(rename = "email")]
    #[schemars(with = "Option<String>")]
    _email: Option<Unread>,
    old_title: Option<String>,
    new_title: Option<String>,
    /// In a company change: the employer before. It is refreshed too.
    #[schemars(with = "Option<CompanyName>")]
    old_company: Option<String>,
    /// In a company change: the employer now.
    #[schemars(with = "Option<CompanyName>")]
    new_company: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Company")]
struct WireCompany {
    /// The sender's id of the company.
    #[schemars(with = "Option<Reference>")]
    id: Option<String>,
    #[schemars(with = "NameText")]
    name: Option<String>,
    #[schemars(with = "Option<DomainText>")]
    domain: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Change")]
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

pub(super) fn read(taken: &Taken<'_>, body: &Value) -> Result<Vec<Item>, EventFault> {
    // The envelope first: an event of a type that we do not know may look different inside.
    let fields = Fields::new(body, "", MUSTS);
    fields.object("")?;
    let envelope: Envelope = fields.typed()?;
    let source = fields.required(envelope.source, "/source")?;
    let kind = fields.required(envelope.kind, "/type")?;
    let id: EventId = fields.parsed(fields.required(envelope.id, "/id")?, "/id")?;
    if source != taken.source.name.as_str() {
        return Err(fields.at("/source").into());
    }
    fields.check(fields::fits(&kind, fields::MAX_TYPE), "/type")?;
    let Some(reason) = RefreshReason::from_event_type(&kind) else {
        return Ok(vec![Event::Ignored { event_id: id, reason: Ignored::UnknownType }.into()]);
    };
    let When { timestamp } = fields.typed()?;
    let occurred_at = fields.required(timestamp, "/timestamp")?;
    let occurred_at = fields::date_time(&occurred_at).ok_or_else(|| fields.at("/timestamp"))?;
    Ok(PersonChange::read(&fields, occurred_at)?.events(taken, id, reason))
}

/// The schema: an event that is understood, or an envelope of any other type.
pub(super) fn schema() -> Described {
    let types: Vec<String> = RefreshReason::EVENTS.iter().map(ToString::to_string).collect();
    any_of(
        "A change of one person",
        &[
            &[schemars::schema_for!(Envelope), schemars::schema_for!(When), schemars::schema_for!(Wire)],
            &[schemars::schema_for!(Envelope)],
        ],
        &[json!({"properties": {"type": {"enum": types}}}), json!({"properties": {"type": {"not": {"enum": types}}}})],
    )
}

/// The inside of an event, read.
pub(super) struct PersonChange {
    occurred_at: UnixMillis,
    person: WirePerson,
    person_id: String,
    company: CompanyRef,
    changes: BTreeMap<String, WireChange>,
}

impl PersonChange {
    /// Reads what these fields hold.
    pub(super) fn read(fields: &Fields<'_>, occurred_at: UnixMillis) -> Result<Self, FieldFault> {
        for pointer in ["/person", "/company", "/changes"] {
            fields.object(pointer)?;
        }
        for name in fields.members("/changes") {
            let pointer = format!("/changes{}", json::pointer_step(name));
            fields.check(fields.value(&pointer).is_none_or(Value::is_object), &pointer)?;
        }
        let wire: Wire = fields.typed()?;
        let person = fields.required(wire.person, "/person")?;
        let person_id = fields.required(person.id.clone(), "/person/id")?;
        fields.check(fields::is_reference(&person_id), "/person/id")?;
        fields.check(person.name.as_deref().is_none_or(fields::is_name), "/person/name")?;
        let named = |name: &Option<String>| name.as_deref().is_none_or(|name| name.is_empty() || fields::is_line(name));
        fields.check(named(&person.old_company), "/person/oldCompany")?;
        fields.check(named(&person.new_company), "/person/newCompany")?;

        let company = fields.required(wire.company, "/company")?;
        let name = fields.required(company.name, "/company/name")?;
        fields.check(fields::is_name(&name), "/company/name")?;
        fields.check(company.id.as_deref().is_none_or(fields::is_reference), "/company/id")?;
        fields.check(company.domain.as_deref().is_none_or(fields::is_domain), "/company/domain")?;
        Ok(PersonChange {
            occurred_at,
            person,
            person_id,
            company: CompanyRef { id: company.id, name: name.trim().to_owned(), domain: company.domain },
            changes: wire.changes.unwrap_or_default(),
        })
    }

    /// What follows from it: a refresh of the company, and of the other one that somebody left or joined.
    pub(super) fn events(self, taken: &Taken<'_>, id: EventId, reason: RefreshReason) -> Vec<Item> {
        let moved = if reason == RefreshReason::CompanyChange { self.moved(taken) } else { Moved::NotSaid };
        if self.is_void(&reason) || moved == Moved::Nowhere {
            return vec![Event::Ignored { event_id: id, reason: Ignored::NothingChanged }.into()];
        }
        let person = person_ref(&taken.source.workspace, &self.person_id);
        let mut items = Vec::new();
        let could_sit = taken.source.openings.as_ref().and_then(|openings| self.could_sit(openings, &reason));
        if let Moved::Between { other, ending } = moved {
            let event: EventRef = taken.event(derived(&id, ending), self.occurred_at);
            let company = CompanyRef { id: None, name: other, domain: None };
            items.push(taken.refresh(event, company.into(), reason.clone(), person.clone(), could_sit).into());
        }
        let event = taken.event(id, self.occurred_at);
        items.insert(0, taken.refresh(event, self.company.into(), reason, person, could_sit).into());
        items
    }

    /// Whether one of the positions that count could take a seat: of somebody who left the one before, of somebody who came
    /// the one after, else both. `None` when one of them is not told.
    fn could_sit(&self, openings: &engine::Openings, reason: &RefreshReason) -> Option<bool> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let change = |name: &str| self.changes.get(name);
        let old = |name: &str| text(change(name).and_then(|change| change.old.as_ref()));
        let new = |name: &str| text(change(name).and_then(|change| change.new.as_ref()));
        let sits = |title: Option<String>, department: Option<String>| {
            openings.could_sit(title.as_deref(), department.as_deref())
        };
        let before = || sits(self.person.old_title.clone().or_else(|| old("title")), old("department"));
        let after = || sits(self.person.new_title.clone().or_else(|| new("title")), new("department"));
        match reason {
            RefreshReason::Left => before(),
            RefreshReason::Joined => after(),
            _ => match (before(), after()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }

    /// Between which companies the person moved, by what the event says of old and new employer. Names that differ only in
    /// their legal form are one company.
    fn moved(&self, taken: &Taken<'_>) -> Moved {
        let change = self.changes.get("company");
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let name = |own: &Option<String>, change: Option<String>| {
            own.clone().or(change).map(|name| name.trim().to_owned()).filter(|name| fields::is_name(name))
        };
        let old = name(&self.person.old_company, text(change.and_then(|change| change.old.as_ref())));
        let new = name(&self.person.new_company, text(change.and_then(|change| change.new.as_ref())));
        let same = |a: &str, b: &str| {
            let key = |name| company_id(&taken.source.workspace, name, None);
            key(a) == key(b)
        };
        let here = self.company.name.as_str();
        match (old, new) {
            (Some(old), Some(new)) if same(&old, &new) => Moved::Nowhere,
            // The event is about the company that was left.
            (Some(old), Some(new)) if same(&old, here) => Moved::Between { other: new, ending: "to" },
            (Some(old), _) if !same(&old, here) => Moved::Between { other: old, ending: "from" },
            (None, Some(new)) if !same(&new, here) => Moved::Between { other: new, ending: "to" },
            _ => Moved::NotSaid,
        }
    }

    /// Whether the event itself says that nothing changed. Only where the event is about a change *within* a company:
    /// somebody who joins with the title they had before is news.
    fn is_void(&self, reason: &RefreshReason) -> bool {
        let within =
            matches!(reason, RefreshReason::RoleChange | RefreshReason::Promotion | RefreshReason::DepartmentChange);
        let same = |change: &WireChange| change.old.is_some() && change.old == change.new;
        let titles = match (&self.person.old_title, &self.person.new_title) {
            (Some(old), Some(new)) => Some(old.trim() == new.trim()),
            _ => None,
        };
        within
            && if self.changes.is_empty() {
                // Titles say nothing of a department.
                titles == Some(true) && *reason != RefreshReason::DepartmentChange
            } else {
                self.changes.values().all(same)
            }
    }
}

/// What an event says of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Moved {
    /// From one company to another; the event is about one of them, and this is the other.
    Between {
        /// Its name.
        other: String,
        /// `from` when it was left, `to` when it was joined: the ending of its event's id.
        ending: &'static str,
    },
    /// Old and new employer are the same.
    Nowhere,
    /// The event names no second company.
    NotSaid,
}

#[cfg(test)]
#[path = "person_change_tests.rs"]
mod tests;
