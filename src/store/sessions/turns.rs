//! Writing turns. The answer's row is there from the start, so that whoever opens the session sees what is being
//! written in it; all that belongs to one turn is written in one transaction, and turns of one session wait for each
//! other.

use prost::Message as _;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter,
};
use uuid::Uuid;

use super::Store;
use crate::{
    error::Error,
    pb::{self, ShortName as _},
    store::{
        entity::{messages, session_branches, sessions},
        media,
        text::{self, marks},
    },
};

/// A message that is to be kept.
#[derive(Clone, Debug, Default)]
pub struct NewMessage {
    /// Its id.
    pub id: Uuid,
    /// What is said, with its media.
    pub message: pb::Message,
    /// Its text, for searching.
    pub text: String,
    /// Estimated tokens.
    pub tokens: u32,
}

/// A turn that begins.
#[derive(Clone, Debug, Default)]
pub struct NewTurn {
    /// The session.
    pub session_id: Uuid,
    /// The message that it follows; `None` at the beginning.
    pub parent_id: Option<Uuid>,
    /// What is said, oldest first; may be empty where an answer is made anew.
    pub messages: Vec<NewMessage>,
    /// The id that the answer will have.
    pub answer_id: Uuid,
    /// The generation that writes it.
    pub generation_id: Uuid,
    /// The session's title where it has none yet.
    pub first_title: String,
    /// Now, milliseconds since 1970.
    pub now_ms: i64,
}

/// An answer that has ended.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What was said, under the id that was promised.
    pub message: NewMessage,
    /// What the books do not hold of its making.
    pub notes: pb::StoredMessage,
}

impl Store {
    /// Keeps what a turn begins with and an empty answer, and moves the session's leaf there; `false` where the session
    /// or the message before is gone.
    pub async fn begin_turn(&self, turn: &NewTurn) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            let Some(session) = self.lock_session(&transaction, turn.session_id, turn.now_ms).await? else {
                return Ok(false);
            };
            let rows = i32::try_from(turn.messages.len() + 1).unwrap_or(i32::MAX);
            let Some((branch_id, depth)) = place(&transaction, turn, rows).await? else { return Ok(false) };
            let mut parent_id = turn.parent_id;
            for (message, depth) in turn.messages.iter().zip(depth..) {
                let mut row = row(message, turn.now_ms);
                row.session_id = Set(turn.session_id);
                row.parent_id = Set(parent_id);
                row.branch_id = Set(branch_id);
                row.depth = Set(depth);
                let held = body(message);
                row.body = Set(held.0);
                row.insert(&transaction).await?;
                let of = (turn.session_id, message.id);
                media::save(self, &transaction, session.project_id, of, held.1).await?;
                parent_id = Some(message.id);
            }
            let answer = NewMessage {
                id: turn.answer_id,
                message: pb::Message { role: pb::Role::Assistant.into(), ..pb::Message::default() },
                ..NewMessage::default()
            };
            let answer = messages::ActiveModel {
                session_id: Set(turn.session_id),
                parent_id: Set(parent_id),
                branch_id: Set(branch_id),
                depth: Set(depth + rows - 1),
                body: Set(body(&answer).0),
                generation_id: Set(Some(turn.generation_id)),
                pending: Set(true),
                turn_parent_id: Set(turn.parent_id),
                ..row(&answer, turn.now_ms)
            };
            answer.insert(&transaction).await?;
            lead_to(&transaction, session, turn).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        work.await.map_err(Error::books)
    }

    /// Keeps an answer; `false` where its session is gone.
    pub async fn finish_turn(&self, session_id: Uuid, answer: &Answer, now_ms: i64) -> Result<bool, Error> {
        let work = async {
            let transaction = self.begin().await?;
            let Some(session) = self.lock_session(&transaction, session_id, now_ms).await? else { return Ok(false) };
            let message = &answer.message;
            let found = messages::Entity::find_by_id((session_id, message.id)).one(&transaction).await?;
            let Some(found) = found else { return Ok(false) };
            if !found.pending {
                // Written before, though whoever wrote it was not told.
                return Ok(true);
            }
            let (body, media) = body(message);
            let mut row = found.into_active_model();
            row.body = Set(body);
            row.search_text = Set(text::clean(&message.text.to_lowercase()).into_owned());
            row.tokens = Set(tokens(message));
            row.pending = Set(false);
            row.notes = Set(Some(answer.notes.encode_to_vec()));
            row.update(&transaction).await?;
            media::save(self, &transaction, session.project_id, (session_id, message.id), media).await?;
            transaction.commit().await?;
            Ok::<_, DbErr>(true)
        };
        work.await.map_err(Error::books)
    }

    /// Forgets a turn of which nothing came: its caller was told so and will ask again. What others have built on by
    /// now stays.
    pub async fn abandon_turn(&self, turn: &NewTurn, now_ms: i64) -> Result<(), Error> {
        let work = async {
            let transaction = self.begin().await?;
            let Some(session) = self.lock_session(&transaction, turn.session_id, now_ms).await? else { return Ok(()) };
            let answer = messages::Entity::find_by_id((turn.session_id, turn.answer_id)).one(&transaction).await?;
            let Some(answer) = answer else { return Ok(()) };
            let mut ids: Vec<_> = turn.messages.iter().map(|message| message.id).collect();
            ids.push(turn.answer_id);
            let built_on = messages::Entity::find()
                .filter(messages::Column::SessionId.eq(turn.session_id))
                .filter(messages::Column::ParentId.is_in(ids.iter().copied()))
                .filter(messages::Column::Id.is_not_in(ids.iter().copied()))
                .count(&transaction)
                .await?;
            if built_on > 0 {
                let mut answer = answer.into_active_model();
                answer.pending = Set(false);
                answer.update(&transaction).await?;
            } else {
                self.remove(&transaction, &session, &answer, &ids).await?;
                if session.leaf_id == Some(turn.answer_id) {
                    let mut session = session.into_active_model();
                    session.leaf_id = Set(turn.parent_id);
                    session.update(&transaction).await?;
                }
            }
            transaction.commit().await
        };
        work.await.map_err(Error::books)
    }

    /// Removes the messages at the end of a branch, of which `last` is the very last.
    async fn remove(
        &self,
        transaction: &DatabaseTransaction,
        session: &sessions::Model,
        last: &messages::Model,
        ids: &[Uuid],
    ) -> Result<(), DbErr> {
        let condition = format!("session_id = ? AND message_id IN ({})", marks(ids.len()));
        let values = || std::iter::once(session.id.into()).chain(ids.iter().map(|id| (*id).into())).collect();
        let held = media::held_by(self, transaction, &condition, values()).await?;
        let unhold = format!("DELETE FROM message_blobs WHERE {condition}");
        transaction.execute_raw(self.statement(&unhold, values())).await?;
        media::collect(self, transaction, session.project_id, held).await?;
        messages::Entity::delete_many()
            .filter(messages::Column::SessionId.eq(session.id))
            .filter(messages::Column::Id.is_in(ids.iter().copied()))
            .exec(transaction)
            .await?;
        let Some(branch) = session_branches::Entity::find_by_id(last.branch_id).one(transaction).await? else {
            return Ok(());
        };
        let tip_depth = last.depth - i32::try_from(ids.len()).unwrap_or(i32::MAX);
        if tip_depth <= branch.fork_depth {
            return session_branches::Entity::delete_by_id(branch.id).exec(transaction).await.map(drop);
        }
        let mut branch = branch.into_active_model();
        branch.tip_depth = Set(tip_depth);
        branch.update(transaction).await.map(drop)
    }
}

