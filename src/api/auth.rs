//! Who calls: from a request's headers to a [`Caller`]. Every method of the gateway takes one, and here is the only
//! place that makes it, so that no route can forget to ask for a key.

use std::{future::Future, time::Duration};

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{Extensions, HeaderMap, HeaderName, header, request::Parts};
use tokio::time::Instant;

use super::{
    edge::{API_KEY, Arrival},
    errors::Refusal,
};
use crate::{
    error::{Error, Reason},
    service::{Caller, Gateway},
};

/// A deadline in milliseconds, as HTTP clients give it.
const REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout-ms");
/// A deadline as gRPC clients give it.
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest Idempotency-Key.
const MAX_IDEMPOTENCY_KEY: usize = 255;
/// The service stops at the deadline by itself, books what was used and tells it; the door only cuts what did not stop,
/// such as a commit that does not come.
const GRACE: Duration = Duration::from_secs(1);

/// The caller of an HTTP door, as a handler's argument. It stands before the body, which then is read for known
/// callers only.
pub(super) struct Known(pub(super) Caller);

impl FromRequestParts<Gateway> for Known {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Refusal> {
        Ok(Self(caller(gateway, &parts.headers, &parts.extensions).await?))
    }
}

/// The same for gRPC services, whose methods find the [`Caller`] among the request's extensions.
pub(super) async fn require_caller(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    match caller(&gateway, request.headers(), request.extensions()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => Refusal::from(error).into_response(),
    }
}

async fn caller(gateway: &Gateway, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Error> {
    let arrival =
        extensions.get::<Arrival>().ok_or_else(|| Error::internal("a route stands outside the edge layer"))?.clone();
    let limit = gateway.config.server.request_timeout_seconds;
    let timeout = timeout(headers)?.map_or(limit, |asked| asked.min(limit));
    let idempotency_key = idempotency_key(headers)?;
    let key = gateway.keys.authenticate(presented(headers)?).await?;
    Ok(Caller {
        key,
        door: arrival.door,
        request_id: arrival.request_id,
        address: arrival.address,
        received: arrival.received,
        deadline: arrival.received.checked_add(timeout),
        idempotency_key,
        limits: arrival.limits,
    })
}

/// The key as it was sent: `authorization: Bearer …`, or `x-api-key: …`.
fn presented(headers: &HeaderMap) -> Result<&str, Error> {
    let missing = || {
        Error::new(
            Reason::KeyMissing,
            "send a gateway key as `authorization: Bearer ggw_…`; make one with `keys create`",
        )
    };
    let garbled = || {
        Error::new(Reason::KeyInvalid, "the authorization header must read `Bearer ggw_…`, in visible ASCII characters")
    };
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, key) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(garbled)?;
        let key = key.trim();
        return if scheme.eq_ignore_ascii_case("bearer") && !key.is_empty() { Ok(key) } else { Err(garbled()) };
    }
    let value = headers.get(API_KEY).ok_or_else(missing)?;
    value.to_str().map(str::trim).map_err(|_| garbled())
}

/// How long the client is willing to wait.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Error> {
    if let Some(value) = headers.get(GRPC_TIMEOUT) {
        let parsed = value.to_str().ok().and_then(grpc_timeout);
        return parsed.map(Some).ok_or_else(|| Error::invalid("grpc-timeout", "write grpc-timeout like 30S or 500m"));
    }
    let Some(value) = headers.get(REQUEST_TIMEOUT) else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(|millis| millis.parse().ok()).map(Duration::from_millis);
    parsed.map(Some).ok_or_else(|| {
        Error::invalid("x-request-timeout-ms", "x-request-timeout-ms takes a whole number of milliseconds")
    })
}

/// At most eight digits and a unit.
/// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>
fn grpc_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Error::invalid(
            "idempotency-key",
            format!("Idempotency-Key takes 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters"),
        )),
    }
}

/// Waits for an answer no longer than the caller does: behind axum nobody else enforces `grpc-timeout`.
pub(super) fn within<T>(
    deadline: Option<std::time::Instant>,
    answer: impl Future<Output = Result<T, Error>>,
) -> impl Future<Output = Result<T, Error>> {
    // Boxed, so that the handler's future stays small: it is moved at every layer.
    let answer = Box::pin(answer);
    async move {
        let Some(end) = cut(deadline) else { return answer.await };
        tokio::time::timeout_at(end, answer).await.unwrap_or_else(|_| Err(too_late()))
    }
}

/// When a door gives up on an answer that is due at the deadline.
pub(super) fn cut(deadline: Option<std::time::Instant>) -> Option<Instant> {
    deadline?.checked_add(GRACE).map(Instant::from_std)
}

/// The caller's deadline has passed.
pub(super) fn too_late() -> Error {
    Error::new(Reason::DeadlineExceeded, "the request's deadline passed before the answer was whole; allow more time")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), http::HeaderValue::from_static(value))])
    }

    #[test]
    fn keys_are_read_from_either_header() {
        assert_eq!(presented(&headers("authorization", "bearer  ggw_a_b ")).unwrap(), "ggw_a_b");
        assert_eq!(presented(&headers("x-api-key", "ggw_a_b")).unwrap(), "ggw_a_b");
        let refused = |headers: HeaderMap| presented(&headers).unwrap_err().reason;
        assert_eq!(refused(HeaderMap::new()), Reason::KeyMissing);
        assert_eq!(refused(headers("authorization", "Basic eDp5")), Reason::KeyInvalid);
        assert_eq!(refused(headers("authorization", "Bearer ")), Reason::KeyInvalid);
    }

    #[test]
    fn deadlines_are_read_as_either_protocol_writes_them() {
        let check =
            |name, value, expected| assert_eq!(timeout(&headers(name, value)).ok().flatten(), expected, "{value}");
        check("grpc-timeout", "30S", Some(Duration::from_secs(30)));
        check("grpc-timeout", "99999999n", Some(Duration::from_nanos(99_999_999)));
        check("x-request-timeout-ms", "1500", Some(Duration::from_millis(1500)));
        for (name, bad) in [("grpc-timeout", "30"), ("grpc-timeout", "123456789S"), ("x-request-timeout-ms", "1s")] {
            assert_eq!(timeout(&headers(name, bad)).unwrap_err().field.as_deref(), Some(name));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_comes_ends_at_the_deadline() {
        let deadline = Instant::now().into_std() + Duration::from_secs(3);
        let error = within(Some(deadline), std::future::pending::<Result<(), Error>>()).await.unwrap_err();
        assert_eq!(error.reason, Reason::DeadlineExceeded);
        assert!(Instant::now().into_std() >= deadline);
    }
}
