//! Tries targets in their order until one begins to answer: the only loop that retries, falls back and hedges.

mod race;

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use tokio::time::Instant as Moment;

use self::race::Running;
use super::{
    Target, backoff,
    health::{HedgeBudget, Standing},
};
use crate::{
    config,
    error::{Error, Reason},
    pb::{AttemptKind, Blame},
};

/// Where attempts are written down: the books in earnest, a list in tests. Two may run at once, so each has a number.
pub trait AttemptLog: Send {
    /// An attempt is about to be sent; returns its number when that is on record. The first one, of kind primary, is
    /// part of the admission, so the books have nothing left to write for it.
    fn begin(&mut self, kind: AttemptKind, target: &Target) -> impl Future<Output = Result<usize, Error>> + Send;

    /// That attempt has failed.
    fn failed(&mut self, attempt: usize, error: &Error);
}

/// How often and how patiently targets are tried.
#[derive(Clone, Copy)]
pub struct Policy<'a> {
    /// Most tries of one target.
    pub max_attempts: u32,
    /// Wait before the first retry; doubles each time.
    pub base: Duration,
    /// Longest wait between tries. A provider that asks for more is not tried again.
    pub longest_wait: Duration,
    /// Longest wait for the first event of one try.
    pub attempt_timeout: Option<Duration>,
    /// When the caller gives up.
    pub deadline: Option<Instant>,
    /// A stream is asked for: its first event tells more of a target than a whole answer does.
    pub streamed: bool,
    /// When a second attempt is started beside a slow first one.
    pub hedge: Option<Hedging<'a>>,
    /// Gives numbers from 0 to 1.
    pub random: fn() -> f64,
}

/// When a second attempt is started, and what it is made of.
#[derive(Clone, Copy)]
pub struct Hedging<'a> {
    /// When.
    pub after: config::Hedge,
    /// From this.
    pub budget: &'a HedgeBudget,
}

impl Policy<'_> {
    /// The policy that configuration wants, for a call with that deadline; without hedging.
    pub fn new(routing: &config::Routing, deadline: Option<Instant>) -> Self {
        Self {
            max_attempts: routing.max_attempts,
            base: routing.retry_base_ms,
            longest_wait: routing.retry_max_ms,
            attempt_timeout: routing.attempt_timeout_ms.map(Duration::from_millis),
            deadline,
            streamed: false,
            hedge: None,
            random: rand::random::<f64>,
        }
    }

    /// The wait after so many failed tries of a target; `None` where it is not worth waiting.
    fn wait(&self, tries: u32, error: &Error) -> Option<Duration> {
        if tries >= self.max_attempts || !may_retry(error) {
            return None;
        }
        let wait = match error.retry_after {
            Some(told) if told > self.longest_wait => return None,
            Some(told) => backoff::told(told, self.base, (self.random)()),
            None => backoff::backoff(tries, self.base, self.longest_wait, (self.random)()),
        };
        self.in_time(wait).then_some(wait)
    }

    fn in_time(&self, wait: Duration) -> bool {
        self.deadline.is_none_or(|deadline| Moment::now() + wait < Moment::from_std(deadline))
    }

    /// Lets a target that is not well be, for as long as it must: returns when it may be asked, or why it may not.
    async fn approach(&self, target: &Target) -> Result<(), Error> {
        let now = Moment::now();
        if let Standing::Limited { until } = target.gauge.standing(now) {
            let wait = until - now;
            if wait > self.longest_wait || !self.in_time(wait) {
                return Err(paused(target, Reason::ProviderRateLimited, wait));
            }
            tokio::time::sleep(wait).await;
        }
        let now = Moment::now();
        if target.gauge.enter(now) {
            return Ok(());
        }
        let (reason, wait) = match target.gauge.standing(now) {
            Standing::Tripped { until, reason } => (reason, until - now),
            // Another call was faster with its trial.
            _ => (Reason::ProviderOverloaded, Duration::from_secs(1)),
        };
        Err(paused(target, reason, wait))
    }
}

/// An answer that has begun.
pub struct Won<T, F> {
    /// The answer.
    pub answer: T,
    /// The number of the attempt that brought it.
    pub attempt: usize,
    /// The attempt that it was faster than.
    pub lost: Option<Lost<F>>,
    /// A second attempt was due, and the budget did not hold it.
    pub unhedged: bool,
}

/// An attempt that was overtaken.
pub struct Lost<F> {
    /// Its number.
    pub attempt: usize,
    /// What is left of it: dropped it is cancelled, polled it goes on. None where it was never sent.
    pub rest: Option<Pin<Box<F>>>,
    /// Its provider bills it whole anyway, so that it may as well be read to its usage.
    pub drains: bool,
}

