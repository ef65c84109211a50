//! What a request would do, without doing it: how much it reserves of limits, and EstimateChat.

mod cost;
mod count;
mod media;
mod tokenizer;

use prost::Message as _;

use self::{count::Count, tokenizer::Tokenizer};
use super::{
    Caller, Gateway,
    admission::{Ask, Route, price_unknown},
    checks::{self, Abilities},
    limits::Reserve,
};
use crate::{
    config,
    dialect::OutgoingChat,
    error::Error,
    pb::{self, content_part::Part, embed_input::Input},
};

pub(super) use self::count::by_bytes;

/// Tokens of a document or a moving picture that is elsewhere, in a history that has to fit.
const ELSEWHERE: u64 = 3_000;

impl Gateway {
    /// Tells what a chat would resolve to, count, cost and be allowed. Nothing is sent, booked or taken from a limit.
    ///
    /// # Errors
    /// What the chat itself would be refused for, limits aside: those are verdicts.
    pub async fn estimate_chat(
        &self,
        caller: &Caller,
        request: pb::EstimateChatRequest,
    ) -> Result<pb::EstimateChatResponse, Error> {
        let Some(request) = request.request else {
            return Err(Error::invalid("request", "`request` is missing; send the chat request to estimate"));
        };
        let route = self.route(caller, Ask::of_chat(&request, false, false))?;
        checks::chat(&request, route.abilities())?;
        let mut warnings = would_warn(&route, &request)?;

        let reserve = reserve(&request, route.abilities(), &self.config.routing);
        let mut verdicts = self.limits.verdicts(&caller.key, &request.end_user, route.model(), reserve);
        let held = self.would_hold(caller, &route, &request, reserve);
        verdicts.extend(self.budget_verdicts(caller, &request.end_user, held).await?);

        let target = &route.targets[0];
        let tokenizer = Tokenizer::of(target.facts());
        // A vocabulary is large and a prompt may be: neither has a place on the runtime's threads.
        let counting = self.tasks.spawn_blocking(move || (Count::of(&request, tokenizer), request));
        let (count, request) = counting.await.map_err(Error::internal)?;

        let max_output_tokens = max_output(&request, target.facts(), count.total());
        let range = cost::range(&request, target.facts(), &count, max_output_tokens);
        let context_length = target.facts().map_or(0, |model| model.context_length);
        warnings.extend(count.unknown.iter().map(|field| not_counted(field)));
        if context_length > 0 && count.total() > context_length {
            warnings.push(too_long(count.total(), context_length));
        }
        Ok(pb::EstimateChatResponse {
            model: Some(route.resolution().clone()),
            provider: target.provider.name.clone(),
            input_tokens: count.total(),
            max_output_tokens: max_output_tokens.unwrap_or(0),
            context_length,
            min_cost_usd: range.least.map(pb::usd),
            max_cost_usd: range.most.map(pb::usd),
            verdicts,
            warnings,
        })
    }
}

/// What a chat reserves of limits that count tokens. Quick: it is on the way of every request that has such a limit.
pub(super) fn reserve(request: &pb::ChatRequest, abilities: Abilities<'_>, routing: &config::Routing) -> Reserve {
    let input = Count::rough(request, Tokenizer::of(abilities.model)).total();
    let stated = request.max_output_tokens;
    let most = abilities.model.and_then(|model| model.max_output_tokens).unwrap_or(u32::MAX);
    Reserve { input, output: stated.unwrap_or(routing.reserve_output_tokens).min(most), stated: stated.is_some() }
}

/// The same for embeddings, which have no output.
pub(super) fn reserve_embeddings(request: &pb::EmbedRequest, abilities: Abilities<'_>) -> Reserve {
    let tokenizer = Tokenizer::of(abilities.model);
    let mut count = Count::default();
    for input in &request.inputs {
        match &input.input {
            Some(Input::Text(text)) => count.text += text_tokens(text),
            Some(Input::Tokens(tokens)) => count.text += tokens.ids.len() as u64,
            Some(Input::Parts(parts)) => count.parts(&parts.parts, "", tokenizer, &text_tokens),
            None => {}
        }
    }
    Reserve { input: count.total(), output: 0, stated: true }
}

