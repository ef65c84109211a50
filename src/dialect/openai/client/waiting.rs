//! How long a provider asks to wait, in all the ways that are in use. Only read on errors: `retry-after` also comes
//! with answers that are well.

use std::time::{Duration, SystemTime};

use serde_json::Value;
use time::{PrimitiveDateTime, macros::format_description};

/// A longer wait than this is taken for a mistake.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A header's value, by its name in lower case.
pub(super) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The wait that an error's headers or body ask for.
pub(super) fn read(headers: &[(String, String)], body: &Value, now: SystemTime) -> Option<Duration> {
    let error = body.as_array().and_then(|list| list.first()).unwrap_or(body).get("error");
    header(headers, "retry-after-ms")
        .and_then(|value| value.parse().ok())
        .filter(|millis: &f64| *millis > 0.0)
        .and_then(|millis| seconds(millis / 1000.0))
        .or_else(|| header(headers, "retry-after").and_then(|value| after(value, now)))
        .or_else(|| error.and_then(retry_delay))
        .or_else(|| reset(headers, now))
        .or_else(|| error.and_then(|error| reset(&told_headers(error), now)))
        .filter(|wait| *wait <= LONGEST)
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// Seconds, or an HTTP date.
fn after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(number) = value.parse() {
        return seconds(number);
    }
    let format =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let moment = PrimitiveDateTime::parse(value, format).ok()?.assume_utc();
    Some(SystemTime::from(moment).duration_since(now).unwrap_or_default())
}

/// Google's `error.details[].retryDelay`, such as `34.4s`.
fn retry_delay(error: &Value) -> Option<Duration> {
    let details = error.get("details")?.as_array()?;
    details.iter().find_map(|detail| duration(detail.get("retryDelay")?.as_str()?))
}

/// Reset headers: a moment (OpenRouter: epoch milliseconds) or, where nothing remains, a duration (OpenAI: `59.9s`).
fn reset(headers: &[(String, String)], now: SystemTime) -> Option<Duration> {
    if let Some(value) = header(headers, "x-ratelimit-reset") {
        let number: f64 = value.parse().ok()?;
        let epoch_seconds = if number > 1e11 { number / 1000.0 } else { number };
        if epoch_seconds < 1e9 {
            return seconds(epoch_seconds);
        }
        let moment = SystemTime::UNIX_EPOCH.checked_add(seconds(epoch_seconds)?)?;
        return Some(moment.duration_since(now).unwrap_or_default());
    }
    let spent = ["requests", "tokens"]
        .into_iter()
        .filter(|what| header(headers, &format!("x-ratelimit-remaining-{what}")) == Some("0"));
    spent.filter_map(|what| duration(header(headers, &format!("x-ratelimit-reset-{what}"))?)).max()
}

/// OpenRouter repeats its headers in `error.metadata.headers`.
fn told_headers(error: &Value) -> Vec<(String, String)> {
    let headers = error.pointer("/metadata/headers").and_then(Value::as_object);
    let pairs = headers.into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))).collect()
}

/// A duration in Go's words: `59.9s`, `4ms`, `1m30s`, `6h0m0s`.
fn duration(text: &str) -> Option<Duration> {
    let mut whole = 0.0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let unit_end = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        whole += number
            * match &rest[..unit_end] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    seconds(whole)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_to_ask_for_patience_is_understood() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000); // Tue, 14 Nov 2023 22:13:20 GMT
        let check = |headers: &[(&str, &str)], body: Value, expected_ms: Option<u64>| {
            let headers: Vec<_> = headers.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            assert_eq!(read(&headers, &body, now), expected_ms.map(Duration::from_millis), "{headers:?} {body}");
        };
        check(&[("Retry-After-Ms", "1500"), ("retry-after", "9")], Value::Null, Some(1500));
        check(&[("retry-after-ms", "0"), ("retry-after", "9")], Value::Null, Some(9000));
        check(&[("retry-after", "Tue, 14 Nov 2023 22:13:50 GMT")], Value::Null, Some(30_000));
        check(&[("retry-after", "Tue, 14 Nov 2023 22:00:00 GMT")], Value::Null, Some(0));
        check(&[], json!({"error":{"details":[{"a":1},{"retryDelay":"34.4s"}]}}), Some(34_400));
        check(&[("X-RateLimit-Reset", "1700000060000")], Value::Null, Some(60_000));
        check(&[], json!({"error":{"metadata":{"headers":{"X-RateLimit-Reset":"1700000060000"}}}}), Some(60_000));
        check(
            &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "1m0.5s")],
            Value::Null,
            Some(60_500),
        );
        check(&[("x-ratelimit-remaining-tokens", "7"), ("x-ratelimit-reset-tokens", "1m")], Value::Null, None);
        check(&[("retry-after", "soon")], Value::Null, None);
        check(&[("retry-after", "-1")], Value::Null, None);
        check(&[("retry-after", "99999999")], Value::Null, None);
    }
}
