//! Where the books are.

use serde::{Deserialize, Serialize};

use super::forms::without_password;

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
