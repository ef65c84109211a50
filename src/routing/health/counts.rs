//! Tries by the minute, of the last quarter of an hour. Shared without a lock; the clock is passed in.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use super::breaker::Lately;

/// Minutes that are kept.
pub(super) const MINUTES: u64 = 15;

const A_MINUTE_MS: u64 = 60_000;

/// What became of tries.
#[derive(Default)]
pub(super) struct Counts([Slot; MINUTES as usize]);

/// One minute.
#[derive(Default)]
struct Slot {
    /// The minute, counted from 1; 0 is none.
    minute: AtomicU64,
    good: AtomicU32,
    failed: AtomicU32,
    limited: AtomicU32,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Good,
    Failed,
    /// It was told to wait.
    Limited,
}

impl Counts {
    pub(super) fn add(&self, fate: Fate, now_ms: u64) {
        let minute = minute(now_ms);
        let slot = &self.0[usize::try_from(minute % MINUTES).unwrap_or(0)];
        let there = slot.minute.load(Relaxed);
        // Whoever is first in a minute wipes what was there. A count that is made meanwhile may be lost: no matter.
        if there != minute && slot.minute.compare_exchange(there, minute, Relaxed, Relaxed).is_ok() {
            [&slot.good, &slot.failed, &slot.limited].iter().for_each(|count| count.store(0, Relaxed));
        }
        let count = match fate {
            Fate::Good => &slot.good,
            Fate::Failed => &slot.failed,
            Fate::Limited => &slot.limited,
        };
        count.fetch_add(1, Relaxed);
    }

    /// This minute and the one before, without those that were told to wait.
    pub(super) fn lately(&self, now_ms: u64) -> Lately {
        self.since(2, now_ms).fold(Lately::default(), |sum, slot| {
            let failed = slot.failed.load(Relaxed);
            Lately { tries: sum.tries + slot.good.load(Relaxed) + failed, failed: sum.failed + failed }
        })
    }

    /// All tries of the last quarter of an hour, and those that did not go well.
    pub(super) fn total(&self, now_ms: u64) -> (u64, u64) {
        self.since(MINUTES, now_ms).fold((0, 0), |(tries, failures), slot| {
            let failed = u64::from(slot.failed.load(Relaxed)) + u64::from(slot.limited.load(Relaxed));
            (tries + u64::from(slot.good.load(Relaxed)) + failed, failures + failed)
        })
    }

    fn since(&self, minutes: u64, now_ms: u64) -> impl Iterator<Item = &Slot> {
        let last = minute(now_ms);
        self.0.iter().filter(move |slot| {
            let minute = slot.minute.load(Relaxed);
            minute > 0 && minute + minutes > last
        })
    }
}

/// The minute of a moment, counted from 1.
pub(super) fn minute(now_ms: u64) -> u64 {
    now_ms / A_MINUTE_MS + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_an_hour_is_kept_and_two_minutes_are_of_late() {
        let counts = Counts::default();
        counts.add(Fate::Good, 0);
        counts.add(Fate::Failed, 30_000);
        counts.add(Fate::Limited, 59_000);
        let lately = counts.lately(60_000);
        assert_eq!((lately.tries, lately.failed), (2, 1));
        assert_eq!(counts.lately(120_000).tries, 0);
        assert_eq!(counts.total(14 * A_MINUTE_MS), (3, 2));
        assert_eq!(counts.total(15 * A_MINUTE_MS), (0, 0));
        counts.add(Fate::Good, 15 * A_MINUTE_MS);
        assert_eq!(counts.total(15 * A_MINUTE_MS), (1, 0), "the same slot, wiped");
    }
}
