//! JSON, read strictly: UTF-8, no byte order mark, every name once, bounded nesting, nothing after the value.
//!
//! `serde_json` skips members it was not asked for without looking into them, and keeps the last of two equal names. Two
//! readers of one signed body must never disagree on what it says, so the whole body is read once, here.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Most values of one body, those within others counted too: what they take as values is many times what they took as bytes.
pub const MAX_VALUES: usize = 300_000;

/// Why a body is not acceptable JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonFault {
    /// It is not JSON at all. Says where, and never what stands there.
    Syntax(String),
    /// A name stands twice in one object.
    Repeated {
        /// JSON pointer of the member.
        pointer: String,
    },
    /// It holds more than [`MAX_VALUES`].
    TooMany,
}

/// Reads a body.
///
/// # Errors
/// What is not acceptable, and where.
pub fn read(body: &[u8]) -> Result<Value, JsonFault> {
    let syntax = |text: &str| Err(JsonFault::Syntax(text.to_owned()));
    if body.is_empty() {
        return syntax("The body is empty.");
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        return syntax("The body begins with a byte order mark.");
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            return Err(JsonFault::Syntax(format!("The body is not UTF-8 from byte {}.", error.valid_up_to())));
        }
    };
    let mut walk = Walk::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Node(&mut walk).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match (value, walk.repeated) {
        (Ok(value), _) => Ok(value),
        (Err(_), _) if walk.values > MAX_VALUES => Err(JsonFault::TooMany),
        (Err(_), Some(pointer)) => Err(JsonFault::Repeated { pointer }),
        (Err(error), None) => Err(JsonFault::Syntax(format!(
            "The body is not JSON: line {}, column {}: {}.",
            error.line(),
            error.column(),
            cause(&error)
        ))),
    }
}

/// The parser's message without its position. Syntax messages are fixed texts; a message that could quote the body is not
/// passed on.
fn cause(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => {
            let text = error.to_string();
            text.split(" at line ").next().unwrap_or_default().to_owned()
        }
        _ => "not acceptable".to_owned(),
    }
}

/// One step of a JSON pointer, escaped (RFC 6901).
pub(crate) fn pointer_step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// What kind of value stands there, without the value.
pub(crate) fn shape(value: Option<&Value>) -> String {
    match value {
        None => "missing".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Bool(_)) => "a boolean".to_owned(),
        Some(Value::Number(_)) => "a number".to_owned(),
        Some(Value::String(text)) => format!("a string of {} bytes", text.len()),
        Some(Value::Array(items)) => format!("an array of {} elements", items.len()),
        Some(Value::Object(members)) => format!("an object of {} members", members.len()),
    }
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    repeated: Option<String>,
    values: usize,
}

struct Node<'w>(&'w mut Walk);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.values += 1;
        if self.0.values > MAX_VALUES {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        self.0.path.push(String::new());
        loop {
            if let Some(step) = self.0.path.last_mut() {
                *step = format!("/{}", items.len());
            }
            match access.next_element_seed(Node(self.0))? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        self.0.path.pop();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            self.0.path.push(pointer_step(&name));
            if members.contains_key(&name) {
                self.0.repeated = Some(self.0.path.concat());
                return Err(A::Error::custom("repeated name"));
            }
            let value = access.next_value_seed(Node(self.0))?;
            self.0.path.pop();
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_reads_as_serde_json_reads_it() {
        let text = r#"{"a":[1,-2,1.5,true,null,"\u00e9\ud83d\ude00"],"b/~":{"":{}}}"#;
        assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn what_two_readers_could_understand_differently_is_refused() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let syntax: Vec<&[u8]> = vec![
            b"",
            b" ",
            b"{",
            b"{}x",
            b"{} {}",
            b"{'a':1}",
            b"{\"a\":1,}",
            b"NaN",
            b"\xef\xbb\xbf{}",
            b"\xff\xfe{\0}\0",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\0\"}",
            b"\0",
            br#"{"a":"\ud800"}"#,
            br#"{"\udc00":1}"#,
            b"1e999",
            b"01",
            deep.as_bytes(),
        ];
        for body in syntax {
            assert!(
                matches!(read(body), Err(JsonFault::Syntax(_))),
                "{:?}",
                String::from_utf8_lossy(&body[..body.len().min(20)])
            );
        }
        let repeated = read(br#"{"x":[0,{"a/b":1,"a\u002fb":2}]}"#);
        assert_eq!(repeated, Err(JsonFault::Repeated { pointer: "/x/1/a~1b".to_owned() }));
    }

    #[test]
    fn values_are_counted_wherever_they_stand() {
        let zeros = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        assert!(read(zeros(MAX_VALUES - 1).as_bytes()).is_ok());
        assert_eq!(read(zeros(MAX_VALUES).as_bytes()), Err(JsonFault::TooMany));
        assert_eq!(read(format!("{{\"a\":{}}}", zeros(MAX_VALUES - 1)).as_bytes()), Err(JsonFault::TooMany));
    }

    #[test]
    fn a_syntax_message_never_quotes_the_body() {
        let Err(JsonFault::Syntax(text)) = read(br#"{"name":"Jane Roe" oops}"#) else { panic!("accepted") };
        assert!(text.contains("line 1") && !text.contains("Jane") && !text.contains("oops"), "{text}");
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }

        #[test]
        fn almost_json_does_not_either(body in "[\\[\\]{}\",:0-9eE.\\\\u dtrnl+-]{0,60}") {
            if let (Ok(ours), Ok(theirs)) = (read(body.as_bytes()), serde_json::from_str::<Value>(&body)) {
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
