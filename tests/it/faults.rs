//! A provider that fails in every way it can: the caller gets one typed error, and the books are right.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use generative_gateway::{
    config::Config,
    pb::{self, AttemptKind, ErrorReason as Reason, GenerationState, UsageSource},
};
use serde_json::{Value, json};

use crate::{
    app::{TestApp, text},
    host::{self, End, Host, OVER, STREAM, chunk, good, said, whole},
};

/// What became of one streamed chat.
struct Outcome {
    status: StatusCode,
    headers: HeaderMap,
    /// Names of the events, and the data of the last one; for a plain error, its body.
    events: Vec<String>,
    last: Value,
    said: String,
    found: pb::GetGenerationResponse,
    /// How often the provider was asked.
    asked: usize,
}

/// Asks for a stream of a provider that answers so. Whatever happens, one generation is on the books, settled once,
/// its cost is that of its attempts, and nothing runs any more.
async fn ask(answers: Vec<(String, End)>) -> Outcome {
    ask_within(answers, |_| {}).await
}

async fn ask_within(answers: Vec<(String, End)>, change: impl FnOnce(&mut Config)) -> Outcome {
    let mut host = Host::start(answers).await;
    let mut config = host::config(&host.base_url);
    change(&mut config);
    let app = TestApp::configured(config).await;
    let body = json!({"model": "openrouter/a/b", "stream": true, "messages": [{"role": "user", "content": "hello"}]});
    let request = Request::post("/api/v1/chat").header("content-type", "application/json");
    let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = text(answer).await;

    let (mut events, mut said, mut last) = (Vec::new(), String::new(), Value::Null);
    if headers["content-type"] == "text/event-stream" {
        for event in body.split_terminator("\n\n").filter(|event| !event.starts_with(':')) {
            let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            events.push(line("event: ").to_owned());
            last = serde_json::from_str(line("data: ")).unwrap();
            said.push_str(last["text"].as_str().unwrap_or_default());
        }
    } else {
        last = serde_json::from_str::<Value>(&body).unwrap()["error"].take();
    }
    let found = app.only_generation().await;
    app.assert_idle();
    let sql = app.database.sql().await;
    assert_eq!(sql.number("SELECT CAST(SUM(requests) AS BIGINT) FROM usage_hourly").await, 1, "settled once");
    let generation = found.generation.clone().unwrap();
    let costs: Vec<_> = found.attempts.iter().filter_map(|attempt| attempt.cost_usd).collect();
    if let Some(cost) = generation.cost_usd {
        assert!((costs.iter().sum::<f64>() - cost).abs() < 1e-12, "{found:?}");
    }
    assert_eq!(generation.attempt_count as usize, found.attempts.len());
    assert_eq!(headers["x-generation-id"], generation.id.as_str(), "also where it failed");
    assert!(headers["x-gateway-overhead-ms"].to_str().unwrap().parse::<f64>().unwrap() >= 0.0);
    Outcome { status, headers, events, last, said, found, asked: host.asked() }
}

impl Outcome {
    fn generation(&self) -> &pb::Generation {
        self.found.generation.as_ref().unwrap()
    }

    fn attempts(&self) -> Vec<(AttemptKind, Reason, Option<u32>, bool)> {
        let attempts = self.found.attempts.iter();
        attempts.map(|attempt| (attempt.kind(), attempt.error_reason(), attempt.http_status, attempt.won)).collect()
    }

    /// It failed for that reason, which answer and books agree on.
    fn assert_failed(&self, reason: Reason, case: &str) {
        let name = pb::ShortName::short_name(reason);
        assert_eq!(self.last["reason"], name, "{case}: {}", self.last);
        assert_eq!(self.last["generation_id"], self.generation().id, "{case}");
        assert_eq!(self.generation().state(), GenerationState::Failed, "{case}");
        assert_eq!(self.generation().error_reason(), reason, "{case}");
        assert_eq!(self.asked, self.found.attempts.len(), "{case}: as often as it is booked");
        for attempt in &self.found.attempts {
            assert_eq!(attempt.error_reason(), reason, "{case}");
            assert!(attempt.end_time.is_some(), "{case}");
        }
    }
}

