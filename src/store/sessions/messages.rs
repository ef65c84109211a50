//! Reading messages: by branch or all, page by page from either end.

use std::collections::HashMap;

use prost::Message as _;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use uuid::Uuid;

use super::{Path, Store, holds, path::Run};
use crate::{
    error::Error,
    pb::{self, ShortName as _},
    store::{entity::messages, media, text::marks},
};

/// Parents in one statement.
const PORTION: usize = 200;

/// A message as it is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageRecord {
    /// Its id.
    pub id: Uuid,
    /// The message that it follows.
    pub parent_id: Option<Uuid>,
    /// Its place on its branch, from 1.
    pub depth: i32,
    /// Who speaks.
    pub role: pb::Role,
    /// What is said, with its media once they are asked for.
    pub message: pb::Message,
    /// Estimated tokens.
    pub tokens: u32,
    /// When it was said, milliseconds since 1970.
    pub created_at_ms: i64,
    /// The generation that wrote it.
    pub generation_id: Option<Uuid>,
    /// It was being written when last heard of.
    pub pending: bool,
    /// What the first message of its turn follows, where it is an answer.
    pub turn_parent_id: Option<Uuid>,
    /// What the books do not hold of its making: warnings and the error's words.
    pub notes: pb::StoredMessage,
}

/// Which way a page goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

impl Direction {
    fn sql(self) -> (&'static str, &'static str) {
        match self {
            Self::Newest => ("<", "DESC"),
            Self::Oldest => (">", "ASC"),
        }
    }
}

impl Store {
    /// One message without its media.
    pub async fn find_message(&self, session_id: Uuid, id: Uuid) -> Result<Option<MessageRecord>, Error> {
        let sql = "SELECT * FROM messages WHERE session_id = ? AND id = ?";
        let found = self.messages(sql, vec![session_id.into(), id.into()]).await?;
        Ok(found.into_iter().next())
    }

