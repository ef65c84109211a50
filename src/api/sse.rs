//! Server-sent events: a chat's events as bytes, with keep-alives in silence, for any door that streams over HTTP.
//!
//! ```text
//! stream_chat ──first event within a keep-alive──▶ 200, headers with the generation, events
//!      │  └─────early error─────▶ a plain HTTP error
//!      └────silent for longer───▶ 200 now, comments meanwhile; a later error is an event
//! ```

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{body::Body, response::Response};
use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{Stream as _, StreamExt as _, future::BoxFuture};
use http::{HeaderValue, header};
use http_body::Frame;
use tokio::time::{Instant, Sleep};
use tracing::Span;

use super::{auth, errors, facts::Facts, woken::Woken};
use crate::{
    error::Error,
    events::Events,
    pb::{self, chat_event::Event},
    service::{Caller, Gateway},
};

/// Events that are there already are put into one write, up to about this many bytes.
const WRITE: usize = 16 << 10;
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// How a door writes events.
pub(super) trait Encode: Send + Unpin + 'static {
    /// Appends an event.
    fn event(&mut self, event: &pb::ChatEvent, out: &mut BytesMut);
    /// Appends an error, which is the last event.
    fn fail(&mut self, error: &Error, out: &mut BytesMut);
}

/// When a stream says something although nothing happens.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// Silence after which there is a comment.
    pub(super) keep_alive: Duration,
    /// When the caller gives up.
    pub(super) deadline: Option<std::time::Instant>,
    /// The request's id, for the log.
    pub(super) request_id: Arc<str>,
}

impl Pace {
    /// As configured, for that caller.
    pub(super) fn of(gateway: &Gateway, caller: &Caller) -> Self {
        Self {
            keep_alive: gateway.config.server.keep_alive_seconds,
            deadline: caller.deadline,
            request_id: Arc::clone(&caller.request_id),
        }
    }
}

/// The answer to a streamed chat. Dropping its body drops the events, which is how a client's leaving is noticed.
pub(super) async fn answer(
    start: impl Future<Output = Result<Events, Error>> + Send + 'static,
    pace: Pace,
    encoder: impl Encode,
) -> Result<Response, Error> {
    let mut start: BoxFuture<'static, _> = Box::pin(start);
    let begun = tokio::select! {
        biased;
        begun = auth::within(pace.deadline, &mut start) => Some(begun?),
        () = tokio::time::sleep(pace.keep_alive) => None,
    };
    let mut facts = Facts::default();
    let mut stream = SseBody::new(pace, encoder);
    match begun {
        None => {
            stream.pending.put_slice(KEEP_ALIVE);
            stream.state = State::Starting(start);
        }
        Some(mut events) => {
            // It is there: the stream was handed over with its first event.
            let first = events.next().await.transpose()?;
            facts = facts_of(&events, first.as_ref());
            if let Some(first) = &first {
                stream.write(first);
            }
            stream.state = State::Running(Woken::new(events));
        }
    }
    Ok(respond(stream, &facts))
}

/// The answer to who comes back: whatever is there already, and what follows.
pub(super) async fn resume(
    start: impl Future<Output = Result<Events, Error>>,
    pace: Pace,
    encoder: impl Encode,
) -> Result<Response, Error> {
    let events = auth::within(pace.deadline, start).await?;
    let facts = facts_of(&events, None);
    let mut stream = SseBody::new(pace, encoder);
    stream.state = State::Running(Woken::new(events));
    Ok(respond(stream, &facts))
}

fn respond(stream: SseBody<impl Encode>, facts: &Facts) -> Response {
    let mut response = Response::new(Body::new(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // nginx holds answers back unless it is told not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    if !facts.generation_id.is_empty() {
        facts.write(headers);
    }
    response
}

/// What is known of a stream when its first event is there.
pub(super) fn facts_of(events: &Events, first: Option<&pb::ChatEvent>) -> Facts {
    let warnings = match first.and_then(|first| first.event.as_ref()) {
        Some(Event::Meta(meta)) => meta.warnings.clone(),
        _ => Vec::new(),
    };
    Facts { generation_id: events.generation_id.clone(), overhead_ms: events.overhead.as_secs_f64() * 1e3, warnings }
}

enum State {
    Starting(BoxFuture<'static, Result<Events, Error>>),
    Running(Woken<Events>),
    Ended,
}

struct SseBody<E> {
    state: State,
    encoder: E,
    /// Bytes that are not yet written.
    pending: BytesMut,
    keep_alive: Duration,
    silence: Pin<Box<Sleep>>,
    deadline: Option<Pin<Box<Sleep>>>,
    request_id: Arc<str>,
    /// The request's span, which has ended for everyone else.
    span: Span,
}

impl<E: Encode> SseBody<E> {
    fn new(pace: Pace, encoder: E) -> Self {
        Self {
            state: State::Ended,
            encoder,
            pending: BytesMut::new(),
            keep_alive: pace.keep_alive,
            silence: Box::pin(tokio::time::sleep(pace.keep_alive)),
            deadline: auth::cut(pace.deadline).map(|end| Box::pin(tokio::time::sleep_until(end))),
            request_id: pace.request_id,
            span: Span::current(),
        }
    }

    fn write(&mut self, event: &pb::ChatEvent) {
        self.encoder.event(event, &mut self.pending);
    }

    fn fail(&mut self, error: &Error) {
        self.span.in_scope(|| errors::note(error, &self.request_id));
        self.encoder.fail(error, &mut self.pending);
        self.state = State::Ended;
    }

    /// Takes what the generation has to say next into `pending`.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.state {
            State::Starting(start) => match ready!(self.span.in_scope(|| start.as_mut().poll(context))) {
                Ok(events) => self.state = State::Running(Woken::new(events)),
                Err(error) => self.fail(&error),
            },
            State::Running(events) => match ready!(Pin::new(events).poll_next(context)) {
                Some(Ok(event)) => self.write(&event),
                Some(Err(error)) => self.fail(&error),
                None => self.state = State::Ended,
            },
            State::Ended => return Poll::Pending,
        }
        Poll::Ready(())
    }
}

