//! How a session is written down: Markdown and JSON.

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::{
    error::Error,
    pb::{self, ShortName as _, content_part::Part, file, image, video, well_known::Timestamp},
};

/// Longest stem of a file's name, in bytes.
const STEM: usize = 60;

/// The session and its messages as the contract has them.
pub(super) fn json(session: &pb::Session, messages: &[pb::StoredMessage]) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Document<'a> {
        session: &'a pb::Session,
        messages: &'a [pb::StoredMessage],
    }
    serde_json::to_string_pretty(&Document { session, messages }).map_err(Error::internal)
}

/// A conversation to read. Thinking and tool calls are folded, media are named.
pub(super) fn markdown(session: &pb::Session, messages: &[pb::StoredMessage]) -> String {
    let mut out = String::new();
    write(&mut out, session, messages).expect("a string takes all");
    out
}

fn write(out: &mut String, session: &pb::Session, messages: &[pb::StoredMessage]) -> fmt::Result {
    let title = if session.title.is_empty() { &session.id } else { &session.title };
    writeln!(out, "# {title}\n")?;
    if !session.system_prompt.is_empty() {
        writeln!(out, "## Instructions\n\n{}\n", session.system_prompt)?;
    }
    for stored in messages {
        let message = stored.message.as_ref().cloned().unwrap_or_default();
        let speaker = match message.role() {
            pb::Role::User => "Prompt".to_owned(),
            pb::Role::Assistant => {
                let model = stored.model.as_ref().map(|model| format!(" ({})", model.resolved));
                format!("Answer{}", model.unwrap_or_default())
            }
            pb::Role::Tool => "Tool result".to_owned(),
            role => role.short_name().to_owned(),
        };
        writeln!(out, "## {speaker}\n")?;
        if let Some(time) = stored.create_time {
            writeln!(out, "*{}*\n", moment(time))?;
        }
        parts(out, &message.content)?;
        for citation in &message.citations {
            let title = if citation.title.is_empty() { &citation.url } else { &citation.title };
            writeln!(out, "- [{title}]({})", citation.url)?;
        }
        if !message.citations.is_empty() {
            out.push('\n');
        }
        if let Some(error) = &stored.error {
            writeln!(out, "> Failed: {}\n", error.message)?;
        }
    }
    Ok(())
}

fn parts(out: &mut String, content: &[pb::ContentPart]) -> fmt::Result {
    for part in content.iter().filter_map(|part| part.part.as_ref()) {
        match part {
            Part::Text(text) | Part::Refusal(text) => writeln!(out, "{text}\n")?,
            Part::Reasoning(thinking) if thinking.text.is_empty() => {}
            Part::Reasoning(thinking) => {
                writeln!(out, "<details><summary>Thinking</summary>\n\n{}\n\n</details>\n", thinking.text)?;
            }
            Part::ToolCall(call) => {
                let fence = fence(&call.arguments);
                writeln!(out, "Call of `{}`\n\n{fence}json\n{}\n{fence}\n", call.name, call.arguments)?;
            }
            Part::ToolResult(result) => parts(out, &result.content)?,
            Part::Image(image) => match &image.source {
                Some(image::Source::Url(url)) => writeln!(out, "![image]({url})\n")?,
                Some(image::Source::Data(data)) => medium(out, "Image", &image.media_type, data.len())?,
                None => {}
            },
            Part::File(file) => {
                let name = if file.filename.is_empty() { "Document" } else { &file.filename };
                match &file.source {
                    Some(file::Source::Url(url)) => writeln!(out, "[{name}]({url})\n")?,
                    Some(file::Source::Data(data)) => medium(out, name, &file.media_type, data.len())?,
                    Some(file::Source::FileId(_)) | None => writeln!(out, "[{name}]\n")?,
                }
            }
            Part::Audio(audio) => {
                medium(out, "Sound", &audio.format, audio.data.len())?;
                if !audio.transcript.is_empty() {
                    writeln!(out, "{}\n", audio.transcript)?;
                }
            }
            Part::Video(video) => match &video.source {
                Some(video::Source::Url(url)) => writeln!(out, "[Video]({url})\n")?,
                Some(video::Source::Data(data)) => medium(out, "Video", &video.media_type, data.len())?,
                None => {}
            },
        }
    }
    Ok(())
}

fn medium(out: &mut String, name: &str, kind: &str, bytes: usize) -> fmt::Result {
    writeln!(out, "[{name}: {kind}, {bytes} bytes]\n")
}

/// A fence that the text cannot close.
fn fence(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

fn moment(time: Timestamp) -> String {
    let text = serde_json::to_string(&Timestamp { nanos: 0, ..time }).unwrap_or_default();
    text.trim_matches('"').to_owned()
}

/// A file's name without its ending: the title's letters and digits, or the session's id.
pub(super) fn file_stem(session: &pb::Session) -> String {
    let mut stem = String::new();
    for letter in session.title.chars() {
        if letter.is_alphanumeric() && stem.len() + letter.len_utf8() <= STEM {
            stem.extend(letter.to_lowercase());
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    let stem = stem.trim_end_matches('-');
    if stem.is_empty() { session.id.clone() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_title_or_id() {
        let check = |title: &str, expected: &str| {
            let session = pb::Session { id: "ses_1".to_owned(), title: title.to_owned(), ..pb::Session::default() };
            assert_eq!(file_stem(&session), expected);
        };
        check("Why is the sky blue?", "why-is-the-sky-blue");
        check("../../etc/passwd", "etc-passwd");
        check("Straße \u{202e}", "straße");
        check("???", "ses_1");
    }

    #[test]
    fn arguments_cannot_leave_their_fence() {
        assert_eq!(fence("{}"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
