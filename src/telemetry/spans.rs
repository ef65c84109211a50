//! The span of an upstream try, from when it is sent until its last word. The span of the request, around it, is the
//! doors'.

use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::names;
use crate::{
    error::Error,
    pb::{self, ShortName as _},
};

/// The span of one attempt; it ends when this is dropped.
pub struct AttemptSpan(Span);

impl AttemptSpan {
    /// No span, between attempts.
    pub fn none() -> Self {
        Self(Span::none())
    }

    /// An attempt is sent, within the current request.
    pub fn begin(operation: pb::Operation, kind: pb::AttemptKind, provider: &str, model: &str) -> Self {
        Self(tracing::info_span!(
            "attempt",
            { names::OPERATION } = operation.short_name(),
            { names::PROVIDER } = provider,
            { names::REQUEST_MODEL } = model,
            { names::ATTEMPT_KIND } = kind.short_name(),
            { names::ERROR_TYPE } = Empty,
            { names::STATUS } = Empty,
        ))
    }

    /// The attempt has ended.
    pub fn end(self, error: Option<&Error>, usage: &pb::Usage) {
        if let Some(error) = error {
            self.0.record(names::ERROR_TYPE, error.reason.short_name());
            if let Some(status) = error.provider_status {
                self.0.record(names::STATUS, status);
            }
        }
        // For traces alone: log lines show a span's fields, and each that is recorded later is written anew.
        self.0.set_attribute(names::INPUT_TOKENS, i64::from(usage.input_total()));
        self.0.set_attribute(names::OUTPUT_TOKENS, i64::from(usage.output_total()));
    }
}
