//! Which target, in which order, how often.

pub mod backoff;
mod builtin;
pub mod catalog;
mod names;
pub mod plan;
pub mod resolve;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::Instant as Moment;

use self::catalog::Entry;
use crate::{
    config,
    error::{Error, Reason},
    pb::{self, AttemptKind, Blame},
    provider::Provider,
};

/// A provider and its own id of a model: where one attempt goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The provider.
    pub provider: Arc<Provider>,
    /// The provider's own id of the model.
    pub model: String,
    /// The catalogue's entry of the model, with its price version; none for a pinned id that no catalogue lists.
    pub entry: Option<Arc<Entry>>,
}

impl Target {
    /// What the catalogue knows of the model.
    pub fn facts(&self) -> Option<&pb::Model> {
        self.entry.as_deref().map(|entry| &entry.model)
    }
}

/// Where attempts are written down: the books in earnest, a list in tests.
pub trait AttemptLog: Send {
    /// An attempt is about to be sent; returns when that is on record. The first one, of kind primary, is part of the
    /// admission, so the books have nothing left to write for it.
    fn begin(&mut self, kind: AttemptKind, target: &Target) -> impl Future<Output = Result<(), Error>> + Send;

    /// The attempt that began last has failed.
    fn failed(&mut self, error: &Error);
}

/// How often and how patiently targets are tried.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Most tries of one target.
    pub max_attempts: u32,
    /// Wait before the first retry; doubles each time.
    pub base: Duration,
    /// Longest wait between tries. A provider that asks for more is not tried again.
    pub longest_wait: Duration,
    /// When the caller gives up.
    pub deadline: Option<Instant>,
    /// Gives numbers from 0 to 1.
    pub random: fn() -> f64,
}

impl Policy {
    /// The policy that configuration wants, for a call with that deadline.
    pub fn new(routing: &config::Routing, deadline: Option<Instant>) -> Self {
        Self {
            max_attempts: routing.max_attempts,
            base: routing.retry_base_ms,
            longest_wait: routing.retry_max_ms,
            deadline,
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
        let in_time = self.deadline.is_none_or(|deadline| Moment::now() + wait < Moment::from_std(deadline));
        in_time.then_some(wait)
    }
}

/// Tries targets in their order until one of them begins to answer: the only loop that retries and falls back. When
/// none does, the error is that of the last attempt, with what its provider said about waiting.
///
/// `attempt` resolves when content has begun; after that nothing is tried again.
pub async fn try_targets<'a, T, F: Future<Output = Result<T, Error>>>(
    targets: &'a [Target],
    policy: &Policy,
    log: &mut impl AttemptLog,
    mut attempt: impl FnMut(&'a Target) -> F,
) -> Result<T, Error> {
    let mut last = None;
    for (at, target) in targets.iter().enumerate() {
        let mut kind = if at == 0 { AttemptKind::Primary } else { AttemptKind::Fallback };
        for tries in 1.. {
            log.begin(kind, target).await?;
            let error = match attempt(target).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            log.failed(&error);
            let Some(wait) = policy.wait(tries, &error) else {
                if !may_fall_back(&error) {
                    return Err(error);
                }
                last = Some(error);
                break;
            };
            tokio::time::sleep(wait).await;
            kind = AttemptKind::Retry;
        }
        if policy.deadline.is_some_and(|deadline| Moment::from_std(deadline) <= Moment::now()) {
            break;
        }
    }
    Err(last.unwrap_or_else(|| Error::new(Reason::ProviderNotConfigured, "no configured provider serves the model")))
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
        || matches!(
            error.reason,
            Reason::ProviderAuthentication
                | Reason::ProviderPermissionDenied
                | Reason::ProviderInsufficientFunds
                | Reason::ProviderNotFound
                | Reason::ContextLengthExceeded
                | Reason::ContentFiltered
        )
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque};

    use super::*;
    use crate::provider::Registry;

    #[derive(Default)]
    struct List(Vec<String>);

    impl AttemptLog for List {
        async fn begin(&mut self, kind: AttemptKind, target: &Target) -> Result<(), Error> {
            self.0.push(format!("{} {}", pb::ShortName::short_name(kind), target.model));
            std::future::ready(Ok(())).await
        }

        fn failed(&mut self, error: &Error) {
            let last = self.0.last_mut().expect("began before it failed");
            last.push_str(&format!(": {:?}", error.reason));
        }
    }

    fn targets(models: &[&str]) -> Vec<Target> {
        let registry = Registry::from_config(&config::Config::default(), |_| None).unwrap();
        let provider = registry.find("sandbox").unwrap();
        let target = |model: &&str| Target { provider: provider.clone(), model: (*model).to_owned(), entry: None };
        models.iter().map(target).collect()
    }

    fn policy() -> Policy {
        Policy { random: || 1.0, ..Policy::new(&config::Routing::default(), None) }
    }

