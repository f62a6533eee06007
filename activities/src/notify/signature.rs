//! Signatures as Standard Webhooks 1.0 has them: a receiver verifies them with that project's library for its language.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::UnixMillis;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use std::fmt;

/// Lengths of a key that the specification asks for, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// Why a secret cannot sign. Says nothing of its content but its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// It is not written as such secrets are.
    #[error(
        "is not `whsec_` and base64; make one with `echo whsec_$(openssl rand -base64 32)` and give it to the receiver"
    )]
    Malformed,
    /// Too short or too long.
    #[error(
        "is {0} bytes long, decoded; it must be 24 to 64: `echo whsec_$(openssl rand -base64 32)` makes a good one"
    )]
    Length(usize),
}

/// A key that signs.
#[derive(Clone)]
pub(super) struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    pub(super) fn parse(text: &SecretString) -> Result<Self, SecretFault> {
        let encoded = text.expose_secret().strip_prefix("whsec_").ok_or(SecretFault::Malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| SecretFault::Malformed)?;
        if !LENGTHS.contains(&bytes.len()) {
            return Err(SecretFault::Length(bytes.len()));
        }
        Hmac::new_from_slice(&bytes).map(Self).map_err(|_| SecretFault::Length(bytes.len()))
    }

    fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([REDACTED])")
    }
}

/// The values of `webhook-timestamp` and `webhook-signature`: one signature for each key, so that a receiver that has either of
/// two keys is content while one takes over from the other.
pub(super) fn sign(keys: &[SigningKey], id: &str, at: UnixMillis, body: &[u8]) -> (String, String) {
    let seconds = at.div_euclid(1000);
    let signatures: Vec<String> = keys.iter().map(|key| key.sign(id, seconds, body)).collect();
    (seconds.to_string(), signatures.join(" "))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<SigningKey, SecretFault> {
        SigningKey::parse(&SecretString::from(text))
    }

    /// Computed with the project's own Python library.
    #[test]
    fn signatures_are_those_of_the_reference_libraries() {
        let current = key("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=").unwrap();
        let previous = key("whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=").unwrap();
        let body = br#"{"id":"evt_1","type":"promotion","entityType":"contact","entityId":"42"}"#;
        let (timestamp, signature) = sign(&[current, previous], "msg_test_1", 1_767_225_600_999, body);
        assert_eq!(timestamp, "1767225600");
        assert_eq!(
            signature,
            "v1,iiIuKfr/zRSlC61R+dwyeEZy4Y+TLqvazT68GTRp3RU= v1,sFKlj9Q87Oi7ZBNEK/iCV4y1Eb5cZVp8ctFvNc0YP2w="
        );
    }

    #[test]
    fn a_secret_that_cannot_sign_is_refused_without_being_repeated() {
        for text in ["", "whsec_hunter2!", "hunter2", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="] {
            assert_eq!(key(text).err(), Some(SecretFault::Malformed), "{text}");
        }
        assert_eq!(key(&format!("whsec_{}", STANDARD.encode([7; 23]))).err(), Some(SecretFault::Length(23)));
        assert_eq!(key(&format!("whsec_{}", STANDARD.encode([7; 65]))).err(), Some(SecretFault::Length(65)));
        assert!(key(&format!("whsec_{}", STANDARD.encode([7; 64]))).is_ok());
    }
}
