//! The sections, as meant: each value with its default.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::origins::{Origins, SET};

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

/// The main listener.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Certificate chain, PEM; with `tls_key` it switches TLS on.
    pub tls_certificate: Option<PathBuf>,
    /// Private key, PEM.
    pub tls_key: Option<PathBuf>,
    /// Origins that browsers may call from besides our own; `*` is any.
    pub cors_origins: Vec<String>,
    /// Largest request body in bytes.
    pub max_body_bytes: usize,
    /// Longest time for a request without a deadline of its own.
    #[serde(with = "seconds")]
    pub request_timeout_seconds: Duration,
    /// How long running requests may go on after a stop was asked for.
    #[serde(with = "seconds")]
    pub drain_seconds: Duration,
    /// Silence after which a stream gets a keep-alive.
    #[serde(with = "seconds")]
    pub keep_alive_seconds: Duration,
    /// A connection is asked to close after about this time, so that clients behind a balancer spread.
    #[serde(with = "seconds")]
    pub max_connection_age_seconds: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls_certificate: None,
            tls_key: None,
            cors_origins: Vec::new(),
            max_body_bytes: 64 << 20,
            request_timeout_seconds: Duration::from_secs(600),
            drain_seconds: Duration::from_secs(30),
            keep_alive_seconds: Duration::from_secs(15),
            max_connection_age_seconds: Duration::from_secs(3600),
        }
    }
}

/// Where the books are.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://path?mode=rwc` or `postgres://…`; absent means a SQLite file in the platform's data directory.
    #[serde(serialize_with = "without_password")]
    pub url: Option<String>,
    /// What a commit survives, on SQLite.
    pub durability: Durability,
}

/// What a commit survives, on SQLite. PostgreSQL is as its operator set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Loss of power.
    #[default]
    Power,
    /// The end of the process.
    Process,
}

/// The Prometheus listener.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Where to listen; it serves `/metrics` to anyone who can reach it.
    pub listen: SocketAddr,
    /// Off means that there is no listener.
    pub enabled: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 9464)), enabled: true }
    }
}

/// Logs and traces.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// OTLP endpoint for traces, such as `http://localhost:4317`; absent means none are sent.
    #[serde(serialize_with = "without_password")]
    pub otlp_endpoint: Option<String>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// What is logged, in tracing's directives, such as `info` or `generative_gateway=debug`.
    pub log_level: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            log_format: LogFormat::Json,
            log_level: "info,sea_orm_migration=warn,opentelemetry=warn".to_owned(),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A JSON object a line.
    #[default]
    Json,
    /// For people.
    Pretty,
}

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

/// How names and targets are chosen.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Routing {
    /// Most tries of one target.
    pub max_attempts: u32,
    /// Wait before the first retry; doubles each time, with jitter.
    #[serde(with = "milliseconds")]
    pub retry_base_ms: Duration,
    /// Longest wait between tries.
    #[serde(with = "milliseconds")]
    pub retry_max_ms: Duration,
    /// Longest wait for the first event of one try; absent means as long as the provider may take.
    pub attempt_timeout_ms: Option<u64>,
    /// Names that stand for models.
    pub aliases: BTreeMap<String, String>,
    /// Names that stand for several models or providers.
    pub models: BTreeMap<String, VirtualModel>,
    /// The variant that a family's bare name means, such as `claude = "sonnet"`.
    pub family_defaults: BTreeMap<String, String>,
    /// A fuzzy match may cost at most this many times what its nearest rival costs.
    pub fuzzy_price_jump: f64,
    /// Tokens of output that are reserved against budgets at first.
    pub reserve_output_tokens: u32,
    /// What is done with models whose price nobody knows.
    pub unpriced: Unpriced,
    /// When a second try is started beside a slow first one; absent means only where a request asks for it.
    pub hedge: Option<Hedge>,
    /// Most second tries, as a share of the requests that may have one.
    pub hedge_budget: f64,
    /// Failures in a row after which a model is paused at a credential; 0 means never. Half of twenty or more failing
    /// pauses it too.
    pub breaker_failures: u32,
    /// The first pause; doubles each time, with jitter.
    #[serde(with = "milliseconds")]
    pub breaker_pause_ms: Duration,
    /// Longest pause.
    #[serde(with = "milliseconds")]
    pub breaker_longest_pause_ms: Duration,
    /// How long a credential comes last after it was refused or had no funds.
    #[serde(with = "milliseconds")]
    pub credential_pause_ms: Duration,
}

/// A name that stands for several models or providers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct VirtualModel {
    /// Who may serve it.
    pub targets: Vec<Member>,
    /// Whom to prefer.
    pub order: Order,
    /// Models to try, in order, when all targets failed.
    pub fallbacks: Vec<String>,
    /// Instead of `routing.hedge`.
    pub hedge: Option<Hedge>,
    /// Instead of `routing.attempt_timeout_ms`.
    pub attempt_timeout_ms: Option<u64>,
}

/// One of those that may serve a virtual model.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The model's name, or the provider's own id of it where `provider` is set.
    pub model: String,
    /// The provider.
    #[serde(default)]
    pub provider: Option<String>,
    /// Its share of the calls under `order = "weighted"`, compared with that of its fellows; 0 makes it a spare.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

