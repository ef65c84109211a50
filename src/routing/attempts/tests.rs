use std::{cell::RefCell, collections::VecDeque, sync::Arc};

use super::*;
use crate::{
    pb,
    provider::{Credential, Provider, Registry},
    routing::health::Health,
};

#[derive(Default)]
struct List(Vec<String>);

impl AttemptLog for List {
    async fn begin(&mut self, kind: AttemptKind, target: &Target) -> Result<usize, Error> {
        let credential = &target.credential().name;
        self.0.push(format!("{} {}{credential}", pb::ShortName::short_name(kind), target.model));
        std::future::ready(Ok(self.0.len() - 1)).await
    }

    fn failed(&mut self, attempt: usize, error: &Error) {
        self.0[attempt].push_str(&format!(": {:?}", error.reason));
    }
}

/// Targets by their models; `a@2` is the model a with the second credential.
fn targets(models: &[&str]) -> Vec<Target> {
    let registry = Registry::from_config(&config::Config::default(), |_| None).unwrap();
    let sandbox = Arc::into_inner(registry.into_iter().next().unwrap()).unwrap();
    let credentials = ["", "@2", "@3"].map(|name| Credential { name: name.to_owned(), weight: 1.0 }).into();
    let registry: Registry = [Provider { credentials, ..sandbox }].into_iter().collect();
    let health = Health::new(&registry, &config::Routing::default());
    let provider = registry.find("sandbox").unwrap();
    let target = |name: &&str| {
        let (model, number) = name.split_once('@').unwrap_or((name, "1"));
        let credential = number.parse::<usize>().unwrap() - 1;
        let gauge = health.gauge(provider, credential, model);
        Target { provider: provider.clone(), credential, model: model.to_owned(), entry: None, gauge }
    };
    models.iter().map(target).collect()
}

fn policy() -> Policy<'static> {
    Policy { random: || 1.0, ..Policy::new(&config::Routing::default(), None) }
}

fn failed(reason: Reason) -> Error {
    Error::new(reason, "no")
}

/// Runs against a script of errors, after whose end all goes well. Returns the outcome, the log and the time.
async fn run(models: &[&str], policy: Policy<'_>, script: Vec<Error>) -> (Result<String, Error>, Vec<String>, u128) {
    let (targets, mut log, script) = (targets(models), List::default(), RefCell::new(VecDeque::from(script)));
    let begun = Moment::now();
    let outcome = try_targets(&targets, &policy, &mut log, async |target: &Target| {
        script.borrow_mut().pop_front().map_or_else(|| Ok(target.model.clone()), Err)
    });
    let outcome = outcome.await.map(|won| won.answer);
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
        async fn begin(&mut self, _: AttemptKind, _: &Target) -> Result<usize, Error> {
            std::future::ready(Err(Error::books("full"))).await
        }
        fn failed(&mut self, _: usize, _: &Error) {}
    }
    let targets = targets(&["a"]);
    let (policy, mut log) = (policy(), Full);
    let sent = try_targets(&targets, &policy, &mut log, async |_| -> Result<(), Error> { panic!("not on record") });
    assert_eq!(sent.await.err().unwrap().reason, Reason::BooksUnavailable);
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
        upstream.chat(&target.provider, target.credential, outgoing, None)
    }));
}

#[tokio::test(start_paused = true)]
async fn a_credential_at_fault_is_followed_by_the_next_one_at_once() {
    let faults = [
        Reason::ProviderAuthentication,
        Reason::ProviderInsufficientFunds,
        Reason::ProviderPermissionDenied,
        Reason::ProviderRateLimited,
    ];
    for reason in faults {
        let error = failed(reason).with_retry_after(Duration::from_secs(1));
        let (outcome, log, took) = run(&["a", "a@2", "b"], policy(), vec![error]).await;
        assert_eq!((outcome.unwrap().as_str(), took), ("a", 0));
        assert_eq!(log, [format!("primary a: {reason:?}"), "retry a@2".to_owned()]);
    }
    // What is the provider's trouble is no better with another credential.
    let script = (0..3).map(|_| failed(Reason::ProviderOverloaded)).collect();
    let (outcome, log, _) = run(&["a", "a@2", "b"], policy(), script).await;
    assert_eq!((outcome.unwrap().as_str(), log.last().unwrap().as_str()), ("b", "fallback b"));
}

