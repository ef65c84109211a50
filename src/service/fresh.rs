//! What other processes change in the database counts here too, a moment later.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Gateway;
use crate::error::Error;

/// How long that takes, about.
const REFRESH: Duration = Duration::from_secs(1);

impl Gateway {
    /// Refreshes what is known, at once and again and again until the gateway stops. `what` it is stands in the log where
    /// that fails.
    pub(super) async fn keep_fresh<F>(&self, what: &'static str, refresh: impl Fn() -> F)
    where
        F: Future<Output = Result<(), Error>>,
    {
        let mut ticks = interval(REFRESH);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let refreshing = async {
            loop {
                ticks.tick().await;
                if let Err(error) = refresh().await {
                    tracing::warn!(context = error.context, "{what} cannot be read; the known ones hold on");
                }
            }
        };
        self.stopping.run_until_cancelled(refreshing).await;
    }
}
