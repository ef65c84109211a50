//! Rows one by one: what a batch could not take, and settlements that come after recovery.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect, Value};
use uuid::Uuid;

use super::{
    Admission, AttemptStart, Held, Settlement, Step,
    desk::Shared,
    holds::{Want, take},
    release::release,
    rollup::Rollups,
    rows::{admit, begin_attempt, keep, note_step, settle, settle_unknown},
    write::{already_admitted, refusal},
};
use crate::{
    error::Error,
    store::{DAY_MS, Store, entity::generations},
};

/// An idempotency key holds for a day.
const IDEMPOTENCY_MS: i64 = DAY_MS;

impl Store {
    /// Writes one admission, unless a budget has not enough left.
    pub async fn write_admission(&self, owner: Uuid, admission: &Admission) -> Result<Held, Error> {
        let work = async {
            let transaction = self.begin().await?;
            if let Some(key) = &admission.idempotency_key {
                let outdated = "UPDATE generations SET idempotency_key = NULL \
                                WHERE project_id = ? AND idempotency_key = ? AND created_at_ms <= ?";
                let values = [
                    Value::from(admission.project_id),
                    key.as_str().into(),
                    (admission.created_at_ms - IDEMPOTENCY_MS).into(),
                ];
                transaction.execute_raw(self.statement(outdated, values)).await?;
            }
            // Dropped where it is not committed, a transaction is taken back.
            if !admit(&transaction, owner, admission).await? {
                return Ok(None);
            }
            let want = Want { generation_id: admission.id, holds: &admission.holds, runs: false };
            let held = take_one(&transaction, want).await?;
            if held.is_all() {
                keep(&transaction, admission.id, &admission.holds).await?;
                transaction.commit().await?;
            }
            Ok(Some(held))
        };
        work.await.map_err(refusal)?.ok_or_else(already_admitted)
    }

    /// Writes one step of a generation that runs, unless a budget has not enough left.
    pub async fn write_step(&self, step: &Step) -> Result<Held, Error> {
        let work = async {
            let transaction = self.begin().await?;
            let want = Want { generation_id: step.id, holds: &step.holds, runs: true };
            let held = take_one(&transaction, want).await?;
            if held.is_all() {
                note_step(&transaction, step).await?;
                transaction.commit().await?;
            }
            Ok(held)
        };
        work.await.map_err(refusal)
    }

    /// Writes the beginning of one attempt.
    pub async fn write_attempt(&self, attempt: &AttemptStart) -> Result<(), Error> {
        begin_attempt(&self.0.writer, attempt).await.map_err(refusal)
    }

    /// Writes one settlement. If recovery had given the generation up, the figures are booked as an adjustment; if it
    /// was settled before, nothing changes.
    pub async fn write_settlement(&self, settlement: &Settlement, now_ms: i64) -> Result<(), Error> {
        let work = async {
            let transaction = self.begin().await?;
            if !settle(&transaction, settlement).await? {
                settle_late(self, &transaction, settlement, now_ms).await?;
            }
            transaction.commit().await
        };
        work.await.map_err(refusal)
    }
}

async fn take_one(connection: &impl ConnectionTrait, want: Want<'_>) -> Result<Held, DbErr> {
    let held = take(&Shared(connection), &[want], &[], &[]).await?;
    Ok(held.into_iter().next().expect("each is told what became of it"))
}

async fn settle_late(
    store: &Store,
    connection: &impl ConnectionTrait,
    settlement: &Settlement,
    now_ms: i64,
) -> Result<(), DbErr> {
    // Another replica's reconciliation must not come between reading and writing.
    let Some(before) = generations::Entity::find_by_id(settlement.id).lock_exclusive().one(connection).await? else {
        return Ok(());
    };
    if !settle_unknown(connection, settlement).await? {
        return Ok(());
    }
    let adjustment = "INSERT INTO adjustments \
                      (generation_id, id, created_at_ms, old_cost_nano_usd, new_cost_nano_usd, reason, actor) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
    let values: [Value; 7] = [
        settlement.id.into(),
        Uuid::now_v7().into(),
        now_ms.into(),
        before.cost_nano_usd.into(),
        settlement.cost_nano_usd.into(),
        "settled after it was given up".into(),
        "gateway".into(),
    ];
    connection.execute_raw(store.statement(adjustment, values)).await?;
    let more = settlement.cost_nano_usd.unwrap_or(0) - before.cost_nano_usd.unwrap_or(0);
    release(connection, &[(settlement.id, more)]).await?;
    let mut rollups = Rollups::default();
    rollups.discount(&before);
    rollups.settle(settlement);
    rollups.write(connection).await
}
