//! The doors: one port, one router, one core behind it.
//!
//! ```text
//! listener → edge → cors → rescue ─┬─ grpc     (health, reflection; then the key, grpc-web, the services)
//!                                  ├─ rest     /api/v1/…, and sse
//!                                  ├─ openai   /v1/…
//!                                  └─ health, docs, web
//! ```

mod auth;
pub mod docs;
mod edge;
pub mod errors;
mod facts;
mod grpc;
mod health;
mod json;
mod limits;
pub mod listener;
mod openai;
mod rest;
mod sse;
mod web;
mod woken;

use std::{any::Any, convert::Infallible, panic::AssertUnwindSafe};

use axum::{
    Router,
    extract::Request,
    handler::Handler as _,
    middleware,
    response::{IntoResponse, Response},
    routing::future::RouteFuture,
};
use futures::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use tower::ServiceBuilder;
use tower_http::{
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    cors::{AllowHeaders, AllowOrigin, CorsLayer},
};

use self::errors::Refusal;
use crate::{
    config::Server,
    error::{Error, Reason},
    pb::Door,
    service::Gateway,
};

/// All doors of a gateway. Keys are asked for by the doors themselves: gRPC in a layer before its services, HTTP in
/// each handler's arguments, since no method of the gateway can be called without a caller.
pub fn router(gateway: Gateway) -> Router {
    let doors = Router::new()
        .merge(grpc::routes(&gateway))
        .merge(rest::routes())
        .merge(openai::routes())
        .merge(health::routes())
        .merge(docs::routes())
        // Assets; the errors that it also answers get their bodies above.
        .fallback(elsewhere.layer(compression()))
        .method_not_allowed_fallback(wrong_method);
    layered(doors, &gateway.config.server).with_state(gateway)
}

/// The layers that all doors stand behind. Bodies are bounded where they are read (`json` for HTTP, tonic for gRPC),
/// and compression is for single routes.
fn layered<S: Clone + Send + Sync + 'static>(doors: Router<S>, server: &Server) -> Router<S> {
    let layers = ServiceBuilder::new()
        // Outermost: nothing is answered without a request id, and it writes the errors of all that is below.
        .layer(middleware::from_fn(edge::receive))
        // Above what can fail, so that a browser may read the failure; below the edge, so that preflights have an id.
        .option_layer(cors(server))
        // Innermost: a panic becomes an error like any other, which the layers above finish.
        .map_future(|answer: RouteFuture<Infallible>| AssertUnwindSafe(answer).catch_unwind().map(rescue));
    doors.layer(layers)
}

fn rescue(answer: Result<Result<Response, Infallible>, Box<dyn Any + Send>>) -> Result<Response, Infallible> {
    answer.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<&str>().copied();
        let words = words.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words");
        Ok(Refusal::from(Error::internal(format!("a handler panicked: {words}"))).into_response())
    })
}

/// Where no route is: gRPC and the API say so, and the rest is the web UI's.
async fn elsewhere(request: Request) -> Response {
    let path = request.uri().path();
    let door = edge::door(request.headers(), path);
    let error = match door {
        Door::Grpc | Door::GrpcWeb => grpc::unknown_method(),
        Door::Openai => unknown_path(),
        _ if path == "/api" || path.starts_with("/api/") => unknown_path(),
        _ if !matches!(*request.method(), Method::GET | Method::HEAD) => return wrong_method().await,
        _ => return web::answer(&request),
    };
    Refusal::from(error).into_response()
}

fn unknown_path() -> Error {
    Error::new(Reason::Unimplemented, "there is nothing at this path; mind its spelling, and slashes at its end")
}

async fn wrong_method() -> Response {
    let error = Error::new(Reason::Unimplemented, "this path does not take this method; the allow header says which");
    let mut response = Refusal::from(error).into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// gzip, where it is worth its time: listings and assets. Not inference, whose clients all ask for it, which would cost
/// more than all else we do; event streams and gRPC (which has its own) never.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(DefaultPredicate::new().and(NotForContentType::const_new("font/")))
}

/// Browsers of other origins, where configuration names some; without it they get no headers and stay out.
fn cors(server: &Server) -> Option<CorsLayer> {
    if server.cors_origins.is_empty() {
        return None;
    }
    let origin = if server.cors_origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let origins = server.cors_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
        AllowOrigin::list(origins)
    };
    // What grpc-web tells of an error in headers, and what our answers tell beside their bodies.
    let grpc_web = ["grpc-status", "grpc-message", "grpc-status-details-bin"].map(HeaderName::from_static);
    let exposed = grpc_web.into_iter().chain([header::RETRY_AFTER]).chain(facts::EXPOSED).chain(limits::exposed());
    let layer = CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        // Keys are in headers that scripts set; there are no cookies which a foreign page could ride on.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed.collect::<Vec<_>>())
        .max_age(std::time::Duration::from_secs(3600));
    Some(layer)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_internal_error_in_the_door_s_shape_and_keeps_its_words() {
        async fn panics() {
            panic!("secret words");
        }
        let router = layered(Router::new().route("/v1/panics", get(panics)), &Server::default());
        let response = router.oneshot(Request::get("/v1/panics").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().contains_key("x-request-id"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body);
        assert!(body.contains("\"code\":\"internal\"") && !body.contains("secret"), "{body}");
    }
}
