//! Chat: route, check, admit, try, meter.

use std::sync::Arc;

use super::{Caller, ChatCall, Gateway, booking::Booking, checks, live::Live, meter};
use crate::{
    dialect::OutgoingChat,
    error::Error,
    events::Events,
    pb::{self, content_part::Part},
    routing::{self, Policy},
    store::ledger::Admission,
};

impl Gateway {
    /// Answers event by event. Returns when the first event is there, or the reason why none will come.
    ///
    /// # Errors
    /// What the request lacks, why it is not admitted, or how every attempt failed.
    pub async fn stream_chat(&self, caller: Caller, call: ChatCall) -> Result<Events, Error> {
        if let Some(key) = caller.idempotency_key.clone() {
            return self.join_chat(caller, call, key).await;
        }
        let live = self.live.begin(&caller, call.stream, None);
        let events = self.open_chat(caller, call, &live).await?;
        Ok(self.follow(&live, events))
    }

    /// Begins a generation, whose events are then polled by whoever has them.
    pub(super) async fn open_chat(&self, caller: Caller, call: ChatCall, live: &Arc<Live>) -> Result<Events, Error> {
        let request = &call.request;
        let route = self.route(&request.model, request.routing.as_ref(), call.source.is_some())?;
        checks::chat(request, route.abilities())?;
        let mut limit = Box::pin(live.reins.or_cancelled(self.limit(&caller)));
        let (policy, deadline) = (Policy::new(&self.config.routing, caller.deadline), caller.deadline);
        let admission = Admission {
            operation: pb::Operation::Chat,
            end_user: request.end_user.clone(),
            session_id: request.session_id.clone(),
            metadata: request.metadata.clone(),
            streamed: call.stream,
            idempotency_key: caller.idempotency_key.clone(),
            ..route.admission()
        };
        let mut booking = Booking::new(self.clone(), caller, admission, input_bytes(request));
        let entered = self.live.enter(booking.id(), live);
        let attempt = async |target: &routing::Target| {
            let outgoing = OutgoingChat {
                request,
                source: call.source.as_ref(),
                model: &target.model,
                facts: target.facts(),
                stream: call.stream,
            };
            self.upstream.chat(&target.provider, outgoing, deadline).await
        };
        // Boxed, so that the futures around it stay small: they are moved at every layer.
        let tries = Box::pin(routing::try_targets(&route.targets, &policy, &mut booking, attempt));
        let answer = tokio::select! {
            biased;
            answer = tries => answer,
            error = &mut limit => Err(error),
        };
        match answer {
            Err(error) => Err(entered.failed(booking.fail(error).await)),
            Ok(answer) => {
                booking.answered(answer.status);
                entered.begun(self.on_disconnect(&booking));
                let meta = route.meta(&booking, answer.warnings);
                Ok(meter::watch(booking, answer.pieces, meta, limit, live.reins.clone()))
            }
        }
    }

    /// Answers when the model has finished: the fold of [`Gateway::stream_chat`].
    ///
    /// # Errors
    /// As there; a stream that breaks off is an error as a whole.
    pub async fn chat(&self, caller: Caller, call: ChatCall) -> Result<pb::ChatResponse, Error> {
        self.stream_chat(caller, call).await?.fold().await
    }
}

/// Bytes of text in a request's messages, for estimates.
fn input_bytes(request: &pb::ChatRequest) -> u64 {
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