/// Tokens of a message as it stands in a history, by bytes: whichever model reads it next is not known yet.
pub(super) fn message_tokens(message: &pb::Message) -> u32 {
    let tokenizer = Tokenizer::of(None);
    let mut count = Count { text: tokenizer.turn(), ..Count::default() };
    count.parts(&message.content, "", tokenizer, &text_tokens);
    count.text += ELSEWHERE * count.unknown.len() as u64;
    count.total()
}

/// Tokens of a text, by bytes.
pub(super) fn text_tokens(text: &str) -> u64 {
    by_bytes(text.len() as u64)
}

/// Tokens of tools, by bytes.
pub(super) fn tool_tokens(tools: &[pb::Tool]) -> u64 {
    by_bytes(tools.iter().map(tool_bytes).sum())
}

/// Bytes of text in a request's messages, for usage that nobody reports.
pub(super) fn input_bytes(request: &pb::ChatRequest) -> u64 {
    fn bytes(parts: &[pb::ContentPart]) -> u64 {
        parts.iter().filter_map(|part| part.part.as_ref()).map(part_bytes).sum()
    }
    fn part_bytes(part: &Part) -> u64 {
        match part {
            Part::Text(text) | Part::Refusal(text) => text.len() as u64,
            Part::Reasoning(reasoning) => reasoning.text.len() as u64,
            Part::ToolCall(call) => (call.name.len() + call.arguments.len()) as u64,
            Part::ToolResult(result) => bytes(&result.content),
            Part::Image(_) | Part::File(_) | Part::Audio(_) | Part::Video(_) => 0,
        }
    }
    request.messages.iter().map(|message| bytes(&message.content)).sum()
}

/// Bytes of text in the inputs of embeddings, likewise.
pub(super) fn embedding_bytes(request: &pb::EmbedRequest) -> u64 {
    let bytes = |input: &pb::EmbedInput| match &input.input {
        Some(Input::Text(text)) => text.len() as u64,
        Some(Input::Tokens(tokens)) => tokenizer::TOKEN_BYTES * tokens.ids.len() as u64,
        Some(Input::Parts(_)) | None => 0,
    };
    request.inputs.iter().map(bytes).sum()
}

/// About as many bytes as the tool has when it is written for a provider.
fn tool_bytes(tool: &pb::Tool) -> u64 {
    tool.encoded_len() as u64
}

/// What the first provider's dialect would adapt or leave out; and that no price is known, where that is so.
fn would_warn(route: &Route, request: &pb::ChatRequest) -> Result<Vec<pb::Warning>, Error> {
    let target = &route.targets[0];
    let outgoing = OutgoingChat { request, source: None, model: &target.model, facts: target.facts(), stream: false };
    let mut warnings = target.provider.dialect.write_chat(outgoing)?.warnings;
    if target.facts().is_none_or(|model| model.price.is_none()) {
        warnings.push(price_unknown());
    }
    Ok(warnings)
}

/// Most tokens of output: as asked for, as the model can, and as the context has room for.
fn max_output(request: &pb::ChatRequest, model: Option<&pb::Model>, input: u32) -> Option<u32> {
    let can = model.and_then(|model| model.max_output_tokens);
    let room = model.map(|model| model.context_length).filter(|context| *context > 0);
    let room = room.map(|context| context.saturating_sub(input));
    [request.max_output_tokens, can, room].into_iter().flatten().min()
}

fn not_counted(field: &str) -> pb::Warning {
    pb::Warning {
        code: "not_counted".to_owned(),
        field: field.to_owned(),
        message: "this is elsewhere and its size is not known, so the estimate leaves it out".to_owned(),
    }
}

fn too_long(input: u32, context: u32) -> pb::Warning {
    pb::Warning {
        code: "context_length_exceeded".to_owned(),
        field: "messages".to_owned(),
        message: format!("about {input} tokens of input do not fit the model's context of {context}; send less"),
    }
}
