//! Content parts: short ways to make and read them, and their forgiving JSON.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, value::MapAccessDeserializer},
};

use super::{CacheControl, Citation, ContentPart, Message, Role, ToolResult, content_part::Part};

impl From<Part> for ContentPart {
    fn from(part: Part) -> Self {
        Self { part: Some(part), cache_control: None }
    }
}

impl ContentPart {
    /// A part of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Part::Text(text.into()).into()
    }
}

impl Message {
    /// A message of plain text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role: role.into(), content: vec![ContentPart::text(text)], ..Self::default() }
    }
}

/// `Message` as JSON, where `content` may be a bare string.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct MessageJson {
    role: Role,
    #[serde(default, deserialize_with = "parts", skip_serializing_if = "Vec::is_empty")]
    content: Vec<ContentPart>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, alias = "cacheControl", skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    citations: Vec<Citation>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(default, alias = "parentId", skip_serializing_if = "String::is_empty")]
    parent_id: String,
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let MessageJson { role, content, name, cache_control, citations, id, parent_id } =
            MessageJson::deserialize(deserializer)?;
        Ok(Self { role: role.into(), content, name, cache_control, citations, id, parent_id })
    }
}

impl Serialize for Message {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let role = self.role();
        let Self { role: _, content, name, cache_control, citations, id, parent_id } = self.clone();
        MessageJson { role, content, name, cache_control, citations, id, parent_id }.serialize(serializer)
    }
}

/// `ToolResult` as JSON, where `content` may be a bare string.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ToolResultJson {
    #[serde(alias = "toolCallId")]
    tool_call_id: String,
    #[serde(default, deserialize_with = "parts", skip_serializing_if = "Vec::is_empty")]
    content: Vec<ContentPart>,
    #[serde(default, alias = "isError", skip_serializing_if = "std::ops::Not::not")]
    is_error: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
}

impl<'de> Deserialize<'de> for ToolResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ToolResultJson { tool_call_id, content, is_error, name } = ToolResultJson::deserialize(deserializer)?;
        Ok(Self { tool_call_id, content, is_error, name })
    }
}

impl Serialize for ToolResult {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { tool_call_id, content, is_error, name } = self.clone();
        ToolResultJson { tool_call_id, content, is_error, name }.serialize(serializer)
    }
}

/// Parts, or a bare string as one text part; each part may be a bare string as well.
fn parts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ContentPart>, D::Error> {
    struct Parts;

    impl<'de> de::Visitor<'de> for Parts {
        type Value = Vec<ContentPart>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string or a list of content parts")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![ContentPart::text(text)])
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut parts = Vec::with_capacity(list.size_hint().unwrap_or(1));
            while let Some(TextOr(part)) = list.next_element()? {
                parts.push(part);
            }
            Ok(parts)
        }
    }

    deserializer.deserialize_any(Parts)
}

/// A value that a bare string stands for, as its text.
pub(super) struct TextOr<T>(pub T);

impl<'de, T: Deserialize<'de> + From<String>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de> + From<String>> de::Visitor<'de> for Either<T> {
            type Value = TextOr<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string or an object")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(TextOr(T::from(text.to_owned())))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(TextOr)
            }
        }

        deserializer.deserialize_any(Either(std::marker::PhantomData))
    }
}

impl From<String> for ContentPart {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_string_is_one_text_part() {
        let message: Message = serde_json::from_str(r#"{"role":"user","content":"hello"}"#).unwrap();
        assert_eq!(message, Message::text(Role::User, "hello"));
        let full: Message = serde_json::from_str(r#"{"role":"ROLE_USER","content":[{"text":"hello"}]}"#).unwrap();
        assert_eq!(message, full);
        assert_eq!(serde_json::to_string(&full).unwrap(), r#"{"role":"user","content":[{"text":"hello"}]}"#);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = serde_json::from_str::<Message>(r#"{"role":"user","contents":"hello"}"#).unwrap_err();
        assert!(error.to_string().contains("contents"), "{error}");
        let part = serde_json::from_str::<Message>(r#"{"role":"user","content":[{"txt":"hello"}]}"#).unwrap_err();
        assert!(part.to_string().contains("txt"), "{part}");
    }
}
