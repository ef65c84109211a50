//! Streams that outlive connections: resumed, read by several, cancelled from elsewhere, joined by the same request.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Request, Response, StatusCode},
};
use futures::{StreamExt as _, TryStreamExt as _};
use generative_gateway::{
    config::Streams,
    pb::{
        self, CancelChatRequest, ChatEvent, ErrorReason as Reason, FinishReason, GenerationState, ResumeChatRequest,
        UsageSource, chat_event::Event, chat_service_client::ChatServiceClient,
    },
    provider::{OnDisconnect, Registry},
    service::Caller,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{
    app::{TestApp, json as json_of, pass, text},
    host::{self, Host, STREAM, good_end, said},
};

const GRACE: Duration = Duration::from_secs(15);

/// A gateway before a provider that writes what the test says, and keeps streams for their clients.
struct Stage {
    app: TestApp,
    host: Host,
    provider: mpsc::Sender<String>,
}

async fn stage() -> Stage {
    stage_with(Streams::default(), OnDisconnect::Cancel).await
}

async fn stage_with(streams: Streams, on_disconnect: OnDisconnect) -> Stage {
    let (host, provider) = Host::by_hand().await;
    let mut config = host::config(&host.base_url);
    config.streams = streams;
    let providers = Registry::from_config(&config, |_| None).unwrap();
    let all: Vec<_> = providers.iter().cloned().collect();
    drop(providers);
    let providers = all.into_iter().map(|provider| {
        let mut provider = Arc::into_inner(provider).unwrap();
        provider.on_disconnect = on_disconnect;
        provider
    });
    let app = TestApp::with(config, providers.collect()).await;
    Stage { app, host, provider }
}

impl Stage {
    /// The provider writes.
    async fn say(&self, bytes: impl Into<String>) {
        self.provider.send(bytes.into()).await.unwrap();
    }

    /// Begins a stream with the inference key. Returns its id and its body, read up to the first word.
    async fn begin(&self) -> (String, Body) {
        self.say([STREAM, &said("one ")].concat()).await;
        let answer = self.app.send_as_is(self.chat(true, "hello")).await;
        let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
        let mut body = answer.into_body();
        read_until(&mut body, "token").await;
        (id, body)
    }

    fn chat(&self, stream: bool, text: &str) -> Request<Body> {
        let body =
            json!({"model": "openrouter/a/b", "stream": stream, "messages": [{"role": "user", "content": text}]});
        let request =
            Request::post("/api/v1/chat").header("authorization", format!("Bearer {}", self.app.inference_key));
        request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
    }

    async fn resume(&self, id: &str, after: u32) -> Response<Body> {
        self.get(&format!("/api/v1/generations/{id}/events?after_sequence={after}"), &self.app.inference_key).await
    }

    async fn get(&self, path: &str, key: &str) -> Response<Body> {
        let request = Request::get(path).header("authorization", format!("Bearer {key}"));
        self.app.send_as_is(request.body(Body::empty()).unwrap()).await
    }

    async fn cancel(&self, id: &str, key: &str) -> Response<Body> {
        let request = Request::post(format!("/api/v1/generations/{id}/cancel"));
        let request = request.header("authorization", format!("Bearer {key}"));
        self.app.send_as_is(request.body(Body::empty()).unwrap()).await
    }

    /// The events after one, over gRPC.
    async fn resume_grpc(&self, id: &str, after_sequence: u32) -> tonic::Streaming<ChatEvent> {
        let message = ResumeChatRequest { generation_id: id.to_owned(), after_sequence };
        let request = self.grpc(message, &self.app.inference_key);
        ChatServiceClient::new(self.app.router()).resume_chat(request).await.unwrap().into_inner()
    }

    fn grpc<T>(&self, message: T, key: &str) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().unwrap());
        request
    }
}

