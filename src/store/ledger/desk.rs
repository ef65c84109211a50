//! Where windows of budgets are changed: on the books' own SQLite connection, or through sea-orm on either engine.

use std::sync::LazyLock;

use rusqlite::Connection;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use super::holds::Wanted;
use crate::store::{
    batch::{Field, Insert, numbered},
    budgets::Period,
};

/// What is done with windows. Lists are in the order of their ids, in which rows are locked.
pub(super) trait Desk {
    type Error;

    /// Which of these generations have not ended; they do not end before this transaction has.
    async fn running(&self, generations: &[Uuid]) -> Result<Vec<Uuid>, Self::Error>;

    /// Makes those windows that are missing, unless their budget is gone. Nobody else changes these, nor those of which
    /// `holding` hold something, before this transaction has ended.
    async fn open(&self, periods: &[&Period], holding: &[Uuid]) -> Result<(), Self::Error>;

    /// Adds to what is held of windows where that fits, and returns those windows.
    async fn hold(&self, wanted: &[Wanted]) -> Result<Vec<Uuid>, Self::Error>;

    /// What is left of these windows, those that are there.
    async fn left(&self, periods: &[Uuid]) -> Result<Vec<(Uuid, i64)>, Self::Error>;
}

static OPEN: LazyLock<Insert> = LazyLock::new(|| {
    let columns = "id, budget_id, end_user, starts_at_ms, ends_at_ms";
    let tail = format!(
        ") INSERT INTO budget_periods ({columns}, limit_nano_usd) \
         SELECT wanted.id, budgets.id, wanted.end_user, wanted.starts_at_ms, wanted.ends_at_ms, budgets.limit_nano_usd \
         FROM wanted JOIN budgets ON budgets.id = wanted.budget_id WHERE TRUE ORDER BY wanted.id \
         ON CONFLICT DO NOTHING"
    );
    Insert::shaped(format!("WITH wanted ({columns}) AS (VALUES "), 5, tail)
});

static HOLD: LazyLock<Insert> = LazyLock::new(|| {
    let tail = ") UPDATE budget_periods SET reserved_nano_usd = reserved_nano_usd + wanted.amount FROM wanted \
                WHERE budget_periods.id = wanted.id AND (wanted.hard = 0 \
                OR spent_nano_usd + reserved_nano_usd + wanted.amount <= limit_nano_usd) RETURNING budget_periods.id";
    Insert::shaped("WITH wanted (id, amount, hard) AS (VALUES ", 3, tail)
});

const LEFT: &str = "SELECT id, limit_nano_usd - spent_nano_usd - reserved_nano_usd FROM budget_periods WHERE id ";

fn open_values<'a>(period: &'a Period) -> [Field<'a>; 5] {
    [
        period.id.into(),
        period.budget_id.into(),
        period.end_user.as_str().into(),
        period.span.starts_at_ms.into(),
        period.span.ends_at_ms.into(),
    ]
}

/// The books' own connection. Nothing here waits: the statements are done when they return.
pub(super) struct Own<'a>(pub &'a Connection);

impl Desk for Own<'_> {
    type Error = rusqlite::Error;

    async fn running(&self, generations: &[Uuid]) -> rusqlite::Result<Vec<Uuid>> {
        let mut statement = self.0.prepare_cached("SELECT 1 FROM generations WHERE id = ? AND state = 'admitted'")?;
        let mut running = Vec::new();
        for id in generations {
            if statement.exists([Field::Id(*id)])? {
                running.push(*id);
            }
        }
        Ok(running)
    }

    async fn open(&self, periods: &[&Period], _: &[Uuid]) -> rusqlite::Result<()> {
        let values: Vec<_> = periods.iter().flat_map(|period| open_values(period)).collect();
        OPEN.run_here(self.0, &values)
    }

    async fn hold(&self, wanted: &[Wanted]) -> rusqlite::Result<Vec<Uuid>> {
        let mut statement = self.0.prepare_cached(
            "UPDATE budget_periods SET reserved_nano_usd = reserved_nano_usd + ?2 WHERE id = ?1 \
             AND (?3 = 0 OR spent_nano_usd + reserved_nano_usd + ?2 <= limit_nano_usd)",
        )?;
        let mut held = Vec::with_capacity(wanted.len());
        for Wanted { period_id, amount_nano_usd, hard } in wanted {
            let values = [Field::Id(*period_id), Field::Number(*amount_nano_usd), Field::Flag(*hard)];
            if statement.execute(values)? == 1 {
                held.push(*period_id);
            }
        }
        Ok(held)
    }

    async fn left(&self, periods: &[Uuid]) -> rusqlite::Result<Vec<(Uuid, i64)>> {
        let mut statement = self.0.prepare_cached(&format!("{LEFT} = ?"))?;
        let mut found = Vec::with_capacity(periods.len());
        for id in periods {
            let mut rows = statement.query([Field::Id(*id)])?;
            if let Some(row) = rows.next()? {
                found.push((*id, row.get(1)?));
            }
        }
        Ok(found)
    }
}

