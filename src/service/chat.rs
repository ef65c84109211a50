//! Chat: route, check, admit, try, meter.

use super::{Caller, ChatCall, Gateway, admission::Ask, booking::Booking, checks, estimate, hedging, meter};
use crate::{
    dialect::OutgoingChat,
    error::Error,
    events::Events,
    pb,
    routing::{self, Policy},
    store::ledger::Admission,
};

impl Gateway {
    /// Answers event by event. Returns when the first event is there, or the reason why none will come.
    ///
    /// # Errors
    /// What the request lacks, why it is not admitted, or how every attempt failed.
    pub async fn stream_chat(&self, caller: Caller, call: ChatCall) -> Result<Events, Error> {
        let request = &call.request;
        let route = self.route(&caller, Ask::of_chat(request, call.source.is_some(), call.stream))?;
        checks::chat(request, route.abilities())?;
        let reserve = || estimate::reserve(request, route.abilities(), &self.config.routing);
        let permit = self.limits.admit(&caller, &request.end_user, route.model(), reserve)?;
        let mut limit = Box::pin(self.limit(&caller));
        let executes = || hedging::executes(&call, &route);
        let (policy, unhedged) = hedging::policy(self, &route, request.routing.as_ref(), executes, &caller);
        let (policy, deadline) = (Policy { streamed: call.stream, ..policy }, caller.deadline);
        let admission = Admission {
            operation: pb::Operation::Chat,
            end_user: request.end_user.clone(),
            session_id: request.session_id.clone(),
            metadata: request.metadata.clone(),
            streamed: call.stream,
            ..route.admission()
        };
        let mut booking = Booking::new(self.clone(), caller, admission, estimate::input_bytes(request)).holding(permit);
        let attempt = |target: &routing::Target| {
            let outgoing = OutgoingChat {
                request,
                source: call.source.as_ref(),
                model: &target.model,
                facts: target.facts(),
                stream: call.stream,
            };
            self.upstream.chat(&target.provider, target.credential, outgoing, deadline)
        };
        // Boxed, so that the futures around it stay small: they are moved at every layer.
        let tries = Box::pin(routing::try_targets(&route.targets, &policy, &mut booking, attempt));
        let answer = tokio::select! {
            biased;
            answer = tries => answer,
            error = &mut limit => Err(error),
        };
        match answer {
            Err(error) => Err(booking.fail(error).await),
            Ok(won) => {
                booking.answered(won.attempt, won.answer.status);
                let warnings = unhedged.warnings(won.unhedged, won.answer.warnings);
                let meta = route.meta(&booking, warnings);
                let pieces = hedging::part_with(won.answer.pieces, won.lost, &mut booking);
                Ok(meter::watch(booking, pieces, meta, limit))
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
