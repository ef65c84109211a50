//! Turns: what is sent, what is kept, and how they end.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use futures::future::join_all;
use generative_gateway::{
    app::{Role, assemble},
    error::Reason,
    pb::{self, GenerationState},
    provider::Registry,
    service::Caller,
};
use serde_json::{Value, json};

use super::{ask, before, chat, get, id, parent, say, session, text, texts, upstream};
use crate::{
    app::{self, TestApp},
    host::{self, End, Host, OVER, STREAM, chunk, good, good_end, said},
};

const PNG: &str = "iVBORw0KGgo=";
const PDF: &str = "JVBERi0xLjQK";

/// A stream of these deltas with that end.
fn stream(deltas: &[Value], finish: &str) -> String {
    let event = |delta: &Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        chunk(&format!("data: {}\n\n", json!({"id": "up-1", "model": "a/b", "choices": [choice]})))
    };
    let deltas: String = deltas.iter().map(|delta| event(delta, Value::Null)).collect();
    [STREAM, &deltas, &event(&json!({}), finish.into()), &chunk("data: [DONE]\n\n"), OVER].concat()
}

/// The shapes of OpenRouter's reasoning: text whose signature comes later, data that only the provider reads, and a
/// signature that belongs to a call.
fn thinking_and_a_call() -> String {
    let detail = |detail: Value| json!({"role": "assistant", "content": "", "reasoning_details": [detail]});
    let call = json!({"index": 0, "id": "call_1", "type": "function",
        "function": {"name": "look_up", "arguments": "{\"word\":\"sky\"}"}});
    let deltas = [
        detail(json!({"type": "reasoning.text", "text": "First ", "format": "anthropic-claude-v1", "index": 0})),
        detail(json!({"type": "reasoning.text", "text": "thoughts", "format": "anthropic-claude-v1", "index": 0})),
        detail(json!({"type": "reasoning.text", "signature": "c2ln", "format": "anthropic-claude-v1", "index": 0})),
        detail(json!({"type": "reasoning.encrypted", "data": "ZW5j", "format": "anthropic-claude-v1", "index": 1})),
        detail(json!({"type": "reasoning.encrypted", "data": "dG91Z2h0", "id": "call_1",
            "format": "google-gemini-v1", "index": 2})),
        json!({"content": "Let me look."}),
        json!({"tool_calls": [call]}),
    ];
    stream(&deltas, "tool_calls")
}

#[tokio::test]
async fn a_conversation_comes_back_whole_with_media_thinking_and_calls() {
    let image = json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PNG}")}});
    let drawn = stream(&[json!({"content": "Blue.", "images": [image]})], "stop");
    let answers = [thinking_and_a_call(), drawn, good("Yes.")].map(|answer| (answer, End::Close));
    let (app, mut host) = before(answers.into()).await;
    let session = session(
        &app,
        json!({"model": "openrouter/a/b", "system_prompt": "be kind", "settings":
            {"temperature": 0.25, "tools": [{"function": {"name": "look_up", "parameters": {"type": "object"}}}]}}),
    )
    .await;

    let content = json!([
        "What is this?",
        {"image": {"data": PNG, "media_type": "image/png"}},
        {"file": {"data": PDF, "media_type": "application/pdf", "filename": "sky.pdf"}},
    ]);
    let first = chat(&app, &session, json!({"messages": [{"role": "user", "content": content}]})).await;
    let sent = upstream(&mut host).await;
    assert_eq!(sent["temperature"], 0.25);
    assert_eq!(sent["tools"][0]["function"]["name"], "look_up");
    assert_eq!(sent["messages"][0]["content"], "be kind");
    assert_eq!(first["session_id"], session.as_str());

    let result = json!({"tool_result": {"tool_call_id": "call_1", "content": "blue"}});
    let second = chat(&app, &session, json!({"messages": [{"role": "tool", "content": [result]}]})).await;
    let asked_with_call = upstream(&mut host).await["messages"].clone();
    assert_ne!(id(&first), id(&second));

    // The third comes through the door of a client that knows nothing of sessions but a header.
    let body = json!({"model": "openrouter/a/b", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "Sure?"}, image]}]});
    let request = Request::post("/v1/chat/completions").header("x-session-id", &session);
    let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK, "{}", app::text(answer).await);
    let sent = upstream(&mut host).await;
    let messages = sent["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "assistant", "user"]);
    assert_eq!(messages[..4], asked_with_call.as_array().unwrap()[..], "the beginning is the same, for caches");

    assert_eq!(messages[1]["content"][1]["image_url"]["url"], format!("data:image/png;base64,{PNG}"));
    assert_eq!(messages[1]["content"][2]["file"]["file_data"], format!("data:application/pdf;base64,{PDF}"));
    assert_eq!(messages[2]["tool_calls"][0]["id"], "call_1");
    let details = messages[2]["reasoning_details"].as_array().unwrap();
    let has = |at: usize, name: &str, value: &str| assert_eq!(details[at][name], value, "{details:?}");
    has(0, "type", "reasoning.text");
    has(0, "text", "First thoughts");
    has(0, "signature", "c2ln");
    has(1, "data", "ZW5j");
    has(2, "data", "dG91Z2h0");
    has(2, "id", "call_1");
    has(2, "format", "google-gemini-v1");
    assert!(messages[4].to_string().contains("Blue."));

    // Given twice and drawn once, the picture is kept once.
    let sql = app.database.sql().await;
    assert_eq!(sql.numbers("SELECT COUNT(*), CAST(SUM(size) AS BIGINT) FROM blobs").await, [2, 8 + 9]);
    let page = get(&app, &format!("/api/v1/sessions/{session}/messages?order_by=oldest")).await;
    assert_eq!(page["messages"][0]["message"]["content"][2]["file"]["data"], PDF);
    assert_eq!(page["messages"][3]["state"], "completed");
    assert_eq!(page["totals"]["messages"], 6);
}

