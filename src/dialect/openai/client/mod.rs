//! The client half: requests as providers want them, answers and errors as they give them.
//!
//! Meant for every host of the format; what only one host does lives in that host's module.

mod blocks;
mod chat;
mod embeddings;
mod errors;
mod frame;
mod messages;
mod splice;
mod usage;
mod waiting;

pub(super) use self::messages::{is_plain, reasoning_detail};
pub use self::{
    chat::ChatReader,
    embeddings::{embedding_vectors, read_embeddings},
    errors::read_error,
};
pub(in crate::dialect) use self::{
    embeddings::embeddings_body,
    messages::{insert_cache_control, write_messages},
    splice::{splice_chat, splice_embeddings},
};
