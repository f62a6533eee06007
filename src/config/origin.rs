//! Where a value came from.

use super::Settings;
use figment::{Figment, Metadata, Source};
use serde::{Serialize, Serializer};
use std::fmt;
use std::path::PathBuf;

/// Who gave a value. The order is the precedence: a later variant wins over an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody; it is built in, or follows from another setting.
    Default,
    /// A settings file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// A flag on the command line.
    Flag(String),
}

const ENVIRONMENT: &str = "environment variable";
const FLAG: &str = "flag";

impl Origin {
    /// Whether both stand on the same step of the precedence.
    pub(super) fn ranks_with(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    pub(super) fn metadata(&self) -> Metadata {
        match self {
            Origin::Default => Metadata::named("default"),
            Origin::File(path) => Metadata::from("file", path.as_path()),
            Origin::Env(name) => Metadata::from(ENVIRONMENT, Source::Custom(name.clone())),
            Origin::Flag(name) => Metadata::from(FLAG, Source::Custom(name.clone())),
        }
    }

    pub(super) fn of_metadata(metadata: &Metadata) -> Self {
        match (&metadata.source, metadata.name.as_ref()) {
            (Some(Source::File(path)), _) => Origin::File(path.clone()),
            (Some(Source::Custom(name)), ENVIRONMENT) => Origin::Env(name.clone()),
            (Some(Source::Custom(name)), FLAG) => Origin::Flag(name.clone()),
            _ => Origin::Default,
        }
    }

    /// Origin of the value at this dotted key. Figment finds nothing inside a list; but a list comes from one place as a
    /// whole, so what is inside comes from where the list does.
    pub(super) fn of_key(figment: &Figment, key: &str) -> Self {
        let parts = key.split('.').take_while(|part| part.parse::<usize>().is_err());
        let findable = parts.collect::<Vec<_>>().join(".");
        figment.find_metadata(&findable).map_or(Origin::Default, Self::of_metadata)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path) => write!(f, "file {}", path.display()),
            Origin::Env(name) => write!(f, "environment variable {name}"),
            Origin::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One setting as it is in force, fit for showing: secrets appear as their size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Dotted key; list members are named (`sources.crm.secret`).
    pub key: String,
    /// The value, or its size.
    pub value: String,
    /// Who gave it.
    pub origin: Origin,
}

/// The outcome of loading.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Every setting with its origin, in the order in which it should be shown.
    pub origins: Vec<Entry>,
    /// Things a person should read, though they stop nothing: an old name was used, a variable is ignored.
    pub notices: Vec<String>,
    /// The settings file that was read.
    pub file: Option<PathBuf>,
}
