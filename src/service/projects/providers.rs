//! Providers, also those that are not configured.

use std::time::Duration;

use crate::{
    error::{Error, Reason},
    pb::{self, BreakerState, ProviderHealth, ProviderStatus, well_known::Timestamp},
    provider::{Provider, known::Known},
    routing::health::{BreakerView, View},
    service::{
        Caller, Gateway,
        clock::{millis, now_ms},
    },
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
        let credentials = configured.map(|provider| credentials(provider, &known));
        ProviderStatus {
            name: known.name,
            display_name: known.display_name,
            dialect: known.dialect,
            base_url: known.base_url,
            key_variable: known.key_variable,
            credentials: credentials.unwrap_or_default(),
            models: u32::try_from(models).unwrap_or(u32::MAX),
            ..status
        }
    }

    /// How a configured provider does, as far as this process has seen.
    fn provider_health(&self, provider: &Provider) -> ProviderStatus {
        let view = self.health.view(&provider.name);
        let now = now_ms();
        let ago = |passed: Duration| Timestamp::from_millis(now - millis(passed));
        let ahead = |wait: Duration| Timestamp::from_millis(now + millis(wait));
        let breaker = |breaker: &BreakerView| pb::Breaker {
            credential: breaker.credential.clone(),
            upstream_model: breaker.model.clone(),
            state: breaker.state.into(),
            failures: breaker.failures,
            retry_time: breaker.retry_in.map(ahead),
            error_reason: breaker.reason.into(),
        };
        let troubled = view.breakers.iter().filter(|breaker| breaker.state != BreakerState::Closed);
        let error = |(reason, count): &(Reason, u64)| pb::ErrorCount { reason: (*reason).into(), count: *count };
        ProviderStatus {
            health: health(&view).into(),
            breakers: troubled.map(breaker).collect(),
            retry_time: view.paused_for.map(ahead),
            attempts: view.tries,
            failed_attempts: view.failed,
            errors: view.errors.iter().map(error).collect(),
            first_token_ms: view.first_token.map(|first_token| pb::Percentiles {
                p50: first_token.p50.as_secs_f64() * 1e3,
                p95: first_token.p95.as_secs_f64() * 1e3,
                p99: first_token.p99.as_secs_f64() * 1e3,
            }),
            last_success_time: view.last_success.map(ago),
            last_failure_time: view.last_failure.map(ago),
            ..ProviderStatus::default()
        }
    }
}

fn health(view: &View) -> ProviderHealth {
    let in_trouble = |breaker: &BreakerView| breaker.aside || breaker.state != BreakerState::Closed;
    if view.paused_for.is_some() {
        ProviderHealth::Paused
    } else if view.tries == 0 {
        ProviderHealth::Idle
    } else if view.failed > 0 || view.breakers.iter().any(in_trouble) {
        ProviderHealth::Degraded
    } else {
        ProviderHealth::Healthy
    }
}

fn of_health(health: ProviderHealth) -> ProviderStatus {
    ProviderStatus { health: health.into(), ..ProviderStatus::default() }
}

/// The credentials that are shown to a provider: those of the configuration, or the vendor's own variable.
fn credentials(provider: &Provider, known: &Known) -> Vec<pb::Credential> {
    let named = provider.credentials.iter().map(|credential| credential.name.clone()).filter(|name| !name.is_empty());
    let origin = |name: &str| match name {
        name if name == known.key_variable => name.to_owned(),
        "api_key" => format!("providers.{}.api_key", known.name),
        name => format!("providers.{}.api_keys.{name}", known.name),
    };
    named.map(|name| pb::Credential { origin: origin(&name), name }).collect()
}
