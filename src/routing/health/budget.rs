//! How many second tries may be made: a bucket that fills with the requests that may have one.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// A second try costs so much.
const A_TRY: i64 = 1_000_000;

/// Most second tries that can be saved up.
const MOST_TRIES: i64 = 10;

/// What second tries are made of.
#[derive(Debug)]
pub struct HedgeBudget {
    /// What a request brings.
    share: i64,
    saved: AtomicI64,
}

impl HedgeBudget {
    /// A budget of that share of the requests, 0 to 1. A small stock is there from the beginning, unless the share is 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "between 0 and a million")]
    pub fn new(share: f64) -> Self {
        let share = (share.clamp(0.0, 1.0) * A_TRY as f64) as i64;
        Self { share, saved: AtomicI64::new(if share > 0 { A_TRY } else { 0 }) }
    }

    /// A request begins that may have a second try.
    pub fn earn(&self) {
        let earned = |saved: i64| Some((saved + self.share).min(MOST_TRIES * A_TRY));
        let _ = self.saved.fetch_update(Relaxed, Relaxed, earned);
    }

    /// Takes what one second try costs; false where it is not there.
    pub fn spend(&self) -> bool {
        let spent = |saved: i64| (saved >= A_TRY).then_some(saved - A_TRY);
        self.saved.fetch_update(Relaxed, Relaxed, spent).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_tries_keep_to_their_share_of_the_requests() {
        let check = |share, requests, expected| {
            let budget = HedgeBudget::new(share);
            let tries = (0..requests).filter(|_| {
                budget.earn();
                budget.spend()
            });
            assert_eq!(tries.count(), expected, "{share} of {requests}");
        };
        check(0.1, 1_000, 101);
        check(0.0, 1_000, 0);
        check(1.0, 1_000, 1_000);
        let budget = HedgeBudget::new(0.5);
        (0..1_000).for_each(|_| budget.earn());
        assert_eq!((0..1_000).filter(|_| budget.spend()).count(), 10, "a quiet hour is no licence for a flood");
    }
}
