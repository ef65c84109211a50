//! Budgets, and what is spent of the window that runs.

mod period;
mod window;

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, Statement, Value,
};
use uuid::Uuid;

pub use self::{
    period::Period,
    window::{Span, span},
};
use super::{
    Store,
    audit::{self, AuditEvent},
    batch::numbered,
    entity::budgets,
    text,
};
use crate::{
    error::Error,
    pb::{BudgetEnforcement, BudgetScope, BudgetWindow},
};

/// A budget as it is kept. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRecord {
    /// Its id.
    pub id: Uuid,
    /// The project it belongs to.
    pub project_id: Uuid,
    /// Its name.
    pub name: String,
    /// Whose spending it counts.
    pub scope: BudgetScope,
    /// The key, by public id, for the scope `key`.
    pub key_id: String,
    /// The end user, for the scope `end_user`; empty where each has the budget alone.
    pub end_user: String,
    /// When it begins anew.
    pub window: BudgetWindow,
    /// What happens at the limit.
    pub enforcement: BudgetEnforcement,
    /// The limit.
    pub limit_nano_usd: i64,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

/// Which budgets bind a request. Where both are absent, all of a project are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binds {
    /// One by this key, by public id.
    pub key_id: Option<String>,
    /// One in the name of this end user.
    pub end_user: Option<String>,
}

/// What is gone of a budget's window, in nano-USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Spent.
    pub spent: i64,
    /// Held by generations that run.
    pub reserved: i64,
}

/// The name of an end user as it is kept beside budgets.
pub fn end_user_as_kept(end_user: &str) -> std::borrow::Cow<'_, str> {
    text::clean(end_user)
}

impl Store {
    /// Makes a budget.
    pub async fn create_budget(&self, budget: BudgetRecord, event: AuditEvent) -> Result<(), Error> {
        let work = async {
            let transaction = self.begin().await?;
            insert(&transaction, budget).await?;
            audit::write(&transaction, event).await?;
            transaction.commit().await
        };
        work.await.map_err(|error: DbErr| Error::books(error))
    }

