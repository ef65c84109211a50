//! Streams that outlive connections.
//!
//! ```text
//! open_chat ─▶ source ─▶ the connection that began it polls by itself ─▶ door
//!                 │         └── each event is also packed into the replay buffer
//!                 └── it leaves, or a second reader comes: a task polls ─▶ buffer ─▶ readers
//! ```

mod drive;
mod generation;
mod joining;
mod reader;
mod reins;
mod replay;
mod streams;

use std::sync::Arc;

use self::reader::Reader;
pub use self::streams::Streams;
pub(super) use self::{generation::Live, reins::Reins};
use super::{
    Caller, Gateway,
    booking::Booking,
    usage::{no_such_generation, parse_id, sight},
};
use crate::{
    error::{Error, Reason},
    events::Events,
    pb::{self, FinishReason, GenerationState, chat_event::Event},
    provider::OnDisconnect,
};

impl Gateway {
    /// The events of a generation as the connection reads them that began it.
    pub(super) fn follow(&self, live: &Arc<Live>, events: Events) -> Events {
        let (id, overhead) = (events.generation_id.clone(), events.overhead);
        Events::new(id, overhead, Reader::first(live, &self.live, events.into_stream()))
    }

    /// What becomes of the call when nobody reads it any more.
    pub(super) fn on_disconnect(&self, booking: &Booking) -> OnDisconnect {
        self.providers.find(booking.provider()).map_or(OnDisconnect::Cancel, |provider| provider.on_disconnect)
    }

    /// Rejoins a generation after an event: what was said since, and what is to come.
    ///
    /// # Errors
    /// [`Reason::NotFound`] for what is not the caller's to see, [`Reason::OutOfRange`] where memory has not kept
    /// enough.
    pub async fn resume_chat(&self, caller: &Caller, request: pb::ResumeChatRequest) -> Result<Events, Error> {
        let Some(live) = self.find_live(caller, &request.generation_id)? else {
            let generation = self.booked(caller, request.generation_id).await?;
            let words = match generation.state() {
                GenerationState::Admitted => "this process does not hold the generation's events; it runs in another",
                _ => {
                    "the generation has ended and its events are no longer in memory; GetGeneration tells how it ended"
                }
            };
            return Err(Error::new(Reason::OutOfRange, words).with_generation(generation.id));
        };
        let reader = Reader::join(&live, &self.live, request.after_sequence)?;
        Ok(Events::new(request.generation_id, caller.received.elapsed(), reader))
    }

    /// Stops a generation; returns what it used once that is on the books. One that has ended stays as it is.
    ///
    /// # Errors
    /// [`Reason::NotFound`] for what is not the caller's to see, or does not run here.
    pub async fn cancel_chat(
        &self,
        caller: &Caller,
        request: pb::CancelChatRequest,
    ) -> Result<pb::CancelChatResponse, Error> {
        let Some(live) = self.find_live(caller, &request.generation_id)? else {
            let generation = self.booked(caller, request.generation_id).await?;
            if generation.state() == GenerationState::Admitted {
                let words = "this process does not run the generation; GetGeneration tells when it has ended";
                return Err(Error::new(Reason::NotFound, words).with_generation(generation.id));
            }
            return Ok(pb::CancelChatResponse {
                finish_reason: generation.finish_reason,
                usage: generation.usage,
                cost_usd: generation.cost_usd,
                generation_id: generation.id,
            });
        };
        live.reins.cancel();
        // The connection that began it may not be reading at all.
        live.hand_over(&self.live);
        let generation_id = request.generation_id;
        match live.ended().await {
            Ok(event) => {
                let done = match event.event {
                    Some(Event::Done(done)) => done,
                    _ => pb::DoneEvent::default(),
                };
                let (finish_reason, usage, cost_usd) = (done.finish_reason, done.usage, done.cost_usd);
                Ok(pb::CancelChatResponse { generation_id, finish_reason, usage, cost_usd })
            }
            Err(error) if error.reason == Reason::BooksUnavailable => Err(error),
            Err(error) => {
                let cancelled = error.reason == Reason::Cancelled;
                let finish_reason = if cancelled { FinishReason::Cancelled } else { FinishReason::Error }.into();
                let (usage, cost_usd) = (error.usage, error.cost_usd);
                Ok(pb::CancelChatResponse { generation_id, finish_reason, usage, cost_usd })
            }
        }
    }

    /// The generation of that id where this process holds it; an error where the caller may not see it.
    fn find_live(&self, caller: &Caller, id: &str) -> Result<Option<Arc<Live>>, Error> {
        let id = parse_id(id).ok_or_else(no_such_generation)?;
        let Some(live) = self.live.find(id) else { return Ok(None) };
        match sight(caller).covers(live.key.project_id, &live.key.id) {
            true => Ok(Some(live)),
            false => Err(no_such_generation()),
        }
    }

    /// What the books know of a generation.
    async fn booked(&self, caller: &Caller, generation_id: String) -> Result<pb::Generation, Error> {
        let found = self.get_generation(caller, pb::GetGenerationRequest { generation_id }).await?;
        found.generation.ok_or_else(no_such_generation)
    }
}
