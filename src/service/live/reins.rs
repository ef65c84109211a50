//! How a running generation is told to end, by whoever: one flag, looked at by whoever polls its stream.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::Poll,
};

use futures::task::AtomicWaker;

use crate::error::{Error, Reason};

const RUNS: u8 = 0;
const ABANDONED: u8 = 1;
const CANCELLED: u8 = 2;

/// What a generation is told. Cheap to clone; all clones are the same reins.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Reins(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    what: AtomicU8,
    /// Who polls the stream.
    waker: AtomicWaker,
}

impl Reins {
    /// It must stop at once.
    pub(in crate::service) fn cancel(&self) {
        self.0.what.store(CANCELLED, Ordering::Release);
        self.0.waker.wake();
    }

    /// Nobody is left who reads: it goes on to learn what was used, and counts as cancelled.
    pub(in crate::service) fn abandon(&self) {
        // Where it was told to stop already, that stands.
        _ = self.0.what.compare_exchange(RUNS, ABANDONED, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Whether its end counts as cancelled, whatever the provider says.
    pub(in crate::service) fn is_left(&self) -> bool {
        self.0.what.load(Ordering::Acquire) != RUNS
    }

    /// Ends when `limit` does, or when it was cancelled.
    pub(in crate::service) fn or_cancelled(
        &self,
        limit: impl Future<Output = Error> + Send + 'static,
    ) -> impl Future<Output = Error> + Send + 'static {
        let told = Arc::clone(&self.0);
        async move {
            let cancelled = poll_fn(move |context| {
                told.waker.register(context.waker());
                if told.what.load(Ordering::Acquire) == CANCELLED { Poll::Ready(()) } else { Poll::Pending }
            });
            tokio::select! {
                biased;
                () = cancelled => cancelled_error(),
                error = limit => error,
            }
        }
    }
}

/// The generation was stopped on purpose.
pub(super) fn cancelled_error() -> Error {
    Error::new(Reason::Cancelled, "the generation was cancelled; send the request again if it is still wanted")
}
