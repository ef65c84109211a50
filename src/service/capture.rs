//! Capture: what a chat was asked and answered is kept with its generation, where `privacy.capture` says so.

use futures::StreamExt as _;
use uuid::Uuid;

use super::{
    Caller, Gateway,
    booking::Booking,
    clock::now_ms,
    sessions,
    usage::{no_such_generation, parse_id, sight},
};
use crate::{
    error::Error,
    events::{Events, Fold},
    pb::{self, chat_event::Event, well_known::Timestamp},
    store::{DAY_MS, contents::NewContent},
};

/// What is captured of one chat. It is kept before the caller reads the last event, or when it is dropped, with what
/// had come by then.
pub(super) struct Capture {
    gateway: Gateway,
    /// `None` once it is kept.
    content: Option<NewContent>,
    /// The answer so far; `None` until one begins.
    answer: Option<Fold>,
}

impl Gateway {
    /// Begins to capture a chat; `None`, for nothing, where that is switched off.
    pub(super) fn capture(
        &self,
        project_id: Uuid,
        booking: &Booking,
        request: &pb::ChatRequest,
    ) -> Option<Box<Capture>> {
        if !self.config.privacy.capture {
            return None;
        }
        let content = NewContent {
            generation_id: booking.id(),
            project_id,
            session_id: sessions::parse_id("ses_", &request.session_id),
            created_at_ms: now_ms(),
            content: pb::GenerationContent {
                messages: request.messages.clone(),
                tools: request.tools.clone(),
                answer: None,
            },
        };
        Some(Box::new(Capture { gateway: self.clone(), content: Some(content), answer: None }))
    }

    /// What was captured of a generation that the caller may see.
    pub async fn get_generation_content(
        &self,
        caller: &Caller,
        request: pb::GetGenerationContentRequest,
    ) -> Result<pb::GetGenerationContentResponse, Error> {
        let id = parse_id(&request.generation_id).ok_or_else(no_such_generation)?;
        self.store.find_generation(sight(caller), id).await?.ok_or_else(no_such_generation)?;
        let (content, since_ms) = self.store.find_content(id).await?.unzip();
        let expires = since_ms.zip(self.contents_last_ms()).map(|(since, last)| since.saturating_add(last));
        Ok(pb::GetGenerationContentResponse {
            content,
            expire_time: expires.map(Timestamp::from_millis),
            capturing: self.config.privacy.capture,
        })
    }

    /// The time before which captured contents have expired; `None` where they are kept for ever.
    pub(super) fn contents_expire_before(&self, now_ms: i64) -> Option<i64> {
        self.contents_last_ms().map(|last| now_ms.saturating_sub(last))
    }

    /// How long captured contents are kept; `None` for ever.
    fn contents_last_ms(&self) -> Option<i64> {
        let days = self.config.privacy.retention_days;
        (days > 0).then(|| i64::from(days) * DAY_MS)
    }
}

impl Capture {
    /// Passes an answer's events on and keeps what they come to before the last of them.
    pub(super) fn record(mut self: Box<Self>, mut events: Events) -> Events {
        self.answer = Some(Fold::default());
        let (id, overhead) = (events.generation_id.clone(), events.overhead);
        let recorded = async_stream::stream! {
            while let Some(event) = events.next().await {
                if let (Ok(event), Some(answer)) = (&event, &mut self.answer) {
                    answer.add(event.clone());
                }
                if matches!(&event, Err(_) | Ok(pb::ChatEvent { event: Some(Event::Done(_)), .. })) {
                    self.keep().await;
                }
                yield event;
            }
        };
        Events::new(id, overhead, recorded)
    }

    /// Keeps what there is. Whoever is dropped meanwhile leaves that to a task.
    pub(super) async fn keep(&mut self) {
        let Some(content) = self.whole() else { return };
        keep(&self.gateway, content).await;
        self.content = None;
    }

    fn whole(&self) -> Option<NewContent> {
        let mut content = self.content.clone()?;
        content.content.answer = self.answer.clone().and_then(|answer| answer.finish().message);
        Some(content)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // Without a runtime the process is ending.
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        if let Some(content) = self.whole() {
            let gateway = self.gateway.clone();
            self.gateway.tasks.spawn(async move { keep(&gateway, content).await });
        }
    }
}

/// A chat goes well also where its content cannot be kept.
async fn keep(gateway: &Gateway, content: NewContent) {
    if let Err(error) = gateway.store.keep_content(content).await {
        tracing::warn!(context = error.context, "a generation's content could not be kept");
    }
}
