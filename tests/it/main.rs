//! The integration tests: one binary, one file a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod bad_input;
mod books;
mod database;
mod doors;
mod keys;
mod layers;
mod listener;
mod listing;
mod models;
mod prices;
mod sandbox;
mod upstream;
mod usage;
mod wire;
