//! What projects and keys may do, names that stand for models, and what was changed by hand.

use sea_orm_migration::{prelude::*, schema::*};

use crate::clustered;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `name` is the project's id in the contract; this is its name for people.
        let projects = [
            text("title").default("").to_owned(),
            text("limits").default("").to_owned(),
            text("allowed_models").default("").to_owned(),
            text("metadata").default("").to_owned(),
            big_integer("updated_at_ms").default(0).to_owned(),
            // The row stays, so that the books keep its name and nobody gets its id again.
            big_integer_null("deleted_at_ms"),
        ];
        let keys = [
            text("limits").default("").to_owned(),
            text("allowed_models").default("").to_owned(),
            text("metadata").default("").to_owned(),
            text("creator").default("").to_owned(),
            big_integer_null("last_used_at_ms"),
        ];
        // SQLite takes one column a statement.
        for (table, column) in projects.map(|it| ("projects", it)).into_iter().chain(keys.map(|it| ("api_keys", it))) {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        let older = "UPDATE projects SET title = name, updated_at_ms = created_at_ms";
        manager.get_connection().execute_unprepared(older).await?;

        let aliases = Table::create()
            .table("model_aliases")
            .col(text("name").primary_key())
            .col(text("model"))
            .col(text("creator"))
            .col(big_integer("updated_at_ms"))
            .to_owned();
        manager.create_table(aliases).await?;

        let mut events = Table::create()
            .table("audit_events")
            .col(uuid("id").primary_key())
            .col(big_integer("created_at_ms"))
            .col(text("actor"))
            .col(text("actor_name").default(""))
            .col(text("action"))
            .col(text("project").default(""))
            .col(text("target"))
            .col(text("changes").default(""))
            .col(text("request_id").default(""))
            .col(text("address").default(""))
            .to_owned();
        clustered(manager, &mut events);
        manager.create_table(events).await?;
        let of_project =
            Index::create().name("audit_events_of_project").table("audit_events").col("project").col("id").to_owned();
        manager.create_index(of_project).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["audit_events", "model_aliases"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        let projects = ["title", "limits", "allowed_models", "metadata", "updated_at_ms", "deleted_at_ms"];
        let keys = ["limits", "allowed_models", "metadata", "creator", "last_used_at_ms"];
        for (table, column) in projects.map(|it| ("projects", it)).into_iter().chain(keys.map(|it| ("api_keys", it))) {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
