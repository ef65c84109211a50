//! The database's shape, step by step; the same steps on SQLite and PostgreSQL.
//!
//! Times are `BIGINT` milliseconds since 1970, durations `BIGINT` microseconds, money `BIGINT` nano-USD, enums the
//! contract's short names, lists and maps JSON text. Absent numbers are NULL; absent text is empty.

mod m20261124_000001_tenants;
mod m20261124_000002_books;
mod m20261124_000003_prices;
mod m20261124_000004_budgets;
mod m20261124_000005_sessions;
mod m20261124_000006_administration;
mod m20261127_000007_lean_books;
mod m20261127_000008_contents;

pub use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// All steps, oldest first. A step that was released is never edited.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_tenants::Migration),
            Box::new(m20261124_000002_books::Migration),
            Box::new(m20261124_000003_prices::Migration),
            Box::new(m20261124_000004_budgets::Migration),
            Box::new(m20261124_000005_sessions::Migration),
            Box::new(m20261124_000006_administration::Migration),
            Box::new(m20261127_000007_lean_books::Migration),
            Box::new(m20261127_000008_contents::Migration),
        ]
    }
}

/// On SQLite the rows live in the primary key itself: one tree to write instead of two.
fn clustered(manager: &SchemaManager<'_>, table: &mut TableCreateStatement) {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
}
