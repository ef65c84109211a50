//! Tokens a minute: what runs holds its reserve, what has ended is counted as it was, and drains with time.

use std::time::Duration;

use super::Wait;

/// Parts of a token, so that a limit of n tokens a minute drains n parts a nanosecond, and nothing is ever rounded.
const PARTS: u128 = 60_000_000_000;

/// Tokens of one thing.
#[derive(Default)]
pub(super) struct Tokens {
    /// Parts that were used and have not drained. More than the limit's, where a request used more than it reserved.
    used: u128,
    /// Until when they have drained.
    at: Duration,
    /// Tokens that running requests hold.
    reserved: u64,
}

impl Tokens {
    /// How long until so many fit; `None` where they do now.
    pub(super) fn wait(&mut self, limit: u32, amount: u32, now: Duration) -> Option<Wait> {
        self.drain(limit, now);
        if amount > limit {
            return Some(Wait::Never);
        }
        let wanted = self.used + (u128::from(self.reserved) + u128::from(amount)) * PARTS;
        let over = wanted.saturating_sub(u128::from(limit) * PARTS);
        (over > 0).then(|| Wait::After(time(over, limit)))
    }

    /// Reserves so many.
    pub(super) fn reserve(&mut self, amount: u32) {
        self.reserved += u64::from(amount);
    }

    /// A request that reserved `amount` has ended and used `used`.
    pub(super) fn settle(&mut self, limit: u32, amount: u32, used: u32, now: Duration) {
        self.drain(limit, now);
        self.reserved = self.reserved.saturating_sub(u64::from(amount));
        self.used += u128::from(used) * PARTS;
    }

    /// How many more may be used now.
    pub(super) fn remaining(&mut self, limit: u32, now: Duration) -> u32 {
        self.drain(limit, now);
        let taken = self.used.div_ceil(PARTS) + u128::from(self.reserved);
        u32::try_from(u128::from(limit).saturating_sub(taken)).unwrap_or(limit)
    }

    /// How long until all may be used, were what runs to use what it reserved.
    pub(super) fn reset(&mut self, limit: u32, now: Duration) -> Duration {
        self.drain(limit, now);
        time(self.used + u128::from(self.reserved) * PARTS, limit)
    }

    /// Nothing is held or has yet to drain.
    pub(super) fn is_idle(&mut self, limit: u32, now: Duration) -> bool {
        self.drain(limit, now);
        self.used == 0 && self.reserved == 0
    }

    fn drain(&mut self, limit: u32, now: Duration) {
        let drained = now.saturating_sub(self.at).as_nanos().saturating_mul(u128::from(limit));
        self.used = self.used.saturating_sub(drained);
        self.at = self.at.max(now);
    }
}

/// How long so many parts take to drain, rounded up.
fn time(parts: u128, limit: u32) -> Duration {
    let nanos = parts.div_ceil(u128::from(limit.max(1)));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
