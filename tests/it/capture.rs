//! What chats were asked and answered: kept where that is switched on, for those who may see the generation.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use generative_gateway::{
    config::Config,
    pb::{self, usage_service_client::UsageServiceClient},
    service::clock::now_ms,
};
use serde_json::{Value, json};

use crate::{
    app::{TestApp, json as json_of, text},
    host::{self, End, Host, STREAM, good, said, whole},
};

const DAY_MS: i64 = 24 * 3_600_000;

fn capturing(mut config: Config) -> Config {
    config.privacy.capture = true;
    config
}

async fn ask(app: &TestApp, key: &str, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {key}"));
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let answer = app.send_as_is(request.body(body).unwrap()).await;
    (answer.status(), json_of(answer).await)
}

/// What was kept of a generation, as the inference key sees it.
async fn content(app: &TestApp, id: &str) -> Value {
    let (status, found) =
        ask(app, &app.inference_key, "GET", &format!("/api/v1/generations/{id}/content"), &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    found
}

/// Asks the sandbox with the inference key; returns the answer.
async fn echo(app: &TestApp, mut body: Value) -> Value {
    if body["model"].is_null() {
        body["model"] = "sandbox/echo".into();
    }
    let (status, answer) = ask(app, &app.inference_key, "POST", "/api/v1/chat", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

fn id(answer: &Value) -> &str {
    answer["generation_id"].as_str().unwrap()
}

fn hello() -> Value {
    json!({"messages": [{"role": "user", "content": "hello"}]})
}

#[tokio::test]
async fn nothing_is_kept_unless_it_is_switched_on() {
    let app = TestApp::start().await;
    let answer = echo(&app, hello()).await;
    assert_eq!(content(&app, id(&answer)).await, json!({}));
    assert_eq!(app.database.sql().await.number("SELECT COUNT(*) FROM generation_contents").await, 0);
}

#[tokio::test]
async fn a_captured_chat_is_read_by_those_who_may_see_its_generation() {
    let app = TestApp::configured(capturing(Config::default())).await;
    let picture = json!({"image": {"data": "AAAA", "media_type": "image/png"}});
    let answer = echo(
        &app,
        json!({
            "model": "sandbox/tools",
            "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": ["see", picture]}],
            "tools": [{"function": {"name": "look_up"}}],
        }),
    )
    .await;
    let found = content(&app, id(&answer)).await;
    let kept = &found["content"];
    assert_eq!(kept["messages"][0]["content"][0]["text"], "be kind");
    assert_eq!(kept["messages"][1]["content"][1]["image"]["data"], "AAAA");
    assert_eq!(kept["tools"][0]["function"]["name"], "look_up");
    assert_eq!(kept["answer"]["content"], answer["message"]["content"]);
    assert_eq!(found["capturing"], true);
    assert!(found["expire_time"].is_string(), "{found}");

    let mut request = tonic::Request::new(pb::GetGenerationContentRequest { generation_id: id(&answer).to_owned() });
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.key).parse().unwrap());
    let told = UsageServiceClient::new(app.router()).get_generation_content(request).await.unwrap().into_inner();
    assert_eq!(told.content.unwrap().messages.len(), 2);

    app.gateway.keys.create_project("team").await.unwrap();
    let path = format!("/api/v1/generations/{}/content", id(&answer));
    let others = [
        app.gateway.keys.create("default", "other", false, None).await.unwrap(),
        app.gateway.keys.create("team", "lead", true, None).await.unwrap(),
    ];
    for key in others {
        let (status, refused) = ask(&app, &key, "GET", &path, &Value::Null).await;
        assert_eq!((status, &refused["error"]["field"]), (StatusCode::NOT_FOUND, &json!("generation_id")));
    }
    // Embeddings are on the books, and nothing of them is kept.
    let body = json!({"model": "sandbox/embed", "inputs": ["hello"]});
    let (_, embedded) = ask(&app, &app.inference_key, "POST", "/api/v1/embeddings", &body).await;
    assert_eq!(content(&app, id(&embedded)).await, json!({"capturing": true}));
}

