//! The sections, as meant: each value with its default.

mod database;
mod forms;
mod kept;
mod limits;
mod provider;
mod routing;
mod server;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::{
    database::{Database, Durability},
    kept::{Privacy, Sessions, Streams},
    limits::{Limit, Limits},
    provider::{ApiKey, Provider, Spread},
    routing::{Hedge, Member, Order, Pricing, Routing, Unpriced, VirtualModel},
    server::{LogFormat, Metrics, Server, Telemetry},
};

use super::origins::Origins;

/// Configuration as meant.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The main listener.
    pub server: Server,
    /// Where the books are.
    pub database: Database,
    /// The Prometheus listener.
    pub metrics: Metrics,
    /// Logs and traces.
    pub telemetry: Telemetry,
    /// Streams that outlive their connections.
    pub streams: Streams,
    /// How names and targets are chosen.
    pub routing: Routing,
    /// Where prices come from.
    pub pricing: Pricing,
    /// How much may be sent.
    pub limits: Limits,
    /// How long conversations are kept.
    pub sessions: Sessions,
    /// What is kept of what callers say.
    pub privacy: Privacy,
    /// The providers.
    pub providers: BTreeMap<String, Provider>,
    /// Where the values came from.
    #[serde(skip)]
    pub origins: Origins,
}
