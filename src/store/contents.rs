//! What chats were asked and answered, where that is captured.

use prost::Message as _;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Value,
};
use uuid::Uuid;

use super::{
    Store,
    entity::{generation_contents as contents, projects, sessions},
    media,
};
use crate::{error::Error, pb};

/// What is to be kept of a chat.
#[derive(Clone, Debug, Default)]
pub struct NewContent {
    /// The chat's generation.
    pub generation_id: Uuid,
    /// Its project.
    pub project_id: Uuid,
    /// The session that it is a turn of.
    pub session_id: Option<Uuid>,
    /// When it was captured, milliseconds since 1970.
    pub created_at_ms: i64,
    /// What was said, with its media.
    pub content: pb::GenerationContent,
}

impl Store {
    /// Keeps what a chat was asked and answered, once. `false` where it is kept already, or has nothing to belong to:
    /// it never came to the books, or its project or session was deleted.
    pub async fn keep_content(&self, new: NewContent) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            if !self.belongs(&transaction, &new).await? {
                return Ok(false);
            }
            let mut content = new.content;
            let media: Vec<_> = said(&mut content).map(media::take).collect();
            let row = contents::ActiveModel {
                generation_id: Set(new.generation_id),
                project_id: Set(new.project_id),
                session_id: Set(new.session_id),
                created_at_ms: Set(new.created_at_ms),
                body: Set(content.encode_to_vec()),
            };
            row.insert(&transaction).await?;
            for (media, number) in media.into_iter().zip(0..) {
                let holder = (new.generation_id, message_id(number));
                media::save(self, &transaction, new.project_id, holder, media).await?;
            }
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        work.await.map_err(Error::books)
    }

    /// Whether there is what a content belongs to, and no content yet. Whoever deletes that meanwhile waits.
    async fn belongs(&self, transaction: &DatabaseTransaction, new: &NewContent) -> Result<bool, DbErr> {
        let project = projects::Entity::find_by_id(new.project_id).filter(projects::Column::DeletedAtMs.is_null());
        if project.lock_shared().one(transaction).await?.is_none() {
            return Ok(false);
        }
        if let Some(session) = new.session_id
            && sessions::Entity::find_by_id(session).lock_shared().one(transaction).await?.is_none()
        {
            return Ok(false);
        }
        let sql = "SELECT 1 FROM generations WHERE id = ? \
                   AND NOT EXISTS (SELECT 1 FROM generation_contents WHERE generation_id = generations.id)";
        let found = transaction.query_one_raw(self.statement(sql, [new.generation_id.into()])).await?;
        Ok(found.is_some())
    }

    /// What was kept of a generation, and when.
    pub async fn find_content(&self, generation_id: Uuid) -> Result<Option<(pb::GenerationContent, i64)>, Error> {
        let work = async {
            let found = contents::Entity::find_by_id(generation_id).one(&self.0.readers).await?;
            let Some(row) = found else { return Ok(None) };
            let mut content = pb::GenerationContent::decode(row.body.as_slice())
                .map_err(|error| DbErr::Custom(format!("a captured content cannot be read: {error}")))?;
            let count = said(&mut content).count();
            let ids: Vec<_> = (0..count as u64).map(message_id).collect();
            let held = media::load(self, generation_id, &ids).await?;
            for (message, id) in said(&mut content).zip(&ids) {
                if let Some(media) = held.get(id) {
                    media::put(message, media);
                }
            }
            Ok::<_, DbErr>(Some((content, row.created_at_ms)))
        };
        work.await.map_err(Error::books)
    }

    /// Deletes at most `limit` of the contents that were kept before then, oldest first; returns how many.
    pub async fn delete_contents_before(&self, before_ms: i64, limit: u64) -> Result<usize, Error> {
        let work = async {
            let old = contents::Entity::find()
                .filter(contents::Column::CreatedAtMs.lt(before_ms))
                .order_by_asc(contents::Column::CreatedAtMs)
                .limit(limit);
            let old = old.select_only().columns([contents::Column::GenerationId, contents::Column::ProjectId]);
            let old: Vec<(Uuid, Uuid)> = old.into_tuple().all(&self.0.readers).await?;
            for (generation_id, project_id) in &old {
                let transaction = self.begin().await?;
                remove(self, &transaction, *project_id, "generation_id = ?", (*generation_id).into()).await?;
                transaction.commit().await?;
            }
            Ok::<_, DbErr>(old.len())
        };
        work.await.map_err(Error::books)
    }
}

/// Deletes the contents of one project for which a condition holds, and the media that nothing else holds.
pub(super) async fn remove(
    store: &Store,
    transaction: &DatabaseTransaction,
    project_id: Uuid,
    condition: &str,
    value: Value,
) -> Result<(), DbErr> {
    let theirs =
        format!("session_id IN (SELECT generation_id FROM generation_contents WHERE generation_contents.{condition})");
    let held = media::held_by(store, transaction, &theirs, vec![value.clone()]).await?;
    let unhold = format!("DELETE FROM message_blobs WHERE {theirs}");
    transaction.execute_raw(store.statement(&unhold, [value.clone()])).await?;
    let delete = format!("DELETE FROM generation_contents WHERE {condition}");
    transaction.execute_raw(store.statement(&delete, [value])).await?;
    media::collect(store, transaction, project_id, held).await
}

/// All messages, in the order of their numbers.
fn said(content: &mut pb::GenerationContent) -> impl Iterator<Item = &mut pb::Message> {
    content.messages.iter_mut().chain(content.answer.as_mut())
}

/// The id under which a message holds its media.
fn message_id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0, number)
}
