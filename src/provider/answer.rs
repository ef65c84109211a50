//! Answers as they come: bytes → frames → the dialect's reader → pieces, by whoever polls.
//!
//! ```text
//! chunks ─▶ first byte ┬─ `{` `[`  whole body ─────▶ reader ─▶ pieces
//!                      └─ else     frames ─ each ──▶ reader ─▶ pieces
//! ```

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream::BoxStream};
use tokio::time::{Instant as Moment, Sleep, sleep_until};

use super::{Provider, frames::Frames};
use crate::{
    dialect::{Piece, ReadChat},
    error::{Error, Reason},
};

/// Largest body or event: a few generated images.
const LIMIT: usize = 64 << 20;

/// A body as it comes.
pub(super) type Chunks = BoxStream<'static, Result<Bytes, Broken>>;

/// How a call breaks; the words are for the log alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// There was no connection.
    Unreachable(String),
    /// The connection closed before the answer began.
    Unanswered(String),
    /// What came is not HTTP.
    Garbage(String),
    /// The connection closed within the answer.
    Cut(String),
    /// The body is larger than what is read.
    TooLarge,
    /// Nothing came for that long.
    Silence(Duration),
    /// The caller's deadline passed.
    Deadline,
}

impl Broken {
    /// The error, as the caller is told.
    pub(super) fn into_error(self, provider: &str) -> Error {
        match self {
            Self::Unreachable(words) => {
                let message =
                    format!("{provider} cannot be reached; try again, or check providers.{provider}.base_url");
                Error::new(Reason::ProviderUnreachable, message).with_context(words)
            }
            Self::Unanswered(words) => {
                let message = format!("{provider} closed the connection before it answered; try again");
                Error::new(Reason::ProviderUnreachable, message).with_context(words)
            }
            Self::Garbage(words) => {
                let message = format!("what {provider} answered is not HTTP; try again");
                Error::new(Reason::ProviderMalformedResponse, message).with_context(words)
            }
            Self::Cut(words) => {
                let message = format!("the answer of {provider} broke off before its end; try again");
                Error::new(Reason::ProviderStreamTruncated, message).with_context(words)
            }
            Self::TooLarge => {
                let message = format!("the answer of {provider} is larger than {} MiB; ask for less", LIMIT >> 20);
                Error::new(Reason::ProviderMalformedResponse, message)
            }
            Self::Silence(patience) => {
                let message = format!("{provider} was silent for {} s; try again", patience.as_secs_f64());
                Error::new(Reason::ProviderTimeout, message)
            }
            Self::Deadline => {
                let message = format!("the deadline passed while {provider} was answering; allow more time");
                Error::new(Reason::DeadlineExceeded, message)
            }
        }
    }
}

/// Names the provider on an error of its answer. An error within a 200 may know a better status than 200.
pub(super) fn by(provider: &Provider, status: u16, error: Error) -> Error {
    let status = error.provider_status.unwrap_or(status);
    error.with_provider(&provider.name, Some(status))
}

/// How long there is still to wait. Silence counts from when somebody waits for the next chunk, so that a slow client
/// is never taken for a slow provider; one lazy timer serves silence and deadline.
pub(super) struct Wait {
    patience: Duration,
    deadline: Option<Moment>,
    since: Option<Moment>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Wait {
    pub(super) fn new(patience: Duration, deadline: Option<Instant>) -> Self {
        Self { patience, deadline: deadline.map(Moment::from_std), since: None, timer: None }
    }

    /// Waits for `work` at most until patience or deadline is over.
    pub(super) async fn at_most<T>(self, work: impl Future<Output = Result<T, Broken>>) -> Result<T, Broken> {
        let patient = Moment::now() + self.patience;
        let (end, late) = match self.deadline {
            Some(deadline) if deadline < patient => (deadline, Broken::Deadline),
            _ => (patient, Broken::Silence(self.patience)),
        };
        tokio::time::timeout_at(end, work).await.unwrap_or(Err(late))
    }

    /// The next chunk, or why there is none.
    fn poll_chunk(&mut self, chunks: &mut Chunks, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if let Poll::Ready(chunk) = chunks.poll_next_unpin(context) {
            self.since = None;
            return Poll::Ready(chunk);
        }
        let silent = *self.since.get_or_insert_with(Moment::now) + self.patience;
        let end = self.deadline.map_or(silent, |deadline| deadline.min(silent));
        loop {
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
            ready!(timer.as_mut().poll(context));
            let now = Moment::now();
            if self.deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready(Some(Err(Broken::Deadline)));
            }
            if silent <= now {
                return Poll::Ready(Some(Err(Broken::Silence(self.patience))));
            }
            // Armed for an earlier silence, which a chunk ended.
            timer.as_mut().reset(end);
        }
    }
}

/// Reads a body whole.
pub(super) async fn collect(mut chunks: Chunks, limit: usize, wait: &mut Wait) -> Result<Bytes, Broken> {
    let mut body = Whole::default();
    while let Some(chunk) = std::future::poll_fn(|context| wait.poll_chunk(&mut chunks, context)).await {
        body.push(chunk?, limit)?;
    }
    Ok(body.join())
}

/// A body in the making. One that came in one chunk is never copied.
#[derive(Default)]
struct Whole {
    chunks: Vec<Bytes>,
    size: usize,
}

impl Whole {
    fn push(&mut self, chunk: Bytes, limit: usize) -> Result<(), Broken> {
        self.size += chunk.len();
        if self.size > limit {
            return Err(Broken::TooLarge);
        }
        self.chunks.push(chunk);
        Ok(())
    }

    fn join(mut self) -> Bytes {
        match self.chunks.as_mut_slice() {
            [only] => std::mem::take(only),
            many => many.concat().into(),
        }
    }
}

