//! What is told of a provider's health: the last quarter of an hour.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::Instant as Moment;

use super::{Gauge, Standing, breaker::State, histogram};
use crate::{error::Reason, pb::BreakerState};

/// How a provider does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Tries that were sent to it.
    pub tries: u64,
    /// Of these, how many failed by its fault or the account's.
    pub failed: u64,
    /// Failures by cause, most frequent first.
    pub errors: Vec<(Reason, u64)>,
    /// Time to the first token of its streams; `None` where there were too few.
    pub first_token: Option<Quantiles>,
    /// How long ago it last answered well.
    pub last_success: Option<Duration>,
    /// How long ago it last failed.
    pub last_failure: Option<Duration>,
    /// When the next trial is made, where all of it is paused.
    pub paused_for: Option<Duration>,
    /// Each credential and model that was asked, by their names.
    pub breakers: Vec<BreakerView>,
}

impl View {
    /// Share of the tries that went well; `None` where there were none.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn success_rate(&self) -> Option<f64> {
        (self.tries > 0).then(|| 1.0 - self.failed as f64 / self.tries as f64)
    }
}

/// How one credential and model do.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerView {
    /// Name of the credential.
    pub credential: String,
    /// The provider's own id of the model.
    pub model: String,
    /// Whether calls pass. Open also where the provider asked to be left alone.
    pub state: BreakerState,
    /// How long ago the breaker last changed its state.
    pub since: Option<Duration>,
    /// Failures in a row.
    pub failures: u32,
    /// When the next call may be made, where it is open.
    pub retry_in: Option<Duration>,
    /// Why its last try failed, where something failed lately.
    pub reason: Reason,
    /// It is asked only where nobody else is left: its credential was refused or has no funds.
    pub aside: bool,
    /// Tries, and how many failed.
    pub tries: u64,
    /// Of these, how many failed.
    pub failed: u64,
    /// Time to the first token of its streams.
    pub first_token: Option<Quantiles>,
}

/// Quantiles of a duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// Half are faster.
    pub p50: Duration,
    /// 95 of 100 are faster.
    pub p95: Duration,
    /// 99 of 100 are faster.
    pub p99: Duration,
}

/// A view in the making.
pub(super) struct Gathering {
    now: Moment,
    view: View,
    errors: BTreeMap<i32, u64>,
    gauges: Vec<Arc<Gauge>>,
}

impl Gathering {
    pub(super) fn new(now: Moment) -> Self {
        Self { now, view: View::default(), errors: BTreeMap::new(), gauges: Vec::new() }
    }

    pub(super) fn add(&mut self, credential: &str, model: &str, gauge: Arc<Gauge>) {
        let (now, view) = (self.now, &mut self.view);
        let (tries, failed) = gauge.tries(now);
        view.tries += tries;
        view.failed += failed;
        view.last_success = sooner(view.last_success, gauge.last_success(now));
        let errors = gauge.errors(now);
        let standing = gauge.standing(now);
        let (breaker, last_failure) = {
            let trouble = gauge.trouble();
            (trouble.breaker.clone(), trouble.last_failure)
        };
        view.last_failure = sooner(view.last_failure, last_failure.map(|then| now.saturating_duration_since(then)));
        let (state, until, reason) = match standing {
            Standing::Good => (BreakerState::Closed, None, breaker.reason),
            Standing::Aside { reason } => (BreakerState::Closed, None, reason),
            Standing::OnTrial => (BreakerState::HalfOpen, None, breaker.reason),
            Standing::Limited { until } => (BreakerState::Open, Some(until), Reason::ProviderRateLimited),
            Standing::Tripped { until, reason } => match breaker.state {
                State::HalfOpen { .. } => (BreakerState::HalfOpen, None, reason),
                _ => (BreakerState::Open, Some(until), reason),
            },
        };
        view.breakers.push(BreakerView {
            credential: credential.to_owned(),
            model: model.to_owned(),
            state,
            since: breaker.since.map(|since| now.saturating_duration_since(since)),
            failures: breaker.failures,
            retry_in: until.map(|until| until.saturating_duration_since(now)),
            reason,
            aside: matches!(standing, Standing::Aside { .. }),
            tries,
            failed,
            first_token: quantiles(std::slice::from_ref(&gauge)),
        });
        for (reason, count) in errors {
            *self.errors.entry(reason).or_default() += count;
        }
        self.gauges.push(gauge);
    }

    pub(super) fn finish(self) -> View {
        let mut view = self.view;
        view.first_token = quantiles(&self.gauges);
        view.breakers.sort_by(|one, other| (&one.credential, &one.model).cmp(&(&other.credential, &other.model)));
        let open = |breaker: &&BreakerView| breaker.state == BreakerState::Open;
        if view.breakers.iter().all(|breaker| open(&breaker)) {
            view.paused_for = view.breakers.iter().filter_map(|breaker| breaker.retry_in).min();
        }
        let errors = self.errors.into_iter();
        view.errors = errors.map(|(reason, count)| (Reason::try_from(reason).unwrap_or_default(), count)).collect();
        view.errors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        view
    }
}

fn quantiles(gauges: &[Arc<Gauge>]) -> Option<Quantiles> {
    let quantile = |share| histogram::quantile(gauges.iter().map(|gauge| gauge.streams()), share);
    Some(Quantiles { p50: quantile(0.5)?, p95: quantile(0.95)?, p99: quantile(0.99)? })
}

fn sooner(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
