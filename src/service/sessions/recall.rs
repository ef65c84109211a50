//! What a session gives to a request: its model and settings at first, then, once the model is known, its history.

use uuid::Uuid;

use super::{
    super::{Caller, ChatCall, Gateway, checks, clock::now_ms, estimate},
    parse_id, trim,
    turn::is_on_its_way,
    unknown_message,
};
use crate::{
    error::Error,
    pb::{self, Role},
    store::sessions::{Direction, MessageRecord, Path, SessionRecord},
};

/// Messages read at once, newest first.
const PORTION: u32 = 200;

/// A session as one request continues it.
pub(in crate::service) struct Recalled {
    pub(super) session: SessionRecord,
    /// The message that the request follows; `None` at the beginning.
    pub(super) parent_id: Option<Uuid>,
    /// What the request itself says.
    pub(super) said: Vec<pb::Message>,
    path: Path,
    /// What was adapted.
    pub(super) warnings: Vec<pb::Warning>,
}

impl Gateway {
    /// Finds the session that a request names and fills in what the request leaves to it.
    pub(in crate::service) async fn recall(&self, caller: &Caller, call: &mut ChatCall) -> Result<Recalled, Error> {
        let request = &mut call.request;
        let session = self.find_session(caller, &request.session_id).await?;
        // The books know it by this spelling.
        request.session_id = super::id_text("ses_", session.id);
        let parent_id = match request.parent_message_id.as_str() {
            "" if request.from_start => None,
            "" => self.tip(&session).await?,
            _ if request.from_start => {
                let message = "`from_start` and `parent_message_id` exclude each other; send one of them";
                return Err(Error::invalid("from_start", message));
            }
            id => Some(self.find_message(session.id, id, "parent_message_id").await?.id),
        };
        let path = match parent_id {
            None => Path::default(),
            Some(id) => self.store.path(session.id, id).await?.ok_or_else(|| unknown_message("parent_message_id"))?,
        };
        // What the client wrote is only a part of what is sent, so the body is written anew.
        call.source = None;
        apply_settings(request, &session);
        if request.model.is_empty() {
            let message = "neither the request nor its session names a model; set `model`";
            return Err(Error::invalid("model", message));
        }
        for message in &mut request.messages {
            message.id.clear();
            message.parent_id.clear();
        }
        let said = request.messages.clone();
        Ok(Recalled { session, parent_id, said, path, warnings: Vec::new() })
    }

    /// What a turn follows that names no parent: the session's leaf, or where that is still being written what its
    /// turn follows, so that turns at once are branches.
    async fn tip(&self, session: &SessionRecord) -> Result<Option<Uuid>, Error> {
        let Some(leaf) = session.leaf_id else { return Ok(None) };
        let Some(leaf) = self.store.find_message(session.id, leaf).await? else { return Ok(None) };
        if !leaf.pending {
            return Ok(Some(leaf.id));
        }
        let generation = match leaf.generation_id {
            None => None,
            Some(id) => self.store.generations_by_id(&[id]).await?.remove(&id),
        };
        match generation {
            // Its process died; what it had is in the session.
            Some(generation) if !is_on_its_way(&leaf, &generation, now_ms()) => Ok(Some(leaf.id)),
            _ => Ok(leaf.turn_parent_id),
        }
    }

    /// A message of a session, by the id that callers know.
    pub(super) async fn find_message(&self, session: Uuid, id: &str, field: &str) -> Result<MessageRecord, Error> {
        let id = parse_id("msg_", id).ok_or_else(|| unknown_message(field))?;
        self.store.find_message(session, id).await?.ok_or_else(|| unknown_message(field))
    }

