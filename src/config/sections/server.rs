//! The listeners, and what the process tells of itself.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::forms::{seconds, without_password};

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
