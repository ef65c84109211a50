//! One request through one door, and what was told, in words that all doors share.

use axum::{
    body::Body,
    http::{HeaderMap, Request, Response},
};
use futures::StreamExt as _;
use generative_gateway::{
    events::Fold,
    pb::{
        ChatEvent, ChatRequest, ChatResponse, ErrorReason, ShortName as _, chat_event::Event,
        chat_service_client::ChatServiceClient, content_part::Part, image,
    },
};
use prost::Message as _;
use serde_json::Value;
use tonic_types::StatusExt as _;

use super::Case;
use crate::app::{TestApp, text};

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Grpc,
    GrpcStream,
    GrpcWeb,
    Rest,
    RestEvents,
    Openai,
    OpenaiStream,
}

pub(super) const WAYS: [Way; 7] =
    [Way::Grpc, Way::GrpcStream, Way::GrpcWeb, Way::Rest, Way::RestEvents, Way::Openai, Way::OpenaiStream];

/// What an answer says, or why there is none.
pub(super) type Told = Result<Said, String>;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) reasoning: String,
    /// Names and arguments.
    pub(super) calls: Vec<(String, String)>,
    /// Base64.
    pub(super) images: Vec<String>,
    /// URLs.
    pub(super) citations: Vec<String>,
    pub(super) finish_reason: String,
    /// Input, output, thinking and cached tokens.
    pub(super) tokens: [u64; 4],
    pub(super) cost_usd: f64,
}

impl Way {
    /// The name that the books have for it.
    pub(super) fn door(self) -> &'static str {
        match self {
            Self::Grpc | Self::GrpcStream => "grpc",
            Self::GrpcWeb => "grpc_web",
            Self::Rest | Self::RestEvents => "rest",
            Self::Openai | Self::OpenaiStream => "openai",
        }
    }

    pub(super) fn streams(self) -> bool {
        matches!(self, Self::GrpcStream | Self::GrpcWeb | Self::RestEvents | Self::OpenaiStream)
    }

    /// Asks. Returns what was told, and the generation's id if there was one.
    pub(super) async fn ask(self, app: &TestApp, case: &Case, authorization: Option<&str>) -> (Told, Option<String>) {
        match self {
            Self::Grpc | Self::GrpcStream => grpc(app, case, authorization, self == Self::GrpcStream).await,
            Self::GrpcWeb => grpc_web(app, case, authorization).await,
            Self::Rest | Self::RestEvents => {
                let answer = post(app, "/api/v1/chat", &case.native, authorization, self.streams()).await;
                native(answer).await
            }
            Self::Openai | Self::OpenaiStream => {
                let answer = post(app, "/v1/chat/completions", &case.openai, authorization, self.streams()).await;
                openai(answer).await
            }
        }
    }
}

fn generation_id(headers: &HeaderMap) -> Option<String> {
    headers.get("x-generation-id").map(|id| id.to_str().unwrap().to_owned())
}

async fn grpc(app: &TestApp, case: &Case, authorization: Option<&str>, stream: bool) -> (Told, Option<String>) {
    let request: ChatRequest = serde_json::from_value(case.native.clone()).unwrap();
    let mut request = tonic::Request::new(request);
    if let Some(value) = authorization {
        request.metadata_mut().insert("authorization", value.parse().unwrap());
    }
    let mut client = ChatServiceClient::new(app.router());
    let refused = |status: tonic::Status| {
        let reason = status.get_error_details().error_info().unwrap().reason.to_ascii_lowercase();
        (Err(reason), generation_id(&status.metadata().clone().into_headers()))
    };
    if !stream {
        return match client.chat(request).await {
            Err(status) => refused(status),
            Ok(answer) => {
                let id = generation_id(&answer.metadata().clone().into_headers());
                (Ok(said(answer.into_inner())), id)
            }
        };
    }
    let answer = match client.stream_chat(request).await {
        Err(status) => return refused(status),
        Ok(answer) => answer,
    };
    let id = generation_id(&answer.metadata().clone().into_headers());
    let (mut events, mut end) = (Vec::new(), None);
    let mut stream = answer.into_inner();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(status) => end = Some(refused(status)),
        }
    }
    let told = folded(events);
    if let Some((reason, also)) = end {
        assert_eq!(told, reason, "the last event and the status agree");
        assert_eq!(id, also);
    }
    (told, id)
}