    /// Puts instructions and as much of the history as the model's context holds before the request's own messages.
    pub(in crate::service) async fn restore(
        &self,
        recalled: &mut Recalled,
        request: &mut pb::ChatRequest,
        abilities: checks::Abilities<'_>,
    ) -> Result<(), Error> {
        let context_length = abilities.model.map_or(0, |model| model.context_length);
        let answer = request.max_output_tokens.unwrap_or_else(|| {
            let reserved = self.config.routing.reserve_output_tokens;
            abilities.model.and_then(|model| model.max_output_tokens).unwrap_or(reserved).min(reserved)
        });
        let budget = trim::budget(context_length, answer, fixed_tokens(recalled, request));
        let (mut records, left_out) = self.history(recalled, budget).await?;
        if left_out > 0 {
            recalled.warnings.push(trim::warning(left_out, context_length));
        }
        self.store.load_media(recalled.session.id, &mut records).await?;
        let mut history: Vec<_> = records.into_iter().map(|record| record.message).collect();
        if trim::drop_unanswered(&mut history, &recalled.said) > 0 {
            recalled.warnings.push(pb::Warning {
                code: "tool_calls_unanswered".to_owned(),
                field: "session_id".to_owned(),
                message: "tool calls of the history that have no result were left out".to_owned(),
            });
        }
        history.retain(|message| !message.content.is_empty());
        checks::history(&history, abilities)?;
        let prompt = Some(&recalled.session.system_prompt).filter(|prompt| !prompt.is_empty());
        let mut messages: Vec<_> = prompt.map(|prompt| pb::Message::text(Role::System, prompt)).into_iter().collect();
        messages.append(&mut history);
        messages.append(&mut request.messages);
        if !messages.last().is_some_and(|last| matches!(last.role(), Role::User | Role::Tool))
            && recalled.said.is_empty()
        {
            return Err(Error::invalid(
                "messages",
                "`messages` is empty and the session does not end with somebody's question; send a message, or name \
                 the message to answer anew in `parent_message_id`",
            ));
        }
        request.messages = messages;
        Ok(())
    }

    /// The instructions of a path and its newest turns within a budget, oldest first; and how many messages were left
    /// out. Reads no more than that.
    async fn history(&self, recalled: &Recalled, budget: Option<u64>) -> Result<(Vec<MessageRecord>, u32), Error> {
        let path = &recalled.path;
        let is_instruction = |record: &MessageRecord| matches!(record.role, Role::System | Role::Developer);
        let (mut history, mut instructions) = (Vec::new(), Vec::new());
        let (mut after, mut sum, mut turns) = (None, 0, 0);
        let whole = loop {
            let page = self.store.path_messages(path, &[], Direction::Newest, after, PORTION).await?;
            let Some(last) = page.last() else { break true };
            after = Some(last.depth);
            for record in page {
                if is_instruction(&record) {
                    instructions.push(record);
                    continue;
                }
                sum += u64::from(record.tokens);
                turns += usize::from(record.role == Role::User);
                history.push(record);
            }
            // One turn more than the newest tells where that begins.
            if budget.is_some_and(|budget| sum > budget) && turns > 1 {
                break false;
            }
        };
        history.reverse();
        if whole {
            instructions.reverse();
        } else {
            instructions = self.store.path_instructions(path).await?;
        }
        let open = !recalled.said.iter().any(|message| message.role() == Role::User);
        let kept = budget.map_or(0, |budget| trim::keep_from(&history, budget, open));
        history.drain(..kept);
        let kept = u32::try_from(history.len() + instructions.len()).unwrap_or(u32::MAX);
        history.extend(instructions);
        history.sort_by_key(|record| record.depth);
        Ok((history, path.length().saturating_sub(kept)))
    }
}

/// Estimated tokens of what is sent whatever the history is.
fn fixed_tokens(recalled: &Recalled, request: &pb::ChatRequest) -> u64 {
    let said = recalled.said.iter().map(|message| u64::from(estimate::message_tokens(message))).sum::<u64>();
    estimate::text_tokens(&recalled.session.system_prompt) + estimate::tool_tokens(&request.tools) + said
}

