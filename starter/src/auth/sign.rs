//! The sender's side of every scheme: for `send`, and for proving that what is signed is verified.

use super::key::Key;
use super::presets::Preset;
use super::scheme::{Algorithm, Encoding, Format, Proof, Scheme, SchemeFault, SignatureScheme, TimePlace, TimeUnit};
use super::secret::SecretFault;
use super::template::{Token, Values, decoded_url};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::UnixMillis;
use http::{HeaderName, HeaderValue, Method};
use ring::signature::Ed25519KeyPair;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;

/// Signs deliveries under one scheme.
#[derive(Debug)]
pub struct Signer {
    scheme: Scheme,
    keys: Vec<SigningKey>,
}

enum SigningKey {
    Mac(Key),
    Pair(Box<Ed25519KeyPair>),
    Literal(SecretString),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([REDACTED])")
    }
}

/// A delivery to be signed.
#[derive(Clone, Copy, Debug)]
pub struct ToSign<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// The whole address, as the receiver's `public_url` and path make it.
    pub url: &'a str,
    /// Id of the delivery; the same when it is sent again.
    pub id: &'a str,
    /// Now.
    pub at: UnixMillis,
    /// The body.
    pub body: &'a [u8],
}

/// What to send with a body.
#[derive(Clone, Debug, Default)]
pub struct Signed {
    /// Headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Last part of the path.
    pub path_token: Option<SecretString>,
}

