//! From a verified body to what it asks for. One file per payload; each reads its own shape and answers in the same terms.
//!
//! Names, titles and addresses of people are checked for their type, compared or hashed where the meaning needs it, and
//! then gone: none of them has a way into a request. What a payload means is pinned by the files in `tests/golden`, one
//! folder per payload and version of its mapping.

pub mod answer;
mod coresignal;
mod lusha;
mod opt_out;
mod person_change;
mod schema;
mod standard;
mod tell;

pub use answer::respond;
pub use schema::{Described, described};

use crate::fields::FieldFault;
use crate::intake::{LARGEST_BODY, MAX_BODY};
use crate::json::{self, JsonFault};
use contracts::{
    CompanyWanted, Digest, EnrichmentLevel, EventId, EventRef, RefreshReason, RefreshRequest, SourceName, StartRequest,
    UnixMillis, WorkspaceId,
};
use engine::Openings;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Most events of one delivery: a bound of memory and of time. What a slow database cannot take of so many within the
/// deadline is answered 503, and the part that it took is started all the same.
pub const MAX_EVENTS: usize = 10_000;

/// Which payload a source sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intake {
    /// The house's own: one change of one person.
    #[default]
    PersonChange,
    /// CoreSignal's employee notifications: many profiles in one delivery, by id only.
    CoresignalEmployee,
    /// Lusha's signals, and its messages that somebody opted out.
    LushaSignal,
    /// Standard Webhooks: `type`, `timestamp` and, in `data`, what the house's own payload has; the id is the signed
    /// header's.
    Standard,
}

impl Intake {
    /// Every intake.
    pub const ALL: [Intake; 4] =
        [Intake::PersonChange, Intake::CoresignalEmployee, Intake::LushaSignal, Intake::Standard];

    /// The name in configuration, and of the schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Intake::PersonChange => "person_change",
            Intake::CoresignalEmployee => "coresignal_employee",
            Intake::LushaSignal => "lusha_signal",
            Intake::Standard => "standard",
        }
    }

    /// Bytes of the longest body of a source whose settings do not say. CoreSignal puts a week of changes into as few
    /// deliveries as it likes and is not known to send any of them twice: what is refused is lost, so nothing is refused
    /// for its length. All others send single events, which are far shorter than the limit.
    #[must_use]
    pub const fn longest_body(self) -> usize {
        match self {
            Intake::CoresignalEmployee => LARGEST_BODY,
            Intake::PersonChange | Intake::LushaSignal | Intake::Standard => MAX_BODY,
        }
    }

    /// Version of the mapping. A mapping that gives an event another id or meaning is another version.
    #[must_use]
    pub const fn version(self) -> u32 {
        1
    }
}

/// For how long equal notifications without an id of their own are one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryWindow {
    /// The ISO week in which they arrive (UTC): for data that is renewed weekly.
    #[default]
    Week,
    /// The day (UTC): for data that is renewed daily.
    Day,
}

/// What is known of a delivery before it is read: its sender, by the credential, and never by the body.
#[derive(Clone, Debug)]
pub struct SourceFacts {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Sender.
    pub name: SourceName,
    /// How much a refresh that this source asks for finds out.
    pub level: EnrichmentLevel,
    /// What it sends.
    pub intake: Intake,
    /// How its notifications are told apart when they carry no id.
    pub window: DeliveryWindow,
    /// Which positions could take a seat for what the workspace sells, where that is known.
    pub openings: Option<Arc<Openings>>,
}

/// A delivery, read.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Sender.
    pub source: SourceName,
    /// What it holds, each judged alone.
    pub items: Vec<Item>,
    /// In which form it is answered.
    pub ack: Ack,
    /// Fields that could not be read and count as not told, by our own names of them.
    pub unread: Vec<&'static str>,
}

impl Delivery {
    /// How many events it is, as its sender counts them; at least one.
    #[must_use]
    pub fn events(&self) -> usize {
        if self.ack == Ack::Batch { self.items.len().max(1) } else { 1 }
    }
}

/// One of the events of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it asks for, or which of its fields is wrong.
    pub event: Result<Event, FieldFault>,
}

/// What an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A workflow.
    Start(Box<StartRequest>),
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
    /// Old and new values are equal.
    NothingChanged,
    /// What changed has no influence on a buyer group.
    NothingRelevant,
    /// An objection that names nothing.
    NothingNamed,
}

impl Ignored {
    /// The reason as the sender reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Ignored::UnknownType => "no refresh follows from events of this type",
            Ignored::NothingChanged => "old and new values are equal",
            Ignored::NothingRelevant => "none of the changed fields says where somebody works, or as what",
            Ignored::NothingNamed => "no data point is named",
        }
    }
}

