//! From [`Unverified`] to [`Verified`]. There is no other way.

use super::key::{Generation, Given};
use super::meter;
use super::present::{Presented, only};
use super::scheme::{Proof, SignatureScheme};
use super::source::Source;
use super::sources::Candidates;
use super::template::{Parts, Token, Values, decoded_url};
use bytes::Bytes;
use contracts::UnixMillis;
use http::{HeaderMap, HeaderName, Method, Uri};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use smallvec::smallvec;
use std::borrow::Cow;
use std::sync::Arc;
use subtle::{Choice, ConditionallySelectable as _};

/// A delivery that anybody may have sent.
#[derive(Debug)]
pub struct Unverified {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    token: Option<SecretString>,
    body: Bytes,
}

/// A delivery that is proven. Only [`Unverified::verify`] makes one.
#[derive(Debug)]
pub struct Verified {
    source: Arc<Source>,
    body: Bytes,
    received_at: UnixMillis,
    signed_at: Option<UnixMillis>,
    delivery_id: Option<String>,
    generation: Generation,
}

/// Why a delivery was refused. For logs and metrics only: the sender is told the same in each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// There is no such source.
    UnknownSource,
    /// Not exactly one signature header, or nothing in it of the right form and length.
    MalformedSignature,
    /// Not exactly one time of signing in plain decimal digits.
    MalformedTimestamp,
    /// Not exactly one id of at most 255 visible ASCII characters that is told apart from what surrounds it.
    MalformedId,
    /// No secret of the source made this signature.
    WrongSignature,
    /// The signature is good, but too old or from the future.
    OutsideWindow,
}

impl Denied {
    /// The reason, in full, for logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Denied::UnknownSource => "unknown_source",
            Denied::MalformedSignature => "malformed_signature",
            Denied::MalformedTimestamp => "malformed_timestamp",
            Denied::MalformedId => "malformed_id",
            Denied::WrongSignature => "wrong_signature",
            Denied::OutsideWindow => "outside_window",
        }
    }

    /// The reason as metrics have it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Denied::UnknownSource => "unknown_source",
            Denied::MalformedSignature | Denied::MalformedId | Denied::WrongSignature => "signature",
            Denied::MalformedTimestamp | Denied::OutsideWindow => "timestamp",
        }
    }
}

/// What was found of a proof, before anything is concluded from it.
struct Found {
    source: Arc<Source>,
    generation: Generation,
}

impl Unverified {
    /// A delivery as it came in.
    #[must_use]
    pub fn new(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Self {
        Self { method, uri, headers, token: None, body }
    }

    /// With the secret that stood at the end of its path.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self { token: Some(SecretString::from(token)), ..self }
    }

    /// Checks that one of these sent it, now.
    ///
    /// The work is the same whatever is wrong: each key of each candidate computes its signature, also when a header is
    /// missing, when nobody exists, and after a match, so that time tells neither what is wrong nor who exists.
    ///
    /// # Errors
    /// Why nobody is believed to have sent it.
    pub fn verify(self, by: &Candidates, now: UnixMillis) -> Result<Verified, Denied> {
        let proven = self.prove(by, now);
        match &proven {
            Ok(verified) => meter::verified(verified),
            Err(denied) => meter::denied(by, *denied),
        }
        proven
    }

    fn prove(self, by: &Candidates, now: UnixMillis) -> Result<Verified, Denied> {
        let Some(first) = by.sources.first() else { return Err(Denied::UnknownSource) };
        let (found, signed_at, delivery_id) = match &first.scheme.proof {
            Proof::Signature(scheme) => {
                let (presented, found) = self.by_signature(scheme, first, by);
                let found = self.concluded(scheme, &presented, found, by, now)?;
                let signed_at = presented.time.map(|(_, at)| at);
                (found, signed_at, presented.id.map(str::to_owned))
            }
            Proof::StaticHeader(header) => (self.by_header(header, by)?, None, None),
            Proof::PathToken => (self.by_token(by)?, None, None),
            Proof::Unsigned if self.token.is_some() => return Err(Denied::WrongSignature),
            Proof::Unsigned => (Found { source: first.clone(), generation: Generation::Unsigned }, None, None),
        };
        let Found { source, generation } = found;
        Ok(Verified { source, body: self.body, received_at: now, signed_at, delivery_id, generation })
    }