#[tokio::test]
async fn what_broke_off_or_never_began_is_kept_as_far_as_it_came() {
    let host = Host::start(vec![
        ([STREAM, &said("so far")].concat(), End::Reset),
        (whole("400 Bad Request", "", r#"{"error":{"code":400,"message":"no"}}"#), End::Close),
        ([STREAM, &said("left")].concat(), End::Hold),
        (good("whole"), End::Close),
    ])
    .await;
    let app = TestApp::configured(capturing(host::config(&host.base_url))).await;
    let stream = json!({"model": "openrouter/a/b", "stream": true, "messages": [{"role": "user", "content": "hello"}]});
    let request = || {
        let request = Request::post("/v1/chat/completions").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", app.inference_key));
        request.body(Body::from(stream.to_string())).unwrap()
    };
    for expected in [json!("so far"), Value::Null] {
        let answer = app.send_as_is(request()).await;
        let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
        text(answer).await;
        let kept = content(&app, &id).await["content"].clone();
        assert_eq!(kept["messages"][0]["content"][0]["text"], "hello");
        assert_eq!(kept["answer"]["content"][0]["text"], expected, "{kept}");
    }
    // A client that goes away in the middle of its answer.
    let answer = app.send_as_is(request()).await;
    let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
    drop(answer);
    app.settled(&id).await;
    while content(&app, &id).await["content"].is_null() {
        tokio::task::yield_now().await;
    }
    // What a budget, a limit or a check refuses is not on the books, and nothing of it is kept.
    let (status, _) =
        ask(&app, &app.inference_key, "POST", "/api/v1/chat", &json!({"model": "no/such", "messages": []})).await;
    assert_ne!(status, StatusCode::OK);
    assert_eq!(app.database.sql().await.number("SELECT COUNT(*) FROM generation_contents").await, 3);
}

#[tokio::test]
async fn contents_expire_and_go_with_their_session_and_project() {
    let app = TestApp::configured(capturing(Config::default())).await;
    let sql = app.database.sql().await;
    let count = async |table: &str| sql.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    let picture = |data: &str| json!({"messages": [{"role": "user", "content": [{"image": {"data": data, "media_type": "image/png"}}]}]});
    let (_, made) = ask(&app, &app.inference_key, "POST", "/api/v1/sessions", &json!({})).await;
    let session = made["session"]["id"].as_str().unwrap();
    let mut turn = picture("AAAA");
    turn["session_id"] = session.into();
    let said = echo(&app, turn).await;
    let alone = echo(&app, picture("BBBB")).await;
    assert_eq!((count("generation_contents").await, count("blobs").await), (2, 2));

    ask(&app, &app.inference_key, "DELETE", &format!("/api/v1/sessions/{session}"), &Value::Null).await;
    assert!(content(&app, id(&said)).await["content"].is_null());
    assert_eq!((count("generation_contents").await, count("blobs").await), (1, 1));

    app.gateway.delete_expired(now_ms() + 29 * DAY_MS).await.unwrap();
    assert!(content(&app, id(&alone)).await["content"].is_object());
    app.gateway.delete_expired(now_ms() + 31 * DAY_MS).await.unwrap();
    assert!(content(&app, id(&alone)).await["content"].is_null());
    assert_eq!((count("generation_contents").await, count("message_blobs").await, count("blobs").await), (0, 0, 0));

    app.gateway.keys.create_project("team").await.unwrap();
    let key = app.gateway.keys.create("team", "one", false, None).await.unwrap();
    let mut body = picture("CCCC");
    body["model"] = "sandbox/echo".into();
    ask(&app, &key, "POST", "/api/v1/chat", &body).await;
    assert_eq!(count("generation_contents").await, 1);
    ask(&app, &app.key, "DELETE", "/api/v1/projects/team", &Value::Null).await;
    assert_eq!((count("generation_contents").await, count("message_blobs").await, count("blobs").await), (0, 0, 0));
}
