//! Projects and their keys.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    SqlErr,
};
use uuid::Uuid;

use super::{
    Store,
    entity::{api_keys, projects},
};
use crate::error::{Error, Reason};

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id in the books.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// When it was made, milliseconds since 1970.
    pub created_at_ms: i64,
}

/// A gateway key as it is kept. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRecord {
    /// Public id.
    pub id: String,
    /// The project it belongs to.
    pub project_id: Uuid,
    /// That project's name; filled in when it is read.
    pub project: String,
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
}

impl Store {
    /// Makes a project. Its name must be new.
    pub async fn create_project(&self, name: &str, now_ms: i64) -> Result<Project, Error> {
        insert_project(&self.0.writer, name, now_ms).await.map_err(|error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                Error::new(Reason::AlreadyExists, format!("there is a project `{name}` already")).with_field("name")
            }
            _ => Error::books(error),
        })
    }

    /// The project of that name.
    pub async fn find_project(&self, name: &str) -> Result<Option<Project>, Error> {
        let found = projects::Entity::find().filter(projects::Column::Name.eq(name));
        Ok(found.one(&self.0.writer).await.map_err(Error::books)?.map(Project::from))
    }

    /// All projects, by name.
    pub async fn list_projects(&self) -> Result<Vec<Project>, Error> {
        let rows = projects::Entity::find().order_by_asc(projects::Column::Name).all(&self.0.readers).await;
        Ok(rows.map_err(Error::books)?.into_iter().map(Project::from).collect())
    }

    /// On an empty database, makes a project with one key; `false` where there is a project already.
    pub async fn create_first(&self, project: &str, mut key: KeyRecord) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            if projects::Entity::find().one(&transaction).await?.is_some() {
                return Ok(false);
            }
            key.project_id = insert_project(&transaction, project, key.created_at_ms).await?.id;
            insert_key(&transaction, key).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        match work.await {
            // Another replica came first.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
            other => other.map_err(Error::books),
        }
    }

    /// Keeps a new key.
    pub async fn create_key(&self, key: KeyRecord) -> Result<(), Error> {
        insert_key(&self.0.writer, key).await.map_err(Error::books)
    }

    /// The key of that public id.
    pub async fn find_key(&self, id: &str) -> Result<Option<KeyRecord>, Error> {
        let found = api_keys::Entity::find_by_id(id)
            .find_also_related(projects::Entity)
            .one(&self.0.readers)
            .await
            .map_err(Error::books)?;
        Ok(found.map(KeyRecord::from))
    }

    /// All keys of one project or of all, oldest first.
    pub async fn list_keys(&self, project: Option<Uuid>) -> Result<Vec<KeyRecord>, Error> {
        let mut found = api_keys::Entity::find().find_also_related(projects::Entity);
        if let Some(project) = project {
            found = found.filter(api_keys::Column::ProjectId.eq(project));
        }
        let rows = found
            .order_by_asc(api_keys::Column::CreatedAtMs)
            .order_by_asc(api_keys::Column::Id)
            .all(&self.0.readers)
            .await
            .map_err(Error::books)?;
        Ok(rows.into_iter().map(KeyRecord::from).collect())
    }

    /// Revokes a key; `false` where there is none. One that was revoked keeps its first time.
    pub async fn revoke_key(&self, id: &str, now_ms: i64) -> Result<bool, Error> {
        let revoke = "UPDATE api_keys SET revoked_at_ms = COALESCE(revoked_at_ms, ?) WHERE id = ?";
        let done = self.0.writer.execute_raw(self.statement(revoke, [now_ms.into(), id.into()])).await;
        Ok(done.map_err(Error::books)?.rows_affected() > 0)
    }

    /// Gives a key a new secret and lets the one before hold on until `old_expires_at_ms`; `false` where there is no
    /// such key or it was revoked.
    pub async fn rotate_key(
        &self,
        id: &str,
        secret_hash: Vec<u8>,
        old_expires_at_ms: i64,
        now_ms: i64,
    ) -> Result<bool, Error> {
        let rotate = "UPDATE api_keys SET old_secret_hash = secret_hash, old_secret_expires_at_ms = ?, \
                      secret_hash = ?, rotated_at_ms = ? WHERE id = ? AND revoked_at_ms IS NULL";
        let values = [old_expires_at_ms.into(), secret_hash.into(), now_ms.into(), id.into()];
        let done = self.0.writer.execute_raw(self.statement(rotate, values)).await;
        Ok(done.map_err(Error::books)?.rows_affected() > 0)
    }
}

async fn insert_project(connection: &impl ConnectionTrait, name: &str, now_ms: i64) -> Result<Project, DbErr> {
    let project =
        projects::ActiveModel { id: Set(Uuid::now_v7()), name: Set(name.to_owned()), created_at_ms: Set(now_ms) };
    project.insert(connection).await.map(Project::from)
}

async fn insert_key(connection: &impl ConnectionTrait, key: KeyRecord) -> Result<(), DbErr> {
    let key = api_keys::ActiveModel {
        id: Set(key.id),
        project_id: Set(key.project_id),
        name: Set(key.name),
        admin: Set(key.admin),
        secret_hash: Set(key.secret_hash),
        old_secret_hash: Set(key.old_secret_hash),
        old_secret_expires_at_ms: Set(key.old_secret_expires_at_ms),
        created_at_ms: Set(key.created_at_ms),
        expires_at_ms: Set(key.expires_at_ms),
        rotated_at_ms: Set(key.rotated_at_ms),
        revoked_at_ms: Set(key.revoked_at_ms),
    };
    key.insert(connection).await.map(drop)
}

impl From<projects::Model> for Project {
    fn from(row: projects::Model) -> Self {
        Self { id: row.id, name: row.name, created_at_ms: row.created_at_ms }
    }
}

impl From<(api_keys::Model, Option<projects::Model>)> for KeyRecord {
    fn from((key, project): (api_keys::Model, Option<projects::Model>)) -> Self {
        Self {
            id: key.id,
            project_id: key.project_id,
            project: project.map(|project| project.name).unwrap_or_default(),
            name: key.name,
            admin: key.admin,
            secret_hash: key.secret_hash,
            old_secret_hash: key.old_secret_hash,
            old_secret_expires_at_ms: key.old_secret_expires_at_ms,
            created_at_ms: key.created_at_ms,
            expires_at_ms: key.expires_at_ms,
            rotated_at_ms: key.rotated_at_ms,
            revoked_at_ms: key.revoked_at_ms,
        }
    }
}