    /// At most `limit` budgets of a project that come after one, oldest first.
    pub async fn list_budgets(
        &self,
        project: Uuid,
        binds: &Binds,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<BudgetRecord>, Error> {
        use budgets::Column;
        let mut found = budgets::Entity::find().filter(Column::ProjectId.eq(project));
        if *binds != Binds::default() {
            found = found.filter(binding(binds));
        }
        if let Some(id) = after {
            found = found.filter(Column::Id.gt(id));
        }
        // Ids are in order of time.
        let rows = found.order_by_asc(Column::Id).limit(u64::from(limit)).all(&self.0.readers).await;
        Ok(rows.map_err(Error::books)?.into_iter().map(BudgetRecord::from).collect())
    }

    /// Budgets of all projects, for a snapshot, oldest first.
    pub async fn all_budgets(&self) -> Result<Vec<BudgetRecord>, Error> {
        let rows = budgets::Entity::find().order_by_asc(budgets::Column::Id).all(&self.0.readers).await;
        Ok(rows.map_err(Error::books)?.into_iter().map(BudgetRecord::from).collect())
    }

    /// Something that changes whenever a budget is made, changed or deleted: their number, and the sum of the times in
    /// which they were changed last.
    pub async fn budgets_mark(&self) -> Result<(i64, i64), Error> {
        let mark = "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(SUM(updated_at_ms), 0) AS BIGINT) FROM budgets";
        let row = self.0.readers.query_one_raw(self.statement(mark, [])).await.map_err(Error::books)?;
        let row = row.ok_or_else(|| Error::books("an aggregate without a row"))?;
        let read = |at: usize| row.try_get_by_index(at).map_err(Error::books);
        Ok((read(0)?, read(1)?))
    }

    /// What is gone of these windows, by their ids; nothing for those that nobody has used yet.
    pub async fn periods_spending(&self, periods: &[Uuid]) -> Result<HashMap<Uuid, Spending>, Error> {
        if periods.is_empty() {
            return Ok(HashMap::new());
        }
        let marks = vec!["?"; periods.len()].join(", ");
        let sql = format!("SELECT id, spent_nano_usd, reserved_nano_usd FROM budget_periods WHERE id IN ({marks})");
        let ids = periods.iter().map(|id| Value::from(*id));
        let rows = self.0.readers.query_all_raw(self.statement(&sql, ids)).await.map_err(Error::books)?;
        spending_by("id", rows)
    }

    /// What is gone of the windows of these budgets that run now; nothing for those that are not in the answer. Of a
    /// budget that each end user has alone, the window of that end user, or of the one who is nearest to the limit.
    pub async fn spending(
        &self,
        budgets: &[Uuid],
        end_user: Option<&str>,
        now_ms: i64,
    ) -> Result<HashMap<Uuid, Spending>, Error> {
        if budgets.is_empty() {
            return Ok(HashMap::new());
        }
        let marks = vec!["?"; budgets.len()].join(", ");
        let theirs = if end_user.is_some() { "AND end_user IN ('', ?)" } else { "" };
        let nearest = format!(
            "SELECT budget_id, spent_nano_usd, reserved_nano_usd FROM (\
                SELECT budget_id, spent_nano_usd, reserved_nano_usd, ROW_NUMBER() OVER (\
                    PARTITION BY budget_id ORDER BY spent_nano_usd + reserved_nano_usd DESC) AS place \
                FROM budget_periods WHERE budget_id IN ({marks}) AND starts_at_ms <= ? \
                AND (ends_at_ms IS NULL OR ends_at_ms > ?) {theirs}) ranked WHERE place = 1"
        );
        let ids = budgets.iter().map(|id| Value::from(*id));
        let user = end_user.map(|user| Value::from(text::clean(user).into_owned()));
        let values: Vec<Value> = ids.chain([now_ms.into(), now_ms.into()]).chain(user).collect();
        let rows = self.0.readers.query_all_raw(self.statement(&nearest, values)).await.map_err(Error::books)?;
        spending_by("budget_id", rows)
    }

    /// Changes a budget as `change` says, which also tells the event; a new limit counts for windows that run. `None`
    /// where the project has no such budget.
    pub async fn change_budget(
        &self,
        project: Uuid,
        id: Uuid,
        change: impl FnOnce(&mut BudgetRecord) -> Result<AuditEvent, Error>,
    ) -> Result<Option<BudgetRecord>, Error> {
        let transaction = self.begin().await.map_err(Error::books)?;
        let found = locked(&transaction, project, id).await.map_err(Error::books)?;
        let Some(mut budget) = found else { return Ok(None) };
        let event = change(&mut budget)?;
        let work = async {
            let row = budgets::Model::from(budget.clone()).into_active_model().reset_all();
            row.update(&transaction).await?;
            lock_periods(&transaction, "budget_id = ?", id).await?;
            let running = "UPDATE budget_periods SET limit_nano_usd = ? WHERE budget_id = ? \
                           AND (ends_at_ms IS NULL OR ends_at_ms > ?)";
            let values = [budget.limit_nano_usd.into(), id.into(), budget.updated_at_ms.into()];
            transaction.execute_raw(self.statement(running, values)).await?;
            audit::write(&transaction, event).await?;
            transaction.commit().await
        };
        work.await.map_err(|error: DbErr| Error::books(error))?;
        Ok(Some(budget))
    }

    /// Deletes a budget with its windows; `false` where the project has no such budget.
    pub async fn delete_budget(
        &self,
        project: Uuid,
        id: Uuid,
        event: impl FnOnce(&BudgetRecord) -> AuditEvent,
    ) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            let Some(budget) = locked(&transaction, project, id).await? else { return Ok(false) };
            lock_periods(&transaction, "budget_id = ?", id).await?;
            budgets::Entity::delete_by_id(id).exec(&transaction).await?;
            audit::write(&transaction, event(&budget)).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        work.await.map_err(Error::books)
    }
}

