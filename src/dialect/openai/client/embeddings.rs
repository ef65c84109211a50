//! Embeddings at a provider. A large answer is not parsed: what stands around its vectors tells all that is booked.

use std::fmt;

use bytes::Bytes;
use memchr::{memmem, memrchr};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value, json, value::RawValue};

use super::{errors, usage};
use crate::{
    dialect::{
        Begun, Embedded, OutgoingEmbed,
        lenient::{Count, Text},
        media,
    },
    error::{Error, Reason},
    pb::{Embedding, content_part::Part, embed_input::Input, image},
};

/// Answers up to this size are parsed whole.
const SMALL: usize = 4096;

/// A request for embeddings in the fields that every host knows.
pub(in crate::dialect) fn embeddings_body(embed: &OutgoingEmbed<'_>) -> Result<Map<String, Value>, Error> {
    let request = embed.request;
    let mut json = Map::new();
    json.insert("model".to_owned(), embed.model.into());
    let inputs = request.inputs.iter().enumerate().map(|(at, input)| match &input.input {
        Some(Input::Text(text)) => Ok(Value::from(text.as_str())),
        Some(Input::Tokens(tokens)) => Ok(tokens.ids.as_slice().into()),
        Some(Input::Parts(parts)) => parts_input(&parts.parts, at),
        None => Err(Error::invalid(format!("inputs[{at}]"), "an input needs a kind, such as `text`")),
    });
    json.insert("input".to_owned(), inputs.collect::<Result<Vec<_>, _>>()?.into());
    if let Some(dimensions) = request.dimensions {
        json.insert("dimensions".to_owned(), dimensions.into());
    }
    for (name, value) in [("input_type", &request.input_type), ("user", &request.end_user)] {
        if !value.is_empty() {
            json.insert(name.to_owned(), value.as_str().into());
        }
    }
    Ok(json)
}

/// Text and images as one input: <https://openrouter.ai/docs/api-reference/embeddings>.
fn parts_input(parts: &[crate::pb::ContentPart], at: usize) -> Result<Value, Error> {
    let parts = parts.iter().enumerate().map(|(part_at, part)| match &part.part {
        Some(Part::Text(text)) => Ok(json!({"type": "text", "text": text})),
        Some(Part::Image(picture)) => {
            let url = match &picture.source {
                Some(image::Source::Url(url)) => url.clone(),
                Some(image::Source::Data(data)) => media::to_data_url(&picture.media_type, data),
                None => {
                    return Err(Error::invalid(
                        format!("inputs[{at}].parts[{part_at}].image"),
                        "give a `url` or `data`",
                    ));
                }
            };
            Ok(json!({"type": "image_url", "image_url": {"url": url}}))
        }
        _ => {
            let field = format!("inputs[{at}].parts[{part_at}]");
            Err(Error::new(Reason::UnsupportedContent, "only texts and images can be embedded").with_field(field))
        }
    });
    Ok(json!({"content": parts.collect::<Result<Vec<_>, _>>()?}))
}

/// What stands around the vectors.
#[derive(Default, Deserialize)]
struct Outline<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    provider: Text<'a>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// Reads an answer without its vectors.
pub fn read_embeddings(body: Bytes) -> Result<Embedded, Error> {
    let text = body.trim_ascii();
    if text.len() > SMALL
        && let Some(embedded) = around_vectors(&body, text)
    {
        return Ok(embedded);
    }
    let outline: Outline<'_> = serde_json::from_slice(text).map_err(|_| malformed())?;
    if let Some(error) = outline.error.filter(|error| error.get() != "null") {
        return Err(errors::read_object(error.get()));
    }
    if outline.data.is_none_or(|data| !data.get().starts_with('[')) {
        return Err(errors::read_hidden(text));
    }
    Ok(embedded(&body, &[outline]))
}

/// Reads what stands before and behind the vectors, if the body looks like an answer from both ends.
fn around_vectors(body: &Bytes, text: &[u8]) -> Option<Embedded> {
    let data = memmem::find(text, b"\"data\"")?;
    let close = memrchr(b']', text)?;
    let list = text[data + 6..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    if !list.starts_with(b"[") || close < data || memmem::find(list, b"\"embedding\"").is_none() {
        return None;
    }
    let before = text[..data].trim_ascii_end();
    let before = [before.strip_suffix(b",").unwrap_or(before), b"}"].concat();
    let behind = text[close + 1..].trim_ascii_start();
    let behind = [b"{", behind.strip_prefix(b",").unwrap_or(behind)].concat();
    let before: Outline<'_> = serde_json::from_slice(&before).ok()?;
    let behind: Outline<'_> = serde_json::from_slice(&behind).ok()?;
    if before.error.or(behind.error).is_some_and(|error| error.get() != "null") {
        return None;
    }
    Some(embedded(body, &[behind, before]))
}

fn embedded(body: &Bytes, outlines: &[Outline<'_>]) -> Embedded {
    let text =
        |of: fn(&Outline<'_>) -> String| outlines.iter().map(of).find(|text| !text.is_empty()).unwrap_or_default();
    let raw_usage = outlines.iter().find_map(|outline| outline.usage).map(|usage| usage.get().to_owned());
    let read = raw_usage.as_deref().and_then(usage::read_input);
    let (usage, cost) = read.map_or((None, None), |(usage, cost)| (Some(usage), cost));
    Embedded {
        body: body.clone(),
        begun: Begun {
            upstream_id: text(|outline| outline.id.to_string()),
            upstream_model: text(|outline| outline.model.to_string()),
            upstream_provider: text(|outline| outline.provider.to_string()),
        },
        usage,
        cost,
        raw_usage,
    }
}

/// The vectors of an answer, by the position of their inputs.
pub fn embedding_vectors(embedded: &Embedded) -> Result<Vec<Embedding>, Error> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        #[serde(default)]
        index: Count,
        embedding: Vector,
    }
    let answer: Answer = serde_json::from_slice(embedded.body.trim_ascii()).map_err(|_| malformed())?;
    let mut embeddings = Vec::with_capacity(answer.data.len());
    for (at, item) in answer.data.into_iter().enumerate() {
        let index = item.index.0.unwrap_or_else(|| u32::try_from(at).unwrap_or(u32::MAX));
        embeddings.push(Embedding { index, vector: item.embedding.0 });
    }
    embeddings.sort_by_key(|embedding| embedding.index);
    Ok(embeddings)
}

/// A vector as numbers, or as base64 of little-endian 32-bit floats.
struct Vector(Vec<f32>);

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VectorVisitor;

        impl<'de> de::Visitor<'de> for VectorVisitor {
            type Value = Vec<f32>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of numbers or base64 of floats")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut vector = Vec::with_capacity(1536);
                while let Some(number) = list.next_element::<f32>()? {
                    vector.push(number);
                }
                Ok(vector)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let bytes = media::decode(text).filter(|bytes| bytes.len() % 4 == 0);
                let bytes = bytes.ok_or_else(|| E::custom("not base64 of floats"))?;
                Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
            }
        }

        deserializer.deserialize_any(VectorVisitor).map(Self)
    }
}

fn malformed() -> Error {
    Error::new(Reason::ProviderMalformedResponse, "the provider's answer cannot be read; try again")
}
