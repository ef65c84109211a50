//! What OpenRouter adds to the OpenAI format: routing, plugins, one knob for reasoning, a list of models with prices.
//!
//! Source: <https://openrouter.ai/docs/api-reference/overview>.

mod models;
mod request;
mod tools;

pub(super) use self::{
    models::read_models,
    request::{write_chat, write_embeddings},
};