#[tokio::test]
async fn what_breaks_before_the_first_word_is_tried_again_and_then_told() {
    let unreachable = Reason::ProviderUnreachable;
    let body = r#"{"error":{"code":500,"message":"oops"}}"#;
    let cases = [
        ("closed", String::new(), End::Close, unreachable, StatusCode::BAD_GATEWAY),
        ("reset", String::new(), End::Reset, unreachable, StatusCode::BAD_GATEWAY),
        (
            "no HTTP",
            "SSH-2.0-OpenSSH\r\n".to_owned(),
            End::Close,
            Reason::ProviderMalformedResponse,
            StatusCode::BAD_GATEWAY,
        ),
        ("empty", [STREAM, OVER].concat(), End::Close, Reason::ProviderStreamTruncated, StatusCode::BAD_GATEWAY),
        (
            "500",
            whole("500 Internal Server Error", "", body),
            End::Close,
            Reason::ProviderError,
            StatusCode::BAD_GATEWAY,
        ),
        ("error in 200", whole("200 OK", "", body), End::Close, Reason::ProviderError, StatusCode::BAD_GATEWAY),
    ];
    for (case, answer, end, reason, status) in cases {
        let outcome = ask(vec![(answer, end); 3]).await;
        outcome.assert_failed(reason, case);
        assert_eq!((outcome.status, outcome.asked), (status, 3), "{case}");
        let kinds: Vec<_> = outcome.found.attempts.iter().map(pb::Attempt::kind).collect();
        assert_eq!(kinds, [AttemptKind::Primary, AttemptKind::Retry, AttemptKind::Retry], "{case}");
        assert!(outcome.attempts().iter().all(|(.., won)| !won), "{case}");
        assert_eq!(outcome.generation().usage.unwrap().source(), UsageSource::Unknown, "{case}");
        assert_eq!(outcome.last["retryable"], true, "{case}");
    }
}

#[tokio::test]
async fn who_is_not_there_was_asked_all_the_same() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let away = |config: &mut Config| *config = host::config(&format!("http://{nobody}/api/v1"));
    let outcome = ask_within(Vec::new(), away).await;
    assert_eq!(outcome.last["reason"], "provider_unreachable");
    assert_eq!(
        outcome.attempts(),
        [
            (AttemptKind::Primary, Reason::ProviderUnreachable, None, false),
            (AttemptKind::Retry, Reason::ProviderUnreachable, None, false),
            (AttemptKind::Retry, Reason::ProviderUnreachable, None, false),
        ]
    );
    assert_eq!(outcome.asked, 0);
}