/// Why nothing can be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignFault {
    /// The secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// The scheme cannot be used.
    #[error(transparent)]
    Scheme(#[from] SchemeFault),
    /// The scheme asks for a secret.
    #[error("the scheme `{0}` signs with a secret; give one")]
    NoSecret(&'static str),
    /// An id or a time that the scheme cannot carry.
    #[error("the scheme cannot carry {0}")]
    Unfit(&'static str),
}

impl Signer {
    /// Signs with these secrets: with the first alone, or with all of them where the scheme carries several signatures.
    ///
    /// # Errors
    /// When the scheme needs a secret and there is none that it can use.
    pub fn new(scheme: Scheme, secrets: &[SecretString]) -> Result<Self, SignFault> {
        let keys = secrets.iter().map(|secret| SigningKey::new(&scheme, secret)).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() && scheme.needs_secret() {
            return Err(SignFault::NoSecret(scheme.name()));
        }
        Ok(Self { scheme, keys })
    }

    /// Signs under a known scheme with one secret.
    ///
    /// # Errors
    /// As [`Signer::new`].
    pub fn of(preset: Preset, secret: &SecretString) -> Result<Self, SignFault> {
        Self::new(preset.scheme()?, std::slice::from_ref(secret))
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Signs.
    ///
    /// # Errors
    /// When the id or the time cannot stand in a header.
    pub fn sign(&self, delivery: &ToSign<'_>) -> Result<Signed, SignFault> {
        let secret = self.keys.iter().find_map(|key| match key {
            SigningKey::Literal(secret) => Some(secret),
            _ => None,
        });
        match (&self.scheme.proof, secret) {
            (Proof::Signature(scheme), _) => self.signed(scheme, delivery),
            (Proof::StaticHeader(header), Some(secret)) => {
                let value = value(secret.expose_secret(), "this secret in a header")?;
                Ok(Signed { headers: vec![(header.clone(), value)], path_token: None })
            }
            (Proof::PathToken, Some(secret)) => Ok(Signed { headers: Vec::new(), path_token: Some(secret.clone()) }),
            (Proof::Unsigned, _) => Ok(Signed::default()),
            (Proof::StaticHeader(_) | Proof::PathToken, None) => Err(SignFault::NoSecret(self.scheme.name())),
        }
    }

    fn signed(&self, scheme: &SignatureScheme, delivery: &ToSign<'_>) -> Result<Signed, SignFault> {
        let time = scheme.time.as_ref().map_or(String::new(), |time| match time.unit {
            TimeUnit::Ms => delivery.at.to_string(),
            TimeUnit::S | TimeUnit::Auto => delivery.at.div_euclid(1000).to_string(),
        });
        let decoded = scheme.content.has(Token::DecodedUrl).then(|| decoded_url(delivery.url));
        let values = Values {
            id: delivery.id.as_bytes(),
            timestamp: time.as_bytes(),
            body: delivery.body,
            method: delivery.method.as_str().as_bytes(),
            url: decoded.as_deref().unwrap_or(delivery.url).as_bytes(),
        };
        let content = scheme.content.parts(&values);
        let written = self.keys.iter().filter_map(|key| key.sign(&content)).map(|bytes| match scheme.encoding {
            Encoding::Hex => hex::encode(bytes),
            Encoding::Base64 => STANDARD.encode(bytes),
        });
        let written: Vec<String> = written.collect();
        let first = written.first().cloned().unwrap_or_default();
        let signature = match &scheme.format {
            Format::Raw => first,
            Format::Prefix(prefix) => format!("{prefix}{first}"),
            Format::Version(version) => joined(&written, " ", |signature| format!("{version},{signature}")),
            Format::Field(key) => {
                let list = joined(&written, ",", |signature| format!("{key}={signature}"));
                match scheme.time.as_ref().map(|signed| &signed.place) {
                    Some(TimePlace::Field(field)) => format!("{field}={time},{list}"),
                    _ => list,
                }
            }
        };
        let mut headers = Vec::with_capacity(3);
        let first_of = |names: &[HeaderName]| names.first().cloned();
        if let Some(name) = scheme.id.as_deref().and_then(first_of) {
            headers.push((name, value(delivery.id, "this id in a header")?));
        }
        if let Some(TimePlace::Header(names)) = scheme.time.as_ref().map(|signed| &signed.place)
            && let Some(name) = first_of(names)
        {
            headers.push((name, value(&time, "this time in a header")?));
        }
        if let Some(name) = first_of(&scheme.signature) {
            headers.push((name, value(&signature, "this signature in a header")?));
        }
        Ok(Signed { headers, path_token: None })
    }
}

impl SigningKey {
    fn new(scheme: &Scheme, secret: &SecretString) -> Result<Self, SignFault> {
        match &scheme.proof {
            Proof::Signature(signature) if signature.algorithm == Algorithm::Ed25519 => {
                let bytes = signature.secret.decode(secret)?;
                let expected = "a private key of 32 or 64 bytes (whsk_…)";
                let unfit = || SecretFault::Malformed { expected };
                let bytes = bytes.expose_secret();
                let seed = bytes.get(..32).filter(|_| matches!(bytes.len(), 32 | 64)).ok_or_else(unfit)?;
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| unfit())?;
                Ok(SigningKey::Pair(Box::new(pair)))
            }
            Proof::Signature(_) => Ok(SigningKey::Mac(Key::new(scheme, secret, true)?)),
            Proof::StaticHeader(_) | Proof::PathToken | Proof::Unsigned => {
                Key::new(scheme, secret, true)?;
                Ok(SigningKey::Literal(secret.clone()))
            }
        }
    }

    fn sign(&self, content: &super::template::Parts<'_>) -> Option<Vec<u8>> {
        match self {
            SigningKey::Mac(key) => key.mac(content).map(|mac| mac.to_vec()),
            SigningKey::Pair(pair) => Some(pair.sign(&content.concat()).as_ref().to_vec()),
            SigningKey::Literal(_) => None,
        }
    }
}

fn joined(signatures: &[String], between: &str, item: impl Fn(&String) -> String) -> String {
    signatures.iter().map(item).collect::<Vec<_>>().join(between)
}

fn value(text: &str, what: &'static str) -> Result<HeaderValue, SignFault> {
    HeaderValue::from_str(text).map_err(|_| SignFault::Unfit(what))
}
