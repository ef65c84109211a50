//! The built-in provider `sandbox`: deterministic models in this process, for the first minute, demos and tests.
//!
//! ```text
//! body as the dialect wrote it ─▶ request ─▶ acts: what the model does ─▶ wire: OpenRouter's own format ─▶ bytes
//!                                    └─ faults: fails and dawdles when asked to ┘
//! ```

mod acts;
mod embeddings;
mod faults;
mod memory;
mod models;
mod png;
mod request;
mod schema;
mod tokens;
mod wire;

pub use self::models::models;
use self::{
    faults::{Fault, Manner},
    memory::Memory,
    models::Sheet,
    request::ChatBody,
    wire::Refusal,
};
use super::upstream::Reply;

/// The sandbox. What it remembers is which cache markers and which requests it has seen, a bounded number of them.
#[derive(Default)]
pub struct Sandbox {
    memory: Memory,
}

impl Sandbox {
    /// Answers a request as a provider does that speaks OpenRouter's format.
    pub(super) fn answer(&self, path: &str, body: &[u8]) -> Reply {
        let reply = match path {
            "/chat/completions" => self.chat(body),
            "/embeddings" => embeddings::answer(body),
            _ => Err(Refusal::new(404, format!("the sandbox has no {path}"))),
        };
        reply.unwrap_or_else(Refusal::into_reply)
    }

    fn chat(&self, body: &[u8]) -> Result<Reply, Refusal> {
        let request = ChatBody::parse(body)?;
        let (name, options) = models::split(&request.model);
        let sheet = Sheet::find(name).filter(|sheet| !sheet.embeds);
        let sheet = sheet.ok_or_else(|| Refusal::new(400, format!("{} is not a valid model ID", request.model)))?;
        let manner = Manner::parse(sheet, options, || self.memory.is_new(body))?;
        if let Some(Fault::Status(status)) = manner.fault {
            return Err(Refusal::asked_for(status));
        }
        let sight = request.sight()?;
        let act = acts::perform(sheet, &request, &sight)?;
        let caching = self.memory.cache(&request);
        Ok(wire::reply(sheet, &request, act, &wire::Prompt { tokens: sight.tokens, caching, body }, &manner))
    }
}

#[cfg(test)]
mod tests;
