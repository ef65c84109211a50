//! Writing whole batches in one transaction, and why that may fail.

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::{
    Admission, AttemptStart, Held, Settlement, Step,
    desk::Shared,
    holds::{take, wants},
    release::release,
    rows::parts,
};
use crate::{
    error::{Error, Reason},
    store::{
        Store,
        batch::{is_collision, is_fault_of_row},
    },
};

/// How often a batch is tried that meets other transactions each time.
const TRIES: u32 = 4;

/// What is written in one transaction.
#[derive(Default)]
pub struct Batch {
    /// Generations that begin, each with its first attempt.
    pub admissions: Vec<Admission>,
    /// Further attempts.
    pub attempts: Vec<AttemptStart>,
    /// What generations that run add to their rows.
    pub steps: Vec<Step>,
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

impl Batch {
    /// The generations that end, and those of them that hold something; neither where no budget is concerned.
    pub(super) fn ending(&self) -> (Vec<Uuid>, Vec<Uuid>) {
        let holding: Vec<_> = self.settlements.iter().filter(|settlement| settlement.holds).map(|end| end.id).collect();
        (self.settlements.iter().map(|settlement| settlement.id).collect(), holding)
    }
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
    /// Writes a batch, or nothing. Returns what its admissions and then its steps hold; those that were refused are not
    /// written.
    pub(super) async fn write(&self, owner: Uuid, batch: &Batch) -> Result<Vec<Held>, WriteError> {
        let mut tries = 1;
        loop {
            match self.write_once(owner, batch).await {
                Ok(held) => return Ok(held),
                // Nothing of it is left, and whoever was in the way has gone on.
                Err((error, _)) if tries < TRIES && is_collision(&error) => tries += 1,
                Err((error, in_doubt)) => return Err(WriteError::new(error, in_doubt)),
            }
        }
    }

    /// The same, once; beside an error, whether the commit was asked for.
    async fn write_once(&self, owner: Uuid, batch: &Batch) -> Result<Vec<Held>, (DbErr, bool)> {
        let failed = |error| (error, false);
        // An early return drops the transaction, which takes it back.
        let transaction = self.begin().await.map_err(failed)?;
        let (ending, holding) = batch.ending();
        let held = take(&Shared(&transaction), &wants(batch), &ending, &holding).await.map_err(failed)?;
        for (insert, values) in parts(owner, batch, &held) {
            insert.run(&transaction, values).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(|error| (error, true))?;
        Ok(held)
    }

    /// Takes back admissions that were refused although their commit may have happened, and releases what they hold.
    /// Nothing was sent for them.
    pub async fn withdraw(&self, generations: &[Uuid]) -> Result<(), Error> {
        let work = async {
            let transaction = self.begin().await?;
            for id in generations {
                let values = || [Value::from(*id)];
                let deleted = transaction
                    .execute_raw(
                        self.statement("DELETE FROM generations WHERE id = ? AND state = 'admitted'", values()),
                    )
                    .await?;
                let orphans = "DELETE FROM attempts WHERE generation_id = ? \
                               AND NOT EXISTS (SELECT 1 FROM generations WHERE id = generation_id)";
                transaction.execute_raw(self.statement(orphans, values())).await?;
                if deleted.rows_affected() > 0 {
                    release(&transaction, &[(*id, 0)]).await?;
                    let holds = "DELETE FROM reserves WHERE generation_id = ?";
                    transaction.execute_raw(self.statement(holds, values())).await?;
                }
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
