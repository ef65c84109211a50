//! The database: SQLite and PostgreSQL behind one type. The only module that knows sea-orm.

pub mod ledger;
pub mod prices;

/// A connected database. Cheap to clone.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), crate::error::Error> {
        std::future::ready(Err(crate::error::Error::internal("not wired yet"))).await
    }
}
