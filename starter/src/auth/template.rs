//! What a signature is made over: a text with tokens for the parts of a delivery.

use super::scheme::SchemeFault;
use smallvec::SmallVec;

/// A part of a delivery that can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// `{id}`: the delivery's id, from its header.
    Id,
    /// `{timestamp}`: the time of signing, as the text that was sent.
    Timestamp,
    /// `{body}`: the body, byte for byte.
    Body,
    /// `{method}`: the HTTP method.
    Method,
    /// `{url}`: the whole address as the sender sees it.
    Url,
    /// `{decoded_url}`: the same with those percent-encodings undone that HubSpot undoes before it signs.
    DecodedUrl,
}

const TOKENS: [(&str, Token); 6] = [
    ("id", Token::Id),
    ("timestamp", Token::Timestamp),
    ("body", Token::Body),
    ("method", Token::Method),
    ("url", Token::Url),
    ("decoded_url", Token::DecodedUrl),
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Token(Token),
}

/// The signed content of a scheme, such as `{id}.{timestamp}.{body}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// The parts of one delivery.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values<'a> {
    pub(super) id: &'a [u8],
    pub(super) timestamp: &'a [u8],
    pub(super) body: &'a [u8],
    pub(super) method: &'a [u8],
    pub(super) url: &'a [u8],
}

/// The pieces of a signed content, one after the other.
pub(super) type Parts<'a> = SmallVec<[&'a [u8]; 8]>;

impl Template {
    /// Reads a template. Tokens stand in braces; everything else stands for itself.
    ///
    /// # Errors
    /// When a token is unknown or stands twice, the body is not signed, or two parts stand side by side so that bytes could
    /// be moved from one into the other under the same signature.
    pub fn parse(text: &str) -> Result<Self, SchemeFault> {
        let fault = |problem: String, remedy: &str| Err(SchemeFault::new("content", problem, remedy));
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let (literal, from) = rest.split_at(open);
            let token = from.strip_prefix('{').and_then(|from| from.split_once('}'));
            let Some((name, after)) = token else {
                return fault("has a brace that is not closed or not opened".into(), "write tokens as {body}");
            };
            let Some((_, token)) = TOKENS.iter().find(|(known, _)| *known == name) else {
                let known = "use {id}, {timestamp}, {body}, {method}, {url} or {decoded_url}";
                return fault("has an unknown token".into(), known);
            };
            if pieces.contains(&Piece::Token(*token)) {
                return fault(format!("has {{{name}}} twice"), "use each token once");
            }
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            pieces.push(Piece::Token(*token));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        let template = Self(pieces);
        if !template.has(Token::Body) {
            return fault("does not sign the body".into(), "add {body}");
        }
        template.check_borders()?;
        Ok(template)
    }

    /// The id ends at a literal; a time that something follows ends at a literal that is no digit.
    fn check_borders(&self) -> Result<(), SchemeFault> {
        for pair in self.0.windows(2) {
            let good = match pair {
                [Piece::Token(Token::Id), Piece::Token(_)] | [Piece::Token(_), Piece::Token(Token::Id)] => false,
                [Piece::Token(Token::Timestamp), Piece::Token(_)] => false,
                [Piece::Token(Token::Timestamp), Piece::Literal(text)] => {
                    !text.starts_with(|c: char| c.is_ascii_digit())
                }
                _ => true,
            };
            if !good {
                let remedy = "put a separator such as '.' between the id, the time and whatever stands beside them";
                return Err(SchemeFault::new("content", "lets bytes move between its parts", remedy));
            }
        }
        Ok(())
    }

    /// Whether this part is signed.
    #[must_use]
    pub fn has(&self, token: Token) -> bool {
        self.0.contains(&Piece::Token(token))
    }

    /// Whether an address is signed.
    #[must_use]
    pub fn has_url(&self) -> bool {
        self.has(Token::Url) || self.has(Token::DecodedUrl)
    }

    /// Whether an id could not be told from what surrounds it. The bytes of the literals beside it may not stand in it.
    pub(super) fn id_is_ambiguous(&self, id: &[u8]) -> bool {
        self.0.windows(2).any(|pair| match pair {
            [Piece::Token(Token::Id), Piece::Literal(text)] => text.bytes().next().is_some_and(|b| id.contains(&b)),
            [Piece::Literal(text), Piece::Token(Token::Id)] => text.bytes().last().is_some_and(|b| id.contains(&b)),
            _ => false,
        })
    }

    /// The signed content of a delivery, in pieces, so that the body is not copied.
    pub(super) fn parts<'a>(&'a self, values: &Values<'a>) -> Parts<'a> {
        let part = |piece: &'a Piece| match piece {
            Piece::Literal(text) => text.as_bytes(),
            Piece::Token(Token::Id) => values.id,
            Piece::Token(Token::Timestamp) => values.timestamp,
            Piece::Token(Token::Body) => values.body,
            Piece::Token(Token::Method) => values.method,
            Piece::Token(Token::Url | Token::DecodedUrl) => values.url,
        };
        self.0.iter().map(part).collect()
    }
}

/// Characters whose percent-encoding HubSpot undoes in the address before signing it (its documentation lists them).
const HUBSPOT_DECODES: &[u8] = b":/?@!$'()*,;";

/// An address as HubSpot signs it.
pub(super) fn decoded_url(url: &str) -> String {
    let mut decoded = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        decoded.push_str(before);
        let byte = from.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|byte| HUBSPOT_DECODES.contains(byte)) {
            Some(byte) => {
                decoded.push(char::from(byte));
                rest = from.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push('%');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    decoded + rest
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_template_puts_the_parts_where_its_tokens_stand() {
        let template = Template::parse("v0:{timestamp}:{body}!").unwrap();
        let values = Values { timestamp: b"17", body: b"{}", ..Values::default() };
        assert_eq!(template.parts(&values).concat(), b"v0:17:{}!");
        assert!(template.has(Token::Body) && !template.has(Token::Id) && !template.has_url());
    }

    #[test]
    fn what_would_let_bytes_move_is_refused_with_a_remedy() {
        for (text, says) in [
            ("{timestamp}", "add {body}"),
            ("{id}{timestamp}.{body}", "separator"),
            ("{body}{id}", "separator"),
            ("{timestamp}{body}", "separator"),
            ("{timestamp}0{body}", "separator"),
            ("{body}.{body}", "each token once"),
            ("{payload}", "unknown token"),
            ("{body", "not closed"),
            ("body}", "not closed or not opened"),
        ] {
            let fault = Template::parse(text).unwrap_err().to_string();
            assert!(fault.contains("`content`") && fault.contains(says), "{text}: {fault}");
        }
        assert!(Template::parse("{method}{url}{body}{timestamp}").is_ok());
    }

    #[test]
    fn an_id_may_not_hold_the_separator_beside_it() {
        let template = Template::parse("{id}.{timestamp}.{body}").unwrap();
        assert!(template.id_is_ambiguous(b"msg.1") && !template.id_is_ambiguous(b"msg_1"));
        assert!(Template::parse("{body}:{id}").unwrap().id_is_ambiguous(b"a:b"));
    }

    #[test]
    fn an_address_is_decoded_as_far_as_hubspot_does() {
        assert_eq!(decoded_url("https://x.example/a?q=%3A%2f%20%41%"), "https://x.example/a?q=:/%20%41%");
        assert_eq!(decoded_url("a%é%3"), "a%é%3");
    }
}
