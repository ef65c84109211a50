//! What pictures, documents and sound come to in tokens, by the rules that vendors publish. Estimates: providers scale
//! and sample as they like.

use super::tokenizer::Tokenizer;
use crate::pb::{self, file, image, video};

/// A page of a document. Anthropic says 1,500 to 3,000 by density.
/// <https://docs.claude.com/en/docs/build-with-claude/pdf-support>
const PAGE: u32 = 2_000;
/// A page for Gemini, which reads it as a picture.
/// <https://ai.google.dev/gemini-api/docs/document-processing>
const GEMINI_PAGE: u32 = 258;
/// Bytes of a page, where pages cannot be counted.
const PAGE_BYTES: usize = 50_000;
/// A second of sound. <https://ai.google.dev/gemini-api/docs/audio>
const SECOND_OF_SOUND: u32 = 32;
/// A second of a moving picture with its sound, at a frame a second.
/// <https://ai.google.dev/gemini-api/docs/video-understanding>
const SECOND_OF_VIDEO: u32 = 300;
/// Bytes of a second: 24 kHz of 16 bits, as OpenAI's `pcm16`; compressed sound; compressed video.
const PCM_SECOND: usize = 48_000;
const SOUND_SECOND: usize = 16_000;
const VIDEO_SECOND: usize = 250_000;
/// What the sandbox counts for a picture, and how many bytes of anything else make a token.
const SANDBOX_IMAGE: u32 = 256;
const SANDBOX_BYTES: usize = 4_000;

/// Tokens of a picture.
pub(super) fn image(image: &pb::Image, tokenizer: Tokenizer) -> u32 {
    let size = match &image.source {
        Some(image::Source::Data(bytes)) => imagesize::blob_size(bytes).ok(),
        _ => None,
    };
    let size = size.map(|size| (narrow(size.width).max(1), narrow(size.height).max(1)));
    match tokenizer {
        Tokenizer::FourBytes => SANDBOX_IMAGE,
        Tokenizer::Claude => size.map_or(1_600, claude_image),
        Tokenizer::Gemini => size.map_or(4 * GEMINI_PAGE, gemini_image),
        _ if image.detail == "low" => 85,
        _ => size.map_or(85 + 4 * 170, openai_image),
    }
}

/// A token for 750 pixels, after scaling to at most 1,568 a side.
/// <https://docs.claude.com/en/docs/build-with-claude/vision>
fn claude_image((width, height): (u32, u32)) -> u32 {
    let longest = width.max(height).max(1_568);
    let scaled = |side: u32| u64::from(side) * 1_568 / u64::from(longest);
    narrow64((scaled(width) * scaled(height)).div_ceil(750)).min(1_600)
}

/// 258 for a small picture, else for each tile of 768 pixels a side.
/// <https://ai.google.dev/gemini-api/docs/tokens>
fn gemini_image((width, height): (u32, u32)) -> u32 {
    if width <= 384 && height <= 384 { GEMINI_PAGE } else { tiles(width, height, 768).saturating_mul(GEMINI_PAGE) }
}

/// 85, and 170 for each tile of 512 pixels a side, after scaling into 2,048 and then to 768 at the shorter side.
/// <https://platform.openai.com/docs/guides/images-vision>
fn openai_image((width, height): (u32, u32)) -> u32 {
    let fit = |(width, height): (u32, u32), side: u32, most: u32| {
        let scaled = |length: u32| narrow64(u64::from(length) * u64::from(most) / u64::from(side)).max(1);
        if side > most { (scaled(width), scaled(height)) } else { (width, height) }
    };
    let (width, height) = fit((width, height), width.max(height), 2_048);
    let (width, height) = fit((width, height), width.min(height), 768);
    tiles(width, height, 512).saturating_mul(170).saturating_add(85)
}

fn tiles(width: u32, height: u32, side: u32) -> u32 {
    width.div_ceil(side).saturating_mul(height.div_ceil(side))
}

/// Tokens of a document that is not text; `None` where it is elsewhere, and nobody knows how long it is.
pub(super) fn file(file: &pb::File, tokenizer: Tokenizer) -> Option<u32> {
    let Some(file::Source::Data(bytes)) = &file.source else { return None };
    if tokenizer == Tokenizer::FourBytes {
        return Some(of_bytes(bytes.len(), SANDBOX_BYTES));
    }
    let counted = pages(bytes);
    let pages = if counted > 0 { counted } else { of_bytes(bytes.len(), PAGE_BYTES) };
    Some(pages.saturating_mul(if tokenizer == Tokenizer::Gemini { GEMINI_PAGE } else { PAGE }))
}

/// The page objects of a PDF. Those within compressed streams are not seen.
fn pages(bytes: &[u8]) -> u32 {
    let page = |at: usize| {
        let rest = bytes[at + b"/Type".len()..].trim_ascii_start();
        rest.strip_prefix(b"/Page").is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphabetic))
    };
    narrow(memchr::memmem::find_iter(bytes, "/Type").filter(|at| page(*at)).count())
}

/// Tokens of sound.
pub(super) fn audio(audio: &pb::Audio, tokenizer: Tokenizer) -> u32 {
    if tokenizer == Tokenizer::FourBytes {
        return of_bytes(audio.data.len(), SANDBOX_BYTES);
    }
    let plain = matches!(audio.format.as_str(), "wav" | "pcm16" | "pcm" | "aiff");
    let seconds = of_bytes(audio.data.len(), if plain { PCM_SECOND } else { SOUND_SECOND });
    seconds.saturating_mul(SECOND_OF_SOUND)
}

/// Tokens of a moving picture; `None` where it is elsewhere.
pub(super) fn video(video: &pb::Video, tokenizer: Tokenizer) -> Option<u32> {
    let Some(video::Source::Data(bytes)) = &video.source else { return None };
    Some(match tokenizer {
        Tokenizer::FourBytes => of_bytes(bytes.len(), SANDBOX_BYTES),
        _ => of_bytes(bytes.len(), VIDEO_SECOND).saturating_mul(SECOND_OF_VIDEO),
    })
}

fn of_bytes(bytes: usize, each: usize) -> u32 {
    narrow(bytes.div_ceil(each))
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn narrow64(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_counted_as_their_vendors_say() {
        // OpenAI's own examples.
        assert_eq!(openai_image((1_024, 1_024)), 765);
        assert_eq!(openai_image((2_048, 4_096)), 1_105);
        // Anthropic's.
        assert_eq!(claude_image((200, 200)), 54);
        assert_eq!(claude_image((1_000, 1_000)), 1_334);
        assert_eq!(claude_image((4_000, 4_000)), 1_600);
        assert_eq!(gemini_image((384, 200)), 258);
        assert_eq!(gemini_image((1_000, 700)), 2 * 258);
        assert!(openai_image((1, u32::MAX)) > 85, "no size is too odd");
    }

    #[test]
    fn pages_of_a_pdf_are_counted_and_their_tree_is_not() {
        let pdf = b"%PDF-1.4 1 0 obj <</Type /Pages /Kids [2 0 R 3 0 R]>> <</Type/Page >> <</Type /Page>> /Type";
        assert_eq!(pages(pdf), 2);
        let file = |tokenizer| {
            let source = Some(file::Source::Data(pdf.to_vec().into()));
            super::file(&pb::File { source, ..pb::File::default() }, tokenizer)
        };
        assert_eq!(file(Tokenizer::Claude), Some(4_000));
        assert_eq!(file(Tokenizer::Gemini), Some(516));
        assert_eq!(super::file(&pb::File::default(), Tokenizer::Claude), None);
    }
}
