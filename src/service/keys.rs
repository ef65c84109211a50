//! Gateway keys: made, shown once, checked, revoked.

/// Keys that were seen lately.
#[derive(Clone)]
pub struct Keys {}
