//! Features in one request: a session, a second attempt, an Idempotency-Key, limits and a stream that others read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode},
};
use generative_gateway::{
    config::{Config, Limit, Limits},
    pb::{AttemptKind, GenerationState},
    service::clock::now_ms,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::{
    app::{self, TestApp},
    host::{self, End, Host, STREAM, good, said},
};

/// One request at a time for each key.
fn one_at_a_time(mut config: Config) -> Config {
    let key = Limit { concurrent_requests: Some(1), requests_per_minute: Some(100), ..Limit::default() };
    config.limits = Limits { key, ..Limits::default() };
    config
}

fn request(key: &str, method: &str, path: &str, body: &Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    request.header("authorization", format!("Bearer {key}")).body(body).unwrap()
}

/// Asks with the admin key for what must be there.
async fn done(app: &TestApp, method: &str, path: &str, body: Value) -> Value {
    let answer = app.send_as_is(request(&app.key, method, path, &body)).await;
    let status = answer.status();
    let body = app::json(answer).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

async fn session(app: &TestApp, key: &str, model: &str) -> String {
    let made = app.send_as_is(request(key, "POST", "/api/v1/sessions", &json!({"model": model}))).await;
    app::json(made).await["session"]["id"].as_str().unwrap().to_owned()
}

fn chat(session: &str, stream: bool) -> Value {
    json!({"session_id": session, "stream": stream, "messages": [{"role": "user", "content": "hello"}]})
}

/// What a session holds, oldest first.
async fn texts(app: &TestApp, session: &str) -> Vec<String> {
    let page = done(app, "GET", &format!("/api/v1/sessions/{session}/messages?order_by=oldest"), Value::Null).await;
    let said = |stored: &Value| stored["message"]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    page["messages"].as_array().into_iter().flatten().map(said).collect()
}

async fn read_until(body: &mut Body, word: &str) {
    let mut heard = String::new();
    while !heard.contains(word) {
        let frame = body.frame().await.unwrap().unwrap();
        heard.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
}

fn generation(answer: &Response<Body>) -> String {
    answer.headers()["x-generation-id"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_with_everything_is_sent_booked_limited_and_remembered_once() {
    let mut slow = Host::start(vec![(String::new(), End::Hold)]).await;
    let mut fast = Host::start(vec![(good("well"), End::Close), (good("again"), End::Close)]).await;
    let app = TestApp::configured(one_at_a_time(host::hedged(&slow, &fast))).await;
    let session = session(&app, &app.key, "pool").await;
    let ask = || {
        let mut request = request(&app.key, "POST", "/api/v1/chat", &chat(&session, true));
        request.headers_mut().insert("idempotency-key", "once".parse().unwrap());
        app.send_as_is(request)
    };
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!((first.status(), second.status()), (StatusCode::OK, StatusCode::OK), "one place serves both");
    let id = generation(&first);
    assert_eq!(generation(&second), id);
    let (first, second) = tokio::join!(app::text(first), app::text(second));
    assert_eq!(first, second);
    assert!(first.contains("well") && first.contains("event: done"), "{first}");
    slow.left.recv().await.unwrap();
    assert_eq!((slow.asked(), fast.asked()), (1, 1));

    let found = app.settled(&id).await;
    let kinds: Vec<_> = found.attempts.iter().map(|attempt| (attempt.kind(), attempt.won)).collect();
    assert_eq!(kinds, [(AttemptKind::Primary, false), (AttemptKind::Hedge, true)]);
    assert_eq!(app.booked().await, 1);
    assert_eq!(texts(&app, &session).await, ["hello", "well"]);
    app.assert_idle();

    let caller = done(&app, "GET", "/api/v1/caller", Value::Null).await;
    let left = |kind: &str| {
        let all = caller["limits"].as_array().unwrap();
        all.iter().find(|status| status["kind"] == kind).map(|status| status["remaining"].clone())
    };
    assert_eq!(left("concurrent_requests"), Some(json!(1)), "{caller}");
    assert_eq!(left("requests_per_minute"), Some(json!(99)), "{caller}");
}

#[tokio::test]
async fn a_turn_cancelled_before_its_first_word_leaves_nothing_behind() {
    let mut host = Host::start(vec![(String::new(), End::Hold)]).await;
    let app = TestApp::configured(one_at_a_time(host::config(&host.base_url))).await;
    let session = session(&app, &app.key, "openrouter/a/b").await;
    let asking = app.send_as_is(request(&app.key, "POST", "/api/v1/chat", &chat(&session, true)));
    let cancelling = async {
        host.requests.recv().await.unwrap();
        let running = done(&app, "GET", "/api/v1/sessions?running=true", Value::Null).await;
        let id = running["sessions"][0]["running_generations"][0]["generation_id"].as_str().unwrap().to_owned();
        (done(&app, "POST", &format!("/api/v1/generations/{id}/cancel"), Value::Null).await, id)
    };
    let (answer, (cancelled, id)) = tokio::join!(asking, cancelling);
    assert_eq!(cancelled["finish_reason"], "cancelled");
    assert_eq!(app::json(answer).await["error"]["reason"], "cancelled");
    assert_eq!(app.settled(&id).await.generation.unwrap().state(), GenerationState::Cancelled);
    assert!(texts(&app, &session).await.is_empty());
    app.assert_idle();
}

#[tokio::test]
async fn a_client_that_gives_up_a_whole_answer_frees_its_place_and_its_turn() {
    let mut host = Host::start(vec![(String::new(), End::Hold), (good("later"), End::Close)]).await;
    let app = TestApp::configured(one_at_a_time(host::config(&host.base_url))).await;
    let session = session(&app, &app.key, "openrouter/a/b").await;
    {
        let asking = app.send_as_is(request(&app.key, "POST", "/api/v1/chat", &chat(&session, false)));
        tokio::select! {
            answer = asking => panic!("nobody answered, yet {}", answer.status()),
            _ = host.requests.recv() => {}
        }
    }
    host.left.recv().await.unwrap();
    assert_eq!(app.only_generation().await.generation.unwrap().state(), GenerationState::Cancelled);
    while !texts(&app, &session).await.is_empty() {
        tokio::task::yield_now().await;
    }
    let answer = app.send_as_is(request(&app.key, "POST", "/api/v1/chat", &chat(&session, true))).await;
    assert!(app::text(answer).await.contains("later"), "the place is free again");
    assert_eq!(texts(&app, &session).await, ["hello", "later"]);
    app.assert_idle();
}

#[tokio::test]
async fn deleting_a_project_stops_what_is_written_in_its_sessions_and_leaves_no_rows() {
    let mut host = Host::start(vec![([STREAM, &said("and then")].concat(), End::Hold)]).await;
    let app = TestApp::configured(host::config(&host.base_url)).await;
    app.gateway.keys.create_project("team").await.unwrap();
    let key = app.gateway.keys.create("team", "tests", false, None).await.unwrap();
    let session = session(&app, &key, "openrouter/a/b").await;
    let answer = app.send_as_is(request(&key, "POST", "/api/v1/chat", &chat(&session, true))).await;
    let id = generation(&answer);
    let mut body = answer.into_body();
    read_until(&mut body, "and then").await;

    done(&app, "DELETE", "/api/v1/projects/team", Value::Null).await;
    read_until(&mut body, "the session was deleted").await;
    host.left.recv().await.unwrap();
    assert_eq!(app.settled(&id).await.generation.unwrap().state(), GenerationState::Cancelled);
    drop(body);
    let sql = app.database.sql().await;
    for table in ["sessions", "session_branches", "messages", "message_blobs", "blobs"] {
        assert_eq!(sql.number(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}")).await, 0, "{table}");
    }
    app.assert_idle();
}

#[tokio::test]
async fn an_idempotency_key_stands_for_one_session_also_where_a_header_names_it() {
    let app = TestApp::start().await;
    let sessions = [session(&app, &app.key, "sandbox/echo").await, session(&app, &app.key, "sandbox/echo").await];
    let ask = async |session: &str| {
        let body = json!({"model": "sandbox/echo", "messages": [{"role": "user", "content": "hello"}]});
        let mut request = request(&app.key, "POST", "/v1/chat/completions", &body);
        request.headers_mut().insert("idempotency-key", "once".parse().unwrap());
        request.headers_mut().insert("x-session-id", session.parse().unwrap());
        app.send_as_is(request).await.status()
    };
    assert_eq!(ask(&sessions[0]).await, StatusCode::OK);
    assert_eq!(ask(&sessions[0]).await, StatusCode::OK);
    assert_eq!(ask(&sessions[1]).await, StatusCode::CONFLICT);
    assert_eq!(texts(&app, &sessions[0]).await, ["hello", "hello"]);
    assert!(texts(&app, &sessions[1]).await.is_empty());
}

#[tokio::test]
async fn embeddings_refuse_a_key_that_they_would_not_honour() {
    let app = TestApp::start().await;
    for (path, body) in [
        ("/api/v1/embeddings", json!({"model": "sandbox/embed", "inputs": ["hello"]})),
        ("/v1/embeddings", json!({"model": "sandbox/embed", "input": "hello"})),
    ] {
        let mut request = request(&app.key, "POST", path, &body);
        request.headers_mut().insert("idempotency-key", "once".parse().unwrap());
        let answer = app.send_as_is(request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(app::text(answer).await.contains("Idempotency-Key"));
    }
    assert_eq!(app.booked().await, 0);
}

#[tokio::test]
async fn a_session_used_while_the_expired_ones_are_looked_up_stays() {
    let app = TestApp::start().await;
    let session = session(&app, &app.key, "sandbox/echo").await;
    let store = &app.database.store;
    let later = now_ms() + i64::try_from(Duration::from_secs(2 * 24 * 3600).as_millis()).unwrap();
    let expired = store.expired_sessions(later, 1, 10).await.unwrap();
    assert_eq!(expired.len(), 1);
    let used = store.change_session(expired[0], later, |session| session.updated_at_ms = later).await.unwrap();
    assert!(used.is_some());
    assert!(!store.delete_expired_session(expired[0], later, 1).await.unwrap());
    done(&app, "GET", &format!("/api/v1/sessions/{session}"), Value::Null).await;
    let much_later = later + 2 * 24 * 3_600_000;
    assert!(store.delete_expired_session(expired[0], much_later, 1).await.unwrap());
}

#[tokio::test]
async fn a_key_learns_nothing_of_models_that_it_may_not_use() {
    let app = TestApp::start().await;
    let terms = json!({"name": "narrow", "allowed_models": ["sandbox/echo"]});
    let made = done(&app, "POST", "/api/v1/projects/default/keys", terms).await;
    let key = made["full_key"].as_str().unwrap();
    for (path, status) in [
        ("/api/v1/models/sandbox/echo", StatusCode::OK),
        ("/api/v1/models/sandbox/chat", StatusCode::FORBIDDEN),
        ("/api/v1/models/resolve?name=sandbox/echo", StatusCode::OK),
        ("/api/v1/models/resolve?name=sandbox/chat", StatusCode::FORBIDDEN),
    ] {
        let answer = app.send_as_is(request(key, "GET", path, &Value::Null)).await;
        assert_eq!(answer.status(), status, "{path}");
    }
}
