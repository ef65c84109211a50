//! The gRPC door: the contract's services, health and reflection, and the same through grpc-web.

mod chat;
mod projects;
mod services;
mod sessions;

use axum::{Router, middleware, response::Response};
use futures::FutureExt as _;
use http::HeaderValue;
use tonic::{
    Code, Request, Status,
    codec::CompressionEncoding::{Gzip, Zstd},
    metadata::MetadataMap,
    server::NamedService,
    service::Routes,
};
use tonic_health::ServingStatus;
use tonic_web::GrpcWebLayer;
use tower::util::MapResponseLayer;

use super::{auth, errors, errors::Refusal, facts::Facts};
use crate::{
    error::{Error, Reason},
    pb::{
        DESCRIPTORS, chat_service_server::ChatServiceServer, embedding_service_server::EmbeddingServiceServer,
        model_service_server::ModelServiceServer, project_service_server::ProjectServiceServer,
        session_service_server::SessionServiceServer, usage_service_server::UsageServiceServer,
    },
    service::{Caller, Gateway},
};

/// A service of the contract, answered by the gateway.
#[derive(Clone)]
struct Door(Gateway);

const SERVED: [&str; 6] = [
    <ChatServiceServer<Door> as NamedService>::NAME,
    <EmbeddingServiceServer<Door> as NamedService>::NAME,
    <ModelServiceServer<Door> as NamedService>::NAME,
    <ProjectServiceServer<Door> as NamedService>::NAME,
    <SessionServiceServer<Door> as NamedService>::NAME,
    <UsageServiceServer<Door> as NamedService>::NAME,
];

/// The services that are built, health and reflection.
pub(super) fn routes(gateway: &Gateway) -> Router<Gateway> {
    let open = Routes::default()
        .add_service(health(gateway))
        .add_service(reflection().build_v1().expect("our own descriptors can be read"))
        .add_service(reflection().build_v1alpha().expect("our own descriptors can be read"))
        .into_axum_router()
        .reset_fallback()
        .layer(GrpcWebLayer::new());
    let services = services(gateway)
        .into_axum_router()
        .reset_fallback()
        // Next to the services, because it reads what tonic says before grpc-web wraps it.
        .layer(MapResponseLayer::new(name_refusal))
        // Then grpc-web, so that all above see plain gRPC.
        .layer(GrpcWebLayer::new())
        // Then the key, before a byte of the body is read.
        .layer(middleware::from_fn_with_state(gateway.clone(), auth::require_caller));
    open.merge(services).with_state(())
}

fn services(gateway: &Gateway) -> Routes {
    let limit = gateway.config.server.max_body_bytes;
    let door = || Door(gateway.clone());
    Routes::default()
        .add_service(
            ChatServiceServer::new(door())
                .max_decoding_message_size(limit)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd),
        )
        .add_service(
            EmbeddingServiceServer::new(door())
                .max_decoding_message_size(limit)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd),
        )
        .add_service(
            ModelServiceServer::new(door())
                .max_decoding_message_size(limit)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd),
        )
        .add_service(
            ProjectServiceServer::new(door())
                .max_decoding_message_size(limit)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd),
        )
        .add_service(
            SessionServiceServer::new(door())
                .max_decoding_message_size(limit)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd),
        )
        .add_service(
            UsageServiceServer::new(door())
                .max_decoding_message_size(limit)
                .accept_compressed(Gzip)
                .accept_compressed(Zstd)
                .send_compressed(Gzip)
                .send_compressed(Zstd),
        )
}

/// Serving until the gateway stops; then clients that watch go elsewhere while the rest is drained.
fn health(
    gateway: &Gateway,
) -> impl tonic::codegen::Service<
    http::Request<tonic::body::Body>,
    Response = http::Response<tonic::body::Body>,
    Error = std::convert::Infallible,
    Future: Send,
> + NamedService
+ Clone
+ Sync
+ use<> {
    let (reporter, service) = tonic_health::server::health_reporter();
    for name in SERVED {
        // Now and not in the task below, so that nobody who asks at once is told that there is no such service.
        tokio::task::unconstrained(reporter.set_service_status(name, ServingStatus::Serving))
            .now_or_never()
            .expect("nobody else holds the lock of a new reporter");
    }
    let stopping = gateway.stopping.clone();
    gateway.tasks.spawn(async move {
        stopping.cancelled().await;
        for name in SERVED.into_iter().chain([""]) {
            reporter.set_service_status(name, ServingStatus::NotServing).await;
        }
    });
    service
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    let builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health");
    SERVED.into_iter().fold(builder, tonic_reflection::server::Builder::with_service_name)
}

/// What tonic refuses by itself (a broken message, one that is too large, an unknown method) has no details; here it
/// gets ours.
fn name_refusal(response: Response) -> Response {
    let headers = response.headers();
    let refused = headers.get(Status::GRPC_STATUS).map(HeaderValue::as_bytes).map(Code::from_bytes);
    let (Some(code), None) = (refused, headers.get("grpc-status-details-bin")) else { return response };
    let error = match code {
        Code::Ok => return response,
        Code::Unimplemented if !headers.contains_key("grpc-message") => unknown_method(),
        Code::Unimplemented => {
            Error::new(Reason::UnsupportedMediaType, "compress messages with gzip or zstd, or not at all")
        }
        Code::OutOfRange | Code::ResourceExhausted => too_large(),
        // Its words quote bytes of the message at most by number.
        _ => Error::new(Reason::MalformedBody, "the body is not one protobuf message of this method")
            .with_context(format!("{:?}", headers.get("grpc-message"))),
    };
    let mut response = axum::response::IntoResponse::into_response(Refusal::from(error));
    // What grpc-web looks for.
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

fn too_large() -> Error {
    Error::new(Reason::BodyTooLarge, "the message is larger than this gateway's `server.max_body_bytes`; send less")
}

/// No service or method of that name is built.
pub(super) fn unknown_method() -> Error {
    Error::new(
        Reason::Unimplemented,
        "this gateway has no such service or method; ask its reflection service what there is",
    )
}

/// Takes a request apart.
fn open<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    let (_, mut extensions, message) = request.into_parts();
    let caller = extensions.remove::<Caller>();
    let caller = caller.ok_or_else(|| errors::grpc_status(&Error::internal("a service without its key layer"), ""))?;
    Ok((caller, message))
}

/// Answers a unary method by one of the gateway's, within the caller's deadline.
async fn unary<Q, A, F>(request: Request<Q>, method: impl FnOnce(Caller, Q) -> F) -> Result<tonic::Response<A>, Status>
where
    F: Future<Output = Result<A, Error>>,
{
    let (caller, message) = open(request)?;
    let (deadline, request_id) = (caller.deadline, caller.request_id.clone());
    match auth::within(deadline, method(caller, message)).await {
        Ok(answer) => Ok(tonic::Response::new(answer)),
        Err(error) => Err(refuse(&error, &request_id)),
    }
}

/// The status of an error, which is also logged.
fn refuse(error: &Error, request_id: &str) -> Status {
    errors::note(error, request_id);
    errors::grpc_status(error, request_id)
}

/// An inference's answer with what its metadata tells.
fn with_facts<T>(answer: T, facts: &Facts) -> tonic::Response<T> {
    let mut headers = http::HeaderMap::new();
    facts.write(&mut headers);
    tonic::Response::from_parts(MetadataMap::from_headers(headers), answer, tonic::Extensions::default())
}
