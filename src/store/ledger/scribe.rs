//! The books' writer's own way to the database.
//!
//! On a SQLite file it is a connection without a thread of its own. What costs CPU there is not the writing but the
//! wake-ups between task and database thread, and the usual driver has one for each statement; here a batch has one.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures::FutureExt as _;
use rusqlite::{Connection, OpenFlags};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{
    Batch, Held, WriteError,
    desk::Own,
    holds::{take, wants},
    rows::parts,
};
use crate::{
    config::Durability,
    error::Error,
    store::{Store, batch::is_sqlite_fault_of_row},
};

/// Writes batches.
pub struct Scribe {
    store: Store,
    /// Kept from batch to batch; only on a SQLite file.
    held: Option<Connection>,
}

/// A SQLite file, and how the books are written there.
#[derive(Clone)]
pub(in crate::store) struct BooksFile {
    /// The database.
    pub(in crate::store) path: PathBuf,
    /// What a commit survives.
    pub(in crate::store) durability: Durability,
    /// How long to wait for others that write.
    pub(in crate::store) patience: Duration,
    /// The file that was there at the start.
    pub(in crate::store) identity: Option<Identity>,
}

/// What tells a file from another at the same path: device and number.
pub(in crate::store) type Identity = (u64, u64);

impl Scribe {
    /// A writer to that store.
    pub fn new(store: Store) -> Self {
        Self { store, held: None }
    }

    /// Writes a batch, or nothing. Returns what its admissions and then its steps hold; those that were refused are not
    /// written. Nothing of the batch is kept.
    pub async fn write(&mut self, owner: Uuid, batch: &Arc<Batch>) -> Result<Vec<Held>, WriteError> {
        let Some(file) = self.store.0.file.clone() else {
            return self.store.write(owner, batch).await;
        };
        if self.store.is_closed() {
            return Err(WriteError::Unavailable { error: Error::books("the store is closed"), in_doubt: false });
        }
        let (held, batch) = (self.held.take(), Arc::clone(batch));
        let work = spawn_blocking(move || {
            file.check_is_there()?;
            let connection = match held {
                Some(held) => held,
                None => file.open().map_err(|error| failure(error, false))?,
            };
            let written = run(&connection, owner, &batch);
            drop(batch);
            Ok((written, connection))
        });
        let (written, connection) =
            work.await.map_err(|error| WriteError::Unavailable { error: Error::books(error), in_doubt: true })??;
        // After another failure nobody knows what state the connection is in; closing it takes back what it had begun.
        if matches!(written, Ok(_) | Err(WriteError::Apart)) {
            self.held = Some(connection);
        }
        written
    }
}

impl BooksFile {
    /// Fails when the file was moved, deleted or replaced. The system would go on writing to it, where nobody finds it.
    fn check_is_there(&self) -> Result<(), WriteError> {
        if self.identity == identity(&self.path) {
            return Ok(());
        }
        let error = Error::books("the database file is not where it was opened: put it back, or start again");
        Err(WriteError::Unavailable { error, in_doubt: false })
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(self.patience)?;
        let synchronous = match self.durability {
            Durability::Power => "FULL",
            Durability::Process => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", synchronous)?;
        Ok(connection)
    }
}

/// Identity of the file at a path; none where there is no file, or the system does not tell.
pub(in crate::store) fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    return std::fs::metadata(path).ok().map(|file| {
        use std::os::unix::fs::MetadataExt as _;
        (file.dev(), file.ino())
    });
    #[cfg(not(unix))]
    return path.exists().then_some((0, 0));
}

fn run(connection: &Connection, owner: Uuid, batch: &Batch) -> Result<Vec<Held>, WriteError> {
    // Waits for its turn at once, since a reader cannot become a writer after another has written.
    let run = |sql: &str| connection.prepare_cached(sql)?.raw_execute().map(drop);
    run("BEGIN IMMEDIATE").map_err(|error| failure(error, false))?;
    let write = || {
        let (ending, holding) = batch.ending();
        let held = take(&Own(connection), &wants(batch), &ending, &holding).now_or_never();
        let held = held.expect("nothing waits on a connection of our own")?;
        for (insert, values) in parts(owner, batch, &held) {
            insert.run_here(connection, &values)?;
        }
        run("COMMIT")?;
        Ok(held)
    };
    write().map_err(|error| match run("ROLLBACK") {
        Ok(()) => failure(error, true),
        Err(rollback) => failure(rollback, true),
    })
}

fn failure(error: rusqlite::Error, in_doubt: bool) -> WriteError {
    if let rusqlite::Error::StatementChangedRows(_) = error {
        return WriteError::Apart;
    }
    let code = error.sqlite_error().map_or(0, |error| error.extended_code);
    if u32::try_from(code).is_ok_and(is_sqlite_fault_of_row) {
        return WriteError::Apart;
    }
    WriteError::Unavailable { error: Error::books(error), in_doubt }
}
