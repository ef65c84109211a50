//! The catalogue as a provider's listing changes and fails, over the doors and over a restart.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use axum::{body::Body, http::Request};
use generative_gateway::{app, provider::Registry};
use serde_json::Value;

use crate::{
    app::{TestApp, json},
    host::{self, End, Host, whole},
};

/// A listing with one model at that price, and an empty one for embeddings.
fn listing(price: &str) -> [(String, End); 2] {
    let model = format!(
        r#"{{"id":"a/b","canonical_slug":"a/b","name":"B","created":1,"context_length":8192,
            "architecture":{{"input_modalities":["text"],"output_modalities":["text"]}},
            "pricing":{{"prompt":"{price}","completion":"0.000002"}},"supported_parameters":["tools"]}}"#
    );
    // Both lists are asked for at once, so either may be answered first.
    let body = format!(r#"{{"data":[{model}]}}"#);
    [(whole("200 OK", "", &body), End::Close), (whole("200 OK", "", &body), End::Close)]
}

fn failing() -> [(String, End); 2] {
    let answer = || (whole("503 Service Unavailable", "", r#"{"error":{"code":503,"message":"down"}}"#), End::Close);
    [answer(), answer()]
}

async fn refresh(app: &TestApp) -> Value {
    json(app.send(Request::post("/api/v1/models/refresh").body(Body::empty()).unwrap()).await).await
}

async fn get(app: &TestApp, path: &str) -> Value {
    json(app.send(Request::get(path).body(Body::empty()).unwrap()).await).await
}

#[tokio::test]
async fn each_price_is_a_version_and_a_failed_refresh_keeps_the_last() {
    let answers = [listing("0.000001"), listing("0.000001"), listing("0.000003"), failing()].concat();
    let host = Host::start(answers).await;
    let app = TestApp::configured(host::config(&host.base_url)).await;

    assert_eq!(refresh(&app).await["prices_changed"], 1);
    assert!(refresh(&app).await.get("prices_changed").is_none(), "the same price is the same version");
    assert_eq!(refresh(&app).await["prices_changed"], 1);
    assert_eq!(refresh(&app).await["error"]["reason"], "provider_overloaded");

    let found = get(&app, "/api/v1/models/a/b").await;
    assert_eq!(found["model"]["price"]["input"], "0.000003", "{found}");
    let history: Vec<_> = found["price_history"].as_array().unwrap().iter().map(|price| &price["input"]).collect();
    assert_eq!(history, ["0.000003", "0.000001"]);
    let list = get(&app, "/api/v1/models?provider=openrouter&query=a/b").await;
    assert!(list["refresh_error"].as_str().unwrap().contains("openrouter"), "{list}");
    assert!(list["refresh_time"].is_string(), "{list}");

    // A command beside the server, and every later start, know the version before they have asked anybody.
    let config = app.gateway.config.clone();
    let providers = Registry::from_config(&config, |_| None).unwrap();
    let again = app::assemble(config, providers, app::Role::Command).await.unwrap();
    let versions = again.store.price_history("a/b").await.unwrap();
    assert_eq!(versions.len(), 2);
    assert_eq!(found["model"]["price"]["version"], versions[0].id.to_string());
}
