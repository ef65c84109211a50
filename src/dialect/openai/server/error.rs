//! Writes errors as clients of this format read them.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::{
    error::Error,
    pb::{Blame, ErrorDetail, ErrorReason as Reason, ShortName},
};

/// Writes an error body. Its `code` is the gateway's stable reason; where OpenAI knows the same reason, it is the same
/// word.
pub fn write_error(error: &Error) -> Bytes {
    json!({ "error": error_object(&error.detail()) }).to_string().into()
}

/// The `error` object, for bodies and for chunks.
pub(super) fn error_object(error: &ErrorDetail) -> Value {
    let reason = error.reason();
    let mut metadata = Map::new();
    if let Ok(blame) = Blame::try_from(error.blame) {
        metadata.insert("blame".to_owned(), blame.short_name().into());
    }
    metadata.insert("retryable".to_owned(), error.retryable.into());
    let texts = [("provider_name", &error.provider), ("generation_id", &error.generation_id)];
    for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        metadata.insert(name.to_owned(), text.as_str().into());
    }
    for (name, number) in [("provider_status", error.provider_status), ("retry_after_ms", error.retry_after_ms)] {
        if let Some(number) = number {
            metadata.insert(name.to_owned(), number.into());
        }
    }
    if let Some(usage) = error.usage {
        metadata.insert("usage".to_owned(), json!(usage));
    }
    if let Some(cost) = error.cost_usd {
        metadata.insert("cost_usd".to_owned(), cost.into());
    }
    if !error.suggestions.is_empty() {
        metadata.insert("suggestions".to_owned(), error.suggestions.as_slice().into());
    }
    json!({
        "message": error.message,
        "type": kind(reason),
        "param": Some(&error.field).filter(|field| !field.is_empty()),
        "code": reason.short_name(),
        "metadata": metadata,
    })
}

/// OpenAI's coarser word, by which its clients choose a class of exception.
fn kind(reason: Reason) -> &'static str {
    match reason {
        Reason::KeyMissing | Reason::KeyInvalid | Reason::KeyRevoked | Reason::KeyExpired => "authentication_error",
        Reason::PermissionDenied => "permission_error",
        Reason::LimitExceeded | Reason::ProviderRateLimited => "rate_limit_error",
        Reason::BudgetExceeded => "insufficient_quota",
        Reason::Unspecified
        | Reason::DeadlineExceeded
        | Reason::Cancelled
        | Reason::ShuttingDown
        | Reason::BooksUnavailable
        | Reason::Internal
        | Reason::ProviderNotConfigured
        | Reason::ProviderAuthentication
        | Reason::ProviderPermissionDenied
        | Reason::ProviderInsufficientFunds
        | Reason::ProviderOverloaded
        | Reason::ProviderTimeout
        | Reason::ProviderError
        | Reason::ProviderMalformedResponse
        | Reason::ProviderStreamTruncated
        | Reason::ProviderUnreachable => "server_error",
        _ => "invalid_request_error",
    }
}