impl<E: Encode> http_body::Body for SseBody<E> {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        while this.pending.len() < WRITE && this.poll_next(context).is_ready() {}
        if this.pending.is_empty() && !matches!(this.state, State::Ended) {
            if this.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(context).is_ready()) {
                this.fail(&auth::too_late());
            } else {
                ready!(this.silence.as_mut().poll(context));
                this.pending.put_slice(KEEP_ALIVE);
            }
        }
        if this.pending.is_empty() {
            return Poll::Ready(None);
        }
        let next_silence = Instant::now() + this.keep_alive;
        this.silence.as_mut().reset(next_silence);
        Poll::Ready(Some(Ok(Frame::data(this.pending.split().freeze()))))
    }
}

/// The native door's events: the case's name, the sequence number as id, the case as JSON.
#[derive(Default)]
pub(super) struct Native {
    /// That of the last event that the client knows.
    sequence: u32,
}

impl Native {
    /// For a client that knows the events up to that one.
    pub(super) fn after(sequence: u32) -> Self {
        Self { sequence }
    }
}

impl Encode for Native {
    fn event(&mut self, event: &pb::ChatEvent, out: &mut BytesMut) {
        self.sequence = event.sequence;
        let sequence = event.sequence;
        match &event.event {
            Some(Event::Meta(meta)) => frame("meta", sequence, meta, out),
            Some(Event::Token(token)) => frame("token", sequence, token, out),
            Some(Event::Reasoning(reasoning)) => frame("reasoning", sequence, reasoning, out),
            Some(Event::ToolCalls(calls)) => frame("tool_calls", sequence, calls, out),
            Some(Event::Images(images)) => frame("images", sequence, images, out),
            Some(Event::Audio(audio)) => frame("audio", sequence, audio, out),
            Some(Event::Citations(citations)) => frame("citations", sequence, citations, out),
            Some(Event::Done(done)) => frame("done", sequence, done, out),
            Some(Event::Error(error)) => frame("error", sequence, error, out),
            None => {}
        }
    }

    fn fail(&mut self, error: &Error, out: &mut BytesMut) {
        frame("error", self.sequence + 1, &errors::detail(error), out);
    }
}

