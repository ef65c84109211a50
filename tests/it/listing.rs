//! OpenRouter's listings as they were recorded, and the facts in them.

use std::path::Path;

use serde_json::{Map, Value, json};
use time::{Date, OffsetDateTime, macros::format_description};

/// A recorded file; `None`, with a printed line, where the recordings are absent.
pub(crate) fn recorded(name: &str) -> Option<String> {
    let folder = option_env!("GATEWAY_WIRE").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/wire"));
    let file = Path::new(folder).join(name);
    if !file.exists() {
        println!("skipped: {} is not there", file.display());
        return None;
    }
    Some(std::fs::read_to_string(file).expect("a file that is there can be read"))
}

/// Facts of the chat and embedding models that OpenRouter lists, by id.
pub(crate) fn facts() -> Option<Vec<Map<String, Value>>> {
    let chat = listed(&recorded("openrouter.models.json")?);
    let mut embeddings = listed(&recorded("openrouter.embedding_models.json")?);
    embeddings.retain(|model| model["architecture"]["output_modalities"] == json!(["embeddings"]));
    let mut facts: Vec<_> = chat.iter().chain(&embeddings).map(model_facts).collect();
    facts.sort_by(|one, other| one["id"].as_str().cmp(&other["id"].as_str()));
    Some(facts)
}

fn listed(text: &str) -> Vec<Value> {
    let mut list: Value = serde_json::from_str(text).expect("a listing is JSON");
    serde_json::from_value(list["data"].take()).expect("a listing has data")
}

fn model_facts(model: &Value) -> Map<String, Value> {
    let thinking = ["mandatory", "default_enabled", "default_effort", "supported_efforts"];
    let thinking = |stated: &Value| {
        let told = thinking.iter().filter(|name| !stated[**name].is_null());
        Value::Object(told.map(|name| ((*name).to_owned(), stated[*name].clone())).collect())
    };
    let members = [
        ("id", model["id"].clone()),
        ("name", model["name"].clone()),
        ("slug", model["canonical_slug"].clone()),
        ("alias_of", model["alias_target"]["slug"].clone()),
        ("created", json!(created(model))),
        ("expires", json!(model["expiration_date"].as_str().and_then(midnight))),
        ("context", model["context_length"].clone()),
        ("max_output", model["top_provider"]["max_completion_tokens"].clone()),
        ("inputs", model["architecture"]["input_modalities"].clone()),
        ("outputs", model["architecture"]["output_modalities"].clone()),
        ("parameters", model["supported_parameters"].clone()),
        ("tokenizer", model["architecture"]["tokenizer"].clone()),
        ("thinking", if model["reasoning"].is_object() { thinking(&model["reasoning"]) } else { Value::Null }),
        ("price", Value::Object(price(&model["pricing"]))),
    ];
    members.into_iter().filter(|(_, fact)| !fact.is_null()).map(|(name, fact)| (name.to_owned(), fact)).collect()
}

/// OpenRouter's names of prices, and ours. `-1` is a price that is decided by the call.
fn price(pricing: &Value) -> Map<String, Value> {
    let names = [
        ("prompt", "input"),
        ("completion", "output"),
        ("input_cache_read", "cache_read"),
        ("input_cache_write", "cache_write"),
        ("input_cache_write_1h", "cache_write_1h"),
        ("internal_reasoning", "reasoning"),
        ("audio", "audio_input"),
        ("audio_output", "audio_output"),
        ("input_audio_cache", "audio_cache_read"),
        ("image", "image_input"),
        ("image_output", "image_output"),
        ("request", "request"),
        ("web_search", "web_search"),
    ];
    let stated = names.iter().filter(|(theirs, _)| pricing[*theirs].is_string() && pricing[*theirs] != "-1");
    let mut price: Map<String, Value> =
        stated.map(|(theirs, ours)| ((*ours).to_owned(), pricing[*theirs].clone())).collect();
    if let Some(overrides) = pricing["overrides"].as_array() {
        let tier = |tier: &Value| json!({ "min_input_tokens": tier["min_prompt_tokens"], "price": self::price(tier) });
        price.insert("tiers".to_owned(), overrides.iter().map(tier).collect());
    }
    price
}

/// The chat list has seconds, zero where they were left out; the embeddings list has words.
fn created(model: &Value) -> Option<i64> {
    let words = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let stated = model["created_at"].as_str();
    let stated = stated.and_then(|text| time::PrimitiveDateTime::parse(text, words).ok());
    let seconds = stated.map(|moment| moment.assume_utc().unix_timestamp()).or_else(|| model["created"].as_i64());
    seconds.filter(|seconds| *seconds > 0)
}

fn midnight(date: &str) -> Option<i64> {
    let date = Date::parse(date, format_description!("[year]-[month]-[day]")).ok()?;
    Some(OffsetDateTime::new_utc(date, time::Time::MIDNIGHT).unix_timestamp())
}
