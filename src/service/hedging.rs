//! Second attempts beside slow first ones: whether a request may have one, and what becomes of the one that lost.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
};

use futures::{FutureExt as _, StreamExt as _};

use super::{
    Caller, ChatCall, Gateway,
    admission::Route,
    booking::Booking,
    charge::{Charge, Sizes},
};
use crate::{
    config,
    dialect::{Begun, Ended, Piece},
    error::{Error, Reason},
    pb::{
        self,
        hedge::After,
        tool::Kind,
        well_known::{Kind as JsonKind, Struct, Value},
    },
    provider::{Answer, Pieces},
    routing::{Hedging, Lost, Policy, catalog::Entry},
};

/// Refuses a wish for a second attempt that cannot be meant.
pub(super) fn check(routing: Option<&pb::RoutingOptions>) -> Result<(), Error> {
    let Some(hedge) = routing.and_then(|routing| routing.hedge.as_ref()) else { return Ok(()) };
    match hedge.after {
        Some(After::DelayMs(_)) => Ok(()),
        Some(After::Quantile(share)) if share > 0.0 && share < 1.0 => Ok(()),
        Some(After::Quantile(_)) => {
            Err(Error::invalid("routing.hedge.quantile", "`routing.hedge.quantile` must be between 0 and 1"))
        }
        None => Err(Error::invalid("routing.hedge", "`routing.hedge` needs `delay_ms` or `quantile`")),
    }
}

/// Why a request has no second attempt although one was wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unhedged {
    /// The field by which the provider does more than answer.
    executes: Option<&'static str>,
}

/// How targets are tried for a request: as configured, as its virtual model says, as it says itself. `executes` names
/// the field by which the provider does more than answer: that must not be done twice.
pub(super) fn policy<'a>(
    gateway: &'a Gateway,
    route: &Route,
    options: Option<&pb::RoutingOptions>,
    executes: impl FnOnce() -> Option<&'static str>,
    caller: &Caller,
) -> (Policy<'a>, Unhedged) {
    let settings = &gateway.config.routing;
    let mut policy = Policy::new(settings, caller.deadline);
    if let Some(patience) = route.pool.as_ref().and_then(|pool| pool.attempt_timeout_ms) {
        policy.attempt_timeout = Some(std::time::Duration::from_millis(patience));
    }
    let asked = options.and_then(|options| options.hedge.as_ref()).and_then(|hedge| hedge.after).map(stated);
    let after = asked.or_else(|| route.pool.as_ref().and_then(|pool| pool.hedge)).or(settings.hedge);
    let Some(after) = after else { return (policy, Unhedged::default()) };
    let executes = executes();
    if executes.is_none() {
        policy.hedge = Some(Hedging { after, budget: gateway.health.hedges() });
    }
    (policy, Unhedged { executes })
}

fn stated(after: After) -> config::Hedge {
    match after {
        After::DelayMs(delay) => config::Hedge::DelayMs(delay),
        After::Quantile(share) => config::Hedge::Quantile(share),
    }
}

/// The field by which a chat lets the provider do more than answer.
pub(super) fn executes(call: &ChatCall, route: &Route) -> Option<&'static str> {
    let request = &call.request;
    let plugins = |body: &[u8]| memchr::memmem::find(body, b"\"plugins\"").is_some();
    if request.web_search.is_some() {
        return Some("web_search");
    }
    if request.tools.iter().any(|tool| matches!(tool.kind, Some(Kind::Provider(_)))) {
        return Some("tools");
    }
    // https://openrouter.ai/docs/features/web-search: `:online` is a search by another name.
    if route.targets.iter().any(|target| target.model.contains(":online")) {
        return Some("model");
    }
    let further = request.provider_options.as_ref().is_some_and(names_plugins);
    (further || call.source.as_ref().is_some_and(|source| plugins(&source.body))).then_some("provider_options")
}

/// Plugins are named in the provider's options, by themselves or under the provider's name.
fn names_plugins(options: &Struct) -> bool {
    let within =
        |value: &Value| matches!(&value.kind, Some(JsonKind::Struct(inner)) if inner.find("plugins").is_some());
    options.find("plugins").is_some() || options.fields.iter().filter_map(|field| field.value.as_ref()).any(within)
}

impl Unhedged {
    /// The warnings of an answer; `spent` tells that a second attempt was due and the budget did not hold it.
    pub(super) fn warnings(self, spent: bool, mut warnings: Vec<pb::Warning>) -> Vec<pb::Warning> {
        let mut skipped = |message: String| {
            warnings.push(pb::Warning { code: "hedge_skipped".to_owned(), field: "routing.hedge".to_owned(), message });
        };
        if let Some(field) = self.executes {
            skipped(format!("no second attempt is made, because the provider acts on `{field}` beyond answering"));
        }
        if spent {
            skipped("the first attempt was slow, and the budget for second ones is used up for now".to_owned());
        }
        warnings
    }
}

/// What a provider said in the end to an attempt that was overtaken.
type Told = Result<(Begun, Ended), Error>;

/// An attempt that was overtaken, or would be.
#[derive(Debug)]
pub(super) enum Loser {
    /// It was never sent.
    Unsent,
    /// It was cancelled before it said a word.
    Cancelled,
    /// It is read on beside the answer, as far as there is time.
    Drained(Arc<OnceLock<Told>>),
}

