//! Projects, keys, budgets, aliases, and the gateway's own state over REST. What stands in the path is stronger than what
//! the body says.

use axum::{
    extract::{Path, RawQuery, State},
    routing::{delete, get, patch, post},
};
use serde::de::DeserializeOwned;

use super::{Answer, JsonBody, Known, Row, parse, query, row, tell};
use crate::{error::Error, pb, service::Gateway};

/// The methods of `ProjectService`.
pub(super) fn table() -> Vec<Row> {
    vec![
        row("ProjectService.CreateProject", "POST", "/api/v1/projects", post(create_project)),
        row("ProjectService.ListProjects", "GET", "/api/v1/projects", get(list_projects)),
        row("ProjectService.GetProject", "GET", "/api/v1/projects/{project_id}", get(get_project)),
        row("ProjectService.UpdateProject", "PATCH", "/api/v1/projects/{project_id}", patch(update_project)),
        row("ProjectService.DeleteProject", "DELETE", "/api/v1/projects/{project_id}", delete(delete_project)),
        row("ProjectService.CreateApiKey", "POST", "/api/v1/projects/{project_id}/keys", post(create_api_key)),
        row("ProjectService.ListApiKeys", "GET", "/api/v1/projects/{project_id}/keys", get(list_api_keys)),
        row("ProjectService.GetApiKey", "GET", "/api/v1/projects/{project_id}/keys/{key_id}", get(get_api_key)),
        row(
            "ProjectService.UpdateApiKey",
            "PATCH",
            "/api/v1/projects/{project_id}/keys/{key_id}",
            patch(update_api_key),
        ),
        row(
            "ProjectService.RotateApiKey",
            "POST",
            "/api/v1/projects/{project_id}/keys/{key_id}/rotate",
            post(rotate_api_key),
        ),
        row(
            "ProjectService.RevokeApiKey",
            "POST",
            "/api/v1/projects/{project_id}/keys/{key_id}/revoke",
            post(revoke_api_key),
        ),
        row("ProjectService.CreateBudget", "POST", "/api/v1/projects/{project_id}/budgets", post(create_budget)),
        row("ProjectService.ListBudgets", "GET", "/api/v1/projects/{project_id}/budgets", get(list_budgets)),
        row(
            "ProjectService.UpdateBudget",
            "PATCH",
            "/api/v1/projects/{project_id}/budgets/{budget_id}",
            patch(update_budget),
        ),
        row(
            "ProjectService.DeleteBudget",
            "DELETE",
            "/api/v1/projects/{project_id}/budgets/{budget_id}",
            delete(delete_budget),
        ),
        row("ProjectService.SetModelAlias", "POST", "/api/v1/aliases", post(set_model_alias)),
        row("ProjectService.ListModelAliases", "GET", "/api/v1/aliases", get(list_model_aliases)),
        row("ProjectService.DeleteModelAlias", "DELETE", "/api/v1/aliases/{name}", delete(delete_model_alias)),
        row("ProjectService.ListProviders", "GET", "/api/v1/providers", get(list_providers)),
        row("ProjectService.GetConfiguration", "GET", "/api/v1/configuration", get(get_configuration)),
        row("ProjectService.ListAuditEvents", "GET", "/api/v1/audit", get(list_audit_events)),
        row("ProjectService.GetCaller", "GET", "/api/v1/caller", get(get_caller)),
    ]
}

async fn create_project(State(gateway): State<Gateway>, Known(caller): Known, JsonBody(body): JsonBody) -> Answer {
    let request: pb::CreateProjectRequest = or_empty(&body)?;
    tell(&caller, gateway.create_project(&caller, request)).await
}

async fn list_projects(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request: pb::ListProjectsRequest = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.list_projects(&caller, request)).await
}

async fn get_project(State(gateway): State<Gateway>, Known(caller): Known, Path(project_id): Path<String>) -> Answer {
    let request = pb::GetProjectRequest { project_id };
    tell(&caller, gateway.get_project(&caller, request)).await
}

