//! Limits at every door, and what a chat would cost: refusals, headers, and places that are given back however a
//! request ends.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode},
};
use futures::{StreamExt as _, future::join_all};
use generative_gateway::{
    config::{Config, Limit, Limits},
    pb::{
        ChatRequest, EmbedInput, EmbedRequest, EstimateChatRequest, Message, Role, chat_event::Event,
        chat_service_client::ChatServiceClient, embed_input::Input, embedding_service_client::EmbeddingServiceClient,
    },
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tonic_types::StatusExt as _;

use crate::{
    app::{TestApp, json as json_of, pass, text},
    host::{self, End, Host, STREAM, good, said},
};

/// A gateway under limits, with the sandbox alone.
async fn under(limits: Limits) -> TestApp {
    TestApp::configured(Config { limits, ..Config::default() }).await
}

fn of_key(requests: Option<u32>, tokens: Option<u32>, running: Option<u32>) -> Limits {
    let key = Limit { requests_per_minute: requests, tokens_per_minute: tokens, concurrent_requests: running };
    Limits { key, ..Limits::default() }
}

fn post(path: &str, body: &Value) -> Request<Body> {
    Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
}

fn hello(model: &str, stream: bool) -> Value {
    json!({"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello there"}]})
}

/// A call at one of the four HTTP doors, the native ones even.
fn call(door: usize) -> Request<Body> {
    match door % 4 {
        0 => post("/api/v1/chat", &hello("sandbox/echo", false)),
        1 => post("/v1/chat/completions", &hello("sandbox/echo", true)),
        2 => post("/api/v1/embeddings", &json!({"model": "sandbox/embed", "inputs": ["hello"]})),
        _ => post("/v1/embeddings", &json!({"model": "sandbox/embed", "input": "hello"})),
    }
}

fn grpc<T>(app: &TestApp, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.key).parse().unwrap());
    request
}

fn request(model: &str) -> ChatRequest {
    let messages = vec![Message::text(Role::User, "hello there")];
    ChatRequest { model: model.to_owned(), messages, ..ChatRequest::default() }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap_or_else(|| panic!("no {name} in {headers:?}")).to_str().unwrap()
}

/// Reads a stream until an event of that name is there.
async fn read_until(answer: Response<Body>, event: &str) -> Body {
    let mut body = answer.into_body();
    loop {
        let frame = body.frame().await.expect("the stream goes on").unwrap().into_data().unwrap();
        if String::from_utf8_lossy(&frame).contains(event) {
            return body;
        }
    }
}