    /// At most `limit` messages of a path that hold all the words, after a depth in that direction; without media.
    pub async fn path_messages(
        &self,
        path: &Path,
        words: &[String],
        direction: Direction,
        after: Option<i32>,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, Error> {
        let mut runs = path.runs.clone();
        if direction == Direction::Newest {
            runs.reverse();
        }
        let mut found = Vec::new();
        for Run { branch, first, last } in runs {
            let (first, last) = match (direction, after) {
                (_, None) => (first, last),
                (Direction::Newest, Some(depth)) => (first, last.min(depth - 1)),
                (Direction::Oldest, Some(depth)) => (first.max(depth + 1), last),
            };
            let wanted = (limit as usize).saturating_sub(found.len());
            if wanted == 0 {
                break;
            }
            if first > last {
                continue;
            }
            let (matching, values) = matching(words);
            let sql = page_of_run(&matching, direction, wanted);
            let values = [branch.into(), first.into(), last.into()].into_iter().chain(values).collect();
            found.extend(self.messages(&sql, values).await?);
        }
        Ok(found)
    }

    /// The instructions on a path, oldest first: messages of role system or developer.
    pub async fn path_instructions(&self, path: &Path) -> Result<Vec<MessageRecord>, Error> {
        let mut found = Vec::new();
        for Run { branch, first, last } in &path.runs {
            let sql = "SELECT * FROM messages WHERE branch_id = ? AND depth BETWEEN ? AND ? \
                       AND role IN ('system', 'developer') ORDER BY depth";
            found.extend(self.messages(sql, vec![(*branch).into(), (*first).into(), (*last).into()]).await?);
        }
        Ok(found)
    }

    /// At most `limit` messages of a session that hold all the words, of all branches, after a message in that
    /// direction; without media.
    pub async fn session_messages(
        &self,
        session_id: Uuid,
        words: &[String],
        direction: Direction,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, Error> {
        let (comparison, order) = direction.sql();
        let (matching, words) = matching(words);
        let mut values = vec![session_id.into()];
        values.extend(words);
        let mut sql = format!("SELECT * FROM messages WHERE session_id = ?{matching}");
        if let Some(id) = after {
            sql.push_str(&format!(" AND id {comparison} ?"));
            values.push(id.into());
        }
        // Ids are made in the order of time.
        sql.push_str(&format!(" ORDER BY id {order} LIMIT {limit}"));
        self.messages(&sql, values).await
    }

    /// Puts the media back into messages of one session.
    pub async fn load_media(&self, session_id: Uuid, messages: &mut [MessageRecord]) -> Result<(), Error> {
        let ids: Vec<_> = messages.iter().map(|record| record.id).collect();
        let found = media::load(self, session_id, &ids).await.map_err(Error::books)?;
        for record in messages {
            if let Some(media) = found.get(&record.id) {
                media::put(&mut record.message, media);
            }
        }
        Ok(())
    }

    /// The children of these messages by parent, oldest first; `None` stands for the beginning.
    pub async fn children(
        &self,
        session_id: Uuid,
        parents: &[Option<Uuid>],
    ) -> Result<HashMap<Option<Uuid>, Vec<Uuid>>, Error> {
        let work = async {
            let mut found = HashMap::<_, Vec<_>>::new();
            let named: Vec<_> = parents.iter().filter_map(|parent| *parent).collect();
            let mut queries: Vec<_> = named
                .chunks(PORTION)
                .map(|ids| {
                    let values = ids.iter().map(|id| Value::from(*id)).collect();
                    (format!("parent_id IN ({})", marks(ids.len())), values)
                })
                .collect();
            if parents.contains(&None) {
                queries.push(("parent_id IS NULL".to_owned(), Vec::new()));
            }
            for (condition, values) in queries {
                let sql =
                    format!("SELECT id, parent_id FROM messages WHERE session_id = ? AND {condition} ORDER BY id");
                let values = std::iter::once(Value::from(session_id)).chain(values);
                for row in self.0.readers.query_all_raw(self.statement(&sql, values)).await? {
                    found.entry(row.try_get("", "parent_id")?).or_default().push(row.try_get("", "id")?);
                }
            }
            Ok::<_, DbErr>(found)
        };
        work.await.map_err(Error::books)
    }

    async fn messages(&self, sql: &str, values: Vec<Value>) -> Result<Vec<MessageRecord>, Error> {
        let rows = messages::Model::find_by_statement(self.statement(sql, values)).all(&self.0.readers).await;
        Ok(rows.map_err(Error::books)?.into_iter().map(MessageRecord::from).collect())
    }
}

/// The further condition that a message holds the words.
fn matching(words: &[String]) -> (String, Vec<Value>) {
    if words.is_empty() {
        return (String::new(), Vec::new());
    }
    let (condition, values) = holds("search_text", words);
    (format!(" AND {condition}"), values)
}

fn page_of_run(matching: &str, direction: Direction, limit: usize) -> String {
    format!(
        "SELECT * FROM messages WHERE branch_id = ? AND depth BETWEEN ? AND ?{matching} ORDER BY depth {} LIMIT {limit}",
        direction.sql().1
    )
}

/// A message's id as callers know it.
pub(super) fn id_text(id: Uuid) -> String {
    format!("msg_{id}")
}

impl From<messages::Model> for MessageRecord {
    fn from(row: messages::Model) -> Self {
        // What cannot be read was written by a later version; an empty message is better than a lost session.
        let message = pb::Message::decode(&row.body[..]).unwrap_or_default();
        let message =
            pb::Message { id: id_text(row.id), parent_id: row.parent_id.map(id_text).unwrap_or_default(), ..message };
        let notes = row.notes.as_deref().and_then(|notes| pb::StoredMessage::decode(notes).ok());
        Self {
            id: row.id,
            parent_id: row.parent_id,
            depth: row.depth,
            role: pb::Role::from_name(&row.role).unwrap_or_default(),
            message,
            tokens: row.tokens.unsigned_abs(),
            created_at_ms: row.created_at_ms,
            generation_id: row.generation_id,
            pending: row.pending,
            turn_parent_id: row.turn_parent_id,
            notes: notes.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Durability;

    #[tokio::test]
    async fn a_page_costs_as_much_as_it_holds_however_long_its_branch_is() {
        let store = Store::connect("sqlite::memory:", Durability::Process).await.expect("memory");
        store.migrate().await.expect("an empty database");
        for direction in [Direction::Newest, Direction::Oldest] {
            let sql = format!("EXPLAIN QUERY PLAN {}", page_of_run("", direction, 50));
            let values: [Value; 3] = [Uuid::now_v7().into(), 1.into(), 5_000.into()];
            let plan = store.0.readers.query_all_raw(store.statement(&sql, values)).await.expect("a plan");
            let steps: Vec<String> = plan.iter().map(|step| step.try_get("", "detail").expect("text")).collect();
            // One step: from the index in its order, so that the limit ends it; nothing is sorted, nothing passed over.
            let expected = "SEARCH messages USING INDEX messages_of_branch (branch_id=? AND depth>? AND depth<?)";
            assert_eq!(steps, [expected], "{direction:?}");
        }
    }
}
