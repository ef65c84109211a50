//! Keys of projects.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use super::{audit::Actor, budgets, fields, page::Listing};
use crate::{
    error::Error,
    pb::{self, ApiKeyState, BudgetScope, LimitScope, Scope, well_known::Timestamp},
    service::{
        Caller, Gateway, Key,
        clock::now_ms,
        keys::{Keys, no_key, revoked},
    },
    store::{
        keys::{KeyPlace, KeyRecord},
        projects::Project,
    },
};

/// How long an old secret holds where nobody says.
const GRACE: Duration = Duration::from_secs(24 * 3600);

impl Gateway {
    /// Makes a key, and a budget for it where one is asked for. The answer is the only place where it can be read.
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        request: pb::CreateApiKeyRequest,
    ) -> Result<pb::CreateApiKeyResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let (actor, now) = (Actor::of(caller), now_ms());
        let key = KeyRecord {
            id: Keys::new_id(),
            name: fields::name(&request.name)?,
            admin: fields::is_admin(&request.scopes)?,
            expires_at_ms: fields::expiry(request.expire_time, now)?,
            limits: fields::limits(request.limits)?,
            allowed_models: fields::allowed_models(request.allowed_models)?,
            metadata: fields::labels(BTreeMap::new(), request.metadata)?,
            ..KeyRecord::default()
        };
        let budget = match request.budget {
            None => None,
            Some(terms) => {
                let asked = pb::CreateBudgetRequest {
                    scope: BudgetScope::Key.into(),
                    key_id: key.id.clone(),
                    window: terms.window,
                    enforcement: terms.enforcement,
                    limit_usd: terms.limit_usd,
                    ..pb::CreateBudgetRequest::default()
                };
                let budget = budgets::parse(&project, asked, "budget.", now)?;
                Some((budget.clone(), budgets::made(&actor, &project, &budget)))
            }
        };
        let (key, full_key) = self.keys.keep(&actor, &project, key, budget.clone()).await?;
        if budget.is_some() {
            self.load_budgets().await?;
        }
        Ok(pb::CreateApiKeyResponse {
            key: Some(self.key_now(&key, &project)),
            full_key,
            budget: budget.map(|(budget, _)| budgets::describe(&budget, &project.name, None, now)),
        })
    }

    /// A page of a project's keys, newest first.
    pub async fn list_api_keys(
        &self,
        caller: &Caller,
        request: pb::ListApiKeysRequest,
    ) -> Result<pb::ListApiKeysResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let states: Vec<_> = request.states().collect();
        if states.contains(&ApiKeyState::Unspecified) {
            return Err(Error::invalid(
                "states",
                "states holds one that does not exist; give active, expired or revoked",
            ));
        }
        let listing = Listing::new("keys", &[&project.name, &format!("{states:?}")], request.page_size);
        let after = listing.after(&request.page_token)?;
        let found = self.store.list_keys(project.id, &states, now_ms(), after, listing.limit()).await?;
        let (found, next_page_token) = listing.cut(found, |key| format!("{} {}", key.created_at_ms, key.id));
        let keys = found.iter().map(|key| self.key_now(key, &project)).collect();
        Ok(pb::ListApiKeysResponse { keys, next_page_token })
    }

    /// One key.
    pub async fn get_api_key(
        &self,
        caller: &Caller,
        request: pb::GetApiKeyRequest,
    ) -> Result<pb::GetApiKeyResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let found = self.store.find_key(&request.key_id).await?;
        let (key, project) =
            found.filter(|(key, _)| key.project_id == project.id).ok_or_else(|| no_key(&request.key_id))?;
        Ok(pb::GetApiKeyResponse { key: Some(self.key_now(&key, &project)) })
    }

    /// Changes the fields that are given.
    pub async fn update_api_key(
        &self,
        caller: &Caller,
        request: pb::UpdateApiKeyRequest,
    ) -> Result<pb::UpdateApiKeyResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        if request.never_expires && request.expire_time.is_some() {
            return Err(Error::invalid("never_expires", "give expire_time or never_expires, not both"));
        }
        let id = request.key_id.clone();
        let update = |key: &mut KeyRecord, now: i64| {
            if let Some(name) = &request.name {
                key.name = fields::name(name)?;
            }
            if request.expire_time.is_some() || request.never_expires {
                key.expires_at_ms = fields::expiry(request.expire_time, now)?;
            }
            if request.limits.is_some() {
                key.limits = fields::limits(request.limits)?;
            }
            if let Some(models) = request.allowed_models {
                key.allowed_models = fields::allowed_models(models.models)?;
            }
            key.metadata = fields::labels(std::mem::take(&mut key.metadata), request.metadata)?;
            Ok(())
        };
        let (key, project) = self.keys.change(&Actor::of(caller), Some(project.id), &id, "key.update", update).await?;
        Ok(pb::UpdateApiKeyResponse { key: Some(self.key_now(&key, &project)) })
    }

    /// Gives a key a new secret; the old one holds for a time of grace.
    pub async fn rotate_api_key(
        &self,
        caller: &Caller,
        request: pb::RotateApiKeyRequest,
    ) -> Result<pb::RotateApiKeyResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let grace = request.grace_seconds.map_or(GRACE, |seconds| Duration::from_secs(seconds.into()));
        let (actor, id) = (Actor::of(caller), &request.key_id);
        let ((key, project), full_key) = self.keys.renew(&actor, Some(project.id), id, grace).await?;
        Ok(pb::RotateApiKeyResponse { key: Some(self.key_now(&key, &project)), full_key })
    }

    /// Ends a key for good. What runs under it is finished.
    pub async fn revoke_api_key(
        &self,
        caller: &Caller,
        request: pb::RevokeApiKeyRequest,
    ) -> Result<pb::RevokeApiKeyResponse, Error> {
        let project = self.managed(caller, &request.project_id).await?;
        let (actor, id) = (Actor::of(caller), &request.key_id);
        let (key, project) = self.keys.change(&actor, Some(project.id), id, "key.revoke", revoked).await?;
        Ok(pb::RevokeApiKeyResponse { key: Some(self.key_now(&key, &project)) })
    }

    fn key_now(&self, record: &KeyRecord, project: &Project) -> pb::ApiKey {
        let mut limit_status = self.limit_status(&Key::of(record, project));
        limit_status.retain(|status| status.scope() == LimitScope::Key);
        pb::ApiKey { limit_status, ..describe(record, project, now_ms()) }
    }
}

