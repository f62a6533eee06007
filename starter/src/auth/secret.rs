//! Secrets: from how they are written to the bytes of a key.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde::Deserialize;

/// Fewest bytes of a key. The Standard Webhooks specification asks for 24 to 64 random bytes.
pub const MIN_SECRET_BYTES: usize = 24;

/// Fewest bytes of a key that a source may allow itself, when its sender gives no longer one.
const MIN_ALLOWED_BYTES: usize = 8;

/// Most bytes of a secret as it is written.
const MAX_TEXT: usize = 1024;

/// Vendors differ in whether they pad.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretEncoding {
    /// The bytes of the text are the key.
    Utf8,
    /// Base64, with or without `whsec_` (a shared secret), `whpk_` (a public key) or `whsk_` (a private key) before it.
    Whsec,
    /// Base64.
    Base64,
    /// Hexadecimal.
    Hex,
}

/// Why a secret cannot be used. Says nothing of its content but its length.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// There is none.
    #[error("the secret is empty; without a secret nobody could tell true events from forged ones, so give one")]
    Empty,
    /// It is not written as the scheme says.
    #[error("the secret is not {expected}; copy it from the sender as it is shown there, or correct the scheme")]
    Malformed {
        /// What it should be.
        expected: &'static str,
    },
    /// It could be guessed.
    #[error(
        "the secret is {bytes} bytes long and must be at least {min}; make one with `openssl rand -hex 32` and give it to \
         the sender as well{}",
        if *allowed { "" } else { ", or, where the sender gives a shorter one, say allow_short_secret = true" }
    )]
    Short {
        /// Its length, decoded.
        bytes: usize,
        /// The least.
        min: usize,
        /// Whether short ones are allowed already, and this is too short even so.
        allowed: bool,
    },
}

impl SecretEncoding {
    /// The bytes of the key.
    ///
    /// # Errors
    /// When the text is empty or not written like this.
    pub(super) fn decode(self, text: &SecretString) -> Result<SecretSlice<u8>, SecretFault> {
        let text = text.expose_secret();
        let malformed = |expected| SecretFault::Malformed { expected };
        if text.len() > MAX_TEXT {
            return Err(malformed("at most 1024 bytes long"));
        }
        let decode = |text: &str| BASE64.decode(text).map_err(|_| malformed("base64"));
        let bytes = match self {
            SecretEncoding::Utf8 => text.as_bytes().to_vec(),
            SecretEncoding::Base64 => decode(text)?,
            SecretEncoding::Hex => hex::decode(text).map_err(|_| malformed("hexadecimal"))?,
            SecretEncoding::Whsec => {
                let known = ["whsec_", "whpk_", "whsk_"].iter().find_map(|prefix| text.strip_prefix(prefix));
                decode(known.unwrap_or(text))?
            }
        };
        if bytes.is_empty() {
            return Err(SecretFault::Empty);
        }
        Ok(SecretSlice::from(bytes))
    }
}

/// Refuses a key that could be guessed.
pub(super) fn check_length(bytes: usize, allow_short: bool) -> Result<(), SecretFault> {
    let min = if allow_short { MIN_ALLOWED_BYTES } else { MIN_SECRET_BYTES };
    if bytes < min { Err(SecretFault::Short { bytes, min, allowed: allow_short }) } else { Ok(()) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn decoded(encoding: SecretEncoding, text: &str) -> Result<Vec<u8>, SecretFault> {
        encoding.decode(&SecretString::from(text)).map(|bytes| bytes.expose_secret().to_vec())
    }

    #[test]
    fn a_secret_is_decoded_as_the_scheme_says_and_not_as_it_looks() {
        assert_eq!(decoded(SecretEncoding::Utf8, "whsec_QUJD").unwrap(), b"whsec_QUJD");
        assert_eq!(decoded(SecretEncoding::Whsec, "whsec_QUJD").unwrap(), b"ABC");
        assert_eq!(decoded(SecretEncoding::Whsec, "QUJD").unwrap(), b"ABC");
        assert_eq!(decoded(SecretEncoding::Base64, "QUI=").unwrap(), b"AB");
        assert_eq!(decoded(SecretEncoding::Base64, "QUI").unwrap(), b"AB");
        assert_eq!(decoded(SecretEncoding::Hex, "41fF").unwrap(), [0x41, 0xff]);
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_without_being_repeated() {
        for (encoding, text) in [
            (SecretEncoding::Hex, "hunter2"),
            (SecretEncoding::Base64, "hunter2!"),
            (SecretEncoding::Whsec, "whsec_hunter2!"),
        ] {
            let fault = decoded(encoding, text).unwrap_err();
            assert!(matches!(fault, SecretFault::Malformed { .. }) && !fault.to_string().contains("hunter"), "{fault}");
        }
        for text in ["", "whsec_"] {
            assert_eq!(decoded(SecretEncoding::Whsec, text).unwrap_err(), SecretFault::Empty);
        }
        assert!(decoded(SecretEncoding::Utf8, &"x".repeat(1025)).is_err());
    }

    #[test]
    fn strength_counts_the_key_and_not_its_encoding() {
        assert!(check_length(24, false).is_ok() && check_length(8, true).is_ok());
        let fault = check_length(23, false).unwrap_err().to_string();
        assert!(fault.contains("at least 24") && fault.contains("allow_short_secret"), "{fault}");
        let fault = check_length(7, true).unwrap_err().to_string();
        assert!(fault.contains("at least 8") && !fault.contains("allow_short_secret"), "{fault}");
    }
}
