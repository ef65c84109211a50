//! How long something took lately: a small histogram whose past fades. Shared without a lock; the clock is passed in.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Buckets an octave: a quantile is right within a tenth.
const AN_OCTAVE: f64 = 4.0;

/// From a millisecond to a quarter of an hour.
const BUCKETS: usize = 80;

/// What was observed counts half after so long.
const HALF_LIFE_MS: u64 = 5 * 60_000;

/// Fewer observations say nothing.
const ENOUGH: u32 = 5;

/// Durations that were observed lately.
pub(super) struct Histogram {
    counts: [AtomicU32; BUCKETS],
    faded_at_ms: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: std::array::from_fn(|_| AtomicU32::new(0)), faded_at_ms: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Takes one observation.
    pub(super) fn record(&self, took: Duration, now_ms: u64) {
        self.fade(now_ms);
        self.counts[bucket(took)].fetch_add(1, Relaxed);
    }

    /// The time within which that share of what was observed was done; `None` where too little was.
    pub(super) fn quantile(&self, share: f64) -> Option<Duration> {
        quantile([self].into_iter(), share)
    }

    fn fade(&self, now_ms: u64) {
        let faded = self.faded_at_ms.load(Relaxed);
        let halvings = now_ms.saturating_sub(faded) / HALF_LIFE_MS;
        // Whoever sees it first does it. An observation that is made meanwhile may be halved: no matter.
        if halvings == 0
            || self.faded_at_ms.compare_exchange(faded, faded + halvings * HALF_LIFE_MS, Relaxed, Relaxed).is_err()
        {
            return;
        }
        let halvings = u32::try_from(halvings).unwrap_or(u32::MAX);
        for count in &self.counts {
            count.store(count.load(Relaxed).checked_shr(halvings).unwrap_or(0), Relaxed);
        }
    }
}

/// The quantile of several histograms together.
pub(super) fn quantile<'a>(histograms: impl Iterator<Item = &'a Histogram>, share: f64) -> Option<Duration> {
    let mut counts = [0_u32; BUCKETS];
    for histogram in histograms {
        for (sum, count) in counts.iter_mut().zip(&histogram.counts) {
            *sum = sum.saturating_add(count.load(Relaxed));
        }
    }
    let total: u32 = counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
    if total < ENOUGH {
        return None;
    }
    let mut wanted = (f64::from(total) * share.clamp(0.0, 1.0)).max(1.0);
    for (at, count) in counts.iter().enumerate() {
        let count = f64::from(*count);
        if count >= wanted {
            return Some(within(at, wanted / count));
        }
        wanted -= count;
    }
    Some(within(BUCKETS - 1, 1.0))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a logarithm of 1 or more, and small")]
fn bucket(took: Duration) -> usize {
    let milliseconds = (took.as_secs_f64() * 1e3).max(1.0);
    ((milliseconds.log2() * AN_OCTAVE) as usize).min(BUCKETS - 1)
}

/// The duration at that part of a bucket.
fn within(bucket: usize, part: f64) -> Duration {
    let octaves = (f64::from(u32::try_from(bucket).unwrap_or(u32::MAX)) + part) / AN_OCTAVE;
    Duration::from_secs_f64(octaves.exp2() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(found: Option<Duration>, expected_ms: f64) {
        let found = found.unwrap().as_secs_f64() * 1e3;
        assert!((found / expected_ms - 1.0).abs() < 0.2, "{found} is not about {expected_ms}");
    }

    #[test]
    fn quantiles_are_about_right_and_too_little_says_nothing() {
        let histogram = Histogram::default();
        for milliseconds in [200, 200, 200, 200] {
            histogram.record(Duration::from_millis(milliseconds), 0);
        }
        assert_eq!(histogram.quantile(0.5), None);
        for milliseconds in [200, 200, 200, 200, 200, 3_000] {
            histogram.record(Duration::from_millis(milliseconds), 0);
        }
        about(histogram.quantile(0.5), 200.0);
        about(histogram.quantile(0.99), 3_000.0);
    }

    #[test]
    fn the_past_fades() {
        let histogram = Histogram::default();
        (0..100).for_each(|_| histogram.record(Duration::from_secs(9), 0));
        (0..60).for_each(|_| histogram.record(Duration::from_millis(100), HALF_LIFE_MS));
        about(histogram.quantile(0.5), 100.0);
        (0..5).for_each(|_| histogram.record(Duration::from_millis(100), 100 * HALF_LIFE_MS));
        about(histogram.quantile(1.0), 100.0);
        histogram.record(Duration::MAX, u64::MAX);
        histogram.record(Duration::ZERO, u64::MAX);
    }
}
