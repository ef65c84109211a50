//! Usage: the books, call by call and summed up.

use super::{Caller, Gateway};
use crate::{error::Error, pb};

impl Gateway {
    /// One generation with its attempts.
    pub async fn get_generation(
        &self,
        _caller: &Caller,
        _request: pb::GetGenerationRequest,
    ) -> Result<pb::GetGenerationResponse, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// A page of generations, newest first.
    pub async fn list_generations(
        &self,
        _caller: &Caller,
        _request: pb::ListGenerationsRequest,
    ) -> Result<pb::ListGenerationsResponse, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// Sums over time and by properties.
    pub async fn summarize_usage(
        &self,
        _caller: &Caller,
        _request: pb::SummarizeUsageRequest,
    ) -> Result<pb::SummarizeUsageResponse, Error> {
        std::future::ready(Err(Error::internal("not wired yet"))).await
    }

    /// Every generation that fits a filter, oldest first.
    pub fn export_usage(
        &self,
        _caller: &Caller,
        _request: pb::ExportUsageRequest,
    ) -> futures::stream::BoxStream<'static, Result<pb::Generation, Error>> {
        Box::pin(futures::stream::empty())
    }
}
