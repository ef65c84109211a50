//! Embeddings: parse, admit, route, settle.

use super::{Caller, EmbedCall, Gateway};
use crate::{dialect::Embedded, error::Error, pb};

/// An answer to embeddings.
#[derive(Clone, Debug, Default)]
pub struct EmbedAnswer {
    /// The answer; without vectors where `passed` holds them.
    pub response: pb::EmbedResponse,
    /// The provider's own body, where the caller speaks the provider's dialect.
    pub passed: Option<Embedded>,
}

impl Gateway {
    /// Turns inputs into vectors.
    pub async fn embed(&self, _caller: Caller, _call: EmbedCall) -> Result<EmbedAnswer, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }
}
