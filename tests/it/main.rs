//! The integration tests: one binary, one file a subject.

mod app;
mod layers;
mod wire;
