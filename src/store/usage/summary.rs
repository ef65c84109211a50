//! Sums over time and by properties.
//!
//! Whole hours come from the hourly sums; the edges of a span that does not begin or end with an hour, quantiles and
//! causes of failure come from the generations themselves. A generation that still runs is not summed.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{Filter, conditions::Conditions, rows::milliseconds};
use crate::{
    error::Error,
    pb::{self, ShortName},
    store::{
        DAY_MS, Store,
        ledger::rollup::{HOUR_MS, SUMS},
    },
};

/// What to sum.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Which generations; its start and end are the span.
    pub filter: Filter,
    /// Begun at or after this, milliseconds since 1970.
    pub start_ms: i64,
    /// Begun before this.
    pub end_ms: i64,
    /// Width of the rows.
    pub interval: pb::Interval,
    /// Minutes east of UTC, for where days and weeks begin.
    pub utc_offset_minutes: i32,
    /// Properties to sum by.
    pub group_by: Vec<pb::GroupBy>,
    /// Most rows.
    pub limit: usize,
}

/// Sums of one interval and group.
#[derive(Clone, Debug, Default)]
pub struct SumRow {
    /// Where the interval begins; the span's start where there are no intervals.
    pub start_ms: i64,
    /// The group's values, in the order of the properties.
    pub group: Vec<String>,
    /// The sums.
    pub totals: pb::UsageTotals,
}

type Group = (i64, Vec<String>);

impl Store {
    /// A row for each interval and group in which something ended, oldest first; `None` where that is more than the
    /// limit.
    pub async fn summarize(&self, summary: &Summary) -> Result<Option<Vec<SumRow>>, Error> {
        self.sum(summary).await.map_err(Error::books)
    }

    async fn sum(&self, summary: &Summary) -> Result<Option<Vec<SumRow>>, DbErr> {
        let mut rows: BTreeMap<Group, pb::UsageTotals> = BTreeMap::new();
        for (source, start_ms, end_ms) in summary.pieces() {
            let select: Vec<_> = SUMS.iter().map(|sum| format!("CAST(SUM({sum}) AS BIGINT) AS {sum}")).collect();
            let inner = summary.inner(source, start_ms, end_ms, source.sums());
            let sql = format!(
                "SELECT {groups}, {sums} FROM ({inner}) part GROUP BY {groups} LIMIT {limit}",
                groups = summary.columns(),
                sums = select.join(", "),
                inner = inner.sql,
                limit = summary.limit + 1,
            );
            for row in self.0.readers.query_all_raw(self.statement(&sql, inner.values)).await? {
                add(rows.entry(summary.group(&row)?).or_default(), &row)?;
            }
            if rows.len() > summary.limit {
                return Ok(None);
            }
        }
        self.measure(summary, "first_token_us", &mut rows, |totals| &mut totals.first_token_ms).await?;
        self.measure(summary, "total_us", &mut rows, |totals| &mut totals.total_ms).await?;
        self.count_errors(summary, &mut rows).await?;
        let row = |((start_ms, group), totals)| SumRow { start_ms, group, totals };
        Ok(Some(rows.into_iter().map(row).collect()))
    }

    /// Quantiles by nearest rank: exact, and the database sorts.
    async fn measure(
        &self,
        summary: &Summary,
        column: &str,
        rows: &mut BTreeMap<Group, pb::UsageTotals>,
        place: impl Fn(&mut pb::UsageTotals) -> &mut Option<pb::Percentiles>,
    ) -> Result<(), DbErr> {
        let mut inner = summary.inner(Source::Generations, summary.start_ms, summary.end_ms, &format!("{column} AS v"));
        inner.add(&format!("{column} IS NOT NULL"), []);
        let groups = summary.columns();
        let sql = format!(
            "SELECT * FROM (SELECT {groups}, v, ROW_NUMBER() OVER (PARTITION BY {groups} ORDER BY v) AS place, \
             COUNT(*) OVER (PARTITION BY {groups}) AS n FROM ({}) part) ranked \
             WHERE place IN ((n + 1) / 2, (n * 95 + 99) / 100, (n * 99 + 99) / 100)",
            inner.sql
        );
        for row in self.0.readers.query_all_raw(self.statement(&sql, inner.values)).await? {
            let (value, rank, count) =
                (milliseconds(row.try_get("", "v")?), row.try_get::<i64>("", "place")?, row.try_get::<i64>("", "n")?);
            let quantiles = place(rows.entry(summary.group(&row)?).or_default()).get_or_insert_default();
            for (quantile, percent) in [(&mut quantiles.p50, 50), (&mut quantiles.p95, 95), (&mut quantiles.p99, 99)] {
                if rank == (count * percent + 99) / 100 {
                    *quantile = value;
                }
            }
        }
        Ok(())
    }

