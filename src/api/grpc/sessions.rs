//! Sessions over gRPC.

use tonic::{Request, Response, Status};

use super::{Door, errors, unary};
use crate::pb::{
    CreateSessionRequest, CreateSessionResponse, DeleteSessionRequest, DeleteSessionResponse, ExportSessionRequest,
    ExportSessionResponse, GetSessionRequest, GetSessionResponse, ListMessagesRequest, ListMessagesResponse,
    ListSessionsRequest, ListSessionsResponse, UpdateSessionRequest, UpdateSessionResponse,
    session_service_server::SessionService,
};

#[tonic::async_trait]
impl SessionService for Door {
    async fn create_session(
        &self,
        request: Request<CreateSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        unary(request, async |caller, request| self.0.create_session(&caller, request).await).await
    }

    async fn get_session(&self, request: Request<GetSessionRequest>) -> Result<Response<GetSessionResponse>, Status> {
        unary(request, async |caller, request| self.0.get_session(&caller, request).await).await
    }

    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Result<Response<ListSessionsResponse>, Status> {
        unary(request, async |caller, request| self.0.list_sessions(&caller, request).await).await
    }

    async fn update_session(
        &self,
        request: Request<UpdateSessionRequest>,
    ) -> Result<Response<UpdateSessionResponse>, Status> {
        unary(request, async |caller, request| self.0.update_session(&caller, request).await).await
    }

    async fn delete_session(
        &self,
        request: Request<DeleteSessionRequest>,
    ) -> Result<Response<DeleteSessionResponse>, Status> {
        unary(request, async |caller, request| self.0.delete_session(&caller, request).await).await
    }

    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let mut page = unary(request, async |caller, request| self.0.list_messages(&caller, request).await).await?;
        errors::name_codes(&mut page.get_mut().messages);
        Ok(page)
    }

    async fn export_session(
        &self,
        request: Request<ExportSessionRequest>,
    ) -> Result<Response<ExportSessionResponse>, Status> {
        unary(request, async |caller, request| self.0.export_session(&caller, request).await).await
    }
}
