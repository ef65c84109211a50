//! Conversations as clients write them.

use serde_json::Value;

use super::{
    fields::{Fields, Path},
    parts::{read_cache_control, read_content, read_image},
};
use crate::{
    dialect::openai::file_citation,
    error::Error,
    pb::{
        Audio, Citation, ContentPart, Message, Reasoning, ReasoningKind, Role, ToolCall, ToolResult,
        content_part::Part, well_known::Struct,
    },
};

/// Reads a conversation.
pub(super) fn read_messages(list: Vec<Value>, path: &Path<'_>) -> Result<Vec<Message>, Error> {
    let mut functions = OldCalls::default();
    let read = |(at, message)| read_message(message, Path::Element(path, at), at, &mut functions);
    list.into_iter().enumerate().map(read).collect()
}

/// Calls of old clients' `functions`, which are told apart by name alone.
#[derive(Default)]
struct OldCalls(Vec<(String, String)>);

fn read_message(message: Value, path: Path<'_>, at: usize, functions: &mut OldCalls) -> Result<Message, Error> {
    let mut fields = Fields::of(message, path)?;
    let role = match fields.needed_text("role")?.as_str() {
        "system" => Role::System,
        "developer" => Role::Developer,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => return Err(fields.at("role").must_be("one of system, developer, user, assistant, tool")),
    };
    let name = fields.text_or_empty("name")?;
    let cache_control = read_cache_control(&mut fields)?;
    let content = fields.take("content").unwrap_or_default();
    let content = read_content(content, &fields.at("content"))?;
    let mut message = Message { role: role.into(), name, cache_control, ..Message::default() };
    match role {
        Role::Assistant => {
            message.content = read_thinking(&mut fields)?;
            message.content.extend(content);
            read_answer(&mut fields, at, functions, &mut message)?;
        }
        Role::Tool => {
            let name = std::mem::take(&mut message.name);
            let tool_call_id = match fields.text("tool_call_id")? {
                Some(id) if !id.is_empty() => id,
                _ => functions.id_of(&name).ok_or_else(|| fields.at("tool_call_id").must_be("the id of the call"))?,
            };
            message.content =
                vec![Part::ToolResult(ToolResult { tool_call_id, content, is_error: false, name }).into()];
        }
        _ => message.content = content,
    }
    Ok(message)
}

impl OldCalls {
    fn id_of(&self, name: &str) -> Option<String> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, id)| id.clone())
    }
}

/// What only an assistant's message holds, besides thinking and content.
fn read_answer(
    fields: &mut Fields<'_>,
    at: usize,
    functions: &mut OldCalls,
    message: &mut Message,
) -> Result<(), Error> {
    if let Some(refusal) = fields.text("refusal")?.filter(|refusal| !refusal.is_empty()) {
        message.content.push(Part::Refusal(refusal).into());
    }
    if let Some(audio) = fields.object("audio")? {
        let mut audio = Fields::new(audio, fields.at("audio"));
        let id = audio.needed_text("id")?;
        let transcript = audio.text_or_empty("transcript")?;
        message.content.push(Part::Audio(Audio { id, transcript, ..Audio::default() }).into());
    }
    let images = fields.list("images")?;
    for (number, image) in images.into_iter().enumerate() {
        let path = fields.at("images");
        let mut image = Fields::of(image, Path::Element(&path, number))?;
        message.content.push(Part::Image(read_image(&mut image)?).into());
    }
    let calls = fields.list("tool_calls")?;
    for (number, call) in calls.into_iter().enumerate() {
        let path = fields.at("tool_calls");
        message.content.push(read_call(call, Path::Element(&path, number))?);
    }
    if let Some(call) = fields.object("function_call")? {
        let mut call = Fields::new(call, fields.at("function_call"));
        let (name, arguments) = (call.needed_text("name")?, arguments_of(&mut call, "arguments"));
        let id = format!("call_{at}");
        functions.0.push((name.clone(), id.clone()));
        message.content.push(Part::ToolCall(ToolCall { id, name, arguments, ..ToolCall::default() }).into());
    }
    for annotation in fields.list("annotations")? {
        message.citations.extend(citation(annotation));
    }
    Ok(())
}

