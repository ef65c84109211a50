//! Projects, their keys, and the processes that serve them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let projects = Table::create()
            .table("projects")
            .col(pk_uuid("id"))
            .col(text_uniq("name"))
            .col(big_integer("created_at_ms"))
            .to_owned();
        manager.create_table(projects).await?;

        let keys = Table::create()
            .table("api_keys")
            .col(text("id").primary_key())
            .col(uuid("project_id"))
            .col(text("name"))
            .col(boolean("admin"))
            .col(binary("secret_hash"))
            .col(binary_null("old_secret_hash"))
            .col(big_integer_null("old_secret_expires_at_ms"))
            .col(big_integer("created_at_ms"))
            .col(big_integer_null("expires_at_ms"))
            .col(big_integer_null("rotated_at_ms"))
            .col(big_integer_null("revoked_at_ms"))
            .foreign_key(ForeignKey::create().from("api_keys", "project_id").to("projects", "id"))
            .to_owned();
        manager.create_table(keys).await?;
        let of_project = Index::create().name("api_keys_of_project").table("api_keys").col("project_id").to_owned();
        manager.create_index(of_project).await?;

        let replicas = Table::create()
            .table("replicas")
            .col(pk_uuid("id"))
            .col(big_integer("started_at_ms"))
            .col(big_integer("heartbeat_at_ms"))
            .to_owned();
        manager.create_table(replicas).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["replicas", "api_keys", "projects"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
