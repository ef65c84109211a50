//! The integration tests: one binary, one file a subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admin;
mod app;
mod bad_input;
mod books;
mod budgets;
mod capture;
mod combined;
mod commands;
mod database;
mod doors;
mod faults;
mod host;
mod keys;
mod layers;
mod lifecycle;
mod limits;
mod listener;
mod listing;
mod live;
mod models;
mod openapi;
mod parity;
mod prices;
mod refresh;
mod routing;
mod sandbox;
mod sessions;
mod signals;
mod upstream;
mod usage;
mod wire;
