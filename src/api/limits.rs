//! What answers to inference tell of the limits that they are under: of each kind the tightest.
//!
//! Twice: as OpenAI does, which clients read, and as the IETF's draft 10 has it.
//! <https://platform.openai.com/docs/guides/rate-limits>,
//! <https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/>

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{pb::LimitKind, service::limits::Status};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// OpenAI's limit, what remains, and when it is whole again.
const REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

/// Headers that browsers of other origins may read.
pub(super) fn exposed() -> impl Iterator<Item = HeaderName> {
    [POLICY, LEFT].into_iter().chain(REQUESTS).chain(TOKENS)
}

/// Writes the limits of a request into the head of its answer; nothing where it is under none.
pub(super) fn write(limits: &[Status], headers: &mut HeaderMap) {
    for status in limits {
        headers.append(POLICY, value(policy(status)));
        headers.append(LEFT, value(left(status)));
        let [limit, remaining, reset] = match status.kind {
            LimitKind::RequestsPerMinute => REQUESTS,
            LimitKind::TokensPerMinute => TOKENS,
            // OpenAI has none of this kind.
            LimitKind::ConcurrentRequests | LimitKind::Unspecified => continue,
        };
        headers.insert(limit, status.limit.into());
        headers.insert(remaining, status.remaining.into());
        headers.insert(reset, value(span(status.reset.unwrap_or_default())));
    }
}

/// `"key-requests";q=60;w=60`: 60 requests in 60 seconds.
fn policy(status: &Status) -> String {
    let (name, limit) = (name(status), status.limit);
    match status.kind {
        LimitKind::TokensPerMinute => format!("\"{name}\";q={limit};w=60;qu=\"tokens\""),
        LimitKind::ConcurrentRequests => format!("\"{name}\";q={limit};qu=\"concurrent-requests\""),
        _ => format!("\"{name}\";q={limit};w=60"),
    }
}

/// `"key-requests";r=12;t=48`: 12 are left, and all of them in 48 seconds.
fn left(status: &Status) -> String {
    let (name, remaining) = (name(status), status.remaining);
    match status.reset {
        Some(reset) => format!("\"{name}\";r={remaining};t={}", reset.as_nanos().div_ceil(1_000_000_000)),
        None => format!("\"{name}\";r={remaining}"),
    }
}

fn name(status: &Status) -> String {
    let kind = match status.kind {
        LimitKind::TokensPerMinute => "tokens",
        LimitKind::ConcurrentRequests => "concurrent",
        _ => "requests",
    };
    format!("{}-{kind}", status.scope.name())
}

/// A time as OpenAI writes it: `20ms`, `7.66s`, `1m0s`; rounded up to milliseconds.
fn span(time: Duration) -> String {
    let millis = time.as_nanos().div_ceil(1_000_000);
    let (minutes, millis) = (millis / 60_000, millis % 60_000);
    let fraction = format!("{:03}", millis % 1000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    match (minutes, millis) {
        (0, 0..1000) => format!("{millis}ms"),
        (0, _) => format!("{}{point}{fraction}s", millis / 1000),
        _ => format!("{minutes}m{}{point}{fraction}s", millis / 1000),
    }
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("names and digits are visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::limits::Scope;

    #[test]
    fn each_kind_is_told_in_both_ways() {
        let status = |scope, kind, reset| Status { scope, kind, limit: 60, remaining: 12, reset };
        let half = Some(Duration::from_millis(30_001));
        let limits = [
            status(Scope::Key, LimitKind::RequestsPerMinute, half),
            status(Scope::EndUser, LimitKind::TokensPerMinute, half),
            status(Scope::Model, LimitKind::ConcurrentRequests, None),
        ];
        let mut headers = HeaderMap::new();
        write(&limits, &mut headers);
        let all = |name| headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(
            all("ratelimit-policy"),
            [
                "\"key-requests\";q=60;w=60",
                "\"end_user-tokens\";q=60;w=60;qu=\"tokens\"",
                "\"model-concurrent\";q=60;qu=\"concurrent-requests\"",
            ]
        );
        assert_eq!(
            all("ratelimit"),
            ["\"key-requests\";r=12;t=31", "\"end_user-tokens\";r=12;t=31", "\"model-concurrent\";r=12"]
        );
        for kind in ["requests", "tokens"] {
            let of = |what: &str| headers[format!("x-ratelimit-{what}-{kind}")].to_str().unwrap().to_owned();
            assert_eq!((of("limit"), of("remaining"), of("reset")), ("60".into(), "12".into(), "30.001s".into()));
        }
    }

    #[test]
    fn times_are_written_as_openai_writes_them() {
        let check = |millis, expected| assert_eq!(span(Duration::from_millis(millis)), expected);
        check(0, "0ms");
        check(20, "20ms");
        check(7_660, "7.66s");
        check(60_000, "1m0s");
        check(90_050, "1m30.05s");
        assert_eq!(span(Duration::from_nanos(1)), "1ms", "never too early");
    }
}
