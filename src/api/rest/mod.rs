//! The native REST door. Its table is that of the contract's `google.api.http` rules; a test holds the two together.

mod export;
mod generations;
mod projects;
mod query;
mod sessions;

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    response::Response,
    routing::{MethodRouter, get, post},
};
use http::{HeaderMap, HeaderValue, header};

use self::query::Nested;
use super::{
    auth::{Known, within},
    compression,
    errors::Refusal,
    facts::Facts,
    json::{JsonBody, message_response, parse},
    sse,
};
use crate::{
    error::Error,
    pb,
    service::{Caller, ChatCall, EmbedCall, Gateway},
};

/// A method of the contract and where it is.
#[cfg_attr(not(test), expect(dead_code, reason = "names are for the reader, and for the test against the contract"))]
struct Row {
    rpc: &'static str,
    method: &'static str,
    path: &'static str,
    handler: MethodRouter<Gateway>,
}

fn row(rpc: &'static str, method: &'static str, path: &'static str, handler: MethodRouter<Gateway>) -> Row {
    Row { rpc, method, path, handler }
}

/// The methods that are built.
fn table() -> Vec<Row> {
    let own = [
        row("ChatService.Chat", "POST", "/api/v1/chat", post(chat)),
        row("ChatService.EstimateChat", "POST", "/api/v1/chat/estimate", post(estimate)),
        row("ChatService.CancelChat", "POST", "/api/v1/generations/{generation_id}/cancel", post(generations::cancel)),
        row("EmbeddingService.Embed", "POST", "/api/v1/embeddings", post(embed)),
        row("ModelService.ListModels", "GET", "/api/v1/models", get(list_models).layer(compression())),
        row("ModelService.ResolveModel", "GET", "/api/v1/models/resolve", get(resolve_model)),
        row("ModelService.RefreshModels", "POST", "/api/v1/models/refresh", post(refresh_models)),
        row("ModelService.GetModel", "GET", "/api/v1/models/{author}/{slug}", get(get_model)),
        row("UsageService.ListGenerations", "GET", "/api/v1/generations", get(list_generations).layer(compression())),
        row("UsageService.GetGeneration", "GET", "/api/v1/generations/{generation_id}", get(get_generation)),
        row(
            "UsageService.GetGenerationContent",
            "GET",
            "/api/v1/generations/{generation_id}/content",
            get(generations::content).layer(compression()),
        ),
        row("UsageService.SummarizeUsage", "GET", "/api/v1/usage/summary", get(summarize_usage).layer(compression())),
    ];
    own.into_iter().chain(projects::table()).collect()
}

/// Streams, which have no google.api.http rules. StreamChat is `/api/v1/chat`.
fn streams() -> [Row; 2] {
    [
        row("UsageService.ExportUsage", "GET", "/api/v1/usage/export", get(export::usage)),
        row("ChatService.ResumeChat", "GET", "/api/v1/generations/{generation_id}/events", get(generations::events)),
    ]
}

/// Everything below `/api/v1`.
pub(super) fn routes() -> Router<Gateway> {
    let rows = table().into_iter().chain(sessions::table()).chain(streams());
    rows.fold(Router::new(), |router, row| router.route(row.path, row.handler))
}

/// Method, HTTP method and path of everything below `/api/v1`.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let rows = table().into_iter().chain(sessions::table()).chain(streams());
    rows.map(|row| (row.rpc, row.method, row.path))
}

type Answer = Result<Response, Refusal>;

async fn chat(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Answer {
    let request: Box<pb::ChatRequest> = parse(&body)?;
    let deadline = caller.deadline;
    if request.stream || wants_events(&headers) {
        let pace = sse::Pace::of(&gateway, &caller);
        let call = ChatCall { request, source: None, stream: true };
        let start = async move { gateway.stream_chat(caller, call).await };
        return Ok(sse::answer(start, pace, sse::Native::default()).await?);
    }
    let call = ChatCall { request, source: None, stream: false };
    let answer = within(deadline, gateway.chat(caller, call)).await?;
    let mut response = message_response(&answer)?;
    Facts::of_chat(&answer).write(response.headers_mut());
    Ok(response)
}

fn wants_events(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|accept| contains(accept, "text/event-stream"))
}

fn contains(value: &HeaderValue, media_type: &str) -> bool {
    value.to_str().is_ok_and(|value| value.contains(media_type))
}

async fn estimate(State(gateway): State<Gateway>, Known(caller): Known, JsonBody(body): JsonBody) -> Answer {
    let request = pb::EstimateChatRequest { request: Some(parse(&body)?) };
    tell(&caller, gateway.estimate_chat(&caller, request)).await
}

async fn embed(State(gateway): State<Gateway>, Known(caller): Known, JsonBody(body): JsonBody) -> Answer {
    let call = EmbedCall { request: parse(&body)?, source: None };
    let answer = within(caller.deadline, gateway.embed(caller, call)).await?.response;
    let mut response = message_response(&answer)?;
    Facts::of_embeddings(&answer).write(response.headers_mut());
    Ok(response)
}

