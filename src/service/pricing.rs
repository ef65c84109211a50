//! The one price function: usage × price = cost, in integers from the first digit to the last.
//!
//! ```text
//! pb::Price (decimal text) ─ Price::parse ─▶ 10⁻²⁴ USD ─ × usage, summed exactly ─▶ total ─ rounded once ─▶ nano-USD
//! ```

use crate::pb;

/// Digits after the point of a unit price. Listings state up to 22, so 24 hold them all exactly; a unit price with
/// still more digits is rounded half to even.
const UNIT_DIGITS: i64 = 24;

/// Digits after the point of a nano-USD.
const NANO_DIGITS: i64 = 9;

/// How many units of a price make a nano-USD.
const UNITS_IN_A_NANO: i128 = 10_i128.pow(15);

/// Price of one model, parsed: exact integers of 10⁻²⁴ USD a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    base: Rates,
    /// Rates from so many tokens of input on, smallest threshold first; what a tier leaves out is filled from the base.
    tiers: Vec<(u32, Rates)>,
}

/// What a unit of each class costs; `None` where there is no such price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rates {
    input: Option<i128>,
    output: Option<i128>,
    cache_read: Option<i128>,
    cache_write: Option<i128>,
    cache_write_1h: Option<i128>,
    reasoning: Option<i128>,
    audio_input: Option<i128>,
    audio_output: Option<i128>,
    image_input: Option<i128>,
    image_output: Option<i128>,
    request: Option<i128>,
    web_search: Option<i128>,
}

impl Price {
    /// The price that a listing states. `None` where an amount is no decimal number or below zero: OpenRouter writes
    /// `-1` for models whose price is decided by the call, so nothing can be computed from it.
    pub fn parse(stated: &pb::Price) -> Option<Self> {
        let base = Rates::parse(stated)?;
        let mut tiers = Vec::with_capacity(stated.tiers.len());
        for tier in &stated.tiers {
            let rates = tier.price.as_ref().map_or(Some(base), |price| Some(Rates::parse(price)?.or(base)))?;
            tiers.push((tier.min_input_tokens, rates));
        }
        tiers.sort_by_key(|(threshold, _)| *threshold);
        Some(Self { base, tiers })
    }

    /// The rates for a prompt of that size: those of the largest threshold reached, for all of its tokens.
    fn rates(&self, total_input: u32) -> &Rates {
        let reached = self.tiers.iter().rev().find(|(threshold, _)| total_input >= *threshold);
        reached.map_or(&self.base, |(_, rates)| rates)
    }
}

impl Rates {
    fn parse(stated: &pb::Price) -> Option<Self> {
        Some(Self {
            input: amount(stated.input.as_deref())?,
            output: amount(stated.output.as_deref())?,
            cache_read: amount(stated.cache_read.as_deref())?,
            cache_write: amount(stated.cache_write.as_deref())?,
            cache_write_1h: amount(stated.cache_write_1h.as_deref())?,
            reasoning: amount(stated.reasoning.as_deref())?,
            audio_input: amount(stated.audio_input.as_deref())?,
            audio_output: amount(stated.audio_output.as_deref())?,
            image_input: amount(stated.image_input.as_deref())?,
            image_output: amount(stated.image_output.as_deref())?,
            request: amount(stated.request.as_deref())?,
            web_search: amount(stated.web_search.as_deref())?,
        })
    }

    /// These rates, and where there is none, those of the base.
    fn or(self, base: Self) -> Self {
        Self {
            input: self.input.or(base.input),
            output: self.output.or(base.output),
            cache_read: self.cache_read.or(base.cache_read),
            cache_write: self.cache_write.or(base.cache_write),
            cache_write_1h: self.cache_write_1h.or(base.cache_write_1h),
            reasoning: self.reasoning.or(base.reasoning),
            audio_input: self.audio_input.or(base.audio_input),
            audio_output: self.audio_output.or(base.audio_output),
            image_input: self.image_input.or(base.image_input),
            image_output: self.image_output.or(base.image_output),
            request: self.request.or(base.request),
            web_search: self.web_search.or(base.web_search),
        }
    }
}

