//! Ends that nobody planned: clients that leave, deadlines, a stop, a database that is away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, Response, StatusCode},
};
use futures::StreamExt as _;
use generative_gateway::{
    app,
    config::{Config, Provider},
    pb::{
        ChatRequest, ErrorReason as Reason, GenerationState, Message, Role, UsageSource, chat_event::Event,
        chat_service_client::ChatServiceClient,
    },
    service::keys::Keys,
};
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic_types::StatusExt as _;

use crate::{
    app::{TestApp, json as json_of, pass, text, until},
    database,
    host::{self, End, Host, STREAM, good, said},
};

/// A gateway before a provider that gives these answers.
async fn before(answers: Vec<(String, End)>) -> (TestApp, Host) {
    let host = Host::start(answers).await;
    (TestApp::configured(host::config(&host.base_url)).await, host)
}

fn chat(app: &TestApp, model: &str, stream: bool) -> Request<Body> {
    let body = json!({"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello there"}]});
    let request = Request::post("/api/v1/chat").header("content-type", "application/json");
    request.header("authorization", format!("Bearer {}", app.key)).body(Body::from(body.to_string())).unwrap()
}

fn within(mut request: Request<Body>, milliseconds: u64) -> Request<Body> {
    request.headers_mut().insert("x-request-timeout-ms", milliseconds.into());
    request
}

/// The next events of a stream, as text.
async fn next(body: &mut Body) -> String {
    let frame = body.frame().await.expect("the stream goes on").unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

/// Reads until an event of that name is there.
async fn read_until(answer: Response<Body>, event: &str) -> Body {
    let mut body = answer.into_body();
    while !next(&mut body).await.contains(&format!("event: {event}\n")) {}
    body
}

#[tokio::test]
async fn a_client_that_leaves_before_the_first_word_cancels_the_call() {
    let (app, mut host) = before(vec![(String::new(), End::Hold)]).await;
    tokio::select! {
        _ = app.send_as_is(chat(&app, "openrouter/a/b", true)) => panic!("nothing was answered"),
        request = host.requests.recv() => assert!(request.is_some()),
    }
    host.left.recv().await.expect("the provider sees the client leave");
    let found = app.only_generation().await;
    let generation = found.generation.unwrap();
    assert_eq!(generation.state(), GenerationState::Cancelled);
    assert_eq!((generation.usage.unwrap().source(), generation.cost_usd), (UsageSource::Unknown, None));
    assert_eq!((found.attempts.len(), found.attempts[0].won), (1, false));
    app.assert_idle();
}

#[tokio::test]
async fn a_client_that_leaves_in_the_stream_pays_for_what_was_said() {
    let (app, mut host) = before(vec![([STREAM, &said("twelve bytes")].concat(), End::Hold)]).await;
    let answer = app.send_as_is(chat(&app, "openrouter/a/b", true)).await;
    drop(read_until(answer, "token").await);
    host.left.recv().await.expect("the provider sees the client leave");
    let found = app.only_generation().await;
    let generation = found.generation.unwrap();
    assert_eq!(generation.state(), GenerationState::Cancelled);
    let usage = generation.usage.unwrap();
    assert_eq!(usage.source(), UsageSource::Estimated);
    assert_eq!((usage.input_tokens, usage.output_tokens), (Some(3), Some(3)));
    assert!(found.attempts[0].won && found.attempts[0].upstream_id == "up-1", "{:?}", found.attempts);
    app.assert_idle();
}

#[tokio::test]
async fn a_client_that_leaves_over_grpc_is_noticed_too() {
    let (app, mut host) = before(vec![([STREAM, &said("some")].concat(), End::Hold)]).await;
    let mut stream =
        ChatServiceClient::new(app.router()).stream_chat(grpc(&app, "openrouter/a/b")).await.unwrap().into_inner();
    while !matches!(stream.message().await.unwrap().unwrap().event, Some(Event::Token(_))) {}
    drop(stream);
    host.left.recv().await.unwrap();
    assert_eq!(app.only_generation().await.generation.unwrap().state(), GenerationState::Cancelled);
    app.assert_idle();
}

fn grpc(app: &TestApp, model: &str) -> tonic::Request<ChatRequest> {
    let messages = vec![Message::text(Role::User, "hello there")];
    let mut request = tonic::Request::new(ChatRequest { model: model.to_owned(), messages, ..ChatRequest::default() });
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.key).parse().unwrap());
    request
}

