//! Chat: route, check, admit, try, meter.

use std::{sync::Arc, time::Instant};

use super::{
    Caller, ChatCall, Gateway,
    admission::{Ask, Route},
    booking::Booking,
    budgets::Wish,
    checks, estimate,
    hedging::{self, Unhedged},
    live::Live,
    meter,
    sessions::{Recalled, Turn},
};
use crate::{
    dialect::OutgoingChat,
    error::Error,
    events::Events,
    pb,
    provider::Answer,
    routing::{self, Policy, Target},
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
    pub(super) async fn open_chat(
        &self,
        caller: Caller,
        mut call: ChatCall,
        live: &Arc<Live>,
    ) -> Result<Events, Error> {
        let (route, session) = self.prepare(&caller, &mut call).await?;
        let limit = live.reins.or_cancelled(self.limit(&caller));
        let deadline = caller.deadline;
        let (policy, unhedged) = self.chat_policy(&caller, &call, &route);
        let project_id = caller.key.project_id;
        let mut booking = self.book_chat(caller, &call, &route)?;
        // An answer in one piece could not be stopped where it becomes too dear.
        let stream = call.stream || booking.may_stop();
        let policy = Policy { streamed: stream, ..policy };
        // Boxed, because most requests have no session and should not carry its futures.
        let mut turn = match session {
            Some(session) => Some(Box::pin(self.begin_turn(session, &booking)).await?),
            None => None,
        };
        let mut limit = Box::pin(first_of(limit, turn.as_ref().map(Turn::deleted)));
        let mut capture = self.capture(project_id, &booking, &call.request);
        let entered = self.live.enter(booking.id(), live);
        let attempt = |target: &Target| self.send_chat(&call, target, stream, deadline);
        // Boxed, so that the futures around it stay small: they are moved at every layer.
        let tries = Box::pin(routing::try_targets(&route.targets, &policy, &mut booking, attempt));
        let answer = tokio::select! {
            biased;
            answer = tries => answer,
            error = &mut limit => Err(error),
        };
        let won = match answer {
            Ok(won) => won,
            Err(error) => {
                if let Some(turn) = turn {
                    Box::pin(turn.abandon()).await;
                }
                let error = booking.fail(error).await;
                if let Some(capture) = &mut capture {
                    Box::pin(capture.keep()).await;
                }
                return Err(entered.failed(error));
            }
        };
        booking.answered(won.attempt, won.answer.status);
        entered.begun(self.on_disconnect(&booking));
        let mut meta = route.meta(&booking, unhedged.warnings(won.unhedged, won.answer.warnings));
        if let Some(turn) = &mut turn {
            turn.introduce(&mut meta);
        }
        let pieces = hedging::part_with(won.answer.pieces, won.lost, &mut booking);
        let events = meter::watch(booking, pieces, meta, limit, live.reins.clone());
        let events = match turn {
            Some(turn) => turn.record(events),
            None => events,
        };
        Ok(match capture {
            Some(capture) => capture.record(events),
            None => events,
        })
    }

    /// Fills in what the request leaves to its session, finds out where it goes, and refuses what cannot be sent there.
    async fn prepare(&self, caller: &Caller, call: &mut ChatCall) -> Result<(Route, Option<Recalled>), Error> {
        let mut session = match call.request.session_id.as_str() {
            "" => None,
            _ => Some(Box::pin(self.recall(caller, call)).await?),
        };
        let request = &mut call.request;
        let route = self.route(caller, Ask::of_chat(request, call.source.is_some(), call.stream))?;
        checks::chat(request, route.abilities())?;
        if let Some(session) = &mut session {
            Box::pin(self.restore(session, request, route.abilities())).await?;
        }
        Ok((route, session))
    }

    /// How often and how patiently its targets are tried.
    fn chat_policy(&self, caller: &Caller, call: &ChatCall, route: &Route) -> (Policy<'_>, Unhedged) {
        let executes = || hedging::executes(call, route);
        hedging::policy(self, route, call.request.routing.as_ref(), executes, caller)
    }

    /// Takes its place under its limits, and all that the books will hold of it from its begin.
    fn book_chat(&self, caller: Caller, call: &ChatCall, route: &Route) -> Result<Booking, Error> {
        let request = &call.request;
        let reserve = || estimate::reserve(request, route.abilities(), &self.config.routing);
        let permit = self.limits.admit(&caller, &request.end_user, route.model(), reserve)?;
        let lease = self.lease(&caller, route, Wish::of_chat(request), reserve)?;
        let admission = Admission {
            operation: pb::Operation::Chat,
            end_user: request.end_user.clone(),
            session_id: request.session_id.clone(),
            metadata: request.metadata.clone(),
            streamed: call.stream,
            idempotency_key: caller.idempotency_key.clone(),
            ..route.admission()
        };
        Ok(Booking::new(self.clone(), caller, admission, estimate::input_bytes(request)).holding(permit).under(lease))
    }

    /// One attempt.
    fn send_chat(
        &self,
        call: &ChatCall,
        target: &Target,
        stream: bool,
        deadline: Option<Instant>,
    ) -> impl Future<Output = Result<Answer, Error>> + Send + use<> {
        let outgoing = OutgoingChat {
            request: &call.request,
            source: call.source.as_ref(),
            model: &target.model,
            facts: target.facts(),
            stream,
        };
        self.upstream.chat(&target.provider, target.credential, outgoing, deadline)
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
