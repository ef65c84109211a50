//! The pieces that whole answers and chunks have in common, written straight into a buffer.

use bytes::{BufMut, BytesMut};
use serde::Serialize;

use crate::{
    dialect::media,
    pb::{Audio, Citation, FinishReason, Image, TokenLogprob, Usage, Warning, image, well_known::Struct},
};

/// Appends text as it is.
pub(super) fn raw(out: &mut BytesMut, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// Appends a value as JSON.
pub(super) fn json<T: Serialize + ?Sized>(out: &mut BytesMut, value: &T) {
    serde_json::to_writer(out.writer(), value).expect("a buffer takes all that is written, and our keys are strings");
}

/// Appends a list, each element as `each` writes it.
pub(super) fn list<T>(out: &mut BytesMut, items: &[T], mut each: impl FnMut(&mut BytesMut, &T)) {
    raw(out, "[");
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            raw(out, ",");
        }
        each(out, item);
    }
    raw(out, "]");
}

/// The format's word for why the model stopped.
pub(super) fn finish_word(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Unspecified | FinishReason::Stop | FinishReason::Cancelled => "stop",
        FinishReason::Length | FinishReason::BudgetExceeded => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::Error => "error",
    }
}

/// Appends `"finish_reason":…,"native_finish_reason":…`.
pub(super) fn finish(out: &mut BytesMut, reason: FinishReason, native: &str) {
    raw(out, "\"finish_reason\":\"");
    raw(out, finish_word(reason));
    raw(out, "\",\"native_finish_reason\":");
    json(out, &Some(native).filter(|native| !native.is_empty()));
}

/// Appends a usage object, sums first, classes as the format nests them.
pub(super) fn usage(out: &mut BytesMut, usage: &Usage, cost_usd: Option<f64>) {
    let (input, output) = (usage.input_total(), usage.output_total());
    raw(out, "{\"prompt_tokens\":");
    json(out, &input);
    raw(out, ",\"completion_tokens\":");
    json(out, &output);
    raw(out, ",\"total_tokens\":");
    json(out, &input.saturating_add(output));
    if let Some(cost) = cost_usd {
        raw(out, ",\"cost\":");
        json(out, &cost);
    }
    let written = match (usage.cache_write_tokens, usage.cache_write_1h_tokens) {
        (None, None) => None,
        (short, long) => Some(short.unwrap_or(0).saturating_add(long.unwrap_or(0))),
    };
    let prompt = [
        ("cached_tokens", usage.cache_read_tokens),
        ("cache_write_tokens", written),
        ("audio_tokens", usage.audio_input_tokens),
        ("image_tokens", usage.image_input_tokens),
    ];
    counts(out, "prompt_tokens_details", &prompt);
    let completion = [
        ("reasoning_tokens", usage.reasoning_tokens),
        ("audio_tokens", usage.audio_output_tokens),
        ("image_tokens", usage.image_output_tokens),
    ];
    counts(out, "completion_tokens_details", &completion);
    counts(out, "server_tool_use_details", &[("web_search_requests", usage.web_searches)]);
    raw(out, "}");
}

/// Appends `,"name":{…}` with the counts that are known, or nothing.
fn counts(out: &mut BytesMut, name: &str, counts: &[(&str, Option<u32>)]) {
    let known = counts.iter().filter_map(|(name, count)| count.map(|count| (*name, count)));
    for (at, (class, count)) in known.clone().enumerate() {
        if at == 0 {
            raw(out, ",");
            json(out, name);
            raw(out, ":{");
        } else {
            raw(out, ",");
        }
        json(out, class);
        raw(out, ":");
        json(out, &count);
    }
    if known.count() > 0 {
        raw(out, "}");
    }
}

/// Appends an image as an element of `images`.
pub(super) fn image(out: &mut BytesMut, image: &Image, index: usize) {
    raw(out, "{\"type\":\"image_url\",\"image_url\":{\"url\":");
    match &image.source {
        Some(image::Source::Url(url)) => json(out, url),
        Some(image::Source::Data(data)) => json(out, &media::to_data_url(&image.media_type, data)),
        None => raw(out, "\"\""),
    }
    raw(out, "},\"index\":");
    json(out, &index);
    raw(out, "}");
}

/// Appends a source as an element of `annotations`.
pub(super) fn citation(out: &mut BytesMut, citation: &Citation) {
    if let Some(file) = &citation.file {
        raw(out, "{\"type\":\"file\",\"file\":");
        json(out, file);
        raw(out, "}");
        return;
    }
    raw(out, "{\"type\":\"url_citation\",\"url_citation\":{\"url\":");
    json(out, &citation.url);
    raw(out, ",\"title\":");
    json(out, &citation.title);
    raw(out, ",\"start_index\":");
    json(out, &citation.start_index.unwrap_or(0));
    raw(out, ",\"end_index\":");
    json(out, &citation.end_index.unwrap_or(0));
    if !citation.quote.is_empty() {
        raw(out, ",\"content\":");
        json(out, &citation.quote);
    }
    raw(out, "}}");
}

/// Appends generated sound, or a piece of it.
pub(super) fn audio(out: &mut BytesMut, audio: &Audio) {
    let data = if audio.data.is_empty() { String::new() } else { media::encode(&audio.data) };
    let fields = [("id", &audio.id), ("data", &data), ("transcript", &audio.transcript), ("format", &audio.format)];
    let known = fields.iter().filter(|(_, value)| !value.is_empty());
    for (at, (name, value)) in known.enumerate() {
        raw(out, if at == 0 { "{" } else { "," });
        json(out, name);
        raw(out, ":");
        json(out, value);
    }
    raw(out, if fields.iter().any(|(_, value)| !value.is_empty()) { "}" } else { "{}" });
}

/// Appends `{"content":[…],"refusal":…}`.
pub(super) fn logprobs(out: &mut BytesMut, tokens: &[TokenLogprob], refusal: bool) {
    raw(out, if refusal { "{\"content\":null,\"refusal\":" } else { "{\"content\":" });
    list(out, tokens, logprob);
    raw(out, if refusal { "}" } else { ",\"refusal\":null}" });
}

fn logprob(out: &mut BytesMut, token: &TokenLogprob) {
    alternative(out, token);
    raw(out, ",\"top_logprobs\":");
    list(out, &token.top, |out, token| {
        alternative(out, token);
        raw(out, "}");
    });
    raw(out, "}");
}

fn alternative(out: &mut BytesMut, token: &TokenLogprob) {
    raw(out, "{\"token\":");
    json(out, &token.token);
    raw(out, ",\"logprob\":");
    json(out, &token.logprob);
    raw(out, ",\"bytes\":");
    json(out, &Some(token.bytes.as_ref()).filter(|bytes| !bytes.is_empty()));
}

/// Appends `,"warnings":[…]`, or nothing.
pub(super) fn warnings(out: &mut BytesMut, warnings: &[Warning]) {
    if !warnings.is_empty() {
        raw(out, ",\"warnings\":");
        json(out, warnings);
    }
}

/// Appends a provider's further fields as members of the answer, but for those that the answer has itself.
pub(super) fn provider_fields(out: &mut BytesMut, fields: Option<&Struct>) {
    const OURS: [&str; 9] = ["id", "object", "created", "model", "provider", "choices", "usage", "warnings", "error"];
    let fields = fields.into_iter().flat_map(|fields| &fields.fields);
    for field in fields.filter(|field| !OURS.contains(&field.key.as_str())) {
        raw(out, ",");
        json(out, &field.key);
        raw(out, ":");
        json(out, &field.value);
    }
}
