//! The books' writer's own way to the database.
//!
//! On a SQLite file it is a connection of its own and whole scripts: what costs CPU there is not the writing but the
//! wake-ups between task and database thread, so a batch is one or two of them instead of a dozen.

use sea_orm::{
    DbErr, Value,
    sqlx::{self, Arguments, AssertSqlSafe, Executor, Sqlite, pool::PoolConnection, sqlite::SqliteArguments},
};
use uuid::Uuid;

use super::{
    Batch, WriteError,
    rows::{Part, parts},
};
use crate::store::{
    Store,
    batch::{Insert, exec_error},
};

/// Rows of one insert in a script; more go alone.
const SCRIPT_ROWS: usize = 16;

/// Writes batches.
pub struct Scribe {
    store: Store,
    /// Kept from batch to batch: giving one back to the pool costs a task and a ping.
    held: Option<PoolConnection<Sqlite>>,
}

impl Scribe {
    /// A writer to that store.
    pub fn new(store: Store) -> Self {
        Self { store, held: None }
    }

    /// Writes all of a batch, or nothing.
    pub async fn write(&mut self, owner: Uuid, batch: &Batch) -> Result<(), WriteError> {
        let parts = parts(owner, batch);
        if self.store.0.file.is_none() {
            return self.store.write(parts).await;
        }
        let connection = match &mut self.held {
            Some(held) => held,
            none => none.insert(self.store.acquire_sqlite().await.map_err(|error| WriteError::new(error, false))?),
        };
        let Err(error) = run(connection, parts).await else { return Ok(()) };
        let error = WriteError::new(error, true);
        let rolled_back = connection.execute("ROLLBACK").await;
        if !matches!(error, WriteError::Apart) || rolled_back.is_err() {
            // Nobody knows what state it is in; closing it takes back what it had begun.
            if let Some(connection) = self.held.take() {
                drop(connection.close().await);
            }
        }
        Err(error)
    }
}

async fn run(connection: &mut PoolConnection<Sqlite>, parts: Vec<Part>) -> Result<(), DbErr> {
    let mut script = Script::begin();
    for (insert, values) in parts {
        for (rows, values) in insert.portions(values) {
            if !script.takes(rows) {
                std::mem::take(&mut script).run(connection).await?;
            }
            script.add(insert, rows, values);
        }
    }
    script.text.push_str("COMMIT");
    script.run(connection).await
}

/// Statements that are run with one wake-up. The text has to be one of few, or it would be prepared each time: so all
/// inserts of a script have one row or the same number of rows.
#[derive(Default)]
struct Script {
    text: String,
    values: Vec<Value>,
    rows: usize,
}

impl Script {
    fn begin() -> Self {
        Self { text: "BEGIN IMMEDIATE; ".to_owned(), ..Self::default() }
    }

    fn takes(&self, rows: usize) -> bool {
        rows == 1 || (self.rows <= 1 || self.rows == rows) && rows <= SCRIPT_ROWS
    }

    fn add(&mut self, insert: &Insert, rows: usize, values: Vec<Value>) {
        insert.append_text(&mut self.text, sea_orm::DbBackend::Sqlite, rows);
        self.text.push_str("; ");
        self.values.extend(values);
        self.rows = self.rows.max(rows);
    }

    async fn run(self, connection: &mut PoolConnection<Sqlite>) -> Result<(), DbErr> {
        let query = sqlx::query_with(AssertSqlSafe(self.text), arguments(self.values)?);
        connection.execute(query).await.map(drop).map_err(exec_error)
    }
}

fn arguments(values: Vec<Value>) -> Result<SqliteArguments, DbErr> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Bool(value) => arguments.add(value),
            Value::Int(value) => arguments.add(value),
            Value::BigInt(value) => arguments.add(value),
            Value::Double(value) => arguments.add(value),
            Value::String(value) => arguments.add(value),
            Value::Uuid(value) => arguments.add(value),
            other => return Err(DbErr::Type(format!("the books have no {other:?}"))),
        }
        .map_err(|error| exec_error(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}
