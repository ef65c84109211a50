//! Chat over gRPC: an error in a stream is its last event and then the status in the trailers.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures::{Stream, StreamExt as _, stream::BoxStream};
use tokio::time::Sleep;
use tonic::{Request, Response, Status};
use tracing::Span;

use super::{Door, Facts, auth, errors, open, refuse, unary, with_facts};
use crate::{
    api::sse::facts_of,
    error::Error,
    events::Events,
    pb::{
        CancelChatRequest, CancelChatResponse, ChatEvent, ChatRequest, ChatResponse, EstimateChatRequest,
        EstimateChatResponse, ResumeChatRequest, chat_event::Event, chat_service_server::ChatService,
    },
    service::ChatCall,
};

#[tonic::async_trait]
impl ChatService for Door {
    async fn chat(&self, request: Request<ChatRequest>) -> Result<Response<ChatResponse>, Status> {
        let call = |request| ChatCall { request: Box::new(request), source: None, stream: false };
        let answer = unary(request, |caller, request| self.0.chat(caller, call(request))).await?.into_inner();
        let facts = Facts::of_chat(&answer);
        Ok(with_facts(answer, &facts))
    }

    type StreamChatStream = BoxStream<'static, Result<ChatEvent, Status>>;

    async fn stream_chat(&self, request: Request<ChatRequest>) -> Result<Response<Self::StreamChatStream>, Status> {
        let (caller, request) = open(request)?;
        let (deadline, request_id) = (caller.deadline, caller.request_id.clone());
        let call = ChatCall { request: Box::new(request), source: None, stream: true };
        let begun = async {
            let mut events = self.0.stream_chat(caller, call).await?;
            let first = events.next().await.transpose()?;
            Ok((events, first))
        };
        let (events, first) = auth::within(deadline, begun).await.map_err(|error| refuse(&error, &request_id))?;
        let facts = facts_of(&events, first.as_ref());
        Ok(with_facts(Told::new(events, first, 0, deadline, request_id).boxed(), &facts))
    }

    async fn estimate_chat(
        &self,
        request: Request<EstimateChatRequest>,
    ) -> Result<Response<EstimateChatResponse>, Status> {
        unary(request, async |caller, request| self.0.estimate_chat(&caller, request).await).await
    }

    type ResumeChatStream = BoxStream<'static, Result<ChatEvent, Status>>;

    async fn resume_chat(
        &self,
        request: Request<ResumeChatRequest>,
    ) -> Result<Response<Self::ResumeChatStream>, Status> {
        let (caller, request) = open(request)?;
        let (deadline, request_id, after) = (caller.deadline, caller.request_id.clone(), request.after_sequence);
        let resumed = auth::within(deadline, self.0.resume_chat(&caller, request)).await;
        let events = resumed.map_err(|error| refuse(&error, &request_id))?;
        let facts = facts_of(&events, None);
        Ok(with_facts(Told::new(events, None, after, deadline, request_id).boxed(), &facts))
    }

    async fn cancel_chat(&self, request: Request<CancelChatRequest>) -> Result<Response<CancelChatResponse>, Status> {
        unary(request, async |caller, request| self.0.cancel_chat(&caller, request).await).await
    }
}

/// Events as gRPC tells them.
struct Told {
    events: Option<Events>,
    /// What goes out before the next event is asked for.
    first: Option<ChatEvent>,
    /// The status that follows the error event.
    end: Option<Status>,
    deadline: Option<Pin<Box<Sleep>>>,
    /// That of the last event that the client knows.
    sequence: u32,
    request_id: Arc<str>,
    span: Span,
}

impl Told {
    fn new(
        events: Events,
        first: Option<ChatEvent>,
        sequence: u32,
        deadline: Option<std::time::Instant>,
        request_id: Arc<str>,
    ) -> Self {
        let deadline = auth::cut(deadline).map(|end| Box::pin(tokio::time::sleep_until(end)));
        Self { events: Some(events), first, end: None, deadline, sequence, request_id, span: Span::current() }
    }

    fn fail(&mut self, error: &Error) -> ChatEvent {
        self.events = None;
        self.end = Some(self.span.in_scope(|| refuse(error, &self.request_id)));
        ChatEvent { sequence: self.sequence + 1, event: Some(Event::Error(errors::detail(error))) }
    }
}

impl Stream for Told {
    type Item = Result<ChatEvent, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(first) = this.first.take() {
            this.sequence = first.sequence;
            return Poll::Ready(Some(Ok(first)));
        }
        let Some(events) = &mut this.events else { return Poll::Ready(this.end.take().map(Err)) };
        match Pin::new(events).poll_next(context) {
            Poll::Ready(Some(Ok(event))) => {
                this.sequence = event.sequence;
                Poll::Ready(Some(Ok(event)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Ok(this.fail(&error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let late = this.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(context).is_ready());
                if late { Poll::Ready(Some(Ok(this.fail(&auth::too_late())))) } else { Poll::Pending }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use futures::stream;

    use super::*;
    use crate::error::Reason;

    fn event(sequence: u32) -> ChatEvent {
        ChatEvent { sequence, event: Some(Event::Token(crate::pb::TokenEvent::default())) }
    }

    fn told(events: impl Stream<Item = Result<ChatEvent, Error>> + Send + 'static, end: Option<Instant>) -> Told {
        let events = Events::new("gen_1".to_owned(), Duration::ZERO, events);
        Told::new(events, Some(event(1)), 0, end, "r1".into())
    }

    #[tokio::test]
    async fn a_late_error_is_an_event_and_then_the_status() {
        let failed = Error::new(Reason::ProviderOverloaded, "the provider is overloaded; wait");
        let told: Vec<_> = told(stream::iter([Ok(event(2)), Err(failed)]), None).collect().await;
        let [Ok(_), Ok(_), Ok(last), Err(status)] = &told[..] else { panic!("{told:?}") };
        let Some(Event::Error(detail)) = &last.event else { panic!("{last:?}") };
        assert_eq!((last.sequence, detail.code.as_str()), (3, "unavailable"));
        assert_eq!(status.code(), tonic::Code::Unavailable);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_cut_at_the_deadline() {
        let end = tokio::time::Instant::now().into_std() + Duration::from_secs(2);
        let told: Vec<_> = told(stream::pending(), Some(end)).collect().await;
        let Some(Err(status)) = told.last() else { panic!("{told:?}") };
        assert_eq!(status.code(), tonic::Code::DeadlineExceeded);
    }
}