/// Budgets of the whole project, and those of the key and of the end user.
fn spending_by(id: &str, rows: Vec<QueryResult>) -> Result<HashMap<Uuid, Spending>, Error> {
    let read = |row: QueryResult| {
        let (spent, reserved) = (row.try_get("", "spent_nano_usd")?, row.try_get("", "reserved_nano_usd")?);
        Ok((row.try_get("", id)?, Spending { spent, reserved }))
    };
    rows.into_iter().map(read).collect::<Result<_, DbErr>>().map_err(Error::books)
}

fn binding(binds: &Binds) -> Condition {
    use budgets::Column::{EndUser, KeyId, Scope};
    let mut any = Condition::any().add(Scope.eq(text::name(BudgetScope::Project)));
    if let Some(key) = &binds.key_id {
        any = any.add(Condition::all().add(Scope.eq(text::name(BudgetScope::Key))).add(KeyId.eq(&*text::clean(key))));
    }
    if let Some(user) = &binds.end_user {
        let theirs = EndUser.is_in(["", &*text::clean(user)]);
        any = any.add(Condition::all().add(Scope.eq(text::name(BudgetScope::EndUser))).add(theirs));
    }
    any
}

/// A budget that nobody else changes before this transaction has ended.
async fn locked(transaction: &impl ConnectionTrait, project: Uuid, id: Uuid) -> Result<Option<BudgetRecord>, DbErr> {
    let found = budgets::Entity::find_by_id(id).filter(budgets::Column::ProjectId.eq(project)).lock_exclusive();
    Ok(found.one(transaction).await?.map(BudgetRecord::from))
}

/// Takes the windows that fulfil the condition in the order in which the books take them, so that neither waits for the
/// other in a circle. On SQLite who writes is alone.
pub(super) async fn lock_periods(connection: &impl ConnectionTrait, condition: &str, value: Uuid) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    if backend != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!("SELECT id FROM budget_periods WHERE {condition} ORDER BY id FOR UPDATE");
    let statement = Statement::from_sql_and_values(backend, numbered(backend, &sql), [value.into()]);
    connection.query_all_raw(statement).await.map(drop)
}

pub(super) async fn insert(connection: &impl ConnectionTrait, budget: BudgetRecord) -> Result<(), DbErr> {
    budgets::Model::from(budget).into_active_model().reset_all().insert(connection).await.map(drop)
}

impl From<BudgetRecord> for budgets::Model {
    fn from(budget: BudgetRecord) -> Self {
        Self {
            id: budget.id,
            project_id: budget.project_id,
            name: text::clean(&budget.name).into_owned(),
            scope: text::name(budget.scope).to_owned(),
            key_id: budget.key_id,
            end_user: text::clean(&budget.end_user).into_owned(),
            time_window: text::name(budget.window).to_owned(),
            enforcement: text::name(budget.enforcement).to_owned(),
            limit_nano_usd: budget.limit_nano_usd,
            created_at_ms: budget.created_at_ms,
            updated_at_ms: budget.updated_at_ms,
        }
    }
}

impl From<budgets::Model> for BudgetRecord {
    fn from(row: budgets::Model) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            name: row.name,
            scope: text::value(&row.scope).unwrap_or(BudgetScope::Unspecified),
            key_id: row.key_id,
            end_user: row.end_user,
            window: text::value(&row.time_window).unwrap_or(BudgetWindow::Unspecified),
            enforcement: text::value(&row.enforcement).unwrap_or(BudgetEnforcement::Unspecified),
            limit_nano_usd: row.limit_nano_usd,
            created_at_ms: row.created_at_ms,
            updated_at_ms: row.updated_at_ms,
        }
    }
}
