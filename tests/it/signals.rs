//! Logs, spans and metrics: what they tell after traffic, and what they must never tell.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{
    io::Write,
    sync::{Arc, LazyLock, Mutex},
};

use axum::{
    body::Body,
    http::{Request, Response},
};
use serde_json::json;
use tracing::{
    Dispatch, Subscriber,
    span::{Attributes, Id},
    subscriber::NoSubscriber,
};
use tracing_subscriber::{
    Layer,
    fmt::{MakeWriter, format::FmtSpan},
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};

use crate::{
    app::{TestApp, text},
    host::{self, End, Host, STREAM, chunk, good, said, whole},
};

/// What stands in every prompt and answer here.
const MARKER: &str = "xylophone-marker";

/// Everything that is logged on this thread while it lives.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Names of spans, each with that of the span around it.
#[derive(Clone, Default)]
struct Tree(Arc<Mutex<Vec<[&'static str; 2]>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Tree {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let parent = span.parent().map_or("", |parent| parent.name());
        self.0.lock().unwrap().push([span.name(), parent]);
    }
}

/// Logs at the finest level, spans included.
fn listen() -> (Lines, Tree, tracing::subscriber::DefaultGuard) {
    // With one subscriber alone, tracing asks only the thread that comes first whether a span is wanted; other tests
    // run on threads that want none.
    static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));
    LazyLock::force(&ANOTHER);
    let (lines, tree) = (Lines::default(), Tree::default());
    let format = tracing_subscriber::fmt::layer().json().with_span_events(FmtSpan::CLOSE).with_writer(lines.clone());
    let subscriber = tracing_subscriber::registry().with(format).with(tree.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    (lines, tree, guard)
}

async fn ask(app: &TestApp, path: &str, key: &str, body: String) -> Response<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {key}"));
    app.send_as_is(request.body(Body::from(body)).unwrap()).await
}

fn chat(model: &str) -> String {
    json!({"model": model, "stream": true, "messages": [{"role": "user", "content": MARKER}]}).to_string()
}

#[tokio::test]
async fn no_log_line_holds_a_prompt_an_answer_or_a_key() {
    let (lines, _, _guard) = listen();
    let echoed = format!("{{\"error\":{{\"code\":400,\"message\":\"cannot read {MARKER}\"}}}}");
    let broken = chunk(&format!("data: {{\"choices\":[{MARKER}\n\n"));
    let mut host = Host::start(vec![
        (good(MARKER), End::Close),
        (whole("400 Bad Request", "", &echoed), End::Close),
        (whole("401 Unauthorized", "", &echoed), End::Close),
        ([STREAM, &said(MARKER), &broken].concat(), End::Close),
        ([STREAM, &said(MARKER)].concat(), End::Reset),
    ])
    .await;
    let mut config = host::config(&host.base_url);
    config.providers.get_mut("openrouter").unwrap().api_key = Some("provider-secret".into());
    // What is kept in the database on purpose is in no log either.
    config.privacy.capture = true;
    let app = TestApp::configured(config).await;
    for (path, expected) in [
        ("/v1/chat/completions", "[DONE]"),
        ("/api/v1/chat", "provider_invalid_request"),
        ("/api/v1/chat", "provider_authentication"),
        ("/v1/chat/completions", "provider_"),
        ("/api/v1/chat", "provider_stream_truncated"),
    ] {
        let told = text(ask(&app, path, &app.key, chat("openrouter/a/b")).await).await;
        assert!(told.contains(expected), "{told}");
    }
    assert!(host.requests.recv().await.unwrap().contains("Bearer provider-secret"), "the key was in use");
    // What is refused at the door has a prompt and a key too.
    for (key, body) in [
        (app.key.as_str(), chat("nobody/knows-it")),
        (&app.key, format!("{{\"model\":\"{MARKER}\"")),
        (&app.key, format!("{{\"messages\":[{{\"role\":\"{MARKER}\"}}]}}")),
        (&app.key[..app.key.len() - 1], chat("sandbox/echo")),
    ] {
        let refused = ask(&app, "/api/v1/chat", key, body).await;
        assert!(refused.status().is_client_error());
    }

    let lines = lines.text();
    assert!(lines.contains("provider_authentication") && lines.contains("\"refused: "), "failures are logged: {lines}");
    let (_, secret) = app.key.rsplit_once('_').unwrap();
    for never in [MARKER, "provider-secret", &secret[..secret.len() - 1]] {
        let line = lines.lines().find(|line| line.contains(never));
        assert_eq!(line, None, "{never}");
    }
}

