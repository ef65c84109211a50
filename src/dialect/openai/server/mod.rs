//! The server half: requests as clients write them, answers as clients want them.
//!
//! Answers carry OpenRouter's superset (`reasoning`, `reasoning_details`, `images`, `annotations`,
//! `native_finish_reason`, `provider`, `usage.cost`), because clients of many providers read that already.

mod chat;
mod chunks;
mod embeddings;
mod error;
mod fields;
mod messages;
mod models;
mod options;
mod parts;
mod response;
mod tools;
mod written;

pub use self::{
    chat::{ChatBody, read_chat},
    chunks::ChunkWriter,
    embeddings::{EmbedBody, Encoding, read_embeddings, write_embeddings},
    error::write_error,
    models::{write_model, write_models},
    response::write_chat,
};
