//! Conversations as the format writes them, for requests that were not written in it.

use serde_json::{Map, Value, json};

use crate::{
    dialect::media,
    error::{Error, Reason},
    pb::{
        CacheControl, ContentPart, Image, Message, Reasoning, ReasoningKind, Role, ToolCall, ToolResult,
        content_part::Part, file, image, video,
    },
};

/// Writes a conversation. A message that answers several calls becomes one message for each.
pub(in crate::dialect) fn write_messages(messages: &[Message]) -> Result<Vec<Value>, Error> {
    let mut written = Vec::with_capacity(messages.len());
    for (at, message) in messages.iter().enumerate() {
        write_message(message, at, &mut written)?;
    }
    Ok(written)
}

fn write_message(message: &Message, at: usize, out: &mut Vec<Value>) -> Result<(), Error> {
    let role = match message.role() {
        Role::System => "system",
        Role::Developer => "developer",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
        Role::Unspecified => return Err(Error::invalid(format!("messages[{at}].role"), "a message needs a role")),
    };
    let mut said = Said::default();
    for (part_at, part) in message.content.iter().enumerate() {
        let field = || format!("messages[{at}].content[{part_at}]");
        match &part.part {
            Some(Part::ToolResult(result)) => out.push(tool_message(result, message, part, &field())?),
            Some(inner) => said.add(inner, part, role == "assistant", &field)?,
            None => return Err(Error::invalid(field(), "a content part needs a kind, such as `text`")),
        }
    }
    if role != "tool" {
        out.push(said.into_message(role, message));
    } else if message.content.iter().any(|part| !matches!(part.part, Some(Part::ToolResult(_)))) {
        let field = format!("messages[{at}].content");
        return Err(
            Error::new(Reason::UnsupportedContent, "a tool's message holds tool results alone").with_field(field)
        );
    }
    Ok(())
}

fn tool_message(result: &ToolResult, message: &Message, part: &ContentPart, field: &str) -> Result<Value, Error> {
    let mut said = Said::default();
    for (at, inner) in result.content.iter().enumerate() {
        let field = || format!("{field}.tool_result.content[{at}]");
        match &inner.part {
            Some(kind) => said.add(kind, inner, false, &field)?,
            None => return Err(Error::invalid(field(), "a content part needs a kind, such as `text`")),
        }
    }
    let mut json = Map::new();
    json.insert("role".to_owned(), "tool".into());
    json.insert("tool_call_id".to_owned(), result.tool_call_id.as_str().into());
    if !result.name.is_empty() {
        json.insert("name".to_owned(), result.name.as_str().into());
    }
    json.insert("content".to_owned(), content(said.parts));
    let marker = part.cache_control.as_ref().or(message.cache_control.as_ref());
    insert_cache_control(&mut json, marker);
    Ok(json.into())
}

/// What a message says, sorted into the format's fields.
#[derive(Default)]
struct Said {
    parts: Vec<Value>,
    refusal: String,
    calls: Vec<Value>,
    thoughts: Vec<Value>,
    plain_thought: String,
    audio_id: String,
}

impl Said {
    fn add(
        &mut self,
        part: &Part,
        whole: &ContentPart,
        assistant: bool,
        field: &dyn Fn() -> String,
    ) -> Result<(), Error> {
        let mut json = Map::new();
        let mut kind = |name: &str, value: Value| {
            json.insert("type".to_owned(), name.into());
            json.insert(name.to_owned(), value);
        };
        match part {
            Part::Text(text) => kind("text", text.as_str().into()),
            Part::Image(image) => kind("image_url", image_url(image, field)?),
            Part::File(file) => kind("file", file_object(file, field)?),
            Part::Audio(audio) if assistant => {
                // What the model itself said aloud is referred to by its id, or else by its words.
                if audio.id.is_empty() {
                    kind("text", audio.transcript.as_str().into());
                } else {
                    self.audio_id.clone_from(&audio.id);
                }
            }
            Part::Audio(audio) => {
                kind("input_audio", json!({"data": media::encode(&audio.data), "format": audio.format}));
            }
            Part::Video(video) => {
                let url = match &video.source {
                    Some(video::Source::Url(url)) => url.clone(),
                    Some(video::Source::Data(data)) => media::to_data_url(&video.media_type, data),
                    None => return Err(no_source(field, "video")),
                };
                kind("video_url", json!({ "url": url }));
            }
            Part::Refusal(text) if assistant => self.refusal.push_str(text),
            Part::Refusal(text) => kind("text", text.as_str().into()),
            Part::ToolCall(call) if assistant => self.calls.push(tool_call(call, whole.cache_control.as_ref())),
            Part::Reasoning(thought) if assistant => self.think(thought),
            Part::ToolCall(_) | Part::Reasoning(_) => {
                let message = "only an assistant's message holds tool calls and reasoning";
                return Err(Error::new(Reason::UnsupportedContent, message).with_field(field()));
            }
            Part::ToolResult(_) => {
                let message = "a tool result cannot stand within another";
                return Err(Error::new(Reason::UnsupportedContent, message).with_field(field()));
            }
        }
        if !json.is_empty() {
            insert_cache_control(&mut json, whole.cache_control.as_ref());
            self.parts.push(json.into());
        }
        Ok(())
    }

    fn think(&mut self, thought: &Reasoning) {
        if is_plain(thought) {
            self.plain_thought.push_str(&thought.text);
        } else {
            self.thoughts.push(reasoning_detail(thought));
        }
    }

