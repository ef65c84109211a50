//! The integration tests: one binary, one file a subject.

mod app;
mod books;
mod database;
mod keys;
mod usage;
