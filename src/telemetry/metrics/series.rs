//! The series of one set of labels, bound once: what is counted for each request then hashes no label.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use opentelemetry::{
    KeyValue,
    metrics::{BoundCounter, BoundHistogram},
};

use super::{GenerationEnd, Instruments};
use crate::{
    pb::{self, ShortName as _},
    telemetry::names,
};

/// Most sets of labels that are kept bound, as many as the SDK tells apart by itself. Names of models come from callers.
const KEPT: usize = 2_000;

/// The sets of labels that were seen.
#[derive(Default)]
pub(super) struct Bound(RwLock<HashMap<Labels, Arc<Series>>>);

/// What tells one set from another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Labels {
    operation: pb::Operation,
    door: pb::Door,
    error: pb::ErrorReason,
    project: String,
    provider: String,
    model: String,
}

/// Instruments of one set of labels. Each appears in the exposition when it is first used.
pub(super) struct Series {
    labels: Vec<KeyValue>,
    generations: OnceLock<BoundCounter<u64>>,
    attempts: OnceLock<BoundCounter<u64>>,
    input_tokens: OnceLock<BoundHistogram<u64>>,
    output_tokens: OnceLock<BoundHistogram<u64>>,
    cost: OnceLock<BoundCounter<f64>>,
    unpriced: OnceLock<BoundCounter<u64>>,
    duration: OnceLock<BoundHistogram<f64>>,
    first_token: OnceLock<BoundHistogram<f64>>,
    overhead: OnceLock<BoundHistogram<f64>>,
}

/// Labels of all series: operation, provider, model. Then come error, door and project.
const COMMON: usize = 3;

impl Bound {
    /// The series that a generation's end belongs to.
    pub(super) fn of(&self, end: &GenerationEnd<'_>) -> Arc<Series> {
        let labels = Labels::of(end);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&labels).cloned();
        known.unwrap_or_else(|| {
            let series = Arc::new(Series::new(&labels));
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < KEPT {
                kept.insert(labels, series.clone());
            }
            series
        })
    }
}

impl Labels {
    fn of(end: &GenerationEnd<'_>) -> Self {
        Self {
            operation: end.operation,
            door: end.door,
            error: end.error,
            project: end.project.to_owned(),
            provider: end.provider.to_owned(),
            model: end.model.to_owned(),
        }
    }
}

impl Series {
    fn new(labels: &Labels) -> Self {
        let mut pairs = vec![
            KeyValue::new(names::OPERATION, labels.operation.short_name()),
            KeyValue::new(names::PROVIDER, labels.provider.clone()),
            KeyValue::new(names::REQUEST_MODEL, labels.model.clone()),
        ];
        if labels.error != pb::ErrorReason::Unspecified {
            pairs.push(KeyValue::new(names::ERROR_TYPE, labels.error.short_name()));
        }
        pairs.push(KeyValue::new(names::DOOR, labels.door.short_name()));
        pairs.push(KeyValue::new(names::PROJECT, labels.project.clone()));
        Self {
            labels: pairs,
            generations: OnceLock::new(),
            attempts: OnceLock::new(),
            input_tokens: OnceLock::new(),
            output_tokens: OnceLock::new(),
            cost: OnceLock::new(),
            unpriced: OnceLock::new(),
            duration: OnceLock::new(),
            first_token: OnceLock::new(),
            overhead: OnceLock::new(),
        }
    }

    /// Counts a generation's end.
    pub(super) fn count(&self, instruments: &Instruments, end: &GenerationEnd<'_>) {
        let common = &self.labels[..COMMON];
        let of_type = |class| [common, &[KeyValue::new(names::TOKEN_TYPE, class)]].concat();
        let with_error = &self.labels[..self.labels.len() - 2];

        let overhead = self.overhead.get_or_init(|| instruments.overhead.bind(&self.labels[..1]));
        overhead.record(end.overhead.as_secs_f64());
        self.attempts.get_or_init(|| instruments.attempts.bind(common)).add(end.attempts);
        if let Some(first_token) = end.first_token {
            let histogram = self.first_token.get_or_init(|| instruments.first_token.bind(common));
            histogram.record(first_token.as_secs_f64());
        }
        for (class, tokens, bound) in [
            ("input", end.usage.input_total(), &self.input_tokens),
            ("output", end.usage.output_total(), &self.output_tokens),
        ] {
            if tokens > 0 {
                bound.get_or_init(|| instruments.tokens.bind(&of_type(class))).record(u64::from(tokens));
            }
        }
        match end.cost_nano_usd {
            Some(cost) if cost > 0 => self.cost.get_or_init(|| instruments.cost.bind(common)).add(pb::usd(cost)),
            Some(_) => {}
            None => self.unpriced.get_or_init(|| instruments.unpriced.bind(common)).add(1),
        }
        self.duration.get_or_init(|| instruments.duration.bind(with_error)).record(end.total.as_secs_f64());
        self.generations.get_or_init(|| instruments.generations.bind(&self.labels)).add(1);
    }
}
