//! Somebody who reads a generation. The first one polls the provider by itself, with no task and no channel between;
//! when it leaves, or a second one comes, a task takes over and all read from the buffer.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures::{Stream, StreamExt as _};

use super::{
    generation::{Live, Source, State},
    reins::cancelled_error,
    replay::Place,
    streams::Streams,
};
use crate::{
    error::{Error, Reason},
    pb::{ChatEvent, chat_event::Event},
    provider::OnDisconnect,
    store::usage::id_text,
};

/// A reader of a generation's events.
pub(in crate::service) struct Reader {
    live: Arc<Live>,
    streams: Streams,
    slot: u32,
    place: Place,
    over: bool,
}

impl Reader {
    /// The one whose connection began the generation.
    pub(super) fn first(live: &Arc<Live>, streams: &Streams, source: Source) -> Self {
        let mut state = live.state();
        let slot = state.join(1);
        // Who found it in the books before its first word waits already.
        let alone = state.readers.len() == 1;
        let source = if alone { state.source.replace(source) } else { Some(source) };
        drop(state);
        if let Some(source) = source {
            streams.drive(live, source);
        }
        Self { live: Arc::clone(live), streams: streams.clone(), slot, place: Place::after(0), over: false }
    }

    /// A further one, who wants what follows an event; 0 is the start.
    ///
    /// # Errors
    /// The buffer has lost what follows, or that event has not been.
    pub(super) fn join(live: &Arc<Live>, streams: &Streams, after: u32) -> Result<Self, Error> {
        let place = Place::after(after);
        let mut state = live.state();
        if state.has_lost(place.next) {
            return Err(lost(live));
        }
        if after > state.last + u32::from(state.end.is_some()) {
            let words = "no event has that sequence number yet; send that of the last event that was seen, or 0";
            return Err(Error::new(Reason::CursorInvalid, words).with_field("after_sequence"));
        }
        let slot = state.join(place.next);
        drop(state);
        live.note_change();
        live.hand_over(streams);
        Ok(Self { live: Arc::clone(live), streams: streams.clone(), slot, place, over: false })
    }

    /// Waits until there is something to read, or tells why there will be nothing.
    pub(super) async fn begun(&self) -> Result<(), Error> {
        let begun = poll_fn(|context| {
            let mut state = self.live.state();
            match &state.end {
                _ if state.last > 0 => Poll::Ready(Ok(())),
                Some(Ok(_)) => Poll::Ready(Ok(())),
                Some(Err(error)) => Poll::Ready(Err(error.clone())),
                None => {
                    state.park(self.slot, context.waker());
                    Poll::Pending
                }
            }
        });
        begun.await
    }

    /// The next event out of the buffer, or the end.
    fn poll_buffer(
        place: &mut Place,
        slot: u32,
        live: &Live,
        state: &mut State,
        context: &Context<'_>,
    ) -> Poll<Option<Result<ChatEvent, Error>>> {
        if let Some(event) = state.replay.read(place) {
            state.slot(slot).next = place.next;
            state.wake_pump();
            return Poll::Ready(Some(Ok(event)));
        }
        if state.has_lost(place.next) {
            return Poll::Ready(Some(Err(lost(live))));
        }
        let Some(end) = &state.end else {
            state.park(slot, context.waker());
            return Poll::Pending;
        };
        Poll::Ready((place.next == state.last + 1).then(|| end.clone()))
    }
}

impl Stream for Reader {
    type Item = Result<ChatEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.over {
            return Poll::Ready(None);
        }
        let mut guard = this.live.state();
        let state = &mut *guard;
        let Some(source) = &mut state.source else {
            let item = Self::poll_buffer(&mut this.place, this.slot, &this.live, state, context);
            this.over = matches!(&item, Poll::Ready(item) if is_last(item.as_ref()));
            return item;
        };
        let Poll::Ready(item) = source.poll_next_unpin(context) else {
            state.park(this.slot, context.waker());
            return Poll::Pending;
        };
        let item = item.unwrap_or_else(|| Err(Error::internal("a stream ended without its end")));
        if !is_last(Some(&item)) {
            if let Ok(event) = &item {
                state.replay.push(event, false);
                state.last = event.sequence;
                this.place = Place::after(event.sequence);
                state.slot(this.slot).next = this.place.next;
            }
            return Poll::Ready(Some(item));
        }
        this.over = true;
        let source = state.source.take();
        state.finish(item.clone());
        drop(guard);
        // After the lock, since it holds the gateway.
        drop(source);
        this.live.note_change();
        this.streams.retire(&this.live);
        Poll::Ready(Some(item))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let live = &self.live;
        let mut state = live.state();
        state.leave(self.slot);
        let source = state.source.take();
        let at_once = live.grace.is_zero() && state.on_disconnect == OnDisconnect::Cancel;
        let cancelled = at_once && source.is_some();
        if cancelled {
            state.finish(Err(cancelled_error()));
        }
        drop(state);
        live.note_change();
        match source {
            // Its booking settles it as cancelled.
            Some(source) if cancelled => {
                drop(source);
                self.streams.forget(live);
            }
            Some(source) => self.streams.drive(live, source),
            None => {}
        }
    }
}

/// Whether nothing comes after it.
pub(super) fn is_last(item: Option<&Result<ChatEvent, Error>>) -> bool {
    match item {
        Some(Ok(event)) => matches!(event.event, Some(Event::Done(_))),
        Some(Err(_)) | None => true,
    }
}

/// Too much was said since.
pub(super) fn lost(live: &Live) -> Error {
    let words = "the events after that are no longer in memory; GetGeneration tells how the generation ended";
    let error = Error::new(Reason::OutOfRange, words).with_field("after_sequence");
    match live.id() {
        Some(id) => error.with_generation(id_text(id)),
        None => error,
    }
}
