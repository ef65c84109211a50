//! The stream between provider and caller: numbers events, measures, and settles before the last one goes out.

use std::time::{Duration, Instant};

use futures::StreamExt as _;

use super::{
    booking::{Bill, Booking, End},
    live::Reins,
};
use crate::{
    dialect::{Begun, Ended, Piece},
    error::{Error, Reason},
    events::Events,
    pb::{self, ChatEvent, DoneEvent, GenerationState, MetaEvent, chat_event::Event},
    provider::Pieces,
};

/// How long the last event waits for its commit. After that the caller is told; the settlement is written all the
/// same.
const COMMIT_PATIENCE: Duration = Duration::from_secs(10);

/// Watches an answer to its end. `meta` is what is known of it so far; `limit` ends when the stream must. Dropped
/// early, the generation is settled as cancelled: its booking does that. Cancelled by its `reins`, it ends well, and so
/// does one that was left and read on.
pub(super) fn watch(
    mut booking: Booking,
    mut pieces: Pieces,
    meta: MetaEvent,
    limit: impl Future<Output = Error> + Send + 'static,
    reins: Reins,
) -> Events {
    let (id, overhead) = (booking.generation_id(), booking.overhead());
    let events = async_stream::stream! {
        let mut count = 0;
        let mut number = |event| {
            count += 1;
            ChatEvent { sequence: count, event: Some(event) }
        };
        let mut meta = Some(meta);
        let mut limit = std::pin::pin!(limit);
        loop {
            let piece = tokio::select! {
                // The limit first: a provider that always has something to say must not talk past it.
                biased;
                error = &mut limit => Err(error),
                piece = pieces.next() => piece.unwrap_or_else(|| Err(truncated())),
            };
            if let (Ok(piece), Some(meta)) = (&piece, meta.take()) {
                let begun = if let Piece::Begun(begun) = piece { begun.clone() } else { Begun::default() };
                yield Ok(number(Event::Meta(introduce(meta, &begun))));
                booking.begun(begun);
            }
            let piece = match piece {
                Ok(Piece::Event(event)) if booking.is_due(size(&event)) => {
                    let covered = tokio::select! {
                        biased;
                        error = &mut limit => Err(error),
                        covered = booking.cover(size(&event)) => covered,
                    };
                    match covered {
                        Ok(true) => Ok(Piece::Event(event)),
                        Ok(false) => {
                            let billed = booking.is_billed_whole();
                            let ended = if billed { read_on(&mut pieces, &mut limit).await } else { None };
                            yield settle(&mut booking, ended, Cut::Spent, overhead).await.map(|done| number(Event::Done(done)));
                            return;
                        }
                        Err(error) => Err(error),
                    }
                }
                piece => piece,
            };
            match piece {
                Ok(Piece::Begun(_)) => {}
                Ok(Piece::Event(event)) => {
                    booking.passed(size(&event));
                    yield Ok(number(event));
                }
                Ok(Piece::Ended(ended)) => {
                    yield settle(&mut booking, Some(*ended), Cut::by(&reins), overhead).await.map(|done| number(Event::Done(done)));
                    return;
                }
                // Told so on purpose. What else ends as cancelled, such as with its session, is an error that says why.
                Err(error) if error.reason == Reason::Cancelled && meta.is_none() && reins.is_left() => {
                    yield settle(&mut booking, None, Cut::Cancelled, overhead).await.map(|done| number(Event::Done(done)));
                    return;
                }
                Err(error) => {
                    yield Err(booking.fail(error).await);
                    return;
                }
            }
        }
    };
    Events::new(id, overhead, events)
}

/// What ended an answer that the provider did not end by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Not,
    Cancelled,
    /// There was no money left for it.
    Spent,
}

impl Cut {
    fn by(reins: &Reins) -> Self {
        if reins.is_left() { Self::Cancelled } else { Self::Not }
    }
}

/// Reads an answer for its end alone, as far as there is time.
async fn read_on(pieces: &mut Pieces, limit: impl Future<Output = Error>) -> Option<Ended> {
    let end = async {
        while let Some(Ok(piece)) = pieces.next().await {
            if let Piece::Ended(ended) = piece {
                return Some(*ended);
            }
        }
        None
    };
    tokio::select! {
        biased;
        _ = limit => None,
        ended = end => ended,
    }
}

/// Books the end, and returns what the caller is told of it once that is committed.
/// `ended` is what the provider said at the end; none where it was not let come to that.
async fn settle(booking: &mut Booking, ended: Option<Ended>, cut: Cut, overhead: Duration) -> Result<DoneEvent, Error> {
    let said = ended.as_ref().map(|ended| ended.finish_reason).unwrap_or_default();
    let (state, finish_reason) = match said {
        _ if cut == Cut::Cancelled => (GenerationState::Cancelled, pb::FinishReason::Cancelled),
        _ if cut == Cut::Spent => (GenerationState::Completed, pb::FinishReason::BudgetExceeded),
        pb::FinishReason::Error => (GenerationState::Failed, said),
        _ => (GenerationState::Completed, said),
    };
    let end = End { state, finish_reason, error: None, ended: ended.as_ref() };
    let since = Instant::now();
    let (mut bill, commit) = booking.settle(&end, overhead);
    committed(commit, booking, &bill).await?;
    bill.timings.overhead_ms += since.elapsed().as_secs_f64() * 1e3;
    bill.timings.total_ms += since.elapsed().as_secs_f64() * 1e3;
    let ended = ended.unwrap_or_default();
    Ok(DoneEvent {
        finish_reason: finish_reason.into(),
        native_finish_reason: ended.native_finish_reason,
        usage: Some(bill.usage),
        cost_usd: bill.cost_usd(),
        cost_source: bill.cost_source.into(),
        timings: Some(bill.timings),
        upstream_id: booking.upstream_id().to_owned(),
        provider_fields: ended.provider_fields,
    })
}

/// Waits for a settlement's commit. What the caller then is told says what was used, also when the books are late.
pub(super) async fn committed(
    commit: impl Future<Output = Result<(), Error>>,
    booking: &Booking,
    bill: &Bill,
) -> Result<(), Error> {
    in_time(commit).await.map_err(|mut error| {
        error.usage = Some(bill.usage);
        error.cost_usd = bill.cost_usd();
        error.overhead = Some(booking.overhead());
        error.with_generation(booking.generation_id())
    })
}

/// Waits for a commit as long as a caller can be kept waiting for it.
pub(super) async fn in_time(commit: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let late = || Error::books("a settlement was not committed in time");
    tokio::time::timeout(COMMIT_PATIENCE, commit).await.unwrap_or_else(|_| Err(late()))
}

fn introduce(mut meta: MetaEvent, begun: &Begun) -> MetaEvent {
    meta.upstream_provider.clone_from(&begun.upstream_provider);
    meta.upstream_model.clone_from(&begun.upstream_model);
    meta
}

fn truncated() -> Error {
    Error::new(Reason::ProviderStreamTruncated, "the provider's answer ended before its end; try again")
}

/// Bytes of text in an event, for estimates.
fn size(event: &Event) -> usize {
    match event {
        Event::Token(token) => token.text.len(),
        Event::Reasoning(reasoning) => reasoning.delta.as_ref().map_or(0, |delta| delta.text.len()),
        Event::ToolCalls(call) => call.name.len() + call.arguments.len(),
        _ => 0,
    }
}
