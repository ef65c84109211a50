//! Unit vectors: each word has a direction of its own, a text is the sum of its words.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::upstream::Reply,
    memory::hash,
    models::{self, Sheet},
    tokens,
    wire::{Refusal, ready, usd},
};

const DEFAULT_DIMENSIONS: usize = 256;
const MOST_DIMENSIONS: usize = 3_072;
const MOST_INPUTS: usize = 2_048;

#[derive(Deserialize)]
struct EmbedBody {
    model: String,
    input: Value,
    dimensions: Option<usize>,
    #[serde(default)]
    encoding_format: Option<String>,
}

/// Answers a request for embeddings.
pub(super) fn answer(body: &[u8]) -> Result<Reply, Refusal> {
    let request: EmbedBody =
        serde_json::from_slice(body).map_err(|error| Refusal::new(400, format!("the request is wrong: {error}")))?;
    let sheet = Sheet::find(models::split(&request.model).0).filter(|sheet| sheet.embeds);
    let sheet = sheet.ok_or_else(|| Refusal::new(400, format!("{} is not a valid model ID", request.model)))?;
    let dimensions = request.dimensions.unwrap_or(DEFAULT_DIMENSIONS);
    if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
        return Err(Refusal::new(400, format!("dimensions: {dimensions} is not from 1 to {MOST_DIMENSIONS}")));
    }
    let as_base64 = match request.encoding_format.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => return Err(Refusal::new(400, format!("encoding_format: {other} is neither float nor base64"))),
    };
    let inputs = inputs(&request.input)?;
    let prompt_tokens: u32 = inputs.iter().map(|input| input.tokens).sum();
    let data = inputs.iter().enumerate().map(|(index, input)| {
        let vector = vector(&input.words, dimensions);
        let embedding = if as_base64 {
            let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
            json!(STANDARD.encode(bytes))
        } else {
            json!(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    });
    let usage = json!({"prompt_tokens": prompt_tokens, "total_tokens": prompt_tokens, "cost": usd(&[(prompt_tokens, sheet.input)])});
    let answer = json!({
        "id": format!("gen-sandbox-{:016x}", hash(body)),
        "object": "list",
        "model": "sandbox/embed",
        "provider": "Sandbox",
        "data": data.collect::<Vec<_>>(),
        "usage": usage,
    });
    Ok(Reply { status: 200, headers: Vec::new(), chunks: ready(vec![answer.to_string().into()]) })
}

struct Input {
    words: Vec<String>,
    tokens: u32,
}

/// A text, token ids, or a list of either.
fn inputs(input: &Value) -> Result<Vec<Input>, Refusal> {
    let wrong = || Refusal::new(400, "input: a text, token ids, or a list of them is needed".to_owned());
    let inputs = match input {
        Value::Array(list) if !list.first().is_some_and(Value::is_number) => {
            list.iter().map(one).collect::<Option<Vec<_>>>()
        }
        single => one(single).map(|input| vec![input]),
    };
    let inputs = inputs.filter(|inputs| !inputs.is_empty()).ok_or_else(wrong)?;
    if inputs.len() > MOST_INPUTS {
        return Err(Refusal::new(400, format!("input: Too many inputs, at most {MOST_INPUTS}")));
    }
    Ok(inputs)
}

fn one(input: &Value) -> Option<Input> {
    if let Some(text) = input.as_str() {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        return Some(Input { words: words.map(str::to_lowercase).collect(), tokens: tokens::of_text(text) });
    }
    let ids = input.as_array()?.iter().map(|id| id.as_u64().map(|id| id.to_string())).collect::<Option<Vec<_>>>()?;
    Some(Input { tokens: u32::try_from(ids.len()).unwrap_or(u32::MAX), words: ids })
}

fn vector(words: &[String], dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; dimensions];
    let nothing = [String::new()];
    for word in if words.is_empty() { &nothing } else { words } {
        let mut state = hash(word.as_bytes());
        for number in &mut sum {
            *number += direction(&mut state);
        }
    }
    let length = sum.iter().map(|number| number * number).sum::<f64>().sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "embeddings are single precision")]
    sum.iter().map(|number| (number / length) as f32).collect()
}

/// The next number from -1 to 1, by SplitMix64.
fn direction(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    #[expect(clippy::cast_precision_loss, reason = "31 bits are exact")]
    let unit = (mixed >> 33) as f64 / f64::from(1_u32 << 31);
    unit * 2.0 - 1.0
}
