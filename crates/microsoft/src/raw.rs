//! JSON that is kept exactly as it was told: one value, or an object whose fields can be changed one by one while every
//! other byte survives. Microsoft resets what a PATCH leaves out, so nothing may be lost between read and write.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// One JSON value, byte for byte as told. Equal when the bytes are.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Writes a value as JSON.
    pub fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        to_raw_value(value).map(Self)
    }

    /// Takes a text that is one JSON value.
    pub fn parse(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// The bytes as told.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Tells whether both are the same JSON, whatever their spacing and order of keys.
    #[must_use]
    pub fn means_the_same(&self, other: &Self) -> bool {
        let parsed = |raw: &Self| serde_json::from_str::<serde_json::Value>(raw.text()).ok();
        self == other || (parsed(self).is_some() && parsed(self) == parsed(other))
    }
}

impl From<Box<RawValue>> for RawJson {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw)
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    /// Shows the size only: raw JSON can hold names and addresses.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RawJson({} bytes)", self.text().len())
    }
}

/// A JSON object whose fields keep their order and their bytes.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RawObject {
    fields: Vec<(String, RawJson)>,
}

impl RawObject {
    /// The value of a field, if it is there.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawJson> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Changes a field in its place, or adds it at the end.
    pub fn set(&mut self, name: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.set_raw(name, RawJson::of(value)?);
        Ok(())
    }

    /// Changes a field in its place, or adds it at the end, to JSON that is already written.
    pub fn set_raw(&mut self, name: &str, value: RawJson) {
        match self.fields.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.fields.push((name.to_owned(), value)),
        }
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(key, _)| key.as_str())
    }
}

impl fmt::Debug for RawObject {
    /// Shows the names of the fields only.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.names()).finish()
    }
}

impl Serialize for RawObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for (key, value) in &self.fields {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = RawObject;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut object = RawObject::default();
                while let Some((key, value)) = map.next_entry::<String, RawJson>()? {
                    // A key told twice keeps its last value, as every JSON reader does.
                    object.set_raw(&key, value);
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            ".{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::btree_map(".{0,8}", inner, 0..5)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn changing_one_field_never_drops_or_alters_another(
            fields in prop::collection::btree_map("[a-zA-Z@.]{1,10}", json_value(), 0..12),
            status in "[a-z]{1,8}",
        ) {
            let before = serde_json::Value::Object(fields.into_iter().collect());
            let mut object: RawObject = serde_json::from_str(&before.to_string()).unwrap();
            let kept: Vec<(String, String)> = object
                .fields.iter().filter(|(key, _)| key != "status")
                .map(|(key, value)| (key.clone(), value.text().to_owned())).collect();
            object.set("status", &status).unwrap();
            let written = serde_json::to_string(&object).unwrap();
            let again: RawObject = serde_json::from_str(&written).unwrap();
            for (key, text) in kept {
                prop_assert_eq!(again.get(&key).map(RawJson::text), Some(text.as_str()));
            }
            let quoted = format!("\"{status}\"");
            prop_assert_eq!(again.get("status").map(RawJson::text), Some(quoted.as_str()));
        }
    }

    #[test]
    fn a_number_that_no_float_can_hold_survives_byte_for_byte() {
        let text = r#"{"price":12345678901234567890.123456789,"status":"active","z":1.0}"#;
        let mut object: RawObject = serde_json::from_str(text).unwrap();
        object.set("status", &"suspended").unwrap();
        let written = serde_json::to_string(&object).unwrap();
        assert_eq!(written, r#"{"price":12345678901234567890.123456789,"status":"suspended","z":1.0}"#);
    }
}
