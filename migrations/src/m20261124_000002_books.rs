//! Generations, their attempts, their hourly sums and what was corrected.
//!
//! No foreign keys here: they would cost a look-up a row on the hot path, and stand in the way of partitions by month.

use sea_orm_migration::{prelude::*, schema::*};

use crate::clustered;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut table in [generations(), attempts(), usage_hourly(), adjustments()] {
            clustered(manager, &mut table);
            manager.create_table(table).await?;
        }
        // Listing pages by these: all, one project's, one key's.
        for (name, columns) in [
            ("generations_by_time", &["created_at_ms", "id"][..]),
            ("generations_of_project", &["project_id", "created_at_ms", "id"]),
            ("generations_of_key", &["key_id", "created_at_ms", "id"]),
        ] {
            let mut index = Index::create().name(name).table("generations").to_owned();
            columns.iter().for_each(|column| {
                index.col(*column);
            });
            manager.create_index(index).await?;
        }
        // Recovery looks for these; they leave the index when they end, so it stays small.
        let admitted = Index::create()
            .name("generations_admitted")
            .table("generations")
            .col("owner")
            .cond_where(Expr::col("state").eq("admitted"))
            .to_owned();
        manager.create_index(admitted).await?;
        let idempotent = Index::create()
            .name("generations_idempotent")
            .table("generations")
            .col("project_id")
            .col("idempotency_key")
            .unique()
            .cond_where(Expr::col("idempotency_key").is_not_null())
            .to_owned();
        manager.create_index(idempotent).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["adjustments", "usage_hourly", "attempts", "generations"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn generations() -> TableCreateStatement {
    let mut table = Table::create()
        .table("generations")
        .col(uuid("id").primary_key())
        .col(uuid("project_id"))
        .col(text("key_id"))
        .col(text("end_user").default(""))
        .col(text("session_id").default(""))
        .col(text("metadata").default(""))
        .col(text("door").default(""))
        .col(text("operation").default(""))
        .col(text("model_requested").default(""))
        .col(text("model").default(""))
        .col(text("model_rule").default(""))
        .col(double("model_confidence").default(0.0))
        .col(boolean("streamed").default(false))
        .col(uuid_null("price_version"))
        .col(text("candidates").default(""))
        .col(uuid_null("owner"))
        .col(text_null("idempotency_key"))
        .col(big_integer("created_at_ms"))
        .col(text("state"))
        // The first attempt until the end, which writes its row: who may have been called is known, and a row is saved.
        .col(text("first_provider").default(""))
        .col(text("first_credential").default(""))
        .col(text("first_upstream_model").default(""))
        .col(big_integer_null("first_started_at_ms"))
        .col(text("provider").default(""))
        .col(text("upstream_provider").default(""))
        .col(text("finish_reason").default(""))
        .col(text("error_reason").default(""))
        .to_owned();
    usage(&mut table);
    table
        .col(big_integer_null("cost_nano_usd"))
        .col(text("cost_source").default(""))
        .col(big_integer_null("computed_cost_nano_usd"))
        .col(big_integer_null("ended_at_ms"))
        .col(big_integer_null("first_token_us"))
        .col(big_integer_null("total_us"))
        .col(big_integer_null("overhead_us"))
        .col(integer("attempt_count").default(1))
        .to_owned()
}

fn attempts() -> TableCreateStatement {
    let mut table = Table::create()
        .table("attempts")
        .col(uuid("generation_id"))
        .col(integer("attempt_index"))
        .col(text("kind"))
        .col(text("provider"))
        .col(text("credential"))
        .col(text("upstream_model"))
        .col(big_integer("started_at_ms"))
        .col(text("upstream_id").default(""))
        .col(integer_null("http_status"))
        .col(text("error_reason").default(""))
        .col(text("error_message").default(""))
        .to_owned();
    usage(&mut table);
    table
        .col(big_integer_null("cost_nano_usd"))
        .col(text_null("raw_usage"))
        .col(big_integer_null("first_token_at_ms"))
        .col(big_integer_null("ended_at_ms"))
        .col(boolean("won").default(false))
        .primary_key(Index::create().col("generation_id").col("attempt_index"))
        .to_owned()
}

/// The classes of `gateway.v1.Usage`.
fn usage(table: &mut TableCreateStatement) {
    for class in [
        "input_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "output_tokens",
        "reasoning_tokens",
        "audio_input_tokens",
        "audio_output_tokens",
        "image_input_tokens",
        "image_output_tokens",
        "web_searches",
        "total_input_tokens",
        "total_output_tokens",
    ] {
        table.col(big_integer_null(class));
    }
    table.col(text("usage_source").default(""));
}

fn usage_hourly() -> TableCreateStatement {
    let mut table = Table::create()
        .table("usage_hourly")
        .col(big_integer("hour_ms"))
        .col(uuid("project_id"))
        .col(text("key_id"))
        .col(text("model"))
        .col(text("provider"))
        .col(text("end_user"))
        .to_owned();
    for sum in [
        "requests",
        "failed_requests",
        "extra_attempts",
        "input_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens",
        "media_tokens",
        "total_input_tokens",
        "total_output_tokens",
        "cost_nano_usd",
        "unknown_cost_requests",
    ] {
        table.col(big_integer(sum));
    }
    let key = ["hour_ms", "project_id", "key_id", "model", "provider", "end_user"];
    let mut primary = Index::create();
    for column in key {
        primary.col(column);
    }
    table.primary_key(&mut primary).to_owned()
}

fn adjustments() -> TableCreateStatement {
    Table::create()
        .table("adjustments")
        .col(uuid("generation_id"))
        .col(uuid("id"))
        .col(big_integer("created_at_ms"))
        .col(big_integer_null("old_cost_nano_usd"))
        .col(big_integer_null("new_cost_nano_usd"))
        .col(text("reason"))
        .col(text("actor"))
        .primary_key(Index::create().col("generation_id").col("id"))
        .to_owned()
}
