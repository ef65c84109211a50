//! The task that owns the writing.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::yield_now,
    time::{Instant, sleep_until},
};
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::{
    error::{Error, Reason},
    service::clock::now_ms,
    store::{
        Store,
        ledger::{Admission, AttemptStart, Batch, Held, Scribe, Settlement, Step, WriteError},
    },
};

/// Most entries of one transaction.
const BATCH: usize = 512;
/// How often others are let go first, at most, before a batch is written.
const ROUNDS: usize = 16;
/// Wait after the first failure; doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Tells what is held of budgets, where that was asked for.
pub(super) type Answer = oneshot::Sender<Result<Held, Error>>;

/// What is handed to the writer, and whom to tell.
pub(super) enum Entry {
    Admit(Box<Admission>, Answer),
    Begin(Box<AttemptStart>, Answer),
    Step(Box<Step>, Answer),
    Settle(Box<Settlement>, Answer),
}

pub(super) struct Writer {
    store: Store,
    scribe: Scribe,
    replica: Uuid,
    entries: mpsc::Receiver<Entry>,
    /// Admissions that were refused although their commit may have happened.
    in_doubt: Vec<Uuid>,
}

/// The database cannot be written.
struct Outage {
    why: Error,
    /// Settlements that have to wait for it.
    held: Vec<Entry>,
}

impl Writer {
    pub(super) fn new(store: Store, replica: Uuid, entries: mpsc::Receiver<Entry>) -> Self {
        Self { scribe: Scribe::new(store.clone()), store, replica, entries, in_doubt: Vec::new() }
    }

    /// Writes until nobody can hand over any more and all is written.
    pub(super) async fn run(mut self) {
        let mut taken = Vec::with_capacity(BATCH);
        while self.entries.recv_many(&mut taken, BATCH).await > 0 {
            self.take_more(&mut taken).await;
            if let Err(outage) = self.write(taken.drain(..)).await {
                self.outlast(outage).await;
            }
        }
    }

    /// Lets what is ready to run hand over what it has, as long as there is more each time: a commit costs the same for
    /// one as for many. Nobody waits for a clock, and where nothing else is ready this is over at once.
    async fn take_more(&mut self, taken: &mut Vec<Entry>) {
        for _ in 0..ROUNDS {
            yield_now().await;
            if self.entries.is_empty() || taken.len() >= BATCH {
                return;
            }
            self.entries.recv_many(taken, BATCH - taken.len()).await;
        }
    }

    /// Writes a batch and tells all who wait.
    async fn write(&mut self, entries: impl IntoIterator<Item = Entry>) -> Result<(), Outage> {
        let (batch, answers) = sort(entries);
        let batch = Arc::new(batch);
        let written = self.scribe.write(self.replica, &batch).await;
        let batch = Arc::into_inner(batch).expect("the scribe keeps nothing of it");
        match written {
            Ok(held) => {
                in_order(held, &batch).zip(answers).for_each(|(held, answer)| tell(answer, Ok(held)));
                Ok(())
            }
            Err(WriteError::Apart) => self.write_apart(join(batch, answers)).await,
            Err(WriteError::Unavailable { error, in_doubt }) => {
                if in_doubt {
                    self.in_doubt.extend(batch.admissions.iter().map(|admission| admission.id));
                }
                Err(Outage { why: error, held: hold(join(batch, answers)) })
            }
        }
    }

    /// Writes entries one by one, in order of arrival, so that one that cannot be written keeps back no other.
    async fn write_apart(&mut self, entries: Vec<Entry>) -> Result<(), Outage> {
        let mut entries = entries.into_iter();
        while let Some(entry) = entries.next() {
            let written = match &entry {
                Entry::Admit(admission, _) => self.store.write_admission(self.replica, admission).await,
                Entry::Begin(attempt, _) => self.store.write_attempt(attempt).await.map(|()| Held::NONE),
                Entry::Step(step, _) => self.store.write_step(step).await,
                Entry::Settle(end, _) => self.store.write_settlement(end, now_ms()).await.map(|()| Held::NONE),
            };
            match written {
                Err(why) if why.reason == Reason::BooksUnavailable => {
                    if let Entry::Admit(admission, _) = &entry {
                        self.in_doubt.push(admission.id);
                    }
                    return Err(Outage { why, held: hold(std::iter::once(entry).chain(entries)) });
                }
                written => answer(entry, written),
            }
        }
        Ok(())
    }

