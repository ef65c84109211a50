//! A stream that is asked again only once something has happened.
//!
//! hyper asks a body twice more after each frame: whether there is another, and again once it has written. With nothing
//! there, both would go down to the provider's connection and back up, which costs more than a small event does.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker, ready},
};

use futures::{Stream, StreamExt as _, task::AtomicWaker};

/// Answers `Pending` by itself until the stream has woken its task.
pub(super) struct Woken<S> {
    stream: S,
    bell: Arc<Bell>,
    /// The bell, as the stream knows it.
    waker: Waker,
}

struct Bell {
    rung: AtomicBool,
    /// Who polls.
    task: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl<S> Woken<S> {
    /// That stream, which is asked once before it has woken anybody.
    pub(super) fn new(stream: S) -> Self {
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), task: AtomicWaker::new() });
        Self { stream, waker: Arc::clone(&bell).into(), bell }
    }
}

impl<S: Stream + Unpin> Stream for Woken<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        // Before the look at the bell: one that rings in between wakes this task.
        this.bell.task.register(context.waker());
        if !this.bell.rung.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let item = ready!(this.stream.poll_next_unpin(&mut Context::from_waker(&this.waker)));
        // There may be more, and nobody would say so.
        this.bell.rung.store(true, Ordering::Release);
        Poll::Ready(item)
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, SinkExt as _, channel::mpsc, stream};

    use super::*;

    #[tokio::test]
    async fn a_stream_with_nothing_to_say_is_asked_once_until_it_wakes() {
        let (mut say, said) = mpsc::channel::<u8>(4);
        let mut asked = 0;
        let mut said = Box::pin(said);
        let counted = stream::poll_fn(|context| {
            asked += 1;
            said.as_mut().poll_next(context)
        });
        let mut woken = Woken::new(counted);
        for _ in 0..3 {
            assert!(woken.next().now_or_never().is_none());
        }
        say.try_send(1).unwrap();
        say.try_send(2).unwrap();
        assert_eq!((woken.next().await, woken.next().await), (Some(1), Some(2)));
        assert!(woken.next().now_or_never().is_none());
        assert!(woken.next().now_or_never().is_none());
        drop(say);
        assert_eq!(woken.next().await, None);
        drop(woken);
        assert_eq!(asked, 1 + 2 + 1 + 1);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let (mut say, said) = mpsc::channel::<u8>(1);
        let speaking = async {
            for word in 0..10 {
                say.send(word).await.unwrap();
            }
            drop(say);
        };
        // The channel is small, so that both wait for each other again and again.
        let ((), heard) = tokio::join!(speaking, Woken::new(said).collect::<Vec<_>>());
        assert_eq!(heard, (0..10).collect::<Vec<_>>());
    }
}
