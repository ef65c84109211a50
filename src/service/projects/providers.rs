//! Providers, also those that are not configured.

use crate::{
    error::Error,
    pb::{self, ProviderHealth, ProviderStatus},
    provider::{Provider, known::Known},
    service::{Caller, Gateway},
};

impl Gateway {
    /// All providers, configured ones first, then by name.
    pub async fn list_providers(
        &self,
        caller: &Caller,
        _request: pb::ListProvidersRequest,
    ) -> Result<pb::ListProvidersResponse, Error> {
        caller.require_gateway_admin()?;
        let mut known = Known::all(&self.config);
        known.sort_by_cached_key(|known| (self.providers.find(&known.name).is_none(), known.name.clone()));
        let providers = known.into_iter().map(|known| self.provider_status(known)).collect();
        std::future::ready(Ok(pb::ListProvidersResponse { providers })).await
    }

    fn provider_status(&self, known: Known) -> ProviderStatus {
        let configured = self.providers.find(&known.name);
        let status = match configured {
            Some(provider) => self.provider_health(provider),
            None if known.disabled => of_health(ProviderHealth::Disabled),
            None => of_health(ProviderHealth::NotConfigured),
        };
        let snapshot = self.catalog.snapshot();
        let models = snapshot.entries().iter().filter(|entry| entry.provider == known.name).count();
        let credential = configured.and_then(|provider| credential(provider, &known));
        ProviderStatus {
            name: known.name,
            display_name: known.display_name,
            dialect: known.dialect,
            base_url: known.base_url,
            key_variable: known.key_variable,
            credentials: credential.into_iter().collect(),
            models: u32::try_from(models).unwrap_or(u32::MAX),
            ..status
        }
    }

    /// How a configured provider does, as far as this process knows. Nobody watches providers, so nothing is known, and
    /// nothing is said.
    fn provider_health(&self, _: &Provider) -> ProviderStatus {
        ProviderStatus::default()
    }
}

fn of_health(health: ProviderHealth) -> ProviderStatus {
    ProviderStatus { health: health.into(), ..ProviderStatus::default() }
}

/// The credential that is shown to a provider: one of the configuration, or the vendor's own variable.
fn credential(provider: &Provider, known: &Known) -> Option<pb::Credential> {
    let name = Some(provider.credential.clone()).filter(|name| !name.is_empty())?;
    let origin = match name == known.key_variable {
        true => name.clone(),
        false => format!("providers.{}.{name}", known.name),
    };
    Some(pb::Credential { name, origin })
}
