//! What each door tells of a budget.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use generative_gateway::{
    config::{Config, Routing, Unpriced},
    pb::{self, ChatRequest, EstimateChatRequest, Message, Role, chat_service_client::ChatServiceClient},
};
use serde_json::{Value, json};
use tonic_types::StatusExt as _;

use crate::{
    app::{TestApp, json as json_of, text},
    host,
};

pub(super) fn post(path: &str, body: &Value) -> Request<Body> {
    Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
}

pub(super) async fn make(app: &TestApp, budget: Value) -> Value {
    let made = json_of(app.send(post("/api/v1/projects/default/budgets", &budget)).await).await;
    assert!(made["budget"].is_object(), "{made}");
    made["budget"].clone()
}

async fn kept(app: &TestApp) -> Value {
    let list = Request::get("/api/v1/projects/default/budgets").body(Body::empty()).unwrap();
    json_of(app.send(list).await).await["budgets"][0].clone()
}

fn hello(stream: bool) -> Value {
    json!({"model": "sandbox/echo", "stream": stream, "messages": [{"role": "user", "content": "hello there"}]})
}

#[tokio::test]
async fn every_door_refuses_what_a_budget_does_not_hold() {
    let app = TestApp::start().await;
    let budget =
        make(&app, json!({"name": "tiny", "scope": "project", "window": "month", "limit_usd": 0.0000001})).await;
    let subject = format!("project.budget.{}", budget["id"].as_str().unwrap());
    let embeddings = json!({"model": "sandbox/embed", "inputs": ["hello ".repeat(100)]});
    let embeddings_as_openai = json!({"model": "sandbox/embed", "input": "hello ".repeat(100)});
    let calls = [
        ("/api/v1/chat", hello(false)),
        ("/api/v1/chat", hello(true)),
        ("/api/v1/embeddings", embeddings),
        ("/v1/chat/completions", hello(true)),
        ("/v1/embeddings", embeddings_as_openai),
    ];
    for (path, body) in calls {
        let answer = app.send(post(path, &body)).await;
        assert_eq!(answer.status(), StatusCode::PAYMENT_REQUIRED, "{path}");
        assert!(!answer.headers().contains_key("retry-after"));
        let error = json_of(answer).await["error"].take();
        let words = error["message"].as_str().unwrap();
        assert!(words.contains("`tiny`") && words.contains("$0.0000001") && words.contains("renews on"), "{words}");
        let reason = if path.starts_with("/api") { &error["reason"] } else { &error["code"] };
        assert_eq!(reason, "budget_exceeded");
    }
    let messages = vec![Message::text(Role::User, "hello there")];
    let chat = ChatRequest { model: "sandbox/echo".to_owned(), messages, ..ChatRequest::default() };
    let mut request = tonic::Request::new(chat.clone());
    request.metadata_mut().insert("authorization", format!("Bearer {}", app.key).parse().unwrap());
    let status = ChatServiceClient::new(app.router()).chat(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    assert_eq!(status.get_details_quota_failure().unwrap().violations[0].subject, subject);
    assert_eq!(app.booked().await, 0, "what was refused is on no book");
    app.assert_idle();

    let estimate = EstimateChatRequest { request: Some(chat) };
    let caller = app.gateway.keys.authenticate(&app.key).await.unwrap();
    let caller = generative_gateway::service::Caller { key: caller, ..generative_gateway::service::Caller::operator() };
    let verdicts = app.gateway.estimate_chat(&caller, estimate).await.unwrap().verdicts;
    assert_eq!((verdicts.len(), verdicts[0].allowed, verdicts[0].name.as_str()), (1, false, subject.as_str()));
    assert_eq!(verdicts[0].remaining, Some(0.000_000_1));
}

#[tokio::test]
async fn what_was_used_is_spent_and_the_tightest_budget_is_told() {
    let app = TestApp::start().await;
    make(&app, json!({"scope": "project", "window": "day", "limit_usd": 1})).await;
    let answer = json_of(app.send(post("/api/v1/chat", &hello(false))).await).await;
    let cost = answer["cost_usd"].as_f64().unwrap();
    let budget = kept(&app).await;
    assert_eq!((budget["spent_usd"].as_f64(), budget["reserved_usd"].as_f64()), (Some(cost), Some(0.0)));

    let own = json!({"scope": "end_user", "window": "day", "limit_usd": 0.5});
    let own = make(&app, own).await;
    let caller = Request::get("/api/v1/caller?end_user=ann").body(Body::empty()).unwrap();
    let caller = json_of(app.send(caller).await).await;
    assert_eq!(caller["tightest_budget"]["spent_usd"], cost, "of two the one that is used");
    let mut body = hello(false);
    body["end_user"] = json!("ann");
    text(app.send(post("/api/v1/chat", &body)).await).await;
    text(app.send(post("/api/v1/chat", &body)).await).await;
    let caller = Request::get("/api/v1/caller?end_user=ann").body(Body::empty()).unwrap();
    let caller = json_of(app.send(caller).await).await;
    assert_eq!(caller["tightest_budget"]["id"], own["id"]);
    let caller = Request::get("/api/v1/caller?end_user=bob").body(Body::empty()).unwrap();
    let caller = json_of(app.send(caller).await).await;
    assert_ne!(caller["tightest_budget"]["id"], own["id"], "each end user apart");
}

#[tokio::test]
async fn a_budget_that_warns_lets_pass_and_says_so() {
    let app = TestApp::start().await;
    let soft =
        json!({"name": "soft", "scope": "project", "window": "day", "limit_usd": 0.0000001, "enforcement": "warn"});
    make(&app, soft).await;
    let answer = app.send(post("/api/v1/chat", &hello(false))).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = json_of(answer).await;
    let warnings = answer["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning["code"] == "budget_exceeded"), "{answer}");
    let metrics = app.gateway.metrics.exposition().unwrap();
    assert!(metrics.contains("gateway_budgets_exceeded_total{gateway_outcome=\"warned\""), "{metrics}");
}

#[tokio::test]
async fn a_model_without_a_price_is_refused_where_something_must_be_kept_to() {
    let answers = || vec![(host::good("hi"), host::End::Close), (host::good("hi"), host::End::Close)];
    let body = json!({"model": "openrouter/a/b", "messages": [{"role": "user", "content": "hello"}]});
    let send = async |app: &TestApp, body: &Value| app.send(post("/api/v1/chat", body)).await.status();
    let host = host::Host::start(answers()).await;
    let app = TestApp::configured(host::config(&host.base_url)).await;
    let mut capped = body.clone();
    capped["max_cost_usd"] = json!(1);
    assert_eq!(send(&app, &capped).await, StatusCode::PAYMENT_REQUIRED);
    make(&app, json!({"scope": "project", "window": "day", "limit_usd": 5})).await;
    let answer = app.send(post("/api/v1/chat", &body)).await;
    assert_eq!(answer.status(), StatusCode::PAYMENT_REQUIRED);
    let words = text(answer).await;
    assert!(words.contains("no price is known for") && words.contains("routing.unpriced"), "{words}");

    let host = host::Host::start(answers()).await;
    let config = host::config(&host.base_url);
    let routing = Routing { unpriced: Unpriced::Allow, ..config.routing.clone() };
    let app = TestApp::configured(Config { routing, ..config }).await;
    make(&app, json!({"scope": "project", "window": "day", "limit_usd": 5})).await;
    assert_eq!(send(&app, &body).await, StatusCode::OK);
    assert_eq!(kept(&app).await["spent_usd"], 0.00125, "what the provider states is spent all the same");
}

#[tokio::test]
async fn a_request_s_own_limit_is_kept_without_a_budget() {
    let app = TestApp::start().await;
    let mut body = hello(false);
    body["max_cost_usd"] = json!(0.000_000_1);
    let answer = app.send(post("/api/v1/chat", &body)).await;
    assert_eq!(answer.status(), StatusCode::PAYMENT_REQUIRED, "its input alone costs more");
    let error = json_of(answer).await["error"].take();
    assert_eq!(error["field"], "max_cost_usd");
    // Ten words in, and as many out, of which the limit pays a few.
    body["messages"][0]["content"] = json!("word ".repeat(200));
    body["max_cost_usd"] = json!(0.000_05);
    let answer = json_of(app.send(post("/api/v1/chat", &body)).await).await;
    assert_eq!(answer["finish_reason"], "budget_exceeded", "{answer}");
    assert!(answer["cost_usd"].as_f64().unwrap() <= 0.000_05, "{answer}");
    let found = app.only_generation().await.generation.unwrap();
    assert_eq!(found.state(), pb::GenerationState::Completed);
    assert_eq!(found.finish_reason(), pb::FinishReason::BudgetExceeded);
    body["max_cost_usd"] = json!(-1);
    assert_eq!(app.send(post("/api/v1/chat", &body)).await.status(), StatusCode::BAD_REQUEST);
}