    fn into_message(self, role: &str, message: &Message) -> Value {
        let mut json = Map::new();
        json.insert("role".to_owned(), role.into());
        if !message.name.is_empty() {
            json.insert("name".to_owned(), message.name.as_str().into());
        }
        let silent =
            self.parts.is_empty() && !(self.calls.is_empty() && self.refusal.is_empty() && self.audio_id.is_empty());
        json.insert("content".to_owned(), if silent { Value::Null } else { content(self.parts) });
        if !self.refusal.is_empty() {
            json.insert("refusal".to_owned(), self.refusal.into());
        }
        if !self.audio_id.is_empty() {
            json.insert("audio".to_owned(), json!({ "id": self.audio_id }));
        }
        if !self.calls.is_empty() {
            json.insert("tool_calls".to_owned(), self.calls.into());
        }
        if !self.thoughts.is_empty() {
            json.insert("reasoning_details".to_owned(), self.thoughts.into());
        } else if !self.plain_thought.is_empty() {
            json.insert("reasoning".to_owned(), self.plain_thought.into());
        }
        let files = message.citations.iter().filter_map(|citation| citation.file.as_ref());
        let files: Vec<Value> = files.map(|file| json!({"type": "file", "file": file})).collect();
        if !files.is_empty() {
            // Sent back, a parsed file is not parsed, and paid, again.
            json.insert("annotations".to_owned(), files.into());
        }
        insert_cache_control(&mut json, message.cache_control.as_ref());
        json.into()
    }
}

/// One plain text is a string, which every host takes; all else is parts.
fn content(mut parts: Vec<Value>) -> Value {
    match parts.as_mut_slice() {
        [] => Value::String(String::new()),
        [Value::Object(only)] if only.len() == 2 && only.get("type").is_some_and(|kind| kind == "text") => {
            only.get_mut("text").map(Value::take).unwrap_or_default()
        }
        _ => parts.into(),
    }
}

fn image_url(image: &Image, field: &dyn Fn() -> String) -> Result<Value, Error> {
    let url = match &image.source {
        Some(image::Source::Url(url)) => url.clone(),
        Some(image::Source::Data(data)) => media::to_data_url(&image.media_type, data),
        None => return Err(no_source(field, "image")),
    };
    Ok(if image.detail.is_empty() { json!({ "url": url }) } else { json!({"url": url, "detail": image.detail}) })
}

fn file_object(file: &crate::pb::File, field: &dyn Fn() -> String) -> Result<Value, Error> {
    let mut json = Map::new();
    if !file.filename.is_empty() {
        json.insert("filename".to_owned(), file.filename.as_str().into());
    }
    match &file.source {
        Some(file::Source::Url(url)) => json.insert("file_data".to_owned(), url.as_str().into()),
        Some(file::Source::Data(data)) => {
            json.insert("file_data".to_owned(), media::to_data_url(&file.media_type, data).into())
        }
        Some(file::Source::FileId(id)) => json.insert("file_id".to_owned(), id.as_str().into()),
        None => return Err(no_source(field, "file")),
    };
    Ok(json.into())
}

fn no_source(field: &dyn Fn() -> String, kind: &str) -> Error {
    Error::invalid(format!("{}.{kind}", field()), "give a `url` or `data`")
}

fn tool_call(call: &ToolCall, marker: Option<&CacheControl>) -> Value {
    let inner = if call.custom {
        ("custom", json!({"name": call.name, "input": call.arguments}))
    } else {
        let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
        ("function", json!({"name": call.name, "arguments": arguments}))
    };
    let mut json = Map::new();
    json.insert("id".to_owned(), call.id.as_str().into());
    json.insert("type".to_owned(), inner.0.into());
    json.insert(inner.0.to_owned(), inner.1);
    insert_cache_control(&mut json, marker);
    json.into()
}

/// Thinking that came as text alone, without anything to be checked.
pub(in crate::dialect::openai) fn is_plain(thought: &Reasoning) -> bool {
    let Reasoning { kind: _, text: _, signature, data, format, id, index } = thought;
    [signature, data, format, id].iter().all(|field| field.is_empty()) && index.is_none()
}

/// A piece of thinking as the element of `reasoning_details` that it came from.
pub(in crate::dialect::openai) fn reasoning_detail(thought: &Reasoning) -> Value {
    let mut json = Map::new();
    let (kind, name, text) = match thought.kind() {
        ReasoningKind::Summary => ("reasoning.summary", "summary", &thought.text),
        ReasoningKind::Encrypted => ("reasoning.encrypted", "data", &thought.data),
        ReasoningKind::Unspecified if !thought.data.is_empty() => ("reasoning.encrypted", "data", &thought.data),
        ReasoningKind::Text | ReasoningKind::Unspecified => ("reasoning.text", "text", &thought.text),
    };
    json.insert("type".to_owned(), kind.into());
    // A signature comes with its text even where that is empty; an entry of neither stays without.
    if !text.is_empty() || !thought.signature.is_empty() || kind != "reasoning.text" {
        json.insert(name.to_owned(), text.as_str().into());
    }
    for (name, value) in [("signature", &thought.signature), ("id", &thought.id), ("format", &thought.format)] {
        if !value.is_empty() {
            json.insert(name.to_owned(), value.as_str().into());
        }
    }
    if let Some(index) = thought.index {
        json.insert("index".to_owned(), index.into());
    }
    json.into()
}

/// Adds a cache marker.
pub(in crate::dialect) fn insert_cache_control(json: &mut Map<String, Value>, marker: Option<&CacheControl>) {
    if let Some(marker) = marker {
        let mut control = json!({"type": "ephemeral"});
        if !marker.ttl.is_empty() {
            control["ttl"] = marker.ttl.as_str().into();
        }
        json.insert("cache_control".to_owned(), control);
    }
}