/// A key as it was set up, and whether it can be used at that time.
pub(in crate::service) fn describe(key: &KeyRecord, project: &Project, now_ms: i64) -> pb::ApiKey {
    let old_secret = key.old_secret_expires_at_ms.filter(|until| now_ms < *until);
    pb::ApiKey {
        id: key.id.clone(),
        project: project.name.clone(),
        name: key.name.clone(),
        scopes: scopes(key.admin),
        state: key.state(now_ms).into(),
        limits: Some(key.limits),
        limit_status: Vec::new(),
        allowed_models: key.allowed_models.clone(),
        metadata: key.metadata.clone(),
        creator: key.creator.clone(),
        create_time: Some(Timestamp::from_millis(key.created_at_ms)),
        expire_time: key.expires_at_ms.map(Timestamp::from_millis),
        last_use_time: key.last_used_at_ms.map(Timestamp::from_millis),
        rotate_time: key.rotated_at_ms.map(Timestamp::from_millis),
        old_secret_expire_time: old_secret.map(Timestamp::from_millis),
        revoke_time: key.revoked_at_ms.map(Timestamp::from_millis),
    }
}

/// What a key may do.
pub(super) fn scopes(admin: bool) -> Vec<i32> {
    [Scope::Inference.into()].into_iter().chain(admin.then_some(Scope::Admin.into())).collect()
}

impl FromStr for KeyPlace {
    type Err = ();

    /// The time and the id.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (time, id) = text.split_once(' ').ok_or(())?;
        Ok(Self { created_at_ms: time.parse().map_err(drop)?, id: id.to_owned() })
    }
}
