//! Models: what there is, what it can do and what it costs.

mod listing;
mod refresh;

use super::{Caller, Gateway, allowed::not_allowed};
use crate::{
    error::{Error, Reason},
    pb::{self, well_known::Timestamp},
    routing::{catalog::Entry, resolve},
    store::prices::StoredPrice,
};

impl Gateway {
    /// Lists the models that the caller may use, page by page.
    pub async fn list_models(
        &self,
        caller: &Caller,
        request: pb::ListModelsRequest,
    ) -> Result<pb::ListModelsResponse, Error> {
        let snapshot = self.catalog.snapshot();
        let page = listing::page(&snapshot, &request, |entry| caller.key.may_see(entry))?;
        std::future::ready(Ok(pb::ListModelsResponse {
            models: page.entries.into_iter().map(|entry| self.with_endpoint(entry)).collect(),
            next_page_token: page.next,
            total_size: page.total,
            refresh_time: snapshot.refreshed_at_ms.map(Timestamp::from_millis),
            refresh_error: snapshot.refresh_error.clone(),
        }))
        .await
    }

    /// One model with its price history.
    pub async fn get_model(
        &self,
        caller: &Caller,
        request: pb::GetModelRequest,
    ) -> Result<pb::GetModelResponse, Error> {
        let snapshot = self.catalog.snapshot();
        let Some(entry) = snapshot.find_with_option(&request.id) else {
            return Err(resolve::not_found("id", &request.id, &snapshot));
        };
        if !caller.key.may_see(entry) {
            return Err(not_allowed(&entry.model.id).with_field("id"));
        }
        let history = self.store.price_history(&entry.model.id).await?;
        let here = history.into_iter().filter(|stored| stored.sheet.provider == entry.provider);
        Ok(pb::GetModelResponse {
            price_history: here.map(stated).collect::<Result<_, _>>()?,
            model: Some(self.with_endpoint(entry)),
        })
    }

    /// Which model a name means.
    pub async fn resolve_model(
        &self,
        caller: &Caller,
        request: pb::ResolveModelRequest,
    ) -> Result<pb::ResolveModelResponse, Error> {
        let snapshot = self.catalog.snapshot();
        let is_provider = |name: &str| self.providers.find(name).is_some();
        let resolved = resolve::resolve(&request.name, &snapshot, &self.aliases.routing(), is_provider)
            .and_then(|resolved| caller.key.check_allowed(&resolved).map(|()| resolved))
            .map_err(|error| error.with_field("name"));
        std::future::ready(resolved.map(|resolved| pb::ResolveModelResponse {
            model: resolved.entry.map(|entry| self.with_endpoint(&entry)),
            resolution: Some(resolved.resolution),
        }))
        .await
    }

    /// Fetches models and prices now. Needs the admin scope.
    pub async fn refresh_models(
        &self,
        caller: &Caller,
        _request: pb::RefreshModelsRequest,
    ) -> Result<pb::RefreshModelsResponse, Error> {
        caller.require_admin()?;
        self.refresh_catalog().await
    }

    /// A model as it is told: with where it can be had, and whether that is configured.
    fn with_endpoint(&self, entry: &Entry) -> pb::Model {
        let mut model = entry.model.clone();
        model.endpoints = vec![pb::ModelEndpoint {
            provider: entry.provider.clone(),
            upstream_id: entry.upstream_id.clone(),
            price: model.price.clone(),
            context_length: model.context_length,
            quantization: String::new(),
            available: self.providers.find(&entry.provider).is_some(),
        }];
        model
    }
}

/// A kept price sheet as it is told.
pub(super) fn stated(stored: StoredPrice) -> Result<pb::Price, Error> {
    let price: pb::Price = serde_json::from_str(&stored.sheet.json)
        .map_err(|error| Error::internal(format!("price {} cannot be read: {error}", stored.id)))?;
    Ok(pb::Price {
        version: stored.id.to_string(),
        source: stored.source,
        effective_time: Some(Timestamp::from_millis(stored.since_ms)),
        ..price
    })
}

/// A page token that is not one of this listing.
fn cursor_invalid() -> Error {
    Error::new(
        Reason::CursorInvalid,
        "page_token is not one that this listing gave; begin again without it, or repeat the filters it was given for",
    )
    .with_field("page_token")
}
