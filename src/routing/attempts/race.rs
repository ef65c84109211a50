//! Two attempts at once: the second starts when the first is slow, and the first event of either decides.

use std::{pin::Pin, time::Duration};

use tokio::time::Instant as Moment;

use super::{AttemptLog, Lost, Policy, Target, Won};
use crate::{
    error::{Error, Reason},
    pb::AttemptKind,
    provider::OnDisconnect,
    routing::health::HedgeBudget,
};

/// An attempt that is on record.
pub(super) struct Running<'a> {
    number: usize,
    target: &'a Target,
    since: Moment,
}

/// What a second attempt would be.
pub(super) struct Second<'a, 'b> {
    pub(super) target: &'a Target,
    /// When it starts.
    pub(super) delay: Duration,
    pub(super) budget: &'b HedgeBudget,
}

/// How a race went.
pub(super) struct Raced<T, F> {
    /// The answer, or the error of whoever failed last.
    pub(super) outcome: Result<Won<T, F>, Error>,
    /// There was a second attempt.
    pub(super) hedged: bool,
    /// It was due, and the budget did not hold it.
    pub(super) unhedged: bool,
}

impl<'a> Running<'a> {
    pub(super) fn new(number: usize, target: &'a Target) -> Self {
        Self { number, target, since: Moment::now() }
    }

    /// Waits for the first event, and writes down how that went.
    pub(super) async fn finish<T>(
        &self,
        policy: &Policy<'_>,
        log: &mut impl AttemptLog,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let outcome = self.in_time(policy, work).await;
        self.note(outcome, policy, log)
    }

    /// Waits for the first event, at most as long as an attempt may take.
    async fn in_time<T>(&self, policy: &Policy<'_>, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let Some(limit) = policy.attempt_timeout else { return work.await };
        let silent = || {
            let name = &self.target.provider.name;
            let message = format!("{name} did not begin to answer within {} s; try again", limit.as_secs_f64());
            Error::new(Reason::ProviderTimeout, message).with_provider(name, None)
        };
        tokio::time::timeout_at(self.since + limit, work).await.unwrap_or_else(|_| Err(silent()))
    }

    fn note<T>(&self, outcome: Result<T, Error>, policy: &Policy<'_>, log: &mut impl AttemptLog) -> Result<T, Error> {
        let now = Moment::now();
        match &outcome {
            Ok(_) => self.target.gauge.answered(now - self.since, policy.streamed, now),
            Err(error) => {
                self.target.gauge.failed(error, now, (policy.random)());
                log.failed(self.number, error);
            }
        }
        outcome
    }
}

/// Runs the first attempt and, when it has not begun to answer in time, a second one beside it. What cannot be put on
/// record is not sent; the first attempt goes on alone then.
pub(super) async fn race<'a, T, F: Future<Output = Result<T, Error>>>(
    first: Running<'a>,
    second: Second<'a, '_>,
    policy: &Policy<'_>,
    log: &mut impl AttemptLog,
    attempt: &mut impl FnMut(&'a Target) -> F,
) -> Raced<T, F> {
    let mut work = Box::pin(attempt(first.target));
    let alone = |outcome: Result<T, Error>, unhedged| {
        let won = |answer| Won { answer, attempt: first.number, lost: None, unhedged };
        Raced { outcome: outcome.map(won), hedged: false, unhedged }
    };
    let early = tokio::select! {
        biased;
        outcome = first.in_time(policy, &mut work) => Some(outcome),
        () = tokio::time::sleep(second.delay) => None,
    };
    if let Some(outcome) = early {
        return alone(first.note(outcome, policy, log), false);
    }
    if !second.budget.spend() {
        return alone(first.finish(policy, log, work).await, true);
    }
    let Ok(number) = log.begin(AttemptKind::Hedge, second.target).await else {
        return alone(first.finish(policy, log, work).await, false);
    };
    let beside = Running::new(number, second.target);
    let outcome = both((first, work), (beside, Box::pin(attempt(second.target))), policy, log).await;
    Raced { outcome, hedged: true, unhedged: false }
}

/// The first event of either, or the error of whoever failed last.
async fn both<'a, T, F: Future<Output = Result<T, Error>>>(
    (first, mut one): (Running<'a>, Pin<Box<F>>),
    (second, mut other): (Running<'a>, Pin<Box<F>>),
    policy: &Policy<'_>,
    log: &mut impl AttemptLog,
) -> Result<Won<T, F>, Error> {
    let mut sent = false;
    let (outcome, first_ended) = {
        let second_work = async {
            sent = true;
            second.in_time(policy, &mut other).await
        };
        tokio::select! {
            // The first first: where it has begun meanwhile, the second is never sent.
            biased;
            outcome = first.in_time(policy, &mut one) => (outcome, true),
            outcome = second_work => (outcome, false),
        }
    };
    let (ended, left, rest) = if first_ended { (first, second, other) } else { (second, first, one) };
    let Ok(answer) = ended.note(outcome, policy, log) else {
        let answer = left.finish(policy, log, rest).await?;
        return Ok(Won { answer, attempt: left.number, lost: None, unhedged: false });
    };
    let rest = (sent || !first_ended).then_some(rest);
    let drains = left.target.provider.on_disconnect == OnDisconnect::Drain;
    let lost = Some(Lost { attempt: left.number, rest, drains });
    Ok(Won { answer, attempt: ended.number, lost, unhedged: false })
}