#[tokio::test]
async fn a_deadline_before_the_first_word_ends_the_wait() {
    for stream in [true, false] {
        let (app, mut host) = before(vec![(String::new(), End::Hold)]).await;
        let answer = app.send_as_is(within(chat(&app, "openrouter/a/b", stream), 10_000));
        let (answer, ()) = tokio::join!(answer, async {
            host.requests.recv().await.unwrap();
            pass(Duration::from_secs(10)).await;
        });
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
        let error = json_of(answer).await["error"].take();
        assert_eq!((&error["reason"], &error["generation_id"]), (&json!("deadline_exceeded"), &json!(id)));
        let generation = app.settled(&id).await.generation.unwrap();
        assert_eq!(generation.state(), GenerationState::Interrupted);
        assert_eq!(generation.error_reason(), Reason::DeadlineExceeded);
        host.left.recv().await.expect("the provider is not kept at work");
        app.assert_idle();
    }
}

#[tokio::test]
async fn a_deadline_in_the_stream_is_its_last_event() {
    let (app, mut host) = before(vec![([STREAM, &said("twelve bytes")].concat(), End::Hold)]).await;
    let answer = app.send_as_is(within(chat(&app, "openrouter/a/b", true), 10_000)).await;
    let mut body = read_until(answer, "token").await;
    pass(Duration::from_secs(10)).await;
    let last = next(&mut body).await;
    assert!(last.starts_with("event: error\nid: 3\n") && last.contains("\"deadline_exceeded\""), "{last}");
    assert!(last.contains("\"output_tokens\":3"), "the usage so far: {last}");
    assert!(body.frame().await.is_none());
    host.left.recv().await.unwrap();
    let generation = app.only_generation().await.generation.unwrap();
    assert_eq!(
        (generation.state(), generation.error_reason()),
        (GenerationState::Interrupted, Reason::DeadlineExceeded)
    );
    app.assert_idle();
}

#[tokio::test]
async fn a_grpc_deadline_is_a_status_before_and_in_the_stream() {
    let waits = vec![(String::new(), End::Hold), ([STREAM, &said("some")].concat(), End::Hold)];
    let (app, mut host) = before(waits).await;
    let request = || {
        let mut request = grpc(&app, "openrouter/a/b");
        request.metadata_mut().insert("grpc-timeout", "10S".parse().unwrap());
        request
    };
    let mut client = ChatServiceClient::new(app.router());
    let (answer, ()) = tokio::join!(client.stream_chat(request()), async {
        host.requests.recv().await.unwrap();
        pass(Duration::from_secs(10)).await;
    });
    let status = answer.err().unwrap();
    assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "DEADLINE_EXCEEDED");
    assert!(status.metadata().contains_key("x-generation-id"));
    host.left.recv().await.unwrap();

    let mut stream = client.stream_chat(request()).await.unwrap().into_inner();
    while !matches!(stream.message().await.unwrap().unwrap().event, Some(Event::Token(_))) {}
    pass(Duration::from_secs(10)).await;
    let Some(Event::Error(error)) = stream.message().await.unwrap().unwrap().event else { panic!("an error event") };
    assert_eq!(error.reason(), Reason::DeadlineExceeded);
    assert_eq!(stream.next().await.unwrap().unwrap_err().code(), tonic::Code::DeadlineExceeded);
    host.left.recv().await.unwrap();
    assert_eq!(app.settled(&error.generation_id).await.generation.unwrap().state(), GenerationState::Interrupted);
    app.assert_idle();
}

