//! The gateway itself: one method per RPC, spread over one file per noun.

mod admission;
mod allowed;
mod booking;
pub mod budgets;
mod capture;
mod charge;
pub mod chat;
mod checks;
pub mod clock;
pub mod embeddings;
mod estimate;
mod fresh;
mod hedging;
pub mod keys;
pub mod ledger;
pub mod limits;
pub mod live;
pub mod meter;
pub mod models;
mod pattern;
pub mod pricing;
pub mod projects;
pub mod sessions;
pub mod usage;

use std::{net::IpAddr, sync::Arc, time::Instant};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    config::Config,
    dialect::Source,
    error::{Error, Reason},
    pb,
    provider::{Registry, Upstream},
    routing::{catalog::Catalog, health::Health},
    service::{
        budgets::Budgets, keys::Keys, ledger::Ledger, limits::Limits, live::Streams, projects::aliases::Aliases,
        sessions::Sessions,
    },
    store::Store,
    telemetry::Metrics,
};

/// The gateway. Cheap to clone; all clones are the same gateway.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

/// What the gateway's methods work with.
pub struct Inner {
    /// Configuration as meant.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The books' one writer.
    pub ledger: Ledger,
    /// Models and their prices.
    pub catalog: Catalog,
    /// Names that stand for models, among the other settings by which names are resolved.
    pub aliases: Aliases,
    /// The providers that are configured.
    pub providers: Registry,
    /// How they do.
    pub health: Health,
    /// The way to them.
    pub upstream: Upstream,
    /// Keys that were seen lately.
    pub keys: Keys,
    /// How much may be sent, and what was.
    pub limits: Limits,
    /// Which budgets there are.
    pub budgets: Budgets,
    /// Sessions in which something is being written.
    pub sessions: Sessions,
    /// Generations that run, and those that ended lately.
    pub live: Streams,
    /// The instruments.
    pub metrics: Metrics,
    /// Tasks that outlive a request; waited for at shutdown.
    pub tasks: TaskTracker,
    /// Cancelled when the gateway stops: nothing new is admitted.
    pub stopping: CancellationToken,
    /// Cancelled when what still runs must end.
    pub interrupt: CancellationToken,
}

impl Gateway {
    /// A gateway of these parts.
    pub fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}

impl std::ops::Deref for Gateway {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Who calls, and how: made by a door once the key is known.
#[derive(Clone)]
pub struct Caller {
    /// The key.
    pub key: Arc<Key>,
    /// The door.
    pub door: pb::Door,
    /// The request's id, for logs and the answer.
    pub request_id: Arc<str>,
    /// Who sent the request, as the connection has it: behind a proxy that is the proxy.
    pub address: Option<IpAddr>,
    /// When the request arrived.
    pub received: Instant,
    /// When the caller gives up.
    pub deadline: Option<Instant>,
    /// Joins requests that are the same.
    pub idempotency_key: Option<String>,
    /// Where the door is told which limits the request is under.
    pub limits: limits::Told,
}

impl Caller {
    /// The operator at the command line, who may do everything.
    pub fn operator() -> Self {
        let key = Key {
            name: "command line".to_owned(),
            project: keys::DEFAULT_PROJECT.to_owned(),
            admin: true,
            ..Key::default()
        };
        Self {
            key: Arc::new(key),
            door: pb::Door::Unspecified,
            request_id: Uuid::now_v7().to_string().into(),
            address: None,
            received: Instant::now(),
            deadline: None,
            idempotency_key: None,
            limits: limits::Told::default(),
        }
    }

    /// Refuses a key without the admin scope.
    pub fn require_admin(&self) -> Result<(), Error> {
        if self.key.admin {
            return Ok(());
        }
        Err(Error::new(
            Reason::PermissionDenied,
            "this needs a key with the admin scope; make one with `keys create --scope admin`",
        ))
    }
}

/// A gateway key that may be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Key {
    /// Public id, the middle of `ggw_<public id>_<secret>`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The project it belongs to.
    pub project_id: Uuid,
    /// That project's name.
    pub project: String,
    /// It may administer, not only infer.
    pub admin: bool,
    /// Its own limits.
    pub limits: pb::Limits,
    /// The limits of all keys of its project together.
    pub project_limits: pb::Limits,
    /// Models that it may use: ids, or patterns with `*`; empty means all that its project may.
    pub allowed_models: Vec<String>,
    /// Models that its project may use; empty means all.
    pub project_allowed_models: Vec<String>,
}

/// A chat as a door read it.
#[derive(Clone, Debug, Default)]
pub struct ChatCall {
    /// What is asked. Boxed, so that the futures which carry it stay small: they are moved at every layer.
    pub request: Box<pb::ChatRequest>,
    /// The body it was read from, where its dialect is also a provider's.
    pub source: Option<Source>,
    /// The caller takes a stream.
    pub stream: bool,
}

/// Embeddings as a door read them.
#[derive(Clone, Debug, Default)]
pub struct EmbedCall {
    /// What is asked.
    pub request: pb::EmbedRequest,
    /// The body it was read from, where its dialect is also a provider's.
    pub source: Option<Source>,
}