/// What usage costs, in nano-USD; `None` where that is not known: usage that says nothing, a class that was used and
/// has no price, a sum beyond all bounds.
///
/// The total input chooses the tier. Classes are disjoint; one without a price of its own costs what the class costs
/// that it would otherwise be part of:
///
/// | class | else |
/// |---|---|
/// | cache read, cache write, audio and image in | input |
/// | cache write for an hour | cache write, else input |
/// | reasoning, audio and image out | output |
/// | a request | nothing |
/// | a web search | unknown |
///
/// A side of which only the total was reported is plain input or output.
pub fn cost(usage: &pb::Usage, price: &Price) -> Option<i64> {
    let rates = price.rates(usage.input_total());
    let cache_write = rates.cache_write.or(rates.input);
    let input = [
        (usage.input_tokens, rates.input),
        (usage.cache_read_tokens, rates.cache_read.or(rates.input)),
        (usage.cache_write_tokens, cache_write),
        (usage.cache_write_1h_tokens, rates.cache_write_1h.or(cache_write)),
        (usage.audio_input_tokens, rates.audio_input.or(rates.input)),
        (usage.image_input_tokens, rates.image_input.or(rates.input)),
    ];
    let output = [
        (usage.output_tokens, rates.output),
        (usage.reasoning_tokens, rates.reasoning.or(rates.output)),
        (usage.audio_output_tokens, rates.audio_output.or(rates.output)),
        (usage.image_output_tokens, rates.image_output.or(rates.output)),
    ];
    let classes = side(&input, (usage.total_input_tokens, rates.input))
        .chain(side(&output, (usage.total_output_tokens, rates.output)))
        .chain([(usage.web_searches, rates.web_search)]);
    if classes.clone().all(|(count, _)| count.is_none()) {
        return None;
    }

    let mut total = rates.request.unwrap_or(0);
    for (count, rate) in classes {
        if let Some(count @ 1..) = count {
            total = total.checked_add(rate?.checked_mul(i128::from(count))?)?;
        }
    }
    i64::try_from(divide_half_to_even(total, UNITS_IN_A_NANO)).ok()
}

/// How much of a class was used, and what a unit of it costs.
type Class = (Option<u32>, Option<i128>);

/// The classes of one side; its total where no class was reported.
fn side(classes: &[Class], total: Class) -> impl Iterator<Item = Class> + Clone {
    let reported = classes.iter().any(|(count, _)| count.is_some());
    classes.iter().copied().chain((!reported).then_some(total))
}

/// A cost in USD that a provider states as decimal text (`0.00012`, `6.88e-05`), in nano-USD, rounded half to even.
/// `None` where it is no decimal number, below zero, or beyond all bounds.
pub fn parse_usd_to_nano(text: &str) -> Option<i64> {
    i64::try_from(decimal(text, NANO_DIGITS)?).ok()
}

/// A unit price that is decimal text, in 10⁻²⁴ USD, to compare it with others.
pub(super) fn parse_unit(text: &str) -> Option<i128> {
    decimal(text, UNIT_DIGITS)
}

/// An amount that may be absent; `None` where it is there and cannot be read.
fn amount(text: Option<&str>) -> Option<Option<i128>> {
    text.map_or(Some(None), |text| parse_unit(text).map(Some))
}

