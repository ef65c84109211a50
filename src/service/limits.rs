//! Limits: requests and tokens a minute, and requests at the same time, of keys, projects, end users and models.
//!
//! ```text
//! admit ─▶ Permit ─ sent ─▶ counted as a request ─ ended ─▶ its tokens are counted, its place is free
//!             └──── dropped ─▶ all is given back
//! ```

mod cell;
mod permit;
mod requests;
mod table;
mod tokens;
mod told;
mod words;

use std::{
    sync::{Arc, MutexGuard},
    time::Duration,
};

use self::{
    cell::{Cell, Counts},
    table::{Table, Whose},
};
pub use self::{
    permit::Permit,
    told::{Status, Told},
};
use super::{Caller, Gateway, Key, pattern};
use crate::{
    config,
    error::Error,
    pb::{self, LimitKind},
};

/// All limits of a gateway, and what they count.
pub struct Limits {
    settings: config::Limits,
    /// Only keys and projects can have limits, and by themselves.
    unconfigured: bool,
    cells: Table,
    clock: Clock,
}

/// Time since some moment that never changes.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Duration + Send + Sync>);

/// Whom a limit binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The key.
    Key,
    /// All keys of the project together.
    Project,
    /// An end user of the project.
    EndUser,
    /// The model, whoever asks for it.
    Model,
}

/// The tokens that a request is expected to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserve {
    /// Of input.
    pub input: u32,
    /// Of output, at most.
    pub output: u32,
    /// The caller has said so; otherwise it is a guess.
    pub stated: bool,
}

/// When what was refused may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wait {
    After(Duration),
    /// It does not fit, however empty the limit is.
    Never,
}

/// The limits that a request is under on account of one thing, and what that thing has used.
struct Bound {
    scope: Scope,
    limits: pb::Limits,
    cell: Arc<Cell>,
}

/// All that a request is under, in the order of their scopes, in which they are locked. Never empty.
type Bounds = Arc<[Bound]>;

impl Clock {
    /// A clock that shows what the function returns.
    pub fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The runtime's clock, which tests may stop.
    fn running() -> Self {
        let start = tokio::time::Instant::now();
        Self::new(move || start.elapsed())
    }

    fn now(&self) -> Duration {
        (self.0)()
    }
}

impl Reserve {
    /// How much of a limit is reserved. A guess must not lock a small limit up, so it is at most a tenth of it: the end
    /// of the request corrects it either way.
    fn within(self, limit: u32) -> u32 {
        let output = if self.stated { self.output } else { self.output.min(limit / 10) };
        self.input.saturating_add(output).max(1)
    }
}

impl Limits {
    /// Limits as configured, beside those of keys and projects.
    pub fn new(settings: &config::Limits) -> Self {
        Self::with_clock(settings, Clock::running())
    }

    /// The same at this clock's time.
    pub fn with_clock(settings: &config::Limits, clock: Clock) -> Self {
        let unset = |limit: &config::Limit| *limit == config::Limit::default();
        let things = [&settings.key, &settings.project, &settings.end_user];
        let unconfigured = things.into_iter().chain(settings.models.values()).all(unset);
        Self { settings: settings.clone(), unconfigured, cells: Table::new(), clock }
    }

    /// Lets a request in under all limits at once, or refuses it and takes nothing. Tells the caller's door which
    /// limits they are. A request that is under none costs no more than the look.
    ///
    /// # Errors
    /// `LimitExceeded`, with the limit that has to be waited for longest.
    pub fn admit(
        &self,
        caller: &Caller,
        end_user: &str,
        model: &str,
        reserve: impl FnOnce() -> Reserve,
    ) -> Result<Permit, Error> {
        let Some(bounds) = self.bounds(&caller.key, end_user, model) else { return Ok(Permit::default()) };
        let reserve = reserve();
        caller.limits.tell(Arc::clone(&bounds), self.clock.clone());
        let now = self.clock.now();
        let mut counts: Vec<_> = bounds.iter().map(Bound::lock).collect();
        if let Some((wait, scope, kind, limit)) = refusal(&bounds, &mut counts, reserve, now) {
            return Err(words::refusal(scope, kind, limit, reserve.within(limit), wait));
        }
        for (bound, counts) in bounds.iter().zip(&mut counts) {
            counts.hold(&bound.limits, reserve);
        }
        drop(counts);
        Ok(Permit::new(bounds, reserve, self.clock.clone()))
    }

