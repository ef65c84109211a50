//! Writing: whole batches in one transaction, or row by row where a batch does not go through.

use std::sync::LazyLock;

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::{Admission, AttemptEnd, AttemptStart, Settlement, rollup::Rollups};
use crate::{
    error::{Error, Reason},
    store::{
        Store,
        batch::{Insert, is_fault_of_row, take_new},
        text::{self, USAGE_COLUMNS},
    },
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

impl Store {
    /// Writes all of a batch, or nothing.
    pub async fn write(&self, owner: Uuid, batch: &Batch) -> Result<(), WriteError> {
        let unavailable = |error| WriteError::Unavailable { error: Error::books(error), in_doubt: false };
        let apart = |error: DbErr| if is_fault_of_row(&error) { WriteError::Apart } else { unavailable(error) };
        // An early return drops the transaction, which takes it back.
        let transaction = self.begin().await.map_err(unavailable)?;
        let whole = admit(&transaction, owner, &batch.admissions).await.map_err(apart)?;
        begin_attempts(&transaction, &batch.attempts).await.map_err(apart)?;
        let whole = settle(&transaction, &batch.settlements).await.map_err(apart)? && whole;
        if !whole {
            transaction.rollback().await.map_err(unavailable)?;
            return Err(WriteError::Apart);
        }
        transaction
            .commit()
            .await
            .map_err(|error| WriteError::Unavailable { error: Error::books(error), in_doubt: true })
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

const ADMISSION: [&str; 20] = [
    "id",
    "project_id",
    "key_id",
    "end_user",
    "session_id",
    "metadata",
    "door",
    "operation",
    "model_requested",
    "model",
    "model_rule",
    "model_confidence",
    "streamed",
    "price_version",
    "candidates",
    "owner",
    "idempotency_key",
    "created_at_ms",
    "provider",
    "state",
];

static INSERT_ADMISSION: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("generations", &ADMISSION, "ON CONFLICT DO NOTHING"));

/// Writes admissions. False where one of them was there already.
pub(super) async fn admit(
    connection: &impl ConnectionTrait,
    owner: Uuid,
    admissions: &[Admission],
) -> Result<bool, DbErr> {
    if admissions.is_empty() {
        return Ok(true);
    }
    let mut values: Vec<Value> = Vec::with_capacity(admissions.len() * ADMISSION.len());
    for admission in admissions {
        values.extend::<[Value; ADMISSION.len()]>([
            admission.id.into(),
            admission.project_id.into(),
            admission.key_id.as_str().into(),
            text::outside(&admission.end_user),
            text::outside(&admission.session_id),
            text::outside(&text::labels(&admission.metadata)),
            text::name(admission.door).into(),
            text::name(admission.operation).into(),
            text::outside(&admission.model.requested),
            text::outside(&admission.model.resolved),
            text::name(admission.model.rule()).into(),
            admission.model.confidence.into(),
            admission.streamed.into(),
            admission.price_version.into(),
            text::outside(&text::candidates(&admission.candidates)),
            owner.into(),
            admission.idempotency_key.clone().into(),
            admission.created_at_ms.into(),
            admission.attempt.provider.as_str().into(),
            "admitted".into(),
        ]);
    }
    let written = INSERT_ADMISSION.run(connection, values).await?;
    begin_attempts(connection, admissions.iter().map(|admission| &admission.attempt)).await?;
    Ok(written == admissions.len())
}

const ATTEMPT: [&str; 7] =
    ["generation_id", "attempt_index", "kind", "provider", "credential", "upstream_model", "started_at_ms"];

static INSERT_ATTEMPT: LazyLock<Insert> = LazyLock::new(|| Insert::new("attempts", &ATTEMPT, "ON CONFLICT DO NOTHING"));

/// Writes attempts as they begin.
pub(super) async fn begin_attempts<'a>(
    connection: &impl ConnectionTrait,
    attempts: impl IntoIterator<Item = &'a AttemptStart>,
) -> Result<(), DbErr> {
    let values: Vec<Value> = attempts.into_iter().flat_map(attempt_values).collect();
    INSERT_ATTEMPT.run(connection, values).await.map(drop)
}

fn attempt_values(attempt: &AttemptStart) -> [Value; ATTEMPT.len()] {
    [
        attempt.generation_id.into(),
        i32::try_from(attempt.index).unwrap_or(i32::MAX).into(),
        text::name(attempt.kind).into(),
        attempt.provider.as_str().into(),
        attempt.credential.as_str().into(),
        text::outside(&attempt.upstream_model),
        attempt.started_at_ms.into(),
    ]
}

const SETTLEMENT_KEY: [&str; 6] = ["id", "project_id", "key_id", "end_user", "model", "created_at_ms"];

static SETTLEMENT: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let before = ["state", "finish_reason", "error_reason", "provider", "upstream_provider"];
    let after = [
        "cost_nano_usd",
        "cost_source",
        "computed_cost_nano_usd",
        "ended_at_ms",
        "first_token_us",
        "total_us",
        "overhead_us",
        "attempt_count",
    ];
    [&before[..], &USAGE_COLUMNS, &after].concat()
});

