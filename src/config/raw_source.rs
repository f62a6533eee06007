//! A source as it is written.

use super::raw::secret;
use contracts::{EnrichmentLevel, SourceName, WorkspaceId};
use secrecy::SecretString;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use starter::auth::{Preset, Scheme};
use starter::intakes::{DeliveryWindow, Intake};
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    pub(super) name: SourceName,
    pub(super) workspace: Option<WorkspaceId>,
    pub(super) scheme: Option<RawScheme>,
    pub(super) tolerance_seconds: Option<u64>,
    pub(super) intake: Option<Intake>,
    pub(super) delivery_window: Option<DeliveryWindow>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) secret: Option<SecretString>,
    pub(super) secret_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) previous_secret: Many<SecretString>,
    #[serde(default)]
    pub(super) previous_secret_file: Many<PathBuf>,
    #[serde(default)]
    pub(super) allow_short_secret: bool,
    #[serde(default)]
    pub(super) i_accept_unsigned_events: bool,
    #[serde(default)]
    pub(super) limits: RawLimits,
    #[serde(default)]
    #[serde(deserialize_with = "level")]
    pub(super) level: EnrichmentLevel,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLimits {
    pub(super) per_second: Option<NonZeroU32>,
    pub(super) burst: Option<NonZeroU32>,
    pub(super) max_body_bytes: Option<NonZeroU32>,
}

/// One, or a list.
#[derive(Debug)]
pub(super) struct Many<T>(pub(super) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: From<String>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected text in quotes, or a list of such")]
        enum OneOrList {
            One(String),
            List(Vec<String>),
        }
        Ok(match OneOrList::deserialize(deserializer)? {
            OneOrList::One(text) => Self(vec![text.into()]),
            OneOrList::List(texts) => Self(texts.into_iter().map(Into::into).collect()),
        })
    }
}

/// A scheme by its name, or written out.
#[derive(Debug)]
pub(super) struct RawScheme(pub(super) Scheme);

impl<'de> Deserialize<'de> for RawScheme {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrTable)
    }
}

struct NameOrTable;

impl<'de> Visitor<'de> for NameOrTable {
    type Value = RawScheme;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a scheme, or a table that describes one")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<RawScheme, E> {
        name.parse::<Preset>().and_then(Preset::scheme).map(RawScheme).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<RawScheme, A::Error> {
        Scheme::deserialize(MapAccessDeserializer::new(table)).map(RawScheme)
    }
}

/// A level that can be asked for. Unlike on the wire, one that this build does not know is a mistake.
fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EnrichmentLevel, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Level {
        Identify,
        Enrich,
        DeepResearch,
    }
    Ok(match Level::deserialize(deserializer)? {
        Level::Identify => EnrichmentLevel::Identify,
        Level::Enrich => EnrichmentLevel::Enrich,
        Level::DeepResearch => EnrichmentLevel::DeepResearch,
    })
}
