//! Reads a chat's answer, streamed or whole: frames in, pieces out.

use serde_json::{error::Category, value::RawValue};

use super::{
    blocks::{Base64Pieces, Blocks, Kind},
    errors,
    frame::{Call, Choice, Delta, Frame, Image, Logprob, Sound},
    usage,
};
use crate::{
    dialect::{
        Begun, Ended, Piece, ReadChat,
        lenient::{Count, Text},
        media,
    },
    error::{Error, Reason},
    pb::{
        self, AudioEvent, CitationsEvent, FinishReason, ImagesEvent, ReasoningEvent, ReasoningKind, TokenEvent,
        TokenLogprob,
        chat_event::Event,
        image::Source,
        well_known::{Field, Kind as Value, Struct},
    },
};

/// Reads one answer.
#[derive(Default)]
pub struct ChatReader {
    streamed: bool,
    begun: bool,
    /// `[DONE]` was seen.
    done: bool,
    upstream_id: String,
    blocks: Blocks,
    sound: Base64Pieces,
    sound_id: String,
    finish_reason: String,
    native_finish_reason: String,
    raw_usage: Option<String>,
    fields: Vec<Field>,
}

impl ChatReader {
    /// A reader of an answer that was asked for as a stream, or whole.
    pub fn new(streamed: bool) -> Self {
        Self { streamed, ..Self::default() }
    }
}

/// UTF-8 is checked once for all, not text by text; where it is broken, that may be in what is passed over.
fn parse(payload: &[u8]) -> serde_json::Result<Frame<'_>> {
    match std::str::from_utf8(payload) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(payload),
    }
}

impl ReadChat for ChatReader {
    fn read(&mut self, payload: &[u8], out: &mut Vec<Piece>) -> Result<(), Error> {
        let payload = payload.trim_ascii();
        if payload == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        let frame = parse(payload).map_err(|error| self.malformed(payload, &error))?;
        if let Some(usage) = frame.usage {
            // Hosts that report in every chunk count up; the last report covers all.
            self.raw_usage = Some(usage.get().to_owned());
        }
        let error = frame.error.filter(|error| is_error(error));
        let Some(choices) = &frame.choices else {
            return match error {
                Some(error) => Err(self.failed(errors::read_object(error.get()))),
                // An error in a shape without `error`, in an answer that says 200.
                None if !self.streamed => Err(self.failed(errors::read_hidden(payload))),
                None => Ok(()),
            };
        };
        if error.is_none() || !choices.is_empty() {
            self.begin(&frame, out);
        }
        self.note_fields(&frame);
        let mut choice_error = None;
        for choice in choices.iter().filter(|choice| choice.index.0.unwrap_or(0) == 0) {
            self.choice(choice, out);
            choice_error = choice_error.or_else(|| choice.error.filter(|error| is_error(error)));
        }
        match error.or(choice_error) {
            Some(error) => Err(self.failed(errors::read_object(error.get()))),
            None => Ok(()),
        }
    }

    fn finish(&mut self, out: &mut Vec<Piece>) -> Result<(), Error> {
        if !self.begun && !self.streamed {
            return Err(
                self.failed(Error::new(Reason::ProviderMalformedResponse, "the provider's answer is empty; try again"))
            );
        }
        // Snowflake ends its streams with [DONE] and no finish reason; an answer with neither was cut.
        if self.finish_reason.is_empty() && self.streamed && !self.done {
            return Err(self.failed(Error::new(
                Reason::ProviderStreamTruncated,
                "the provider's stream ended before the answer did; what came until then is not whole",
            )));
        }
        let finish_reason = self.finish_reason();
        if finish_reason == FinishReason::Error {
            return Err(self.failed(Error::new(
                Reason::ProviderError,
                "the provider broke the answer off without saying why; try again",
            )));
        }
        if finish_reason != FinishReason::Length {
            self.blocks.complete_calls(out);
        }
        let usage = self.raw_usage.as_deref().and_then(usage::read);
        let (usage, cost) = usage.map_or((None, None), |(usage, cost)| (Some(usage), cost));
        let fields = std::mem::take(&mut self.fields);
        out.push(Piece::Ended(Box::new(Ended {
            finish_reason,
            native_finish_reason: std::mem::take(&mut self.native_finish_reason),
            usage,
            cost,
            raw_usage: self.raw_usage.take(),
            provider_fields: (!fields.is_empty()).then_some(Struct { fields }),
        })));
        Ok(())
    }
}

impl ChatReader {
    fn begin(&mut self, frame: &Frame<'_>, out: &mut Vec<Piece>) {
        if self.begun {
            return;
        }
        self.begun = true;
        self.upstream_id = frame.id.own();
        out.push(Piece::Begun(Begun {
            upstream_id: self.upstream_id.clone(),
            upstream_model: frame.model.own(),
            upstream_provider: frame.provider.own(),
        }));
    }

