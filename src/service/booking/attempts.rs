//! The attempts of one generation: those that have ended, the one that counts and the one that runs beside it.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant as Moment;
use uuid::Uuid;

use super::End;
use crate::{
    dialect::{Begun, Ended},
    error::{Error, Reason},
    pb::{self, AttemptKind},
    routing::{
        Target,
        catalog::{Catalog, Entry},
        health::Gauge,
    },
    service::{
        charge::{Charge, Sizes},
        clock::now_ms,
        hedging::Loser,
    },
    store::ledger::{AttemptEnd, AttemptStart, Checkpoint},
    telemetry::AttemptSpan,
};

/// What was tried for a generation, in order.
pub(super) struct Attempts {
    list: Vec<AttemptEnd>,
    /// The attempt that counts: the last one, or the one that won.
    tried: Try,
    /// The one that runs beside it.
    beside: Option<Try>,
}

/// An attempt while it runs.
struct Try {
    /// Its place on the list.
    at: usize,
    /// What the catalogue knows of the model that it goes to.
    entry: Option<Arc<Entry>>,
    gauge: Option<Arc<Gauge>>,
    span: AttemptSpan,
    /// What it came to, once it has ended.
    charge: Option<Charge>,
    /// What becomes of it when the other one wins.
    loser: Loser,
}

/// What the end of an attempt is reckoned from.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub catalog: &'a Catalog,
    /// Of the answer that is passed on.
    pub sizes: Sizes,
    /// What its provider said of itself.
    pub begun: &'a Begun,
}

impl Attempts {
    pub(super) fn none() -> Self {
        Self { list: Vec::with_capacity(1), tried: Try::none(), beside: None }
    }

    /// The next attempt as the books have it before it is sent.
    pub(super) fn next(&self, generation_id: Uuid, kind: AttemptKind, target: &Target) -> AttemptStart {
        AttemptStart {
            generation_id,
            index: u32::try_from(self.list.len()).unwrap_or(u32::MAX).saturating_add(1),
            kind,
            provider: target.provider.name.clone(),
            credential: target.credential().name.clone(),
            upstream_model: target.model.clone(),
            started_at_ms: now_ms(),
        }
    }

    /// Puts an attempt on the list.
    pub(super) fn list(&mut self, start: AttemptStart) {
        self.list.push(AttemptEnd { start, ..AttemptEnd::default() });
    }

    /// The last one on the list is sent, and counts from now on; returns its place.
    pub(super) fn send(&mut self, operation: pb::Operation, kind: AttemptKind, target: &Target) -> usize {
        let at = self.list.len() - 1;
        let begun = Try {
            at,
            entry: target.entry.clone(),
            gauge: Some(target.gauge.clone()),
            span: AttemptSpan::begin(operation, kind, &target.provider.name, &target.model),
            ..Try::none()
        };
        let before = std::mem::replace(&mut self.tried, begun);
        self.beside = (kind == AttemptKind::Hedge).then_some(before);
        at
    }

    /// The provider of the attempt that counts.
    pub(super) fn provider(&self) -> &str {
        self.list.get(self.tried.at).map_or("", |attempt| &attempt.start.provider)
    }

    /// A price is known for the model of the attempt that counts.
    pub(super) fn priced(&self) -> bool {
        self.tried.entry.as_ref().is_some_and(|entry| entry.model.price.is_some())
    }

    /// That attempt's provider has begun to answer: it has won.
    pub(super) fn answered(&mut self, at: usize, status: u16) {
        if let Some(beside) = self.beside.as_mut().filter(|beside| beside.at == at) {
            std::mem::swap(&mut self.tried, beside);
        }
        if let Some(attempt) = self.list.get_mut(self.tried.at) {
            attempt.http_status = Some(status);
            attempt.won = true;
        }
    }

    /// The other attempt was overtaken.
    pub(super) fn overtook(&mut self, loser: Loser) {
        if let Some(beside) = &mut self.beside {
            beside.loser = loser;
        }
    }

    /// The attempt that counts has said its first word.
    pub(super) fn spoke(&mut self) {
        if let Some(attempt) = self.list.get_mut(self.tried.at) {
            attempt.first_token_at_ms = Some(now_ms());
        }
    }

    /// That attempt has failed. Where another one runs beside it, that one counts.
    pub(super) fn failed(&mut self, at: usize, error: &Error, known: Known<'_>) {
        if let Some(beside) = self.beside.as_mut().filter(|_| self.tried.at == at) {
            std::mem::swap(&mut self.tried, beside);
        }
        let mut failed = match self.beside.take_if(|beside| beside.at == at) {
            Some(beside) => beside,
            None => std::mem::replace(&mut self.tried, Try::none()),
        };
        let charge = self.end_one(&mut failed, Some(error), None, known, now_ms());
        if self.tried.gauge.is_none() {
            self.tried = Try { charge: Some(charge), ..failed };
        }
    }

    /// All of them have ended; returns what the one that counts came to.
    pub(super) fn end(&mut self, end: &End<'_>, known: Known<'_>, now: i64) -> Charge {
        let mut tried = std::mem::replace(&mut self.tried, Try::none());
        // What ends between two attempts was charged when the first of them failed.
        let charge = match tried.charge.take() {
            Some(charge) => charge,
            None => self.end_one(&mut tried, end.error, end.ended, known, now),
        };
        self.tried = tried;
        self.end_beside(end, known, now);
        charge
    }

