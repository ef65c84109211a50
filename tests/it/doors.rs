//! What each door promises whatever is behind it: keys, ids, errors in its own shape, and nothing where nothing is.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use futures::TryStreamExt as _;
use generative_gateway::{
    config::{Config, Server},
    pb::{
        ChatRequest, ListModelsRequest, Message, Role, chat_event::Event, chat_service_client::ChatServiceClient,
        model_service_client::ModelServiceClient,
    },
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use tonic_types::StatusExt as _;

use crate::app::{TestApp, json, text};

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("a valid request")
}

fn post(path: &str, body: &'static str) -> Request<Body> {
    Request::post(path).header("content-type", "application/json").body(Body::from(body)).expect("a valid request")
}

#[tokio::test]
async fn without_a_key_each_door_refuses_in_its_own_shape() {
    let app = TestApp::start().await;

    let native = app.send_as_is(post("/api/v1/chat", "{}")).await;
    assert_eq!(native.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(native.headers()["www-authenticate"], "Bearer");
    let native = json(native).await;
    assert_eq!(native["error"]["reason"], "key_missing");
    assert_eq!(native["error"]["code"], "unauthenticated");
    assert_eq!(native["error"]["blame"], "caller");

    let openai = app.send_as_is(post("/v1/chat/completions", "{}")).await;
    assert_eq!(openai.status(), StatusCode::UNAUTHORIZED);
    let openai = json(openai).await;
    assert_eq!(openai["error"]["code"], "key_missing");
    assert_eq!(openai["error"]["type"], "authentication_error");

    let mut chat = ChatServiceClient::new(app.router());
    let status = chat.chat(ChatRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "KEY_MISSING");
    assert!(details.error_info().unwrap().metadata.contains_key("request_id"));

    let grpc_web = Request::post("/gateway.v1.ChatService/Chat")
        .header("content-type", "application/grpc-web+proto")
        .body(Body::from(&b"\0\0\0\0\0"[..]))
        .unwrap();
    let grpc_web = app.send_as_is(grpc_web).await;
    assert_eq!(grpc_web.status(), StatusCode::OK);
    assert_eq!(grpc_web.headers()["content-type"], "application/grpc-web+proto");
    assert_eq!(grpc_web.headers()["grpc-status"], "16");
}

#[tokio::test]
async fn a_garbled_key_is_told_from_a_missing_one() {
    let app = TestApp::start().await;
    let request = Request::get("/api/v1/models").header("authorization", "Basic eDp5").body(Body::empty()).unwrap();
    let answer = app.send_as_is(request).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(json(answer).await["error"]["reason"], "key_invalid");
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_sane_one_is_kept() {
    let app = TestApp::start().await;
    let request = |id: &str| Request::get("/healthz").header("x-request-id", id).body(Body::empty()).unwrap();
    let kept = app.send_as_is(request("mine-1")).await;
    assert_eq!(kept.headers()["x-request-id"], "mine-1");
    let replaced = app.send_as_is(request("{\"not\": \"mine\"}")).await;
    assert_eq!(replaced.headers()["x-request-id"].len(), 36);
    assert!(app.send_as_is(get("/api/v1/nothing")).await.headers().contains_key("x-request-id"));
}

#[tokio::test]
async fn what_grpc_does_not_know_is_unimplemented_and_never_a_page() {
    let app = TestApp::start().await;
    for path in ["/gateway.v1.MemoryService/Forget", "/nobody.Nothing/At", "/"] {
        let request = Request::post(path)
            .header("content-type", "application/grpc")
            .body(Body::from(&b"\0\0\0\0\0"[..]))
            .unwrap();
        let answer = app.send_as_is(request).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/grpc", "{path}");
        assert_eq!(answer.headers()["grpc-status"], "12", "{path}");
        assert!(answer.headers().contains_key("grpc-status-details-bin"), "{path}");
    }
}

#[tokio::test]
async fn what_the_api_does_not_know_is_json_in_each_shape() {
    let app = TestApp::start().await;
    for path in ["/api/v1/nothing", "/api", "/api/v1/session", "/api/v1/chat/"] {
        let answer = app.send_as_is(get(path)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json(answer).await["error"]["reason"], "unimplemented", "{path}");
    }
    let answer = app.send_as_is(post("/v1/responses", "{}")).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(json(answer).await["error"]["code"], "unimplemented");
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let app = TestApp::start().await;
    let check = async |request: Request<Body>, allowed: &str| {
        let path = request.uri().clone();
        let answer = app.send_as_is(request).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.headers()["allow"], allowed, "{path}");
        assert!(json(answer).await["error"]["message"].as_str().unwrap().contains("method"), "{path}");
    };
    check(get("/api/v1/chat"), "POST").await;
    check(get("/v1/chat/completions"), "POST").await;
    check(post("/api/v1/models/resolve", "{}"), "GET,HEAD").await;
}

#[tokio::test]
async fn browsers_of_named_origins_may_use_grpc_web_and_read_its_errors() {
    let server = Server { cors_origins: vec!["https://app.example".to_owned()], ..Server::default() };
    let app = TestApp::configured(Config { server, ..Config::default() }).await;
    let preflight = |origin: &str| {
        Request::builder()
            .method(Method::OPTIONS)
            .uri("/gateway.v1.ChatService/StreamChat")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,grpc-timeout,x-grpc-web,x-session-id,last-event-id,idempotency-key",
            )
            .body(Body::empty())
            .unwrap()
    };
    let answer = app.send_as_is(preflight("https://app.example")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example");
    let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap();
    for header in ["x-grpc-web", "x-session-id", "last-event-id", "idempotency-key"] {
        assert!(allowed.contains(header), "{header} in {allowed}");
    }
    assert!(answer.headers().contains_key("x-request-id"));

    let call = Request::post("/gateway.v1.ChatService/StreamChat")
        .header("origin", "https://app.example")
        .header("content-type", "application/grpc-web+proto")
        .body(Body::empty())
        .unwrap();
    let refused = app.send_as_is(call).await;
    assert_eq!(refused.headers()["access-control-allow-origin"], "https://app.example");
    let exposed = refused.headers()["access-control-expose-headers"].to_str().unwrap();
    for header in ["grpc-status", "grpc-message", "grpc-status-details-bin", "x-request-id", "x-generation-id"]
        .into_iter()
        .chain(["retry-after", "ratelimit", "ratelimit-policy", "x-ratelimit-remaining-tokens"])
    {
        assert!(exposed.contains(header), "{header} in {exposed}");
    }

    let stranger = app.send_as_is(preflight("https://elsewhere.example")).await;
    assert!(!stranger.headers().contains_key("access-control-allow-origin"));
    let closed = TestApp::start().await.send_as_is(preflight("https://app.example")).await;
    assert!(!closed.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn reflection_lists_what_is_served_to_anyone() {
    let app = TestApp::start().await;
    let mut reflection = ServerReflectionClient::new(app.router());
    let ask = ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let mut answers = reflection.server_reflection_info(futures::stream::iter([ask])).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    for name in
        ["gateway.v1.ChatService", "gateway.v1.SessionService", "gateway.v1.UsageService", "grpc.health.v1.Health"]
    {
        assert!(names.iter().any(|listed| listed == name), "{name} in {names:?}");
    }
}

#[tokio::test]
async fn a_gateway_that_stops_says_so_to_balancers() {
    let app = TestApp::start().await;
    let mut health = HealthClient::new(app.router());
    let ask = HealthCheckRequest { service: "gateway.v1.ChatService".to_owned() };
    let mut watch = health.watch(ask).await.unwrap().into_inner();
    let mut next = async || watch.message().await.unwrap().unwrap().status().as_str_name();
    assert_eq!(next().await, "SERVING");
    app.gateway.stopping.cancel();
    assert_eq!(next().await, "NOT_SERVING");
    let answer = app.send_as_is(get("/readyz")).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text(answer).await, "stopping\n");
    assert_eq!(app.send_as_is(get("/healthz")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_are_served_without_a_key_and_refuse_to_be_framed_or_guessed() {
    let app = TestApp::start().await;
    let page = app.send_as_is(get("/")).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    assert_eq!(app.send_as_is(get("/nothing.png")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(app.send_as_is(post("/", "{}")).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn one_key_opens_every_door() {
    let app = TestApp::start().await;
    for path in ["/api/v1/models", "/api/v1/caller", "/api/v1/generations?states=failed", "/v1/models"] {
        assert_eq!(app.send(get(path)).await.status(), StatusCode::OK, "{path}");
    }
    let request = Request::get("/v1/models").header("x-api-key", &app.key).body(Body::empty()).unwrap();
    assert_eq!(app.send_as_is(request).await.status(), StatusCode::OK);

    let mut request = tonic::Request::new(ListModelsRequest::default());
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.key).parse().unwrap());
    ModelServiceClient::new(app.router()).list_models(request).await.unwrap();
}

const CHAT: &str = r#"{"model":"sandbox/echo","stream":false,"messages":[{"role":"user","content":"hello doors"}]}"#;
const STREAM: &str = r#"{"model":"sandbox/echo","stream":true,"messages":[{"role":"user","content":"hello doors"}]}"#;

#[tokio::test]
async fn one_chat_goes_through_every_door_and_is_booked_to_it() {
    let app = TestApp::start().await;
    let booked = async |headers: &HeaderMap| {
        let id = headers["x-generation-id"].to_str().unwrap();
        assert!(headers["x-gateway-overhead-ms"].to_str().unwrap().parse::<f64>().unwrap() >= 0.0);
        let found = json(app.send(get(&format!("/api/v1/generations/{id}"))).await).await;
        assert_eq!(found["generation"]["state"], "completed", "{found}");
        found["generation"]["door"].as_str().unwrap().to_owned()
    };

    let whole = app.send(post("/api/v1/chat", CHAT)).await;
    let headers = whole.headers().clone();
    let whole = json(whole).await;
    assert!(whole["message"]["content"].to_string().contains("hello doors"), "{whole}");
    assert_eq!(booked(&headers).await, "rest");

    let events = app.send(post("/api/v1/chat", STREAM)).await;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let headers = events.headers().clone();
    let events = text(events).await;
    assert!(events.starts_with("event: meta\nid: 1\ndata: {"), "{events}");
    assert!(events.contains("\nevent: done\n") && events.ends_with("}\n\n"), "{events}");
    assert_eq!(booked(&headers).await, "rest");

    let whole = app.send(post("/v1/chat/completions", CHAT)).await;
    let headers = whole.headers().clone();
    let whole = json(whole).await;
    assert!(whole["choices"][0]["message"]["content"].as_str().unwrap().contains("hello doors"), "{whole}");
    assert_eq!(booked(&headers).await, "openai");

    let chunks = app.send(post("/v1/chat/completions", STREAM)).await;
    let headers = chunks.headers().clone();
    assert!(text(chunks).await.ends_with("data: [DONE]\n\n"));
    assert_eq!(booked(&headers).await, "openai");

    let mut request = tonic::Request::new(ChatRequest {
        model: "sandbox/echo".to_owned(),
        messages: vec![Message::text(Role::User, "hello doors")],
        ..Default::default()
    });
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.key).parse().unwrap());
    let answer = ChatServiceClient::new(app.router()).stream_chat(request).await.unwrap();
    let headers = answer.metadata().clone().into_headers();
    let events: Vec<_> = answer.into_inner().try_collect().await.unwrap();
    assert!(matches!(events.last().unwrap().event, Some(Event::Done(_))));
    assert_eq!(
        events.iter().map(|event| event.sequence).collect::<Vec<_>>(),
        (1..=events.len() as u32).collect::<Vec<_>>()
    );
    assert_eq!(booked(&headers).await, "grpc");
}

#[tokio::test]
async fn an_export_is_lines_or_a_table() {
    let app = TestApp::start().await;
    assert_eq!(app.send(post("/api/v1/chat", CHAT)).await.status(), StatusCode::OK);
    let lines = text(app.send(get("/api/v1/usage/export?states=completed")).await).await;
    let line: serde_json::Value = serde_json::from_str(lines.trim_end()).unwrap();
    assert_eq!(line["door"], "rest");
    let table = app.send(get("/api/v1/usage/export?format=csv")).await;
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8");
    let table = text(table).await;
    assert!(table.starts_with("id,create_time,"), "{table}");
    assert_eq!(table.lines().count(), 2, "{table}");
    assert_eq!(text(app.send(get("/api/v1/usage/export?states=failed")).await).await, "");
}
