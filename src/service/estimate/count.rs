//! Tokens of a request's input: words counted, media by rules.

use super::{media, tokenizer::Tokenizer};
use crate::{
    pb::{self, ContentPart, content_part::Part, file},
    service::estimate::{text_tokens, tool_tokens},
};

/// What the answer begins with belongs to the prompt.
const PRIMING: u64 = 3;
/// By how many hundredths a count of media may be wrong.
const MEDIA_MARGIN: u64 = 50;

/// Tokens of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Words, and documents and moving pictures, which providers count among them.
    pub text: u64,
    pub image: u64,
    pub audio: u64,
    /// By how many of these tokens it may be less or more.
    pub margin: u64,
    /// Paths of parts that are elsewhere, so that nobody knows how large they are.
    pub unknown: Vec<String>,
}

impl Count {
    /// Counts with the model's tokenizer, which takes a while.
    pub(super) fn of(request: &pb::ChatRequest, tokenizer: Tokenizer) -> Self {
        let mut count = Self::default();
        for (at, message) in request.messages.iter().enumerate() {
            count.text += tokenizer.turn();
            count.parts(&message.content, &format!("messages[{at}].content"), tokenizer, &|text| tokenizer.count(text));
        }
        for tool in &request.tools {
            count.text += serde_json::to_string(tool).map_or(0, |text| tokenizer.count(&text));
        }
        if tokenizer != Tokenizer::FourBytes {
            count.text += PRIMING;
        }
        count.margin += (count.text * tokenizer.margin()).div_ceil(100);
        count
    }

    /// The same without a vocabulary, by bytes: for what has to be quick.
    pub(super) fn rough(request: &pb::ChatRequest, tokenizer: Tokenizer) -> Self {
        let mut count = Self::default();
        for message in &request.messages {
            count.text += tokenizer.turn();
            count.parts(&message.content, "", tokenizer, &text_tokens);
        }
        count.text += tool_tokens(&request.tools);
        count
    }

    /// All of it.
    pub(super) fn total(&self) -> u32 {
        u32::try_from(self.text + self.image + self.audio).unwrap_or(u32::MAX)
    }

    pub(super) fn parts(
        &mut self,
        parts: &[ContentPart],
        path: &str,
        tokenizer: Tokenizer,
        words: &impl Fn(&str) -> u64,
    ) {
        for (at, part) in parts.iter().enumerate() {
            match part.part.as_ref() {
                Some(Part::Text(text) | Part::Refusal(text)) => self.text += words(text),
                Some(Part::Reasoning(reasoning)) => self.text += words(&reasoning.text),
                Some(Part::ToolCall(call)) => self.text += words(&call.name) + words(&call.arguments),
                Some(Part::ToolResult(result)) => {
                    let path = format!("{path}[{at}].tool_result.content");
                    self.parts(&result.content, &path, tokenizer, words);
                }
                Some(Part::Image(image)) => {
                    let tokens = u64::from(media::image(image, tokenizer));
                    self.image += tokens;
                    self.margin += tokens * MEDIA_MARGIN / 100;
                }
                Some(Part::Audio(audio)) => {
                    let tokens = u64::from(media::audio(audio, tokenizer));
                    self.audio += tokens;
                    self.margin += tokens * MEDIA_MARGIN / 100;
                }
                Some(Part::File(file)) => match written(file) {
                    Some(text) => self.text += words(text),
                    None => self.medium(media::file(file, tokenizer), || format!("{path}[{at}].file")),
                },
                Some(Part::Video(video)) => {
                    self.medium(media::video(video, tokenizer), || format!("{path}[{at}].video"));
                }
                None => {}
            }
        }
    }

    fn medium(&mut self, tokens: Option<u32>, path: impl FnOnce() -> String) {
        match tokens.map(u64::from) {
            Some(tokens) => {
                self.text += tokens;
                self.margin += tokens * MEDIA_MARGIN / 100;
            }
            None => self.unknown.push(path()),
        }
    }
}

/// Tokens of text that has so many bytes.
pub(in crate::service) fn by_bytes(bytes: u64) -> u64 {
    bytes.div_ceil(super::tokenizer::TOKEN_BYTES)
}

/// The words of a document that is text. Not for the sandbox, which counts bytes of all documents alike.
fn written(file: &pb::File) -> Option<&str> {
    let Some(file::Source::Data(bytes)) = &file.source else { return None };
    let is_text = file.media_type.starts_with("text/") || file.media_type == "application/json";
    is_text.then(|| std::str::from_utf8(bytes).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(request: &str, tokenizer: Tokenizer) -> Count {
        Count::of(&serde_json::from_str(request).unwrap(), tokenizer)
    }

    #[test]
    fn words_of_all_parts_and_tools_count_and_what_is_elsewhere_is_named() {
        let request = r#"{"messages":[
            {"role":"user","content":["hello world",{"file":{"url":"https://a/b.pdf"}}]},
            {"role":"assistant","content":[{"tool_call":{"id":"1","name":"f","arguments":"{}"}}]},
            {"role":"tool","content":[{"tool_result":{"tool_call_id":"1","content":"12 bytes now"}}]}]}"#;
        let found = count(request, Tokenizer::FourBytes);
        assert_eq!((found.text, found.unknown), (3 + 1 + 1 + 3, vec!["messages[0].content[1].file".to_owned()]));
        let with_tools = r#"{"messages":[{"role":"user","content":"hello world"}],
            "tools":[{"function":{"name":"weather","description":"tells the weather"}}]}"#;
        let found = count(with_tools, Tokenizer::Published("o200k_base"));
        assert!((15..40).contains(&found.text), "{found:?}");
    }
}
