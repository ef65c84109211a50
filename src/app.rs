//! Wiring, the only place that knows everyone: configuration → gateway → router → listeners.

use std::time::Duration;

use anyhow::Context as _;
use axum::{Router, http::header, response::IntoResponse as _, routing::get};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    api,
    config::{self, Config},
    provider::{Registry, Upstream, sandbox},
    routing::{catalog::Catalog, health::Health},
    service::{
        Gateway, Inner, budgets::Budgets, keys::Keys, ledger::Ledger, limits::Limits, live::Streams,
        projects::aliases::Aliases, sessions::Sessions,
    },
    store::Store,
    telemetry::Metrics,
};

/// How long settlements may take to reach the database once everything else has ended.
const FLUSH_PATIENCE: Duration = Duration::from_secs(30);

/// What a process wants of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Serves, and writes the books: one process a SQLite file.
    Server,
    /// Runs a command beside a server.
    Command,
}

/// A gateway on its database, migrated, with its catalogue; it listens nowhere yet.
pub async fn open(config: Config, role: Role) -> anyhow::Result<Gateway> {
    let providers = Registry::from_config(&config, config::vendor_key)?;
    assemble(config, providers, role).await
}

/// The same with these providers, whatever the environment holds.
pub async fn assemble(config: Config, providers: Registry, role: Role) -> anyhow::Result<Gateway> {
    let url = config.database_url()?;
    let store = Store::connect(&url, config.database.durability).await.map_err(explain)?;
    store.migrate().await.map_err(explain)?;
    let tasks = TaskTracker::new();
    let ledger = match role {
        Role::Server => Ledger::start(store.clone(), Uuid::now_v7(), &tasks).await.map_err(explain)?,
        Role::Command => Ledger::closed(store.clone(), &tasks),
    };
    let gateway = Gateway::new(Inner {
        keys: Keys::new(store.clone()).noting_uses(&tasks),
        limits: Limits::new(&config.limits),
        aliases: Aliases::new(config.routing.clone()),
        catalog: Catalog::new(sandbox::models()),
        health: Health::new(&providers, &config.routing),
        upstream: Upstream::default(),
        budgets: Budgets::default(),
        sessions: Sessions::default(),
        live: Streams::new(config.streams.clone()),
        metrics: Metrics::new()?,
        stopping: CancellationToken::new(),
        interrupt: CancellationToken::new(),
        config,
        store,
        ledger,
        providers,
        tasks,
    });
    gateway.load_catalog().await;
    gateway.load_aliases().await.map_err(explain)?;
    gateway.load_budgets().await.map_err(explain)?;
    Ok(gateway)
}

/// Serves until `shutdown`, then drains: refuses what is new, lets streams end until the drain deadline, settles.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    let listener = api::listener::bind(config.server.listen)
        .with_context(|| format!("cannot listen on {}; set server.listen", config.server.listen))?;
    let address = listener.local_addr()?;
    let gateway = open(config, Role::Server).await?;
    if gateway.config.metrics.enabled {
        serve_metrics(&gateway).await?;
    }
    announce(&gateway, address).await?;
    gateway.tasks.spawn(gateway.clone().keep_catalog_fresh());
    gateway.tasks.spawn(gateway.clone().keep_aliases_fresh());
    gateway.tasks.spawn(gateway.clone().keep_budgets_fresh());
    gateway.tasks.spawn(gateway.clone().delete_what_expires());
    let server = &gateway.config.server;
    let served = api::listener::serve(
        listener,
        api::router(gateway.clone()),
        server,
        gateway.stopping.clone(),
        TaskTracker::new(),
    );
    let served = async {
        served.await?;
        // What runs without a connection is let end as the rest is, until the drain's end interrupts it.
        gateway.live.drained().await;
        anyhow::Ok(())
    };
    let stop = async {
        shutdown.await;
        tracing::info!("stopping: what runs may end, what is new is refused");
        gateway.stopping.cancel();
        tokio::time::sleep(server.drain_seconds).await;
        gateway.interrupt.cancel();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        result = served => result?,
        () = stop => {}
    }
    close(gateway).await;
    Ok(())
}

/// Ends what still runs and waits until the books are written.
pub async fn close(gateway: Gateway) {
    gateway.stopping.cancel();
    gateway.interrupt.cancel();
    let tasks = gateway.tasks.clone();
    // The books' writer ends when nobody is left who could hand something over.
    drop(gateway);
    tasks.close();
    if tokio::time::timeout(FLUSH_PATIENCE, tasks.wait()).await.is_err() {
        tracing::error!("the books could not be written before the end; the next start marks what is missing");
    }
}

/// Tells people where we are and, on an empty database, how to get in.
async fn announce(gateway: &Gateway, address: std::net::SocketAddr) -> anyhow::Result<()> {
    let scheme = if gateway.config.server.tls_certificate.is_some() { "https" } else { "http" };
    println!("gateway on {scheme}://{address}");
    // Every address of this machine is where it listens, but not what a browser can open.
    let address = match address.ip().is_unspecified() {
        true => format!("localhost:{}", address.port()),
        false => address.to_string(),
    };
    if let Some(key) = gateway.keys.first_start().await.map_err(explain)? {
        // The fragment is never sent, so the key stays out of every log on the way.
        println!("log in at {scheme}://{address}/#key={key}");
    }
    Ok(())
}

/// The Prometheus listener, apart from the doors so that it can stay within the machine.
async fn serve_metrics(gateway: &Gateway) -> anyhow::Result<()> {
    let address = gateway.config.metrics.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; set metrics.listen or metrics.enabled=false"))?;
    println!("metrics on http://{}/metrics", listener.local_addr()?);
    let metrics = gateway.metrics.clone();
    let exposition = move || async move {
        match metrics.exposition() {
            Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "metrics cannot be written");
                axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    };
    let stopping = gateway.stopping.clone().cancelled_owned();
    let server = axum::serve(listener, Router::new().route("/metrics", get(exposition)));
    gateway.tasks.spawn(async move {
        if let Err(error) = server.with_graceful_shutdown(stopping).await {
            tracing::error!(%error, "the metrics listener failed");
        }
    });
    Ok(())
}

/// An error of the request path, at start-up, with what only the operator may see.
fn explain(error: crate::error::Error) -> anyhow::Error {
    match &error.context {
        Some(context) => anyhow::anyhow!("{error}: {context}"),
        None => anyhow::anyhow!("{error}"),
    }
}
