use std::{sync::Arc, time::Duration};

use super::*;
use crate::{
    config::{self, Spread},
    error::Error,
    provider::{Credential, Provider},
    routing::catalog::Entry,
};

/// `openrouter` with three credentials, and the sandbox.
fn providers(spread: Spread) -> Registry {
    let sandbox = || {
        let registry = Registry::from_config(&config::Config::default(), |_| None).unwrap();
        Arc::into_inner(registry.into_iter().next().unwrap()).unwrap()
    };
    let credentials = ["one", "two", "three"].map(|name| Credential { name: name.to_owned(), weight: 1.0 }).into();
    let host = Provider { name: "host".to_owned(), credentials, spread, ..sandbox() };
    [host, sandbox()].into_iter().collect()
}

fn resolved(provider: &str, id: &str, price: Option<&str>) -> Resolved {
    let price = price.map(|price| pb::Price {
        input: Some(price.to_owned()),
        output: Some(price.to_owned()),
        ..pb::Price::default()
    });
    let model = pb::Model { id: format!("{provider}/{id}"), price, ..pb::Model::default() };
    Resolved {
        resolution: pb::ModelResolution::default(),
        provider: provider.to_owned(),
        upstream_id: id.to_owned(),
        entry: Some(Arc::new(Entry::listed(provider, model))),
    }
}

fn wish(order: Order) -> Wish<'static> {
    Wish { order, affinity: Affinity::default(), streamed: true, now: Moment::now(), random: || 0.5 }
}

fn asked(provider: &str, id: &str, price: Option<&str>) -> Named {
    Named::first(resolved(provider, id, price))
}

fn names(targets: &[Target]) -> Vec<String> {
    targets
        .iter()
        .map(|target| format!("{} {}", target.model, target.credential().name).trim_end().to_owned())
        .collect()
}

fn reasons(candidates: &[pb::Candidate]) -> Vec<(bool, &str)> {
    candidates.iter().map(|candidate| (candidate.chosen, candidate.reason.as_str())).collect()
}

#[test]
fn targets_come_as_named_and_every_candidate_has_a_reason() {
    let (providers, health) = (providers(Spread::Sticky), Health::default());
    let named = [
        Named::first(resolved("openrouter", "x/y", None)),
        Named::fallback(resolved("sandbox", "chat", None)),
        Named::fallback(resolved("sandbox", "chat", None)),
        Named::fallback(resolved("sandbox", "echo", None)),
    ];
    let (targets, candidates) = plan(&named, &wish(Order::Listed), &providers, &health).unwrap();
    assert_eq!(names(&targets), ["chat", "echo"]);
    assert_eq!(
        reasons(&candidates),
        [
            (true, "serves a fallback model"),
            (true, "serves a fallback model"),
            (false, "the provider is not configured"),
            (false, "named before"),
        ]
    );
    let error = plan(&named[..1], &wish(Order::Listed), &providers, &health).err().unwrap();
    assert_eq!(error.reason, Reason::ProviderNotConfigured);
}

#[test]
fn the_cheapest_comes_first_and_an_unknown_price_last() {
    let named = [
        asked("sandbox", "dear", Some("0.00001")),
        asked("sandbox", "unknown", None),
        asked("sandbox", "cheap", Some("0.000001")),
        Named::fallback(resolved("sandbox", "free", Some("0"))),
    ];
    let (targets, candidates) =
        plan(&named, &wish(Order::Price), &providers(Spread::Sticky), &Health::default()).unwrap();
    assert_eq!(names(&targets), ["cheap", "dear", "unknown", "free"]);
    let said: Vec<_> =
        reasons(&candidates).into_iter().map(|(_, reason)| reason.rsplit(": ").next().unwrap()).collect();
    assert_eq!(said, ["the cheapest", "a cheaper one is first", "its price is not known", "serves a fallback model"]);
}

#[test]
fn the_fastest_comes_first_once_all_were_measured() {
    let providers = providers(Spread::Sticky);
    let health = Health::new(&providers, &config::Routing::default());
    let named = ["slow", "fast", "new"].map(|id| asked("sandbox", id, None));
    let sandbox = providers.find("sandbox").unwrap();
    let observe = |id, milliseconds, speed| {
        let gauge = health.gauge(sandbox, 0, id);
        (0..10).for_each(|_| gauge.answered(Duration::from_millis(milliseconds), true, Moment::now()));
        gauge.wrote(speed, Duration::from_secs(1));
    };
    let planned = |order| names(&plan(&named, &wish(order), &providers, &health).unwrap().0);
    observe("slow", 900, 500);
    observe("fast", 100, 50);
    assert_eq!(planned(Order::Latency), ["new", "fast", "slow"]);
    observe("new", 300, 100);
    assert_eq!(planned(Order::Latency), ["fast", "new", "slow"]);
    assert_eq!(planned(Order::Throughput), ["slow", "new", "fast"]);
}

