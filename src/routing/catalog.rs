//! The models that are known, as one snapshot behind an atomic pointer.

use std::sync::Arc;

use uuid::Uuid;

use crate::pb;

/// A model at the provider that serves it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What is known of it, prices included.
    pub model: pb::Model,
    /// The provider that serves it.
    pub provider: String,
    /// The provider's own id of it.
    pub upstream_id: String,
    /// The price version that holds now; none where no price is known.
    pub price_version: Option<Uuid>,
}

/// What a name became.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The name, the id, the rule.
    pub resolution: pb::ModelResolution,
    /// The provider that serves it.
    pub provider: String,
    /// The provider's own id of it.
    pub upstream_id: String,
    /// The catalogue's entry; none for a pinned id that no catalogue lists.
    pub entry: Option<Arc<Entry>>,
}

/// The catalogue. Cheap to clone; all clones see the newest snapshot.
#[derive(Clone, Default)]
pub struct Catalog {}