fn read_call(call: Value, path: Path<'_>) -> Result<ContentPart, Error> {
    let mut fields = Fields::of(call, path)?;
    let id = fields.needed_text("id")?;
    let cache_control = read_cache_control(&mut fields)?;
    let call = if let Some(custom) = fields.object("custom")? {
        let mut custom = Fields::new(custom, fields.at("custom"));
        let (name, arguments) = (custom.needed_text("name")?, custom.text_or_empty("input")?);
        ToolCall { id, name, arguments, custom: true, provider_executed: false }
    } else {
        let function = fields.object("function")?.ok_or_else(|| fields.at("function").must_be("an object"))?;
        let mut function = Fields::new(function, fields.at("function"));
        let (name, arguments) = (function.needed_text("name")?, arguments_of(&mut function, "arguments"));
        ToolCall { id, name, arguments, ..ToolCall::default() }
    };
    Ok(ContentPart { part: Some(Part::ToolCall(call)), cache_control })
}

/// Arguments are JSON text; some clients send the object itself.
fn arguments_of(fields: &mut Fields<'_>, name: &str) -> String {
    match fields.take(name) {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
    }
}

/// Thinking of an earlier turn: the details whole, or else the text.
fn read_thinking(fields: &mut Fields<'_>) -> Result<Vec<ContentPart>, Error> {
    let details = fields.list("reasoning_details")?;
    let reasoning = fields.text("reasoning")?;
    let text = reasoning.map_or_else(|| fields.text("reasoning_content"), |text| Ok(Some(text)))?;
    if details.is_empty() {
        let thought = text.filter(|text| !text.is_empty()).map(|text| {
            let kind = ReasoningKind::Text.into();
            Part::Reasoning(Reasoning { kind, text, ..Reasoning::default() }).into()
        });
        return Ok(thought.into_iter().collect());
    }
    let path = fields.at("reasoning_details");
    let read = |(at, detail)| read_detail(detail, Path::Element(&path, at));
    details.into_iter().enumerate().map(read).collect()
}

fn read_detail(detail: Value, path: Path<'_>) -> Result<ContentPart, Error> {
    let mut fields = Fields::of(detail, path)?;
    let text = fields.text("text")?;
    let summary = fields.text("summary")?;
    let data = fields.text_or_empty("data")?;
    let kind = match fields.text_or_empty("type")?.as_str() {
        "reasoning.summary" => ReasoningKind::Summary,
        "reasoning.encrypted" => ReasoningKind::Encrypted,
        "reasoning.text" => ReasoningKind::Text,
        _ if summary.is_some() => ReasoningKind::Summary,
        _ if !data.is_empty() => ReasoningKind::Encrypted,
        _ => ReasoningKind::Text,
    };
    let thought = Reasoning {
        kind: kind.into(),
        text: text.or(summary).unwrap_or_default(),
        signature: fields.text_or_empty("signature")?,
        data,
        format: fields.text_or_empty("format")?,
        id: fields.text_or_empty("id")?,
        index: fields.count("index")?,
    };
    Ok(Part::Reasoning(thought).into())
}

fn citation(annotation: Value) -> Option<Citation> {
    let Value::Object(mut annotation) = annotation else { return None };
    if let Some(Value::Object(file)) = annotation.shift_remove("file") {
        return Some(file_citation(Struct::from(file)));
    }
    let Some(Value::Object(cited)) = annotation.shift_remove("url_citation") else { return None };
    let text = |name: &str| cited.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let index = |name: &str| cited.get(name).and_then(Value::as_u64).and_then(|index| u32::try_from(index).ok());
    Some(Citation {
        url: text("url"),
        title: text("title"),
        quote: text("content"),
        start_index: index("start_index"),
        end_index: index("end_index"),
        file: None,
    })
}