    /// Keeps the fields for which the contract has no name; the last value counts.
    fn note_fields(&mut self, frame: &Frame<'_>) {
        if !frame.system_fingerprint.is_empty() {
            let same = |field: &Field| {
                matches!(field.value.as_ref().and_then(|value| value.kind.as_ref()),
                    Some(Value::String(known)) if *known == *frame.system_fingerprint)
            };
            if !self.fields.iter().any(|field| field.key == "system_fingerprint" && same(field)) {
                let text = Value::String(frame.system_fingerprint.own());
                self.note("system_fingerprint", pb::well_known::Value { kind: Some(text) });
            }
        }
        for (name, value) in &frame.others {
            if let Ok(value) = serde_json::from_str(value.get()) {
                self.note(name, value);
            }
        }
    }

    fn note(&mut self, name: &str, value: pb::well_known::Value) {
        match self.fields.iter_mut().find(|field| field.key == name) {
            Some(field) => field.value = Some(value),
            None => self.fields.push(Field { key: name.to_owned(), value: Some(value) }),
        }
    }

    fn choice(&mut self, choice: &Choice<'_>, out: &mut Vec<Piece>) {
        // Perplexity sends both: in a stream the message so far beside the delta, in a whole answer an empty delta.
        let (first, second) =
            if self.streamed { (&choice.delta, &choice.message) } else { (&choice.message, &choice.delta) };
        let whole = choice.message.is_some() && (choice.delta.is_none() || !self.streamed);
        let logprobs = choice.logprobs.as_ref();
        if let Some(delta) = first.as_ref().or(second.as_ref()) {
            self.thinking(delta, !whole, out);
            let probabilities = logprobs.map_or(&[][..], |logprobs| &logprobs.content);
            self.text(&delta.content, Kind::Text, probabilities, out);
            let probabilities = logprobs.map_or(&[][..], |logprobs| &logprobs.refusal);
            self.text(&delta.refusal, Kind::Refusal, probabilities, out);
            if let Some(sound) = &delta.audio {
                self.sound(sound, out);
            }
            self.calls(delta, out);
            delta.images.iter().for_each(|image| self.image(image, out));
            citations(delta, out);
        }
        if !choice.finish_reason.is_empty() {
            self.finish_reason = choice.finish_reason.own();
        }
        if !choice.native_finish_reason.is_empty() {
            self.native_finish_reason = choice.native_finish_reason.own();
        }
    }

    /// Thinking comes as details, as text, or as both, which say the same and count once.
    fn thinking(&mut self, delta: &Delta<'_>, merge: bool, out: &mut Vec<Piece>) {
        let told = delta.reasoning_details.iter().any(|detail| !detail.text.is_empty() || !detail.summary.is_empty());
        let text = if delta.reasoning.is_empty() { &delta.reasoning_content } else { &delta.reasoning };
        if !told && !text.is_empty() {
            let block = self.blocks.of(Kind::Thinking);
            let delta =
                pb::Reasoning { kind: ReasoningKind::Text.into(), text: text.own(), ..pb::Reasoning::default() };
            out.push(Piece::Event(Event::Reasoning(ReasoningEvent { block, delta: Some(delta) })));
        }
        for detail in &delta.reasoning_details {
            self.blocks.detail(detail, merge, out);
        }
    }

