//! Every recorded request, read and written again: as the client's own bytes, and from the contract alone.

use bytes::Bytes;
use generative_gateway::{
    dialect::{Dialect, OutgoingChat, OutgoingEmbed, openai::server},
    pb,
};
use serde_json::{Value, json};

use super::recordings;

#[test]
fn a_recorded_request_reaches_its_own_dialect_as_it_was_written() {
    let Some(recordings) = recordings("openrouter.chat") else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (recording, _) in recordings.iter().filter(|(recording, _)| recording["request"].is_object()) {
        count += 1;
        let sent = recording["request"].clone();
        let body = match server::read_chat(Bytes::from(sent.to_string())) {
            Ok(body) => body,
            Err(error) => {
                wrong.push(format!("{}: {error} at {:?}", recording["id"], error.field));
                continue;
            }
        };
        let written = write(&body.request, Some(&body), body.stream);
        let mut expected = sent;
        expected["model"] = json!("vendor/model");
        if body.stream {
            expected["stream_options"] = json!({"include_usage": true});
        }
        if written != expected {
            wrong.push(format!("{}: expected {expected}\n got {written}", recording["id"]));
        }
    }
    println!("openrouter.chat: {count} requests passed on, {} differences", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_recorded_request_survives_the_contract() {
    let Some(recordings) = recordings("openrouter.chat") else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (recording, _) in recordings.iter().filter(|(recording, _)| recording["request"].is_object()) {
        let Ok(body) = server::read_chat(Bytes::from(recording["request"].to_string())) else { continue };
        count += 1;
        let written = plain(write(&body.request, None, body.stream));
        let expected = plain(recording["request"].clone());
        if written != expected {
            wrong.push(format!("{}:\n expected {expected}\n got      {written}", recording["id"]));
        }
    }
    println!("openrouter.chat: {count} requests written from the contract, {} differences", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_recorded_embeddings_request_survives_both_ways() {
    let Some(recordings) = recordings("openrouter.embeddings") else { return };
    for (recording, _) in &recordings {
        let body = server::read_embeddings(Bytes::from(recording["request"].to_string())).expect("a request");
        for source in [None, Some(&body.source)] {
            let embed = OutgoingEmbed { request: &body.request, source, model: "vendor/model" };
            let written = Dialect::OpenRouter.write_embeddings(embed).expect("a body");
            let mut written: Value = serde_json::from_slice(&written.body).expect("JSON");
            let mut expected = recording["request"].clone();
            expected["model"] = json!("vendor/model");
            for side in [&mut written, &mut expected] {
                if side["input"].is_string() {
                    side["input"] = json!([side["input"]]);
                }
            }
            assert_eq!(written, expected, "{}", recording["id"]);
        }
    }
}

fn write(request: &pb::ChatRequest, body: Option<&server::ChatBody>, stream: bool) -> Value {
    let source = body.map(|body| &body.source);
    let chat = OutgoingChat { request, source, model: "vendor/model", facts: None, stream };
    let written = Dialect::OpenRouter.write_chat(chat).expect("a body");
    assert!(written.warnings.iter().all(|warning| warning.field == "n"), "{:?}", written.warnings);
    serde_json::from_slice(&written.body).expect("JSON")
}

/// A request without what may differ when it is written anew. Each line is a difference that is meant.
fn plain(mut request: Value) -> Value {
    drop_nulls(&mut request);
    let map = request.as_object_mut().expect("an object");
    map.remove("model");
    // Streams always report usage, and OpenRouter does so without being asked.
    map.remove("stream_options");
    map.remove("usage");
    // Absent means the same.
    if map.get("stream") == Some(&json!(false)) {
        map.remove("stream");
    }
    if map.get("n") == Some(&json!(1)) {
        map.remove("n");
    }
    // OpenRouter takes both names.
    if let Some(limit) = map.remove("max_completion_tokens") {
        map.insert("max_tokens".to_owned(), limit);
    }
    // Older words for the same knob.
    if map.remove("include_reasoning") == Some(json!(true)) {
        map.entry("reasoning").or_insert_with(|| json!({"enabled": true}));
    }
    if let Some(effort) = map.remove("reasoning_effort") {
        map.insert("reasoning".to_owned(), json!({"effort": effort}));
    }
    if let Some(reasoning) = map.get_mut("reasoning").and_then(Value::as_object_mut) {
        if reasoning.len() > 1 && reasoning.get("enabled") == Some(&json!(true)) {
            reasoning.remove("enabled");
        }
        if reasoning.get("effort") == Some(&json!("none")) {
            *reasoning = serde_json::Map::from_iter([("enabled".to_owned(), json!(false))]);
        }
        if reasoning.get("exclude") == Some(&json!(false)) {
            reasoning.remove("exclude");
        }
    }
    if map.get("tools") == Some(&json!([])) {
        map.remove("tools");
    }
    for tool in map.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
        // A hint about streaming for which the contract has no name; it reaches its own dialect as it was written.
        tool.as_object_mut().expect("a tool").remove("eager_input_streaming");
        if tool["function"]["description"] == "" {
            tool["function"].as_object_mut().expect("a function").remove("description");
        }
    }
    for message in map["messages"].as_array_mut().expect("messages") {
        plain_message(message);
    }
    request
}

fn plain_message(message: &mut Value) {
    let text = match message["content"].as_array().map(Vec::as_slice) {
        // A text alone is that text.
        Some([part]) if part.as_object().is_some_and(|part| part.len() == 2 && part["type"] == "text") => {
            Some(part["text"].clone())
        }
        _ => None,
    };
    if let Some(text) = text {
        message["content"] = text;
    }
    let map = message.as_object_mut().expect("a message");
    // No text beside calls is null, empty or absent.
    if map.get("content").is_some_and(|content| content == "") && map.contains_key("tool_calls") {
        map.remove("content");
    }
    if map.contains_key("reasoning_details") {
        // The details say the same.
        map.remove("reasoning");
    }
    if map.get("tool_calls") == Some(&json!([])) {
        map.remove("tool_calls");
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        Value::Number(number) => {
            // 1 and 1.0 are the same number.
            let float = number.as_f64().expect("a number");
            *value = json!(float);
        }
        _ => {}
    }
}

#[test]
fn thinking_is_clamped_to_what_the_model_can_and_never_in_silence() {
    let check = |thinking: Value, facts: Option<&pb::Model>, expected: Value, warned: Option<&str>| {
        let request = pb::ChatRequest {
            messages: vec![pb::Message::text(pb::Role::User, "hi")],
            thinking: Some(serde_json::from_value(thinking.clone()).expect("thinking")),
            ..pb::ChatRequest::default()
        };
        let chat = OutgoingChat { request: &request, source: None, model: "a/b", facts, stream: false };
        let written = Dialect::OpenRouter.write_chat(chat).expect("a body");
        let body: Value = serde_json::from_slice(&written.body).expect("JSON");
        assert_eq!(body["reasoning"], expected, "{thinking}");
        let codes: Vec<&str> = written.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, warned.into_iter().collect::<Vec<_>>(), "{thinking}");
    };
    let thinks = |mandatory: bool, efforts: &[&str]| pb::Model {
        thinking: Some(pb::ThinkingSupport {
            mandatory,
            supported_efforts: efforts.iter().map(|effort| (*effort).to_owned()).collect(),
            ..pb::ThinkingSupport::default()
        }),
        ..pb::Model::default()
    };
    let plain = pb::Model { supported_parameters: vec!["temperature".to_owned()], ..pb::Model::default() };
    check(json!({"effort": "minimal"}), None, json!({"effort": "minimal"}), None);
    check(json!({"effort": "high"}), Some(&thinks(false, &["high", "low"])), json!({"effort": "high"}), None);
    check(
        json!({"effort": "medium"}),
        Some(&thinks(false, &["high", "low"])),
        json!({"effort": "low"}),
        Some("thinking_clamped"),
    );
    check(
        json!({"effort": "max"}),
        Some(&thinks(false, &["high", "low"])),
        json!({"effort": "high"}),
        Some("thinking_clamped"),
    );
    check(json!({"mode": "off"}), Some(&thinks(false, &[])), json!({"enabled": false}), None);
    check(
        json!({"mode": "off"}),
        Some(&thinks(true, &["high", "low"])),
        json!({"effort": "low"}),
        Some("thinking_mandatory"),
    );
    check(json!({"mode": "auto", "exclude": true}), None, json!({"enabled": true, "exclude": true}), None);
    check(json!({"budget_tokens": 2000}), None, json!({"max_tokens": 2000}), None);
    check(json!({"effort": "high"}), Some(&plain), Value::Null, Some("thinking_unsupported"));
    check(json!({"mode": "off"}), Some(&plain), Value::Null, None);
}

#[test]
fn provider_options_complete_a_request_but_never_override_it() {
    let request: pb::ChatRequest = serde_json::from_value(json!({
        "model": "x",
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 0.5,
        "routing": {"order": ["alpha"]},
        "web_search": {"allowed_domains": ["example.com"], "max_results": 2},
        "provider_options": {"temperature": 2, "stream": true, "provider": {"order": ["beta"], "zdr": true}, "transforms": []},
    }))
    .expect("a request");
    let chat = OutgoingChat { request: &request, source: None, model: "a/b", facts: None, stream: false };
    let written = Dialect::OpenRouter.write_chat(chat).expect("a body");
    let body: Value = serde_json::from_slice(&written.body).expect("JSON");
    assert_eq!(
        body,
        json!({
            "model": "a/b",
            "messages": [{"role": "user", "content": "hi"}],
            "temperature": 0.5,
            "tools": [{"type": "openrouter:web_search", "parameters": {"max_results": 2, "allowed_domains": ["example.com"]}}],
            "provider": {"order": ["alpha"], "zdr": true},
            "transforms": [],
        })
    );
    let fields: Vec<&str> = written.warnings.iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(fields, ["provider_options.temperature", "provider_options.stream"]);
}
