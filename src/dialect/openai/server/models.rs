//! Lists models as OpenAI's clients read them, with what OpenRouter adds: prices, modalities, context.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::pb::{Model, Price};

/// Writes a list of models.
pub fn write_models(models: &[Model]) -> Bytes {
    json!({"object": "list", "data": models.iter().map(model).collect::<Vec<_>>()}).to_string().into()
}

/// Writes one model.
pub fn write_model(one: &Model) -> Bytes {
    model(one).to_string().into()
}

fn model(model: &Model) -> Value {
    let author = model.id.split('/').next().unwrap_or_default();
    let [inputs, outputs] = [&model.input_modalities, &model.output_modalities];
    let mut json = json!({
        "id": model.id,
        "object": "model",
        "created": model.create_time.map_or(0, |time| time.seconds),
        "owned_by": author.trim_start_matches('~'),
        "name": model.name,
        "canonical_slug": model.canonical_slug,
        "description": model.description,
        "context_length": model.context_length,
        "architecture": {
            "modality": format!("{}->{}", inputs.join("+"), outputs.join("+")),
            "input_modalities": inputs,
            "output_modalities": outputs,
            "tokenizer": model.tokenizer,
        },
        "pricing": model.price.as_ref().map(price),
        "top_provider": {"context_length": model.context_length, "max_completion_tokens": model.max_output_tokens},
        "supported_parameters": model.supported_parameters,
    });
    if let Some(thinking) = &model.thinking {
        json["reasoning"] = json!({
            "mandatory": thinking.mandatory,
            "default_enabled": thinking.default_enabled,
            "default_effort": Some(&thinking.default_effort).filter(|effort| !effort.is_empty()),
            "supported_efforts": thinking.supported_efforts,
        });
    }
    if !model.alias_of.is_empty() {
        json["alias_target"] = json!({"slug": model.alias_of});
    }
    json
}

/// Prices under OpenRouter's names, decimal strings as they are.
fn price(price: &Price) -> Map<String, Value> {
    let amounts = [
        ("prompt", &price.input),
        ("completion", &price.output),
        ("input_cache_read", &price.cache_read),
        ("input_cache_write", &price.cache_write),
        ("input_cache_write_1h", &price.cache_write_1h),
        ("internal_reasoning", &price.reasoning),
        ("audio", &price.audio_input),
        ("audio_output", &price.audio_output),
        ("input_audio_cache", &price.audio_cache_read),
        ("image", &price.image_input),
        ("image_output", &price.image_output),
        ("request", &price.request),
        ("web_search", &price.web_search),
    ];
    let known = amounts.into_iter().filter_map(|(name, amount)| Some((name.to_owned(), amount.as_deref()?.into())));
    let mut json: Map<String, Value> = known.collect();
    let tiers = price.tiers.iter().map(|tier| {
        let mut json = tier.price.as_ref().map(self::price).unwrap_or_default();
        json.insert("min_prompt_tokens".to_owned(), tier.min_input_tokens.into());
        Value::from(json)
    });
    let tiers: Vec<Value> = tiers.collect();
    if !tiers.is_empty() {
        json.insert("overrides".to_owned(), tiers.into());
    }
    json
}
