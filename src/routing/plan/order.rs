//! Whom to prefer among several models and credentials.
//!
//! Shares are drawn by `-ln(u) / weight`, smallest first: with chance for `u` that is a draw by weight, with a hash of
//! session and target it is rendezvous hashing, where whoever leaves or joins moves only its own sessions.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use super::{Named, Wish};
use crate::{
    config::{Order, Spread},
    pb,
    provider::Provider,
    routing::health::Health,
};

/// Tokens of a typical request, in and out, to compare prices by.
const TYPICAL: (f64, f64) = (2_000.0, 500.0);

/// Within so much of the best, another is as fast; sessions then keep to their own.
const AS_GOOD: f64 = 1.25;

/// Whose request it is: what should meet the same prompt cache again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Affinity<'a> {
    /// The session, or the key of the prompt cache; empty where the request names none.
    pub session: &'a str,
    /// The gateway key's public id.
    pub key: &'a str,
    /// The model, as it was asked for.
    pub model: &'a str,
}

impl Affinity<'_> {
    /// A number above 0 up to 1 that is the same for the same session at the same target.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are enough to choose by")]
    fn meets(&self, target: (&str, &str)) -> f64 {
        // Its keys are fixed, so that replicas and later processes choose alike.
        let mut hasher = DefaultHasher::new();
        match self.session {
            "" => (self.key, self.model).hash(&mut hasher),
            session => session.hash(&mut hasher),
        }
        target.hash(&mut hasher);
        ((hasher.finish() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }
}

/// A model in its place, and why it has it.
pub(super) struct Preferred {
    pub(super) at: usize,
    pub(super) why: &'static str,
}

/// The models in order of preference: those that were asked for as wished, fallback models as named.
pub(super) fn models(
    configured: &[(&Named, &Arc<Provider>)],
    wish: &Wish<'_>,
    health: &Health,
) -> impl Iterator<Item = Preferred> {
    let asked = configured.iter().filter(|(model, _)| !model.fallback).count();
    let mut ranks: Vec<(f64, usize)> = configured.iter().enumerate().map(|(at, _)| (0.0, at)).collect();
    if asked > 1 {
        let members = ranks.iter_mut().zip(configured).filter(|(_, (model, _))| !model.fallback);
        for ((rank, _), (model, provider)) in members {
            *rank = self::rank(model, provider, wish, health);
        }
        even_out(&mut ranks[..asked], configured, wish);
        ranks[..asked].sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    let order = wish.order;
    ranks.into_iter().enumerate().map(move |(place, (rank, at))| {
        let why = if asked > 1 && place < asked { why(order, place == 0, rank) } else { "" };
        Preferred { at, why }
    })
}

/// The credentials of a provider in order of preference.
pub(super) fn credentials(provider: &Provider, wish: &Wish<'_>) -> impl Iterator<Item = usize> {
    // Nearly always there is one.
    let mut ranks: Vec<(f64, usize)> = Vec::new();
    if provider.credentials.len() > 1 {
        let sticky = provider.spread == Spread::Sticky || !wish.affinity.session.is_empty();
        ranks.extend(provider.credentials.iter().enumerate().map(|(at, credential)| {
            let chance = if sticky { wish.affinity.meets((&provider.name, &credential.name)) } else { (wish.random)() };
            (drawn(chance, credential.weight), at)
        }));
        ranks.sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    let only = ranks.is_empty().then_some(0);
    ranks.into_iter().map(|(_, at)| at).chain(only)
}

/// The smaller the better.
fn rank(model: &Named, provider: &Provider, wish: &Wish<'_>, health: &Health) -> f64 {
    let id = &model.resolved.upstream_id;
    let gauges = || (0..provider.credentials.len()).map(|credential| health.gauge(provider, credential, id));
    match wish.order {
        Order::Listed => 0.0,
        // Where no session is named a key does not stick: shares would mean nothing to who has one key.
        Order::Weighted if wish.affinity.session.is_empty() => drawn((wish.random)(), model.weight),
        Order::Weighted => drawn(wish.affinity.meets((&provider.name, id)), model.weight),
        Order::Price => model
            .resolved
            .entry
            .as_ref()
            .and_then(|entry| typical_cost(entry.model.price.as_ref()?))
            .unwrap_or(f64::INFINITY),
        // What was not measured yet comes first, so that it is.
        Order::Latency => gauges()
            .filter_map(|gauge| gauge.first_event(0.5, wish.streamed))
            .min()
            .map_or(0.0, |median: Duration| median.as_secs_f64()),
        Order::Throughput => {
            gauges().filter_map(|gauge| gauge.speed()).reduce(f64::max).map_or(0.0, |speed| 1.0 / speed)
        }
    }
}

/// Those about as fast as the fastest are equals, among which each session has its own.
fn even_out(ranks: &mut [(f64, usize)], configured: &[(&Named, &Arc<Provider>)], wish: &Wish<'_>) {
    if !matches!(wish.order, Order::Latency | Order::Throughput) {
        return;
    }
    let best = ranks.iter().map(|(rank, _)| *rank).fold(f64::INFINITY, f64::min);
    for (rank, at) in ranks.iter_mut().filter(|(rank, _)| *rank > 0.0 && *rank <= best * AS_GOOD) {
        let (model, provider) = configured[*at];
        // Below the best and above 0, which is for who was not measured.
        *rank = best * wish.affinity.meets((&provider.name, &model.resolved.upstream_id));
    }
}

fn drawn(chance: f64, weight: f64) -> f64 {
    if weight > 0.0 { -chance.max(f64::MIN_POSITIVE).ln() / weight } else { f64::INFINITY }
}

/// What a typical request costs, in USD; `None` where a price is not known.
fn typical_cost(price: &pb::Price) -> Option<f64> {
    let amount = |stated: &Option<String>| stated.as_deref()?.parse::<f64>().ok().filter(|amount| *amount >= 0.0);
    let per_request = amount(&price.request).unwrap_or(0.0);
    Some(TYPICAL.0 * amount(&price.input)? + TYPICAL.1 * amount(&price.output)? + per_request)
}

fn why(order: Order, first: bool, rank: f64) -> &'static str {
    match (order, first) {
        (Order::Listed, true) => ": listed first",
        (Order::Listed, false) => ": another one is listed first",
        (Order::Weighted, true) => ": drawn by weight",
        (Order::Weighted, false) => ": another one was drawn by weight",
        (Order::Price, true) => ": the cheapest",
        (Order::Price, false) if rank.is_infinite() => ": its price is not known",
        (Order::Price, false) => ": a cheaper one is first",
        (Order::Latency | Order::Throughput, _) if rank == 0.0 => ": not measured yet",
        (Order::Latency | Order::Throughput, true) => ": the fastest of late",
        (Order::Latency | Order::Throughput, false) => ": a faster one is first",
    }
}