/// The form of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ack {
    /// That of the first event; the others, if there are any, are listed beside it. A conflict is a 409.
    Single,
    /// Each event by itself.
    Batch,
    /// What Lusha demands: 201, also for what it sent before.
    Lusha {
        /// Its id of the delivery.
        webhook_id: String,
        /// When we took it.
        received_at: UnixMillis,
    },
}

/// Why a body is no delivery at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventFault {
    /// Not JSON. The text says where.
    NotJson(String),
    /// JSON, but not an event: one field is wrong.
    Field(FieldFault),
    /// The payload has no id, and neither has the delivery.
    NoDeliveryId,
    /// More than one delivery may hold. The text says of what.
    TooMany(String),
}

impl From<FieldFault> for EventFault {
    fn from(fault: FieldFault) -> Self {
        EventFault::Field(fault)
    }
}

/// Reads the body of a verified delivery. `delivery_id` is the id that its signature covers, for schemes that have one.
///
/// # Errors
/// What is wrong with the body, first fault first. What is wrong with one of several events stands in its item.
pub fn read(
    source: &SourceFacts,
    body: &[u8],
    received_at: UnixMillis,
    delivery_id: Option<&str>,
) -> Result<Delivery, EventFault> {
    let taken = Taken { source, body, received_at };
    let value = match json::read(body) {
        Ok(value) => value,
        Err(JsonFault::Syntax(text)) => return Err(EventFault::NotJson(text)),
        Err(JsonFault::Repeated { pointer }) if source.intake == Intake::LushaSignal && lusha::is_object(body) => {
            return Ok(lusha::unreadable(&taken, FieldFault::repeated(pointer)));
        }
        Err(JsonFault::Repeated { pointer }) => return Err(FieldFault::repeated(pointer).into()),
        Err(JsonFault::TooMany) => {
            let text = format!("The body holds more than {} JSON values.", json::MAX_VALUES);
            return Err(EventFault::TooMany(text));
        }
    };
    match source.intake {
        Intake::PersonChange => Ok(taken.delivery(person_change::read(&taken, &value)?, Ack::Single)),
        Intake::CoresignalEmployee => Ok(taken.delivery(coresignal::read(&taken, &value)?, Ack::Batch)),
        Intake::LushaSignal => lusha::read(&taken, &value),
        Intake::Standard => Ok(taken.delivery(standard::read(&taken, &value, delivery_id)?, Ack::Single)),
    }
}

/// A delivery on the way through its reader.
struct Taken<'a> {
    source: &'a SourceFacts,
    body: &'a [u8],
    received_at: UnixMillis,
}

impl Taken<'_> {
    fn delivery(&self, items: Vec<Item>, ack: Ack) -> Delivery {
        let SourceFacts { workspace, name, .. } = self.source;
        Delivery { workspace: workspace.clone(), source: name.clone(), items, ack, unread: Vec::new() }
    }

    /// A refresh that this delivery asks for.
    fn refresh(
        &self,
        event: EventRef,
        company: CompanyWanted,
        reason: RefreshReason,
        person_ref: String,
        could_sit: Option<bool>,
    ) -> Event {
        let request = RefreshRequest {
            workspace: self.source.workspace.clone(),
            company,
            reason,
            level: self.source.level,
            event,
            person_ref: Some(person_ref),
            could_sit,
        };
        Event::Start(Box::new(request.into()))
    }

    /// An event that stands for the whole body.
    fn event(&self, id: EventId, occurred_at: UnixMillis) -> EventRef {
        self.event_of(id, Digest::of(self.body), occurred_at)
    }

    /// An event that stands for what this digest is of.
    fn event_of(&self, id: EventId, digest: Digest, occurred_at: UnixMillis) -> EventRef {
        EventRef { source: self.source.name.clone(), id, digest, occurred_at, received_at: self.received_at }
    }
}

/// The id of a second event that one delivery stands for: the first one's with an ending. An id that leaves no room for the
/// ending is hashed. A sender whose own ids end like this is told of a conflict, should two ever meet.
fn derived(id: &EventId, ending: &str) -> EventId {
    let with_ending = |stem: &str| format!("{stem}:{ending}").parse();
    // A digest with an ending is an id.
    with_ending(id.as_str()).or_else(|_| with_ending(Digest::of(id.as_str().as_bytes()).as_str())).unwrap_or(id.clone())
}

impl From<Event> for Item {
    fn from(event: Event) -> Self {
        Item { event: Ok(event) }
    }
}

impl From<FieldFault> for Item {
    fn from(fault: FieldFault) -> Self {
        Item { event: Err(fault) }
    }
}

#[cfg(test)]
#[path = "intakes_tests.rs"]
mod tests;