#[tokio::test]
async fn a_gateway_that_stops_lets_streams_end_and_begins_none() {
    let (app, _host) = before(vec![(good("hi"), End::Close)]).await;
    let answer = app.send_as_is(chat(&app, "openrouter/a/b", true)).await;
    app.gateway.stopping.cancel();

    let refused = app.send_as_is(chat(&app, "sandbox/echo", false)).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(refused).await["error"]["reason"], "shutting_down");
    let refused = ChatServiceClient::new(app.router()).chat(grpc(&app, "sandbox/echo")).await.unwrap_err();
    assert_eq!(refused.get_error_details().error_info().unwrap().reason, "SHUTTING_DOWN");

    assert!(text(answer).await.contains("event: done\n"));
    assert_eq!(app.only_generation().await.generation.unwrap().state(), GenerationState::Completed);
}

#[tokio::test]
async fn past_the_drain_a_stream_is_interrupted_with_right_books() {
    let (app, mut host) = before(vec![([STREAM, &said("twelve bytes")].concat(), End::Hold)]).await;
    let answer = app.send_as_is(chat(&app, "openrouter/a/b", true)).await;
    let mut body = read_until(answer, "token").await;
    app.gateway.stopping.cancel();
    app.gateway.interrupt.cancel();
    let last = next(&mut body).await;
    assert!(last.starts_with("event: error\n") && last.contains("\"shutting_down\""), "{last}");
    host.left.recv().await.unwrap();
    let generation = app.only_generation().await.generation.unwrap();
    assert_eq!((generation.state(), generation.error_reason()), (GenerationState::Interrupted, Reason::ShuttingDown));
    assert_eq!(generation.usage.unwrap().output_tokens, Some(3));
    app.assert_idle();
}

#[tokio::test]
async fn a_closed_gateway_has_written_what_its_clients_left() {
    let (app, _host) = before(vec![([STREAM, &said("some")].concat(), End::Hold)]).await;
    let answer = app.send_as_is(chat(&app, "openrouter/a/b", true)).await;
    drop(read_until(answer, "token").await);
    let TestApp { gateway, database, .. } = app;
    app::close(gateway).await;
    let sql = database.sql().await;
    assert_eq!(sql.number("SELECT COUNT(*) FROM generations WHERE state = 'cancelled'").await, 1);
}

#[tokio::test]
async fn without_books_nothing_is_sent() {
    let (app, mut host) = before(vec![(good("hi"), End::Close)]).await;
    app.gateway.keys.authenticate(&app.key).await.expect("seen, so that the books are what is asked");
    let sql = app.database.sql().await;
    sql.run("ALTER TABLE generations RENAME TO away").await;
    let refused = app.send_as_is(chat(&app, "openrouter/a/b", true)).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(!refused.headers().contains_key("x-generation-id"), "there is none");
    let error = json_of(refused).await["error"].take();
    assert_eq!((&error["reason"], &error["retryable"]), (&json!("books_unavailable"), &json!(true)));
    assert_eq!(host.asked(), 0);
    app.assert_idle();
    sql.run("ALTER TABLE away RENAME TO generations").await;
    assert_eq!(app.booked().await, 0);
}

#[tokio::test]
async fn a_gateway_whose_database_is_gone_refuses_at_once() {
    let (app, mut host) = before(vec![(good("hi"), End::Close)]).await;
    app.gateway.keys.authenticate(&app.key).await.expect("seen, so that the books are what is asked");
    app.gateway.store.close().await.unwrap();
    let refused = json_of(app.send_as_is(chat(&app, "openrouter/a/b", true)).await).await;
    assert_eq!(refused["error"]["reason"], "books_unavailable");
    assert_eq!(host.asked(), 0);
}

