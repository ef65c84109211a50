//! The models that are known, as one snapshot behind an atomic pointer.

/// The catalogue.
#[derive(Clone, Default)]
pub struct Catalog {}