/// A transaction of sea-orm's.
pub(super) struct Shared<'a, C>(pub &'a C);

impl<C: ConnectionTrait> Shared<'_, C> {
    /// Rows of a query with lists of ids, each where its `{}` stands.
    async fn rows(&self, sql: &str, lists: &[&[Uuid]]) -> Result<Vec<QueryResult>, DbErr> {
        let mut parts = sql.split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (list, part) in lists.iter().zip(parts) {
            // A list without members has none in common with anything.
            let marks = if list.is_empty() { "NULL".to_owned() } else { vec!["?"; list.len()].join(", ") };
            text.push_str(&format!("({marks}){part}"));
        }
        let backend = self.0.get_database_backend();
        let values = lists.iter().copied().flatten().map(|id| Value::from(*id));
        self.0.query_all_raw(Statement::from_sql_and_values(backend, numbered(backend, &text), values)).await
    }

    fn is_postgres(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Postgres
    }

    /// Nobody else changes these windows from now on.
    pub(super) async fn lock(&self, periods: &[Uuid], holding: &[Uuid]) -> Result<(), DbErr> {
        if !self.is_postgres() {
            return Ok(());
        }
        let lock = "SELECT id FROM budget_periods WHERE id IN {} OR id IN \
                    (SELECT period_id FROM reserves WHERE generation_id IN {}) ORDER BY id FOR UPDATE";
        self.rows(lock, &[periods, holding]).await.map(drop)
    }
}

impl<C: ConnectionTrait> Desk for Shared<'_, C> {
    type Error = DbErr;

    async fn running(&self, generations: &[Uuid]) -> Result<Vec<Uuid>, DbErr> {
        if generations.is_empty() {
            return Ok(Vec::new());
        }
        // Those that have ended too: who settles one late locks it first, and windows after that.
        let lock = if self.is_postgres() { "ORDER BY id FOR UPDATE" } else { "" };
        let sql = format!("SELECT id, state FROM generations WHERE id IN {{}} {lock}");
        let mut running = Vec::with_capacity(generations.len());
        for row in self.rows(&sql, &[generations]).await? {
            if row.try_get_by_index::<String>(1)? == "admitted" {
                running.push(row.try_get_by_index(0)?);
            }
        }
        Ok(running)
    }

    async fn open(&self, periods: &[&Period], holding: &[Uuid]) -> Result<(), DbErr> {
        let ids: Vec<Uuid> = periods.iter().map(|period| period.id).collect();
        let there = self.rows("SELECT id FROM budget_periods WHERE id IN {}", &[&ids]).await?;
        let there = there.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Uuid>, _>>()?;
        let missing: Vec<_> = periods.iter().filter(|period| !there.contains(&period.id)).collect();
        if !missing.is_empty() {
            if self.is_postgres() {
                // A budget that is being deleted takes its windows with it, and one whose limit changes gives them the
                // new one: both first.
                let budgets: Vec<Uuid> = missing.iter().map(|period| period.budget_id).collect();
                self.rows("SELECT id FROM budgets WHERE id IN {} ORDER BY id FOR KEY SHARE", &[&budgets]).await?;
            }
            OPEN.run(self.0, missing.iter().flat_map(|period| open_values(period)).collect()).await?;
        }
        self.lock(&ids, holding).await
    }

    async fn hold(&self, wanted: &[Wanted]) -> Result<Vec<Uuid>, DbErr> {
        let values = wanted.iter().flat_map(|wanted| -> [Field<'_>; 3] {
            [wanted.period_id.into(), wanted.amount_nano_usd.into(), i32::from(wanted.hard).into()]
        });
        let held = HOLD.query(self.0, values.collect()).await?;
        held.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    async fn left(&self, periods: &[Uuid]) -> Result<Vec<(Uuid, i64)>, DbErr> {
        let rows = self.rows(&format!("{LEFT} IN {{}}"), &[periods]).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }
}
