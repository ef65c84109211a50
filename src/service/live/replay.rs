//! What a generation has said lately, packed: a few bytes an event, whoever reads it again.
//!
//! Events are kept as the contract's bytes in chunks that are filled and never moved. That costs a stream whose client
//! stays neither an allocation nor a count an event, and a token a dozen bytes instead of the message's hundreds.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use prost::Message as _;

use crate::pb::ChatEvent;

/// Bytes of the first chunk; each further one is twice as large as that before it, up to the largest.
const FIRST_CHUNK: usize = 512;
const LARGEST_CHUNK: usize = 16 << 10;

/// What all buffers of the process hold together.
#[derive(Debug)]
pub(super) struct Pool {
    used: AtomicUsize,
    bound: usize,
}

impl Pool {
    /// Nothing yet; past `bound` bytes each buffer keeps only what is new.
    pub(super) fn new(bound: usize) -> Self {
        Self { used: AtomicUsize::new(0), bound }
    }

    /// Bytes that are held.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// The last events of one generation.
#[derive(Debug)]
pub(super) struct Replay {
    chunks: VecDeque<Chunk>,
    /// Bytes that the chunks take.
    bytes: usize,
    bound: usize,
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Chunk {
    /// Sequence number of its first event.
    first: u32,
    /// Events, each after its length. Never grows past its capacity.
    data: Vec<u8>,
}

/// How far somebody has read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Sequence number of the event that comes next.
    pub(super) next: u32,
    /// The chunk in which that event is looked for, by its first event, and how far into it.
    chunk: u32,
    offset: usize,
}

impl Place {
    /// Behind that event; 0 is the start.
    pub(super) fn after(sequence: u32) -> Self {
        Self { next: sequence.saturating_add(1), chunk: 0, offset: 0 }
    }
}

impl Replay {
    /// A buffer of at most about `bound` bytes, counted into the pool.
    pub(super) fn new(bound: usize, pool: Arc<Pool>) -> Self {
        Self { chunks: VecDeque::new(), bytes: 0, bound, pool }
    }

    /// Keeps an event, and forgets the oldest ones where there is no room. Where `needed` is false, one that is larger
    /// than the whole buffer is not kept, so that it is not copied for nobody.
    pub(super) fn push(&mut self, event: &ChatEvent, needed: bool) {
        if self.bound == 0 && !needed {
            return;
        }
        let size = size(event);
        if !needed && size > self.bound {
            return self.forget(usize::MAX);
        }
        if !self.fits(size) {
            let capacity = self.next_capacity(size);
            self.forget(self.surplus(capacity));
            self.chunks.push_back(Chunk { first: event.sequence, data: Vec::with_capacity(capacity) });
            self.bytes += capacity;
            self.pool.used.fetch_add(capacity, Ordering::Relaxed);
        }
        let chunk = self.chunks.back_mut().expect("one that has room was there or made");
        event.encode_length_delimited(&mut chunk.data).expect("memory takes all that is written");
    }

    /// The event at that place, which then moves behind it; `None` where there is none yet or any more.
    pub(super) fn read(&self, place: &mut Place) -> Option<ChatEvent> {
        let chunk = self.chunks.iter().rev().find(|chunk| chunk.first <= place.next)?;
        if place.chunk != chunk.first {
            place.offset = chunk.offset_of(place.next);
            place.chunk = chunk.first;
        }
        let mut rest = chunk.data.get(place.offset..).filter(|rest| !rest.is_empty())?;
        let event = ChatEvent::decode_length_delimited(&mut rest).expect("we wrote it");
        place.offset = chunk.data.len() - rest.len();
        place.next = event.sequence + 1;
        Some(event)
    }

    /// Sequence number of the oldest event that is held.
    pub(super) fn first(&self) -> Option<u32> {
        self.chunks.front().map(|chunk| chunk.first)
    }

    /// Sequence number of the oldest event that would still be held after that one was pushed.
    pub(super) fn first_after(&self, event: &ChatEvent) -> u32 {
        let size = size(event);
        if self.fits(size) {
            return self.first().unwrap_or(event.sequence);
        }
        let mut surplus = self.surplus(self.next_capacity(size));
        for chunk in &self.chunks {
            if surplus == 0 {
                return chunk.first;
            }
            surplus = surplus.saturating_sub(chunk.data.capacity());
        }
        event.sequence
    }

    /// Bytes that are held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn fits(&self, size: usize) -> bool {
        self.chunks.back().is_some_and(|chunk| chunk.data.capacity() - chunk.data.len() >= size)
    }

