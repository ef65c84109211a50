//! Sessions: conversations that the gateway keeps.
//!
//! ```text
//! recall ─▶ settings, history up to the parent ─▶ trim ─▶ chat ─▶ turn: kept at its begin and at its end
//! ```

mod document;
mod export;
mod listing;
mod recall;
mod retention;
mod trim;
mod turn;
mod words;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(super) use self::{recall::Recalled, turn::Turn};

use super::{
    Caller, Gateway,
    clock::now_ms,
    usage::{cursor::Cursor, sight},
};
use crate::{
    error::{Error, Reason},
    pb::{self, well_known::Timestamp},
    store::{
        DAY_MS,
        sessions::{Running, SessionFilter, SessionRecord, Sums},
        usage::{Place, id_text as generation_text},
    },
};

const DEFAULT_PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 1000;
/// Longest title that is kept, in characters.
const LONGEST_TITLE: usize = 200;

/// Sessions in which this process is writing. Cheap to clone.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<HashMap<Uuid, Busy>>>);

struct Busy {
    project_id: Uuid,
    turns: usize,
    deleted: CancellationToken,
}

/// Held while a turn runs.
struct Presence {
    sessions: Sessions,
    id: Uuid,
    /// Cancelled when the session is deleted.
    deleted: CancellationToken,
}

impl Sessions {
    fn enter(&self, id: Uuid, project_id: Uuid) -> Presence {
        let mut sessions = self.0.lock().expect("nobody panics while holding it");
        let busy =
            sessions.entry(id).or_insert_with(|| Busy { project_id, turns: 0, deleted: CancellationToken::new() });
        busy.turns += 1;
        Presence { sessions: self.clone(), id, deleted: busy.deleted.clone() }
    }

    /// Stops what this process writes in a session.
    fn stop(&self, id: Uuid) {
        if let Some(busy) = self.0.lock().expect("nobody panics while holding it").get(&id) {
            busy.deleted.cancel();
        }
    }

    /// Stops what this process writes in the sessions of a project.
    pub(super) fn stop_project(&self, project_id: Uuid) {
        let sessions = self.0.lock().expect("nobody panics while holding it");
        sessions.values().filter(|busy| busy.project_id == project_id).for_each(|busy| busy.deleted.cancel());
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut sessions = self.sessions.0.lock().expect("nobody panics while holding it");
        let Some(busy) = sessions.get_mut(&self.id) else { return };
        busy.turns -= 1;
        if busy.turns == 0 {
            sessions.remove(&self.id);
        }
    }
}

impl Gateway {
    /// Makes an empty session of the caller's key.
    pub async fn create_session(
        &self,
        caller: &Caller,
        request: pb::CreateSessionRequest,
    ) -> Result<pb::CreateSessionResponse, Error> {
        check_title(&request.title)?;
        let now = now_ms();
        let session = SessionRecord {
            id: Uuid::now_v7(),
            project_id: caller.key.project_id,
            project: caller.key.project.clone(),
            key_id: caller.key.id.clone(),
            end_user: request.end_user,
            title: request.title.trim().to_owned(),
            system_prompt: request.system_prompt,
            model: request.model,
            settings: request.settings,
            metadata: request.metadata,
            retention_days: request.retention_days,
            created_at_ms: now,
            updated_at_ms: now,
            ..SessionRecord::default()
        };
        self.store.create_session(&session).await?;
        Ok(pb::CreateSessionResponse { session: self.describe(vec![session]).await?.pop() })
    }

    /// One session without its messages.
    pub async fn get_session(
        &self,
        caller: &Caller,
        request: pb::GetSessionRequest,
    ) -> Result<pb::GetSessionResponse, Error> {
        let session = self.find_session(caller, &request.session_id).await?;
        Ok(pb::GetSessionResponse { session: self.describe(vec![session]).await?.pop() })
    }