async fn grpc_web(app: &TestApp, case: &Case, authorization: Option<&str>) -> (Told, Option<String>) {
    let message: ChatRequest = serde_json::from_value(case.native.clone()).unwrap();
    let message = message.encode_to_vec();
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let mut request = Request::post("/gateway.v1.ChatService/StreamChat")
        .header("content-type", "application/grpc-web+proto")
        .body(Body::from(body))
        .unwrap();
    if let Some(value) = authorization {
        request.headers_mut().insert("authorization", value.parse().unwrap());
    }
    let (head, body) = app.send_as_is(request).await.into_parts();
    let id = generation_id(&head.headers);
    if let Some(status) =
        tonic::Status::from_header_map(&head.headers).filter(|status| status.code() != tonic::Code::Ok)
    {
        return (Err(status.get_error_details().error_info().unwrap().reason.to_ascii_lowercase()), id);
    }
    let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    let (mut rest, mut events) = (&body[..], Vec::new());
    while let [kind, a, b, c, d, after @ ..] = rest {
        let (frame, after) = after.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        if *kind == 0 {
            events.push(ChatEvent::decode(frame).unwrap());
        }
        rest = after;
    }
    (folded(events), id)
}

async fn post(app: &TestApp, path: &str, body: &Value, authorization: Option<&str>, stream: bool) -> Response<Body> {
    let mut body = body.clone();
    body["stream"] = stream.into();
    if stream && path.starts_with("/v1/") {
        body["stream_options"] = serde_json::json!({"include_usage": true});
    }
    let mut request =
        Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
    if let Some(value) = authorization {
        request.headers_mut().insert("authorization", value.parse().unwrap());
    }
    app.send_as_is(request).await
}

async fn native(answer: Response<Body>) -> (Told, Option<String>) {
    let (status, id) = (answer.status(), generation_id(answer.headers()));
    let events = answer.headers()["content-type"] == "text/event-stream";
    let body = text(answer).await;
    if events {
        return (folded(body.split_terminator("\n\n").map(event).collect()), id);
    }
    if status.is_success() {
        return (Ok(said(serde_json::from_str(&body).unwrap())), id);
    }
    let error: Value = serde_json::from_str(&body).unwrap();
    (Err(error["error"]["reason"].as_str().unwrap().to_owned()), id)
}

/// An event of the native door's stream.
fn event(lines: &str) -> ChatEvent {
    let line = |name: &str| lines.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let data = line("data: ");
    let event = match line("event: ") {
        "meta" => Event::Meta(serde_json::from_str(data).unwrap()),
        "token" => Event::Token(serde_json::from_str(data).unwrap()),
        "reasoning" => Event::Reasoning(serde_json::from_str(data).unwrap()),
        "tool_calls" => Event::ToolCalls(serde_json::from_str(data).unwrap()),
        "images" => Event::Images(serde_json::from_str(data).unwrap()),
        "citations" => Event::Citations(serde_json::from_str(data).unwrap()),
        "done" => Event::Done(serde_json::from_str(data).unwrap()),
        "error" => Event::Error(serde_json::from_str(data).unwrap()),
        other => panic!("{other}"),
    };
    ChatEvent { sequence: line("id: ").parse().unwrap(), event: Some(event) }
}

fn folded(events: Vec<ChatEvent>) -> Told {
    let mut fold = Fold::default();
    assert!(matches!(events[0].event, Some(Event::Meta(_))), "{:?}", events[0]);
    for (at, event) in events.into_iter().enumerate() {
        assert_eq!(event.sequence as usize, at + 1);
        if let Some(Event::Error(error)) = &event.event {
            return Err(error.reason().short_name().to_owned());
        }
        fold.add(event);
    }
    Ok(said(fold.finish()))
}