#[test]
fn shares_are_drawn_by_weight_and_a_session_keeps_to_its_own() {
    let (providers, health) = (providers(Spread::Sticky), Health::default());
    let weighted = |id, weight| Named { weight, ..asked("sandbox", id, None) };
    let named = [weighted("half", 1.0), weighted("most", 3.0), weighted("spare", 0.0)];
    let first = |session: &str| {
        let affinity = Affinity { session, key: "key", model: "m" };
        let wish = Wish { affinity, random: rand::random::<f64>, ..wish(Order::Weighted) };
        let (targets, _) = plan(&named, &wish, &providers, &health).unwrap();
        assert_eq!(targets[2].model, "spare");
        targets[0].model.clone()
    };
    let share = |session: &dyn Fn(usize) -> String| (0..2_000).filter(|at| first(&session(*at)) == "most").count();
    let (drawn, sessions) = (share(&|_| String::new()), share(&|at| at.to_string()));
    assert!((1_400..1_600).contains(&drawn), "{drawn} of 2000 are not three quarters");
    assert!((1_400..1_600).contains(&sessions), "{sessions} of 2000 are not three quarters");
    assert!((0..50).all(|_| first("one session") == first("one session")));
}

#[test]
fn a_session_meets_the_same_credential_and_only_its_own_moves_when_that_is_not_well() {
    let providers = providers(Spread::Sticky);
    let health = Health::new(&providers, &config::Routing::default());
    let named = [asked("host", "a", None)];
    let planned = |session: &str| {
        let affinity = Affinity { session, key: "key", model: "m" };
        plan(&named, &Wish { affinity, ..wish(Order::Listed) }, &providers, &health).unwrap()
    };
    let before: Vec<_> = (0..60).map(|at| names(&planned(&at.to_string()).0)).collect();
    let firsts = |name: &str| before.iter().filter(|targets| targets[0] == name).count();
    assert!(["a one", "a two", "a three"].into_iter().all(|name| firsts(name) > 8), "{before:?}");
    assert_eq!(names(&planned("").0), names(&planned("").0), "without a session, key and model are one");

    let gauge = health.gauge(providers.find("host").unwrap(), 1, "a");
    gauge.failed(&Error::new(Reason::ProviderAuthentication, "no"), Moment::now(), 1.0);
    for (at, before) in before.iter().enumerate() {
        let (targets, candidates) = planned(&at.to_string());
        let healthy: Vec<_> = before.iter().filter(|name| *name != "a two").cloned().collect();
        assert_eq!(names(&targets), [healthy.as_slice(), &["a two".to_owned()]].concat());
        let last = &candidates[2];
        assert!(last.chosen && last.reason.ends_with("set aside: provider_authentication"), "{last:?}");
        assert!(last.reason.contains("with the credential two"), "{last:?}");
    }
}

#[test]
fn an_open_breaker_leaves_a_target_out_and_where_all_are_open_the_error_says_when() {
    let providers = providers(Spread::Weighted);
    let health = Health::new(&providers, &config::Routing::default());
    let trip = |id| {
        let gauge = health.gauge(providers.find("sandbox").unwrap(), 0, id);
        (0..5).for_each(|_| gauge.failed(&Error::new(Reason::ProviderOverloaded, "no"), Moment::now(), 1.0));
    };
    let named = ["a", "b"].map(|id| asked("sandbox", id, None));
    trip("a");
    let (targets, candidates) = plan(&named, &wish(Order::Listed), &providers, &health).unwrap();
    assert_eq!(names(&targets), ["b"]);
    let left = candidates.iter().find(|candidate| !candidate.chosen).unwrap();
    assert!(left.reason.starts_with("its breaker is open for 5 s: provider_overloaded"), "{left:?}");
    trip("b");
    let error = plan(&named, &wish(Order::Listed), &providers, &health).err().unwrap();
    assert_eq!((error.reason, error.provider.as_deref()), (Reason::ProviderOverloaded, Some("sandbox")));
    assert!(error.retry_after.unwrap() > Duration::from_secs(4), "{error:?}");
}
