//! A generation whose provider no connection polls: a task reads on, for its readers or for somebody to come back.

use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Poll, Waker},
    time::Duration,
};

use futures::StreamExt as _;
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    generation::{Live, Source},
    reader::is_last,
    streams::Streams,
};
use crate::{error::Error, pb::ChatEvent, provider::OnDisconnect};

/// How long a reader may keep the others waiting once the buffer is full of what it has not read.
const SLOW_READER_PATIENCE: Duration = Duration::from_secs(10);
/// Longest time for an answer that nobody reads to come to its usage.
const DRAIN_PATIENCE: Duration = Duration::from_secs(120);

/// Reads a generation to its end.
pub(super) async fn drive(live: Arc<Live>, streams: Streams, mut source: Source) {
    // Also when a provider's reader panics.
    let driven = Driven { live: &live, streams: &streams };
    let mut left = pin!(live.left());
    let mut drained_by = None;
    loop {
        let item = tokio::select! {
            biased;
            () = &mut left, if drained_by.is_none() => {
                drained_by = Some(Instant::now() + DRAIN_PATIENCE);
                leave_alone(&live);
                continue;
            }
            () = sleep_until(drained_by.unwrap_or_else(Instant::now)), if drained_by.is_some() => {
                live.reins.cancel();
                // It ends now; what is waited for from here on is its commit.
                source.next().await
            }
            item = source.next() => item,
        };
        let item = item.unwrap_or_else(|| Err(Error::internal("a stream ended without its end")));
        if is_last(Some(&item)) {
            live.end(item);
            break;
        }
        if let Ok(event) = &item {
            pass(&live, event).await;
        }
    }
    drop(source);
    drop(driven);
}

/// Nobody came back in time.
fn leave_alone(live: &Live) {
    let on_disconnect = live.state().on_disconnect;
    match on_disconnect {
        OnDisconnect::Cancel => live.reins.cancel(),
        OnDisconnect::Drain => live.reins.abandon(),
    }
}

/// Keeps an event for the readers, and waits for the slowest of them where the buffer has no room: a while, since it
/// holds up the provider.
async fn pass(live: &Live, event: &ChatEvent) {
    let try_pass = |waker: Option<&Waker>| {
        let mut state = live.state();
        if let Some(waker) = waker
            && state.would_lose(event)
        {
            state.pump = Some(waker.clone());
            return false;
        }
        state.pass(event);
        true
    };
    let passed = poll_fn(|context| if try_pass(Some(context.waker())) { Poll::Ready(()) } else { Poll::Pending });
    if timeout(SLOW_READER_PATIENCE, passed).await.is_err() {
        try_pass(None);
    }
}

/// Ends the generation for its readers, however its task ends.
struct Driven<'a> {
    live: &'a Arc<Live>,
    streams: &'a Streams,
}

impl Drop for Driven<'_> {
    fn drop(&mut self) {
        self.live.give_up();
        self.streams.retire(self.live);
    }
}
