//! Recovery: generations whose process is gone become `unknown`.

use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::{release::release, rollup::Rollups};
use crate::{
    error::Error,
    store::{Store, entity::generations},
};

/// Rows a transaction, so that the books are not held up for long.
const PORTION: i64 = 500;

/// The statement that gives up a portion. What a checkpoint told of usage and cost stays. The provider that was tried last may not be the one of the admission, and the
/// first attempt has no row of its own yet.
fn give_up(is_shared: bool) -> String {
    // A row that is being settled right now is not lost: waiting for it could end in a deadlock with its batch.
    let unless_in_use = if is_shared { "FOR UPDATE SKIP LOCKED" } else { "" };
    format!(
        "UPDATE generations SET state = 'unknown', ended_at_ms = ?, \
            usage_source = CASE usage_source WHEN '' THEN 'unknown' ELSE usage_source END, \
            provider = COALESCE((SELECT a.provider FROM attempts a WHERE a.generation_id = generations.id \
                ORDER BY a.attempt_index DESC LIMIT 1), provider), \
            attempt_count = 1 + (SELECT COUNT(*) FROM attempts a WHERE a.generation_id = generations.id \
                AND a.attempt_index > 1) \
        WHERE state = 'admitted' AND id IN (SELECT g.id FROM generations g WHERE g.state = 'admitted' \
            AND g.owner <> ? AND g.owner NOT IN (SELECT r.id FROM replicas r WHERE r.heartbeat_at_ms >= ?) \
            LIMIT ? {unless_in_use}) \
        RETURNING *"
    )
}

impl Store {
    /// Gives up the admitted generations of processes other than `owner` whose last sign of life is older than
    /// `alive_since_ms`, and releases what they hold. Their cost is what a checkpoint told, else unknown. Returns how many there were.
    pub async fn recover(&self, owner: Uuid, alive_since_ms: i64, now_ms: i64) -> Result<u64, Error> {
        // Who serves from a SQLite file is alone, whatever the last one's heartbeat says.
        let alive_since_ms = if self.is_shared() { alive_since_ms } else { i64::MAX };
        let give_up = give_up(self.is_shared());
        let mut found = 0;
        loop {
            let work = async {
                let transaction = self.begin().await?;
                let values: [Value; 4] = [now_ms.into(), owner.into(), alive_since_ms.into(), PORTION.into()];
                let statement = self.statement(&give_up, values);
                let rows = generations::Model::find_by_statement(statement).all(&transaction).await?;
                let mut rollups = Rollups::default();
                rows.iter().for_each(|row| rollups.count(row));
                let costs: Vec<_> = rows.iter().map(|row| (row.id, row.cost_nano_usd.unwrap_or(0))).collect();
                release(&transaction, &costs).await?;
                rollups.write(&transaction).await?;
                transaction.commit().await?;
                Ok::<_, sea_orm::DbErr>(rows.len())
            };
            match work.await.map_err(Error::books)? {
                0 => return Ok(found),
                some => found += some as u64,
            }
        }
    }
}
