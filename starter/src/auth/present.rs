//! What a delivery presents as its proof, read as its scheme says. Anything that is nearly right is nothing.

use super::key::Given;
use super::scheme::{Algorithm, Encoding, Format, SignatureScheme, TimePlace, TimeUnit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::UnixMillis;
use http::{HeaderMap, HeaderName};
use smallvec::SmallVec;

/// Most signatures of one delivery that are examined. Two are enough for a rotation.
const MAX_SIGNATURES: usize = 16;
/// The same for signatures that take long to check.
const MAX_ASYMMETRIC: usize = 4;
/// Longest id of a delivery.
const MAX_ID: usize = 255;

/// The proof of one delivery.
pub(super) struct Presented<'a> {
    /// Signatures of the right form and length.
    pub(super) signatures: SmallVec<[Given; 2]>,
    /// When it claims to be signed: the text, which is what is signed, and the moment.
    pub(super) time: Option<(&'a [u8], UnixMillis)>,
    /// Its id.
    pub(super) id: Option<&'a str>,
}

/// The value of a header that stands there exactly once. Of two, which was meant?
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}

impl<'a> Presented<'a> {
    pub(super) fn read(scheme: &SignatureScheme, headers: &'a HeaderMap) -> Self {
        let family = scheme.signature.iter().position(|name| headers.contains_key(name)).unwrap_or(0);
        let of = |names: &[HeaderName]| names.get(family).and_then(|name| only(headers, name));
        let value = of(&scheme.signature);
        let time = scheme.time.as_ref().and_then(|time| {
            let text = match &time.place {
                TimePlace::Header(names) => of(names),
                TimePlace::Field(key) => value.and_then(|value| only_field(value, key)),
            }?;
            Some((text, moment(text, time.unit)?))
        });
        let id = scheme.id.as_deref().and_then(of).and_then(|id| {
            let plain = (1..=MAX_ID).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic);
            let id = std::str::from_utf8(id).ok().filter(|_| plain)?;
            (!scheme.content.id_is_ambiguous(id.as_bytes())).then_some(id)
        });
        Self { signatures: value.map(|value| signatures(scheme, value)).unwrap_or_default(), time, id }
    }
}

fn signatures(scheme: &SignatureScheme, value: &[u8]) -> SmallVec<[Given; 2]> {
    let most = if scheme.algorithm == Algorithm::Ed25519 { MAX_ASYMMETRIC } else { MAX_SIGNATURES };
    let decode = |text: &[u8]| decoded(text, scheme.encoding, scheme.algorithm.signature_len());
    match &scheme.format {
        Format::Raw => decode(value).into_iter().collect(),
        Format::Prefix(prefix) => value.strip_prefix(prefix.as_bytes()).and_then(decode).into_iter().collect(),
        Format::Field(key) => fields(value, key).take(most).filter_map(decode).collect(),
        Format::Version(version) => {
            let items = value.split(|byte| *byte == b' ');
            let of_version = items.filter_map(|item| item.strip_prefix(version.as_bytes())?.strip_prefix(b","));
            of_version.take(most).filter_map(decode).collect()
        }
    }
}

/// The values of one key in a list of `key=value` with commas between.
fn fields<'a>(list: &'a [u8], key: &str) -> impl Iterator<Item = &'a [u8]> {
    list.split(|byte| *byte == b',').filter_map(move |item| item.strip_prefix(key.as_bytes())?.strip_prefix(b"="))
}

fn only_field<'a>(list: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let mut values = fields(list, key);
    values.next().filter(|_| values.next().is_none())
}

/// A signature of exactly this length, in exactly one way of writing it.
fn decoded(text: &[u8], encoding: Encoding, length: usize) -> Option<Given> {
    let mut given: Given = [0; 64];
    match encoding {
        Encoding::Hex => {
            if text.iter().any(u8::is_ascii_uppercase) {
                return None;
            }
            hex::decode_to_slice(text, given.get_mut(..length)?).ok()?;
        }
        Encoding::Base64 => {
            // The decoder asks for room for whole groups; the longest signature needs 66 bytes.
            let mut room = [0; 72];
            let decoded = STANDARD.decode_slice(text, &mut room).ok()?;
            given.get_mut(..length)?.copy_from_slice(room.get(..decoded).filter(|bytes| bytes.len() == length)?);
        }
    }
    Some(given)
}

/// Plain decimal digits, as a number is written: no sign, point, exponent, space or leading zero.
fn moment(text: &[u8], unit: TimeUnit) -> Option<UnixMillis> {
    let leading_zero = text.len() > 1 && text.first() == Some(&b'0');
    if text.is_empty() || leading_zero || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    match (unit, text.len()) {
        (TimeUnit::Ms, _) | (TimeUnit::Auto, 13) => Some(number),
        (TimeUnit::S, _) | (TimeUnit::Auto, 10) => number.checked_mul(1000),
        (TimeUnit::Auto, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn w9_only_plain_digits_are_a_time() {
        let long = "1".repeat(20);
        let forms = [
            "", "NaN", "1e3", "0x10", "-1", "+17", "017", &long, "17.0", "17 ", " 17", "1_7", "１７", "٣", "17Z",
            "17abc",
        ];
        for form in forms {
            for unit in [TimeUnit::S, TimeUnit::Ms, TimeUnit::Auto] {
                assert_eq!(moment(form.as_bytes(), unit), None, "{form:?}");
            }
        }
        assert_eq!(moment(b"1767225600", TimeUnit::S), Some(1_767_225_600_000));
        assert_eq!(moment(b"1767225600", TimeUnit::Auto), Some(1_767_225_600_000));
        assert_eq!(moment(b"1767225600123", TimeUnit::Auto), Some(1_767_225_600_123));
        assert_eq!(moment(b"17672256001", TimeUnit::Auto), None);
        assert_eq!(moment(b"9223372036854775807", TimeUnit::S), None, "it would overflow");
    }

    #[test]
    fn a_field_that_stands_twice_is_none() {
        assert_eq!(only_field(b"t=1,v1=a", "t"), Some(&b"1"[..]));
        assert_eq!(only_field(b"t=1,t=2", "t"), None);
        assert_eq!(fields(b"v1=a,v0=b,v1=c,v11=d,v1", "v1").collect::<Vec<_>>(), [b"a", b"c"]);
    }

    proptest! {
        #[test]
        fn w8_any_length_of_signature_is_an_answer(text in proptest::collection::vec(any::<u8>(), 0..200), length in prop_oneof![Just(20_usize), Just(32), Just(64)]) {
            for encoding in [Encoding::Hex, Encoding::Base64] {
                let _ = decoded(&text, encoding, length);
            }
        }

        #[test]
        fn w8_only_the_right_length_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let read = decoded(hex::encode(&bytes).as_bytes(), Encoding::Hex, 32);
            prop_assert_eq!(read.is_some(), bytes.len() == 32);
            let read = decoded(STANDARD.encode(&bytes).as_bytes(), Encoding::Base64, 64);
            prop_assert_eq!(read.is_some(), bytes.len() == 64);
        }
    }
}
