//! The sandbox's own bytes.

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::*;

async fn read(reply: Reply) -> (u16, Vec<u8>) {
    let chunks: Vec<_> = reply.chunks.map(|chunk| chunk.unwrap()).collect().await;
    (reply.status, chunks.concat())
}

async fn ask(sandbox: &Sandbox, body: Value) -> (u16, Value) {
    let (status, body) = read(sandbox.answer("/chat/completions", body.to_string().as_bytes())).await;
    (status, serde_json::from_slice(&body).unwrap())
}

/// The chunks of a stream, whose form is checked on the way.
async fn stream(sandbox: &Sandbox, mut body: Value) -> Vec<Value> {
    body["stream"] = true.into();
    let (status, body) = read(sandbox.answer("/chat/completions", body.to_string().as_bytes())).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let body = String::from_utf8(body).unwrap();
    let mut events: Vec<_> = body.split_terminator("\n\n").collect();
    assert!(events.remove(0).starts_with(": "), "a keep-alive comes first");
    assert_eq!(events.pop(), Some("data: [DONE]"));
    events.iter().map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap()).collect()
}

fn says(model: &str, text: &str) -> Value {
    json!({"model": format!("sandbox/{model}"), "messages": [{"role": "user", "content": text}]})
}

fn joined(chunks: &[Value], field: &str) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"][field].as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_stream_and_a_whole_answer_say_the_same() {
    let sandbox = Sandbox::default();
    for model in ["echo", "chat", "think", "cite", "slow:5:5"] {
        let body = says(model, "a table, code and math please");
        let (_, whole) = ask(&sandbox, body.clone()).await;
        let chunks = stream(&sandbox, body).await;
        let (message, last) = (&whole["choices"][0]["message"], chunks.last().unwrap());
        assert_eq!(message["content"].as_str().unwrap(), joined(&chunks, "content"), "{model}");
        assert_eq!(message["reasoning"].as_str().unwrap_or(""), joined(&chunks, "reasoning"), "{model}");
        assert_eq!(whole["usage"], last["usage"], "{model}");
        assert_eq!(whole["choices"][0]["finish_reason"], last["choices"][0]["finish_reason"]);
    }
}

#[tokio::test]
async fn usage_and_cost_follow_the_rule_and_the_prices() {
    let (_, answer) = ask(&Sandbox::default(), says("echo", "12345678")).await;
    let usage = &answer["usage"];
    assert_eq!((usage["prompt_tokens"].as_u64(), usage["completion_tokens"].as_u64()), (Some(2), Some(2)));
    assert_eq!(usage["cost"].as_f64(), Some(2.0 * 0.000_000_1 + 2.0 * 0.000_000_4));
}

#[tokio::test]
async fn a_marked_prefix_is_written_to_the_cache_once_and_then_read() {
    let sandbox = Sandbox::default();
    let marked = json!([{"type": "text", "text": "a long system prompt", "cache_control": {"type": "ephemeral"}}]);
    let body = json!({"model": "sandbox/echo", "messages": [{"role": "system", "content": marked}, {"role": "user", "content": "hello"}]});
    let details = async |body: &Value| {
        let (_, answer) = ask(&sandbox, body.clone()).await;
        let details = &answer["usage"]["prompt_tokens_details"];
        (details["cached_tokens"].as_u64().unwrap(), details["cache_write_tokens"].as_u64().unwrap())
    };
    let (read, written) = details(&body).await;
    assert!(read == 0 && written > 0);
    assert_eq!(details(&body).await, (written, 0));
}

