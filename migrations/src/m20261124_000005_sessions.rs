//! Sessions: conversations as trees of messages, and their media, each kept once a project.
//!
//! A tree is kept as branches. A message that answers the tip of a branch lengthens it; one that answers any other begins
//! a branch of its own, forked at that depth. The way from a leaf to the root is then a few runs of (branch, depth), and
//! a page of it from either end is a range of an index, however long the conversation is.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [sessions(), session_branches(), messages(), blobs(), message_blobs()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns, unique) in [
            ("sessions_by_use", "sessions", &["updated_at_ms", "id"][..], false),
            ("sessions_of_project", "sessions", &["project_id", "updated_at_ms", "id"], false),
            ("sessions_of_key", "sessions", &["key_id", "updated_at_ms", "id"], false),
            ("session_branches_of_session", "session_branches", &["session_id"], false),
            ("messages_of_branch", "messages", &["branch_id", "depth"], true),
            ("messages_of_parent", "messages", &["session_id", "parent_id"], false),
            ("message_blobs_of_blob", "message_blobs", &["project_id", "hash"], false),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            columns.iter().for_each(|column| {
                index.col(*column);
            });
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        let of_generation = Index::create()
            .name("messages_of_generation")
            .table("messages")
            .col("generation_id")
            .cond_where(Expr::col("generation_id").is_not_null())
            .to_owned();
        manager.create_index(of_generation).await?;
        // All that a session's sums read, so that they never touch a generation's row; calls without a session stay out.
        let mut of_session = Index::create().name("generations_of_session").table("generations").to_owned();
        for column in ["session_id", "state", "cost_nano_usd", "total_input_tokens", "total_output_tokens"] {
            of_session.col(column);
        }
        manager.create_index(of_session.cond_where(Expr::col("session_id").ne("")).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("generations_of_session").table("generations").to_owned()).await?;
        for table in ["message_blobs", "blobs", "messages", "session_branches", "sessions"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(pk_uuid("id"))
        .col(uuid("project_id"))
        .col(text("key_id"))
        .col(text("end_user").default(""))
        // As it was given, as it follows from the first prompt, and the one that holds in lower case.
        .col(text("title").default(""))
        .col(text("first_title").default(""))
        .col(text("search_title").default(""))
        .col(text("system_prompt").default(""))
        .col(text("model").default(""))
        .col(text("settings").default(""))
        .col(text("metadata").default(""))
        .col(uuid_null("leaf_id"))
        .col(integer_null("retention_days"))
        .col(big_integer("created_at_ms"))
        .col(big_integer("updated_at_ms"))
        .foreign_key(ForeignKey::create().from("sessions", "project_id").to("projects", "id"))
        .to_owned()
}

/// `fork_depth` is the depth of the last message that the branch shares with its parent, `tip_depth` that of its own
/// last one.
fn session_branches() -> TableCreateStatement {
    Table::create()
        .table("session_branches")
        .col(pk_uuid("id"))
        .col(uuid("session_id"))
        .col(uuid_null("parent_id"))
        .col(integer("fork_depth"))
        .col(integer("tip_depth"))
        .to_owned()
}

/// `body` is a `gateway.v1.Message` without its media, which `message_blobs` names by their place; `notes` is a
/// `gateway.v1.StoredMessage` with what the books do not hold. `pending` marks an answer that is being written, and
/// `turn_parent_id` what the first message of its turn follows.
fn messages() -> TableCreateStatement {
    Table::create()
        .table("messages")
        .col(uuid("session_id"))
        .col(uuid("id"))
        .col(uuid_null("parent_id"))
        .col(uuid("branch_id"))
        .col(integer("depth"))
        .col(text("role"))
        .col(blob("body"))
        .col(text("search_text").default(""))
        .col(integer("tokens").default(0))
        .col(big_integer("created_at_ms"))
        .col(uuid_null("generation_id"))
        .col(boolean("pending").default(false))
        .col(uuid_null("turn_parent_id"))
        .col(blob_null("notes"))
        .primary_key(Index::create().col("session_id").col("id"))
        .to_owned()
}

fn blobs() -> TableCreateStatement {
    Table::create()
        .table("blobs")
        .col(uuid("project_id"))
        .col(blob("hash"))
        .col(big_integer("size"))
        .col(blob("data"))
        .primary_key(Index::create().col("project_id").col("hash"))
        .to_owned()
}

/// Which media a message holds. A blob without a row here is an orphan.
fn message_blobs() -> TableCreateStatement {
    Table::create()
        .table("message_blobs")
        .col(uuid("session_id"))
        .col(uuid("message_id"))
        .col(integer("position"))
        .col(uuid("project_id"))
        .col(blob("hash"))
        .primary_key(Index::create().col("session_id").col("message_id").col("position"))
        .to_owned()
}
