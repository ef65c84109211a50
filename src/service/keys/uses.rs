//! When keys were last used, to the minute: noted by requests, written by a task, many keys a statement.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use tokio::{sync::mpsc, time::sleep};
use tokio_util::task::TaskTracker;

use crate::{service::clock::now_ms, store::Store};

const MINUTE_MS: i64 = 60_000;
/// Notes that may wait. One that finds no room is made again by the key's next request but a second later.
const QUEUE: usize = 1024;
/// How long notes are gathered before they are written.
const GATHER: Duration = Duration::from_secs(5);
/// Keys of one statement.
const BATCH: usize = 256;

/// Where requests note the use of their key; by itself nowhere.
#[derive(Clone, Default)]
pub(super) struct Uses(Option<mpsc::Sender<String>>);

/// The minute of a key's last use that this process knows of.
pub(super) struct LastUse(AtomicI64);

impl LastUse {
    pub(super) fn new(at_ms: Option<i64>) -> Self {
        Self(AtomicI64::new(at_ms.map_or(i64::MIN, minute)))
    }

    /// Whether this is the first use within its minute.
    fn begins(&self, minute: i64) -> bool {
        // Read first: many requests share the value, and few change it.
        self.0.load(Ordering::Relaxed) < minute && self.0.fetch_max(minute, Ordering::Relaxed) < minute
    }
}

impl Uses {
    /// Starts the task that writes. It ends, with all written, when the last clone is dropped.
    pub(super) fn start(store: Store, tasks: &TaskTracker) -> Self {
        let (queue, notes) = mpsc::channel(QUEUE);
        tasks.spawn(write(store, notes));
        Self(Some(queue))
    }

    /// Notes a use; never waits.
    pub(super) fn note(&self, id: &str, last: &LastUse, now_ms: i64) {
        if let Some(queue) = &self.0
            && last.begins(minute(now_ms))
        {
            // No room is no harm: see `QUEUE`.
            queue.try_send(id.to_owned()).ok();
        }
    }
}

async fn write(store: Store, mut notes: mpsc::Receiver<String>) {
    while let Some(first) = notes.recv().await {
        let at_ms = minute(now_ms()) * MINUTE_MS;
        let mut ids = BTreeSet::from([first]);
        let gathered = sleep(GATHER);
        tokio::pin!(gathered);
        while ids.len() < BATCH {
            tokio::select! {
                () = &mut gathered => break,
                note = notes.recv() => match note {
                    Some(id) => _ = ids.insert(id),
                    None => break,
                },
            }
        }
        if let Err(error) = store.note_uses(&ids.into_iter().collect::<Vec<_>>(), at_ms).await {
            tracing::warn!(context = error.context, "when keys were last used could not be noted");
        }
    }
}

fn minute(at_ms: i64) -> i64 {
    at_ms.div_euclid(MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_noted_once_a_minute() {
        let (queue, mut notes) = mpsc::channel(8);
        let (uses, last) = (Uses(Some(queue)), LastUse::new(Some(MINUTE_MS)));
        for now in [MINUTE_MS + 5, 2 * MINUTE_MS - 1, 2 * MINUTE_MS, 2 * MINUTE_MS + 7, MINUTE_MS, 3 * MINUTE_MS] {
            uses.note("key", &last, now);
        }
        let mut noted = 0;
        while notes.try_recv().is_ok() {
            noted += 1;
        }
        assert_eq!(noted, 2, "the first of the second and of the third minute");
    }
}
