//! Embeddings: route, check, admit, try, settle.

use super::{
    Caller, EmbedCall, Gateway,
    booking::{Booking, End},
    checks, meter,
};
use crate::{
    dialect::{Embedded, Ended, OutgoingEmbed},
    error::Error,
    pb::{self, FinishReason, GenerationState, embed_input::Input},
    routing::{self, Policy},
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
        let request = &call.request;
        let route = self.route(&caller.key, &request.model, request.routing.as_ref(), call.source.is_some())?;
        checks::embeddings(request, route.abilities())?;
        let limit = self.limit(&caller);
        let (policy, deadline) = (Policy::new(&self.config.routing, caller.deadline), caller.deadline);
        let admission = Admission {
            operation: pb::Operation::Embeddings,
            end_user: request.end_user.clone(),
            metadata: request.metadata.clone(),
            ..route.admission()
        };
        let mut booking = Booking::new(self.clone(), caller, admission, input_bytes(request));
        let attempt = async |target: &routing::Target| {
            let outgoing = OutgoingEmbed { request, source: call.source.as_ref(), model: &target.model };
            let (status, warnings, embedded) = self.upstream.embed(&target.provider, outgoing, deadline).await?;
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
        let (status, warnings, embedded, embeddings) = match answer {
            Ok(answer) => answer,
            Err(error) => return Err(booking.fail(error).await),
        };
        booking.answered(status);
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
            warnings: route.warnings(&booking, warnings),
            upstream_provider: embedded.begun.upstream_provider.clone(),
            upstream_model: embedded.begun.upstream_model.clone(),
        };
        Ok(EmbedAnswer { response, passed: call.source.is_some().then_some(embedded) })
    }
}

/// Bytes of text in the inputs, for estimates.
fn input_bytes(request: &pb::EmbedRequest) -> u64 {
    let bytes = |input: &pb::EmbedInput| match &input.input {
        Some(Input::Text(text)) => text.len() as u64,
        // A token is estimated from four bytes.
        Some(Input::Tokens(tokens)) => 4 * tokens.ids.len() as u64,
        Some(Input::Parts(_)) | None => 0,
    };
    request.inputs.iter().map(bytes).sum()
}
