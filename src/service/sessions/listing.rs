//! Messages of a session, page by page from either end.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    super::{
        Caller, Gateway,
        clock::now_ms,
        usage::{cursor::Cursor, sight},
    },
    id_text, page_size, totals,
    turn::is_on_its_way,
    unknown_message, words,
};
use crate::{
    error::Error,
    pb::{self, well_known::Timestamp},
    store::{
        sessions::{Direction, MessageRecord, Path, SessionRecord},
        usage::{Place, id_text as generation_text},
    },
};

impl Gateway {
    /// A page of messages of one branch or of all.
    pub async fn list_messages(
        &self,
        caller: &Caller,
        request: pb::ListMessagesRequest,
    ) -> Result<pb::ListMessagesResponse, Error> {
        let session = self.find_session(caller, &request.session_id).await?;
        let path = match request.all_branches {
            true => None,
            false => Some(self.branch(&session, &request.leaf_message_id).await?),
        };
        let listing = pb::ListMessagesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
        let cursor = Cursor::new(&sight(caller), "messages", &listing);
        let after = match request.page_token.as_str() {
            "" => None,
            token => Some(cursor.read(token)?),
        };
        let direction = match request.order_by() {
            pb::MessageOrder::Oldest => Direction::Oldest,
            pb::MessageOrder::Unspecified | pb::MessageOrder::Newest => Direction::Newest,
        };
        let (words, size) = (words(&request.query), page_size(request.page_size));
        // One more than asked for tells whether there is a next page.
        let mut found = match &path {
            None => {
                let after = after.map(|place| place.id);
                self.store.session_messages(session.id, &words, direction, after, size + 1).await?
            }
            Some(path) => {
                let after = after.map(|place| i32::try_from(place.created_at_ms).unwrap_or_default());
                self.store.path_messages(path, &words, direction, after, size + 1).await?
            }
        };
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let last = found.last().filter(|_| more);
        // The place of a message on its way is its depth.
        let next = last.map(|last| cursor.write(Place { created_at_ms: i64::from(last.depth), id: last.id }));
        let totals = match (after, &path) {
            (Some(_), _) => None,
            (None, Some(path)) => Some(totals(&self.store.path_sums(path).await?)),
            (None, None) => {
                Some(totals(&self.store.session_sums(&[session.id]).await?.remove(&session.id).unwrap_or_default()))
            }
        };
        let messages = self.tell_messages(session.id, found).await?;
        Ok(pb::ListMessagesResponse { messages, next_page_token: next.unwrap_or_default(), totals })
    }

    /// The way to a message, or to the session's leaf where none is named.
    pub(super) async fn branch(&self, session: &SessionRecord, leaf: &str) -> Result<Path, Error> {
        let leaf = match leaf {
            "" => session.leaf_id,
            id => Some(self.find_message(session.id, id, "leaf_message_id").await?.id),
        };
        let Some(leaf) = leaf else { return Ok(Path::default()) };
        self.store.path(session.id, leaf).await?.ok_or_else(|| unknown_message("leaf_message_id"))
    }

    /// Messages with their media, their siblings and what is known of their making.
    pub(super) async fn tell_messages(
        &self,
        session_id: Uuid,
        mut records: Vec<MessageRecord>,
    ) -> Result<Vec<pb::StoredMessage>, Error> {
        self.store.load_media(session_id, &mut records).await?;
        let mut parents: Vec<_> = records.iter().map(|record| record.parent_id).collect();
        parents.sort_unstable();
        parents.dedup();
        let siblings = self.store.children(session_id, &parents).await?;
        let generations: Vec<_> = records.iter().filter_map(|record| record.generation_id).collect();
        let generations = self.store.generations_by_id(&generations).await?;
        let now = now_ms();
        Ok(records.into_iter().map(|record| tell(record, &siblings, &generations, now)).collect())
    }
}

fn tell(
    record: MessageRecord,
    siblings: &HashMap<Option<Uuid>, Vec<Uuid>>,
    generations: &HashMap<Uuid, pb::Generation>,
    now_ms: i64,
) -> pb::StoredMessage {
    let siblings = siblings.get(&record.parent_id).into_iter().flatten();
    let generation = record.generation_id.and_then(|id| generations.get(&id)).cloned();
    let on_its_way = generation.as_ref().is_some_and(|generation| is_on_its_way(&record, generation, now_ms));
    let stored = pb::StoredMessage {
        message: Some(record.message),
        sibling_ids: siblings.map(|id| id_text("msg_", *id)).collect(),
        create_time: Some(Timestamp::from_millis(record.created_at_ms)),
        generation_id: record.generation_id.map(generation_text).unwrap_or_default(),
        ..record.notes
    };
    let Some(generation) = generation else { return stored };
    let stored = pb::StoredMessage { model: generation.model, provider: generation.provider, ..stored };
    if on_its_way {
        return pb::StoredMessage { state: pb::GenerationState::Admitted.into(), ..stored };
    }
    pb::StoredMessage {
        state: generation.state,
        upstream_provider: generation.upstream_provider,
        finish_reason: generation.finish_reason,
        usage: generation.usage,
        cost_usd: generation.cost_usd,
        cost_source: generation.cost_source,
        timings: generation.timings,
        ..stored
    }
}

#[cfg(test)]
mod tests {
    use super::{super::turn::KEEPING_MS, *};

    #[test]
    fn an_answer_is_running_until_it_is_kept_unless_its_process_died() {
        let answer = |pending| MessageRecord { pending, generation_id: Some(Uuid::nil()), ..MessageRecord::default() };
        let told = |record, state: pb::GenerationState, now_ms| {
            let end_time = Some(Timestamp::from_millis(1_000));
            let generation = pb::Generation { state: state.into(), end_time, ..pb::Generation::default() };
            tell(record, &HashMap::new(), &HashMap::from([(Uuid::nil(), generation)]), now_ms).state()
        };
        let (admitted, completed) = (pb::GenerationState::Admitted, pb::GenerationState::Completed);
        assert_eq!(told(answer(true), completed, 1_001), admitted);
        assert_eq!(told(answer(true), completed, 1_000 + KEEPING_MS), completed);
        assert_eq!(told(answer(false), completed, 1_001), completed);
        assert_eq!(told(answer(true), pb::GenerationState::Unknown, 1_001), pb::GenerationState::Unknown);
    }
}
