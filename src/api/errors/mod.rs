//! The one table from a reason to its gRPC code, HTTP status and words; every door's error body reads it.
//!
//! A handler answers [`Refusal`]; the edge, which knows the door and the request's id, gives it its shape.

mod status;

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use tonic::Code;

pub(super) use self::status::grpc_status;
use super::facts::Facts;
use crate::{
    dialect::openai,
    error::{Error, Reason},
    pb::{self, Blame, ShortName as _},
};

/// How the doors tell one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// gRPC status code.
    pub code: Code,
    /// HTTP status.
    pub status: StatusCode,
}

/// The row of a reason.
pub fn row(reason: Reason) -> Row {
    let (code, status) = match reason {
        Reason::Unspecified => (Code::Unknown, 500),
        Reason::InvalidRequest
        | Reason::MalformedBody
        | Reason::UnsupportedContent
        | Reason::UnsupportedParameter
        | Reason::CursorInvalid
        | Reason::ProviderInvalidRequest
        | Reason::ContextLengthExceeded
        | Reason::ContentFiltered => (Code::InvalidArgument, 400),
        Reason::BodyTooLarge => (Code::ResourceExhausted, 413),
        Reason::UnsupportedMediaType => (Code::InvalidArgument, 415),
        Reason::ModelNotFound | Reason::ModelAmbiguous | Reason::NotFound | Reason::ProviderNotFound => {
            (Code::NotFound, 404)
        }
        Reason::AlreadyExists => (Code::AlreadyExists, 409),
        Reason::KeyMissing | Reason::KeyInvalid | Reason::KeyRevoked | Reason::KeyExpired => {
            (Code::Unauthenticated, 401)
        }
        Reason::PermissionDenied => (Code::PermissionDenied, 403),
        Reason::LimitExceeded | Reason::ProviderRateLimited => (Code::ResourceExhausted, 429),
        // 402 and not 429: clients repeat a 429 by themselves, and waiting fills no account.
        Reason::BudgetExceeded | Reason::ProviderInsufficientFunds => (Code::ResourceExhausted, 402),
        Reason::OutOfRange => (Code::OutOfRange, 410),
        Reason::DeadlineExceeded => (Code::DeadlineExceeded, 504),
        // 499 is nginx's word for a client that left; nobody reads this answer, but logs do.
        Reason::Cancelled => (Code::Cancelled, 499),
        Reason::ShuttingDown | Reason::BooksUnavailable => (Code::Unavailable, 503),
        Reason::Unimplemented => (Code::Unimplemented, 404),
        Reason::Internal => (Code::Internal, 500),
        Reason::ProviderNotConfigured => (Code::FailedPrecondition, 503),
        // The credential is the gateway's: a 401 or 403 would blame the caller's key.
        Reason::ProviderAuthentication | Reason::ProviderPermissionDenied => (Code::FailedPrecondition, 502),
        Reason::ProviderOverloaded => (Code::Unavailable, 503),
        // Not DEADLINE_EXCEEDED, which is the caller's own deadline and is not tried again.
        Reason::ProviderTimeout => (Code::Unavailable, 504),
        Reason::ProviderError
        | Reason::ProviderMalformedResponse
        | Reason::ProviderStreamTruncated
        | Reason::ProviderUnreachable => (Code::Unavailable, 502),
    };
    Row { code, status: StatusCode::from_u16(status).expect("a status of three digits") }
}

/// `INVALID_ARGUMENT` as `invalid_argument`.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "cancelled",
        Code::Unknown => "unknown",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::AlreadyExists => "already_exists",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Aborted => "aborted",
        Code::OutOfRange => "out_of_range",
        Code::Unimplemented => "unimplemented",
        Code::Internal => "internal",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
    }
}

/// The error as the native doors tell it, complete.
pub(super) fn detail(error: &Error) -> pb::ErrorDetail {
    pb::ErrorDetail { code: code_name(row(error.reason).code).to_owned(), ..error.detail() }
}

/// Gives the errors of stored messages their codes, which the store does not know.
pub(super) fn name_codes(messages: &mut [pb::StoredMessage]) {
    for error in messages.iter_mut().filter_map(|message| message.error.as_mut()) {
        code_name(row(error.reason()).code).clone_into(&mut error.code);
    }
}

/// An error on its way out of a handler.
#[derive(Clone, Debug)]
pub(super) struct Refusal(Arc<Error>);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(Arc::new(error))
    }
}

