//! The integration tests: one binary, one file a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod books;
mod database;
mod keys;
mod layers;
mod listing;
mod models;
mod prices;
mod sandbox;
mod upstream;
mod usage;
mod wire;