#[tokio::test]
async fn a_request_and_each_of_its_attempts_has_a_span() {
    let (lines, tree, _guard) = listen();
    let busy = whole("429 Too Many Requests", "retry-after: 0\r\n", "{}");
    let host = Host::start(vec![(busy, End::Close), (good("hi"), End::Close)]).await;
    let app = TestApp::configured(host::config(&host.base_url)).await;
    let told = text(ask(&app, "/api/v1/chat", &app.key, chat("openrouter/a/b")).await).await;
    assert!(told.contains("event: done"), "{told}");

    let lines = lines.text();
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spans = |name: &str, message: &str| {
        let of_both = |line: &&serde_json::Value| line["span"]["name"] == name && line["fields"]["message"] == message;
        lines.iter().filter(of_both).map(|line| &line["span"]).collect::<Vec<_>>()
    };
    let attempts = spans("attempt", "close");
    assert_eq!(attempts.len(), 2, "{lines:?}");
    for (span, kind) in attempts.iter().zip(["primary", "retry"]) {
        assert_eq!(span["gen_ai.operation.name"], "chat");
        assert_eq!(span["gen_ai.provider.name"], "openrouter");
        assert_eq!(span["gen_ai.request.model"], "a/b");
        assert_eq!(span["gateway.attempt.kind"], kind);
    }
    assert_eq!(attempts[0]["error.type"], "provider_rate_limited");
    assert_eq!(attempts[0]["http.response.status_code"], 429);
    assert!(attempts[1].get("error.type").is_none());
    // Not its end: a thread of the database's enters this span, and where nobody listens on that thread, as here, it
    // never lets go; https://github.com/tokio-rs/tracing/issues/1656
    let requests = spans("request", "answered");
    assert_eq!(requests.len(), 1, "{lines:?}");
    assert_eq!((&requests[0]["route"], &requests[0]["status"]), (&json!("/api/v1/chat"), &json!(200)));
    let ours = tree
        .0
        .lock()
        .unwrap()
        .iter()
        .copied()
        .filter(|[name, _]| ["request", "attempt"].contains(name))
        .collect::<Vec<_>>();
    assert_eq!(ours, [["request", ""], ["attempt", "request"], ["attempt", "request"]]);
}

#[tokio::test]
async fn metrics_tell_of_requests_tokens_cost_and_times() {
    let app = TestApp::start().await;
    text(ask(&app, "/v1/chat/completions", &app.key, chat("sandbox/echo")).await).await;
    text(ask(&app, "/api/v1/chat", &app.key, chat("sandbox/fail:402")).await).await;
    let metrics = app.gateway.metrics.exposition().unwrap();
    for (name, label) in [
        ("gateway_generations_total", "gateway_door=\"openai\""),
        ("gateway_generations_total", "error_type=\"provider_insufficient_funds\""),
        ("gateway_attempts_total", "gen_ai_provider_name=\"sandbox\""),
        ("gateway_cost_usd_total", "gen_ai_request_model=\"sandbox/echo\""),
        ("gen_ai_client_token_usage_sum", "gen_ai_token_type=\"output\""),
        ("gen_ai_client_operation_duration_seconds_count", "gen_ai_operation_name=\"chat\""),
        ("gen_ai_client_operation_time_to_first_chunk_seconds_count", "gen_ai_operation_name=\"chat\""),
        ("gateway_overhead_duration_seconds_count", "gen_ai_operation_name=\"chat\""),
    ] {
        let told = metrics.lines().any(|line| line.starts_with(name) && line.contains(label) && !line.ends_with(" 0"));
        assert!(told, "{name} with {label} in\n{metrics}");
    }
    app.assert_idle();
    assert!(!metrics.contains(MARKER));
}
