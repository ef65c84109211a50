//! The well-known types that the contract uses, with JSON as ProtoJSON wants it.
//!
//! `Struct` keeps the order of its fields, so that what is passed on is the same bytes each time and a provider's
//! prompt cache is hit.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use serde_json::Number;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Message)]
pub struct Timestamp {
    /// Seconds since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds within the second.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl Timestamp {
    /// The moment so many milliseconds after 1970.
    pub fn from_millis(millis: i64) -> Self {
        let nanos = i32::try_from(millis.rem_euclid(1000) * 1_000_000).expect("under a second");
        Self { seconds: millis.div_euclid(1000), nanos }
    }

    /// Milliseconds since 1970.
    pub fn millis(&self) -> i64 {
        self.seconds.saturating_mul(1000).saturating_add(i64::from(self.nanos / 1_000_000))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nanos = i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanos);
        let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&moment.format(&Rfc3339).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| de::Error::custom(format!("{text:?} is not a time; write it like 2026-01-31T12:00:00Z")))?;
        let nanos = i32::try_from(moment.nanosecond()).expect("under a second");
        Ok(Self { seconds: moment.unix_timestamp(), nanos })
    }
}

/// `google.protobuf.Struct`: a JSON object, in order.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Struct {
    /// The members. On the wire a map is the same as repeated entries, so the order can be kept.
    #[prost(message, repeated, tag = "1")]
    pub fields: Vec<Field>,
}

/// A member of a `Struct`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Field {
    /// Its name.
    #[prost(string, tag = "1")]
    pub key: String,
    /// Its value.
    #[prost(message, optional, tag = "2")]
    pub value: Option<Value>,
}

/// `google.protobuf.Value`: any JSON value.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Value {
    /// The value; absent is read as null.
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6")]
    pub kind: Option<Kind>,
}

/// `google.protobuf.ListValue`: a JSON array.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ListValue {
    /// The elements.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<Value>,
}

/// The kinds of JSON values.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Kind {
    /// null.
    #[prost(int32, tag = "1")]
    Null(i32),
    /// A number; like all of ProtoJSON exact up to 2⁵³.
    #[prost(double, tag = "2")]
    Number(f64),
    /// A string.
    #[prost(string, tag = "3")]
    String(String),
    /// true or false.
    #[prost(bool, tag = "4")]
    Bool(bool),
    /// An object.
    #[prost(message, tag = "5")]
    Struct(Struct),
    /// An array.
    #[prost(message, tag = "6")]
    List(ListValue),
}

impl Struct {
    /// The member of that name.
    pub fn find(&self, key: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.key == key).and_then(|field| field.value.as_ref())
    }
}

impl From<serde_json::Map<String, serde_json::Value>> for Struct {
    fn from(map: serde_json::Map<String, serde_json::Value>) -> Self {
        let fields = map.into_iter().map(|(key, value)| Field { key, value: Some(value.into()) });
        Self { fields: fields.collect() }
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        let kind = match value {
            Json::Null => Kind::Null(0),
            Json::Bool(value) => Kind::Bool(value),
            Json::Number(number) => Kind::Number(number.as_f64().unwrap_or_default()),
            Json::String(text) => Kind::String(text),
            Json::Array(list) => Kind::List(ListValue { values: list.into_iter().map(Self::from).collect() }),
            Json::Object(map) => Kind::Struct(map.into()),
        };
        Self { kind: Some(kind) }
    }
}

/// Whole numbers are written as such: providers refuse `"maxItems": 3.0`.
fn number(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within range")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            None | Some(Kind::Null(_)) => serializer.serialize_unit(),
            Some(Kind::Number(value)) => number(*value).serialize(serializer),
            Some(Kind::String(text)) => serializer.serialize_str(text),
            Some(Kind::Bool(value)) => serializer.serialize_bool(*value),
            Some(Kind::Struct(object)) => object.serialize(serializer),
            Some(Kind::List(list)) => serializer.collect_seq(&list.values),
        }
    }
}

impl Serialize for Struct {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        for field in &self.fields {
            map.serialize_entry(&field.key, &field.value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Struct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Map::deserialize(deserializer).map(Self::from)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_struct_keeps_order_and_whole_numbers_through_the_wire() {
        let json = r#"{"z":1,"a":[true,null,0.5],"m":{"y":"text","b":-9007199254740992}}"#;
        let value: Struct = serde_json::from_str(json).unwrap();
        let again = Struct::decode(value.encode_to_vec().as_slice()).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), json);
    }

    #[test]
    fn times_are_rfc_3339_in_utc() {
        let time: Timestamp = serde_json::from_str(r#""2026-01-31T13:00:00.250+01:00""#).unwrap();
        assert_eq!(time.millis(), 1_769_860_800_250);
        assert_eq!(serde_json::to_string(&time).unwrap(), r#""2026-01-31T12:00:00.25Z""#);
        assert!(serde_json::from_str::<Timestamp>(r#""yesterday""#).is_err());
    }
}