#[tokio::test(start_paused = true)]
async fn the_last_credential_that_is_limited_is_waited_for() {
    let limited = || failed(Reason::ProviderRateLimited).with_retry_after(Duration::from_secs(2));
    let (outcome, log, took) = run(&["a", "a@2"], policy(), vec![limited(), limited()]).await;
    assert_eq!((outcome.unwrap().as_str(), took), ("a", 2_250));
    assert_eq!(log, ["primary a: ProviderRateLimited", "retry a@2: ProviderRateLimited", "retry a@2"]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_asked_to_be_left_alone_is_given_its_time_if_that_is_short() {
    let targets = targets(&["a"]);
    let limit = |seconds| {
        let error = failed(Reason::ProviderRateLimited).with_retry_after(Duration::from_secs(seconds));
        targets[0].gauge.failed(&error, Moment::now(), 1.0);
    };
    let ask = async || {
        let begun = Moment::now();
        let answer = try_targets(&targets, &policy(), &mut List::default(), async |_| Ok(())).await;
        (answer.map(|won| won.attempt), begun.elapsed())
    };
    limit(3);
    let (answer, took) = ask().await;
    assert_eq!((answer.unwrap(), took), (0, Duration::from_secs(3)));
    limit(60);
    let (answer, took) = ask().await;
    let error = answer.unwrap_err();
    assert_eq!((error.reason, error.retry_after), (Reason::ProviderRateLimited, Some(Duration::from_secs(60))));
    assert_eq!(took, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_breaker_that_opens_ends_the_retries() {
    let impatient = Policy { max_attempts: 20, ..policy() };
    let script = (0..9).map(|_| failed(Reason::ProviderError)).collect();
    let (outcome, log, _) = run(&["a", "b"], impatient, script).await;
    assert_eq!(outcome.unwrap(), "b");
    assert_eq!(log.iter().filter(|line| line.contains(" a")).count(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_does_not_begin_in_time_is_given_up() {
    let patient = Policy { attempt_timeout: Some(Duration::from_secs(4)), max_attempts: 1, ..policy() };
    let (targets, mut log, begun) = (targets(&["slow", "b"]), List::default(), Moment::now());
    let won = try_targets(&targets, &patient, &mut log, async |target: &Target| {
        let wait = if target.model == "slow" { 60 } else { 3 };
        tokio::time::sleep(Duration::from_secs(wait)).await;
        Ok(target.model.clone())
    });
    assert_eq!(won.await.unwrap_or_else(|error| panic!("{error}")).answer, "b");
    assert_eq!(log.0, ["primary slow: ProviderTimeout", "fallback b"]);
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
}

/// How a race ended: who won, who was overtaken and whether it had been sent, and how long it took in milliseconds.
type Race = (Result<String, Reason>, Option<(usize, bool)>, Vec<String>, u128);

/// Each attempt takes so many milliseconds, and then fails or not; a second one starts after 100.
async fn race(models: &[&str], script: &[(u64, Option<Reason>)], budget: &HedgeBudget) -> Race {
    let hedge = Some(Hedging { after: config::Hedge::DelayMs(100), budget });
    let hedged = Policy { hedge, max_attempts: 1, ..policy() };
    let (targets, mut log, script) = (targets(models), List::default(), RefCell::new(script.iter()));
    let begun = Moment::now();
    let outcome = try_targets(&targets, &hedged, &mut log, |target: &Target| {
        let (took, fails) = *script.borrow_mut().next().unwrap();
        let name = format!("{}{}", target.model, target.credential().name);
        async move {
            tokio::time::sleep(Duration::from_millis(took)).await;
            fails.map_or(Ok(name), |reason| Err(failed(reason)))
        }
    });
    let outcome = outcome.await;
    let lost = outcome.as_ref().ok().and_then(|won| won.lost.as_ref().map(|lost| (lost.attempt, lost.rest.is_some())));
    let outcome = outcome.map(|won| won.answer).map_err(|error| error.reason);
    (outcome, lost, log.0, begun.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn a_second_attempt_starts_when_the_first_is_slow_and_whoever_begins_first_wins() {
    let budget = HedgeBudget::new(1.0);
    let won = |name: &str| Ok(name.to_owned());
    let (outcome, lost, log, took) = race(&["a", "b"], &[(90, None)], &budget).await;
    assert_eq!((outcome, lost, log, took), (won("a"), None, vec!["primary a".to_owned()], 90));
    let (outcome, lost, log, took) = race(&["a", "b"], &[(900, None), (50, None)], &budget).await;
    assert_eq!((outcome, lost, took), (won("b"), Some((0, true)), 150));
    assert_eq!(log, ["primary a", "hedge b"]);
    let (outcome, lost, _, took) = race(&["a"], &[(300, None), (900, None)], &budget).await;
    assert_eq!((outcome, lost, took), (won("a"), Some((1, true)), 300));
}

#[tokio::test(start_paused = true)]
async fn of_two_attempts_one_may_fail_and_after_both_the_next_target_comes() {
    let (budget, error) = (HedgeBudget::new(1.0), Some(Reason::ProviderError));
    let (outcome, lost, log, took) = race(&["a", "b"], &[(200, error), (300, None)], &budget).await;
    assert_eq!((outcome, lost, took), (Ok("b".to_owned()), None, 400));
    assert_eq!(log, ["primary a: ProviderError", "hedge b"]);
    let script = [(200, error), (300, error), (10, None)];
    let (outcome, _, log, took) = race(&["a", "b", "c"], &script, &budget).await;
    assert_eq!((outcome, took), (Ok("c".to_owned()), 410));
    assert_eq!(log, ["primary a: ProviderError", "hedge b: ProviderError", "fallback c"]);
}

#[tokio::test(start_paused = true)]
async fn without_budget_the_first_attempt_goes_on_alone_and_the_answer_says_so() {
    let budget = HedgeBudget::new(0.0);
    let hedged = Policy { hedge: Some(Hedging { after: config::Hedge::DelayMs(1), budget: &budget }), ..policy() };
    let (targets, mut log) = (targets(&["a", "b"]), List::default());
    let won = try_targets(&targets, &hedged, &mut log, async |_| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    });
    assert!(won.await.is_ok_and(|won| won.unhedged));
    assert_eq!(log.0, ["primary a"]);
}

#[tokio::test(start_paused = true)]
async fn a_quantile_that_was_not_observed_yet_starts_nothing() {
    let budget = HedgeBudget::new(1.0);
    let hedge = Hedging { after: config::Hedge::Quantile(0.9), budget: &budget };
    let target = &targets(&["a"])[0];
    assert_eq!(hedge.after_all_of(target, true), None);
    (0..20).for_each(|_| target.gauge.answered(Duration::from_millis(100), true, Moment::now()));
    let delay = hedge.after_all_of(target, true).unwrap().as_millis();
    assert!((90..125).contains(&delay), "{delay}");
    assert_eq!(hedge.after_all_of(target, false), None, "whole answers take their own time");
}
