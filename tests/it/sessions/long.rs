//! A long conversation: what hundred turns held comes back byte for byte, whichever provider's thinking it was.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use super::{before, chat, session};
use crate::{
    app::{self, TestApp},
    host::{End, Host, OVER, STREAM, chunk},
};

const TURNS: usize = 100;

/// An answer as its provider streams it, and what has to come back of its thinking.
struct Answer {
    fragments: Vec<Value>,
    whole: Vec<Value>,
    /// The call that it makes.
    call: Option<String>,
}

/// The shapes of `reasoning_details` by their formats, in turn. What the gateway cannot read is odd on purpose.
fn answer(turn: usize) -> Answer {
    let call = format!("call_{turn}");
    let opaque = format!("{turn}+/=\\u00e9\u{e9}\"{}", "QUJD".repeat(turn % 7));
    let fragment = |kind: &str, format: &str, index: usize, field: &str, value: &str| json!({"type": format!("reasoning.{kind}"), "format": format, "index": index, field: value});
    let with = |mut detail: Value, field: &str, value: &str| {
        detail[field] = value.into();
        detail
    };
    match turn % 5 {
        // Text whose signature comes later, and a redacted block.
        0 => {
            let format = "anthropic-claude-v1";
            let text = fragment("text", format, 0, "text", "First  thoughts\n");
            let redacted = fragment("encrypted", format, 1, "data", &opaque);
            Answer {
                fragments: vec![
                    fragment("text", format, 0, "text", "First "),
                    fragment("text", format, 0, "text", " thoughts\n"),
                    with(fragment("text", format, 0, "text", ""), "signature", &opaque),
                    redacted.clone(),
                ],
                whole: vec![with(text, "signature", &opaque), redacted],
                call: None,
            }
        }
        // A signature that belongs to a call.
        1 => {
            let format = "google-gemini-v1";
            let text = fragment("text", format, 0, "text", "**Looking** it up");
            let signature = with(fragment("encrypted", format, 1, "data", &opaque), "id", &call);
            Answer { fragments: vec![text.clone(), signature.clone()], whole: vec![text, signature], call: Some(call) }
        }
        // A summary and what only the provider reads, under one id.
        2 => {
            let (format, id) = ("openai-responses-v1", format!("rs_{turn}"));
            let summary = fragment("summary", format, 0, "summary", "A summary");
            let data = with(fragment("encrypted", format, 1, "data", &opaque), "id", &id);
            Answer {
                fragments: vec![
                    fragment("summary", format, 0, "summary", "A "),
                    fragment("summary", format, 0, "summary", "summary"),
                    data.clone(),
                ],
                whole: vec![summary, data],
                call: None,
            }
        }
        // Both kinds share an index.
        3 => {
            let format = "xai-responses-v1";
            let summary = fragment("summary", format, 0, "summary", "Grasped");
            let data = with(fragment("encrypted", format, 0, "data", &opaque), "id", &format!("rs_{turn}"));
            Answer { fragments: vec![summary.clone(), data.clone()], whole: vec![summary, data], call: None }
        }
        _ => {
            let text = fragment("text", "unknown", 0, "text", "plain thoughts");
            Answer { fragments: vec![text.clone()], whole: vec![text], call: None }
        }
    }
}

impl Answer {
    fn stream(&self, turn: usize) -> String {
        let event = |delta: &Value, finish: Value| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
            chunk(&format!("data: {}\n\n", json!({"id": format!("up-{turn}"), "model": "a/b", "choices": [choice]})))
        };
        let mut deltas: Vec<_> =
            self.fragments.iter().map(|detail| json!({"content": "", "reasoning_details": [detail]})).collect();
        deltas.push(json!({"content": format!("answer {turn}")}));
        if let Some(call) = &self.call {
            deltas.push(json!({"tool_calls": [{"index": 0, "id": call, "type": "function",
                "function": {"name": "look_up", "arguments": "{\"word\" : \"sky\"}"}}]}));
        }
        let deltas: String = deltas.iter().map(|delta| event(delta, Value::Null)).collect();
        let finish = if self.call.is_some() { "tool_calls" } else { "stop" };
        [STREAM, &deltas, &event(&json!({}), finish.into()), &chunk("data: [DONE]\n\n"), OVER].concat()
    }
}

