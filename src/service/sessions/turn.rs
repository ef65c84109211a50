//! One turn of a session: kept when it begins, and its answer before the caller reads `done`, however it ends.

use std::time::Duration;

use futures::StreamExt as _;
use uuid::Uuid;

use super::{
    super::{Gateway, booking::Booking, clock::now_ms, estimate, usage},
    Presence, id_text,
    recall::Recalled,
    unknown_session, words,
};
use crate::{
    error::{Error, Reason},
    events::{Events, Fold},
    pb::{self, ChatEvent, chat_event::Event},
    store::sessions::{Answer, MessageRecord, NewMessage, NewTurn},
};

/// How often an answer is tried to be kept, and the wait after the first failure, which doubles.
const TRIES: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// More than all these waits together.
pub(super) const KEEPING_MS: i64 = 5_000;
/// Longest title that is taken from a prompt, in characters.
const TITLE: usize = 60;

/// A turn that is being written. Dropped before an answer has begun it is forgotten; dropped later, what had come is
/// kept.
pub(in crate::service) struct Turn {
    gateway: Gateway,
    presence: Presence,
    begun: NewTurn,
    session_id: String,
    warnings: Vec<pb::Warning>,
    phase: Phase,
}

enum Phase {
    /// Nothing has come yet.
    Waiting,
    /// What has come so far.
    Answering(Box<Fold>),
    /// All is written.
    Ended,
}

impl Gateway {
    /// Keeps what a turn begins with.
    pub(in crate::service) async fn begin_turn(&self, recalled: Recalled, booking: &Booking) -> Result<Turn, Error> {
        let messages: Vec<_> = recalled.said.into_iter().map(|message| new_message(Uuid::now_v7(), message)).collect();
        let begun = NewTurn {
            session_id: recalled.session.id,
            parent_id: recalled.parent_id,
            first_title: title(&messages),
            messages,
            answer_id: Uuid::now_v7(),
            generation_id: usage::parse_id(&booking.generation_id()).expect("it is ours"),
            now_ms: now_ms(),
        };
        let turn = Turn {
            gateway: self.clone(),
            presence: self.sessions.enter(begun.session_id, recalled.session.project_id),
            session_id: id_text("ses_", begun.session_id),
            warnings: recalled.warnings,
            phase: Phase::Waiting,
            begun,
        };
        match self.store.begin_turn(&turn.begun).await {
            Ok(true) => Ok(turn),
            Ok(false) => Err(turn.refused(unknown_session())),
            Err(error) => Err(turn.refused(error)),
        }
    }
}

impl Turn {
    /// Ends when the turn's session is deleted.
    pub(in crate::service) fn deleted(&self) -> impl Future<Output = Error> + Send + 'static {
        let deleted = self.presence.deleted.clone();
        async move {
            deleted.cancelled().await;
            Error::new(Reason::Cancelled, "the session was deleted while it was being written")
        }
    }

    /// Adds what the session knows to what is known of the answer.
    pub(in crate::service) fn introduce(&mut self, meta: &mut pb::MetaEvent) {
        meta.session_id.clone_from(&self.session_id);
        meta.message_id = id_text("msg_", self.begun.answer_id);
        let parent = self.begun.messages.last().map(|message| message.id).or(self.begun.parent_id);
        meta.parent_message_id = parent.map(|id| id_text("msg_", id)).unwrap_or_default();
        meta.warnings.append(&mut self.warnings);
    }

    /// Forgets the turn, since no answer began.
    pub(in crate::service) async fn abandon(mut self) {
        forget(&self.gateway, &self.begun).await;
        self.phase = Phase::Ended;
    }

    /// Passes events on and keeps the answer before the last of them.
    pub(in crate::service) fn record(mut self, mut events: Events) -> Events {
        self.phase = Phase::Answering(Box::default());
        let (id, overhead) = (events.generation_id.clone(), events.overhead);
        let recorded = async_stream::stream! {
            while let Some(event) = events.next().await {
                match event {
                    Ok(event) => {
                        self.add(&event);
                        if let Some(Event::Done(done)) = &event.event
                            && let Err(error) = self.finish(None).await
                        {
                            yield Err(unkept(error, done));
                            return;
                        }
                        yield Ok(event);
                    }
                    Err(error) => {
                        if let Err(unkept) = self.finish(Some(&error)).await {
                            tracing::error!(context = unkept.context, "a session's answer could not be kept");
                        }
                        yield Err(error);
                        return;
                    }
                }
            }
        };
        Events::new(id, overhead, recorded)
    }

    fn add(&mut self, event: &ChatEvent) {
        if let Phase::Answering(fold) = &mut self.phase {
            fold.add(event.clone());
        }
    }

    /// Keeps the answer. Whoever is dropped meanwhile leaves that to a task.
    async fn finish(&mut self, error: Option<&Error>) -> Result<(), Error> {
        let Phase::Answering(fold) = &self.phase else { return Ok(()) };
        let answer = answer(fold, self.begun.answer_id, error);
        keep(&self.gateway, self.begun.session_id, &answer).await?;
        self.phase = Phase::Ended;
        Ok(())
    }

    /// The turn was not kept, so there is nothing to forget.
    fn refused(mut self, error: Error) -> Error {
        self.phase = Phase::Ended;
        error
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let phase = std::mem::replace(&mut self.phase, Phase::Ended);
        // Without a runtime the process is ending; the row stays as one whose writer died.
        if matches!(phase, Phase::Ended) || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let (gateway, begun) = (self.gateway.clone(), std::mem::take(&mut self.begun));
        self.gateway.tasks.spawn(async move {
            let Phase::Answering(fold) = phase else { return forget(&gateway, &begun).await };
            let answer = answer(&fold, begun.answer_id, None);
            if let Err(error) = keep(&gateway, begun.session_id, &answer).await {
                tracing::error!(context = error.context, "a session's answer could not be kept");
            }
        });
    }
}

