//! Who calls, and what they may: API keys.
//!
//! A key is `bgk_{id}_{secret}`, both parts hexadecimal. The store has the secret's SHA-256 and no more. A slow hash protects
//! secrets that people think of; these have 256 random bits, which no number of guesses finds, so that it would only cost every
//! request its time.

use super::call::Form;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::{UnixMillis, WorkspaceId};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::fmt;
use store::{ApiKey, Store, StoreError};
use subtle::ConstantTimeEq as _;

/// What every key begins with, so that a scanner for lost secrets finds them.
const PREFIX: &str = "bgk_";
/// Hexadecimal characters of the public part.
const ID_CHARS: usize = 16;
/// Hexadecimal characters of the secret part.
const SECRET_CHARS: usize = 64;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See companies, groups, refreshes and events.
    Read,
    /// And e-mail addresses and telephone numbers in groups.
    Contact,
    /// Ask for refreshes, which may cost money.
    Refresh,
    /// Cancel, hurry, approve and reject refreshes.
    Steer,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Contact, Scope::Refresh, Scope::Steer];

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Contact => "contact",
            Scope::Refresh => "refresh",
            Scope::Steer => "steer",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An API key as its holder has it.
pub struct Token {
    id: String,
    secret: SecretString,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Token {
    /// Random bytes that a key is made of: 8 for its id, 32 for its secret.
    pub const RANDOM: usize = (ID_CHARS + SECRET_CHARS) / 2;

    /// A key of these random bytes.
    #[must_use]
    pub fn of(random: &[u8; Self::RANDOM]) -> Self {
        let (id, secret) = random.split_at(ID_CHARS / 2);
        Self { id: hex::encode(id), secret: SecretString::from(hex::encode(secret)) }
    }

    /// Reads a key; `None` when the text cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let fits = id.len() == ID_CHARS && secret.len() == SECRET_CHARS && is_hex(id) && is_hex(secret);
        fits.then(|| Self { id: id.to_owned(), secret: SecretString::from(secret) })
    }

    /// The public part.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole key, for its holder.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        SecretString::from(format!("{PREFIX}{}_{}", self.id, self.secret.expose_secret()))
    }

    /// What the store keeps of the secret.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.secret.expose_secret().as_bytes()))
    }
}

/// Whoever has proven to hold a key.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    key: ApiKey,
}

impl Caller {
    pub(crate) const fn workspace(&self) -> &WorkspaceId {
        &self.key.workspace
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.key.key_id
    }

    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.key.scopes.iter().any(|name| name == scope.as_str())
    }
}

/// Why a caller is not known.
#[derive(Debug)]
pub(crate) enum Denied {
    /// For the log; the caller is told one and the same.
    Key(&'static str),
    /// The keys cannot be looked at now.
    Store(StoreError),
}

/// Who calls. Every key of the right form costs one look-up and one comparison, whatever is wrong with it.
pub(crate) async fn authenticate(
    store: &Store,
    headers: &HeaderMap,
    form: Form,
    now: UnixMillis,
) -> Result<Caller, Denied> {
    let token = presented(headers, form).ok_or(Denied::Key("none"))?;
    let known = store.api_key(token.id()).await.map_err(Denied::Store)?;
    let hash = token.hash();
    // Nobody has a secret whose hash is empty, and comparing with it takes as long.
    let nothing = "0".repeat(hash.len());
    let kept = known.as_ref().map_or(nothing.as_str(), |(_, kept)| kept.as_str());
    let equal = bool::from(hash.as_bytes().ct_eq(kept.as_bytes()));
    match known {
        None => Err(Denied::Key("unknown")),
        Some(_) if !equal => Err(Denied::Key("secret")),
        Some((key, _)) if key.revoked_at.is_some() => Err(Denied::Key("revoked")),
        Some((key, _)) if !key.is_valid_at(now) => Err(Denied::Key("expired")),
        Some((key, _)) => {
            // When it was last used is good to know and no reason to keep anybody waiting, let alone to turn them away.
            if let Err(error) = store.note_api_key_use(&key, now).await {
                tracing::debug!(key = key.key_id, %error, "api.use_not_noted");
            }
            Ok(Caller { key })
        }
    }
}

/// The key of the one `Authorization` header. To a page it may come as a browser sends what it has asked for: as the password
/// of somebody, whoever that is (RFC 7617).
fn presented(headers: &HeaderMap, form: Form) -> Option<Token> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Token::parse(token.trim())
    } else if form == Form::Page && scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
        Token::parse(pair.split_once(':')?.1)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_key_is_read_back_and_shows_its_secret_only_when_asked() {
        let token = Token::of(&[0xab; Token::RANDOM]);
        let text = token.expose();
        assert_eq!(text.expose_secret().len(), PREFIX.len() + ID_CHARS + 1 + SECRET_CHARS);
        let read = Token::parse(text.expose_secret()).unwrap();
        assert_eq!((read.id(), read.hash()), (token.id(), token.hash()));
        assert!(!format!("{token:?}").contains(&"ab".repeat(32)));
        assert_ne!(Token::of(&[0xac; Token::RANDOM]).hash(), token.hash());
    }

    #[test]
    fn what_cannot_be_a_key_is_none() {
        let good = Token::of(&[7; Token::RANDOM]).expose();
        let good = good.expose_secret();
        for bad in ["", "bgk_", "bgk__", &good[1..], &good[..good.len() - 1], &format!("{good}0"), &good.to_uppercase()]
        {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_page_takes_the_key_as_a_password_too() {
        let token = Token::of(&[7; Token::RANDOM]).expose();
        let key = token.expose_secret();
        let presented = |pair: &str, form| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)).parse().unwrap());
            presented(&headers, form).is_some()
        };
        assert!(presented(&format!("somebody:{key}"), Form::Page) && presented(&format!(":{key}"), Form::Page));
        assert!(!presented(&format!("somebody:{key}"), Form::Json));
        for bad in [key.to_owned(), format!("{key}:"), format!("a:b:{key}"), String::new()] {
            assert!(!presented(&bad, Form::Page), "{bad}");
        }
    }

    #[test]
    fn a_second_authorization_header_is_none() {
        let good = format!("Bearer {}", Token::of(&[7; Token::RANDOM]).expose().expose_secret());
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, good.parse().unwrap());
        assert!(presented(&headers, Form::Json).is_some());
        headers.append(AUTHORIZATION, good.parse().unwrap());
        assert!(presented(&headers, Form::Json).is_none());
    }
}
