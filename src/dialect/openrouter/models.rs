//! The list of models with their prices: <https://openrouter.ai/docs/api-reference/list-available-models>.

use serde::Deserialize;
use serde_json::value::RawValue;
use time::{Date, PrimitiveDateTime, Time, macros::format_description};

use crate::{
    dialect::lenient::{self, Count, Text, decimal},
    error::{Error, Reason},
    pb::{Model, Price, PriceTier, ThinkingSupport, well_known::Timestamp},
};

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Listed<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    canonical_slug: Text<'a>,
    #[serde(borrow, default)]
    description: Text<'a>,
    #[serde(default)]
    created: Option<i64>,
    #[serde(borrow, default)]
    created_at: Text<'a>,
    #[serde(borrow, default)]
    expiration_date: Text<'a>,
    #[serde(default)]
    context_length: Count,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    architecture: Option<Architecture<'a>>,
    #[serde(default, deserialize_with = "lenient::object")]
    top_provider: Option<TopProvider>,
    #[serde(default)]
    supported_parameters: Option<Vec<String>>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    reasoning: Option<Reasoning<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    alias_target: Option<AliasTarget<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient::object")]
    pricing: Option<Pricing<'a>>,
}

#[derive(Deserialize)]
struct Architecture<'a> {
    #[serde(default)]
    input_modalities: Option<Vec<String>>,
    #[serde(default)]
    output_modalities: Option<Vec<String>>,
    #[serde(borrow, default)]
    tokenizer: Text<'a>,
}

#[derive(Deserialize)]
struct TopProvider {
    #[serde(default)]
    max_completion_tokens: Count,
}

#[derive(Deserialize)]
struct Reasoning<'a> {
    #[serde(default)]
    mandatory: Option<bool>,
    #[serde(default)]
    default_enabled: Option<bool>,
    #[serde(borrow, default)]
    default_effort: Text<'a>,
    #[serde(default)]
    supported_efforts: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct AliasTarget<'a> {
    #[serde(borrow, default)]
    slug: Text<'a>,
}

/// Prices in USD for one unit, as decimal strings.
#[derive(Deserialize)]
struct Pricing<'a> {
    #[serde(borrow, default)]
    prompt: Text<'a>,
    #[serde(borrow, default)]
    completion: Text<'a>,
    #[serde(borrow, default)]
    input_cache_read: Text<'a>,
    #[serde(borrow, default)]
    input_cache_write: Text<'a>,
    #[serde(borrow, default)]
    input_cache_write_1h: Text<'a>,
    #[serde(borrow, default)]
    internal_reasoning: Text<'a>,
    #[serde(borrow, default)]
    audio: Text<'a>,
    #[serde(borrow, default)]
    audio_output: Text<'a>,
    #[serde(borrow, default)]
    input_audio_cache: Text<'a>,
    #[serde(borrow, default)]
    image: Text<'a>,
    #[serde(borrow, default)]
    image_output: Text<'a>,
    #[serde(borrow, default)]
    request: Text<'a>,
    #[serde(borrow, default)]
    web_search: Text<'a>,
    #[serde(default)]
    min_prompt_tokens: Count,
    #[serde(borrow, default, deserialize_with = "lenient::objects")]
    overrides: Vec<Pricing<'a>>,
}

/// Reads `/models` or `/embeddings/models`. A model that cannot be read is passed over; the rest are still of use.
pub(in crate::dialect) fn read_models(body: &[u8]) -> Result<Vec<Model>, Error> {
    let unreadable = || Error::new(Reason::ProviderMalformedResponse, "the provider's list of models cannot be read");
    let list: List<'_> = serde_json::from_slice(body.trim_ascii()).map_err(|_| unreadable())?;
    let models: Vec<Model> = list.data.iter().filter_map(|raw| model(raw)).collect();
    if models.is_empty() && !list.data.is_empty() {
        return Err(unreadable());
    }
    Ok(models)
}

