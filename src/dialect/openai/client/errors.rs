//! Errors in every shape that hosts of this format give them. Reading an error never fails.

use std::time::SystemTime;

use serde_json::Value;

use super::waiting;
use crate::error::{Error, Reason};

/// Longest piece of a provider's words that is passed on, in characters.
const LONGEST_MESSAGE: usize = 600;

/// Reads an answer with an error status.
pub fn read_error(status: u16, headers: &[(String, String)], body: &[u8], now: SystemTime) -> Error {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let mut error = Told::of(&body).into_error(Some(status));
    error.provider_status = Some(status);
    if let Some(wait) = waiting::read(headers, &body, now) {
        error.retry_after = Some(wait);
    }
    match waiting::header(headers, "x-should-retry") {
        Some("true") => error.retryable = Some(true),
        Some("false") => error.retryable = Some(false),
        _ => {}
    }
    error
}

/// Reads the value of an `error` field that stands in a stream or in an answer that says 200.
pub(super) fn read_object(json: &str) -> Error {
    let error: Value = serde_json::from_str(json).unwrap_or(Value::Null);
    Told::of(&serde_json::json!({ "error": error })).into_error(None)
}

/// Reads an answer that says 200 and is none: an error in a shape without `error`, or something unknown.
pub(super) fn read_hidden(body: &[u8]) -> Error {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let told = Told::of(&body);
    if told.message.is_empty() {
        return Error::new(Reason::ProviderMalformedResponse, "the provider's answer is not a chat's; try again");
    }
    told.into_error(None)
}

/// What an error body says.
#[derive(Default)]
struct Told {
    /// For people.
    message: String,
    /// Everything that programs may decide by, in lower case.
    words: String,
    /// A status within the body.
    status: Option<u16>,
}

impl Told {
    fn of(body: &Value) -> Self {
        // Gemini's streams wrap their errors in a list.
        let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let metadata = error.get("metadata").unwrap_or(&Value::Null);
        let raw = metadata.get("raw").map(raw_message).unwrap_or_default();
        let mut message = [error.get("message"), error.get("detail"), body.get("message"), Some(error)]
            .into_iter()
            .flatten()
            .map(text)
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        if !raw.is_empty() && !message.contains(&raw) {
            // OpenRouter says only "Provider returned error"; the upstream's words stand beside it.
            message = if message.is_empty() { raw } else { format!("{message}: {raw}") };
        }
        let code = |key: &str| error.get(key).or_else(|| body.get(key)).map(text).unwrap_or_default();
        let codes = ["code", "type", "status", "error_type"].map(code);
        let of_metadata = ["error_type", "limit_source"].map(|key| metadata.get(key).map(text).unwrap_or_default());
        let details = error.get("details").map(Value::to_string).unwrap_or_default();
        let inner = error.get("innererror").map(Value::to_string).unwrap_or_default();
        let filtered = if metadata.get("flagged_input").is_some() { "content_filter" } else { "" };
        let words = [codes.join(" "), of_metadata.join(" "), details, inner, filtered.to_owned(), message.clone()];
        let status = [error.get("code"), error.get("status_code"), error.get("status"), body.get("code")]
            .into_iter()
            .flatten()
            .find_map(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()))
            .and_then(|code| u16::try_from(code).ok())
            .filter(|code| (400..600).contains(code));
        Self { message, words: words.join(" ").to_lowercase(), status }
    }

    fn into_error(self, status: Option<u16>) -> Error {
        let status = status.filter(|status| *status >= 400).or(self.status);
        let reason = self.reason(status);
        let said = if reason == Reason::ProviderAuthentication { without_keys(&self.message) } else { self.message };
        let advice = advice(reason);
        let said = cut(said.trim());
        let message = if said.is_empty() { advice.to_owned() } else { format!("{advice}: {said}") };
        let mut error = Error::new(reason, message);
        error.provider_status = status;
        if self.words.contains("openrouter_in_flight_budget") || matches!(status, Some(409 | 425)) {
            // The budget is free again once calls in flight have ended; a conflict passes too.
            error.retryable = Some(true);
        }
        error
    }

    /// The order matters: words tell more than a status does.
    fn reason(&self, status: Option<u16>) -> Reason {
        let says = |signs: &[&str]| signs.iter().any(|sign| self.words.contains(sign));
        let code = status.unwrap_or(0);
        if code != 429 && says(&CONTEXT) {
            Reason::ContextLengthExceeded
        } else if says(&FILTER) {
            Reason::ContentFiltered
        } else if code == 402 || says(&FUNDS) {
            Reason::ProviderInsufficientFunds
        } else if code == 401 || says(&AUTHENTICATION) {
            Reason::ProviderAuthentication
        } else if code == 403 || says(&["permission_denied", "permission_error"]) {
            Reason::ProviderPermissionDenied
        } else if matches!(code, 529 | 503 | 498)
            || says(&["overloaded_error"])
            || (!(400..500).contains(&code) && says(&["overloaded", "unavailable"]))
        {
            Reason::ProviderOverloaded
        } else if code == 429
            || says(&["rate_limit", "rate limit", "resource_exhausted", "too many requests"]) && code < 500
        {
            Reason::ProviderRateLimited
        } else if code == 404 || (code < 500 && says(&NOT_FOUND)) {
            Reason::ProviderNotFound
        } else if matches!(code, 408 | 504 | 524) || (code == 0 && says(&["timeout", "timed out"])) {
            Reason::ProviderTimeout
        } else if (400..500).contains(&code)
            || (code == 0 && says(&["invalid_request", "bad_request", "invalid_argument"]))
        {
            Reason::ProviderInvalidRequest
        } else {
            Reason::ProviderError
        }
    }
}

