//! The books' rows as SQL: for a batch in parts that fail as a whole, and one by one with a look at what changed.

use std::sync::LazyLock;

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{
    Admission, AttemptEnd, AttemptStart, Batch, Checkpoint, Held, Hold, Settlement, Step,
    release::{self, Ended},
    rollup::Rollups,
};
use crate::store::{
    batch::{Field, Insert, Kind, take_new},
    text::{self, USAGE_COLUMNS},
};

/// Rows of one table and how they are inserted.
pub(super) type Part<'a> = (&'static Insert, Vec<Field<'a>>);

/// What a batch inserts and updates, in this order, in one transaction. Where a row does not fit, the database refuses.
/// `held` tells of admissions and steps, in their order, what they hold: without that, nothing of them is written.
pub(super) fn parts<'a>(owner: Uuid, batch: &'a Batch, held: &[Held]) -> Vec<Part<'a>> {
    let (begin, go_on) = held.split_at(batch.admissions.len());
    let admitted = batch.admissions.iter().zip(begin).filter(|(_, held)| held.is_all()).map(|(admission, _)| admission);
    let admitted: Vec<_> = admitted.collect();
    let steps: Vec<_> = batch.steps.iter().zip(go_on).filter(|(_, held)| held.is_all()).map(|(step, _)| step).collect();
    let holds = admitted.iter().flat_map(|admission| of(admission.id, &admission.holds));
    let holds = holds.chain(steps.iter().flat_map(|step| of(step.id, &step.holds)));
    let said: Vec<_> = steps.iter().filter_map(|step| Some((step.id, step.checkpoint.as_ref()?))).collect();
    let released: Vec<_> = batch.settlements.iter().filter(|settlement| settlement.holds).map(ended).collect();
    let [release, clear] = release::parts(&released);
    let ended = batch.settlements.iter().flat_map(|settlement| attempt_rows(&settlement.attempts));
    let mut rollups = Rollups::default();
    batch.settlements.iter().for_each(|settlement| rollups.settle(settlement));
    let admissions = admitted.iter().flat_map(|admission| admission_values(owner, admission));
    let mut parts: Vec<Part<'_>> = vec![
        (&INSERT_ADMISSION, admissions.collect()),
        (&INSERT_ATTEMPT, batch.attempts.iter().flat_map(attempt_values).collect()),
        release::keep(holds),
        (&CHECKPOINT, said.iter().flat_map(|(id, said)| checkpoint_values(*id, said)).collect()),
        (&UPSERT_ATTEMPT, said.iter().flat_map(|(_, said)| attempt_rows(&said.attempts)).collect()),
        (&UPSERT_SETTLEMENT, batch.settlements.iter().flat_map(settlement_values).collect()),
        (&UPSERT_ATTEMPT, ended.collect()),
        release,
        clear,
        rollups.part(),
    ];
    parts.retain(|(_, values)| !values.is_empty());
    parts
}

fn of(generation_id: Uuid, holds: &[Hold]) -> impl Iterator<Item = (Uuid, &Hold)> {
    holds.iter().map(move |hold| (generation_id, hold))
}

/// What a settlement gives back of the windows it was admitted in, and books there.
fn ended(settlement: &Settlement) -> Ended {
    (settlement.id, settlement.cost_nano_usd.unwrap_or(0))
}

const ADMISSION: [&str; 24] = [
    "id",
    "project_id",
    "key_id",
    "end_user",
    "session_id",
    "metadata",
    "door",
    "operation",
    "model_requested",
    "model",
    "model_rule",
    "model_confidence",
    "streamed",
    "price_version",
    "candidates",
    "owner",
    "idempotency_key",
    "created_at_ms",
    "provider",
    "first_provider",
    "first_credential",
    "first_upstream_model",
    "first_started_at_ms",
    "state",
];

static INSERT_ADMISSION: LazyLock<Insert> = LazyLock::new(|| Insert::new("generations", &ADMISSION, ""));
static TRY_ADMISSION: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("generations", &ADMISSION, "ON CONFLICT DO NOTHING"));

