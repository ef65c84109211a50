//! What no recording shows, and what goes wrong: hand-written answers, decoded.

use std::time::{Duration, SystemTime};

use generative_gateway::{
    dialect::Dialect,
    error::Reason,
    pb::{FinishReason, chat_event::Event},
};
use proptest::prelude::*;

use super::{Decoded, decode};

const FIXTURES: [(&str, &str); 5] = [
    ("redacted_thinking", include_str!("../../wire/redacted_thinking.sse")),
    ("image_and_search", include_str!("../../wire/image_and_search.sse")),
    ("audio", include_str!("../../wire/audio.sse")),
    ("odd_calls", include_str!("../../wire/odd_calls.sse")),
    ("broken_off", include_str!("../../wire/broken_off.sse")),
];

#[test]
fn hand_written_answers_decode_as_their_snapshots_say() {
    let _beside = super::snapshots();
    for (name, body) in FIXTURES {
        insta::assert_snapshot!(name, format!("{:#?}", decode(true, [body.as_bytes()])));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_of_the_bytes_decodes_alike(
        fixture in 0..FIXTURES.len(),
        carriage_returns: bool,
        mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let body = FIXTURES[fixture].1;
        let body = if carriage_returns { body.replace('\n', "\r\n") } else { body.to_owned() };
        let mut places: Vec<usize> = cuts.drain(..).map(|cut| cut.index(body.len())).collect();
        places.extend([0, body.len()]);
        places.sort_unstable();
        let reads = places.windows(2).map(|pair| &body.as_bytes()[pair[0]..pair[1]]);
        prop_assert_eq!(decode(true, reads), decode(true, [body.as_bytes()]));
    }

    #[test]
    fn no_mutation_of_an_answer_panics(
        fixture in 0..FIXTURES.len(),
        at: prop::sample::Index,
        byte in prop::sample::select(b"{}[]\",:0n\xff\n".to_vec()),
        cut: prop::sample::Index,
    ) {
        let mut body = FIXTURES[fixture].1.as_bytes().to_vec();
        let place = at.index(body.len());
        body[place] = byte;
        body.truncate(cut.index(body.len()).max(1));
        for streamed in [true, false] {
            decode(streamed, [body.as_slice()]);
        }
    }
}

fn ends(streamed: bool, body: &str) -> Decoded {
    decode(streamed, [body.as_bytes()])
}

#[test]
fn an_error_is_found_in_every_disguise() {
    let check = |streamed: bool, body: &str, expected: Reason| {
        let got = ends(streamed, body);
        assert_eq!(got.reason, Some(expected), "{body}: {got:?}");
        assert!(got.ended().is_none(), "{body}");
    };
    // Blanks, then an error, in an answer that says 200.
    check(false, "\n   \n{\"error\":{\"message\":\"slow down\",\"code\":429}}", Reason::ProviderRateLimited);
    check(true, "\n {\"error\":{\"message\":\"slow down\",\"code\":429}}", Reason::ProviderRateLimited);
    check(true, "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n", Reason::ProviderOverloaded);
    check(false, r#"{"error":"model x does not exist"}"#, Reason::ProviderNotFound);
    check(false, r#"{"detail":"Unauthorized","code":401}"#, Reason::ProviderAuthentication);
    check(
        false,
        r#"{"choices":[{"index":0,"message":{"content":""},"finish_reason":"error","error":{"code":502,"message":"gone"}}]}"#,
        Reason::ProviderError,
    );
    // Neither finish nor [DONE].
    check(true, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n", Reason::ProviderStreamTruncated);
    check(true, "", Reason::ProviderStreamTruncated);
    check(false, "", Reason::ProviderMalformedResponse);
    check(false, "{}", Reason::ProviderMalformedResponse);
    check(false, "{\"choices\":[{\"mess", Reason::ProviderStreamTruncated);
    check(true, "<html>Bad gateway</html>", Reason::ProviderMalformedResponse);
    check(
        true,
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: \u{1}\n\n",
        Reason::ProviderMalformedResponse,
    );
}

#[test]
fn a_failed_answer_tells_what_was_used_until_then() {
    let got = ends(true, FIXTURES[4].1);
    assert_eq!(got.reason, Some(Reason::ProviderError));
    let told = got.error.expect("an error");
    for word in ["Provider disconnected", "total_input_tokens: Some(\n", "cost_usd: Some(\n", "502"] {
        let dense = word.trim_end();
        assert!(told.contains(dense), "{dense} in {told}");
    }
    assert_eq!(got.pieces.len(), 2, "the beginning and the text stay");
}

#[test]
fn a_limit_that_cut_a_call_off_is_not_hidden() {
    let answer = |arguments: &str, finish: &str, native: &str| {
        ends(
            false,
            &format!(
                r#"{{"choices":[{{"message":{{"tool_calls":[{{"id":"c","function":{{"name":"f","arguments":"{arguments}"}}}}]}},
                    "finish_reason":"{finish}","native_finish_reason":"{native}"}}]}}"#
            ),
        )
    };
    let check = |arguments: &str, finish: &str, native: &str, expected: FinishReason, told: &str| {
        let got = answer(arguments, finish, native);
        assert_eq!(got.ended().expect("an end").finish_reason, expected, "{arguments} {finish} {native}");
        let text: String = got
            .events()
            .filter_map(|event| match event {
                Event::ToolCalls(call) => Some(call.arguments.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(text, told);
    };
    check("{\\\"a\\\":", "tool_calls", "max_output_tokens", FinishReason::Length, "{\"a\":");
    check("{}", "tool_calls", "length", FinishReason::ToolCalls, "{}");
    check("", "tool_calls", "tool_calls", FinishReason::ToolCalls, "{}");
    check("null", "tool_calls", "tool_calls", FinishReason::ToolCalls, "{}");
    check("", "length", "length", FinishReason::Length, "");
    check("{}", "stop", "stop", FinishReason::ToolCalls, "{}");
}

#[test]
fn error_bodies_of_every_shape_give_their_reason() {
    let check = |status: u16, body: &str, expected: Reason, retryable: bool| {
        let error = Dialect::OpenRouter.read_error(status, &[], body.as_bytes(), SystemTime::UNIX_EPOCH);
        assert_eq!((error.reason, error.retryable()), (expected, retryable), "{status} {body}: {error}");
        assert_eq!(error.provider_status, Some(status));
    };
    check(400, r#"{"error":{"code":"context_length_exceeded","message":"x"}}"#, Reason::ContextLengthExceeded, false);
    check(400, r#"{"message":"prompt is too long: 9 > 8"}"#, Reason::ContextLengthExceeded, false);
    check(
        403,
        r#"{"error":{"code":403,"message":"Input was flagged","metadata":{"flagged_input":"…"}}}"#,
        Reason::ContentFiltered,
        false,
    );
    check(400, r#"{"error":{"code":"content_filter","message":"x"}}"#, Reason::ContentFiltered, false);
    check(402, r#"{"error":{"code":402,"message":"Insufficient credits"}}"#, Reason::ProviderInsufficientFunds, false);
    check(
        402,
        r#"{"error":{"code":402,"message":"x","metadata":{"limit_source":"openrouter_in_flight_budget"}}}"#,
        Reason::ProviderInsufficientFunds,
        true,
    );
    check(429, r#"{"error":{"code":"insufficient_quota","message":"x"}}"#, Reason::ProviderInsufficientFunds, false);
    check(401, "", Reason::ProviderAuthentication, false);
    check(403, r#"{"error":"forbidden"}"#, Reason::ProviderPermissionDenied, false);
    check(404, r#"{"error":{"code":404,"message":"No endpoints found"}}"#, Reason::ProviderNotFound, false);
    check(400, r#"{"error":{"code":400,"message":"foo is not a valid model ID"}}"#, Reason::ProviderNotFound, false);
    check(
        429,
        r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x"}}]"#,
        Reason::ProviderRateLimited,
        true,
    );
    check(408, "null", Reason::ProviderTimeout, true);
    check(524, "<html>", Reason::ProviderTimeout, true);
    check(503, r#"{"object":"error","message":"x","type":"y","code":null}"#, Reason::ProviderOverloaded, true);
    check(529, "", Reason::ProviderOverloaded, true);
    check(500, r#"{"error":{"message":{"message":"deep"}}}"#, Reason::ProviderError, true);
    check(502, "", Reason::ProviderError, true);
    check(409, r#"{"detail":"busy"}"#, Reason::ProviderInvalidRequest, true);
    check(422, r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, Reason::ProviderInvalidRequest, false);
    check(400, r#"{"error":7}"#, Reason::ProviderInvalidRequest, false);
}

#[test]
fn an_error_passes_on_the_providers_words_but_no_key() {
    let read = |status: u16, headers: &[(&str, &str)], body: &str| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Dialect::OpenRouter.read_error(status, &headers, body.as_bytes(), SystemTime::UNIX_EPOCH)
    };
    let raw = r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"provider_name":"X","raw":"{\"error\":{\"message\":\"tools[0] is bad\"}}"}}}"#;
    let error = read(400, &[("x-should-retry", "true")], raw);
    assert!(error.message.ends_with("Provider returned error: tools[0] is bad"), "{error}");
    assert!(error.retryable());

    let error =
        read(401, &[], r#"{"error":{"message":"Incorrect API key provided: sk-or-v1-0123456789abcdef. Look it up."}}"#);
    assert!(!error.message.contains("0123") && error.message.contains("Look it up"), "{error}");

    let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(5000));
    assert!(read(500, &[("retry-after", "2")], &long).message.chars().count() < 700);
    assert_eq!(read(429, &[("Retry-After", "2")], "").retry_after, Some(Duration::from_secs(2)));
}
