//! Where requests go when there is a choice: breakers, credentials, virtual models, sessions, second attempts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use generative_gateway::{
    config::{ApiKey, Config, Member, Order, VirtualModel},
    pb::{self, AttemptKind, BreakerState, ErrorReason as Reason},
    routing::catalog::Entry,
};
use serde_json::{Value, json};

use crate::{
    app::{self, TestApp, pass},
    host::{self, End, Host, good, whole},
};

/// Asks for a stream or a whole answer; `more` is added to the request.
async fn ask(app: &TestApp, model: &str, more: Value) -> (StatusCode, HeaderMap, Value) {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": "hello there"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = Request::post("/api/v1/chat").header("content-type", "application/json");
    let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, app::json(answer).await)
}

/// What is on the books of an answer.
async fn booked(app: &TestApp, headers: &HeaderMap) -> pb::GetGenerationResponse {
    app.settled(headers["x-generation-id"].to_str().unwrap()).await
}

/// Kind, credential, reason of failure and victory of each attempt.
fn attempts(found: &pb::GetGenerationResponse) -> Vec<(AttemptKind, &str, Reason, bool)> {
    let attempts = found.attempts.iter();
    let told = |attempt: &'_ pb::Attempt| (attempt.kind(), attempt.error_reason(), attempt.won);
    attempts
        .map(|attempt| {
            let (kind, reason, won) = told(attempt);
            (kind, attempt.credential.as_str(), reason, won)
        })
        .collect()
}

/// The attempts' costs add up to the generation's.
fn assert_sums_up(found: &pb::GetGenerationResponse) {
    let costs: f64 = found.attempts.iter().filter_map(|attempt| attempt.cost_usd).sum();
    let cost = found.generation.as_ref().unwrap().cost_usd.unwrap();
    assert!((costs - cost).abs() < 1e-12, "{found:?}");
}