fn keyed(mut request: Request<Body>, key: &str) -> Request<Body> {
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

async fn read_until(body: &mut Body, event: &str) {
    loop {
        let frame = body.frame().await.expect("the stream goes on").unwrap().into_data().unwrap();
        if String::from_utf8_lossy(&frame).contains(&format!("event: {event}\n")) {
            return;
        }
    }
}

/// Events of a body: number, name and data.
fn parse(body: &str) -> Vec<(u32, String, Value)> {
    let events = body.split_terminator("\n\n").filter(|event| !event.starts_with(':'));
    let parsed = events.map(|event| {
        let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        (line("id: ").parse().unwrap(), line("event: ").to_owned(), serde_json::from_str(line("data: ")).unwrap())
    });
    parsed.collect()
}

fn words(events: &[(u32, String, Value)]) -> String {
    events.iter().filter_map(|(_, _, data)| data["text"].as_str()).collect()
}

#[tokio::test]
async fn a_stream_is_resumed_after_any_event_on_both_doors() {
    let stage = stage().await;
    let (id, body) = stage.begin().await;
    drop(body);
    // Nobody reads, and it goes on.
    stage.say([said("two "), said("three "), said("four")].concat()).await;
    let resumed = stage.resume(&id, 0).await;
    assert_eq!(resumed.headers()["x-generation-id"], id.as_str());
    stage.say([said(" five"), good_end()].concat()).await;
    let all = parse(&text(resumed).await);
    assert_eq!(words(&all), "one two three four five");
    let numbers: Vec<_> = all.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=7).collect::<Vec<_>>(), "{all:?}");
    assert_eq!((all[0].1.as_str(), all[6].1.as_str()), ("meta", "done"));

    for after in 0..=7 {
        let expected = &all[after as usize..];
        assert_eq!(parse(&text(stage.resume(&id, after).await).await), expected, "SSE after {after}");
        let told: Vec<_> = stage.resume_grpc(&id, after).await.try_collect().await.unwrap();
        let numbers: Vec<_> = told.iter().map(|event| event.sequence).collect();
        assert_eq!(numbers, ((after + 1)..=7).collect::<Vec<_>>(), "gRPC after {after}");
    }
    let request =
        Request::get(format!("/api/v1/generations/{id}/events?after_sequence=1")).header("last-event-id", "6");
    let again = parse(&text(stage.app.send(request.body(Body::empty()).unwrap()).await).await);
    assert_eq!(again, all[6..], "the header is what an EventSource saw last");
    let generation = stage.app.settled(&id).await.generation.unwrap();
    assert_eq!((generation.state(), generation.cost_usd), (GenerationState::Completed, Some(0.00125)));
    stage.app.assert_idle();
}

#[tokio::test]
async fn two_readers_at_once_see_the_same_and_one_may_leave() {
    let mut stage = stage().await;
    let (id, mut first) = stage.begin().await;
    let mut second = stage.resume_grpc(&id, 0).await;
    let meta = second.message().await.unwrap().unwrap();
    assert!(matches!(meta.event, Some(Event::Meta(meta)) if meta.generation_id == id));
    let third = stage.resume(&id, 2).await;
    stage.say(said("two ")).await;
    read_until(&mut first, "token").await;
    drop(first);
    stage.say([said("three"), good_end()].concat()).await;
    let second: Vec<_> = second.try_collect().await.unwrap();
    let spoken = second.iter().filter_map(|event| match &event.event {
        Some(Event::Token(token)) => Some(token.text.as_str()),
        _ => None,
    });
    assert_eq!(spoken.collect::<String>(), "one two three");
    let third = parse(&text(third).await);
    assert_eq!((words(&third).as_str(), third.last().unwrap().1.as_str()), ("two three", "done"));
    assert_eq!((third.last().unwrap().0, stage.host.asked()), (second.last().unwrap().sequence, 1));
    assert_eq!(stage.app.settled(&id).await.generation.unwrap().state(), GenerationState::Completed);
}

