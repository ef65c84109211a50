use super::*;
use crate::{
    error::{Error, Reason},
    pb::BreakerState,
};

const SECOND: Duration = Duration::from_secs(1);

fn health() -> (Health, Arc<Provider>) {
    let providers = Registry::from_config(&config::Config::default(), |_| None).unwrap();
    (Health::new(&providers, &config::Routing::default()), providers.find("sandbox").unwrap().clone())
}

#[test]
fn what_is_the_callers_fault_never_counts_and_what_is_the_providers_does() {
    let ((health, sandbox), now) = (health(), Moment::now());
    let check = |model: &str, reason, tripped: bool| {
        let gauge = health.gauge(&sandbox, 0, model);
        (0..50).for_each(|_| gauge.failed(&Error::new(reason, "no"), now, 1.0));
        assert_eq!(matches!(gauge.standing(now), Standing::Tripped { .. }), tripped, "{reason:?}");
        assert_eq!(gauge.enter(now), !tripped, "{reason:?}");
    };
    check("a", Reason::ProviderInvalidRequest, false);
    check("b", Reason::ContextLengthExceeded, false);
    check("c", Reason::DeadlineExceeded, false);
    check("d", Reason::ProviderOverloaded, true);
    check("e", Reason::ProviderUnreachable, true);
    check("f", Reason::ProviderRateLimited, true);
}

#[test]
fn an_empty_account_sets_the_whole_credential_aside_and_a_limit_only_the_model() {
    let ((health, sandbox), now) = (health(), Moment::now());
    let (one, other) = (health.gauge(&sandbox, 0, "one"), health.gauge(&sandbox, 0, "other"));
    one.failed(&Error::new(Reason::ProviderRateLimited, "no").with_retry_after(7 * SECOND), now, 1.0);
    assert_eq!(one.standing(now), Standing::Limited { until: now + 7 * SECOND });
    assert_eq!((one.standing(now + 7 * SECOND), other.standing(now)), (Standing::Good, Standing::Good));

    let aside = Standing::Aside { reason: Reason::ProviderInsufficientFunds };
    one.failed(&Error::new(Reason::ProviderInsufficientFunds, "no"), now + 8 * SECOND, 1.0);
    assert_eq!([&one, &other].map(|gauge| gauge.standing(now + 9 * SECOND)), [aside; 2]);
    other.answered(SECOND, true, now + 10 * SECOND);
    assert_eq!(one.standing(now + 10 * SECOND), Standing::Good, "it was paid");
    one.failed(&Error::new(Reason::ProviderInsufficientFunds, "no"), now, 1.0);
    assert_eq!(other.standing(now + 301 * SECOND), Standing::Good);
}

#[test]
fn the_view_tells_of_a_quarter_of_an_hour() {
    let ((health, sandbox), now) = (health(), Moment::now());
    assert_eq!(health.view_at("sandbox", now), View::default());
    let (good, bad) = (health.gauge(&sandbox, 0, "good"), health.gauge(&sandbox, 0, "bad"));
    (0..10).for_each(|_| good.answered(SECOND, true, now));
    (0..5).for_each(|_| bad.failed(&Error::new(Reason::ProviderTimeout, "no"), now, 1.0));
    let view = health.view_at("sandbox", now + SECOND);
    assert_eq!((view.tries, view.failed, view.last_failure), (15, 5, Some(SECOND)));
    assert_eq!(view.errors, [(Reason::ProviderTimeout, 5)]);
    assert!((view.success_rate().unwrap() - 2.0 / 3.0).abs() < 1e-9);
    let [closed, open] = [1, 0].map(|at| &view.breakers[at]);
    assert_eq!((closed.model.as_str(), closed.state), ("good", BreakerState::Closed));
    assert_eq!((open.model.as_str(), open.state, open.failures), ("bad", BreakerState::Open, 5));
    assert_eq!((open.retry_in, open.reason, view.paused_for), (Some(4 * SECOND), Reason::ProviderTimeout, None));
    assert!(view.first_token.unwrap().p99 >= SECOND);
    let view = health.view_at("sandbox", now + 16 * 60 * SECOND);
    assert_eq!((view.tries, view.errors.len()), (0, 0));
}

#[test]
fn names_that_callers_make_up_do_not_fill_the_memory() {
    let (health, sandbox) = health();
    for made_up in 0..2 * MOST_MODELS {
        health.gauge(&sandbox, 0, &made_up.to_string());
    }
    assert!(health.view("sandbox").breakers.len() <= MOST_MODELS);
    assert!(Arc::ptr_eq(&health.gauge(&sandbox, 0, "2047"), &health.gauge(&sandbox, 0, "2047")));
}
