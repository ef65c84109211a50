//! Which target, in which order, how often.
//!
//! ```text
//! name ── resolve, pools ──▶ models ── plan(health) ──▶ targets ── try_targets ──▶ the answer that began
//!                                       ▲                              │
//!                                       └────────── health ◀───────────┘
//! ```

pub mod attempts;
pub mod backoff;
mod builtin;
pub mod catalog;
pub mod health;
mod names;
pub mod plan;
pub mod pools;
pub mod resolve;

use std::sync::Arc;

pub use self::attempts::{AttemptLog, Hedging, Lost, Policy, Won, try_targets};
use self::{catalog::Entry, health::Gauge};
use crate::{
    pb,
    provider::{Credential, Provider},
};

/// A provider, a credential and the provider's own id of a model: where one attempt goes.
#[derive(Clone)]
pub struct Target {
    /// The provider.
    pub provider: Arc<Provider>,
    /// Number of the provider's credential.
    pub credential: usize,
    /// The provider's own id of the model.
    pub model: String,
    /// The catalogue's entry of the model, with its price version; none for a pinned id that no catalogue lists.
    pub entry: Option<Arc<Entry>>,
    /// How it does.
    pub gauge: Arc<Gauge>,
}

impl Target {
    /// What the catalogue knows of the model.
    pub fn facts(&self) -> Option<&pb::Model> {
        self.entry.as_deref().map(|entry| &entry.model)
    }

    /// The model's id as callers write it.
    pub fn id(&self) -> String {
        let pinned = || format!("{}/{}", self.provider.name, self.model);
        self.facts().map_or_else(pinned, |model| model.id.clone())
    }

    /// What may be told of the credential.
    pub fn credential(&self) -> &Credential {
        &self.provider.credentials[self.credential]
    }

    /// The same model of the same provider, whatever the credential.
    pub fn serves_as(&self, other: &Self) -> bool {
        self.provider.name == other.provider.name && self.model == other.model
    }
}
