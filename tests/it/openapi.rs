//! The document is true: real answers fit the schemas that it gives for them, with no field that it does not name.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};

use crate::app::{TestApp, json as read_json, text};

/// A gateway beside what it says of itself.
struct Told {
    app: TestApp,
    document: Value,
}

impl Told {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
        let mut document = read_json(app.send_as_is(request).await).await;
        for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
            // A later version may add fields; this one may not have any that it does not tell.
            if !name.starts_with("OpenAi") && schema.get("properties").is_some() {
                schema["additionalProperties"] = false.into();
            }
        }
        Self { app, document }
    }

    /// Sends a request to an operation, asserts that the answer is as told, and returns it.
    async fn ask(&self, verb: &str, template: &str, path: &str, body: Option<Value>, expected: u16) -> Value {
        let request = Request::builder().method(verb).uri(path).header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.app.send(request.body(body).unwrap()).await;
        assert_eq!(answer.status().as_u16(), expected, "{verb} {path}");
        let answer = read_json(answer).await;
        let operation = &self.document["paths"][template][verb.to_lowercase()];
        let mut response = &operation["responses"][expected.to_string()];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.document.pointer(&reference[1..]).unwrap();
        }
        let schema = &response["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{verb} {template} does not tell {expected}");
        self.fits(schema, &answer, &format!("{verb} {path}"));
        answer
    }

    fn fits(&self, schema: &Value, value: &Value, what: &str) {
        let whole = json!({"$ref": schema["$ref"], "components": self.document["components"]});
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let faults: Vec<_> =
            validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{what}: {faults:#?}\n{value:#}");
    }
}

fn chat(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "What is the weather in Oslo?"}]})
}

