//! Vendors' wire formats, pure and both ways.
//!
//! ```text
//!              client half (we call a provider)         server half (we answer a client)
//! pb::Chat… ── write ──▶ bytes ─▶ provider     client ─▶ bytes ── read ──▶ pb::ChatRequest
//! Piece    ◀── read ──── bytes ◀─ provider     client ◀─ bytes ◀─ write ── pb::ChatEvent, ChatResponse
//! ```
//!
//! `openai` holds both halves of the format that most hosts share; `openrouter` is what OpenRouter adds to it.

mod lenient;
mod media;
pub mod openai;
mod openrouter;

use std::time::SystemTime;

use bytes::Bytes;

use crate::{
    error::Error,
    pb::{self, chat_event::Event},
};

/// What a provider speaks: the client half of a format, with that provider's quirks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenRouter's superset of OpenAI's chat completions.
    OpenRouter,
}

impl Dialect {
    /// Writes a chat as the provider wants it.
    pub fn write_chat(self, chat: OutgoingChat<'_>) -> Result<Written, Error> {
        match self {
            Self::OpenRouter => openrouter::write_chat(chat),
        }
    }

    /// Writes a request for embeddings as the provider wants it.
    pub fn write_embeddings(self, embed: OutgoingEmbed<'_>) -> Result<Written, Error> {
        match self {
            Self::OpenRouter => openrouter::write_embeddings(embed),
        }
    }

    /// A reader of one answer. `streamed` is what was asked for; an answer of the other kind is read too.
    pub fn chat_reader(self, streamed: bool) -> Box<dyn ReadChat> {
        match self {
            Self::OpenRouter => Box::new(openai::client::ChatReader::new(streamed)),
        }
    }

    /// Reads an embeddings answer without its vectors.
    pub fn read_embeddings(self, body: Bytes) -> Result<Embedded, Error> {
        match self {
            Self::OpenRouter => openai::client::read_embeddings(body),
        }
    }

    /// The vectors of an embeddings answer, in order.
    pub fn embedding_vectors(self, embedded: &Embedded) -> Result<Vec<pb::Embedding>, Error> {
        match self {
            Self::OpenRouter => openai::client::embedding_vectors(embedded),
        }
    }

    /// Reads an error answer, whatever its shape. `now` is for waits that are told as a moment.
    pub fn read_error(self, status: u16, headers: &[(String, String)], body: &[u8], now: SystemTime) -> Error {
        match self {
            Self::OpenRouter => openai::client::read_error(status, headers, body, now),
        }
    }

    /// Reads a list of models with their prices.
    pub fn read_models(self, body: &[u8]) -> Result<Vec<pb::Model>, Error> {
        match self {
            Self::OpenRouter => openrouter::read_models(body),
        }
    }
}

/// A request body as a client sent it, kept so that a provider of the same dialect gets what the client wrote,
/// unknown fields and byte-stable prefixes included.
#[derive(Clone, Debug)]
pub struct Source {
    /// The dialect it is written in.
    pub family: Family,
    /// The body.
    pub body: Bytes,
}

/// Formats that clients and providers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// OpenAI's chat completions and embeddings, with OpenRouter's superset.
    OpenAi,
}

/// A chat on its way to a provider.
#[derive(Clone, Copy)]
pub struct OutgoingChat<'a> {
    /// What was asked.
    pub request: &'a pb::ChatRequest,
    /// The body it was read from.
    pub source: Option<&'a Source>,
    /// The provider's own id of the model.
    pub model: &'a str,
    /// What the catalogue knows of the model.
    pub facts: Option<&'a pb::Model>,
    /// Ask for a stream.
    pub stream: bool,
}

/// Embeddings on their way to a provider.
#[derive(Clone, Copy)]
pub struct OutgoingEmbed<'a> {
    /// What was asked.
    pub request: &'a pb::EmbedRequest,
    /// The body it was read from.
    pub source: Option<&'a Source>,
    /// The provider's own id of the model.
    pub model: &'a str,
}

/// A request as it goes to a provider.
#[derive(Clone, Debug)]
pub struct Written {
    /// Path below the provider's base URL, such as `/chat/completions`.
    pub path: String,
    /// The body, JSON.
    pub body: Bytes,
    /// What was adapted or left out.
    pub warnings: Vec<pb::Warning>,
}

/// What a provider's answer reveals, piece by piece: `Begun` first, `Ended` last.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every piece is an event; a box would cost an allocation a token")]
pub enum Piece {
    /// The answer has begun.
    Begun(Begun),
    /// Content.
    Event(Event),
    /// The answer is whole.
    Ended(Box<Ended>),
}

/// What is known when an answer begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Begun {
    /// The provider's id of the call.
    pub upstream_id: String,
    /// The model that it says answers.
    pub upstream_model: String,
    /// Who serves behind an aggregating provider.
    pub upstream_provider: String,
}

/// What is known when an answer has ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ended {
    /// Why the model stopped.
    pub finish_reason: pb::FinishReason,
    /// The provider's own word for it.
    pub native_finish_reason: String,
    /// What was used; `None` where the provider did not say.
    pub usage: Option<pb::Usage>,
    /// The cost in USD that the provider states, as decimal text.
    pub cost: Option<String>,
    /// The provider's usage as it came, JSON.
    pub raw_usage: Option<String>,
    /// Fields of the answer for which the contract has no name.
    pub provider_fields: Option<pb::well_known::Struct>,
}

/// Reads one answer. A stream is fed frame by frame, a whole answer at once.
pub trait ReadChat: Send {
    /// Takes the payload of the next frame (an SSE event's data) or the whole body, and adds what it says to `out`.
    fn read(&mut self, payload: &[u8], out: &mut Vec<Piece>) -> Result<(), Error>;

    /// The body is over. Adds `Ended`, or says that the answer is not whole.
    fn finish(&mut self, out: &mut Vec<Piece>) -> Result<(), Error>;
}

/// An embeddings answer.
#[derive(Clone, Debug, Default)]
pub struct Embedded {
    /// The body as it came, for clients that speak the provider's dialect.
    pub body: Bytes,
    /// What it says, without the vectors.
    pub begun: Begun,
    /// What was used.
    pub usage: Option<pb::Usage>,
    /// The cost in USD that the provider states, as decimal text.
    pub cost: Option<String>,
    /// The provider's usage as it came, JSON.
    pub raw_usage: Option<String>,
}
