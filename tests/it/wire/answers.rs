//! Every recorded answer, decoded whole and one byte at a time, says what it is known to say.

use std::time::SystemTime;

use generative_gateway::{
    dialect::{Dialect, Piece, openai::server},
    error::{Error, Reason},
    events::Fold,
    pb::{ChatEvent, DoneEvent, MetaEvent, ShortName, Usage, chat_event::Event, content_part::Part, image::Source},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Decoded, decode, doors::chunks, recordings};

#[test]
fn every_recorded_chat_says_what_it_is_known_to_say() {
    let Some(recordings) = recordings("openrouter.chat") else { return };
    let mut wrong = Vec::new();
    for (recording, expected) in &recordings {
        let body = recording["response_body"].as_str().expect("a text");
        let status = recording["status"].as_u64().expect("a status");
        let got = if status >= 400 {
            error_summary(&read_error(recording))
        } else {
            let streamed = recording["stream"] == true;
            let whole = decode(streamed, [body.as_bytes()]);
            if decode(streamed, body.as_bytes().chunks(1)) != whole {
                wrong.push(format!("{}: another answer one byte at a time", recording["id"]));
            }
            summary(&whole)
        };
        wrong.extend(differences(&recording["id"], expected, &got));
    }
    println!("openrouter.chat: {} recordings, {} differences", recordings.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_recorded_chat_survives_the_compatible_door() {
    let Some(recordings) = recordings("openrouter.chat") else { return };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (recording, _) in recordings.iter().filter(|(recording, _)| recording["status"] == 200) {
        count += 1;
        let body = recording["response_body"].as_str().expect("a text");
        let first = decode(recording["stream"] == true, [body.as_bytes()]);
        let events = gateway_events(&first);
        let streamed = decode(true, [chunks(true, &events).as_bytes()]);
        let mut fold = Fold::default();
        events.into_iter().for_each(|event| fold.add(event));
        let whole = decode(false, [&server::write_chat(&fold.finish(), 0)[..]]);
        let expected = summary(&first);
        for (door, mut got) in [("streamed", summary(&streamed)), ("whole", summary(&whole))] {
            // An exact decimal goes through a double on this door; and a whole answer has one order of its own.
            got["provider_cost_usd"] = same_cost(&got["provider_cost_usd"], &expected["provider_cost_usd"]);
            if door == "whole" {
                got["events"] = expected["events"].clone();
            }
            for (key, expected) in expected.as_object().expect("an object") {
                if got[key] != *expected {
                    wrong.push(format!("{}.{key} {door}: expected {expected}, got {}", recording["id"], got[key]));
                }
            }
        }
    }
    println!("openrouter.chat: {count} answers through the door, {} differences", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The events that the gateway makes of an answer.
fn gateway_events(decoded: &Decoded) -> Vec<ChatEvent> {
    let events = decoded.pieces.iter().map(|piece| match piece {
        Piece::Begun(begun) => Event::Meta(MetaEvent {
            generation_id: "gen_1".to_owned(),
            upstream_model: begun.upstream_model.clone(),
            upstream_provider: begun.upstream_provider.clone(),
            ..MetaEvent::default()
        }),
        Piece::Event(event) => event.clone(),
        Piece::Ended(ended) => Event::Done(DoneEvent {
            finish_reason: ended.finish_reason.into(),
            native_finish_reason: ended.native_finish_reason.clone(),
            usage: ended.usage,
            cost_usd: ended.cost.as_ref().map(|cost| cost.parse().expect("a number")),
            provider_fields: ended.provider_fields.clone(),
            ..DoneEvent::default()
        }),
    });
    events.map(|event| ChatEvent { sequence: 0, event: Some(event) }).collect()
}

/// The expected cost where the other is the same to fifteen digits.
fn same_cost(got: &Value, expected: &Value) -> Value {
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    match (number(got), number(expected)) {
        (Some(a), Some(b)) if (a - b).abs() <= b.abs() * 1e-15 => expected.clone(),
        _ => got.clone(),
    }
}

#[test]
fn every_recorded_embedding_is_read_with_its_vectors() {
    let Some(recordings) = recordings("openrouter.embeddings") else { return };
    let mut wrong = Vec::new();
    for (recording, expected) in &recordings {
        let body = recording["response_body"].as_str().expect("a text").to_owned();
        let got = if recording["status"].as_u64().expect("a status") >= 400 {
            error_summary(&read_error(recording))
        } else {
            match Dialect::OpenRouter.read_embeddings(body.into()) {
                Err(error) => error_summary(&error),
                Ok(embedded) => {
                    let vectors = Dialect::OpenRouter.embedding_vectors(&embedded).expect("vectors");
                    let first: Vec<f64> = vectors[0].vector.iter().take(3).map(|number| f64::from(*number)).collect();
                    let known = expected["embeddings"]["first"].as_array().expect("numbers");
                    let near = known
                        .iter()
                        .zip(&first)
                        .all(|(known, got)| (known.as_f64().expect("a number") - got).abs() < 1e-6);
                    json!({
                        "outcome": "ok",
                        "model": embedded.begun.upstream_model,
                        "provider_cost_usd": embedded.cost,
                        "embeddings": {
                            "count": vectors.len(),
                            "dimensions": vectors[0].vector.len(),
                            "total_input": embedded.usage.and_then(|usage| usage.total_input_tokens),
                            "first": if near { json!(known) } else { json!(first) },
                            "encoding": "float",
                        },
                    })
                }
            }
        };
        wrong.extend(differences(&recording["id"], expected, &got));
    }
    println!("openrouter.embeddings: {} recordings, {} differences", recordings.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_recorded_list_of_models_is_read() {
    let Some(recordings) = recordings("openrouter.models") else { return };
    for (recording, expected) in &recordings {
        let body = recording["response_body"].as_str().expect("a text");
        let models = Dialect::OpenRouter.read_models(body.as_bytes()).expect("models");
        let mut ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(
            json!({"count": ids.len(), "ids": ids[..10.min(ids.len())]}),
            expected["models"],
            "{}",
            recording["id"]
        );
    }
    println!("openrouter.models: {} recordings", recordings.len());
}

fn read_error(recording: &Value) -> Error {
    let headers = recording["response_headers"].as_object().into_iter().flatten();
    let headers: Vec<(String, String)> =
        headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
    let status = u16::try_from(recording["status"].as_u64().expect("a status")).expect("a status");
    let body = recording["response_body"].as_str().unwrap_or_default();
    Dialect::OpenRouter.read_error(status, &headers, body.as_bytes(), SystemTime::UNIX_EPOCH)
}

fn error_summary(error: &Error) -> Value {
    json!({"outcome": "error", "error": {"reason": word(error.reason), "said": error.message}})
}

/// The expectations' word for a reason.
fn word(reason: Reason) -> String {
    let word = match reason {
        Reason::ProviderStreamTruncated => return "truncated".to_owned(),
        Reason::ProviderError => return "provider_error".to_owned(),
        reason => reason.short_name(),
    };
    word.trim_start_matches("provider_").to_owned()
}

/// A decoded answer in the words of the expectations.
fn summary(decoded: &Decoded) -> Value {
    let folded = decoded.fold();
    let message = folded.message.expect("a fold has a message");
    let parts: Vec<&Part> = message.content.iter().filter_map(|part| part.part.as_ref()).collect();
    let join = |of: fn(&Part) -> Option<&str>| parts.iter().filter_map(|part| of(part)).collect::<String>();
    let opaque: usize = parts
        .iter()
        .map(|part| match part {
            Part::Reasoning(thought) => {
                usize::from(!thought.signature.is_empty()) + usize::from(!thought.data.is_empty())
            }
            _ => 0,
        })
        .sum();
    let calls: Vec<Value> = parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(json!({
                "id": call.id,
                "name": call.name,
                "arguments": call.arguments,
                "arguments_valid": serde_json::from_str::<serde_json::Map<_, _>>(&call.arguments).is_ok(),
            })),
            _ => None,
        })
        .collect();
    let images: Vec<Value> = parts
        .iter()
        .filter_map(|part| if let Part::Image(image) = part { Some(image) } else { None })
        .map(|image| match &image.source {
            Some(Source::Data(data)) => {
                json!({"media_type": image.media_type, "bytes_sha256": hex(&Sha256::digest(data))})
            }
            Some(Source::Url(url)) => json!({"url": url}),
            None => Value::Null,
        })
        .collect();
    let mut citations = Vec::new();
    for citation in message.citations.iter().filter(|citation| citation.file.is_none()) {
        let name = if citation.url.is_empty() { &citation.title } else { &citation.url };
        if !citations.contains(&name) {
            citations.push(name);
        }
    }
    let begun =
        decoded.pieces.iter().find_map(|piece| if let Piece::Begun(begun) = piece { Some(begun) } else { None });
    let ended = decoded.ended();
    json!({
        "outcome": match decoded.reason {
            None => "ok",
            Some(Reason::ProviderStreamTruncated) => "truncated",
            Some(_) => "error",
        },
        "error": decoded.reason.map(|reason| json!({"reason": word(reason), "said": decoded.error})),
        "text": join(|part| match part {
            Part::Text(text) => Some(text),
            Part::Audio(audio) => Some(&audio.transcript),
            _ => None,
        }),
        "refusal": join(|part| if let Part::Refusal(text) = part { Some(text) } else { None }),
        "reasoning": join(|part| if let Part::Reasoning(thought) = part { Some(&thought.text) } else { None }),
        "reasoning_opaque": opaque,
        "tool_calls": calls,
        "images": images,
        "citations": citations,
        "finish_reason": ended.map(|ended| ended.finish_reason.short_name()),
        "native_finish_reason": ended.map(|ended| &ended.native_finish_reason),
        "model": begun.map(|begun| &begun.upstream_model),
        "usage": ended.and_then(|ended| ended.usage).map(|usage| classes(&usage)),
        "provider_cost_usd": ended.and_then(|ended| ended.cost.clone()),
        "events": order(decoded),
    })
}

fn classes(usage: &Usage) -> Value {
    json!({
        "input": usage.input_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
        "output": usage.output_tokens,
        "reasoning": usage.reasoning_tokens,
        "audio_input": usage.audio_input_tokens,
        "audio_output": usage.audio_output_tokens,
        "image_input": usage.image_input_tokens,
        "image_output": usage.image_output_tokens,
        "web_searches": usage.web_searches,
        "total_input": usage.total_input_tokens,
        "total_output": usage.total_output_tokens,
    })
}

/// The kinds of events in order, runs of one kind told once. As in the expectations, opaque thinking and parsed files
/// reveal nothing.
fn order(decoded: &Decoded) -> Vec<&'static str> {
    let word = |event: &Event| match event {
        Event::Token(_) => Some("token"),
        Event::Reasoning(event) => {
            event.delta.as_ref().is_some_and(|delta| !delta.text.is_empty()).then_some("reasoning")
        }
        Event::ToolCalls(_) => Some("tool_calls"),
        Event::Images(_) => Some("images"),
        Event::Citations(event) => {
            event.citations.iter().any(|citation| citation.file.is_none()).then_some("citations")
        }
        Event::Audio(_) => Some("audio"),
        Event::Meta(_) | Event::Done(_) | Event::Error(_) => Some("unexpected"),
    };
    let mut order: Vec<&str> = decoded.events().filter_map(word).collect();
    order.dedup();
    order
}

/// Where a decoded answer differs from what is known of it.
fn differences(id: &Value, expected: &Value, got: &Value) -> Vec<String> {
    // What no dialect reveals, and keys that are compared by another.
    const PASSED_OVER: [&str; 6] = ["id", "kind", "http_status", "note", "server_tools", "error"];
    let mut wrong = Vec::new();
    let note = expected["note"].as_str().unwrap_or_default();
    if let Some(error) = expected["error"].as_object() {
        let reason = got["error"]["reason"].as_str().unwrap_or_default();
        let acceptable = note.contains("acceptable") && note.contains(reason);
        if error["reason"] != reason && !acceptable {
            wrong.push(format!("{id}.error: expected {error:?}, got {}", got["error"]));
        }
        let said = got["error"]["said"].as_str().unwrap_or_default();
        let message = error["message"].as_str().unwrap_or_default();
        let told = reason == "authentication" || said.contains(message);
        if !told {
            wrong.push(format!("{id}.error.message: expected {message}, got {said}"));
        }
    }
    let keys = expected.as_object().expect("an object").iter().filter(|(key, _)| !PASSED_OVER.contains(&key.as_str()));
    for (key, expected) in keys {
        let got = &got[key];
        let same = match key.as_str() {
            "usage" => expected
                .as_object()
                .expect("classes")
                .iter()
                .all(|(class, count)| count.as_u64().unwrap_or(0) == got[class].as_u64().unwrap_or(0)),
            _ => expected == got,
        };
        if !same {
            wrong.push(format!("{id}.{key}: expected {expected}, got {got}"));
        }
    }
    // What was invented: nothing may be revealed where nothing is expected.
    for key in ["text", "refusal", "reasoning", "tool_calls", "images", "citations"] {
        let empty = match &got[key] {
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => true,
        };
        if expected[key].is_null() && !empty {
            wrong.push(format!("{id}.{key}: invented {}", got[key]));
        }
    }
    wrong
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
