//! What a request that was let in holds of its limits.

use super::{Bounds, Clock, Reserve};
use crate::pb::{self, UsageSource};

/// A place under all limits of a request. It is given back when the request ends, or when this is dropped: then as if
/// there had been no request, unless it went out.
#[derive(Default)]
#[must_use = "dropped, it is given back"]
pub struct Permit(Option<Box<Held>>);

struct Held {
    bounds: Bounds,
    reserve: Reserve,
    clock: Clock,
    /// The request went out, and is counted.
    sent: bool,
}

impl Permit {
    pub(super) fn new(bounds: Bounds, reserve: Reserve, clock: Clock) -> Self {
        Self(Some(Box::new(Held { bounds, reserve, clock, sent: false })))
    }

    /// The request goes out: from now on it counts as one. Counted once, however often it is tried.
    pub fn sent(&mut self) {
        let Some(held) = self.0.as_mut().filter(|held| !held.sent) else { return };
        held.sent = true;
        let now = held.clock.now();
        for bound in held.bounds.iter() {
            bound.lock().count(&bound.limits, now);
        }
    }

    /// The request has ended and used that much. Where nobody knows how much, its input is counted if it went out and
    /// was not `free`.
    pub fn settle(&mut self, usage: &pb::Usage, free: bool) {
        self.end(match usage.source() {
            UsageSource::Unknown => free.then_some(0),
            _ => Some(usage.input_total().saturating_add(usage.output_total())),
        });
    }

    fn end(&mut self, tokens: Option<u32>) {
        let Some(held) = self.0.take() else { return };
        let guess = if held.sent { held.reserve.input } else { 0 };
        let now = held.clock.now();
        for bound in held.bounds.iter() {
            bound.lock().release(&bound.limits, held.reserve, held.sent, tokens.unwrap_or(guess), now);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.end(None);
    }
}