fn frame(name: &str, sequence: u32, data: &impl serde::Serialize, out: &mut BytesMut) {
    use std::fmt::Write as _;

    write!(out, "event: {name}\nid: {sequence}\ndata: ").expect("memory takes all that is written");
    // JSON has no line breaks of its own, so one data line holds it.
    serde_json::to_writer(out.writer(), data).expect("the contract's messages have JSON");
    out.put_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, stream};
    use http_body_util::BodyExt as _;
    use tokio::sync::mpsc;

    use super::*;
    use crate::error::Reason;

    fn pace(deadline: Option<std::time::Instant>) -> Pace {
        Pace { keep_alive: Duration::from_secs(15), deadline, request_id: "r1".into() }
    }

    fn event(sequence: u32, event: Event) -> Result<pb::ChatEvent, Error> {
        Ok(pb::ChatEvent { sequence, event: Some(event) })
    }

    fn token(sequence: u32, text: &str) -> Result<pb::ChatEvent, Error> {
        event(sequence, Event::Token(pb::TokenEvent { text: text.to_owned(), ..Default::default() }))
    }

    fn events(items: Vec<Result<pb::ChatEvent, Error>>) -> Events {
        Events::new("gen_1".to_owned(), Duration::from_micros(1500), stream::iter(items))
    }

    /// Events that a test sends one by one.
    fn by_hand() -> (mpsc::Sender<Result<pb::ChatEvent, Error>>, Events) {
        let (sender, receiver) = mpsc::channel(4);
        let stream = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
        (sender, Events::new("gen_1".to_owned(), Duration::ZERO, stream))
    }

    async fn next(body: &mut Body) -> String {
        let frame = body.frame().await.expect("a further frame").unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn events_are_framed_by_name_sequence_and_json() {
        let meta = pb::MetaEvent {
            generation_id: "gen_1".to_owned(),
            warnings: vec![pb::Warning { code: "parameter_dropped".to_owned(), ..Default::default() }],
            ..Default::default()
        };
        let done = pb::DoneEvent { finish_reason: pb::FinishReason::Stop.into(), ..Default::default() };
        let all = vec![event(1, Event::Meta(meta)), token(2, "a\nb"), event(3, Event::Done(done))];
        let start = std::future::ready(Ok(events(all)));
        let response = answer(start, pace(None), Native::default()).await.unwrap();
        assert_eq!(response.headers()["x-generation-id"], "gen_1");
        assert_eq!(response.headers()["x-gateway-overhead-ms"], "1.500");
        assert!(response.headers().contains_key("x-gateway-warning"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let expected = concat!(
            "event: meta\nid: 1\ndata: {\"generation_id\":\"gen_1\",\"warnings\":[{\"code\":\"parameter_dropped\"}]}\n\n",
            "event: token\nid: 2\ndata: {\"text\":\"a\\nb\"}\n\n",
            "event: done\nid: 3\ndata: {\"finish_reason\":\"stop\"}\n\n",
        );
        assert_eq!(String::from_utf8_lossy(&body), expected);
    }

    #[tokio::test]
    async fn an_error_before_the_first_event_is_a_plain_error() {
        let start = std::future::ready(Err(Error::new(Reason::ModelNotFound, "no such model")));
        assert_eq!(answer(start, pace(None), Native::default()).await.unwrap_err().reason, Reason::ModelNotFound);
        let start = std::future::ready(Ok(events(vec![Err(Error::new(Reason::ProviderError, "failed"))])));
        assert_eq!(answer(start, pace(None), Native::default()).await.unwrap_err().reason, Reason::ProviderError);
    }

    #[tokio::test]
    async fn an_error_after_the_first_event_is_the_last_event() {
        let failed = Error::new(Reason::ProviderStreamTruncated, "the provider stopped early");
        let start = std::future::ready(Ok(events(vec![token(1, "a"), Err(failed), token(2, "never")])));
        let body = answer(start, pace(None), Native::default()).await.unwrap().into_body();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        assert!(body.contains("event: error\nid: 2\ndata: {\"code\":\"unavailable\""), "{body}");
        assert!(body.contains("provider_stream_truncated") && !body.contains("never"), "{body}");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_filled_with_comments_and_only_silence() {
        let (sender, events) = by_hand();
        sender.send(token(1, "a")).await.unwrap();
        let mut body = answer(std::future::ready(Ok(events)), pace(None), Native::default()).await.unwrap().into_body();
        assert!(next(&mut body).await.contains("id: 1"));

        let began = Instant::now();
        assert_eq!(next(&mut body).await, ": keep-alive\n\n");
        assert_eq!(began.elapsed().as_secs(), 15);
        tokio::time::advance(Duration::from_secs(10)).await;
        sender.send(token(2, "b")).await.unwrap();
        assert!(next(&mut body).await.contains("id: 2"));
        // The event has begun a new silence: 10 s of the old one do not count.
        let event_at = Instant::now();
        assert_eq!(next(&mut body).await, ": keep-alive\n\n");
        assert_eq!(event_at.elapsed().as_secs(), 15);
        drop(sender);
        assert!(body.frame().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_start_is_committed_to_and_its_error_becomes_an_event() {
        let start = async {
            tokio::time::sleep(Duration::from_secs(40)).await;
            Err(Error::new(Reason::ProviderTimeout, "the provider did not answer"))
        };
        let response = answer(start, pace(None), Native::default()).await.unwrap();
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body);
        assert!(body.starts_with(": keep-alive\n\n: keep-alive\n\n"), "{body}");
        assert!(body.contains("event: error\nid: 1\n") && body.contains("provider_timeout"), "{body}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_at_the_deadline() {
        let (sender, events) = by_hand();
        sender.send(token(1, "a")).await.unwrap();
        let deadline = Some(Instant::now().into_std() + Duration::from_secs(4));
        let body = answer(std::future::ready(Ok(events)), pace(deadline), Native::default()).await.unwrap().into_body();
        let body = body.collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains("deadline_exceeded"));
        assert!(sender.is_closed(), "the events are dropped with the stream");
    }

    #[tokio::test]
    async fn a_reader_who_does_not_read_holds_the_writer_back() {
        let (sender, events) = by_hand();
        sender.send(token(1, "a")).await.unwrap();
        let body = answer(std::future::ready(Ok(events)), pace(None), Native::default()).await.unwrap().into_body();
        for sequence in 2..6 {
            sender.send(token(sequence, "b")).await.unwrap();
        }
        assert!(sender.send(token(6, "c")).now_or_never().is_none(), "nobody buffers without bound");
        drop(body);
        assert!(sender.is_closed(), "a reader who leaves is noticed");
    }
}
