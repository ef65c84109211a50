//! Price sheets, append-only: each distinct sheet of a model at a provider is a version.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let prices = Table::create()
            .table("prices")
            .col(pk_uuid("id"))
            .col(text("model"))
            .col(text("provider"))
            .col(text("sheet"))
            .col(text("source"))
            .col(big_integer("since_ms"))
            .to_owned();
        manager.create_table(prices).await?;
        let of_model = Index::create()
            .name("prices_of_model")
            .table("prices")
            .col("model")
            .col("provider")
            .col("since_ms")
            .to_owned();
        manager.create_index(of_model).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("prices").to_owned()).await
    }
}