const CONTEXT: [&str; 12] = [
    "context_length_exceeded",
    "prompt is too long",
    "prompt too long",
    "maximum context length",
    "exceed_context_size",
    "context length exceeded",
    "too_many_prompt_tokens",
    "too_many_tokens",
    "input token count",
    "input tokens exceeded",
    "exceeds the context",
    "too large to process",
];
const FILTER: [&str; 5] =
    ["content_filter", "content_policy", "input was flagged", "content management policy", "requires moderation"];
const FUNDS: [&str; 4] = ["insufficient_quota", "insufficient credits", "insufficient_credits", "insufficient balance"];
const AUTHENTICATION: [&str; 7] = [
    "api_key_invalid",
    "invalid_api_key",
    "incorrect api key",
    "invalid api key",
    "authentication_error",
    "expiredtoken",
    "unrecognizedclient",
];
const NOT_FOUND: [&str; 8] = [
    "model_not_found",
    "not a valid model id",
    "invalid model",
    "supported api model names",
    "model identifier is invalid",
    "response_not_found",
    "not_found_error",
    "does not exist",
];

/// What the caller can do about it; the provider's words follow.
fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::ContextLengthExceeded => "the prompt is longer than the model's context; shorten it",
        Reason::ContentFiltered => "the provider's filter refused the content",
        Reason::ProviderInsufficientFunds => "the gateway's account at the provider is out of funds",
        Reason::ProviderAuthentication => "the provider refused the gateway's credential",
        Reason::ProviderPermissionDenied => "the provider denies the gateway's credential this request",
        Reason::ProviderOverloaded => "the provider is overloaded; try again",
        Reason::ProviderRateLimited => "the provider's rate limit is reached; try again later",
        Reason::ProviderNotFound => "the provider does not know what was asked for",
        Reason::ProviderTimeout => "the provider did not answer in time; try again",
        Reason::ProviderInvalidRequest => "the provider refused the request",
        _ => "the provider failed; try again",
    }
}

/// The text of a value: a string itself, an object's own `message` or `code`, a number's digits.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(map) => map.get("message").or_else(|| map.get("detail")).map(text).unwrap_or_default(),
        Value::Array(list) => list.first().and_then(|first| first.get("msg")).map(text).unwrap_or_default(),
        Value::Null | Value::Bool(_) => String::new(),
    }
}

/// The words within OpenRouter's `metadata.raw`, which often is an error body itself, as a string or as an object.
fn raw_message(raw: &Value) -> String {
    let Value::String(string) = raw else {
        return Told::of(raw).message;
    };
    match serde_json::from_str::<Value>(string) {
        Ok(inner @ (Value::Object(_) | Value::Array(_))) => {
            let told = Told::of(&inner).message;
            if told.is_empty() { string.clone() } else { told }
        }
        _ => string.clone(),
    }
}

/// Providers quote a key that they refuse: words long and mixed enough to be one are left out.
fn without_keys(message: &str) -> String {
    let secret = |word: &str| {
        let letters = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
        letters.starts_with("sk-")
            || letters.contains('*')
            || (letters.len() >= 20 && letters.contains(|letter: char| letter.is_ascii_digit()))
    };
    message.split(' ').map(|word| if secret(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

fn cut(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}
