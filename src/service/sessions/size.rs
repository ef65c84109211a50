//! Estimates of what messages come to in a model's context, without a tokenizer: 4 bytes a token, and a rule for each
//! kind of media.

use crate::pb::{self, content_part::Part, file};

/// A picture, whatever its size: most models scale it to about that.
const IMAGE: u64 = 1_200;
/// A document that is not here to be measured.
const FILE: u64 = 3_000;
/// Bytes of a document a token: most of a PDF is fonts and pictures.
const FILE_BYTES: u64 = 24;
/// Bytes of sound a token: models take about 25 tokens a second, of compressed sound.
const AUDIO_BYTES: u64 = 400;
/// A moving picture: about a minute.
const VIDEO: u64 = 15_000;
/// What frames a message.
const MESSAGE: u64 = 4;

/// Estimated tokens of a message.
pub(super) fn message(message: &pb::Message) -> u32 {
    u32::try_from(MESSAGE + parts(&message.content)).unwrap_or(u32::MAX)
}

/// Estimated tokens of a text.
pub(super) fn text(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

fn parts(content: &[pb::ContentPart]) -> u64 {
    content.iter().filter_map(|part| part.part.as_ref()).map(part).sum()
}

fn part(part: &Part) -> u64 {
    match part {
        Part::Text(words) | Part::Refusal(words) => text(words),
        Part::Reasoning(reasoning) => text(&reasoning.text) + text(&reasoning.data),
        Part::ToolCall(call) => text(&call.name) + text(&call.arguments),
        Part::ToolResult(result) => parts(&result.content),
        Part::Image(_) => IMAGE,
        Part::File(pb::File { source: Some(file::Source::Data(data)), .. }) => (data.len() as u64).div_ceil(FILE_BYTES),
        Part::File(_) => FILE,
        Part::Audio(audio) => (audio.data.len() as u64).div_ceil(AUDIO_BYTES) + text(&audio.transcript),
        Part::Video(_) => VIDEO,
    }
}

/// The words of a message, for searching and titles: what people see, with the names of documents.
pub(super) fn words(message: &pb::Message) -> String {
    fn gather<'a>(content: &'a [pb::ContentPart], words: &mut Vec<&'a str>) {
        for part in content.iter().filter_map(|part| part.part.as_ref()) {
            match part {
                Part::Text(text) | Part::Refusal(text) => words.push(text),
                Part::File(file) => words.push(&file.filename),
                Part::Audio(audio) => words.push(&audio.transcript),
                Part::ToolResult(result) => gather(&result.content, words),
                _ => {}
            }
        }
    }
    let mut words = Vec::new();
    gather(&message.content, &mut words);
    words.retain(|text| !text.is_empty());
    words.join("\n")
}