    fn by_signature<'a>(
        &'a self,
        scheme: &SignatureScheme,
        source: &Source,
        by: &Candidates,
    ) -> (Presented<'a>, Option<Found>) {
        let presented = Presented::read(scheme, &self.headers);
        let url = self.url(scheme, source);
        let values = Values {
            id: presented.id.unwrap_or("-").as_bytes(),
            timestamp: presented.time.map_or(b"0000000000000", |(text, _)| text),
            body: &self.body,
            method: self.method.as_str().as_bytes(),
            url: url.as_bytes(),
        };
        let found = find(by, &scheme.content.parts(&values), &presented.signatures);
        (presented, found)
    }

    /// The address as the sender sees it.
    fn url(&self, scheme: &SignatureScheme, source: &Source) -> Cow<'static, str> {
        if !scheme.content.has_url() {
            return Cow::Borrowed("");
        }
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("{}{path}", source.public_url);
        Cow::Owned(if scheme.content.has(Token::DecodedUrl) { decoded_url(&url) } else { url })
    }

    /// Only here it is looked at what was found.
    fn concluded(
        &self,
        scheme: &SignatureScheme,
        presented: &Presented<'_>,
        found: Option<Found>,
        by: &Candidates,
        now: UnixMillis,
    ) -> Result<Found, Denied> {
        if !by.exist {
            return Err(Denied::UnknownSource);
        }
        // A secret in the path where none is asked for: whoever sent it meant something else.
        if presented.signatures.is_empty() || self.token.is_some() {
            return Err(Denied::MalformedSignature);
        }
        if scheme.time.is_some() && presented.time.is_none() {
            return Err(Denied::MalformedTimestamp);
        }
        if scheme.id.is_some() && presented.id.is_none() {
            return Err(Denied::MalformedId);
        }
        let found = found.ok_or(Denied::WrongSignature)?;
        // The window is the source's own, which the others of the common address need not share.
        if let (Proof::Signature(own), Some((_, at))) = (&found.source.scheme.proof, presented.time)
            && let Some(time) = &own.time
            && u128::from(now.abs_diff(at)) > time.tolerance.as_millis()
        {
            return Err(Denied::OutsideWindow);
        }
        Ok(found)
    }

    fn by_header(&self, header: &HeaderName, by: &Candidates) -> Result<Found, Denied> {
        let given = only(&self.headers, header).map(hashed);
        let found = find(by, &smallvec![&self.body[..]], given.as_slice());
        if given.is_none() || self.token.is_some() {
            return Err(Denied::MalformedSignature);
        }
        found.ok_or(Denied::WrongSignature)
    }

    fn by_token(&self, by: &Candidates) -> Result<Found, Denied> {
        let given = self.token.as_ref().map(|token| hashed(token.expose_secret().as_bytes()));
        let found = find(by, &smallvec![&self.body[..]], given.as_slice());
        if given.is_none() {
            return Err(Denied::MalformedSignature);
        }
        found.ok_or(Denied::WrongSignature)
    }
}

/// Hashes have one length, whatever was presented.
fn hashed(secret: &[u8]) -> Given {
    let mut given = [0; 64];
    given[..32].copy_from_slice(&Sha256::digest(secret));
    given
}

/// Tries every key of every candidate, without stopping at the one that fits.
fn find(by: &Candidates, parts: &Parts<'_>, given: &[Given]) -> Option<Found> {
    let (mut at_source, mut at_key) = (0_u64, 0_u64);
    let mut matched = Choice::from(0);
    for (source, index) in by.sources.iter().zip(0_u64..) {
        for (key, generation) in source.keys.load().iter().zip(0_u64..) {
            let fits = key.matches(parts, given);
            at_source.conditional_assign(&index, fits);
            at_key.conditional_assign(&generation, fits);
            matched |= fits;
        }
    }
    if !bool::from(matched) {
        return None;
    }
    let source = by.sources.get(usize::try_from(at_source).ok()?)?.clone();
    let generation = if at_key == 0 { Generation::Current } else { Generation::Previous };
    Some(Found { source, generation })
}

impl Verified {
    /// Who sent it.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The body, exactly as it was proven.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// When it was verified.
    #[must_use]
    pub fn received_at(&self) -> UnixMillis {
        self.received_at
    }

    /// When it was signed, where that is part of the proof.
    #[must_use]
    pub fn signed_at(&self) -> Option<UnixMillis> {
        self.signed_at
    }

    /// The sender's id of this delivery, the same whenever it is sent again. Only where it is signed: an id that is not
    /// could be changed by whoever replays a delivery.
    #[must_use]
    pub fn delivery_id(&self) -> Option<&str> {
        self.delivery_id.as_deref()
    }

    /// Which of the source's secrets proved it.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