// The compare-and-set. A settlement whose row was lost (a fail-over to a replica that lagged) becomes that row.
static UPSERT_SETTLEMENT: LazyLock<Insert> = LazyLock::new(|| settlement_from("admitted"));
static UPSERT_LATE: LazyLock<Insert> = LazyLock::new(|| settlement_from("unknown"));

fn settlement_from(state: &str) -> Insert {
    let columns = [&SETTLEMENT_KEY[..], &SETTLEMENT].concat();
    let set = take_new(&SETTLEMENT);
    Insert::new(
        "generations",
        &columns,
        format!("ON CONFLICT (id) DO UPDATE SET {set} WHERE generations.state = '{state}'"),
    )
}

/// Writes settlements with their attempts and sums. False where one of them was settled already.
pub(super) async fn settle(connection: &impl ConnectionTrait, settlements: &[Settlement]) -> Result<bool, DbErr> {
    if settlements.is_empty() {
        return Ok(true);
    }
    let values = settlements.iter().flat_map(settlement_values).collect();
    if UPSERT_SETTLEMENT.run(connection, values).await? != settlements.len() {
        return Ok(false);
    }
    end_attempts(connection, settlements).await?;
    let mut rollups = Rollups::default();
    settlements.iter().for_each(|settlement| rollups.settle(settlement));
    rollups.write(connection).await?;
    Ok(true)
}

/// Settles a row that recovery had given up. False where there is none such.
pub(super) async fn settle_unknown(connection: &impl ConnectionTrait, settlement: &Settlement) -> Result<bool, DbErr> {
    let settled = UPSERT_LATE.run(connection, settlement_values(settlement)).await? == 1;
    if settled {
        end_attempts(connection, std::slice::from_ref(settlement)).await?;
    }
    Ok(settled)
}

fn settlement_values(settlement: &Settlement) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::with_capacity(SETTLEMENT_KEY.len() + SETTLEMENT.len());
    values.extend::<[Value; 11]>([
        settlement.id.into(),
        settlement.project_id.into(),
        settlement.key_id.as_str().into(),
        text::outside(&settlement.end_user),
        text::outside(&settlement.model),
        settlement.created_at_ms.into(),
        text::name(settlement.state).into(),
        text::name(settlement.finish_reason).into(),
        text::name(settlement.error_reason).into(),
        settlement.provider.as_str().into(),
        text::outside(&settlement.upstream_provider),
    ]);
    values.extend(text::usage_values(&settlement.usage));
    values.extend::<[Value; 8]>([
        settlement.cost_nano_usd.into(),
        text::name(settlement.cost_source).into(),
        settlement.computed_cost_nano_usd.into(),
        settlement.ended_at_ms.into(),
        settlement.first_token_us.into(),
        settlement.total_us.into(),
        settlement.overhead_us.into(),
        i32::try_from(settlement.attempts.len()).unwrap_or(i32::MAX).into(),
    ]);
    values
}

static ATTEMPT_END: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let before = ["upstream_id", "http_status", "error_reason", "error_message"];
    let after = ["cost_nano_usd", "raw_usage", "first_token_at_ms", "ended_at_ms", "won"];
    [&before[..], &USAGE_COLUMNS, &after].concat()
});

static UPSERT_ATTEMPT: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [&ATTEMPT[..], &ATTEMPT_END].concat();
    let set = take_new(&ATTEMPT_END);
    Insert::new("attempts", &columns, format!("ON CONFLICT (generation_id, attempt_index) DO UPDATE SET {set}"))
});

async fn end_attempts(connection: &impl ConnectionTrait, settlements: &[Settlement]) -> Result<(), DbErr> {
    let ends = settlements.iter().flat_map(|settlement| &settlement.attempts);
    UPSERT_ATTEMPT.run(connection, ends.flat_map(attempt_end_values).collect()).await.map(drop)
}

fn attempt_end_values(end: &AttemptEnd) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::with_capacity(ATTEMPT.len() + ATTEMPT_END.len());
    values.extend(attempt_values(&end.start));
    values.extend::<[Value; 4]>([
        text::outside(&end.upstream_id),
        end.http_status.map(i32::from).into(),
        text::name(end.error_reason).into(),
        text::outside(&end.error_message),
    ]);
    values.extend(text::usage_values(&end.usage));
    values.extend::<[Value; 5]>([
        end.cost_nano_usd.into(),
        end.raw_usage.as_deref().map_or(Value::String(None), text::outside),
        end.first_token_at_ms.into(),
        end.ended_at_ms.into(),
        end.won.into(),
    ]);
    values
}