#[tokio::test]
async fn edits_and_new_answers_are_branches_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let session = session(&app, json!({"model": "sandbox/echo"})).await;
    let first = say(&app, &session, "one").await;
    let second = say(&app, &session, "two").await;
    let edit = json!({"parent_message_id": id(&first), "messages": [{"role": "user", "content": "zwei"}]});
    let edited = chat(&app, &session, edit).await;
    assert_eq!(texts(&app, &session, "").await, ["one", "one", "zwei", "zwei"]);
    let old = format!("&leaf_message_id={}", id(&second));
    assert_eq!(texts(&app, &session, &old).await, ["one", "one", "two", "two"]);

    let again = chat(&app, &session, json!({"parent_message_id": parent(&edited)})).await;
    assert_eq!(parent(&again), parent(&edited));
    let page = get(&app, &format!("/api/v1/sessions/{session}/messages?page_size=3")).await;
    assert_eq!(page["messages"][0]["sibling_ids"], json!([id(&edited), id(&again)]));
    assert_eq!(page["messages"][1]["sibling_ids"], json!([parent(&second), parent(&edited)]));
    assert_eq!(texts(&app, &session, "&all_branches=true").await.len(), 7);
    let shown = get(&app, &format!("/api/v1/sessions/{session}")).await;
    assert_eq!(shown["session"]["leaf_message_id"], id(&again));
    assert_eq!((&shown["session"]["totals"]["messages"], &shown["session"]["title"]), (&json!(7), &json!("one")));

    // Where there is nothing to answer, that is said.
    let (status, refused) = ask(&app, "POST", "/api/v1/chat", json!({"session_id": session})).await;
    assert_eq!((status, &refused["error"]["field"]), (StatusCode::BAD_REQUEST, &json!("messages")));
}

#[tokio::test]
async fn an_edit_of_the_first_message_is_a_branch_too() {
    let app = TestApp::start().await;
    let session = session(&app, json!({"model": "sandbox/echo"})).await;
    let first = say(&app, &session, "one").await;
    let second = say(&app, &session, "two").await;
    let edit = |field: &str| json!({"from_start": true, "messages": [{"role": "user", "content": "eins"}], field: ""});
    let edited = chat(&app, &session, edit("parent_message_id")).await;
    assert_eq!(texts(&app, &session, "").await, ["eins", "eins"]);
    let page = get(&app, &format!("/api/v1/sessions/{session}/messages?order_by=oldest")).await;
    assert_eq!(page["messages"][0]["sibling_ids"], json!([parent(&first), parent(&edited)]));
    let old = format!("&leaf_message_id={}", id(&second));
    assert_eq!(texts(&app, &session, &old).await, ["one", "one", "two", "two"]);

    let mut both = edit("parent_message_id");
    (both["session_id"], both["parent_message_id"]) = (session.as_str().into(), id(&first).into());
    let mut alone = edit("parent_message_id");
    alone["model"] = "sandbox/echo".into();
    for body in [both, alone] {
        let (status, refused) = ask(&app, "POST", "/api/v1/chat", body).await;
        assert_eq!((status, &refused["error"]["field"]), (StatusCode::BAD_REQUEST, &json!("from_start")));
    }
    let body = json!({"model": "sandbox/echo", "session_id": session, "from_start": true,
        "messages": [{"role": "user", "content": "uno"}]});
    assert_eq!(ask(&app, "POST", "/v1/chat/completions", body).await.0, StatusCode::OK);
    assert_eq!(texts(&app, &session, "").await, ["uno", "uno"]);
}

