//! Reads a chat request.

use bytes::Bytes;
use serde_json::Value;

use super::{
    fields::{Fields, Path},
    messages::read_messages,
    options::{forget_defaults, read_routing, read_thinking, read_web_search},
    tools::read_tools,
};
use crate::{
    dialect::{Family, Source},
    error::{Error, Reason},
    pb::{AudioConfig, ChatRequest, JsonSchema, ResponseFormat, ResponseFormatType},
};

/// A chat as a client wrote it.
#[derive(Clone, Debug)]
pub struct ChatBody {
    /// What is asked.
    pub request: Box<ChatRequest>,
    /// The client takes a stream.
    pub stream: bool,
    /// The client wants a last chunk with usage.
    pub include_usage: bool,
    /// The body itself, for providers that speak this dialect.
    pub source: Source,
}

/// Reads a chat request. What the contract has no name for is kept in `provider_options`; what makes no sense is
/// refused with the path of its field.
pub fn read_chat(body: Bytes) -> Result<ChatBody, Error> {
    let mut fields = Fields::new(read_object(&body)?, Path::Root);
    let mut request = Box::new(ChatRequest { model: fields.needed_text("model")?, ..ChatRequest::default() });
    let messages = fields.list("messages")?;
    if messages.is_empty() {
        return Err(Error::invalid("messages", "`messages` needs at least one message"));
    }
    request.messages = read_messages(messages, &fields.at("messages"))?;
    let stream = fields.flag("stream")?.unwrap_or(false);
    let include_usage = match fields.object("stream_options")? {
        Some(options) => Fields::new(options, fields.at("stream_options")).flag("include_usage")?.unwrap_or(false),
        None => false,
    };
    read_gateway_fields(&mut fields, &mut request)?;
    read_sampling(&mut fields, &mut request)?;
    read_tools(&mut fields, &mut request)?;
    read_shape(&mut fields, &mut request)?;
    request.thinking = read_thinking(&mut fields)?;
    request.web_search = read_web_search(&mut fields)?;
    request.routing = read_routing(&mut fields)?;
    request.end_user = fields.text_or_empty("user")?;
    request.metadata = read_metadata(&mut fields)?;
    request.provider_options = fields.rest();
    forget_defaults(&mut request);
    Ok(ChatBody { request, stream, include_usage, source: Source { family: Family::OpenAi, body } })
}

/// The object that a body is.
pub(super) fn read_object(body: &[u8]) -> Result<serde_json::Map<String, Value>, Error> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Error::new(Reason::MalformedBody, "the body must be a JSON object")),
        Err(error) => {
            let place = format!("line {} column {}", error.line(), error.column());
            Err(Error::new(Reason::MalformedBody, format!("the body is not JSON: it breaks off at {place}")))
        }
    }
}

/// Fields of our own, beside the format's.
fn read_gateway_fields(fields: &mut Fields<'_>, request: &mut ChatRequest) -> Result<(), Error> {
    request.session_id = fields.text_or_empty("session_id")?;
    request.parent_message_id = fields.text_or_empty("parent_message_id")?;
    request.from_start = fields.flag("from_start")?.unwrap_or_default();
    request.max_cost_usd = fields.number("max_cost_usd")?;
    Ok(())
}

fn read_sampling(fields: &mut Fields<'_>, request: &mut ChatRequest) -> Result<(), Error> {
    let old_limit = fields.count("max_tokens")?;
    request.max_output_tokens = fields.count("max_completion_tokens")?.or(old_limit);
    request.temperature = fields.number("temperature")?;
    request.top_p = fields.number("top_p")?;
    request.top_k = fields.count("top_k")?;
    request.min_p = fields.number("min_p")?;
    request.presence_penalty = fields.number("presence_penalty")?;
    request.frequency_penalty = fields.number("frequency_penalty")?;
    request.repetition_penalty = fields.number("repetition_penalty")?;
    request.seed = fields.integer("seed")?;
    request.stop = match fields.map.get("stop") {
        Some(Value::String(_)) => fields.text("stop")?.into_iter().collect(),
        _ => fields.texts("stop")?,
    };
    request.logprobs = fields.flag("logprobs")?;
    request.top_logprobs = fields.count("top_logprobs")?;
    if let Some(bias) = fields.object("logit_bias")? {
        for (token, bias) in bias {
            let number = bias.as_f64().ok_or_else(|| fields.at("logit_bias").must_be("an object of numbers"))?;
            request.logit_bias.insert(token, number);
        }
    }
    Ok(())
}

fn read_shape(fields: &mut Fields<'_>, request: &mut ChatRequest) -> Result<(), Error> {
    request.response_format = read_response_format(fields)?;
    request.modalities = fields.texts("modalities")?;
    request.image_config = fields.structure("image_config")?;
    // Voices of one's own are objects; those are for providers of this dialect.
    if fields.map.get("audio").and_then(|audio| audio.get("voice")).is_some_and(Value::is_string) {
        let audio = fields.object("audio")?.unwrap_or_default();
        let mut audio = Fields::new(audio, fields.at("audio"));
        let config = AudioConfig { voice: audio.needed_text("voice")?, format: audio.text_or_empty("format")? };
        request.audio = Some(config);
    }
    request.verbosity = fields.text_or_empty("verbosity")?;
    request.service_tier = fields.text_or_empty("service_tier")?;
    request.prompt_cache_key = fields.text_or_empty("prompt_cache_key")?;
    Ok(())
}

fn read_response_format(fields: &mut Fields<'_>) -> Result<Option<ResponseFormat>, Error> {
    let Some(format) = fields.object("response_format")? else { return Ok(None) };
    let mut format = Fields::new(format, fields.at("response_format"));
    let kind = format.needed_text("type")?;
    let shape = |kind: ResponseFormatType| ResponseFormat { r#type: kind.into(), json_schema: None };
    match kind.as_str() {
        "text" => Ok(Some(shape(ResponseFormatType::Text))),
        "json_object" => Ok(Some(shape(ResponseFormatType::JsonObject))),
        "json_schema" => {
            let schema = format.object("json_schema")?.ok_or_else(|| format.at("json_schema").must_be("an object"))?;
            let mut schema = Fields::new(schema, format.at("json_schema"));
            let json_schema = JsonSchema {
                name: schema.text_or_empty("name")?,
                description: schema.text_or_empty("description")?,
                schema: schema.structure("schema")?,
                strict: schema.flag("strict")?,
            };
            Ok(Some(ResponseFormat { json_schema: Some(json_schema), ..shape(ResponseFormatType::JsonSchema) }))
        }
        _ => Err(format.at("type").must_be("one of text, json_object, json_schema")),
    }
}

pub(super) fn read_metadata(fields: &mut Fields<'_>) -> Result<std::collections::BTreeMap<String, String>, Error> {
    let metadata = fields.object("metadata")?.unwrap_or_default();
    let path = fields.at("metadata");
    metadata.into_iter().map(|(key, value)| Ok((key.clone(), Path::Field(&path, &key).text(value)?))).collect()
}
