//! Sessions whose time is over are deleted, and so is what was captured of chats.

use std::time::Duration;

use super::super::{Gateway, clock::now_ms};
use crate::error::Error;

const EVERY: Duration = Duration::from_secs(3600);
/// Sessions looked up at once.
const PORTION: u32 = 100;

impl Gateway {
    /// Deletes what has expired now and every hour until the gateway stops.
    pub async fn delete_what_expires(self) {
        loop {
            match self.delete_expired(now_ms()).await {
                Ok(0) => {}
                Ok(deleted) => tracing::info!(deleted, "sessions and captured contents have expired"),
                Err(error) => tracing::warn!(context = error.context, "what has expired cannot be deleted yet"),
            }
            tokio::select! {
                () = self.stopping.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Deletes the sessions and the captured contents that have expired by then; returns how many.
    pub async fn delete_expired(&self, now_ms: i64) -> Result<usize, Error> {
        Ok(self.delete_expired_sessions(now_ms).await? + self.delete_expired_contents(now_ms).await?)
    }

    async fn delete_expired_contents(&self, now_ms: i64) -> Result<usize, Error> {
        let Some(before_ms) = self.contents_expire_before(now_ms) else { return Ok(0) };
        let mut deleted = 0;
        while !self.stopping.is_cancelled() {
            match self.store.delete_contents_before(before_ms, u64::from(PORTION)).await? {
                0 => break,
                some => deleted += some,
            }
        }
        Ok(deleted)
    }

    async fn delete_expired_sessions(&self, now_ms: i64) -> Result<usize, Error> {
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
