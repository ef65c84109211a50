//! Sessions: what they are, who may see them, what is written in them now.

mod messages;
mod path;
mod sums;
mod turns;

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    Value,
};
use uuid::Uuid;

use super::{
    DAY_MS, Store, contents,
    entity::{projects, sessions},
    media,
    text::{self, marks},
    usage::{Place, Sight},
};
use crate::{error::Error, pb};

pub use self::{
    messages::{Direction, MessageRecord},
    path::Path,
    sums::{Running, Sums},
    turns::{Answer, NewMessage, NewTurn},
};

/// A session as it is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionRecord {
    /// Its id.
    pub id: Uuid,
    /// The project it belongs to.
    pub project_id: Uuid,
    /// That project's name; filled in when it is read.
    pub project: String,
    /// Public id of the key that made it.
    pub key_id: String,
    /// The caller's own customer.
    pub end_user: String,
    /// Its title, where one was given.
    pub title: String,
    /// The title that follows from the first prompt.
    pub first_title: String,
    /// Instructions before everything else.
    pub system_prompt: String,
    /// The model of requests that name none.
    pub model: String,
    /// Settings of requests that do not give their own.
    pub settings: Option<pb::SessionSettings>,
    /// Labels.
    pub metadata: BTreeMap<String, String>,
    /// The message that the next one follows.
    pub leaf_id: Option<Uuid>,
    /// Days that it is kept after its last use, 0 for ever; `None` where the gateway's own rule holds.
    pub retention_days: Option<u32>,
    /// When it was made, milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was last used or changed.
    pub updated_at_ms: i64,
}

impl SessionRecord {
    /// The title that holds.
    pub fn title(&self) -> &str {
        if self.title.is_empty() { &self.first_title } else { &self.title }
    }
}

/// Which sessions are meant. Empty values mean any.
#[derive(Clone, Debug)]
pub struct SessionFilter {
    /// Whose may be seen at all.
    pub sight: Sight,
    /// Words that the title or one message holds, all of them.
    pub words: Vec<String>,
    /// Of this end user.
    pub end_user: String,
    /// Of the project of this name.
    pub project: String,
    /// Only these.
    pub ids: Option<Vec<Uuid>>,
}

impl Store {
    /// Keeps a new session.
    pub async fn create_session(&self, session: &SessionRecord) -> Result<(), Error> {
        active(session).insert(&self.0.writer).await.map(drop).map_err(Error::books)
    }

    /// One session, if it may be seen.
    pub async fn find_session(&self, sight: &Sight, id: Uuid) -> Result<Option<SessionRecord>, Error> {
        let filter = SessionFilter {
            sight: sight.clone(),
            words: Vec::new(),
            end_user: String::new(),
            project: String::new(),
            ids: Some(vec![id]),
        };
        Ok(self.list_sessions(&filter, None, 1).await?.pop())
    }

    /// At most `limit` sessions, last used first, after a place in that order.
    pub async fn list_sessions(
        &self,
        filter: &SessionFilter,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<SessionRecord>, Error> {
        let mut conditions = vec!["1 = 1".to_owned()];
        let mut values = Vec::<Value>::new();
        if let Some((sql, value)) = filter.sight.condition() {
            conditions.push(sql.to_owned());
            values.push(value);
        }
        if let Some(ids) = &filter.ids {
            if ids.is_empty() {
                return Ok(Vec::new());
            }
            conditions.push(format!("id IN ({})", marks(ids.len())));
            values.extend(ids.iter().map(|id| Value::from(*id)));
        }
        if !filter.end_user.is_empty() {
            conditions.push("end_user = ?".to_owned());
            values.push(text::clean(&filter.end_user).into_owned().into());
        }
        if !filter.project.is_empty() {
            conditions.push("project_id IN (SELECT id FROM projects WHERE name = ?)".to_owned());
            values.push(text::clean(&filter.project).into_owned().into());
        }
        if !filter.words.is_empty() {
            let (in_title, title_values) = holds("search_title", &filter.words);
            let (in_message, message_values) = holds("search_text", &filter.words);
            conditions.push(format!(
                "({in_title} OR EXISTS (SELECT 1 FROM messages WHERE session_id = sessions.id AND {in_message}))"
            ));
            values.extend(title_values.into_iter().chain(message_values));
        }
        if let Some(place) = after {
            conditions.push("(updated_at_ms, id) < (?, ?)".to_owned());
            values.extend([Value::from(place.created_at_ms), place.id.into()]);
        }
        let sql = format!(
            "SELECT * FROM sessions WHERE {} ORDER BY updated_at_ms DESC, id DESC LIMIT {limit}",
            conditions.join(" AND ")
        );
        let rows = sessions::Model::find_by_statement(self.statement(&sql, values)).all(&self.0.readers).await;
        let rows = rows.map_err(Error::books)?;
        let names = projects::Entity::find()
            .filter(projects::Column::Id.is_in(rows.iter().map(|row| row.project_id)))
            .all(&self.0.readers)
            .await
            .map_err(Error::books)?;
        let name = |id| names.iter().find(|project| project.id == id).map(|project| project.name.clone());
        Ok(rows
            .into_iter()
            .map(|row| SessionRecord { project: name(row.project_id).unwrap_or_default(), ..row.into() })
            .collect())
    }

    /// Changes a session by `change`, alone among all who write to it; `None` where it is gone.
    pub async fn change_session(
        &self,
        id: Uuid,
        now_ms: i64,
        change: impl FnOnce(&mut SessionRecord) + Send,
    ) -> Result<Option<SessionRecord>, Error> {
        let work = async {
            let transaction = self.begin().await?;
            let Some(row) = self.lock_session(&transaction, id, now_ms).await? else { return Ok(None) };
            let mut session = SessionRecord::from(row);
            change(&mut session);
            active(&session).update(&transaction).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(Some(session))
        };
        work.await.map_err(Error::books)
    }

    /// Deletes a session with its messages, what was captured of them, and the media that nothing else holds; `false`
    /// where it is gone already.
    pub async fn delete_session(&self, id: Uuid) -> Result<bool, Error> {
        self.delete_session_where(id, |_| true).await
    }

    /// Deletes a session whose time is over, as [`Store::expired_sessions`] reckons it; `false` where it is gone, or
    /// was used since.
    pub async fn delete_expired_session(&self, id: Uuid, now_ms: i64, default_days: u32) -> Result<bool, Error> {
        let is_over = |session: &sessions::Model| {
            let days = i64::from(session.retention_days.map_or(default_days, i32::unsigned_abs));
            days > 0 && session.updated_at_ms.saturating_add(days.saturating_mul(DAY_MS)) < now_ms
        };
        self.delete_session_where(id, is_over).await
    }

    async fn delete_session_where(&self, id: Uuid, may_go: impl Fn(&sessions::Model) -> bool) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            let session = self.lock_session(&transaction, id, 0).await?;
            let Some(session) = session.filter(may_go) else { return Ok(false) };
            contents::remove(self, &transaction, session.project_id, "session_id = ?", id.into()).await?;
            let held = media::held_by(self, &transaction, "session_id = ?", vec![id.into()]).await?;
            for table in ["message_blobs", "messages", "session_branches"] {
                let delete = format!("DELETE FROM {table} WHERE session_id = ?");
                transaction.execute_raw(self.statement(&delete, [id.into()])).await?;
            }
            transaction.execute_raw(self.statement("DELETE FROM sessions WHERE id = ?", [id.into()])).await?;
            media::collect(self, &transaction, session.project_id, held).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        work.await.map_err(Error::books)
    }

