//! How a model's provider counts text: by a vocabulary that is published, or by the nearest one.
//!
//! Vocabularies are unpacked when they are first asked for and then stay: nothing but estimates may count with one, and
//! never on the runtime's own threads.

use crate::pb;

/// What counts where a model's own vocabulary is not published. Its ids are nobody's business; only how many.
const NEAREST: &str = "o200k_base";
/// More text in one piece is counted by its beginning.
const MOST_BYTES: usize = 4 << 20;
/// Bytes that make a token for the sandbox, and about as many in English prose.
pub(super) const TOKEN_BYTES: u64 = 4;

/// How a model's provider counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tokenizer {
    /// By that vocabulary.
    Published(&'static str),
    /// Anthropic publishes none.
    Claude,
    /// Google publishes none.
    Gemini,
    /// Nobody told us how.
    Other,
    /// The sandbox's rule.
    FourBytes,
}

impl Tokenizer {
    /// The tokenizer of a model, by the catalogue's word for it.
    pub(super) fn of(model: Option<&pb::Model>) -> Self {
        let Some(model) = model else { return Self::Other };
        match model.tokenizer.as_str() {
            "GPT" if older_gpt(&model.id) => Self::Published("cl100k_base"),
            "GPT" => Self::Published("o200k_base"),
            "Llama3" => Self::Published("llama3"),
            "DeepSeek" => Self::Published("deepseek_v3"),
            "Qwen" | "Qwen3" => Self::Published("qwen2"),
            "Mistral" => Self::Published("mistral_v3"),
            "Claude" => Self::Claude,
            "Gemini" | "Gemma" => Self::Gemini,
            "Sandbox" => Self::FourBytes,
            _ => Self::Other,
        }
    }

    /// Tokens of a text. Unpacks the vocabulary the first time, which takes a while.
    pub(super) fn count(self, text: &str) -> u64 {
        let name = match self {
            Self::FourBytes => return super::text_tokens(text),
            Self::Published(name) => name,
            Self::Claude | Self::Gemini | Self::Other => NEAREST,
        };
        let vocabulary = tiktoken::get_encoding(name).expect("built with each vocabulary that is named here");
        let sample = &text[..text.floor_char_boundary(MOST_BYTES)];
        let counted = vocabulary.count(sample) as u64;
        match sample.len() {
            0 => 0,
            length if length == text.len() => counted,
            length => counted * text.len() as u64 / length as u64,
        }
    }

    /// What a turn of the conversation takes beside its words.
    /// <https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken>
    pub(super) fn turn(self) -> u64 {
        if self == Self::FourBytes { 0 } else { 4 }
    }

    /// By how many hundredths a count of text may be wrong.
    pub(super) fn margin(self) -> u64 {
        match self {
            Self::FourBytes | Self::Published(_) => 5,
            // Anthropic says that its newer models make up to a third more tokens of the same text.
            Self::Claude | Self::Gemini | Self::Other => 35,
        }
    }
}

/// GPT-3.5 and the first GPT-4; all since count with the larger vocabulary.
fn older_gpt(id: &str) -> bool {
    let name = id.rsplit('/').next().unwrap_or(id);
    name.starts_with("gpt-3.5") || name == "gpt-4" || name.starts_with("gpt-4-") || name.starts_with("text-embedding")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_counts_with_a_vocabulary_that_is_there() {
        let check = |id: &str, family: &str, text: &str, tokens: u64| {
            let model = pb::Model { id: id.to_owned(), tokenizer: family.to_owned(), ..pb::Model::default() };
            assert_eq!(Tokenizer::of(Some(&model)).count(text), tokens, "{family}");
        };
        // As OpenAI's own tokenizer page counts them.
        check("openai/gpt-4", "GPT", "antidisestablishmentarianism", 6);
        check("openai/gpt-4o", "GPT", "hello world", 2);
        for family in ["Llama3", "DeepSeek", "Qwen", "Qwen3", "Mistral", "Claude", "Gemini", "Grok", ""] {
            check("author/slug", family, "hello world", 2);
            check("author/slug", family, "", 0);
        }
        check("sandbox/chat", "Sandbox", "hello world", 3);
    }

    #[test]
    fn odd_texts_are_counted_in_time() {
        // What makes a vocabulary's merging slow: one endless word.
        let words = ["a".repeat(1 << 17), " ".repeat(1 << 17), "漢".repeat(1 << 17)];
        for word in words {
            assert!(Tokenizer::Other.count(&word) > 1_000);
        }
    }
}
