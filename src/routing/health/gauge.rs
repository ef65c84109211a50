//! What was seen of one model at one credential.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::Instant as Moment;

use super::{
    Rules,
    breaker::{Breaker, Stance},
    counts::{Counts, Fate, MINUTES, minute},
    histogram::Histogram,
};
use crate::{
    error::{Error, Reason},
    pb::Blame,
};

/// Longest time that a provider's wish to be left alone is remembered.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// How much the newest observation of speed counts.
const NEWEST: f64 = 0.2;

/// What was seen of one model at one credential.
pub struct Gauge {
    rules: Rules,
    /// What concerns all models of the credential.
    aside: Arc<Aside>,
    /// Something failed lately, so that the rest must be looked at.
    troubled: AtomicBool,
    trouble: Mutex<Trouble>,
    counts: Counts,
    /// Time to the first event, of whole answers and of streams.
    first_event: [Histogram; 2],
    /// Output tokens a second, the bits of an `f64`; 0 is unknown.
    speed: AtomicU64,
    /// Milliseconds of our clock, 0 is never.
    last_success_ms: AtomicU64,
}

/// A credential that was refused or has no funds.
#[derive(Default)]
pub(super) struct Aside {
    /// Milliseconds of our clock.
    until_ms: AtomicU64,
    reason: AtomicI32,
}

/// What is looked at only where something failed.
#[derive(Clone, Default)]
pub(super) struct Trouble {
    pub(super) breaker: Breaker,
    /// The provider asked to be left alone until then.
    limited: Option<Moment>,
    /// The model is not this credential's to use, as was told lately.
    denied: Option<Moment>,
    pub(super) last_failure: Option<Moment>,
    /// How often by minute and reason.
    errors: BTreeMap<(u64, i32), u64>,
}

/// Whether a target should be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// It should.
    Good,
    /// Its pause is over: one call may see whether it is well again.
    OnTrial,
    /// It asked to be left alone until then.
    Limited {
        /// When that is over.
        until: Moment,
    },
    /// Its credential was refused or has no funds: only where nobody else is left.
    Aside {
        /// Why.
        reason: Reason,
    },
    /// Its breaker is open.
    Tripped {
        /// When the next trial is made.
        until: Moment,
        /// Why its last try failed.
        reason: Reason,
    },
}

impl Gauge {
    pub(super) fn new(rules: Rules, aside: Arc<Aside>) -> Self {
        Self {
            rules,
            aside,
            troubled: AtomicBool::new(false),
            trouble: Mutex::default(),
            counts: Counts::default(),
            first_event: Default::default(),
            speed: AtomicU64::new(0),
            last_success_ms: AtomicU64::new(0),
        }
    }

    /// Whether the target should be asked now.
    pub fn standing(&self, now: Moment) -> Standing {
        let aside = self.aside.until_ms.load(Relaxed);
        if !self.troubled.load(Relaxed) && aside == 0 {
            return Standing::Good;
        }
        let trouble = self.trouble();
        let ahead = |moment: Option<Moment>| moment.filter(|moment| now < *moment);
        match trouble.breaker.stands(now) {
            Stance::Shut { until } => Standing::Tripped { until, reason: trouble.breaker.reason },
            _ if self.ms(now) < aside => {
                Standing::Aside { reason: Reason::try_from(self.aside.reason.load(Relaxed)).unwrap_or_default() }
            }
            _ if ahead(trouble.denied).is_some() => Standing::Aside { reason: Reason::ProviderPermissionDenied },
            stance => match (ahead(trouble.limited), stance) {
                (Some(until), _) => Standing::Limited { until },
                (None, Stance::OnTrial) => Standing::OnTrial,
                (None, _) => Standing::Good,
            },
        }
    }

    /// A call is about to be made; false where the breaker does not let it pass.
    pub fn enter(&self, now: Moment) -> bool {
        !self.troubled.load(Relaxed) || self.trouble().breaker.enter(now)
    }

    /// The first event came, of a stream or of a whole answer.
    pub fn answered(&self, took: Duration, streamed: bool, now: Moment) {
        let now_ms = self.ms(now);
        self.counts.add(Fate::Good, now_ms);
        self.first_event[usize::from(streamed)].record(took, now_ms);
        self.last_success_ms.store(now_ms.max(1), Relaxed);
        if self.aside.until_ms.load(Relaxed) != 0 {
            self.aside.until_ms.store(0, Relaxed);
        }
        if self.troubled.load(Relaxed) {
            self.recover(now);
        }
    }