    /// What each limit would say to such a request, which takes nothing.
    pub fn verdicts(&self, key: &Key, end_user: &str, model: &str, reserve: Reserve) -> Vec<pb::Verdict> {
        let Some(bounds) = self.bounds(key, end_user, model) else { return Vec::new() };
        let now = self.clock.now();
        let standings = bounds.iter().flat_map(|bound| {
            let standings = bound.lock().standings(&bound.limits, reserve, now);
            standings.into_iter().flatten().map(|standing| (bound.scope, standing))
        });
        standings.map(|(scope, standing)| words::verdict(scope, &standing, reserve)).collect()
    }

    /// The limits of a key and its project, and what is left of them.
    pub fn status(&self, key: &Key) -> Vec<pb::LimitStatus> {
        let bounds = self.bounds(key, "", "");
        let bounds = bounds.iter().flat_map(|bounds| bounds.iter());
        bounds.flat_map(|bound| bound.statuses(self.clock.now())).filter_map(Status::to_message).collect()
    }

    /// The limits that a request is under; `None` where it is under none.
    fn bounds(&self, key: &Key, end_user: &str, model: &str) -> Option<Bounds> {
        if self.unconfigured && is_empty(&key.limits) && is_empty(&key.project_limits) {
            return None;
        }
        let of_model = pattern::find(&self.settings.models, model).copied().unwrap_or_default();
        let of_end_user = if end_user.is_empty() { config::Limit::default() } else { self.settings.end_user };
        let none = pb::Limits::default();
        let project = key.project_id;
        let things = [
            (Scope::Key, either(key.limits, self.settings.key), Whose::Key(key.id.clone())),
            (Scope::Project, either(key.project_limits, self.settings.project), Whose::Project(project)),
            (Scope::EndUser, either(none, of_end_user), Whose::EndUser(project, end_user.to_owned())),
            (Scope::Model, either(none, of_model), Whose::Model(model.to_owned())),
        ];
        let now = self.clock.now();
        let binding = things.into_iter().filter(|(_, limits, _)| !is_empty(limits));
        let bounds: Bounds =
            binding.map(|(scope, limits, whose)| Bound { scope, limits, cell: self.cells.cell(whose, now) }).collect();
        (!bounds.is_empty()).then_some(bounds)
    }
}

impl Bound {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.cell.lock()
    }

    fn statuses(&self, now: Duration) -> impl Iterator<Item = Status> {
        let standings = self.lock().standings(&self.limits, Reserve::default(), now);
        let scope = self.scope;
        standings.into_iter().flatten().map(move |standing| Status::of(scope, standing))
    }
}

impl Gateway {
    /// The limits of a key and its project, and what is left of them now.
    pub fn limit_status(&self, key: &Key) -> Vec<pb::LimitStatus> {
        self.limits.status(key)
    }
}

/// What refuses a request for the longest time.
fn refusal(
    bounds: &[Bound],
    counts: &mut [MutexGuard<'_, Counts>],
    reserve: Reserve,
    now: Duration,
) -> Option<(Wait, Scope, LimitKind, u32)> {
    let refusals = bounds.iter().zip(counts).filter_map(|(bound, counts)| {
        let (wait, kind, limit) = counts.refusal(&bound.limits, reserve, now)?;
        Some((wait, bound.scope, kind, limit))
    });
    refusals.max_by_key(|(wait, ..)| *wait)
}

fn is_empty(limits: &pb::Limits) -> bool {
    *limits == pb::Limits::default()
}

/// A thing's own limits; where it has none of a kind, the configured one.
fn either(own: pb::Limits, configured: config::Limit) -> pb::Limits {
    pb::Limits {
        requests_per_minute: own.requests_per_minute.or(configured.requests_per_minute),
        tokens_per_minute: own.tokens_per_minute.or(configured.tokens_per_minute),
        concurrent_requests: own.concurrent_requests.or(configured.concurrent_requests),
    }
}

#[cfg(test)]
mod tests;
