//! What a request must fulfil before anything is sent: parts fit their role and the model, numbers their range.

use super::hedging;
use crate::{
    error::{Error, Reason},
    pb::{
        self, ChatRequest, ContentPart, EmbedRequest, Role, ShortName as _, content_part::Part, embed_input::Input,
        file, image, tool::Kind, video,
    },
};

/// What the chosen target is known to take. Without a catalogue entry everything is left to the provider.
#[derive(Clone, Copy, Default)]
pub(super) struct Abilities<'a> {
    /// The catalogue's model.
    pub model: Option<&'a pb::Model>,
    /// The provider turns documents into text for models that take none.
    pub parses_files: bool,
}

/// Refuses a chat that no provider could take as it is meant.
pub(super) fn chat(request: &ChatRequest, abilities: Abilities<'_>) -> Result<(), Error> {
    // A session's history may do.
    if request.messages.is_empty() && request.session_id.is_empty() {
        return Err(Error::invalid("messages", "`messages` is empty; send at least one message"));
    }
    if !request.parent_message_id.is_empty() && request.session_id.is_empty() {
        return Err(Error::invalid("parent_message_id", "`parent_message_id` needs a `session_id` beside it"));
    }
    if request.from_start && request.session_id.is_empty() {
        return Err(Error::invalid("from_start", "`from_start` needs a `session_id` beside it"));
    }
    hedging::check(request.routing.as_ref())?;
    sampling(request)?;
    if request.tools.iter().any(|tool| matches!(tool.kind, Some(Kind::Function(_) | Kind::Custom(_)))) {
        abilities.require_parameter("tools", "tools")?;
    }
    for (at, tool) in request.tools.iter().enumerate() {
        self::tool(tool, &format!("tools[{at}]"))?;
    }
    for modality in &request.modalities {
        abilities.require_output(modality)?;
    }
    if abilities.model.is_some_and(|model| model.output_modalities.iter().all(|made| made == "embeddings"))
        && abilities.model.is_some_and(|model| !model.output_modalities.is_empty())
    {
        return Err(unsupported("model", "this model makes embeddings; choose one that makes text"));
    }
    for (at, message) in request.messages.iter().enumerate() {
        self::message(message, &format!("messages[{at}]"), abilities)?;
    }
    Ok(())
}

/// Refuses a session's history that the model does not take; only another model can help.
pub(super) fn history(messages: &[pb::Message], abilities: Abilities<'_>) -> Result<(), Error> {
    for message in messages {
        self::message(message, "session_id", abilities).map_err(|error| {
            let message = format!("the session's history does not fit: {}; choose another model", error.message);
            unsupported("session_id", message)
        })?;
    }
    Ok(())
}

/// Refuses embeddings that no provider could make.
pub(super) fn embeddings(request: &EmbedRequest, abilities: Abilities<'_>) -> Result<(), Error> {
    if request.inputs.is_empty() {
        return Err(Error::invalid("inputs", "`inputs` is empty; send at least one input"));
    }
    if request.dimensions == Some(0) {
        return Err(Error::invalid("dimensions", "`dimensions` must be at least 1"));
    }
    let makes = |model: &pb::Model| {
        model.output_modalities.is_empty() || model.output_modalities.iter().any(|made| made == "embeddings")
    };
    if abilities.model.is_some_and(|model| !makes(model)) {
        return Err(unsupported(
            "model",
            "this model makes no embeddings; list those that do with modality=embeddings",
        ));
    }
    for (at, input) in request.inputs.iter().enumerate() {
        let field = format!("inputs[{at}]");
        match &input.input {
            None => return Err(Error::invalid(&field, format!("`{field}` is empty; send a text, tokens or parts"))),
            Some(Input::Text(_) | Input::Tokens(_)) => {}
            Some(Input::Parts(parts)) => {
                for (index, part) in parts.parts.iter().enumerate() {
                    self::part(part, Role::User, &format!("{field}.parts[{index}]"), abilities)?;
                }
            }
        }
    }
    Ok(())
}

impl Abilities<'_> {
    fn takes(self, modality: &str) -> bool {
        let Some(model) = self.model.filter(|model| !model.input_modalities.is_empty()) else { return true };
        modality == "file" && self.parses_files || model.input_modalities.iter().any(|taken| taken == modality)
    }

    fn require_input(self, modality: &str, field: &str) -> Result<(), Error> {
        if self.takes(modality) {
            return Ok(());
        }
        let model = self.model.map_or("this model", |model| model.id.as_str());
        let message =
            format!("{model} takes no {modality}; leave `{field}` out or list models with modality={modality}");
        Err(unsupported(field, message))
    }

    fn require_output(self, modality: &str) -> Result<(), Error> {
        let Some(model) = self.model.filter(|model| !model.output_modalities.is_empty()) else { return Ok(()) };
        if model.output_modalities.iter().any(|made| made == modality) {
            return Ok(());
        }
        Err(unsupported(
            "modalities",
            format!("{} makes no {modality}; it makes {}", model.id, model.output_modalities.join(", ")),
        ))
    }

    fn require_parameter(self, parameter: &str, field: &str) -> Result<(), Error> {
        let Some(model) = self.model.filter(|model| !model.supported_parameters.is_empty()) else { return Ok(()) };
        if model.supported_parameters.iter().any(|known| known == parameter) {
            return Ok(());
        }
        let message =
            format!("{} does not know `{field}`; choose a model whose supported_parameters hold it", model.id);
        Err(Error::new(Reason::UnsupportedParameter, message).with_field(field))
    }
}

