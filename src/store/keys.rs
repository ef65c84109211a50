//! Keys of projects.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, SqlErr, Value,
};
use uuid::Uuid;

use super::{
    Store,
    audit::{self, AuditEvent},
    budgets::{self, BudgetRecord},
    entity::{api_keys, projects as project_rows},
    projects::{self, Project},
    text,
};
use crate::{
    error::Error,
    pb::{self, ApiKeyState},
};

/// A gateway key as it is kept. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyRecord {
    /// Public id.
    pub id: String,
    /// The project it belongs to.
    pub project_id: Uuid,
    /// Its name.
    pub name: String,
    /// It may administer, not only infer.
    pub admin: bool,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// SHA-256 of the secret before the last rotation.
    pub old_secret_hash: Option<Vec<u8>>,
    /// Until when that one holds.
    pub old_secret_expires_at_ms: Option<i64>,
    /// When it was made.
    pub created_at_ms: i64,
    /// When its time is over.
    pub expires_at_ms: Option<i64>,
    /// When it last got a new secret.
    pub rotated_at_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_at_ms: Option<i64>,
    /// Its own limits.
    pub limits: pb::Limits,
    /// Models that it may use, of those that its project may; empty means all of them.
    pub allowed_models: Vec<String>,
    /// Labels.
    pub metadata: BTreeMap<String, String>,
    /// Who made it: a key's public id, `cli`, or `gateway`.
    pub creator: String,
    /// When it was last used, to the minute.
    pub last_used_at_ms: Option<i64>,
}

impl KeyRecord {
    /// Whether it can be used.
    pub fn state(&self, now_ms: i64) -> ApiKeyState {
        match (self.revoked_at_ms, self.expires_at_ms) {
            (Some(_), _) => ApiKeyState::Revoked,
            (None, Some(end)) if end <= now_ms => ApiKeyState::Expired,
            _ => ApiKeyState::Active,
        }
    }
}

/// A key's place in the order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPlace {
    /// When it was made, milliseconds since 1970.
    pub created_at_ms: i64,
    /// Its public id.
    pub id: String,
}

impl Store {
    /// On an empty database, makes a project with one key; `false` where there is a project already.
    pub async fn create_first(&self, project: Project, mut key: KeyRecord, event: AuditEvent) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            if project_rows::Entity::find().one(&transaction).await?.is_some() {
                return Ok(false);
            }
            key.project_id = project.id;
            projects::insert(&transaction, project).await?;
            insert(&transaction, key).await?;
            audit::write(&transaction, event).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        match work.await {
            // Another replica came first.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
            other => other.map_err(Error::books),
        }
    }

    /// Keeps a new key, and its budget where it gets one.
    pub async fn create_key(
        &self,
        key: KeyRecord,
        budget: Option<BudgetRecord>,
        events: Vec<AuditEvent>,
    ) -> Result<(), Error> {
        let work = async {
            let transaction = self.begin().await?;
            insert(&transaction, key).await?;
            if let Some(budget) = budget {
                budgets::insert(&transaction, budget).await?;
            }
            for event in events {
                audit::write(&transaction, event).await?;
            }
            transaction.commit().await
        };
        work.await.map_err(|error: DbErr| Error::books(error))
    }

    /// The key of that public id, and its project.
    pub async fn find_key(&self, id: &str) -> Result<Option<(KeyRecord, Project)>, Error> {
        let found = api_keys::Entity::find_by_id(&*text::clean(id))
            .find_also_related(project_rows::Entity)
            .one(&self.0.readers)
            .await
            .map_err(Error::books)?;
        let Some((key, project)) = found else { return Ok(None) };
        let project = project.ok_or_else(|| Error::internal(format!("key {} has no project", key.id)))?;
        Ok(Some((key.into(), project.into())))
    }

    /// At most `limit` keys of a project that come after one, newest first, in one of these states.
    pub async fn list_keys(
        &self,
        project: Uuid,
        states: &[ApiKeyState],
        now_ms: i64,
        after: Option<KeyPlace>,
        limit: u32,
    ) -> Result<Vec<KeyRecord>, Error> {
        use api_keys::Column;
        let mut found = api_keys::Entity::find().filter(Column::ProjectId.eq(project));
        if !states.is_empty() {
            let any = states.iter().fold(Condition::any(), |any, state| any.add(in_state(*state, now_ms)));
            found = found.filter(any);
        }
        if let Some(place) = after {
            let same_time =
                Condition::all().add(Column::CreatedAtMs.eq(place.created_at_ms)).add(Column::Id.lt(place.id));
            found = found.filter(Condition::any().add(Column::CreatedAtMs.lt(place.created_at_ms)).add(same_time));
        }
        let found = found.order_by_desc(Column::CreatedAtMs).order_by_desc(Column::Id).limit(u64::from(limit));
        let rows = found.all(&self.0.readers).await.map_err(Error::books)?;
        Ok(rows.into_iter().map(KeyRecord::from).collect())
    }

    /// Changes a key as `change` says, which also tells the event; `None` where there is no such key, or it belongs to
    /// another project than that one.
    pub async fn change_key(
        &self,
        project: Option<Uuid>,
        id: &str,
        change: impl FnOnce(&mut KeyRecord, &Project) -> Result<AuditEvent, Error>,
    ) -> Result<Option<(KeyRecord, Project)>, Error> {
        let transaction = self.begin().await.map_err(Error::books)?;
        let mut found = api_keys::Entity::find_by_id(&*text::clean(id));
        if let Some(project) = project {
            found = found.filter(api_keys::Column::ProjectId.eq(project));
        }
        let found = found.lock_exclusive().one(&transaction).await.map_err(Error::books)?;
        let Some(mut key) = found.map(KeyRecord::from) else { return Ok(None) };
        let project = project_rows::Entity::find_by_id(key.project_id).one(&transaction).await.map_err(Error::books)?;
        let project: Project = project.ok_or_else(|| Error::internal(format!("key {id} has no project")))?.into();
        let event = change(&mut key, &project)?;
        let work = async {
            let row = api_keys::Model::from(key.clone()).into_active_model().reset_all();
            row.update(&transaction).await?;
            audit::write(&transaction, event).await?;
            transaction.commit().await
        };
        work.await.map_err(|error: DbErr| Error::books(error))?;
        Ok(Some((key, project)))
    }

    /// Notes that keys were used at a minute, milliseconds since 1970.
    pub async fn note_uses(&self, ids: &[String], minute_ms: i64) -> Result<(), Error> {
        let marks = vec!["?"; ids.len()].join(", ");
        let note = format!(
            "UPDATE api_keys SET last_used_at_ms = ? WHERE id IN ({marks}) \
             AND (last_used_at_ms IS NULL OR last_used_at_ms < ?)"
        );
        let ids = ids.iter().map(|id| Value::from(id.as_str()));
        let values: Vec<Value> = [minute_ms.into()].into_iter().chain(ids).chain([minute_ms.into()]).collect();
        self.0.writer.execute_raw(self.statement(&note, values)).await.map(drop).map_err(Error::books)
    }
}

