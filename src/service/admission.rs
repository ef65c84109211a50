//! From a model's name to the targets that are tried, and what a request may take.

use super::{Caller, Gateway, allowed::not_allowed, booking::Booking, checks::Abilities};
use crate::{
    config::{Order, VirtualModel},
    error::{Error, Reason},
    pb,
    routing::{
        self, Target,
        catalog::Resolved,
        plan::{Affinity, Named, Wish},
        pools,
    },
    store::ledger::Admission,
};

/// Where a request goes.
pub(super) struct Route {
    resolution: pb::ModelResolution,
    /// In order of preference; never empty.
    pub targets: Vec<Target>,
    candidates: Vec<pb::Candidate>,
    /// The name that stands for several, where it does.
    pub pool: Option<VirtualModel>,
}

/// What of a request decides where it goes.
#[derive(Clone, Copy, Default)]
pub(super) struct Ask<'a> {
    /// The model's name.
    pub model: &'a str,
    /// What the caller wants besides.
    pub options: Option<&'a pb::RoutingOptions>,
    /// The provider gets the caller's own body, where it reads the fallback models itself.
    pub passed: bool,
    /// The session, or the key of the prompt cache.
    pub session: &'a str,
    /// A stream is wanted.
    pub streamed: bool,
}

impl<'a> Ask<'a> {
    /// What of a chat decides it.
    pub(super) fn of_chat(request: &'a pb::ChatRequest, passed: bool, streamed: bool) -> Self {
        let session = if request.session_id.is_empty() { &request.prompt_cache_key } else { &request.session_id };
        Self { model: &request.model, options: request.routing.as_ref(), passed, session, streamed }
    }
}

impl Gateway {
    /// Finds out what a model's name means and who serves it. Refuses models that the key may not use.
    pub(super) fn route(&self, caller: &Caller, ask: Ask<'_>) -> Result<Route, Error> {
        let (Ask { model, options, passed, .. }, key) = (ask, &caller.key);
        if self.stopping.is_cancelled() {
            return Err(Error::new(Reason::ShuttingDown, "the gateway is stopping; try again elsewhere or shortly"));
        }
        let first = self.resolve(model)?;
        key.check_allowed(&first)?;
        let (mut resolution, provider) = (first.resolution.clone(), first.provider.clone());
        let settings = self.aliases.routing();
        let pool = pools::find(model, &settings).filter(|_| resolution.rule() == pb::ResolutionRule::Alias);
        let mut named = match pool {
            None => vec![Named::first(first)],
            Some(pool) => pools::members(model, pool, |name| {
                let member = self.resolve(name)?;
                key.check_allowed(&member)?;
                Ok(member)
            })?,
        };
        for fallback in options.map_or(&[][..], |options| &options.fallback_models) {
            let found = self.resolve(fallback);
            match &found {
                Ok(found) => key.check_allowed(found),
                // The provider may know a model by a name that we do not.
                Err(_) if passed && !key.may_use_all() => Err(not_allowed(fallback)),
                Err(_) => Ok(()),
            }
            .map_err(|error| error.with_field("routing.fallback_models"))?;
            match found {
                Ok(found) if passed && found.provider == provider => {}
                Ok(found) => named.push(Named::fallback(found)),
                Err(_) if passed => {}
                Err(error) => return Err(error.with_field("routing.fallback_models")),
            }
        }
        let wish = Wish {
            order: pool.map_or(Order::Listed, |pool| pool.order),
            affinity: Affinity { session: ask.session, key: &caller.key.id, model },
            streamed: ask.streamed,
            now: tokio::time::Instant::now(),
            random: rand::random::<f64>,
        };
        let (targets, candidates) = routing::plan::plan(&named, &wish, &self.providers, &self.health)?;
        if pool.is_some() {
            resolution.resolved = targets[0].id();
        }
        Ok(Route { resolution, targets, candidates, pool: pool.cloned() })
    }

    fn resolve(&self, name: &str) -> Result<Resolved, Error> {
        let snapshot = self.catalog.snapshot();
        let is_provider = |name: &str| self.providers.find(name).is_some();
        routing::resolve::resolve(name, &snapshot, &self.aliases.routing(), is_provider)
    }

    /// Ends when a request must: at its deadline, or when the gateway cannot wait for it any longer.
    pub(super) fn limit(&self, caller: &Caller) -> impl Future<Output = Error> + Send + 'static {
        let (gateway, deadline) = (self.clone(), caller.deadline);
        async move {
            let passed = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = passed => late(),
                () = gateway.interrupt.cancelled() => {
                    Error::new(Reason::ShuttingDown, "the gateway was stopped before the answer had ended; try again")
                }
            }
        }
    }
}

impl Route {
    /// What the first target's model is known to take.
    pub(super) fn abilities(&self) -> Abilities<'_> {
        let target = &self.targets[0];
        Abilities { model: target.facts(), parses_files: target.provider.parses_files }
    }

    /// The part of an admission that the route knows.
    pub(super) fn admission(&self) -> Admission {
        Admission {
            model: self.resolution.clone(),
            price_version: self.targets[0].entry.as_ref().and_then(|entry| entry.price_version),
            candidates: self.candidates.clone(),
            ..Admission::default()
        }
    }

    /// What is known of an answer before its first word.
    pub(super) fn meta(&self, booking: &Booking, warnings: Vec<pb::Warning>) -> pb::MetaEvent {
        pb::MetaEvent {
            generation_id: booking.generation_id(),
            model: Some(self.resolution.clone()),
            provider: booking.provider().to_owned(),
            warnings: self.warnings(booking, warnings),
            ..pb::MetaEvent::default()
        }
    }

    /// What was adapted on the way, and that no price is known where that is so.
    pub(super) fn warnings(&self, booking: &Booking, mut warnings: Vec<pb::Warning>) -> Vec<pb::Warning> {
        if !booking.priced() {
            warnings.push(price_unknown());
        }
        warnings.extend_from_slice(booking.overruns());
        warnings
    }

    /// The id of the model that was meant.
    pub(super) fn model(&self) -> &str {
        &self.resolution.resolved
    }

    /// Which model was meant.
    pub(super) fn resolution(&self) -> &pb::ModelResolution {
        &self.resolution
    }
}

/// Nobody can say what the model costs before its provider does.
pub(super) fn price_unknown() -> pb::Warning {
    pb::Warning {
        code: "price_unknown".to_owned(),
        field: "model".to_owned(),
        message: "no price is known for this model; its cost is booked only if the provider states it".to_owned(),
    }
}

fn late() -> Error {
    Error::new(Reason::DeadlineExceeded, "the deadline passed before the answer had ended; allow more time")
}
