//! The integration tests: one binary, one file a subject.

mod app;
mod listing;
mod models;
mod prices;
