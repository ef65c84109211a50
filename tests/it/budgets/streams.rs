//! Streams under a budget: more is taken while they run, and one that cannot be paid for stops.

use axum::body::Body;
use axum::http::Request;
use generative_gateway::{
    config::{Config, Routing},
    pb,
};
use serde_json::json;

use super::doors::{make, post};
use crate::app::{TestApp, json as json_of, text};

/// A gateway that reserves little, so that streams outgrow it.
async fn sparing() -> TestApp {
    let routing = Routing { reserve_output_tokens: 16, ..Routing::default() };
    TestApp::configured(Config { routing, ..Config::default() }).await
}

fn long() -> serde_json::Value {
    json!({"model": "sandbox/echo", "stream": true, "messages": [{"role": "user", "content": "word ".repeat(200)}]})
}

#[tokio::test]
async fn a_stream_that_outgrows_its_reserve_takes_more() {
    let app = sparing().await;
    make(&app, json!({"scope": "key", "key_id": app.key.split('_').nth(1), "window": "day", "limit_usd": 1})).await;
    let answer = text(app.send(post("/api/v1/chat", &long())).await).await;
    assert!(answer.contains("\"finish_reason\":\"stop\""), "{answer}");
    let sql = app.database.sql().await;
    let left = sql.numbers("SELECT CAST(SUM(reserved_nano_usd) AS BIGINT), COUNT(*) FROM budget_periods").await;
    assert_eq!(left, [0, 1]);
}

#[tokio::test]
async fn a_stream_that_cannot_be_paid_for_stops_and_is_booked() {
    let app = sparing().await;
    // 250 tokens in at 0.1 µ$, and some of as many out at 0.4 µ$.
    make(&app, json!({"scope": "project", "window": "day", "limit_usd": 0.000_06})).await;
    let answer = text(app.send(post("/api/v1/chat", &long())).await).await;
    assert!(answer.contains("\"finish_reason\":\"budget_exceeded\""), "{answer}");
    let found = app.only_generation().await.generation.unwrap();
    assert_eq!(found.state(), pb::GenerationState::Completed);
    assert_eq!(found.finish_reason(), pb::FinishReason::BudgetExceeded);
    let cost = found.cost_usd.unwrap();
    assert!(cost > 0.000_03 && cost <= 0.000_06, "{cost}");
    let list = Request::get("/api/v1/projects/default/budgets").body(Body::empty()).unwrap();
    let budget = json_of(app.send(list).await).await["budgets"][0].clone();
    assert_eq!((budget["spent_usd"].as_f64(), budget["reserved_usd"].as_f64()), (Some(cost), Some(0.0)));
    let metrics = app.gateway.metrics.exposition().unwrap();
    assert!(metrics.contains("gateway_budgets_exceeded_total{gateway_outcome=\"stopped\""), "{metrics}");
    app.assert_idle();
}

#[tokio::test]
async fn an_answer_in_one_piece_is_stopped_too() {
    let app = sparing().await;
    make(&app, json!({"scope": "project", "window": "day", "limit_usd": 0.000_06})).await;
    let mut body = long();
    body["stream"] = json!(false);
    let answer = json_of(app.send(post("/v1/chat/completions", &body)).await).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "length", "{answer}");
    assert!(answer["usage"]["cost"].as_f64().unwrap() <= 0.000_06, "{answer}");
}