/// The same as [`KeyRecord::state`].
fn in_state(state: ApiKeyState, now_ms: i64) -> Condition {
    use api_keys::Column::{ExpiresAtMs, RevokedAtMs};
    let all = Condition::all();
    match state {
        ApiKeyState::Unspecified => all,
        ApiKeyState::Revoked => all.add(RevokedAtMs.is_not_null()),
        ApiKeyState::Expired => all.add(RevokedAtMs.is_null()).add(ExpiresAtMs.lte(now_ms)),
        ApiKeyState::Active => {
            let lasting = Condition::any().add(ExpiresAtMs.is_null()).add(ExpiresAtMs.gt(now_ms));
            all.add(RevokedAtMs.is_null()).add(lasting)
        }
    }
}

async fn insert(connection: &impl ConnectionTrait, key: KeyRecord) -> Result<(), DbErr> {
    api_keys::Model::from(key).into_active_model().reset_all().insert(connection).await.map(drop)
}

impl From<KeyRecord> for api_keys::Model {
    fn from(key: KeyRecord) -> Self {
        Self {
            id: key.id,
            project_id: key.project_id,
            name: text::clean(&key.name).into_owned(),
            admin: key.admin,
            secret_hash: key.secret_hash,
            old_secret_hash: key.old_secret_hash,
            old_secret_expires_at_ms: key.old_secret_expires_at_ms,
            created_at_ms: key.created_at_ms,
            expires_at_ms: key.expires_at_ms,
            rotated_at_ms: key.rotated_at_ms,
            revoked_at_ms: key.revoked_at_ms,
            limits: text::limits(&key.limits),
            allowed_models: text::list(&key.allowed_models),
            metadata: text::labels(&key.metadata),
            creator: key.creator,
            last_used_at_ms: key.last_used_at_ms,
        }
    }
}

impl From<api_keys::Model> for KeyRecord {
    fn from(key: api_keys::Model) -> Self {
        Self {
            id: key.id,
            project_id: key.project_id,
            name: key.name,
            admin: key.admin,
            secret_hash: key.secret_hash,
            old_secret_hash: key.old_secret_hash,
            old_secret_expires_at_ms: key.old_secret_expires_at_ms,
            created_at_ms: key.created_at_ms,
            expires_at_ms: key.expires_at_ms,
            rotated_at_ms: key.rotated_at_ms,
            revoked_at_ms: key.revoked_at_ms,
            limits: text::read(&key.limits),
            allowed_models: text::read(&key.allowed_models),
            metadata: text::read(&key.metadata),
            creator: key.creator,
            last_used_at_ms: key.last_used_at_ms,
        }
    }
}
