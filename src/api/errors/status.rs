//! `google.rpc.Status` with details, for the gRPC doors.

use std::collections::HashMap;

use tonic::{Status, metadata::MetadataMap};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::row;
use crate::{
    api::facts::Facts,
    error::{Error, Reason},
    pb::ShortName as _,
};

/// Who names the reasons, in `ErrorInfo`.
const DOMAIN: &str = "generative-gateway";

/// The error as a gRPC status: ErrorInfo always, and BadRequest, RetryInfo and QuotaFailure where they say something.
pub(in crate::api) fn grpc_status(error: &Error, request_id: &str) -> Status {
    let reason = error.reason.short_name().to_ascii_uppercase();
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata(error, request_id));
    if let Some(field) = &error.field {
        details.add_bad_request_violation(field, &error.message);
    }
    if error.retry_after.is_some() {
        details.set_retry_info(error.retry_after);
    }
    if matches!(error.reason, Reason::LimitExceeded | Reason::BudgetExceeded) {
        let quota = error.quota.as_deref().or(error.field.as_deref()).unwrap_or("key");
        details.add_quota_failure_violation(quota, &error.message);
    }
    let mut headers = http::HeaderMap::new();
    if let Some(facts) = Facts::of_error(error) {
        facts.write(&mut headers);
    }
    let metadata = MetadataMap::from_headers(headers);
    Status::with_error_details_and_metadata(row(error.reason).code, error.message.clone(), details, metadata)
}

fn metadata(error: &Error, request_id: &str) -> HashMap<String, String> {
    let known = [
        ("request_id", (!request_id.is_empty()).then(|| request_id.to_owned())),
        ("blame", Some(error.blame().short_name().to_owned())),
        ("retryable", Some(error.retryable().to_string())),
        ("field", error.field.clone()),
        ("provider", error.provider.clone()),
        ("provider_status", error.provider_status.map(|status| status.to_string())),
        ("generation_id", error.generation_id.clone()),
        ("suggestions", (!error.suggestions.is_empty()).then(|| error.suggestions.join(", "))),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn details_name_the_reason_the_field_and_the_wait() {
        let limit = Error::new(Reason::LimitExceeded, "60 requests a minute are allowed; wait")
            .with_retry_after(Duration::from_secs(2));
        let status = grpc_status(&limit, "r1");
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("LIMIT_EXCEEDED", DOMAIN));
        assert_eq!(info.metadata["request_id"], "r1");
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_secs(2)));
        assert_eq!(details.quota_failure().unwrap().violations.len(), 1);

        let field = grpc_status(&Error::invalid("messages[0].role", "say who speaks"), "r1").get_error_details();
        assert_eq!(field.bad_request().unwrap().field_violations[0].field, "messages[0].role");
        assert!(field.retry_info().is_none());
    }
}