    /// A page of sessions, last used first.
    pub async fn list_sessions(
        &self,
        caller: &Caller,
        request: pb::ListSessionsRequest,
    ) -> Result<pb::ListSessionsResponse, Error> {
        let sight = sight(caller);
        let listing = pb::ListSessionsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let cursor = Cursor::new(&sight, "sessions", &listing);
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(cursor.read(token)?),
        };
        let ids = match request.running {
            false => None,
            true => Some(self.store.running_turns(None).await?.iter().map(|turn| turn.session_id).collect()),
        };
        let filter = SessionFilter {
            sight,
            words: words(&request.query),
            end_user: request.end_user,
            project: request.project,
            ids,
        };
        let size = page_size(request.page_size);
        // One more than asked for tells whether there is a next page.
        let mut found = self.store.list_sessions(&filter, after, size + 1).await?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let last = found.last().filter(|_| more);
        let next = last.map(|last| cursor.write(Place { created_at_ms: last.updated_at_ms, id: last.id }));
        let sessions = self.describe(found).await?;
        Ok(pb::ListSessionsResponse { sessions, next_page_token: next.unwrap_or_default() })
    }

    /// Changes what the request gives; the rest stays.
    pub async fn update_session(
        &self,
        caller: &Caller,
        request: pb::UpdateSessionRequest,
    ) -> Result<pb::UpdateSessionResponse, Error> {
        check_title(request.title.as_deref().unwrap_or_default())?;
        let session = self.find_session(caller, &request.session_id).await?;
        let leaf = match request.leaf_message_id.as_deref() {
            None => None,
            Some(id) => Some(self.find_message(session.id, id, "leaf_message_id").await?.id),
        };
        let changed = self.store.change_session(session.id, now_ms(), |session| {
            if let Some(title) = request.title {
                title.trim().clone_into(&mut session.title);
            }
            session.system_prompt = request.system_prompt.unwrap_or_else(|| std::mem::take(&mut session.system_prompt));
            session.model = request.model.unwrap_or_else(|| std::mem::take(&mut session.model));
            session.settings = request.settings.or_else(|| session.settings.take());
            session.leaf_id = leaf.or(session.leaf_id);
            session.metadata.extend(request.metadata);
            session.metadata.retain(|_, value| !value.is_empty());
            session.retention_days = request.retention_days.or(session.retention_days);
        });
        let changed = changed.await?.ok_or_else(unknown_session)?;
        let changed = SessionRecord { project: session.project, ..changed };
        Ok(pb::UpdateSessionResponse { session: self.describe(vec![changed]).await?.pop() })
    }

    /// Deletes a session with its messages, and stops what this process still writes in it. What another process writes
    /// ends by itself and is not kept.
    pub async fn delete_session(
        &self,
        caller: &Caller,
        request: pb::DeleteSessionRequest,
    ) -> Result<pb::DeleteSessionResponse, Error> {
        let session = self.find_session(caller, &request.session_id).await?;
        self.store.delete_session(session.id).await?;
        self.sessions.stop(session.id);
        Ok(pb::DeleteSessionResponse {})
    }

    /// A session that the caller may see.
    async fn find_session(&self, caller: &Caller, id: &str) -> Result<SessionRecord, Error> {
        let id = parse_id("ses_", id).ok_or_else(unknown_session)?;
        self.store.find_session(&sight(caller), id).await?.ok_or_else(unknown_session)
    }

    /// Sessions as callers see them.
    async fn describe(&self, sessions: Vec<SessionRecord>) -> Result<Vec<pb::Session>, Error> {
        let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
        let sums = self.store.session_sums(&ids).await?;
        let running = self.store.running_turns(Some(&ids)).await?;
        let rule = self.config.sessions.retention_days;
        let describe = |session: SessionRecord| {
            let running = running.iter().filter(|turn| turn.session_id == session.id).map(running_generation);
            let days = session.retention_days.unwrap_or(rule);
            let expires = (days > 0).then(|| session.updated_at_ms.saturating_add(i64::from(days) * DAY_MS));
            pb::Session {
                id: id_text("ses_", session.id),
                title: session.title().to_owned(),
                leaf_message_id: session.leaf_id.map(|id| id_text("msg_", id)).unwrap_or_default(),
                running_generations: running.collect(),
                totals: Some(totals(&sums.get(&session.id).copied().unwrap_or_default())),
                create_time: Some(Timestamp::from_millis(session.created_at_ms)),
                update_time: Some(Timestamp::from_millis(session.updated_at_ms)),
                expire_time: expires.map(Timestamp::from_millis),
                project: session.project,
                key_id: session.key_id,
                end_user: session.end_user,
                system_prompt: session.system_prompt,
                model: session.model,
                settings: session.settings,
                metadata: session.metadata,
                retention_days: session.retention_days,
            }
        };
        Ok(sessions.into_iter().map(describe).collect())
    }
}

fn running_generation(turn: &Running) -> pb::RunningGeneration {
    pb::RunningGeneration {
        generation_id: generation_text(turn.generation_id),
        parent_message_id: turn.parent_id.map(|id| id_text("msg_", id)).unwrap_or_default(),
    }
}

fn totals(sums: &Sums) -> pb::SessionTotals {
    let count = |sum: i64| u32::try_from(sum).unwrap_or(u32::MAX);
    pb::SessionTotals {
        messages: count(sums.messages),
        cost_usd: sums.cost_nano_usd.map(pb::usd),
        unknown_cost_requests: count(sums.unknown_cost_requests),
        total_input_tokens: sums.total_input_tokens.unsigned_abs(),
        total_output_tokens: sums.total_output_tokens.unsigned_abs(),
    }
}

fn check_title(title: &str) -> Result<(), Error> {
    if title.chars().count() > LONGEST_TITLE {
        return Err(Error::invalid("title", format!("`title` must have at most {LONGEST_TITLE} characters")));
    }
    Ok(())
}

fn page_size(asked: u32) -> u32 {
    if asked == 0 { DEFAULT_PAGE } else { asked.min(LARGEST_PAGE) }
}

/// The words of a query; each has to be there.
fn words(query: &str) -> Vec<String> {
    query.split_whitespace().map(str::to_owned).collect()
}

fn id_text(prefix: &str, id: Uuid) -> String {
    format!("{prefix}{id}")
}

/// The UUID within `ses_…` or `msg_…`.
pub(super) fn parse_id(prefix: &str, text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.strip_prefix(prefix)?).ok()
}

fn unknown_session() -> Error {
    Error::new(Reason::NotFound, "there is no such session, or it is not this key's").with_field("session_id")
}

fn unknown_message(field: &str) -> Error {
    Error::new(Reason::NotFound, "the session has no such message").with_field(field)
}
