//! One generation on its way through the books: admitted with its first attempt, settled exactly once, also when it
//! is dropped.

mod attempts;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::time::Instant as Moment;
use uuid::Uuid;

use self::attempts::{Attempts, Known};
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
    routing::{AttemptLog, Target},
    store::{
        ledger::{Admission, Held, Settlement, Step},
        usage::id_text,
    },
    telemetry::GenerationEnd,
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
    attempts: Attempts,
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
    noted: Moment,
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
            attempts: Attempts::none(),
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
            noted: Moment::now(),
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

    /// It is stopped when it becomes too dear.
    pub(super) fn may_stop(&self) -> bool {
        self.lease.may_stop()
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
        self.attempts.provider()
    }

    /// The provider's id of the call.
    pub(super) fn upstream_id(&self) -> &str {
        &self.begun.upstream_id
    }

    /// A price is known for the model of the attempt that counts.
    pub(super) fn priced(&self) -> bool {
        self.attempts.priced()
    }

    /// The provider of that attempt has begun to answer.
    pub(super) fn answered(&mut self, attempt: usize, status: u16) {
        self.stop_waiting();
        self.attempts.answered(attempt, status);
    }

    /// The other attempt was overtaken.
    pub(super) fn overtook(&mut self, loser: Loser) {
        self.attempts.overtook(loser);
    }

    /// What the provider said of itself.
    pub(super) fn begun(&mut self, begun: Begun) {
        if let Some(served) = self.attempts.served(&self.gateway.catalog, &begun) {
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
        let known = Known { catalog: &self.gateway.catalog, sizes: self.sizes, begun: &self.begun };
        let (ledger, attempts, id) = (&self.gateway.ledger, &self.attempts, self.id);
        let mut noted = false;
        let covered = self.lease.cover(output_bytes, |holds| {
            // Only the first step of a piece tells anything new.
            let checkpoint = (!std::mem::replace(&mut noted, true)).then(|| attempts.checkpoint(known));
            Box::pin(ledger.step(Step { id, holds, checkpoint }))
        });
        let covered = covered.await?;
        if !noted && self.noted.elapsed() >= NOTED_EVERY {
            noted = true;
            // Nobody waits for it: the next one tells more.
            drop(ledger.step(Step { id, holds: Vec::new(), checkpoint: Some(attempts.checkpoint(known)) }));
        }
        if noted {
            self.noted = Moment::now();
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

    /// Content of so many bytes was passed on.
    pub(super) fn passed(&mut self, bytes: usize) {
        self.sizes.output_bytes += bytes as u64;
        if self.first_token.is_none() {
            self.first_token = Some(self.caller.received.elapsed());
            self.attempts.spoke();
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
        let known = Known { catalog: &self.gateway.catalog, sizes: self.sizes, begun: &self.begun };
        let charge = self.attempts.end(end, known, now);
        // Before the last event goes out: whoever read it may come again.
        self.permit.settle(&charge.usage, charge.cost_nano_usd == Some(0));
        let Charge { usage, cost_source, computed_nano_usd, price_version, .. } = charge;
        let writing = self.first_token.filter(|_| self.streamed).map(|first| total.saturating_sub(first));
        self.attempts.observe(end, &usage, writing);
        let cost_nano_usd = charge.cost_nano_usd.map(|cost| cost + self.attempts.cost_of_others());
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
            attempts: self.attempts.take(),
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
        let start = self.attempts.next(self.id, kind, target);
        match self.admission.take() {
            Some(mut admission) => {
                admission.attempt = start.clone();
                // Open before the answer: whoever drops us while we wait leaves a row that must be settled.
                self.open = true;
                self.attempts.list(start);
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
                self.attempts.list(start);
            }
        }
        self.permit.sent();
        self.waiting_since = Some(Instant::now());
        Ok(self.attempts.send(self.operation, kind, target))
    }

    fn failed(&mut self, attempt: usize, error: &Error) {
        let known = Known { catalog: &self.gateway.catalog, sizes: self.sizes, begun: &self.begun };
        self.attempts.failed(attempt, error, known);
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
