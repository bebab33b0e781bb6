//! Reading JSON the way Partner Center does: property names in any case, numbers and booleans also as strings.
//! Nothing here writes JSON.

use serde_json::Value;

/// The property with this name in any case; null counts as absent.
pub(crate) fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .as_object()?
        .iter()
        .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null())
        .map(|(_, value)| value)
}

/// The property as text.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    field(object, name)?.as_str()
}

/// The property as a whole number, also from a string.
pub(crate) fn number(object: &Value, name: &str) -> Option<u64> {
    let value = field(object, name)?;
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// The property as a truth value, also from a string.
pub(crate) fn truth(object: &Value, name: &str) -> Option<bool> {
    let value = field(object, name)?;
    value.as_bool().or_else(|| value.as_str().and_then(|text| text.to_lowercase().parse().ok()))
}

/// The strings of a list property; empty when it is absent.
pub(crate) fn texts(object: &Value, name: &str) -> Vec<String> {
    field(object, name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
