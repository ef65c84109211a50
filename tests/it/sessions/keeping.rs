//! What is kept: pages, searches, documents, whose it is and for how long.

use std::time::Instant;

use axum::http::StatusCode;
use generative_gateway::{
    pb::{Message, Role},
    service::clock::now_ms,
    store::sessions::{NewMessage, NewTurn},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ask, ask_as, chat, get, id, say, session, text, texts};
use crate::app::TestApp;

/// Fills a session with that many messages, the last of them an answer that never came.
async fn fill(app: &TestApp, session: &str, count: usize) {
    let message = |number: usize| {
        let role = if number % 2 == 1 { Role::User } else { Role::Assistant };
        let text = format!("message {number} of many");
        NewMessage { id: Uuid::now_v7(), message: Message::text(role, &text), text, tokens: 8 }
    };
    let turn = NewTurn {
        session_id: session.strip_prefix("ses_").unwrap().parse().unwrap(),
        messages: (1..count).map(message).collect(),
        answer_id: Uuid::now_v7(),
        generation_id: Uuid::now_v7(),
        now_ms: now_ms(),
        ..NewTurn::default()
    };
    assert!(app.database.store.begin_turn(&turn).await.unwrap());
}

#[tokio::test]
async fn five_thousand_messages_are_paged_from_either_end() {
    let app = TestApp::start().await;
    let session = session(&app, json!({"model": "sandbox/echo"})).await;
    fill(&app, &session, 5_000).await;
    let mut orders = Vec::new();
    for order in ["newest", "oldest"] {
        let (mut token, mut found) = (String::new(), Vec::new());
        loop {
            let path =
                format!("/api/v1/sessions/{session}/messages?order_by={order}&page_size=1000&page_token={token}");
            let page = get(&app, &path).await;
            assert_eq!(page["totals"]["messages"] == 5_000, token.is_empty(), "totals are on the first page alone");
            found.extend(page["messages"].as_array().unwrap().iter().map(text));
            token = page["next_page_token"].as_str().unwrap_or_default().to_owned();
            if token.is_empty() {
                break;
            }
        }
        orders.push(found);
    }
    let [newest, oldest] = &mut orders[..] else { unreachable!() };
    assert_eq!((oldest.len(), oldest[0].as_str()), (5_000, "message 1 of many"));
    newest.reverse();
    assert_eq!(newest, oldest);

    let since = Instant::now();
    let page = get(&app, &format!("/api/v1/sessions/{session}/messages?query=MESSAGE+4711")).await;
    println!("a search among 5,000 messages took {:?}", since.elapsed());
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);

    // A fork deep in it is still few runs.
    let forked = texts(&app, &session, "&page_size=1&query=message+2500+of").await;
    assert_eq!(forked, ["message 2500 of many"]);
    let page = get(&app, &format!("/api/v1/sessions/{session}/messages?query=2500+of")).await;
    let fork = &page["messages"][0]["message"]["id"];
    let body = json!({"parent_message_id": fork, "messages": [{"role": "user", "content": "otherwise"}]});
    chat(&app, &session, body).await;
    let page = get(&app, &format!("/api/v1/sessions/{session}/messages?page_size=3")).await;
    let last: Vec<_> = page["messages"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(last, ["otherwise", "otherwise", "message 2500 of many"]);
    assert_eq!(page["totals"]["messages"], 2_502);
}

#[tokio::test]
async fn sessions_are_found_by_title_and_by_what_was_said() {
    let app = TestApp::start().await;
    let sky = session(&app, json!({"model": "sandbox/echo"})).await;
    say(&app, &sky, "Why is the Sky blue at 100% of noons?").await;
    let sea = session(&app, json!({"model": "sandbox/echo", "title": "The Sea", "end_user": "ann"})).await;
    let found = async |query: &str| {
        let list = get(&app, &format!("/api/v1/sessions?{query}")).await;
        let sessions = list["sessions"].as_array().cloned().unwrap_or_default();
        sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("query=sky+BLUE").await, [sky.as_str()]);
    assert_eq!(found("query=100%25+of").await, [sky.as_str()]);
    assert!(found("query=100_").await.is_empty());
    assert_eq!(found("query=sea").await, [sea.as_str()]);
    assert_eq!(found("end_user=ann").await, [sea.as_str()]);
    assert_eq!(found("").await, [sea.as_str(), &sky], "last used first");

    let list = get(&app, "/api/v1/sessions?page_size=1").await;
    let token = list["next_page_token"].as_str().unwrap();
    assert_eq!(found(&format!("page_size=1&page_token={token}")).await, [sky.as_str()]);
    let (status, refused) =
        ask(&app, "GET", &format!("/api/v1/sessions?query=sky&page_token={token}"), Value::Null).await;
    assert_eq!((status, &refused["error"]["reason"]), (StatusCode::BAD_REQUEST, &json!("cursor_invalid")));

    let change = json!({"title": "Colours", "metadata": {"a": "1", "b": "2"}, "settings": {"top_p": 0.5}});
    let path = format!("/api/v1/sessions/{sky}");
    ask(&app, "PATCH", &path, change).await;
    let (_, changed) = ask(&app, "PATCH", &path, json!({"metadata": {"a": ""}, "retention_days": 3})).await;
    let changed = &changed["session"];
    assert_eq!((&changed["title"], &changed["metadata"]), (&json!("Colours"), &json!({"b": "2"})));
    assert_eq!(changed["settings"]["top_p"], 0.5);
    assert!(changed["expire_time"].is_string());
    let (_, changed) = ask(&app, "PATCH", &path, json!({"title": ""})).await;
    assert_eq!(changed["session"]["title"], "Why is the Sky blue at 100% of noons?");
}

