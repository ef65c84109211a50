//! The price function against what OpenRouter says that its answers cost.

use std::{collections::BTreeMap, sync::Arc};

use generative_gateway::{
    pb,
    routing::catalog::{AGGREGATOR, Entry, Snapshot},
    service::pricing::{Price, cost, parse_usd_to_nano},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::listing;

/// A recorded answer that states its cost.
struct Answer {
    id: String,
    /// The model that was asked for, and the one that answered.
    asked: String,
    answered: String,
    usage: pb::Usage,
    stated: i64,
    /// What OpenRouter says that the tokens alone cost.
    tokens_alone: Option<i64>,
}

/// Usage as OpenRouter writes it, as far as it is about money. Digits are kept as they are.
#[derive(Deserialize)]
struct Stated {
    cost: Option<Box<RawValue>>,
    #[serde(default)]
    is_byok: bool,
    cost_details: Option<BTreeMap<String, Box<RawValue>>>,
}

#[test]
fn prices_times_usage_are_what_openrouter_charges() {
    let Some(catalog) = catalog() else { return };
    let (mut equal, mut all) = (0_u32, 0_u32);
    let mut different: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for api in ["chat", "embeddings", "messages", "responses"] {
        let Some(answers) = answers(api) else { return };
        let before = (equal, all);
        for answer in answers {
            all += 1;
            match difference(&answer, &catalog) {
                None => equal += 1,
                Some((cause, computed)) => different.entry(cause).or_default().push(format!(
                    "  {} {}: stated {}, computed {} nano-USD",
                    answer.id,
                    answer.asked,
                    answer.stated,
                    computed.map_or_else(|| "unknown".to_owned(), |computed| computed.to_string())
                )),
            }
        }
        println!("openrouter.{api}: {} of {} equal to the nano-USD", equal - before.0, all - before.1);
    }
    println!("all: {equal} of {all} equal ({:.1} %)", 100.0 * f64::from(equal) / f64::from(all));
    for (cause, answers) in &different {
        println!("{} different: {cause}\n{}", answers.len(), answers.join("\n"));
    }
    assert!(all > 300, "only {all} recordings state a cost");
    assert!(equal * 100 >= all * 93, "{equal} of {all} are less than 93 %");
}

fn catalog() -> Option<Snapshot> {
    let listed = listing::facts()?.into_iter().map(|facts| {
        let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let price = facts.get("price").map(|price| pb::Price::deserialize(price).expect("prices are decimal text"));
        let model = pb::Model { id: text("id"), canonical_slug: text("slug"), price, ..pb::Model::default() };
        Entry::listed(AGGREGATOR, model)
    });
    Some(Snapshot::new(listed))
}

/// Why what is computed is not what was charged, if so.
fn difference(answer: &Answer, catalog: &Snapshot) -> Option<(&'static str, Option<i64>)> {
    let Some(entry) = priced_as(answer, catalog) else {
        return Some(("the model is not listed any more", None));
    };
    let price = entry.model.price.as_ref().and_then(Price::parse).expect("what answers has a price");
    let computed = cost(&answer.usage, &price);
    if computed == Some(answer.stated) {
        return None;
    }
    let cause = if computed.is_some() && computed == answer.tokens_alone {
        "a fee for a tool or a file, which no usage class counts"
    } else {
        "another endpoint's price, or an earlier one"
    };
    Some((cause, computed))
}

fn priced_as(answer: &Answer, catalog: &Snapshot) -> Option<Arc<Entry>> {
    match catalog.find_with_option(&answer.asked) {
        Some(asked) => catalog.find_served(asked, &answer.answered),
        None => catalog.find_answering(&answer.answered).cloned(),
    }
}

fn answers(api: &str) -> Option<Vec<Answer>> {
    let expected: BTreeMap<String, Value> = records(&format!("expected/openrouter.{api}.jsonl"))?
        .map(|record| (record["id"].as_str().unwrap_or_default().to_owned(), record))
        .collect();
    Some(records(&format!("open/openrouter.{api}.jsonl"))?.filter_map(|record| answer(&record, &expected)).collect())
}

fn records(name: &str) -> Option<impl Iterator<Item = Value>> {
    let lines: Vec<Value> = listing::recorded(name)?
        .lines()
        .map(|line| serde_json::from_str(line).expect("a recording is a line of JSON"))
        .collect();
    Some(lines.into_iter())
}

fn answer(record: &Value, expected: &BTreeMap<String, Value>) -> Option<Answer> {
    let id = record["id"].as_str()?;
    let expected = expected.get(id)?;
    let cost = expected["provider_cost_usd"].as_str()?;
    let stated = stated(record["response_body"].as_str()?);
    let detail = |name: &str| {
        let digits = stated.as_ref()?.cost_details.as_ref()?.get(name)?.get();
        parse_usd_to_nano(digits)
    };
    // With a key of one's own, `cost` is OpenRouter's fee; what the tokens cost is the upstream's figure.
    let own_key = stated.as_ref().is_some_and(|stated| stated.is_byok);
    let sides = [
        ("upstream_inference_prompt_cost", "upstream_inference_completions_cost"),
        ("upstream_inference_input_cost", "upstream_inference_output_cost"),
    ];
    Some(Answer {
        id: id.to_owned(),
        asked: record["request"]["model"].as_str().unwrap_or_default().to_owned(),
        answered: expected["model"].as_str().unwrap_or_default().to_owned(),
        usage: usage(expected),
        stated: if own_key { detail("upstream_inference_cost")? } else { parse_usd_to_nano(cost)? },
        tokens_alone: sides.iter().find_map(|(input, output)| Some(detail(input)? + detail(output)?)),
    })
}

/// The last usage with a cost, of a whole answer or a stream.
fn stated(body: &str) -> Option<Stated> {
    #[derive(Deserialize)]
    struct Chunk {
        usage: Option<Stated>,
        response: Option<Box<Chunk>>,
    }
    let read = |text: &str| {
        let chunk: Chunk = serde_json::from_str(text.trim()).ok()?;
        chunk.usage.or_else(|| chunk.response?.usage).filter(|usage| usage.cost.is_some())
    };
    read(body).or_else(|| body.lines().rev().filter_map(|line| line.strip_prefix("data:")).find_map(read))
}

fn usage(expected: &Value) -> pb::Usage {
    let classes = if expected["usage"].is_object() { &expected["usage"] } else { &expected["embeddings"] };
    let class = |name: &str| classes[name].as_u64().map(|count| u32::try_from(count).expect("counts are 32-bit"));
    pb::Usage {
        input_tokens: class("input"),
        cache_read_tokens: class("cache_read"),
        cache_write_tokens: class("cache_write"),
        cache_write_1h_tokens: class("cache_write_1h"),
        output_tokens: class("output"),
        reasoning_tokens: class("reasoning"),
        audio_input_tokens: class("audio_input"),
        audio_output_tokens: class("audio_output"),
        image_input_tokens: class("image_input"),
        image_output_tokens: class("image_output"),
        web_searches: class("web_searches"),
        total_input_tokens: class("total_input"),
        total_output_tokens: class("total_output"),
        ..pb::Usage::default()
    }
}
