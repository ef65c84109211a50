//! Embeddings, models and usage over gRPC.

use futures::{StreamExt as _, stream::BoxStream};
use tonic::{Request, Response, Status};

use super::{Door, Facts, open, refuse, unary, with_facts};
use crate::{
    pb::{
        EmbedRequest, EmbedResponse, ExportUsageRequest, Generation, GetGenerationContentRequest,
        GetGenerationContentResponse, GetGenerationRequest, GetGenerationResponse, GetModelRequest, GetModelResponse,
        ListGenerationsRequest, ListGenerationsResponse, ListModelsRequest, ListModelsResponse, RefreshModelsRequest,
        RefreshModelsResponse, ResolveModelRequest, ResolveModelResponse, SummarizeUsageRequest,
        SummarizeUsageResponse, embedding_service_server::EmbeddingService, model_service_server::ModelService,
        usage_service_server::UsageService,
    },
    service::EmbedCall,
};

#[tonic::async_trait]
impl EmbeddingService for Door {
    async fn embed(&self, request: Request<EmbedRequest>) -> Result<Response<EmbedResponse>, Status> {
        let answer =
            unary(request, |caller, request| self.0.embed(caller, EmbedCall { request, source: None })).await?;
        let response = answer.into_inner().response;
        let facts = Facts::of_embeddings(&response);
        Ok(with_facts(response, &facts))
    }
}

#[tonic::async_trait]
impl ModelService for Door {
    async fn list_models(&self, request: Request<ListModelsRequest>) -> Result<Response<ListModelsResponse>, Status> {
        unary(request, async |caller, request| self.0.list_models(&caller, request).await).await
    }

    async fn get_model(&self, request: Request<GetModelRequest>) -> Result<Response<GetModelResponse>, Status> {
        unary(request, async |caller, request| self.0.get_model(&caller, request).await).await
    }

    async fn resolve_model(
        &self,
        request: Request<ResolveModelRequest>,
    ) -> Result<Response<ResolveModelResponse>, Status> {
        unary(request, async |caller, request| self.0.resolve_model(&caller, request).await).await
    }

    async fn refresh_models(
        &self,
        request: Request<RefreshModelsRequest>,
    ) -> Result<Response<RefreshModelsResponse>, Status> {
        unary(request, async |caller, request| self.0.refresh_models(&caller, request).await).await
    }
}

#[tonic::async_trait]
impl UsageService for Door {
    async fn get_generation(
        &self,
        request: Request<GetGenerationRequest>,
    ) -> Result<Response<GetGenerationResponse>, Status> {
        unary(request, async |caller, request| self.0.get_generation(&caller, request).await).await
    }

    async fn get_generation_content(
        &self,
        request: Request<GetGenerationContentRequest>,
    ) -> Result<Response<GetGenerationContentResponse>, Status> {
        unary(request, async |caller, request| self.0.get_generation_content(&caller, request).await).await
    }

    async fn list_generations(
        &self,
        request: Request<ListGenerationsRequest>,
    ) -> Result<Response<ListGenerationsResponse>, Status> {
        unary(request, async |caller, request| self.0.list_generations(&caller, request).await).await
    }

    async fn summarize_usage(
        &self,
        request: Request<SummarizeUsageRequest>,
    ) -> Result<Response<SummarizeUsageResponse>, Status> {
        unary(request, async |caller, request| self.0.summarize_usage(&caller, request).await).await
    }

    type ExportUsageStream = BoxStream<'static, Result<Generation, Status>>;

    async fn export_usage(
        &self,
        request: Request<ExportUsageRequest>,
    ) -> Result<Response<Self::ExportUsageStream>, Status> {
        let (caller, request) = open(request)?;
        let rows = self.0.export_usage(&caller, request);
        let rows = rows.map(move |row| row.map_err(|error| refuse(&error, &caller.request_id)));
        Ok(Response::new(rows.boxed()))
    }
}
