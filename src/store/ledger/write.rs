//! Writing whole batches in one transaction, and why that may fail.

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::{Admission, AttemptStart, Settlement, rows::Part};
use crate::{
    error::{Error, Reason},
    store::{Store, batch::is_fault_of_row},
};

/// What is written in one transaction.
#[derive(Default)]
pub struct Batch {
    /// Generations that begin, each with its first attempt.
    pub admissions: Vec<Admission>,
    /// Further attempts.
    pub attempts: Vec<AttemptStart>,
    /// Generations that end; those without an admitted row are not for a batch.
    pub settlements: Vec<Settlement>,
}

/// Why nothing of a batch was written.
#[derive(Debug)]
pub enum WriteError {
    /// A row does not fit with the others or with what is there: write them one by one.
    Apart,
    /// The database cannot be written.
    Unavailable {
        /// Why.
        error: Error,
        /// The commit was asked for and not confirmed: it may have happened.
        in_doubt: bool,
    },
}

impl WriteError {
    pub(super) fn new(error: DbErr, in_doubt: bool) -> Self {
        if is_fault_of_row(&error) {
            return Self::Apart;
        }
        Self::Unavailable { error: Error::books(error), in_doubt }
    }
}

impl Store {
    /// Writes all parts of a batch, or nothing.
    pub(super) async fn write(&self, parts: Vec<Part<'_>>) -> Result<(), WriteError> {
        let failed = |error| WriteError::new(error, false);
        // An early return drops the transaction, which takes it back.
        let transaction = self.begin().await.map_err(failed)?;
        for (insert, values) in parts {
            insert.run(&transaction, values).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(|error| WriteError::new(error, true))
    }

    /// Takes back admissions that were refused although their commit may have happened. Nothing was sent for them.
    pub async fn withdraw(&self, generations: &[Uuid]) -> Result<(), Error> {
        let work = async {
            let transaction = self.begin().await?;
            for id in generations {
                let values = || [Value::from(*id)];
                transaction
                    .execute_raw(
                        self.statement("DELETE FROM generations WHERE id = ? AND state = 'admitted'", values()),
                    )
                    .await?;
                let orphans = "DELETE FROM attempts WHERE generation_id = ? \
                               AND NOT EXISTS (SELECT 1 FROM generations WHERE id = generation_id)";
                transaction.execute_raw(self.statement(orphans, values())).await?;
            }
            transaction.commit().await
        };
        work.await.map_err(Error::books)
    }
}

/// What [`Store::write`] could not write, as the one who waits for that row is told. Only
/// [`Reason::BooksUnavailable`] is worth another try.
pub(super) fn refusal(error: DbErr) -> Error {
    if is_fault_of_row(&error) { Error::internal(error) } else { Error::books(error) }
}

/// Another generation of the project has this idempotency key, or this generation is there already.
pub(super) fn already_admitted() -> Error {
    Error::new(
        Reason::AlreadyExists,
        "a request with this idempotency key was made before; send another key for another request",
    )
    .with_field("idempotency_key")
}
