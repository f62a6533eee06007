//! Between columns and types. What does not fit is corrupt, and says where, never what.

use crate::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::borrow::Cow;

/// A column that always holds text.
pub(crate) fn text(row: &AnyRow, column: &str) -> Result<String, StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that may hold text.
pub(crate) fn maybe_text(row: &AnyRow, column: &str) -> Result<Option<String>, StoreError> {
    Ok(row.try_get(column)?)
}

/// A column that always holds a whole number that fits.
pub(crate) fn number<T: TryFrom<i64>>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    fit(row.try_get(column)?, column)
}

/// A column that may hold a whole number that fits.
pub(crate) fn maybe_number<T: TryFrom<i64>>(row: &AnyRow, column: &str) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<i64>, _>(column)?.map(|value| fit(value, column)).transpose()
}

fn fit<T: TryFrom<i64>>(value: i64, column: &str) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::corrupt(format!("column {column}: number out of range")))
}

/// A column that always holds JSON of this type.
pub(crate) fn json<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    from_json(&text(row, column)?, column)
}

/// A column that may hold JSON of this type.
pub(crate) fn maybe_json<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<Option<T>, StoreError> {
    maybe_text(row, column)?.map(|value| from_json(&value, column)).transpose()
}

fn from_json<T: DeserializeOwned>(value: &str, column: &str) -> Result<T, StoreError> {
    // The parser's own message may repeat the value.
    serde_json::from_str(value)
        .map_err(|_| StoreError::corrupt(format!("column {column}: not the JSON that belongs there")))
}

/// A value as JSON.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Invalid { what: "a value that has no JSON form" })
}

/// A column that holds the wire name of an enumeration.
pub(crate) fn wire<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T, StoreError> {
    from_wire(text(row, column)?, column)
}

/// A column that may hold the wire name of an enumeration.
pub(crate) fn maybe_wire<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<Option<T>, StoreError> {
    maybe_text(row, column)?.map(|name| from_wire(name, column)).transpose()
}

fn from_wire<T: DeserializeOwned>(name: String, column: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(name))
        .map_err(|_| StoreError::corrupt(format!("column {column}: unknown name")))
}

/// A text that is an identity.
pub(crate) fn parsed<T: std::str::FromStr>(value: &str, column: &str) -> Result<T, StoreError> {
    value.parse().map_err(|_| StoreError::corrupt(format!("column {column}: not what belongs there")))
}

/// A count for a column. The largest that a column holds stands for everything above it.
pub(crate) fn count<T: TryInto<i64>>(value: T) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// Text as both databases can hold it: PostgreSQL refuses NUL, which no name, title or address has a use for.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// The same for text that may be absent.
pub(crate) fn maybe_plain(text: Option<&str>) -> Option<String> {
    text.map(|text| plain(text).into_owned())
}
