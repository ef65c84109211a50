//! How values of the contract stand in the database.

use std::{borrow::Cow, collections::BTreeMap};

use super::batch::Field;
use crate::pb::{self, ShortName};

/// An enum's short name; empty where it is not set.
pub(super) fn name<E: ShortName>(value: E) -> &'static str {
    let name = value.short_name();
    if name == "unspecified" { "" } else { name }
}

/// The enum with that short name, as a message holds it; 0 where it is empty or of a later version.
pub(super) fn number<E: ShortName>(name: &str) -> i32 {
    E::from_name(name).map_or(0, Into::into)
}

/// The enum with that short name; none where it is empty or of a later version.
pub(super) fn value<E: ShortName>(name: &str) -> Option<E> {
    E::from_name(name)
}

/// Text from outside as it is kept. PostgreSQL refuses NUL, and no settlement may be lost to that.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    // A byte that no other character has a part in.
    if text.as_bytes().contains(&0) { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// Text from outside as a field.
pub(super) fn outside(text: &str) -> Field<'_> {
    Field::Text(clean(text))
}

/// Labels as JSON; empty for none.
pub(super) fn labels(metadata: &BTreeMap<String, String>) -> String {
    if metadata.is_empty() {
        return String::new();
    }
    serde_json::to_string(metadata).expect("text is always JSON")
}

/// Limits as JSON; empty for none.
pub(super) fn limits(limits: &pb::Limits) -> String {
    if *limits == pb::Limits::default() {
        return String::new();
    }
    serde_json::to_string(limits).expect("numbers are always JSON")
}

/// A list of texts, or of messages of texts, as JSON; empty for none.
pub(super) fn list<T: serde::Serialize>(values: &[T]) -> String {
    if values.is_empty() {
        return String::new();
    }
    serde_json::to_string(values).expect("text is always JSON")
}

/// Candidates as JSON; empty for none.
pub(super) fn candidates(candidates: &[pb::Candidate]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    serde_json::to_string(candidates).expect("text and booleans are always JSON")
}

/// What [`labels`], [`limits`], [`list`] or [`candidates`] wrote; nothing where that cannot be read.
pub(super) fn read<T: serde::de::DeserializeOwned + Default>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_default()
}

/// The usage classes in the order of [`USAGE_COLUMNS`].
pub(super) fn usage_values<'a>(usage: &pb::Usage) -> impl Iterator<Item = Field<'a>> + use<'a> {
    [
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.cache_write_1h_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.audio_input_tokens,
        usage.audio_output_tokens,
        usage.image_input_tokens,
        usage.image_output_tokens,
        usage.web_searches,
        usage.total_input_tokens,
        usage.total_output_tokens,
    ]
    .into_iter()
    .map(|count| Field::from(count.map(i64::from)))
    .chain(std::iter::once(Field::from(name(usage.source()))))
}

/// Columns of the usage classes, in `generations` and `attempts`.
pub(super) const USAGE_COLUMNS: [&str; 14] = [
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
    "web_searches",
    "total_input_tokens",
    "total_output_tokens",
    "usage_source",
];

/// Places for that many values in a list.
pub(super) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}
