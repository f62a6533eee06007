//! How a sender proves itself, as data.

use super::key::Key;
use super::presets::Preset;
use super::scheme_text::SchemeText;
use super::secret::{SecretEncoding, SecretFault};
use super::template::Template;
use http::HeaderName;
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;

/// A scheme, checked: whatever it describes can be verified and signed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "SchemeText")]
pub struct Scheme {
    pub(super) preset: Option<Preset>,
    pub(super) proof: Proof,
}

/// What proves who sent a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A signature over the delivery.
    Signature(Box<SignatureScheme>),
    /// A shared secret in this header.
    StaticHeader(HeaderName),
    /// A shared secret as the last part of the path.
    PathToken,
    /// Nothing.
    Unsigned,
}

/// A scheme with signatures.
///
/// Header names are lists: the names at one place of the lists belong together, and the first place whose signature header
/// is present counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureScheme {
    /// What makes the signature.
    pub algorithm: Algorithm,
    /// Header with the signature.
    pub signature: Vec<HeaderName>,
    /// How the header holds it.
    pub format: Format,
    /// How its bytes are written.
    pub encoding: Encoding,
    /// When it was signed; without it, a delivery is good for ever.
    pub time: Option<SignedTime>,
    /// Header with the delivery's id. Only ever one that is signed.
    pub id: Option<Vec<HeaderName>>,
    /// What is signed.
    pub content: Template,
    /// How the key is written.
    pub secret: SecretEncoding,
}

/// What makes a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// HMAC with SHA-1, for senders that have nothing better.
    #[serde(rename = "hmac-sha1")]
    HmacSha1,
    /// Ed25519; the secret is the sender's public key.
    #[serde(rename = "ed25519")]
    Ed25519,
}

/// How a header holds signatures.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// It is one signature.
    Raw,
    /// One signature behind this text (`sha256=…`).
    Prefix(String),
    /// A list of `key=value` with commas between; the signatures are the values of this key (`t=…,v1=…`).
    Field(String),
    /// A list of `version,signature` with spaces between; the signatures are those of this version (`v1,… v1a,…`).
    Version(String),
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Base64 with padding.
    Base64,
}

/// Where and how the time of signing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTime {
    /// Where.
    pub place: TimePlace,
    /// In which unit.
    pub unit: TimeUnit,
    /// How far it may be from now, either way, inclusive.
    pub tolerance: Duration,
}

/// Where the time of signing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimePlace {
    /// In a header of its own.
    Header(Vec<HeaderName>),
    /// In the signature header, as this key of its list.
    Field(String),
}

/// Unit of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Unix seconds.
    S,
    /// Unix milliseconds.
    Ms,
    /// Seconds in 10 digits or milliseconds in 13, for senders that do not say which.
    Auto,
}

/// What is wrong with a scheme. Names the field and the remedy; repeats no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}; {remedy}")]
pub struct SchemeFault {
    /// The field, dotted, as it is written.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl SchemeFault {
    pub(super) fn new(field: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { field: field.to_owned(), problem: problem.into(), remedy: remedy.into() }
    }
}

impl Scheme {
    /// Reads a scheme.
    ///
    /// # Errors
    /// The first field that is wrong, and what to do.
    pub fn from_toml(text: &str) -> Result<Self, SchemeFault> {
        let text: SchemeText = toml::from_str(text).map_err(|error| {
            SchemeFault::new(
                "scheme",
                format!("cannot be read: {}", error.message()),
                "see docs/webhooks.md for its fields",
            )
        })?;
        text.try_into()
    }

    /// The name, when it is a known one.
    #[must_use]
    pub fn preset(&self) -> Option<Preset> {
        self.preset
    }

    /// A short name for logs and for showing.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.preset.map_or("custom", Preset::as_str)
    }

    /// What proves the sender.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Whether the time of signing is part of the proof. Where it is not, a delivery can be replayed for ever, and only the
    /// event's own id tells.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        matches!(&self.proof, Proof::Signature(scheme) if scheme.time.is_some())
    }

    /// Whether the address is part of the proof, so that the public one has to be known.
    #[must_use]
    pub fn signs_url(&self) -> bool {
        matches!(&self.proof, Proof::Signature(scheme) if scheme.content.has_url())
    }

    /// Whether its signature covers an id of the delivery.
    #[must_use]
    pub fn signs_an_id(&self) -> bool {
        matches!(&self.proof, Proof::Signature(scheme) if scheme.id.is_some())
    }

    /// Whether there is a secret to know.
    #[must_use]
    pub fn needs_secret(&self) -> bool {
        self.proof != Proof::Unsigned
    }

    /// Checks that a secret can be used, and not be guessed.
    ///
    /// # Errors
    /// Why not.
    pub fn check_secret(&self, secret: &SecretString, allow_short: bool) -> Result<(), SecretFault> {
        Key::new(self, secret, allow_short).map(|_| ())
    }

    /// With another window around the time of signing.
    ///
    /// # Errors
    /// When the scheme has no time, or the window is not between a second and a day.
    pub fn with_tolerance(mut self, tolerance: Duration) -> Result<Self, SchemeFault> {
        let Proof::Signature(scheme) = &mut self.proof else {
            return Err(no_time());
        };
        scheme.time.as_mut().ok_or_else(no_time)?.tolerance = checked_tolerance(tolerance)?;
        Ok(self)
    }
}

fn no_time() -> SchemeFault {
    SchemeFault::new(
        "tolerance_seconds",
        "has no meaning where no time is signed",
        "remove it, or use a scheme with a time",
    )
}

/// A window has an end: nothing, however written, turns it off.
pub(super) fn checked_tolerance(tolerance: Duration) -> Result<Duration, SchemeFault> {
    if (Duration::from_secs(1)..=Duration::from_secs(86_400)).contains(&tolerance) {
        return Ok(tolerance);
    }
    Err(SchemeFault::new("tolerance_seconds", "is out of range", "use 1 to 86400 seconds; senders expect 300"))
}

impl Algorithm {
    /// Length of a signature in bytes.
    #[must_use]
    pub const fn signature_len(self) -> usize {
        match self {
            Algorithm::HmacSha256 => 32,
            Algorithm::HmacSha1 => 20,
            Algorithm::Ed25519 => 64,
        }
    }
}
