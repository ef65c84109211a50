//! One generation on its way through the books: admitted with its first attempt, settled exactly once, also when it
//! is dropped.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::Instant as Moment;
use uuid::Uuid;

use super::{
    Caller, Gateway,
    budgets::Lease,
    charge::{Charge, Sizes},
    clock::now_ms,
    hedging::Loser,
    limits::Permit,
    meter,
};
use crate::{
    dialect::{Begun, Ended},
    error::{Error, Reason},
    pb::{self, AttemptKind, CostSource, FinishReason, GenerationState, UsageSource},
    provider::OnDisconnect,
    routing::{AttemptLog, Target, catalog::Entry, health::Gauge},
    store::{
        ledger::{Admission, AttemptEnd, AttemptStart, Checkpoint, Held, Settlement, Step},
        usage::id_text,
    },
    telemetry::{AttemptSpan, GenerationEnd},
};

/// Most of the time between two notes of what a running generation has used.
const NOTED_EVERY: Duration = Duration::from_secs(10);

/// A generation that is on the books, or about to be.
pub(super) struct Booking {
    gateway: Gateway,
    caller: Caller,
    id: Uuid,
    operation: pb::Operation,
    end_user: String,
    model: String,
    created_at_ms: i64,
    /// Until the first attempt begins.
    admission: Option<Box<Admission>>,
    /// From the moment in which the admission was handed over until the settlement was.
    open: bool,
    attempts: Vec<AttemptEnd>,
    /// The attempt that counts: the last one, or the one that won.
    tried: Try,
    /// The one that runs beside it.
    beside: Option<Try>,
    streamed: bool,
    begun: Begun,
    /// Since when the provider is waited for.
    waiting_since: Option<Instant>,
    waited: Duration,
    first_token: Option<Duration>,
    sizes: Sizes,
    /// Its place under its limits.
    permit: Permit,
    /// What it may cost.
    lease: Lease,
    /// It holds something of budgets.
    holds: bool,
    /// Budgets that only warn and have been passed.
    overruns: Vec<pb::Warning>,
    /// When its row was last told what it has used.
    noted: Instant,
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

impl Try {
    fn none() -> Self {
        Self { at: 0, entry: None, gauge: None, span: AttemptSpan::none(), charge: None, loser: Loser::Cancelled }
    }
}

/// How a generation ended.
pub(super) struct End<'a> {
    pub state: GenerationState,
    pub finish_reason: FinishReason,
    pub error: Option<&'a Error>,
    /// What the provider said at the end; `None` where it did not come to that.
    pub ended: Option<&'a Ended>,
}

/// What a generation came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Bill {
    pub provider: String,
    pub usage: pb::Usage,
    pub cost_nano_usd: Option<i64>,
    pub cost_source: CostSource,
    pub timings: pb::Timings,
}

impl Bill {
    /// The cost as messages tell it.
    pub(super) fn cost_usd(&self) -> Option<f64> {
        self.cost_nano_usd.map(pb::usd)
    }
}

impl Booking {
    /// A generation of this caller, not yet on the books. `input_bytes` is the size of its input, for estimates.
    pub(super) fn new(gateway: Gateway, caller: Caller, mut admission: Admission, input_bytes: u64) -> Self {
        let created_at_ms = now_ms() - i64::try_from(caller.received.elapsed().as_millis()).unwrap_or(0);
        admission.id = Uuid::now_v7();
        admission.project_id = caller.key.project_id;
        admission.key_id.clone_from(&caller.key.id);
        admission.door = caller.door;
        admission.created_at_ms = created_at_ms;
        Self {
            id: admission.id,
            operation: admission.operation,
            end_user: admission.end_user.clone(),
            model: admission.model.resolved.clone(),
            created_at_ms,
            open: false,
            attempts: Vec::with_capacity(1),
            tried: Try::none(),
            beside: None,
            streamed: admission.streamed,
            begun: Begun::default(),
            waiting_since: None,
            waited: Duration::ZERO,
            first_token: None,
            sizes: Sizes { input_bytes, output_bytes: 0 },
            permit: Permit::default(),
            lease: Lease::default(),
            holds: false,
            overruns: Vec::new(),
            noted: caller.received,
            admission: Some(Box::new(admission)),
            gateway,
            caller,
        }
    }