/// Fills in what a request leaves to its session.
fn apply_settings(request: &mut pb::ChatRequest, session: &SessionRecord) {
    fn text(own: &mut String, given: &str) {
        if own.is_empty() {
            given.clone_into(own);
        }
    }
    fn list<T: Clone>(own: &mut Vec<T>, given: &[T]) {
        if own.is_empty() {
            own.extend_from_slice(given);
        }
    }
    fn value<T: Clone>(own: &mut Option<T>, given: &Option<T>) {
        if own.is_none() {
            own.clone_from(given);
        }
    }
    text(&mut request.model, &session.model);
    text(&mut request.end_user, &session.end_user);
    let Some(given) = &session.settings else { return };
    value(&mut request.max_output_tokens, &given.max_output_tokens);
    value(&mut request.temperature, &given.temperature);
    value(&mut request.top_p, &given.top_p);
    value(&mut request.top_k, &given.top_k);
    value(&mut request.min_p, &given.min_p);
    value(&mut request.presence_penalty, &given.presence_penalty);
    value(&mut request.frequency_penalty, &given.frequency_penalty);
    value(&mut request.repetition_penalty, &given.repetition_penalty);
    value(&mut request.seed, &given.seed);
    list(&mut request.stop, &given.stop);
    list(&mut request.tools, &given.tools);
    value(&mut request.tool_choice, &given.tool_choice);
    value(&mut request.parallel_tool_calls, &given.parallel_tool_calls);
    value(&mut request.response_format, &given.response_format);
    value(&mut request.thinking, &given.thinking);
    value(&mut request.web_search, &given.web_search);
    list(&mut request.modalities, &given.modalities);
    value(&mut request.image_config, &given.image_config);
    value(&mut request.audio, &given.audio);
    text(&mut request.verbosity, &given.verbosity);
    text(&mut request.service_tier, &given.service_tier);
    value(&mut request.routing, &given.routing);
    value(&mut request.max_cost_usd, &given.max_cost_usd);
    value(&mut request.provider_options, &given.provider_options);
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    /// Each field of the settings has the number that it has in a request, so bytes of one can be read as the other.
    #[test]
    fn every_setting_of_a_session_reaches_a_request_that_has_none() {
        let pool = prost_reflect::DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
        let settings = pool.get_message_by_name("gateway.v1.SessionSettings").unwrap();
        let request = pool.get_message_by_name("gateway.v1.ChatRequest").unwrap();
        for field in settings.fields() {
            let same = request.get_field(field.number()).unwrap();
            assert_eq!((same.name(), same.kind()), (field.name(), field.kind()));
        }
        let json = r#"{"max_output_tokens":1,"temperature":0.5,"top_p":0.5,"top_k":2,"min_p":0.1,"presence_penalty":1,
            "frequency_penalty":1,"repetition_penalty":1,"seed":"7","stop":["x"],"tools":[{"function":{"name":"f"}}],
            "tool_choice":{"name":"f"},"parallel_tool_calls":true,"response_format":{"type":"text"},
            "thinking":{"effort":"low"},"web_search":{},"modalities":["text"],"image_config":{"a":1},
            "audio":{"voice":"v"},"verbosity":"low","service_tier":"flex","routing":{"sort":"price"},
            "max_cost_usd":1,"provider_options":{"b":2}}"#;
        let given: pb::SessionSettings = serde_json::from_str(json).unwrap();
        let count = serde_json::from_str::<serde_json::Value>(json).unwrap().as_object().unwrap().len();
        assert_eq!(count, settings.fields().count(), "a setting is not tried");
        let expected = pb::ChatRequest::decode(given.encode_to_vec().as_slice()).unwrap();
        let session = SessionRecord { settings: Some(given), ..SessionRecord::default() };
        let mut request = pb::ChatRequest::default();
        apply_settings(&mut request, &session);
        assert_eq!(request, expected);
        let mut own = pb::ChatRequest { temperature: Some(1.0), ..pb::ChatRequest::default() };
        apply_settings(&mut own, &session);
        assert_eq!(own.temperature, Some(1.0));
    }
}