    fn next_capacity(&self, size: usize) -> usize {
        let twice = self.chunks.back().map_or(FIRST_CHUNK, |chunk| chunk.data.capacity() * 2);
        twice.min(LARGEST_CHUNK).max(size)
    }

    /// Bytes that have to go before a chunk of that size comes.
    fn surplus(&self, capacity: usize) -> usize {
        let bound = if self.pool.used() > self.pool.bound { self.bound.min(LARGEST_CHUNK) } else { self.bound };
        (self.bytes + capacity).saturating_sub(bound)
    }

    /// Forgets at least so many bytes of the oldest events.
    fn forget(&mut self, mut bytes: usize) {
        while bytes > 0 {
            let Some(chunk) = self.chunks.pop_front() else { return };
            let freed = chunk.data.capacity();
            self.bytes -= freed;
            self.pool.used.fetch_sub(freed, Ordering::Relaxed);
            bytes = bytes.saturating_sub(freed);
        }
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.forget(usize::MAX);
    }
}

impl Chunk {
    /// Where the event of that number begins; the end where it is not there yet.
    fn offset_of(&self, sequence: u32) -> usize {
        let mut rest = &self.data[..];
        for _ in self.first..sequence {
            let Ok(length) = prost::decode_length_delimiter(&mut rest) else { break };
            rest = &rest[length..];
        }
        self.data.len() - rest.len()
    }
}

/// Bytes that an event takes.
fn size(event: &ChatEvent) -> usize {
    let size = event.encoded_len();
    size + prost::length_delimiter_len(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::{TokenEvent, chat_event::Event};

    fn token(sequence: u32, bytes: usize) -> ChatEvent {
        let token = TokenEvent { text: "x".repeat(bytes), ..TokenEvent::default() };
        ChatEvent { sequence, event: Some(Event::Token(token)) }
    }

    fn replay(bound: usize) -> Replay {
        Replay::new(bound, Arc::new(Pool::new(usize::MAX)))
    }

    fn read_all(replay: &Replay, after: u32) -> Vec<ChatEvent> {
        let mut place = Place::after(after);
        std::iter::from_fn(|| replay.read(&mut place)).collect()
    }

    #[test]
    fn what_is_held_is_read_from_any_place_and_as_it_comes() {
        let (mut replay, mut place) = (replay(1 << 20), Place::after(0));
        let events: Vec<_> = (1..400).map(|sequence| token(sequence, sequence as usize % 97)).collect();
        for event in &events {
            assert_eq!(replay.read(&mut place), None);
            replay.push(event, false);
            assert_eq!(replay.read(&mut place).as_ref(), Some(event));
        }
        for after in 0..400 {
            assert_eq!(read_all(&replay, after), events[(after as usize).min(399)..], "after {after}");
        }
    }

    #[test]
    fn the_oldest_events_go_when_there_is_no_room_and_the_bound_holds() {
        let mut replay = replay(40 << 10);
        for sequence in 1..5_000 {
            let foreseen = replay.first_after(&token(sequence, 20));
            replay.push(&token(sequence, 20), false);
            assert_eq!(replay.first(), Some(foreseen));
            assert!(replay.bytes() <= 40 << 10, "{}", replay.bytes());
        }
        let first = replay.first().unwrap();
        assert!(first > 1 && read_all(&replay, 0).is_empty(), "nothing is passed over in silence");
        assert_eq!(read_all(&replay, first - 1).len(), 5_000 - first as usize);
    }

    #[test]
    fn an_event_larger_than_the_buffer_is_kept_only_where_somebody_needs_it() {
        let mut replay = replay(1000);
        replay.push(&token(1, 10), false);
        replay.push(&token(2, 2000), false);
        assert_eq!((replay.first(), replay.bytes()), (None, 0));
        replay.push(&token(3, 2000), true);
        assert_eq!(read_all(&replay, 2), [token(3, 2000)]);
    }

    #[test]
    fn a_pool_that_is_full_leaves_each_buffer_what_is_new() {
        let pool = Arc::new(Pool::new(64 << 10));
        let mut buffers: Vec<_> = (0..8).map(|_| Replay::new(1 << 20, Arc::clone(&pool))).collect();
        for sequence in 1..4_000 {
            buffers.iter_mut().for_each(|buffer| buffer.push(&token(sequence, 20), false));
        }
        assert!(pool.used() <= (64 << 10) + 8 * 2 * LARGEST_CHUNK, "{}", pool.used());
        assert!(buffers.iter().all(|buffer| read_all(buffer, 3_998).len() == 1));
        drop(buffers);
        assert_eq!(pool.used(), 0);
    }
}