fn admission_values(owner: Uuid, admission: &Admission) -> [Field<'_>; ADMISSION.len()] {
    [
        admission.id.into(),
        admission.project_id.into(),
        admission.key_id.as_str().into(),
        text::outside(&admission.end_user),
        text::outside(&admission.session_id),
        text::clean(&text::labels(&admission.metadata)).into_owned().into(),
        text::name(admission.door).into(),
        text::name(admission.operation).into(),
        text::outside(&admission.model.requested),
        text::outside(&admission.model.resolved),
        text::name(admission.model.rule()).into(),
        admission.model.confidence.into(),
        admission.streamed.into(),
        admission.price_version.into(),
        text::clean(&text::candidates(&admission.candidates)).into_owned().into(),
        owner.into(),
        admission.idempotency_key.as_deref().into(),
        admission.created_at_ms.into(),
        admission.attempt.provider.as_str().into(),
        admission.attempt.provider.as_str().into(),
        admission.attempt.credential.as_str().into(),
        text::outside(&admission.attempt.upstream_model),
        admission.attempt.started_at_ms.into(),
        "admitted".into(),
    ]
}

/// Writes one admission. False where there is one with its id or idempotency key.
pub(super) async fn admit(
    connection: &impl ConnectionTrait,
    owner: Uuid,
    admission: &Admission,
) -> Result<bool, DbErr> {
    let written = TRY_ADMISSION.run(connection, admission_values(owner, admission).into()).await?;
    Ok(written == 1)
}

/// Writes what one generation holds.
pub(super) async fn keep(connection: &impl ConnectionTrait, generation_id: Uuid, holds: &[Hold]) -> Result<(), DbErr> {
    let (statement, values) = release::keep(of(generation_id, holds));
    statement.run(connection, values).await.map(drop)
}

static CHECKPOINT: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [&USAGE_COLUMNS[..], &["cost_nano_usd", "cost_source", "first_upstream_id"]].concat();
    let set: Vec<_> = columns.iter().map(|column| format!("{column} = said.{column}")).collect();
    let tail = format!(
        ") UPDATE generations SET {} FROM said WHERE generations.id = said.id AND generations.state = 'admitted'",
        set.join(", ")
    );
    Insert::shaped(format!("WITH said (id, {}) AS (VALUES ", columns.join(", ")), columns.len() + 1, tail)
});

/// Writes what is known of one generation while it runs.
pub(super) async fn note_step(connection: &impl ConnectionTrait, step: &Step) -> Result<(), DbErr> {
    keep(connection, step.id, &step.holds).await?;
    let Some(said) = &step.checkpoint else { return Ok(()) };
    CHECKPOINT.run(connection, checkpoint_values(step.id, said)).await?;
    end_attempts(connection, &said.attempts).await
}

fn checkpoint_values(id: Uuid, said: &Checkpoint) -> Vec<Field<'_>> {
    let mut values = vec![id.into()];
    values.extend(text::usage_values(&said.usage));
    let upstream_id = said.attempts.first().map_or("", |first| &first.upstream_id);
    values.extend([said.cost_nano_usd.into(), text::name(said.cost_source).into(), text::outside(upstream_id)]);
    values
}

const ATTEMPT: [&str; 7] =
    ["generation_id", "attempt_index", "kind", "provider", "credential", "upstream_model", "started_at_ms"];

static INSERT_ATTEMPT: LazyLock<Insert> = LazyLock::new(|| Insert::new("attempts", &ATTEMPT, "ON CONFLICT DO NOTHING"));

/// Writes a further attempt as it begins; the first is part of the admission.
pub(super) async fn begin_attempt(connection: &impl ConnectionTrait, attempt: &AttemptStart) -> Result<(), DbErr> {
    INSERT_ATTEMPT.run(connection, attempt_values(attempt).into()).await.map(drop)
}

