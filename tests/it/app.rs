//! The gateway as tests run it.
