//! What an attempt comes to: as the provider says, else by the price list, else nobody knows. Pure.

use uuid::Uuid;

use super::pricing;
use crate::{
    dialect::Ended,
    error::Error,
    pb::{self, CostSource, UsageSource},
    routing::catalog::Entry,
};

/// Bytes of text that make a token, where nobody counts. English prose has about four.
pub(super) const BYTES_PER_TOKEN: u64 = 4;

/// How much text went to a provider and came from it, for usage that it does not report.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes {
    pub input_bytes: u64,
    pub output_bytes: u64,
}

/// What an attempt came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Charge {
    pub usage: pb::Usage,
    /// The cost that counts; `None` is unknown.
    pub cost_nano_usd: Option<i64>,
    pub cost_source: CostSource,
    /// What the price list says.
    pub computed_nano_usd: Option<i64>,
    pub price_version: Option<Uuid>,
}

impl Charge {
    /// What an attempt comes to that ended well, or with an error, or was left. `served` is the model whose price
    /// counts.
    pub(super) fn of(sizes: Sizes, served: Option<&Entry>, error: Option<&Error>, ended: Option<&Ended>) -> Self {
        let usage = usage(sizes, error, ended);
        let computed_nano_usd = match usage.source() {
            UsageSource::Unknown => None,
            _ => served
                .and_then(|entry| entry.model.price.as_ref())
                .and_then(|price| pricing::cost(&usage, &pricing::Price::parse(price)?)),
        };
        let stated = ended
            .and_then(|ended| ended.cost.as_deref())
            .and_then(pricing::parse_usd_to_nano)
            .or_else(|| error.and_then(|error| error.cost_usd).and_then(to_nano));
        let (cost_nano_usd, cost_source) = match (stated, computed_nano_usd) {
            (Some(cost), _) => (Some(cost), CostSource::Provider),
            (None, Some(cost)) => (Some(cost), CostSource::PriceBook),
            // Refused by status before a word was said: nobody charges for that.
            (None, None) if sizes.output_bytes == 0 && error.is_some_and(refused) => (Some(0), CostSource::Provider),
            (None, None) => (None, CostSource::None),
        };
        let price_version = served.and_then(|entry| entry.price_version);
        Self { usage, cost_nano_usd, cost_source, computed_nano_usd, price_version }
    }
}

/// As the provider counted; else estimated from what went out and came in; else, where nothing is known, nothing.
fn usage(sizes: Sizes, error: Option<&Error>, ended: Option<&Ended>) -> pb::Usage {
    let reported = ended.and_then(|ended| ended.usage).or_else(|| error.and_then(|error| error.usage));
    if let Some(mut usage) = reported {
        usage.source = UsageSource::Provider.into();
        return usage;
    }
    if sizes.output_bytes == 0 && ended.is_none() {
        return pb::Usage { source: UsageSource::Unknown.into(), ..pb::Usage::default() };
    }
    let tokens = |bytes: u64| Some(u32::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u32::MAX));
    pb::Usage {
        input_tokens: tokens(sizes.input_bytes),
        output_tokens: tokens(sizes.output_bytes),
        total_input_tokens: tokens(sizes.input_bytes),
        total_output_tokens: tokens(sizes.output_bytes),
        source: UsageSource::Estimated.into(),
        ..pb::Usage::default()
    }
}

/// The provider refused by HTTP status.
fn refused(error: &Error) -> bool {
    error.provider_status.is_some_and(|status| status >= 400)
}

/// What a provider stated beside an error.
fn to_nano(usd: f64) -> Option<i64> {
    pricing::parse_usd_to_nano(&usd.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Reason;

    const SAID: Sizes = Sizes { input_bytes: 400, output_bytes: 41 };

    fn check(sizes: Sizes, error: Option<&Error>, ended: Option<&Ended>, cost: Option<i64>, source: CostSource) {
        let price = pb::Price {
            input: Some("0.000001".to_owned()),
            output: Some("0.00001".to_owned()),
            ..pb::Price::default()
        };
        let model = pb::Model { id: "author/slug".to_owned(), price: Some(price), ..pb::Model::default() };
        let served = Entry::listed("openrouter", model);
        let charge = Charge::of(sizes, Some(&served), error, ended);
        assert_eq!((charge.cost_nano_usd, charge.cost_source), (cost, source), "{charge:?}");
    }

    #[test]
    fn the_providers_figure_wins_and_the_price_list_is_next() {
        let usage = pb::Usage { input_tokens: Some(10), output_tokens: Some(2), ..pb::Usage::default() };
        let stated = Ended { usage: Some(usage), cost: Some("0.5".to_owned()), ..Ended::default() };
        check(SAID, None, Some(&stated), Some(500_000_000), CostSource::Provider);
        let counted = Ended { cost: None, ..stated };
        check(SAID, None, Some(&counted), Some(30_000), CostSource::PriceBook);
        // 100 tokens in and, rounded up, 11 out.
        check(SAID, None, Some(&Ended::default()), Some(210_000), CostSource::PriceBook);
    }

    #[test]
    fn what_was_refused_is_free_and_what_was_cut_is_not_known() {
        let refused = Error::new(Reason::ProviderRateLimited, "wait").with_provider("openrouter", Some(429));
        check(Sizes::default(), Some(&refused), None, Some(0), CostSource::Provider);
        let cut = Error::new(Reason::ProviderUnreachable, "gone").with_provider("openrouter", None);
        check(Sizes::default(), Some(&cut), None, None, CostSource::None);
        check(SAID, Some(&cut), None, Some(210_000), CostSource::PriceBook);
        check(SAID, None, None, Some(210_000), CostSource::PriceBook);
    }
}