    fn failed(reason: Reason) -> Error {
        Error::new(reason, "no")
    }

    /// Runs against a script of errors, after whose end all goes well. Returns the outcome, the log and the time.
    async fn run(models: &[&str], policy: Policy, script: Vec<Error>) -> (Result<String, Error>, Vec<String>, u128) {
        let (targets, mut log, script) = (targets(models), List::default(), RefCell::new(VecDeque::from(script)));
        let begun = Moment::now();
        let outcome = try_targets(&targets, &policy, &mut log, async |target: &Target| {
            script.borrow_mut().pop_front().map_or_else(|| Ok(target.model.clone()), Err)
        });
        let outcome = outcome.await;
        (outcome, log.0, begun.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_is_tried_again_after_longer_and_longer_waits() {
        let script = vec![failed(Reason::ProviderOverloaded), failed(Reason::ProviderUnreachable)];
        let (outcome, log, took) = run(&["a", "b"], policy(), script).await;
        assert_eq!(outcome.unwrap(), "a");
        assert_eq!(log, ["primary a: ProviderOverloaded", "retry a: ProviderUnreachable", "retry a"]);
        assert_eq!(took, 250 + 500);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_target_comes_when_tries_are_used_up_and_the_last_error_when_targets_are() {
        let script = (0..6).map(|_| failed(Reason::ProviderError)).collect();
        let (outcome, log, _) = run(&["a", "b"], policy(), script).await;
        assert_eq!(outcome.unwrap_err().reason, Reason::ProviderError);
        let attempts: Vec<_> = log.iter().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(attempts, ["primary a", "retry a", "retry a", "fallback b", "retry b", "retry b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_request_is_never_sent_again_and_an_empty_account_only_elsewhere() {
        let (outcome, log, _) = run(&["a", "b"], policy(), vec![failed(Reason::ProviderInvalidRequest)]).await;
        assert_eq!(outcome.unwrap_err().reason, Reason::ProviderInvalidRequest);
        assert_eq!(log, ["primary a: ProviderInvalidRequest"]);

        let conflict = failed(Reason::ProviderInvalidRequest).with_provider("p", Some(409));
        let (outcome, log, _) = run(&["a"], policy(), vec![conflict]).await;
        assert_eq!((outcome.unwrap().as_str(), log.len()), ("a", 2));

        let (outcome, log, took) = run(&["a", "b"], policy(), vec![failed(Reason::ProviderInsufficientFunds)]).await;
        assert_eq!(outcome.unwrap(), "b");
        assert_eq!(log, ["primary a: ProviderInsufficientFunds", "fallback b"]);
        assert_eq!(took, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_is_given_the_time_it_asks_for_unless_that_is_too_long() {
        let limited = |seconds| failed(Reason::ProviderRateLimited).with_retry_after(Duration::from_secs(seconds));
        let (outcome, _, took) = run(&["a"], policy(), vec![limited(2)]).await;
        assert_eq!((outcome.unwrap().as_str(), took), ("a", 2_250));

        let (outcome, log, took) = run(&["a"], policy(), vec![limited(60)]).await;
        assert_eq!(outcome.unwrap_err().retry_after, Some(Duration::from_secs(60)));
        assert_eq!((log.len(), took), (1, 0));

        let soon = Policy { deadline: Some(Moment::now().into_std() + Duration::from_secs(1)), ..policy() };
        let (outcome, log, took) = run(&["a"], soon, vec![limited(2)]).await;
        assert_eq!(outcome.unwrap_err().reason, Reason::ProviderRateLimited);
        assert_eq!((log.len(), took), (1, 0));
    }

    #[tokio::test]
    async fn nothing_is_sent_when_the_books_cannot_hold_the_attempt() {
        struct Full;
        impl AttemptLog for Full {
            async fn begin(&mut self, _: AttemptKind, _: &Target) -> Result<(), Error> {
                std::future::ready(Err(Error::books("full"))).await
            }
            fn failed(&mut self, _: &Error) {}
        }
        let targets = targets(&["a"]);
        let sent: Result<(), Error> =
            try_targets(&targets, &policy(), &mut Full, async |_| panic!("sent without a record")).await;
        assert_eq!(sent.unwrap_err().reason, Reason::BooksUnavailable);
    }

    #[test]
    fn the_loop_can_move_between_threads() {
        fn movable(_: impl Send) {}
        let (targets, policy, mut log) = (targets(&["a"]), policy(), List::default());
        let upstream = crate::provider::Upstream::default();
        let request = pb::ChatRequest::default();
        movable(try_targets(&targets, &policy, &mut log, |target| {
            let outgoing = crate::dialect::OutgoingChat {
                request: &request,
                source: None,
                model: &target.model,
                facts: target.facts(),
                stream: true,
            };
            upstream.chat(&target.provider, outgoing, None)
        }));
    }
}
