//! Who sent it: verification by configuration.
//!
//! A [`Scheme`] says how a sender proves itself, as data; [`Preset`] names those of known providers. A [`Source`] is a
//! sender with its scheme and its keys, [`Sources`] all of them. [`Unverified::verify`] is the only way to a [`Verified`],
//! and everything behind the border takes a [`Verified`]. [`Signer`] is the other side, for sending and for tests.

mod key;
mod meter;
mod person_change;
mod present;
mod presets;
mod scheme;
mod scheme_text;
mod secret;
mod sign;
mod source;
mod sources;
mod template;
mod verify;

pub use key::Generation;
pub use person_change::{SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_person_change};
pub use presets::Preset;
pub use scheme::{
    Algorithm, Encoding, Format, Proof, Scheme, SchemeFault, SignatureScheme, SignedTime, TimePlace, TimeUnit,
};
pub use secret::{MIN_SECRET_BYTES, SecretEncoding, SecretFault};
pub use sign::{SignFault, Signed, Signer, ToSign};
pub use source::{Source, SourceConfig, SourceLimits};
pub use sources::{Candidates, RotateError, SourceFault, Sources, SourcesError};
pub use template::{Template, Token};
pub use verify::{Denied, Unverified, Verified};
