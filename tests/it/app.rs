//! The gateway as tests run it: its router in memory, without sockets, on a database of its own and with no key but
//! those that its configuration names.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use generative_gateway::{
    api, app,
    config::{Config, Durability},
    error::Reason,
    pb,
    provider::Registry,
    service::Gateway,
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::database::{self, Database};

/// A gateway with its keys.
pub(crate) struct TestApp {
    pub(crate) gateway: Gateway,
    /// A key with the admin scope.
    pub(crate) key: String,
    /// A key that may only infer, of the same project.
    pub(crate) inference_key: String,
    pub(crate) database: Database,
}

impl TestApp {
    /// A gateway as configuration has it by itself.
    pub(crate) async fn start() -> Self {
        Self::configured(Config::default()).await
    }

    /// A gateway with a configuration.
    pub(crate) async fn configured(config: Config) -> Self {
        let providers = Registry::from_config(&config, |_| None).expect("a test's configuration makes sense");
        Self::with(config, providers).await
    }

    /// A gateway with a configuration and providers.
    pub(crate) async fn with(mut config: Config, providers: Registry) -> Self {
        let database = database::fresh().await;
        config.database.url = Some(database.url.clone());
        config.database.durability = Durability::Process;
        let gateway = app::assemble(config, providers, app::Role::Server).await.expect("a database of its own");
        let key = gateway.keys.first_start().await.expect("it is empty").expect("it is empty");
        let inference_key = gateway.keys.create("default", "tests", false, None).await.expect("a project is there");
        Self { gateway, key, inference_key, database }
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

    /// The rows of one generation once it is settled.
    pub(crate) async fn settled(&self, id: &str) -> pb::GetGenerationResponse {
        self.generation_once(id, |row| row.state() != pb::GenerationState::Admitted).await
    }

    /// The rows of one generation once that holds. Waits for the writer, never for a time.
    pub(crate) async fn generation_once(
        &self,
        id: &str,
        holds: impl Fn(&pb::Generation) -> bool,
    ) -> pb::GetGenerationResponse {
        let caller = generative_gateway::service::Caller::operator();
        loop {
            let request = pb::GetGenerationRequest { generation_id: id.to_owned() };
            match self.gateway.get_generation(&caller, request).await {
                Ok(found) if found.generation.as_ref().is_some_and(&holds) => return found,
                Ok(_) => tokio::task::yield_now().await,
                Err(error) if error.reason == Reason::NotFound => tokio::task::yield_now().await,
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    /// The only generation on the books, once it is settled.
    pub(crate) async fn only_generation(&self) -> pb::GetGenerationResponse {
        let caller = generative_gateway::service::Caller::operator();
        let list = self.gateway.list_generations(&caller, pb::ListGenerationsRequest::default()).await;
        let list = list.expect("the books can be read").generations;
        assert_eq!(list.len(), 1, "{list:?}");
        self.settled(&list[0].id).await
    }

    /// How many generations are on the books.
    pub(crate) async fn booked(&self) -> usize {
        let caller = generative_gateway::service::Caller::operator();
        let list = self.gateway.list_generations(&caller, pb::ListGenerationsRequest::default()).await;
        list.expect("the books can be read").generations.len()
    }

    /// Asserts that no generation runs any more.
    pub(crate) fn assert_idle(&self) {
        let metrics = self.gateway.metrics.exposition().expect("metrics can be written");
        assert!(metrics.contains("gateway_generations_active 0\n"), "{metrics}");
    }
}

/// Waits for something that other tasks bring about, never for a time: the minute only turns a hang into a failure.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("{what} did not happen"));
}

/// Lets the clock reach a time, without waiting for it.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
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
