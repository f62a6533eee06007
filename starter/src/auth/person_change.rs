//! The signature of this program's own events, without a [`Scheme`](super::Scheme): for drivers that sign many of them.

use contracts::UnixMillis;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Header with the moment of signing, in Unix milliseconds.
pub const TIMESTAMP_HEADER: &str = "x-timestamp";

/// Header with the signature.
pub const SIGNATURE_HEADER: &str = "x-signature";

/// The signature of a delivery, as it stands in the header: lower-case hexadecimal HMAC-SHA256 over
/// `<x-timestamp>.<raw body>`.
#[must_use]
pub fn sign_person_change(secret: &SecretString, timestamp_ms: UnixMillis, body: &[u8]) -> String {
    // A key of any length will do (RFC 2104), so that the other branch is never taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return String::new() };
    mac.update(timestamp_ms.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}