    /// Keeps the place under its limits until it ends.
    #[must_use]
    pub(super) fn holding(mut self, permit: Permit) -> Self {
        self.permit = permit;
        self
    }

    /// Costs no more than that.
    #[must_use]
    pub(super) fn under(mut self, lease: Lease) -> Self {
        if let Some(admission) = &mut self.admission {
            admission.holds = lease.holds();
            self.holds = !admission.holds.is_empty();
        }
        self.lease = lease;
        self
    }

    /// The generation's id.
    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    /// The generation's id as callers see it.
    pub(super) fn generation_id(&self) -> String {
        id_text(self.id)
    }

    /// The provider of the attempt that counts.
    pub(super) fn provider(&self) -> &str {
        self.attempts.get(self.tried.at).map_or("", |attempt| &attempt.start.provider)
    }

    /// The provider's id of the call.
    pub(super) fn upstream_id(&self) -> &str {
        &self.begun.upstream_id
    }

    /// A price is known for the model of the attempt that counts.
    pub(super) fn priced(&self) -> bool {
        self.tried.entry.as_ref().is_some_and(|entry| entry.model.price.is_some())
    }

    /// The provider of that attempt has begun to answer.
    pub(super) fn answered(&mut self, attempt: usize, status: u16) {
        self.stop_waiting();
        if let Some(beside) = self.beside.as_mut().filter(|beside| beside.at == attempt) {
            std::mem::swap(&mut self.tried, beside);
        }
        if let Some(attempt) = self.attempts.get_mut(self.tried.at) {
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

    /// What the provider said of itself.
    pub(super) fn begun(&mut self, begun: Begun) {
        if let Some(served) = self.served(&self.tried, &begun) {
            self.lease.reprice(served.model.price.as_ref());
        }
        self.begun = begun;
    }

    /// Budgets that only warn and have been passed.
    pub(super) fn overruns(&self) -> &[pb::Warning] {
        &self.overruns
    }

    /// Something has to be done before so many bytes are passed on.
    pub(super) fn is_due(&self, bytes: usize) -> bool {
        self.lease.is_due(self.sizes.output_bytes + bytes as u64) || self.noted.elapsed() >= NOTED_EVERY
    }

    /// Does it: notes what was used, and sees to it that these bytes are paid for. `false` where they may not be passed
    /// on.
    pub(super) async fn cover(&mut self, bytes: usize) -> Result<bool, Error> {
        let output_bytes = self.sizes.output_bytes + bytes as u64;
        let mut checkpoint = Some(self.checkpoint());
        let (ledger, id) = (&self.gateway.ledger, self.id);
        let mut noted = false;
        let covered = self.lease.cover(output_bytes, |holds| {
            noted = true;
            Box::pin(ledger.step(Step { id, holds, checkpoint: checkpoint.take() }))
        });
        let covered = covered.await?;
        if !noted && self.noted.elapsed() >= NOTED_EVERY {
            noted = true;
            // Nobody waits for it: the next one tells more.
            drop(self.gateway.ledger.step(Step { id, holds: Vec::new(), checkpoint: checkpoint.take() }));
        }
        if noted {
            self.noted = Instant::now();
        }
        if !covered {
            self.gateway.metrics.budget_exceeded(&self.caller.key.project, "stopped");
        }
        Ok(covered)
    }

    /// The provider bills the whole answer, however much of it is read.
    pub(super) fn is_billed_whole(&self) -> bool {
        self.gateway.on_disconnect(self) == OnDisconnect::Drain
    }

    /// What is known of the generation so far.
    fn checkpoint(&self) -> Checkpoint {
        let charge = Charge::of(self.sizes, self.served(&self.tried, &self.begun).as_deref(), None, None);
        let mut attempts = self.attempts.clone();
        if let Some(attempt) = attempts.get_mut(self.tried.at) {
            attempt.upstream_id.clone_from(&self.begun.upstream_id);
            attempt.usage = charge.usage;
            attempt.cost_nano_usd = charge.cost_nano_usd;
        }
        let others = attempts.iter().enumerate().filter(|(at, _)| *at != self.tried.at);
        let others = others.filter_map(|(_, attempt)| attempt.cost_nano_usd).sum::<i64>();
        Checkpoint {
            usage: charge.usage,
            cost_nano_usd: charge.cost_nano_usd.map(|cost| cost + others),
            cost_source: charge.cost_source,
            attempts,
        }
    }

    /// Content of so many bytes was passed on.
    pub(super) fn passed(&mut self, bytes: usize) {
        self.sizes.output_bytes += bytes as u64;
        if self.first_token.is_none() {
            self.first_token = Some(self.caller.received.elapsed());
            if let Some(attempt) = self.attempts.get_mut(self.tried.at) {
                attempt.first_token_at_ms = Some(now_ms());
            }
        }
    }

    /// What the gateway itself has taken so far.
    pub(super) fn overhead(&self) -> Duration {
        let waiting = self.waiting_since.map_or(Duration::ZERO, |since| since.elapsed());
        self.caller.received.elapsed().saturating_sub(self.waited + waiting)
    }

    /// Ends the generation with an error, where one had begun; returns it with what the caller should know besides.
    pub(super) async fn fail(&mut self, mut error: Error) -> Error {
        if !self.open {
            return error;
        }
        let state = match error.reason {
            Reason::DeadlineExceeded | Reason::ShuttingDown => GenerationState::Interrupted,
            Reason::Cancelled => GenerationState::Cancelled,
            _ => GenerationState::Failed,
        };
        let overhead = self.overhead();
        let finish_reason =
            if state == GenerationState::Cancelled { FinishReason::Cancelled } else { FinishReason::Error };
        let end = End { state, finish_reason, error: Some(&error), ended: None };
        let (bill, commit) = self.settle(&end, overhead);
        if bill.usage.source() != UsageSource::Unknown {
            error.usage = Some(bill.usage);
            error.cost_usd = bill.cost_usd();
        }
        // The settlement is kept and written when the database is back; the caller has an error already.
        if let Err(unwritten) = meter::in_time(commit).await {
            tracing::error!(context = unwritten.context, "a settlement waits for the database");
        }
        error.overhead = Some(overhead);
        error.with_generation(self.generation_id())
    }

    /// Ends the generation: hands its settlement over and returns what it came to. The future ends with the commit.
    pub(super) fn settle(
        &mut self,
        end: &End<'_>,
        overhead: Duration,
    ) -> (Bill, impl Future<Output = Result<(), Error>> + Send + 'static) {
        self.stop_waiting();
        self.open = false;
        let total = self.caller.received.elapsed();
        let now = now_ms();
        let mut tried = std::mem::replace(&mut self.tried, Try::none());
        // What ends between two attempts was charged when the first of them failed.
        let charge = match tried.charge.take() {
            Some(charge) => charge,
            None => self.end_attempt(&mut tried, end.error, end.ended, now),
        };
        self.end_beside(&tried, end, now);
        // Before the last event goes out: whoever read it may come again.
        self.permit.settle(&charge.usage, charge.cost_nano_usd == Some(0));
        let Charge { usage, cost_source, computed_nano_usd, price_version, .. } = charge;
        self.observe(&tried, end, &usage, total);
        let others = self.attempts.iter().enumerate().filter(|(at, _)| *at != tried.at);
        let others = others.filter_map(|(_, attempt)| attempt.cost_nano_usd).sum::<i64>();
        let cost_nano_usd = charge.cost_nano_usd.map(|cost| cost + others);
        self.tried = tried;
        let error_reason = end.error.map_or(Reason::Unspecified, |error| error.reason);
        let settlement = Settlement {
            id: self.id,
            project_id: self.caller.key.project_id,
            key_id: self.caller.key.id.clone(),
            end_user: std::mem::take(&mut self.end_user),
            model: self.model.clone(),
            created_at_ms: self.created_at_ms,
            state: end.state,
            finish_reason: end.finish_reason,
            error_reason,
            provider: self.provider().to_owned(),
            upstream_provider: self.begun.upstream_provider.clone(),
            usage,
            cost_nano_usd,
            cost_source,
            computed_cost_nano_usd: computed_nano_usd,
            price_version,
            ended_at_ms: now,
            first_token_us: self.first_token.map(micros),
            total_us: micros(total),
            overhead_us: micros(overhead),
            attempts: std::mem::take(&mut self.attempts),
            holds: self.holds,
        };
        self.gateway.metrics.ended(&GenerationEnd {
            operation: self.operation,
            door: self.caller.door,
            project: &self.caller.key.project,
            provider: &settlement.provider,
            model: &settlement.model,
            error: error_reason,
            usage: &settlement.usage,
            cost_nano_usd,
            attempts: settlement.attempts.len() as u64,
            first_token: self.first_token,
            total,
            overhead,
        });
        let timings = pb::Timings {
            first_token_ms: self.first_token.map(millis),
            total_ms: millis(total),
            overhead_ms: millis(overhead),
        };
        let bill = Bill { provider: settlement.provider.clone(), usage, cost_nano_usd, cost_source, timings };
        (bill, self.gateway.ledger.settle(settlement))
    }

    /// Writes into the attempt that counts how it ended, and what it came to.
    fn end_attempt(&mut self, tried: &mut Try, error: Option<&Error>, ended: Option<&Ended>, now: i64) -> Charge {
        let charge = Charge::of(self.sizes, self.served(tried, &self.begun).as_deref(), error, ended);
        if let Some(attempt) = self.attempts.get_mut(tried.at) {
            attempt.upstream_id.clone_from(&self.begun.upstream_id);
            attempt.raw_usage = ended.and_then(|ended| ended.raw_usage.clone());
        }
        self.close(tried, &charge, error, now);
        charge
    }

    /// Ends the attempt that runs beside the one that counts: overtaken where that one won, else ended as it was.
    fn end_beside(&mut self, tried: &Try, end: &End<'_>, now: i64) {
        let Some(mut beside) = self.beside.take().filter(|beside| beside.charge.is_none()) else { return };
        if !self.attempts.get(tried.at).is_some_and(|attempt| attempt.won) {
            let served = self.served(&beside, &Begun::default());
            let charge = Charge::of(Sizes { output_bytes: 0, ..self.sizes }, served.as_deref(), end.error, None);
            return self.close(&mut beside, &charge, end.error, now);
        }
        let told = beside.loser.told();
        let begun = told.map_or_else(Begun::default, |(begun, _)| begun.clone());
        let charge = beside.loser.charge(self.sizes, self.served(&beside, &begun).as_deref());
        if let Some(attempt) = self.attempts.get_mut(beside.at) {
            attempt.upstream_id = begun.upstream_id;
            attempt.raw_usage = told.and_then(|(_, ended)| ended.raw_usage.clone());
        }
        let overtaken = Error::new(Reason::Cancelled, "another attempt began to answer sooner");
        self.close(&mut beside, &charge, Some(&overtaken), now);
    }

    fn close(&mut self, tried: &mut Try, charge: &Charge, error: Option<&Error>, now: i64) {
        if let Some(attempt) = self.attempts.get_mut(tried.at) {
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

    /// Tells the target's gauge what became of the answer that had begun.
    fn observe(&self, tried: &Try, end: &End<'_>, usage: &pb::Usage, total: Duration) {
        let won = self.attempts.get(tried.at).is_some_and(|attempt| attempt.won);
        let Some(gauge) = tried.gauge.as_ref().filter(|_| won) else { return };
        match (end.error, self.first_token) {
            (Some(error), _) => gauge.failed(error, Moment::now(), rand::random()),
            (None, Some(first)) if self.streamed => gauge.wrote(usage.output_total(), total.saturating_sub(first)),
            (None, _) => {}
        }
    }

    /// The model whose price counts: routers, aliases and a provider's own fallbacks answer with another one than was
    /// asked.
    fn served(&self, tried: &Try, begun: &Begun) -> Option<Arc<Entry>> {
        let asked = tried.entry.as_ref()?;
        self.gateway.catalog.snapshot().find_served(asked, &begun.upstream_model)
    }

    /// Puts the generation on the books, unless a budget has not enough left.
    async fn admit(&mut self, admission: Admission) -> Result<(), Error> {
        let project = &self.caller.key.project;
        match self.gateway.ledger.admit(admission).await? {
            Held::All { over } => {
                self.overruns = self.lease.warnings(&over);
                over.iter().for_each(|_| self.gateway.metrics.budget_exceeded(project, "warned"));
                Ok(())
            }
            Held::Short(short) => {
                self.gateway.metrics.budget_exceeded(project, "refused");
                Err(self.lease.refusal(&short))
            }
            Held::Ended => Err(Error::internal("a generation ended before it began")),
        }
    }

    fn stop_waiting(&mut self) {
        if let Some(since) = self.waiting_since.take() {
            self.waited += since.elapsed();
        }
    }
}

impl AttemptLog for Booking {
    async fn begin(&mut self, kind: AttemptKind, target: &Target) -> Result<usize, Error> {
        self.stop_waiting();
        let start = AttemptStart {
            generation_id: self.id,
            index: u32::try_from(self.attempts.len()).unwrap_or(u32::MAX).saturating_add(1),
            kind,
            provider: target.provider.name.clone(),
            credential: target.credential().name.clone(),
            upstream_model: target.model.clone(),
            started_at_ms: now_ms(),
        };
        match self.admission.take() {
            Some(mut admission) => {
                admission.attempt = start.clone();
                // Open before the answer: whoever drops us while we wait leaves a row that must be settled.
                self.open = true;
                self.attempts.push(AttemptEnd { start, ..AttemptEnd::default() });
                self.gateway.metrics.began();
                if let Err(error) = self.admit(*admission).await {
                    self.open = false;
                    self.gateway.metrics.refused();
                    return Err(error);
                }
            }
            // On the list only once it is in the books: what was never sent is no attempt.
            None => {
                self.gateway.ledger.begin_attempt(start.clone()).await?;
                self.attempts.push(AttemptEnd { start, ..AttemptEnd::default() });
            }
        }
        self.permit.sent();
        let at = self.attempts.len() - 1;
        let begun = Try {
            at,
            entry: target.entry.clone(),
            gauge: Some(target.gauge.clone()),
            span: AttemptSpan::begin(self.operation, kind, &target.provider.name, &target.model),
            ..Try::none()
        };
        let before = std::mem::replace(&mut self.tried, begun);
        self.beside = (kind == AttemptKind::Hedge).then_some(before);
        self.waiting_since = Some(Instant::now());
        Ok(at)
    }

    fn failed(&mut self, attempt: usize, error: &Error) {
        // Whoever still runs beside it is the one that counts.
        if let Some(beside) = self.beside.as_mut().filter(|_| self.tried.at == attempt) {
            std::mem::swap(&mut self.tried, beside);
        }
        let mut failed = match self.beside.take_if(|beside| beside.at == attempt) {
            Some(beside) => beside,
            None => std::mem::replace(&mut self.tried, Try::none()),
        };
        let charge = self.end_attempt(&mut failed, Some(error), None, now_ms());
        if self.tried.gauge.is_none() {
            self.tried = Try { charge: Some(charge), ..failed };
        }
    }
}

impl Drop for Booking {
    fn drop(&mut self) {
        if self.open {
            let overhead = self.overhead();
            let state = GenerationState::Cancelled;
            let end = End { state, finish_reason: FinishReason::Cancelled, error: None, ended: None };
            // Handed over by the call; it is written whether or not somebody waits.
            drop(self.settle(&end, overhead));
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