#[tokio::test]
async fn a_session_is_seen_by_its_key_and_its_admins_alone() {
    let app = TestApp::start().await;
    app.gateway.keys.create_project("team").await.unwrap();
    let other = app.gateway.keys.create("team", "other", false, None).await.unwrap();
    let lead = app.gateway.keys.create("team", "lead", true, None).await.unwrap();
    let (_, made) =
        ask_as(&app, &app.inference_key, "POST", "/api/v1/sessions", json!({"model": "sandbox/echo"})).await;
    let session = made["session"]["id"].as_str().unwrap();
    let path = format!("/api/v1/sessions/{session}");
    for key in [&app.inference_key, &app.key] {
        assert_eq!(ask_as(&app, key, "GET", &path, Value::Null).await.0, StatusCode::OK);
    }
    let body = json!({"session_id": session, "messages": [{"role": "user", "content": "hello"}]});
    for key in [&other, &lead] {
        for (method, path, body) in [
            ("GET", path.clone(), Value::Null),
            ("GET", format!("{path}/messages"), Value::Null),
            ("GET", format!("{path}/export"), Value::Null),
            ("PATCH", path.clone(), json!({"title": "mine"})),
            ("DELETE", path.clone(), Value::Null),
            ("POST", "/api/v1/chat".to_owned(), body.clone()),
        ] {
            let (status, refused) = ask_as(&app, key, method, &path, body).await;
            assert_eq!((status, &refused["error"]["field"]), (StatusCode::NOT_FOUND, &json!("session_id")), "{path}");
        }
        assert_eq!(ask_as(&app, key, "GET", "/api/v1/sessions", Value::Null).await.1["sessions"], Value::Null);
    }
}

#[tokio::test]
async fn a_session_is_exported_and_deleted_with_media_that_nobody_else_holds() {
    let app = TestApp::start().await;
    let picture = |data: &str| json!({"image": {"data": data, "media_type": "image/png"}});
    let [one, two] = [
        session(&app, json!({"model": "sandbox/echo", "system_prompt": "be kind", "title": "Two: pictures"})).await,
        session(&app, json!({"model": "sandbox/echo"})).await,
    ];
    let body = json!({"messages": [{"role": "user", "content": ["see", picture("AAAA"), picture("BBBB")]}]});
    let answer = chat(&app, &one, body).await;
    chat(&app, &two, json!({"messages": [{"role": "user", "content": ["see", picture("AAAA")]}]})).await;

    let document = get(&app, &format!("/api/v1/sessions/{one}/export")).await;
    assert_eq!(document["filename"], "two-pictures.md");
    let content = document["content"].as_str().unwrap();
    for part in ["# Two: pictures", "be kind", "## Prompt", "[Image: image/png, 3 bytes]", "## Answer (sandbox/echo)"] {
        assert!(content.contains(part), "{part}: {content}");
    }
    let document = get(&app, &format!("/api/v1/sessions/{one}/export?format=json&all_branches=true")).await;
    let content: Value = serde_json::from_str(document["content"].as_str().unwrap()).unwrap();
    assert_eq!(content["messages"][1]["message"]["id"], id(&answer));
    assert_eq!(content["messages"][0]["message"]["content"][2]["image"]["data"], "BBBB");

    let sql = app.database.sql().await;
    assert_eq!(sql.number("SELECT COUNT(*) FROM blobs").await, 2);
    ask(&app, "DELETE", &format!("/api/v1/sessions/{one}"), Value::Null).await;
    assert_eq!(sql.number("SELECT COUNT(*) FROM blobs").await, 1);
    assert_eq!(sql.number("SELECT COUNT(*) FROM messages").await, 2);
    // The books keep what was paid.
    assert_eq!(app.booked().await, 2);
}

#[tokio::test]
async fn sessions_expire_by_their_own_rule_or_the_gateway_s() {
    let mut config = generative_gateway::config::Config::default();
    config.sessions.retention_days = 30;
    let app = TestApp::configured(config).await;
    let [by_default, short, forever] = [
        session(&app, json!({})).await,
        session(&app, json!({"retention_days": 2})).await,
        session(&app, json!({"retention_days": 0})).await,
    ];
    let left = async |days: i64| {
        app.gateway.delete_expired(now_ms() + days * 24 * 3_600_000).await.unwrap();
        let list = get(&app, "/api/v1/sessions").await;
        list["sessions"].as_array().unwrap().iter().map(|session| session["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(left(1).await, [forever.as_str(), &short, &by_default]);
    assert_eq!(left(3).await, [forever.as_str(), &by_default]);
    assert_eq!(left(31).await, [forever.as_str()]);
}
