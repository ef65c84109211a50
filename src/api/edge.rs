//! The outermost layer: what is known of a request before anyone has read it, and the last word on its answer.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use super::{errors::Refusal, limits};
use crate::{pb::Door, service::limits::Told};

/// The request's id, in both directions.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A gateway key, where a client cannot set `authorization`.
pub(super) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// The client's id where it is sane, else a UUID v7.
    pub(super) request_id: Arc<str>,
    /// The other end of its connection. Not what headers say, since anybody may write those.
    pub(super) address: Option<IpAddr>,
    /// When its head was read.
    pub(super) received: Instant,
    /// The door, which decides the shape of errors.
    pub(super) door: Door,
    /// The limits that it is under, once the gateway has told.
    pub(super) limits: Told,
}

/// Gives the request its id and a span, and its answer the id, and the error its shape where it is one.
pub(super) async fn receive(mut request: Request, next: Next) -> Response {
    let arrival = Arrival::of(&request);
    let span = span(&request, &arrival);
    for secret in [header::AUTHORIZATION, API_KEY] {
        if let Some(value) = request.headers_mut().get_mut(secret) {
            value.set_sensitive(true);
        }
    }
    let (door, received, id) = (arrival.door, arrival.received, Arc::clone(&arrival.request_id));
    let told = arrival.limits.clone();
    request.extensions_mut().insert(arrival);

    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = span.in_scope(|| refusal.shape(door, &id, response));
    }
    limits::write(&told.tightest(), response.headers_mut());
    response.headers_mut().insert(REQUEST_ID, HeaderValue::from_str(&id).expect("visible ASCII"));
    let duration_ms = received.elapsed().as_secs_f64() * 1e3;
    span.record("status", response.status().as_u16()).record("duration_ms", duration_ms);
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), duration_ms, "answered"));
    response
}

impl Arrival {
    fn of(request: &Request) -> Self {
        let sent = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| sane(id));
        Self {
            request_id: sent.map_or_else(|| Uuid::now_v7().to_string().into(), Into::into),
            address: request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical()),
            // tokio's clock, so that tests which pause it see deadlines pass.
            received: tokio::time::Instant::now().into_std(),
            door: door(request.headers(), request.uri().path()),
            limits: Told::default(),
        }
    }
}

/// What may stand in logs and headers as it is.
fn sane(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/'))
}

pub(super) fn door(headers: &HeaderMap, path: &str) -> Door {
    let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if content_type.starts_with(b"application/grpc-web") {
        Door::GrpcWeb
    } else if content_type.starts_with(b"application/grpc") {
        Door::Grpc
    } else if path.starts_with("/v1/") || path == "/v1" {
        Door::Openai
    } else {
        Door::Rest
    }
}

fn span(request: &Request, arrival: &Arrival) -> Span {
    // The matched pattern, not the path: ids and names of callers' things have no place in span names.
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    // gRPC services are matched by a prefix; there the path is the method's name.
    let route = if route.ends_with("{*rest}") { request.uri().path() } else { route };
    tracing::info_span!(
        "request",
        method = request.method().as_str(),
        route,
        request_id = &*arrival.request_id,
        status = tracing::field::Empty,
        duration_ms = tracing::field::Empty,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_s_id_is_kept_only_where_it_cannot_break_a_log_line() {
        assert!(sane("req_01.a:b/c-d"));
        for bad in ["", "a b", "a\"b", "ä", &"x".repeat(129)] {
            assert!(!sane(bad), "{bad}");
        }
    }

    #[test]
    fn the_door_is_known_by_content_type_and_path() {
        let check = |content_type: &'static str, path: &str, expected| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            assert_eq!(door(&headers, path), expected, "{content_type} {path}");
        };
        check("application/grpc+proto", "/gateway.v1.ChatService/Chat", Door::Grpc);
        check("application/grpc-web-text", "/gateway.v1.ChatService/Chat", Door::GrpcWeb);
        check("application/json", "/v1/chat/completions", Door::Openai);
        check("application/json", "/api/v1/chat", Door::Rest);
        check("text/html", "/v1beta", Door::Rest);
    }
}
