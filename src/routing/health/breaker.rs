//! When a target is left alone: a state machine without a clock of its own.
//!
//! ```text
//! closed ── failures in a row, or half of many ──▶ open ── its pause is over ──▶ half open: one trial
//!    ▲                                              ▲ └──── fails: a longer pause ────┘ │
//!    └───────────────────────────────────── the trial succeeds ─────────────────────────┘
//! ```

use std::time::Duration;

use tokio::time::Instant as Moment;

use crate::{config, error::Reason, routing::backoff};

/// How long a trial may take before another one is allowed: whoever made it may have been dropped.
const TRIAL_PATIENCE: Duration = Duration::from_secs(30);

/// So many tries of late, half of them failed, are a failure as good as some in a row.
const MANY: u32 = 20;

/// When it opens and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    failures: u32,
    pause: Duration,
    longest_pause: Duration,
}

impl Limits {
    pub(super) fn new(settings: &config::Routing) -> Self {
        Self {
            failures: settings.breaker_failures,
            pause: settings.breaker_pause_ms,
            longest_pause: settings.breaker_longest_pause_ms,
        }
    }
}

/// Whether calls may pass.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum State {
    /// They may.
    #[default]
    Closed,
    /// They may not, until then.
    Open { until: Moment },
    /// One may; another one when it is not back by then.
    HalfOpen { until: Moment },
}

/// The circuit breaker of one credential and model.
#[derive(Clone, Debug, Default)]
pub(super) struct Breaker {
    pub(super) state: State,
    /// Since when the state holds; none from the beginning.
    pub(super) since: Option<Moment>,
    /// Failures in a row.
    pub(super) failures: u32,
    /// Pauses in a row.
    pauses: u32,
    /// Why the last try failed.
    pub(super) reason: Reason,
}

impl Breaker {
    /// Whether a call may pass now, without making it.
    pub(super) fn stands(&self, now: Moment) -> Stance {
        match self.state {
            State::Closed => Stance::Passing,
            State::Open { until } | State::HalfOpen { until } if now < until => Stance::Shut { until },
            State::Open { .. } | State::HalfOpen { .. } => Stance::OnTrial,
        }
    }

    /// A call is about to be made; false where it must not. Who makes the trial keeps others out.
    pub(super) fn enter(&mut self, now: Moment) -> bool {
        match self.stands(now) {
            Stance::Passing => true,
            Stance::Shut { .. } => false,
            Stance::OnTrial => {
                self.turn(State::HalfOpen { until: now + TRIAL_PATIENCE }, now);
                true
            }
        }
    }

    /// A call went well, or went wrong by no fault of the target.
    pub(super) fn succeeded(&mut self, now: Moment) {
        (self.failures, self.pauses) = (0, 0);
        if self.state != State::Closed {
            self.turn(State::Closed, now);
        }
    }

    /// A call failed by the target's fault. `tries` of late, of which `failed`, tell the ratio; `random` is 0 to 1.
    pub(super) fn failed(&mut self, reason: Reason, lately: Lately, limits: &Limits, now: Moment, random: f64) {
        self.failures = self.failures.saturating_add(1);
        self.reason = reason;
        let ratio = lately.tries >= MANY && 2 * lately.failed >= lately.tries;
        let trips = limits.failures > 0 && (self.failures >= limits.failures || ratio);
        match self.state {
            // A straggler of before the pause.
            State::Open { .. } => {}
            State::HalfOpen { .. } => self.open(limits, now, random),
            State::Closed if trips => self.open(limits, now, random),
            State::Closed => {}
        }
    }

    fn open(&mut self, limits: &Limits, now: Moment, random: f64) {
        self.pauses = self.pauses.saturating_add(1);
        // From half to the whole of it, so that replicas do not come back together.
        let pause = backoff::backoff(self.pauses, limits.pause, limits.longest_pause, 0.5 + random / 2.0);
        self.turn(State::Open { until: now + pause }, now);
    }

    fn turn(&mut self, state: State, now: Moment) {
        (self.state, self.since) = (state, Some(now));
    }
}

/// Whether a call may pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stance {
    Passing,
    OnTrial,
    Shut { until: Moment },
}

/// Calls of the last minute or two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lately {
    pub(super) tries: u32,
    pub(super) failed: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limits() -> Limits {
        Limits::new(&config::Routing::default())
    }

    fn fail(breaker: &mut Breaker, now: Moment) {
        breaker.failed(Reason::ProviderError, Lately::default(), &limits(), now, 1.0);
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_one_trial_closes_it() {
        let (mut breaker, begin) = (Breaker::default(), Moment::now());
        (0..4).for_each(|_| fail(&mut breaker, begin));
        breaker.succeeded(begin);
        (0..4).for_each(|_| fail(&mut breaker, begin));
        assert!(breaker.enter(begin), "a success between them ended the row");
        fail(&mut breaker, begin);
        assert_eq!(breaker.stands(begin), Stance::Shut { until: begin + 5 * SECOND });
        assert!(!breaker.enter(begin + 4 * SECOND));
        let later = begin + 5 * SECOND;
        assert!(breaker.enter(later), "the trial");
        assert!(!breaker.enter(later), "one at a time");
        breaker.succeeded(later + SECOND);
        assert_eq!((breaker.state, breaker.failures), (State::Closed, 0));
    }

    #[test]
    fn pauses_grow_while_trials_fail_and_a_trial_that_is_lost_is_made_again() {
        let (mut breaker, mut now) = (Breaker::default(), Moment::now());
        (0..5).for_each(|_| fail(&mut breaker, now));
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let Stance::Shut { until } = breaker.stands(now) else { panic!("{breaker:?}") };
            pauses.push((until - now).as_secs());
            now = until;
            assert!(breaker.enter(now));
            fail(&mut breaker, now);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
        now += 60 * SECOND;
        assert!(breaker.enter(now) && !breaker.enter(now));
        assert!(breaker.enter(now + TRIAL_PATIENCE));
    }

    #[test]
    fn half_of_many_failing_opens_it_and_zero_switches_it_off() {
        let now = Moment::now();
        let check = |tries, failed, limits: Limits, open: bool| {
            let mut breaker = Breaker::default();
            breaker.failed(Reason::ProviderTimeout, Lately { tries, failed }, &limits, now, 0.0);
            assert_eq!(breaker.state != State::Closed, open, "{failed} of {tries}");
        };
        check(20, 10, limits(), true);
        check(20, 9, limits(), false);
        check(19, 19, limits(), false);
        check(20, 20, Limits { failures: 0, ..limits() }, false);
    }
}
