//! Administration: projects, keys, budgets, aliases, and who may do what with them.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use generative_gateway::{
    app::{self, Role},
    config::Config,
    error::Reason,
    pb::{self, project_service_client::ProjectServiceClient},
    provider::Registry,
};
use serde_json::{Value, json};

use crate::app::{TestApp, text};

/// Sends a request with a key and returns status and body.
async fn call(app: &TestApp, key: &str, request: &str, body: Value) -> (StatusCode, Value) {
    let (method, path) = request.split_once(' ').unwrap();
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(body)
        .unwrap();
    let answer = app.send_as_is(request).await;
    let status = answer.status();
    let body = text(answer).await;
    (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
}

/// The same with the administrator's key; it must succeed.
async fn done(app: &TestApp, request: &str, body: Value) -> Value {
    let (status, answer) = call(app, &app.key, request, body).await;
    assert_eq!(status, StatusCode::OK, "{request}: {answer}");
    answer
}

/// The same; it must be refused for that reason, naming that field.
async fn refused(app: &TestApp, key: &str, request: &str, body: Value, reason: &str, field: &str) {
    let (status, answer) = call(app, key, request, body).await;
    assert_ne!(status, StatusCode::OK, "{request}: {answer}");
    let error = &answer["error"];
    let told = (error["reason"].as_str().unwrap(), error["field"].as_str().unwrap_or_default());
    assert_eq!(told, (reason, field), "{request}: {answer}");
}

/// A project and the full key of its administrator.
async fn team(app: &TestApp) -> String {
    done(app, "POST /api/v1/projects", json!({"name": "Team Red"})).await;
    team_key(app, "team-red").await
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_project_is_made_changed_listed_and_deleted_with_what_is_its() {
    let app = TestApp::start().await;
    let made = json!({"name": "Team Red", "limits": {"requests_per_minute": 60}, "metadata": {"floor": "3", "a": "b"}});
    let made = done(&app, "POST /api/v1/projects", made).await["project"].clone();
    assert_eq!((&made["id"], &made["name"]), (&json!("team-red"), &json!("Team Red")));
    assert_eq!(made["limit_status"][0]["remaining"], 60);
    refused(&app, &app.key, "POST /api/v1/projects", json!({"name": "team red"}), "already_exists", "project_id").await;

    let lead = team_key(&app, "team-red").await;
    let budget = json!({"scope": "project", "window": "day", "limit_usd": 5});
    done(&app, "POST /api/v1/projects/team-red/budgets", budget).await;
    let change =
        json!({"name": "Red", "limits": {}, "allowed_models": {"models": ["sandbox/*"]}, "metadata": {"a": ""}});
    let changed = done(&app, "PATCH /api/v1/projects/team-red", change).await["project"].clone();
    assert_eq!((&changed["name"], &changed["metadata"]), (&json!("Red"), &json!({"floor": "3"})));
    assert_eq!((&changed["active_keys"], &changed["allowed_models"]), (&json!(1), &json!(["sandbox/*"])));
    let key = app.gateway.keys.authenticate(&lead).await.unwrap();
    assert_eq!(key.project_limits, pb::Limits::default(), "it counts at once");
    assert_eq!(key.project_allowed_models, ["sandbox/*"]);

    done(&app, "POST /api/v1/projects", json!({"name": "Blue", "project_id": "a-blue"})).await;
    let first = done(&app, "GET /api/v1/projects?page_size=2", Value::Null).await;
    assert_eq!(ids(&first["projects"]), ["a-blue", "default"]);
    let next = first["next_page_token"].as_str().unwrap();
    let rest = done(&app, &format!("GET /api/v1/projects?page_size=2&page_token={next}"), Value::Null).await;
    assert_eq!(ids(&rest["projects"]), ["team-red"]);
    let budgets = format!("GET /api/v1/projects/team-red/budgets?page_token={next}");
    refused(&app, &app.key, &budgets, Value::Null, "cursor_invalid", "page_token").await;

    done(&app, "DELETE /api/v1/projects/team-red", Value::Null).await;
    assert_eq!(app.gateway.keys.authenticate(&lead).await.unwrap_err().reason, Reason::KeyRevoked);
    refused(&app, &app.key, "GET /api/v1/projects/team-red", Value::Null, "not_found", "project_id").await;
    refused(&app, &app.key, "DELETE /api/v1/projects/team-red", Value::Null, "not_found", "project_id").await;
    let again = json!({"name": "Team Red"});
    refused(&app, &app.key, "POST /api/v1/projects", again, "already_exists", "project_id").await;
    refused(&app, &app.key, "DELETE /api/v1/projects/default", Value::Null, "invalid_request", "project_id").await;
    assert_eq!(app.database.sql().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM budgets").await, 0);
}

async fn team_key(app: &TestApp, project: &str) -> String {
    let request = format!("POST /api/v1/projects/{project}/keys");
    let key = done(app, &request, json!({"name": "lead", "scopes": ["admin"]})).await;
    key["full_key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_has_what_it_was_given_until_it_is_revoked() {
    let app = TestApp::start().await;
    let made = json!({
        "name": "laptop", "expire_time": "2099-01-01T00:00:00Z", "metadata": {"owner": "ann"},
        "limits": {"requests_per_minute": 5, "tokens_per_minute": 1000, "concurrent_requests": 2},
        "allowed_models": ["sandbox/*"], "budget": {"window": "month", "limit_usd": 2.5},
    });
    let made = done(&app, "POST /api/v1/projects/default/keys", made).await;
    let (full, key) = (made["full_key"].as_str().unwrap(), &made["key"]);
    let id = key["id"].as_str().unwrap();
    assert_eq!((&key["scopes"], &key["state"]), (&json!(["inference"]), &json!("active")));
    assert_eq!(key["creator"], app.gateway.keys.authenticate(&app.key).await.unwrap().id);
    assert_eq!(made["budget"]["key_id"], id);
    assert_eq!((&made["budget"]["limit_usd"], &made["budget"]["name"]), (&json!(2.5), &json!("key per month")));
    let held = app.gateway.keys.authenticate(full).await.unwrap();
    assert_eq!((held.limits.requests_per_minute, held.limits.concurrent_requests), (Some(5), Some(2)));
    assert_eq!(held.allowed_models, ["sandbox/*"]);

    let (_, caller) = call(&app, full, "GET /api/v1/caller?end_user=eve", Value::Null).await;
    assert_eq!((&caller["key_name"], &caller["allowed_models"]), (&json!("laptop"), &json!(["sandbox/*"])));
    assert_eq!(caller["limits"].as_array().unwrap().len(), 3);
    assert_eq!(caller["expire_time"], "2099-01-01T00:00:00Z");
    assert_eq!((&caller["tightest_budget"]["remaining_usd"], &caller["month_cost_usd"]), (&json!(2.5), &json!(0.0)));

    let path = format!("/api/v1/projects/default/keys/{id}");
    let change = json!({"name": "desk", "never_expires": true, "limits": {"requests_per_minute": 7}});
    let changed = done(&app, &format!("PATCH {path}"), change).await["key"].clone();
    assert_eq!((&changed["name"], &changed["limits"]), (&json!("desk"), &json!({"requests_per_minute": 7})));
    assert!(changed.get("expire_time").is_none() && changed["metadata"]["owner"] == "ann");
    assert_eq!(app.gateway.keys.authenticate(full).await.unwrap().limits.requests_per_minute, Some(7));

    let rotated = done(&app, &format!("POST {path}/rotate"), json!({"grace_seconds": 3600})).await;
    let second = rotated["full_key"].as_str().unwrap();
    assert!(rotated["key"]["old_secret_expire_time"].is_string());
    for secret in [full, second] {
        assert_eq!(app.gateway.keys.authenticate(secret).await.unwrap().id, id, "both hold for the grace");
    }
    done(&app, &format!("POST {path}/rotate"), json!({"grace_seconds": 0})).await;
    assert_eq!(app.gateway.keys.authenticate(second).await.unwrap_err().reason, Reason::KeyInvalid);

    let revoked = done(&app, &format!("POST {path}/revoke"), Value::Null).await["key"].clone();
    assert_eq!((&revoked["state"], revoked["revoke_time"].is_string()), (&json!("revoked"), true));
    let again = done(&app, &format!("POST {path}/revoke"), Value::Null).await;
    assert_eq!(again["key"]["revoke_time"], revoked["revoke_time"], "the first time stays");
    refused(&app, &app.key, &format!("POST {path}/rotate"), Value::Null, "not_found", "key_id").await;

    let list = "GET /api/v1/projects/default/keys?page_size=2";
    let first = done(&app, list, Value::Null).await;
    assert_eq!(first["keys"][0]["id"], id, "newest first");
    let next = first["next_page_token"].as_str().unwrap();
    let rest = done(&app, &format!("{list}&page_token={next}"), Value::Null).await;
    assert_eq!(first["keys"].as_array().unwrap().len() + rest["keys"].as_array().unwrap().len(), 3);
    let active = done(&app, "GET /api/v1/projects/default/keys?states=active&states=expired", Value::Null).await;
    assert_eq!(active["keys"].as_array().unwrap().len(), 2);
    assert!(!ids(&active["keys"]).contains(&id));
}

#[tokio::test]
async fn a_key_s_last_use_is_on_record_when_the_gateway_has_stopped() {
    let app = TestApp::start().await;
    done(&app, "GET /api/v1/caller", Value::Null).await;
    let used = "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(MAX(last_used_at_ms), 0) AS BIGINT) FROM api_keys \
                WHERE last_used_at_ms IS NOT NULL";
    app::close(app.gateway).await;
    let used = app.database.sql().await.numbers(used).await;
    assert_eq!((used[0], used[1] % 60_000), (1, 0), "one key, to the minute");
}

#[tokio::test]
async fn a_budget_tells_what_is_left_of_its_window() {
    let app = TestApp::start().await;
    let path = "/api/v1/projects/default/budgets";
    let create = async |body: Value| done(&app, &format!("POST {path}"), body).await["budget"].clone();
    let all = create(json!({"name": "all", "scope": "project", "window": "forever", "limit_usd": 10})).await;
    assert!(all.get("renew_time").is_none() && all["enforcement"] == "hard");
    let each = create(json!({"scope": "end_user", "window": "week", "limit_usd": 1, "enforcement": "warn"})).await;
    assert_eq!((&each["name"], &each["enforcement"]), (&json!("end user per week"), &json!("warn")));
    let eve = create(json!({"scope": "end_user", "end_user": "eve", "window": "day", "limit_usd": 0.25})).await;
    assert!(eve["renew_time"].as_str().unwrap().ends_with("T00:00:00Z"), "{eve}");

    // What the books would write: of `each`, two end users.
    let sql = app.database.sql().await;
    let period = |name: &str, whose: &str, user: &str, spent: i64, reserved: i64| {
        format!(
            "INSERT INTO budget_periods (id, budget_id, end_user, starts_at_ms, ends_at_ms, limit_nano_usd, \
             spent_nano_usd, reserved_nano_usd) SELECT {whose}, id, '{user}', 0, NULL, limit_nano_usd, {spent}, \
             {reserved} FROM budgets WHERE name = '{name}'"
        )
    };
    sql.run(&period("all", "id", "", 9_000_000_000, 500_000_000)).await;
    sql.run(&period("end user per week", "id", "bob", 900_000_000, 0)).await;
    sql.run(&period("end user per week", "project_id", "eve", 100_000_000, 0)).await;

    let list = async |query: &str| done(&app, &format!("GET {path}{query}"), Value::Null).await["budgets"].clone();
    let everything = list("").await;
    assert_eq!(ids(&everything), [&all, &each, &eve].map(|budget| budget["id"].as_str().unwrap()), "oldest first");
    assert_eq!((&everything[0]["spent_usd"], &everything[0]["reserved_usd"]), (&json!(9.0), &json!(0.5)));
    assert_eq!(everything[0]["remaining_usd"], 0.5);
    assert_eq!(everything[1]["spent_usd"], 0.9, "of the end user who is nearest to the limit");
    let of_eve = list("?end_user=eve").await;
    assert_eq!(of_eve.as_array().unwrap().len(), 3);
    assert_eq!(of_eve[1]["spent_usd"], 0.1);
    assert_eq!(ids(&list("?key_id=any").await), [all["id"].as_str().unwrap()]);
    let caller = done(&app, "GET /api/v1/caller", Value::Null).await;
    assert_eq!(caller["tightest_budget"]["id"], all["id"]);

    let one = format!("{path}/{}", all["id"].as_str().unwrap());
    let changed = done(&app, &format!("PATCH {one}"), json!({"limit_usd": 8, "enforcement": "warn"})).await;
    assert_eq!((&changed["budget"]["limit_usd"], &changed["budget"]["remaining_usd"]), (&json!(8.0), &json!(0.0)));
    assert_eq!(sql.number("SELECT limit_nano_usd FROM budget_periods WHERE end_user = ''").await, 8_000_000_000);
    done(&app, &format!("DELETE {one}"), Value::Null).await;
    assert_eq!(list("").await.as_array().unwrap().len(), 2);
    refused(&app, &app.key, &format!("DELETE {one}"), Value::Null, "not_found", "budget_id").await;
    assert_eq!(sql.number("SELECT CAST(COUNT(*) AS BIGINT) FROM budget_periods").await, 2);
}

#[tokio::test]
async fn an_alias_counts_here_at_once_and_elsewhere_soon() {
    let mut config = Config::default();
    config.routing.aliases.insert("fixed".to_owned(), "sandbox/echo".to_owned());
    let app = TestApp::configured(config.clone()).await;
    let set = async |name: &str, model: &str| {
        done(&app, "POST /api/v1/aliases", json!({"name": name, "model": model})).await["alias"].clone()
    };
    let alias = set("our/best", "sandbox/echo").await;
    assert_eq!(alias["creator"], app.gateway.keys.authenticate(&app.key).await.unwrap().id);
    let resolve = "GET /api/v1/models/resolve?name=our/best";
    let resolved = done(&app, resolve, Value::Null).await["resolution"].clone();
    assert_eq!((&resolved["resolved"], &resolved["rule"]), (&json!("sandbox/echo"), &json!("alias")));
    let chat = json!({"model": "our/best", "messages": [{"role": "user", "content": "hello"}]});
    done(&app, "POST /api/v1/chat", chat).await;

    // Another process on the same database.
    config.database.url = Some(app.database.url.clone());
    let providers = Registry::from_config(&config, |_| None).unwrap();
    let other = app::assemble(config, providers, Role::Command).await.unwrap();
    assert_eq!(other.aliases.routing().aliases["our/best"], "sandbox/echo");
    set("our/best", "sandbox/think").await;
    other.load_aliases().await.unwrap();
    assert_eq!(other.aliases.routing().aliases["our/best"], "sandbox/think");

    let list = done(&app, "GET /api/v1/aliases", Value::Null).await["aliases"].clone();
    assert_eq!((&list[0]["name"], &list[0]["configured"]), (&json!("fixed"), &json!(true)));
    assert_eq!((&list[1]["name"], &list[1]["model"]), (&json!("our/best"), &json!("sandbox/think")));
    let page = done(&app, "GET /api/v1/aliases?page_size=1", Value::Null).await;
    let next = format!("GET /api/v1/aliases?page_token={}", page["next_page_token"].as_str().unwrap());
    assert_eq!(done(&app, &next, Value::Null).await["aliases"], json!([list[1]]));

    for (name, model, field) in [
        ("fixed", "sandbox/think", "name"),
        ("sandbox/echo", "sandbox/think", "name"),
        ("  ", "sandbox/think", "name"),
        ("nice", "our/best", "model"),
    ] {
        let body = json!({"name": name, "model": model});
        refused(&app, &app.key, "POST /api/v1/aliases", body, "invalid_request", field).await;
    }
    let unknown = json!({"name": "nice", "model": "nobody/nothing"});
    refused(&app, &app.key, "POST /api/v1/aliases", unknown, "model_not_found", "model").await;
    refused(&app, &app.key, "DELETE /api/v1/aliases/fixed", Value::Null, "invalid_request", "name").await;
    done(&app, "DELETE /api/v1/aliases/our%2Fbest", Value::Null).await;
    refused(&app, &app.key, "DELETE /api/v1/aliases/our%2Fbest", Value::Null, "not_found", "name").await;
    refused(&app, &app.key, resolve, Value::Null, "model_not_found", "name").await;
}

#[tokio::test]
async fn a_key_reaches_the_models_that_it_and_its_project_may_use() {
    let app = TestApp::start().await;
    done(&app, "PATCH /api/v1/projects/default", json!({"allowed_models": {"models": ["sandbox/*"]}})).await;
    let made = json!({"name": "narrow", "allowed_models": ["sandbox/echo", "anthropic/*"]});
    let made = done(&app, "POST /api/v1/projects/default/keys", made).await;
    let key = made["full_key"].as_str().unwrap();

    let (_, models) = call(&app, key, "GET /api/v1/models", Value::Null).await;
    assert_eq!(ids(&models["models"]), ["sandbox/echo"]);
    let (_, models) = call(&app, key, "GET /v1/models", Value::Null).await;
    assert_eq!(ids(&models["data"]), ["sandbox/echo"]);

    let chat = |model: &str| json!({"model": model, "messages": [{"role": "user", "content": "hello"}]});
    assert_eq!(call(&app, key, "POST /api/v1/chat", chat("sandbox/echo")).await.0, StatusCode::OK);
    for model in ["sandbox/think", "anthropic/claude-sonnet-4.5", "claude-4.5-sonnet"] {
        let (status, answer) = call(&app, key, "POST /api/v1/chat", chat(model)).await;
        let error = &answer["error"];
        assert_eq!((status, &error["reason"]), (StatusCode::FORBIDDEN, &json!("permission_denied")), "{answer}");
        let named = if model.starts_with("claude") { "anthropic/claude-sonnet-4.5" } else { model };
        assert!(error["message"].as_str().unwrap().contains(named), "{answer}");
        assert_eq!(call(&app, key, "POST /v1/chat/completions", chat(model)).await.0, StatusCode::FORBIDDEN);
    }
    let mut fallback = chat("sandbox/echo");
    fallback["routing"] = json!({"fallback_models": ["sandbox/think"]});
    refused(&app, key, "POST /api/v1/chat", fallback, "permission_denied", "routing.fallback_models").await;
    let mut passed = chat("sandbox/echo");
    passed["models"] = json!(["nobody/nothing"]);
    let (status, _) = call(&app, key, "POST /v1/chat/completions", passed).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "a provider might know it");
    assert_eq!(call(&app, key, "POST /v1/embeddings", json!({"model": "sandbox/embed", "input": "x"})).await.0, 403);
}

#[tokio::test]
async fn everybody_manages_what_is_theirs_and_nothing_else() {
    let app = TestApp::start().await;
    let lead = team(&app).await;
    let budget = json!({"scope": "project", "window": "day", "limit_usd": 1});
    let theirs = [
        ("GET /api/v1/projects/P", Value::Null),
        ("PATCH /api/v1/projects/P", json!({})),
        ("GET /api/v1/projects/P/keys", Value::Null),
        ("POST /api/v1/projects/P/keys", json!({"name": "k"})),
        ("GET /api/v1/projects/P/budgets", Value::Null),
        ("POST /api/v1/projects/P/budgets", budget),
    ];
    let gateways = [
        ("POST /api/v1/projects", json!({"name": "x"})),
        ("GET /api/v1/aliases", Value::Null),
        ("POST /api/v1/aliases", json!({"name": "a", "model": "sandbox/echo"})),
        ("DELETE /api/v1/aliases/a", Value::Null),
        ("GET /api/v1/providers", Value::Null),
        ("GET /api/v1/configuration", Value::Null),
    ];
    for (request, body) in &theirs {
        let (own, foreign) = (request.replace("/P", "/team-red"), request.replace("/P", "/default"));
        assert_eq!(call(&app, &lead, &own, body.clone()).await.0, StatusCode::OK, "{own}");
        refused(&app, &lead, &foreign, body.clone(), "not_found", "project_id").await;
        refused(&app, &app.inference_key, &foreign, body.clone(), "permission_denied", "").await;
        assert_eq!(call(&app, &app.key, &own, body.clone()).await.0, StatusCode::OK, "{own}");
    }
    for (request, body) in &gateways {
        refused(&app, &lead, request, body.clone(), "permission_denied", "").await;
        refused(&app, &app.inference_key, request, body.clone(), "permission_denied", "").await;
    }
    for request in ["GET /api/v1/projects", "GET /api/v1/audit"] {
        refused(&app, &app.inference_key, request, Value::Null, "permission_denied", "").await;
    }
    let (_, projects) = call(&app, &lead, "GET /api/v1/projects", Value::Null).await;
    assert_eq!(ids(&projects["projects"]), ["team-red"]);
    let id = app.gateway.keys.authenticate(&app.key).await.unwrap().id.clone();
    for request in ["GET", "PATCH", "POST"] {
        let end = if request == "POST" { "/revoke" } else { "" };
        let stranger = format!("{request} /api/v1/projects/team-red/keys/{id}{end}");
        let body = if request == "GET" { Value::Null } else { json!({}) };
        refused(&app, &lead, &stranger, body, "not_found", "key_id").await;
    }
    let of_another = json!({"scope": "key", "key_id": id, "window": "day", "limit_usd": 1});
    refused(&app, &lead, "POST /api/v1/projects/team-red/budgets", of_another, "not_found", "key_id").await;
    let (_, caller) = call(&app, &app.inference_key, "GET /api/v1/caller", Value::Null).await;
    assert_eq!((&caller["scopes"], caller["all_projects"] == true), (&json!(["inference"]), false));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_field() {
    let app = TestApp::start().await;
    let check = async |path: &str, body: Value, field: &str| {
        refused(&app, &app.key, &format!("POST /api/v1/projects{path}"), body, "invalid_request", field).await;
    };
    check("", json!({"name": " "}), "name").await;
    check("", json!({"name": "x", "project_id": "No Spaces"}), "project_id").await;
    check("", json!({"name": "日本"}), "project_id").await;
    check("", json!({"name": "x", "limits": {"tokens_per_minute": 0}}), "limits.tokens_per_minute").await;
    check("", json!({"name": "x", "metadata": {"": "y"}}), "metadata").await;
    check("/default/keys", json!({"scopes": ["admin"]}), "name").await;
    check("/default/keys", json!({"name": "x", "scopes": ["unspecified"]}), "scopes").await;
    check("/default/keys", json!({"name": "x", "expire_time": "2001-01-01T00:00:00Z"}), "expire_time").await;
    check("/default/keys", json!({"name": "x", "limits": {"requests_per_minute": 0}}), "limits.requests_per_minute")
        .await;
    check("/default/keys", json!({"name": "x", "allowed_models": ["a/*", ""]}), "allowed_models[1]").await;
    check("/default/keys", json!({"name": "x", "budget": {"limit_usd": 1}}), "budget.window").await;
    check("/default/keys", json!({"name": "x", "budget": {"window": "day"}}), "budget.limit_usd").await;
    check("/default/budgets", json!({"window": "day", "limit_usd": 1}), "scope").await;
    check("/default/budgets", json!({"scope": "project", "limit_usd": 1}), "window").await;
    check("/default/budgets", json!({"scope": "project", "window": "day", "limit_usd": 0}), "limit_usd").await;
    check("/default/budgets", json!({"scope": "key", "window": "day", "limit_usd": 1}), "key_id").await;
    let odd = json!({"scope": "project", "end_user": "eve", "window": "day", "limit_usd": 1});
    check("/default/budgets", odd, "end_user").await;
    assert_eq!(app.database.sql().await.number("SELECT CAST(COUNT(*) AS BIGINT) FROM api_keys").await, 2);
}

#[tokio::test]
async fn every_change_is_on_record_with_who_made_it_and_without_secrets() {
    let app = TestApp::start().await;
    let lead = team(&app).await;
    let boss = app.gateway.keys.authenticate(&app.key).await.unwrap().id.clone();
    let lead_id = app.gateway.keys.authenticate(&lead).await.unwrap().id.clone();
    let path = format!("/api/v1/projects/team-red/keys/{lead_id}");
    call(&app, &lead, &format!("PATCH {path}"), json!({"limits": {"requests_per_minute": 9}})).await;
    call(&app, &lead, &format!("PATCH {path}"), json!({"limits": {"requests_per_minute": 9}})).await;
    call(&app, &lead, &format!("POST {path}/rotate"), Value::Null).await;
    done(&app, "POST /api/v1/aliases", json!({"name": "best", "model": "sandbox/echo"})).await;
    done(&app, "DELETE /api/v1/aliases/best", Value::Null).await;
    refused(&app, &lead, "DELETE /api/v1/projects/default", Value::Null, "not_found", "project_id").await;

    let all = done(&app, "GET /api/v1/audit", Value::Null).await["events"].clone();
    let told: Vec<_> = all.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "alias.delete",
            "alias.set",
            "key.rotate",
            "key.update",
            "key.create",
            "project.create",
            "key.create",
            "key.create"
        ],
        "newest first; what changed nothing is no event"
    );
    let update = &all[3];
    assert_eq!((&update["actor"], &update["actor_name"]), (&json!(lead_id), &json!("lead")));
    assert_eq!(update["target"], format!("projects/team-red/keys/{lead_id}"));
    assert_eq!(update["changes"], json!([{"field": "limits.requests_per_minute", "new_value": "9"}]));
    assert!(update["request_id"].as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!((&all[7]["actor"], &all[0]["project"]), (&json!("gateway"), &Value::Null));
    let secret = lead.rsplit('_').next().unwrap();
    assert!(!all.to_string().contains(secret) && !all.to_string().contains("hash"));

    let (_, own) = call(&app, &lead, "GET /api/v1/audit", Value::Null).await;
    assert_eq!(own["events"].as_array().unwrap().len(), 4, "those of its project");
    refused(&app, &lead, "GET /api/v1/audit?project=default", Value::Null, "not_found", "project_id").await;
    for (filter, count) in [
        (format!("actor={boss}"), 4),
        ("action=key.*".to_owned(), 5),
        ("action=key.*&project=team-red".to_owned(), 3),
        ("target=aliases/best".to_owned(), 2),
        ("end=2020-01-01T00:00:00Z".to_owned(), 0),
    ] {
        let found = done(&app, &format!("GET /api/v1/audit?{filter}"), Value::Null).await;
        assert_eq!(found["events"].as_array().map_or(0, Vec::len), count, "{filter}: {found}");
    }
    let page = done(&app, "GET /api/v1/audit?page_size=5", Value::Null).await;
    let next = format!("GET /api/v1/audit?page_size=5&page_token={}", page["next_page_token"].as_str().unwrap());
    assert_eq!(done(&app, &next, Value::Null).await["events"].as_array().unwrap()[0], all[5]);
}

#[tokio::test]
async fn the_same_methods_are_there_over_grpc() {
    let app = TestApp::start().await;
    let mut client = ProjectServiceClient::new(app.router());
    let ask = |message: pb::CreateApiKeyRequest| with_key(&app.key, message);
    let named = |name: &str, project: &str| pb::CreateApiKeyRequest {
        project_id: project.to_owned(),
        name: name.to_owned(),
        ..pb::CreateApiKeyRequest::default()
    };
    let made = client.create_api_key(ask(named("grpc", "default"))).await.unwrap().into_inner();
    let caller = client.get_caller(with_key(&made.full_key, pb::GetCallerRequest::default())).await.unwrap();
    let caller = caller.into_inner();
    assert_eq!((caller.key_name.as_str(), caller.sandbox_only), ("grpc", true));
    let status = client.create_api_key(ask(named("grpc", "nowhere"))).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::NotFound);
    let status = client.create_api_key(with_key(&made.full_key, named("x", "default"))).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::PermissionDenied);
    let status = client.create_api_key(ask(named("", "default"))).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
}

fn with_key<T>(key: &str, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().unwrap());
    request
}