#[tokio::test]
async fn every_http_door_tells_the_limit_and_when_to_come_back() {
    for door in 0..4 {
        let app = under(of_key(Some(2), None, None)).await;
        for left in ["1", "0"] {
            let answer = app.send(call(door)).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(header(answer.headers(), "x-ratelimit-limit-requests"), "2");
            assert_eq!(header(answer.headers(), "x-ratelimit-remaining-requests"), left);
            assert_eq!(header(answer.headers(), "ratelimit-policy"), "\"key-requests\";q=2;w=60");
            assert!(!answer.headers().contains_key("x-ratelimit-limit-tokens"));
            text(answer).await;
        }
        let answer = app.send(call(door)).await;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = header(answer.headers(), "retry-after").parse().unwrap();
        assert!((20..=30).contains(&wait), "one comes back in half a minute: {wait}");
        assert!(header(answer.headers(), "ratelimit").starts_with("\"key-requests\";r=0;t="));
        assert!(header(answer.headers(), "x-ratelimit-reset-requests").ends_with('s'));
        let error = json_of(answer).await["error"].take();
        let words = error["message"].as_str().unwrap();
        assert!(
            words.contains("this key may send 2 requests a minute") && words.contains(&format!("{wait} s")),
            "{words}"
        );
        match door % 2 {
            0 => assert_eq!((&error["reason"], &error["retryable"]), (&json!("limit_exceeded"), &json!(true))),
            _ => assert_eq!((&error["code"], &error["type"]), (&json!("limit_exceeded"), &json!("rate_limit_error"))),
        }
        assert_eq!(app.booked().await, 2, "what was refused is on no book");

        pass(Duration::from_secs(wait)).await;
        assert_eq!(app.send(call(door)).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn grpc_tells_the_same_in_metadata_and_details() {
    let app = under(of_key(Some(3), Some(600), None)).await;
    let mut chat = ChatServiceClient::new(app.router());
    let answer = chat.chat(grpc(&app, request("sandbox/echo"))).await.unwrap();
    let used = answer.get_ref().usage.unwrap();
    let metadata = answer.metadata().clone().into_headers();
    assert_eq!(header(&metadata, "x-ratelimit-remaining-requests"), "2");
    // Already corrected: a tenth of the limit was reserved for the answer. A token drains in a tenth of a second.
    let left: u32 = header(&metadata, "x-ratelimit-remaining-tokens").parse().unwrap();
    let expected = 600 - used.input_total() - used.output_total();
    assert!((expected..=600).contains(&left), "{left}");

    let streamed = chat.stream_chat(grpc(&app, request("sandbox/echo"))).await.unwrap();
    assert_eq!(header(&streamed.metadata().clone().into_headers(), "x-ratelimit-remaining-requests"), "1");
    streamed.into_inner().collect::<Vec<_>>().await;

    let input = EmbedInput { input: Some(Input::Text("hello".to_owned())) };
    let embed = EmbedRequest { model: "sandbox/embed".to_owned(), inputs: vec![input], ..EmbedRequest::default() };
    let mut embeddings = EmbeddingServiceClient::new(app.router());
    embeddings.embed(grpc(&app, embed.clone())).await.unwrap();

    let refused = [
        chat.chat(grpc(&app, request("sandbox/echo"))).await.unwrap_err(),
        chat.stream_chat(grpc(&app, request("sandbox/echo"))).await.unwrap_err(),
        embeddings.embed(grpc(&app, embed)).await.unwrap_err(),
    ];
    for status in refused {
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        let details = status.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "LIMIT_EXCEEDED");
        let wait = details.retry_info().unwrap().retry_delay.unwrap();
        assert!(wait > Duration::from_secs(10) && wait <= Duration::from_secs(20), "{wait:?}");
        let quota = &details.quota_failure().unwrap().violations[0];
        assert_eq!(quota.subject, "key.requests_per_minute");
        assert!(details.bad_request().is_none());
        let metadata = status.metadata().clone().into_headers();
        assert_eq!(header(&metadata, "x-ratelimit-remaining-requests"), "0");
    }
}

#[tokio::test]
async fn without_limits_no_header_speaks_of_them() {
    let app = TestApp::start().await;
    let answer = app.send(call(0)).await;
    let told = answer.headers().keys().find(|name| name.as_str().contains("ratelimit"));
    assert_eq!((answer.status(), told), (StatusCode::OK, None));
}

#[tokio::test]
async fn a_burst_at_all_doors_gets_exactly_what_is_allowed() {
    let app = under(of_key(Some(7), None, None)).await;
    let burst = (0..40).map(|at| app.send(call(at)));
    let passed = join_all(burst).await.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    assert_eq!(passed, 7);
}

#[tokio::test]
async fn a_place_is_free_again_however_a_request_ends() {
    // The providers' answers: left by its client over REST and gRPC, failed, cut in the stream, and good.
    let endless = || ([STREAM, &said("some")].concat(), End::Hold);
    let failed = || (host::whole("400 Bad Request", "", "{\"error\":{\"message\":\"no\"}}"), End::Close);
    let cut = || ([STREAM, &said("some")].concat(), End::Reset);
    let answers = vec![endless(), endless(), failed(), cut(), (good("hi"), End::Close), (good("hi"), End::Close)];
    let mut host = Host::start(answers).await;
    let config = Config { limits: of_key(None, None, Some(1)), ..host::config(&host.base_url) };
    let app = TestApp::configured(config).await;
    let ask = |stream| app.send(post("/api/v1/chat", &hello("openrouter/a/b", stream)));

    let running = read_until(ask(true).await, "event: token").await;
    let refused = ask(true).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(refused.headers(), "ratelimit"), "\"key-concurrent\";r=0");
    assert_eq!(header(refused.headers(), "retry-after"), "1");
    assert_eq!(json_of(refused).await["error"]["retryable"], true);
    drop(running);
    host.left.recv().await.unwrap();

    let mut client = ChatServiceClient::new(app.router());
    let mut stream = client.stream_chat(grpc(&app, request("openrouter/a/b"))).await.unwrap().into_inner();
    while !matches!(stream.message().await.unwrap().unwrap().event, Some(Event::Token(_))) {}
    let busy = client.chat(grpc(&app, request("openrouter/a/b"))).await.unwrap_err();
    assert_eq!(busy.get_error_details().quota_failure().unwrap().violations[0].subject, "key.concurrent_requests");
    drop(stream);
    host.left.recv().await.unwrap();

    assert_eq!(ask(false).await.status(), StatusCode::BAD_REQUEST);
    assert!(text(ask(true).await).await.contains("event: error"));
    for _ in 0..2 {
        // Whoever has read `done` may come again at once.
        let answer = ask(true).await;
        assert_eq!(answer.status(), StatusCode::OK);
        drop(read_until(answer, "event: done").await);
    }
    app.assert_idle();
}

#[tokio::test]
async fn a_request_that_a_later_check_refuses_counts_for_nothing() {
    let app = under(of_key(Some(1), None, None)).await;
    let wrong = post("/api/v1/chat", &json!({"model": "sandbox/echo", "messages": []}));
    assert_eq!(app.send(wrong).await.status(), StatusCode::BAD_REQUEST);
    // The books cannot hold it: the last check of all.
    let sql = app.database.sql().await;
    sql.run("ALTER TABLE generations RENAME TO away").await;
    let refused = app.send(call(0)).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(refused.headers(), "x-ratelimit-remaining-requests"), "1");
    sql.run("ALTER TABLE away RENAME TO generations").await;
    // Until the books' writer has noticed.
    let answer = loop {
        match app.send(call(0)).await.status() {
            StatusCode::SERVICE_UNAVAILABLE => tokio::task::yield_now().await,
            status => break status,
        }
    };
    assert_eq!(answer, StatusCode::OK);
    assert_eq!(app.send(call(0)).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn projects_end_users_and_models_have_limits_of_their_own() {
    let requests = |most| Limit { requests_per_minute: Some(most), ..Limit::default() };
    let limits = Limits {
        project: requests(4),
        end_user: requests(1),
        models: [("sandbox/*".to_owned(), requests(2))].into(),
        ..Limits::default()
    };
    let app = under(limits).await;
    let ask = async |model: &str, end_user: &str| {
        let mut body = hello(model, false);
        body["end_user"] = json!(end_user);
        let answer = app.send(post("/api/v1/chat", &body)).await;
        let policy = header(answer.headers(), "ratelimit-policy").to_owned();
        (answer.status().as_u16(), policy.split('"').nth(1).unwrap().to_owned())
    };
    assert_eq!(ask("sandbox/echo", "ann").await, (200, "end_user-requests".to_owned()));
    assert_eq!(ask("sandbox/think", "ann").await, (429, "end_user-requests".to_owned()));
    assert_eq!(ask("sandbox/echo", "bob").await.0, 200);
    assert_eq!(ask("sandbox/echo", "").await, (429, "model-requests".to_owned()));
    assert_eq!(ask("sandbox/think", "").await.0, 200);
    assert_eq!(ask("sandbox/tools", "").await, (200, "project-requests".to_owned()));
    // Another key of the same project.
    let mut request = call(2);
    request.headers_mut().insert("authorization", format!("Bearer {}", app.inference_key).parse().unwrap());
    let answer = app.send_as_is(request).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(json_of(answer).await["error"]["message"].as_str().unwrap().contains("this project"));
}

#[tokio::test]
async fn an_estimate_says_what_is_then_charged() {
    let app = under(of_key(Some(2), Some(1_000), None)).await;
    let body = json!({"model": "sandbox/echo", "max_output_tokens": 50, "messages": [
        {"role": "system", "content": "be brief and kind to whoever asks"},
        {"role": "user", "content": ["Say something about the weather of tomorrow.",
            {"image": {"data": "aGVsbG8=", "media_type": "image/png"}}]}]});
    let estimate = json_of(app.send(post("/api/v1/chat/estimate", &body)).await).await;
    let mut message = EstimateChatRequest { request: Some(serde_json::from_value(body.clone()).unwrap()) };
    let over_grpc = ChatServiceClient::new(app.router()).estimate_chat(grpc(&app, message.clone())).await.unwrap();
    assert_eq!(serde_json::to_value(over_grpc.get_ref()).unwrap(), estimate, "the same at both doors");
    assert_eq!(app.booked().await, 0);
    assert_eq!((&estimate["provider"], &estimate["model"]["resolved"]), (&json!("sandbox"), &json!("sandbox/echo")));
    assert_eq!((&estimate["context_length"], &estimate["max_output_tokens"]), (&json!(128_000), &json!(50)));
    let verdicts = estimate["verdicts"].as_array().unwrap();
    let names: Vec<_> = verdicts.iter().map(|verdict| (&verdict["name"], &verdict["allowed"])).collect();
    let allowed = json!(true);
    assert_eq!(names, [(&json!("key.requests_per_minute"), &allowed), (&json!("key.tokens_per_minute"), &allowed)]);
    assert_eq!((&verdicts[0]["remaining"], &verdicts[1]["unit"]), (&json!(2.0), &json!("tokens")), "nothing is taken");

    let answer = json_of(app.send(post("/api/v1/chat", &body)).await).await;
    let (usage, cost) = (&answer["usage"], answer["cost_usd"].as_f64().unwrap());
    let (told, counted) = (estimate["input_tokens"].as_f64().unwrap(), usage["total_input_tokens"].as_f64().unwrap());
    assert!((told - counted).abs() <= 0.05 * counted, "{told} is not within a twentieth of {counted}");
    let bound = |name: &str| estimate[name].as_f64().unwrap();
    assert!(bound("min_cost_usd") <= cost && cost <= bound("max_cost_usd"), "{estimate} {answer}");

    message.request.as_mut().unwrap().max_output_tokens = Some(5_000);
    let never = ChatServiceClient::new(app.router()).estimate_chat(grpc(&app, message)).await.unwrap().into_inner();
    let tokens = &never.verdicts[1];
    assert!(!tokens.allowed && tokens.message.contains("never fits"), "{tokens:?}");
}

#[tokio::test]
async fn an_estimate_is_refused_for_what_the_chat_would_be() {
    let app = TestApp::start().await;
    let both = async |body: Value| {
        let mut told = Vec::new();
        for path in ["/api/v1/chat", "/api/v1/chat/estimate"] {
            let answer = app.send(post(path, &body)).await;
            told.push((answer.status(), json_of(answer).await));
        }
        assert_eq!(told[0], told[1]);
        told[0].1["error"]["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(both(hello("no/such-thing-at-all", false)).await, "model_not_found");
    let wrong = json!({"model": "sandbox/echo", "messages": [{"role": "system", "content": [
        {"image": {"data": "aGVsbG8=", "media_type": "image/png"}}]}]});
    assert_eq!(both(wrong).await, "unsupported_content");
    let anonymous = app.send_as_is(post("/api/v1/chat/estimate", &hello("sandbox/echo", false))).await;
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
    let missing = ChatServiceClient::new(app.router()).estimate_chat(grpc(&app, EstimateChatRequest::default())).await;
    assert_eq!(missing.unwrap_err().code(), tonic::Code::InvalidArgument);
}

#[tokio::test]
async fn an_estimate_warns_as_the_chat_would_and_counts_with_a_real_vocabulary() {
    let app = TestApp::configured(host::config("http://127.0.0.1:9/api/v1")).await;
    let body = json!({"model": "openai/gpt-4o", "messages": [
        {"role": "user", "content": "Tokenizers cut unbelievably long words into pieces."}]});
    let estimate = json_of(app.send(post("/api/v1/chat/estimate", &body)).await).await;
    // Nine tokens by OpenAI's own tokenizer, and seven around them.
    let tokens = estimate["input_tokens"].as_u64().unwrap();
    assert!((14..=19).contains(&tokens), "{estimate}");
    assert!(estimate["min_cost_usd"].as_f64().unwrap() < estimate["max_cost_usd"].as_f64().unwrap());

    let unknown = json_of(app.send(post("/api/v1/chat/estimate", &hello("openrouter/who/knows", false))).await).await;
    assert!(unknown.get("min_cost_usd").is_none() && unknown.get("max_cost_usd").is_none(), "{unknown}");
    assert_eq!(unknown["warnings"][0]["code"], "price_unknown");
}