    async fn count_errors(&self, summary: &Summary, rows: &mut BTreeMap<Group, pb::UsageTotals>) -> Result<(), DbErr> {
        let mut inner = summary.inner(Source::Generations, summary.start_ms, summary.end_ms, "error_reason");
        inner.add("state = 'failed'", []);
        let groups = summary.columns();
        let sql = format!(
            "SELECT {groups}, error_reason, COUNT(*) AS n FROM ({}) part GROUP BY {groups}, error_reason \
             ORDER BY n DESC, error_reason",
            inner.sql
        );
        for row in self.0.readers.query_all_raw(self.statement(&sql, inner.values)).await? {
            let reason = pb::ErrorReason::from_name(&row.try_get::<String>("", "error_reason")?).unwrap_or_default();
            let count = row.try_get::<i64>("", "n")?.unsigned_abs();
            let totals = rows.entry(summary.group(&row)?).or_default();
            totals.errors.push(pb::ErrorCount { reason: reason.into(), count });
        }
        Ok(())
    }
}

/// Where sums come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Generations,
    Hours,
}

impl Source {
    fn time(self) -> &'static str {
        match self {
            Self::Generations => "created_at_ms",
            Self::Hours => "hour_ms",
        }
    }

    /// Each row's part of the sums, under their names; the mirror of `Sums::of`.
    fn sums(self) -> &'static str {
        match self {
            Self::Hours => {
                "requests, failed_requests, extra_attempts, input_tokens, cache_read_tokens, cache_write_tokens, \
                 output_tokens, reasoning_tokens, media_tokens, total_input_tokens, total_output_tokens, \
                 cost_nano_usd, unknown_cost_requests"
            }
            Self::Generations => {
                "1 AS requests, CASE WHEN state = 'failed' THEN 1 ELSE 0 END AS failed_requests, \
                 CASE WHEN attempt_count > 1 THEN attempt_count - 1 ELSE 0 END AS extra_attempts, \
                 COALESCE(input_tokens, 0) AS input_tokens, COALESCE(cache_read_tokens, 0) AS cache_read_tokens, \
                 COALESCE(cache_write_tokens, 0) + COALESCE(cache_write_1h_tokens, 0) AS cache_write_tokens, \
                 COALESCE(output_tokens, 0) AS output_tokens, COALESCE(reasoning_tokens, 0) AS reasoning_tokens, \
                 COALESCE(audio_input_tokens, 0) + COALESCE(audio_output_tokens, 0) \
                     + COALESCE(image_input_tokens, 0) + COALESCE(image_output_tokens, 0) AS media_tokens, \
                 COALESCE(total_input_tokens, COALESCE(input_tokens, 0) + COALESCE(cache_read_tokens, 0) \
                     + COALESCE(cache_write_tokens, 0) + COALESCE(cache_write_1h_tokens, 0) \
                     + COALESCE(audio_input_tokens, 0) + COALESCE(image_input_tokens, 0)) AS total_input_tokens, \
                 COALESCE(total_output_tokens, COALESCE(output_tokens, 0) + COALESCE(reasoning_tokens, 0) \
                     + COALESCE(audio_output_tokens, 0) + COALESCE(image_output_tokens, 0)) AS total_output_tokens, \
                 COALESCE(cost_nano_usd, 0) AS cost_nano_usd, \
                 CASE WHEN cost_nano_usd IS NULL THEN 1 ELSE 0 END AS unknown_cost_requests"
            }
        }
    }
}

