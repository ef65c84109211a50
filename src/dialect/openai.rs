//! Seams of OpenAI's format, server half, as the door calls them. Placeholder while the dialect is built.

use bytes::Bytes;

use super::{Embedded, Source};
use crate::{error::Error, pb};

/// A chat completion as it was asked for.
#[derive(Clone, Debug, Default)]
pub struct ReadChatRequest {
    /// What is asked.
    pub request: pb::ChatRequest,
    /// The client takes a stream.
    pub stream: bool,
    /// The stream ends with a chunk that tells the usage.
    pub include_usage: bool,
    /// The body it was read from.
    pub source: Source,
}

/// Embeddings as they were asked for.
#[derive(Clone, Debug)]
pub struct ReadEmbedRequest {
    /// What is asked.
    pub request: pb::EmbedRequest,
    /// Vectors are wanted as base64 of their little-endian floats.
    pub base64: bool,
    /// The body it was read from.
    pub source: Source,
}

impl Default for Source {
    fn default() -> Self {
        Self { family: super::Family::OpenAi, body: Bytes::new() }
    }
}

/// Reads the body of `/chat/completions`.
pub fn read_chat(_body: Bytes) -> Result<ReadChatRequest, Error> {
    Err(Error::internal("not wired yet"))
}

/// Reads the body of `/embeddings`.
pub fn read_embeddings(_body: Bytes) -> Result<ReadEmbedRequest, Error> {
    Err(Error::internal("not wired yet"))
}

/// Writes a whole chat completion.
pub fn write_chat(_response: &pb::ChatResponse, _created_s: i64) -> Bytes {
    Bytes::new()
}

/// Writes embeddings, from the provider's own body where there is one.
pub fn write_embeddings(_response: &pb::EmbedResponse, _passed: Option<&Embedded>, _base64: bool) -> Bytes {
    Bytes::new()
}

/// Writes a list of models.
pub fn write_models(_models: &[pb::Model]) -> Bytes {
    Bytes::new()
}

/// Writes one model.
pub fn write_model(_model: &pb::Model) -> Bytes {
    Bytes::new()
}

/// Writes a chat's events as chunks, framed as server-sent events.
#[derive(Debug)]
pub struct ChunkWriter {}

impl ChunkWriter {
    /// Chunks of an answer that began at that time.
    pub fn new(_created_s: i64, _include_usage: bool) -> Self {
        Self {}
    }

    /// The frames that tell an event; none where the format has no word for it.
    pub fn write(&mut self, _event: &pb::ChatEvent) -> Bytes {
        Bytes::new()
    }

    /// `data: [DONE]`.
    pub fn done(&mut self) -> Bytes {
        Bytes::from_static(b"data: [DONE]\n\n")
    }
}
