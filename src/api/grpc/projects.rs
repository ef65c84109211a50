//! Projects, keys, budgets, aliases, and the gateway's own state over gRPC.

use tonic::{Request, Response, Status};

use super::{Door, unary};
use crate::pb::{self, project_service_server::ProjectService};

#[tonic::async_trait]
impl ProjectService for Door {
    async fn create_project(
        &self,
        request: Request<pb::CreateProjectRequest>,
    ) -> Result<Response<pb::CreateProjectResponse>, Status> {
        unary(request, async |caller, request| self.0.create_project(&caller, request).await).await
    }

    async fn list_projects(
        &self,
        request: Request<pb::ListProjectsRequest>,
    ) -> Result<Response<pb::ListProjectsResponse>, Status> {
        unary(request, async |caller, request| self.0.list_projects(&caller, request).await).await
    }

    async fn get_project(
        &self,
        request: Request<pb::GetProjectRequest>,
    ) -> Result<Response<pb::GetProjectResponse>, Status> {
        unary(request, async |caller, request| self.0.get_project(&caller, request).await).await
    }

    async fn update_project(
        &self,
        request: Request<pb::UpdateProjectRequest>,
    ) -> Result<Response<pb::UpdateProjectResponse>, Status> {
        unary(request, async |caller, request| self.0.update_project(&caller, request).await).await
    }

    async fn delete_project(
        &self,
        request: Request<pb::DeleteProjectRequest>,
    ) -> Result<Response<pb::DeleteProjectResponse>, Status> {
        unary(request, async |caller, request| self.0.delete_project(&caller, request).await).await
    }

    async fn create_api_key(
        &self,
        request: Request<pb::CreateApiKeyRequest>,
    ) -> Result<Response<pb::CreateApiKeyResponse>, Status> {
        unary(request, async |caller, request| self.0.create_api_key(&caller, request).await).await
    }

    async fn list_api_keys(
        &self,
        request: Request<pb::ListApiKeysRequest>,
    ) -> Result<Response<pb::ListApiKeysResponse>, Status> {
        unary(request, async |caller, request| self.0.list_api_keys(&caller, request).await).await
    }

    async fn get_api_key(
        &self,
        request: Request<pb::GetApiKeyRequest>,
    ) -> Result<Response<pb::GetApiKeyResponse>, Status> {
        unary(request, async |caller, request| self.0.get_api_key(&caller, request).await).await
    }

    async fn update_api_key(
        &self,
        request: Request<pb::UpdateApiKeyRequest>,
    ) -> Result<Response<pb::UpdateApiKeyResponse>, Status> {
        unary(request, async |caller, request| self.0.update_api_key(&caller, request).await).await
    }

    async fn rotate_api_key(
        &self,
        request: Request<pb::RotateApiKeyRequest>,
    ) -> Result<Response<pb::RotateApiKeyResponse>, Status> {
        unary(request, async |caller, request| self.0.rotate_api_key(&caller, request).await).await
    }

    async fn revoke_api_key(
        &self,
        request: Request<pb::RevokeApiKeyRequest>,
    ) -> Result<Response<pb::RevokeApiKeyResponse>, Status> {
        unary(request, async |caller, request| self.0.revoke_api_key(&caller, request).await).await
    }

    async fn create_budget(
        &self,
        request: Request<pb::CreateBudgetRequest>,
    ) -> Result<Response<pb::CreateBudgetResponse>, Status> {
        unary(request, async |caller, request| self.0.create_budget(&caller, request).await).await
    }

    async fn list_budgets(
        &self,
        request: Request<pb::ListBudgetsRequest>,
    ) -> Result<Response<pb::ListBudgetsResponse>, Status> {
        unary(request, async |caller, request| self.0.list_budgets(&caller, request).await).await
    }

    async fn update_budget(
        &self,
        request: Request<pb::UpdateBudgetRequest>,
    ) -> Result<Response<pb::UpdateBudgetResponse>, Status> {
        unary(request, async |caller, request| self.0.update_budget(&caller, request).await).await
    }

    async fn delete_budget(
        &self,
        request: Request<pb::DeleteBudgetRequest>,
    ) -> Result<Response<pb::DeleteBudgetResponse>, Status> {
        unary(request, async |caller, request| self.0.delete_budget(&caller, request).await).await
    }

    async fn set_model_alias(
        &self,
        request: Request<pb::SetModelAliasRequest>,
    ) -> Result<Response<pb::SetModelAliasResponse>, Status> {
        unary(request, async |caller, request| self.0.set_model_alias(&caller, request).await).await
    }

    async fn list_model_aliases(
        &self,
        request: Request<pb::ListModelAliasesRequest>,
    ) -> Result<Response<pb::ListModelAliasesResponse>, Status> {
        unary(request, async |caller, request| self.0.list_model_aliases(&caller, request).await).await
    }

    async fn delete_model_alias(
        &self,
        request: Request<pb::DeleteModelAliasRequest>,
    ) -> Result<Response<pb::DeleteModelAliasResponse>, Status> {
        unary(request, async |caller, request| self.0.delete_model_alias(&caller, request).await).await
    }

    async fn list_providers(
        &self,
        request: Request<pb::ListProvidersRequest>,
    ) -> Result<Response<pb::ListProvidersResponse>, Status> {
        unary(request, async |caller, request| self.0.list_providers(&caller, request).await).await
    }

    async fn get_configuration(
        &self,
        request: Request<pb::GetConfigurationRequest>,
    ) -> Result<Response<pb::GetConfigurationResponse>, Status> {
        unary(request, async |caller, request| self.0.get_configuration(&caller, request).await).await
    }

    async fn list_audit_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsResponse>, Status> {
        unary(request, async |caller, request| self.0.list_audit_events(&caller, request).await).await
    }

    async fn get_caller(
        &self,
        request: Request<pb::GetCallerRequest>,
    ) -> Result<Response<pb::GetCallerResponse>, Status> {
        unary(request, async |caller, request| self.0.get_caller(&caller, request).await).await
    }
}