impl IntoResponse for Refusal {
    /// An empty answer that carries the error; [`Refusal::shape`] writes the body.
    fn into_response(self) -> Response {
        let mut response = row(self.0.reason).status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl Refusal {
    /// Writes the error into its answer, in the shape of the door, and into the log. Headers that layers have set since
    /// stay.
    pub(super) fn shape(self, door: pb::Door, request_id: &str, response: Response) -> Response {
        let error = &*self.0;
        note(error, request_id);
        let (mut parts, _) = response.into_parts();
        let body = match door {
            pb::Door::Grpc | pb::Door::GrpcWeb => {
                let (head, body) = grpc_status(error, request_id).into_http::<axum::body::Body>().into_parts();
                parts.status = head.status;
                parts.headers.extend(head.headers);
                if door == pb::Door::GrpcWeb {
                    let grpc_web = http::HeaderValue::from_static("application/grpc-web+proto");
                    parts.headers.insert(header::CONTENT_TYPE, grpc_web);
                }
                return Response::from_parts(parts, body);
            }
            pb::Door::Openai => openai::server::write_error(error),
            _ => serde_json::json!({ "error": detail(error) }).to_string().into(),
        };
        if let Some(facts) = Facts::of_error(error) {
            facts.write(&mut parts.headers);
        }
        parts.headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        parts.headers.remove(header::CONTENT_LENGTH);
        if let Some(wait) = error.retry_after {
            // Whole seconds, rounded up: earlier would be refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            parts.headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if parts.status == StatusCode::UNAUTHORIZED {
            parts.headers.insert(header::WWW_AUTHENTICATE, http::HeaderValue::from_static("Bearer"));
        }
        Response::from_parts(parts, body.into())
    }
}

/// Logs an error where it is answered, once. Without the words of a provider, which may quote the prompt: these are in
/// the books. `request_id` is empty where no request is to blame.
pub(super) fn note(error: &Error, request_id: &str) {
    let reason = error.reason.short_name();
    let (provider, status) = (error.provider.as_deref(), error.provider_status);
    let (generation, context) = (error.generation_id.as_deref(), error.context.as_deref());
    let words = if provider.is_some() { "by the provider" } else { error.message.as_str() };
    match (error.reason, error.blame()) {
        // A person must act: a fault of ours, or of our database.
        (Reason::Internal | Reason::Unspecified | Reason::BooksUnavailable, _) => {
            tracing::error!(reason, request_id, generation, context, "refused: {words}");
        }
        (_, Blame::Gateway | Blame::Provider) => {
            tracing::warn!(reason, request_id, generation, provider, status, context, "refused: {words}");
        }
        _ => tracing::debug!(reason, request_id, generation, provider, status, context, "refused: {words}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn reasons() -> Vec<Reason> {
        (0..).map_while(|number| Reason::try_from(number).ok()).collect()
    }

    #[test]
    fn every_reason_has_a_row_that_fits_whose_fault_it_is() {
        let reasons = reasons();
        assert_eq!(reasons.last(), Some(&Reason::ProviderUnreachable), "numbers have a gap");
        for reason in reasons {
            let (row, error) = (row(reason), Error::new(reason, "x"));
            assert_ne!(row.code, Code::Ok, "{reason:?}");
            match error.blame() {
                Blame::Caller if reason == Reason::DeadlineExceeded => assert_eq!(row.status, 504),
                Blame::Caller => assert!(row.status.is_client_error(), "{reason:?}"),
                Blame::Gateway if reason == Reason::ProviderInsufficientFunds => assert_eq!(row.status, 402),
                Blame::Gateway => assert!(row.status.is_server_error(), "{reason:?}"),
                _ => assert!(row.status.is_server_error() || row.status == 429, "{reason:?}"),
            }
            if error.retryable() {
                assert!(matches!(row.code, Code::Unavailable | Code::ResourceExhausted), "{reason:?}");
            }
        }
    }

    #[test]
    fn the_native_shape_says_why_where_and_whether_to_retry() {
        let error = Error::new(Reason::ProviderRateLimited, "the provider is busy; wait")
            .with_provider("openrouter", Some(429))
            .with_retry_after(std::time::Duration::from_millis(1500))
            .with_context("never to the caller");
        let body = serde_json::to_value(detail(&error)).unwrap();
        assert_eq!(body["code"], "resource_exhausted");
        assert_eq!(body["reason"], "provider_rate_limited");
        assert_eq!((&body["retry_after_ms"], &body["retryable"]), (&1500.into(), &true.into()));
        assert!(!body.to_string().contains("never"));
    }

    #[test]
    fn the_readme_tells_every_reason_as_the_doors_do() {
        let lines = include_str!("../../../README.md").lines().skip_while(|line| !line.starts_with("| reason | HTTP"));
        let mut told = HashSet::new();
        for line in lines.skip(2).take_while(|line| line.starts_with('|')) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            for name in cells[0].split(", ").map(|name| name.trim_matches('`')) {
                let reason = reasons().into_iter().find(|reason| reason.short_name() == name).expect(name);
                let (row, error) = (row(reason), Error::new(reason, "x"));
                let code = format!("`{}`", code_name(row.code).to_uppercase());
                let retry = if error.retryable() { "yes" } else { "" };
                let status = row.status.as_str();
                assert_eq!(cells[1..], [status, &code, error.blame().short_name(), retry], "{name}");
                assert!(told.insert(name), "{name} is told twice");
            }
        }
        assert_eq!(told.len(), reasons().len() - 1, "all but `unspecified`");
    }

    #[test]
    fn names_are_unique_and_read_back() {
        let names: HashSet<&str> = reasons().into_iter().map(|reason| reason.short_name()).collect();
        assert_eq!(names.len(), reasons().len());
        assert!(names.contains("model_not_found") && names.contains("provider_rate_limited"));
    }
}
