//! A scheme as it is written, and the checks between that and a [`Scheme`].

use super::scheme::{
    Algorithm, Encoding, Format, Proof, Scheme, SchemeFault, SignatureScheme, SignedTime, TimePlace, TimeUnit,
    checked_tolerance,
};
use super::secret::SecretEncoding;
use super::template::{Template, Token};
use http::HeaderName;
use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SchemeText {
    mode: Mode,
    algorithm: Option<Algorithm>,
    #[serde(default)]
    allow_sha1: bool,
    signature: Option<SignatureText>,
    timestamp: Option<TimeText>,
    id: Option<IdText>,
    content: Option<String>,
    tolerance_seconds: Option<u64>,
    secret: Option<SecretEncoding>,
    header: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Signature,
    StaticHeader,
    PathToken,
    Unsigned,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureText {
    header: Names,
    format: Format,
    encoding: Encoding,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeText {
    header: Option<Names>,
    field: Option<String>,
    unit: TimeUnit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdText {
    header: Names,
}

/// One header name, or alternatives.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected the name of a header, or a list of names")]
enum Names {
    One(String),
    Many(Vec<String>),
}

type Checked<T> = Result<T, SchemeFault>;

impl TryFrom<SchemeText> for Scheme {
    type Error = SchemeFault;

    fn try_from(text: SchemeText) -> Checked<Self> {
        let proof = match text.mode {
            Mode::Signature => Proof::Signature(Box::new(signature_scheme(text)?)),
            Mode::StaticHeader => {
                let header = text.header.as_deref().map(|name| header_name("header", name));
                text.without_signature()?;
                Proof::StaticHeader(header.ok_or_else(|| missing("header", "name the header with the secret"))??)
            }
            mode @ (Mode::PathToken | Mode::Unsigned) => {
                refuse(text.header.is_some(), "header", "this mode reads no header; remove it")?;
                text.without_signature()?;
                if mode == Mode::PathToken { Proof::PathToken } else { Proof::Unsigned }
            }
        };
        Ok(Scheme { preset: None, proof })
    }
}

impl SchemeText {
    /// Fields that mean something only where there is a signature.
    fn without_signature(&self) -> Checked<()> {
        let given = [
            ("algorithm", self.algorithm.is_some()),
            ("allow_sha1", self.allow_sha1),
            ("signature", self.signature.is_some()),
            ("timestamp", self.timestamp.is_some()),
            ("id", self.id.is_some()),
            ("content", self.content.is_some()),
            ("tolerance_seconds", self.tolerance_seconds.is_some()),
            ("secret", self.secret.is_some()),
        ];
        given.into_iter().try_for_each(|(field, given)| refuse(given, field, "remove it, or use mode = \"signature\""))
    }
}

fn signature_scheme(text: SchemeText) -> Checked<SignatureScheme> {
    refuse(text.header.is_some(), "header", "name the header in signature.header")?;
    let algorithm = text.algorithm.ok_or_else(|| missing("algorithm", "use hmac-sha256, ed25519 or hmac-sha1"))?;
    if algorithm == Algorithm::HmacSha1 && !text.allow_sha1 {
        let remedy = "use hmac-sha256; where the sender has nothing better, say allow_sha1 = true";
        return Err(SchemeFault::new("algorithm", "is hmac-sha1, which nothing new should use", remedy));
    }
    refuse(text.allow_sha1 && algorithm != Algorithm::HmacSha1, "allow_sha1", "remove it, no SHA-1 is used")?;
    let signature = text.signature.ok_or_else(|| missing("signature", "add { header, format, encoding }"))?;
    let names = signature.header.checked("signature.header", None)?;
    check_format(&signature.format)?;
    let content =
        Template::parse(&text.content.ok_or_else(|| missing("content", "for example \"{timestamp}.{body}\""))?)?;
    let id = text.id.map(|id| id.header.checked("id.header", Some(names.len()))).transpose()?;
    match (content.has(Token::Id), &id) {
        (true, None) => return Err(missing("id", "say which header holds the {id} that is signed")),
        (false, Some(_)) => {
            let remedy =
                "remove it; an id that is not signed proves nothing, and whoever replays a delivery may change it";
            return Err(SchemeFault::new("id", "is not part of the signed content", remedy));
        }
        _ => {}
    }
    let time = text.timestamp.map(|time| signed_time(time, text.tolerance_seconds, &signature.format, names.len()));
    let time = time.transpose()?;
    match (content.has(Token::Timestamp), &time) {
        (true, None) => return Err(missing("timestamp", "say where the {timestamp} that is signed stands")),
        (false, Some(_)) => {
            let remedy =
                "add {timestamp} to the content, or remove it; a time that is not signed can be renewed by anybody";
            return Err(SchemeFault::new("timestamp", "is not part of the signed content", remedy));
        }
        (false, None) => refuse(text.tolerance_seconds.is_some(), "tolerance_seconds", "remove it, no time is signed")?,
        _ => {}
    }
    Ok(SignatureScheme {
        algorithm,
        signature: names,
        format: signature.format,
        encoding: signature.encoding,
        time,
        id,
        content,
        secret: text.secret.ok_or_else(|| missing("secret", "use utf8, whsec, base64 or hex"))?,
    })
}

fn signed_time(text: TimeText, tolerance: Option<u64>, format: &Format, families: usize) -> Checked<SignedTime> {
    let place = match (text.header, text.field) {
        (Some(names), None) => TimePlace::Header(names.checked("timestamp.header", Some(families))?),
        (None, Some(field)) if matches!(format, Format::Field(key) if *key != field) && is_word(&field) => {
            TimePlace::Field(field)
        }
        (None, Some(_)) => {
            let remedy = "use it with signature.format = { field = … } of another name, or name a header";
            return Err(SchemeFault::new("timestamp.field", "is no field of the signature header", remedy));
        }
        _ => return Err(SchemeFault::new("timestamp", "needs a place", "give either header or field")),
    };
    let tolerance =
        tolerance.ok_or_else(|| missing("tolerance_seconds", "say how old a delivery may be, usually 300"))?;
    Ok(SignedTime { place, unit: text.unit, tolerance: checked_tolerance(Duration::from_secs(tolerance))? })
}

fn check_format(format: &Format) -> Checked<()> {
    let good = match format {
        Format::Raw => true,
        Format::Prefix(prefix) => !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_graphic()),
        Format::Field(word) | Format::Version(word) => is_word(word),
    };
    refuse(!good, "signature.format", "use letters, digits, '_' and '-'; a prefix may have any visible ASCII")
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

impl Names {
    fn checked(&self, field: &str, families: Option<usize>) -> Checked<Vec<HeaderName>> {
        let names: Vec<_> = match self {
            Names::One(name) => vec![header_name(field, name)?],
            Names::Many(names) => names.iter().map(|name| header_name(field, name)).collect::<Checked<_>>()?,
        };
        let remedy = "give as many alternatives as signature.header has, one to four";
        refuse(names.is_empty() || names.len() > 4 || families.is_some_and(|n| n != names.len()), field, remedy)?;
        Ok(names)
    }
}

fn header_name(field: &str, name: &str) -> Checked<HeaderName> {
    let fault = |_| SchemeFault::new(field, "is not the name of a header", "use letters, digits and '-'");
    HeaderName::from_bytes(name.as_bytes()).map_err(fault)
}

fn missing(field: &str, remedy: &str) -> SchemeFault {
    SchemeFault::new(field, "is missing", remedy)
}

fn refuse(wrong: bool, field: &str, remedy: &str) -> Checked<()> {
    if wrong { Err(SchemeFault::new(field, "cannot be used here", remedy)) } else { Ok(()) }
}