/// The branch and the first depth of a turn's `rows` messages: a tip's branch goes on, anywhere else one begins.
async fn place(transaction: &DatabaseTransaction, turn: &NewTurn, rows: i32) -> Result<Option<(Uuid, i32)>, DbErr> {
    let (parent_branch, depth) = match turn.parent_id {
        None => (None, 0),
        Some(parent_id) => {
            let parent = messages::Entity::find_by_id((turn.session_id, parent_id)).one(transaction).await?;
            let Some(parent) = parent else { return Ok(None) };
            let branch = session_branches::Entity::find_by_id(parent.branch_id).one(transaction).await?;
            if let Some(branch) = branch.filter(|branch| branch.tip_depth == parent.depth) {
                let (id, first) = (branch.id, branch.tip_depth + 1);
                let mut branch = branch.into_active_model();
                branch.tip_depth = Set(first + rows - 1);
                branch.update(transaction).await?;
                return Ok(Some((id, first)));
            }
            (Some(parent.branch_id), parent.depth)
        }
    };
    let branch = session_branches::ActiveModel {
        id: Set(Uuid::now_v7()),
        session_id: Set(turn.session_id),
        parent_id: Set(parent_branch),
        fork_depth: Set(depth),
        tip_depth: Set(depth + rows),
    };
    let branch = branch.insert(transaction).await?;
    Ok(Some((branch.id, depth + 1)))
}

/// Moves a session's leaf to a turn's answer, and titles it where it has no title.
async fn lead_to(transaction: &DatabaseTransaction, session: sessions::Model, turn: &NewTurn) -> Result<(), DbErr> {
    let untitled = session.first_title.is_empty();
    let searched = if session.title.is_empty() { &turn.first_title } else { &session.title };
    let search_title = text::clean(&searched.to_lowercase()).into_owned();
    let mut session = session.into_active_model();
    session.leaf_id = Set(Some(turn.answer_id));
    if untitled {
        session.first_title = Set(text::clean(&turn.first_title).into_owned());
        session.search_title = Set(search_title);
    }
    session.update(transaction).await.map(drop)
}

/// What every row has.
fn row(message: &NewMessage, now_ms: i64) -> messages::ActiveModel {
    messages::ActiveModel {
        id: Set(message.id),
        role: Set(message.message.role().short_name().to_owned()),
        search_text: Set(text::clean(&message.text.to_lowercase()).into_owned()),
        tokens: Set(tokens(message)),
        created_at_ms: Set(now_ms),
        generation_id: Set(None),
        pending: Set(false),
        turn_parent_id: Set(None),
        notes: Set(None),
        ..Default::default()
    }
}

/// A message's bytes without its media, and those.
fn body(message: &NewMessage) -> (Vec<u8>, Vec<(i32, bytes::Bytes)>) {
    // Ids are the row's.
    let mut message = pb::Message { id: String::new(), parent_id: String::new(), ..message.message.clone() };
    let media = media::take(&mut message);
    (message.encode_to_vec(), media)
}

fn tokens(message: &NewMessage) -> i32 {
    i32::try_from(message.tokens).unwrap_or(i32::MAX)
}