#[tokio::test]
async fn what_memory_has_not_kept_is_out_of_range_and_says_so() {
    let stage = stage_with(Streams { replay_bytes: 2048, ..Streams::default() }, OnDisconnect::Cancel).await;
    let (id, body) = stage.begin().await;
    for _ in 0..8 {
        stage.say(said(&"x".repeat(600))).await;
    }
    stage.say(good_end()).await;
    assert!(text(Response::new(body)).await.contains("event: done\n"));
    let refused = stage.resume(&id, 0).await;
    assert_eq!(refused.status(), StatusCode::GONE);
    let error = json_of(refused).await["error"].take();
    assert_eq!((&error["reason"], &error["generation_id"]), (&json!("out_of_range"), &json!(id)));
    let last = parse(&text(stage.resume(&id, 9).await).await);
    assert!(last.len() >= 2 && last.last().unwrap().1 == "done", "the newest is there: {last:?}");
    let error = json_of(stage.resume(&id, 99).await).await["error"].take();
    assert_eq!(error["reason"], "cursor_invalid");

    pass(Duration::from_secs(60)).await;
    let gone = json_of(stage.resume(&id, 9).await).await["error"].take();
    assert_eq!(gone["reason"], "out_of_range");
    assert!(gone["message"].as_str().unwrap().contains("GetGeneration"), "{gone}");
    assert_eq!(stage.app.gateway.live.replay_bytes(), 0, "nothing is left behind");
}

#[tokio::test]
async fn a_long_stream_notes_every_ten_seconds_what_it_has_used() {
    let stage = stage().await;
    let (id, mut body) = stage.begin().await;
    for (so_far, word) in [(2, "two "), (4, "four ")] {
        stage.say(said("and ")).await;
        read_until(&mut body, "token").await;
        pass(Duration::from_secs(10)).await;
        stage.say(said(word)).await;
        read_until(&mut body, "token").await;
        let output = |row: &pb::Generation| row.usage.as_ref().and_then(|usage| usage.output_tokens);
        let noted = stage.app.generation_once(&id, |row| output(row) >= Some(so_far)).await.generation.unwrap();
        assert_eq!(noted.state(), GenerationState::Admitted);
        assert_eq!(noted.usage.unwrap().source(), UsageSource::Estimated);
    }
    stage.say(good_end()).await;
    assert!(text(Response::new(body)).await.contains("event: done\n"));
    assert_eq!(stage.app.settled(&id).await.generation.unwrap().state(), GenerationState::Completed);
}

#[tokio::test]
async fn another_key_neither_sees_nor_stops_it_but_its_admin_does() {
    let stage = stage().await;
    let (id, body) = stage.begin().await;
    let other = stage.app.gateway.keys.create("default", "other", false, None).await.unwrap();
    let resumed = stage.get(&format!("/api/v1/generations/{id}/events"), &other).await;
    assert_eq!(resumed.status(), StatusCode::NOT_FOUND);
    assert_eq!(stage.cancel(&id, &other).await.status(), StatusCode::NOT_FOUND);
    let mut client = ChatServiceClient::new(stage.app.router());
    let message = CancelChatRequest { generation_id: id.clone() };
    let refused = client.cancel_chat(stage.grpc(message, &other)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::NotFound);
    let nonsense = stage.get("/api/v1/generations/gen_x/events", &other).await;
    assert_eq!(nonsense.status(), StatusCode::NOT_FOUND);

    let admin = stage.get(&format!("/api/v1/generations/{id}/events"), &stage.app.key).await;
    stage.say(good_end()).await;
    assert_eq!(words(&parse(&text(admin).await)), "one ");
    assert!(text(Response::new(body)).await.contains("event: done\n"));
}

