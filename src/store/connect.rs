//! Opening the database, with the settings that each engine needs.

use std::{
    str::FromStr,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

use sea_orm::{
    DatabaseConnection,
    sqlx::{
        ConnectOptions,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use super::{
    Inner, Store,
    ledger::{BooksFile, identity},
};
use crate::{config::Durability, error::Error};

/// How long to wait for another process that writes to the same SQLite file.
const BUSY: Duration = Duration::from_secs(5);
/// How long to wait for a connection.
const ACQUIRE: Duration = Duration::from_secs(5);
/// Connections that read at once from a SQLite file.
const READERS: u32 = 4;
/// Connections of a process to PostgreSQL, one of which writes the books.
const POSTGRES_CONNECTIONS: u32 = 8;
/// The writer's statements differ by their number of rows (see `batch`).
const WRITER_STATEMENTS: usize = 256;

impl Store {
    /// Opens the database: `sqlite://path?mode=rwc`, `sqlite::memory:` or `postgres://…`.
    pub async fn connect(url: &str, durability: Durability) -> Result<Self, Error> {
        match url.split(':').next() {
            Some("sqlite") => connect_sqlite(url, durability).await,
            Some("postgres" | "postgresql") => connect_postgres(url).await,
            _ => Err(Error::invalid("database.url", "database.url must begin with sqlite: or postgres:")),
        }
    }
}

async fn connect_sqlite(url: &str, durability: Durability) -> Result<Store, Error> {
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let synchronous = match durability {
        Durability::Power => SqliteSynchronous::Full,
        Durability::Process => SqliteSynchronous::Normal,
    };
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|error| Error::invalid("database.url", format!("database.url cannot be read: {error}")))?
        .disable_statement_logging()
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .synchronous(synchronous);
    let options = if in_memory { options } else { options.journal_mode(SqliteJournalMode::Wal) };
    let path = options.get_filename().to_owned();

    // A connection to a file never goes bad by waiting, and one in memory is the database itself.
    let pool = || {
        SqlitePoolOptions::new()
            .test_before_acquire(false)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let writer = pool()
        .max_connections(1)
        .connect_with(options.clone().statement_cache_capacity(WRITER_STATEMENTS))
        .await
        .map_err(Error::books)?;
    let file = (!in_memory).then(|| BooksFile { identity: identity(&path), path, durability, patience: BUSY });
    let readers = match in_memory {
        true => writer.clone(),
        false => pool().min_connections(0).max_connections(READERS).connect_lazy_with(options),
    };
    Ok(assemble(writer.into(), readers.into(), file))
}

async fn connect_postgres(url: &str) -> Result<Store, Error> {
    let options = PgConnectOptions::from_str(url)
        // The URL may hold a password, so the parser's own words stay out.
        .map_err(|_| {
            Error::invalid(
                "database.url",
                "database.url is not a URL of PostgreSQL: postgres://user:password@host/database",
            )
        })?
        .application_name("generative-gateway")
        .disable_statement_logging();
    let pool = || PgPoolOptions::new().acquire_timeout(ACQUIRE);
    let writer = pool()
        .max_connections(2)
        .connect_with(options.clone().statement_cache_capacity(WRITER_STATEMENTS))
        .await
        .map_err(Error::books)?;
    let readers = pool().max_connections(POSTGRES_CONNECTIONS).connect_lazy_with(options);
    Ok(assemble(writer.into(), readers.into(), None))
}

fn assemble(writer: DatabaseConnection, readers: DatabaseConnection, file: Option<BooksFile>) -> Store {
    Store(Arc::new(Inner { writer, readers, file, claim: Mutex::new(None), closed: AtomicBool::new(false) }))
}
