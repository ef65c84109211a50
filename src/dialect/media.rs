//! Bytes inside JSON: base64 and `data:` URLs.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use bytes::Bytes;

const FORGIVING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, FORGIVING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, FORGIVING);

/// Decodes base64 of either alphabet, padded or not, with white space or without.
pub(super) fn decode(text: &str) -> Option<Bytes> {
    let engine = if text.contains(['-', '_']) { URL_SAFE } else { PLAIN };
    if text.contains(|letter: char| letter.is_ascii_whitespace()) {
        let dense: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
        return engine.decode(dense).ok().map(Bytes::from);
    }
    engine.decode(text).ok().map(Bytes::from)
}

/// Encodes as plain base64.
pub(super) fn encode(data: &[u8]) -> String {
    STANDARD.encode(data)
}

/// A `data:` URL taken apart.
#[derive(Debug, PartialEq)]
pub(super) struct DataUrl<'a> {
    /// Media type without parameters, in lower case; may be empty.
    pub media_type: String,
    /// The bytes as base64.
    pub base64: &'a str,
}

/// Takes a base64 `data:` URL apart. None for other URLs and for those that are not base64.
pub(super) fn data_url(url: &str) -> Option<DataUrl<'_>> {
    let (head, base64) = url.strip_prefix("data:")?.split_once(',')?;
    let head = head.strip_suffix(";base64")?;
    let media_type = head.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(DataUrl { media_type, base64 })
}

/// Writes bytes as a `data:` URL.
pub(super) fn to_data_url(media_type: &str, data: &[u8]) -> String {
    let mut url = String::with_capacity(media_type.len() + 13 + data.len().div_ceil(3) * 4);
    url.push_str("data:");
    url.push_str(media_type);
    url.push_str(";base64,");
    STANDARD.encode_string(data, &mut url);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_every_common_form() {
        for text in ["-_-_", "+/+/", "+/+\n/", "-_-_ "] {
            assert_eq!(decode(text).as_deref(), Some(&[0xfb, 0xff, 0xbf][..]), "{text}");
        }
        assert_eq!(decode("YQ"), decode("YQ=="));
        assert_eq!(decode("a*b"), None);
        assert_eq!(decode("é"), None);
    }

    #[test]
    fn a_data_url_survives_a_round_trip() {
        let url = to_data_url("image/png", b"\x89PNG");
        let parts = data_url(&url).unwrap();
        assert_eq!((parts.media_type.as_str(), decode(parts.base64).unwrap().as_ref()), ("image/png", &b"\x89PNG"[..]));
        assert_eq!(data_url("data:text/plain,hello"), None);
        assert_eq!(data_url("https://example.com/a.png"), None);
    }
}
