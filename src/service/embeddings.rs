//! Embeddings: route, check, admit, try, settle.

use super::{
    Caller, EmbedCall, Gateway,
    admission::Ask,
    booking::{Booking, End},
    budgets::Wish,
    checks, estimate,
    hedging::{self, Unhedged},
    meter,
};
use crate::{
    dialect::{Embedded, Ended, OutgoingEmbed},
    error::Error,
    pb::{self, FinishReason, GenerationState},
    routing,
    store::ledger::Admission,
};

/// An answer to embeddings.
#[derive(Clone, Debug, Default)]
pub struct EmbedAnswer {
    /// The answer; without vectors where `passed` holds them.
    pub response: pb::EmbedResponse,
    /// The provider's own body, where the caller speaks the provider's dialect.
    pub passed: Option<Embedded>,
}

impl Gateway {
    /// Turns inputs into vectors.
    ///
    /// # Errors
    /// What the request lacks, why it is not admitted, or how every attempt failed.
    pub async fn embed(&self, caller: Caller, call: EmbedCall) -> Result<EmbedAnswer, Error> {
        refuse_idempotency_key(&caller)?;
        let request = &call.request;
        let ask = Ask {
            model: &request.model,
            options: request.routing.as_ref(),
            passed: call.source.is_some(),
            ..Ask::default()
        };
        let route = self.route(&caller, ask)?;
        checks::embeddings(request, route.abilities())?;
        hedging::check(request.routing.as_ref())?;
        let reserve = || estimate::reserve_embeddings(request, route.abilities());
        let permit = self.limits.admit(&caller, &request.end_user, route.model(), reserve)?;
        let wish = Wish { end_user: &request.end_user, ..Wish::default() };
        let lease = self.lease(&caller, &route, wish, reserve)?;
        let limit = self.limit(&caller);
        let (policy, _) = hedging::policy(self, &route, request.routing.as_ref(), || None, &caller);
        let deadline = caller.deadline;
        let admission = Admission {
            operation: pb::Operation::Embeddings,
            end_user: request.end_user.clone(),
            metadata: request.metadata.clone(),
            ..route.admission()
        };
        let mut booking = Booking::new(self.clone(), caller, admission, estimate::embedding_bytes(request))
            .holding(permit)
            .under(lease);
        let attempt = async |target: &routing::Target| {
            let outgoing = OutgoingEmbed { request, source: call.source.as_ref(), model: &target.model };
            let (status, warnings, embedded) =
                self.upstream.embed(&target.provider, target.credential, outgoing, deadline).await?;
            // Vectors are parsed only for callers that cannot take the provider's own bytes.
            let vectors = match call.source {
                Some(_) => Vec::new(),
                None => target.provider.dialect.embedding_vectors(&embedded)?,
            };
            Ok((status, warnings, embedded, vectors))
        };
        // Boxed, so that the futures around it stay small: they are moved at every layer.
        let tries = Box::pin(routing::try_targets(&route.targets, &policy, &mut booking, attempt));
        let answer = tokio::select! {
            biased;
            answer = tries => answer,
            error = limit => Err(error),
        };
        let won = match answer {
            Ok(won) => won,
            Err(error) => return Err(booking.fail(error).await),
        };
        let (status, warnings, embedded, embeddings) = won.answer;
        booking.answered(won.attempt, status);
        booking.begun(embedded.begun.clone());
        let ended = Ended {
            finish_reason: FinishReason::Stop,
            usage: embedded.usage,
            cost: embedded.cost.clone(),
            raw_usage: embedded.raw_usage.clone(),
            ..Ended::default()
        };
        let end = End {
            state: GenerationState::Completed,
            finish_reason: ended.finish_reason,
            error: None,
            ended: Some(&ended),
        };
        let overhead = booking.overhead();
        let (bill, commit) = booking.settle(&end, overhead);
        meter::committed(commit, &booking, &bill).await?;
        let response = pb::EmbedResponse {
            generation_id: booking.generation_id(),
            model: Some(route.resolution().clone()),
            provider: bill.provider.clone(),
            embeddings,
            usage: Some(bill.usage),
            cost_usd: bill.cost_usd(),
            cost_source: bill.cost_source.into(),
            timings: Some(bill.timings),
            warnings: route.warnings(&booking, Unhedged::default().warnings(won.unhedged, warnings)),
            upstream_provider: embedded.begun.upstream_provider.clone(),
            upstream_model: embedded.begun.upstream_model.clone(),
        };
        Ok(EmbedAnswer { response, passed: call.source.is_some().then_some(embedded) })
    }
}

/// Vectors are not kept for a second reader: they are large, cheap, and the same each time they are asked for. So a key
/// could not be honoured, and whoever sent one relies on it.
fn refuse_idempotency_key(caller: &Caller) -> Result<(), Error> {
    if caller.idempotency_key.is_none() {
        return Ok(());
    }
    let words = "embeddings take no Idempotency-Key: they are made anew each time; leave it out and repeat the request";
    Err(Error::invalid("idempotency_key", words))
}
