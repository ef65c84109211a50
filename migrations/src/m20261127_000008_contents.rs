//! What chats were asked and answered, where capture is switched on.

use sea_orm_migration::{prelude::*, schema::*};

const TABLE: &str = "generation_contents";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(contents()).await?;
        let by_age = Index::create().name("generation_contents_by_age").table(TABLE).col("created_at_ms").to_owned();
        manager.create_index(by_age).await?;
        let of_session = Index::create()
            .name("generation_contents_of_session")
            .table(TABLE)
            .col("session_id")
            .cond_where(Expr::col("session_id").is_not_null())
            .to_owned();
        manager.create_index(of_session).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let media = "DELETE FROM message_blobs WHERE session_id IN (SELECT generation_id FROM generation_contents)";
        manager.get_connection().execute_unprepared(media).await?;
        manager.drop_table(Table::drop().table(TABLE).to_owned()).await
    }
}

/// `body` is a `gateway.v1.GenerationContent` without its media. Those are held through `message_blobs`, where the
/// generation's id stands for a session's, and the message's number, from 0, for its id.
fn contents() -> TableCreateStatement {
    Table::create()
        .table(TABLE)
        .col(pk_uuid("generation_id"))
        .col(uuid("project_id"))
        .col(uuid_null("session_id"))
        .col(big_integer("created_at_ms"))
        .col(blob("body"))
        .to_owned()
}
