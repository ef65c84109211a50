//! What the fields of projects, keys and budgets may hold.

use std::collections::BTreeMap;

use crate::{
    error::Error,
    pb::{self, well_known::Timestamp},
};

const LONGEST_NAME: usize = 128;
const LONGEST_PROJECT_ID: usize = 64;
const LONGEST_PATTERN: usize = 256;
const MOST_PATTERNS: usize = 256;
const MOST_LABELS: usize = 64;
const LONGEST_LABEL: usize = 64;
const LONGEST_VALUE: usize = 512;
/// Ten million dollars, which any sum of budgets stays far from overflowing with.
const LARGEST_USD: f64 = 1e7;

/// Refuses what cannot be a project's id.
pub(in crate::service) fn project_id(id: &str) -> Result<(), Error> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let edges = id.starts_with('-') || id.ends_with('-');
    if id.is_empty() || id.len() > LONGEST_PROJECT_ID || edges || !id.bytes().all(fits) {
        return Err(Error::invalid(
            "project_id",
            format!("a project's id is 1 to {LONGEST_PROJECT_ID} lower-case letters, digits and inner hyphens"),
        ));
    }
    Ok(())
}

/// An id made from a name for people: `Team Red!` becomes `team-red`.
pub(super) fn project_id_of(name: &str) -> String {
    let letters =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
    let spaced: String = letters.collect();
    let words: Vec<&str> = spaced.split('-').filter(|word| !word.is_empty()).collect();
    let mut id = words.join("-");
    id.truncate(LONGEST_PROJECT_ID);
    id.trim_end_matches('-').to_owned()
}

/// A name for people.
pub(super) fn name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        let words = format!("give a name of 1 to {LONGEST_NAME} bytes, without control characters");
        return Err(Error::invalid("name", words));
    }
    Ok(name.to_owned())
}

/// Limits that let something through.
pub(super) fn limits(limits: Option<pb::Limits>) -> Result<pb::Limits, Error> {
    let limits = limits.unwrap_or_default();
    for (field, limit) in [
        ("requests_per_minute", limits.requests_per_minute),
        ("tokens_per_minute", limits.tokens_per_minute),
        ("concurrent_requests", limits.concurrent_requests),
    ] {
        if limit == Some(0) {
            return Err(Error::invalid(
                format!("limits.{field}"),
                format!(
                    "limits.{field} is 0, which lets nothing through; leave it out for no limit, or revoke the key"
                ),
            ));
        }
    }
    Ok(limits)
}

/// Ids of models, or patterns.
pub(super) fn allowed_models(patterns: Vec<String>) -> Result<Vec<String>, Error> {
    if patterns.len() > MOST_PATTERNS {
        let words = format!("allowed_models has more than {MOST_PATTERNS} entries; use patterns such as anthropic/*");
        return Err(Error::invalid("allowed_models", words));
    }
    for (at, pattern) in patterns.iter().enumerate() {
        let odd = |letter: char| letter.is_whitespace() || letter.is_control();
        if pattern.is_empty() || pattern.len() > LONGEST_PATTERN || pattern.chars().any(odd) {
            let words =
                format!("allowed_models[{at}] is no model's id; write author/slug, or a pattern such as author/*");
            return Err(Error::invalid(format!("allowed_models[{at}]"), words));
        }
    }
    Ok(patterns)
}

/// Labels with those of `set` that have a value, and without those that have none.
pub(super) fn labels(
    mut labels: BTreeMap<String, String>,
    set: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Error> {
    for (label, value) in set {
        if label.is_empty() || label.len() > LONGEST_LABEL || value.len() > LONGEST_VALUE {
            return Err(Error::invalid(
                "metadata",
                format!("a label has 1 to {LONGEST_LABEL} bytes, and its value at most {LONGEST_VALUE}"),
            ));
        }
        match value.is_empty() {
            true => _ = labels.remove(&label),
            false => _ = labels.insert(label, value),
        }
    }
    if labels.len() > MOST_LABELS {
        return Err(Error::invalid("metadata", format!("there may be {MOST_LABELS} labels; remove some")));
    }
    Ok(labels)
}

/// A time that is still to come.
pub(super) fn expiry(time: Option<Timestamp>, now_ms: i64) -> Result<Option<i64>, Error> {
    let Some(at_ms) = time.map(|time| time.millis()) else { return Ok(None) };
    if at_ms <= now_ms {
        return Err(Error::invalid("expire_time", "expire_time is in the past; give a later one, or none"));
    }
    Ok(Some(at_ms))
}

/// What a key may do: whether it may administer. Every key may infer.
pub(super) fn is_admin(scopes: &[i32]) -> Result<bool, Error> {
    let mut admin = false;
    for scope in scopes {
        match pb::Scope::try_from(*scope) {
            Ok(pb::Scope::Inference) => {}
            Ok(pb::Scope::Admin) => admin = true,
            Ok(pb::Scope::Unspecified) | Err(_) => {
                return Err(Error::invalid("scopes", "scopes holds one that does not exist; give inference or admin"));
            }
        }
    }
    Ok(admin)
}

/// A budget's limit in nano-USD.
pub(in crate::service) fn nano_usd(field: &str, usd: Option<f64>) -> Result<i64, Error> {
    let wrong = || Error::invalid(field, format!("{field} must be more than 0 and at most {LARGEST_USD} US dollars"));
    let usd = usd.ok_or_else(wrong)?;
    let nano = (usd * 1e9).round();
    if !(nano >= 1.0 && usd <= LARGEST_USD) {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within bounds")]
    Ok(nano as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_from_a_name() {
        let check = |name: &str, id: &str| assert_eq!(project_id_of(name), id);
        check("Team Red!", "team-red");
        check("  Süd-West 2 ", "s-d-west-2");
        check("日本", "");
        assert!(project_id_of(&"long name ".repeat(20)).len() <= LONGEST_PROJECT_ID);
        for bad in ["", "-a", "a-", "A", "a_b", "a/b", &"x".repeat(65)] {
            assert!(project_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn money_is_read_to_the_nano_dollar() {
        let check = |usd: f64, nano: Option<i64>| assert_eq!(nano_usd("limit_usd", Some(usd)).ok(), nano, "{usd}");
        check(0.1, Some(100_000_000));
        check(25.0, Some(25_000_000_000));
        check(1e-9, Some(1));
        check(1e7, Some(10_000_000_000_000_000));
        for none in [0.0, -1.0, 1e-10, 1e8, f64::NAN, f64::INFINITY] {
            check(none, None);
        }
    }

    #[test]
    fn labels_are_set_removed_and_left() {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
        };
        let labels = labels(map(&[("a", "1"), ("b", "2"), ("c", "3")]), map(&[("b", ""), ("c", "4"), ("d", "5")]));
        assert_eq!(labels.unwrap(), map(&[("a", "1"), ("c", "4"), ("d", "5")]));
    }
}
