//! The providers and their keys.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::forms::{all_redacted, redacted, redacted_key, without_password};

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
