//! Signs of life of the processes that serve.

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::Store;
use crate::error::Error;

impl Store {
    /// Says that a process is alive.
    pub async fn heartbeat(&self, replica: Uuid, now_ms: i64) -> Result<(), Error> {
        let upsert = "INSERT INTO replicas (id, started_at_ms, heartbeat_at_ms) VALUES (?, ?, ?) \
                      ON CONFLICT (id) DO UPDATE SET heartbeat_at_ms = excluded.heartbeat_at_ms";
        let values: [Value; 3] = [replica.into(), now_ms.into(), now_ms.into()];
        self.0.writer.execute_raw(self.statement(upsert, values)).await.map_err(Error::books)?;
        Ok(())
    }

    /// Says that a process has ended: what it left admitted is given up without waiting for its last heartbeat to age.
    pub async fn sign_off(&self, replica: Uuid) -> Result<(), Error> {
        let delete = self.statement("DELETE FROM replicas WHERE id = ?", [replica.into()]);
        self.0.writer.execute_raw(delete).await.map_err(Error::books)?;
        Ok(())
    }

    /// Forgets processes that have been silent since before that time.
    pub async fn forget_replicas(&self, silent_since_ms: i64) -> Result<(), Error> {
        let delete = self.statement("DELETE FROM replicas WHERE heartbeat_at_ms < ?", [Value::from(silent_since_ms)]);
        self.0.writer.execute_raw(delete).await.map_err(Error::books)?;
        Ok(())
    }
}
