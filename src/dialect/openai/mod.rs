//! OpenAI's chat completions and embeddings, the format that most hosts and clients share, with the superset that
//! OpenRouter made of it: `client` calls a provider, `server` answers a client.
//!
//! Source: <https://platform.openai.com/docs/api-reference/chat>, <https://openrouter.ai/docs/api-reference>.

pub mod client;
pub mod server;

use crate::pb::{
    Citation,
    well_known::{Kind, Struct},
};

/// A citation of a file as OpenRouter parsed it: `{hash, name, content}`.
fn file_citation(file: Struct) -> Citation {
    let title = match file.find("name").and_then(|name| name.kind.as_ref()) {
        Some(Kind::String(name)) => name.clone(),
        _ => String::new(),
    };
    Citation { title, file: Some(file), ..Citation::default() }
}
