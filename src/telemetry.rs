//! Logs, traces and metrics: how they are switched on, and the names of signals, once.
//!
//! Names follow OpenTelemetry's semantic conventions for generative AI (v1.41) where these name a thing, and begin
//! with `gateway` where they do not. No signal holds a prompt, an answer or a secret.

mod metrics;
mod spans;

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

pub use self::{
    metrics::{GenerationEnd, Metrics},
    spans::AttemptSpan,
};
use crate::config::{LogFormat, Telemetry};

/// Names of attributes and metrics.
pub mod names {
    /// What is done: `chat` or `embeddings`.
    pub const OPERATION: &str = "gen_ai.operation.name";
    /// The provider that serves.
    pub const PROVIDER: &str = "gen_ai.provider.name";
    /// The model that was meant.
    pub const REQUEST_MODEL: &str = "gen_ai.request.model";
    /// Class of tokens: `input`, `output`, and our finer ones.
    pub const TOKEN_TYPE: &str = "gen_ai.token.type";
    /// Why it failed; absent when it did not.
    pub const ERROR_TYPE: &str = "error.type";
    /// The door.
    pub const DOOR: &str = "gateway.door";
    /// Why an attempt was made.
    pub const ATTEMPT_KIND: &str = "gateway.attempt.kind";
    /// The provider's HTTP status.
    pub const STATUS: &str = "http.response.status_code";
    /// Input tokens of one call, on its span.
    pub const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
    /// Output tokens of one call, on its span.
    pub const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
    /// The project.
    pub const PROJECT: &str = "gateway.project";

    /// Seconds that an operation took.
    pub const OPERATION_DURATION: &str = "gen_ai.client.operation.duration";
    /// Tokens used.
    pub const TOKEN_USAGE: &str = "gen_ai.client.token.usage";
    /// Seconds to the first event with content.
    pub const TIME_TO_FIRST_TOKEN: &str = "gen_ai.client.operation.time_to_first_chunk";
    /// Generations that ended.
    pub const GENERATIONS: &str = "gateway.generations";
    /// Generations that run.
    pub const ACTIVE: &str = "gateway.generations.active";
    /// US dollars that generations cost.
    pub const COST: &str = "gateway.cost.usd";
    /// Generations whose cost is unknown.
    pub const UNPRICED: &str = "gateway.generations.unpriced";
    /// Generations that met a budget's limit.
    pub const BUDGETS_EXCEEDED: &str = "gateway.budgets.exceeded";
    /// What came of that: `refused`, `stopped` or `warned`.
    pub const OUTCOME: &str = "gateway.outcome";
    /// Upstream tries.
    pub const ATTEMPTS: &str = "gateway.attempts";
    /// Seconds that the gateway itself took.
    pub const OVERHEAD: &str = "gateway.overhead.duration";
}

/// Keeps tracing alive; what is buffered is sent when it is dropped.
pub struct Guard(Option<SdkTracerProvider>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Switches logs on and, where an endpoint is configured, traces. Logs go to standard error, so that what commands
/// print stays clean.
pub fn start(settings: &Telemetry) -> anyhow::Result<Guard> {
    let filter = EnvFilter::try_new(&settings.log_level).context("telemetry.log_level cannot be read")?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.log_format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Pretty => lines.boxed(),
    };
    // Lines say themselves whom they are about; formatting each span as well would cost more than the span is worth.
    let mut layers = vec![lines.with_filter(filter_fn(|metadata| metadata.is_event())).boxed()];
    let provider = settings.otlp_endpoint.as_deref().map(tracer).transpose()?;
    // Without a layer that wants them, spans are not even made.
    layers.extend(
        provider.as_ref().map(|provider| {
            tracing_opentelemetry::layer().with_tracer(provider.tracer(env!("CARGO_PKG_NAME"))).boxed()
        }),
    );
    tracing_subscriber::registry().with(layers).with(filter).try_init()?;
    Ok(Guard(provider))
}

fn tracer(endpoint: &str) -> anyhow::Result<SdkTracerProvider> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .context("telemetry.otlp_endpoint cannot be used")?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build())
}

fn resource() -> Resource {
    Resource::builder().with_service_name(env!("CARGO_PKG_NAME")).build()
}