async fn update_project(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(project_id): Path<String>,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = pb::UpdateProjectRequest { project_id, ..or_empty(&body)? };
    tell(&caller, gateway.update_project(&caller, request)).await
}

async fn delete_project(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(project_id): Path<String>,
) -> Answer {
    let request = pb::DeleteProjectRequest { project_id };
    tell(&caller, gateway.delete_project(&caller, request)).await
}

async fn create_api_key(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(project_id): Path<String>,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = pb::CreateApiKeyRequest { project_id, ..or_empty(&body)? };
    tell(&caller, gateway.create_api_key(&caller, request)).await
}

async fn list_api_keys(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(project_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let request = pb::ListApiKeysRequest { project_id, ..query::read(query.as_deref(), None)? };
    tell(&caller, gateway.list_api_keys(&caller, request)).await
}

async fn get_api_key(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path((project_id, key_id)): Path<(String, String)>,
) -> Answer {
    let request = pb::GetApiKeyRequest { project_id, key_id };
    tell(&caller, gateway.get_api_key(&caller, request)).await
}

async fn update_api_key(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path((project_id, key_id)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = pb::UpdateApiKeyRequest { project_id, key_id, ..or_empty(&body)? };
    tell(&caller, gateway.update_api_key(&caller, request)).await
}

async fn rotate_api_key(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path((project_id, key_id)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = pb::RotateApiKeyRequest { project_id, key_id, ..or_empty(&body)? };
    tell(&caller, gateway.rotate_api_key(&caller, request)).await
}

async fn revoke_api_key(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path((project_id, key_id)): Path<(String, String)>,
) -> Answer {
    let request = pb::RevokeApiKeyRequest { project_id, key_id };
    tell(&caller, gateway.revoke_api_key(&caller, request)).await
}

async fn create_budget(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(project_id): Path<String>,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = pb::CreateBudgetRequest { project_id, ..or_empty(&body)? };
    tell(&caller, gateway.create_budget(&caller, request)).await
}

async fn list_budgets(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path(project_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let request = pb::ListBudgetsRequest { project_id, ..query::read(query.as_deref(), None)? };
    tell(&caller, gateway.list_budgets(&caller, request)).await
}

async fn update_budget(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path((project_id, budget_id)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Answer {
    let request = pb::UpdateBudgetRequest { project_id, budget_id, ..or_empty(&body)? };
    tell(&caller, gateway.update_budget(&caller, request)).await
}

async fn delete_budget(
    State(gateway): State<Gateway>,
    Known(caller): Known,
    Path((project_id, budget_id)): Path<(String, String)>,
) -> Answer {
    let request = pb::DeleteBudgetRequest { project_id, budget_id };
    tell(&caller, gateway.delete_budget(&caller, request)).await
}

async fn set_model_alias(State(gateway): State<Gateway>, Known(caller): Known, JsonBody(body): JsonBody) -> Answer {
    let request: pb::SetModelAliasRequest = or_empty(&body)?;
    tell(&caller, gateway.set_model_alias(&caller, request)).await
}

async fn list_model_aliases(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request: pb::ListModelAliasesRequest = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.list_model_aliases(&caller, request)).await
}

async fn delete_model_alias(State(gateway): State<Gateway>, Known(caller): Known, Path(name): Path<String>) -> Answer {
    let request = pb::DeleteModelAliasRequest { name };
    tell(&caller, gateway.delete_model_alias(&caller, request)).await
}

async fn list_providers(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request: pb::ListProvidersRequest = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.list_providers(&caller, request)).await
}

async fn get_configuration(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request: pb::GetConfigurationRequest = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.get_configuration(&caller, request)).await
}

async fn list_audit_events(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request: pb::ListAuditEventsRequest = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.list_audit_events(&caller, request)).await
}

async fn get_caller(State(gateway): State<Gateway>, Known(caller): Known, RawQuery(query): RawQuery) -> Answer {
    let request: pb::GetCallerRequest = query::read(query.as_deref(), None)?;
    tell(&caller, gateway.get_caller(&caller, request)).await
}

/// A body that may be left out where nothing has to be said.
fn or_empty<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    parse(if body.is_empty() { b"{}" } else { body })
}
