//! The least and the most that a chat can cost, by the one price function.

use super::count::Count;
use crate::{
    pb,
    service::pricing::{self, Price},
};

/// Providers that cache by themselves do so from about this many tokens on.
/// <https://platform.openai.com/docs/guides/prompt-caching>
const CACHED_FROM: u64 = 1_024;

/// Nano-USD; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub least: Option<i64>,
    pub most: Option<i64>,
}

/// What a chat with that input costs: at least if all of it is read from a cache and the answer is one token; at most
/// if the count is wrong to our disadvantage, nothing is cached, and the answer is as long as it may be.
pub(super) fn range(
    request: &pb::ChatRequest,
    model: Option<&pb::Model>,
    count: &Count,
    max_output: Option<u32>,
) -> Range {
    let Some(stated) = model.and_then(|model| model.price.as_ref()) else { return Range::default() };
    let Some(price) = Price::parse(stated) else { return Range::default() };
    let cost = |usage: pb::Usage| pricing::cost(&usage, &price);

    let marked = is_marked(request);
    let least_input = narrow((count.text + count.image + count.audio).saturating_sub(count.margin));
    let cached = marked || u64::from(least_input) >= CACHED_FROM;
    let plain = pb::Usage { input_tokens: Some(least_input), output_tokens: Some(1), ..pb::Usage::default() };
    let read = pb::Usage { input_tokens: None, cache_read_tokens: Some(least_input), ..plain };
    let least = [Some(plain), cached.then_some(read)].into_iter().flatten().filter_map(cost).min();

    // What is elsewhere may be of any size.
    let bounded = max_output.filter(|_| count.unknown.is_empty());
    let most =
        bounded.and_then(|output| dearest(request, count, output, stated, marked).into_iter().map(cost).max()?);
    Range { least, most }
}

/// The ways in which a call is charged, of which one is the dearest: its input as it is or written to a cache, its
/// output all of the one or the other class.
fn dearest(request: &pb::ChatRequest, count: &Count, output: u32, price: &pb::Price, marked: bool) -> Vec<pb::Usage> {
    let searches = request.web_search.as_ref().map(|search| search.max_uses.unwrap_or(1));
    let apart = pb::Usage {
        input_tokens: Some(narrow(count.text + count.margin)),
        image_input_tokens: Some(narrow(count.image)),
        audio_input_tokens: Some(narrow(count.audio)),
        web_searches: searches,
        ..pb::Usage::default()
    };
    let all = narrow(count.text + count.image + count.audio + count.margin);
    let together = pb::Usage { input_tokens: Some(all), web_searches: searches, ..pb::Usage::default() };
    let written = pb::Usage { input_tokens: None, cache_write_tokens: Some(all), ..together };
    let written_1h = pb::Usage { input_tokens: None, cache_write_1h_tokens: Some(all), ..together };
    let mut inputs = vec![apart, together];
    if marked {
        inputs.extend([written, written_1h]);
    }
    let text = |usage: &pb::Usage| pb::Usage { output_tokens: Some(output), ..*usage };
    let thought = |usage: &pb::Usage| pb::Usage { reasoning_tokens: Some(output), ..*usage };
    let image = |usage: &pb::Usage| pb::Usage { image_output_tokens: Some(output), ..*usage };
    let audio = |usage: &pb::Usage| pb::Usage { audio_output_tokens: Some(output), ..*usage };
    let mut ways: Vec<pb::Usage> = Vec::with_capacity(4 * inputs.len());
    for input in &inputs {
        ways.push(text(input));
        // Classes without a price of their own cost what text costs.
        ways.extend(price.reasoning.is_some().then(|| thought(input)));
        ways.extend(price.image_output.is_some().then(|| image(input)));
        ways.extend(price.audio_output.is_some().then(|| audio(input)));
    }
    ways
}

/// The request asks for a prefix to be cached.
fn is_marked(request: &pb::ChatRequest) -> bool {
    let parts = |message: &pb::Message| message.content.iter().any(|part| part.cache_control.is_some());
    request.messages.iter().any(|message| message.cache_control.is_some() || parts(message))
        || request.tools.iter().any(|tool| tool.cache_control.is_some())
}

fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &str, count: &Count, price: pb::Price, expected: (Option<i64>, Option<i64>)) {
        let model = pb::Model { price: Some(price), ..pb::Model::default() };
        let found = range(&serde_json::from_str(request).unwrap(), Some(&model), count, Some(10));
        assert_eq!((found.least, found.most), expected, "{request}");
    }

    fn price() -> pb::Price {
        let amount = |text: &str| Some(text.to_owned());
        pb::Price {
            input: amount("0.000001"),
            output: amount("0.00001"),
            cache_read: amount("0.0000001"),
            cache_write: amount("0.000002"),
            ..pb::Price::default()
        }
    }

    #[test]
    fn a_cost_lies_between_the_luckiest_and_the_dearest_way() {
        let words = |text| Count { text, margin: text / 10, ..Count::default() };
        check("{}", &words(100), price(), (Some(90_000 + 10_000), Some(110_000 + 100_000)));
        // From a thousand tokens on a cache may help, and a marked prefix may have to be written.
        check("{}", &words(2_000), price(), (Some(180_000 + 10_000), Some(2_200_000 + 100_000)));
        let marked = r#"{"messages":[{"role":"user","content":[{"text":"x","cache_control":{}}]}]}"#;
        check(marked, &words(100), price(), (Some(9_000 + 10_000), Some(220_000 + 100_000)));
        // An image that the model draws costs more than words.
        let draws = pb::Price { image_output: Some("0.0001".to_owned()), ..price() };
        check("{}", &words(100), draws, (Some(100_000), Some(110_000 + 1_000_000)));
    }

    #[test]
    fn what_cannot_be_known_is_absent() {
        let unknown = Count { text: 100, unknown: vec!["messages[0].content[0].file".to_owned()], ..Count::default() };
        check("{}", &unknown, price(), (Some(110_000), None));
        // A search whose price nobody states.
        check(r#"{"web_search":{}}"#, &Count { text: 100, ..Count::default() }, price(), (Some(110_000), None));
        check("{}", &Count::default(), pb::Price { input: Some("-1".to_owned()), ..price() }, (None, None));
    }
}