    /// What is known of the generation so far.
    pub(super) fn checkpoint(&self, known: Known<'_>) -> Checkpoint {
        let charge = Charge::of(known.sizes, self.served(known.catalog, known.begun).as_deref(), None, None);
        let mut attempts = self.list.clone();
        if let Some(attempt) = attempts.get_mut(self.tried.at) {
            attempt.upstream_id.clone_from(&known.begun.upstream_id);
            attempt.usage = charge.usage;
            attempt.cost_nano_usd = charge.cost_nano_usd;
        }
        Checkpoint {
            usage: charge.usage,
            cost_nano_usd: charge.cost_nano_usd.map(|cost| cost + self.cost_of_others()),
            cost_source: charge.cost_source,
            attempts,
        }
    }

    /// The model whose price counts for it.
    pub(super) fn served(&self, catalog: &Catalog, begun: &Begun) -> Option<Arc<Entry>> {
        self.tried.served(catalog, begun)
    }

    /// What all the others came to, as far as it is known.
    pub(super) fn cost_of_others(&self) -> i64 {
        let others = self.list.iter().enumerate().filter(|(at, _)| *at != self.tried.at);
        others.filter_map(|(_, attempt)| attempt.cost_nano_usd).sum()
    }

    /// Tells the target's gauge what became of the answer that had begun. `writing` is how long the provider wrote.
    pub(super) fn observe(&self, end: &End<'_>, usage: &pb::Usage, writing: Option<Duration>) {
        let Some(gauge) = self.tried.gauge.as_ref().filter(|_| self.has_won()) else { return };
        match (end.error, writing) {
            (Some(error), _) => gauge.failed(error, Moment::now(), rand::random()),
            (None, Some(writing)) => gauge.wrote(usage.output_total(), writing),
            (None, None) => {}
        }
    }

    /// Hands the list over to the books.
    pub(super) fn take(&mut self) -> Vec<AttemptEnd> {
        std::mem::take(&mut self.list)
    }

    fn has_won(&self) -> bool {
        self.list.get(self.tried.at).is_some_and(|attempt| attempt.won)
    }

    /// Writes down how an attempt ended that was not overtaken, and what it came to.
    fn end_one(
        &mut self,
        tried: &mut Try,
        error: Option<&Error>,
        ended: Option<&Ended>,
        known: Known<'_>,
        now: i64,
    ) -> Charge {
        let charge = Charge::of(known.sizes, tried.served(known.catalog, known.begun).as_deref(), error, ended);
        if let Some(attempt) = self.list.get_mut(tried.at) {
            attempt.upstream_id.clone_from(&known.begun.upstream_id);
            attempt.raw_usage = ended.and_then(|ended| ended.raw_usage.clone());
        }
        self.close(tried, &charge, error, now);
        charge
    }

    /// Ends the attempt that runs beside the one that counts: overtaken where that one won, else ended as it was.
    fn end_beside(&mut self, end: &End<'_>, known: Known<'_>, now: i64) {
        let Some(mut beside) = self.beside.take().filter(|beside| beside.charge.is_none()) else { return };
        if !self.has_won() {
            let served = beside.served(known.catalog, &Begun::default());
            let charge = Charge::of(Sizes { output_bytes: 0, ..known.sizes }, served.as_deref(), end.error, None);
            return self.close(&mut beside, &charge, end.error, now);
        }
        let told = beside.loser.told();
        let begun = told.map_or_else(Begun::default, |(begun, _)| begun.clone());
        let charge = beside.loser.charge(known.sizes, beside.served(known.catalog, &begun).as_deref());
        if let Some(attempt) = self.list.get_mut(beside.at) {
            attempt.upstream_id = begun.upstream_id;
            attempt.raw_usage = told.and_then(|(_, ended)| ended.raw_usage.clone());
        }
        let overtaken = Error::new(Reason::Cancelled, "another attempt began to answer sooner");
        self.close(&mut beside, &charge, Some(&overtaken), now);
    }

    fn close(&mut self, tried: &mut Try, charge: &Charge, error: Option<&Error>, now: i64) {
        if let Some(attempt) = self.list.get_mut(tried.at) {
            attempt.usage = charge.usage;
            attempt.cost_nano_usd = charge.cost_nano_usd;
            attempt.ended_at_ms = now;
            if let Some(error) = error {
                attempt.http_status = error.provider_status.or(attempt.http_status);
                attempt.error_reason = error.reason;
                attempt.error_message.clone_from(&error.message);
            }
        }
        std::mem::replace(&mut tried.span, AttemptSpan::none()).end(error, &charge.usage);
    }
}

impl Try {
    fn none() -> Self {
        Self { at: 0, entry: None, gauge: None, span: AttemptSpan::none(), charge: None, loser: Loser::Cancelled }
    }

    /// The model whose price counts: routers, aliases and a provider's own fallbacks answer with another one than was
    /// asked.
    fn served(&self, catalog: &Catalog, begun: &Begun) -> Option<Arc<Entry>> {
        catalog.snapshot().find_served(self.entry.as_ref()?, &begun.upstream_model)
    }
}
