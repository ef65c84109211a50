//! Facts about models that are built in, so that names resolve and calls are priced before the first refresh.
//!
//! `builtin.json` holds facts alone: ids, limits, modalities, parameters, prices. To renew it, put OpenRouter's
//! `/models` and `/embeddings/models` where the wire tests look for recordings and run `cargo test --test it models`:
//! the test that compares the two writes the new file and says where.

use serde::Deserialize;

use crate::pb::{self, well_known::Timestamp};

const FACTS: &[u8] = include_bytes!("builtin.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    /// Each distinct list of supported parameters; models name one by its place.
    parameters: Vec<Vec<String>>,
    models: Vec<ModelFacts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFacts {
    id: String,
    name: String,
    #[serde(default)]
    slug: String,
    #[serde(default)]
    alias_of: String,
    /// Seconds since 1970.
    created: Option<i64>,
    /// Seconds since 1970.
    expires: Option<i64>,
    context: u32,
    max_output: Option<u32>,
    inputs: Vec<String>,
    outputs: Vec<String>,
    parameters: usize,
    #[serde(default)]
    tokenizer: String,
    thinking: Option<pb::ThinkingSupport>,
    price: Option<pb::Price>,
}

/// The models of the built-in snapshot, as OpenRouter listed them.
pub(super) fn models() -> Vec<pb::Model> {
    let facts: Facts = serde_json::from_slice(FACTS).expect("the file is part of the program, and a test reads it");
    let Facts { parameters, models } = facts;
    models.into_iter().map(|facts| facts.into_model(&parameters)).collect()
}

impl ModelFacts {
    fn into_model(self, parameters: &[Vec<String>]) -> pb::Model {
        let moment = |seconds: i64| Timestamp { seconds, nanos: 0 };
        pb::Model {
            id: self.id,
            name: self.name,
            canonical_slug: self.slug,
            create_time: self.created.map(moment),
            expire_time: self.expires.map(moment),
            context_length: self.context,
            max_output_tokens: self.max_output,
            input_modalities: self.inputs,
            output_modalities: self.outputs,
            supported_parameters: parameters.get(self.parameters).cloned().unwrap_or_default(),
            tokenizer: self.tokenizer,
            thinking: self.thinking,
            price: self.price,
            alias_of: self.alias_of,
            ..pb::Model::default()
        }
    }
}