#[tokio::test]
async fn every_answer_of_the_native_door_is_as_told() {
    let told = Told::start().await;
    let weather = json!({"function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}});
    for model in ["echo", "think", "tools", "image", "cite"].map(|name| format!("sandbox/{name}")) {
        let mut request = chat(&model);
        if model.ends_with("tools") {
            request["tools"] = json!([weather]);
        }
        told.ask("POST", "/api/v1/chat", "/api/v1/chat", Some(request), 200).await;
    }
    let session = told.ask("POST", "/api/v1/sessions", "/api/v1/sessions", Some(json!({"title": "t"})), 200).await;
    let session = session["session"]["id"].as_str().unwrap().to_owned();
    let mut turn = chat("sandbox/think");
    turn["session_id"] = session.clone().into();
    let answer = told.ask("POST", "/api/v1/chat", "/api/v1/chat", Some(turn), 200).await;
    let generation = answer["generation_id"].as_str().unwrap().to_owned();
    told.ask("POST", "/api/v1/chat/estimate", "/api/v1/chat/estimate", Some(chat("sandbox/echo")), 200).await;
    let embed = json!({"model": "sandbox/embed", "inputs": ["a", {"text": "b"}]});
    told.ask("POST", "/api/v1/embeddings", "/api/v1/embeddings", Some(embed), 200).await;
    let key = json!({"name": "k", "budget": {"window": "day", "limit_usd": 1}, "limits": {"requests_per_minute": 9}});
    let keys = "/api/v1/projects/{project_id}/keys";
    let key = told.ask("POST", keys, "/api/v1/projects/default/keys", Some(key), 200).await;
    let key = key["key"]["id"].as_str().unwrap().to_owned();
    let alias = json!({"name": "short", "model": "sandbox/echo"});
    told.ask("POST", "/api/v1/aliases", "/api/v1/aliases", Some(alias), 200).await;

    // Every GET that answers JSON, so that a new one cannot be forgotten.
    let mut asked = 0;
    for (template, item) in told.document["paths"].as_object().unwrap() {
        let content = &item["get"]["responses"]["200"]["content"];
        if content.get("application/json").is_none() || !template.starts_with("/api/v1/") {
            continue;
        }
        let query = if template.ends_with("/resolve") { "?name=sandbox/echo" } else { "" };
        let path = template
            .replace("{project_id}", "default")
            .replace("{key_id}", &key)
            .replace("{session_id}", &session)
            .replace("{generation_id}", &generation)
            .replace("{author}/{slug}", "sandbox/echo");
        told.ask("GET", template, &format!("{path}{query}"), None, 200).await;
        asked += 1;
    }
    assert!(asked >= 18, "{asked}");
}

#[tokio::test]
async fn every_event_of_a_stream_is_as_told() {
    let told = Told::start().await;
    let mut request = chat("sandbox/think");
    request["stream"] = true.into();
    let request = Request::post("/api/v1/chat").body(Body::from(request.to_string())).unwrap();
    let stream = text(told.app.send(request).await).await;
    let content = &told.document["paths"]["/api/v1/chat"]["post"]["responses"]["200"]["content"];
    let schemas = &content["text/event-stream"]["x-event-schemas"];
    let mut seen = 0;
    for event in stream.split("\n\n").filter(|event| event.contains("data:")) {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        told.fits(&schemas[field("event:")], &serde_json::from_str(field("data:")).unwrap(), event);
        seen += 1;
    }
    assert!(seen > 3, "{stream}");

    let mut request = chat("sandbox/think");
    request["stream"] = true.into();
    request["stream_options"] = json!({"include_usage": true});
    let request = Request::post("/v1/chat/completions").body(Body::from(request.to_string())).unwrap();
    let stream = text(told.app.send(request).await).await;
    let chunks: Vec<_> = stream.split("\n\n").filter_map(|chunk| chunk.strip_prefix("data: {")).collect();
    assert!(chunks.len() > 3, "{stream}");
    for chunk in chunks {
        let chunk = serde_json::from_str(&format!("{{{chunk}")).unwrap();
        told.fits(&json!({"$ref": "#/components/schemas/OpenAiChatChunk"}), &chunk, "chunk");
    }
}

#[tokio::test]
async fn every_answer_of_the_compatible_door_is_as_told() {
    let told = Told::start().await;
    let chats = "/v1/chat/completions";
    for model in ["echo", "think", "tools", "image", "cite"].map(|name| format!("sandbox/{name}")) {
        let mut request = chat(&model);
        if model.ends_with("tools") {
            request["tools"] = json!([{"type": "function", "function": {"name": "get_weather"}}]);
        }
        told.ask("POST", chats, chats, Some(request), 200).await;
    }
    for encoding in ["float", "base64"] {
        let body = json!({"model": "sandbox/embed", "input": ["a", "b"], "encoding_format": encoding});
        told.ask("POST", "/v1/embeddings", "/v1/embeddings", Some(body), 200).await;
    }
    told.ask("GET", "/v1/models", "/v1/models", None, 200).await;
    told.ask("GET", "/v1/models/{id}", "/v1/models/sandbox/echo", None, 200).await;
}

#[tokio::test]
async fn refusals_and_failures_are_as_told_on_both_doors() {
    let told = Told::start().await;
    let failing = |status: u16| chat(&format!("sandbox/fail:{status}"));
    for (body, status) in [
        (json!({}), 400),
        (chat("sandbox-nobody/nothing"), 404),
        (failing(429), 429),
        (failing(500), 502),
        (failing(400), 400),
    ] {
        for door in ["/api/v1/chat", "/v1/chat/completions"] {
            told.ask("POST", door, door, Some(body.clone()), status).await;
        }
    }
    // The least number has no absolute value.
    let offset = "/api/v1/usage/summary?utc_offset_minutes=-2147483648";
    told.ask("GET", "/api/v1/usage/summary", offset, None, 400).await;
    let gone = "/api/v1/generations/gen_0";
    told.ask("GET", "/api/v1/generations/{generation_id}", gone, None, 404).await;
    told.ask("GET", "/v1/models/{id}", "/v1/models/nobody/nothing", None, 404).await;
}

#[tokio::test]
async fn document_and_page_need_no_key_and_are_sent_once() {
    let app = TestApp::start().await;
    for path in ["/openapi.json", "/docs", "/docs/", "/docs/docs.js", "/docs/docs.css"] {
        let get = |tag: &str| {
            let request = Request::get(path).header(header::IF_NONE_MATCH, tag).header("accept-encoding", "gzip");
            app.send_as_is(request.body(Body::empty()).unwrap())
        };
        let answer = get("\"nothing\"").await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{path}");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
        let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_eq!(get(&tag).await.status(), StatusCode::NOT_MODIFIED, "{path}");
    }
    let request = Request::get("/docs/nothing").body(Body::empty()).unwrap();
    assert_eq!(app.send_as_is(request).await.status(), StatusCode::NOT_FOUND);
}
