//! How much may be sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