/// The messages that the provider was sent, as they were written.
async fn written(host: &mut Host) -> String {
    let request = host.requests.recv().await.unwrap();
    let (_, messages) = request.split_once("\"messages\":").unwrap();
    let mut values = serde_json::Deserializer::from_str(messages).into_iter::<Value>();
    values.next().unwrap().unwrap();
    messages[..values.byte_offset()].to_owned()
}

/// Says the next thing: over the OpenAI door, by a client that keeps nothing but its session's name, every other turn.
async fn say(app: &TestApp, session: &str, turn: usize, calls: Option<&str>) {
    let image = format!("iVBORw0KGgoA{turn:04}");
    let file = format!("JVBERi0xLjQK{turn:04}");
    let text = format!("turn {turn}");
    if turn.is_multiple_of(2) {
        let message = match calls {
            Some(call) => {
                json!({"role": "tool", "content": [{"tool_result": {"tool_call_id": call, "content": text}}]})
            }
            None => json!({"role": "user", "content": [text, {"image": {"data": image, "media_type": "image/png"}},
                {"file": {"data": file, "media_type": "application/pdf", "filename": "sky.pdf"}}]}),
        };
        chat(app, session, json!({"messages": [message]})).await;
        return;
    }
    let message = match calls {
        Some(call) => json!({"role": "tool", "tool_call_id": call, "content": text}),
        None => json!({"role": "user", "content": [{"type": "text", "text": text},
            {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{image}")}}]}),
    };
    let body = json!({"model": "openrouter/a/b", "messages": [message]});
    let request = Request::post("/v1/chat/completions").header("x-session-id", session);
    let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK, "{}", app::text(answer).await);
}

#[tokio::test]
async fn a_hundred_turns_come_back_byte_for_byte_with_every_format_of_thinking() {
    let answers: Vec<_> = (0..=TURNS).map(answer).collect();
    let streams = answers.iter().enumerate().map(|(turn, answer)| (answer.stream(turn), End::Close)).collect();
    let (app, mut host) = before(streams).await;
    let session = session(&app, json!({"model": "openrouter/a/b", "system_prompt": "be kind"})).await;

    let mut earlier = "[]".to_owned();
    for turn in 0..=TURNS {
        let call = turn.checked_sub(1).and_then(|last| answers[last].call.as_deref());
        let ((), now) = tokio::join!(say(&app, &session, turn, call), written(&mut host));
        // Whatever was sent before is sent again as it was, or a provider's cache is lost.
        assert!(now.starts_with(earlier.trim_end_matches(']')), "turn {turn}: {now}\nafter {earlier}");
        earlier = now;
    }

    let messages: Vec<Value> = serde_json::from_str(&earlier).unwrap();
    let assistant: Vec<_> = messages.iter().filter(|message| message["role"] == "assistant").collect();
    assert_eq!((messages.len(), assistant.len()), (2 + 2 * TURNS, TURNS));
    for (turn, message) in assistant.into_iter().enumerate() {
        assert_eq!(message["reasoning_details"], json!(answers[turn].whole), "turn {turn}");
        if let Some(call) = &answers[turn].call {
            let made = &message["tool_calls"][0];
            assert_eq!((&made["id"], &made["function"]["arguments"]), (&json!(call), &json!("{\"word\" : \"sky\"}")));
        }
    }
    let count = |part: &str| earlier.matches(part).count();
    // Every turn but those that answer a call shows a picture; those over the native door a file, too.
    let shown = |every: usize| (0..=TURNS).step_by(every).filter(|turn| turn % 5 != 2).count();
    assert_eq!((count("data:image/png;base64,"), count("data:application/pdf;base64,")), (shown(1), shown(2)));
}
