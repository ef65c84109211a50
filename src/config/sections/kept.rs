//! What is kept of streams and conversations, and for how long.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::forms::seconds;

/// Streams that outlive their connections.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Streams {
    /// How long a stream runs on for its client to come back.
    #[serde(with = "seconds")]
    pub resume_grace_seconds: Duration,
    /// Bytes of a generation's events that are kept for those who come back.
    pub replay_bytes: usize,
    /// Bytes that all generations may keep together.
    pub replay_total_bytes: usize,
    /// How long the events of a generation that has ended are kept.
    #[serde(with = "seconds")]
    pub replay_seconds: Duration,
    /// Most generations that have ended and are kept.
    pub replay_streams: usize,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            resume_grace_seconds: Duration::from_secs(15),
            replay_bytes: 1 << 20,
            replay_total_bytes: 256 << 20,
            replay_seconds: Duration::from_secs(60),
            replay_streams: 10_000,
        }
    }
}

/// How long conversations are kept.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// Days that a session is kept after its last use, where it has no rule of its own; 0 is for ever.
    pub retention_days: u32,
}

/// What is kept of what callers say, beside the sessions that they ask for.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// Each chat's messages and answer are kept with its generation.
    pub capture: bool,
    /// Days that they are kept; 0 is for ever.
    pub retention_days: u32,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { capture: false, retention_days: 30 }
    }
}
