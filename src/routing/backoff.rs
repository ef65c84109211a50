//! How long to wait before another try: arithmetic alone.

use std::time::Duration;

/// The wait before try number `tries + 1`: exponential with full jitter, so that callers that failed together do not
/// come back together. `random` is from 0 to 1.
pub fn backoff(tries: u32, base: Duration, longest: Duration, random: f64) -> Duration {
    let doubled = base.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
    doubled.min(longest).mul_f64(random.clamp(0.0, 1.0))
}

/// The wait when a provider says how long: that long, and a little more by chance.
pub fn told(wait: Duration, base: Duration, random: f64) -> Duration {
    wait.saturating_add(base.mul_f64(random.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_jitter_takes_any_part() {
        let check = |tries, random, expected_ms| {
            let wait = backoff(tries, Duration::from_millis(250), Duration::from_secs(8), random);
            assert_eq!(wait, Duration::from_millis(expected_ms), "try {tries}, random {random}");
        };
        check(1, 1.0, 250);
        check(2, 1.0, 500);
        check(3, 0.5, 500);
        check(6, 1.0, 8_000);
        check(u32::MAX, 1.0, 8_000);
        check(4, 0.0, 0);
        assert_eq!(told(Duration::from_secs(2), Duration::from_millis(250), 0.5), Duration::from_millis(2_125));
    }
}