fn sampling(request: &ChatRequest) -> Result<(), Error> {
    let ranges = [
        ("temperature", request.temperature, 0.0, 2.0),
        ("top_p", request.top_p, 0.0, 1.0),
        ("min_p", request.min_p, 0.0, 1.0),
        ("presence_penalty", request.presence_penalty, -2.0, 2.0),
        ("frequency_penalty", request.frequency_penalty, -2.0, 2.0),
    ];
    for (field, value, least, most) in ranges {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            return Err(Error::invalid(field, format!("`{field}` must be between {least} and {most}")));
        }
    }
    if request.max_output_tokens == Some(0) {
        return Err(Error::invalid("max_output_tokens", "`max_output_tokens` must be at least 1"));
    }
    Ok(())
}

fn tool(tool: &pb::Tool, field: &str) -> Result<(), Error> {
    let name = match &tool.kind {
        None => return Err(Error::invalid(field, format!("`{field}` must be a function, custom or provider tool"))),
        Some(Kind::Function(function)) => &function.name,
        Some(Kind::Custom(custom)) => &custom.name,
        Some(Kind::Provider(provider)) => &provider.r#type,
    };
    if name.is_empty() {
        return Err(Error::invalid(
            format!("{field}.name"),
            format!("`{field}` has no name; the model calls it by that"),
        ));
    }
    Ok(())
}

fn message(message: &pb::Message, field: &str, abilities: Abilities<'_>) -> Result<(), Error> {
    let role = message.role();
    if role == Role::Unspecified {
        return Err(Error::invalid(
            format!("{field}.role"),
            format!("`{field}.role` must be system, developer, user, assistant or tool"),
        ));
    }
    for (at, part) in message.content.iter().enumerate() {
        self::part(part, role, &format!("{field}.content[{at}]"), abilities)?;
    }
    Ok(())
}

fn part(part: &ContentPart, role: Role, field: &str, abilities: Abilities<'_>) -> Result<(), Error> {
    let Some(part) = &part.part else {
        return Err(Error::invalid(field, format!("`{field}` is empty; send text, an image, a file, …")));
    };
    let kind = kind(part);
    let fits = match role {
        Role::System | Role::Developer => matches!(part, Part::Text(_)),
        Role::User => matches!(part, Part::Text(_) | Part::Image(_) | Part::File(_) | Part::Audio(_) | Part::Video(_)),
        Role::Assistant => !matches!(part, Part::ToolResult(_) | Part::Video(_) | Part::File(_)),
        Role::Tool => matches!(part, Part::ToolResult(_)),
        Role::Unspecified => false,
    };
    if !fits {
        let message = format!("a message of role {} cannot hold `{kind}`", role.short_name());
        return Err(unsupported(&format!("{field}.{kind}"), message));
    }
    // What a model has made itself comes back to it as it is.
    if role == Role::Assistant {
        return Ok(());
    }
    let field = format!("{field}.{kind}");
    match part {
        Part::Image(image) => {
            let (url, data) = match &image.source {
                Some(image::Source::Url(url)) => (Some(url), None),
                Some(image::Source::Data(data)) => (None, Some(data.len())),
                None => (None, None),
            };
            source(&field, url, data, &image.media_type, "image/")?;
            abilities.require_input("image", &field)
        }
        Part::File(file) => {
            if !matches!(file.source, Some(file::Source::FileId(_))) {
                let (url, data) = match &file.source {
                    Some(file::Source::Url(url)) => (Some(url), None),
                    Some(file::Source::Data(data)) => (None, Some(data.len())),
                    _ => (None, None),
                };
                source(&field, url, data, &file.media_type, "")?;
            }
            abilities.require_input("file", &field)
        }
        Part::Video(video) => {
            let (url, data) = match &video.source {
                Some(video::Source::Url(url)) => (Some(url), None),
                Some(video::Source::Data(data)) => (None, Some(data.len())),
                None => (None, None),
            };
            source(&field, url, data, &video.media_type, "video/")?;
            abilities.require_input("video", &field)
        }
        Part::Audio(audio) => {
            if audio.data.is_empty() || audio.format.is_empty() {
                return Err(Error::invalid(&field, format!("`{field}` needs `data` and its `format`, such as wav")));
            }
            abilities.require_input("audio", &field)
        }
        Part::ToolResult(result) => {
            if result.tool_call_id.is_empty() {
                return Err(Error::invalid(&field, format!("`{field}.tool_call_id` must name the call it answers")));
            }
            for (at, inner) in result.content.iter().enumerate() {
                self::part(inner, Role::User, &format!("{field}.content[{at}]"), abilities)?;
            }
            Ok(())
        }
        Part::Text(_) | Part::ToolCall(_) | Part::Reasoning(_) | Part::Refusal(_) => Ok(()),
    }
}

