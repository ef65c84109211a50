//! How names and targets are chosen, and where their prices come from.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::forms::{milliseconds, seconds};

/// How names and targets are chosen.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Routing {
    /// Most tries of one target.
    pub max_attempts: u32,
    /// Wait before the first retry; doubles each time, with jitter.
    #[serde(with = "milliseconds")]
    pub retry_base_ms: Duration,
    /// Longest wait between tries.
    #[serde(with = "milliseconds")]
    pub retry_max_ms: Duration,
    /// Longest wait for the first event of one try; absent means as long as the provider may take.
    pub attempt_timeout_ms: Option<u64>,
    /// Names that stand for models.
    pub aliases: BTreeMap<String, String>,
    /// Names that stand for several models or providers.
    pub models: BTreeMap<String, VirtualModel>,
    /// The variant that a family's bare name means, such as `claude = "sonnet"`.
    pub family_defaults: BTreeMap<String, String>,
    /// A fuzzy match may cost at most this many times what its nearest rival costs.
    pub fuzzy_price_jump: f64,
    /// Tokens of output that are reserved against budgets at first.
    pub reserve_output_tokens: u32,
    /// What is done with models whose price nobody knows.
    pub unpriced: Unpriced,
    /// When a second try is started beside a slow first one; absent means only where a request asks for it.
    pub hedge: Option<Hedge>,
    /// Most second tries, as a share of the requests that may have one.
    pub hedge_budget: f64,
    /// Failures in a row after which a model is paused at a credential; 0 means never. Half of twenty or more failing
    /// pauses it too.
    pub breaker_failures: u32,
    /// The first pause; doubles each time, with jitter.
    #[serde(with = "milliseconds")]
    pub breaker_pause_ms: Duration,
    /// Longest pause.
    #[serde(with = "milliseconds")]
    pub breaker_longest_pause_ms: Duration,
    /// How long a credential comes last after it was refused or had no funds.
    #[serde(with = "milliseconds")]
    pub credential_pause_ms: Duration,
}

/// A name that stands for several models or providers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct VirtualModel {
    /// Who may serve it.
    pub targets: Vec<Member>,
    /// Whom to prefer.
    pub order: Order,
    /// Models to try, in order, when all targets failed.
    pub fallbacks: Vec<String>,
    /// Instead of `routing.hedge`.
    pub hedge: Option<Hedge>,
    /// Instead of `routing.attempt_timeout_ms`.
    pub attempt_timeout_ms: Option<u64>,
}

/// One of those that may serve a virtual model.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The model's name, or the provider's own id of it where `provider` is set.
    pub model: String,
    /// The provider.
    #[serde(default)]
    pub provider: Option<String>,
    /// Its share of the calls under `order = "weighted"`, compared with that of its fellows; 0 makes it a spare.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

/// Which of several targets is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// As they are listed.
    #[default]
    Listed,
    /// Drawn by weight; a session keeps to its own.
    Weighted,
    /// The cheapest, by what a typical request costs there.
    Price,
    /// The one whose first token came soonest lately.
    Latency,
    /// The one that made most tokens a second lately.
    Throughput,
}

/// What is done with models whose price nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unpriced {
    /// They serve where nothing has to be kept to; under a hard budget or `max_cost_usd` they are refused.
    #[default]
    Unbudgeted,
    /// They serve, and no budget counts them.
    Allow,
    /// They are refused.
    Refuse,
}

/// When a second try is started.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hedge {
    /// After so many milliseconds.
    DelayMs(u32),
    /// After that quantile, 0 to 1, of the time to the first event that the target took lately.
    Quantile(f64),
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            attempt_timeout_ms: None,
            models: BTreeMap::new(),
            retry_base_ms: Duration::from_millis(250),
            retry_max_ms: Duration::from_secs(8),
            aliases: BTreeMap::new(),
            family_defaults: [("claude", "sonnet"), ("gemini", "flash")]
                .map(|(family, variant)| (family.to_owned(), variant.to_owned()))
                .into(),
            fuzzy_price_jump: 5.0,
            reserve_output_tokens: 4096,
            unpriced: Unpriced::Unbudgeted,
            hedge: None,
            hedge_budget: 0.1,
            breaker_failures: 5,
            breaker_pause_ms: Duration::from_secs(5),
            breaker_longest_pause_ms: Duration::from_secs(60),
            credential_pause_ms: Duration::from_secs(300),
        }
    }
}

/// Where prices come from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pricing {
    /// How often models and prices are fetched; 0 means only at start and on demand.
    #[serde(with = "seconds")]
    pub refresh_seconds: Duration,
}

impl Default for Pricing {
    fn default() -> Self {
        Self { refresh_seconds: Duration::from_secs(3600) }
    }
}
