//! The one stream type: what a chat says, event by event, and its fold into a whole answer.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{Stream, StreamExt, stream::BoxStream};

use crate::{
    error::Error,
    pb::{
        ChatEvent, ChatResponse, ContentPart, Message, ReasoningKind, Role, ToolCall, chat_event::Event,
        content_part::Part,
    },
};

/// A running generation's events: `meta` first, `done` last. An error ends the stream.
pub struct Events {
    /// The generation.
    pub generation_id: String,
    /// What the gateway itself took until the first event.
    pub overhead: Duration,
    stream: BoxStream<'static, Result<ChatEvent, Error>>,
}

impl Events {
    /// Events of a generation.
    pub fn new(
        generation_id: String,
        overhead: Duration,
        stream: impl Stream<Item = Result<ChatEvent, Error>> + Send + 'static,
    ) -> Self {
        Self { generation_id, overhead, stream: stream.boxed() }
    }

    /// The events alone.
    pub fn into_stream(self) -> BoxStream<'static, Result<ChatEvent, Error>> {
        self.stream
    }

    /// Waits for the end and returns the whole answer.
    pub async fn fold(mut self) -> Result<ChatResponse, Error> {
        let mut fold = Fold::default();
        while let Some(event) = self.next().await {
            fold.add(event?);
        }
        Ok(fold.finish())
    }
}

impl Stream for Events {
    type Item = Result<ChatEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(context)
    }
}

/// Gathers events into a response. Pieces of one block are put together; blocks keep their order.
#[derive(Clone, Default)]
pub struct Fold {
    response: ChatResponse,
    /// The block that each part of the message came from.
    blocks: Vec<u32>,
    parts: Vec<ContentPart>,
    citations: Vec<crate::pb::Citation>,
    /// The message's ids, where it belongs to a session.
    id: String,
    parent_id: String,
}

impl Fold {
    /// Takes the next event.
    pub fn add(&mut self, event: ChatEvent) {
        let response = &mut self.response;
        match event.event {
            Some(Event::Meta(meta)) => {
                response.generation_id = meta.generation_id;
                response.session_id = meta.session_id;
                response.model = meta.model;
                response.provider = meta.provider;
                response.warnings = meta.warnings;
                response.upstream_provider = meta.upstream_provider;
                response.upstream_model = meta.upstream_model;
                (self.id, self.parent_id) = (meta.message_id, meta.parent_message_id);
            }
            Some(Event::Token(token)) => {
                response.logprobs.extend(token.logprobs);
                let refusal = token.refusal;
                let empty = if refusal { Part::Refusal(String::new()) } else { Part::Text(String::new()) };
                if let Part::Text(text) | Part::Refusal(text) = self.part(token.block, || empty) {
                    text.push_str(&token.text);
                }
            }
            Some(Event::Reasoning(event)) => {
                let delta = event.delta.unwrap_or_default();
                let part = self.part(event.block, || Part::Reasoning(crate::pb::Reasoning::default()));
                if let Part::Reasoning(whole) = part {
                    whole.append(delta);
                }
            }
            Some(Event::ToolCalls(delta)) => {
                if let Part::ToolCall(call) = self.part(delta.block, || Part::ToolCall(ToolCall::default())) {
                    call.arguments.push_str(&delta.arguments);
                    call.custom |= delta.custom;
                    call.provider_executed |= delta.provider_executed;
                    if !delta.id.is_empty() {
                        call.id = delta.id;
                    }
                    if !delta.name.is_empty() {
                        call.name = delta.name;
                    }
                }
            }
            Some(Event::Images(event)) => {
                let image = event.image.unwrap_or_default();
                self.part(event.block, || Part::Image(image));
            }
            Some(Event::Audio(event)) => {
                let delta = event.delta.unwrap_or_default();
                if let Part::Audio(audio) = self.part(event.block, || Part::Audio(crate::pb::Audio::default())) {
                    audio.append(delta);
                }
            }
            Some(Event::Citations(event)) => self.citations.extend(event.citations),
            Some(Event::Done(done)) => {
                response.finish_reason = done.finish_reason;
                response.native_finish_reason = done.native_finish_reason;
                response.usage = done.usage;
                response.cost_usd = done.cost_usd;
                response.cost_source = done.cost_source;
                response.timings = done.timings;
                response.upstream_id = done.upstream_id;
                response.provider_fields = done.provider_fields;
            }
            // An error ends the stream of the gateway's own events as `Err`; only a replayed one has it as a case.
            Some(Event::Error(_)) | None => {}
        }
    }

    /// The whole answer.
    pub fn finish(mut self) -> ChatResponse {
        self.response.message = Some(Message {
            role: Role::Assistant.into(),
            content: self.parts,
            citations: self.citations,
            id: self.id,
            parent_id: self.parent_id,
            ..Message::default()
        });
        self.response
    }

    /// The part of a block, made where the block is new.
    fn part(&mut self, block: u32, new: impl FnOnce() -> Part) -> &mut Part {
        // The last block is nearly always meant; parallel tool calls may go back a few.
        let at = self.blocks.iter().rposition(|known| *known == block).unwrap_or_else(|| {
            self.blocks.push(block);
            self.parts.push(new().into());
            self.parts.len() - 1
        });
        self.parts[at].part.as_mut().expect("made with a part")
    }
}

impl crate::pb::Reasoning {
    /// Adds a later piece: texts are joined, the rest replaces what was not there.
    pub fn append(&mut self, delta: Self) {
        self.text.push_str(&delta.text);
        self.data.push_str(&delta.data);
        self.signature.push_str(&delta.signature);
        if delta.kind() != ReasoningKind::Unspecified {
            self.kind = delta.kind;
        }
        if !delta.format.is_empty() {
            self.format = delta.format;
        }
        if !delta.id.is_empty() {
            self.id = delta.id;
        }
        self.index = self.index.or(delta.index);
    }
}

impl crate::pb::Audio {
    /// Adds a later piece: bytes and transcript are joined.
    pub fn append(&mut self, delta: Self) {
        self.transcript.push_str(&delta.transcript);
        if !delta.data.is_empty() {
            self.data = [std::mem::take(&mut self.data), delta.data].concat().into();
        }
        if !delta.format.is_empty() {
            self.format = delta.format;
        }
        if !delta.id.is_empty() {
            self.id = delta.id;
        }
    }
}
