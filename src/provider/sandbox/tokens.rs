//! How the sandbox counts: by a rule that anybody can redo by hand.

/// Tokens of an image, whatever its size.
pub(super) const IMAGE: u32 = 256;

/// Bytes that make a token of text; also of sound, video and documents, a thousand times as many.
const TEXT_BYTES: usize = 4;
const MEDIA_BYTES: usize = 4_000;

/// Four bytes of UTF-8 are a token; what is left counts as one.
pub(super) fn of_text(text: &str) -> u32 {
    count(text.len(), TEXT_BYTES)
}

/// Four kilobytes of a document, of sound or video are a token; what is left counts as one.
pub(super) fn of_media(bytes: usize) -> u32 {
    count(bytes, MEDIA_BYTES)
}

/// As much of a text as so many tokens hold.
pub(super) fn cut(text: &str, tokens: u32) -> &str {
    let most = (tokens as usize).saturating_mul(TEXT_BYTES).min(text.len());
    &text[..text.floor_char_boundary(most)]
}

fn count(bytes: usize, each: usize) -> u32 {
    u32::try_from(bytes.div_ceil(each)).unwrap_or(u32::MAX)
}
