//! The integration tests: one binary, one file a subject.

mod app;
mod bad_input;
mod doors;
mod layers;
mod listener;
mod wire;