#[tokio::test]
async fn operators_see_providers_and_configuration_without_secrets() {
    let mut config = Config::default();
    let mine: generative_gateway::config::Provider = serde_json::from_value(json!({
        "dialect": "openrouter", "base_url": "http://me:hidden@localhost:1/v1", "api_key": "sk-hidden",
        "headers": {"x-secret": "hidden"},
    }))
    .unwrap();
    config.providers.insert("mine".to_owned(), mine);
    let app = TestApp::configured(config).await;
    let providers = done(&app, "GET /api/v1/providers", Value::Null).await;
    let names: Vec<_> = providers["providers"].as_array().unwrap().iter().map(|provider| &provider["name"]).collect();
    assert_eq!(names, ["mine", "sandbox", "openrouter"]);
    let (own, unset) = (&providers["providers"][0], &providers["providers"][2]);
    assert_eq!((&own["base_url"], &own["dialect"]), (&json!("http://localhost:1/v1"), &json!("openrouter")));
    assert_eq!(own["credentials"], json!([{"name": "api_key", "origin": "providers.mine.api_key"}]));
    assert_eq!((&unset["health"], &unset["key_variable"]), (&json!("not_configured"), &json!("OPENROUTER_API_KEY")));
    assert!(providers["providers"][1]["models"].as_u64().unwrap() > 0);

    let configuration = done(&app, "GET /api/v1/configuration", Value::Null).await;
    let values = configuration["values"].as_array().unwrap();
    let find = |key: &str| values.iter().find(|value| value["key"] == key).unwrap();
    let secret = find("providers.mine.api_key");
    assert_eq!((&secret["secret"], &secret["is_set"], secret.get("value")), (&json!(true), &json!(true), None));
    assert_eq!(find("routing.max_attempts")["value"], "3");
    assert!(!format!("{configuration}{providers}").contains("hidden"));
    let caller = done(&app, "GET /api/v1/caller", Value::Null).await;
    assert_eq!(caller.get("sandbox_only"), None, "a provider is there: {caller}");
}
