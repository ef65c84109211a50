//! Chat: route, check, admit, try, meter.

use super::{Caller, ChatCall, Gateway, booking::Booking, checks, meter, sessions::Turn};
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
    pub async fn stream_chat(&self, caller: Caller, mut call: ChatCall) -> Result<Events, Error> {
        // Boxed, because most requests have no session and should not carry its futures.
        let mut session = match call.request.session_id.as_str() {
            "" => None,
            _ => Some(Box::pin(self.recall(&caller, &mut call)).await?),
        };
        let request = &call.request;
        let route = self.route(&request.model, request.routing.as_ref(), call.source.is_some())?;
        checks::chat(request, route.abilities())?;
        if let Some(session) = &mut session {
            Box::pin(self.restore(session, &mut call.request, route.abilities())).await?;
        }
        let request = &call.request;
        let limit = self.limit(&caller);
        let (policy, deadline) = (Policy::new(&self.config.routing, caller.deadline), caller.deadline);
        let admission = Admission {
            operation: pb::Operation::Chat,
            end_user: request.end_user.clone(),
            session_id: request.session_id.clone(),
            metadata: request.metadata.clone(),
            streamed: call.stream,
            ..route.admission()
        };
        let mut booking = Booking::new(self.clone(), caller, admission, input_bytes(request));
        let mut turn = match session {
            Some(session) => Some(Box::pin(self.begin_turn(session, &booking)).await?),
            None => None,
        };
        let deleted = turn.as_ref().map(Turn::deleted);
        let mut limit = Box::pin(first_of(limit, deleted));
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
            Err(error) => {
                if let Some(turn) = turn {
                    Box::pin(turn.abandon()).await;
                }
                Err(booking.fail(error).await)
            }
            Ok(answer) => {
                booking.answered(answer.status);
                let mut meta = route.meta(&booking, answer.warnings);
                if let Some(turn) = &mut turn {
                    turn.introduce(&mut meta);
                }
                let events = meter::watch(booking, answer.pieces, meta, limit);
                Ok(match turn {
                    Some(turn) => turn.record(events),
                    None => events,
                })
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

/// Ends with whichever ends first.
async fn first_of(limit: impl Future<Output = Error>, other: Option<impl Future<Output = Error>>) -> Error {
    match other {
        None => limit.await,
        Some(other) => tokio::select! {
            error = limit => error,
            error = other => error,
        },
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
