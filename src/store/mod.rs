//! The database: SQLite and PostgreSQL behind one type. The only module that knows sea-orm.

pub mod aliases;
pub mod audit;
mod batch;
pub mod budgets;
mod connect;
pub mod contents;
mod entity;
pub mod keys;
pub mod ledger;
mod media;
pub mod prices;
pub mod projects;
pub mod replicas;
pub mod sessions;
mod text;
pub mod usage;

use std::{
    fs::{File, TryLockError},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value,
};

use crate::error::{Error, Reason};

/// A day in milliseconds, as the database counts time.
pub const DAY_MS: i64 = 24 * 3_600_000;

/// A connected database. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    /// For a SQLite file one connection beside that of the books' writer; they wait for each other.
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    /// SQLite's file, where there is one.
    file: Option<ledger::BooksFile>,
    /// Held while this process serves from the file; the system lets go of it even after `kill -9`.
    claim: Mutex<Option<File>>,
    /// No connection may be opened any more.
    closed: AtomicBool,
}

/// A step of the database's shape, and whether it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStep {
    /// Its name.
    pub name: String,
    /// It was taken.
    pub applied: bool,
}

impl Store {
    /// Brings the database's shape up to date. Processes that do so at once wait for each other.
    pub async fn migrate(&self) -> Result<(), Error> {
        let work = async {
            let transaction = self.begin().await?;
            if self.backend() == DbBackend::Postgres {
                // Any number will do, as long as all gateways choose the same.
                transaction.execute_unprepared("SELECT pg_advisory_xact_lock(4737120)").await?;
            }
            Migrator::up(&transaction, None).await?;
            transaction.commit().await
        };
        work.await.map_err(Error::books)
    }

    /// The steps of the database's shape, oldest first. Changes nothing.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStep>, Error> {
        let applied = Migrator::get_applied_migrations_read_only(&self.0.readers).await.map_err(Error::books)?;
        let is_applied = |name: &str| applied.iter().any(|step| step.name() == name);
        let steps = Migrator::get_migration_files();
        Ok(steps
            .iter()
            .map(|step| MigrationStep { name: step.name().to_owned(), applied: is_applied(step.name()) })
            .collect())
    }

    /// Makes this the one process that serves from a SQLite file; other processes may still read and administer.
    /// PostgreSQL takes any number, and a store may claim its own file again.
    pub fn claim(&self) -> Result<(), Error> {
        let Some(ledger::BooksFile { path, .. }) = &self.0.file else { return Ok(()) };
        let mut claim = self.0.claim.lock().expect("nobody panics while holding it");
        if claim.is_some() {
            return Ok(());
        }
        let mut lock = path.clone().into_os_string();
        lock.push(".lock");
        let file = File::options().create(true).truncate(false).write(true).open(&lock).map_err(Error::books)?;
        match file.try_lock() {
            Ok(()) => {
                *claim = Some(file);
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(Error::new(
                Reason::BooksUnavailable,
                format!(
                    "another gateway already serves from {}; stop it, choose another `database.url`, or use PostgreSQL \
                     for several at once",
                    path.display()
                ),
            )),
            Err(TryLockError::Error(error)) => Err(Error::books(error)),
        }
    }

    /// Several processes may serve from this database.
    pub fn is_shared(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    /// Tells whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        self.0.readers.ping().await.map_err(Error::books)
    }

    /// Closes all connections: what comes later fails at once.
    pub async fn close(&self) -> Result<(), Error> {
        self.0.closed.store(true, Ordering::Release);
        self.0.writer.clone().close().await.map_err(Error::books)?;
        self.0.readers.clone().close().await.map_err(Error::books)
    }

    fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }

    fn backend(&self) -> DbBackend {
        self.0.writer.get_database_backend()
    }

    /// A statement with `?` for each value; our SQL has no question marks of its own.
    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), batch::numbered(self.backend(), sql), values)
    }

    /// A transaction that may write. On SQLite it waits for its turn at once, since a reader cannot become a writer
    /// after another has written.
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.0.writer.begin_with_options(options).await
    }
}