/// Tries targets in their order until one of them begins to answer: the only loop that retries, falls back and hedges.
/// When none does, the error is that of the last attempt, with what its provider said about waiting.
///
/// `attempt` resolves when content has begun; after that nothing is tried again. A target whose credential is at fault
/// is followed by the same model with the next credential; otherwise other credentials of that model are passed over.
pub async fn try_targets<'a, T, F: Future<Output = Result<T, Error>>>(
    targets: &'a [Target],
    policy: &Policy<'_>,
    log: &mut impl AttemptLog,
    mut attempt: impl FnMut(&'a Target) -> F,
) -> Result<Won<T, F>, Error> {
    if let Some(hedging) = &policy.hedge {
        hedging.budget.earn();
    }
    let (mut hedge, mut unhedged) = (policy.hedge, false);
    let mut last = None;
    let mut kind = AttemptKind::Primary;
    let mut next = 0;
    while let Some(target) = targets.get(next) {
        next += 1;
        if let Err(error) = policy.approach(target).await {
            last.get_or_insert(error);
            continue;
        }
        for tries in 1.. {
            let number = log.begin(kind, target).await?;
            let running = Running::new(number, target);
            let due = hedge.and_then(|hedging| Some((hedging, hedging.after_all_of(target, policy.streamed)?)));
            let error = match due {
                None => match running.finish(policy, log, attempt(target)).await {
                    Ok(answer) => return Ok(Won { answer, attempt: number, lost: None, unhedged }),
                    Err(error) => error,
                },
                Some((hedging, delay)) => {
                    let other = targets.get(next).filter(|other| other.gauge.standing(Moment::now()) == Standing::Good);
                    let second = race::Second { budget: hedging.budget, delay, target: other.unwrap_or(target) };
                    let raced = race::race(running, second, policy, log, &mut attempt).await;
                    unhedged |= raced.unhedged;
                    if raced.hedged {
                        hedge = None;
                        next += usize::from(other.is_some());
                    }
                    match raced.outcome {
                        Ok(won) => return Ok(Won { unhedged, ..won }),
                        Err(error) => error,
                    }
                }
            };
            let following = targets.get(next);
            let rotates = at_the_credential(&error) && following.is_some_and(|other| other.serves_as(target));
            let tripped = matches!(target.gauge.standing(Moment::now()), Standing::Tripped { .. });
            if let Some(wait) = policy.wait(tries, &error).filter(|_| !rotates && !tripped) {
                tokio::time::sleep(wait).await;
                if target.gauge.enter(Moment::now()) {
                    kind = AttemptKind::Retry;
                    continue;
                }
            }
            if !may_fall_back(&error) {
                return Err(error);
            }
            if !at_the_credential(&error) {
                next += targets[next..].iter().take_while(|other| other.serves_as(target)).count();
            }
            let same = targets.get(next).is_some_and(|other| other.serves_as(target));
            kind = if same { AttemptKind::Retry } else { AttemptKind::Fallback };
            last = Some(error);
            break;
        }
        if policy.deadline.is_some_and(|deadline| Moment::from_std(deadline) <= Moment::now()) {
            break;
        }
    }
    Err(last.unwrap_or_else(|| Error::new(Reason::ProviderNotConfigured, "no configured provider serves the model")))
}

impl Hedging<'_> {
    /// How long the first attempt at that target may be silent; `None` where too little is known of it.
    fn after_all_of(&self, target: &Target, streamed: bool) -> Option<Duration> {
        match self.after {
            config::Hedge::DelayMs(delay) => Some(Duration::from_millis(delay.into())),
            config::Hedge::Quantile(share) => target.gauge.first_event(share, streamed),
        }
    }
}

/// A target is paused: nothing was sent to it.
pub(super) fn paused(target: &Target, reason: Reason, wait: Duration) -> Error {
    let (provider, model) = (&target.provider.name, &target.model);
    let message = format!(
        "{provider} has failed with {model} and is left alone for {} s; try again then, or name a fallback model",
        wait.as_secs() + 1
    );
    Error::new(reason, message).with_provider(provider, None).with_retry_after(wait)
}

/// Another credential of the same provider may do better.
fn at_the_credential(error: &Error) -> bool {
    matches!(
        error.reason,
        Reason::ProviderAuthentication
            | Reason::ProviderPermissionDenied
            | Reason::ProviderInsufficientFunds
            | Reason::ProviderRateLimited
    )
}

/// The same target may do better next time: it was overloaded, broken or out of reach. Never where the request or
/// the account is at fault, unless the provider itself says that trying again helps.
fn may_retry(error: &Error) -> bool {
    match error.reason {
        Reason::ProviderInvalidRequest => matches!(error.provider_status, Some(408 | 409 | 425)),
        Reason::ProviderInsufficientFunds => error.retryable == Some(true),
        _ => error.blame() == Blame::Provider && error.retryable(),
    }
}

/// Another target may do better: whatever is this provider's, this account's or this model's own trouble. A request
/// that is wrong is wrong everywhere.
fn may_fall_back(error: &Error) -> bool {
    may_retry(error)
        || error.blame() == Blame::Provider
        || at_the_credential(error)
        || matches!(error.reason, Reason::ProviderNotFound | Reason::ContextLengthExceeded | Reason::ContentFiltered)
}

#[cfg(test)]
mod tests;
