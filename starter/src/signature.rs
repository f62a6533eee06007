//! Signatures of deliveries: lower-case hexadecimal HMAC-SHA256 over `<x-timestamp>.<raw body>`.
//!
//! Verifying is the only way from [`Unverified`] to [`Verified`], and everything behind the border takes a [`Verified`].

use crate::{Source, Sources};
use bytes::Bytes;
use contracts::UnixMillis;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Header with the moment of signing, in Unix milliseconds.
pub const TIMESTAMP_HEADER: &str = "x-timestamp";

/// Header with the signature.
pub const SIGNATURE_HEADER: &str = "x-signature";

/// How far the sender's clock may be from ours, either way, inclusive.
pub const WINDOW_MS: i64 = 5 * 60 * 1000;

/// Block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// The signature of a delivery, as it stands in the header.
#[must_use]
pub fn sign(secret: &SecretString, timestamp_ms: UnixMillis, body: &[u8]) -> String {
    let timestamp = timestamp_ms.to_string();
    hex::encode(mac(secret.expose_secret().as_bytes(), &[timestamp.as_bytes(), b".", body]))
}

/// HMAC-SHA256 of the parts, one after the other.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104: a key longer than a block stands for its hash, a shorter one is filled up with zeros. Done here, because a
    // key of exactly one block has no way to fail.
    let mut block = [0_u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A delivery that anybody may have sent.
#[derive(Debug)]
pub struct Unverified {
    timestamp: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    body: Bytes,
}

/// A delivery whose signature and time are good. Only [`Unverified::verify`] makes one.
#[derive(Debug)]
pub struct Verified {
    source: Arc<Source>,
    body: Bytes,
    received_at: UnixMillis,
}

/// Why a delivery was refused. For logs and metrics only: the sender is told the same in each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Not exactly one signature of 64 lower-case hexadecimal characters.
    MalformedSignature,
    /// Not exactly one timestamp in plain decimal digits.
    MalformedTimestamp,
    /// No source's secret made this signature.
    WrongSignature,
    /// The signature is good, but too old or from the future.
    OutsideWindow,
}

impl Denied {
    /// The reason as a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Denied::MalformedSignature => "malformed_signature",
            Denied::MalformedTimestamp => "malformed_timestamp",
            Denied::WrongSignature => "wrong_signature",
            Denied::OutsideWindow => "outside_window",
        }
    }
}

impl Unverified {
    /// A delivery as it came in. A header that stands there twice counts as malformed: which of them was meant?
    #[must_use]
    pub fn new(headers: &HeaderMap, body: Bytes) -> Self {
        Self { timestamp: only(headers, TIMESTAMP_HEADER), signature: only(headers, SIGNATURE_HEADER), body }
    }

    /// Finds the source whose secret signed this delivery.
    ///
    /// The work is the same whatever is wrong: the MAC of every source is computed and compared in constant time, also
    /// when a header is missing and also after a match, so that time tells neither what is wrong nor who exists.
    ///
    /// # Errors
    /// Why nobody is believed to have sent it now.
    pub fn verify(self, sources: &Sources, now: UnixMillis) -> Result<Verified, Denied> {
        let timestamp = self.timestamp.as_deref().and_then(parse_timestamp);
        let signature = self.signature.as_deref().and_then(parse_signature);
        let signed_at: &[u8] = match (&timestamp, &self.timestamp) {
            (Some(_), Some(text)) => text,
            _ => b"0000000000000",
        };
        let given = signature.unwrap_or_default();

        let (mut found, mut index) = (0_u64, 0_u64);
        let mut matched = Choice::from(0);
        for source in sources.iter() {
            let expected = mac(source.secret.expose_secret().as_bytes(), &[signed_at, b".", &self.body]);
            let equal = expected.ct_eq(&given);
            found.conditional_assign(&index, equal);
            matched |= equal;
            index += 1;
        }

        if signature.is_none() {
            return Err(Denied::MalformedSignature);
        }
        let timestamp = timestamp.ok_or(Denied::MalformedTimestamp)?;
        let source = match sources.at(found) {
            Some(source) if bool::from(matched) => Arc::clone(source),
            _ => return Err(Denied::WrongSignature),
        };
        if now.abs_diff(timestamp) > WINDOW_MS.unsigned_abs() {
            return Err(Denied::OutsideWindow);
        }
        Ok(Verified { source, body: self.body, received_at: now })
    }
}

impl Verified {
    /// Who sent it.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The body, exactly as it was signed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// When it was verified.
    #[must_use]
    pub fn received_at(&self) -> UnixMillis {
        self.received_at
    }
}

fn only(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes().to_vec()),
        _ => None,
    }
}

/// Plain decimal digits, as a number is written: no sign, point, exponent, space or leading zero.
fn parse_timestamp(text: &[u8]) -> Option<UnixMillis> {
    let leading_zero = text.len() > 1 && text.first() == Some(&b'0');
    if text.is_empty() || leading_zero || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn parse_signature(text: &[u8]) -> Option<[u8; 32]> {
    if text.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut bytes = [0_u8; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
