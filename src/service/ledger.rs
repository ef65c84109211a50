//! The books' one writer: admissions and settlements of concurrent requests share transactions.
//!
//! There is no timer: while one batch commits, the next gathers. A settlement that was handed over is written even if
//! nobody waits for it and however long the database is away.

mod replica;
mod writer;

use std::{future::Future, time::Duration};

use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::writer::{Entry, Writer};
use super::clock::now_ms;
use crate::{
    error::Error,
    store::{
        Store,
        ledger::{Admission, AttemptStart, Held, Settlement, Step},
    },
};

/// Entries that may wait for the writer.
const QUEUE: usize = 4096;

/// The way to the writer. Cheap to clone. The writer ends, with all that was handed over written, when the last clone
/// is dropped.
#[derive(Clone)]
pub struct Ledger {
    queue: mpsc::Sender<Entry>,
    store: Store,
    replica: Uuid,
    tasks: TaskTracker,
}

impl Ledger {
    /// Claims the database for this process, gives up what dead processes left admitted, and starts the writer.
    pub async fn start(store: Store, replica: Uuid, tasks: &TaskTracker) -> Result<Self, Error> {
        store.claim()?;
        store.heartbeat(replica, now_ms()).await?;
        replica::recover(&store, replica).await?;
        let (queue, entries) = mpsc::channel(QUEUE);
        let writer = Writer::new(store.clone(), replica, entries);
        let life = replica::Life::new(store.clone(), replica);
        let ended = life.ended();
        tasks.spawn(async move {
            writer.run().await;
            ended.cancel();
        });
        tasks.spawn(life.run());
        Ok(Self { queue, store, replica, tasks: tasks.clone() })
    }

    /// A ledger that admits nothing, for commands beside a server: its database may be another process's to write.
    pub fn closed(store: Store, tasks: &TaskTracker) -> Self {
        let (queue, _) = mpsc::channel(1);
        Self { queue, store, replica: Uuid::nil(), tasks: tasks.clone() }
    }

    /// Returns when the admission is committed, with what it holds of budgets: where one has not enough left, nothing is
    /// admitted. Nor is it when the writer cannot keep up, or cannot write.
    pub async fn admit(&self, admission: Admission) -> Result<Held, Error> {
        let (answer, answered) = oneshot::channel();
        self.try_hand_over(Entry::Admit(Box::new(admission), answer))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Returns when the attempt is committed.
    pub async fn begin_attempt(&self, attempt: AttemptStart) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        self.try_hand_over(Entry::Begin(Box::new(attempt), answer))?;
        answered.await.unwrap_or_else(|_| Err(stopped())).map(drop)
    }

    /// Hands over what a running generation adds to its row; the future ends when it is committed, or when a budget has
    /// not enough left: then nothing of it is written.
    pub fn step(&self, step: Step) -> impl Future<Output = Result<Held, Error>> + Send + Sync + use<> {
        let (answer, answered) = oneshot::channel();
        let handed_over = self.try_hand_over(Entry::Step(Box::new(step), answer));
        async move {
            handed_over?;
            answered.await.unwrap_or_else(|_| Err(stopped()))
        }
    }

    /// Hands over a settlement, which is then written even if nobody waits; the future ends when it is committed.
    pub fn settle(&self, settlement: Settlement) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let (answer, answered) = oneshot::channel();
        let entry = Entry::Settle(Box::new(settlement), answer);
        if let Err(mpsc::error::TrySendError::Full(entry)) = self.queue.try_send(entry) {
            let queue = self.queue.clone();
            // Fails only when the writer is gone, which the dropped answer tells.
            self.tasks.spawn(async move { queue.send(entry).await.is_ok() });
        }
        async move { answered.await.unwrap_or_else(|_| Err(stopped())).map(drop) }
    }

    /// Gives up what dead processes left admitted: it becomes `unknown`. Returns how many generations that were. Done
    /// at the start, and every few heartbeats where several processes share the database.
    pub async fn recover(&self) -> Result<u64, Error> {
        replica::recover(&self.store, self.replica).await
    }

    fn try_hand_over(&self, entry: Entry) -> Result<(), Error> {
        self.queue.try_send(entry).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                Error::books("the writer's queue is full").with_retry_after(Duration::from_secs(1))
            }
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })
    }
}

fn stopped() -> Error {
    Error::books("the writer has stopped")
}
