//! What a door is told of the limits that a request is under, for its headers.

use std::{
    cmp::Reverse,
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use super::{Bounds, Clock, Scope, cell::Standing};
use crate::pb::{self, LimitKind, LimitScope};

/// Where the gateway tells the door of a request which limits it is under, when it comes to that. Clones are the same
/// place.
#[derive(Clone, Default)]
pub struct Told(Arc<OnceLock<(Bounds, Clock)>>);

/// A limit and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whom it binds.
    pub scope: Scope,
    /// What it counts.
    pub kind: LimitKind,
    /// The limit.
    pub limit: u32,
    /// What is left of it.
    pub remaining: u32,
    /// How long until all of it is there again; `None` for requests at the same time.
    pub reset: Option<Duration>,
}

impl fmt::Debug for Told {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Told").field(&self.tightest()).finish()
    }
}

impl Told {
    pub(super) fn tell(&self, bounds: Bounds, clock: Clock) {
        // A request is let in once; were it twice, the first limits are those that it is known by.
        let _ = self.0.set((bounds, clock));
    }

    /// Of each kind the tightest limit, as it is now; empty where there is none.
    pub fn tightest(&self) -> Vec<Status> {
        let Some((bounds, clock)) = self.0.get() else { return Vec::new() };
        let now = clock.now();
        let all: Vec<Status> = bounds.iter().flat_map(|bound| bound.statuses(now)).collect();
        let kinds = [LimitKind::RequestsPerMinute, LimitKind::TokensPerMinute, LimitKind::ConcurrentRequests];
        let tightest = |kind| {
            let same = all.iter().filter(|status| status.kind == kind);
            same.min_by_key(|status| (status.remaining, Reverse(status.reset))).copied()
        };
        kinds.into_iter().filter_map(tightest).collect()
    }
}

impl Status {
    pub(super) fn of(scope: Scope, standing: Standing) -> Self {
        let Standing { kind, limit, remaining, reset, .. } = standing;
        Self { scope, kind, limit, remaining, reset }
    }

    /// As the contract tells it, which knows keys and projects.
    pub(super) fn to_message(self) -> Option<pb::LimitStatus> {
        let scope = match self.scope {
            Scope::Key => LimitScope::Key,
            Scope::Project => LimitScope::Project,
            Scope::EndUser | Scope::Model => return None,
        };
        let millis = |reset: Duration| u32::try_from(reset.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX);
        Some(pb::LimitStatus {
            kind: self.kind.into(),
            scope: scope.into(),
            limit: self.limit,
            remaining: self.remaining,
            reset_after_ms: self.reset.map(millis),
        })
    }
}
