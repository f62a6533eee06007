//! One object per line.

use super::header::Keys;
use super::row::{self, Cell};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Reads a line's object.
pub(super) fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    let text =
        std::str::from_utf8(line).map_err(|_| "the line is not valid UTF-8; save the file as UTF-8".to_owned())?;
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("the line is JSON but no object; write one object per line".to_owned()),
        // The parser's own words may repeat the text.
        Err(error) => {
            Err(format!("the line is not valid JSON (at its byte {}); write one object per line", error.column()))
        }
    }
}

/// The person an object describes.
pub(super) fn person(keys: &mut Keys, object: &Map<String, Value>) -> row::Read {
    let columns = keys.columns(object.keys());
    row::person(&columns, |index| cell(object.get(columns.header(index))?))
}

fn cell(value: &Value) -> Option<Cell<'_>> {
    match value {
        Value::Null => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            let texts = items.iter().map(text).collect::<Result<Vec<_>, _>>();
            Some(texts.map_or_else(Cell::Other, Cell::List))
        }
        single => Some(text(single).map_or_else(Cell::Other, Cell::Text)),
    }
}

fn text(value: &Value) -> Result<Cow<'_, str>, &'static str> {
    match value {
        Value::String(text) => Ok(Cow::Borrowed(text)),
        // Others have been rounded on reading, and two people might round to one.
        Value::Number(number) if number.is_u64() || number.is_i64() => Ok(Cow::Owned(number.to_string())),
        Value::Number(_) => Err("a number with a fraction or too many digits"),
        Value::Bool(_) => Err("true or false"),
        Value::Null => Err("null"),
        Value::Array(_) => Err("a list"),
        Value::Object(_) => Err("an object"),
    }
}