#[tokio::test]
async fn media_arrive_whole_or_are_refused_by_name() {
    let sandbox = Sandbox::default();
    let part = |url: &str| {
        json!({"model": "sandbox/echo", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": url}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="}}]}]})
    };
    let (_, answer) = ask(&sandbox, part("data:image/png;base64,iVBORw0KGgo=")).await;
    let said = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert_eq!(said, "look\n\nI see 1 image (image/png, 8 bytes) and 1 file (a.pdf, application/pdf, 4 bytes).");
    let (status, answer) = ask(&sandbox, part("data:image/png;base64,iVBO*")).await;
    let words = answer["error"]["message"].as_str().unwrap();
    assert!(status == 400 && words.starts_with("messages[0].content[1]"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn thinking_heeds_its_knob_and_checks_what_comes_back() {
    let sandbox = Sandbox::default();
    let thought = async |knob: Value| {
        let mut body = says("think", "why?");
        body["reasoning"] = knob;
        ask(&sandbox, body).await.1["choices"][0]["message"].clone()
    };
    let low = thought(json!({"effort": "low"})).await;
    let high = thought(json!({"effort": "high"})).await;
    assert!(low["reasoning"].as_str().unwrap().len() < high["reasoning"].as_str().unwrap().len());
    assert!(thought(json!({"effort": "none"})).await["reasoning"].is_null());
    assert!(thought(json!({"enabled": true, "exclude": true})).await["reasoning"].is_null());
    assert_eq!(thought(json!({"max_tokens": 5})).await["reasoning"].as_str().unwrap().len(), 20);

    let mut again = json!({"model": "sandbox/think", "messages": [{"role": "user", "content": "why?"}, high, {"role": "user", "content": "sure?"}]});
    let (_, answer) = ask(&sandbox, again.clone()).await;
    assert!(answer["choices"][0]["message"]["content"].as_str().unwrap().contains("I remember 1 earlier"));
    again["messages"][1]["reasoning_details"][0]["text"] = "altered".into();
    assert_eq!(ask(&sandbox, again).await.0, 400);
}

#[tokio::test]
async fn two_tools_are_called_at_once_and_their_results_answered() {
    let sandbox = Sandbox::default();
    let tool = |name: &str| {
        json!({"type": "function", "function": {"name": name,
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}})
    };
    let mut body = says("tools", "weather in Paris");
    body["tools"] = json!([tool("get_weather"), tool("get_time")]);
    let chunks = stream(&sandbox, body.clone()).await;
    let (_, answer) = ask(&sandbox, body.clone()).await;
    let message = &answer["choices"][0]["message"];
    let calls = message["tool_calls"].as_array().unwrap();
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
    for (at, name) in ["get_weather", "get_time"].into_iter().enumerate() {
        assert_eq!(calls[at]["function"]["name"], name);
        assert_eq!(calls[at]["function"]["arguments"], r#"{"city":"Paris"}"#);
        let of_call = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0]);
        let pieces =
            of_call.filter(|call| call["index"] == at).filter_map(|call| call["function"]["arguments"].as_str());
        assert_eq!(pieces.collect::<String>(), r#"{"city":"Paris"}"#);
    }

    let mut one = body.clone();
    one["parallel_tool_calls"] = false.into();
    assert_eq!(ask(&sandbox, one).await.1["choices"][0]["message"]["tool_calls"].as_array().unwrap().len(), 1);

    let result = |call: &Value, text: &str| json!({"role": "tool", "tool_call_id": call["id"], "content": text});
    body["messages"].as_array_mut().unwrap().extend([
        message.clone(),
        result(&calls[0], "sunny"),
        result(&calls[1], "noon"),
    ]);
    let (_, answer) = ask(&sandbox, body.clone()).await;
    assert_eq!(
        answer["choices"][0]["message"]["content"],
        "The tools say:\n\n- `get_weather`: sunny\n- `get_time`: noon"
    );
    body["messages"][3]["tool_call_id"] = "call_of_nobody".into();
    assert_eq!(ask(&sandbox, body).await.0, 400);
}

#[tokio::test]
async fn an_image_is_drawn_and_a_schema_is_met() {
    let sandbox = Sandbox::default();
    let (_, answer) = ask(&sandbox, says("image", "a fox")).await;
    let url = answer["choices"][0]["message"]["images"][0]["image_url"]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,iVBORw0KGgo"), "{url}");
    assert_eq!(answer["usage"]["completion_tokens_details"]["image_tokens"], 256);

    let mut body = says("chat", "Paris");
    body["response_format"] = json!({"type": "json_schema", "json_schema": {"name": "city", "schema": {
        "type": "object", "properties": {"city": {"type": "string"}, "sunny": {"type": "boolean"}}}}});
    let (_, answer) = ask(&sandbox, body).await;
    assert_eq!(answer["choices"][0]["message"]["content"], r#"{"city":"Paris","sunny":true}"#);
}

#[tokio::test]
async fn limits_and_stop_texts_cut_the_answer() {
    let sandbox = Sandbox::default();
    let mut body = says("echo", "one two three");
    body["max_tokens"] = 1.into();
    let (_, answer) = ask(&sandbox, body.clone()).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "one ");
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    body["max_tokens"] = 100.into();
    body["stop"] = " two".into();
    let (_, answer) = ask(&sandbox, body).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "one");
    assert_eq!(answer["choices"][0]["native_finish_reason"], "stop_sequence");
}

#[tokio::test]
async fn embeddings_are_unit_vectors_near_when_words_are_shared() {
    let embed = async |body: Value| {
        let (status, body) = read(Sandbox::default().answer("/embeddings", body.to_string().as_bytes())).await;
        (status, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let model = "sandbox/embed";
    let texts = ["the red fox", "a red fox", "tax law"];
    let (_, answer) = embed(json!({"model": model, "input": texts, "dimensions": 64})).await;
    let vectors: Vec<Vec<f64>> =
        (0..3).map(|at| serde_json::from_value(answer["data"][at]["embedding"].clone()).unwrap()).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    assert!(vectors.iter().all(|vector| vector.len() == 64 && (dot(vector, vector) - 1.0).abs() < 1e-5));
    assert!(dot(&vectors[0], &vectors[1]) > dot(&vectors[0], &vectors[2]) + 0.2);

    let (_, packed) =
        embed(json!({"model": model, "input": "tax law", "dimensions": 64, "encoding_format": "base64"})).await;
    let bytes = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        packed["data"][0]["embedding"].as_str().unwrap(),
    )
    .unwrap();
    let unpacked: Vec<f64> =
        bytes.chunks(4).map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap()))).collect();
    assert!(unpacked.iter().zip(&vectors[2]).all(|(a, b)| (a - b).abs() < 1e-6));
    assert_eq!(embed(json!({"model": model, "input": [[1, 2, 3]]})).await.1["usage"]["prompt_tokens"], 3);
    assert_eq!(embed(json!({"model": model, "input": [true]})).await.0, 400);
}

#[tokio::test]
async fn a_request_that_fails_once_succeeds_when_it_comes_again() {
    let sandbox = Sandbox::default();
    assert_eq!(ask(&sandbox, says("fail:429:once", "x")).await.0, 429);
    assert_eq!(ask(&sandbox, says("fail:429:once", "x")).await.0, 200);
    assert_eq!(ask(&sandbox, says("fail:429:once", "y")).await.0, 429);
    assert_eq!(ask(&sandbox, says("nobody", "x")).await.0, 400);
}