impl Summary {
    /// The span, cut so that whole hours come from the hourly sums.
    fn pieces(&self) -> Vec<(Source, i64, i64)> {
        let first = self.start_ms.div_euclid(HOUR_MS) * HOUR_MS;
        let first = if first < self.start_ms { first + HOUR_MS } else { first };
        let last = self.end_ms.div_euclid(HOUR_MS) * HOUR_MS;
        // In India days begin at half past an hour of UTC.
        let fits = self.interval == pb::Interval::Unspecified || self.utc_offset_minutes % 60 == 0;
        if !fits || first >= last {
            return vec![(Source::Generations, self.start_ms, self.end_ms)];
        }
        let pieces = [
            (Source::Generations, self.start_ms, first),
            (Source::Hours, first, last),
            (Source::Generations, last, self.end_ms),
        ];
        pieces.into_iter().filter(|(_, start, end)| start < end).collect()
    }

    /// Interval, group and the selected columns of each row of a source within a span.
    fn inner(&self, source: Source, start_ms: i64, end_ms: i64, select: &str) -> Conditions {
        let span = Filter { start_ms: None, end_ms: None, ..self.filter.clone() };
        let time = source.time();
        let mut conditions = match source {
            Source::Generations => Conditions::of(&span, time),
            Source::Hours => Conditions::sums(&span),
        };
        conditions.add(&format!("{time} >= ? AND {time} < ?"), [Value::from(start_ms), end_ms.into()]);
        if source == Source::Generations {
            conditions.add("state <> 'admitted'", []);
        }
        let mut columns = vec![format!("{} AS bucket", self.bucket(time))];
        columns.extend(self.group_by.iter().enumerate().map(|(at, group)| format!("{} AS g{at}", column(*group))));
        let table = match source {
            Source::Generations => "generations",
            Source::Hours => "usage_hourly",
        };
        // Conditions may follow, so they stay last.
        conditions.sql = format!("SELECT {}, {select} FROM {table} WHERE {}", columns.join(", "), conditions.sql);
        conditions
    }

    /// Where the interval begins that a time falls into.
    fn bucket(&self, time: &str) -> String {
        let (width, shift) = match self.interval {
            pb::Interval::Unspecified => return format!("CAST({} AS BIGINT)", self.start_ms),
            pb::Interval::Hour => (HOUR_MS, 0),
            pb::Interval::Day => (DAY_MS, 0),
            // 1970 began on a Thursday.
            pb::Interval::Week => (7 * DAY_MS, 3 * DAY_MS),
        };
        let shift = shift + i64::from(self.utc_offset_minutes) * 60_000;
        format!("(({time} + ({shift})) / {width}) * {width} - ({shift})")
    }

    /// The names of interval and group in `inner`.
    fn columns(&self) -> String {
        let mut columns = vec!["bucket".to_owned()];
        columns.extend((0..self.group_by.len()).map(|at| format!("g{at}")));
        columns.join(", ")
    }

    fn group(&self, row: &QueryResult) -> Result<Group, DbErr> {
        let groups = (0..self.group_by.len()).map(|at| row.try_get("", &format!("g{at}")));
        Ok((row.try_get("", "bucket")?, groups.collect::<Result<_, _>>()?))
    }
}

fn column(group: pb::GroupBy) -> &'static str {
    match group {
        pb::GroupBy::Unspecified => "''",
        pb::GroupBy::Model => "model",
        pb::GroupBy::Provider => "provider",
        pb::GroupBy::Project => "COALESCE((SELECT name FROM projects WHERE projects.id = project_id), '')",
        pb::GroupBy::Key => "key_id",
        pb::GroupBy::EndUser => "end_user",
    }
}

fn add(totals: &mut pb::UsageTotals, row: &QueryResult) -> Result<(), DbErr> {
    let sum = |name: &str| row.try_get::<i64>("", name);
    // Corrections may take away, but never below nothing once all are counted.
    let count = |name: &str| sum(name).map(i64::unsigned_abs);
    totals.requests += count("requests")?;
    totals.failed_requests += count("failed_requests")?;
    totals.extra_attempts += count("extra_attempts")?;
    totals.input_tokens += count("input_tokens")?;
    totals.cache_read_tokens += count("cache_read_tokens")?;
    totals.cache_write_tokens += count("cache_write_tokens")?;
    totals.output_tokens += count("output_tokens")?;
    totals.reasoning_tokens += count("reasoning_tokens")?;
    totals.media_tokens += count("media_tokens")?;
    totals.total_input_tokens += count("total_input_tokens")?;
    totals.total_output_tokens += count("total_output_tokens")?;
    totals.cost_usd += pb::usd(sum("cost_nano_usd")?);
    totals.unknown_cost_requests += count("unknown_cost_requests")?;
    Ok(())
}