#[tokio::test]
async fn a_limit_that_passes_is_waited_for_and_both_tries_are_on_the_books() {
    let limited = whole("429 Too Many Requests", "retry-after: 0\r\n", r#"{"error":{"code":429,"message":"slow"}}"#);
    let outcome = ask(vec![(limited, End::Close), (good("hi"), End::Close)]).await;
    assert_eq!((outcome.status, outcome.said.as_str()), (StatusCode::OK, "hi"));
    assert_eq!(
        outcome.attempts(),
        [
            (AttemptKind::Primary, Reason::ProviderRateLimited, Some(429), false),
            (AttemptKind::Retry, Reason::Unspecified, Some(200), true),
        ]
    );
    assert_eq!(outcome.generation().state(), GenerationState::Completed);
    assert_eq!(outcome.generation().cost_usd, Some(0.00125));
    assert_eq!(outcome.found.attempts[0].cost_usd, Some(0.0), "a refusal costs nothing");
    assert_eq!(outcome.events, ["meta", "token", "done"]);
    assert_eq!(outcome.last["cost_usd"], 0.00125);
}

#[tokio::test]
async fn what_no_repetition_helps_is_told_at_once() {
    let cases = [
        ("401 Unauthorized", "", Reason::ProviderAuthentication, StatusCode::BAD_GATEWAY),
        ("402 Payment Required", "", Reason::ProviderInsufficientFunds, StatusCode::PAYMENT_REQUIRED),
        ("400 Bad Request", "", Reason::ProviderInvalidRequest, StatusCode::BAD_REQUEST),
        ("429 Too Many Requests", "retry-after: 60\r\n", Reason::ProviderRateLimited, StatusCode::TOO_MANY_REQUESTS),
    ];
    for (line, headers, reason, status) in cases {
        let outcome = ask(vec![(whole(line, headers, r#"{"error":{"message":"no"}}"#), End::Close)]).await;
        outcome.assert_failed(reason, line);
        assert_eq!((outcome.status, outcome.asked), (status, 1), "{line}");
        assert_eq!(outcome.generation().cost_usd, Some(0.0), "{line}");
        if !headers.is_empty() {
            assert_eq!(outcome.headers["retry-after"], "60");
        }
    }
}

#[tokio::test]
async fn what_breaks_after_the_first_word_is_an_event_with_the_usage_so_far_and_never_tried_again() {
    let truncated = Reason::ProviderStreamTruncated;
    let broken = chunk("data: {\"choices\":[<html>\n\n");
    let error = chunk("data: {\"error\":{\"code\":502,\"message\":\"upstream died\"},\"choices\":[]}\n\n");
    let cases = [
        ("cut", String::new(), End::Close, vec![truncated]),
        ("reset", String::new(), End::Reset, vec![truncated]),
        ("ended early", OVER.to_owned(), End::Close, vec![truncated]),
        ("garbage", [broken.as_str(), OVER].concat(), End::Close, vec![Reason::ProviderMalformedResponse, truncated]),
        ("error", [error.as_str(), OVER].concat(), End::Close, vec![Reason::ProviderError]),
        ("silence", String::new(), End::Hold, vec![Reason::ProviderTimeout]),
    ];
    for (case, rest, end, reasons) in cases {
        let impatient = |config: &mut Config| {
            config.providers.get_mut("openrouter").unwrap().idle_timeout_ms = Some(200);
        };
        let outcome = ask_within(vec![([STREAM, &said("twelve bytes"), &rest].concat(), end)], impatient).await;
        let reason = outcome.generation().error_reason();
        assert!(reasons.contains(&reason), "{case}: {reason:?}");
        outcome.assert_failed(reason, case);
        assert_eq!(outcome.status, StatusCode::OK, "{case}");
        assert_eq!(outcome.events, ["meta", "token", "error"], "{case}");
        assert_eq!((outcome.said.as_str(), outcome.asked), ("twelve bytes", 1), "{case}");
        let usage = outcome.generation().usage.unwrap();
        assert_eq!((usage.source(), usage.output_tokens), (UsageSource::Estimated, Some(3)), "{case}");
        assert_eq!(outcome.last["usage"]["output_tokens"], 3, "{case}");
        assert_eq!(outcome.generation().cost_usd, None, "{case}: no price is known, and something was said");
    }
}

#[tokio::test]
async fn what_a_provider_counted_before_it_broke_is_what_is_booked() {
    let counted = "data: {\"id\":\"up-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":4,\"total_tokens\":11,\"cost\":0.5}}\n\n";
    let outcome = ask(vec![([STREAM, &said("some"), &chunk(counted)].concat(), End::Reset)]).await;
    outcome.assert_failed(Reason::ProviderStreamTruncated, "counted");
    let usage = outcome.generation().usage.unwrap();
    assert_eq!((usage.source(), usage.total_output_tokens), (UsageSource::Provider, Some(4)));
    assert_eq!(outcome.generation().cost_usd, Some(0.5));
    assert_eq!((&outcome.last["cost_usd"], &outcome.last["usage"]["total_output_tokens"]), (&json!(0.5), &json!(4)));
}

#[tokio::test]
async fn an_event_of_many_megabytes_passes_and_one_without_end_does_not() {
    let large = "x".repeat(3 << 20);
    let outcome = ask(vec![(good(&large), End::Close)]).await;
    assert_eq!((outcome.generation().state(), outcome.said.len()), (GenerationState::Completed, large.len()));

    let endless = format!("data: {}", "x".repeat(65 << 20));
    let outcome = ask(vec![([STREAM, &said("some"), &chunk(&endless)].concat(), End::Hold)]).await;
    outcome.assert_failed(Reason::ProviderMalformedResponse, "endless");
    assert_eq!(outcome.events, ["meta", "token", "error"]);
}
