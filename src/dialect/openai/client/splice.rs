//! A client's body on its way to a provider of the client's own dialect: values stay the bytes that they are, so that
//! unknown fields survive and prompt caches are hit.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use crate::{
    dialect::{OutgoingChat, OutgoingEmbed, Source},
    error::{Error, Reason},
    pb::Warning,
};

/// Fields of our own that providers do not know.
const GATEWAY_FIELDS: [&str; 4] = ["session_id", "parent_message_id", "from_start", "max_cost_usd"];

/// The members of an object, in order, values untouched.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> de::Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                #[derive(Deserialize)]
                struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

impl<'a> Members<'a> {
    fn of(source: &'a Source) -> Result<Self, Error> {
        serde_json::from_slice(&source.body)
            .map_err(|_| Error::new(Reason::MalformedBody, "the body is not a JSON object"))
    }
}

/// The client's chat with the provider's model, streamed as asked, and without our own fields.
pub(in crate::dialect) fn splice_chat(
    chat: &OutgoingChat<'_>,
    source: &Source,
) -> Result<(Bytes, Vec<Warning>), Error> {
    let members = Members::of(source)?;
    let mut body = Body::new(source.body.len());
    let mut warnings = Vec::new();
    let mut streamed = false;
    for (name, value) in &members.0 {
        match &**name {
            "model" => body.text_once("model", chat.model),
            "stream" => {
                streamed = true;
                body.raw_once("stream", if chat.stream { "true" } else { "false" });
            }
            "stream_options" if chat.stream => body.raw_once("stream_options", &with_usage(value)),
            // OpenAI refuses it where nothing is streamed.
            "stream_options" => {}
            field if GATEWAY_FIELDS.contains(&field) => {}
            field => body.raw(field, value.get()),
        }
        if name == "n" && !matches!(value.get(), "1" | "null") {
            warnings.push(Warning {
                code: "choices_dropped".to_owned(),
                field: "n".to_owned(),
                message: "only the first choice is returned; all of them are paid for".to_owned(),
            });
        }
    }
    body.text_once("model", chat.model);
    if chat.stream {
        if !streamed {
            body.raw_once("stream", "true");
        }
        body.raw_once("stream_options", r#"{"include_usage":true}"#);
    }
    Ok((body.finish(), warnings))
}

/// The client's embeddings with the provider's model.
pub(in crate::dialect) fn splice_embeddings(embed: &OutgoingEmbed<'_>, source: &Source) -> Result<Bytes, Error> {
    let members = Members::of(source)?;
    let mut body = Body::new(source.body.len());
    for (name, value) in &members.0 {
        match &**name {
            "model" => body.text_once("model", embed.model),
            field if GATEWAY_FIELDS.contains(&field) => {}
            field => body.raw(field, value.get()),
        }
    }
    body.text_once("model", embed.model);
    Ok(body.finish())
}

/// The client's stream options with usage switched on: without it there is nothing to book.
fn with_usage(options: &RawValue) -> String {
    let mut options: serde_json::Map<_, _> = serde_json::from_str(options.get()).unwrap_or_default();
    options.insert("include_usage".to_owned(), true.into());
    serde_json::Value::Object(options).to_string()
}

/// An object that is being written.
struct Body {
    json: Vec<u8>,
    once: Vec<&'static str>,
}

impl Body {
    fn new(expected: usize) -> Self {
        let mut json = Vec::with_capacity(expected + 128);
        json.push(b'{');
        Self { json, once: Vec::new() }
    }

    fn raw(&mut self, name: &str, value: &str) {
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, name).expect("a vector takes all that is written");
        self.json.push(b':');
        self.json.extend_from_slice(value.as_bytes());
    }

    /// Writes a field that must not stand twice, as a client may have written it.
    fn raw_once(&mut self, name: &'static str, value: &str) {
        if !self.once.contains(&name) {
            self.once.push(name);
            self.raw(name, value);
        }
    }

    fn text_once(&mut self, name: &'static str, value: &str) {
        self.raw_once(name, &serde_json::Value::from(value).to_string());
    }

    fn finish(mut self) -> Bytes {
        self.json.push(b'}');
        self.json.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::Family, pb};

    fn check(body: &'static str, stream: bool, expected: &str) {
        let source = Source { family: Family::OpenAi, body: Bytes::from_static(body.as_bytes()) };
        let request = pb::ChatRequest::default();
        let chat = OutgoingChat { request: &request, source: Some(&source), model: "a/b", facts: None, stream };
        let (got, _) = splice_chat(&chat, &source).unwrap();
        assert_eq!(std::str::from_utf8(&got).unwrap(), expected);
    }

    #[test]
    fn only_the_gateways_part_of_a_body_is_touched() {
        check(
            r#"{ "seed": 12345678901234567890, "model": "x", "messages": [ {"role":"user", "content":"\u00e9"} ], "session_id": "s" }"#,
            false,
            r#"{"seed":12345678901234567890,"model":"a/b","messages":[ {"role":"user", "content":"\u00e9"} ]}"#,
        );
        check(
            r#"{"model":"x","stream":true,"messages":[],"stream_options":{"include_usage":false,"include_obfuscation":false}}"#,
            true,
            r#"{"model":"a/b","stream":true,"messages":[],"stream_options":{"include_usage":true,"include_obfuscation":false}}"#,
        );
        check(
            r#"{"messages":[],"model":"x","stream":true,"stream_options":{"include_usage":true},"model":"y"}"#,
            false,
            r#"{"messages":[],"model":"a/b","stream":false}"#,
        );
        check(
            r#"{"messages":[]}"#,
            true,
            r#"{"messages":[],"model":"a/b","stream":true,"stream_options":{"include_usage":true}}"#,
        );
    }
}