    /// Refuses what begins and holds what ends until the database can be written again. What is held is bounded by
    /// what was in flight, since nothing is admitted meanwhile.
    async fn outlast(&mut self, outage: Outage) {
        error!(context = outage.why.context, "the books cannot be written; nothing is admitted until they can");
        let mut held = outage.held;
        let mut wait = FIRST_WAIT;
        loop {
            self.gather(Instant::now() + wait, &mut held).await;
            match self.catch_up(&mut held).await {
                Ok(()) => return info!("the books can be written again"),
                Err(why) => warn!(context = why.context, held = held.len(), "the books still cannot be written"),
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Holds and refuses until that time.
    async fn gather(&mut self, until: Instant, held: &mut Vec<Entry>) {
        loop {
            tokio::select! {
                () = sleep_until(until) => return,
                Some(entry) = self.entries.recv() => held.extend(hold([entry])),
            }
        }
    }

    /// Writes what is held. What cannot be written stays held.
    async fn catch_up(&mut self, held: &mut Vec<Entry>) -> Result<(), Error> {
        if !self.in_doubt.is_empty() {
            self.store.withdraw(&self.in_doubt).await?;
            self.in_doubt.clear();
        }
        while !held.is_empty() {
            let portion: Vec<_> = held.drain(..held.len().min(BATCH)).collect();
            if let Err(outage) = self.write(portion).await {
                held.extend(outage.held);
                return Err(outage.why);
            }
        }
        Ok(())
    }
}

/// Refuses what begins; what ends has to be kept.
fn hold(entries: impl IntoIterator<Item = Entry>) -> Vec<Entry> {
    let (held, begins): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| matches!(entry, Entry::Settle(..)));
    begins.into_iter().for_each(|entry| answer(entry, Err(Error::books("the books could not be written"))));
    held
}

/// What each entry of a batch holds, in the order of [`sort`]. `held` tells of admissions and steps.
fn in_order(mut held: Vec<Held>, batch: &Batch) -> impl Iterator<Item = Held> {
    let steps = held.split_off(batch.admissions.len());
    let none = |count| std::iter::repeat_n(Held::NONE, count);
    held.into_iter().chain(none(batch.attempts.len())).chain(steps).chain(none(batch.settlements.len()))
}

/// Answers in the order of a batch: admissions, attempts, steps, settlements.
fn sort(entries: impl IntoIterator<Item = Entry>) -> (Batch, Vec<Answer>) {
    let mut batch = Batch::default();
    let (mut admitted, mut begun, mut stepped, mut settled) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Admit(admission, answer) => {
                batch.admissions.push(*admission);
                admitted.push(answer);
            }
            Entry::Begin(attempt, answer) => {
                batch.attempts.push(*attempt);
                begun.push(answer);
            }
            Entry::Step(step, answer) => {
                batch.steps.push(*step);
                stepped.push(answer);
            }
            Entry::Settle(settlement, answer) => {
                batch.settlements.push(*settlement);
                settled.push(answer);
            }
        }
    }
    admitted.append(&mut begun);
    admitted.append(&mut stepped);
    admitted.append(&mut settled);
    (batch, admitted)
}

/// The opposite of [`sort`].
fn join(batch: Batch, answers: Vec<Answer>) -> Vec<Entry> {
    let Batch { admissions, attempts, steps, settlements } = batch;
    let mut answers = answers.into_iter();
    let mut next = || answers.next().expect("sort made an answer for each");
    let mut entries = Vec::new();
    entries.extend(admissions.into_iter().map(|admission| Entry::Admit(Box::new(admission), next())));
    entries.extend(attempts.into_iter().map(|attempt| Entry::Begin(Box::new(attempt), next())));
    entries.extend(steps.into_iter().map(|step| Entry::Step(Box::new(step), next())));
    entries.extend(settlements.into_iter().map(|settlement| Entry::Settle(Box::new(settlement), next())));
    entries
}

fn answer(entry: Entry, result: Result<Held, Error>) {
    if let (Entry::Settle(settlement, _), Err(failure)) = (&entry, &result) {
        error!(generation = %settlement.id, context = failure.context, "a settlement cannot be written");
    }
    match entry {
        Entry::Admit(_, answer) | Entry::Begin(_, answer) | Entry::Step(_, answer) | Entry::Settle(_, answer) => {
            tell(answer, result);
        }
    }
}

fn tell(answer: Answer, result: Result<Held, Error>) {
    // Who asked may have gone away; what was asked is done all the same.
    drop(answer.send(result));
}
