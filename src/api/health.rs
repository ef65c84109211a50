//! What orchestrators ask: does the process live, and may it be sent requests.

use axum::{Router, extract::State, routing::get};
use http::StatusCode;

use crate::service::Gateway;

/// `/healthz` and `/readyz`.
pub(super) fn routes() -> Router<Gateway> {
    Router::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(ready))
}

/// Ready while the database answers and no stop was asked for.
async fn ready(State(gateway): State<Gateway>) -> (StatusCode, &'static str) {
    if gateway.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match gateway.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            super::errors::note(&error, "");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