#[tokio::test]
async fn turns_at_once_are_branches_and_one_of_them_is_the_leaf() {
    let app = TestApp::start().await;
    let session = session(&app, json!({"model": "sandbox/echo"})).await;
    let first = say(&app, &session, "begin").await;
    let words: Vec<_> = (0..8).map(|number| format!("number {number}")).collect();
    let parent_id = id(&first);
    let turns = words.iter().map(async |word| {
        let body = json!({"parent_message_id": parent_id, "messages": [{"role": "user", "content": word}]});
        chat(&app, &session, body).await
    });
    let answers = join_all(turns).await;
    for (word, answer) in words.iter().zip(&answers) {
        let leaf = format!("&leaf_message_id={}", id(answer));
        assert_eq!(texts(&app, &session, &leaf).await, ["begin", "begin", word, word]);
    }
    let shown = get(&app, &format!("/api/v1/sessions/{session}")).await;
    assert!(answers.iter().any(|answer| id(answer) == shown["session"]["leaf_message_id"]), "{shown}");
    assert_eq!(shown["session"]["totals"]["messages"], 18);
}

#[tokio::test]
async fn what_does_not_fit_the_context_is_left_out_by_turns_and_told() {
    // 8,192 tokens of context, half of which the answer may take.
    let model = "gryphe/mythomax-l2-13b";
    let (app, mut host) = before((0..4).map(|_| (good("fine"), End::Close)).collect()).await;
    let session = session(&app, json!({"model": model, "system_prompt": "be brief"})).await;
    for word in ["a", "b", "c"] {
        say(&app, &session, &word.repeat(6_400)).await;
        upstream(&mut host).await;
    }
    let answer = say(&app, &session, "d").await;
    let sent = upstream(&mut host).await;
    let first: Vec<_> = sent["messages"].as_array().unwrap().iter().map(|message| message.to_string()).collect();
    assert_eq!(first.len(), 6, "{first:?}");
    assert!(first[0].contains("be brief") && first[1].contains("bbb") && first[5].contains("\"d\""), "{first:?}");
    let warning = answer["warnings"].as_array().unwrap().iter().find(|told| told["code"] == "history_trimmed");
    assert!(warning.unwrap()["message"].as_str().unwrap().contains("2 oldest messages"), "{warning:?}");
    // All of it is still there.
    assert_eq!(texts(&app, &session, "").await.len(), 8);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_kept_and_one_that_never_began_is_not() {
    let refused = crate::host::whole("400 Bad Request", "", r#"{"error":{"code":400,"message":"no"}}"#);
    let broken = [STREAM, &said("half a")].concat();
    let answers = vec![(refused, End::Close), (broken, End::Close), (good("whole"), End::Close)];
    let (app, mut host) = before(answers).await;
    let session = session(&app, json!({"model": "openrouter/a/b"})).await;
    let body = json!({"session_id": session, "messages": [{"role": "user", "content": "hello"}]});

    let (status, _) = ask(&app, "POST", "/api/v1/chat", body.clone()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(texts(&app, &session, "&all_branches=true").await.is_empty());
    upstream(&mut host).await;

    let (status, _) = ask(&app, "POST", "/api/v1/chat", body).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    upstream(&mut host).await;
    let page = get(&app, &format!("/api/v1/sessions/{session}/messages")).await;
    let kept = &page["messages"][0];
    assert_eq!((text(kept).as_str(), &kept["state"]), ("half a", &json!("failed")));
    assert_eq!(kept["error"]["reason"], "provider_stream_truncated");
    assert_eq!(kept["error"]["code"], "unavailable");

    // Answered anew, the half answer is a sibling and not sent.
    let parent_id = &page["messages"][1]["message"]["id"];
    chat(&app, &session, json!({"parent_message_id": parent_id})).await;
    assert_eq!(upstream(&mut host).await["messages"].as_array().unwrap().len(), 1);
    assert_eq!(texts(&app, &session, "").await, ["hello", "whole"]);
}

#[tokio::test]
async fn deleting_a_session_stops_what_is_written_in_it() {
    let (app, mut host) = before(vec![([STREAM, &said("and then")].concat(), End::Hold)]).await;
    let session = session(&app, json!({"model": "openrouter/a/b"})).await;
    let body = json!({"session_id": session, "stream": true, "messages": [{"role": "user", "content": "go on"}]});
    let request = Request::post("/api/v1/chat").body(Body::from(body.to_string())).unwrap();
    let answer = app.send(request).await;
    let running = get(&app, "/api/v1/sessions?running=true").await;
    let shown = &running["sessions"][0];
    let generation = shown["running_generations"][0]["generation_id"].as_str().unwrap();
    assert_eq!(answer.headers()["x-generation-id"], generation);
    assert_eq!(texts(&app, &session, "").await, ["go on", ""]);

    let (status, _) = ask(&app, "DELETE", &format!("/api/v1/sessions/{session}"), Value::Null).await;
    assert_eq!(status, StatusCode::OK);
    let told = app::text(answer).await;
    assert!(told.contains("event: error") && told.contains("the session was deleted"), "{told}");
    host.left.recv().await.unwrap();
    assert_eq!(app.settled(generation).await.generation.unwrap().state(), GenerationState::Cancelled);
    let (status, _) = ask(&app, "GET", &format!("/api/v1/sessions/{session}"), Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    app.assert_idle();
}

#[tokio::test]
async fn a_session_that_two_replicas_delete_is_deleted_once_and_keeps_nothing() {
    let (host, provider) = Host::by_hand().await;
    let mut config = host::config(&host.base_url);
    config.privacy.capture = true;
    let app = TestApp::configured(config).await;
    let mut config = app.gateway.config.clone();
    config.database.url = Some(app.database.url.clone());
    let providers = Registry::from_config(&config, |_| None).unwrap();
    // It serves nothing, so that it may share a SQLite file; it deletes as a replica does.
    let other = assemble(config, providers, Role::Command).await.unwrap();
    let session = session(&app, json!({"model": "openrouter/a/b"})).await;
    provider.send([STREAM, &said("and then")].concat()).await.unwrap();
    let body = json!({"session_id": session, "stream": true, "messages": [{"role": "user", "content": "go on"}]});
    let answer = app.send(Request::post("/api/v1/chat").body(Body::from(body.to_string())).unwrap()).await;

    // The process that writes is not the one that was asked, so what runs goes on to its end.
    let delete = || pb::DeleteSessionRequest { session_id: session.clone() };
    let operator = Caller::operator();
    let (one, two) = tokio::join!(other.delete_session(&operator, delete()), other.delete_session(&operator, delete()));
    assert!(one.is_ok() || two.is_ok());
    for refused in [one.err(), two.err()].into_iter().flatten() {
        assert_eq!(refused.reason, Reason::NotFound);
    }
    provider.send(good_end()).await.unwrap();
    let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
    let told = app::text(answer).await;
    assert!(told.contains("event: done"), "{told}");
    assert_eq!(app.settled(&id).await.generation.unwrap().state(), GenerationState::Completed);
    let sql = app.database.sql().await;
    for table in ["sessions", "session_branches", "messages", "generation_contents"] {
        assert_eq!(sql.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
    app.assert_idle();
}

#[tokio::test]
async fn a_client_that_leaves_finds_what_had_come() {
    let (app, mut host) = before(vec![([STREAM, &said("so far")].concat(), End::Hold)]).await;
    let session = session(&app, json!({"model": "openrouter/a/b"})).await;
    let body = json!({"session_id": session, "stream": true, "messages": [{"role": "user", "content": "tell"}]});
    let request = Request::post("/api/v1/chat").body(Body::from(body.to_string())).unwrap();
    let mut stream = app.send(request).await.into_body();
    let mut heard = String::new();
    while !heard.contains("so far") {
        let frame = http_body_util::BodyExt::frame(&mut stream).await.unwrap().unwrap();
        heard.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    drop(stream);
    host.left.recv().await.unwrap();
    loop {
        let found = texts(&app, &session, "").await;
        if found == ["tell", "so far"] {
            break;
        }
        assert_eq!(found, ["tell", ""]);
        tokio::task::yield_now().await;
    }
}