    /// At most `limit` sessions whose time is over. `default_days` holds where a session has no rule of its own; 0 is
    /// for ever.
    pub async fn expired_sessions(&self, now_ms: i64, default_days: u32, limit: u32) -> Result<Vec<Uuid>, Error> {
        let sql = format!(
            "SELECT * FROM sessions WHERE COALESCE(retention_days, ?) > 0 \
             AND updated_at_ms + COALESCE(retention_days, ?) * CAST({DAY_MS} AS BIGINT) < ? ORDER BY id LIMIT {limit}"
        );
        let days = i32::try_from(default_days).unwrap_or(i32::MAX);
        let statement = self.statement(&sql, [days.into(), days.into(), now_ms.into()]);
        let rows = sessions::Model::find_by_statement(statement).all(&self.0.readers).await.map_err(Error::books)?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Marks a session as used, and by that keeps others from writing to it until the transaction ends.
    async fn lock_session(
        &self,
        connection: &impl ConnectionTrait,
        id: Uuid,
        now_ms: i64,
    ) -> Result<Option<sessions::Model>, DbErr> {
        let newer = "CASE WHEN updated_at_ms < ? THEN ? ELSE updated_at_ms END";
        let touch = format!("UPDATE sessions SET updated_at_ms = {newer} WHERE id = ?");
        connection.execute_raw(self.statement(&touch, [now_ms.into(), now_ms.into(), id.into()])).await?;
        sessions::Entity::find_by_id(id).one(connection).await
    }
}

/// The condition that a column in lower case holds all the words.
fn holds(column: &str, words: &[String]) -> (String, Vec<Value>) {
    let condition = vec![format!("{column} LIKE ? ESCAPE '!'"); words.len()].join(" AND ");
    let pattern = |word: &String| {
        let word = text::clean(word).to_lowercase();
        format!("%{}%", word.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
    };
    (format!("({condition})"), words.iter().map(|word| pattern(word).into()).collect())
}

fn active(session: &SessionRecord) -> sessions::ActiveModel {
    let clean = |given: &str| Set(text::clean(given).into_owned());
    let settings = session.settings.as_ref().map(|settings| serde_json::to_string(settings).unwrap_or_default());
    sessions::ActiveModel {
        id: Set(session.id),
        project_id: Set(session.project_id),
        key_id: clean(&session.key_id),
        end_user: clean(&session.end_user),
        title: clean(&session.title),
        first_title: clean(&session.first_title),
        search_title: clean(&session.title().to_lowercase()),
        system_prompt: clean(&session.system_prompt),
        model: clean(&session.model),
        settings: Set(settings.unwrap_or_default()),
        metadata: Set(text::labels(&session.metadata)),
        leaf_id: Set(session.leaf_id),
        retention_days: Set(session.retention_days.map(|days| i32::try_from(days).unwrap_or(i32::MAX))),
        created_at_ms: Set(session.created_at_ms),
        updated_at_ms: Set(session.updated_at_ms),
    }
}

impl From<sessions::Model> for SessionRecord {
    fn from(row: sessions::Model) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            project: String::new(),
            key_id: row.key_id,
            end_user: row.end_user,
            title: row.title,
            first_title: row.first_title,
            system_prompt: row.system_prompt,
            model: row.model,
            settings: serde_json::from_str(&row.settings).ok(),
            metadata: text::read(&row.metadata),
            leaf_id: row.leaf_id,
            retention_days: row.retention_days.map(i32::unsigned_abs),
            created_at_ms: row.created_at_ms,
            updated_at_ms: row.updated_at_ms,
        }
    }
}
