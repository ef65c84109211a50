//! Metrics: the instruments, and their exposition for Prometheus.

mod series;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, MeterProvider as _, UpDownCounter},
};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Encoder as _, Registry, TextEncoder};

use self::series::Bound;
use super::names;
use crate::pb;

/// Seconds, from a millisecond to ten minutes: the boundaries that the semantic conventions advise, and longer ones
/// for thinking models.
const SECONDS: [f64; 16] =
    [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0];
/// Seconds, from ten microseconds to a second, for what should not be felt.
const OVERHEAD_SECONDS: [f64; 11] = [1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.025, 0.1, 1.0];

/// Tokens, as the semantic conventions advise.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// The instruments. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    instruments: Arc<Instruments>,
    bound: Arc<Bound>,
}

/// One instrument a name.
struct Instruments {
    /// Instruments fall silent with the provider they came from.
    _provider: SdkMeterProvider,
    generations: Counter<u64>,
    active: UpDownCounter<i64>,
    tokens: Histogram<u64>,
    cost: Counter<f64>,
    unpriced: Counter<u64>,
    budgets_exceeded: Counter<u64>,
    attempts: Counter<u64>,
    duration: Histogram<f64>,
    first_token: Histogram<f64>,
    overhead: Histogram<f64>,
}

/// What is measured of a generation when it ends.
pub struct GenerationEnd<'a> {
    /// What was done.
    pub operation: pb::Operation,
    /// The door.
    pub door: pb::Door,
    /// The project's name.
    pub project: &'a str,
    /// The provider that served, or was tried last.
    pub provider: &'a str,
    /// The model's id.
    pub model: &'a str,
    /// Why it failed; `Unspecified` where it did not.
    pub error: pb::ErrorReason,
    /// What was used.
    pub usage: &'a pb::Usage,
    /// What it cost; `None` is unknown.
    pub cost_nano_usd: Option<i64>,
    /// Upstream tries.
    pub attempts: u64,
    /// Time to the first event with content.
    pub first_token: Option<Duration>,
    /// Time to the end.
    pub total: Duration,
    /// The gateway's own share.
    pub overhead: Duration,
}

impl Metrics {
    /// Instruments with a registry of their own.
    pub fn new() -> anyhow::Result<Self> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build()
            .context("metrics cannot be set up")?;
        let provider = SdkMeterProvider::builder().with_reader(exporter).with_resource(super::resource()).build();
        let meter = provider.meter(env!("CARGO_PKG_NAME"));
        let seconds = |name, boundaries: &[f64]| {
            meter.f64_histogram(name).with_unit("s").with_boundaries(boundaries.to_vec()).build()
        };
        let instruments = Instruments {
            generations: meter.u64_counter(names::GENERATIONS).build(),
            active: meter.i64_up_down_counter(names::ACTIVE).build(),
            tokens: meter.u64_histogram(names::TOKEN_USAGE).with_boundaries(TOKENS.to_vec()).build(),
            cost: meter.f64_counter(names::COST).build(),
            unpriced: meter.u64_counter(names::UNPRICED).build(),
            budgets_exceeded: meter.u64_counter(names::BUDGETS_EXCEEDED).build(),
            attempts: meter.u64_counter(names::ATTEMPTS).build(),
            duration: seconds(names::OPERATION_DURATION, &SECONDS),
            first_token: seconds(names::TIME_TO_FIRST_TOKEN, &SECONDS),
            overhead: seconds(names::OVERHEAD, &OVERHEAD_SECONDS),
            _provider: provider,
        };
        Ok(Self { registry, instruments: Arc::new(instruments), bound: Arc::default() })
    }

    /// A generation was admitted.
    pub fn began(&self) {
        self.instruments.active.add(1, &[]);
    }

    /// What had begun could not be admitted.
    pub fn refused(&self) {
        self.instruments.active.add(-1, &[]);
    }

    /// A generation met a budget's limit, and was `refused`, `stopped` or `warned`.
    pub fn budget_exceeded(&self, project: &str, outcome: &'static str) {
        let labels = [KeyValue::new(names::PROJECT, project.to_owned()), KeyValue::new(names::OUTCOME, outcome)];
        self.instruments.budgets_exceeded.add(1, &labels);
    }

    /// A generation has ended.
    pub fn ended(&self, end: &GenerationEnd<'_>) {
        self.instruments.active.add(-1, &[]);
        self.bound.of(end).count(&self.instruments, end);
    }

    /// All metrics in Prometheus' text format.
    pub fn exposition(&self) -> anyhow::Result<String> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8(text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_counted_by_the_conventions_names() {
        let metrics = Metrics::new().unwrap();
        metrics.began();
        metrics.ended(&GenerationEnd {
            operation: pb::Operation::Chat,
            door: pb::Door::Openai,
            project: "default",
            provider: "openrouter",
            model: "author/slug",
            error: pb::ErrorReason::Unspecified,
            usage: &pb::Usage { input_tokens: Some(7), ..pb::Usage::default() },
            cost_nano_usd: Some(1_500_000_000),
            attempts: 1,
            first_token: Some(Duration::from_millis(20)),
            total: Duration::from_millis(30),
            overhead: Duration::from_micros(90),
        });
        let text = metrics.exposition().unwrap();
        for line in [
            "gen_ai_client_token_usage_sum{gen_ai_operation_name=\"chat\"",
            "gateway_cost_usd_total{",
            "gateway_generations_total{",
            "gateway_overhead_duration_seconds_bucket{",
            "gateway_generations_active 0",
        ] {
            assert!(text.contains(line), "{line} is missing from\n{text}");
        }
    }
}
