//! Conversations that the gateway keeps: what comes back into the next request, branches, pages, ends.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod keeping;
mod long;
mod turns;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    app::{TestApp, json as json_of},
    host::{self, Host},
};

/// A gateway before a provider that gives these answers.
async fn before(answers: Vec<(String, host::End)>) -> (TestApp, Host) {
    let host = Host::start(answers).await;
    (TestApp::configured(host::config(&host.base_url)).await, host)
}

/// Asks with the admin key.
async fn ask(app: &TestApp, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    ask_as(app, &app.key, method, path, body).await
}

async fn ask_as(app: &TestApp, key: &str, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {key}"));
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let answer = app.send_as_is(request.body(body).unwrap()).await;
    (answer.status(), json_of(answer).await)
}

/// Asks for what must be there.
async fn get(app: &TestApp, path: &str) -> Value {
    let (status, found) = ask(app, "GET", path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    found
}

/// Makes a session; returns its id.
async fn session(app: &TestApp, body: Value) -> String {
    let (status, made) = ask(app, "POST", "/api/v1/sessions", body).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    made["session"]["id"].as_str().unwrap().to_owned()
}

/// Chats in a session and returns the whole answer.
async fn chat(app: &TestApp, session: &str, mut body: Value) -> Value {
    body["session_id"] = session.into();
    let (status, answer) = ask(app, "POST", "/api/v1/chat", body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

async fn say(app: &TestApp, session: &str, text: &str) -> Value {
    chat(app, session, json!({"messages": [{"role": "user", "content": text}]})).await
}

/// The texts of a branch, oldest first.
async fn texts(app: &TestApp, session: &str, query: &str) -> Vec<String> {
    let page = get(app, &format!("/api/v1/sessions/{session}/messages?order_by=oldest{query}")).await;
    page["messages"].as_array().into_iter().flatten().map(text).collect()
}

/// What a stored message says.
fn text(stored: &Value) -> String {
    let parts = stored["message"]["content"].as_array().into_iter().flatten();
    parts.filter_map(|part| part["text"].as_str()).collect()
}

fn id(answer: &Value) -> &str {
    answer["message"]["id"].as_str().unwrap()
}

fn parent(answer: &Value) -> &str {
    answer["message"]["parent_id"].as_str().unwrap()
}

/// The body of the next request that the provider got.
async fn upstream(host: &mut Host) -> Value {
    let request = host.requests.recv().await.unwrap();
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}
