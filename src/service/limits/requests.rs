//! Requests a minute: governor's GCRA, with places that are held before they are counted.
//!
//! A request that was let in is pending until it goes out. Only then it is counted, so one that a later check refuses
//! gives its place back exactly, although governor cannot.

use std::{
    cell::Cell,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{NotKeyed, StateStore},
};

use super::Wait;

const MINUTE: Duration = Duration::from_secs(60);

/// Requests of one thing.
#[derive(Default)]
pub(super) struct Requests {
    gate: Option<Gate>,
    /// What the gate was made for.
    limit: u32,
    /// When all that was counted is forgotten again; the gate's state.
    arrival: Arrival,
    pending: u32,
}

type Gate = RateLimiter<NotKeyed, Arrival, Moment, StateInformationMiddleware>;

/// GCRA's theoretical arrival time in nanoseconds, kept where we can see it and put it back.
#[derive(Clone, Default)]
struct Arrival(Arc<AtomicU64>);

impl Arrival {
    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn write(&self, nanos: u64) {
        // Whoever comes here holds the cell's lock.
        self.0.store(nanos, Ordering::Relaxed);
    }
}

impl StateStore for Arrival {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, arrival) = decide(Some(Nanos::from(self.read())))?;
        self.write(arrival.as_u64());
        Ok(outcome)
    }
}

/// The time that the gate is told.
#[derive(Default)]
struct Moment(Cell<Duration>);

impl Clock for Moment {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.get()
    }
}

impl Requests {
    /// How long until one more may come; `None` where it may now.
    pub(super) fn wait(&mut self, limit: u32, now: Duration) -> Option<Wait> {
        let more = NonZeroU32::MIN.saturating_add(self.pending);
        if self.gate(limit, now).is_none() {
            return Some(Wait::Never);
        }
        match self.asked(|gate| gate.check_n(more))? {
            Ok(Ok(_)) => None,
            Ok(Err(until)) => Some(Wait::After(until.wait_time_from(now))),
            // As many are pending as a minute takes: at best one of them is forgotten first.
            Err(_) => Some(Wait::After(MINUTE / limit)),
        }
    }

    /// Holds a place. Only after [`Requests::wait`] found one, under the same lock.
    pub(super) fn hold(&mut self) {
        self.pending += 1;
    }

    /// Gives a place back.
    pub(super) fn give_back(&mut self) {
        self.pending = self.pending.saturating_sub(1);
    }

    /// A request for which a place was held goes out.
    pub(super) fn count(&mut self, limit: u32, now: Duration) {
        self.give_back();
        if let Some(gate) = self.gate(limit, now) {
            let kept = gate.check();
            debug_assert!(kept.is_ok(), "a place was held");
        }
    }

    /// How many more may come now.
    pub(super) fn remaining(&mut self, limit: u32, now: Duration) -> u32 {
        if self.gate(limit, now).is_none() {
            return 0;
        }
        let counted = self.asked(|gate| gate.check().ok()).flatten();
        counted.map_or(0, |next| (next.remaining_burst_capacity() + 1).saturating_sub(self.pending))
    }

    /// How long until all of them may come, were nobody to come in between.
    pub(super) fn reset(&self, limit: u32, now: Duration) -> Duration {
        let counted = Duration::from_nanos(self.arrival.read()).saturating_sub(now);
        counted + MINUTE.checked_div(limit).unwrap_or_default() * self.pending
    }

    /// Nothing is held, and nothing remembered that would matter.
    pub(super) fn is_idle(&self, now: Duration) -> bool {
        self.pending == 0 && Duration::from_nanos(self.arrival.read()) <= now
    }

    /// What the gate would say, which then is as if nobody had asked.
    fn asked<T>(&self, ask: impl FnOnce(&Gate) -> T) -> Option<T> {
        let before = self.arrival.read();
        let answer = self.gate.as_ref().map(ask);
        self.arrival.write(before);
        answer
    }

    /// The gate for a limit, at a time; none where the limit is 0. When a limit is changed, what was counted stays
    /// counted.
    fn gate(&mut self, limit: u32, now: Duration) -> Option<&Gate> {
        if self.limit != limit {
            let quota = NonZeroU32::new(limit).map(Quota::per_minute);
            if let (Some(old), Some(new)) = (NonZeroU32::new(self.limit).map(Quota::per_minute), quota) {
                let level = Duration::from_nanos(self.arrival.read()).saturating_sub(now);
                let counted = level.as_nanos().div_ceil(old.replenish_interval().as_nanos().max(1));
                let level = counted * new.replenish_interval().as_nanos();
                self.arrival.write(u64::try_from(now.as_nanos() + level).unwrap_or(u64::MAX));
            }
            // Its beginning is time 0, so that its state is our time.
            self.gate = quota.map(|quota| RateLimiter::new(quota, self.arrival.clone(), Moment::default()));
            self.limit = limit;
        }
        let gate = self.gate.as_ref()?;
        gate.clock().0.set(now);
        Some(gate)
    }
}
