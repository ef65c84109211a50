//! Which targets serve a request, in which order, and why: pure but for what health says.

mod order;

use tokio::time::Instant as Moment;

pub use self::order::Affinity;
use super::{
    Target,
    attempts::paused,
    catalog::Resolved,
    health::{Health, Standing},
};
use crate::{
    config::Order,
    error::{Error, Reason},
    pb::{self, ShortName as _},
    provider::Registry,
};

/// A model that may serve.
#[derive(Clone, Debug)]
pub struct Named {
    /// The model.
    pub resolved: Resolved,
    /// Its share, where shares count.
    pub weight: f64,
    /// It is tried only when all that were asked for have failed.
    pub fallback: bool,
}

impl Named {
    /// The model that was asked for.
    pub fn first(resolved: Resolved) -> Self {
        Self { resolved, weight: 1.0, fallback: false }
    }

    /// A fallback model.
    pub fn fallback(resolved: Resolved) -> Self {
        Self { resolved, weight: 1.0, fallback: true }
    }
}

/// What a plan is made by.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// Which of several models that were asked for is preferred.
    pub order: Order,
    /// Whose request it is, for those that keep to one target.
    pub affinity: Affinity<'a>,
    /// A stream is asked for.
    pub streamed: bool,
    /// Now.
    pub now: Moment,
    /// Gives numbers from 0 to 1.
    pub random: fn() -> f64,
}

/// The targets for a request in the order in which they are tried, and everything that was considered, for the
/// books. `named` are the models that were asked for, then the fallback models.
///
/// What the caller wants of the hosts *behind* an aggregating provider (`routing.order`, `only`, `sort`, …) goes to
/// that provider with the request.
pub fn plan(
    named: &[Named],
    wish: &Wish<'_>,
    providers: &Registry,
    health: &Health,
) -> Result<(Vec<Target>, Vec<pb::Candidate>), Error> {
    let mut planned = Planned::with_capacity(named.len());
    let mut configured = Vec::with_capacity(named.len());
    for model in named {
        let resolved = &model.resolved;
        let twice = configured.iter().any(|(known, _): &(&Named, _)| {
            known.resolved.provider == resolved.provider && known.resolved.upstream_id == resolved.upstream_id
        });
        match providers.find(&resolved.provider) {
            None => planned.leave(resolved, "the provider is not configured"),
            Some(_) if twice => planned.leave(resolved, "named before"),
            Some(provider) => configured.push((model, provider)),
        }
    }
    for preferred in order::models(&configured, wish, health) {
        let (model, provider) = configured[preferred.at];
        let serves = if model.fallback { "serves a fallback model" } else { "serves the model that was asked for" };
        for credential in order::credentials(provider, wish) {
            let resolved = &model.resolved;
            let target = Target {
                provider: provider.clone(),
                credential,
                model: resolved.upstream_id.clone(),
                entry: resolved.entry.clone(),
                gauge: health.gauge(provider, credential, &resolved.upstream_id),
            };
            let with = match provider.credentials.as_slice() {
                [_] => String::new(),
                several => format!(", with the credential {}", several[credential].name),
            };
            planned.add(target, format!("{serves}{}{with}", preferred.why), wish.now);
        }
    }
    planned.finish(named, wish.now)
}

/// A plan in the making.
struct Planned {
    /// With how late each comes, 0 is in its turn.
    targets: Vec<(u8, Target)>,
    candidates: Vec<(u8, pb::Candidate)>,
    /// The one with an open breaker that is tried soonest.
    tripped: Option<(Target, Reason, Moment)>,
}

impl Planned {
    fn with_capacity(capacity: usize) -> Self {
        Self { targets: Vec::with_capacity(capacity), candidates: Vec::with_capacity(capacity), tripped: None }
    }

    fn leave(&mut self, resolved: &Resolved, reason: &str) {
        let candidate = pb::Candidate {
            provider: resolved.provider.clone(),
            upstream_model: resolved.upstream_id.clone(),
            chosen: false,
            reason: reason.to_owned(),
        };
        self.candidates.push((u8::MAX, candidate));
    }

    fn add(&mut self, target: Target, mut why: String, now: Moment) {
        let lateness = match target.gauge.standing(now) {
            Standing::Good => 0,
            Standing::OnTrial => {
                why.push_str("; on trial after its pause");
                0
            }
            Standing::Limited { until } => {
                why.push_str(&format!("; late, because it asked to be left alone for {} s", seconds(until, now)));
                1
            }
            Standing::Aside { reason } => {
                why.push_str(&format!("; last, because its credential is set aside: {}", reason.short_name()));
                2
            }
            Standing::Tripped { until, reason } => {
                let left = format!("its breaker is open for {} s: {}", seconds(until, now), reason.short_name());
                self.candidates.push((u8::MAX, candidate(&target, false, left)));
                if self.tripped.as_ref().is_none_or(|(.., soonest)| until < *soonest) {
                    self.tripped = Some((target, reason, until));
                }
                return;
            }
        };
        self.candidates.push((lateness, candidate(&target, true, why)));
        self.targets.push((lateness, target));
    }

    fn finish(mut self, named: &[Named], now: Moment) -> Result<(Vec<Target>, Vec<pb::Candidate>), Error> {
        if self.targets.is_empty() {
            return Err(match self.tripped {
                Some((target, reason, until)) => paused(&target, reason, until - now),
                None => not_configured(named),
            });
        }
        self.targets.sort_by_key(|(lateness, _)| *lateness);
        self.candidates.sort_by_key(|(lateness, _)| *lateness);
        let targets = self.targets.into_iter().map(|(_, target)| target).collect();
        Ok((targets, self.candidates.into_iter().map(|(_, candidate)| candidate).collect()))
    }
}

fn candidate(target: &Target, chosen: bool, reason: String) -> pb::Candidate {
    let (provider, upstream_model) = (target.provider.name.clone(), target.model.clone());
    pb::Candidate { provider, upstream_model, chosen, reason }
}

fn seconds(until: Moment, now: Moment) -> u64 {
    (until - now).as_secs() + 1
}

fn not_configured(named: &[Named]) -> Error {
    let provider = named.first().map_or("", |model| &model.resolved.provider);
    let message = format!("the provider {provider} is not configured; set its key, or ask for another model");
    Error::new(Reason::ProviderNotConfigured, message).with_field("model")
}

#[cfg(test)]
mod tests;