/// Asks for a stream, takes the books away after its first word, and reads it to its end with a patience of none.
/// Returns the last events; the books are there again, and settled.
async fn without_books_at_the_end(answers: Vec<(String, End)>, state: GenerationState) -> String {
    let (app, _host) = before(answers).await;
    let answer = app.send_as_is(chat(&app, "openrouter/a/b", true)).await;
    let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
    let sql = app.database.sql().await;
    sql.run("ALTER TABLE generations RENAME TO away").await;
    let (told, ()) = tokio::join!(text(answer), async {
        // The settlement is in the writer's hands once the generation is no longer counted as running.
        let running = || app.gateway.metrics.exposition().unwrap().contains("gateway_generations_active 1");
        until("the end of the generation", || !running()).await;
        pass(Duration::from_secs(10)).await;
    });
    sql.run("ALTER TABLE away RENAME TO generations").await;
    assert_eq!(app.settled(&id).await.generation.unwrap().state(), state, "written when it can be");
    told
}

#[tokio::test]
async fn an_end_that_cannot_be_booked_is_no_end() {
    let told = without_books_at_the_end(vec![(good("hi"), End::Close)], GenerationState::Completed).await;
    assert!(!told.contains("event: done"), "{told}");
    assert!(told.contains("event: error\n") && told.contains("\"books_unavailable\""), "{told}");
    assert!(told.contains("\"cost_usd\":0.00125"), "what it came to is known: {told}");
}

#[tokio::test]
async fn an_error_does_not_wait_for_ever_for_the_books() {
    let cut = [STREAM, &said("some")].concat();
    let told = without_books_at_the_end(vec![(cut, End::Close)], GenerationState::Failed).await;
    assert!(told.contains("\"provider_stream_truncated\""), "{told}");
}

/// A whole process on sockets, told to stop after the first word of a stream. Returns what the client read, and the
/// state of the generation once the process has ended.
async fn stopped_while_streaming(model: &str, drain: Duration) -> (String, &'static str) {
    let database = database::fresh().await;
    let key = Keys::new(database.store.clone()).first_start().await.unwrap().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = Config::default();
    config.providers.insert("openrouter".to_owned(), Provider { enabled: Some(false), ..Provider::default() });
    config.server.listen = free;
    config.server.drain_seconds = drain;
    config.metrics.enabled = false;
    config.database.url = Some(database.url.clone());

    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let client = async {
        let mut socket = loop {
            match TcpStream::connect(free).await {
                Ok(socket) => break socket,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let body = json!({"model": model, "stream": true, "messages": [{"role": "user", "content": "hello"}]});
        let body = body.to_string();
        let head = format!(
            "POST /api/v1/chat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let (mut read, mut stop) = (Vec::new(), Some(stop));
        while socket.read_buf(&mut read).await.unwrap() > 0 {
            if String::from_utf8_lossy(&read).contains("event: token")
                && let Some(stop) = stop.take()
            {
                stop.send(()).unwrap();
            }
        }
        String::from_utf8(read).unwrap()
    };
    let shutdown = async { stopped.await.unwrap() };
    let (served, told) = tokio::join!(app::serve(config, shutdown), client);
    served.unwrap();
    let sql = database.sql().await;
    for state in ["completed", "interrupted"] {
        if sql.number(&format!("SELECT COUNT(*) FROM generations WHERE state = '{state}'")).await == 1 {
            return (told, state);
        }
    }
    panic!("neither completed nor interrupted: {told}");
}

#[tokio::test]
async fn a_process_that_is_told_to_stop_drains_its_streams_and_then_interrupts_them() {
    let (told, state) = stopped_while_streaming("sandbox/slow:0:10", Duration::from_secs(30)).await;
    assert!(told.contains("event: done\n"), "{told}");
    assert_eq!(state, "completed");

    let (told, state) = stopped_while_streaming("sandbox/fail:stall", Duration::from_millis(20)).await;
    assert!(told.contains("event: error\n") && told.contains("\"shutting_down\""), "{told}");
    assert_eq!(state, "interrupted");
}
