//! The gateway as tests run it: its router in memory, without sockets.

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use generative_gateway::{api, app, config::Config, service::Gateway};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// A gateway with its keys.
pub(crate) struct TestApp {
    pub(crate) gateway: Gateway,
    /// A key with the admin scope.
    pub(crate) key: String,
}

impl TestApp {
    /// A gateway as configuration has it by itself.
    pub(crate) async fn start() -> Self {
        Self::configured(Config::default()).await
    }

    /// A gateway with a configuration.
    pub(crate) async fn configured(mut config: Config) -> Self {
        config.database.url = Some("sqlite::memory:".to_owned());
        let gateway = app::open(config, app::Role::Server).await.expect("a database in memory");
        let key = gateway.keys.first_start().await.expect("it is empty").expect("it is empty");
        Self { gateway, key }
    }

    /// All doors.
    pub(crate) fn router(&self) -> Router {
        api::router(self.gateway.clone())
    }

    /// Sends one request with the admin key.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Response<Body> {
        let key = format!("Bearer {}", self.key).parse().expect("keys are ASCII");
        request.headers_mut().insert("authorization", key);
        self.send_as_is(request).await
    }

    /// Sends one request.
    pub(crate) async fn send_as_is(&self, request: Request<Body>) -> Response<Body> {
        self.router().oneshot(request).await.expect("a router never fails")
    }
}

/// The body, which must be JSON.
pub(crate) async fn json(response: Response<Body>) -> serde_json::Value {
    let body = text(response).await;
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// The body as text.
pub(crate) async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.expect("the body is whole").to_bytes();
    String::from_utf8(body.to_vec()).expect("the body is text")
}
