//! Writes a whole answer.

use bytes::{Bytes, BytesMut};

use super::written::{self, json, raw};
use crate::{
    dialect::openai::client::{is_plain, reasoning_detail},
    pb::{ChatResponse, Message, content_part::Part},
};

/// Writes a chat's answer. `created_s` is the moment of the answer in seconds since 1970.
pub fn write_chat(response: &ChatResponse, created_s: i64) -> Bytes {
    let mut out = BytesMut::with_capacity(1024);
    raw(&mut out, "{\"id\":");
    json(&mut out, &response.generation_id);
    raw(&mut out, ",\"object\":\"chat.completion\",\"created\":");
    json(&mut out, &created_s);
    raw(&mut out, ",\"model\":");
    let resolved = response.model.as_ref().map_or("", |model| &model.resolved);
    json(&mut out, if response.upstream_model.is_empty() { resolved } else { &response.upstream_model });
    raw(&mut out, ",\"provider\":");
    let provider = &response.upstream_provider;
    json(&mut out, if provider.is_empty() { &response.provider } else { provider });
    raw(&mut out, ",\"choices\":[{\"index\":0,\"message\":");
    let nobody = Message::default();
    let message = response.message.as_ref().unwrap_or(&nobody);
    write_message(&mut out, message);
    raw(&mut out, ",");
    written::finish(&mut out, response.finish_reason(), &response.native_finish_reason);
    raw(&mut out, ",\"logprobs\":");
    if response.logprobs.is_empty() {
        raw(&mut out, "null");
    } else {
        let refused = message.content.iter().any(|part| matches!(part.part, Some(Part::Refusal(_))));
        let spoke = message.content.iter().any(|part| matches!(part.part, Some(Part::Text(_))));
        written::logprobs(&mut out, &response.logprobs, refused && !spoke);
    }
    raw(&mut out, "}]");
    if let Some(usage) = &response.usage {
        raw(&mut out, ",\"usage\":");
        written::usage(&mut out, usage, response.cost_usd);
    }
    written::provider_fields(&mut out, response.provider_fields.as_ref());
    written::warnings(&mut out, &response.warnings);
    raw(&mut out, "}");
    out.freeze()
}

fn write_message(out: &mut BytesMut, message: &Message) {
    let parts: Vec<&Part> = message.content.iter().filter_map(|part| part.part.as_ref()).collect();
    let join = |of: fn(&Part) -> Option<&str>| parts.iter().filter_map(|part| of(part)).collect::<String>();
    let text = join(|part| if let Part::Text(text) = part { Some(text) } else { None });
    let refusal = join(|part| if let Part::Refusal(text) = part { Some(text) } else { None });
    let reasoning = join(|part| if let Part::Reasoning(thought) = part { Some(&thought.text) } else { None });
    let calls = parts.iter().filter_map(|part| match part {
        // A call that the provider answered itself is not the client's to run.
        Part::ToolCall(call) if !call.provider_executed => Some(call),
        _ => None,
    });
    let calls: Vec<_> = calls.enumerate().collect();
    let audio = parts.iter().find_map(|part| if let Part::Audio(audio) = part { Some(audio) } else { None });
    let silent = text.is_empty() && !(calls.is_empty() && refusal.is_empty() && audio.is_none());

    raw(out, "{\"role\":\"assistant\",\"content\":");
    json(out, &(!silent).then_some(&text));
    raw(out, ",\"refusal\":");
    json(out, &(!refusal.is_empty()).then_some(&refusal));
    raw(out, ",\"reasoning\":");
    json(out, &(!reasoning.is_empty()).then_some(&reasoning));
    let thoughts =
        parts.iter().filter_map(|part| if let Part::Reasoning(thought) = part { Some(thought) } else { None });
    let details: Vec<_> = thoughts.filter(|thought| !is_plain(thought)).map(reasoning_detail).collect();
    if !details.is_empty() {
        raw(out, ",\"reasoning_details\":");
        json(out, &details);
    }
    if !calls.is_empty() {
        raw(out, ",\"tool_calls\":");
        written::list(out, &calls, |out, (index, call)| {
            raw(out, "{\"index\":");
            json(out, index);
            raw(out, ",\"id\":");
            json(out, &call.id);
            let [kind, inner] = if call.custom { ["custom", "input"] } else { ["function", "arguments"] };
            for word in [",\"type\":\"", kind, "\",\"", kind, "\":{\"name\":"] {
                raw(out, word);
            }
            json(out, &call.name);
            for word in [",\"", inner, "\":"] {
                raw(out, word);
            }
            json(out, &call.arguments);
            raw(out, "}}");
        });
    }
    let images = parts.iter().filter_map(|part| if let Part::Image(image) = part { Some(image) } else { None });
    let images: Vec<_> = images.enumerate().collect();
    if !images.is_empty() {
        raw(out, ",\"images\":");
        written::list(out, &images, |out, (index, image)| written::image(out, image, *index));
    }
    if !message.citations.is_empty() {
        raw(out, ",\"annotations\":");
        written::list(out, &message.citations, written::citation);
    }
    if let Some(audio) = audio {
        raw(out, ",\"audio\":");
        written::audio(out, audio);
    }
    raw(out, "}");
}