fn refused(status: &str, headers: &str) -> (String, End) {
    (whole(status, headers, r#"{"error":{"message":"no"}}"#), End::Close)
}

fn member(provider: &str, model: &str) -> Member {
    Member { model: model.to_owned(), provider: Some(provider.to_owned()), weight: 1.0 }
}

#[tokio::test]
async fn a_breaker_opens_by_the_providers_failures_alone_and_closes_by_a_trial() {
    let mut answers = vec![refused("400 Bad Request", ""); 6];
    answers.extend(vec![refused("500 Internal Server Error", ""); 2]);
    answers.push((good("well again"), End::Close));
    let mut host = Host::start(answers).await;
    let mut config = host::config(&host.base_url);
    config.routing.max_attempts = 1;
    config.routing.breaker_failures = 2;
    let app = TestApp::configured(config).await;
    let ask = async || ask(&app, "openrouter/a/b", json!({"stream": false})).await;
    let state = || app.gateway.health.view("openrouter").breakers[0].state;

    for _ in 0..6 {
        assert_eq!(ask().await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!((state(), host.asked()), (BreakerState::Closed, 6));
    for _ in 0..2 {
        assert_eq!(ask().await.0, StatusCode::BAD_GATEWAY);
    }
    assert_eq!((state(), host.asked(), app.booked().await), (BreakerState::Open, 2, 8));

    let (status, headers, error) = ask().await;
    assert_eq!((status, &error["error"]["reason"]), (StatusCode::BAD_GATEWAY, &json!("provider_error")));
    assert!((3..=5).contains(&headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap()), "{headers:?}");
    assert_eq!((host.asked(), app.booked().await), (0, 8), "nothing was sent, so nothing is on the books");

    pass(Duration::from_secs(6)).await;
    assert_eq!(state(), BreakerState::HalfOpen);
    assert_eq!(ask().await.0, StatusCode::OK);
    let view = app.gateway.health.view("openrouter");
    assert_eq!((view.breakers[0].state, view.tries, view.failed), (BreakerState::Closed, 3, 2));
}

#[tokio::test]
async fn a_refused_credential_gives_way_to_the_next_and_is_then_asked_last() {
    let answers = vec![refused("401 Unauthorized", ""), (good("hi"), End::Close), (good("hi"), End::Close)];
    let mut host = Host::start(answers).await;
    let mut config = host::config(&host.base_url);
    let keys = ["red", "blue"].map(|name| (name.to_owned(), ApiKey::Plain(format!("sk-{name}").into())));
    config.providers.get_mut("openrouter").unwrap().api_keys = keys.into();
    let app = TestApp::configured(config).await;

    let (status, headers, _) = ask(&app, "openrouter/a/b", json!({})).await;
    let found = booked(&app, &headers).await;
    let [(AttemptKind::Primary, bad, Reason::ProviderAuthentication, false), (AttemptKind::Retry, spare, _, true)] =
        attempts(&found)[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!((status, bad != spare), (StatusCode::OK, true));
    for name in [bad, spare] {
        let request = host.requests.recv().await.unwrap();
        assert!(request.contains(&format!("authorization: Bearer sk-{name}\r\n")), "{request}");
    }
    let (_, headers, _) = ask(&app, "openrouter/a/b", json!({})).await;
    let found = booked(&app, &headers).await;
    assert_eq!(attempts(&found), [(AttemptKind::Primary, spare, Reason::Unspecified, true)]);
    let last = &found.candidates.last().unwrap().reason;
    assert!(last.contains(bad) && last.contains("set aside: provider_authentication"), "{last}");
}

#[tokio::test]
async fn the_same_prompt_cache_meets_the_same_credential() {
    let mut host = Host::start(vec![(good("hi"), End::Close); 12]).await;
    let mut config = host::config(&host.base_url);
    let keys = ["a", "b", "c", "d"].map(|name| (name.to_owned(), ApiKey::Plain(format!("sk-{name}").into())));
    config.providers.get_mut("openrouter").unwrap().api_keys = keys.into();
    let app = TestApp::configured(config).await;
    let mut used = std::collections::BTreeSet::new();
    for cache in ["one", "two", "three", "four"] {
        let mut of_this = Vec::new();
        for _ in 0..3 {
            assert_eq!(ask(&app, "openrouter/a/b", json!({"prompt_cache_key": cache})).await.0, StatusCode::OK);
            let request = host.requests.recv().await.unwrap();
            of_this.push(request.lines().find(|line| line.starts_with("authorization")).unwrap().to_owned());
        }
        assert!(of_this.iter().all(|shown| *shown == of_this[0]), "{of_this:?}");
        used.extend(of_this);
    }
    assert!(used.len() > 1, "several caches are spread: {used:?}");
}

#[tokio::test]
async fn a_virtual_model_is_served_by_its_cheapest_target_and_falls_back() {
    let mut config = Config::default();
    let pool = VirtualModel {
        targets: vec![member("sandbox", "fail"), member("sandbox", "cheap"), member("sandbox", "dear")],
        order: Order::Price,
        ..VirtualModel::default()
    };
    config.routing.max_attempts = 1;
    config.routing.models = [("team/best".to_owned(), pool)].into();
    let app = TestApp::configured(config).await;
    let listed = |id: &str, own: &str, price: &str| {
        let price = pb::Price { input: Some(price.to_owned()), output: Some(price.to_owned()), ..pb::Price::default() };
        let endpoint = pb::ModelEndpoint {
            provider: "sandbox".to_owned(),
            upstream_id: own.to_owned(),
            ..pb::ModelEndpoint::default()
        };
        let model = pb::Model {
            id: format!("sandbox/{id}"),
            price: Some(price),
            endpoints: vec![endpoint],
            ..pb::Model::default()
        };
        Entry::listed("sandbox", model)
    };
    let entries =
        [listed("dear", "echo", "0.001"), listed("cheap", "chat", "0.0001"), listed("fail", "fail", "0.00001")];
    app.gateway.catalog.replace(app.gateway.catalog.snapshot().with_entries(entries));

    let (status, headers, answer) = ask(&app, "team/best", json!({})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let found = booked(&app, &headers).await;
    let tried: Vec<_> =
        found.attempts.iter().map(|attempt| (attempt.kind(), attempt.upstream_model.as_str())).collect();
    assert_eq!(tried, [(AttemptKind::Primary, "fail"), (AttemptKind::Fallback, "chat")]);
    let reasons: Vec<_> = found.candidates.iter().map(|found| found.reason.rsplit(": ").next().unwrap()).collect();
    assert_eq!(reasons, ["the cheapest", "a cheaper one is first", "a cheaper one is first"]);
    assert_eq!((&answer["model"]["requested"], &answer["model"]["rule"]), (&json!("team/best"), &json!("alias")));

    let resolve = Request::get("/api/v1/models/resolve?name=team/best").body(Body::empty()).unwrap();
    let resolved = app::json(app.send(resolve).await).await;
    assert_eq!(resolved["resolution"]["rule"], "alias", "{resolved}");
}

#[tokio::test]
async fn an_attempt_that_does_not_begin_in_time_makes_way() {
    let mut config = Config::default();
    config.routing.max_attempts = 1;
    config.routing.attempt_timeout_ms = Some(20);
    let app = TestApp::configured(config).await;
    let fallback = json!({"routing": {"fallback_models": ["sandbox/echo"]}});
    let (status, headers, answer) = ask(&app, "sandbox/slow:60000", fallback).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let found = booked(&app, &headers).await;
    let told = [
        (AttemptKind::Primary, "", Reason::ProviderTimeout, false),
        (AttemptKind::Fallback, "", Reason::Unspecified, true),
    ];
    assert_eq!(attempts(&found), told);
}

#[tokio::test]
async fn a_hedge_that_wins_is_booked_with_the_cost_of_both() {
    let mut slow = Host::start(vec![(String::new(), End::Hold)]).await;
    let mut fast = Host::start(vec![(good("hi"), End::Close)]).await;
    let app = TestApp::configured(host::hedged(&slow, &fast)).await;
    let price = pb::Price { input: Some("0.001".to_owned()), output: Some("0.002".to_owned()), ..pb::Price::default() };
    let model = pb::Model { id: "a/b".to_owned(), price: Some(price), ..pb::Model::default() };
    app.gateway.catalog.replace(app.gateway.catalog.snapshot().with_entries([Entry::listed("openrouter", model)]));

    let (status, headers, answer) = ask(&app, "pool", json!({})).await;
    assert_eq!((status, &answer["provider"]), (StatusCode::OK, &json!("own")), "{answer}");
    slow.left.recv().await.expect("the loser is cancelled");
    assert_eq!((slow.asked(), fast.asked()), (1, 1));
    let found = booked(&app, &headers).await;
    let told =
        [(AttemptKind::Primary, "", Reason::Cancelled, false), (AttemptKind::Hedge, "", Reason::Unspecified, true)];
    assert_eq!(attempts(&found), told);
    // Eleven bytes of text are three tokens in; nothing came out.
    assert_eq!(found.attempts[0].usage.unwrap().source(), pb::UsageSource::Estimated);
    assert_eq!(found.attempts.iter().map(|attempt| attempt.cost_usd).collect::<Vec<_>>(), [Some(0.003), Some(0.00125)]);
    assert_sums_up(&found);
    let generation = found.generation.as_ref().unwrap();
    assert_eq!((generation.provider.as_str(), generation.attempt_count), ("own", 2));
    let sql = app.database.sql().await;
    assert_eq!(sql.number("SELECT CAST(SUM(requests) AS BIGINT) FROM usage_hourly").await, 1, "settled once");
    app.assert_idle();
}

#[tokio::test]
async fn second_attempts_keep_to_their_budget() {
    let app = TestApp::start().await;
    let hedged = json!({"routing": {"hedge": {"delay_ms": 5}}});
    let mut counts = Vec::new();
    for _ in 0..3 {
        let (status, headers, answer) = ask(&app, "sandbox/slow:80:0", hedged.clone()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let found = booked(&app, &headers).await;
        let skipped = answer["warnings"]
            .as_array()
            .is_some_and(|warnings| warnings.iter().any(|warning| warning["code"] == "hedge_skipped"));
        assert_eq!(skipped, found.attempts.len() == 1, "{answer}");
        assert!(found.attempts[0].won, "the first had the head start");
        assert_sums_up(&found);
        counts.push(found.attempts.len());
    }
    assert_eq!(counts, [2, 1, 1], "a tenth of the requests, after the first one");
}

#[tokio::test]
async fn what_a_provider_does_beyond_answering_is_not_done_twice() {
    let app = TestApp::start().await;
    let hedge = json!({"hedge": {"delay_ms": 1}});
    for more in [json!({"web_search": {}}), json!({"provider_options": {"plugins": [{"id": "file-parser"}]}})] {
        let mut request = json!({"routing": hedge});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, headers, answer) = ask(&app, "sandbox/slow:40:0", request).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(booked(&app, &headers).await.attempts.len(), 1);
        let codes: Vec<_> = answer["warnings"].as_array().unwrap().iter().map(|warning| &warning["code"]).collect();
        assert!(codes.contains(&&json!("hedge_skipped")), "{answer}");
    }
    let wrong = json!({"routing": {"hedge": {"quantile": 2}}});
    let (status, _, error) = ask(&app, "sandbox/echo", wrong).await;
    assert_eq!((status, &error["error"]["field"]), (StatusCode::BAD_REQUEST, &json!("routing.hedge.quantile")));
}
