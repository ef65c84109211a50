//! How targets do: what was seen of each credential and model, and whether calls may pass. The clock is passed in.
//!
//! ```text
//! attempts ── answered, failed ──▶ Gauge ──▶ Standing ──▶ plan
//!                                    └─────▶ View     ──▶ ListProviders
//! ```
//!
//! What goes well takes no lock: it is counted by atomics, and a breaker is looked at only where something failed.

mod breaker;
mod budget;
mod counts;
mod gauge;
mod histogram;
mod view;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::time::Instant as Moment;

use self::{breaker::Limits, gauge::Aside};
pub use self::{
    budget::HedgeBudget,
    gauge::{Gauge, Standing},
    view::{BreakerView, Quantiles, View},
};
use crate::{
    config,
    provider::{Provider, Registry},
};

/// Most models of one credential that are watched; pinned names are the callers' to make up.
const MOST_MODELS: usize = 1024;

/// What is known of all targets. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    rules: Rules,
    providers: HashMap<String, Vec<Watched>>,
    hedges: HedgeBudget,
}

/// What all gauges go by.
#[derive(Clone, Copy, Debug)]
struct Rules {
    /// When the clock of the counters began.
    epoch: Moment,
    limits: Limits,
    credential_pause: Duration,
}

/// A credential, and the models that were asked of it.
struct Watched {
    name: String,
    aside: Arc<Aside>,
    gauges: ArcSwap<HashMap<Arc<str>, Arc<Gauge>>>,
    /// Held by whoever adds a model.
    adding: Mutex<()>,
}

impl Health {
    /// A clean slate for these providers.
    pub fn new(providers: &Registry, settings: &config::Routing) -> Self {
        let watch = |provider: &Arc<Provider>| {
            let credentials = provider.credentials.iter().map(|credential| Watched::new(&credential.name));
            (provider.name.clone(), credentials.collect())
        };
        let rules = Rules {
            epoch: Moment::now(),
            limits: Limits::new(settings),
            credential_pause: settings.credential_pause_ms,
        };
        let hedges = HedgeBudget::new(settings.hedge_budget);
        Self(Arc::new(Inner { rules, providers: providers.iter().map(watch).collect(), hedges }))
    }

    /// What is known of a model at the credential of that number.
    pub fn gauge(&self, provider: &Provider, credential: usize, model: &str) -> Arc<Gauge> {
        let watched = self.0.providers.get(&provider.name).and_then(|credentials| credentials.get(credential));
        let Some(watched) = watched else { return Arc::new(Gauge::new(self.0.rules, Arc::default())) };
        if let Some(gauge) = watched.gauges.load().get(model) {
            return gauge.clone();
        }
        watched.add(model, self.0.rules)
    }

    /// What is known of a provider, of the last quarter of an hour.
    pub fn view(&self, provider: &str) -> View {
        self.view_at(provider, Moment::now())
    }

    /// The same as of that moment.
    pub fn view_at(&self, provider: &str, now: Moment) -> View {
        let mut view = view::Gathering::new(now);
        for watched in self.0.providers.get(provider).into_iter().flatten() {
            for (model, gauge) in watched.gauges.load().iter() {
                view.add(&watched.name, model, gauge.clone());
            }
        }
        view.finish()
    }

    /// What second tries may be made of.
    pub fn hedges(&self) -> &HedgeBudget {
        &self.0.hedges
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new(&Registry::default(), &config::Routing::default())
    }
}

impl Watched {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), aside: Arc::default(), gauges: ArcSwap::default(), adding: Mutex::default() }
    }

    /// Models are few and new ones rare, so the list is copied.
    fn add(&self, model: &str, rules: Rules) -> Arc<Gauge> {
        let _turn = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.gauges.load_full();
        if let Some(gauge) = known.get(model) {
            return gauge.clone();
        }
        let gauge = Arc::new(Gauge::new(rules, self.aside.clone()));
        let mut gauges = HashMap::clone(&known);
        if gauges.len() >= MOST_MODELS {
            let now = Moment::now();
            gauges.retain(|_, gauge| !gauge.forgettable(now));
        }
        if gauges.len() < MOST_MODELS {
            gauges.insert(model.into(), gauge.clone());
            self.gauges.store(Arc::new(gauges));
        }
        gauge
    }
}

#[cfg(test)]
mod tests;