/// Whether an answer is still being written: its generation is settled before the session has what it said, so that one
/// that has just ended may be read in between. One whose process died meanwhile is not.
pub(super) fn is_on_its_way(record: &MessageRecord, generation: &pb::Generation, now_ms: i64) -> bool {
    record.pending
        && match generation.state() {
            pb::GenerationState::Admitted => true,
            pb::GenerationState::Unknown => false,
            _ => generation.end_time.is_some_and(|end| now_ms - end.millis() < KEEPING_MS),
        }
}

/// Writes an answer, patiently. A session that is gone keeps nothing.
async fn keep(gateway: &Gateway, session_id: Uuid, answer: &Answer) -> Result<(), Error> {
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match gateway.store.finish_turn(session_id, answer, now_ms()).await {
            Ok(_) => return Ok(()),
            Err(error) => tracing::warn!(context = error.context, "a session's answer waits for the database"),
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    gateway.store.finish_turn(session_id, answer, now_ms()).await.map(drop)
}

async fn forget(gateway: &Gateway, turn: &NewTurn) {
    if let Err(error) = gateway.store.abandon_turn(turn, now_ms()).await {
        tracing::warn!(context = error.context, "a turn without an answer stays in its session");
    }
}

fn answer(fold: &Fold, id: Uuid, error: Option<&Error>) -> Answer {
    let whole = fold.clone().finish();
    let notes = pb::StoredMessage {
        warnings: whole.warnings,
        error: error.map(|error| error.detail()),
        ..pb::StoredMessage::default()
    };
    Answer { message: new_message(id, whole.message.unwrap_or_default()), notes }
}

fn new_message(id: Uuid, message: pb::Message) -> NewMessage {
    NewMessage { id, text: words::of(&message), tokens: estimate::message_tokens(&message), message }
}

/// The first words of what is said first.
fn title(messages: &[NewMessage]) -> String {
    let said = messages.iter().filter(|message| message.message.role() == pb::Role::User);
    let Some(text) = said.map(|message| message.text.as_str()).find(|text| !text.trim().is_empty()) else {
        return String::new();
    };
    let mut title = String::new();
    for word in text.split_whitespace() {
        let length = title.chars().count();
        if length > 0 && length + 1 + word.chars().count() > TITLE {
            return title + "…";
        }
        if length > 0 {
            title.push(' ');
        }
        title.extend(word.chars().take(TITLE));
    }
    title
}

/// The answer is booked, and its caller is told so; only the session does not hold it.
fn unkept(mut error: Error, done: &pb::DoneEvent) -> Error {
    error.usage = done.usage;
    error.cost_usd = done.cost_usd;
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_words_of_the_first_prompt() {
        let check = |text: &str, expected: &str| {
            let messages = [pb::Message::text(pb::Role::System, "be kind"), pb::Message::text(pb::Role::User, text)];
            assert_eq!(title(&messages.map(|message| new_message(Uuid::nil(), message))), expected);
        };
        check("  Why is\n the sky blue?", "Why is the sky blue?");
        check("", "");
        let long = "Please explain to me in simple words why the sky is blue at noon and red at night";
        check(long, "Please explain to me in simple words why the sky is blue at…");
        check(&"x".repeat(100), &"x".repeat(60));
    }
}