fn attempt_values(attempt: &AttemptStart) -> [Field<'_>; ATTEMPT.len()] {
    [
        attempt.generation_id.into(),
        i32::try_from(attempt.index).unwrap_or(i32::MAX).into(),
        text::name(attempt.kind).into(),
        attempt.provider.as_str().into(),
        attempt.credential.as_str().into(),
        text::outside(&attempt.upstream_model),
        attempt.started_at_ms.into(),
    ]
}

// What a row has from its admission, and needs where that was lost.
const SETTLEMENT_KEY: [&str; 9] = [
    "project_id",
    "key_id",
    "end_user",
    "model",
    "created_at_ms",
    "first_provider",
    "first_credential",
    "first_upstream_model",
    "first_started_at_ms",
];

static SETTLEMENT: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let before = ["state", "finish_reason", "error_reason", "provider", "upstream_provider"];
    let after = [
        "cost_nano_usd",
        "cost_source",
        "computed_cost_nano_usd",
        "price_version",
        "ended_at_ms",
        "first_token_us",
        "total_us",
        "overhead_us",
        "attempt_count",
        "first_upstream_id",
        "first_http_status",
        "first_error_reason",
        "first_error_message",
        "first_raw_usage",
        "first_spoke_at_ms",
        "first_ended_at_ms",
        "first_won",
    ];
    [&before[..], &USAGE_COLUMNS, &after].concat()
});

// The compare-and-set, for many at once: a row in another state becomes NULL, which no state may be, so that the whole
// batch fails. A settlement whose row was lost (a fail-over to a replica that lagged) becomes that row.
static UPSERT_SETTLEMENT: LazyLock<Insert> = LazyLock::new(|| {
    let others: Vec<_> = SETTLEMENT.iter().copied().filter(|column| *column != "state").collect();
    let state = "CASE generations.state WHEN 'admitted' THEN excluded.state END";
    // Where a statement costs next to nothing, a plain update is half the work; a lost row is found one by one.
    let numbered = (2..).zip(SETTLEMENT.iter());
    let set: Vec<_> = numbered.map(|(number, column)| format!("{column} = ?{number}")).collect();
    let update = format!("UPDATE generations SET {} WHERE id = ?1 AND state = 'admitted'", set.join(", "));
    settlement_insert(&format!("{}, state = {state}", take_new(&others))).updating_here(update)
});
// The same for one, whose number of changed rows can be looked at.
static TRY_SETTLEMENT: LazyLock<Insert> =
    LazyLock::new(|| settlement_insert(&format!("{} WHERE generations.state = 'admitted'", take_new(&SETTLEMENT))));
static TRY_LATE: LazyLock<Insert> =
    LazyLock::new(|| settlement_insert(&format!("{} WHERE generations.state = 'unknown'", take_new(&SETTLEMENT))));

fn settlement_insert(set: &str) -> Insert {
    let columns = [&["id"][..], &SETTLEMENT, &SETTLEMENT_KEY].concat();
    Insert::new("generations", &columns, format!("ON CONFLICT (id) DO UPDATE SET {set}"))
}

/// Writes one settlement with its attempts and sums. False where it was settled or given up already.
pub(super) async fn settle(connection: &impl ConnectionTrait, settlement: &Settlement) -> Result<bool, DbErr> {
    if TRY_SETTLEMENT.run(connection, settlement_values(settlement)).await? != 1 {
        return Ok(false);
    }
    end_attempts(connection, &settlement.attempts).await?;
    release::release(connection, &[ended(settlement)]).await?;
    let mut rollups = Rollups::default();
    rollups.settle(settlement);
    rollups.write(connection).await?;
    Ok(true)
}

/// Settles a row that recovery had given up; its sums are for the caller. False where there is none such.
pub(super) async fn settle_unknown(connection: &impl ConnectionTrait, settlement: &Settlement) -> Result<bool, DbErr> {
    let settled = TRY_LATE.run(connection, settlement_values(settlement)).await? == 1;
    if settled {
        end_attempts(connection, &settlement.attempts).await?;
    }
    Ok(settled)
}

