//! Sessions whose time is over are deleted.

use std::time::Duration;

use super::super::{Gateway, clock::now_ms};
use crate::error::Error;

const EVERY: Duration = Duration::from_secs(3600);
/// Sessions looked up at once.
const PORTION: u32 = 100;

impl Gateway {
    /// Deletes expired sessions now and every hour until the gateway stops.
    pub async fn delete_expired_sessions(self) {
        loop {
            match self.delete_expired(now_ms()).await {
                Ok(0) => {}
                Ok(deleted) => tracing::info!(deleted, "sessions have expired"),
                Err(error) => tracing::warn!(context = error.context, "expired sessions cannot be deleted yet"),
            }
            tokio::select! {
                () = self.stopping.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Deletes the sessions that have expired by then; returns how many.
    pub async fn delete_expired(&self, now_ms: i64) -> Result<usize, Error> {
        let mut deleted = 0;
        loop {
            let days = self.config.sessions.retention_days;
            let expired = self.store.expired_sessions(now_ms, days, PORTION).await?;
            if expired.is_empty() || self.stopping.is_cancelled() {
                return Ok(deleted);
            }
            for id in expired {
                deleted += usize::from(self.store.delete_expired_session(id, now_ms, days).await?);
            }
        }
    }
}
