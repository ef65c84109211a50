//! Projects.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, SqlErr,
};
use uuid::Uuid;

use super::{
    Store,
    audit::{self, AuditEvent},
    budgets,
    entity::projects,
    text,
};
use crate::{
    error::{Error, Reason},
    pb,
};

/// What goes with its project: tables and how their rows are found, children before parents.
const OWNED: [(&str, &str); 7] = [
    ("generation_contents", "project_id = ?"),
    ("message_blobs", "project_id = ?"),
    ("blobs", "project_id = ?"),
    ("messages", "session_id IN (SELECT id FROM sessions WHERE project_id = ?)"),
    ("session_branches", "session_id IN (SELECT id FROM sessions WHERE project_id = ?)"),
    ("sessions", "project_id = ?"),
    ("budgets", "project_id = ?"),
];

/// A project as it is kept. Times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// Its id in the books.
    pub id: Uuid,
    /// Its id in the contract: a short name that never changes.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Limits of all its keys together.
    pub limits: pb::Limits,
    /// Models that its keys may use; empty means all.
    pub allowed_models: Vec<String>,
    /// Labels.
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
    /// When it was deleted.
    pub deleted_at_ms: Option<i64>,
}

impl Store {
    /// Makes a project. Its name must never have been one's before.
    pub async fn create_project(&self, project: Project, event: AuditEvent) -> Result<(), Error> {
        let name = project.name.clone();
        let work = async {
            let transaction = self.begin().await?;
            insert(&transaction, project).await?;
            audit::write(&transaction, event).await?;
            transaction.commit().await
        };
        work.await.map_err(|error: DbErr| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Error::new(
                Reason::AlreadyExists,
                format!("there is, or was, a project `{name}`; ids are not given again, so choose another"),
            )
            .with_field("project_id"),
            _ => Error::books(error),
        })
    }

    /// The project of that name, unless it was deleted.
    pub async fn find_project(&self, name: &str) -> Result<Option<Project>, Error> {
        let found = standing().filter(projects::Column::Name.eq(&*text::clean(name)));
        Ok(found.one(&self.0.writer).await.map_err(Error::books)?.map(Project::from))
    }

    /// At most `limit` projects whose names come after one, by name; all, or only that one.
    pub async fn list_projects(&self, only: Option<Uuid>, after: &str, limit: u32) -> Result<Vec<Project>, Error> {
        let mut found = standing().filter(projects::Column::Name.gt(&*text::clean(after)));
        if let Some(id) = only {
            found = found.filter(projects::Column::Id.eq(id));
        }
        let found = found.order_by_asc(projects::Column::Name).limit(u64::from(limit));
        let rows = found.all(&self.0.readers).await.map_err(Error::books)?;
        Ok(rows.into_iter().map(Project::from).collect())
    }

    /// How many keys of these projects may be used; none for those that are not in the answer.
    pub async fn count_keys(&self, projects: &[Uuid], now_ms: i64) -> Result<HashMap<Uuid, u32>, Error> {
        if projects.is_empty() {
            return Ok(HashMap::new());
        }
        let marks = vec!["?"; projects.len()].join(", ");
        let count = format!(
            "SELECT project_id, CAST(COUNT(*) AS BIGINT) AS keys FROM api_keys WHERE project_id IN ({marks}) \
             AND revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?) GROUP BY project_id"
        );
        let values = projects.iter().map(|id| (*id).into()).chain([now_ms.into()]);
        let rows = self.0.readers.query_all_raw(self.statement(&count, values)).await.map_err(Error::books)?;
        let read = |row: sea_orm::QueryResult| {
            let keys: i64 = row.try_get("", "keys")?;
            Ok((row.try_get("", "project_id")?, u32::try_from(keys).unwrap_or(u32::MAX)))
        };
        rows.into_iter().map(read).collect::<Result<_, DbErr>>().map_err(Error::books)
    }

    /// What a project has cost since an hour's beginning, in nano-USD; `None` where no cost is known of what it did.
    pub async fn cost_since(&self, project: Uuid, hour_ms: i64) -> Result<Option<i64>, Error> {
        let sum = "SELECT CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT) AS cost, \
                   CAST(COALESCE(SUM(requests), 0) AS BIGINT) AS requests, \
                   CAST(COALESCE(SUM(unknown_cost_requests), 0) AS BIGINT) AS unknown \
                   FROM usage_hourly WHERE project_id = ? AND hour_ms >= ?";
        let row = self.0.readers.query_one_raw(self.statement(sum, [project.into(), hour_ms.into()])).await;
        let Some(row) = row.map_err(Error::books)? else { return Ok(None) };
        let number = |column| row.try_get::<i64>("", column).map_err(Error::books);
        let known = number("requests")? == 0 || number("unknown")? < number("requests")?;
        Ok(known.then_some(number("cost")?))
    }

    /// Changes a project as `change` says, which also tells the event; `None` where there is no such project.
    pub async fn change_project(
        &self,
        name: &str,
        change: impl FnOnce(&mut Project) -> Result<AuditEvent, Error>,
    ) -> Result<Option<Project>, Error> {
        let transaction = self.begin().await.map_err(Error::books)?;
        let Some(mut project) = locked(&transaction, name).await.map_err(Error::books)? else { return Ok(None) };
        let event = change(&mut project)?;
        let work = async {
            update(&transaction, project.clone()).await?;
            audit::write(&transaction, event).await?;
            transaction.commit().await
        };
        work.await.map_err(Error::books)?;
        Ok(Some(project))
    }

    /// Deletes a project with all that goes with it, and revokes its keys; `false` where there is no such project.
    pub async fn delete_project(&self, name: &str, now_ms: i64, event: AuditEvent) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            let Some(mut project) = locked(&transaction, name).await? else { return Ok(false) };
            let id = project.id;
            // Whoever is writing an answer has ended before, and who comes after finds no session: else what belongs to
            // it could be written behind our back.
            let lock = "UPDATE sessions SET updated_at_ms = updated_at_ms WHERE project_id = ?";
            transaction.execute_raw(self.statement(lock, [id.into()])).await?;
            let theirs = "budget_id IN (SELECT id FROM budgets WHERE project_id = ?)";
            budgets::lock_periods(&transaction, theirs, id).await?;
            for (table, condition) in OWNED {
                let delete = format!("DELETE FROM {table} WHERE {condition}");
                transaction.execute_raw(self.statement(&delete, [id.into()])).await?;
            }
            let revoke = "UPDATE api_keys SET revoked_at_ms = ? WHERE project_id = ? AND revoked_at_ms IS NULL";
            transaction.execute_raw(self.statement(revoke, [now_ms.into(), id.into()])).await?;
            (project.deleted_at_ms, project.updated_at_ms) = (Some(now_ms), now_ms);
            update(&transaction, project).await?;
            audit::write(&transaction, event).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        work.await.map_err(Error::books)
    }
}