fn settlement_values(settlement: &Settlement) -> Vec<Field<'_>> {
    static NONE: LazyLock<AttemptEnd> = LazyLock::new(AttemptEnd::default);
    let first = settlement.attempts.first().unwrap_or(&NONE);
    let mut values: Vec<Field<'_>> = Vec::with_capacity(1 + SETTLEMENT.len() + SETTLEMENT_KEY.len());
    values.extend::<[Field<'_>; 6]>([
        settlement.id.into(),
        text::name(settlement.state).into(),
        text::name(settlement.finish_reason).into(),
        text::name(settlement.error_reason).into(),
        settlement.provider.as_str().into(),
        text::outside(&settlement.upstream_provider),
    ]);
    values.extend(text::usage_values(&settlement.usage));
    values.extend::<[Field<'_>; 9]>([
        settlement.cost_nano_usd.into(),
        text::name(settlement.cost_source).into(),
        settlement.computed_cost_nano_usd.into(),
        settlement.price_version.into(),
        settlement.ended_at_ms.into(),
        settlement.first_token_us.into(),
        settlement.total_us.into(),
        settlement.overhead_us.into(),
        i32::try_from(settlement.attempts.len()).unwrap_or(i32::MAX).into(),
    ]);
    values.extend(said_by(first));
    values.extend([raw_usage(first), first.first_token_at_ms.into(), ended_at(first), first.won.into()]);
    values.extend::<[Field<'_>; 9]>([
        settlement.project_id.into(),
        settlement.key_id.as_str().into(),
        text::outside(&settlement.end_user),
        text::outside(&settlement.model),
        settlement.created_at_ms.into(),
        first.start.provider.as_str().into(),
        first.start.credential.as_str().into(),
        text::outside(&first.start.upstream_model),
        first.start.started_at_ms.into(),
    ]);
    values
}

/// The rows of attempts. An only one has none: it stands in its generation's.
fn attempt_rows(attempts: &[AttemptEnd]) -> impl Iterator<Item = Field<'_>> {
    let apart = if attempts.len() > 1 { attempts } else { &[] };
    apart.iter().flat_map(attempt_end_values)
}

static ATTEMPT_END: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let before = ["upstream_id", "http_status", "error_reason", "error_message"];
    let after = ["cost_nano_usd", "raw_usage", "first_token_at_ms", "ended_at_ms", "won"];
    [&before[..], &USAGE_COLUMNS, &after].concat()
});

static UPSERT_ATTEMPT: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [&ATTEMPT[..], &ATTEMPT_END].concat();
    let set = take_new(&ATTEMPT_END);
    Insert::new("attempts", &columns, format!("ON CONFLICT (generation_id, attempt_index) DO UPDATE SET {set}"))
});

async fn end_attempts(connection: &impl ConnectionTrait, attempts: &[AttemptEnd]) -> Result<(), DbErr> {
    UPSERT_ATTEMPT.run(connection, attempt_rows(attempts).collect()).await.map(drop)
}

fn attempt_end_values(end: &AttemptEnd) -> Vec<Field<'_>> {
    let mut values: Vec<Field<'_>> = Vec::with_capacity(ATTEMPT.len() + ATTEMPT_END.len());
    values.extend(attempt_values(&end.start));
    values.extend(said_by(end));
    values.extend(text::usage_values(&end.usage));
    values.extend([
        end.cost_nano_usd.into(),
        raw_usage(end),
        end.first_token_at_ms.into(),
        ended_at(end),
        end.won.into(),
    ]);
    values
}

/// How the provider answered.
fn said_by(end: &AttemptEnd) -> [Field<'_>; 4] {
    [
        text::outside(&end.upstream_id),
        end.http_status.map(i32::from).into(),
        text::name(end.error_reason).into(),
        text::outside(&end.error_message),
    ]
}

fn raw_usage(end: &AttemptEnd) -> Field<'_> {
    end.raw_usage.as_deref().map_or(Field::Null(Kind::Text), text::outside)
}

fn ended_at(end: &AttemptEnd) -> Field<'_> {
    Some(end.ended_at_ms).filter(|time| *time != 0).into()
}
