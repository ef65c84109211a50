//! One client call.

use sea_orm::entity::prelude::*;

use crate::{pb, store::text};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "generations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub project_id: Uuid,
    pub key_id: String,
    pub end_user: String,
    pub session_id: String,
    pub metadata: String,
    pub door: String,
    pub operation: String,
    pub model_requested: String,
    pub model: String,
    pub model_rule: String,
    pub model_confidence: f64,
    pub streamed: bool,
    pub price_version: Option<Uuid>,
    pub candidates: String,
    pub owner: Option<Uuid>,
    pub idempotency_key: Option<String>,
    pub created_at_ms: i64,
    pub state: String,
    pub first_provider: String,
    pub first_credential: String,
    pub first_upstream_model: String,
    pub first_started_at_ms: Option<i64>,
    pub first_upstream_id: String,
    pub first_http_status: Option<i32>,
    pub first_error_reason: String,
    pub first_error_message: String,
    pub first_raw_usage: Option<String>,
    pub first_spoke_at_ms: Option<i64>,
    pub first_ended_at_ms: Option<i64>,
    pub first_won: bool,
    pub provider: String,
    pub upstream_provider: String,
    pub finish_reason: String,
    pub error_reason: String,
    pub input_tokens: Option<i64>,
    pub cache_read_tokens: Option<i64>,
    pub cache_write_tokens: Option<i64>,
    pub cache_write_1h_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub reasoning_tokens: Option<i64>,
    pub audio_input_tokens: Option<i64>,
    pub audio_output_tokens: Option<i64>,
    pub image_input_tokens: Option<i64>,
    pub image_output_tokens: Option<i64>,
    pub web_searches: Option<i64>,
    pub total_input_tokens: Option<i64>,
    pub total_output_tokens: Option<i64>,
    pub usage_source: String,
    pub cost_nano_usd: Option<i64>,
    pub cost_source: String,
    pub computed_cost_nano_usd: Option<i64>,
    pub ended_at_ms: Option<i64>,
    pub first_token_us: Option<i64>,
    pub total_us: Option<i64>,
    pub overhead_us: Option<i64>,
    pub attempt_count: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The usage classes.
    pub(in crate::store) fn usage(&self) -> pb::Usage {
        let count = |tokens: Option<i64>| tokens.map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX));
        pb::Usage {
            input_tokens: count(self.input_tokens),
            cache_read_tokens: count(self.cache_read_tokens),
            cache_write_tokens: count(self.cache_write_tokens),
            cache_write_1h_tokens: count(self.cache_write_1h_tokens),
            output_tokens: count(self.output_tokens),
            reasoning_tokens: count(self.reasoning_tokens),
            audio_input_tokens: count(self.audio_input_tokens),
            audio_output_tokens: count(self.audio_output_tokens),
            image_input_tokens: count(self.image_input_tokens),
            image_output_tokens: count(self.image_output_tokens),
            web_searches: count(self.web_searches),
            total_input_tokens: count(self.total_input_tokens),
            total_output_tokens: count(self.total_output_tokens),
            source: text::number::<pb::UsageSource>(&self.usage_source),
        }
    }
}
