//! The sandbox's models and their prices.

use crate::pb::{self, ThinkingSupport, well_known::Timestamp};

/// What a model is. Prices are in pico-USD (10⁻¹²) a token or a search.
pub(super) struct Sheet {
    pub name: &'static str,
    pub description: &'static str,
    pub input: u64,
    pub output: u64,
    pub image_output: Option<u64>,
    pub web_search: Option<u64>,
    pub thinks: bool,
    pub embeds: bool,
    /// Pause between the pieces of a stream in milliseconds, so that people can watch it.
    pub pace_ms: u64,
}

const PLAIN: Sheet = Sheet {
    name: "",
    description: "",
    input: 500_000,
    output: 2_000_000,
    image_output: None,
    web_search: None,
    thinks: false,
    embeds: false,
    pace_ms: 0,
};

/// What a cache read costs of the input price, and a cache write.
pub(super) const CACHE_READ: (u64, u64) = (1, 10);
pub(super) const CACHE_WRITE: (u64, u64) = (5, 4);

const SHEETS: &[Sheet] = &[
    Sheet {
        name: "echo",
        description: "Repeats the last thing that the user said.",
        input: 100_000,
        output: 400_000,
        ..PLAIN
    },
    Sheet {
        name: "chat",
        description: "Streams a small Markdown answer about the prompt. Ask for a table, code, math or an image.",
        pace_ms: 10,
        ..PLAIN
    },
    Sheet {
        name: "think",
        description: "Thinks with the effort that is asked for, then answers. Checks its thoughts when they come back.",
        input: 1_000_000,
        output: 4_000_000,
        thinks: true,
        pace_ms: 10,
        ..PLAIN
    },
    Sheet {
        name: "tools",
        description: "Calls the first tools it is given, two at once, then answers by their results.",
        ..PLAIN
    },
    Sheet { name: "image", description: "Draws a small PNG from the prompt.", image_output: Some(30_000_000), ..PLAIN },
    Sheet { name: "cite", description: "Answers with sources.", web_search: Some(10_000_000_000), ..PLAIN },
    Sheet {
        name: "slow",
        description: "Takes its time: sandbox/slow:500 begins after 500 ms, sandbox/slow:500:50 pauses 50 ms between pieces.",
        ..PLAIN
    },
    Sheet {
        name: "fail",
        description: "Fails as asked: sandbox/fail:429 or another status, :first, :stream, :stall, :cut, :reset, :garbage; with :once only the first time that a request comes.",
        ..PLAIN
    },
    Sheet {
        name: "embed",
        description: "Turns texts into unit vectors; texts that share words are near each other.",
        input: 20_000,
        output: 0,
        embeds: true,
        ..PLAIN
    },
];

/// Efforts of thinking, from least to most.
pub(super) const EFFORTS: [&str; 6] = ["minimal", "low", "medium", "high", "xhigh", "max"];

/// The context of every model in tokens.
pub(super) const CONTEXT: u32 = 128_000;

impl Sheet {
    /// The model of that name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        SHEETS.iter().find(|sheet| sheet.name == name)
    }

    fn model(&self) -> pb::Model {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        pb::Model {
            id: format!("sandbox/{}", self.name),
            name: format!("Sandbox: {}", self.name),
            canonical_slug: format!("sandbox/{}", self.name),
            description: self.description.to_owned(),
            create_time: Some(Timestamp { seconds: super::wire::CREATED, nanos: 0 }),
            context_length: CONTEXT,
            max_output_tokens: (!self.embeds).then_some(16_384),
            input_modalities: if self.embeds {
                list(&["text"])
            } else {
                list(&["text", "image", "file", "audio", "video"])
            },
            output_modalities: match self {
                Self { embeds: true, .. } => list(&["embeddings"]),
                Self { image_output: Some(_), .. } => list(&["image", "text"]),
                _ => list(&["text"]),
            },
            supported_parameters: self.parameters(),
            tokenizer: "Sandbox".to_owned(),
            thinking: self.thinks.then(|| ThinkingSupport {
                mandatory: false,
                default_enabled: true,
                default_effort: "medium".to_owned(),
                supported_efforts: list(&EFFORTS),
            }),
            price: Some(self.price()),
            ..pb::Model::default()
        }
    }

    fn parameters(&self) -> Vec<String> {
        if self.embeds {
            return vec!["dimensions".to_owned()];
        }
        let mut names = vec!["max_tokens", "stop", "response_format", "structured_outputs"];
        if self.thinks {
            names.extend(["reasoning", "include_reasoning"]);
        }
        if self.name == "tools" {
            names.extend(["tools", "tool_choice", "parallel_tool_calls"]);
        }
        names.into_iter().map(str::to_owned).collect()
    }

    fn price(&self) -> pb::Price {
        pb::Price {
            source: "sandbox".to_owned(),
            input: Some(decimal(self.input)),
            output: Some(decimal(self.output)),
            cache_read: (!self.embeds).then(|| decimal(share(self.input, CACHE_READ))),
            cache_write: (!self.embeds).then(|| decimal(share(self.input, CACHE_WRITE))),
            image_output: self.image_output.map(decimal),
            web_search: self.web_search.map(decimal),
            ..pb::Price::default()
        }
    }
}

/// The models, as a provider's list tells them.
pub fn models() -> Vec<pb::Model> {
    SHEETS.iter().map(Sheet::model).collect()
}

/// A model's name without `sandbox/`, and the options behind it.
pub(super) fn split(model: &str) -> (&str, &str) {
    let name = model.strip_prefix("sandbox/").unwrap_or(model);
    name.split_once(':').unwrap_or((name, ""))
}

/// A part of a price.
pub(super) fn share(price: u64, (part, whole): (u64, u64)) -> u64 {
    price * part / whole
}

/// Pico-USD as exact decimal USD.
fn decimal(pico: u64) -> String {
    let text = format!("{}.{:012}", pico / 1_000_000_000_000, pico % 1_000_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_decimals() {
        let models = models();
        let chat = models.iter().find(|model| model.id == "sandbox/chat").unwrap();
        let price = chat.price.as_ref().unwrap();
        assert_eq!(price.input.as_deref(), Some("0.0000005"));
        assert_eq!(price.cache_read.as_deref(), Some("0.00000005"));
        assert_eq!(price.cache_write.as_deref(), Some("0.000000625"));
        assert_eq!(decimal(0), "0");
        assert_eq!(decimal(10_000_000_000), "0.01");
    }
}