#[tokio::test]
async fn a_stream_is_cancelled_from_elsewhere_and_a_second_time_changes_nothing() {
    let mut stage = stage().await;
    let (id, body) = stage.begin().await;
    let cancelled = json_of(stage.cancel(&id, &stage.app.inference_key).await).await;
    assert_eq!((&cancelled["generation_id"], &cancelled["finish_reason"]), (&json!(id), &json!("cancelled")));
    assert_eq!(cancelled["usage"]["output_tokens"], 1, "{cancelled}");
    let generation = stage.app.settled(&id).await.generation.unwrap();
    assert_eq!((generation.state(), generation.finish_reason()), (GenerationState::Cancelled, FinishReason::Cancelled));
    stage.host.left.recv().await.expect("the provider is stopped");

    let told = parse(&text(Response::new(body)).await);
    let [(_, name, done)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((name.as_str(), &done["finish_reason"]), ("done", &json!("cancelled")));
    assert_eq!(done["usage"], cancelled["usage"]);

    let again = json_of(stage.cancel(&id, &stage.app.inference_key).await).await;
    assert_eq!(again, cancelled);
    pass(Duration::from_secs(60)).await;
    let from_the_books = json_of(stage.cancel(&id, &stage.app.inference_key).await).await;
    assert_eq!(from_the_books["finish_reason"], "cancelled");
    assert_eq!(from_the_books["usage"], cancelled["usage"]);
    stage.app.assert_idle();
}

#[tokio::test]
async fn a_call_without_its_first_word_is_cancelled_too() {
    let mut stage = stage().await;
    let mut requests = std::mem::replace(&mut stage.host.requests, mpsc::channel(1).1);
    let (answer, ()) = tokio::join!(stage.app.send_as_is(stage.chat(false, "hello")), async {
        requests.recv().await.unwrap();
        let caller = Caller::operator();
        let list = stage.app.gateway.list_generations(&caller, pb::ListGenerationsRequest::default()).await.unwrap();
        let cancelled = json_of(stage.cancel(&list.generations[0].id, &stage.app.key).await).await;
        assert_eq!(cancelled["finish_reason"], "cancelled");
    });
    assert_eq!(json_of(answer).await["error"]["reason"], "cancelled");
    stage.host.left.recv().await.unwrap();
    assert_eq!(stage.app.only_generation().await.generation.unwrap().state(), GenerationState::Cancelled);
    stage.app.assert_idle();
}

#[tokio::test]
async fn the_same_request_again_joins_the_one_that_runs() {
    let mut stage = stage().await;
    let ask = || stage.app.send_as_is(keyed(stage.chat(true, "hello"), "order-1"));
    let (first, second, ()) = tokio::join!(ask(), ask(), stage.say([STREAM, &said("one ")].concat()));
    let id = first.headers()["x-generation-id"].clone();
    assert_eq!(second.headers()["x-generation-id"], id);
    drop(second);
    stage.say(said("two")).await;
    let third = ask().await;
    stage.say(good_end()).await;
    let (first, third) = (parse(&text(first).await), parse(&text(third).await));
    assert_eq!((words(&first).as_str(), first.last().unwrap().1.as_str()), ("one two", "done"));
    assert_eq!(first, third);

    let whole = json_of(stage.app.send_as_is(keyed(stage.chat(false, "hello"), "order-1")).await).await;
    assert_eq!((&whole["generation_id"], &whole["finish_reason"]), (&json!(id.to_str().unwrap()), &json!("stop")));
    assert_eq!((stage.app.booked().await, stage.host.asked()), (1, 1));

    let other = stage.app.send_as_is(keyed(stage.chat(true, "goodbye"), "order-1")).await;
    assert_eq!((other.status(), &other.headers()["x-generation-id"]), (StatusCode::CONFLICT, &id));
    pass(Duration::from_secs(60)).await;
    let gone = stage.app.send_as_is(keyed(stage.chat(true, "hello"), "order-1")).await;
    assert_eq!((gone.status(), &gone.headers()["x-generation-id"]), (StatusCode::CONFLICT, &id));
    assert_eq!(json_of(gone).await["error"]["reason"], "already_exists");
    assert_eq!((stage.app.booked().await, stage.host.asked()), (1, 0));
    stage.app.assert_idle();
}

#[tokio::test]
async fn a_key_whose_request_never_began_may_be_used_again() {
    let stage = stage().await;
    let ask = |model: &str| {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "hello"}]});
        let request = Request::post("/api/v1/chat").header("content-type", "application/json");
        stage.app.send(keyed(request.body(Body::from(body.to_string())).unwrap(), "order-2"))
    };
    assert_eq!(ask("nobody/nothing-of-that-name").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ask("sandbox/echo").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn nobody_comes_back_in_time_and_the_provider_is_stopped() {
    let mut stage = stage().await;
    let (id, body) = stage.begin().await;
    drop(body);
    // Half of it: the clock goes on by itself meanwhile.
    pass(GRACE / 2).await;
    stage.say(said("two")).await;
    let (back, mut seen) = (stage.resume(&id, 2).await.into_body(), String::new());
    let mut back = back.into_data_stream();
    while !seen.contains("two") {
        seen.push_str(std::str::from_utf8(&back.next().await.unwrap().unwrap()).unwrap());
    }
    drop(back);
    pass(GRACE).await;
    stage.host.left.recv().await.expect("the provider sees the client leave");
    let generation = stage.app.settled(&id).await.generation.unwrap();
    assert_eq!((generation.state(), generation.finish_reason()), (GenerationState::Cancelled, FinishReason::Cancelled));
    assert_eq!(generation.usage.unwrap().source(), UsageSource::Estimated);
    let told = parse(&text(stage.resume(&id, 3).await).await);
    assert_eq!(told.last().unwrap().2["finish_reason"], "cancelled", "{told:?}");
    stage.app.assert_idle();
}

#[tokio::test]
async fn a_provider_that_bills_all_the_same_is_read_to_its_usage() {
    for native in [true, false] {
        let streams = Streams { resume_grace_seconds: Duration::ZERO, ..Streams::default() };
        let stage = stage_with(streams, OnDisconnect::Drain).await;
        stage.say([STREAM, &said("one ")].concat()).await;
        let mut request = stage.chat(true, "hello");
        if !native {
            *request.uri_mut() = "/v1/chat/completions".parse().unwrap();
        }
        let answer = stage.app.send_as_is(request).await;
        let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
        drop(answer);
        stage.say([said("two"), good_end()].concat()).await;
        let generation = stage.app.settled(&id).await.generation.unwrap();
        assert_eq!(generation.state(), GenerationState::Cancelled);
        assert_eq!((generation.usage.unwrap().source(), generation.cost_usd), (UsageSource::Provider, Some(0.00125)));
        stage.app.assert_idle();
    }
}

#[tokio::test]
async fn a_reader_who_does_not_read_neither_grows_memory_nor_stops_the_rest() {
    const BOUND: usize = 128 << 10;
    let stage = stage_with(Streams { replay_bytes: BOUND, ..Streams::default() }, OnDisconnect::Cancel).await;
    let (id, body) = stage.begin().await;
    let request = ResumeChatRequest { generation_id: id.clone(), after_sequence: 0 };
    let mut slow = stage.app.gateway.resume_chat(&Caller::operator(), request).await.unwrap();
    let writes = async {
        for _ in 0..100 {
            stage.say(said(&"x".repeat(8 << 10))).await;
            assert!(stage.app.gateway.live.replay_bytes() <= BOUND, "the bound holds");
        }
        stage.say(good_end()).await;
    };
    let reads = async {
        let mut body = body.into_data_stream();
        let (mut read, mut held_up) = (0, false);
        while !held_up || read < 100 * (8 << 10) {
            match futures::poll!(body.next()) {
                std::task::Poll::Ready(chunk) => read += chunk.unwrap().unwrap().len(),
                std::task::Poll::Pending if stage.app.gateway.live.replay_bytes() > BOUND - (16 << 10) && !held_up => {
                    held_up = true;
                    pass(Duration::from_secs(10)).await;
                }
                std::task::Poll::Pending => tokio::task::yield_now().await,
            }
        }
        body
    };
    let (_body, ()) = tokio::join!(reads, writes);
    assert_eq!(stage.app.settled(&id).await.generation.unwrap().state(), GenerationState::Completed);
    let lost = slow.next().await.unwrap().unwrap_err();
    assert_eq!(lost.reason, Reason::OutOfRange);
    assert!(slow.next().await.is_none());
}