/// Projects that were not deleted.
fn standing() -> sea_orm::Select<projects::Entity> {
    projects::Entity::find().filter(projects::Column::DeletedAtMs.is_null())
}

/// A project that nobody else changes before this transaction has ended.
async fn locked(transaction: &impl ConnectionTrait, name: &str) -> Result<Option<Project>, DbErr> {
    let found = standing().filter(projects::Column::Name.eq(&*text::clean(name))).lock_exclusive();
    Ok(found.one(transaction).await?.map(Project::from))
}

pub(super) async fn insert(connection: &impl ConnectionTrait, project: Project) -> Result<(), DbErr> {
    let row = projects::Model::from(project).into_active_model().reset_all();
    row.insert(connection).await.map(drop)
}

async fn update(connection: &impl ConnectionTrait, project: Project) -> Result<(), DbErr> {
    let row = projects::Model::from(project).into_active_model().reset_all();
    row.update(connection).await.map(drop)
}

impl From<Project> for projects::Model {
    fn from(project: Project) -> Self {
        Self {
            id: project.id,
            name: project.name,
            title: text::clean(&project.title).into_owned(),
            limits: text::limits(&project.limits),
            allowed_models: text::list(&project.allowed_models),
            metadata: text::labels(&project.metadata),
            created_at_ms: project.created_at_ms,
            updated_at_ms: project.updated_at_ms,
            deleted_at_ms: project.deleted_at_ms,
        }
    }
}

impl From<projects::Model> for Project {
    fn from(row: projects::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            title: row.title,
            limits: text::read(&row.limits),
            allowed_models: text::read(&row.allowed_models),
            metadata: text::read(&row.metadata),
            created_at_ms: row.created_at_ms,
            updated_at_ms: row.updated_at_ms,
            deleted_at_ms: row.deleted_at_ms,
        }
    }
}
