//! Writes a stream's chunks. Runs once per token, so what stands in every chunk is written once and copied.

use bytes::BytesMut;

use super::{
    error::error_object,
    written::{self, json, raw},
};
use crate::{
    error::Error,
    pb::{
        ChatEvent, DoneEvent, ErrorDetail, MetaEvent, Reasoning, ReasoningEvent, ReasoningKind, TokenEvent,
        ToolCallsEvent, Usage, Warning, chat_event::Event,
    },
};

/// Turns events into `data:` lines.
///
/// The role is told once, because clients add up what is repeated; the finish reason once, when usage is known; usage
/// in a chunk of its own, if it was asked for.
#[derive(Debug)]
pub struct ChunkWriter {
    created_s: i64,
    include_usage: bool,
    /// `data: {"id":…,"provider":…`, the beginning of every chunk.
    head: Vec<u8>,
    warnings: Vec<Warning>,
    role_sent: bool,
    /// Blocks of the calls, by their index, and whether they take free text.
    calls: Vec<(u32, bool)>,
    images: usize,
    thoughts: Vec<Thought>,
}

/// An entry of `reasoning_details`, whose fragments all repeat what kind of entry they belong to.
#[derive(Debug)]
struct Thought {
    block: u32,
    kind: ReasoningKind,
    format: String,
    index: u32,
}

impl ChunkWriter {
    /// A writer for one stream that began so many seconds after 1970.
    pub fn new(created_s: i64, include_usage: bool) -> Self {
        let mut writer = Self {
            created_s,
            include_usage,
            head: Vec::new(),
            warnings: Vec::new(),
            role_sent: false,
            calls: Vec::new(),
            images: 0,
            thoughts: Vec::new(),
        };
        writer.begin(&MetaEvent::default());
        writer
    }

    /// Appends the chunks that an event makes: none for `meta`, all of the end for `done`.
    pub fn write(&mut self, event: &ChatEvent, out: &mut BytesMut) {
        match &event.event {
            Some(Event::Meta(meta)) => self.begin(meta),
            Some(Event::Token(token)) => self.token(token, out),
            Some(Event::Reasoning(thought)) => self.reasoning(thought, out),
            Some(Event::ToolCalls(call)) => self.call(call, out),
            Some(Event::Images(event)) => {
                if let Some(image) = &event.image {
                    self.open(out, true);
                    raw(out, "\"images\":[");
                    written::image(out, image, self.images);
                    raw(out, "]");
                    self.images += 1;
                    self.close(out);
                }
            }
            Some(Event::Citations(event)) => {
                self.open(out, true);
                raw(out, "\"annotations\":");
                written::list(out, &event.citations, written::citation);
                self.close(out);
            }
            Some(Event::Audio(event)) => {
                if let Some(audio) = &event.delta {
                    self.open(out, true);
                    raw(out, "\"audio\":");
                    written::audio(out, audio);
                    self.close(out);
                }
            }
            Some(Event::Done(done)) => self.done(done, out),
            Some(Event::Error(error)) => self.failed(error, out),
            None => {}
        }
    }

    /// Appends the end of a stream that failed.
    pub fn error(&mut self, error: &Error, out: &mut BytesMut) {
        self.failed(&error.detail(), out);
    }

    fn begin(&mut self, meta: &MetaEvent) {
        let mut head = BytesMut::with_capacity(256);
        raw(&mut head, "data: {\"id\":");
        json(&mut head, &meta.generation_id);
        raw(&mut head, ",\"object\":\"chat.completion.chunk\",\"created\":");
        json(&mut head, &self.created_s);
        raw(&mut head, ",\"model\":");
        let resolved = meta.model.as_ref().map_or("", |model| &model.resolved);
        json(&mut head, if meta.upstream_model.is_empty() { resolved } else { &meta.upstream_model });
        raw(&mut head, ",\"provider\":");
        json(&mut head, if meta.upstream_provider.is_empty() { &meta.provider } else { &meta.upstream_provider });
        self.head = head.to_vec();
        self.warnings.clone_from(&meta.warnings);
    }

