//! Bad input gets one clear error each, on every door: a stable reason, the field's path, and nothing of what was sent.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use generative_gateway::{
    config::{Config, Server},
    pb::{ChatRequest, Message, Role, chat_service_client::ChatServiceClient},
};
use tonic_types::StatusExt as _;

use crate::app::{TestApp, json};

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header("content-type", "application/json").body(body.into()).expect("a valid request")
}

async fn small() -> TestApp {
    let server = Server { max_body_bytes: 1000, ..Server::default() };
    TestApp::configured(Config { server, ..Config::default() }).await
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_each_shape() {
    let app = small().await;
    let large = format!(r#"{{"model":"{}"}}"#, "m".repeat(2000));
    let native = app.send(post("/api/v1/chat", large.clone())).await;
    assert_eq!(native.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(json(native).await["error"]["reason"], "body_too_large");
    let openai = app.send(post("/v1/chat/completions", large)).await;
    assert_eq!(openai.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(json(openai).await["error"]["code"], "body_too_large");

    let mut request = tonic::Request::new(ChatRequest {
        messages: vec![Message::text(Role::User, "m".repeat(2000))],
        ..Default::default()
    });
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.key).parse().unwrap());
    let status = ChatServiceClient::new(app.router()).chat(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn what_is_not_json_or_not_the_message_is_named_with_its_place() {
    let app = TestApp::start().await;
    let check = async |path: &str, body: &'static str, reason: &str, field: &str| {
        let answer = app.send(post(path, body)).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body}");
        let answer = json(answer).await;
        // OpenAI's shape has the reason as `code` and the field as `param`.
        let names = if path.starts_with("/v1/") { ["code", "param"] } else { ["reason", "field"] };
        let [told_reason, told_field] = names.map(|name| answer["error"][name].as_str().unwrap_or_default());
        assert_eq!((told_reason, told_field), (reason, field), "{answer}");
        assert!(!answer.to_string().contains("secret"), "{answer}");
    };
    check("/api/v1/chat", r#"{"model":"secret""#, "malformed_body", "").await;
    check("/api/v1/chat", r#"{"mesages":[]}"#, "malformed_body", "mesages").await;
    check("/api/v1/chat", r#"{"messages":[{"role":"secret"}]}"#, "malformed_body", "messages[0].role").await;
    check("/api/v1/embeddings", r#"{"dimensions":"secret"}"#, "malformed_body", "dimensions").await;
    check("/v1/chat/completions", r#"{"model":"secret""#, "malformed_body", "").await;
}

#[tokio::test]
async fn other_media_types_are_refused_and_curl_s_own_is_not() {
    let app = TestApp::start().await;
    let send = async |content_type: &str| {
        let request = Request::post("/api/v1/chat").header("content-type", content_type);
        let answer = app.send(request.body(Body::from("{")).unwrap()).await;
        (answer.status(), json(answer).await["error"]["reason"].clone())
    };
    assert_eq!(send("text/xml").await, (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type".into()));
    assert_eq!(
        send("application/x-www-form-urlencoded").await,
        (StatusCode::BAD_REQUEST, "malformed_body".into()),
        "taken as JSON, and read"
    );
}

#[tokio::test]
async fn a_broken_message_over_grpc_is_the_caller_s_fault() {
    let app = TestApp::start().await;
    // A field of length 127 in a message of two bytes.
    let request = Request::post("/gateway.v1.ChatService/Chat")
        .version(axum::http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .body(Body::from(&b"\0\0\0\0\x02\x0a\x7f"[..]))
        .unwrap();
    let answer = app.send(request).await;
    assert_eq!(answer.headers()["grpc-status"], "3");
    let status = tonic::Status::from_header_map(answer.headers()).unwrap();
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "MALFORMED_BODY");
}

#[tokio::test]
async fn an_unknown_query_parameter_is_refused_by_name() {
    let app = TestApp::start().await;
    for (path, name) in [
        ("/api/v1/models?modalty=image", "modalty"),
        ("/api/v1/generations?modles=a/b", "modles"),
        ("/api/v1/usage/summary?interval=decade", "interval"),
        ("/api/v1/usage/export?format=xlsx", "format"),
    ] {
        let answer = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        let answer = json(answer).await;
        assert_eq!(answer["error"]["reason"], "invalid_request", "{path}");
        assert_eq!(answer["error"]["field"], name, "{path}");
    }
}

#[tokio::test]
async fn a_deadline_that_cannot_be_read_is_refused() {
    let app = TestApp::start().await;
    let request = Request::get("/api/v1/models").header("x-request-timeout-ms", "soon").body(Body::empty()).unwrap();
    let answer = json(app.send(request).await).await;
    assert_eq!(answer["error"]["field"], "x-request-timeout-ms");
}
