//! Budgets: a limit, its windows, and what running generations hold of a window.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let budgets = Table::create()
            .table("budgets")
            .col(pk_uuid("id"))
            .col(uuid("project_id"))
            .col(text("name"))
            .col(text("scope"))
            .col(text("key_id").default(""))
            .col(text("end_user").default(""))
            .col(text("time_window"))
            .col(text("enforcement"))
            .col(big_integer("limit_nano_usd"))
            .col(big_integer("created_at_ms"))
            .col(big_integer("updated_at_ms"))
            .foreign_key(ForeignKey::create().from("budgets", "project_id").to("projects", "id"))
            .to_owned();
        manager.create_table(budgets).await?;
        let of_project = Index::create().name("budgets_of_project").table("budgets").col("project_id").to_owned();
        manager.create_index(of_project).await?;

        // A budget for each end user has a period for each of them; other budgets leave `end_user` empty.
        let periods = Table::create()
            .table("budget_periods")
            .col(pk_uuid("id"))
            .col(uuid("budget_id"))
            .col(text("end_user").default(""))
            .col(big_integer("starts_at_ms"))
            .col(big_integer_null("ends_at_ms"))
            .col(big_integer("limit_nano_usd"))
            .col(big_integer("spent_nano_usd").default(0))
            .col(big_integer("reserved_nano_usd").default(0))
            .foreign_key(
                ForeignKey::create()
                    .from("budget_periods", "budget_id")
                    .to("budgets", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(periods).await?;
        let of_budget = Index::create()
            .name("budget_periods_of_budget")
            .table("budget_periods")
            .col("budget_id")
            .col("end_user")
            .col("starts_at_ms")
            .unique()
            .to_owned();
        manager.create_index(of_budget).await?;

        let reserves = Table::create()
            .table("reserves")
            .col(uuid("generation_id"))
            .col(uuid("period_id"))
            .col(big_integer("amount_nano_usd"))
            .primary_key(Index::create().col("generation_id").col("period_id"))
            .to_owned();
        manager.create_table(reserves).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["reserves", "budget_periods", "budgets"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