/// Refuses media that are nowhere, or whose type does not say what they are.
fn source(
    field: &str,
    url: Option<&String>,
    bytes: Option<usize>,
    media_type: &str,
    expected: &str,
) -> Result<(), Error> {
    match (url, bytes) {
        (Some(url), _) if ["https://", "http://", "data:", "gs://"].iter().any(|scheme| url.starts_with(scheme)) => {
            Ok(())
        }
        (Some(_), _) => Err(Error::invalid(field, format!("`{field}.url` must begin with https:// or http://"))),
        (None, None | Some(0)) => Err(Error::invalid(field, format!("`{field}` needs a `url` or `data`"))),
        (None, Some(_)) if media_type.is_empty() => Err(Error::invalid(
            format!("{field}.media_type"),
            format!("`{field}.media_type` must say what the bytes are"),
        )),
        (None, Some(_)) if !media_type.starts_with(expected) => {
            Err(unsupported(&format!("{field}.media_type"), format!("`{field}.media_type` must begin with {expected}")))
        }
        (None, Some(_)) => Ok(()),
    }
}

fn kind(part: &Part) -> &'static str {
    match part {
        Part::Text(_) => "text",
        Part::Image(_) => "image",
        Part::File(_) => "file",
        Part::Audio(_) => "audio",
        Part::Video(_) => "video",
        Part::ToolCall(_) => "tool_call",
        Part::ToolResult(_) => "tool_result",
        Part::Reasoning(_) => "reasoning",
        Part::Refusal(_) => "refusal",
    }
}

fn unsupported(field: &str, message: impl Into<String>) -> Error {
    Error::new(Reason::UnsupportedContent, message).with_field(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &str, modalities: &[&str], expected: Result<(), &str>) {
        let model = pb::Model {
            id: "author/slug".to_owned(),
            input_modalities: modalities.iter().map(|&modality| modality.to_owned()).collect(),
            supported_parameters: vec!["temperature".to_owned()],
            ..pb::Model::default()
        };
        let request = serde_json::from_str(request).unwrap();
        let abilities = Abilities { model: Some(&model), parses_files: false };
        let found = chat(&request, abilities).map_err(|error| error.field.clone().unwrap_or_default());
        assert_eq!(found, expected.map_err(str::to_owned), "{request:?}");
    }

    #[test]
    fn parts_are_checked_against_role_and_model() {
        let text = r#"{"messages":[{"role":"user","content":"hello"}]}"#;
        check(text, &["text"], Ok(()));
        check(r#"{"messages":[]}"#, &["text"], Err("messages"));
        check(r#"{"messages":[{"role":"unspecified","content":"x"}]}"#, &["text"], Err("messages[0].role"));
        let image =
            r#"{"messages":[{"role":"user","content":["see",{"image":{"data":"AAAA","media_type":"image/png"}}]}]}"#;
        check(image, &["text", "image"], Ok(()));
        check(image, &["text"], Err("messages[0].content[1].image"));
        let lies = r#"{"messages":[{"role":"user","content":[{"image":{"data":"AAAA","media_type":"text/html"}}]}]}"#;
        check(lies, &["image"], Err("messages[0].content[0].image.media_type"));
        let local = r#"{"messages":[{"role":"user","content":[{"image":{"url":"file:///etc/passwd"}}]}]}"#;
        check(local, &["image"], Err("messages[0].content[0].image"));
        let system = r#"{"messages":[{"role":"system","content":[{"image":{"url":"https://a/b.png"}}]}]}"#;
        check(system, &["image"], Err("messages[0].content[0].image"));
        let result = r#"{"messages":[{"role":"tool","content":"42"}]}"#;
        check(result, &["text"], Err("messages[0].content[0].text"));
        let empty = r#"{"messages":[{"role":"user","content":[{}]}]}"#;
        check(empty, &["text"], Err("messages[0].content[0]"));
    }

    #[test]
    fn a_session_may_have_said_it_all() {
        check(r#"{"messages":[],"session_id":"s"}"#, &["text"], Ok(()));
        let alone = r#"{"messages":[{"role":"user","content":"x"}],"parent_message_id":"m"}"#;
        check(alone, &["text"], Err("parent_message_id"));
    }

    #[test]
    fn what_the_model_cannot_do_is_refused_by_field() {
        let tools = r#"{"messages":[{"role":"user","content":"x"}],"tools":[{"function":{"name":"f"}}]}"#;
        check(tools, &["text"], Err("tools"));
        check(r#"{"messages":[{"role":"user","content":"x"}],"temperature":2.5}"#, &["text"], Err("temperature"));
    }
}
