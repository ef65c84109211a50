//! From a model's name to the targets that are tried, and what a request may take.

use super::{Caller, Gateway, Key, allowed::not_allowed, booking::Booking, checks::Abilities};
use crate::{
    error::{Error, Reason},
    pb,
    routing::{self, Target, catalog::Resolved},
    store::ledger::Admission,
};

/// Where a request goes.
pub(super) struct Route {
    resolution: pb::ModelResolution,
    /// In order of preference; never empty.
    pub targets: Vec<Target>,
    candidates: Vec<pb::Candidate>,
}

impl Gateway {
    /// Finds out what a model's name means and who serves it. `passed` tells that the provider gets the caller's own
    /// body, where it reads the fallback models itself. Refuses models that the key may not use.
    pub(super) fn route(
        &self,
        key: &Key,
        model: &str,
        options: Option<&pb::RoutingOptions>,
        passed: bool,
    ) -> Result<Route, Error> {
        if self.stopping.is_cancelled() {
            return Err(Error::new(Reason::ShuttingDown, "the gateway is stopping; try again elsewhere or shortly"));
        }
        let first = self.resolve(model)?;
        key.check_allowed(&first)?;
        let (resolution, provider) = (first.resolution.clone(), first.provider.clone());
        let mut named = vec![first];
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
                Ok(found) => named.push(found),
                Err(_) if passed => {}
                Err(error) => return Err(error.with_field("routing.fallback_models")),
            }
        }
        let (targets, candidates) = routing::plan::plan(&named, &self.providers)?;
        Ok(Route { resolution, targets, candidates })
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
            warnings.push(pb::Warning {
                code: "price_unknown".to_owned(),
                field: "model".to_owned(),
                message: "no price is known for this model; its cost is booked only if the provider states it"
                    .to_owned(),
            });
        }
        warnings
    }

    /// Which model was meant.
    pub(super) fn resolution(&self) -> &pb::ModelResolution {
        &self.resolution
    }
}

fn late() -> Error {
    Error::new(Reason::DeadlineExceeded, "the deadline passed before the answer had ended; allow more time")
}
