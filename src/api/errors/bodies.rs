//! Error bodies of the HTTP doors.

use bytes::Bytes;
use serde_json::json;

use super::{detail, row};
use crate::{error::Error, pb::ShortName as _};

/// `{"error": ErrorDetail}`.
pub(super) fn native_body(error: &Error) -> Bytes {
    bytes(&json!({ "error": detail(error) }))
}

/// OpenAI's shape, with what it has no name for in `metadata`, as OpenRouter does.
/// <https://platform.openai.com/docs/guides/error-codes>, <https://openrouter.ai/docs/api-reference/errors>
pub(in crate::api) fn openai_body(error: &Error, request_id: &str) -> Bytes {
    let detail = detail(error);
    let mut metadata = serde_json::Map::new();
    let mut tell = |name: &str, value: serde_json::Value| {
        metadata.insert(name.to_owned(), value);
    };
    tell("reason", json!(error.reason.short_name()));
    tell("blame", json!(error.blame()));
    tell("retryable", json!(detail.retryable));
    tell("request_id", json!(request_id));
    if let Some(wait) = detail.retry_after_ms {
        tell("retry_after_ms", json!(wait));
    }
    if !detail.generation_id.is_empty() {
        tell("generation_id", json!(detail.generation_id));
    }
    if !detail.provider.is_empty() {
        tell("provider_name", json!(detail.provider));
    }
    if let Some(status) = detail.provider_status {
        tell("provider_status", json!(status));
    }
    if !detail.suggestions.is_empty() {
        tell("suggestions", json!(detail.suggestions));
    }
    if let Some(usage) = detail.usage {
        tell("usage", json!(usage));
    }
    if let Some(cost) = detail.cost_usd {
        tell("cost_usd", json!(cost));
    }
    bytes(&json!({ "error": {
        "message": detail.message,
        "type": row(error.reason).kind,
        "code": error.reason.short_name(),
        "param": error.field,
        "metadata": metadata,
    }}))
}

fn bytes(body: &serde_json::Value) -> Bytes {
    body.to_string().into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::Reason;

    #[test]
    fn both_shapes_say_why_where_and_whether_to_retry() {
        let error = Error::new(Reason::ProviderRateLimited, "the provider is busy; wait")
            .with_provider("openrouter", Some(429))
            .with_retry_after(Duration::from_millis(1500))
            .with_context("never to the caller");
        let native: serde_json::Value = serde_json::from_slice(&native_body(&error)).unwrap();
        assert_eq!(native["error"]["code"], "resource_exhausted");
        assert_eq!(native["error"]["reason"], "provider_rate_limited");
        assert_eq!(native["error"]["retry_after_ms"], 1500);
        let openai: serde_json::Value = serde_json::from_slice(&openai_body(&error, "r1")).unwrap();
        assert_eq!(openai["error"]["type"], "rate_limit_error");
        assert_eq!(openai["error"]["code"], "provider_rate_limited");
        assert_eq!(openai["error"]["metadata"]["provider_name"], "openrouter");
        assert_eq!(openai["error"]["metadata"]["retryable"], true);
        assert!(!format!("{native}{openai}").contains("never"));
        let field: serde_json::Value =
            serde_json::from_slice(&openai_body(&Error::invalid("top_p", "must be at most 1"), "r1")).unwrap();
        assert_eq!(field["error"]["param"], "top_p");
    }
}
