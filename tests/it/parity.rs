//! The same request through each door gives the same answer, the same books and the same reason when it fails.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod doors;

use std::time::Duration;

use axum::{body::Body, http::Request};
use generative_gateway::{
    config::{Config, Provider, Routing},
    error::Reason,
    pb::{
        self, RefreshModelsRequest, embedding_service_client::EmbeddingServiceClient,
        model_service_client::ModelServiceClient,
    },
};
use serde_json::{Value, json};
use tonic_types::StatusExt as _;

use self::doors::{Told, WAYS, Way, name};
use crate::app::{TestApp, json as json_of};

/// A request as the native doors and as OpenAI's format have it.
struct Case {
    name: &'static str,
    native: Value,
    openai: Value,
    expected: Expected,
}

enum Expected {
    /// The answer is whole, and holds what the name says.
    Answer,
    /// It is refused before anything is booked.
    Refused(Reason),
    /// It fails upstream, and is booked as that.
    Failed(Reason),
}

/// The same body at either door.
fn plain(model: &'static str, expected: Expected) -> Case {
    let body = json!({"model": model, "messages": [{"role": "user", "content": "hello there, doors"}]});
    Case { name: model, native: body.clone(), openai: body, expected }
}

fn with(mut case: Case, name: &'static str, native: Value, openai: Value) -> Case {
    case.name = name;
    for (body, more) in [(&mut case.native, native), (&mut case.openai, openai)] {
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    case
}

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn table() -> Vec<Case> {
    use Expected::{Answer, Failed, Refused};

    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let function = json!({"name": "weather", "description": "of a city", "parameters": schema});
    let tools = || {
        let native = json!({"tools": [{"function": function}]});
        (native, json!({"tools": [{"type": "function", "function": function}]}))
    };
    let picture = || {
        let native = json!([{"text": "what is this?"}, {"image": {"data": PIXEL, "media_type": "image/png"}}]);
        let url = format!("data:image/png;base64,{PIXEL}");
        let openai =
            json!([{"type": "text", "text": "what is this?"}, {"type": "image_url", "image_url": {"url": url}}]);
        let message = |content: Value| json!({"messages": [{"role": "user", "content": content}]});
        (message(native), message(openai))
    };
    let extended = |model, expected, name, (native, openai)| with(plain(model, expected), name, native, openai);
    vec![
        plain("sandbox/echo", Answer),
        extended("sandbox/tools", Answer, "tools", tools()),
        extended(
            "sandbox/think",
            Answer,
            "thinking",
            (json!({"thinking": {"effort": "low"}}), json!({"reasoning": {"effort": "low"}})),
        ),
        extended("sandbox/chat", Answer, "an image in", picture()),
        plain("sandbox/image", Answer),
        plain("sandbox/cite", Answer),
        plain("sandbox/fail:500:once", Answer),
        plain("nobody/knows-this-model", Refused(Reason::ModelNotFound)),
        plain("gemini-2.5-flsh", Refused(Reason::ModelAmbiguous)),
        plain("sandbox/embed", Refused(Reason::UnsupportedContent)),
        extended("sandbox/echo", Refused(Reason::UnsupportedParameter), "tools for none", tools()),
        extended("deepseek/deepseek-chat", Refused(Reason::UnsupportedContent), "an image for none", picture()),
        extended(
            "sandbox/echo",
            Refused(Reason::InvalidRequest),
            "too hot",
            (json!({"temperature": 7.0}), json!({"temperature": 7.0})),
        ),
        plain("sandbox/fail:402", Failed(Reason::ProviderInsufficientFunds)),
        plain("sandbox/fail:429", Failed(Reason::ProviderRateLimited)),
        plain("sandbox/fail:500", Failed(Reason::ProviderError)),
        plain("sandbox/fail:stream", Failed(Reason::ProviderError)),
        plain("sandbox/fail:cut", Failed(Reason::ProviderStreamTruncated)),
        plain("sandbox/fail:garbage", Failed(Reason::ProviderMalformedResponse)),
        plain("deepseek/deepseek-chat", Failed(Reason::ProviderUnreachable)),
    ]
}

/// A gateway whose one provider is out of reach, and which does not wait before it tries again.
async fn gateway() -> TestApp {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let openrouter = Provider { base_url: Some(format!("http://{nowhere}/api/v1")), ..Provider::default() };
    let milliseconds = Duration::from_millis;
    let routing = Routing { retry_base_ms: milliseconds(1), retry_max_ms: milliseconds(5), ..Routing::default() };
    let providers = [("openrouter".to_owned(), openrouter)].into();
    TestApp::configured(Config { routing, providers, ..Config::default() }).await
}

/// What the books say, without what must differ.
fn row(found: &pb::GetGenerationResponse, way: Way) -> Value {
    let mut row = json!(found);
    let generation = row["generation"].as_object_mut().unwrap();
    assert_eq!(generation["door"], way.door());
    assert_eq!(generation.contains_key("streamed"), way.streams());
    for own in ["id", "key_id", "price_version", "door", "streamed", "create_time", "end_time", "timings"] {
        generation.remove(own);
    }
    if let Some(price) = row.get_mut("price").and_then(Value::as_object_mut) {
        price.retain(|name, _| name != "version" && name != "effective_time");
    }
    for attempt in row["attempts"].as_array_mut().unwrap() {
        for own in ["upstream_id", "start_time", "first_token_time", "end_time"] {
            attempt.as_object_mut().unwrap().remove(own);
        }
    }
    row
}

#[tokio::test]
async fn one_chat_is_told_and_booked_alike_through_every_door() {
    let table = table();
    let mut columns = Vec::new();
    for way in WAYS {
        let app = gateway().await;
        let authorization = format!("Bearer {}", app.inference_key);
        let mut column = Vec::new();
        for case in &table {
            let before = app.booked().await;
            let (told, id) = way.ask(&app, case, Some(&authorization)).await;
            let booked = match &id {
                Some(id) => Some(row(&app.settled(id).await, way)),
                None => None,
            };
            let grown = app.booked().await - before;
            assert_eq!(grown, usize::from(booked.is_some()), "{way:?} {}: a row, and its id in the answer", case.name);
            column.push((told, booked));
        }
        app.assert_idle();
        columns.push((way, column));
    }
    for (at, case) in table.iter().enumerate() {
        let [(_, first), ..] = &columns[..] else { panic!("no doors") };
        check(case, &first[at].0, first[at].1.as_ref());
        for (way, column) in &columns {
            let (told, booked) = &column[at];
            assert_eq!(told, &first[at].0, "{way:?}: {}", case.name);
            // What a failed answer had said until then is known only of one that was streamed.
            let alike = columns
                .iter()
                .find(|(other, _)| matches!(case.expected, Expected::Answer) || other.streams() == way.streams());
            let (_, other) = alike.unwrap();
            assert_eq!(booked, &other[at].1, "{way:?}: {}", case.name);
        }
    }
}

fn check(case: &Case, told: &Told, booked: Option<&Value>) {
    match &case.expected {
        Expected::Refused(reason) => {
            assert_eq!((told, booked), (&Err(name(*reason)), None), "{}", case.name);
        }
        Expected::Failed(reason) => {
            assert_eq!(told, &Err(name(*reason)), "{}", case.name);
            let booked = &booked.unwrap()["generation"];
            assert_eq!(
                (&booked["state"], &booked["error_reason"]),
                (&json!("failed"), &json!(name(*reason))),
                "{booked}"
            );
        }
        Expected::Answer => {
            let said = told.as_ref().unwrap_or_else(|reason| panic!("{}: {reason}", case.name));
            let holds = match case.name {
                "tools" => said.calls[0].0 == "weather" && said.finish_reason == "tool_calls",
                "thinking" => !said.reasoning.is_empty() && said.tokens[2] > 0 && !said.text.is_empty(),
                "sandbox/image" => !said.images.is_empty(),
                "sandbox/cite" => !said.citations.is_empty() && !said.text.is_empty(),
                _ => !said.text.is_empty() && said.finish_reason == "stop",
            };
            assert!(holds, "{}: {said:?}", case.name);
            let booked = booked.unwrap();
            let generation = &booked["generation"];
            assert_eq!(generation["state"], "completed", "{booked}");
            assert_eq!(generation["cost_usd"], said.cost_usd, "told as it is booked");
            let usage = &generation["usage"];
            let tokens = ["total_input_tokens", "total_output_tokens"].map(|class| usage[class].as_u64().unwrap());
            assert_eq!(tokens, said.tokens[..2], "{booked}");
            let attempts = booked["attempts"].as_array().unwrap();
            assert_eq!(attempts.len(), if case.name == "sandbox/fail:500:once" { 2 } else { 1 }, "{booked}");
        }
    }
}

#[tokio::test]
async fn a_key_that_does_not_open_is_told_alike_at_every_door() {
    let app = gateway().await;
    let keys = &app.gateway.keys;
    let revoked = keys.create("default", "revoked", false, None).await.unwrap();
    keys.revoke(&keys.authenticate(&revoked).await.unwrap().id).await.unwrap();
    let expired = keys.create("default", "expired", false, Some(1)).await.unwrap();
    let case = plain("sandbox/echo", Expected::Answer);
    for (authorization, reason) in [
        (None, Reason::KeyMissing),
        (Some("Basic eDp5".to_owned()), Reason::KeyInvalid),
        (Some(format!("Bearer {}x", app.key)), Reason::KeyInvalid),
        (Some(format!("Bearer {revoked}")), Reason::KeyRevoked),
        (Some(format!("Bearer {expired}")), Reason::KeyExpired),
    ] {
        for way in WAYS {
            let (told, id) = way.ask(&app, &case, authorization.as_deref()).await;
            assert_eq!((told, id), (Err(name(reason)), None), "{way:?} {authorization:?}");
        }
    }
    assert_eq!(app.booked().await, 0);
}

#[tokio::test]
async fn a_key_for_inference_administers_nothing_at_either_door() {
    let app = gateway().await;
    let authorization = format!("Bearer {}", app.inference_key);
    let request = Request::post("/api/v1/models/refresh").header("authorization", &authorization);
    let refused =
        app.send_as_is(request.header("content-type", "application/json").body(Body::from("{}")).unwrap()).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(json_of(refused).await["error"]["reason"], "permission_denied");

    let mut request = tonic::Request::new(RefreshModelsRequest::default());
    request.metadata_mut().insert("authorization", authorization.parse().unwrap());
    let status = ModelServiceClient::new(app.router()).refresh_models(request).await.unwrap_err();
    assert_eq!(status.get_error_details().error_info().unwrap().reason, "PERMISSION_DENIED");
}

#[tokio::test]
async fn embeddings_are_told_and_booked_alike_through_every_door() {
    let app = gateway().await;
    let authorization = format!("Bearer {}", app.inference_key);
    let post = async |path: &str, body: Value| {
        let request = Request::post(path).header("authorization", &authorization);
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
        let answer = app.send_as_is(request).await;
        let id = answer.headers()["x-generation-id"].to_str().unwrap().to_owned();
        (json_of(answer).await, id)
    };
    let grpc = async |model: &str| {
        let input = |text: &str| pb::EmbedInput { input: Some(pb::embed_input::Input::Text(text.to_owned())) };
        let inputs = vec![input("hello"), input("doors")];
        let mut request =
            tonic::Request::new(pb::EmbedRequest { model: model.to_owned(), inputs, ..pb::EmbedRequest::default() });
        request.metadata_mut().insert("authorization", authorization.parse().unwrap());
        EmbeddingServiceClient::new(app.router()).embed(request).await
    };

    let (native, first) =
        post("/api/v1/embeddings", json!({"model": "sandbox/embed", "inputs": ["hello", "doors"]})).await;
    let (openai, second) = post("/v1/embeddings", json!({"model": "sandbox/embed", "input": ["hello", "doors"]})).await;
    let answer = grpc("sandbox/embed").await.unwrap();
    let third = answer.metadata().get("x-generation-id").unwrap().to_str().unwrap().to_owned();
    let answer = answer.into_inner();

    let floats = |list: &Value| -> Vec<f32> {
        list.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
    };
    for at in 0..2 {
        let vector = &answer.embeddings[at].vector;
        assert_eq!(vector.len(), 256);
        assert_eq!(&floats(&openai["data"][at]["embedding"]), vector);
        assert_eq!(&floats(&native["embeddings"][at]["vector"]), vector);
    }
    assert_eq!(native["cost_usd"], openai["usage"]["cost"]);
    let mut rows = Vec::new();
    for (id, way) in [(first, Way::Rest), (second, Way::Openai), (third, Way::Grpc)] {
        rows.push(row(&app.settled(&id).await, way));
    }
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[0], rows[2]);
    assert_eq!(
        (&rows[0]["generation"]["operation"], &rows[0]["generation"]["state"]),
        (&json!("embeddings"), &json!("completed"))
    );

    let chat_model = grpc("sandbox/echo").await.unwrap_err();
    assert_eq!(chat_model.get_error_details().error_info().unwrap().reason, "UNSUPPORTED_CONTENT");
}