/// Which of several targets is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// As they are listed.
    #[default]
    Listed,
    /// Drawn by weight; a session keeps to its own.
    Weighted,
    /// The cheapest, by what a typical request costs there.
    Price,
    /// The one whose first token came soonest lately.
    Latency,
    /// The one that made most tokens a second lately.
    Throughput,
}

/// What is done with models whose price nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unpriced {
    /// They serve where nothing has to be kept to; under a hard budget or `max_cost_usd` they are refused.
    #[default]
    Unbudgeted,
    /// They serve, and no budget counts them.
    Allow,
    /// They are refused.
    Refuse,
}

/// When a second try is started.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hedge {
    /// After so many milliseconds.
    DelayMs(u32),
    /// After that quantile, 0 to 1, of the time to the first event that the target took lately.
    Quantile(f64),
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            attempt_timeout_ms: None,
            models: BTreeMap::new(),
            retry_base_ms: Duration::from_millis(250),
            retry_max_ms: Duration::from_secs(8),
            aliases: BTreeMap::new(),
            family_defaults: [("claude", "sonnet"), ("gemini", "flash")]
                .map(|(family, variant)| (family.to_owned(), variant.to_owned()))
                .into(),
            fuzzy_price_jump: 5.0,
            reserve_output_tokens: 4096,
            unpriced: Unpriced::Unbudgeted,
            hedge: None,
            hedge_budget: 0.1,
            breaker_failures: 5,
            breaker_pause_ms: Duration::from_secs(5),
            breaker_longest_pause_ms: Duration::from_secs(60),
            credential_pause_ms: Duration::from_secs(300),
        }
    }
}

/// Where prices come from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pricing {
    /// How often models and prices are fetched; 0 means only at start and on demand.
    #[serde(with = "seconds")]
    pub refresh_seconds: Duration,
}

impl Default for Pricing {
    fn default() -> Self {
        Self { refresh_seconds: Duration::from_secs(3600) }
    }
}

/// How much may be sent, beside what keys and projects say of themselves.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Of each key that has no such limit of its own.
    pub key: Limit,
    /// Of all keys of a project together, where the project has no such limit of its own.
    pub project: Limit,
    /// Of each end user of a project.
    pub end_user: Limit,
    /// Of each model, for all callers together, by the model's id or a pattern with `*`. The longest that fits counts.
    pub models: BTreeMap<String, Limit>,
}

/// Limits of one thing. An absent one does not limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limit {
    /// Requests a minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, input and output together.
    pub tokens_per_minute: Option<u32>,
    /// Requests at the same time.
    pub concurrent_requests: Option<u32>,
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

/// A provider.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// Where it is, when not where it usually is.
    #[serde(serialize_with = "without_password")]
    pub base_url: Option<String>,
    /// Its key; the vendor's own environment variable is read too.
    #[serde(serialize_with = "redacted")]
    pub api_key: Option<SecretString>,
    /// Further keys, by names of one's own: a key, or `{ key = "…", weight = 2 }`.
    pub api_keys: BTreeMap<String, ApiKey>,
    /// How calls that name no session are spread over several keys.
    pub spread: Spread,
    /// Off leaves it out although a key is there.
    pub enabled: Option<bool>,
    /// Further headers on each request.
    #[serde(serialize_with = "all_redacted")]
    pub headers: BTreeMap<String, String>,
    /// Longest wait for a connection.
    pub connect_timeout_ms: Option<u64>,
    /// Longest silence within an answer.
    pub idle_timeout_ms: Option<u64>,
    /// The dialect of a host that is not built in.
    pub dialect: Option<String>,
}

/// One of several keys of a provider.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum ApiKey {
    /// The key alone, with a weight of 1.
    Plain(#[serde(serialize_with = "redacted_key")] SecretString),
    /// With its share.
    Weighted {
        /// The key.
        #[serde(serialize_with = "redacted_key")]
        key: SecretString,
        /// Its share of the calls, compared with that of its fellows; 0 switches it off.
        weight: f64,
    },
}

impl ApiKey {
    /// The key and its weight.
    pub fn parts(&self) -> (&SecretString, f64) {
        match self {
            Self::Plain(key) => (key, 1.0),
            Self::Weighted { key, weight } => (key, *weight),
        }
    }
}

/// How calls are spread over a provider's keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Spread {
    /// One gateway key and model keep to one, so that the provider's prompt caches are warm; shares are by weight.
    #[default]
    Sticky,
    /// Drawn by weight for each call. A session still keeps to one.
    Weighted,
}

fn redacted_key<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if secret.expose_secret().is_empty() { "" } else { "(set)" })
}

/// Secrets are told apart from their absence, no more.
fn redacted<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|secret| if secret.expose_secret().is_empty() { "" } else { SET }).serialize(serializer)
}

/// Headers may carry secrets, so none is shown.
fn all_redacted<S: Serializer>(headers: &BTreeMap<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.keys().map(|name| (name, SET)))
}

/// `postgres://user:***@host/database`.
fn without_password<S: Serializer>(url: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let shown = url.as_deref().map(|url| {
        let parts = url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
        match parts.and_then(|(scheme, (who, place))| Some((scheme, who.split_once(':')?.0, place))) {
            Some((scheme, user, place)) => format!("{scheme}://{user}:***@{place}"),
            None => url.to_owned(),
        }
    });
    shown.serialize(serializer)
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, ser::Error};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).map_err(S::Error::custom)?)
    }
}
