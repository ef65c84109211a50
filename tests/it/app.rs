//! The gateway as tests run it: its router in memory, without sockets.

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use generative_gateway::{
    api,
    config::Config,
    provider::{Registry, upstream::Upstream},
    routing::catalog::Catalog,
    service::{Gateway, Inner, keys::Keys, ledger::Ledger},
    store::Store,
};
use http_body_util::BodyExt as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
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
    pub(crate) async fn configured(config: Config) -> Self {
        let store = Store {};
        let gateway = Gateway::new(Inner {
            config,
            ledger: Ledger {},
            catalog: Catalog::default(),
            providers: Registry::default(),
            upstream: Upstream::default(),
            keys: Keys::new(store.clone()),
            store,
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        });
        std::future::ready(Self { gateway, key: "ggw_test_key".to_owned() }).await
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
