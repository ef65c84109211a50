//! Usage as disjoint classes, and the cost that a provider states.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    dialect::lenient::{self, Count, decimal},
    pb::{Usage, UsageSource},
};

#[derive(Default, Deserialize)]
struct Report<'a> {
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    #[serde(default)]
    total_tokens: Count,
    #[serde(borrow, default)]
    cost: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "lenient::object")]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default, deserialize_with = "lenient::object")]
    completion_tokens_details: Option<CompletionDetails>,
    #[serde(default, alias = "server_tool_use", deserialize_with = "lenient::object")]
    server_tool_use_details: Option<ServerTools>,
}

#[derive(Default, Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Count,
    #[serde(default)]
    cache_write_tokens: Count,
    #[serde(default)]
    audio_tokens: Count,
    #[serde(default)]
    image_tokens: Count,
}

#[derive(Default, Deserialize)]
struct CompletionDetails {
    #[serde(default)]
    reasoning_tokens: Count,
    #[serde(default)]
    audio_tokens: Count,
    #[serde(default)]
    image_tokens: Count,
}

#[derive(Default, Deserialize)]
struct ServerTools {
    #[serde(default)]
    web_search_requests: Count,
}

/// Reads a `usage` object: the classes, and the stated cost as decimal text.
///
/// The cost is what the provider charges this account. With a key of one's own at OpenRouter (BYOK) that is its fee
/// alone; what the model's vendor charges stands in the raw usage's `cost_details`.
pub(super) fn read(json: &str) -> Option<(Usage, Option<String>)> {
    let report: Report<'_> = serde_json::from_str(json).ok()?;
    let cost = report.cost.and_then(|cost| decimal(cost.get()));
    Some((classes(&report), cost))
}

/// Reads the `usage` of an answer that has input alone, such as embeddings. Voyage reports only its total.
pub(super) fn read_input(json: &str) -> Option<(Usage, Option<String>)> {
    let mut report: Report<'_> = serde_json::from_str(json).ok()?;
    report.prompt_tokens = Count(report.prompt_tokens.0.or(report.total_tokens.0));
    let cost = report.cost.and_then(|cost| decimal(cost.get()));
    Some((classes(&report), cost))
}

fn classes(report: &Report<'_>) -> Usage {
    let none = (PromptDetails::default(), CompletionDetails::default());
    let prompt_details = report.prompt_tokens_details.as_ref().unwrap_or(&none.0);
    let completion_details = report.completion_tokens_details.as_ref().unwrap_or(&none.1);
    let or_zero = |count: Count| count.0.unwrap_or(0);

    // Grok on Azure counts a hidden system prompt among the cached tokens but not in the prompt.
    let within = |count: Count, whole: Count| count.0.map(|count| whole.0.map_or(count, |whole| count.min(whole)));
    let prompt = report.prompt_tokens;
    let cache_read = within(prompt_details.cached_tokens, prompt);
    let cache_write = within(prompt_details.cache_write_tokens, prompt);
    let (read, written) = (cache_read.unwrap_or(0), cache_write.unwrap_or(0));
    // With Gemini's explicit caching the same tokens are written and read, and both are charged.
    let both = u64::from(read) + u64::from(written) > u64::from(or_zero(prompt));
    let cached = if both { read.max(written) } else { read + written };
    let input_media = or_zero(prompt_details.audio_tokens).saturating_add(or_zero(prompt_details.image_tokens));

    // xAI leaves reasoning out of the completion, as the total shows.
    let reasoning = completion_details.reasoning_tokens;
    let completion = report.completion_tokens.0;
    let inside = u64::from(or_zero(prompt)) + u64::from(completion.unwrap_or(0));
    let beside =
        or_zero(reasoning) > 0 && report.total_tokens.0.map(u64::from) == Some(inside + u64::from(or_zero(reasoning)));
    let total_output = completion.map(|tokens| if beside { tokens.saturating_add(or_zero(reasoning)) } else { tokens });
    // It may exceed the completion by a token or two.
    let reasoning = within(reasoning, Count(total_output));
    let output_media =
        or_zero(completion_details.audio_tokens).saturating_add(or_zero(completion_details.image_tokens));

    Usage {
        input_tokens: prompt.0.map(|tokens| tokens.saturating_sub(cached).saturating_sub(input_media)),
        cache_read_tokens: cache_read,
        cache_write_tokens: cache_write,
        output_tokens: total_output
            .map(|tokens| tokens.saturating_sub(reasoning.unwrap_or(0)).saturating_sub(output_media)),
        reasoning_tokens: reasoning,
        audio_input_tokens: prompt_details.audio_tokens.0,
        audio_output_tokens: completion_details.audio_tokens.0,
        image_input_tokens: prompt_details.image_tokens.0,
        image_output_tokens: completion_details.image_tokens.0,
        web_searches: report.server_tool_use_details.as_ref().and_then(|tools| tools.web_search_requests.0),
        total_input_tokens: prompt.0,
        total_output_tokens: total_output,
        source: UsageSource::Provider.into(),
        cache_write_1h_tokens: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_do_not_overlap() {
        let check = |json: &str, expected: [u32; 5]| {
            let (usage, _) = read(json).unwrap();
            let got = [
                usage.input_tokens,
                usage.cache_read_tokens,
                usage.cache_write_tokens,
                usage.output_tokens,
                usage.reasoning_tokens,
            ];
            assert_eq!(got.map(|count| count.unwrap_or(0)), expected, "{json}");
        };
        check(r#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}"#, [10, 0, 0, 5, 0]);
        check(
            r#"{"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":30}}"#,
            [10, 60, 30, 5, 0],
        );
        // Written and read are the same tokens.
        check(
            r#"{"prompt_tokens":2168,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":2161,"cache_write_tokens":2161}}"#,
            [7, 2161, 2161, 5, 0],
        );
        // More cached than there was.
        check(
            r#"{"prompt_tokens":7,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":161}}"#,
            [0, 7, 0, 5, 0],
        );
        // Reasoning beside the completion, and reasoning that exceeds it.
        check(
            r#"{"prompt_tokens":429,"completion_tokens":44,"total_tokens":975,"completion_tokens_details":{"reasoning_tokens":502}}"#,
            [429, 0, 0, 44, 502],
        );
        check(
            r#"{"prompt_tokens":9,"completion_tokens":44,"total_tokens":53,"completion_tokens_details":{"reasoning_tokens":45}}"#,
            [9, 0, 0, 0, 44],
        );
    }

    #[test]
    fn a_total_alone_is_input_where_there_is_no_output() {
        let (usage, _) = read_input(r#"{"total_tokens":7}"#).unwrap();
        assert_eq!((usage.input_tokens, usage.total_input_tokens, usage.total_output_tokens), (Some(7), Some(7), None));
    }

    #[test]
    fn odd_reports_are_read_as_far_as_they_go() {
        let (usage, cost) =
            read(r#"{"prompt_tokens":3.0,"completion_tokens":null,"cost":6.88e-05,"prompt_tokens_details":[]}"#)
                .unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens, cost.as_deref()), (Some(3), None, Some("0.0000688")));
        assert_eq!(read(r#"{"cost":"0.25"}"#).unwrap().1.as_deref(), Some("0.25"));
        assert!(read("[]").is_none_or(|(usage, cost)| usage.input_tokens.is_none() && cost.is_none()));
    }
}
