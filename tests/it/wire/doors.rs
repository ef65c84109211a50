//! The server half: what clients write is read or refused by name, and what they get is what their libraries expect.

use bytes::{Bytes, BytesMut};
use generative_gateway::{
    dialect::{Dialect, OutgoingChat, openai::server},
    error::{Error, Reason},
    events::Fold,
    pb::{self, chat_event::Event, content_part::Part},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const EVERYTHING: &str = include_str!("../../wire/everything.json");

fn read(body: &Value) -> Result<server::ChatBody, Error> {
    server::read_chat(Bytes::from(body.to_string()))
}

#[test]
fn every_field_of_the_format_is_read() {
    let _beside = super::snapshots();
    let body = read(&serde_json::from_str(EVERYTHING).expect("JSON")).expect("a request");
    assert!(body.stream && body.include_usage);
    insta::assert_json_snapshot!("everything_read", body.request);
}

#[test]
fn every_field_of_the_contract_is_written() {
    let _beside = super::snapshots();
    let body = read(&serde_json::from_str(EVERYTHING).expect("JSON")).expect("a request");
    let chat = OutgoingChat { request: &body.request, source: None, model: "a/b", facts: None, stream: true };
    let written = Dialect::OpenRouter.write_chat(chat).expect("a body");
    assert_eq!(written.warnings, []);
    let json: Value = serde_json::from_slice(&written.body).expect("JSON");
    insta::assert_json_snapshot!("everything_written", json);
    let again = Dialect::OpenRouter.write_chat(chat).expect("a body");
    assert_eq!(written.body, again.body, "the same request is the same bytes");
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let check = |field: &str, reason: Reason, change: &dyn Fn(&mut Value)| {
        let mut body =
            json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]});
        change(&mut body);
        let error = read(&body).expect_err(field);
        assert_eq!((error.field.as_deref(), error.reason), (Some(field), reason), "{error}");
    };
    let part = |part: Value| move |body: &mut Value| body["messages"][0]["content"][0] = part.clone();
    let set = |name: &'static str, value: Value| move |body: &mut Value| body[name] = value.clone();
    let wrong = Reason::InvalidRequest;
    let image = "messages[0].content[0].image_url";
    check("model", wrong, &set("model", json!(null)));
    check("messages", wrong, &set("messages", json!([])));
    check("messages", wrong, &set("messages", json!("hi")));
    check("messages[0].role", wrong, &|body| body["messages"][0]["role"] = json!("robot"));
    check("messages[0].content", wrong, &|body| body["messages"][0]["content"] = json!(7));
    check("messages[0].content[0].type", Reason::UnsupportedContent, &part(json!({"type": "smell"})));
    check("messages[0].content[0].text", wrong, &part(json!({"type": "text"})));
    check(image, wrong, &part(json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,a*b"}})));
    check(image, wrong, &part(json!({"type": "image_url", "image_url": {"url": "ftp://x/y.png"}})));
    check(
        image,
        Reason::UnsupportedContent,
        &part(json!({"type": "image_url", "image_url": "data:text/html;base64,YQ=="})),
    );
    check(
        "messages[0].content[0].input_audio.data",
        wrong,
        &part(json!({"type": "input_audio", "input_audio": {"data": "a*b", "format": "wav"}})),
    );
    check("temperature", wrong, &set("temperature", json!("hot")));
    check("max_tokens", wrong, &set("max_tokens", json!(-1)));
    check("stop[1]", wrong, &set("stop", json!(["a", 2])));
    check("tools[0].function.name", wrong, &set("tools", json!([{"type": "function", "function": {}}])));
    check("tool_choice", wrong, &set("tool_choice", json!("perhaps")));
    check("reasoning.effort", wrong, &set("reasoning", json!({"effort": "heroic"})));
    check("response_format.type", wrong, &set("response_format", json!({"type": "xml"})));
    check("provider.max_price.prompt", wrong, &set("provider", json!({"max_price": {"prompt": "dear"}})));
    check("metadata.a", wrong, &set("metadata", json!({"a": 1})));
    for garbage in ["", "{", "[1]", "\"a\"", "{\"a\":\u{1}}", &"[".repeat(5000)] {
        let error = server::read_chat(Bytes::copy_from_slice(garbage.as_bytes())).expect_err("garbage");
        assert_eq!(error.reason, Reason::MalformedBody);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_body_panics(
        at: prop::sample::Index,
        value in prop::sample::select(vec!["null", "7", "-1.5", "true", "\"\"", "\"x\"", "[]", "[null]", "{}", "[[{}]]", "1e300"]),
        raw_at: prop::sample::Index,
        raw in any::<u8>(),
    ) {
        // One value somewhere within is replaced, and then one byte.
        let mut body: Value = serde_json::from_str(EVERYTHING).expect("JSON");
        let places = count(&body);
        replace(&mut body, &mut at.index(places), &serde_json::from_str(value).expect("JSON"));
        let mut bytes = body.to_string().into_bytes();
        if let Ok(body) = server::read_chat(Bytes::from(bytes.clone())) {
            for source in [None, Some(&body.source)] {
                let chat = OutgoingChat { request: &body.request, source, model: "a/b", facts: None, stream: true };
                if let Ok(written) = Dialect::OpenRouter.write_chat(chat) {
                    serde_json::from_slice::<Value>(&written.body).expect("what is written is JSON");
                }
            }
        }
        let place = raw_at.index(bytes.len());
        bytes[place] = raw;
        let _ = server::read_chat(Bytes::from(bytes.clone()));
        let _ = server::read_embeddings(Bytes::from(bytes));
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

fn replace(value: &mut Value, at: &mut usize, by: &Value) -> bool {
    if *at == 0 {
        *value = by.clone();
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(list) => list.iter_mut().any(|value| replace(value, at, by)),
        Value::Object(map) => map.values_mut().any(|value| replace(value, at, by)),
        _ => false,
    }
}

/// A stream that shows everything.
fn events() -> Vec<pb::ChatEvent> {
    let thought = |block, delta| Event::Reasoning(pb::ReasoningEvent { block, delta: Some(delta) });
    let call = |block, id: &str, name: &str, arguments: &str| {
        let [id, name, arguments] = [id, name, arguments].map(str::to_owned);
        Event::ToolCalls(pb::ToolCallsEvent { block, id, name, arguments, ..Default::default() })
    };
    let token = |text: &str| Event::Token(pb::TokenEvent { block: 3, text: text.to_owned(), ..Default::default() });
    let image = pb::Image {
        source: Some(pb::image::Source::Data(Bytes::from_static(b"\x89PNG"))),
        media_type: "image/png".to_owned(),
        ..Default::default()
    };
    let citation = pb::Citation { url: "https://example.com".to_owned(), title: "E".to_owned(), ..Default::default() };
    let kind = pb::ReasoningKind::Text.into();
    let events = [
        Event::Meta(pb::MetaEvent {
            generation_id: "gen_1".to_owned(),
            model: Some(pb::ModelResolution { resolved: "a/b".to_owned(), ..Default::default() }),
            provider: "openrouter".to_owned(),
            upstream_provider: "Alpha".to_owned(),
            upstream_model: "a/b-20260101".to_owned(),
            warnings: vec![pb::Warning { code: "c".to_owned(), field: "f".to_owned(), message: "m".to_owned() }],
            ..Default::default()
        }),
        thought(0, pb::Reasoning { kind, text: "Plain.".to_owned(), ..Default::default() }),
        thought(
            1,
            pb::Reasoning {
                kind,
                text: "Hm".to_owned(),
                format: "anthropic-claude-v1".to_owned(),
                index: Some(0),
                ..Default::default()
            },
        ),
        thought(1, pb::Reasoning { kind, text: ", so.".to_owned(), index: Some(0), ..Default::default() }),
        thought(1, pb::Reasoning { kind, signature: "c2ln".to_owned(), index: Some(0), ..Default::default() }),
        thought(
            2,
            pb::Reasoning {
                kind: pb::ReasoningKind::Encrypted.into(),
                data: "c2VjcmV0".to_owned(),
                id: "rs_1".to_owned(),
                index: Some(1),
                ..Default::default()
            },
        ),
        token("Say \"hi\"\n"),
        token("é"),
        call(4, "call_1", "look", ""),
        call(5, "call_2", "find", "{\"q\":"),
        call(4, "", "", "{}"),
        call(5, "", "", "1}"),
        Event::ToolCalls(pb::ToolCallsEvent {
            block: 6,
            id: "srv".to_owned(),
            provider_executed: true,
            ..Default::default()
        }),
        Event::Images(pb::ImagesEvent { block: 7, image: Some(image) }),
        Event::Citations(pb::CitationsEvent { citations: vec![citation] }),
        Event::Audio(pb::AudioEvent {
            block: 8,
            delta: Some(pb::Audio { data: Bytes::from_static(b"\x00\x01"), id: "au".to_owned(), ..Default::default() }),
        }),
        Event::Done(pb::DoneEvent {
            finish_reason: pb::FinishReason::ToolCalls.into(),
            native_finish_reason: "tool_use".to_owned(),
            usage: Some(pb::Usage {
                input_tokens: Some(3),
                cache_read_tokens: Some(4),
                cache_write_tokens: Some(1),
                cache_write_1h_tokens: Some(2),
                output_tokens: Some(5),
                reasoning_tokens: Some(6),
                total_input_tokens: Some(10),
                total_output_tokens: Some(11),
                web_searches: Some(1),
                ..Default::default()
            }),
            cost_usd: Some(0.000_068_8),
            provider_fields: Some(serde_json::from_str(r#"{"system_fingerprint":"fp","id":"no"}"#).expect("JSON")),
            ..Default::default()
        }),
    ];
    events.into_iter().map(|event| pb::ChatEvent { sequence: 0, event: Some(event) }).collect()
}

pub(super) fn chunks(include_usage: bool, events: &[pb::ChatEvent]) -> String {
    let mut writer = server::ChunkWriter::new(1_700_000_000, include_usage);
    let mut out = BytesMut::new();
    events.iter().for_each(|event| writer.write(event, &mut out));
    String::from_utf8(out.to_vec()).expect("text")
}

#[test]
fn a_stream_is_written_as_openais_clients_read_it() {
    let _beside = super::snapshots();
    let text = chunks(true, &events());
    insta::assert_snapshot!("chunks", text);
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    let chunks: Vec<Value> = lines.map(|data| serde_json::from_str(data).expect("JSON")).collect();
    let choices: Vec<&Value> = chunks.iter().filter_map(|chunk| chunk["choices"].get(0)).collect();
    assert_eq!(choices.iter().filter(|choice| choice["delta"]["role"].is_string()).count(), 1, "the role is told once");
    assert_eq!(choices.iter().filter(|choice| choice["finish_reason"].is_string()).count(), 1, "so is the finish");
    assert!(text.ends_with("data: [DONE]\n\n"));
    assert!(!self::chunks(false, &events()).contains("\"usage\""), "usage is for those who ask");
}

#[test]
fn a_written_stream_reads_back_as_what_was_written() {
    let text = chunks(true, &events());
    let read = super::decode(true, [text.as_bytes()]);
    assert_eq!(read.reason, None);
    let mut fold = Fold::default();
    // What the provider ran itself is not told, and the door gives plain thinking an end before details.
    for event in events() {
        if !matches!(&event.event, Some(Event::ToolCalls(call)) if call.provider_executed) {
            fold.add(event);
        }
    }
    let [expected, got] = [fold.finish(), read.fold()].map(|response| response.message.expect("a message"));
    assert_eq!(got.content, expected.content);
    assert_eq!(read.ended().expect("an end").cost.as_deref(), Some("0.0000688"));
}

#[test]
fn a_whole_answer_is_written_and_reads_back() {
    let _beside = super::snapshots();
    let mut fold = Fold::default();
    events().into_iter().for_each(|event| fold.add(event));
    let response = fold.finish();
    let body = server::write_chat(&response, 1_700_000_000);
    insta::assert_json_snapshot!("whole", serde_json::from_slice::<Value>(&body).expect("JSON"));
    let read = super::decode(false, [&body[..]]).fold().message.expect("a message");
    let mut expected = response.message.expect("a message").content;
    expected.retain(|part| !matches!(&part.part, Some(Part::ToolCall(call)) if call.provider_executed));
    // The plain thinking is told with the rest, and the details alone are read again.
    expected.remove(0);
    let order = |parts: &[pb::ContentPart]| {
        let mut parts: Vec<String> = parts.iter().map(|part| format!("{part:?}")).collect();
        parts.sort();
        parts
    };
    assert_eq!(order(&read.content), order(&expected));
}

#[test]
fn a_stream_that_fails_ends_with_the_error() {
    let _beside = super::snapshots();
    let mut writer = server::ChunkWriter::new(1, false);
    let mut out = BytesMut::new();
    writer.write(&events()[0], &mut out);
    writer.write(&events()[6], &mut out);
    writer.error(&Error::new(Reason::ProviderOverloaded, "the provider is overloaded; try again"), &mut out);
    insta::assert_snapshot!("chunks_failed", String::from_utf8(out.to_vec()).expect("text"));
    let error = Error::invalid("messages[0].role", "`messages[0].role` must be one of …")
        .with_suggestions(vec!["x".to_owned()]);
    insta::assert_json_snapshot!("error", serde_json::from_slice::<Value>(&server::write_error(&error)).expect("JSON"));
}

#[test]
fn vectors_leave_in_the_encoding_that_was_asked_for() {
    let float = r#"{"object":"list","data":[{"object":"embedding","index":1,"embedding":[0.5,-2]},{"object":"embedding","index":0,"embedding":[1,0.1]}],"model":"m","usage":{"prompt_tokens":3,"total_tokens":3,"cost":6e-8}}"#;
    let embedded = Dialect::OpenRouter.read_embeddings(Bytes::from_static(float.as_bytes())).expect("an answer");
    let response = pb::EmbedResponse::default();
    let write = |encoding| server::write_embeddings(&response, Some(&embedded), encoding).expect("a body");
    assert_eq!(write(server::Encoding::Float), float, "untouched where nothing has to change");
    let json: Value = serde_json::from_slice(&write(server::Encoding::Base64)).expect("JSON");
    assert_eq!(json["data"][0], json!({"object": "embedding", "index": 0, "embedding": "AACAP83MzD0="}));
    assert_eq!(json["usage"], json!({"prompt_tokens": 3, "total_tokens": 3, "cost": 6e-8}));
    // And back.
    let embedded = Dialect::OpenRouter.read_embeddings(write(server::Encoding::Base64)).expect("an answer");
    let body = server::write_embeddings(&response, Some(&embedded), server::Encoding::Float).expect("a body");
    let json: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(json["data"][1]["embedding"], json!([0.5, -2.0]));
}

#[test]
fn a_large_embeddings_answer_is_read_from_its_ends() {
    let vector = vec!["0.123456"; 3000].join(",");
    let check = |head: &str, tail: &str| {
        let body = format!(r#"{{{head}"data":[{{"object":"embedding","index":0,"embedding":[{vector}]}}]{tail}}}"#);
        let embedded = Dialect::OpenRouter.read_embeddings(body.into()).expect("an answer");
        let got = (embedded.begun.upstream_model.as_str(), embedded.usage.and_then(|usage| usage.total_input_tokens));
        assert_eq!((got, embedded.cost.as_deref()), (("m", Some(3)), Some("0.00000006")), "{head} {tail}");
    };
    let usage = r#""usage":{"prompt_tokens":3,"cost":6e-8}"#;
    check(r#""object":"list","#, &format!(r#","model":"m",{usage}"#));
    check(&format!(r#""model":"m",{usage},"#), " ");
    check(r#" "model" : "m" , "#, &format!(" , {usage} "));
    check(&format!(r#""model":"m",{usage},"#), r#","notes":["a"]"#);
    let error = format!(r#"{{"error":{{"code":429,"message":"slow"}},"data":[{{"embedding":[{vector}]}}]}}"#);
    let error = Dialect::OpenRouter.read_embeddings(error.into()).expect_err("an error");
    assert_eq!(error.reason, Reason::ProviderRateLimited);
    for body in ["", "[]", "{}", r#"{"data":7}"#, "<html>"] {
        assert!(Dialect::OpenRouter.read_embeddings(body.into()).is_err(), "{body}");
    }
}
