//! The words of a message, for searching and titles.

use crate::pb::{self, content_part::Part};

/// What people see of a message, with the names of documents.
pub(super) fn of(message: &pb::Message) -> String {
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
