//! Embeddings: reads requests, and answers in the encoding that the client asked for.

use bytes::{BufMut, Bytes, BytesMut};
use memchr::memmem;
use serde_json::Value;

use super::{
    chat::{read_metadata, read_object},
    fields::{Fields, Path},
    options::read_routing,
    parts::read_content,
    written::{self, json, raw},
};
use crate::{
    dialect::{Embedded, Family, Source, media, openai::client::embedding_vectors},
    error::Error,
    pb::{EmbedInput, EmbedParts, EmbedRequest, EmbedResponse, Embedding, TokenIds, embed_input::Input},
};

/// How a client wants its vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// As numbers.
    #[default]
    Float,
    /// As base64 of little-endian 32-bit floats, which OpenAI's Node client asks for.
    Base64,
}

/// A request for embeddings as a client wrote it.
#[derive(Clone, Debug)]
pub struct EmbedBody {
    /// What is asked.
    pub request: EmbedRequest,
    /// How the client wants its vectors.
    pub encoding: Encoding,
    /// The body itself, for providers that speak this dialect.
    pub source: Source,
}

/// Reads a request for embeddings.
pub fn read_embeddings(body: Bytes) -> Result<EmbedBody, Error> {
    let mut fields = Fields::new(read_object(&body)?, Path::Root);
    let mut request = EmbedRequest { model: fields.needed_text("model")?, ..EmbedRequest::default() };
    let input = fields.take("input").ok_or_else(|| Error::invalid("input", "`input` is required"))?;
    request.inputs = read_inputs(input, &fields.at("input"))?;
    let encoding = match fields.text("encoding_format")?.as_deref() {
        None | Some("float") => Encoding::Float,
        Some("base64") => Encoding::Base64,
        Some(_) => return Err(fields.at("encoding_format").must_be("float or base64")),
    };
    request.dimensions = fields.count("dimensions")?;
    request.input_type = fields.text_or_empty("input_type")?;
    request.end_user = fields.text_or_empty("user")?;
    request.metadata = read_metadata(&mut fields)?;
    request.routing = read_routing(&mut fields)?;
    request.provider_options = fields.rest();
    Ok(EmbedBody { request, encoding, source: Source { family: Family::OpenAi, body } })
}

fn read_inputs(input: Value, path: &Path<'_>) -> Result<Vec<EmbedInput>, Error> {
    let one = |input| vec![EmbedInput { input: Some(input) }];
    match input {
        Value::String(text) => Ok(one(Input::Text(text))),
        // A list of numbers is one text in tokens.
        Value::Array(list) if list.first().is_some_and(Value::is_number) => Ok(one(Input::Tokens(tokens(list, path)?))),
        Value::Array(list) if list.is_empty() => Err(path.must_be("a text or a list of at least one")),
        Value::Array(list) => {
            let read = |(at, input)| read_input(input, &Path::Element(path, at));
            list.into_iter().enumerate().map(read).collect()
        }
        input @ Value::Object(_) => Ok(vec![read_input(input, path)?]),
        _ => Err(path.must_be("a text, a list of texts or a list of token ids")),
    }
}

fn read_input(input: Value, path: &Path<'_>) -> Result<EmbedInput, Error> {
    let input = match input {
        Value::String(text) => Input::Text(text),
        Value::Array(list) => Input::Tokens(tokens(list, path)?),
        Value::Object(map) => {
            let mut fields = Fields::new(map, *path);
            let content = fields.take("content").unwrap_or_default();
            Input::Parts(EmbedParts { parts: read_content(content, &fields.at("content"))? })
        }
        _ => return Err(path.must_be("a text or a list of token ids")),
    };
    Ok(EmbedInput { input: Some(input) })
}

fn tokens(list: Vec<Value>, path: &Path<'_>) -> Result<TokenIds, Error> {
    let read = |(at, token): (usize, &Value)| {
        let id = token.as_u64().and_then(|id| u32::try_from(id).ok());
        id.ok_or_else(|| Path::Element(path, at).must_be("a token id"))
    };
    Ok(TokenIds { ids: list.iter().enumerate().map(read).collect::<Result<_, _>>()? })
}

/// Writes an answer. `passed` is the provider's own, which leaves as it came where its encoding is the client's.
pub fn write_embeddings(
    response: &EmbedResponse,
    passed: Option<&Embedded>,
    encoding: Encoding,
) -> Result<Bytes, Error> {
    let Some(passed) = passed else {
        return Ok(written(response, &response.embeddings, None, encoding));
    };
    if encoding_of(&passed.body).is_none_or(|found| found == encoding) && response.warnings.is_empty() {
        return Ok(passed.body.clone());
    }
    let vectors = embedding_vectors(passed)?;
    Ok(written(response, &vectors, Some(passed), encoding))
}

/// How a body's first vector is encoded; none where it holds none.
fn encoding_of(body: &[u8]) -> Option<Encoding> {
    memmem::find_iter(body, b"\"embedding\"").find_map(|at| {
        // `"object":"embedding"` is no key.
        let value = body[at + 11..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        Some(if value.first() == Some(&b'"') { Encoding::Base64 } else { Encoding::Float })
    })
}

fn written(response: &EmbedResponse, vectors: &[Embedding], passed: Option<&Embedded>, encoding: Encoding) -> Bytes {
    let length: usize = vectors.iter().map(|embedding| embedding.vector.len()).sum();
    let mut out = BytesMut::with_capacity(256 + length * 12);
    raw(&mut out, "{\"object\":\"list\",\"data\":");
    written::list(&mut out, vectors, |out, embedding| {
        raw(out, "{\"object\":\"embedding\",\"index\":");
        json(out, &embedding.index);
        raw(out, ",\"embedding\":");
        write_vector(out, &embedding.vector, encoding);
        raw(out, "}");
    });
    raw(&mut out, ",\"model\":");
    let told = passed.map_or(&response.upstream_model, |passed| &passed.begun.upstream_model);
    let resolved = response.model.as_ref().map_or("", |model| &model.resolved);
    json(&mut out, if told.is_empty() { resolved } else { told });
    let upstream = passed.map_or(&response.upstream_provider, |passed| &passed.begun.upstream_provider);
    raw(&mut out, ",\"provider\":");
    json(&mut out, if upstream.is_empty() { &response.provider } else { upstream });
    match (passed.and_then(|passed| passed.raw_usage.as_ref()), &response.usage) {
        (Some(usage), _) => {
            raw(&mut out, ",\"usage\":");
            raw(&mut out, usage);
        }
        (None, Some(usage)) => {
            raw(&mut out, ",\"usage\":");
            written::usage(&mut out, usage, response.cost_usd);
        }
        (None, None) => {}
    }
    raw(&mut out, ",\"id\":");
    json(&mut out, &response.generation_id);
    written::warnings(&mut out, &response.warnings);
    raw(&mut out, "}");
    out.freeze()
}

fn write_vector(out: &mut BytesMut, vector: &[f32], encoding: Encoding) {
    match encoding {
        Encoding::Float => json(out, vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            out.put_u8(b'"');
            raw(out, &media::encode(&bytes));
            out.put_u8(b'"');
        }
    }
}
