//! One running generation: who drives it, what it said lately, who reads it and how it ended.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::Waker,
    time::Duration,
};

use futures::stream::BoxStream;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use super::{
    reins::{Reins, cancelled_error},
    replay::Replay,
    streams::Streams,
};
use crate::{error::Error, pb::ChatEvent, provider::OnDisconnect, service::Key};

/// A generation's events as its meter makes them. Polling them polls the provider.
pub(super) type Source = BoxStream<'static, Result<ChatEvent, Error>>;

/// A generation that runs, or ran until lately.
pub(in crate::service) struct Live {
    /// Who began it.
    pub(super) key: Arc<Key>,
    /// How it is told to end.
    pub(in crate::service) reins: Reins,
    /// How long it goes on for somebody to come back.
    pub(super) grace: Duration,
    /// What was asked, where the same request may join.
    pub(super) joinable: Option<Joinable>,
    id: OnceLock<Uuid>,
    state: Mutex<State>,
    /// Readers came or went, or it ended.
    changed: Notify,
}

/// What makes a request the same as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct Joinable {
    /// The caller's word for it.
    pub(super) idempotency_key: String,
    /// Hash of what is asked.
    pub(super) request: [u8; 32],
}

/// What changes about a generation. Its lock is held while the provider is polled, never across an await.
pub(super) struct State {
    /// The events to come, while the connection that began it polls them itself.
    pub(super) source: Option<Source>,
    pub(super) replay: Replay,
    /// Sequence number of the last event but for the end.
    pub(super) last: u32,
    /// `done`, or why there is none.
    pub(super) end: Option<Result<ChatEvent, Error>>,
    pub(super) readers: Vec<Slot>,
    /// Since when nobody reads.
    pub(super) left_since: Option<Instant>,
    /// The task that waits for a slow reader.
    pub(super) pump: Option<Waker>,
    pub(super) on_disconnect: OnDisconnect,
    next_slot: u32,
}

/// A reader, as the generation knows it.
pub(super) struct Slot {
    pub(super) number: u32,
    /// The event that it waits for.
    pub(super) next: u32,
    pub(super) waker: Option<Waker>,
}

impl Live {
    pub(super) fn new(key: Arc<Key>, grace: Duration, joinable: Option<Joinable>, replay: Replay) -> Self {
        let state = State {
            source: None,
            replay,
            last: 0,
            end: None,
            readers: Vec::with_capacity(1),
            left_since: Some(Instant::now()),
            pump: None,
            on_disconnect: OnDisconnect::Cancel,
            next_slot: 0,
        };
        Self {
            key,
            reins: Reins::default(),
            grace,
            joinable,
            id: OnceLock::new(),
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    /// The generation's id, once it has one.
    pub(super) fn id(&self) -> Option<Uuid> {
        self.id.get().copied()
    }

    pub(super) fn name(&self, id: Uuid) {
        self.id.set(id).expect("a generation is booked once");
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A provider's reader that panicked under the lock has harmed itself alone.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait for readers or for the end to look.
    pub(super) fn note_change(&self) {
        self.changed.notify_waiters();
    }

    /// Ends it, unless it has ended.
    pub(super) fn end(&self, end: Result<ChatEvent, Error>) {
        self.state().finish(end);
        self.note_change();
    }

    /// Ends it as cancelled, unless it has ended: who would have driven it has gone.
    pub(super) fn give_up(&self) {
        self.end(Err(cancelled_error()));
    }

    /// Lets a task poll the provider from now on, where the connection that began it does so far.
    pub(super) fn hand_over(self: &Arc<Self>, streams: &Streams) {
        let source = self.state().source.take();
        if let Some(source) = source {
            streams.drive(self, source);
        }
    }

    /// Waits for the end.
    pub(super) async fn ended(&self) -> Result<ChatEvent, Error> {
        loop {
            let changed = self.changed.notified();
            if let Some(end) = &self.state().end {
                return end.clone();
            }
            changed.await;
        }
    }

    /// Waits until nobody has read for the time that this generation is kept for somebody to come back.
    pub(super) async fn left(&self) {
        loop {
            let changed = self.changed.notified();
            let since = self.state().left_since;
            match since {
                None => changed.await,
                // A timer would let the provider say one thing more first.
                Some(since) if since.elapsed() >= self.grace => return,
                // Somebody may come at the last moment, so what counts is the next look.
                Some(since) => _ = timeout_at(since + self.grace, changed).await,
            }
        }
    }
}

impl State {
    /// Adds a reader who waits for that event.
    pub(super) fn join(&mut self, next: u32) -> u32 {
        let number = self.next_slot;
        self.next_slot += 1;
        self.readers.push(Slot { number, next, waker: None });
        self.left_since = None;
        number
    }

    /// Removes a reader.
    pub(super) fn leave(&mut self, number: u32) {
        self.readers.retain(|slot| slot.number != number);
        if self.readers.is_empty() {
            self.left_since = Some(Instant::now());
        }
        self.wake_pump();
    }

    pub(super) fn slot(&mut self, number: u32) -> &mut Slot {
        self.readers.iter_mut().find(|slot| slot.number == number).expect("there until its reader is dropped")
    }

    /// Keeps an event and wakes those who wait for it.
    pub(super) fn pass(&mut self, event: &ChatEvent) {
        self.replay.push(event, true);
        self.last = event.sequence;
        self.wake_readers();
    }

    /// Whether some reader would miss an event if that one was kept now.
    pub(super) fn would_lose(&self, event: &ChatEvent) -> bool {
        let waiting = self.readers.iter().map(|slot| slot.next).filter(|next| *next <= self.last);
        // Who has missed some already is not waited for again.
        let Some(slowest) = waiting.filter(|next| !self.has_lost(*next)).min() else { return false };
        slowest < self.replay.first_after(event)
    }

    /// What comes at that place was there and is no longer.
    pub(super) fn has_lost(&self, next: u32) -> bool {
        next <= self.last && self.replay.first().is_none_or(|first| next < first)
    }

    /// Wakes that reader at the next event.
    pub(super) fn park(&mut self, number: u32, waker: &Waker) {
        let slot = self.slot(number);
        if !slot.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            slot.waker = Some(waker.clone());
        }
    }

    /// Ends it, unless it has ended.
    pub(super) fn finish(&mut self, end: Result<ChatEvent, Error>) {
        if self.end.is_none() {
            self.end = Some(end);
            self.wake_readers();
        }
    }

    pub(super) fn wake_pump(&mut self) {
        if let Some(pump) = self.pump.take() {
            pump.wake();
        }
    }

    fn wake_readers(&mut self) {
        self.readers.iter_mut().filter_map(|slot| slot.waker.take()).for_each(Waker::wake);
    }
}
