//! Who a caller is, what it may do and what is left to it.

use super::keys::scopes;
use crate::{
    error::Error,
    pb::{self, BudgetWindow, well_known::Timestamp},
    routing::catalog::SANDBOX,
    service::{Caller, Gateway, clock::now_ms},
    store::budgets::span,
};

impl Gateway {
    /// Who the caller's key is. Needs no scope.
    pub async fn get_caller(
        &self,
        caller: &Caller,
        request: pb::GetCallerRequest,
    ) -> Result<pb::GetCallerResponse, Error> {
        let key = &*caller.key;
        let kept = self.store.find_key(&key.id).await?;
        let (expire_time, project_name) = match kept {
            Some((record, project)) => (record.expires_at_ms.map(Timestamp::from_millis), project.title),
            None => (None, key.project.clone()),
        };
        let month = span(BudgetWindow::Month, now_ms()).starts_at_ms;
        Ok(pb::GetCallerResponse {
            project: key.project.clone(),
            project_name,
            key_id: key.id.clone(),
            key_name: key.name.clone(),
            scopes: scopes(key.admin),
            all_projects: caller.manages_all(),
            expire_time,
            allowed_models: key.allowed_patterns(),
            limits: self.limit_status(key),
            tightest_budget: self.tightest_budget(caller, &request.end_user).await?,
            month_cost_usd: self.store.cost_since(key.project_id, month).await?.map(pb::usd),
            gateway_version: env!("CARGO_PKG_VERSION").to_owned(),
            sandbox_only: self.providers.iter().all(|provider| provider.name == SANDBOX),
        })
    }
}
