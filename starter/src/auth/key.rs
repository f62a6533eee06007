//! Keys: what a secret becomes, and comparing with it in a time that tells nothing.

use super::scheme::{Algorithm, Proof, Scheme};
use super::secret::{self, SecretEncoding, SecretFault};
use super::template::Parts;
use hmac::{Hmac, KeyInit as _};
use ring::signature::{ED25519, UnparsedPublicKey};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use smallvec::SmallVec;
use std::fmt;
use std::hint::black_box;
use subtle::{Choice, ConstantTimeEq as _};

/// Which of a source's secrets it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The secret in use.
    Current,
    /// One that is on its way out; a source that still uses it has not been told of the new one.
    Previous,
    /// None: the source is not asked for proof.
    Unsigned,
}

impl Generation {
    /// As a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Generation::Current => "current",
            Generation::Previous => "previous",
            Generation::Unsigned => "unsigned",
        }
    }
}

/// A signature or a hashed secret as it was presented, filled up with zeros.
pub(super) type Given = [u8; 64];

/// A key, ready for use.
#[derive(Clone)]
pub(super) struct Key {
    material: Material,
    /// SHA-256 of its bytes, to find the same key twice.
    fingerprint: [u8; 32],
}

#[derive(Clone)]
enum Material {
    HmacSha256(Box<Hmac<Sha256>>),
    HmacSha1(Box<Hmac<Sha1>>),
    Ed25519([u8; 32]),
    /// SHA-256 of a shared secret: hashes have one length, so comparing them tells no length.
    Literal([u8; 32]),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([REDACTED])")
    }
}

impl Key {
    /// The key that a secret is under this scheme.
    pub(super) fn new(scheme: &Scheme, text: &SecretString, allow_short: bool) -> Result<Self, SecretFault> {
        let encoding = match &scheme.proof {
            Proof::Signature(scheme) => scheme.secret,
            Proof::StaticHeader(_) | Proof::PathToken | Proof::Unsigned => SecretEncoding::Utf8,
        };
        let decoded = encoding.decode(text)?;
        let bytes = decoded.expose_secret();
        let is_public = matches!(&scheme.proof, Proof::Signature(s) if s.algorithm == Algorithm::Ed25519);
        if !is_public {
            secret::check_length(bytes.len(), allow_short)?;
        }
        let impossible = |_| SecretFault::Malformed { expected: "a key for HMAC" };
        let material = match &scheme.proof {
            Proof::Signature(scheme) => match scheme.algorithm {
                Algorithm::HmacSha256 => {
                    Material::HmacSha256(Box::new(Hmac::new_from_slice(bytes).map_err(impossible)?))
                }
                Algorithm::HmacSha1 => Material::HmacSha1(Box::new(Hmac::new_from_slice(bytes).map_err(impossible)?)),
                Algorithm::Ed25519 => {
                    let expected = "a public key of 32 bytes (whpk_…)";
                    Material::Ed25519(bytes.try_into().map_err(|_| SecretFault::Malformed { expected })?)
                }
            },
            Proof::PathToken if !bytes.iter().all(|byte| is_unreserved(*byte)) => {
                let expected = "made of letters, digits and '-._~', which an address carries unchanged";
                return Err(SecretFault::Malformed { expected });
            }
            Proof::StaticHeader(_) if !bytes.iter().all(u8::is_ascii_graphic) => {
                return Err(SecretFault::Malformed {
                    expected: "made of visible ASCII, which a header carries unchanged",
                });
            }
            Proof::StaticHeader(_) | Proof::PathToken | Proof::Unsigned => {
                Material::Literal(Sha256::digest(bytes).into())
            }
        };
        Ok(Self { material, fingerprint: Sha256::digest(bytes).into() })
    }

    /// Whether both are the same secret.
    pub(super) fn is_same(&self, other: &Key) -> bool {
        self.fingerprint == other.fingerprint
    }

    /// The signature that this key makes over these parts, where it can make one.
    pub(super) fn mac(&self, parts: &Parts<'_>) -> Option<SmallVec<[u8; 32]>> {
        match &self.material {
            Material::HmacSha256(mac) => Some(hashed(mac.as_ref(), parts)),
            Material::HmacSha1(mac) => Some(hashed(mac.as_ref(), parts)),
            Material::Ed25519(_) | Material::Literal(_) => None,
        }
    }

    /// Whether any of the given signatures is this key's over these parts. One computation over the parts whatever is
    /// given, and every given signature is compared.
    pub(super) fn matches(&self, parts: &Parts<'_>, given: &[Given]) -> Choice {
        match &self.material {
            Material::HmacSha256(mac) => any_equal(&hashed(mac.as_ref(), parts), given),
            Material::HmacSha1(mac) => any_equal(&hashed(mac.as_ref(), parts), given),
            Material::Literal(hash) => {
                // The body proves nothing here. It is hashed so that a long one takes the time it takes elsewhere.
                let mut unused = Sha256::new();
                parts.iter().for_each(|part| unused.update(part));
                black_box(unused.finalize());
                any_equal(hash, given)
            }
            Material::Ed25519(public) => {
                let (message, key) = (parts.concat(), UnparsedPublicKey::new(&ED25519, public));
                let good = |given: &Given| Choice::from(u8::from(key.verify(&message, given).is_ok()));
                given.iter().fold(Choice::from(0), |any, given| any | good(given))
            }
        }
    }
}

fn hashed<M: hmac::Mac + Clone>(keyed: &M, parts: &Parts<'_>) -> SmallVec<[u8; 32]> {
    let mut mac = keyed.clone();
    parts.iter().for_each(|part| mac.update(part));
    SmallVec::from_slice(&mac.finalize().into_bytes())
}

fn any_equal(expected: &[u8], given: &[Given]) -> Choice {
    given.iter().fold(Choice::from(0), |any, given| {
        let (given, rest) = given.split_at(expected.len());
        any | (expected.ct_eq(given) & rest.ct_eq(&[0; 64][..rest.len()]))
    })
}

/// RFC 3986, section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}
