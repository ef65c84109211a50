//! What is counted of one key, project, end user or model, behind one lock that is never held for long.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Reserve, Wait, requests::Requests, tokens::Tokens};
use crate::pb::{self, LimitKind};

/// How long to wait for one of those that run, since nobody knows when they end.
const TURN: Duration = Duration::from_secs(1);

/// What is counted of one thing.
#[derive(Default)]
pub(super) struct Cell(Mutex<Counts>);

/// The counts themselves.
#[derive(Default)]
pub(super) struct Counts {
    requests: Requests,
    tokens: Tokens,
    running: u32,
    /// By which tokens drained last.
    token_limit: u32,
}

/// A limit's present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub kind: LimitKind,
    pub limit: u32,
    pub remaining: u32,
    /// Until all of it is there again; `None` for requests at the same time.
    pub reset: Option<Duration>,
    /// How long a request would have to wait; `None` where it would pass.
    pub wait: Option<Wait>,
}

impl Cell {
    pub(super) fn lock(&self) -> MutexGuard<'_, Counts> {
        // Nothing in here panics half-way; counts are whole whoever held them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Each limit and what it would say to such a request.
    pub(super) fn standings(&mut self, limits: &pb::Limits, reserve: Reserve, now: Duration) -> [Option<Standing>; 3] {
        let requests = limits.requests_per_minute.map(|limit| Standing {
            kind: LimitKind::RequestsPerMinute,
            limit,
            remaining: self.requests.remaining(limit, now),
            reset: Some(self.requests.reset(limit, now)),
            wait: self.requests.wait(limit, now),
        });
        let tokens = limits.tokens_per_minute.map(|limit| Standing {
            kind: LimitKind::TokensPerMinute,
            limit,
            remaining: self.tokens.remaining(limit, now),
            reset: Some(self.tokens.reset(limit, now)),
            wait: self.tokens.wait(limit, reserve.within(limit), now),
        });
        let running = limits.concurrent_requests.map(|limit| Standing {
            kind: LimitKind::ConcurrentRequests,
            limit,
            remaining: limit.saturating_sub(self.running),
            reset: None,
            wait: self.turn(limit),
        });
        [requests, tokens, running]
    }

    /// What refuses such a request for the longest time; `None` where it may pass.
    pub(super) fn refusal(
        &mut self,
        limits: &pb::Limits,
        reserve: Reserve,
        now: Duration,
    ) -> Option<(Wait, LimitKind, u32)> {
        let requests = limits
            .requests_per_minute
            .and_then(|limit| Some((self.requests.wait(limit, now)?, LimitKind::RequestsPerMinute, limit)));
        let tokens = limits.tokens_per_minute.and_then(|limit| {
            let wait = self.tokens.wait(limit, reserve.within(limit), now)?;
            Some((wait, LimitKind::TokensPerMinute, limit))
        });
        let running = limits
            .concurrent_requests
            .and_then(|limit| Some((self.turn(limit)?, LimitKind::ConcurrentRequests, limit)));
        [requests, tokens, running].into_iter().flatten().max_by_key(|(wait, ..)| *wait)
    }

    /// Holds what such a request takes. Only where nothing refuses it, under the same lock.
    pub(super) fn hold(&mut self, limits: &pb::Limits, reserve: Reserve) {
        if limits.requests_per_minute.is_some() {
            self.requests.hold();
        }
        if let Some(limit) = limits.tokens_per_minute {
            self.tokens.reserve(reserve.within(limit));
            self.token_limit = limit;
        }
        self.running += 1;
    }

    /// A request that holds its place goes out.
    pub(super) fn count(&mut self, limits: &pb::Limits, now: Duration) {
        if let Some(limit) = limits.requests_per_minute {
            self.requests.count(limit, now);
        }
    }

    /// A request ends that used so many tokens. `counted` tells that it went out.
    pub(super) fn release(&mut self, limits: &pb::Limits, reserve: Reserve, counted: bool, used: u32, now: Duration) {
        if limits.requests_per_minute.is_some() && !counted {
            self.requests.give_back();
        }
        if let Some(limit) = limits.tokens_per_minute {
            self.tokens.settle(limit, reserve.within(limit), used, now);
        }
        self.running = self.running.saturating_sub(1);
    }

    /// Nothing is held, and what was counted is forgotten: a new one would say the same.
    pub(super) fn is_idle(&mut self, now: Duration) -> bool {
        self.running == 0 && self.requests.is_idle(now) && self.tokens.is_idle(self.token_limit, now)
    }

    fn turn(&self, limit: u32) -> Option<Wait> {
        match limit {
            0 => Some(Wait::Never),
            _ => (self.running >= limit).then_some(Wait::After(TURN)),
        }
    }
}
