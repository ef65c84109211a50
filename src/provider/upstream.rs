//! The only file that talks to the network.

/// The way to providers: pooled connections.
#[derive(Clone, Default)]
pub struct Upstream {}
