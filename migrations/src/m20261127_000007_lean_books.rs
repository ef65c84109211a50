//! The only attempt of a generation, which most have, stands in the generation's row.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column a statement.
        for column in columns() {
            manager.alter_table(Table::alter().table("generations").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let name = column.get_column_name();
            manager.alter_table(Table::alter().table("generations").drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}

fn columns() -> [ColumnDef; 8] {
    [
        text("first_upstream_id").default("").to_owned(),
        integer_null("first_http_status"),
        text("first_error_reason").default("").to_owned(),
        text("first_error_message").default("").to_owned(),
        text_null("first_raw_usage"),
        big_integer_null("first_spoke_at_ms"),
        big_integer_null("first_ended_at_ms"),
        boolean("first_won").default(false).to_owned(),
    ]
}