impl Loser {
    /// What it said of itself, where it has ended well.
    pub(super) fn told(&self) -> Option<&(Begun, Ended)> {
        match self {
            Self::Drained(told) => told.get()?.as_ref().ok(),
            Self::Unsent | Self::Cancelled => None,
        }
    }

    /// What it comes to. `sizes` are those of the answer that won: what is billed whole and was not read to its end is
    /// taken to be as long.
    pub(super) fn charge(&self, sizes: Sizes, served: Option<&Entry>) -> Charge {
        let silent = Sizes { output_bytes: 0, ..sizes };
        let estimated = Ended::default();
        match self {
            Self::Unsent => Charge { cost_nano_usd: Some(0), ..Charge::default() },
            Self::Cancelled => Charge::of(silent, served, None, Some(&estimated)),
            Self::Drained(told) => match told.get() {
                Some(Ok((_, ended))) => Charge::of(sizes, served, None, Some(ended)),
                Some(Err(error)) => Charge::of(silent, served, Some(error), None),
                None => Charge::of(sizes, served, None, Some(&estimated)),
            },
        }
    }
}

/// Parts with the attempt that was overtaken: cancels it, or reads it on beside the answer where its provider bills it
/// whole anyway. Whoever polls the answer polls both, so it needs no task and ends with the answer.
pub(super) fn part_with<F>(pieces: Pieces, lost: Option<Lost<F>>, booking: &mut Booking) -> Pieces
where
    F: Future<Output = Result<Answer, Error>> + Send + 'static,
{
    let Some(Lost { rest, drains, .. }) = lost else { return pieces };
    let Some(rest) = rest else {
        booking.overtook(Loser::Unsent);
        return pieces;
    };
    if !drains {
        return pieces;
    }
    let told = Arc::new(OnceLock::new());
    booking.overtook(Loser::Drained(told.clone()));
    beside(pieces, rest, told)
}

fn beside<F>(mut pieces: Pieces, rest: Pin<Box<F>>, told: Arc<OnceLock<Told>>) -> Pieces
where
    F: Future<Output = Result<Answer, Error>> + Send + 'static,
{
    let reading = async move {
        // Set once, here.
        let _ = told.set(read(rest).await);
    };
    let mut reading = Box::pin(reading.fuse());
    let both = move |context: &mut std::task::Context<'_>| {
        let _ = reading.poll_unpin(context);
        pieces.poll_next_unpin(context)
    };
    futures::stream::poll_fn(both).boxed()
}

/// Reads an answer for its end alone.
async fn read(rest: impl Future<Output = Result<Answer, Error>>) -> Told {
    let mut pieces = rest.await?.pieces;
    let mut begun = Begun::default();
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Begun(said) => begun = said,
            Piece::Event(_) => {}
            Piece::Ended(ended) => return Ok((begun, *ended)),
        }
    }
    Err(Error::new(Reason::ProviderStreamTruncated, "the answer ended before its end"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Reason, pb::CostSource};

    const SIZES: Sizes = Sizes { input_bytes: 400, output_bytes: 40 };

    fn entry() -> Entry {
        let price = pb::Price {
            input: Some("0.000001".to_owned()),
            output: Some("0.00001".to_owned()),
            ..pb::Price::default()
        };
        let model = pb::Model { id: "a/b".to_owned(), price: Some(price), ..pb::Model::default() };
        Entry::listed("openrouter", model)
    }

    #[test]
    fn what_lost_costs_what_is_known_of_it_or_what_it_must_have_used() {
        let check = |loser: &Loser, cost| {
            let charge = loser.charge(SIZES, Some(&entry()));
            assert_eq!(charge.cost_nano_usd, Some(cost), "{loser:?}: {charge:?}");
        };
        let drained = |told| Loser::Drained(Arc::new(OnceLock::from(told)));
        check(&Loser::Unsent, 0);
        check(&Loser::Cancelled, 100_000);
        check(&Loser::Drained(Arc::default()), 200_000);
        let ended = Ended { cost: Some("0.5".to_owned()), ..Ended::default() };
        check(&drained(Ok((Begun::default(), ended))), 500_000_000);
        let refused = Error::new(Reason::ProviderOverloaded, "no").with_provider("p", Some(503));
        check(&drained(Err(refused)), 0);
        assert_eq!(Loser::Cancelled.charge(SIZES, None).cost_source, CostSource::None);
    }

    #[tokio::test]
    async fn a_loser_that_is_billed_whole_is_read_beside_the_answer() {
        let answer = |ended: Ended| {
            let begun = Begun { upstream_id: "late".to_owned(), ..Begun::default() };
            let pieces = [Ok(Piece::Begun(begun)), Ok(Piece::Ended(Box::new(ended)))];
            Answer { status: 200, warnings: Vec::new(), pieces: futures::stream::iter(pieces).boxed() }
        };
        let loser = answer(Ended { cost: Some("0.25".to_owned()), ..Ended::default() });
        let rest = Box::pin(async {
            tokio::task::yield_now().await;
            Ok(loser)
        });
        let told = Arc::new(OnceLock::new());
        let slow = answer(Ended::default()).pieces.then(async |piece| {
            tokio::task::yield_now().await;
            piece
        });
        let passed = beside(slow.boxed(), rest, told.clone()).count().await;
        assert_eq!(passed, 2, "the answer that won is whole");
        let told = Loser::Drained(told);
        assert_eq!(told.told().map(|(begun, _)| begun.upstream_id.as_str()), Some("late"));
    }
}
