//! Rows as messages.

use uuid::Uuid;

use crate::{
    pb::{self, well_known::Timestamp},
    store::{
        entity::{adjustments, attempts, generations},
        text,
    },
};

/// A generation's id as callers know it.
pub fn id_text(id: Uuid) -> String {
    format!("gen_{id}")
}

/// Microseconds as milliseconds.
pub(super) fn milliseconds(microseconds: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact for any time that a call takes")]
    let microseconds = microseconds as f64;
    microseconds / 1e3
}

/// Usage as it is told: of what still runs there is some once it was noted.
fn told(usage: pb::Usage, ended_at_ms: Option<i64>) -> Option<pb::Usage> {
    (ended_at_ms.is_some() || usage.source() != pb::UsageSource::Unspecified).then_some(usage)
}

impl From<generations::Model> for pb::Generation {
    /// All but the names and corrections that stand in other tables.
    fn from(row: generations::Model) -> Self {
        let usage = told(row.usage(), row.ended_at_ms);
        let timings = row.total_us.map(|total| pb::Timings {
            first_token_ms: row.first_token_us.map(milliseconds),
            total_ms: milliseconds(total),
            overhead_ms: milliseconds(row.overhead_us.unwrap_or_default()),
        });
        Self {
            id: id_text(row.id),
            project: String::new(),
            key_id: row.key_id,
            key_name: String::new(),
            end_user: row.end_user,
            session_id: row.session_id,
            metadata: text::read(&row.metadata),
            door: text::number::<pb::Door>(&row.door),
            operation: text::number::<pb::Operation>(&row.operation),
            model: Some(pb::ModelResolution {
                requested: row.model_requested,
                resolved: row.model,
                rule: text::number::<pb::ResolutionRule>(&row.model_rule),
                confidence: row.model_confidence,
            }),
            provider: row.provider,
            upstream_provider: row.upstream_provider,
            streamed: row.streamed,
            state: text::number::<pb::GenerationState>(&row.state),
            finish_reason: text::number::<pb::FinishReason>(&row.finish_reason),
            error_reason: text::number::<pb::ErrorReason>(&row.error_reason),
            usage,
            cost_usd: row.cost_nano_usd.map(pb::usd),
            cost_source: text::number::<pb::CostSource>(&row.cost_source),
            computed_cost_usd: row.computed_cost_nano_usd.map(pb::usd),
            price_version: row.price_version.map(|version| version.to_string()).unwrap_or_default(),
            create_time: Some(Timestamp::from_millis(row.created_at_ms)),
            end_time: row.ended_at_ms.map(Timestamp::from_millis),
            timings,
            attempt_count: row.attempt_count.unsigned_abs(),
            adjustments: Vec::new(),
        }
    }
}

/// The first attempt where it has no row of its own: it is the only one, or the generation has not ended, or nobody
/// knows how.
pub(super) fn first_attempt(row: &generations::Model) -> pb::Attempt {
    let only = row.attempt_count == 1;
    pb::Attempt {
        index: 1,
        kind: pb::AttemptKind::Primary.into(),
        provider: row.first_provider.clone(),
        credential: row.first_credential.clone(),
        upstream_model: row.first_upstream_model.clone(),
        upstream_id: row.first_upstream_id.clone(),
        http_status: row.first_http_status.map(i32::unsigned_abs),
        error_reason: text::number::<pb::ErrorReason>(&row.first_error_reason),
        error_message: row.first_error_message.clone(),
        usage: row.first_ended_at_ms.filter(|_| only).map(|_| row.usage()),
        cost_usd: row.cost_nano_usd.filter(|_| only).map(pb::usd),
        raw_usage: row.first_raw_usage.clone().unwrap_or_default(),
        start_time: row.first_started_at_ms.map(Timestamp::from_millis),
        first_token_time: row.first_spoke_at_ms.map(Timestamp::from_millis),
        end_time: row.first_ended_at_ms.map(Timestamp::from_millis),
        won: row.first_won,
    }
}

impl From<attempts::Model> for pb::Attempt {
    fn from(row: attempts::Model) -> Self {
        let usage = told(row.usage(), row.ended_at_ms);
        Self {
            index: row.attempt_index.unsigned_abs(),
            kind: text::number::<pb::AttemptKind>(&row.kind),
            provider: row.provider,
            credential: row.credential,
            upstream_model: row.upstream_model,
            upstream_id: row.upstream_id,
            http_status: row.http_status.map(i32::unsigned_abs),
            error_reason: text::number::<pb::ErrorReason>(&row.error_reason),
            error_message: row.error_message,
            usage,
            cost_usd: row.cost_nano_usd.map(pb::usd),
            raw_usage: row.raw_usage.unwrap_or_default(),
            start_time: Some(Timestamp::from_millis(row.started_at_ms)),
            first_token_time: row.first_token_at_ms.map(Timestamp::from_millis),
            end_time: row.ended_at_ms.map(Timestamp::from_millis),
            won: row.won,
        }
    }
}

impl From<&adjustments::Model> for pb::Adjustment {
    fn from(row: &adjustments::Model) -> Self {
        Self {
            create_time: Some(Timestamp::from_millis(row.created_at_ms)),
            old_cost_usd: row.old_cost_nano_usd.map(pb::usd),
            new_cost_usd: row.new_cost_nano_usd.map(pb::usd),
            reason: row.reason.clone(),
            actor: row.actor.clone(),
        }
    }
}
