//! This process among those that share the database: its signs of life, and what it does about those without.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use crate::{
    error::Error,
    service::clock::{millis, now_ms},
    store::Store,
};

/// Time between signs of life.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Silence after which a process counts as dead. Wrongly so costs little: its settlements become adjustments.
const LEASE: Duration = Duration::from_secs(30);
/// Heartbeats between looks for dead processes.
const BEATS_A_RECOVERY: u64 = 3;
/// Silence after which a process is forgotten.
const MEMORY: Duration = Duration::from_secs(24 * 3600);

/// Gives up the admitted generations of dead processes.
pub(super) async fn recover(store: &Store, replica: Uuid) -> Result<u64, Error> {
    let now = now_ms();
    let found = store.recover(replica, now - millis(LEASE), now).await?;
    if found > 0 {
        warn!(generations = found, "gave up generations whose process is gone; their cost is unknown");
    }
    store.forget_replicas(now - millis(MEMORY)).await?;
    Ok(found)
}

/// The signs of life, from the start of the writer to its end.
pub(super) struct Life {
    store: Store,
    replica: Uuid,
    ended: CancellationToken,
}

impl Life {
    pub(super) fn new(store: Store, replica: Uuid) -> Self {
        Self { store, replica, ended: CancellationToken::new() }
    }

    /// To be cancelled when the writer has ended.
    pub(super) fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }

    pub(super) async fn run(self) {
        // On SQLite the lock on the file is the sign of life, and nobody else is there to look.
        if self.store.is_shared() {
            self.ended.run_until_cancelled(self.beat()).await;
        } else {
            self.ended.cancelled().await;
        }
        if let Err(error) = self.store.sign_off(self.replica).await {
            warn!(context = error.context, "could not sign off; this process counts as alive until its lease ends");
        }
    }

    async fn beat(&self) {
        let mut beats = interval(HEARTBEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for beat in 1_u64.. {
            beats.tick().await;
            let alive = self.store.heartbeat(self.replica, now_ms()).await;
            let looked = match beat % BEATS_A_RECOVERY {
                0 if alive.is_ok() => recover(&self.store, self.replica).await.map(drop),
                _ => Ok(()),
            };
            if let Err(error) = alive.and(looked) {
                warn!(context = error.context, "no sign of life could be given, or none looked for");
            }
        }
    }
}