fn model(raw: &RawValue) -> Option<Model> {
    let listed: Listed<'_> =
        serde_json::from_str(raw.get()).ok().filter(|listed: &Listed<'_>| !listed.id.is_empty())?;
    let (inputs, outputs, tokenizer) = listed.architecture.map_or_else(Default::default, |about| {
        (about.input_modalities.unwrap_or_default(), about.output_modalities.unwrap_or_default(), about.tokenizer)
    });
    Some(Model {
        id: listed.id.to_string(),
        name: listed.name.to_string(),
        canonical_slug: listed.canonical_slug.to_string(),
        description: listed.description.to_string(),
        create_time: created(listed.created, &listed.created_at),
        expire_time: date(&listed.expiration_date),
        context_length: listed.context_length.0.unwrap_or(0),
        max_output_tokens: listed.top_provider.and_then(|top| top.max_completion_tokens.0),
        input_modalities: inputs,
        output_modalities: outputs,
        supported_parameters: listed.supported_parameters.unwrap_or_default(),
        tokenizer: tokenizer.to_string(),
        thinking: listed.reasoning.map(|thinking| ThinkingSupport {
            mandatory: thinking.mandatory.unwrap_or(false),
            default_enabled: thinking.default_enabled.unwrap_or(false),
            default_effort: thinking.default_effort.to_string(),
            supported_efforts: thinking.supported_efforts.unwrap_or_default(),
        }),
        price: listed.pricing.as_ref().map(price),
        alias_of: listed.alias_target.map(|target| target.slug.to_string()).unwrap_or_default(),
        ..Model::default()
    })
}

fn price(pricing: &Pricing<'_>) -> Price {
    let tier = |tier: &Pricing<'_>| {
        let price = Price { source: String::new(), ..price(tier) };
        Some(PriceTier { min_input_tokens: tier.min_prompt_tokens.0?, price: Some(price) })
    };
    Price {
        source: "openrouter".to_owned(),
        input: amount(&pricing.prompt),
        output: amount(&pricing.completion),
        cache_read: amount(&pricing.input_cache_read),
        cache_write: amount(&pricing.input_cache_write),
        cache_write_1h: amount(&pricing.input_cache_write_1h),
        reasoning: amount(&pricing.internal_reasoning),
        audio_input: amount(&pricing.audio),
        audio_output: amount(&pricing.audio_output),
        audio_cache_read: amount(&pricing.input_audio_cache),
        image_input: amount(&pricing.image),
        image_output: amount(&pricing.image_output),
        request: amount(&pricing.request),
        web_search: amount(&pricing.web_search),
        tiers: pricing.overrides.iter().filter_map(tier).collect(),
        ..Price::default()
    }
}

/// A price; none where it is only decided at run time, which OpenRouter writes as -1.
fn amount(text: &Text<'_>) -> Option<String> {
    decimal(text).filter(|amount| !amount.starts_with('-'))
}

fn created(seconds: Option<i64>, text: &str) -> Option<Timestamp> {
    if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
        return Some(Timestamp { seconds, nanos: 0 });
    }
    // Embedding models are dated like `2025-11-18 02:10:37 UTC`.
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let moment = PrimitiveDateTime::parse(text, format).ok()?.assume_utc();
    Some(Timestamp { seconds: moment.unix_timestamp(), nanos: 0 })
}

fn date(text: &str) -> Option<Timestamp> {
    let date = Date::parse(text.get(..10)?, format_description!("[year]-[month]-[day]")).ok()?;
    Some(Timestamp { seconds: PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc().unix_timestamp(), nanos: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_stay_decimal_and_unknown_ones_are_absent() {
        let models = read_models(
            br#"{"data":[
                {"id":"a/b","pricing":{"prompt":"0.0000000833333333333333","completion":"0","request":"-1",
                 "overrides":[{"min_prompt_tokens":128000,"prompt":"0.000001"}]},"expiration_date":"2026-08-17",
                 "reasoning":{"mandatory":true,"supported_efforts":["high","low"]},"top_provider":{"max_completion_tokens":null}},
                {"name":"no id"},
                {"id":"~a/latest","alias_target":{"slug":"a/b"},"pricing":{"prompt":"-1","completion":"-1"},
                 "created_at":"2025-11-18 02:10:37 UTC"}]}"#,
        )
        .unwrap();
        let [first, alias] = models.as_slice() else { panic!("{models:?}") };
        let price = first.price.as_ref().unwrap();
        assert_eq!(price.input.as_deref(), Some("0.0000000833333333333333"));
        assert_eq!((price.output.as_deref(), price.request.as_deref()), (Some("0"), None));
        assert_eq!(price.tiers[0].min_input_tokens, 128_000);
        let tier = price.tiers[0].price.as_ref().unwrap();
        assert_eq!((tier.input.as_deref(), tier.output.as_deref()), (Some("0.000001"), None));
        assert_eq!(first.expire_time.unwrap().millis(), 1_786_924_800_000);
        assert_eq!(first.thinking.as_ref().unwrap().supported_efforts, ["high", "low"]);
        assert_eq!((alias.alias_of.as_str(), alias.create_time.unwrap().seconds), ("a/b", 1_763_431_837));
        assert_eq!(alias.price.as_ref().unwrap().input, None);
        assert!(read_models(b"<html>").is_err());
        assert!(read_models(br#"{"data":[{"id":7.5e999}]}"#).is_err());
    }
}