    fn text(&mut self, text: &Text<'_>, kind: Kind, probabilities: &[Logprob<'_>], out: &mut Vec<Piece>) {
        if text.is_empty() && probabilities.is_empty() {
            return;
        }
        out.push(Piece::Event(Event::Token(TokenEvent {
            block: self.blocks.of(kind),
            text: text.own(),
            refusal: kind == Kind::Refusal,
            logprobs: probabilities.iter().map(logprob).collect(),
        })));
    }

    fn sound(&mut self, sound: &Sound<'_>, out: &mut Vec<Piece>) {
        let data = self.sound.push(&sound.data);
        let data = media::decode(&data).unwrap_or_default();
        let id = if *sound.id == self.sound_id { String::new() } else { sound.id.own() };
        if data.is_empty() && sound.transcript.is_empty() && id.is_empty() {
            return;
        }
        if !id.is_empty() {
            id.clone_into(&mut self.sound_id);
        }
        let format = sound.format.own();
        let delta = pb::Audio { data, format, transcript: sound.transcript.own(), id };
        out.push(Piece::Event(Event::Audio(AudioEvent { block: self.blocks.of(Kind::Audio), delta: Some(delta) })));
    }

    fn calls(&mut self, delta: &Delta<'_>, out: &mut Vec<Piece>) {
        let Self { blocks, upstream_id, .. } = self;
        for call in &delta.tool_calls {
            blocks.call(call, |number| made_id(upstream_id, number), out);
        }
        if let Some(function) = &delta.function_call
            && !(function.name.is_empty() && function.arguments.is_empty())
        {
            let call = Call {
                // There is only one; an index of its own keeps it apart from `tool_calls`.
                index: Count(Some(u32::MAX)),
                id: Text::default(),
                function: Some(super::frame::Function {
                    name: function.name.clone(),
                    arguments: function.arguments.clone(),
                }),
                custom: None,
            };
            blocks.call(&call, |number| made_id(upstream_id, number), out);
        }
    }

    fn image(&mut self, image: &Image<'_>, out: &mut Vec<Piece>) {
        let Some(url) = image.image_url.as_ref().map(|url| &url.url).filter(|url| !url.is_empty()) else {
            return;
        };
        let inline = media::data_url(url)
            .and_then(|data| media::decode(data.base64).map(|bytes| (Source::Data(bytes), data.media_type)));
        let (source, media_type) = inline.unwrap_or_else(|| (Source::Url(url.own()), String::new()));
        let image = pb::Image { source: Some(source), media_type, detail: String::new() };
        out.push(Piece::Event(Event::Images(ImagesEvent { block: self.blocks.of(Kind::Named), image: Some(image) })));
    }

    fn finish_reason(&self) -> FinishReason {
        match &*self.finish_reason {
            "" if self.blocks.has_calls() => FinishReason::ToolCalls,
            "length" | "model_length" | "max_tokens" => FinishReason::Length,
            // OpenRouter hides that the limit cut a call off: only the native reason and the arguments tell.
            "tool_calls" | "function_call" if self.was_cut() && self.blocks.has_broken_call() => FinishReason::Length,
            "tool_calls" | "function_call" => FinishReason::ToolCalls,
            "content_filter" => FinishReason::ContentFilter,
            "error" | "insufficient_system_resource" => FinishReason::Error,
            // OpenAI says `stop` where a tool was forced by name.
            _ if self.blocks.has_calls() => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        }
    }

    fn was_cut(&self) -> bool {
        let native = self.native_finish_reason.to_ascii_lowercase();
        native.contains("length") || native.contains("max_") || native.contains("max-")
    }

    fn malformed(&self, payload: &[u8], error: &serde_json::Error) -> Error {
        // The parser's own words may quote the answer, which is nobody's business in a log.
        let place = format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column());
        let (reason, message) = match error.classify() {
            // A whole answer that was cut is JSON without its end, perhaps in the middle of a letter.
            Category::Eof if std::str::from_utf8(payload).err().is_none_or(|broken| broken.error_len().is_none()) => {
                (Reason::ProviderStreamTruncated, "the provider's answer broke off before its end; try again")
            }
            _ => (Reason::ProviderMalformedResponse, "the provider's answer cannot be read; try again"),
        };
        self.failed(Error::new(reason, message).with_context(place))
    }

    /// The error with what was used until then.
    fn failed(&self, mut error: Error) -> Error {
        if let Some((usage, cost)) = self.raw_usage.as_deref().and_then(usage::read) {
            error.usage = Some(usage);
            error.cost_usd = cost.and_then(|cost| cost.parse().ok());
        }
        error
    }
}

fn is_error(error: &RawValue) -> bool {
    !matches!(error.get(), "null" | "false" | "\"\"" | "{}")
}

/// An id for a call that came without one: unlike that of any other call of the conversation, and the same each time
/// the answer is read. Short, because some providers refuse more than 40 characters.
fn made_id(upstream_id: &str, number: usize) -> String {
    let letters = upstream_id.chars().rev().filter(char::is_ascii_alphanumeric).take(16).collect::<Vec<_>>();
    let tail: String = letters.into_iter().rev().collect();
    if tail.is_empty() { format!("call_{number}") } else { format!("call_{tail}_{number}") }
}

fn logprob(from: &Logprob<'_>) -> TokenLogprob {
    TokenLogprob {
        token: from.token.own(),
        logprob: from.logprob,
        top: from.top_logprobs.iter().map(logprob).collect(),
        bytes: from.bytes.clone().unwrap_or_default().into(),
    }
}

fn citations(delta: &Delta<'_>, out: &mut Vec<Piece>) {
    let mut citations = Vec::new();
    for annotation in &delta.annotations {
        if let Some(citation) = &annotation.url_citation {
            citations.push(pb::Citation {
                url: citation.url.own(),
                title: citation.title.own(),
                quote: citation.content.own(),
                start_index: citation.start_index.0,
                end_index: citation.end_index.0,
                file: None,
            });
        }
        if let Some(Value::Struct(file)) = annotation.file.as_ref().and_then(|file| file.kind.as_ref()) {
            citations.push(crate::dialect::openai::file_citation(file.clone()));
        }
    }
    if !citations.is_empty() {
        out.push(Piece::Event(Event::Citations(CitationsEvent { citations })));
    }
}
