//! What a generation held is released when it ends, and what it cost is booked to the same windows.
//!
//! Its row in `reserves` stays, with nothing held: so a later correction finds the windows in which it was admitted.

use std::sync::LazyLock;

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{Hold, desk::Shared, rows::Part};
use crate::store::batch::{Field, Insert};

static KEEP: LazyLock<Insert> = LazyLock::new(|| {
    let more = "ON CONFLICT (generation_id, period_id) DO UPDATE SET \
                amount_nano_usd = reserves.amount_nano_usd + excluded.amount_nano_usd";
    Insert::new("reserves", &["generation_id", "period_id", "amount_nano_usd"], more)
});

static RELEASE: LazyLock<Insert> = LazyLock::new(|| {
    let tail = ") UPDATE budget_periods SET reserved_nano_usd = reserved_nano_usd - released.amount, \
                spent_nano_usd = spent_nano_usd + released.cost FROM (\
                    SELECT reserves.period_id, CAST(SUM(reserves.amount_nano_usd) AS BIGINT) AS amount, \
                    CAST(SUM(ended.cost) AS BIGINT) AS cost \
                    FROM reserves JOIN ended ON ended.id = reserves.generation_id GROUP BY reserves.period_id) released \
                WHERE budget_periods.id = released.period_id";
    Insert::shaped("WITH ended (id, cost) AS (VALUES ", 2, tail)
});

static CLEAR: LazyLock<Insert> = LazyLock::new(|| {
    let tail = ") UPDATE reserves SET amount_nano_usd = 0 WHERE generation_id IN (SELECT id FROM ended)";
    Insert::shaped("WITH ended (id) AS (VALUES ", 1, tail)
});

/// A generation that has ended, or whose cost changes, and by how much.
pub(super) type Ended = (Uuid, i64);

/// The rows of what generations hold.
pub(super) fn keep<'a>(holds: impl Iterator<Item = (Uuid, &'a Hold)>) -> Part<'a> {
    let values = holds.flat_map(|(generation_id, hold)| -> [Field<'a>; 3] {
        [generation_id.into(), hold.period.id.into(), hold.amount_nano_usd.into()]
    });
    (&KEEP, values.collect())
}

/// Gives back what these generations hold, and books what they cost.
pub(super) fn parts(ended: &[Ended]) -> [Part<'static>; 2] {
    let costs = ended.iter().flat_map(|(id, cost)| -> [Field<'static>; 2] { [(*id).into(), (*cost).into()] });
    [(&RELEASE, costs.collect()), (&CLEAR, ended.iter().map(|(id, _)| (*id).into()).collect())]
}

/// The same for those that are not part of a batch.
pub(super) async fn release(connection: &impl ConnectionTrait, ended: &[Ended]) -> Result<(), DbErr> {
    let ids: Vec<Uuid> = ended.iter().map(|(id, _)| *id).collect();
    Shared(connection).lock(&[], &ids).await?;
    for (statement, values) in parts(ended) {
        statement.run(connection, values).await?;
    }
    Ok(())
}