fn said(response: ChatResponse) -> Said {
    let mut said = Said { finish_reason: response.finish_reason().short_name().to_owned(), ..Said::default() };
    let message = response.message.unwrap();
    for part in message.content {
        match part.part.unwrap() {
            Part::Text(text) => said.text.push_str(&text),
            Part::Reasoning(reasoning) => said.reasoning.push_str(&reasoning.text),
            Part::ToolCall(call) => said.calls.push((call.name, call.arguments)),
            Part::Image(image) => {
                let Some(image::Source::Data(data)) = image.source else { panic!("{image:?}") };
                said.images.push(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, data));
            }
            other => panic!("{other:?}"),
        }
    }
    said.citations = message.citations.into_iter().map(|citation| citation.url).collect();
    let usage = response.usage.unwrap();
    let output = usage.total_output_tokens.unwrap();
    said.tokens = [
        usage.total_input_tokens.unwrap(),
        output,
        usage.reasoning_tokens.unwrap_or(0),
        usage.cache_read_tokens.unwrap_or(0),
    ]
    .map(u64::from);
    said.cost_usd = response.cost_usd.unwrap();
    said
}

async fn openai(answer: Response<Body>) -> (Told, Option<String>) {
    let id = generation_id(answer.headers());
    let chunks = answer.headers()["content-type"] == "text/event-stream";
    let body = text(answer).await;
    let mut said = Said::default();
    if !chunks {
        let whole: Value = serde_json::from_str(&body).unwrap();
        return (add(&mut said, &whole, "message").map(|()| said), id);
    }
    let mut chunks: Vec<_> = body.split_terminator("\n\n").map(|line| line.strip_prefix("data: ").unwrap()).collect();
    if chunks.last() == Some(&"[DONE]") {
        chunks.pop();
    }
    for chunk in chunks {
        if let Err(reason) = add(&mut said, &serde_json::from_str(chunk).unwrap(), "delta") {
            return (Err(reason), id);
        }
    }
    (Ok(said), id)
}

/// Adds what a whole answer or a chunk of OpenAI's format says.
fn add(said: &mut Said, body: &Value, name: &str) -> Result<(), String> {
    if let Some(reason) = body["error"]["code"].as_str() {
        return Err(reason.to_owned());
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for choice in list(&body["choices"]) {
        let message = &choice[name];
        said.text.push_str(message["content"].as_str().unwrap_or_default());
        said.reasoning.push_str(message["reasoning"].as_str().unwrap_or_default());
        for call in list(&message["tool_calls"]) {
            let function = &call["function"];
            if let Some(name) = function["name"].as_str() {
                said.calls.push((name.to_owned(), String::new()));
            }
            said.calls.last_mut().unwrap().1.push_str(function["arguments"].as_str().unwrap_or_default());
        }
        for image in list(&message["images"]) {
            let url = image["image_url"]["url"].as_str().unwrap();
            said.images.push(url.split_once("base64,").unwrap().1.to_owned());
        }
        for annotation in list(&message["annotations"]) {
            said.citations.push(annotation["url_citation"]["url"].as_str().unwrap().to_owned());
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            reason.clone_into(&mut said.finish_reason);
        }
    }
    let usage = &body["usage"];
    if usage.is_object() {
        said.tokens = [
            &usage["prompt_tokens"],
            &usage["completion_tokens"],
            &usage["completion_tokens_details"]["reasoning_tokens"],
            &usage["prompt_tokens_details"]["cached_tokens"],
        ]
        .map(|tokens| tokens.as_u64().unwrap_or(0));
        said.cost_usd = usage["cost"].as_f64().unwrap();
    }
    Ok(())
}

/// The reason's short name, as all doors write it.
pub(super) fn name(reason: ErrorReason) -> String {
    reason.short_name().to_owned()
}