async fn list_models(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.list_models(&caller, request)).await
}

async fn get_model(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path((author, slug)): Path<(String, String)>,
) -> Answer {
    let request = pb::GetModelRequest { id: format!("{author}/{slug}") };
    tell(&caller, gateway.get_model(&caller, request)).await
}

async fn resolve_model(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request: pb::ResolveModelRequest = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.resolve_model(&caller, request)).await
}

async fn refresh_models(State(gateway): State<Gateway>, Known(caller): Known, JsonBody(body): JsonBody) -> Answer {
    // The message has no fields, so no body is as good as an empty one.
    let request = if body.is_empty() { pb::RefreshModelsRequest {} } else { parse(&body)? };
    tell(&caller, gateway.refresh_models(&caller, request)).await
}

async fn list_generations(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    const FILTER: Nested = Nested { field: "filter", own: &["page_size", "pageSize", "page_token", "pageToken"] };
    let request = query::read(query.as_deref(), Some(&FILTER))?;
    tell(&caller, gateway.list_generations(&caller, request)).await
}

async fn get_generation(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(generation_id): Path<String>,
) -> Answer {
    tell(&caller, gateway.get_generation(&caller, pb::GetGenerationRequest { generation_id })).await
}

async fn summarize_usage(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.summarize_usage(&caller, request)).await
}

/// Waits for a method's answer and writes it.
async fn tell<T: serde::Serialize>(caller: &Caller, answer: impl Future<Output = Result<T, Error>>) -> Answer {
    Ok(message_response(&within(caller.deadline, answer).await?)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

    use super::*;

    /// The methods that the gateway answers today.
    const BUILT: [&str; 41] = [
        "ChatService.Chat",
        "ChatService.EstimateChat",
        "ChatService.CancelChat",
        "EmbeddingService.Embed",
        "ModelService.ListModels",
        "ModelService.GetModel",
        "ModelService.ResolveModel",
        "ModelService.RefreshModels",
        "UsageService.GetGeneration",
        "UsageService.GetGenerationContent",
        "UsageService.ListGenerations",
        "UsageService.SummarizeUsage",
        "ProjectService.CreateProject",
        "ProjectService.ListProjects",
        "ProjectService.GetProject",
        "ProjectService.UpdateProject",
        "ProjectService.DeleteProject",
        "ProjectService.CreateApiKey",
        "ProjectService.ListApiKeys",
        "ProjectService.GetApiKey",
        "ProjectService.UpdateApiKey",
        "ProjectService.RotateApiKey",
        "ProjectService.RevokeApiKey",
        "ProjectService.CreateBudget",
        "ProjectService.ListBudgets",
        "ProjectService.UpdateBudget",
        "ProjectService.DeleteBudget",
        "ProjectService.SetModelAlias",
        "ProjectService.ListModelAliases",
        "ProjectService.DeleteModelAlias",
        "ProjectService.ListProviders",
        "ProjectService.GetConfiguration",
        "ProjectService.ListAuditEvents",
        "ProjectService.GetCaller",
        "SessionService.CreateSession",
        "SessionService.GetSession",
        "SessionService.ListSessions",
        "SessionService.UpdateSession",
        "SessionService.DeleteSession",
        "SessionService.ListMessages",
        "SessionService.ExportSession",
    ];

    /// `POST /api/v1/chat` of a method that has a rule.
    fn rule(pool: &DescriptorPool, method: &MethodDescriptor) -> Option<(String, String)> {
        let http = pool.get_extension_by_name("google.api.http").expect("the contract imports it");
        let options: DynamicMessage = method.options();
        let Value::Message(rule) = options.get_extension(&http).into_owned() else { return None };
        let (verb, path) = ["get", "post", "patch", "delete"].into_iter().find_map(|verb| {
            let path = rule.get_field_by_name(verb)?.as_str()?.to_owned();
            (!path.is_empty()).then_some((verb, path))
        })?;
        Some((verb.to_ascii_uppercase(), path))
    }

    #[test]
    fn the_table_is_the_contract_s() {
        let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
        let mut contract = BTreeSet::new();
        for service in pool.services().filter(|service| service.package_name() == "gateway.v1") {
            for method in service.methods() {
                let name = format!("{}.{}", service.name(), method.name());
                if let Some((verb, path)) = rule(&pool, &method).filter(|_| BUILT.contains(&name.as_str())) {
                    contract.insert((name, verb, path.replace("{id=*/*}", "{author}/{slug}")));
                }
            }
        }
        assert_eq!(contract.len(), BUILT.len(), "a built method has no rule");
        let table = table().into_iter().chain(sessions::table());
        let table = table.map(|row| (row.rpc.to_owned(), row.method.to_owned(), row.path.to_owned()));
        assert_eq!(table.collect::<BTreeSet<_>>(), contract);
    }
}
