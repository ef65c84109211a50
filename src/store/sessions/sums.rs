//! What the books know of sessions: sums, running generations, and who wrote a message.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::{Path, Store, path::Run};
use crate::{error::Error, pb, store::text::marks};

/// Sums over messages and their generations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Messages.
    pub messages: i64,
    /// Cost of the generations whose cost is known; `None` where none is.
    pub cost_nano_usd: Option<i64>,
    /// Generations that ended at an unknown cost.
    pub unknown_cost_requests: i64,
    /// Everything on the input side, in tokens.
    pub total_input_tokens: i64,
    /// Everything on the output side, in tokens.
    pub total_output_tokens: i64,
}

/// A generation that writes an answer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// The session.
    pub session_id: Uuid,
    /// The generation.
    pub generation_id: Uuid,
    /// The message that it answers.
    pub parent_id: Option<Uuid>,
}

const GENERATIONS: &str = "\
    CAST(SUM(cost_nano_usd) AS BIGINT) AS cost, \
    CAST(COALESCE(SUM(CASE WHEN state <> 'admitted' AND cost_nano_usd IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) \
        AS unknown_costs, \
    CAST(COALESCE(SUM(total_input_tokens), 0) AS BIGINT) AS total_input, \
    CAST(COALESCE(SUM(total_output_tokens), 0) AS BIGINT) AS total_output";

impl Store {
    /// The sums of each of these sessions over all branches, failed generations included: they were paid.
    pub async fn session_sums(&self, sessions: &[Uuid]) -> Result<HashMap<Uuid, Sums>, Error> {
        if sessions.is_empty() {
            return Ok(HashMap::new());
        }
        let work = async {
            let marks = marks(sessions.len());
            let names = sessions.iter().map(|id| Value::from(name(*id)));
            let sql = format!(
                "SELECT session_id, {GENERATIONS} FROM generations \
                 WHERE session_id <> '' AND session_id IN ({marks}) GROUP BY session_id"
            );
            let mut sums = HashMap::<Uuid, Sums>::new();
            for row in self.0.readers.query_all_raw(self.statement(&sql, names)).await? {
                let session: String = row.try_get("", "session_id")?;
                if let Some(id) = parse(&session) {
                    sums.insert(id, booked(&row)?);
                }
            }
            let sql = format!(
                "SELECT session_id, CAST(COUNT(*) AS BIGINT) AS messages FROM messages \
                 WHERE session_id IN ({marks}) GROUP BY session_id"
            );
            let ids = sessions.iter().map(|id| Value::from(*id));
            for row in self.0.readers.query_all_raw(self.statement(&sql, ids)).await? {
                sums.entry(row.try_get("", "session_id")?).or_default().messages = row.try_get("", "messages")?;
            }
            Ok::<_, DbErr>(sums)
        };
        work.await.map_err(Error::books)
    }

    /// The sums over a path.
    pub async fn path_sums(&self, path: &Path) -> Result<Sums, Error> {
        let sql = format!(
            "SELECT {GENERATIONS} FROM messages JOIN generations ON generations.id = messages.generation_id \
             WHERE branch_id = ? AND depth BETWEEN ? AND ?"
        );
        let work = async {
            let mut sums = Sums { messages: i64::from(path.length()), ..Sums::default() };
            for Run { branch, first, last } in &path.runs {
                let values = [(*branch).into(), (*first).into(), (*last).into()];
                let Some(row) = self.0.readers.query_one_raw(self.statement(&sql, values)).await? else { continue };
                let run = booked(&row)?;
                if let Some(cost) = run.cost_nano_usd {
                    *sums.cost_nano_usd.get_or_insert(0) += cost;
                }
                sums.unknown_cost_requests += run.unknown_cost_requests;
                sums.total_input_tokens += run.total_input_tokens;
                sums.total_output_tokens += run.total_output_tokens;
            }
            Ok::<_, DbErr>(sums)
        };
        work.await.map_err(Error::books)
    }

    /// What is being written now, oldest first: in these sessions, or in all.
    pub async fn running_turns(&self, sessions: Option<&[Uuid]>) -> Result<Vec<Running>, Error> {
        // What is admitted has a small index of its own; the messages are looked up from there.
        let mut sql = "SELECT messages.session_id, generations.id, messages.parent_id FROM generations \
                       JOIN messages ON messages.generation_id = generations.id \
                       WHERE generations.state = 'admitted' AND generations.session_id <> ''"
            .to_owned();
        let mut values = Vec::new();
        if let Some(sessions) = sessions {
            if sessions.is_empty() {
                return Ok(Vec::new());
            }
            sql.push_str(&format!(" AND generations.session_id IN ({})", marks(sessions.len())));
            values.extend(sessions.iter().map(|id| Value::from(name(*id))));
        }
        sql.push_str(" ORDER BY generations.id");
        let work = async {
            let rows = self.0.readers.query_all_raw(self.statement(&sql, values)).await?;
            let running = |row: &QueryResult| {
                Ok(Running {
                    session_id: row.try_get("", "session_id")?,
                    generation_id: row.try_get("", "id")?,
                    parent_id: row.try_get("", "parent_id")?,
                })
            };
            rows.iter().map(running).collect::<Result<_, DbErr>>()
        };
        work.await.map_err(Error::books)
    }

    /// These generations, by id.
    pub async fn generations_by_id(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, pb::Generation>, Error> {
        Ok(self.generations_of(ids).await?.into_iter().collect())
    }
}

/// A session's id as the books have it.
fn name(id: Uuid) -> String {
    format!("ses_{id}")
}

fn parse(name: &str) -> Option<Uuid> {
    Uuid::try_parse(name.strip_prefix("ses_")?).ok()
}

fn booked(row: &QueryResult) -> Result<Sums, DbErr> {
    Ok(Sums {
        messages: 0,
        cost_nano_usd: row.try_get("", "cost")?,
        unknown_cost_requests: row.try_get("", "unknown_costs")?,
        total_input_tokens: row.try_get("", "total_input")?,
        total_output_tokens: row.try_get("", "total_output")?,
    })
}