    /// Begins a chunk with a delta. The first one tells the role, and a first text unless `silent`.
    fn open(&mut self, out: &mut BytesMut, silent: bool) {
        out.extend_from_slice(&self.head);
        if !self.role_sent {
            self.role_sent = true;
            written::warnings(out, &self.warnings);
            raw(out, ",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",");
            raw(out, if silent { "\"content\":\"\"," } else { "" });
        } else {
            raw(out, ",\"choices\":[{\"index\":0,\"delta\":{");
        }
    }

    /// Ends a chunk that goes on.
    fn close(&self, out: &mut BytesMut) {
        raw(out, "},\"finish_reason\":null}]}\n\n");
    }

    fn token(&mut self, token: &TokenEvent, out: &mut BytesMut) {
        self.open(out, token.refusal);
        raw(out, if token.refusal { "\"refusal\":" } else { "\"content\":" });
        json(out, &token.text);
        if token.logprobs.is_empty() {
            return self.close(out);
        }
        raw(out, "},\"logprobs\":");
        written::logprobs(out, &token.logprobs, token.refusal);
        raw(out, ",\"finish_reason\":null}]}\n\n");
    }

    fn reasoning(&mut self, event: &ReasoningEvent, out: &mut BytesMut) {
        let Some(delta) = &event.delta else { return };
        let thought = self.thought(event.block, delta);
        self.open(out, true);
        if !delta.text.is_empty() {
            raw(out, "\"reasoning\":");
            json(out, &delta.text);
        }
        if let Some(at) = thought {
            raw(out, if delta.text.is_empty() { "" } else { "," });
            raw(out, "\"reasoning_details\":[");
            self.detail(&self.thoughts[at], delta, out);
            raw(out, "]");
        } else if delta.text.is_empty() {
            raw(out, "\"reasoning\":\"\"");
        }
        self.close(out);
    }

    /// The entry that a fragment belongs to; none for thinking that came as text alone.
    fn thought(&mut self, block: u32, delta: &Reasoning) -> Option<usize> {
        let known = self.thoughts.iter().rposition(|thought| thought.block == block);
        let plain = delta.index.is_none()
            && [&delta.format, &delta.id, &delta.signature, &delta.data].iter().all(|field| field.is_empty());
        let at = match known {
            Some(at) => at,
            None if plain => return None,
            None => {
                let next = u32::try_from(self.thoughts.len()).unwrap_or(u32::MAX);
                let index = delta.index.unwrap_or(next);
                self.thoughts.push(Thought { block, kind: delta.kind(), format: String::new(), index });
                self.thoughts.len() - 1
            }
        };
        if !delta.format.is_empty() {
            self.thoughts[at].format.clone_from(&delta.format);
        }
        Some(at)
    }

    fn detail(&self, thought: &Thought, delta: &Reasoning, out: &mut BytesMut) {
        let (opening, text) = match thought.kind {
            ReasoningKind::Summary => ("{\"type\":\"reasoning.summary\",\"summary\":", &delta.text),
            ReasoningKind::Encrypted => ("{\"type\":\"reasoning.encrypted\",\"data\":", &delta.data),
            ReasoningKind::Text | ReasoningKind::Unspecified => ("{\"type\":\"reasoning.text\",\"text\":", &delta.text),
        };
        raw(out, opening);
        json(out, text);
        let fields =
            [(",\"signature\":", &delta.signature), (",\"id\":", &delta.id), (",\"format\":", &thought.format)];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            raw(out, name);
            json(out, value);
        }
        raw(out, ",\"index\":");
        json(out, &thought.index);
        raw(out, "}");
    }

    fn call(&mut self, call: &ToolCallsEvent, out: &mut BytesMut) {
        // A call that the provider answers itself is not the client's to run.
        if call.provider_executed {
            return;
        }
        let known = self.calls.iter().rposition(|(block, _)| *block == call.block);
        // A later piece need not say again that its call is the provider's own.
        if known.is_none() && call.id.is_empty() {
            return;
        }
        self.open(out, true);
        let index = known.unwrap_or_else(|| {
            self.calls.push((call.block, call.custom));
            self.calls.len() - 1
        });
        raw(out, "\"tool_calls\":[{\"index\":");
        json(out, &index);
        let [kind, inner] = if self.calls[index].1 { ["custom", "input"] } else { ["function", "arguments"] };
        if known.is_none() {
            raw(out, ",\"id\":");
            json(out, &call.id);
            for word in [",\"type\":\"", kind, "\""] {
                raw(out, word);
            }
        }
        for word in [",\"", kind, "\":{"] {
            raw(out, word);
        }
        if !call.name.is_empty() {
            raw(out, "\"name\":");
            json(out, &call.name);
            raw(out, ",");
        }
        for word in ["\"", inner, "\":"] {
            raw(out, word);
        }
        json(out, &call.arguments);
        raw(out, "}}]");
        self.close(out);
    }

    fn done(&mut self, done: &DoneEvent, out: &mut BytesMut) {
        out.extend_from_slice(&self.head);
        written::provider_fields(out, done.provider_fields.as_ref());
        if self.role_sent {
            raw(out, ",\"choices\":[{\"index\":0,\"delta\":{},");
        } else {
            written::warnings(out, &self.warnings);
            raw(out, ",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},");
        }
        written::finish(out, done.finish_reason(), &done.native_finish_reason);
        raw(out, "}]}\n\n");
        if let Some(usage) = &done.usage
            && self.include_usage
        {
            self.usage(usage, done.cost_usd, out);
        }
        raw(out, "data: [DONE]\n\n");
    }

    fn usage(&self, usage: &Usage, cost_usd: Option<f64>, out: &mut BytesMut) {
        out.extend_from_slice(&self.head);
        raw(out, ",\"choices\":[],\"usage\":");
        written::usage(out, usage, cost_usd);
        raw(out, "}\n\n");
    }

    /// OpenRouter's shape: the error beside a choice that ends with it.
    fn failed(&self, error: &ErrorDetail, out: &mut BytesMut) {
        out.extend_from_slice(&self.head);
        raw(out, ",\"error\":");
        json(out, &error_object(error));
        raw(out, ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]");
        if let Some(usage) = &error.usage
            && self.include_usage
        {
            raw(out, ",\"usage\":");
            written::usage(out, usage, error.cost_usd);
        }
        raw(out, "}\n\ndata: [DONE]\n\n");
    }
}
