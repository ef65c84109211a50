//! Hourly sums: what a settled generation adds to them.

use std::{collections::BTreeMap, sync::LazyLock};

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{Settlement, rows::Part};
use crate::{
    pb::{self, ShortName},
    store::{
        batch::{Field, Insert, add_new},
        entity::generations,
        text,
    },
};

/// An hour in milliseconds.
pub(in crate::store) const HOUR_MS: i64 = 3_600_000;

const KEY: [&str; 6] = ["hour_ms", "project_id", "key_id", "model", "provider", "end_user"];

/// The sums, in the order of [`Sums::values`].
pub(in crate::store) const SUMS: [&str; 13] = [
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
];

static UPSERT: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [&KEY[..], &SUMS].concat();
    let tail = format!("ON CONFLICT ({}) DO UPDATE SET {}", KEY.join(", "), add_new("usage_hourly", &SUMS));
    Insert::new("usage_hourly", &columns, tail)
});

/// What is summed together. Rows are written in this order, so that replicas cannot lock each other out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    hour_ms: i64,
    project_id: Uuid,
    key_id: String,
    model: String,
    provider: String,
    end_user: String,
}

/// The sums of some generations, or what changes in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums([i64; SUMS.len()]);

impl Sums {
    /// What one generation counts for.
    fn of(state: pb::GenerationState, usage: &pb::Usage, cost_nano_usd: Option<i64>, attempts: i64) -> Self {
        let tokens = |classes: &[Option<u32>]| classes.iter().flatten().map(|count| i64::from(*count)).sum::<i64>();
        Self([
            1,
            i64::from(state == pb::GenerationState::Failed),
            (attempts - 1).max(0),
            tokens(&[usage.input_tokens]),
            tokens(&[usage.cache_read_tokens]),
            tokens(&[usage.cache_write_tokens, usage.cache_write_1h_tokens]),
            tokens(&[usage.output_tokens]),
            tokens(&[usage.reasoning_tokens]),
            tokens(&[
                usage.audio_input_tokens,
                usage.audio_output_tokens,
                usage.image_input_tokens,
                usage.image_output_tokens,
            ]),
            usage.input_total().into(),
            usage.output_total().into(),
            cost_nano_usd.unwrap_or(0),
            i64::from(cost_nano_usd.is_none()),
        ])
    }

    fn of_row(row: &generations::Model) -> Self {
        let state = pb::GenerationState::from_name(&row.state).unwrap_or_default();
        Self::of(state, &row.usage(), row.cost_nano_usd, row.attempt_count.into())
    }

    /// The opposite: takes away what was counted.
    fn negated(self) -> Self {
        Self(self.0.map(|sum| -sum))
    }
}

/// Changes to the hourly sums, gathered over a batch.
#[derive(Default)]
pub(super) struct Rollups(BTreeMap<Key, Sums>);

impl Rollups {
    fn add(&mut self, key: Key, sums: Sums) {
        let held = self.0.entry(key).or_default();
        for (held, more) in held.0.iter_mut().zip(sums.0) {
            *held += more;
        }
    }

    /// Adds what a settlement counts for.
    pub(super) fn settle(&mut self, settlement: &Settlement) {
        let sums = Sums::of(
            settlement.state,
            &settlement.usage,
            settlement.cost_nano_usd,
            i64::try_from(settlement.attempts.len()).unwrap_or(i64::MAX),
        );
        self.add(Key::of(settlement), sums);
    }

    /// Adds what a row that ended counts for.
    pub(super) fn count(&mut self, row: &generations::Model) {
        self.add(Key::of_row(row), Sums::of_row(row));
    }

    /// Takes away what a row counted for.
    pub(super) fn discount(&mut self, row: &generations::Model) {
        self.add(Key::of_row(row), Sums::of_row(row).negated());
    }

    /// Writes the changes.
    pub(super) async fn write(self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        let (insert, values) = self.part();
        insert.run(connection, values).await.map(drop)
    }

    /// The changes as rows.
    pub(super) fn part(self) -> Part<'static> {
        let mut values: Vec<Field<'static>> = Vec::with_capacity(self.0.len() * (KEY.len() + SUMS.len()));
        for (key, sums) in self.0 {
            values.extend::<[Field<'static>; KEY.len()]>([
                key.hour_ms.into(),
                key.project_id.into(),
                key.key_id.into(),
                key.model.into(),
                key.provider.into(),
                key.end_user.into(),
            ]);
            values.extend(sums.0.map(Field::from));
        }
        (&UPSERT, values)
    }
}

impl Key {
    fn of(settlement: &Settlement) -> Self {
        Self {
            hour_ms: hour_of(settlement.created_at_ms),
            project_id: settlement.project_id,
            key_id: settlement.key_id.clone(),
            model: text::clean(&settlement.model).into_owned(),
            provider: settlement.provider.clone(),
            end_user: text::clean(&settlement.end_user).into_owned(),
        }
    }

    fn of_row(row: &generations::Model) -> Self {
        Self {
            hour_ms: hour_of(row.created_at_ms),
            project_id: row.project_id,
            key_id: row.key_id.clone(),
            model: row.model.clone(),
            provider: row.provider.clone(),
            end_user: row.end_user.clone(),
        }
    }
}

/// The hour that a time falls into.
fn hour_of(time_ms: i64) -> i64 {
    time_ms.div_euclid(HOUR_MS) * HOUR_MS
}
