//! Which target, in which order, how often.

mod builtin;
pub mod catalog;
mod names;
pub mod resolve;

use std::sync::Arc;

use crate::{error::Error, pb, provider::Provider};

/// A provider and its own id of a model: where one attempt goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The provider.
    pub provider: Arc<Provider>,
    /// The provider's own id of the model.
    pub model: String,
    /// What the catalogue knows of the model.
    pub facts: Option<Arc<pb::Model>>,
}

/// Where attempts are written down: the books in earnest, a list in tests.
pub trait AttemptLog: Send {
    /// An attempt is about to be sent; returns when that is on record.
    fn begin(&mut self, kind: pb::AttemptKind, target: &Target) -> impl Future<Output = Result<(), Error>> + Send;

    /// The attempt that began last has failed.
    fn failed(&mut self, error: &Error);
}
