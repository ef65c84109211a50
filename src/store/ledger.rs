//! Rows of the books: admissions, attempts and settlements, in batches.

mod desk;
mod holds;
mod late;
mod recover;
mod release;
pub(super) mod rollup;
mod rows;
mod scribe;
mod write;

use uuid::Uuid;

use super::budgets::Period;
use crate::pb;

pub use holds::{Held, Short};
pub use scribe::Scribe;
pub(super) use scribe::{BooksFile, identity};
pub use write::{Batch, WriteError};

/// A generation as it is admitted. Times are milliseconds since 1970, durations microseconds.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// The generation, UUID v7.
    pub id: Uuid,
    /// The project it is booked to.
    pub project_id: Uuid,
    /// Public id of the key.
    pub key_id: String,
    /// The caller's own customer.
    pub end_user: String,
    /// The session.
    pub session_id: String,
    /// Labels of the request.
    pub metadata: std::collections::BTreeMap<String, String>,
    /// The door.
    pub door: pb::Door,
    /// The operation.
    pub operation: pb::Operation,
    /// The model, as asked and as resolved.
    pub model: pb::ModelResolution,
    /// The caller takes a stream.
    pub streamed: bool,
    /// The price version that will be used; none where no price is known.
    pub price_version: Option<Uuid>,
    /// When the request arrived.
    pub created_at_ms: i64,
    /// Joins requests that are the same.
    pub idempotency_key: Option<String>,
    /// The targets that were considered.
    pub candidates: Vec<pb::Candidate>,
    /// The first attempt.
    pub attempt: AttemptStart,
    /// What it holds of the windows of budgets, each window once.
    pub holds: Vec<Hold>,
}

/// How much a generation wants to hold of a window of a budget.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// The window.
    pub period: Period,
    /// How much.
    pub amount_nano_usd: i64,
    /// Only if it fits; otherwise the limit only warns.
    pub hard: bool,
}

/// What a generation that runs adds to its row.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The generation.
    pub id: Uuid,
    /// What it holds besides; may be nothing.
    pub holds: Vec<Hold>,
    /// What was used so far.
    pub checkpoint: Option<Checkpoint>,
}

/// What is known of a generation while it runs.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    /// What was used so far, estimated.
    pub usage: pb::Usage,
    /// What that comes to, with the attempts that have ended; `None` is unknown.
    pub cost_nano_usd: Option<i64>,
    /// Where the cost comes from.
    pub cost_source: pb::CostSource,
    /// The attempts as they stand.
    pub attempts: Vec<AttemptEnd>,
}

/// An attempt as it begins.
#[derive(Clone, Debug, Default)]
pub struct AttemptStart {
    /// The generation.
    pub generation_id: Uuid,
    /// Counts from 1.
    pub index: u32,
    /// Why it is made.
    pub kind: pb::AttemptKind,
    /// The provider.
    pub provider: String,
    /// Name of the credential.
    pub credential: String,
    /// The provider's own id of the model.
    pub upstream_model: String,
    /// When it begins.
    pub started_at_ms: i64,
}

/// How a generation ended.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// The generation.
    pub id: Uuid,
    /// What it was booked to, for the hourly sums.
    pub project_id: Uuid,
    /// Public id of the key.
    pub key_id: String,
    /// The caller's own customer.
    pub end_user: String,
    /// The model's id.
    pub model: String,
    /// When it began.
    pub created_at_ms: i64,
    /// The end state.
    pub state: pb::GenerationState,
    /// Why the model stopped.
    pub finish_reason: pb::FinishReason,
    /// Why it failed.
    pub error_reason: pb::ErrorReason,
    /// The provider that served, or was tried last.
    pub provider: String,
    /// Who served behind it.
    pub upstream_provider: String,
    /// What was used.
    pub usage: pb::Usage,
    /// The cost that counts; `None` is unknown.
    pub cost_nano_usd: Option<i64>,
    /// Where it comes from.
    pub cost_source: pb::CostSource,
    /// What the price list says.
    pub computed_cost_nano_usd: Option<i64>,
    /// The price version that it was computed with.
    pub price_version: Option<Uuid>,
    /// When it ended.
    pub ended_at_ms: i64,
    /// Time to the first event with content.
    pub first_token_us: Option<i64>,
    /// Time to the end.
    pub total_us: i64,
    /// The gateway's own share.
    pub overhead_us: i64,
    /// How each attempt ended.
    pub attempts: Vec<AttemptEnd>,
    /// It was admitted under a budget.
    pub holds: bool,
}

/// How an attempt ended.
#[derive(Clone, Debug, Default)]
pub struct AttemptEnd {
    /// How it began.
    pub start: AttemptStart,
    /// The provider's id of the call.
    pub upstream_id: String,
    /// HTTP status; `None` where there was no answer.
    pub http_status: Option<u16>,
    /// Why it failed.
    pub error_reason: pb::ErrorReason,
    /// The provider's words on it.
    pub error_message: String,
    /// What was used.
    pub usage: pb::Usage,
    /// What it cost.
    pub cost_nano_usd: Option<i64>,
    /// The provider's usage as it came, JSON.
    pub raw_usage: Option<String>,
    /// When the first event came.
    pub first_token_at_ms: Option<i64>,
    /// When it ended; 0 while it runs.
    pub ended_at_ms: i64,
    /// Its events went to the caller.
    pub won: bool,
}