/// The pieces of one answer.
pub(super) struct Answering {
    provider: Arc<Provider>,
    status: u16,
    wait: Wait,
    reader: Box<dyn ReadChat>,
    form: Form,
    /// None once the body is over.
    chunks: Option<Chunks>,
    /// What was read and not yet taken.
    pieces: VecDeque<Piece>,
    read: Vec<Piece>,
    /// What ends the stream after these pieces.
    fault: Option<Error>,
}

/// The form of a body, which its first byte tells: content types are not to be trusted, and who asked for a stream
/// may get a JSON error.
enum Form {
    /// Only blanks came so far; the answer asked for was a stream, or not.
    Unknown { streamed: bool },
    /// Server-sent events.
    Events(Frames),
    /// JSON.
    Whole(Whole),
}

impl Answering {
    pub(super) fn new(provider: Arc<Provider>, status: u16, chunks: Chunks, streamed: bool, wait: Wait) -> Self {
        Self {
            status,
            wait,
            reader: provider.dialect.chat_reader(streamed),
            provider,
            form: Form::Unknown { streamed },
            chunks: Some(chunks),
            pieces: VecDeque::new(),
            read: Vec::new(),
            fault: None,
        }
    }

    /// Waits for the first piece that is content, or for the reason why none will come.
    pub(super) async fn content_begun(&mut self) -> Result<(), Error> {
        std::future::poll_fn(|context| {
            loop {
                if self.pieces.iter().any(|piece| !matches!(piece, Piece::Begun(_))) {
                    return Poll::Ready(Ok(()));
                }
                if let Some(fault) = self.fault.take() {
                    return Poll::Ready(Err(fault));
                }
                if self.chunks.is_none() {
                    let broken = Broken::Cut("the answer is empty".to_owned());
                    return Poll::Ready(Err(by(&self.provider, self.status, broken.into_error(&self.provider.name))));
                }
                ready!(self.poll_read(context));
            }
        })
        .await
    }

    /// Reads the next chunk.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(chunks) = &mut self.chunks else { return Poll::Ready(()) };
        match ready!(self.wait.poll_chunk(chunks, context)) {
            Some(Ok(chunk)) => {
                if let Err(error) = self.take(chunk) {
                    self.fail(error);
                }
            }
            Some(Err(broken)) => self.broke(broken),
            None => self.over(),
        }
        self.pieces.extend(self.read.drain(..));
        Poll::Ready(())
    }

    fn take(&mut self, chunk: Bytes) -> Result<(), Error> {
        if let Form::Unknown { streamed } = self.form {
            let Some(first) = chunk.iter().find(|byte| !byte.is_ascii_whitespace()) else { return Ok(()) };
            let whole = matches!(first, b'{' | b'[');
            if whole == streamed {
                self.reader = self.provider.dialect.chat_reader(!whole);
            }
            self.form = if whole { Form::Whole(Whole::default()) } else { Form::Events(Frames::new(LIMIT)) };
        }
        match &mut self.form {
            Form::Events(frames) => frames.feed(&chunk, |payload| self.reader.read(payload, &mut self.read)),
            Form::Whole(body) => body.push(chunk, LIMIT).map_err(|broken| broken.into_error(&self.provider.name)),
            Form::Unknown { .. } => Ok(()),
        }
    }

    /// The body has ended as bodies should.
    fn over(&mut self) {
        self.chunks = None;
        let last = match &mut self.form {
            Form::Events(frames) => frames.finish(|payload| self.reader.read(payload, &mut self.read)),
            Form::Whole(body) => self.reader.read(&std::mem::take(body).join(), &mut self.read),
            Form::Unknown { .. } => Ok(()),
        };
        let streamed = matches!(self.form, Form::Events(_));
        match last {
            Err(error) if streamed && error.reason == Reason::ProviderMalformedResponse => {
                self.broke(Broken::Cut("within an event".to_owned()));
            }
            Err(error) => self.fail(error),
            Ok(()) => {
                if let Err(error) = self.reader.finish(&mut self.read) {
                    self.fault = Some(by(&self.provider, self.status, error));
                }
            }
        }
    }

    /// The body broke off. That is no matter where all of the answer had come.
    fn broke(&mut self, broken: Broken) {
        self.chunks = None;
        let mut error = broken.into_error(&self.provider.name);
        if let Form::Events(_) = self.form {
            match self.reader.finish(&mut self.read) {
                Ok(()) => return,
                Err(unfinished) => {
                    error.usage = unfinished.usage;
                    error.cost_usd = unfinished.cost_usd;
                }
            }
        }
        self.fault = Some(by(&self.provider, self.status, error));
    }

    /// The answer says that it failed, or cannot be read. What was used until then is the reader's to know.
    fn fail(&mut self, mut error: Error) {
        self.chunks = None;
        if error.usage.is_none() && matches!(self.form, Form::Events(_)) {
            let mut rest = Vec::new();
            let unfinished = self.reader.finish(&mut rest).err();
            let ended = rest.into_iter().find_map(|piece| match piece {
                Piece::Ended(ended) => Some(ended),
                _ => None,
            });
            error.usage =
                unfinished.and_then(|unfinished| unfinished.usage).or_else(|| ended.and_then(|ended| ended.usage));
        }
        self.fault = Some(by(&self.provider, self.status, error));
    }
}

impl Stream for Answering {
    type Item = Result<Piece, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                return Poll::Ready(Some(Ok(piece)));
            }
            if let Some(fault) = self.fault.take() {
                return Poll::Ready(Some(Err(fault)));
            }
            if self.chunks.is_none() {
                return Poll::Ready(None);
            }
            ready!(self.poll_read(context));
        }
    }
}
