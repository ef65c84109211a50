//! Query parameters as a message: `?states=failed&states=cancelled&page_size=10`, by the message's own JSON names.
//!
//! A parameter is repeated for a repeated field; dots lead into messages; times, enums and numbers are written as in
//! JSON. What the message does not have is refused by name.

use std::{
    collections::{BTreeMap, btree_map},
    fmt,
};

use serde::{
    Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor},
    forward_to_deserialize_any,
};

use crate::error::Error;

/// A field whose message's parameters need no prefix, and the parameters that are the request's own.
pub(super) struct Nested {
    pub(super) field: &'static str,
    pub(super) own: &'static [&'static str],
}

/// Reads a message from a query string.
pub(super) fn read<T: DeserializeOwned>(query: Option<&str>, nested: Option<&Nested>) -> Result<T, Error> {
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match nested {
            Some(Nested { field, own }) if !own.contains(&&*name) && !name.starts_with(&format!("{field}.")) => {
                root.insert(&format!("{field}.{name}"), value.into_owned());
            }
            _ => root.insert(&name, value.into_owned()),
        }
    }
    T::deserialize(&root).map_err(|refused| {
        let short = |field: &str| refused.field.strip_prefix(field)?.strip_prefix('.').map(str::to_owned);
        let field = nested.and_then(|nested| short(nested.field)).unwrap_or_else(|| refused.field.clone());
        Error::invalid(&field, format!("query parameter `{field}`: {}", refused.words))
    })
}

/// The values of a parameter, and those of the parameters below it.
#[derive(Debug, Default)]
struct Node {
    values: Vec<String>,
    below: BTreeMap<String, Node>,
}

impl Node {
    fn insert(&mut self, name: &str, value: String) {
        let mut node = self;
        for step in name.split('.') {
            node = node.below.entry(step.to_owned()).or_default();
        }
        node.values.push(value);
    }

    fn value(&self) -> Result<&str, Refused> {
        match &self.values[..] {
            [value] => Ok(value),
            [] => Err(de::Error::custom("give it a value")),
            _ => Err(de::Error::custom("give it once")),
        }
    }
}

/// Which parameter is wrong, and why.
#[derive(Debug)]
struct Refused {
    field: String,
    words: String,
}

impl Refused {
    /// The same, seen from one level above.
    fn under(mut self, name: &str) -> Self {
        let dot = if self.field.is_empty() { "" } else { "." };
        self.field = format!("{name}{dot}{}", self.field);
        self
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.words)
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(words: T) -> Self {
        Self { field: String::new(), words: words.to_string() }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        // Names come in both of ProtoJSON's spellings; we write the proto's own.
        let spelled = |name: &&str| !name.contains(|letter: char| letter.is_uppercase());
        let known: Vec<_> = expected.iter().copied().filter(spelled).collect();
        let words = format!("there is none of that name; this path takes {}", known.join(", "));
        Self { field: field.chars().take(64).collect(), words }
    }
}

impl<'de> Deserializer<'de> for &Node {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.value()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.value()? {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(de::Error::custom("write true or false")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_seq(de::value::SeqDeserializer::new(self.values.iter().map(|value| One(value))))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if !self.values.is_empty() {
            return Err(de::Error::custom("it has fields of its own; name one of them behind a dot"));
        }
        visitor.visit_map(Below { rest: self.below.iter(), current: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct enum identifier ignored_any
    }
}

/// One of a repeated field's values.
struct One<'a>(&'a str);

impl<'de> IntoDeserializer<'de, Refused> for One<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for One<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Below<'a> {
    rest: btree_map::Iter<'a, String, Node>,
    current: Option<(&'a String, &'a Node)>,
}

impl<'de> MapAccess<'de> for Below<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        self.current = self.rest.next();
        self.current.map(|(name, _)| seed.deserialize(One(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let (name, node) = self.current.take().expect("serde asks for a key first");
        seed.deserialize(node).map_err(|refused| refused.under(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::{GenerationState, GroupBy, Interval, ListGenerationsRequest, SummarizeUsageRequest};

    const FILTER: Nested = Nested { field: "filter", own: &["page_size", "page_token"] };

    #[test]
    fn a_filter_is_read_with_and_without_its_prefix() {
        let query = "states=failed&states=GENERATION_STATE_CANCELLED&filter.models=a/b%3Afree&min_total_ms=250\
                     &start=2026-01-31T12:00:00Z&page_size=10";
        let request: ListGenerationsRequest = read(Some(query), Some(&FILTER)).unwrap();
        let filter = request.filter.unwrap();
        assert_eq!(filter.states, [GenerationState::Failed as i32, GenerationState::Cancelled as i32]);
        assert_eq!(filter.models, ["a/b:free"]);
        assert_eq!((filter.min_total_ms, request.page_size), (Some(250), 10));
        assert_eq!(filter.start.unwrap().seconds, 1_769_860_800);
    }

    #[test]
    fn enums_flags_and_negative_numbers_are_read() {
        let query = "interval=day&group_by=model&group_by=end_user&include_previous=true&utc_offset_minutes=-90";
        let request: SummarizeUsageRequest = read(Some(query), None).unwrap();
        assert_eq!(request.interval(), Interval::Day);
        assert_eq!(request.group_by, [GroupBy::Model as i32, GroupBy::EndUser as i32]);
        assert_eq!((request.include_previous, request.utc_offset_minutes), (true, -90));
        assert_eq!(read::<SummarizeUsageRequest>(None, None).unwrap(), SummarizeUsageRequest::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |query: &str, field: &str, words: &str| {
            let error = read::<ListGenerationsRequest>(Some(query), Some(&FILTER)).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{error}");
            assert!(error.message.contains(words), "{error}");
        };
        check("modles=a/b", "modles", "takes start, end, states, models");
        check("page_size=many", "page_size", "query parameter `page_size`");
        check("page_size=1&page_size=2", "page_size", "once");
        check("states=broken", "states", "one of admitted, completed");
        check("start=yesterday", "start", "2026-01-31T12:00:00Z");
    }
}
