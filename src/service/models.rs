//! Models: what there is, what it can do and what it costs.

use super::{Caller, Gateway};
use crate::{error::Error, pb};

impl Gateway {
    /// Lists models, page by page.
    pub async fn list_models(
        &self,
        _caller: &Caller,
        _request: pb::ListModelsRequest,
    ) -> Result<pb::ListModelsResponse, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// One model with its price history.
    pub async fn get_model(
        &self,
        _caller: &Caller,
        _request: pb::GetModelRequest,
    ) -> Result<pb::GetModelResponse, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// Which model a name means.
    pub async fn resolve_model(
        &self,
        _caller: &Caller,
        _request: pb::ResolveModelRequest,
    ) -> Result<pb::ResolveModelResponse, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// Fetches models and prices now. Needs the admin scope.
    pub async fn refresh_models(
        &self,
        _caller: &Caller,
        _request: pb::RefreshModelsRequest,
    ) -> Result<pb::RefreshModelsResponse, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }
}