    /// An answer was whole: so many tokens in that time.
    pub fn wrote(&self, tokens: u32, took: Duration) {
        // Very short answers tell of the network alone.
        if tokens < 8 || took < Duration::from_millis(1) {
            return;
        }
        let speed = f64::from(tokens) / took.as_secs_f64();
        let mean = self.speed().map_or(speed, |known| known + NEWEST * (speed - known));
        self.speed.store(mean.to_bits(), Relaxed);
    }

    /// A call failed. Only what is the provider's fault counts against it; a credential that is refused is set aside;
    /// a wrong request shows that the target answers. `random` is 0 to 1.
    pub fn failed(&self, error: &Error, now: Moment, random: f64) {
        let now_ms = self.ms(now);
        match error.reason {
            Reason::ProviderAuthentication | Reason::ProviderInsufficientFunds => {
                self.aside.reason.store(error.reason.into(), Relaxed);
                self.aside.until_ms.store(self.ms(now + self.rules.credential_pause), Relaxed);
                self.note(error.reason, now).breaker.succeeded(now);
                self.counts.add(Fate::Failed, now_ms);
            }
            Reason::ProviderPermissionDenied => {
                let mut trouble = self.note(error.reason, now);
                trouble.breaker.succeeded(now);
                trouble.denied = Some(now + self.rules.credential_pause);
            }
            Reason::ProviderRateLimited if error.retry_after.is_some() => {
                let wait = error.retry_after.unwrap_or_default().min(LONGEST_WAIT);
                let mut trouble = self.note(error.reason, now);
                trouble.breaker.succeeded(now);
                trouble.limited = Some(now + wait);
                self.counts.add(Fate::Limited, now_ms);
            }
            reason if error.blame() == Blame::Provider => {
                self.counts.add(Fate::Failed, now_ms);
                let lately = self.counts.lately(now_ms);
                self.note(reason, now).breaker.failed(reason, lately, &self.rules.limits, now, random);
            }
            _ if self.troubled.load(Relaxed) => self.trouble().breaker.succeeded(now),
            _ => {}
        }
    }

    /// The time within which the first event came in that share of the calls of late; `None` where too few were made.
    pub fn first_event(&self, share: f64, streamed: bool) -> Option<Duration> {
        self.first_event[usize::from(streamed)].quantile(share)
    }

    /// Output tokens a second of late.
    pub fn speed(&self) -> Option<f64> {
        Some(f64::from_bits(self.speed.load(Relaxed))).filter(|speed| *speed > 0.0)
    }

    /// Nothing is known that would be missed.
    pub(super) fn forgettable(&self, now: Moment) -> bool {
        self.standing(now) == Standing::Good && self.tries(now) == (0, 0)
    }

    /// Tries of the last quarter of an hour, and how many failed.
    pub(super) fn tries(&self, now: Moment) -> (u64, u64) {
        self.counts.total(self.ms(now))
    }

    pub(super) fn streams(&self) -> &Histogram {
        &self.first_event[1]
    }

    /// How long ago it last went well.
    pub(super) fn last_success(&self, now: Moment) -> Option<Duration> {
        let last = self.last_success_ms.load(Relaxed);
        (last > 0).then(|| Duration::from_millis(self.ms(now).saturating_sub(last)))
    }

    pub(super) fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Failures of the last quarter of an hour by reason.
    pub(super) fn errors(&self, now: Moment) -> BTreeMap<i32, u64> {
        let last = minute(self.ms(now));
        let mut sums = BTreeMap::new();
        for ((minute, reason), count) in &self.trouble().errors {
            if minute + MINUTES > last {
                *sums.entry(*reason).or_default() += count;
            }
        }
        sums
    }

    fn note(&self, reason: Reason, now: Moment) -> MutexGuard<'_, Trouble> {
        let this_minute = minute(self.ms(now));
        let mut trouble = self.trouble();
        trouble.errors.retain(|(minute, _), _| minute + MINUTES > this_minute);
        *trouble.errors.entry((this_minute, reason.into())).or_default() += 1;
        trouble.last_failure = Some(now);
        self.troubled.store(true, Relaxed);
        trouble
    }

    fn recover(&self, now: Moment) {
        let mut trouble = self.trouble();
        trouble.breaker.succeeded(now);
        // What was sent before a limit was met may be answered after it: the limit stands.
        let stands = |pause: Option<Moment>| pause.is_some_and(|until| now < until);
        if !stands(trouble.limited) && !stands(trouble.denied) {
            // Under the lock, so that a failure meanwhile is not overlooked.
            self.troubled.store(false, Relaxed);
        }
    }

    /// Milliseconds of our clock.
    fn ms(&self, now: Moment) -> u64 {
        u64::try_from(now.saturating_duration_since(self.rules.epoch).as_millis()).unwrap_or(u64::MAX)
    }
}