/// A decimal number that is not negative × 10^`scale`, rounded half to even. Never through a float, so that the digits
/// that count are the digits that were written.
fn decimal(text: &str, scale: i64) -> Option<i128> {
    let text = text.trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }

    // How many of the digits stand before the point once the number is scaled.
    let kept = i64::try_from(whole.len()).ok()? + i64::from(exponent) + scale;
    let mut value = 0_i128;
    let mut dropped = std::cmp::Ordering::Less; // what is dropped, compared with a half
    for (at, digit) in (0_i64..).zip(digits().map(|digit| i128::from(digit - b'0'))) {
        if at < kept {
            value = value.checked_mul(10)?.checked_add(digit)?;
        } else if at == kept {
            dropped = digit.cmp(&5);
        } else if digit > 0 && dropped.is_eq() {
            dropped = std::cmp::Ordering::Greater;
        }
    }
    let missing = kept - i64::try_from(whole.len() + fraction.len()).ok()?;
    if missing > 0 && value > 0 {
        value = value.checked_mul(10_i128.checked_pow(u32::try_from(missing).ok()?)?)?;
    }
    let up = dropped.is_gt() || (dropped.is_eq() && value % 2 == 1);
    value.checked_add(i128::from(up))
}

/// `value ÷ by`, rounded half to even; both are not negative.
fn divide_half_to_even(value: i128, by: i128) -> i128 {
    let (quotient, remainder) = (value / by, value % by);
    let up = match (remainder * 2).cmp(&by) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    quotient + i128::from(up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::{PriceTier, Usage};

    fn amount(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// Claude's shape: caches both ways, an hour's cache, a tier.
    fn tiered() -> pb::Price {
        pb::Price {
            input: amount("0.000003"),
            output: amount("0.000015"),
            cache_read: amount("0.0000003"),
            cache_write: amount("0.00000375"),
            cache_write_1h: amount("0.000006"),
            web_search: amount("0.01"),
            tiers: vec![PriceTier {
                min_input_tokens: 200_000,
                price: Some(pb::Price {
                    input: amount("0.000006"),
                    output: amount("0.0000225"),
                    ..pb::Price::default()
                }),
            }],
            ..pb::Price::default()
        }
    }

    fn plain(input: &str, output: &str) -> pb::Price {
        pb::Price { input: amount(input), output: amount(output), ..pb::Price::default() }
    }

    fn check(usage: Usage, stated: &pb::Price, nano_usd: Option<i64>) {
        let price = Price::parse(stated).expect("a price that can be read");
        assert_eq!(cost(&usage, &price), nano_usd, "{usage:?} at {stated:?}");
    }

    #[test]
    fn classes_are_priced_apart_and_summed() {
        let usage = Usage {
            input_tokens: Some(1_000),
            cache_read_tokens: Some(10_000),
            cache_write_tokens: Some(100),
            cache_write_1h_tokens: Some(10),
            output_tokens: Some(200),
            reasoning_tokens: Some(300),
            web_searches: Some(2),
            total_input_tokens: Some(11_110),
            ..Usage::default()
        };
        check(usage, &tiered(), Some(3_000_000 + 3_000_000 + 375_000 + 60_000 + 3_000_000 + 4_500_000 + 20_000_000));
    }

    #[test]
    fn a_class_without_a_price_falls_back_to_what_it_is_part_of() {
        let whole = Usage {
            cache_read_tokens: Some(1),
            cache_write_tokens: Some(1),
            cache_write_1h_tokens: Some(1),
            audio_input_tokens: Some(1),
            image_input_tokens: Some(1),
            reasoning_tokens: Some(1),
            audio_output_tokens: Some(1),
            image_output_tokens: Some(1),
            ..Usage::default()
        };
        check(whole, &plain("0.000001", "0.001"), Some(5 * 1_000 + 3 * 1_000_000));
        let hour = Usage { cache_write_1h_tokens: Some(4), ..Usage::default() };
        let written = pb::Price { cache_write: amount("0.000002"), ..plain("0.000001", "0") };
        check(hour, &written, Some(8_000));
    }

    #[test]
    fn the_largest_threshold_reached_prices_every_token() {
        let long = |input| Usage { input_tokens: Some(input), output_tokens: Some(10), ..Usage::default() };
        check(long(199_999), &tiered(), Some(199_999 * 3_000 + 10 * 15_000));
        check(long(200_000), &tiered(), Some(200_000 * 6_000 + 10 * 22_500));
        // Caches count towards the threshold, and keep the base price where the tier names none.
        let cached = Usage { cache_read_tokens: Some(200_000), ..Usage::default() };
        check(cached, &tiered(), Some(200_000 * 300));
        let unsorted = pb::Price {
            tiers: [(256_000, "0.0003"), (32_000, "0.0002")]
                .map(|(min_input_tokens, input)| PriceTier { min_input_tokens, price: Some(plain(input, "0")) })
                .into(),
            ..plain("0.0001", "0")
        };
        check(long(300_000), &unsorted, Some(300_000 * 300_000));
        check(long(40_000), &unsorted, Some(40_000 * 200_000));
    }

    #[test]
    fn the_total_alone_is_rounded_half_to_even() {
        let tokens = |count| Usage { input_tokens: Some(count), ..Usage::default() };
        check(tokens(1), &plain("0.0000000005", "0"), Some(0));
        check(tokens(3), &plain("0.0000000005", "0"), Some(2));
        check(tokens(3), &plain("0.0000000004", "0"), Some(1));
        // 22 digits, as listings have them for Gemini: 0.9999999999999996 in all, rounded once.
        check(tokens(12_000_000), &plain("0.0000000833333333333333", "0"), Some(1_000_000_000));
        check(tokens(6_000), &plain("0.0000000000833333333333", "0"), Some(500));
    }

    #[test]
    fn what_is_not_known_has_no_cost() {
        check(Usage::default(), &tiered(), None);
        let search = Usage { input_tokens: Some(1), web_searches: Some(1), ..Usage::default() };
        check(search, &plain("0.000001", "0"), None);
        check(
            Usage { output_tokens: Some(1), ..Usage::default() },
            &pb::Price { output: None, ..plain("1", "1") },
            None,
        );
        check(Usage { input_tokens: Some(u32::MAX), ..Usage::default() }, &plain("1000000", "0"), None);
        check(Usage { input_tokens: Some(u32::MAX), ..Usage::default() }, &plain("99999999999999", "0"), None);
        assert_eq!(Price::parse(&plain("-1", "-1")), None);
        assert_eq!(Price::parse(&plain("free", "0")), None);
        assert_eq!(Price::parse(&pb::Price { request: amount(""), ..plain("0", "0") }), None);
    }

    #[test]
    fn nothing_used_is_free_and_a_total_alone_is_plain_input() {
        let zero = Usage { input_tokens: Some(0), output_tokens: Some(0), web_searches: Some(0), ..Usage::default() };
        check(zero, &pb::Price::default(), Some(0));
        check(zero, &pb::Price { request: amount("0.005"), ..plain("1", "1") }, Some(5_000_000));
        let total = Usage { total_input_tokens: Some(3), ..Usage::default() };
        check(total, &plain("0.00000002", "0"), Some(60));
    }

    #[test]
    fn a_stated_cost_is_read_from_its_digits() {
        fn check(text: &str, nano_usd: Option<i64>) {
            assert_eq!(parse_usd_to_nano(text), nano_usd, "{text:?}");
        }
        check("0", Some(0));
        check("1", Some(1_000_000_000));
        check("0.0133176", Some(13_317_600));
        check("6.88e-05", Some(68_800));
        check("6E-8", Some(60));
        check("1.5e+1", Some(15_000_000_000));
        check("0.0026400000000000004", Some(2_640_000));
        check("0.0000000005", Some(0));
        check("0.0000000015", Some(2));
        check("0.00000000050000000000000000000000000000000000000000001", Some(1));
        check("5e-10", Some(0));
        check("1.5e-9", Some(2));
        check("9e-11", Some(0));
        check("1e-2147483648", Some(0));
        check("0e2147483647", Some(0));
        check("1e2147483647", None);
        check("99999999999999999999999999999999999999999999", None);
        check("9223372036.854775807", Some(i64::MAX));
        check("9223372036.854775808", None);
        for text in ["", ".", "-0.1", "-1", "1e", "1e99999999999", "NaN", "inf", "1,5", "0x1", "1 2"] {
            check(text, None);
        }
    }
}
